"""Distances from boundaries."""

from precise.segmentation import overlap
from precise.table import Regime, Table, Variant

# Samples of places in a row, and of two classes.
ROW = {
    "prediction": [[[2.0, -1.0], [0.5, 1.25], [-1.5, 0.75]], [[-0.75, 0.25], [-2.5, 1.5], [1.0, 0.5]]],
    "target": [[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]],
}
CHANCES = ROW | {
    "prediction": [[[0.9, 0.1], [0.6, 0.75], [0.2, 0.7]], [[0.3, 0.55], [0.1, 0.8], [0.75, 0.4]]]}
# One sample of two by three places, and of one class.
PLANE = overlap(
    [[[[0.9], [0.2], [0.6]], [[0.3], [0.7], [0.1]]]], [[[[1.0], [0.0], [0.0]], [[0.0], [0.0], [0.0]]]])
LOGITS = {"from_logits": True}

REGIMES = [
    Regime("plane", "the distance across a corner is a square root", "WrongAxis", PLANE),
    Regime("space", "three axes of places", "WrongAxis",
        overlap([[[[[0.9], [0.2]], [[0.6], [0.3]]], [[[0.7], [0.1]], [[0.8], [0.4]]]]],
            [[[[[1.0], [0.0]], [[0.0], [0.0]]], [[[0.0], [0.0]], [[0.0], [0.0]]]]])),
    Regime("far", "a distance of several places", "Cancellation",
        overlap([[[0.1], [0.2], [0.3], [0.4], [0.6], [0.9]]], [[[0.0], [0.0], [0.0], [0.0], [0.0], [1.0]]])),
    Regime("nothing-true", "a class that is nowhere true has no boundary", "EmptyTarget",
        overlap([[[0.6], [0.25], [0.75]]], [[[0.0], [0.0], [0.0]]])),
    Regime("all-true", "a class that is everywhere true has no boundary", "EmptyTarget",
        overlap([[[0.6], [0.25], [0.75]]], [[[1.0], [1.0], [1.0]]])),
    Regime("one-place", "one place has no boundary", "Degenerate", overlap([[0.75]], [[1.0]])),
    Regime("soft-target", "a target of more than a half is inside", "SoftTargets",
        overlap([[[0.6], [0.25], [0.75]]], [[[0.25], [0.75], [0.51]]])),
    Regime("saturated", "logits of ten thousand are certain", "Saturation Overflow",
        overlap([[[1e4, 0.0], [0.0, 2e4], [5e3, -1e4]]], [[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]]), options=LOGITS),
    Regime("class-indices", "class indices stand for one-hot targets", "OneBasedClass",
        {"prediction": [[[0.7, 0.2, -0.1], [0.3, 0.5, 1.4]]], "target": [[0, 2]]}, options=LOGITS),
    Regime("class-axis-middle", "classes between samples and places", "WrongAxis",
        overlap([[[0.9, -0.2, 0.5], [0.1, 1.8, -0.5]]], [[[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]]), options=LOGITS,
        class_axis=1),
    Regime("class-axis-first", "classes before the samples", "WrongAxis",
        overlap([[[0.9, -0.2, 0.5]], [[0.1, 1.8, -0.5]]], [[[1.0, 0.0, 0.0]], [[0.0, 1.0, 1.0]]]), options=LOGITS,
        class_axis=0),
    Regime("masked-places", "what the mask removes lies outside, and is in no mean", "MaskedLeak MaskedNaN",
        overlap([[[0.6], [0.25], [0.75], [0.9]]], [[[1.0], [1.0], [0.0], [1.0]]])
        | {"mask": [[[True], [False], [True], [True]]]}),
    Regime("all-masked", "where nothing is kept the mean is 0", "EmptyMean",
        overlap([[[0.6], [0.25]]], [[[1.0], [0.0]]]) | {"mask": [[[False], [False]]]}),
]

VARIANTS = [
    Variant("probabilities", {}, inputs=CHANCES),
    Variant("sigmoid", {"activation": "sigmoid"}),
    Variant("softmax", {"activation": "softmax"}),
    Variant("foreground", LOGITS | {"classes": "foreground"}, "WrongDivisor"),
    Variant("one-class-of-all", LOGITS | {"classes": [0], "per": "all"}, "WrongDivisor"),
    Variant("over-all", LOGITS | {"per": "all"}),
    Variant("per-sample", LOGITS | {"per": "sample"}),
    Variant("per-class", LOGITS | {"per": "class"}, "WrongAxis"),
]

TABLES = [
    Table("boundary", "Probabilities times the distance from the boundary of the target", ROW, VARIANTS,
        REGIMES, roles=("prediction",), options=LOGITS, parts=1.0),
    Table("hausdorff_dt", "Squared errors times the distances from both boundaries", ROW, VARIANTS + [
        Variant("alpha-one", LOGITS | {"alpha": 1}),
        Variant("alpha-five-quarters", LOGITS | {"alpha": 1.25}),
        Variant("logarithmic", LOGITS | {"logarithmic": True}),
        Variant("logarithmic-over-all", LOGITS | {"logarithmic": True, "per": "all"}),
    ], REGIMES, roles=("prediction",), options=LOGITS, parts=1.0),
]
