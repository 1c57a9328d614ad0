"""What losses over regions share: which places belong together, and their probabilities."""

import itertools

from mpmath import exp

from formulas.scalars import log_softmax, sigmoid



def regions(inputs, o, axis):
    """The kept places of each region, and the shape of the terms."""
    prediction = inputs["prediction"]
    kept = inputs["mask"].spread(prediction.shape) if "mask" in inputs else [1] * len(prediction.data)
    axis = axis % prediction.rank if prediction.rank else 0
    names = {"all": [], "sample": [0], "class": [axis], "sample_and_class": [0, axis]}[o["per"]]
    shape = [prediction.shape[name] for name in names]
    groups = {key: [] for key in itertools.product(*(range(extent) for extent in shape))}
    for n, place in enumerate(itertools.product(*(range(extent) for extent in prediction.shape))):
        if kept[n]:
            groups[tuple(place[name] for name in names)].append(n)
    return list(groups.values()), shape


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
