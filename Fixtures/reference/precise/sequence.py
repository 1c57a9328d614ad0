"""Losses of sequences."""

from math import inf

from precise.table import Regime, Table, Variant

TYPICAL = {
    "prediction": [[[0.5, -1.0], [1.5, 0.25]], [[-0.5, 0.75], [0.0, 2.0]], [[0.1, -0.3], [-1.0, 0.6]]],
    "target": [[1], [1], [1]],
}
# Logarithms of 1/4, 1/2, 3/4, 1/8 and 7/8: near enough to probabilities, which the loss does not ask for.
LOGARITHMS = TYPICAL | {
    "prediction": [[[-0.7, -0.7], [-1.4, -0.3]], [[-2.1, -0.13], [-0.3, -1.4]], [[-0.9, -0.6], [-0.2, -1.8]]]}


def spoken(prediction, target, **lengths):
    return {"prediction": prediction, "target": target} | lengths


THREE = [[0.2, 1.0, -0.5], [0.7, -0.3, 0.4], [-1.0, 0.6, 1.2]]
LOGITS_OF_ONE = [[0.3, 0.9], [1.1, -0.4], [-0.2, 0.5]]


REGIMES = [
    Regime("two-labels", "two labels over three steps", "", spoken(THREE, [1, 2])),
    Regime("labels-reversed", "the order of the labels counts", "SwappedRoles", spoken(THREE, [2, 1])),
    Regime("repeated-label", "two equal labels need a blank between them", "RepeatedLabel",
        spoken(LOGITS_OF_ONE, [1, 1])),
    Regime("repeated-among-others", "a repeated label in four steps", "RepeatedLabel",
        spoken([[0.3, 0.9, -0.1], [1.1, -0.4, 0.2], [-0.2, 0.5, 0.8], [0.6, 0.1, -0.7]], [1, 1])),
    Regime("as-many-labels-as-steps", "only one alignment fits", "",
        spoken([[0.2, 1.0, -0.5], [0.7, -0.3, 0.4]], [1, 2])),
    Regime("empty-target", "no label at all is every step blank", "EmptyTarget",
        spoken([[[0.2, 1.0], [0.7, -0.3]]], [[1]], target_lengths=[0])),
    Regime("one-step", "one step and one label", "Degenerate", spoken([[0.4, -0.6, 1.5]], [2])),
    Regime("one-step-blank", "one step and no label", "Degenerate EmptyTarget",
        spoken([[[0.4, -0.6, 1.5]]], [[2]], target_lengths=[0])),
    Regime("infeasible", "more labels than steps have no alignment", "InfeasibleAlignment",
        spoken([[0.2, 1.0, -0.5]], [1, 2]), slopes={"prediction": [0.0] * 3}),
    Regime("infeasible-repeat", "a repeated label needs a third step", "InfeasibleAlignment RepeatedLabel",
        spoken([[0.2, 1.0], [0.7, -0.3]], [1, 1]), slopes={"prediction": [0.0] * 4}),
    Regime("infeasible-zero", "no alignment costs nothing by choice", "InfeasibleAlignment",
        spoken([[0.2, 1.0], [0.7, -0.3]], [1, 1]), options={"infeasible": "zero"}),
    Regime("infeasible-beside-feasible", "one sequence without an alignment harms no other",
        "InfeasibleAlignment",
        spoken([[[0.2, 1.0], [0.7, -0.3]], [[0.1, -1.0], [0.3, 0.8]]], [[1, 1], [1, 1]],
            target_lengths=[2, 1]), options={"infeasible": "zero"}, reduction="mean"),
    Regime("lengths-of-targets", "labels beyond the length do not count", "Padding",
        spoken([[[0.2, 1.0], [0.7, -0.3]], [[0.1, -1.0], [0.3, 0.8]]], [[1, 0], [1, 0]],
            target_lengths=[1, 1])),
    Regime("lengths-of-predictions", "steps beyond the length do not count", "Padding MaskedNaN",
        spoken([[[0.2, 1.0], [inf, -inf]], [[0.1, -1.0], [0.3, 0.8]]], [[1], [1]],
            prediction_lengths=[1, 2])),
    Regime("no-step-no-label", "nothing said in no time is certain", "Padding EmptyTarget",
        spoken([[[0.2, 1.0], [0.7, -0.3]]], [[1]], prediction_lengths=[0], target_lengths=[0])),
    Regime("ties", "equal logits: alignments are counted", "Tie",
        spoken([[0.0, 0.0, 0.0]] * 3, [1, 2])),
    Regime("certain", "a likely sequence costs little and never less than nothing",
        "NegativeLoss Cancellation", spoken([[-20.0, 20.0], [20.0, -20.0]], [1]), parts=1.0),
    Regime("unlikely", "an unlikely sequence costs what it costs", "CappedLoss Saturation",
        spoken([[20.0, -20.0], [20.0, -20.0]], [1])),
    Regime("saturated", "logits of ten thousand neither overflow nor vanish", "Overflow CappedLoss",
        spoken([[1e4, -1e4], [1e4, -1e4]], [1])),
    Regime("excluded-class", "a class of logit minus infinity", "InfiniteLogit",
        spoken([[0.5, 1.0, -inf], [0.25, -0.5, -inf]], [1])),
    Regime("impossible-label", "a label of logit minus infinity cannot be said", "InfiniteLogit",
        spoken([[0.5, -inf], [0.25, -inf]], [1]), slopes={"prediction": [0.0] * 4}),
    Regime("blank-last", "the last class is the blank", "BlankIndex", spoken(THREE, [0, 1]),
        options={"blank": -1}),
    Regime("blank-middle", "the middle class is the blank", "BlankIndex", spoken(THREE, [0, 2]),
        options={"blank": 1}),
    Regime("per-label", "the loss of a sequence for each of its labels", "WrongDivisor",
        spoken(THREE, [1, 2]), options={"per_label": True}),
    Regime("per-label-of-none", "a sequence without labels counts as one", "WrongDivisor EmptyTarget",
        spoken([[[0.2, 1.0], [0.7, -0.3]]], [[1]], target_lengths=[0]), options={"per_label": True}),
    Regime("probabilities-not-normalised", "logarithms are taken as they are", "IgnoredOption",
        spoken([[-0.5, -1.0], [-0.25, -2.0]], [1]), options={"from_logits": False}),
    Regime("tiny-probabilities", "products of probabilities vanish in any element",
        "Underflow CappedLoss", spoken([[-300.0, -290.0], [-310.0, -301.0]], [1]),
        options={"from_logits": False}, sensitive=True, parts=0),
    Regime("four-steps", "one label over four steps", "",
        spoken([[0.3, 0.9], [1.1, -0.4], [-0.2, 0.5], [0.6, 0.1]], [1])),
]

# One sequence of two steps with one label, as a table of steps by labels said by classes.
TRANSDUCER = [[[0.5, -1.0], [1.5, 0.25]], [[-0.3, 0.8], [0.4, 1.1]]]
TRANSDUCERS = {
    "prediction": [
        [[[0.5, -1.0], [1.5, 0.25]]], [[[-0.5, 0.75], [0.0, 2.0]]], [[[0.1, -0.3], [-1.0, 0.6]]]],
    "target": [[1], [1], [1]],
}
TRANSDUCER_LOGARITHMS = TRANSDUCERS | {
    "prediction": [
        [[[-0.7, -0.7], [-1.4, -0.3]]], [[[-2.1, -0.13], [-0.3, -1.4]]], [[[-0.9, -0.6], [-0.2, -1.8]]]]}
THREE_CLASSES = [
    [[0.2, 1.0, -0.5], [0.7, -0.3, 0.4], [-1.0, 0.6, 1.2]],
    [[-0.4, 0.3, 0.9], [1.1, -0.2, 0.5], [0.8, -0.7, 0.1]]]
TRANSDUCER_REGIMES = [
    Regime("two-labels", "two labels over two steps", "Large", spoken(THREE_CLASSES, [1, 2])),
    Regime("labels-reversed", "the order of the labels counts", "Large SwappedRoles", spoken(THREE_CLASSES, [2, 1])),
    Regime("repeated-label", "two equal labels need no blank between them", "Large RepeatedLabel",
        spoken(THREE_CLASSES, [1, 1])),
    Regime("more-labels-than-steps", "a step has room for any number of labels", "InfeasibleAlignment",
        spoken([THREE_CLASSES[0]], [2, 1])),
    Regime("one-step-blank", "one step and no label is one blank", "Degenerate EmptyTarget",
        spoken([[[[0.4, -0.6, 1.5], [0.0, 0.0, 0.0]]]], [[2]], target_lengths=[0])),
    Regime("empty-target", "without labels every step is blank", "EmptyTarget",
        spoken([TRANSDUCER], [[1]], target_lengths=[0])),
    Regime("four-steps", "one label over four steps has four paths", "Large",
        spoken([[[0.3, 0.9], [1.1, -0.4]], [[-0.2, 0.5], [0.6, 0.1]], [[0.8, -0.9], [0.0, 0.7]],
            [[-0.6, 0.2], [0.3, -0.5]]], [1])),
    Regime("lengths-of-targets", "rows for more labels than there are are not read", "Large MaskedNaN Padding",
        spoken([[[[0.2, 1.0], [inf, -inf]], [[0.7, -0.3], [inf, inf]]], TRANSDUCER], [[99], [1]],
            target_lengths=[0, 1])),
    Regime("lengths-of-predictions", "steps beyond the length do not count", "Large MaskedNaN Padding",
        spoken([[[[0.2, 1.0], [0.1, -0.4]], [[inf, -inf], [inf, inf]]], TRANSDUCER], [[1], [1]],
            prediction_lengths=[1, 2])),
    Regime("no-step-no-label", "nothing said in no time is certain", "Padding EmptyTarget",
        spoken([TRANSDUCER], [[1]], prediction_lengths=[0], target_lengths=[0])),
    Regime("no-step", "a label in no time cannot be", "InfeasibleAlignment Padding",
        spoken([TRANSDUCER], [[1]], prediction_lengths=[0]), slopes={"prediction": [0.0] * 8}),
    Regime("ties", "equal logits: paths are counted", "Large Tie",
        spoken([[[0.0, 0.0, 0.0]] * 3] * 3, [1, 2])),
    Regime("certain", "a likely sequence costs little and never less than nothing",
        "NegativeLoss Cancellation",
        spoken([[[-20.0, 20.0], [20.0, -20.0]], [[-20.0, 20.0], [20.0, -20.0]]], [1]), parts=1.0),
    Regime("certain-blank", "one likely blank costs what is left over", "NegativeLoss Cancellation",
        spoken([[[[18.0, -18.0], [0.0, 0.0]]]], [[1]], target_lengths=[0]), parts=1.0),
    Regime("unlikely", "an unlikely sequence costs what it costs", "CappedLoss Saturation",
        spoken([[[20.0, -20.0], [-20.0, 20.0]]] * 2, [1])),
    Regime("saturated", "logits of ten thousand neither overflow nor vanish", "Overflow CappedLoss",
        spoken([[[1e4, -1e4], [-1e4, 1e4]], [[1e4, -1e4], [1e4, -1e4]]], [1])),
    Regime("excluded-class", "a class of logit minus infinity", "InfiniteLogit",
        spoken([[[0.5, 1.0, -inf], [0.25, -0.5, -inf]], [[-0.4, 0.2, -inf], [0.6, 0.3, -inf]]], [1])),
    Regime("impossible-label", "a label of logit minus infinity cannot be said", "InfiniteLogit",
        spoken([[[0.5, -inf], [0.25, 0.1]], [[0.3, -inf], [0.2, -0.6]]], [1]),
        slopes={"prediction": [0.0] * 8}),
    Regime("blank-last", "the last class is the blank", "BlankIndex Large", spoken(THREE_CLASSES, [0, 1]),
        options={"blank": -1}),
    Regime("blank-middle", "the middle class is the blank", "BlankIndex Large", spoken(THREE_CLASSES, [0, 2]),
        options={"blank": 1}),
    Regime("probabilities-not-normalised", "logarithms are taken as they are", "IgnoredOption",
        spoken([[[-0.5, -1.0], [-0.25, -2.0]], [[-1.5, -0.2], [-0.1, -0.7]]], [1]),
        options={"from_logits": False}),
    Regime("tiny-probabilities", "products of probabilities vanish in any element",
        "Underflow CappedLoss",
        spoken([[[-300.0, -290.0], [-310.0, -301.0]], [[-305.0, -295.0], [-302.0, -299.0]]], [1]),
        options={"from_logits": False}, sensitive=True, parts=0),
]

TABLES = [
    Table("rnnt", "The transducer loss", TRANSDUCERS,
        [
            Variant("log-probabilities", {"from_logits": False}, inputs=TRANSDUCER_LOGARITHMS),
            Variant("blank-last", {"blank": -1}, "BlankIndex",
                inputs=TRANSDUCERS | {"target": [[0], [0], [0]]}),
        ], TRANSDUCER_REGIMES, roles=("prediction",), parts=0.5),
    Table("ctc", "Connectionist temporal classification", TYPICAL,
        [
            Variant("log-probabilities", {"from_logits": False}, inputs=LOGARITHMS),
            Variant("blank-last", {"blank": -1}, "BlankIndex", inputs=TYPICAL | {"target": [[0], [0], [0]]}),
            Variant("per-label", {"per_label": True}, "WrongDivisor", inputs={
                "prediction": [[[0.5, -1.0, 0.3], [1.5, 0.25, -0.2]], [[-0.5, 0.75, 0.1], [0.0, 2.0, 0.4]]],
                "target": [[1, 2], [2, 1]]}),
            Variant("infeasible-zero", {"infeasible": "zero"}, "InfeasibleAlignment", inputs={
                "prediction": [[[0.5, -1.0], [1.5, 0.25]], [[-0.5, 0.75], [0.0, 2.0]]],
                "target": [[1, 1], [1, 0]], "target_lengths": [2, 1]}),
        ], REGIMES, roles=("prediction",), parts=0.5),
]
