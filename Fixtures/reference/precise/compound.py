"""Sums of losses under names of their own."""

from precise.segmentation import LOGITS, ONE_CLASS, TYPICAL, overlap
from precise.table import Regime, Table, Variant

ONE_CHANCE = ONE_CLASS | {"prediction": [[[0.75], [0.2]], [[0.9], [0.4]]]}
INDICES = {"prediction": LOGITS["prediction"], "target": [[0, 1], [1, 0]]}

REGIMES = [
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        overlap([[[0.9, -0.2], [0.1, 1.8]], [[-0.3, 0.5], [0.7, -1.5]]],
            [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]), class_axis=1),
    Regime("class-axis-first", "classes before the samples", "WrongAxis",
        overlap([[[0.9, -0.2], [0.1, 1.8]], [[-0.3, 0.5], [0.7, -1.5]]],
            [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]), class_axis=0),
    Regime("class-indices", "class indices stand for one-hot targets", "OneBasedClass", INDICES),
    Regime("class-indices-axis-middle", "class indices with classes along axis 1", "WrongAxis",
        INDICES, class_axis=1),
    Regime("class-indices-masked", "a class that the mask takes out is not read", "MaskedLeak",
        INDICES | {"mask": [[[True, True], [False, False]], [[True, True], [True, True]]]}),
    Regime("one-class", "one class is a yes or a no", "Degenerate", ONE_CLASS),
    Regime("one-class-weighed", "what is true weighs, beside an overlap that does not", "Degenerate",
        ONE_CLASS, options={"class_weights": [2.5]}),
    Regime("saturated", "logits of ten thousand", "Saturation Overflow",
        overlap([[[1e4, 0.0], [0.0, -1e4]]], [[[1.0, 0.0], [0.0, 1.0]]]), roles=("prediction",), parts=1e4),
    Regime("soft-target", "a target between zero and one", "SoftTargets TargetGradient",
        overlap([[[0.3, -0.9], [1.5, 0.5]]], [[[0.25, 0.75], [0.6, 0.4]]])),
    Regime("masked-element", "an element that the mask takes out, of a place that it keeps",
        "MaskedLeak", overlap([[[0.5, 0.25], [-0.75, 0.1]]], [[[1.0, 0.0], [0.0, 1.0]]])
        | {"mask": [[[True, False], [True, True]]]}),
    Regime("masked-place", "one mask for all classes of a place", "MaskedLeak BroadcastShape",
        overlap([[[0.5, 0.25], [-0.75, 0.1]]], [[[1.0, 0.0], [0.0, 1.0]]]) | {"mask": [[[True], [False]]]}),
    Regime("all-masked", "where nothing is kept there is nothing to add", "EmptyMean",
        overlap([[[0.5, 0.25]]], [[[1.0, 0.0]]]) | {"mask": [[[False]]]}),
    Regime("parts-summed", "the terms of each part added", "WrongDivisor", LOGITS, options={"parts": "sum"},
        reduction="mean"),
    Regime("parts-summed-masked", "the kept terms of each part added", "WrongDivisor MaskedLeak",
        LOGITS | {"mask": [[[True], [False]], [[True], [True]]]}, options={"parts": "sum"}),
    Regime("nothing-added", "nothing is left where both scales are zero", "LostAddend", LOGITS,
        options={"lambda_dice": 0, "SECOND": 0}),
]


def regimes(second):
    """The regimes of a sum whose second scale has this name."""
    def named(options):
        return {second if key == "SECOND" else key: value for key, value in options.items()}

    return [Regime(**{**vars(one), "options": named(one.options)}) for one in REGIMES]


def variants(second):
    return [
        Variant("first-only", {second: 0}, "LostAddend"),
        Variant("second-only", {"lambda_dice": 0}, "LostAddend"),
        Variant("scales", {"lambda_dice": 0.3, second: 2.5}, "RoundedConstant"),
        Variant("sigmoid", {"activation": "sigmoid"}),
        Variant("probabilities", {"from_logits": False}, inputs=TYPICAL),
        Variant("probabilities-of-one-class", {"from_logits": False}, "Degenerate", inputs=ONE_CHANCE),
        Variant("overlap-as-it-is", {"activation": "none"}, parts=10.0, inputs=TYPICAL),
        Variant("foreground", {"classes": "foreground"}, "WrongDivisor"),
        Variant("class-weights", {"class_weights": [0.3, 2]}, "ClassWeightDivisor RoundedConstant"),
        Variant("foreground-weighed", {"classes": [1], "class_weights": [0.3, 2]}, "ClassWeightDivisor"),
        Variant("smooth-denominator", {"smooth": 0.5, "smooth_denominator": 0.2}, "SmoothTerm"),
    ]


OF_DICE = [
    Variant("per-class", {"per": "class"}, "WrongAxis"),
    Variant("per-sample-and-class", {"per": "sample_and_class", "smooth": 1e-5}, "WrongAxis"),
    Variant("squared-jaccard", {"squared": True, "jaccard": True}),
    Variant("logarithmic", {"logarithmic": True, "smooth": 0.5}),
]
OF_FOCAL = [
    Variant("gamma-one", {"gamma": 1}),
    Variant("alpha", {"alpha": 0.3}, "SwappedRoles RoundedConstant"),
]

TABLES = [
    Table("dice_ce", "Dice and cross entropy, added", LOGITS, variants("lambda_cross_entropy") + OF_DICE + [
        Variant("label-smoothing", {"label_smoothing": 0.2}, "SmoothingShare RoundedConstant"),
        Variant("class-weights-of-indices", {"class_weights": [0.3, 2]}, "ClassWeightDivisor", inputs=INDICES),
    ], regimes("lambda_cross_entropy"), parts=1.0),
    Table("dice_focal", "Dice and binary focal, added", LOGITS,
        variants("lambda_focal") + OF_DICE + OF_FOCAL, regimes("lambda_focal"), parts=1.0),
    Table("generalized_dice_focal", "Generalised Dice and binary focal, added", LOGITS,
        variants("lambda_focal") + OF_FOCAL + [Variant("simple", {"weighting": "simple"}), Variant("over-all", {"per": "all"})],
        regimes("lambda_focal"), roles=("prediction",), parts=1.0),
]
