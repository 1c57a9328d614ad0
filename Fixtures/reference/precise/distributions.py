"""Divergences of distributions and of amounts, and cross entropies that are bent."""

from math import inf, nan

from precise.classification import CHANCES, DIVERGENCES, INDICES, LOGITS, SHARES, logs, pair
from precise.table import F32, Regime, Table, Variant

LOGS = logs("chances")
KINDS = [
    Regime("one-class", "the only class is certain", "Degenerate", pair([[3.5], [-2.0]], [0, 0])),
    Regime("one-row", "one row without other axes", "Degenerate", pair([0.5, -0.25, 1.0], 2)),
    Regime("ties", "equal logits share equally", "Tie", pair([[0.0, 0.0, 0.0], [7.5, 7.5, 7.5]], [1, 2])),
    Regime("saturated-right", "ten thousand above the others costs nothing", "Overflow Saturation",
        pair([[1e4, -1e4, 0.0]], [0])),
    Regime("saturated-wrong", "ten thousand below the others", "Overflow Saturation",
        pair([[-1e4, 1e4, 0.0]], [0])),
    Regime("certain-and-right", "the loss is one exponential, not zero", "Cancellation",
        lambda s: pair([[20.0, 0.0] if s is F32 else [40.0, 0.0]], [0]), sensitive=True),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.5, -1.0], [2.0, 0.25], [1.0, 1.5]], [2, 0]), class_axis=0),
    Regime("one-hot", "a one-hot target is its class", "SoftTargets",
        pair([[0.5, -1.0, 2.0]], [[0.0, 1.0, 0.0]])),
    Regime("nan", "NaN stays in its own row", "LostNaN", pair([[nan, 1.0], [2.0, 0.5]], [1, 0]), roles=()),
]
LOGARITHMS = [
    Regime("impossible", "a true class of probability zero", "ZeroProbability CappedLoss",
        pair([[-inf, 0.0]], [0])),
    Regime("impossible-other", "zero times minus infinity is zero", "InfiniteLogit ZeroLogZero",
        pair([[-inf, 0.0]], [[0.0, 1.0]]), roles=("prediction",)),
    Regime("far-below", "logarithms that no exponential holds", "Underflow", pair([[-1e4, -1.0]], [0])),
    Regime("ignored-nan", "the logarithms of an ignored row are not read", "MaskedNaN",
        pair([[-0.5, -1.0], [nan, inf]], [1, -1]), options={"ignore_index": -1}, reduction="mean"),
    Regime("weight-zero", "a class of weight zero costs nothing", "ClassWeightDivisor",
        pair([[-0.5, -1.0], [-0.25, -inf]], [0, 1]), options={"class_weights": [2, 0]},
        reduction="weighted_mean", roles=()),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[-0.5, -1.0], [-2.0, -0.25], [-1.0, -1.5]], [2, 0]), class_axis=0),
    Regime("one-row", "one row without other axes", "Degenerate", pair([-0.5, -1.25], 1)),
]
POWERS = [
    Regime("cross-entropy", "a power of zero is cross entropy", "IgnoredOption",
        pair([[0.5, -1.0, 2.0]], [1]), options={"q": 0}),
    Regime("mistakes", "a power of one is the chance of a mistake", "IgnoredOption",
        pair([[0.5, -1.0, 2.0]], [1]), options={"q": 1}),
    Regime("probability-zero", "an impossible class costs 1 / q", "ZeroProbability",
        pair([[0.0, 1.0]], [0]), options={"from_logits": False, "q": 0.5}, roles=()),
    Regime("probability-next-to-one", "what is almost certain", "Cancellation",
        lambda s: pair([[1 - s.eps / 2, s.eps / 2]], [0]), options={"from_logits": False}),
    Regime("index-column", "indices in a column of their own", "BroadcastShape",
        pair([[0.5, -1.0], [0.25, 1.0]], [[1], [0]]), options={"targets": "index_column"}),
]
MIXED = [
    Regime("equal", "equal distributions cost nothing", "NegativeLoss", pair([[0.25, 0.75]], [[0.25, 0.75]])),
    Regime("almost-equal", "a small difference keeps its digits", "Cancellation",
        pair([[0.25, 0.75]], [[0.265625, 0.734375]]), sensitive=True),
    Regime("one-ulp-apart", "neighbouring numbers", "Cancellation",
        lambda s: pair([[0.25 + s.eps / 4, 0.75]], [[0.25, 0.75]]), roles=(), sensitive=False),
    Regime("disjoint", "disjoint distributions cost log 2", "ZeroLogZero", pair([[0.0, 1.0]], [[1.0, 0.0]]), roles=()),
    Regime("zero-of-both", "zero of both costs nothing", "ZeroLogZero", pair([[0.0, 0.5, 0.5]], [[0.0, 0.25, 0.75]]),
        roles=()),
    Regime("one-row", "one row without other axes", "Degenerate", pair([0.25, 0.75], [0.75, 0.25])),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.25, 0.9], [0.75, 0.1]], [[0.75, 0.2], [0.25, 0.8]]), class_axis=0),
    Regime("nan", "NaN stays in its own row", "LostNaN", pair([[nan, 1.0], [0.25, 0.75]], [[0.5, 0.5], [0.5, 0.5]]),
        roles=()),
]
AMOUNTS = [x for x in DIVERGENCES if not set(x.options) & {"epsilon", "clip", "log_target"}] + [
    Regime("almost-equal", "a small difference keeps its digits", "Cancellation",
        pair([[0.25, 3.0]], [[0.2509765625, 2.9990234375]]), sensitive=True),
    Regime("one-ulp-apart", "neighbouring numbers", "Cancellation",
        lambda s: pair([[0.25 + s.eps / 4, 0.75]], [[0.25, 0.75]]), sensitive=False),
    Regime("large", "amounts of a million", "Overflow", pair([[1e6, 1.25e6]], [[1.5e6, 1e6]])),
]

TABLES = [
    Table("nll", "The surprise at a class, from logarithms", pair(LOGS, INDICES),
        [
            Variant("weighted-classes", {"class_weights": [0.3, 2]}, "ClassWeightDivisor"),
            Variant("ignored-class", {"ignore_index": -100}, "MaskedLeak NegativeClass",
                pair(LOGS, [[0, -100], [1, 0]])),
            Variant("dense", {"targets": "dense"}, "SoftTargets TargetGradient", pair(LOGS, SHARES)),
        ], LOGARITHMS),
    Table("generalized_cross_entropy", "Cross entropy with a power for the logarithm", pair(LOGITS, INDICES),
        [
            Variant("q-half", {"q": 0.5}),
            Variant("dense", {"q": 0.25}, "SoftTargets TargetGradient", pair(LOGITS, SHARES), parts=0.25),
            Variant("probabilities", {"from_logits": False}, inputs=pair(CHANCES, INDICES)),
        ], KINDS + POWERS),
    Table("poly_cross_entropy", "Cross entropy with another first term", pair(LOGITS, INDICES),
        [
            Variant("coefficient-two", {"coefficient": 2}),
            Variant("coefficient-negative", {"coefficient": -0.7}, sensitive=True),
            Variant("dense", {"coefficient": 0.3}, "SoftTargets TargetGradient", pair(LOGITS, SHARES),
                parts=0.25),
        ], KINDS),
    Table("jensen_shannon", "The divergence from the mixture", pair(CHANCES, SHARES),
        [Variant("beta", {"beta": 0.3}, "RoundedConstant"),
         Variant("small-beta", {"beta": 2 ** -10}, "Cancellation")], MIXED, sensitive=True),
    Table("total_variation", "Half of the absolute differences of two distributions",
        pair([[[0.25, 0.75], [0.5, 0.5]], [[0.9, 0.1], [0.05, 0.95]]],
            [[[0.5, 0.5], [0.125, 0.875]], [[0.2, 0.8], [0.6, 0.4]]]),
        regimes=[
            Regime("one-ulp-apart", "neighbouring numbers differ", "Cancellation",
                lambda s: pair([[0.5 + s.eps, 0.5 - s.eps / 2]], [[0.5, 0.5]])),
            Regime("equal", "equal distributions cost nothing", "Kink", pair([[0.25, 0.75]], [[0.25, 0.75]]),
                slopes={"prediction": [0.0, 0.0], "target": [0.0, 0.0]}),
            Regime("apart", "distributions that share nothing are 1 apart", "",
                pair([[1.0, 0.0, 0.0]], [[0.0, 0.25, 0.75]])),
            Regime("one-class", "the only class is certain", "Degenerate", pair([[1.0], [1.0]], [[0.5], [0.75]])),
            Regime("class-axis-first", "classes along the first axis", "WrongAxis",
                pair([[0.25, 0.5], [0.75, 0.5]], [[0.5, 0.125], [0.5, 0.875]]), class_axis=0),
            Regime("nan", "NaN stays in its own row", "LostNaN",
                pair([[nan, 1.0], [0.5, 0.5]], [[0.5, 0.5], [0.25, 0.75]]), roles=()),
        ]),
    Table("generalized_kl_divergence", "The divergence of amounts", pair(CHANCES, SHARES),
        [Variant("logarithms", {"log_prediction": True}, inputs=pair(LOGS, SHARES))], AMOUNTS, sensitive=True),
]
