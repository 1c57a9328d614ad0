"""Losses of a score and a sign, and margins between the scores of classes."""

from mpmath import exp, isnan, mp, mpf, nan, tanh, workdps

from formulas.scalars import Terms, above_zero, dense, log_softmax, pairs, softplus, xlogy
from tensors import rounded


DEFAULTS = {
    "perceptron": {},
    "smoothed_hinge": {"gamma": 1},
    "modified_huber": {},
    "exponential": {},
    "sigmoid_margin": {},
    "l2_margin": {},
    "dwd_margin": {"q": 1},
    "binary_sparsemax": {},
    "zero_one": {},
    "multi_margin": {"p": 1, "margin": 1, "class_weights": []},
    "multilabel_margin": {},
    "multiclass_perceptron": {},
    "multilabel_soft_margin": {"class_weights": []},
    "sparsemax": {},
    "fenchel_young": {"alpha": 1.5, "less_entropy": True, "ignore_index": None, "targets": "any"},
}


def of_agreement(inputs, term):
    """A term of the product of each score with its sign."""
    data = [nan if isnan(p * t) else term(p * t) for p, t in pairs(inputs)]
    return Terms(data, inputs["prediction"].shape)


def perceptron(inputs, o, axis, element):
    return of_agreement(inputs, lambda z: above_zero(-z))


def smoothed_hinge(inputs, o, axis, element):
    gamma = rounded(o["gamma"], element)

    def term(z):
        if z >= 1:
            return mpf(0)
        return (1 - z) ** 2 / (2 * gamma) if z >= 1 - gamma else 1 - gamma / 2 - z

    return of_agreement(inputs, term)


def modified_huber(inputs, o, axis, element):
    return of_agreement(inputs, lambda z: above_zero(1 - z) ** 2 if z >= -1 else -4 * z)


def exponential(inputs, o, axis, element):
    return of_agreement(inputs, lambda z: exp(-z))


def sigmoid_margin(inputs, o, axis, element):
    return of_agreement(inputs, lambda z: 1 - tanh(z))


def l2_margin(inputs, o, axis, element):
    return of_agreement(inputs, lambda z: (1 - z) ** 2)


def dwd_margin(inputs, o, axis, element):
    q = rounded(o["q"], element)

    def term(z):
        return 1 - z if z <= q / (q + 1) else q**q / (q + 1) ** (q + 1) / z**q

    return of_agreement(inputs, term)


def binary_sparsemax(inputs, o, axis, element):
    def term(p, t):
        s = -p if t else p
        if isnan(s):
            return nan
        return mpf(0) if s <= -1 else s if s >= 1 else (s + 1) ** 2 / 4

    return Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def zero_one(inputs, o, axis, element):
    return of_agreement(inputs, lambda z: mpf(0 if z > 0 else 1))


def labelled_rows(inputs, axis):
    """The scores of each row with its label."""
    prediction = inputs["prediction"]
    rows = [[prediction.data[i] for i in row] for row in prediction.rows(axis)]
    return zip(rows, map(int, inputs["target"].data)), prediction.without(axis)


def weight_of(o, label, element):
    return rounded(o["class_weights"][label], element) if o["class_weights"] else mpf(1)


def multi_margin(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    rows, shape = labelled_rows(inputs, axis)

    def term(s, y):
        others = [above_zero(margin - s[y] + x) ** o["p"] for j, x in enumerate(s) if j != y]
        return weight_of(o, y, element) * sum(others, mpf(0)) / len(s)

    return Terms([term(*row) for row in rows], shape)


def multilabel_margin(inputs, o, axis, element):
    prediction, target = inputs["prediction"], inputs["target"]
    terms = []
    for row in prediction.rows(-1):
        s, listed = [prediction.data[i] for i in row], [int(target.data[i]) for i in row]
        true = listed[: listed.index(-1)] if -1 in listed else listed
        others = [j for j in range(len(s)) if j not in true]
        terms.append(sum((above_zero(1 - s[i] + s[j]) for i in true for j in others), mpf(0)) / len(s))
    return Terms(terms, prediction.without(-1))


def multiclass_perceptron(inputs, o, axis, element):
    rows, shape = labelled_rows(inputs, axis)
    return Terms([nan if any(isnan(x) for x in s) else max(s) - s[y] for s, y in rows], shape)


def multilabel_soft_margin(inputs, o, axis, element):
    prediction, target = inputs["prediction"], inputs["target"]
    terms = []
    for row in prediction.rows(axis):
        costs = []
        for c, i in enumerate(row):
            x, t = prediction.data[i], target.data[i]
            positive = t * softplus(-x) if t != 0 else mpf(0)
            negative = (1 - t) * softplus(x) if t != 1 else mpf(0)
            costs.append(weight_of(o, c, element) * (positive + negative))
        terms.append(sum(costs) / len(costs))
    return Terms(terms, prediction.without(axis))


def simplex(scores):
    """The point of the simplex nearest to some scores."""
    total, threshold = mpf(0), None
    for n, x in enumerate(sorted(scores, reverse=True), 1):
        total += x
        if x > (total - 1) / n:
            threshold = (total - 1) / n
    return [max(x - threshold, mpf(0)) for x in scores]


def sparsemax(inputs, o, axis, element):
    rows, shape = labelled_rows(inputs, axis)

    def term(s, y):
        if any(isnan(x) for x in s):
            return nan
        p = simplex(s)
        return sum(a * (x - s[y]) for a, x in zip(p, s)) + (1 - sum(a * a for a in p)) / 2

    return Terms([term(*row) for row in rows], shape)


def root_of(numbers, power):
    """The t for which Σ (x + t)^power over numbers, the largest 0, is 1."""
    def gap(t):
        return sum((x + t) ** power for x in numbers) - 1

    low, high = -min(numbers), mpf(1)
    with workdps(40):
        for _ in range(110):
            middle = (low + high) / 2
            low, high = (middle, high) if gap(middle) < 0 else (low, middle)
    t, digits = high, 30
    while digits < 4 * mp.dps:
        t -= gap(t) / sum(power * (x + t) ** (power - 1) for x in numbers)
        digits *= 2
    return t


def entmax(scores, alpha):
    """The distribution p for which Σ p s + (Σ p - Σ p^α) / (α (α - 1)) is largest."""
    if alpha == 1:
        return [exp(x) for x in log_softmax(scores)]
    power = 1 / (alpha - 1)
    scaled = [(alpha - 1) * (x - max(scores)) for x in scores]
    near = sorted((x for x in scaled if x > -1), reverse=True)
    # A number has a share if those above it do not add up to 1 where its own share is 0.
    kept = [x for n, x in enumerate(near) if sum((y - x) ** power for y in near[:n]) < 1]
    t = root_of(kept, power)
    return [above_zero(x + t) ** power if x in kept else mpf(0) for x in scaled]


def negative_entropy(p, alpha):
    if alpha == 1:
        return sum(xlogy(x, x) for x in p)
    return sum(x**alpha - x for x in p if x) / (alpha * (alpha - 1))


def fenchel_young(inputs, o, axis, element):
    prediction, alpha = inputs["prediction"], mpf(o["alpha"])
    target, ignored = dense(inputs["target"], prediction, axis, o["ignore_index"])
    terms = []
    for n, row in enumerate(prediction.rows(axis)):
        s, y = [prediction.data[i] for i in row], [target[i] for i in row]
        if ignored[n] or any(isnan(x) for x in s + y):
            terms.append(mpf(0) if ignored[n] else nan)
            continue
        if alpha == 1:
            top = max(s)
            conjugate = top - max(log_softmax(s))
        else:
            p = entmax(s, alpha)
            conjugate = sum(a * x for a, x in zip(p, s) if a) - negative_entropy(p, alpha)
        own = negative_entropy(y, alpha) if o["less_entropy"] else mpf(0)
        terms.append(conjugate + own - sum(a * x for a, x in zip(y, s) if a))
    return Terms(terms, prediction.without(axis), None, ignored)
