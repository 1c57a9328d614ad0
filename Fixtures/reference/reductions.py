"""How terms become a result: the definitions of the fixtures' `reduction`."""

from mpmath import mpf, nan

from tensors import places


def reduce(terms, shape, reduction, weight=None, mask=None, measures=None, excluded=None):
    """The shape and the data of the reduced terms.

    measures: what each term weighs by its own target (class weights), for weighted_mean.
    excluded: the terms that the loss itself leaves out, as a mask would.
    """
    given = {"kind": reduction} if isinstance(reduction, str) else dict(reduction)
    kind = given["kind"]
    weights = weight.spread(shape) if weight else [mpf(1)] * len(terms)
    keeps = [bool(x) for x in mask.spread(shape)] if mask else [True] * len(terms)
    if excluded:
        keeps = [keep and not out for keep, out in zip(keeps, excluded)]
    measures = measures or [mpf(1)] * len(terms)
    # Each entry: its place, its weighted term, what it weighs, and whether it counts.
    entries = []
    for n, place in enumerate(places(shape)):
        term = weights[n] * terms[n] if keeps[n] and weights[n] != 0 else mpf(0)
        entries.append((place, term, weights[n] * measures[n], keeps[n]))
    if "first" in given:
        entries, shape = first_stage(entries, shape, given["first"])
    if kind == "none":
        return shape, [entry[1] for entry in entries]
    axes = [axis % len(shape) for axis in given.get("axes", range(len(shape)))]
    groups = grouped(entries, shape, axes)
    result = [finish(kind, group, given.get("when_empty", "refuse")) for group in groups.values()]
    if given.get("keeps_axes"):
        return [1 if axis in axes else extent for axis, extent in enumerate(shape)], result
    return [extent for axis, extent in enumerate(shape) if axis not in axes], result


def grouped(entries, shape, axes):
    kept = [extent for axis, extent in enumerate(shape) if axis not in axes]
    groups = {place: [] for place in places(kept)}
    for entry in entries:
        groups[tuple(x for axis, x in enumerate(entry[0]) if axis not in axes)].append(entry)
    return groups


def first_stage(entries, shape, first):
    axes = [axis % len(shape) for axis in first["axes"]]
    result = []
    for place, group in grouped(entries, shape, axes).items():
        count = sum(1 for entry in group if entry[3])
        divisor = max(1, count) if first["kind"] == "mean" else 1
        mass = sum(entry[2] for entry in group if entry[3])
        result.append((place, sum(entry[1] for entry in group) / divisor, mass / max(1, count), count > 0))
    return result, [extent for axis, extent in enumerate(shape) if axis not in axes]


def finish(kind, group, when_empty):
    total = sum((entry[1] for entry in group), mpf(0))
    kept = [entry for entry in group if entry[3]]
    divisor = {
        "sum": lambda: mpf(1),
        "mean": lambda: mpf(len(kept)),
        "weighted_mean": lambda: sum((entry[2] for entry in kept), mpf(0)),
        "batch_mean": lambda: mpf(len({entry[0][:1] for entry in kept})),
    }[kind]()
    if divisor == 0:
        assert when_empty != "refuse", "an error, not a number"
        return mpf(0) if when_empty == "zero" else nan
    return total / divisor
