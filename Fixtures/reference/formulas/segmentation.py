"""Overlaps of regions."""

from mpmath import mpf, sqrt

from formulas.regions import activated, counts, probabilities, region_terms, regions, shares
from formulas.scalars import Terms, above_zero, dense, ln
from tensors import places, rounded

OVERLAP = {
    "smooth": 1, "smooth_denominator": None, "logarithmic": False, "absent": "counts", "classes": "all",
    "class_weights": [], "activation": "none", "from_logits": False, "per": "all",
}
DEFAULTS = {
    "dice": OVERLAP | {"squared": False, "jaccard": False},
    "tversky": OVERLAP | {"false_positive_weight": 0.5, "false_negative_weight": 0.5},
    "jaccard": {
        "smooth": 1, "squared": False, "absent": "counts", "activation": "none", "from_logits": False, "per": "all",
    },
    "focal_tversky": {
        "gamma": 0.75, "false_positive_weight": 0.3, "false_negative_weight": 0.7, "smooth": 1,
        "activation": "none", "from_logits": False, "per": "all",
    },
    "generalized_dice": {
        "weighting": "square", "smooth": 1e-5, "smooth_denominator": None, "classes": "all",
        "activation": "none", "from_logits": False, "per": "sample",
    },
    "lovasz_hinge": {"per": "all"},
    "lovasz_softmax": {"from_logits": True, "classes": "present", "per": "all"},
    "mcc": {"smooth": 1e-5, "activation": "none", "from_logits": False, "per": "all"},
}

REGIONS = set(DEFAULTS)


def overlap_term(o, element, top, bottom, truth):
    """The term of a region from its overlap, what that is relative to, and what is true in it."""
    above = rounded(o["smooth"], element)
    below = above if o["smooth_denominator"] is None else rounded(o["smooth_denominator"], element)
    top, bottom = top + above, bottom + below
    if not bottom or (o["absent"] == "zero" and not truth):
        return mpf(0)
    return -ln(top / bottom) if o["logarithmic"] else 1 - top / bottom


def dice(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = probabilities(inputs, o, axis)
    w = shares(inputs["prediction"], o, axis, element)
    degree = 2 if o["squared"] else 1

    def term(group):
        sizes = sum((w[i] * (t[i] ** degree + p[i] ** degree) for i in group), mpf(0))
        hits = sum((w[i] * t[i] * p[i] for i in group), mpf(0))
        whole = 2 * (sizes - hits) if o["jaccard"] else sizes
        return overlap_term(o, element, 2 * hits, whole, sum(w[i] * t[i] for i in group))

    return region_terms([term(group) for group in groups], shape, o, element)


def tversky(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    a, b = rounded(o["false_positive_weight"], element), rounded(o["false_negative_weight"], element)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = probabilities(inputs, o, axis)
    w = shares(inputs["prediction"], o, axis, element)

    def term(group):
        hits = sum((w[i] * p[i] * t[i] for i in group), mpf(0))
        wrong = sum((w[i] * (a * p[i] * (1 - t[i]) + b * (1 - p[i]) * t[i]) for i in group), mpf(0))
        return overlap_term(o, element, hits, hits + wrong, sum(w[i] * t[i] for i in group))

    return region_terms([term(group) for group in groups], shape, o, element)


def jaccard(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    smooth = rounded(o["smooth"], element)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = probabilities(inputs, o, axis)
    degree = 2 if o["squared"] else 1

    def term(group):
        overlap = sum(t[i] * p[i] for i in group)
        union = sum(t[i] ** degree + p[i] ** degree for i in group) - overlap + smooth
        if o["absent"] == "zero" and not any(t[i] for i in group):
            return mpf(0)
        return 1 - (overlap + smooth) / union if union else mpf(0)

    return Terms([term(group) for group in groups], shape)


def focal_tversky(inputs, o, axis, element):
    power = rounded(o["gamma"], element)
    terms = tversky(inputs, OVERLAP | o, axis, element)
    return Terms([x**power if x else mpf(0) for x in terms.data], terms.shape)


def by_class(inputs, o, axis):
    """For each region the kept places of each of its classes, and the shape of the terms."""
    prediction = inputs["prediction"]
    kept = inputs["mask"].spread(prediction.shape) if "mask" in inputs else [1] * len(prediction.data)
    axis %= prediction.rank
    sample = 1 if axis == 0 else 0
    count = 1 if o["per"] == "all" else prediction.shape[sample]
    cells = [[[] for _ in range(prediction.shape[axis])] for _ in range(count)]
    for n, place in enumerate(places(prediction.shape)):
        if kept[n]:
            cells[0 if o["per"] == "all" else place[sample]][place[axis]].append(n)
    return cells, [] if o["per"] == "all" else [count]


def generalized_dice(inputs, o, axis, element):
    cells, shape = by_class(inputs, o, axis)
    above = rounded(o["smooth"], element)
    below = above if o["smooth_denominator"] is None else rounded(o["smooth_denominator"], element)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = probabilities(inputs, o, axis)
    power = {"square": 2, "simple": 1, "uniform": 0}[o["weighting"]]

    def term(cell):
        cell = [own for j, own in enumerate(cell) if counts(o, j)]
        sizes = [sum(t[i] for i in own) for own in cell]
        weights = [1 / size**power if size or not power else None for size in sizes]
        heaviest = max((w for w in weights if w is not None), default=mpf(0))
        weights = [heaviest if w is None else w for w in weights]
        overlap = sum(w * sum(t[i] * p[i] for i in own) for w, own in zip(weights, cell))
        size = sum(w * sum(t[i] + p[i] for i in own) for w, own in zip(weights, cell)) + below
        return 1 - (2 * overlap + above) / size if size else mpf(0)

    return Terms([term(cell) for cell in cells], shape)


def lovasz(errors):
    """The Lovasz extension of the Jaccard loss, from pairs of an error and whether it is foreground."""
    foreground = sum(1 for _, is_true in errors if is_true)
    total, before, hits, others = mpf(0), mpf(0), foreground, 0
    for error, is_true in sorted(errors, key=lambda pair: -pair[0]):
        hits -= is_true
        others += not is_true
        jaccard = 1 - mpf(hits) / (foreground + others)
        total += error * (jaccard - before)
        before = jaccard
    return total


def lovasz_hinge(inputs, o, axis, element):
    groups, shape = regions(inputs, o, -1)
    x, t = inputs["prediction"].data, inputs["target"].data
    return Terms(
        [lovasz([(above_zero(1 - x[i] * (2 * t[i] - 1)), t[i] == 1) for i in group]) for group in groups],
        shape)


def lovasz_softmax(inputs, o, axis, element):
    cells, shape = by_class(inputs, o, axis)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    activation = "softmax" if o["from_logits"] else "none"
    p = activated(inputs["prediction"].data, inputs["prediction"].shape, activation, axis)

    def term(cell):
        counted = [
            lovasz([(abs(t[i] - p[i]), t[i] == 1) for i in own]) for own in cell
            if o["classes"] == "all" or any(t[i] for i in own)]
        return sum(counted) / len(counted) if counted else mpf(0)

    return Terms([term(cell) for cell in cells], shape)


def mcc(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    smooth = rounded(o["smooth"], element)
    t, _ = dense(inputs["target"], inputs["prediction"], axis)
    p = probabilities(inputs, o, axis)

    def term(group):
        tp = sum(t[i] * p[i] for i in group) + smooth
        tn = sum((1 - t[i]) * (1 - p[i]) for i in group) + smooth
        fp = sum((1 - t[i]) * p[i] for i in group) + smooth
        fn = sum(t[i] * (1 - p[i]) for i in group) + smooth
        root = sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        return 1 - (tp * tn - fp * fn) / root if root else mpf(1)

    return Terms([term(group) for group in groups], shape)
