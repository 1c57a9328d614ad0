"""Writes the fixtures of high precision, ../corpus/precise, with 1200 digits.

    python3 generate.py              write every file
    python3 generate.py huber        the same for losses whose name contains the word
    python3 generate.py --check      say whether the files are what this script gives

To have the cases of a new loss, give its formula and its options with defaults to the module of its
family in formulas/, and what it is tried on to the module of that name in precise/: a `Table` with a
typical input, variants of the options, and regimes, the inputs that hunt bugs. precise/table.py says
what can be written there. Everything else is done here and the same for every loss: the reductions of
precise/reductions.py, weights, masks, NaN under what they remove, values, gradients, tolerances.

Values and gradients are those of the inputs as the element holds them, rounded once. Gradients are
difference quotients of steps of 1e-400. Where the slopes on both sides differ, the script stops: the
table has to state what Conventions.md chooses there. A tolerance is the default one, unless the table
says that an input is sensitive; then it is widened by the condition number, which is computed here
and stated in the case. Nothing depends on time or chance, so that the bytes are the same each time.

Depends on: mpmath; gmpy2 makes it ten times as fast.
"""

import difflib
import itertools
import math
import multiprocessing
import pathlib
import sys

from mpmath import ceil, mp, mpf, nstr

import formulas
from evaluation import condition, evaluate, gradient, is_kink, quotients
from layout import text
from precise import TABLES
from precise.reductions import KEPT, REDUCED, WEIGHTS, WITH_OPTIONS
from precise.table import Variant
from tensors import Tensor, f32, shortest, ulp

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "precise"
SOURCE = "mpmath-1200-digits"
DEFAULT_ULPS = {"f32": 4, "f64": 8}


# Inputs.


def shape_of(nested):
    return [len(nested)] + (shape_of(nested[0]) if nested else []) if isinstance(nested, list) else []


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


def held(number, element):
    """A number of a table as the fixture spells what the element holds."""
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    if element == "f64" or number == 0:
        return float(number)
    return shortest(mpf(f32(number)), "f32")


def fixture_tensor(nested, scale):
    """A nested list as a fixture has it."""
    data, shape = flat(nested), shape_of(nested)
    if all(isinstance(x, bool) for x in data) and data:
        return {"element": "bool", "shape": shape, "data": data}
    if all(isinstance(x, int) for x in data):
        return {"element": "i64", "shape": shape, "data": data}
    return {"element": scale.element, "shape": shape, "data": [held(x, scale.element) for x in data]}


def cycled(pattern, shape):
    return list(itertools.islice(itertools.cycle(pattern), math.prod(shape)))


def companions(reduced, shape, mask_shape, scale):
    """The weight and the mask that a reduction is tried with."""
    given = {}
    if reduced.weighs:
        extents = [1 if axis in reduced.even else extent for axis, extent in enumerate(shape)]
        given["weight"] = {
            "element": scale.element, "shape": extents, "data": cycled(WEIGHTS, extents)}
    if reduced.masks:
        pattern = [False] if reduced.keeps_nothing else KEPT
        given["mask"] = {"element": "bool", "shape": mask_shape, "data": cycled(pattern, mask_shape)}
    return given


def spoilt(inputs, shape):
    """The inputs with NaN, infinity or a wrong index wherever a mask or a weight of 0 removes a term.

    What is removed may be anything, so this changes no result.
    """
    weight = inputs["weight"]["data"] if "weight" in inputs else []
    mask = inputs["mask"]["data"] if "mask" in inputs else []
    count = math.prod(shape)
    removed = [
        n for n in range(count)
        if (len(weight) == count and weight[n] == 0) or (len(mask) == count and not mask[n])]
    result = {}
    for role, tensor in inputs.items():
        fits = shape and tensor["shape"][: len(shape)] == shape and not role.endswith("_lengths")
        data = list(tensor["data"])
        if fits and role not in ("weight", "mask") and tensor["element"] != "bool":
            size = len(data) // count
            for n in removed:
                trash = 99 if tensor["element"] == "i64" else "nan" if n % 2 else "inf"
                data[n * size : (n + 1) * size] = [trash] * size
        result[role] = tensor | {"data": data}
    return result


def may_spoil(loss, options):
    """Whether what a removed term reads is read by no other term."""
    given = formulas.DEFAULTS.get(loss, {}) | options
    takes_softmax = given.get("activation") == "softmax" or (
        loss in formulas.REGIONS and given.get("activation", "none") == "none" and given.get("from_logits", False))
    return loss not in formulas.TRANSFORMS and not takes_softmax


def keeps_something(loss, reduced):
    """Whether terms remain under an empty mask: a region of nothing is a term, which is 0."""
    return loss in formulas.REGIONS and isinstance(reduced.reduction, dict)


# Expectations.


def differentiable(roles, inputs):
    return [role for role in roles if role in inputs and inputs[role]["element"] in ("f32", "f64")]


def slopes_of(loss, tensors, case, element, role, label):
    """The gradient, or None where the result is not finite."""
    slopes = quotients(loss, tensors, case, element, role)
    assert not any(slope and is_kink(slope) for slope in slopes), f"{label}: a kink for {role}"
    return gradient(loss, tensors, case, element, role)


def expected(loss, inputs, case, element, roles, stated, label):
    tensors = {role: Tensor.of(tensor) for role, tensor in inputs.items()}
    shape, data = evaluate(loss, tensors, case, element)
    expect = {"value": {"shape": list(shape), "data": [shortest(x, element) for x in data]}}
    gradients = {}
    for role in differentiable(roles, inputs):
        if role in stated:
            numbers = [held(x, element) for x in flat(stated[role])]
        else:
            found = slopes_of(loss, tensors, case, element, role, label)
            if None in found:
                continue
            numbers = [shortest(x, element) for x in found]
        gradients[role] = {"element": element, "shape": inputs[role]["shape"], "data": numbers}
    return expect | ({"gradients": gradients} if gradients else {})


def numbers_of(expect):
    arrays = [expect["value"], *expect.get("gradients", {}).values()]
    return [x for array in arrays for x in array["data"]]


def tolerance(loss, inputs, case, element, roles, sensitive, parts, expect, label):
    """The default tolerance, widened by a stated condition number."""
    if parts:
        least = min((abs(mpf(x)) for x in numbers_of(expect) if not isinstance(x, str) and x), default=parts)
        return {} if least >= parts else {
            "tolerance": {"absolute": float(DEFAULT_ULPS[element] * ulp(mpf(parts), element))},
            "because": f"parts near {parts} cancel, with the condition number {nstr(parts / least, 3)}:"
            " the default tolerance of the parts"}
    if not sensitive:
        return {}
    tensors = {role: Tensor.of(tensor) for role, tensor in inputs.items()}
    number = condition(loss, tensors, case, element, differentiable(roles, inputs))
    if not number:
        return {}
    if number > 1000:
        print(f"{label}: the condition number is {nstr(number, 3)}; another input says more")
    ulps = DEFAULT_ULPS[element] + int(ceil(sensitive * number))
    steps = "half an ulp of the inputs" + (" and of what is rounded next" if sensitive > 1 else "")
    return {
        "tolerance": {"ulp": ulps},
        "because": f"the condition number is {nstr(number, 3)}: the default, and {steps}"}


def made(table, scale, label, about, flags, inputs, options, reduction, chosen, class_axis=None,
    stated=None, shown=None):
    """One case.

    chosen: the regime or variant, whose roles and tolerance go before those of the table.
    stated: gradients that are not computed.
    shown: the inputs to write, where they differ from those that are evaluated.
    """
    roles, sensitive, parts = (
        getattr(table if getattr(chosen, name) is None else chosen, name)
        for name in ("roles", "sensitive", "parts"))
    if table.constant_sum and "weight" not in inputs:
        roles = ()
    element = scale.element
    case = {"options": options, "reduction": reduction}
    if class_axis is not None:
        case["class_axis"] = class_axis
    family = next((x.__name__ for x in formulas.FAMILIES if table.loss in x.DEFAULTS), "evaluation")
    assert len(about) <= 70, about
    result = {
        "id": label, "about": about, "flags": sorted(set(flags.split())), "source": SOURCE,
        "place": f"{family.replace('.', '/')}.py, {table.loss}", "inputs": shown or inputs}
    if options:
        result["options"] = options
    result["reduction"] = reduction
    if class_axis is not None:
        result["class_axis"] = class_axis
    if not any(x["element"] in ("f32", "f64") for x in inputs.values()) and element == "f32":
        result["compute"] = element
    if getattr(chosen, "unchecked", False):
        result["unchecked"] = True
    result["expect"] = expected(
        table.loss, inputs, case, element, roles, stated or {}, f"{table.loss}#{label}")
    return result | tolerance(
        table.loss, inputs, case, element, roles, sensitive, parts, result["expect"],
        f"{table.loss}#{label}")


# The cases of a table.


def reduced_cases(table, wanted, variant, name=""):
    options, flags = variant.options, f"IgnoredOption {variant.flags}" if name else ""
    for reduced in wanted:
        for scale in reduced.elements:
            inputs = {
                role: fixture_tensor(x, scale) for role, x in (variant.inputs or table.typical).items()}
            tensors = {role: Tensor.of(x) for role, x in inputs.items()}
            case = {"options": options, "reduction": "none"}
            shape = list(evaluate(table.loss, tensors, case, scale.element)[0])
            if len(shape) < reduced.rank or (reduced.keeps_nothing and keeps_something(table.loss, reduced)):
                continue
            over = tensors["prediction"].shape if table.loss in formulas.REGIONS else shape
            inputs |= companions(reduced, shape, over, scale)
            shown = spoilt(inputs, over) if may_spoil(table.loss, options) else inputs
            stated = {
                role: [0.0] * len(x["data"]) for role, x in inputs.items() if reduced.keeps_nothing}
            yield made(
                table, scale, "-".join(x for x in (name, reduced.id, scale.element) if x),
                reduced.about, f"{reduced.flags} {flags}", inputs, options, reduced.reduction, variant,
                stated=stated, shown=shown)


def regime_cases(table):
    for regime in table.regimes:
        for scale in regime.elements:
            given = regime.inputs(scale) if callable(regime.inputs) else regime.inputs
            inputs = {role: fixture_tensor(x, scale) for role, x in given.items()}
            yield made(
                table, scale, f"{regime.id}-{scale.element}", regime.about, regime.flags, inputs,
                regime.options, regime.reduction, regime, regime.class_axis, regime.slopes)


def cases(table):
    yield from reduced_cases(table, REDUCED, Variant("", table.options))
    for variant in table.variants:
        yield from reduced_cases(table, WITH_OPTIONS, variant, variant.id)
    yield from regime_cases(table)


# Files.


def content(index):
    """The name and the text of a file, and how many cases it has."""
    mp.dps = 1200
    table = TABLES[index]
    found = list(cases(table))
    names = [case["id"] for case in found]
    assert len(names) == len(set(names)), f"{table.loss}: twice {[x for x in names if names.count(x) > 1]}"
    file = {"schema": 1, "loss": table.loss, "about": table.about, "cases": found}
    return f"{table.loss}.json", text(file) + "\n", len(found)


def differs(name, wanted):
    """Whether a committed file is another than the script gives; says where."""
    path = FOLDER / name
    given = path.read_text() if path.exists() else ""
    if given == wanted:
        return False
    lines = difflib.unified_diff(given.splitlines(), wanted.splitlines(), f"committed {name}", name, n=0)
    print(*itertools.islice(lines, 8), sep="\n")
    return True


def main(words):
    is_check = "--check" in words
    words = [word for word in words if not word.startswith("--")]
    chosen = [i for i, x in enumerate(TABLES) if not words or any(w in x.loss for w in words)]
    FOLDER.mkdir(exist_ok=True)
    total = failures = 0
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for name, wanted, count in pool.imap(content, chosen):
            total += count
            if is_check:
                failures += differs(name, wanted)
            else:
                (FOLDER / name).write_text(wanted)
    known = {f"{table.loss}.json" for table in TABLES}
    for path in sorted(FOLDER.glob("*.json")):
        if path.name not in known:
            failures += 1
            print(f"{path.name}: no table gives this file")
    print(f"{total} cases of {len(chosen)} losses" + (f", {failures} files differ" if is_check else ""))
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
