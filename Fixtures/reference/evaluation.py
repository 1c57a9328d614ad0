"""Values and derivatives of any loss, from the formulas and the definition of a reduction.

Derivatives are difference quotients. The step is 10^-(digits / 3) of the input, so that the quotient
is exact to about as many digits, wherever the loss is smooth.
"""

from mpmath import isinf, isnan, mp, mpf

import dialects
import formulas
from reductions import reduce
from tensors import Tensor, rounded


def element_of(case):
    """The element of the computation: the widest of the real inputs, unless the case says."""
    if "compute" in case:
        return case["compute"]
    elements = {given["element"] for given in case["inputs"].values()}
    return "f64" if "f64" in elements else "f32" if "f32" in elements else "f64"


def evaluate(name, inputs, case, element):
    """The shape and the data of a result."""
    options = case.get("options", {})
    if name == "sum":
        # A part without a reduction of its own takes that of the whole.
        parts = [{"reduction": case.get("reduction", "mean"), **part} for part in options["parts"]]
        results = [evaluate(part["loss"], inputs, part, element) for part in parts]
        scales = [rounded(part.get("scale", 1), element) for part in options["parts"]]
        data = [sum(s * x for s, x in zip(scales, column)) for column in zip(*(r[1] for r in results))]
        return results[0][0], data
    if name == "deep_supervision":
        return supervised(inputs, options, case, element)
    if "." in name:
        dialect, *_, name = name.split(".")
        return getattr(dialects, dialect)(name, inputs, options, element)
    terms = formulas.terms(
        name, inputs, options, case.get("class_axis"), element, case.get("held"))
    reduction = case.get("reduction", "none" if name in formulas.TRANSFORMS else "mean")
    mask = None if name in formulas.REGIONS else inputs.get("mask")
    return reduce(
        terms.data, terms.shape, reduction, inputs.get("weight"), mask, terms.measures, terms.excluded)


def supervised(inputs, options, case, element):
    """The weighted sum of a loss at each of the resolutions of several predictions."""
    levels = sorted(role for role in inputs if role.startswith("prediction"))
    weights = options.get("weights", "halving")
    words = {
        "halving": [max(mpf(1) / 2**n, mpf(1) / 16) for n in range(8)], "half": [1] + 7 * [mpf(1) / 2],
        "same": 8 * [1]}
    numbers = [rounded(w, element) for w in (words[weights] if isinstance(weights, str) else weights)]
    part = {key: case[key] for key in ("reduction", "class_axis") if key in case} | options["of"]
    total = None
    for role, w in zip(levels, numbers):
        leading = inputs[role]
        axis = part.get("class_axis", -1) % len(leading.shape) if "class_axis" in part else None
        given = {"prediction": leading}
        for other in inputs.keys() - levels:
            given[other] = nearest(inputs[other], leading.shape, axis)
        shape, data = evaluate(part["loss"], given, part, element)
        data = [w * rounded(part.get("scale", 1), element) * x for x in data]
        total = data if total is None else [a + b for a, b in zip(total, data)]
    return shape, total


def nearest(tensor, shape, class_axis):
    """A tensor brought to the places of a shape: those of all axes but the first and the classes'."""
    wanted = [None if n in (0, class_axis) else extent for n, extent in enumerate(shape)]
    if class_axis is not None and len(tensor.shape) < len(shape):
        del wanted[class_axis]
    wanted = [own if new is None else new for own, new in zip(tensor.shape, wanted)]
    places = [0]
    for own, new in zip(tensor.shape, wanted):
        places = [place * own + (2 * j + 1) * own // (2 * new) for place in places for j in range(new)]
    return Tensor(wanted, [tensor.data[place] for place in places], tensor.element)


def moved(inputs, role, place, number):
    """The inputs with one number changed."""
    given = inputs[role]
    data = given.data[:place] + [number] + given.data[place + 1 :]
    return inputs | {role: Tensor(given.shape, data, given.element)}


def step(x):
    return (abs(x) or mpf(1)) * mpf(10) ** -(mp.dps // 3)


def quotients(name, inputs, case, element, role):
    """For each number of an input the slopes of the summed result, just below it and just above.

    None where the result or the number is not finite.
    """

    def total(given):
        return sum(evaluate(name, given, case, element)[1])

    held = formulas.held(name, inputs, case.get("options", {}), case.get("class_axis"), element)
    case = case | {"held": held}
    whole, slopes = total(inputs), []
    for place, x in enumerate(inputs[role].data):
        if isnan(whole) or isinf(whole) or isnan(x) or isinf(x):
            slopes.append(None)
            continue
        h = step(x)
        below, above = (total(moved(inputs, role, place, x + side)) for side in (-h, h))
        slopes.append(((whole - below) / h, (above - whole) / h))
    return slopes


def central(slope):
    """The derivative between two slopes; noise of the arithmetic is 0."""
    middle = (slope[0] + slope[1]) / 2
    return middle if isnan(middle) or abs(middle) > mpf(10) ** -(2 * mp.dps // 5) else mpf(0)


def is_kink(slope):
    """Whether the slopes on the two sides differ by more than the curvature of a smooth function."""
    below, above = slope
    if isnan(below) or isnan(above):
        return True
    larger = max(abs(below), abs(above))
    return larger > mpf(10) ** -(3 * mp.dps // 10) and abs(above - below) > larger * mpf(10) ** -(mp.dps // 10)


def gradient(name, inputs, case, element, role):
    """The derivative of the sum of the result with respect to each number of an input.

    None where the result is not finite. An input that is not finite itself does not enter a finite
    result.
    """
    whole = sum(evaluate(name, inputs, case, element)[1])
    if isnan(whole) or isinf(whole):
        return [None] * len(inputs[role].data)
    slopes = quotients(name, inputs, case, element, role)
    return [mpf(0) if slope is None else central(slope) for slope in slopes]


def condition(name, inputs, case, element, roles):
    """The largest condition number of the result and of its gradients with respect to the roles.

    By what the relative changes of the inputs are multiplied, at most, on their way to a number of
    the result or of a gradient.
    """

    # Fewer digits are enough for a condition number.
    with mp.workdps(300):
        return felt(name, inputs, case, element, roles)


def felt(name, inputs, case, element, roles):
    def everything(given):
        numbers = list(evaluate(name, given, case, element)[1])
        for role in roles:
            numbers += gradient(name, given, case, element, role)
        return numbers

    result = everything(inputs)
    if None in result or any(isinf(x) or isnan(x) for x in result):
        return mpf(0)
    changes = [mpf(0)] * len(result)
    for role in roles:
        for place, x in enumerate(inputs[role].data):
            if not x or isinf(x) or isnan(x):
                continue
            h = abs(x) * mpf(10) ** -(mp.dps // 6)
            below, above = (everything(moved(inputs, role, place, x + side)) for side in (-h, h))
            for i, (low, high) in enumerate(zip(below, above)):
                changes[i] += abs(x * (high - low) / (2 * h))
    return max((change / abs(x) for change, x in zip(changes, result) if x), default=mpf(0))
