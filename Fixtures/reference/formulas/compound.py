"""Sums of losses of other families over the same prediction and target."""

from mpmath import mpf

from formulas import classification, segmentation
from formulas.regions import class_weights, counts
from formulas.scalars import Terms, dense
from reductions import reduce
from tensors import Tensor, places, rounded

# Everything but the form of the prediction is as in the loss of the part.
LOGITS = {"activation": "softmax", "from_logits": True}
DICE = segmentation.DEFAULTS["dice"] | LOGITS
GENERALIZED = segmentation.DEFAULTS["generalized_dice"] | LOGITS
FOCAL = {"gamma": 2, "alpha": None, "lambda_dice": 1, "lambda_focal": 1, "parts": "mean"}
DEFAULTS = {
    "dice_ce": DICE | {"label_smoothing": 0, "lambda_dice": 1, "lambda_cross_entropy": 1, "parts": "mean"},
    "dice_focal": DICE | FOCAL,
    "generalized_dice_focal": GENERALIZED | FOCAL | {"class_weights": []},
}

REGIONS = set(DEFAULTS)


def reduced(terms, o, weight=None, mask=None):
    policy = {"kind": o["parts"], "when_empty": "zero"}
    return reduce(terms.data, terms.shape, policy, weight, mask, terms.measures, terms.excluded)[1][0]


def overlap(formula, inputs, o, axis, element):
    """The reduced overlaps: one class has a sigmoid, and weighs 1."""
    activation = o["activation"] if o["from_logits"] else "none"
    if inputs["prediction"].shape[axis] == 1:
        activation = "sigmoid" if activation == "softmax" else activation
        o = o | {"class_weights": []}
    o = o | {"activation": activation, "from_logits": False}
    return reduced(formula(inputs, o, axis, element), o)


def kept(inputs):
    shape = inputs["prediction"].shape
    return inputs["mask"].spread(shape) if "mask" in inputs else [True] * len(inputs["prediction"].data)


def as_numbers(inputs, axis):
    target, _ = dense(inputs["target"], inputs["prediction"], axis)
    return inputs | {"target": Tensor(inputs["prediction"].shape, target)}


def entropy(inputs, o, axis, element):
    """The reduced cross entropy; a row of which the mask takes out an element is out."""
    prediction = inputs["prediction"]
    keeps = kept(inputs)
    if prediction.shape[axis] == 1:
        options = classification.DEFAULTS["binary_cross_entropy"] | {
            "positive_weight": (o["class_weights"] or [1])[0], "from_logits": o["from_logits"]}
        terms = classification.binary_cross_entropy(as_numbers(inputs, axis), options, axis, element)
        return reduced(terms, o, mask=Tensor(prediction.shape, keeps))
    options = classification.DEFAULTS["cross_entropy"] | {
        key: o[key] for key in ("class_weights", "label_smoothing", "from_logits")}
    terms = classification.cross_entropy(inputs, options, axis, element)
    rows = [all(keeps[i] for i in row) for row in prediction.rows(axis)]
    return reduced(terms, o, mask=Tensor(terms.shape, rows))


def focal(inputs, o, axis, element):
    """The reduced binary focal loss of the classes that count, each with its weight."""
    prediction = inputs["prediction"]
    options = classification.DEFAULTS["binary_focal"] | {
        key: o[key] for key in ("gamma", "alpha", "from_logits")}
    terms = classification.binary_focal(as_numbers(inputs, axis), options, axis, element)
    classes = [place[axis] for place in places(prediction.shape)]
    given = class_weights(o, prediction.shape[axis], element)
    keeps = [keep and counts(o, c) for keep, c in zip(kept(inputs), classes)]
    return reduced(
        terms, o, Tensor(prediction.shape, [given[c] for c in classes]), Tensor(prediction.shape, keeps))


def added(o, element, **parts):
    """The one term; a part that is multiplied by 0 is left out."""
    scales = {name: rounded(o[f"lambda_{name}"], element) for name in parts}
    return Terms([sum((s * parts[name]() for name, s in scales.items() if s), mpf(0))], [])


def dice_ce(inputs, o, axis, element):
    return added(
        o, element, dice=lambda: overlap(segmentation.dice, inputs, o, axis, element),
        cross_entropy=lambda: entropy(inputs, o, axis, element))


def dice_focal(inputs, o, axis, element):
    return added(
        o, element, dice=lambda: overlap(segmentation.dice, inputs, o, axis, element),
        focal=lambda: focal(inputs, o, axis, element))


def generalized_dice_focal(inputs, o, axis, element):
    return added(
        o, element, dice=lambda: overlap(segmentation.generalized_dice, inputs, o, axis, element),
        focal=lambda: focal(inputs, o, axis, element))
