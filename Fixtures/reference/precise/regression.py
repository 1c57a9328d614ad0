"""Distances of numbers and of vectors, and penalties."""

from math import inf, nan

from precise.table import F32, F64, Regime, Table, Variant

TYPICAL = {
    "prediction": [[1.5, -2.0, 0.25], [3.0, 0.1, -0.75]],
    "target": [[1.0, 0.5, -0.5], [2.5, 0.3, 1.0]],
}
NO_SLOPE = {"prediction": [0.0, 0.0], "target": [0.0, 0.0]}


def pair(prediction, target):
    return {"prediction": prediction, "target": target}


def residuals(slopes_at_zero=None):
    """What every loss of a residual is tried on."""
    return [
        Regime("one-ulp-apart", "neighbouring numbers differ", "Cancellation NearKink",
            lambda s: pair([1 + s.eps, 1 - s.eps / 2, -3.0], [1.0, 1.0, -3.0 + 2 * s.eps])),
        Regime("equal", "prediction and target are equal, of either sign of zero", "Kink",
            pair([0.0, 2.5], [-0.0, 2.5]), slopes=slopes_at_zero or {}),
        Regime("opposite-huge", "huge numbers of opposite signs", "Overflow",
            lambda s: pair([s.huge / 8, -s.huge / 8], [-s.huge / 8, s.huge / 16])),
        Regime("tiny", "residuals whose squares are near the smallest number", "Underflow",
            lambda s: pair([s.tiny, -s.tiny, 0.0], [0.0, s.tiny, 3 * s.tiny])),
        Regime("single-number", "one number without an axis", "Degenerate", pair(2.5, -1.25)),
        Regime("one-element", "one element with three axes", "Degenerate",
            pair([[[0.1]]], [[[0.7]]]), reduction="batch_mean"),
        Regime("whole-targets", "whole numbers as targets", "PromotedElement",
            {"prediction": [0.1, 2.6, -3.7], "target": [1, 2, -3]}, reduction="mean"),
        Regime("truth-values", "truth values as targets", "PromotedElement",
            {"prediction": [0.1, 0.8], "target": [True, False]}, reduction="mean"),
        Regime("lost-addends", "a large term before eleven small ones", "LostAddend",
            pair([4096.0] + [0.9] * 11, [0.0] * 12), reduction="sum", elements=(F32,)),
        Regime("nan-and-infinity", "NaN stays in its own term", "LostNaN",
            pair([nan, 1.0, inf], [0.0, nan, 2.0]), roles=()),
    ]


def exponentials(regimes):
    """Without the numbers whose exponential has more digits than a machine has memory."""
    return [regime for regime in regimes if regime.id != "opposite-huge"]


def vectors(prediction, target):
    return {"prediction": prediction, "target": target}


def cosines(flag, distance):
    return [
        Regime("tiny-vectors", "the squares of the lengths vanish", f"ScaleInvariance Underflow {flag}",
            lambda s: vectors([[3 * s.tiny**1.3, 4 * s.tiny**1.3]], [[s.tiny**1.3, 0.0]])),
        Regime("huge-vectors", "the squares of the lengths overflow", f"ScaleInvariance Overflow {flag}",
            lambda s: vectors([[3 * s.huge**1.5, 4 * s.huge**1.5]], [[0.0, s.huge**1.5]])),
        Regime("lengths-far-apart", "a huge vector and a tiny one", f"ScaleInvariance {flag}",
            lambda s: vectors([[s.huge, -s.huge]], [[2 * s.tiny, s.tiny]])),
        Regime("components-far-apart", "one component drowns the other", "ScaleInvariance",
            vectors([[1e6, 1e-3]], [[1.0, 2.0]]), roles=("target",)),
        Regime("orthogonal", "a right angle", flag, vectors([[3.0, 4.0]], [[-4.0, 3.0]])),
        Regime("parallel", "the same direction", flag, vectors([[3.0, 4.0]], [[6.0, 8.0]])),
        Regime("opposite", "opposite directions", flag, vectors([[3.0, 4.0]], [[-3.0, -4.0]])),
        Regime("one-feature", "vectors of one number are signs", f"Degenerate {flag}",
            vectors([[2.0], [-4.0]], [[8.0], [1.0]])),
        Regime("zero-vector", "a zero vector has no direction", "Kink ZeroNorm",
            vectors([[0.0, 0.0], [1.0, 2.0]], [[1.0, 2.0], [0.0, 0.0]]),
            slopes={"prediction": [0.0] * 4, "target": [0.0] * 4}),
        Regime("almost-parallel", "the slope is the difference of two directions", "Cancellation",
            vectors([[1.0, 0.001953125]], [[1.0, 0.0]]), parts=1.0),
        Regime("class-axis-first", "features along the first axis", "WrongAxis",
            vectors([[1.0, 2.0, -0.5], [0.5, -1.0, 2.0]], [[-2.0, 1.0, 1.0], [1.0, 3.0, 0.25]]),
            class_axis=0),
        Regime("class-axis-middle", "features along the middle axis", "WrongAxis",
            vectors([[[1.0, 2.0], [0.5, -1.0]], [[2.0, 0.1], [0.3, 1.0]]],
                [[[-2.0, 1.0], [1.0, 3.0]], [[0.5, 2.0], [2.5, -3.0]]]), class_axis=1),
        Regime("epsilon-divides", "an epsilon above the lengths is the divisor", "AddedEpsilon",
            vectors([[0.25, 0.5]], [[1.0, 0.5]]), options={"epsilon": 2}),
        Regime("epsilon-idle", "an epsilon below the lengths does nothing", "AddedEpsilon",
            vectors([[3.0, 4.0]], [[1.0, 0.5]]), options={"epsilon": 0.25}),
        Regime("three-features", "an ordinary angle in space", "", vectors(
            [[1.0, -2.0, 0.5]], [[0.3, 1.1, -0.7]]), sensitive=distance),
    ]


COSINE_TYPICAL = vectors(
    [[[1.0, 2.0], [0.5, -1.5]], [[-2.0, 0.75], [0.1, 0.3]]],
    [[[2.0, 0.5], [1.0, 1.0]], [[0.5, 2.5], [3.0, -0.4]]])
COSINE_VARIANTS = [
    Variant("epsilon-two", {"epsilon": 2}, "AddedEpsilon"),
    Variant("epsilon-small", {"epsilon": 1e-8}, "AddedEpsilon"),
    Variant("epsilon-of-each", {"epsilon": 2, "bounded": "each"}, "AddedEpsilon"),
]

COUNTS = {"prediction": [[1.5, 0.2, 4.0], [0.3, 7.5, 0.6]], "target": [[1.25, 0.0, 1.5], [3.0, 2.5, 2.0]]}
RATES = {"prediction": [[0.4, -1.6, 1.4], [-1.2, 2.0, -0.5]], "target": [[1.25, 0.0, 1.5], [3.0, 2.5, 2.0]]}


def poisson(prediction, target):
    return {"prediction": prediction, "target": target}


POISSON = [
    Regime("zero-target", "a count of zero costs the rate", "ZeroLogZero",
        poisson([0.5, 3.0, 1e-30], [0.0, 0.0, 0.0])),
    Regime("zero-of-both", "no event at rate zero costs nothing", "ZeroLogZero",
        poisson([0.0], [0.0]), roles=("prediction",)),
    Regime("zero-rate", "an event at rate zero is impossible", "ZeroProbability CappedLoss",
        poisson([0.0], [2.0])),
    Regime("rate-near-count", "parts of the loss cancel", "Cancellation",
        poisson([1.75], [3.1]), sensitive=True),
    Regime("rate-of-count", "the slope is zero where rate and count agree", "SignFlip",
        poisson([4.0, 0.5], [4.0, 0.5])),
    Regime("large-counts", "a million events", "Overflow", poisson([1e6, 1.25e6], [1.5e6, 1e6]),
        sensitive=True),
    Regime("tiny-rates", "rates near the smallest number", "Underflow",
        lambda s: poisson([s.tiny, s.tiny * 8], [1.0, 0.5])),
    Regime("log-rate-low", "the exponential vanishes beside the product", "Underflow",
        poisson([-80.0, -1000.0], [1.0, 2.0]), options={"log_input": True}),
    Regime("log-rate-high", "the exponential is near the largest number", "Overflow",
        lambda s: poisson([s.last - 1.0], [2.0]), options={"log_input": True}, sensitive=True),
    Regime("log-rate-exact", "the slope is zero at the logarithm of one", "SignFlip",
        poisson([0.0], [1.0]), options={"log_input": True}),
    Regime("stirling-begins-after-one", "Stirling's term is for counts above one only", "IgnoredOption",
        poisson([1.5, 1.5, 1.5, 1.5], [0.0, 0.5, 1.5, 6.0]), options={"full": True}),
    Regime("stirling-at-one", "a count of one has no Stirling's term", "Kink",
        poisson([1.5], [1.0]), options={"full": True}, roles=("prediction",)),
    Regime("stirling-of-large", "Stirling's term of a large count", "Cancellation",
        poisson([1000.0], [990.0]), options={"full": True}, sensitive=True),
    Regime("epsilon-at-zero", "epsilon bounds the loss of an impossible event", "AddedEpsilon",
        poisson([0.0, 0.5], [2.0, 3.0]), options={"epsilon": 1e-8}),
    Regime("epsilon-of-the-machine", "epsilon is that of the element", "AddedEpsilon RoundedConstant",
        poisson([0.0, 1e-7], [1.0, 1.0]), options={"epsilon": "machine"}),
    Regime("whole-counts", "whole numbers as counts", "PromotedElement",
        {"prediction": [0.5, 2.5], "target": [1, 3]}, reduction="mean"),
    Regime("single-number", "one number without an axis", "Degenerate", poisson(2.5, 4.0)),
]

LOGARITHMIC = [
    Regime("almost-equal", "neighbouring numbers differ", "Cancellation",
        lambda s: pair([3 + 4 * s.eps, 100.0], [3.0, 100 + 128 * s.eps])),
    Regime("equal", "equal numbers cost nothing", "Kink", pair([0.0, 7.0], [0.0, 7.0])),
    Regime("far-below-the-offset", "numbers vanish beside the offset", "Cancellation",
        lambda s: pair([s.eps / 8, 0.0], [s.eps / 2, s.eps / 4])),
    Regime("zero", "zero and one", "ZeroLogZero", pair([0.0, 1.0], [1.0, 0.0])),
    Regime("huge", "numbers whose squares are near the largest", "Overflow",
        lambda s: pair([s.huge, 1.0], [1.0, s.huge * 4])),
    Regime("huge-and-close", "huge numbers of a ratio near one", "Cancellation Overflow",
        lambda s: pair([s.huge * 1.0078125], [s.huge])),
    Regime("negative", "numbers between minus one and zero", "", pair([-0.5, -0.875], [0.0, -0.25]), unchecked=True),
    Regime("next-to-minus-one", "the logarithm of almost nothing", "Cancellation",
        lambda s: pair([-1 + s.eps], [1.0]), unchecked=True),
    Regime("below-the-domain", "the logarithm of a negative number is NaN", "LostNaN",
        pair([-1.5, 1.0], [1.0, -3.0]), roles=(), unchecked=True),
    Regime("offset-zero-tiny", "without an offset only the ratio counts", "IgnoredOption Underflow",
        lambda s: pair([s.tiny, s.tiny * 3], [s.tiny * 2, 1.0]), options={"offset": 0}),
    Regime("offset-of-the-machine", "the offset is that of the element", "AddedEpsilon RoundedConstant",
        pair([0.0, 1.0], [1.0, 0.0]), options={"offset": "machine"}),
    Regime("whole-targets", "whole numbers as targets", "PromotedElement",
        {"prediction": [0.5, 2.5], "target": [1, 3]}, reduction="mean"),
    Regime("single-number", "one number without an axis", "Degenerate", pair(2.5, 4.0)),
]

KNEES = [
    Regime("at-the-knee", "both branches agree at the knee", "Kink HalfFactor",
        pair([1.0, -1.0], [0.0, 0.0])),
    Regime("beside-the-knee", "one ulp inside the knee and outside", "NearKink HalfFactor",
        lambda s: pair([1 - s.eps, 1 + s.eps, -1 - s.eps], [0.0, 0.0, 0.0])),
    Regime("delta-tiny", "almost every residual is outside", "HalfFactor Underflow",
        lambda s: pair([1.0, s.tiny], [0.0, 0.0]), options={"delta": 1e-6}),
    Regime("delta-huge", "every residual is inside", "HalfFactor",
        pair([1000.0, -3.0], [0.0, 0.0]), options={"delta": 1e6}),
    Regime("square-overflows", "the branch that is not taken overflows", "Overflow",
        lambda s: pair([s.huge * 64, -s.huge * 64], [0.0, 1.0])),
    Regime("small-residual", "a small residual keeps its slope", "Cancellation",
        pair([1e-4, -1e-7, 1e-12], [0.0, 0.0, 0.0])),
    Regime("delta-not-representable", "the knee is where the element has it", "RoundedConstant NearKink",
        pair([0.1, -0.1, 0.2], [0.0, 0.0, 0.0]), options={"delta": 0.1}),
]

HYPERBOLIC = [
    Regime("small", "the value is half the square", "Cancellation",
        pair([1e-4, -1e-8, 1e-3], [0.0, 0.0, 0.0])),
    Regime("very-small", "squares near the rounding of one", "Cancellation Underflow",
        pair([1e-12, -1e-15], [0.0, 0.0])),
    Regime("between", "where neither series nor line is exact", "Cancellation",
        pair([0.1, -0.3, 0.5, 0.9, 1.1, 2.0], [0.0] * 6)),
    Regime("large", "the hyperbolic cosine is near the largest number", "Overflow",
        lambda s: pair([s.last, -s.last, s.last + 2.0], [0.0, 0.0, 0.0])),
    Regime("very-large", "the hyperbolic cosine overflows", "Overflow",
        pair([1e4, -1e5, 1e6], [0.0, 0.0, 0.0])),
    Regime("tail", "the exponential of the tail is a few ulp", "Cancellation",
        pair([8.0, 9.0, 18.0, 19.0], [0.0] * 4)),
]

ROOTS = [
    Regime("no-error", "the root of zero has slope zero", "Kink", pair([1.0, 2.0], [1.0, 2.0]),
        slopes=NO_SLOPE),
    Regime("one-region-without-error", "one sample without any error", "Kink",
        pair([[1.0, 2.0], [3.0, 5.0]], [[1.0, 2.0], [2.0, 3.0]]), options={"per": "sample"},
        roles=()),
    Regime("tiny", "residuals whose squares are near the smallest number", "Underflow",
        lambda s: pair([s.tiny, 0.0], [0.0, -s.tiny])),
    Regime("huge", "residuals whose squares are near the largest number", "Overflow",
        lambda s: pair([s.huge / 2, 0.0], [0.0, -s.huge / 2])),
    Regime("small-beside-large", "a small residual beside a large one", "Underflow",
        pair([1e-6, 1000.0], [0.0, 0.0])),
    Regime("one-element", "the root of one square is the size", "Degenerate", pair([[-0.3]], [[0.4]])),
    Regime("per-class-axis-first", "classes along the first axis", "WrongAxis",
        pair([[1.0, 2.0, 3.0], [0.0, 0.5, -1.0]], [[0.5, 0.0, 1.0], [1.0, 1.0, 1.0]]),
        options={"per": "class"}, class_axis=0),
    Regime("per-sample-class-axis-first", "samples are the axis that is not the classes'", "WrongAxis",
        pair([[1.0, 2.0, 3.0], [0.0, 0.5, -1.0]], [[0.5, 0.0, 1.0], [1.0, 1.0, 1.0]]),
        options={"per": "sample"}, class_axis=-1),
    Regime("masked-sample", "a sample of which nothing is kept is a term of zero", "MaskedNaN EmptyMean",
        {"prediction": [[1.0, 2.5], [3.0, 4.0]], "target": [[0.5, 2.0], [1.0, 1.0]],
            "mask": [[True, True], [False, False]]}, options={"per": "sample"}, reduction="mean"),
]


def parameters(*numbers):
    return {"parameters": list(numbers)}


PENALTY_TYPICAL = {"parameters": [[0.5, -1.25, 2.0], [-0.1, 3.0, 0.7]]}


def penalties(square):
    zero = {} if square else {"parameters": [0.0, 0.0, 1.0]}
    return [
        Regime("zeros", "zeros of either sign cost nothing", "Kink", parameters(0.0, -0.0, 2.0),
            slopes=zero),
        Regime("huge", "parameters whose squares are near the largest number", "Overflow",
            lambda s: parameters(s.huge, -s.huge)),
        Regime("tiny", "parameters whose squares are near the smallest number", "Underflow",
            lambda s: parameters(s.tiny, -s.tiny)),
        Regime("single-number", "one number without an axis", "Degenerate", {"parameters": -1.5}),
        Regime("many-axes", "parameters of three axes", "LostAxis",
            {"parameters": [[[0.1, -0.2]], [[0.3, -0.4]]]}, reduction="sum"),
        Regime("far-apart", "a small parameter beside a large one", "LostAddend",
            parameters(1000.0, 0.001), reduction="sum"),
        Regime("named-kernel", "the role has the name that the option gives", "IgnoredOption",
            {"kernel": [0.5, -1.25]}, options={"of": "kernel"}, roles=("kernel",), reduction="sum"),
        Regime("cancelling-sum", "parameters that add up to zero", "SignFlip",
            parameters(0.75, -0.5, -0.25), reduction="sum"),
    ]


TABLES = [
    Table("mean_absolute_error", "The size of the residual", TYPICAL, regimes=residuals(NO_SLOPE)),
    Table("mean_squared_error", "The square of the residual", TYPICAL, regimes=residuals()),
    Table("mean_squared_logarithmic_error", "The square of the difference of logarithms",
        {"prediction": [[1.5, 0.2, 4.0], [2.0, 7.5, 0.6]], "target": [[1.0, 0.0, 3.0], [2.5, 9.0, 2.0]]},
        [
            Variant("offset-half", {"offset": 0.5}, "AddedEpsilon"),
            Variant("offset-three", {"offset": 3}, "AddedEpsilon"),
            Variant("floor-half", {"floor": 0.5}, "IgnoredOption"),
        ], LOGARITHMIC),
    Table("huber", "A square near zero, a line further out", TYPICAL,
        [
            Variant("delta-half", {"delta": 0.5}, "HalfFactor"),
            Variant("delta-two-and-a-half", {"delta": 2.5}, "HalfFactor"),
            Variant("delta-tenth", {"delta": 0.1}, "RoundedConstant"),
        ], residuals() + KNEES),
    Table("log_cosh", "The logarithm of the hyperbolic cosine of the residual", TYPICAL,
        regimes=exponentials(residuals()) + HYPERBOLIC),
    Table("poisson_nll", "The surprise at a count, given its rate", COUNTS,
        [
            Variant("log-rate", {"log_input": True}, inputs=RATES, sensitive=1),
            Variant("full", {"full": True}),
            Variant("log-rate-full", {"log_input": True, "full": True}, inputs=RATES, sensitive=1),
            Variant("epsilon", {"epsilon": 0.01}, "AddedEpsilon"),
        ], POISSON),
    Table("cosine_similarity", "The cosine of the angle between two vectors", COSINE_TYPICAL,
        COSINE_VARIANTS, cosines("SignFlip", False)),
    Table("cosine_distance", "One minus the cosine of the angle between two vectors", COSINE_TYPICAL,
        COSINE_VARIANTS, cosines("SignFlip", True)),
    Table("root_mean_squared_error", "The root of the mean square, region by region",
        {"prediction": [[[1.5, -2.0], [0.25, 3.0]], [[0.1, -0.75], [1.0, 0.5]]],
            "target": [[[1.0, 0.5], [-0.5, 2.5]], [[0.3, 1.0], [0.0, 2.0]]]},
        [
            Variant("per-sample", {"per": "sample"}),
            Variant("per-class", {"per": "class"}, "WrongAxis"),
            Variant("over-all", {"per": "all"}),
        ], ROOTS, options={"per": "sample_and_class"}),
    Table("l1_penalty", "The size of parameters", PENALTY_TYPICAL, regimes=penalties(False),
        roles=("parameters",)),
    Table("l2_penalty", "Half the square of parameters", PENALTY_TYPICAL, regimes=penalties(True),
        roles=("parameters",)),
]
