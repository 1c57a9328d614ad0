"""Losses that weigh places by their distances from a boundary."""

from mpmath import log, mpf, sqrt

from formulas.regions import counts, probabilities, region_terms, regions
from formulas.scalars import dense
from tensors import places, rounded

DEFAULTS = {
    "boundary": {"activation": "none", "from_logits": False, "classes": "all", "per": "sample_and_class"},
    "hausdorff_dt": {
        "alpha": 2, "logarithmic": False, "activation": "none", "from_logits": False, "classes": "all",
        "per": "sample_and_class",
    },
}

REGIONS = set(DEFAULTS)


def squares(inputs, axis, numbers):
    """For each element the squared distance to the nearest place of its class and sample on the other
    side of 1/2; 0 if there is none. What the mask takes out lies outside."""
    prediction = inputs["prediction"]
    kept = inputs["mask"].spread(prediction.shape) if "mask" in inputs else [1] * len(prediction.data)
    axis %= prediction.rank
    sample = 1 if axis == 0 else 0
    cells = {}
    for n, place in enumerate(places(prediction.shape)):
        rest = [x for a, x in enumerate(place) if a not in (axis, sample)]
        inside = bool(kept[n]) and numbers[n] > mpf(1) / 2
        cells.setdefault((place[sample], place[axis]), []).append((n, rest, inside))
    found = [mpf(0)] * len(prediction.data)
    for cell in cells.values():
        for n, here, inside in cell:
            others = [there for _, there, other in cell if other != inside]
            found[n] = mpf(min((sum((a - b) ** 2 for a, b in zip(here, there)) for there in others), default=0))
    return found


def means(inputs, o, axis, element, numbers):
    groups, shape = regions(inputs, o, axis)
    data = [sum((numbers[i] for i in group), mpf(0)) / len(group) if group else mpf(0) for group in groups]
    if o.get("logarithmic"):
        data = [log(1 + x) for x in data]
    return region_terms(data, shape, o, element)


def parts(inputs, o, axis):
    prediction = inputs["prediction"]
    t, _ = dense(inputs["target"], prediction, axis)
    return probabilities(inputs, o, axis), t


def boundary(inputs, o, axis, element):
    p, t = parts(inputs, o, axis)
    kept = inputs["mask"].spread(inputs["prediction"].shape) if "mask" in inputs else [1] * len(t)

    def signed(square, target, keep):
        inside = keep and target > mpf(1) / 2
        return mpf(0) if not square else 1 - sqrt(square) if inside else sqrt(square)

    found = squares(inputs, axis, t)
    return means(inputs, o, axis, element, [
        x * signed(d, y, keep) for x, d, y, keep in zip(p, found, t, kept)])


def hausdorff_dt(inputs, o, axis, element):
    p, t = parts(inputs, o, axis)
    half = rounded(o["alpha"], element) / 2

    def weight(square):
        return square**half if square else mpf(0)

    both = zip(p, t, squares(inputs, axis, t), squares(inputs, axis, p))
    return means(inputs, o, axis, element, [
        (x - y) ** 2 * (weight(true) + weight(predicted)) for x, y, true, predicted in both])
