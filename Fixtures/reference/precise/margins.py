"""Losses of a score and a sign, and margins between the scores of classes."""

from dataclasses import replace
from math import inf, nan

from precise.classification import BINARY, INDICES, LOGITS, SIGNS, pair, signs
from precise.table import F32, Regime, Table, Variant


def chosen(regimes, *left_out):
    return [regime for regime in regimes if regime.id not in left_out]


def sensitive(regimes, *names):
    """With the tolerance of the condition number where the argument of a function is large."""
    return [replace(x, sensitive=True) if x.id in names else x for x in regimes]


# Exponentials of thousands are beyond both elements and have more digits than a machine has memory.
FAR = ("far-right", "far-wrong", "hundred-wrong")
ZEROES = {"prediction": [0.0, 0.0]}
LEARNS = {"prediction": [-1.0, 1.0]}

PERCEPTRON = [replace(x, slopes=LEARNS) if x.id == "zero-score" else x for x in chosen(signs({}), "label-zero")]
KNEES = [
    Regime("at-the-knee", "the parabola and the line meet", "HalfFactor", pair([0.5, -0.5], [1.0, -1.0]),
        options={"gamma": 0.5}),
    Regime("beside-the-knee", "one ulp on either side of the knee", "NearKink",
        lambda s: pair([0.5 - s.eps / 4, 0.5 + s.eps / 2], [1.0, 1.0]), options={"gamma": 0.5}, sensitive=True),
    Regime("sharp", "a parabola of almost no width", "", pair([0.25, 1.5], [1.0, 1.0]),
        options={"gamma": 1e-6}),
]
LINES = [
    Regime("at-the-knee", "the parabola and the line meet", "HalfFactor", pair([-1.0, 1.0], [1.0, -1.0])),
    Regime("beside-the-knee", "one ulp on either side of the knee", "NearKink",
        lambda s: pair([-1 - s.eps, -1 + s.eps / 2], [1.0, 1.0])),
]
TAILS = [
    Regime("at-the-knee", "the line and the tail meet", "Kink", pair([0.5, -0.5], [1.0, -1.0])),
    Regime("beside-the-knee", "one ulp on either side of the knee", "NearKink",
        lambda s: pair([0.5 - s.eps / 4, 0.5 + s.eps / 2], [1.0, 1.0])),
]
SCORES = [
    Regime("zero", "a score of zero of either sign", "Tie", pair([0.0, -0.0], [1.0, 0.0])),
    Regime("at-one", "from a score of 1 on nothing costs", "Saturation", pair([1.0, -1.0], [1.0, 0.0])),
    Regime("beside-one", "one ulp on either side of 1", "NearKink Cancellation",
        lambda s: pair([1 - s.eps / 2, 1 + s.eps], [1.0, 1.0])),
    Regime("at-minus-one", "the parabola and the line meet", "HalfFactor", pair([-1.0, 1.0], [1.0, 0.0])),
    Regime("far-right", "ten thousand on the right side", "Overflow", pair([1e4, -1e4], [1.0, 0.0])),
    Regime("far-wrong", "ten thousand on the wrong side", "CappedLoss", pair([-1e4, 1e4], [1.0, 0.0])),
    Regime("whole-labels", "whole numbers as labels", "PromotedElement",
        {"prediction": [0.3, -0.7], "target": [1, 0]}, reduction="mean"),
    Regime("single-number", "one score without an axis", "Degenerate", pair(0.75, 1.0)),
    Regime("nan", "NaN stays in its own term", "LostNaN", pair([nan, 0.5], [1.0, 1.0]), roles=()),
]

# Rows of scores.

ROWS = [
    Regime("one-class", "the only class costs nothing", "Degenerate", pair([[3.5], [-2.0]], [0, 0])),
    Regime("one-row", "one row without other axes", "Degenerate", pair([0.5, -0.25, 1.25], 2)),
    Regime("far-right", "a lead of ten thousand costs nothing", "Overflow", pair([[1e4, -1e4]], [0])),
    Regime("far-wrong", "a lag of ten thousand", "CappedLoss", pair([[1e4, -1e4]], [1])),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.5, -1.0], [2.0, 0.25], [1.25, 1.5]], [2, 0]), class_axis=0),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        pair([[[0.5, -1.0], [2.0, 0.25]], [[1.0, 1.5], [0.75, -0.5]]], [[1, 0], [0, 1]]), class_axis=1),
    Regime("nan", "NaN stays in its own row", "LostNaN", pair([[nan, 1.0], [2.0, 0.5]], [1, 0]), roles=()),
]
MARGINS = [
    Regime("at-the-margin", "a lead of exactly the margin costs nothing", "Kink",
        pair([[2.0, 1.0, 0.0]], [0]), slopes={"prediction": [0.0, 0.0, 0.0]}),
    Regime("at-the-square", "the square is flat at its edge", "Kink", pair([[2.0, 1.0, 0.0]], [0]),
        options={"p": 2}),
    Regime("beside-the-margin", "one ulp inside the margin and outside", "NearKink",
        lambda s: pair([[2 - s.eps, 1.0], [2 + 2 * s.eps, 1.0]], [0, 0])),
    Regime("weight-zero", "a true class of weight zero costs nothing", "ClassWeightDivisor",
        pair([[0.5, -1.0], [0.25, 1.0]], [1, 0]), options={"class_weights": [2, 0]}),
    Regime("many-classes", "eleven others", "",
        pair([[0.1, -0.4, 1.2, 0.05, 2.3, -1.1, 0.7, 0.35, -0.2, 0.9, 1.6, -0.6]], [4])),
]
PERCEPTRONS = [
    Regime("ties", "of equal best scores the first has the slope", "Kink Tie",
        pair([[0.5, 1.0, 1.0]], [0]), slopes={"prediction": [-1.0, 1.0, 0.0]}),
    Regime("tie-with-the-true", "the true class is the first of the best", "Kink Tie",
        pair([[2.0, 2.0, 1.0]], [0]), slopes={"prediction": [0.0, 0.0, 0.0]}),
    Regime("tie-before-the-true", "another class is the first of the best", "Kink Tie",
        pair([[2.0, 2.0, 1.0]], [1]), slopes={"prediction": [1.0, -1.0, 0.0]}),
]
SPARSE = [
    Regime("lead-of-one", "a lead of one costs nothing", "Saturation", pair([[2.0, 1.0, 0.5]], [0])),
    Regime("beside-the-lead", "one ulp less than a lead of one", "NearKink Cancellation",
        lambda s: pair([[2 - s.eps, 1.0, 0.0]], [0])),
    Regime("almost-sure", "a small rest keeps its digits", "Cancellation",
        pair([[2.0, 1.0009765625, -3.0]], [0])),
    Regime("ties", "equal scores share equally", "Tie", pair([[2.0, 2.0, 2.0, 2.0]], [1])),
    Regime("true-class-dropped", "a true class without a share", "", pair([[3.0, 2.5, -1.0]], [2])),
    Regime("large-offset", "a constant that is added to all changes nothing", "Cancellation",
        lambda s: pair([[0.25 / s.eps, 0.25 / s.eps + 0.5, 0.25 / s.eps - 1.0]], [2])),
    Regime("many-classes", "twelve classes", "", pair(
        [[0.125, -0.375, 0.25, 0.0, 0.5, -0.125, 0.3125, 0.375, -0.25, 0.1875, 0.4375, -0.5]], [4]),
        sensitive=True),
]
SHARED = [[0.7, 0.25, 0.05], [0.3, 0.4, 0.3]]
SOME = [[0.5, -1.0, 2.0], [0.25, 1.5, -0.5]]
ENTMAX = [
    Regime("lead-of-two", "a lead of two costs nothing", "Saturation", pair([[3.0, 1.0, 0.5]], [0])),
    Regime("beside-the-lead", "a little less than a lead of two", "NearKink Cancellation",
        pair([[2.984375, 1.0, 0.0]], [0]), sensitive=True),
    Regime("almost-sure", "a small rest keeps its digits", "Cancellation",
        pair([[3.0, 1.015625, -3.0]], [0]), sensitive=True),
    Regime("ties", "equal scores share equally", "Tie", pair([[2.0, 2.0, 2.0, 2.0]], [1])),
    Regime("true-class-dropped", "a true class without a share", "", pair([[3.0, 2.5, -1.0]], [2])),
    Regime("large-offset", "a constant that is added to all changes nothing", "Cancellation",
        lambda s: pair([[0.25 / s.eps, 0.25 / s.eps + 0.5, 0.25 / s.eps - 1.0]], [2])),
    Regime("many-classes", "twelve classes", "", pair(
        [[0.1, -0.4, 1.2, 0.05, 2.3, -1.1, 0.7, 0.35, -0.2, 0.9, 1.6, -0.6]], [4]), sensitive=True),
    Regime("excluded-class", "a class of score minus infinity", "InfiniteLogit", pair([[0.5, -inf, 1.0]], [0])),
    Regime("excluded-true-class", "the true class has score minus infinity", "InfiniteLogit CappedLoss",
        pair([[0.5, -inf, 1.0]], [1]), roles=()),
    Regime("excluded-dense", "zero times minus infinity is zero", "InfiniteLogit ZeroLogZero",
        pair([[0.5, -inf]], [[1.0, 0.0]]), roles=("prediction",)),
    Regime("one-hot", "a one-hot target is its class", "SoftTargets",
        pair([[0.5, -1.0, 2.0]], [[0.0, 1.0, 0.0]]), roles=("prediction",)),
    Regime("one-hot-whole", "a one-hot target of whole numbers is its class", "PromotedElement",
        {"prediction": [[0.5, -1.0, 2.0]], "target": [[0, 1, 0]]}),
    Regime("not-normalised", "a target that does not add up to one", "SoftTargets",
        pair([[0.5, -1.0, 2.0]], [[0.5, 1.5, 0.25]])),
    Regime("dense-far", "a shared target of scores of ten thousand", "Overflow SoftTargets",
        pair([[1e4, -1e4, 0.0]], [[0.25, 0.5, 0.25]])),
    Regime("softmax-far", "ten thousand below the others costs that", "Overflow CappedLoss Saturation",
        pair([[-1e4, 1e4, 0.0]], [0]), options={"alpha": 1}),
    Regime("softmax-sure", "the loss is one exponential, not zero", "Cancellation",
        lambda s: pair([[20.0, 0.0] if s is F32 else [40.0, 0.0]], [0]), options={"alpha": 1}, sensitive=True),
    Regime("almost-softmax", "an exponent of almost 1", "RoundedConstant",
        pair([[0.5, -1.0, 2.0]], [1]), options={"alpha": 1.0000001}),
    Regime("almost-softmax-far", "an exponent of almost 1 and ten thousand", "Overflow",
        pair([[1e4, -1e4, 0.0]], [1]), options={"alpha": 1.0000001}),
    Regime("steep", "an exponent of ten", "", pair([[0.5, 0.499, 0.3]], [1]), options={"alpha": 10},
        sensitive=True),
    Regime("steep-ties", "equal scores share equally with an exponent of forty", "Tie",
        pair([[2.0, 2.0, 2.0, 2.0]], [1]), options={"alpha": 40}, parts=0.03),
    Regime("steep-dense", "a shared target with an exponent above two", "SoftTargets",
        pair([[0.5, -1.0, 0.75]], [[0.25, 0.5, 0.25]]), options={"alpha": 2.5}, sensitive=True),
    Regime("small-target", "a target far below its share", "SoftTargets",
        pair([[0.9, -1.0, 0.75]], [[0.75, 1e-30, 0.25]]), options={"alpha": 1.3}),
]
MANY = {"prediction": LOGITS, "target": [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [0.0, 0.0]]]}
MANIES = [
    Regime("saturated", "logits of ten thousand on both sides", "Overflow Saturation",
        pair([[1e4, -1e4], [-1e4, 1e4]], [[1.0, 0.0], [1.0, 0.0]])),
    Regime("certain-and-right", "the loss is one exponential, not zero", "Cancellation",
        pair([[20.0, -40.0]], [[1.0, 0.0]]), roles=("prediction",), sensitive=True),
    Regime("infinite-logits", "infinite logits on the right side cost nothing", "InfiniteLogit",
        pair([[inf, -inf]], [[1.0, 0.0]]), roles=()),
    Regime("soft", "targets between zero and one", "SoftTargets", pair([[0.3, -1.2]], [[0.25, 0.5]]),
        sensitive=True),
    Regime("one-class", "one class", "Degenerate", pair([[0.75]], [[1.0]])),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[0.5, -1.0], [2.0, 0.25]], [[1.0, 0.0], [1.0, 1.0]]), class_axis=0,
        options={"class_weights": [0.5, 3]}),
]
BY_SCORE = {"roles": ("prediction",)}

TABLES = [
    Table("perceptron", "How far a score is on the wrong side", SIGNS, regimes=PERCEPTRON, **BY_SCORE),
    Table("smoothed_hinge", "The hinge with a round corner", SIGNS,
        [Variant("narrow", {"gamma": 0.3}, "RoundedConstant"), Variant("wide", {"gamma": 2})],
        signs({}) + KNEES, **BY_SCORE),
    Table("modified_huber", "The squared hinge with a line", SIGNS, regimes=signs({}) + LINES, **BY_SCORE),
    Table("exponential", "The exponential of a wrong side", SIGNS, regimes=chosen(signs({}), *FAR), **BY_SCORE),
    Table("sigmoid_margin", "A smooth count of mistakes", SIGNS, regimes=chosen(signs({}), *FAR), **BY_SCORE),
    Table("l2_margin", "The square of what is left to the margin", SIGNS, regimes=signs({}), **BY_SCORE),
    Table("dwd_margin", "The hinge with a tail", SIGNS,
        [
            Variant("steep", {"q": 2.5}, sensitive=True),
            Variant("flat", {"q": 0.5}),
        ], signs({}) + TAILS, **BY_SCORE),
    Table("binary_sparsemax", "The loss of a sparse sigmoid", BINARY, regimes=SCORES, **BY_SCORE),
    Table("zero_one", "Whether a score is on the wrong side", SIGNS,
        regimes=chosen(signs({}), "labels-between"), roles=()),
    Table("multi_margin", "How far the true score is ahead of each other one", pair(LOGITS, INDICES),
        [
            Variant("squared", {"p": 2}, "IgnoredOption"),
            Variant("wide-margin", {"margin": 2.7}, "RoundedConstant"),
            Variant("weighted-classes", {"class_weights": [0.3, 2]}, "ClassWeightDivisor"),
        ], ROWS + MARGINS, **BY_SCORE),
    Table("multilabel_margin", "How far true scores are ahead of the others",
        pair([[0.5, -1.0, 2.0], [0.25, 1.6, -0.7], [-0.3, 0.4, 0.1]], [[1, 0, -1], [2, -1, 0], [0, -1, -1]]),
        regimes=[
            Regime("at-the-edge", "the edge of the margin costs nothing", "Kink", pair([[1.5, 0.5]], [[0, -1]]),
                slopes={"prediction": [0.0, 0.0]}),
            Regime("beside-the-edge", "one ulp inside the margin", "NearKink Cancellation",
                lambda s: pair([[1.5, 0.5 + s.eps]], [[0, -1]])),
            Regime("far-apart", "scores of ten thousand", "", pair([[1e4, -1e4, 3.0]], [[1, -1, -1]])),
            Regime("all-true", "where every class is true nothing is compared", "", pair([[1.0, 2.0]], [[1, 0]])),
            Regime("none-true", "an empty list costs nothing", "Degenerate", pair([[1.0, 2.0]], [[-1, 0]])),
            Regime("one-row", "one row without other axes", "Degenerate", pair([0.5, -0.25, 1.0], [2, -1, -1])),
            Regime("nan", "NaN stays in its own row", "LostNaN", pair([[nan, 1.0], [2.0, 0.5]], [[1, -1], [0, -1]]),
                roles=()),
        ], **BY_SCORE),
    Table("multiclass_perceptron", "How far the best score is ahead of the true one", pair(LOGITS, INDICES),
        regimes=ROWS + PERCEPTRONS, **BY_SCORE),
    Table("multilabel_soft_margin", "The mean cross entropy of independent classes", MANY,
        [Variant("weighted-classes", {"class_weights": [0.3, 2]}, "ClassWeightDivisor")], MANIES),
    Table("sparsemax", "The loss of sparse probabilities", pair(LOGITS, INDICES), regimes=ROWS + SPARSE, **BY_SCORE),
    Table("fenchel_young", "How far scores are from giving a target by entmax", pair(SOME, [1, 0]),
        [
            Variant("softmax", {"alpha": 1}),
            Variant("sparsemax", {"alpha": 2}, "IgnoredOption"),
            Variant("gentle", {"alpha": 1.2}, "IgnoredOption"),
            Variant("steep", {"alpha": 3}, "IgnoredOption"),
            Variant("ignored-class", {"ignore_index": -100}, "MaskedLeak NegativeClass", pair(SOME, [1, -100])),
            Variant("dense", {"alpha": 1.5}, "SoftTargets TargetGradient", pair(SOME, SHARED)),
            Variant("softmax-dense", {"alpha": 1}, "SoftTargets TargetGradient", pair(SOME, SHARED)),
            Variant("sparsemax-dense", {"alpha": 2}, "SoftTargets TargetGradient", pair(SOME, SHARED)),
            Variant("gentle-dense", {"alpha": 1.2}, "SoftTargets", pair(SOME, SHARED), sensitive=True),
            Variant("steep-dense", {"alpha": 3}, "SoftTargets", pair(SOME, SHARED), sensitive=True),
            Variant("with-entropy", {"less_entropy": False}, "SoftTargets", pair(SOME, SHARED)),
            Variant("softmax-with-entropy", {"alpha": 1, "less_entropy": False}, "SoftTargets", pair(SOME, SHARED)),
        ],
        ROWS + ENTMAX),
]
