"""Overlaps of regions."""

from mpmath import mpf

from formulas.regions import activated, regions
from formulas.scalars import Terms, dense
from tensors import rounded


DEFAULTS = {
    "dice": {"smooth": 1, "squared": False, "activation": "none", "per": "all"},
    "tversky": {
        "false_positive_weight": 0.5, "false_negative_weight": 0.5, "smooth": 1, "activation": "none",
        "per": "all",
    },
}

REGIONS = {"dice", "tversky"}


def dice(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    smooth = rounded(o["smooth"], element)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = activated(inputs["prediction"].data, inputs["prediction"].shape, o["activation"], axis)
    degree = 2 if o["squared"] else 1

    def term(group):
        bottom = sum(t[i] ** degree + p[i] ** degree for i in group) + smooth
        return 1 - (2 * sum(t[i] * p[i] for i in group) + smooth) / bottom if bottom else mpf(0)

    return Terms([term(group) for group in groups], shape)


def tversky(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    smooth = rounded(o["smooth"], element)
    a, b = rounded(o["false_positive_weight"], element), rounded(o["false_negative_weight"], element)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = activated(inputs["prediction"].data, inputs["prediction"].shape, o["activation"], axis)

    def term(group):
        hits = sum(p[i] * t[i] for i in group)
        wrong = sum(a * p[i] * (1 - t[i]) + b * (1 - p[i]) * t[i] for i in group)
        bottom = hits + wrong + smooth
        return 1 - (hits + smooth) / bottom if bottom else mpf(0)

    return Terms([term(group) for group in groups], shape)
