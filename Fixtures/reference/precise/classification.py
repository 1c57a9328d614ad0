"""Losses of classes and labels, and functions of probabilities."""

from dataclasses import replace
from math import inf, nan

from precise.table import F32, F64, Regime, Table, Variant


def pair(prediction, target):
    return {"prediction": prediction, "target": target}


# Rows of logits or probabilities, with class indices or dense targets.

LOGITS = [[[0.5, -1.0], [2.0, 0.25]], [[-0.5, 1.5], [0.0, 1.75]]]
CHANCES = [[[0.25, 0.75], [0.9, 0.1]], [[0.4, 0.6], [0.65, 0.35]]]
INDICES = [[0, 1], [1, 0]]
SHARES = [[[0.75, 0.25], [0.1, 0.9]], [[0.3, 0.7], [0.5, 0.5]]]

CROSS_VARIANTS = [
    Variant("smoothed", {"label_smoothing": 0.1}, "SmoothingShare RoundedConstant"),
    Variant("weighted-classes", {"class_weights": [0.3, 2]}, "ClassWeightDivisor"),
    Variant("smoothed-weighted-classes", {"label_smoothing": 0.2, "class_weights": [0.3, 2]},
        "SmoothingShare ClassWeightDivisor"),
    Variant("ignored-class", {"ignore_index": -100}, "MaskedLeak NegativeClass",
        pair(LOGITS, [[0, -100], [1, 0]])),
    Variant("ignored-weighted-smoothed",
        {"ignore_index": 1, "class_weights": [0.5, 3], "label_smoothing": 0.25},
        "SmoothingShare ClassWeightDivisor MaskedLeak", pair(LOGITS, [[0, 1], [0, 0]])),
    Variant("dense", {"label_smoothing": 0}, "SoftTargets TargetGradient", pair(LOGITS, SHARES)),
    # By mean of weights the divisor depends on the target too; that derivative is not promised.
    Variant("dense-weighted-classes", {"class_weights": [0.3, 2]}, "SoftTargets ClassWeightDivisor",
        pair(LOGITS, SHARES), parts=0.5, roles=("prediction",)),
    Variant("dense-smoothed", {"label_smoothing": 0.1}, "SoftTargets SmoothingShare",
        pair(LOGITS, SHARES)),
    Variant("probabilities", {"from_logits": False}, inputs=pair(CHANCES, INDICES)),
    Variant("probabilities-dense", {"from_logits": False}, "SoftTargets", pair(CHANCES, SHARES)),
    Variant("probabilities-epsilon", {"from_logits": False, "epsilon": 0.01}, "AddedEpsilon",
        pair(CHANCES, INDICES)),
    Variant("probabilities-smoothed", {"from_logits": False, "label_smoothing": 0.1},
        "SmoothingShare", pair(CHANCES, INDICES)),
    Variant("probabilities-weighted-classes", {"from_logits": False, "class_weights": [0.3, 2]},
        "ClassWeightDivisor", pair(CHANCES, INDICES)),
]

ROWS = [
    Regime("certain-and-right", "the loss is one exponential, not zero", "Cancellation NegativeLoss",
        lambda s: pair([[20.0, 0.0] if s is F32 else [40.0, 0.0]], [0]), sensitive=True),
    Regime("certain-and-wrong", "the loss is the gap and the slope is one", "Saturation CappedLoss",
        lambda s: pair([[20.0, 0.0] if s is F32 else [40.0, 0.0]], [1]), sensitive=True),
    Regime("saturated-right", "ten thousand above the others costs nothing", "Overflow Saturation",
        pair([[1e4, -1e4, 0.0]], [0])),
    Regime("saturated-wrong", "ten thousand below the others costs that", "Overflow CappedLoss Saturation",
        pair([[-1e4, 1e4, 0.0]], [0])),
    Regime("large-offset", "a constant that is added to all logits changes nothing", "Cancellation",
        lambda s: pair([[0.25 / s.eps, 0.25 / s.eps + 0.5, 0.25 / s.eps - 1.0]], [2])),
    Regime("ties", "equal logits share equally", "Tie", pair([[0.0, 0.0, 0.0], [7.5, 7.5, 7.5]], [1, 2])),
    Regime("one-class", "the only class is certain", "Degenerate", pair([[3.5], [-2.0]], [0, 0])),
    Regime("one-row", "one row without other axes", "Degenerate", pair([0.5, -0.25, 1.0], 2)),
    Regime("excluded-class", "a class of logit minus infinity", "InfiniteLogit",
        pair([[0.5, -inf, 1.0]], [0])),
    Regime("excluded-true-class", "the true class has logit minus infinity", "InfiniteLogit CappedLoss",
        pair([[0.5, -inf, 1.0]], [1])),
    Regime("excluded-class-dense", "zero times minus infinity is zero", "InfiniteLogit ZeroLogZero",
        pair([[0.5, -inf]], [[1.0, 0.0]]), roles=("prediction",)),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.5, -1.0], [2.0, 0.25], [1.0, 1.5]], [2, 0]), class_axis=0),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        pair([[[0.5, -1.0], [2.0, 0.25]], [[1.0, 1.5], [0.5, -0.5]]], [[1, 0], [0, 1]]), class_axis=1),
    Regime("class-axis-middle-dense", "dense targets with classes in the middle", "WrongAxis SoftTargets",
        pair([[[0.5, -1.0], [2.0, 0.25]]], [[[0.25, 0.6], [0.75, 0.4]]]), class_axis=1),
    Regime("one-hot", "a one-hot target is its class", "SoftTargets",
        pair([[0.5, -1.0, 2.0]], [[0.0, 1.0, 0.0]])),
    Regime("one-hot-whole", "a one-hot target of whole numbers is its class", "PromotedElement",
        {"prediction": [[0.5, -1.0, 2.0]], "target": [[0, 1, 0]]}),
    Regime("not-normalised", "a target that does not add up to one", "SoftTargets",
        pair([[0.5, -1.0, 2.0]], [[0.5, 1.5, 0.25]])),
    Regime("many-classes", "twelve classes", "SmoothingShare",
        pair([[0.1, -0.4, 1.2, 0.0, 2.3, -1.1, 0.7, 0.3, -0.2, 0.9, 1.6, -0.6]], [4]), sensitive=True),
    Regime("probability-zero-unused", "a zero probability of another class", "ZeroLogZero",
        pair([[0.0, 1.0]], [1]), options={"from_logits": False}, roles=("prediction",)),
    Regime("probability-zero", "a true class of probability zero", "ZeroProbability CappedLoss",
        pair([[0.0, 1.0]], [0]), options={"from_logits": False}),
    Regime("probability-next-to-one", "the logarithm of almost one", "Cancellation",
        lambda s: pair([[1 - s.eps / 2, s.eps / 2]], [0]), options={"from_logits": False}),
    Regime("probability-tiny", "a tiny probability has a huge slope", "CappedLoss Underflow",
        lambda s: pair([[s.tiny, 1.0]], [0]), options={"from_logits": False}),
    Regime("epsilon-at-zero", "epsilon bounds the loss of probability zero", "AddedEpsilon",
        pair([[0.0, 0.5]], [0]), options={"from_logits": False, "epsilon": 1e-6}),
    Regime("epsilon-of-the-machine", "epsilon is that of the element", "AddedEpsilon RoundedConstant",
        pair([[0.0, 1.0]], [0]), options={"from_logits": False, "epsilon": "machine"}),
]

# What only cross entropy has options for.
CROSS_ROWS = [
    Regime("smoothed-saturated", "smoothing makes the other classes cost", "SmoothingShare Saturation",
        pair([[1e4, 0.0, -1e4]], [0]), options={"label_smoothing": 0.1}),
    Regime("smoothed-one-class", "smoothing over one class changes nothing", "Degenerate SmoothingShare",
        pair([[3.5]], [0]), options={"label_smoothing": 0.1}),
    Regime("smoothed-wholly", "smoothing of one forgets the target", "SmoothingShare",
        pair([[0.5, -1.0, 2.0]], [1]), options={"label_smoothing": 1}),
    Regime("weight-zero-of-true-class", "a class of weight zero costs nothing", "ClassWeightDivisor",
        pair([[0.5, -1.0], [0.25, 1.0]], [1, 0]), options={"class_weights": [2, 0]},
        reduction="weighted_mean"),
    Regime("all-ignored", "a batch of ignored rows is zero by choice", "EmptyMean",
        pair([[0.5, -1.0], [0.25, 1.0]], [1, 1]), options={"ignore_index": 1},
        reduction={"kind": "mean", "when_empty": "zero"}),
    Regime("ignored-nan", "the logits of an ignored row are not read", "MaskedNaN",
        pair([[0.5, -1.0], [nan, inf]], [1, -1]), options={"ignore_index": -1}, reduction="mean"),
    Regime("index-column", "indices in a column of their own", "BroadcastShape",
        pair([[0.5, -1.0], [0.25, 1.0]], [[1], [0]]), options={"targets": "index_column"}),
    Regime("indices-only", "targets are indices by choice", "IgnoredOption",
        pair([[0.5, -1.0], [0.25, 1.0]], [1, 0]), options={"targets": "indices"}),
    Regime("dense-only", "targets are dense by choice", "IgnoredOption",
        {"prediction": [[0.5, -1.0], [0.25, 1.0]], "target": [[0, 1], [1, 0]]}, options={"targets": "dense"}),
]

FOCAL_VARIANTS = [
    Variant("gamma-zero", {"gamma": 0}),
    Variant("gamma-half", {"gamma": 0.5}),
    Variant("gamma-one", {"gamma": 1}),
    Variant("gamma-five", {"gamma": 5}, sensitive=True),
    Variant("weighted-classes", {"class_weights": [0.3, 2]}, "ClassWeightDivisor"),
    Variant("dense", {"gamma": 1.5}, "SoftTargets TargetGradient", pair(LOGITS, SHARES)),
    Variant("probabilities", {"from_logits": False}, inputs=pair(CHANCES, INDICES)),
    Variant("probabilities-epsilon", {"from_logits": False, "epsilon": 0.01}, "AddedEpsilon",
        pair(CHANCES, INDICES)),
]

# Elements with a label or a probability.

BINARY = pair([[0.5, -1.0, 2.0], [0.25, -3.0, 1.5]], [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
SOFT = pair([[0.5, -1.0, 2.0], [0.25, -3.0, 1.5]], [[0.9, 0.25, 0.5], [0.8, 0.6, 0.1]])
CHANCE = pair([[0.7, 0.2, 0.9], [0.55, 0.05, 0.8]], [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])

BINARY_LOGITS = [
    Regime("zero-logit", "a logit of zero is an even chance", "Tie", pair([0.0, -0.0], [1.0, 0.0])),
    Regime("certain-and-right", "the loss is one exponential, not zero", "Cancellation NegativeLoss",
        pair([20.0, -40.0], [1.0, 0.0]), roles=("prediction",), sensitive=True),
    Regime("certain-and-wrong", "the slope of a confident mistake is one", "Saturation CappedLoss",
        pair([-50.0, 50.0], [1.0, 0.0])),
    Regime("saturated-right", "logits of ten thousand on the right side", "Overflow Saturation",
        pair([1e4, -1e4], [1.0, 0.0])),
    Regime("saturated-wrong", "logits of ten thousand on the wrong side", "Overflow CappedLoss Saturation",
        pair([-1e4, 1e4], [1.0, 0.0])),
    Regime("tiny-logits", "logits near the smallest number", "Underflow",
        lambda s: pair([s.tiny, -s.tiny], [1.0, 0.0])),
    Regime("last-exponential", "the exponential of a logit is near the largest number", "Overflow",
        lambda s: pair([-s.last, s.last], [1.0, 0.0])),
    Regime("whole-labels", "whole numbers as labels", "PromotedElement",
        {"prediction": [0.3, -0.7], "target": [1, 0]}, reduction="mean"),
    Regime("truth-values", "truth values as labels", "PromotedElement",
        {"prediction": [0.3, -0.7], "target": [True, False]}, reduction="mean"),
    Regime("single-number", "one logit without an axis", "Degenerate", pair(0.75, 1.0)),
    Regime("infinite-logits", "infinite logits on the right side cost nothing", "InfiniteLogit",
        pair([inf, -inf], [1.0, 0.0]), roles=()),
    Regime("nan", "NaN stays in its own term", "LostNaN", pair([nan, 0.5], [1.0, 1.0]), roles=()),
]

ENTROPIES = [
    Regime("soft-targets", "targets between zero and one", "SoftTargets TargetGradient",
        pair([0.3, -1.2, 2.5], [0.25, 0.5, 0.9]), sensitive=True),
    Regime("mean-of-the-target", "the slope is zero where chance and target agree", "SoftTargets",
        pair([0.0], [0.5])),
    Regime("smoothed-saturated", "smoothing makes certainty cost", "SmoothingShare Saturation",
        pair([1e4, -1e4], [1.0, 0.0]), options={"label_smoothing": 0.1}),
    Regime("positive-free", "a positive weight of zero", "IgnoredOption",
        pair([0.5, -1.0], [1.0, 0.0]), options={"positive_weight": 0}),
    Regime("certain-probabilities", "zero and one on the right side cost nothing", "ZeroLogZero",
        pair([1.0, 0.0], [1.0, 0.0]), options={"from_logits": False}, roles=("prediction",)),
    Regime("impossible-probabilities", "zero and one on the wrong side cost infinity",
        "ZeroProbability CappedLoss", pair([0.0, 1.0], [1.0, 0.0]), options={"from_logits": False}),
    Regime("probability-next-to-one", "one less a probability next to one", "Cancellation",
        lambda s: pair([1 - s.eps / 2, 1 - s.eps / 2], [1.0, 0.0]), options={"from_logits": False}),
    Regime("probability-tiny", "one less a tiny probability", "Cancellation Underflow",
        lambda s: pair([s.tiny, s.tiny], [1.0, 0.0]), options={"from_logits": False}),
    Regime("probability-half", "an even chance", "Tie", pair([0.5, 0.5], [1.0, 0.0]),
        options={"from_logits": False}),
    Regime("epsilon-at-bounds", "epsilon bounds what is impossible", "AddedEpsilon",
        pair([0.0, 1.0], [1.0, 0.0]), options={"from_logits": False, "epsilon": 1e-6}),
    Regime("epsilon-of-the-machine", "epsilon is that of the element", "AddedEpsilon RoundedConstant",
        pair([0.0, 1.0], [1.0, 0.0]), options={"from_logits": False, "epsilon": "machine"}),
    Regime("clip-beyond", "beyond the clip the loss is flat", "ClippedProbability CappedLoss",
        pair([0.0, 1.0, 0.001], [1.0, 0.0, 1.0]), options={"from_logits": False, "clip": 0.125}),
    Regime("clip-inside", "inside the clip nothing changes", "ClippedProbability",
        pair([0.25, 0.75], [1.0, 0.0]), options={"from_logits": False, "clip": 0.125}),
]



def by_prediction(regimes):
    """Without the gradient in the target, which is infinite for a certain mistake."""
    return [replace(x, roles=("prediction",) if x.roles is None else x.roles) for x in regimes]


FOCALS = [
    Regime("logit-ten", "an easy sample keeps its digits", "Cancellation Underflow",
        pair([10.0, -10.0], [1.0, 0.0]), roles=("prediction",), sensitive=True),
    Regime("logit-twenty", "a very easy sample keeps its digits", "Cancellation Underflow",
        pair([20.0, -20.0], [1.0, 0.0]), roles=("prediction",), sensitive=True),
    Regime("gamma-zero-saturated", "an exponent of zero is cross entropy", "Overflow Saturation",
        pair([-1e4, 1e4], [1.0, 0.0]), options={"gamma": 0}, roles=("prediction",)),
    Regime("alpha-zero", "an alpha of zero forgets the positives", "IgnoredOption",
        pair([0.5, -1.0], [1.0, 0.0]), options={"alpha": 0}),
    Regime("certain-probabilities", "zero and one on the right side cost nothing", "ZeroLogZero",
        pair([1.0, 0.0], [1.0, 0.0]), options={"from_logits": False}, roles=()),
    Regime("probability-half", "an even chance", "Tie", pair([0.5, 0.5], [1.0, 0.0]),
        options={"from_logits": False}),
    Regime("soft-targets", "a target between zero and one mixes the chances", "SoftTargets",
        pair([0.3, -1.2, 1.5], [0.25, 0.5, 0.9])),
]

# Divergences of distributions.


def logs(rows):
    return [[[-1.3862943, -0.28768207], [-0.10536052, -2.3025851]],
        [[-0.9162907, -0.5108256], [-0.4307829, -1.0498221]]] if rows == "chances" else [
            [[-0.28768207, -1.3862943], [-2.3025851, -0.10536052]],
            [[-1.2039728, -0.35667494], [-0.6931472, -0.6931472]]]


DIVERGENCES = [
    Regime("equal", "equal distributions cost nothing", "NegativeLoss",
        pair([[0.25, 0.75]], [[0.25, 0.75]])),
    Regime("zero-target", "what never happens costs nothing", "ZeroLogZero",
        pair([[0.5, 0.5], [0.1, 0.9]], [[0.0, 1.0], [1.0, 0.0]]), roles=("prediction",)),
    Regime("zero-of-both", "zero of both costs nothing", "ZeroLogZero",
        pair([[0.0, 1.0]], [[0.0, 1.0]]), roles=("prediction",)),
    Regime("zero-prediction", "what was said to be impossible costs infinity",
        "ZeroProbability CappedLoss", pair([[0.0, 1.0]], [[0.5, 0.5]])),
    Regime("tiny-prediction", "a tiny probability", "CappedLoss Underflow",
        lambda s: pair([[s.tiny, 0.75]], [[0.5, 0.5]])),
    Regime("tiny-target", "a tiny share", "Underflow",
        lambda s: pair([[0.5, 0.25]], [[s.tiny, 0.75]])),
    Regime("one-class", "one class is certain", "Degenerate", pair([[1.0]], [[1.0]])),
    Regime("one-row", "one row without other axes", "Degenerate", pair([0.25, 0.75], [0.75, 0.25])),
    Regime("not-normalised", "numbers that do not add up to one", "SoftTargets",
        pair([[0.5, 0.25]], [[2.0, 1.5]])),
    Regime("logarithms-far-below", "logarithms of probabilities that no element holds",
        "Underflow CappedLoss", pair([[-1000.0, -0.125]], [[0.5, 0.5]]), options={"log_prediction": True}),
    Regime("logarithm-infinite", "minus infinity beside a target of zero", "InfiniteLogit ZeroLogZero",
        pair([[-inf, 0.0]], [[0.0, 1.0]]), options={"log_prediction": True}, roles=("prediction",)),
    Regime("logarithms-infinite", "minus infinity of both", "InfiniteLogit ZeroLogZero",
        pair([[-inf, -0.5]], [[-inf, -0.25]]), options={"log_prediction": True, "log_target": True},
        roles=("prediction",)),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.25, 0.9], [0.75, 0.1]], [[0.75, 0.2], [0.25, 0.8]]), class_axis=0),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        pair([[[0.25, 0.9], [0.75, 0.1]]], [[[0.75, 0.2], [0.25, 0.8]]]), class_axis=1),
    Regime("epsilon-at-zero", "epsilon bounds what is impossible", "AddedEpsilon",
        pair([[0.0, 0.5]], [[0.5, 0.25]]), options={"epsilon": 1e-6}),
    Regime("clip-beyond", "beyond the clip the loss is flat", "ClippedProbability",
        pair([[0.0, 0.5]], [[0.5, 0.25]]), options={"clip": 0.125}),
    Regime("three-classes", "three classes", "", pair([[0.2, 0.5, 0.3]], [[0.6, 0.1, 0.3]])),
]

# Labels of -1 and +1.

SIGNS = pair([[0.5, -1.5, 2.0], [0.25, -0.75, 0.1]], [[1.0, -1.0, -1.0], [1.0, 1.0, -1.0]])


def signs(slopes):
    return [
        Regime("at-the-margin", "a score on the margin", "Kink", pair([1.0, -1.0], [1.0, -1.0]),
            slopes=slopes),
        Regime("beside-the-margin", "one ulp inside the margin and outside", "NearKink Cancellation",
            lambda s: pair([1 - s.eps / 2, 1 + s.eps], [1.0, 1.0])),
        Regime("zero-score", "a score of zero, of either sign", "Tie", pair([0.0, -0.0], [1.0, -1.0])),
        Regime("far-right", "scores far on the right side", "Overflow", pair([1e4, -1e4], [1.0, -1.0])),
        Regime("far-wrong", "scores far on the wrong side", "Overflow CappedLoss Saturation",
            pair([-1e4, 1e4], [1.0, -1.0])),
        Regime("hundred-wrong", "an exponential would overflow", "Overflow CappedLoss",
            pair([-100.0, 800.0], [1.0, -1.0])),
        Regime("twenty-right", "the loss is one exponential or nothing", "Cancellation",
            pair([20.0, -40.0], [1.0, -1.0]), sensitive=True),
        Regime("tiny-scores", "scores near the smallest number", "Underflow",
            lambda s: pair([s.tiny, -s.tiny], [1.0, 1.0])),
        Regime("whole-labels", "whole numbers as labels", "PromotedElement",
            {"prediction": [0.3, -0.7], "target": [1, -1]}, reduction="mean"),
        Regime("labels-between", "labels that are no signs", "SoftTargets",
            pair([0.5, 2.0, -1.0], [0.25, -0.5, 2.0]), unchecked=True),
        Regime("label-zero", "a label of zero has no side", "SoftTargets", pair([0.5, -3.0], [0.0, 0.0]), unchecked=True),
        Regime("single-number", "one score without an axis", "Degenerate", pair(0.75, -1.0)),
        Regime("nan", "NaN stays in its own term", "LostNaN", pair([nan, 0.5], [1.0, 1.0]), roles=()),
    ]


CATEGORICAL = [
    Regime("ties", "of equal other scores the first has the slope", "Kink Tie",
        pair([[0.5, 1.0, 1.0]], [0]), slopes={"prediction": [-1.0, 1.0, 0.0]}),
    Regime("all-equal", "equal scores cost the margin", "Kink Tie", pair([[2.0, 2.0, 2.0]], [1]),
        slopes={"prediction": [1.0, -1.0, 0.0]}),
    Regime("at-the-margin", "a lead of exactly the margin costs nothing", "Kink",
        pair([[2.0, 1.0, 0.0]], [0]), slopes={"prediction": [0.0, 0.0, 0.0]}),
    Regime("beside-the-margin", "one ulp inside the margin and outside", "NearKink",
        lambda s: pair([[2 - 2 * s.eps, 1.0], [2 + 2 * s.eps, 1.0]], [0, 0])),
    Regime("far-right", "a lead of ten thousand costs nothing", "Overflow", pair([[1e4, -1e4]], [0])),
    Regime("far-wrong", "a lag of ten thousand", "Overflow", pair([[1e4, -1e4]], [1])),
    Regime("all-negative", "the best other score may be below zero", "FloorAtZero",
        pair([[-3.0, -2.5, -4.0]], [0])),
    Regime("all-negative-floored", "zero takes part in the maximum by choice", "FloorAtZero",
        pair([[-3.0, -2.5, -4.0]], [0]), options={"floor_at_zero": True}),
    Regime("two-classes", "two classes", "", pair([[0.25, 0.5]], [1])),
    Regime("one-row", "one row without other axes", "Degenerate", pair([0.5, -0.25, 1.0], 0)),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.5, -1.0], [2.0, 0.25], [1.0, 1.5]], [2, 0]), class_axis=0),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        pair([[[0.5, -1.0], [2.0, 0.25]], [[1.0, 1.5], [0.5, -0.5]]], [[1, 0], [0, 1]]), class_axis=1),
    Regime("one-hot-whole", "a one-hot target of whole numbers is its class", "PromotedElement",
        {"prediction": [[0.5, -1.0, 2.0]], "target": [[0, 1, 0]]}),
    Regime("indices-only", "targets are indices by choice", "IgnoredOption",
        pair([[0.5, -1.0, 2.0]], [0]), options={"targets": "indices"}),
]

# Functions of probabilities.

TRANSFORMED = [
    Regime("saturated", "logits of ten thousand", "Overflow Saturation",
        {"prediction": [[1e4, -1e4, 0.0]]}),
    Regime("ties", "equal logits share equally", "Tie", {"prediction": [[5.0, 5.0, 5.0, 5.0]]}),
    Regime("one-class", "one class is certain", "Degenerate", {"prediction": [[3.0], [-7.0]]}),
    Regime("excluded-class", "a class of logit minus infinity", "InfiniteLogit",
        {"prediction": [[0.5, -inf, 1.0]]}),
    Regime("large-offset", "a constant that is added to all logits changes nothing", "Cancellation",
        lambda s: {"prediction": [[0.25 / s.eps, 0.25 / s.eps + 0.5]]}),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        {"prediction": [[0.5, -1.0], [2.0, 0.25], [1.0, 1.5]],
            "weight": [[1.0, 3.0], [2.0, 0.5], [0.25, 1.0]]}, class_axis=0, sensitive=True),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        {"prediction": [[[0.5, -1.0], [2.0, 0.25]]], "weight": [[[1.0, 3.0], [2.0, 0.5]]]}, class_axis=1,
        sensitive=True),
    Regime("weighted-ties", "equal logits, unequal weights", "Tie",
        {"prediction": [[5.0, 5.0]], "weight": [[3.0, 1.0]]}),
    Regime("small-probability", "a small probability keeps its digits", "Underflow",
        {"prediction": [[0.0, -30.0]]}, sensitive=True),
    Regime("one-row", "one row without other axes", "Degenerate", {"prediction": [0.5, -0.25, 1.0]}),
]

SMOOTHED = [
    Regime("none-at-all", "smoothing of zero changes nothing", "SmoothingShare",
        {"target": [[1.0, 0.0, 0.0]]}, options={"smoothing": 0}),
    Regime("wholly", "smoothing of one forgets the target", "SmoothingShare",
        {"target": [[1.0, 0.0, 0.0]]}, options={"smoothing": 1}),
    Regime("four-classes", "a quarter of the smoothing for each class", "SmoothingShare",
        {"target": [[0.0, 0.0, 1.0, 0.0]]}),
    Regime("one-class", "one class keeps everything", "Degenerate", {"target": [[1.0], [1.0]]}),
    Regime("binary-labels", "labels share with their opposite", "SmoothingShare",
        {"target": [1.0, 0.0, 0.25]}, options={"binary": True}),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis SmoothingShare",
        {"target": [[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]}, class_axis=0),
    Regime("soft-targets", "shares that are soft already", "SoftTargets",
        {"target": [[0.7, 0.2, 0.1]]}, options={"smoothing": 0.3}),
]

LAYER = {
    "hidden": [[[0.5, -1.25], [2.0, 0.75]], [[-0.5, 1.5], [0.25, -0.125]]],
    "kernel": [[1.0, -0.5], [0.75, 1.25], [-2.0, 0.375]],
    "bias": [0.1, -0.2, 0.3],
    "target": [[0, 2], [1, 1]],
}
SURE = {"hidden": [[1.0, 40.0]], "kernel": [[0.5, 1.0], [0.25, 0.0], [1.0, -1.0]], "target": [0]}
LINEAR_ROWS = [
    Regime("no-bias", "the bias may be left out", "IgnoredInput",
        {role: LAYER[role] for role in ("hidden", "kernel", "target")}),
    Regime("sure-and-right", "what a sure prediction leaves keeps its digits", "Cancellation", SURE,
        parts=0, sensitive=True),
    Regime("sure-and-wrong", "a sure prediction of another class costs its margin", "Saturation",
        SURE | {"target": [2]}),
    Regime("large-logits", "logits of ten thousand", "Overflow",
        {"hidden": [[100.0]], "kernel": [[100.0], [-100.0]], "target": [1]}),
    Regime("one-class", "one class is certain", "Degenerate",
        {"hidden": [[0.5, 1.5]], "kernel": [[1.0, -2.0]], "target": [0]}),
]

TABLES = [
    Table("linear_cross_entropy", "The cross-entropy after a linear layer", LAYER,
        [
            Variant("weighted-classes", {"class_weights": [1, 0.5, 2]}, "ClassWeightDivisor"),
            Variant("smoothed", {"label_smoothing": 0.2}, "SmoothingShare"),
            Variant("weighted-and-smoothed", {"class_weights": [1, 0.5, 2], "label_smoothing": 0.2},
                "SmoothingShare ClassWeightDivisor"),
            Variant("ignored", {"ignore_index": 1}, "MaskedLeak"),
        ], LINEAR_ROWS, roles=("hidden", "kernel", "bias"), parts=2.0),
    Table("cross_entropy", "The cross-entropy of classes, from logits or probabilities",
        pair(LOGITS, INDICES), CROSS_VARIANTS, ROWS + CROSS_ROWS),
    Table("z_loss", "The squared log-sum-exp of logits",
        {"prediction": [[1.0, -0.5, 2.0], [0.25, 3.0, -1.0], [-2.0, 0.5, 0.75], [0.0, 0.0, 0.0]]}, [],
        [
            Regime("large", "logits of thousands", "Overflow", {"prediction": [[5000.0, 4999.0], [-4000.0, -3999.5]]}),
            Regime("normalised", "log-probabilities, whose log-sum-exp is almost 0", "Cancellation",
                {"prediction": [[-0.75, -0.625]]}, sensitive=True),
            Regime("minus-infinity", "a class that cannot be", "Degenerate", {"prediction": [[1.0, -inf]]}),
            Regime("one-class", "the square of the logit", "Degenerate", {"prediction": [[3.0], [-2.5]]}),
            Regime("nan", "NaN stays in its row", "LostNaN", {"prediction": [[nan, 2.0], [1.0, 0.5]]}, roles=()),
        ], roles=("prediction",)),
    Table("focal", "Cross-entropy that counts easy samples less", pair(LOGITS, INDICES),
        FOCAL_VARIANTS, ROWS),
    Table("binary_cross_entropy", "The cross-entropy of yes and no, from logits or probabilities", BINARY,
        [
            Variant("positive-weight", {"positive_weight": 3}, "ClassWeightDivisor"),
            Variant("negative-weight", {"negative_weight": 0.25}, "SwappedRoles"),
            Variant("smoothed", {"label_smoothing": 0.2}, "SmoothingShare"),
            Variant("smoothed-positive", {"label_smoothing": 0.2, "positive_weight": 2},
                "SmoothingShare SwappedRoles"),
            Variant("soft", {"positive_weight": 1.5}, "SoftTargets", SOFT, sensitive=True),
            Variant("probabilities", {"from_logits": False}, inputs=CHANCE),
            Variant("probabilities-epsilon", {"from_logits": False, "epsilon": 0.01}, "AddedEpsilon", CHANCE),
            Variant("probabilities-clip", {"from_logits": False, "clip": 0.08}, "ClippedProbability", CHANCE),
            Variant("probabilities-positive", {"from_logits": False, "positive_weight": 3},
                "SwappedRoles", CHANCE),
        ], BINARY_LOGITS + ENTROPIES),
    Table("binary_focal", "The cross-entropy of yes and no that counts easy samples less", BINARY,
        [
            Variant("gamma-zero", {"gamma": 0}),
            Variant("gamma-half", {"gamma": 0.5}),
            Variant("gamma-five", {"gamma": 5}, sensitive=True),
            Variant("alpha-quarter", {"alpha": 0.25}, "SwappedRoles"),
            Variant("alpha-and-gamma", {"alpha": 0.9, "gamma": 1}, "SwappedRoles", sensitive=True),
            Variant("soft", {"alpha": 0.5}, "SoftTargets", SOFT, sensitive=True),
            Variant("probabilities", {"from_logits": False}, inputs=CHANCE),
            Variant("probabilities-epsilon", {"from_logits": False, "epsilon": 0.01}, "AddedEpsilon", CHANCE),
        ], by_prediction(BINARY_LOGITS) + FOCALS),
    Table("kl_divergence", "The divergence of a prediction from a target distribution",
        pair(CHANCES, SHARES),
        [
            Variant("log-prediction", {"log_prediction": True}, inputs=pair(logs("chances"), SHARES)),
            Variant("log-target", {"log_target": True}, inputs=pair(CHANCES, logs("shares"))),
            Variant("log-both", {"log_prediction": True, "log_target": True},
                inputs=pair(logs("chances"), logs("shares"))),
            Variant("epsilon", {"epsilon": 0.01}, "AddedEpsilon"),
            Variant("clip", {"clip": 0.2}, "ClippedProbability"),
            Variant("elementwise", {"elementwise": True}, "WrongDivisor"),
            Variant("elementwise-logarithms", {"elementwise": True, "log_prediction": True}, "WrongDivisor",
                pair(logs("chances"), SHARES)),
        ], DIVERGENCES, sensitive=True),
    Table("hinge", "How far a score is from the right side and a margin", SIGNS,
        regimes=signs({"prediction": [0.0, 0.0]}), roles=("prediction",)),
    Table("squared_hinge", "The square of the hinge", SIGNS, regimes=signs({}), roles=("prediction",)),
    Table("soft_margin", "The logistic loss of a score with a sign", SIGNS, regimes=signs({}),
        roles=("prediction",)),
    Table("categorical_hinge", "How far the true score is ahead of the best other one",
        pair(LOGITS, INDICES),
        [
            Variant("floored", {"floor_at_zero": True}, "FloorAtZero"),
            Variant("dense-only", {"targets": "dense"}, inputs=pair(
                LOGITS, [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]])),
        ], CATEGORICAL, roles=("prediction",)),
    Table("softmax", "Probabilities from logits", {"prediction": [[0.5, -1.0, 2.0], [0.25, 1.5, -0.75]]},
        regimes=TRANSFORMED, constant_sum=True),
    Table("label_smoothing", "A target that is spread over all classes",
        {"target": [[1.0, 0.0, 0.0], [0.25, 0.5, 0.25]]},
        [
            Variant("smoothing-third", {"smoothing": 0.3}, "SmoothingShare"),
            Variant("binary", {"binary": True}, "SmoothingShare"),
        ], SMOOTHED),
]
