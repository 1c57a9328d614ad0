"""Losses of couples, and of lists in order."""

from math import nan

from precise.table import Regime, Table, Variant


def couple(first, second, target):
    return {"first": first, "second": second, "target": target}


def distance(prediction, target):
    return {"prediction": prediction, "target": target}


MARGINS = [
    Regime("equal-scores", "equal scores stand on the kink without a margin", "Kink Tie",
        couple([1.0, 0.0], [1.0, -0.0], [1.0, -1.0]),
        slopes={"first": [0.0, 0.0], "second": [0.0, 0.0]}),
    Regime("at-the-margin", "scores exactly a margin apart cost nothing", "Kink",
        couple([2.0, 1.0], [1.0, 2.0], [1.0, -1.0]), options={"margin": 1},
        slopes={"first": [0.0, 0.0], "second": [0.0, 0.0]}),
    Regime("beside-the-margin", "one ulp inside the margin and outside", "NearKink",
        lambda s: couple([2 - 2 * s.eps, 2 + 2 * s.eps], [1.0, 1.0], [1.0, 1.0]), options={"margin": 1}),
    Regime("beside-equal", "one ulp on either side of a tie", "NearKink Cancellation",
        lambda s: couple([1 + s.eps, 1 - s.eps / 2], [1.0, 1.0], [1.0, 1.0])),
    Regime("wrong-order", "the second is to be higher and is not", "SwappedRoles SignFlip",
        couple([3.0, 0.5], [1.0, -2.0], [-1.0, -1.0])),
    Regime("huge", "huge scores of opposite signs", "Overflow",
        lambda s: couple([s.huge, -s.huge], [-s.huge, s.huge], [-1.0, 1.0])),
    Regime("tiny", "scores near the smallest number", "Underflow",
        lambda s: couple([s.tiny, 0.0], [0.0, s.tiny], [-1.0, 1.0])),
    Regime("margin-beside-huge", "the margin is lost beside the scores, not the scores", "Overflow",
        couple([1e6, -1e6], [-1e6, 1e6], [-1.0, 1.0]), options={"margin": 0.5}),
    Regime("negative-margin", "a negative margin forgives small mistakes", "IgnoredOption",
        couple([0.5, 2.0], [0.75, 3.0], [1.0, 1.0]), options={"margin": -0.5}),
    Regime("whole-labels", "whole numbers as labels", "PromotedElement",
        {"first": [0.3, -0.2], "second": [0.7, 0.1], "target": [1, -1]}, options={"margin": 0.25},
        reduction="mean"),
    Regime("single-number", "one couple without an axis", "Degenerate", couple(0.25, 0.75, 1.0)),
    Regime("nan", "NaN stays in its own term", "LostNaN",
        couple([nan, 1.0], [0.0, 2.0], [1.0, 1.0]), roles=()),
    Regime("lost-addends", "a large term before small ones", "LostAddend",
        couple([-4096.0] + [-0.9] * 11, [0.0] * 12, [1.0] * 12), reduction="sum"),
]

CONTRASTS = [
    Regime("at-the-margin", "both branches agree at the margin", "Kink",
        distance([1.0], [1.0])),
    Regime("beside-the-margin", "one ulp inside the margin and outside", "NearKink Cancellation",
        lambda s: distance([1 - s.eps / 2, 1 + s.eps], [1.0, 1.0])),
    Regime("no-distance", "equal things of one class, and of two", "SwappedRoles",
        distance([0.0, 0.0], [0.0, 1.0])),
    Regime("far-apart", "far apart costs nothing for two classes", "SwappedRoles",
        distance([5.0, 5.0], [0.0, 1.0])),
    Regime("between-labels", "a label between the two", "SoftTargets",
        distance([0.5, 0.75, 2.0], [0.25, 0.5, 0.75]), unchecked=True),
    Regime("huge", "distances whose squares are near the largest number", "Overflow",
        lambda s: distance([s.huge, s.huge], [0.0, 1.0])),
    Regime("tiny", "distances whose squares are near the smallest number", "Underflow",
        lambda s: distance([s.tiny, s.tiny], [0.0, 1.0])),
    Regime("margin-zero", "without a margin two classes cost nothing", "IgnoredOption",
        distance([0.5, 2.0], [1.0, 0.0]), options={"margin": 0}),
    Regime("margin-tenth", "the margin is where the element has it", "RoundedConstant",
        distance([0.05, 0.2], [1.0, 1.0]), options={"margin": 0.1}),
    Regime("whole-labels", "whole numbers as labels", "PromotedElement",
        {"prediction": [0.3, 0.7], "target": [1, 0]}, reduction="mean"),
    Regime("single-number", "one distance without an axis", "Degenerate", distance(0.25, 1.0)),
    Regime("nan", "NaN stays in its own term", "LostNaN",
        distance([nan, 0.5], [1.0, 1.0]), roles=()),
]

LISTS = distance(
    [[0.5, -1.0, 2.0], [1.25, 0.0, -0.75]], [[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]])


def ranked(*more, **places):
    """What every loss of lists is tried on."""
    return [
        Regime("padding", "padded items are not there", "Padding",
            distance([[0.5, 7.0, -1.0, 2.0]], [[1.0, -1.0, 2.0, 0.0]])),
        Regime("padding-in-front", "the same list padded in front", "Padding",
            distance([[-50.0, 0.5, -1.0, 2.0]], [[-1.0, 1.0, 2.0, 0.0]])),
        Regime("only-padding", "a list of padding does not count", "Padding EmptyMean",
            distance([[0.5, 7.0, -1.0], [0.5, -1.0, 2.0]], [[-1.0, -1.0, -1.0], [1.0, 2.0, 0.0]]),
            reduction="mean"),
        Regime("equal-relevances", "equally relevant items", "Tie",
            distance([[0.5, -1.0, 2.0]], [[1.0, 1.0, 0.0]])),
        Regime("shifted", "what is added to all scores changes nothing", "Cancellation",
            distance([[100.5, 99.0, 102.0]], [[1.0, 2.0, 0.0]])),
        Regime("right-order", "scores in the right order", "SignFlip",
            distance([[3.0, 1.0, -1.0]], [[2.0, 1.0, 0.0]])),
        Regime("one-item", "a list of one item", "Degenerate", distance([[0.75]], [[2.0]])),
        Regime("far-apart", "scores of any size", "Overflow",
            distance([[-1000.0, 1000.0]], [[1.0, 0.0]]), parts=0, sensitive=True),
        Regime("item-axis-first", "items along the first axis", "WrongAxis",
            distance([[0.5, 1.25], [-1.0, 0.0]], [[1.0, 0.0], [2.0, 3.0]]), class_axis=0),
        Regime("whole-relevances", "whole numbers as relevances", "PromotedElement",
            {"prediction": [[0.5, -1.0, 2.0]], "target": [[1, 2, 0]]}, reduction="mean"),
        Regime("nan", "NaN stays in its own list", "LostNaN",
            distance([[nan, 1.0], [0.5, 1.5]], [[0.0, 1.0], [1.0, 0.0]]), roles=()),
        *more,
    ]


TABLES = [
    Table("margin_ranking", "How far a couple of scores is from the right order and a margin",
        couple([[0.5, -1.0, 2.0], [0.1, 0.0, -0.75]], [[1.5, 0.25, 1.0], [0.3, 2.0, 0.5]],
            [[1.0, -1.0, 1.0], [1.0, 1.0, -1.0]]),
        [
            Variant("margin-half", {"margin": 0.5}),
            Variant("margin-three", {"margin": 3}),
            Variant("margin-tenth", {"margin": 0.1}, "RoundedConstant"),
        ], MARGINS, roles=("first", "second")),
    Table("siamese_contrastive", "Small distances for one class, a margin for two",
        distance([[0.5, 1.5, 0.25], [3.0, 0.1, 0.75]], [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]),
        [
            Variant("margin-two", {"margin": 2}),
            Variant("margin-half", {"margin": 0.5}),
            Variant("margin-tenth", {"margin": 0.3}, "RoundedConstant"),
        ], CONTRASTS, roles=("prediction",)),
    Table("ranknet", "The surprise at the order of couples of a list", LISTS,
        [
            Variant("sigma-two", {"sigma": 2}),
            Variant("by-difference", {"pair_weights": "difference"}),
            Variant("by-difference-of-squares", {"pair_weights": "difference_of_squares"}),
        ], ranked(), roles=("prediction",), sensitive=True),
    Table("pairwise_hinge", "How far couples of a list are from the right order", LISTS,
        [Variant("margin-tenth", {"margin": 0.1}, "RoundedConstant")],
        ranked(Regime("at-the-margin", "scores a margin apart cost nothing", "Kink",
            distance([[2.0, 1.0]], [[1.0, 0.0]]), slopes={"prediction": [[0.0, 0.0]]}, sensitive=False)),
        roles=("prediction",), sensitive=True),
    Table("ranking_softmax", "The surprise at each item being the best", LISTS,
        [Variant("of-sum", {"shares": "of_sum"}), Variant("softmax", {"shares": "softmax"})],
        ranked(Regime("nothing-relevant", "a list of relevances 0", "EmptyTarget",
            distance([[2.0, 1.0]], [[0.0, 0.0]]), options={"shares": "of_sum"})),
        roles=("prediction",), sensitive=True),
    Table("list_mle", "The surprise at the true order", LISTS, [],
        ranked(), roles=("prediction",), sensitive=True),
    Table("lambda", "The surprise at couples by what they mean for NDCG", LISTS,
        [
            Variant("ndcg-loss1", {"weighting": "ndcg_loss1"}),
            Variant("ndcg-loss2", {"weighting": "ndcg_loss2"}),
            Variant("ndcg-loss2pp", {"weighting": "ndcg_loss2pp"}, parts=0, sensitive=True),
            Variant("mu-three", {"weighting": "ndcg_loss2pp", "mu": 3}, parts=0, sensitive=True),
            Variant("sigma-two", {"sigma": 2}),
            Variant("two-ranks", {"k": 2}),
            Variant("base-two", {"base_two": True}),
        ], ranked(Regime("nothing-relevant", "a list of relevances 0", "EmptyTarget",
            distance([[2.0, 1.0]], [[0.0, 0.0]]))),
        roles=("prediction",), parts=0.5),
    Table("approx_ndcg", "NDCG of smooth ranks", LISTS,
        [Variant("temperature-one", {"temperature": 1})],
        ranked(Regime("nothing-relevant", "a list of relevances 0", "EmptyTarget",
            distance([[2.0, 1.0]], [[0.0, 0.0]]))),
        roles=("prediction",), options={"temperature": 0.5}, parts=1.0),
    Table("neural_ndcg", "NDCG of a smooth permutation", LISTS,
        [Variant("temperature-half", {"temperature": 0.5})],
        ranked(Regime("nothing-relevant", "a list of relevances 0", "EmptyTarget",
            distance([[2.0, 1.0]], [[0.0, 0.0]]))),
        roles=("prediction",), parts=1.0),
]
