"""Losses of the difference between prediction and target, and likelihoods of normal numbers."""

from mpmath import cos, cosh, exp, inf, isinf, isnan, log, mpf, nan, pi

from formulas.scalars import Terms, above_zero, pairs
from tensors import rounded


DEFAULTS = {
    "smooth_l1": {"beta": 1},
    "quantile": {"level": 0.5},
    "multi_quantile": {"quantiles": [0.1, 0.5, 0.9]},
    "expectile": {"level": 0.5},
    "mean_absolute_percentage_error": {"epsilon": 0},
    "epsilon_insensitive": {"epsilon": 0.1},
    "squared_epsilon_insensitive": {"epsilon": 0.1},
    "lp_distance": {"p": 2},
    "logit_distance": {},
    "periodic": {"period": 1},
    "gamma_deviance": {"log_input": False},
    "tweedie_deviance": {"power": 1.5, "log_input": False},
    "wing": {"width": 5, "curvature": 0.5},
    "gaussian_nll": {"full": False, "epsilon": 1e-6},
}


def each(inputs, term):
    """A term of every pair."""
    return Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def smooth_l1(inputs, o, axis, element):
    beta = rounded(o["beta"], element)

    def term(p, t):
        r = abs(p - t)
        return r * r / (2 * beta) if r < beta else r - beta / 2

    return each(inputs, term)


def sided(inputs, o, element, power):
    below, above = rounded(o["level"], element), rounded(1 - o["level"], element)

    def term(p, t):
        return (below if t > p else above) * abs(p - t) ** power

    return each(inputs, term)


def quantile(inputs, o, axis, element):
    return sided(inputs, o, element, 1)


def multi_quantile(inputs, o, axis, element):
    prediction, terms = inputs["prediction"], []
    for row, t in zip(prediction.rows(axis), inputs["target"].data):
        values = []
        for q, i in zip(o["quantiles"], row):
            p, below, above = prediction.data[i], rounded(q, element), rounded(1 - q, element)
            values.append((below if t > p else above) * abs(p - t))
        terms.append(sum(values) / len(values))
    return Terms(terms, inputs["target"].shape)


def expectile(inputs, o, axis, element):
    return sided(inputs, o, element, 2)


def mean_absolute_percentage_error(inputs, o, axis, element):
    least = rounded(o["epsilon"], element)

    def term(p, t):
        if p == t:
            return mpf(0)
        size = t if isnan(t) else max(abs(t), least)
        return 100 * abs(p - t) / size if size else mpf("inf")

    return each(inputs, term)


def epsilon_insensitive(inputs, o, axis, element):
    width = rounded(o["epsilon"], element)
    return each(inputs, lambda p, t: above_zero(abs(p - t) - width))


def squared_epsilon_insensitive(inputs, o, axis, element):
    width = rounded(o["epsilon"], element)
    return each(inputs, lambda p, t: above_zero(abs(p - t) - width) ** 2)


def lp_distance(inputs, o, axis, element):
    p = rounded(o["p"], element)
    return each(inputs, lambda prediction, t: abs(prediction - t) ** p)


def logit_distance(inputs, o, axis, element):
    def term(p, t):
        r = p - t
        return 2 * log(cosh(r / 2))

    return each(inputs, term)


def periodic(inputs, o, axis, element):
    period = rounded(o["period"], element)

    def term(p, t):
        r = p - t
        return nan if isnan(r) or isinf(r) else 1 - cos(2 * pi * r / period)

    return each(inputs, term)


def gamma_deviance(inputs, o, axis, element):
    return tweedie_deviance(inputs, {**o, "power": 2}, axis, element)


def tweedie_deviance(inputs, o, axis, element):
    """The integral of 2 (m - t) / m^power from the target to the mean."""
    power = rounded(o["power"], element)

    def integral(mean, target, exponent):
        if exponent == 0:
            return log(mean / target) if mean and target else inf if mean else -inf
        return (mean**exponent - target**exponent) / exponent if target or exponent > 0 else inf

    def term(p, t):
        if isnan(p) or isnan(t):
            return nan
        mean = exp(p) if o["log_input"] else p
        if mean == t:
            return mpf(0)
        if t == 0:
            return 2 * mean ** (2 - power) / (2 - power) if power < 2 else inf
        if mean == 0:
            return inf if power >= 2 else 2 * (
                integral(mean, t, 2 - power) - t * integral(mean, t, 1 - power)) if power < 1 else inf
        return 2 * (integral(mean, t, 2 - power) - t * integral(mean, t, 1 - power))

    return each(inputs, term)


def wing(inputs, o, axis, element):
    width, bend = rounded(o["width"], element), rounded(o["curvature"], element)

    def term(p, t):
        d = abs(p - t)
        return width * log(1 + d / bend) if d < width else d - width + width * log(1 + width / bend)

    return each(inputs, term)


def gaussian_nll(inputs, o, axis, element):
    least = rounded(o["epsilon"], element)

    def term(p, t, v):
        v = v if isnan(v) else max(v, least)
        if isnan(p) or isnan(t) or isnan(v):
            return nan
        return (log(v) + (p - t) ** 2 / v + (log(2 * pi) if o["full"] else 0)) / 2

    triples = zip(inputs["prediction"].data, inputs["target"].data, inputs["variance"].data)
    return Terms([term(*triple) for triple in triples], inputs["prediction"].shape)
