"""Losses of the difference between prediction and target, and likelihoods of normal numbers."""

from math import inf, nan

from precise.regression import HYPERBOLIC, NO_SLOPE, TYPICAL, exponentials, pair, residuals
from precise.table import Regime, Table, Variant

LEVELS = [
    Variant("level-high", {"level": 0.9}, "RoundedConstant"),
    Variant("level-low", {"level": 0.05}, "RoundedConstant"),
]
QUANTILES = {
    "prediction": [[[0.5, 1.25, 2.0], [-2.0, 0.1, 0.75]], [[3.0, 3.25, 4.5], [-0.75, -0.5, 1.0]]],
    "target": [[1.0, 0.5], [2.5, 0.3]],
}
SIDES = [
    Regime("one-sided-above", "a level of 1 costs nothing above the target", "IgnoredOption",
        pair([2.0, -1.0], [1.0, 1.0]), options={"level": 1}),
    Regime("one-sided-below", "a level of 0 costs nothing below the target", "IgnoredOption",
        pair([2.0, -1.0], [1.0, 1.0]), options={"level": 0}),
]


def without(names, regimes):
    return [regime for regime in regimes if regime.id not in names]


def sign_at_kinks(regimes):
    return without({"tiny"}, regimes)


KNEES = [
    Regime("at-the-knee", "both branches meet", "HalfFactor", pair([1.5, -0.5], [0.5, 0.5])),
    Regime("beside-the-knee", "one ulp on either side of the knee", "NearKink",
        lambda s: pair([1 + s.eps, 1 - s.eps / 2], [0.0, 0.0])),
    Regime("no-knee", "beta of 0 is the absolute error", "IgnoredOption", pair([1.5, -0.25], [1.0, 1.0]),
        options={"beta": 0}),
    Regime("no-knee-equal", "beta of 0 has the slope 0 at the target", "Kink", pair([1.5], [1.5]),
        options={"beta": 0}, slopes={"prediction": [0.0], "target": [0.0]}),
    Regime("tiny-knee", "a knee near the smallest number", "Underflow",
        lambda s: pair([1.5, s.tiny], [1.0, 0.0]), options={"beta": 1e-18}),
]
PERCENT = [
    Regime("one-ulp-apart", "neighbouring numbers differ", "Cancellation",
        lambda s: pair([1 + s.eps, 1 - s.eps / 2, -3.0], [1.0, 1.0, -3.0 + 2 * s.eps])),
    Regime("equal", "equal numbers cost nothing", "Kink", pair([2.5, -1.0], [2.5, -1.0]),
        slopes=NO_SLOPE),
    Regime("both-zero", "zero for a target of zero costs nothing", "ZeroLogZero", pair([0.0], [0.0]), roles=()),
    Regime("zero-target", "a target of zero makes any error infinite", "CappedLoss",
        pair([1e-3], [0.0]), roles=()),
    Regime("bounded-target", "epsilon is divided by where the target is smaller", "AddedEpsilon",
        pair([1.0, 0.5], [0.0, 0.25]), options={"epsilon": 0.5}),
    Regime("huge", "numbers whose squares are near the largest", "Overflow",
        lambda s: pair([s.huge, 1.0], [1.0, s.huge])),
    Regime("tiny-target", "a target whose square vanishes", "Underflow",
        lambda s: pair([3 * s.tiny], [s.tiny])),
    Regime("nan", "NaN stays in its own term", "LostNaN", pair([nan, 1.0, 2.0], [1.0, nan, 1.0]), roles=()),
]
TUBES = [
    Regime("inside", "inside the tube nothing costs", "", pair([1.05, 0.95, 1.0], [1.0, 1.0, 1.0])),
    Regime("edge-of-half", "the edge of the tube costs nothing", "Kink", pair([1.5, 0.5], [1.0, 1.0]),
        options={"epsilon": 0.5}, slopes=NO_SLOPE),
    Regime("beside-the-edge", "one ulp outside the tube", "NearKink Cancellation",
        lambda s: pair([1.5 + s.eps], [1.0]), options={"epsilon": 0.5}),
    Regime("no-tube", "a tube of no width", "IgnoredOption", pair([1.5, 0.25], [1.0, 1.0]), options={"epsilon": 0}),
    Regime("huge", "numbers beside which the tube vanishes", "Overflow",
        lambda s: pair([s.huge / 8, -s.huge / 8], [-s.huge / 8, s.huge / 16])),
    Regime("nan-and-infinity", "NaN stays in its own term", "LostNaN",
        pair([nan, 1.0, inf], [0.0, nan, 2.0]), roles=()),
]
POWERS = [
    Regime("power-one-equal", "the slope is 0 where the two are equal", "Kink", pair([1.5], [1.5]),
        options={"p": 1}, slopes={"prediction": [0.0], "target": [0.0]}),
    Regime("power-half-equal", "a slope that is infinite on both sides is 0", "Kink", pair([1.5], [1.5]),
        options={"p": 0.5}, slopes={"prediction": [0.0], "target": [0.0]}),
    Regime("power-three", "the cube", "", pair([1.5, -2.0], [1.0, 1.0]), options={"p": 3}),
    Regime("power-half-near", "the root of a small distance", "",
        lambda s: pair([1 + s.eps], [1.0]), options={"p": 0.5}),
    Regime("power-twelve", "a high power", "", pair([1.5, -2.0], [1.0, 1.0]), options={"p": 12}, sensitive=True),
]
WINGS = [
    Regime("beside-the-width", "one ulp inside the width", "NearKink",
        lambda s: pair([5 - 4 * s.eps], [0.0])),
    Regime("at-the-width", "at the width the slope is that beyond", "Kink", pair([5.0, -5.0], [0.0, 0.0]),
        slopes={"prediction": [1.0, -1.0], "target": [-1.0, 1.0]}),
    Regime("tiny-distance", "a small distance keeps its digits", "Cancellation",
        lambda s: pair([1 + s.eps, 0.0], [1.0, s.tiny])),
    Regime("equal", "equal numbers cost nothing", "Kink", pair([0.0, 2.5], [-0.0, 2.5]), slopes=NO_SLOPE),
    Regime("huge", "far beyond the width", "Overflow", lambda s: pair([s.huge], [-s.huge])),
    Regime("nan", "NaN stays in its own term", "LostNaN", pair([nan, 1.0], [0.0, nan]), roles=()),
]


def normal(prediction, target, variance):
    return {"prediction": prediction, "target": target, "variance": variance}


NORMALS = [
    Regime("one-deviation", "the slope of the variance is 0 at one deviation", "SignFlip",
        normal([3.0], [1.0], [4.0])),
    Regime("small-variance", "a variance below epsilon is epsilon", "ClippedProbability",
        normal([1.0, 1.0], [1.0, 1.5], [0.0, 1e-9])),
    Regime("at-epsilon", "at epsilon the slope is that of the open side", "Kink",
        normal([1.5], [1.0], [0.25]), options={"epsilon": 0.25}, roles=("prediction", "target")),
    Regime("large-epsilon", "epsilon bounds the variance below", "AddedEpsilon",
        normal([1.5, 2.5], [1.0, 1.0], [0.25, 4.0]), options={"epsilon": 2}),
    Regime("variance-one", "the logarithm of one is 0", "Cancellation", normal([1.0], [1.0], [1.0])),
    Regime("far-out", "a distance whose square overflows", "Overflow",
        lambda s: normal([2 * s.huge], [s.huge], [s.huge])),
    Regime("single-number", "one number without an axis", "Degenerate", normal(2.5, 4.0, 3.0)),
    Regime("nan", "NaN stays in its own term", "LostNaN",
        normal([nan, 1.0, 1.0, 2.0], [1.0, nan, 1.0, 1.0], [1.0, 1.0, nan, 2.0]), roles=()),
]

PHASES = [
    Regime("near-the-target", "a square of a small angle", "Cancellation",
        lambda s: pair([1 + s.eps, 2.0 - s.eps], [1.0, 2.0]), sensitive=False),
    Regime("equal", "equal numbers cost nothing", "", pair([2.5, -1.0], [2.5, -1.0])),
    Regime("whole-turns", "whole turns cost nothing", "Cancellation", pair([3.0, -70001.0], [1.0, 5.0])),
    Regime("near-a-turn", "a little beyond many turns", "Cancellation",
        pair([4096.0009765625, -511.99609375], [0.0, 0.0]), sensitive=False),
    Regime("half-a-turn", "the far side costs two, with slope zero", "SignFlip", pair([0.5, -1.5], [0.0, 0.0])),
    Regime("quarter-turns", "a quarter turn costs one", "", pair([0.25, 0.75], [0.0, 0.0])),
    Regime("huge", "numbers whose turns are all whole", "Overflow", lambda s: pair([s.huge], [0.0]), roles=()),
    Regime("hours", "five to midnight is near midnight", "RoundedConstant",
        pair([23.875, 0.125], [0.0, 23.5]), options={"period": 24}),
    Regime("single-number", "one number without an axis", "Degenerate", pair(2.5, -1.125)),
    Regime("whole-targets", "whole numbers as targets", "PromotedElement",
        {"prediction": [0.1, 2.625], "target": [1, 2]}, reduction="mean", sensitive=True),
    Regime("nan-and-infinity", "NaN and infinity are at no angle", "LostNaN",
        pair([nan, 1.0, inf], [0.0, 0.5, 2.0]), roles=()),
]


def deviances(options):
    return [
        Regime("almost-equal", "neighbouring numbers differ", "Cancellation",
            lambda s: pair([3 + 4 * s.eps, 0.25], [3.0, 0.25 - s.eps / 4]), options=options, sensitive=False),
        Regime("equal", "equal numbers cost nothing", "", pair([7.0, 0.125], [7.0, 0.125]), options=options),
        Regime("close", "a ratio near one", "Cancellation", pair([1.0078125], [1.0]), options=options,
            sensitive=False),
        Regime("far-apart", "a mean far below and one far above", "", pair([1e-3, 2e4], [5.0, 0.25]),
            options=options, sensitive=True),
        Regime("single-number", "one number without an axis", "Degenerate", pair(2.5, 4.0), options=options),
        Regime("nan", "NaN stays in its own term", "LostNaN", pair([nan, 1.0, 2.0], [1.0, nan, 1.0]),
            options=options, roles=()),
    ]


LOG_MEANS = pair([[0.4, -1.6, 1.4], [-1.2, 2.0, -0.5]], [[1.25, 0.3, 1.5], [3.0, 2.5, 2.0]])
MEANS = pair([[1.5, 0.2, 4.0], [0.3, 7.5, 0.6]], [[1.25, 0.3, 1.5], [3.0, 2.5, 2.0]])
LOG_REGIMES = [
    Regime("logarithm-of-the-target", "the slope vanishes at the logarithm", "SignFlip", pair([0.0], [1.0]),
        options={"log_input": True}),
    Regime("logarithms-far-off", "exponentials far below and above", "Overflow",
        pair([-20.0, 20.0], [1.5, 0.25]), options={"log_input": True}, sensitive=True),
]


def powers(names):
    return [Variant(name, {"power": power}, "IgnoredOption", sensitive=True) for name, power in names.items()]


TABLES = [
    Table("periodic", "A distance on a circle", pair([[1.125, -2.0625, 0.3], [3.25, 0.1, -0.75]],
            [[1.0, 0.5, -0.5], [2.5, 0.3, 1.2]]),
        [Variant("period-three", {"period": 3}, "RoundedConstant", sensitive=True)], PHASES, sensitive=True),
    Table("gamma_deviance", "The deviance of a gamma distribution", MEANS,
        [Variant("logarithms", {"log_input": True}, "IgnoredOption", LOG_MEANS)],
        deviances({}) + LOG_REGIMES, sensitive=True),
    Table("tweedie_deviance", "The deviance of a power of the mean", MEANS,
        [Variant("logarithms", {"log_input": True}, "IgnoredOption", LOG_MEANS),
            *powers({"poisson": 1, "gamma": 2, "squared": 0, "inverse-gaussian": 3, "near-poisson": 1.0625,
                "negative": -0.5, "high": 4.5})],
        deviances({}) + LOG_REGIMES + [
            Regime("zero-target", "an amount of zero costs a power of the mean", "ZeroLogZero",
                pair([0.5, 3.0], [0.0, 0.0]), roles=("prediction",)),
            Regime("zero-target-of-poisson", "a count of zero costs twice the mean", "ZeroLogZero",
                pair([0.5, 3.0], [0.0, 0.0]), options={"power": 1}, roles=("prediction",)),
            Regime("zero-mean", "an amount above zero at a mean of zero", "ZeroProbability CappedLoss",
                pair([0.0], [2.0]), roles=()),
            Regime("zero-target-of-gamma", "a gamma variable is never zero", "CappedLoss",
                pair([0.5], [0.0]), options={"power": 2}, roles=()),
            Regime("zero-target-of-a-high-power", "no logarithm of a mean makes zero likely", "CappedLoss",
                pair([0.0, -40.0], [0.0, 0.0]), options={"power": 2.5, "log_input": True}, roles=()),
            Regime("zero-mean-of-a-negative-power", "a mean of zero costs a power of the target", "ZeroProbability",
                pair([0.0], [2.0]), options={"power": -1}, roles=("target",)),
            Regime("huge", "numbers whose powers leave the range", "Overflow",
                lambda s: pair([s.huge, 1.0, s.huge], [s.huge / 16, s.huge, s.huge]), options={"power": -1},
                roles=()),
            Regime("huge-and-tiny", "numbers whose ratio leaves the range", "Overflow Underflow",
                lambda s: pair([s.huge, s.tiny**2], [s.tiny**2, s.huge]), sensitive=True),
            Regime("logarithms-beyond-the-range", "logarithms of means that are zero or infinite", "Overflow",
                pair([-1e4, 1e4], [1.5, 0.25]), options={"power": 3, "log_input": True}, roles=()),
            Regime("negative-numbers", "a power of zero takes every number", "IgnoredOption",
                pair([-1.5, 2.0], [0.5, -0.25]), options={"power": 0}),
        ], sensitive=True),
    Table("smooth_l1", "A square near zero, a line of slope one further out", TYPICAL,
        [
            Variant("beta-half", {"beta": 0.5}, "HalfFactor"),
            Variant("beta-three", {"beta": 3}, "HalfFactor"),
            Variant("beta-tenth", {"beta": 0.1}, "RoundedConstant"),
        ], residuals() + KNEES),
    Table("quantile", "The pinball loss", TYPICAL, LEVELS, residuals(NO_SLOPE) + SIDES),
    Table("multi_quantile", "The pinball losses of several quantiles", QUANTILES, [
        Variant("two", {"quantiles": [0.25, 0.75]}, "SwappedRoles",
            inputs={"prediction": [[0.5, 1.75], [-2.0, 0.25]], "target": [0.75, 0.5]}),
        Variant("one", {"quantiles": [0.8]}, "Degenerate",
            inputs={"prediction": [[0.5], [-2.0], [1.0]], "target": [0.75, 0.5, 0.5]}),
        Variant("ends", {"quantiles": [0, 1, 0.3]}, "BetaSide"),
    ], [
        Regime("crossing", "quantiles that cross are taken as they are", "",
            {"prediction": [[3.0, 2.0, 1.0]], "target": [1.5]}),
        Regime("equal", "the slope at the target is 0", "Kink",
            {"prediction": [[0.5, 1.5]], "target": [1.5]}, options={"quantiles": [0.25, 0.5]},
            slopes={"prediction": [[-0.125, 0.0]], "target": [0.125]}, sensitive=False),
        Regime("axis-first", "quantiles along the first axis", "WrongAxis",
            {"prediction": [[0.5, -1.0], [1.25, 0.5], [2.0, 1.0]], "target": [1.0, 0.75]}, class_axis=0),
        Regime("axis-middle", "quantiles between samples and steps", "WrongAxis",
            {"prediction": [[[0.5, -1.0], [1.25, 0.5], [2.0, 1.0]]], "target": [[1.0, 0.75]]}, class_axis=1),
        Regime("no-batch", "one row without another axis", "Degenerate",
            {"prediction": [0.5, 1.25, 2.0], "target": 1.0}),
        Regime("huge", "residuals near the largest number", "Overflow",
            lambda s: {"prediction": [[s.huge, -s.huge, 2.0]], "target": [s.huge / 2]}),
        Regime("one-ulp-apart", "neighbouring numbers differ", "Cancellation NearKink",
            lambda s: {"prediction": [[1 + s.eps, 1 - s.eps / 2, 1.5]], "target": [1.0]}),
        Regime("whole-targets", "whole numbers as targets", "PromotedElement",
            {"prediction": [[0.1, 1.5, 2.6], [-1.0, 0.25, 0.5]], "target": [1, 0]}, reduction="mean"),
        Regime("nan", "NaN stays in its own term", "LostNaN",
            {"prediction": [[nan, 1.0, 2.0], [0.5, 1.0, 2.0]], "target": [1.5, 0.75]}, roles=()),
    ]),
    Table("expectile", "Squares with a weight for each side", TYPICAL, LEVELS, residuals() + SIDES),
    Table("mean_absolute_percentage_error", "The distance in per cent", TYPICAL,
        [Variant("epsilon", {"epsilon": 0.75}, "AddedEpsilon")], PERCENT),
    Table("epsilon_insensitive", "The distance from a tube", TYPICAL,
        [Variant("wide", {"epsilon": 0.4}, "RoundedConstant")], TUBES),
    Table("squared_epsilon_insensitive", "The squared distance from a tube", TYPICAL,
        [Variant("wide", {"epsilon": 0.4}, "RoundedConstant")], TUBES),
    Table("lp_distance", "A power of the distance", TYPICAL,
        [
            Variant("power-one-and-a-half", {"p": 1.5}, sensitive=True),
            Variant("power-three", {"p": 3}),
            Variant("power-two-and-a-half", {"p": 2.5}, sensitive=True),
        ], residuals() + POWERS),
    Table("logit_distance", "The surprise of the logistic distribution", TYPICAL,
        regimes=exponentials(residuals()) + HYPERBOLIC),
    Table("wing", "A logarithm near zero, a line further out",
        {"prediction": [[1.5, -2.0, 0.25], [9.0, 0.1, -0.75]], "target": [[1.0, 0.5, -0.5], [2.5, 0.3, 1.0]]},
        [
            Variant("narrow", {"width": 1}, "IgnoredOption"),
            Variant("bent", {"curvature": 2}, "IgnoredOption"),
        ], WINGS),
    Table("gaussian_nll", "The surprise at a number with a normal distribution",
        normal([[1.5, -2.0, 0.25], [3.0, 0.1, -0.75]], [[1.0, 0.5, -0.5], [2.5, 0.3, 1.0]],
            [[0.5, 2.0, 1.25], [0.25, 3.0, 0.75]]),
        [
            Variant("full", {"full": True}),
            Variant("epsilon", {"epsilon": 1.0625}, "AddedEpsilon"),
        ], NORMALS, roles=("prediction", "target", "variance"), sensitive=True),
]
