"""Losses of boxes [x1, y1, x2, y2]."""

from mpmath import atan, isnan, mpf, nan, pi

from formulas.scalars import Terms
from tensors import rounded


DEFAULTS = {
    "giou": {"epsilon": 0},
    "diou": {"epsilon": 0},
    "ciou": {"epsilon": 0, "constant_alpha": True},
}


class Box:
    """A box; one whose corners are exchanged is empty, at its first corner."""

    def __init__(self, x1, y1, x2, y2):
        self.low, self.high = (x1, y1), (max(x1, x2), max(y1, y2))

    @property
    def sides(self):
        return [high - low for low, high in zip(self.low, self.high)]

    @property
    def area(self):
        return self.sides[0] * self.sides[1]

    def middle(self, axis):
        return (self.low[axis] + self.high[axis]) / 2


def shared(a, b):
    sides = [min(a.high[k], b.high[k]) - max(a.low[k], b.low[k]) for k in (0, 1)]
    return sides[0] * sides[1] if min(sides) > 0 else mpf(0)


def around(a, b):
    return Box(*map(min, a.low, b.low), *map(max, a.high, b.high))


def quotient(numerator, divisor, otherwise):
    """A quotient, or what stands for it where the divisor is 0."""
    return numerator / divisor if divisor != 0 else mpf(otherwise)


def overlap(a, b, eps):
    """The loss of overlap, and the union. Two boxes without area overlap if they are the same."""
    inside = shared(a, b)
    union = a.area + b.area - inside
    return 1 - quotient(inside, union + eps, a.low == b.low and a.high == b.high), union


def each(inputs, term):
    prediction, target = inputs["prediction"], inputs["target"]
    terms = []
    for n in range(0, len(prediction.data), 4):
        a, b = prediction.data[n : n + 4], target.data[n : n + 4]
        terms.append(nan if any(map(isnan, a + b)) else term(Box(*a), Box(*b), n // 4))
    return Terms(terms, prediction.shape[:-1])


def giou(inputs, o, axis, element):
    eps = rounded(o["epsilon"], element)

    def term(a, b, n):
        loss, union = overlap(a, b, eps)
        hull = around(a, b).area
        return loss + quotient(hull - union, hull + eps, 0)

    return each(inputs, term)


def diou_term(a, b, eps):
    apart = sum((a.middle(k) - b.middle(k)) ** 2 for k in (0, 1))
    return overlap(a, b, eps)[0] + quotient(apart, sum(side**2 for side in around(a, b).sides) + eps, 0)


def diou(inputs, o, axis, element):
    eps = rounded(o["epsilon"], element)
    return each(inputs, lambda a, b, n: diou_term(a, b, eps))


def angle(box):
    width, height = box.sides
    return pi / 2 if height == 0 else atan(width / height)


def shapes(a, b):
    """The term of the shapes; a box that is a point has none."""
    if any(max(box.sides) == 0 for box in (a, b)):
        return mpf(0)
    return (2 / pi * (angle(b) - angle(a))) ** 2


def alphas(inputs, o, axis, element):
    eps = rounded(o["epsilon"], element)

    def term(a, b, n):
        v = shapes(a, b)
        return quotient(v, overlap(a, b, eps)[0] + v + eps, 0)

    return each(inputs, term).data


def ciou(inputs, o, axis, element):
    eps = rounded(o["epsilon"], element)
    weights = o.get("held") or alphas(inputs, o, axis, element)
    return each(inputs, lambda a, b, n: diou_term(a, b, eps) + weights[n] * shapes(a, b))


# What the gradient takes as a constant.
HELD = {"ciou": lambda inputs, o, axis, element: (
    alphas(inputs, o, axis, element) if o["constant_alpha"] else None)}
