"""Losses of vectors that stand for things."""

from math import nan

from precise.table import Regime, Table, Variant


def triplet(anchor, positive, negative):
    return {"anchor": anchor, "positive": positive, "negative": negative}


def couple(first, second, target):
    return {"first": first, "second": second, "target": target}


def image_texts(prediction, target, scale, bias=None):
    inputs = {"prediction": prediction, "target": target, "scale": scale}
    return inputs if bias is None else inputs | {"bias": bias}


def distance(prediction, target):
    return {"prediction": prediction, "target": target}


NO_TRIPLET = {role: [[0.0, 0.0]] for role in ("anchor", "positive", "negative")}

TRIPLETS = [
    Regime("at-the-margin", "a negative exactly a margin further away costs nothing", "Kink",
        triplet([[0.0, 0.0]], [[3.0, 4.0]], [[6.0, 0.0]]), slopes=NO_TRIPLET, sensitive=False),
    Regime("far-negative", "a negative further away costs nothing", "",
        triplet([[0.0, 0.0]], [[3.0, 4.0]], [[9.0, 0.0]])),
    Regime("anchor-is-positive", "a distance of zero has no direction", "Kink ZeroNorm AddedEpsilon",
        triplet([[1.0, 2.0]], [[1.0, 2.0]], [[1.0, 2.5]]),
        slopes={"anchor": [[0.0, 1.0]], "positive": [[0.0, 0.0]], "negative": [[0.0, -1.0]]}, sensitive=False),
    Regime("all-equal", "three equal vectors cost the margin", "Kink ZeroNorm",
        triplet([[1.0, 2.0]], [[1.0, 2.0]], [[1.0, 2.0]]), slopes=NO_TRIPLET, sensitive=False),
    Regime("swapped", "the negative is nearer to the positive", "SwappedRoles IgnoredOption",
        triplet([[0.0, 0.0]], [[3.0, 4.0]], [[3.0, 6.5]]), options={"swap": True}),
    Regime("huge", "differences whose squares overflow", "Overflow",
        lambda s: triplet([[3 * s.huge, 4 * s.huge]], [[0.0, 0.0]], [[0.0, 4 * s.huge]]), sensitive=False),
    Regime("tiny", "differences whose squares vanish", "Underflow",
        lambda s: triplet([[3 * s.tiny**1.2, 4 * s.tiny**1.2]], [[0.0, 0.0]], [[0.0, 4 * s.tiny**1.2]]),
        options={"margin": 0}),
    Regime("cubes", "the cubic distance of huge differences", "Overflow",
        lambda s: triplet([[3 * s.huge, 4 * s.huge]], [[0.0, s.huge]], [[0.0, 4 * s.huge]]),
        options={"p": 3}),
    Regime("axis-first", "features along the first axis", "WrongAxis",
        triplet([[0.5, 1.0], [1.5, -0.5]], [[1.0, 2.0], [0.0, 0.25]], [[0.75, 0.5], [1.0, -2.0]]),
        class_axis=0),
    Regime("one-feature", "vectors of one number", "Degenerate",
        triplet([[0.5]], [[2.0]], [[1.25]])),
    Regime("nan", "NaN stays in its own term", "LostNaN",
        triplet([[nan, 1.0], [0.0, 0.0]], [[0.0, 2.0], [3.0, 4.0]], [[1.0, 1.0], [1.0, 0.0]]), roles=()),
]

ANGLES = [
    Regime("parallel", "the same direction costs nothing if alike", "",
        couple([[3.0, 4.0]], [[6.0, 8.0]], [1.0])),
    Regime("at-the-margin", "a right angle stands on the kink", "Kink",
        couple([[3.0, 4.0]], [[-4.0, 3.0]], [-1.0]),
        slopes={"first": [[0.0] * 2], "second": [[0.0] * 2]}, sensitive=False),
    Regime("opposite", "opposite directions cost 2 if alike, nothing if not", "SwappedRoles",
        couple([[3.0, 4.0], [3.0, 4.0]], [[-3.0, -4.0], [-3.0, -4.0]], [1.0, -1.0])),
    Regime("zero-vector", "a zero vector has no direction", "Kink ZeroNorm",
        couple([[0.0, 0.0]], [[1.0, 2.0]], [1.0]), slopes={"first": [[0.0] * 2], "second": [[0.0] * 2]}),
    Regime("tiny-vectors", "the squares of the lengths vanish", "ScaleInvariance Underflow",
        lambda s: couple([[3 * s.tiny**1.3, 4 * s.tiny**1.3]], [[s.tiny**1.3, 2 * s.tiny**1.3]], [-1.0])),
    Regime("huge-vectors", "the squares of the lengths overflow", "ScaleInvariance Overflow",
        lambda s: couple([[3 * s.huge**1.5, 4 * s.huge**1.5]], [[0.0, s.huge**1.5]], [1.0])),
    Regime("lengths-far-apart", "a huge vector and a tiny one", "ScaleInvariance",
        lambda s: couple([[s.huge, -s.huge]], [[2 * s.tiny, s.tiny]], [-1.0])),
    Regime("axis-first", "features along the first axis", "WrongAxis",
        couple([[1.0, 2.0], [0.5, -1.0]], [[-2.0, 1.0], [1.0, 3.0]], [1.0, -1.0]), class_axis=0),
    Regime("whole-labels", "whole numbers as labels", "PromotedElement",
        couple([[1.0, 2.0], [0.5, 1.0]], [[2.0, 1.0], [1.0, 3.0]], [1, -1]), reduction="mean"),
    Regime("nan", "NaN stays in its own term", "LostNaN",
        couple([[nan, 1.0], [3.0, 4.0]], [[0.0, 2.0], [4.0, 3.0]], [1.0, 1.0]), roles=()),
]

HINGES = [
    Regime("at-the-margin", "a distance of the margin costs nothing", "Kink",
        distance([1.0], [-1.0]), slopes={"prediction": [0.0]}),
    Regime("beside-the-margin", "one ulp inside the margin and outside", "NearKink Cancellation",
        lambda s: distance([1 - s.eps / 2, 1 + s.eps], [-1.0, -1.0])),
    Regime("huge", "huge distances", "Overflow",
        lambda s: distance([s.huge, s.huge, -s.huge], [1.0, -1.0, -1.0])),
    Regime("negative", "what is below zero is taken as it is", "SignFlip",
        distance([-0.75, -0.75], [1.0, -1.0])),
    Regime("whole-labels", "whole numbers as labels", "PromotedElement",
        distance([0.3, 0.7], [1, -1]), reduction="mean"),
    Regime("nan", "NaN stays in its own term", "LostNaN", distance([nan, 0.5], [1.0, -1.0]), roles=()),
]

BATCH = distance(
    [[1.0, 2.0], [0.5, -1.5], [2.0, 0.75], [1.0, -0.3], [-1.0, -0.5], [0.75, -2.0]],
    [3, 7, 3, 3, 7, 7])


# Vectors within the unit circle, whose products are not above 1.
SHORT = distance(
    [[0.25, 0.5], [0.5, -0.5], [0.75, 0.25], [0.5, -0.3], [-0.75, -0.5], [0.25, -0.8]],
    [3, 7, 3, 3, 7, 7])


def batches(*more):
    """What every loss of a batch with labels is tried on."""
    return [
        Regime("three-of-a-kind", "two matches of an item", "",
            distance([[1.0, 2.0], [0.5, -1.5], [2.0, 0.75], [1.0, -0.3]], [1, 0, 1, 1])),
        Regime("large-labels", "labels that no Float32 tells apart", "PromotedElement",
            distance([[1.0, 2.0], [0.5, -1.5], [2.0, 0.75]], [16777217, 16777216, 16777217])),
        Regime("lengths", "lengths do not count", "ScaleInvariance",
            distance([[1000.0, 2000.0], [0.5, -1.5], [0.002, 0.00075], [1.0, -0.3]], [3, 7, 3, 7])),
        Regime("huge-vectors", "the squares of the lengths overflow", "ScaleInvariance Overflow",
            lambda s: distance(
                [[s.huge**1.5, 2 * s.huge**1.5], [0.5, -1.5], [2.0, 0.75]], [1, 0, 1])),
        Regime("zero-vector", "a zero vector has the cosine 0 to all", "Kink ZeroNorm",
            distance([[0.0, 0.0], [0.5, -1.5], [2.0, 0.75]], [1, 0, 1]), roles=()),
        Regime("no-strangers", "all items have one label", "Degenerate",
            distance([[1.0, 2.0], [0.5, -1.5], [2.0, 0.75]], [4, 4, 4])),
        Regime("no-matches", "no two items have one label", "Degenerate",
            distance([[1.0, 2.0], [0.5, -1.5], [2.0, 0.75]], [-1, 0, 9])),
        Regime("nan", "NaN reaches all that compare themselves with it", "LostNaN",
            distance([[nan, 2.0], [0.5, -1.5], [2.0, 0.75]], [1, 0, 1]), roles=()),
        *more,
    ]


def centred(prediction, target, centers):
    return {"prediction": prediction, "target": target, "class_centers": centers}


CENTRED = centred(
    [[1.0, 2.0], [0.5, -1.5], [-2.0, 0.75], [1.5, -1.0]], [0, 2, 1, 2],
    [[0.5, 2.5], [3.0, -0.4], [0.75, -1.0]])
CENTRES = [
    Regime("opposite-halves", "a vector far from its centre", "",
        centred([[1.0, 2.0]], [1], [[0.5, 2.5], [-3.0, -4.5], [0.75, -1.0]])),
    Regime("lengths", "lengths do not count", "ScaleInvariance",
        centred([[1000.0, 2000.0]], [0], [[0.0005, 0.0025], [3.0, -0.4]])),
    Regime("one-class", "one class is never a surprise", "Degenerate",
        centred([[1.0, 2.0]], [0], [[0.5, 2.5]])),
    Regime("nan", "NaN stays in its own term", "LostNaN",
        centred([[nan, 2.0], [0.5, -1.5]], [1, 0], [[0.5, 2.5], [3.0, -0.4]]), roles=()),
]
VIEWS = distance(
    [[1.0, 2.0], [0.5, -1.5], [-2.0, 0.75], [0.25, 0.3]],
    [[0.75, 0.5], [0.6, -0.25], [-1.0, 0.4], [0.5, -0.9]])
CENTRED_ROLES = ("prediction", "class_centers")

TABLES = [
    Table("triplet_margin", "How far a positive fails to be nearer than a negative",
        triplet(
            [[[1.0, 2.0], [0.5, -1.5]], [[-2.0, 0.75], [0.1, 0.3]]],
            [[[2.0, 0.5], [1.0, 1.0]], [[0.5, 2.5], [3.0, -0.4]]],
            [[[1.5, 2.5], [-0.5, -1.0]], [[-0.5, 0.25], [2.0, 1.3]]]),
        [
            Variant("margin-quarter", {"margin": 0.25}),
            Variant("cubes", {"p": 3}),
            Variant("sums", {"p": 1}),
            Variant("epsilon", {"epsilon": 0.125}, "AddedEpsilon"),
            Variant("root-epsilon", {"root_epsilon": 0.5}, "AddedEpsilon"),
            Variant("swap", {"swap": True}, "SwappedRoles"),
            Variant("squared", {"distance": "squared_euclidean"}),
            Variant("cosine", {"distance": "cosine"}),
            Variant("cosine-swap", {"distance": "cosine", "swap": True}),
        ], TRIPLETS, roles=("anchor", "positive", "negative"), sensitive=True),
    Table("cosine_embedding", "The angle of couples that are alike, and of those that are not",
        couple(
            [[[1.0, 2.0], [0.5, -1.5]], [[-2.0, 0.75], [0.1, 0.3]]],
            [[[2.0, 0.5], [1.0, 1.0]], [[0.5, 2.5], [3.0, -0.4]]],
            [[1.0, -1.0], [-1.0, -1.0]]),
        [
            Variant("margin-quarter", {"margin": 0.25}),
            Variant("margin-below-zero", {"margin": -0.75}),
        ], ANGLES, roles=("first", "second"), sensitive=True),
    Table("hinge_embedding", "The distance of couples that are alike, a margin for others",
        distance([[0.5, 1.5, 0.25], [3.0, 0.1, 0.75]], [[1.0, -1.0, -1.0], [1.0, 1.0, -1.0]]),
        [
            Variant("margin-two", {"margin": 2}),
            Variant("margin-tenth", {"margin": 0.3}, "RoundedConstant"),
        ], HINGES, roles=("prediction",)),
    Table("ntxent", "The surprise at each match among the strangers of a batch", BATCH,
        [Variant("temperature-half", {"temperature": 0.5})],
        batches(), roles=("prediction",), sensitive=True, options={"temperature": 0.25}),
    Table("supcon", "The mean surprise at the matches of an item", BATCH,
        [Variant("temperature-half", {"temperature": 0.5})],
        batches(), roles=("prediction",), sensitive=True, options={"temperature": 0.25}),
    Table("multi_similarity", "Matches above a cosine and strangers below it", BATCH,
        [
            Variant("alpha-three", {"alpha": 3, "beta": 5}),
            Variant("beta-five", {"beta": 5}),
            Variant("base-quarter", {"base": 0.25, "beta": 5}),
        ], batches(), roles=("prediction",), sensitive=True),
    Table("arcface", "Classes by angle, with a margin on the angle", CENTRED,
        [Variant("scale-eight", {"scale": 8}, sensitive=False, parts=4.0), Variant("margin-quarter", {"scale": 8, "margin": 0.25}, sensitive=False, parts=4.0)],
        CENTRES, roles=CENTRED_ROLES, sensitive=2),
    Table("cosface", "Classes by angle, with a margin on the cosine", CENTRED,
        [Variant("scale-eight", {"scale": 8}), Variant("margin-quarter", {"scale": 8, "margin": 0.25})],
        CENTRES, roles=CENTRED_ROLES, sensitive=2),
    Table("circle", "Matches and strangers, each by what it still lacks", BATCH,
        [
            Variant("gamma-three", {"gamma": 3}),
            Variant("margin-tenth", {"margin": 0.1}),
            Variant("match-itself", {"match_itself": True}),
            Variant("products", {"normalize": False}, inputs=SHORT),
        ],
        batches(
            Regime("beyond-the-margin", "a stranger that is further than minus the margin", "Kink",
                distance([[1.0, 0.0], [0.6, 0.8], [-0.9, 0.1]], [1, 1, 2]), options={"gamma": 2}),
            Regime("product-above-one", "a product above 1 stands for 1", "Kink",
                distance([[1.0, 0.5], [0.75, 1.0], [0.5, -0.25]], [1, 1, 2]),
                options={"normalize": False, "gamma": 2})),
        roles=("prediction",), sensitive=True, options={"gamma": 8}),
    Table("normalized_softmax", "Classes by angle", CENTRED,
        [Variant("temperature-half", {"temperature": 0.5})],
        CENTRES, roles=CENTRED_ROLES, sensitive=2, options={"temperature": 0.25}),
    Table("n_pairs", "The positive of each anchor among those of all",
        {"anchor": [[1.0, 2.0], [0.5, -1.5], [-2.0, 0.75]], "positive": [[1.5, 1.0], [0.25, -1.0], [-0.5, 0.3]]},
        [Variant("scale-half", {"scale": 0.5}), Variant("cosines", {"normalize": True, "scale": 4})],
        [
            Regime("one-couple", "one couple is never a surprise", "Degenerate",
                {"anchor": [[1.0, 2.0]], "positive": [[0.5, 2.5]]}),
            Regime("nan", "NaN reaches all that compare themselves with it", "LostNaN",
                {"anchor": [[1.0, 2.0], [0.5, 1.0]], "positive": [[nan, 2.5], [1.0, 1.0]]}, roles=()),
        ], roles=("anchor", "positive"), sensitive=True),
    Table("clip", "Each image among all texts, each text among all images",
        image_texts([[0.75, 0.5], [0.25, -1.0], [-0.5, 0.5]], [[1.0, 0.25], [0.5, -0.75], [0.25, 0.75]], 4.0), [],
        [
            Regime("one-pair", "one pair has no other", "Degenerate", image_texts([[0.75, 0.5]], [[1.0, 0.25]], 10.0)),
            Regime("equal", "texts that are equal share", "Tie",
                image_texts([[0.75, 0.5], [0.5, -0.25]], [[1.0, 0.25], [1.0, 0.25]], 10.0)),
            Regime("confident", "logits of hundreds on the right side", "Overflow",
                image_texts([[1.0, 0.0], [0.0, 1.0]], [[1.0, -1.0], [-1.0, 1.0]], 64.0)),
            Regime("wrong", "logits of ten thousand on the wrong side", "Overflow",
                image_texts([[1.0, 0.0], [0.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]], 1e4)),
            Regime("nan", "NaN reaches all that are compared with it", "LostNaN",
                image_texts([[0.5, 2.0], [1.0, 0.5]], [[nan, 2.5], [1.0, 1.0]], 1.0), roles=()),
        ], roles=("prediction", "target", "scale"), sensitive=True),
    Table("siglip", "Each image with its text, and with no other",
        image_texts([[0.75, 0.5], [0.25, -1.0], [-0.5, 0.5]], [[1.0, 0.25], [0.5, -0.75], [0.25, 0.75]], 4.0, -1.5),
        [],
        [
            Regime("no-bias", "without a bias", "",
                image_texts([[0.75, 0.5], [0.25, -1.0]], [[1.0, 0.25], [0.5, -0.75]], 2.0),
                roles=("prediction", "target", "scale")),
            Regime("one-pair", "one image and its text", "Degenerate",
                image_texts([[0.75, 0.5]], [[1.0, 0.25]], 10.0, -10.0)),
            Regime("confident", "logits of hundreds on the right side", "Overflow",
                image_texts([[1.0, 0.0], [0.0, 1.0]], [[1.0, -1.0], [-1.0, 1.0]], 64.0, 0.0)),
            Regime("wrong", "logits of ten thousand on the wrong side", "Overflow",
                image_texts([[1.0, 0.0], [0.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]], 1e4, 0.5)),
            Regime("nan", "NaN reaches all that are compared with it", "LostNaN",
                image_texts([[0.5, 2.0], [1.0, 0.5]], [[nan, 2.5], [1.0, 1.0]], 1.0, 0.0), roles=()),
        ], roles=("prediction", "target", "scale", "bias"), sensitive=True),
    Table("barlow_twins", "Each feature tells all of its counterpart and nothing else", VIEWS,
        [
            Variant("redundancy-half", {"redundancy_weight": 0.5}),
            Variant("epsilon", {"epsilon": 0.5}, "AddedEpsilon"),
            Variant("unbiased", {"unbiased": True}),
        ],
        [
            Regime("constant-feature", "a constant feature has no correlation", "Kink ZeroNorm",
                distance([[1.0, 2.0], [1.0, -1.5], [1.0, 0.75]], [[1.5, 2.5], [0.5, -1.0], [-0.5, 0.25]]), roles=()),
            Regime("large", "features around a large number", "Cancellation",
                distance([[1001.0, 2.0], [1000.5, -1.5], [998.0, 0.75]], [[1.5, 2.5], [0.5, -1.0], [-0.5, 0.25]])),
            Regime("nan", "NaN stays", "LostNaN",
                distance([[nan, 2.0], [0.5, -1.5]], [[1.5, 2.5], [0.5, -1.0]]), roles=()),
        ], parts=0.25),
    Table("vicreg", "Views alike, features spread and different", VIEWS,
        [
            Variant("invariance", {"invariance": 3}),
            Variant("variance", {"variance": 2}),
            Variant("covariance", {"covariance": 5}),
            Variant("epsilon", {"epsilon": 0.125}, "AddedEpsilon"),
        ],
        [
            Regime("collapsed", "all samples are the same", "Degenerate",
                distance([[1.0, 2.0], [1.0, 2.0]], [[0.5, 1.0], [0.5, 1.0]])),
            Regime("one-sample", "one sample has no variance", "Degenerate",
                distance([[1.0, 2.0]], [[0.5, -1.0]])),
            Regime("nan", "NaN stays", "LostNaN",
                distance([[nan, 2.0], [0.5, -1.5]], [[1.5, 2.5], [0.5, -1.0]]), roles=()),
        ], sensitive=True),
]
