"""Losses of boxes."""

from math import nan

from precise.table import F64, Regime, Table, Variant

TYPICAL = {
    "prediction": [[[0.5, 1.0, 2.5, 3.0], [-1.0, 0.0, 1.5, 0.75], [2.0, 2.0, 5.0, 2.5]]],
    "target": [[[1.0, 0.5, 3.0, 2.0], [-0.5, 0.25, 1.0, 0.5], [1.5, 1.0, 4.0, 4.0]]],
}


def boxes(prediction, target):
    return {"prediction": [prediction], "target": [target]}


def regimes():
    return [
        Regime("nearly-equal", "what two boxes do not share is a small difference", "Cancellation",
            lambda s: boxes([1.0, 2.0, 3.0 + 4 * s.eps, 5.0], [1.0, 2.0 - 2 * s.eps, 3.0, 5.0 + 8 * s.eps]),
            options={"epsilon": 1e-30}, roles=()),
        Regime("equal", "equal boxes cost nothing", "Kink AddedEpsilon",
            boxes([1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 3.0, 5.0]), roles=()),
        Regime("equal-with-epsilon", "equal boxes cost epsilon over their area", "Kink AddedEpsilon",
            boxes([1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 3.0, 5.0]), options={"epsilon": 1e-3}, roles=()),
        Regime("equal-small", "equal boxes of side 1e-4 cost nothing", "Kink AddedEpsilon",
            boxes([0.5, 0.5, 0.5001, 0.5001], [0.5, 0.5, 0.5001, 0.5001]), roles=()),
        Regime("equal-points", "two boxes that are one point cost nothing", "Degenerate",
            boxes([0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5]), roles=()),
        Regime("two-points", "two boxes that are different points share nothing", "Degenerate",
            boxes([0.5, 0.5, 0.5, 0.5], [0.75, 0.5, 0.75, 0.5]), roles=()),
        Regime("inside", "one box lies inside the other", "",
            boxes([0.0, 0.0, 4.0, 3.0], [1.0, 0.5, 2.0, 2.75])),
        Regime("crossing", "two bars cross", "", boxes([0.0, 1.0, 4.0, 2.0], [1.5, 0.0, 2.25, 3.5])),
        Regime("apart-along-one", "boxes side by side", "",
            boxes([0.0, 0.0, 1.0, 2.0], [3.0, 0.5, 4.5, 1.75])),
        Regime("apart-along-both", "boxes apart along both axes", "",
            boxes([0.0, 0.0, 1.0, 2.0], [3.0, 4.0, 4.5, 5.0])),
        Regime("touching", "boxes that touch share nothing", "Kink",
            boxes([0.0, 0.0, 1.0, 2.0], [1.0, 0.5, 3.0, 1.5]), roles=()),
        Regime("empty", "an empty box covers nothing", "Degenerate",
            boxes([0.5, 0.5, 0.5, 0.5], [0.0, 0.0, 1.0, 3.0]), roles=()),
        Regime("exchanged-corners", "a box whose corners are exchanged is empty", "Degenerate",
            boxes([2.0, 1.0, 0.5, 3.0], [0.0, 0.0, 1.0, 2.5])),
        Regime("large", "boxes of pixels of a large image", "",
            boxes([100.0, 250.0, 1800.0, 930.0], [180.0, 200.0, 1750.0, 1010.0])),
        Regime("tiny", "boxes of a small part of the image", "AddedEpsilon Underflow",
            boxes([1e-4, 1e-4, 3e-4, 2.5e-4], [1.5e-4, 0.0, 4e-4, 2e-4]), parts=2048.0),
        Regime("one-box", "one box without another axis", "Degenerate",
            {"prediction": [0.0, 0.0, 2.0, 1.0], "target": [0.5, 0.25, 2.5, 2.0]}),
        Regime("nan", "NaN stays in its own term", "LostNaN",
            {"prediction": [[nan, 0.0, 2.0, 1.0], [0.0, 0.0, 2.0, 1.0], [0.0, 0.0, 2.0, 1.0]],
             "target": [[0.5, 0.25, 2.5, 2.0], [0.5, 0.25, 2.5, nan], [0.5, 0.25, 2.5, 2.0]]}, roles=()),
    ]


EPSILON = Variant("epsilon-large", {"epsilon": 0.5}, "AddedEpsilon")

TABLES = [
    Table("giou", "Generalized IoU of boxes", TYPICAL, [EPSILON], regimes(), parts=2.0),
    Table("diou", "Distance IoU of boxes", TYPICAL, [EPSILON], regimes()),
    Table("ciou", "Complete IoU of boxes", TYPICAL, [
        EPSILON, Variant("followed-alpha", {"constant_alpha": False}, "IgnoredOption")], regimes(), parts=2.0),
]
