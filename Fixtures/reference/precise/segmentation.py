"""Overlaps of regions."""

from precise.table import Regime, Table, Variant

TYPICAL = {
    "prediction": [[[0.9, 0.2], [0.6, 0.75]], [[0.3, 0.5], [0.1, 0.8]]],
    "target": [[[1.0, 0.0], [1.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]],
}
LOGITS = TYPICAL | {"prediction": [[[2.0, -1.0], [0.5, 1.25]], [[-0.75, 0.25], [-2.5, 1.5]]]}
ONE_CLASS = {
    "prediction": [[[0.5], [-1.25]], [[2.0], [0.25]]], "target": [[[1.0], [0.0]], [[1.0], [1.0]]]}
EACH = {"per": "sample_and_class"}


def overlap(prediction, target):
    return {"prediction": prediction, "target": target}


NOTHING = overlap([0.0, 0.0], [0.0, 0.0])


REGIMES = [
    Regime("nothing-over-nothing", "an empty prediction of an empty target is perfect", "SmoothTerm",
        NOTHING),
    Regime("nothing-over-nothing-unsmoothed", "zero over zero is a loss of zero", "SmoothTerm Kink",
        NOTHING, options={"smooth": 0}, roles=()),
    Regime("all-over-nothing", "a full prediction of an empty target", "SmoothTerm",
        overlap([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])),
    Regime("nothing-over-all", "an empty prediction of a full target", "SmoothTerm BetaSide",
        overlap([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])),
    Regime("disjoint-unsmoothed", "no overlap at all costs one", "SmoothTerm",
        overlap([1.0, 0.0], [0.0, 1.0]), options={"smooth": 0}),
    Regime("perfect", "a perfect prediction costs nothing", "Cancellation",
        overlap([1.0, 0.0, 1.0], [1.0, 0.0, 1.0]), options={"smooth": 0}),
    Regime("almost-perfect", "one less a quotient near one", "Cancellation",
        lambda s: overlap([1 - s.eps / 2, 0.0], [1.0, 0.0]), parts=1.0),
    Regime("soft-target", "a target between zero and one", "SoftTargets TargetGradient",
        overlap([0.3, 0.9, 0.5], [0.25, 0.75, 0.1])),
    Regime("one-element", "a region of one element", "Degenerate", overlap([0.3], [1.0])),
    Regime("smooth-tiny", "a smoothing beside which the sums are large", "SmoothTerm",
        overlap([0.5, 0.25], [1.0, 0.0]), options={"smooth": 1e-5}),
    Regime("smooth-large", "a smoothing that drowns the sums", "SmoothTerm Cancellation",
        overlap([0.5, 0.25], [1.0, 0.0]), options={"smooth": 30}),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        overlap([[0.9, 0.2, 0.7], [0.1, 0.8, 0.9]], [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]),
        options={"per": "class"}, class_axis=0),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        overlap([[[0.9, 0.2], [0.1, 0.8]], [[0.3, 0.5], [0.7, 0.5]]],
            [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]),
        options=EACH, class_axis=1),
    Regime("class-indices", "class indices stand for one-hot targets", "OneBasedClass",
        {"prediction": [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], "target": [0, 2]},
        options={"per": "class"}),
    Regime("class-indices-axis-first", "class indices with classes along the first axis", "WrongAxis",
        {"prediction": [[0.7, 0.2, 0.1], [0.3, 0.8, 0.9]], "target": [0, 1, 1]}, class_axis=0),
    Regime("truth-values", "truth values as targets", "PromotedElement",
        {"prediction": [0.7, 0.2], "target": [True, False]}),
    Regime("sigmoid-saturated", "logits of ten thousand are certain", "Saturation Overflow",
        overlap([1e4, -1e4, 1e4], [1.0, 0.0, 0.0]), options={"activation": "sigmoid"}),
    Regime("sigmoid-small", "a small probability keeps its slope", "Underflow",
        overlap([-40.0, 1.0], [1.0, 0.0]), options={"activation": "sigmoid"}),
    Regime("softmax-saturated", "one logit of ten thousand is certain", "Saturation Overflow",
        overlap([[1e4, 0.0], [0.0, -1e4]], [[1.0, 0.0], [0.0, 1.0]]),
        options={"activation": "softmax"}),
    Regime("softmax-ties", "equal logits share equally", "Tie",
        overlap([[3.0, 3.0, 3.0, 3.0]], [[0.0, 1.0, 0.0, 0.0]]), options={"activation": "softmax"}),
    Regime("softmax-class-axis-first", "softmax along the first axis", "WrongAxis",
        overlap([[1.0, 0.5, -1.0], [0.25, 2.0, 0.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]),
        options={"activation": "softmax", "per": "class"}, class_axis=0),
    Regime("masked-places", "what the mask removes is in no sum", "MaskedLeak MaskedNaN",
        overlap([[0.5, 0.25, 0.75]], [[1.0, 0.0, 1.0]]) | {"mask": [[True, False, True]]}),
    Regime("mask-of-a-place", "one mask for all classes of a place", "MaskedLeak BroadcastShape",
        overlap([[0.5, 0.25], [0.75, 0.1]], [[1.0, 0.0], [0.0, 1.0]]) | {"mask": [[True], [False]]},
        options={"per": "class"}),
    Regime("masked-sample", "a sample of which nothing is kept is a term of zero", "EmptyMean MaskedLeak",
        overlap([[0.5, 0.25], [0.75, 0.1]], [[1.0, 0.0], [0.0, 1.0]])
        | {"mask": [[True, True], [False, False]]}, options={"per": "sample"}, reduction="mean"),
]

SHARED_VARIANTS = [
    Variant("per-sample", {"per": "sample"}),
    Variant("per-class", {"per": "class"}, "WrongAxis"),
    Variant("over-all", {"per": "all"}),
    Variant("sigmoid", EACH | {"activation": "sigmoid"}, inputs=LOGITS),
    Variant("softmax", EACH | {"activation": "softmax"}, inputs=LOGITS),
    Variant("from-logits", {"from_logits": True}, inputs=LOGITS),
    Variant("from-logits-of-one-class", {"from_logits": True}, "Degenerate", inputs=ONE_CLASS),
    Variant("from-logits-sigmoid", EACH | {"from_logits": True, "activation": "sigmoid"}, inputs=LOGITS),
    Variant("smooth-fifth", EACH | {"smooth": 0.2}, "SmoothTerm RoundedConstant"),
]
OVERLAP_VARIANTS = SHARED_VARIANTS + [
    Variant("smooth-denominator", EACH | {"smooth": 0, "smooth_denominator": 0.2}, "SmoothTerm"),
    Variant("logarithmic", EACH | {"logarithmic": True}, "Cancellation"),
    Variant("logarithmic-unsmoothed", {"per": "class", "logarithmic": True, "smooth": 0}, "SmoothTerm"),
    Variant("absent-costs-nothing", {"per": "class", "absent": "zero"}, "Degenerate"),
    Variant("foreground", EACH | {"classes": "foreground"}, "WrongDivisor"),
    Variant("one-class-of-a-sample", {"per": "sample", "classes": [1]}, "MaskedLeak"),
    Variant("class-weights-over-all", {"class_weights": [0.3, 2]}, "RoundedConstant"),
    Variant("class-weights", EACH | {"class_weights": [0.3, 2]}, "WeightAsDivisor RoundedConstant"),
]


def weighted(false_positive, false_negative, **more):
    return EACH | {
        "false_positive_weight": false_positive, "false_negative_weight": false_negative} | more


PROBABILITIES = {"from_logits": False}
# Where a power below 1 has no finite slope.
PERFECT = {
    "nothing-over-nothing", "nothing-over-nothing-unsmoothed", "perfect", "almost-perfect",
    "masked-sample", "softmax-saturated",
}

CORRELATED = [
    Regime("one-kind-of-target", "a target of one kind has no correlation without smoothing", "EmptyTarget",
        overlap([0.5, 0.25], [1.0, 1.0]), options={"smooth": 0}, roles=()),
    Regime("opposite", "a prediction that is wrong everywhere costs two", "SmoothTerm",
        overlap([1.0, 0.0], [0.0, 1.0]), options={"smooth": 0}, roles=()),
    Regime("true-negatives", "true negatives count", "IgnoredInput",
        overlap([0.75, 0.25, 0.125, 0.0], [1.0, 0.0, 0.0, 0.0])),
    Regime("class-axis-first", "classes along the first axis", "WrongAxis",
        overlap([[0.9, 0.2, 0.7], [0.1, 0.8, 0.9]], [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]),
        options={"per": "class"}, class_axis=0),
    Regime("class-indices", "class indices stand for one-hot targets", "OneBasedClass",
        {"prediction": [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], "target": [0, 2]}),
    Regime("masked-places", "what the mask removes is in no sum", "MaskedLeak MaskedNaN",
        overlap([[0.5, 0.25, 0.75]], [[1.0, 0.0, 1.0]]) | {"mask": [[True, True, False]]}),
]

WEIGHED = [
    Regime("absent-class", "an absent class weighs as much as the rarest one", "EmptyTarget",
        overlap([[[0.5, 0.25], [0.75, 0.125]]], [[[1.0, 0.0], [1.0, 0.0]]])),
    Regime("nothing-true", "where nothing is true nothing weighs", "EmptyTarget",
        overlap([[[0.5, 0.25], [0.75, 0.125]]], [[[0.0, 0.0], [0.0, 0.0]]])),
    Regime("class-indices", "class indices stand for one-hot targets", "OneBasedClass",
        {"prediction": [[[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]]], "target": [[0, 2]]}),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        overlap([[[0.9, 0.2], [0.1, 0.8]], [[0.3, 0.5], [0.7, 0.5]]],
            [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]), class_axis=1),
    Regime("class-axis-first", "classes before the samples", "WrongAxis",
        overlap([[[0.9, 0.2], [0.1, 0.8]], [[0.3, 0.5], [0.7, 0.5]]],
            [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]), class_axis=0),
    Regime("softmax-saturated", "one logit of ten thousand is certain", "Saturation Overflow",
        overlap([[[1e4, 0.0], [0.0, -1e4]]], [[[1.0, 0.0], [0.0, 1.0]]]),
        options={"activation": "softmax"}),
    Regime("masked-places", "what the mask removes is in no sum", "MaskedLeak MaskedNaN",
        overlap([[[0.5, 0.25], [0.75, 0.1]]], [[[1.0, 0.0], [0.0, 1.0]]])
        | {"mask": [[[True, False], [True, True]]]}),
]

HINGES = [
    Regime("nothing-true", "without foreground the largest error counts alone", "EmptyTarget",
        overlap([[0.5, -0.25, 0.75]], [[0.0, 0.0, 0.0]])),
    Regime("all-true", "every error weighs the same", "EmptyTarget",
        overlap([[0.5, -0.25, 0.75]], [[1.0, 1.0, 1.0]])),
    Regime("no-errors", "margins that are kept cost nothing", "FloorAtZero",
        overlap([[1.5, -2.0]], [[1.0, 0.0]])),
    Regime("large-logits", "logits of ten thousand", "Overflow",
        overlap([[-1e4, 2e4, 1e4]], [[1.0, 0.0, 1.0]])),
    Regime("one-place", "a region of one place", "Degenerate", overlap([[0.25]], [[1.0]])),
    Regime("masked-places", "what the mask removes is no place", "MaskedLeak MaskedNaN",
        overlap([[0.5, 0.25, 0.75]], [[1.0, 0.0, 0.0]]) | {"mask": [[True, False, True]]}),
]

SORTED = [
    Regime("absent-class", "an absent class is left out of the mean", "EmptyTarget",
        {"prediction": [[[0.5, 0.25, -1.0], [0.75, -0.125, 2.0]]], "target": [[0, 0]]}),
    Regime("absent-class-counted", "an absent class costs its largest error", "EmptyTarget",
        {"prediction": [[[0.5, 0.25, -1.0], [0.75, -0.125, 2.0]]], "target": [[0, 0]]},
        options={"classes": "all"}),
    Regime("saturated", "one logit of ten thousand is certain", "Saturation Overflow",
        {"prediction": [[[1e4, 0.0], [0.5, -1e4]]], "target": [[1, 0]]}),
    Regime("sure-and-right", "what a sure prediction leaves keeps its digits", "Cancellation",
        {"prediction": [[[30.0, 0.0], [1.0, 41.0]]], "target": [[0, 1]]}, parts=0, sensitive=True),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        {"prediction": [[[1.0, -0.5], [0.25, 2.0]], [[-0.75, 0.5], [1.5, 0.125]]],
            "target": [[0, 1], [1, 0]]}, class_axis=1),
    Regime("class-axis-first", "classes before the samples", "WrongAxis",
        {"prediction": [[[1.0, -0.5], [0.25, 2.0]], [[-0.75, 0.5], [1.5, 0.125]]],
            "target": [[0, 1], [1, 0]]}, class_axis=0),
    Regime("masked-places", "what the mask removes is no place of its class", "MaskedLeak",
        {"prediction": [[[0.7, 0.3], [0.25, 0.75], [0.4, 0.6]]], "target": [[0, 1, 0]],
            "mask": [[[True, False], [True, True], [False, True]]]}, options=PROBABILITIES),
]

TABLES = [
    Table("dice", "One minus the overlap, relative to the sizes", TYPICAL, OVERLAP_VARIANTS + [
        Variant("unsmoothed", EACH | {"smooth": 0}, "SmoothTerm"),
        Variant("squared", EACH | {"squared": True}),
        Variant("squared-sigmoid", EACH | {"squared": True, "activation": "sigmoid"}, inputs=LOGITS),
        Variant("jaccard", EACH | {"jaccard": True, "smooth": 0.2}, "SmoothTerm"),
        Variant("jaccard-squared", EACH | {"jaccard": True, "squared": True}),
    ], REGIMES, options=EACH, parts=0.5),
    Table("tversky", "One minus the overlap, with weights for the two kinds of error", TYPICAL,
        OVERLAP_VARIANTS + [
            Variant("false-negatives-heavy", weighted(0.3, 0.7), "BetaSide"),
            Variant("false-positives-heavy", weighted(0.9, 0.1), "BetaSide"),
            Variant("jaccard", weighted(1, 1), "BetaSide"),
            Variant("false-positives-free", weighted(0, 1, smooth=0.5), "BetaSide SmoothTerm"),
        ], REGIMES, options=EACH, parts=0.5),
    Table("jaccard", "One minus the overlap, relative to what both cover", TYPICAL, SHARED_VARIANTS + [
        Variant("unsmoothed", EACH | {"smooth": 0}, "SmoothTerm"),
        Variant("squared", EACH | {"squared": True}),
        Variant("squared-sigmoid", EACH | {"squared": True, "activation": "sigmoid"}, inputs=LOGITS),
        Variant("absent-classes-free", EACH | {"absent": "zero"}, "EmptyTarget",
            inputs=TYPICAL | {"target": [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]},
            roles=("prediction",)),
    ], REGIMES, options=EACH, parts=0.5),
    Table("focal_tversky", "A power of the Tversky loss", TYPICAL, SHARED_VARIANTS + [
        Variant("gamma-two", EACH | {"gamma": 2}),
        Variant("gamma-one", EACH | {"gamma": 1}),
        Variant("false-positives-heavy", weighted(0.9, 0.1), "BetaSide"),
    ], [one for one in REGIMES if one.id not in PERFECT], options=EACH, parts=1.0),
    Table("mcc", "One minus the correlation of prediction and target", TYPICAL, [
        Variant("over-all", {"per": "all"}),
        Variant("per-class", {"per": "class"}, "WrongAxis"),
        Variant("sigmoid", {"per": "sample", "activation": "sigmoid"}, inputs=LOGITS),
        Variant("softmax", {"per": "sample", "activation": "softmax"}, inputs=LOGITS),
        Variant("from-logits", {"per": "sample", "from_logits": True}, inputs=LOGITS),
        Variant("from-logits-of-one-class", {"from_logits": True}, "Degenerate", inputs=ONE_CLASS),
        Variant("unsmoothed", {"per": "sample", "smooth": 0}, "SmoothTerm"),
        Variant("smooth-fifth", {"per": "sample", "smooth": 0.2}, "SmoothTerm RoundedConstant"),
    ], CORRELATED, roles=("prediction",), options={"per": "sample"}, parts=2.0),
    Table("generalized_dice", "One minus the overlap of all classes, rare ones weighing more", TYPICAL, [
        Variant("simple", {"weighting": "simple"}),
        Variant("uniform", {"weighting": "uniform"}),
        Variant("over-all", {"per": "all"}),
        Variant("sigmoid", {"activation": "sigmoid"}, inputs=LOGITS),
        Variant("softmax", {"activation": "softmax"}, inputs=LOGITS),
        Variant("from-logits", {"from_logits": True}, inputs=LOGITS),
        Variant("from-logits-of-one-class", {"from_logits": True}, "Degenerate", inputs=ONE_CLASS),
        Variant("smooth-one", {"smooth": 1}, "SmoothTerm"),
        Variant("smooth-denominator", {"smooth": 0, "smooth_denominator": 0.2}, "SmoothTerm"),
        Variant("foreground", {"classes": "foreground"}, "WrongDivisor"),
        Variant("one-class-softmax", {"classes": [1], "activation": "softmax"}, "MaskedLeak", inputs=LOGITS),
    ], WEIGHED, roles=("prediction",), parts=0.5),
    Table("lovasz_hinge", "A convex surrogate of the Jaccard loss of one class",
        {"prediction": [[0.5, -1.25, 2.0], [-0.75, 0.25, 0.875]],
            "target": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]},
        [Variant("over-all", {"per": "all"})], HINGES, roles=("prediction",), options={"per": "sample"}),
    Table("lovasz_softmax", "A convex surrogate of the mean Jaccard loss of classes",
        {"prediction": [[[2.0, -1.0, 0.5], [0.25, 1.5, -0.75]], [[1.0, 0.0, -2.0], [-0.5, 0.75, 1.25]]],
            "target": [[0, 1], [2, 2]]},
        [
            Variant("over-all", {"per": "all"}),
            Variant("all-classes", {"per": "sample", "classes": "all"}, "EmptyTarget"),
            Variant("probabilities", {"per": "sample", "from_logits": False}, inputs={
                "prediction": [[[0.7, 0.2, 0.1], [0.25, 0.5, 0.25]], [[0.125, 0.5, 0.375], [0.3, 0.6, 0.1]]],
                "target": [[0, 1], [2, 2]]}),
        ], SORTED, roles=("prediction",), options={"per": "sample"}, parts=0.5),
]
