"""Losses of vectors that stand for things."""

from mpmath import mpf, sqrt

from formulas.scalars import Terms, above_zero, pairs
from tensors import rounded


DEFAULTS = {
    "triplet_margin": {"margin": 1, "p": 2, "epsilon": 0, "root_epsilon": 0, "swap": False},
    "cosine_embedding": {"margin": 0},
    "hinge_embedding": {"margin": 1},
}


def dot(x, y):
    return sum((a * b for a, b in zip(x, y)), mpf(0))


def cosine(x, y):
    scale = sqrt(dot(x, x) * dot(y, y))
    return dot(x, y) / scale if scale else mpf(0)


def vectors(tensor, axis=-1):
    return [[tensor.data[i] for i in row] for row in tensor.rows(axis)]


# Couples and triplets.


def triplet_margin(inputs, o, axis, element):
    margin, p = rounded(o["margin"], element), mpf(o["p"])
    eps, root_eps = rounded(o["epsilon"], element), mpf(float(o["root_epsilon"]))

    def distance(x, y):
        powers = sum(abs(a - b + eps) ** p for a, b in zip(x, y)) + root_eps
        return powers ** (1 / p) if powers else mpf(0)

    terms = []
    for a, b, c in zip(*(vectors(inputs[role], axis) for role in ("anchor", "positive", "negative"))):
        far = min(distance(a, c), distance(b, c)) if o["swap"] else distance(a, c)
        terms.append(above_zero(distance(a, b) - far + margin))
    return Terms(terms, inputs["anchor"].without(axis))


def cosine_embedding(inputs, o, axis, element):
    margin = mpf(float(o["margin"]))
    rows = zip(vectors(inputs["first"], axis), vectors(inputs["second"], axis), inputs["target"].data)
    terms = [1 - cosine(x, y) if t > 0 else above_zero(cosine(x, y) - margin) for x, y, t in rows]
    return Terms(terms, inputs["first"].without(axis))


def hinge_embedding(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    terms = [p if t > 0 else above_zero(margin - p) for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)
