"""What losses over regions share: which places belong together, and their probabilities."""

import itertools

from mpmath import exp, mpf

from formulas.scalars import Terms, log_softmax, sigmoid
from tensors import rounded


def counts(o, index):
    """Whether a class is measured."""
    chosen = o.get("classes", "all")
    return chosen == "all" or (index > 0 if chosen == "foreground" else index in chosen)


def class_weights(o, count, element):
    return [rounded(w, element) for w in o.get("class_weights", [])] or [mpf(1)] * count


def shares(prediction, o, axis, element):
    """What each element of a region of several classes adds to its sums: the weight of its class."""
    if o["per"] in ("class", "sample_and_class") or not prediction.rank:
        return [mpf(1)] * len(prediction.data)
    weights = class_weights(o, prediction.shape[axis], element)
    places = itertools.product(*(range(extent) for extent in prediction.shape))
    return [weights[place[axis]] for place in places]


def region_terms(data, shape, o, element):
    """The terms of regions, with what the classes weigh and without those that do not count."""
    if o["per"] not in ("class", "sample_and_class"):
        return Terms(data, shape)
    classes = [n % shape[-1] for n in range(len(data))]
    given = class_weights(o, shape[-1], element)
    weights, out = [given[c] for c in classes], [not counts(o, c) for c in classes]
    return Terms([w * x for w, x in zip(weights, data)], shape, weights if o.get("class_weights") else None, out)


def regions(inputs, o, axis):
    """The kept places of each region, and the shape of the terms."""
    prediction = inputs["prediction"]
    kept = inputs["mask"].spread(prediction.shape) if "mask" in inputs else [1] * len(prediction.data)
    axis = axis % prediction.rank if prediction.rank else 0
    sample = 1 if axis == 0 and prediction.rank > 1 else 0
    names = {"all": [], "sample": [sample], "class": [axis], "sample_and_class": [sample, axis]}[o["per"]]
    shape = [prediction.shape[name] for name in names]
    groups = {key: [] for key in itertools.product(*(range(extent) for extent in shape))}
    for n, place in enumerate(itertools.product(*(range(extent) for extent in prediction.shape))):
        if kept[n] and counts(o, place[axis] if place else 0):
            groups[tuple(place[name] for name in names)].append(n)
    return list(groups.values()), shape


def probabilities(inputs, o, axis):
    """The probabilities that a prediction stands for: by the activation that is set, or, of logits, by the
    softmax of several classes and the sigmoid of one.
    """
    prediction, activation = inputs["prediction"], o["activation"]
    if activation == "none" and o["from_logits"]:
        activation = "softmax" if prediction.rank and prediction.shape[axis] > 1 else "sigmoid"
    return activated(prediction.data, prediction.shape, activation, axis)


def activated(prediction, shape, activation, axis):
    """The probabilities that a prediction stands for."""
    if activation == "none":
        return prediction
    if activation == "sigmoid":
        return [sigmoid(x) for x in prediction]
    axis = axis % len(shape)
    rows = {}
    for n, place in enumerate(itertools.product(*(range(extent) for extent in shape))):
        rows.setdefault(place[:axis] + place[axis + 1 :], []).append(n)
    p = list(prediction)
    for row in rows.values():
        for n, log_p in zip(row, log_softmax([prediction[n] for n in row])):
            p[n] = exp(log_p)
    return p
