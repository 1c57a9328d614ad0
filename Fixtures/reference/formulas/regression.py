"""Distances of numbers and of vectors, and penalties."""

from mpmath import cosh, exp, log, mpf, pi, sqrt

from formulas.regions import regions
from formulas.scalars import Terms, epsilon, ln, pairs, xlogy
from tensors import rounded


DEFAULTS = {
    "mean_absolute_error": {},
    "mean_squared_error": {},
    "mean_squared_logarithmic_error": {"offset": 1, "floor": None},
    "huber": {"delta": 1},
    "log_cosh": {},
    "poisson_nll": {"log_input": False, "full": False, "epsilon": 0},
    "cosine_similarity": {"epsilon": 0, "bounded": "product"},
    "cosine_distance": {"epsilon": 0, "bounded": "product"},
    "root_mean_squared_error": {"per": "all"},
    "l1_penalty": {"of": "parameters"},
    "l2_penalty": {"of": "parameters"},
}

REGIONS = {"root_mean_squared_error"}


def mean_absolute_error(inputs, o, axis, element):
    return Terms([abs(p - t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def mean_squared_error(inputs, o, axis, element):
    return Terms([(p - t) ** 2 for p, t in pairs(inputs)], inputs["prediction"].shape)


def mean_squared_logarithmic_error(inputs, o, axis, element):
    offset = epsilon(o["offset"], element)

    def logarithm(x):
        floor = x if o["floor"] is None else rounded(o["floor"], element)
        return ln((floor if x < floor else x) + offset)

    terms = [(logarithm(p) - logarithm(t)) ** 2 for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)


def huber(inputs, o, axis, element):
    delta = rounded(o["delta"], element)

    def term(r):
        return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)

    return Terms([term(p - t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def log_cosh(inputs, o, axis, element):
    return Terms([log(cosh(p - t)) for p, t in pairs(inputs)], inputs["prediction"].shape)


def poisson_nll(inputs, o, axis, element):
    eps = epsilon(o["epsilon"], element)

    def term(p, t):
        term = exp(p) - t * p if o["log_input"] else p - xlogy(t, p + eps)
        if o["full"] and t > 1:
            term += t * log(t) - t + log(2 * pi * t) / 2
        return term

    return Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def cosine_similarity(inputs, o, axis, element):
    eps = rounded(o["epsilon"], element)
    prediction, target = inputs["prediction"], inputs["target"]
    terms = []
    for row in prediction.rows(axis):
        p, t = [prediction.data[i] for i in row], [target.data[i] for i in row]
        lengths = sqrt(sum(x * x for x in p)), sqrt(sum(x * x for x in t))
        least = eps if o["bounded"] == "each" else 0
        scale = max(max(lengths[0], least) * max(lengths[1], least), 0 if least else eps)
        terms.append(sum(x * y for x, y in zip(p, t)) / scale if scale else mpf(0))
    return Terms(terms, prediction.without(axis))


def cosine_distance(inputs, o, axis, element):
    similar = cosine_similarity(inputs, o, axis, element)
    return Terms([1 - x for x in similar.data], similar.shape)


def root_mean_squared_error(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    p, t = inputs["prediction"].data, inputs["target"].data

    def term(group):
        return sqrt(sum((p[i] - t[i]) ** 2 for i in group) / len(group)) if group else mpf(0)

    return Terms([term(group) for group in groups], shape)


def l1_penalty(inputs, o, axis, element):
    return Terms([abs(x) for x in inputs[o["of"]].data], inputs[o["of"]].shape)


def l2_penalty(inputs, o, axis, element):
    return Terms([x * x / 2 for x in inputs[o["of"]].data], inputs[o["of"]].shape)
