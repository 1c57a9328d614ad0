"""Losses of couples."""

from formulas.scalars import Terms, above_zero, pairs
from tensors import rounded


DEFAULTS = {
    "margin_ranking": {"margin": 0},
    "siamese_contrastive": {"margin": 1},
}


def margin_ranking(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    triples = zip(inputs["first"].data, inputs["second"].data, inputs["target"].data)
    return Terms([above_zero(-t * (a - b) + margin) for a, b, t in triples], inputs["first"].shape)


def siamese_contrastive(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    terms = [(1 - t) * p * p + t * above_zero(margin - p) ** 2 for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)
