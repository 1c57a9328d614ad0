"""Writes the fixtures of second derivatives, ../corpus/hessian, with 120 digits.

    python3 hessian.py              write every file
    python3 hessian.py huber        the same for losses whose name contains the word
    python3 hessian.py --check      say whether the files are what this script gives

The inputs are those of generate.py: for each loss of LOSSES the typical input with some reductions, a
weight and a mask, the variants of the options, and the regimes. The product of the Hessian with a
vector is a mixed difference quotient of the value with steps of 1e-30, along the vector and along
each number of an input; the second derivative one along a number twice. Where the one-sided quotients
differ, there is a kink, and the case is left out, as are inputs beside a kink or beyond 1e-20 ... 1e20. Second derivatives are
written only where the condition number of the product is not above 8. Where the condition number with respect to inputs
and vector is above 8, the tolerance is the default one and twice so many ulps, and the case says so.
"""

import itertools
import multiprocessing
import pathlib
import sys

from mpmath import ceil, isinf, isnan, mp, mpf, nstr

import formulas
from evaluation import evaluate
from generate import (
    DEFAULT_ULPS, companions, differentiable, differs, fixture_tensor, keeps_something, may_spoil, spoilt)
from layout import text
from precise import TABLES
from precise.reductions import REDUCED
from precise.table import F32, F64, Variant
from tensors import Tensor, shortest, ulp

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "hessian"
SOURCE = "mpmath-120-digits"
VECTOR = [0.75, -0.5, 1.25, 0.3, -1.1, 0.6, -0.2]
REDUCTIONS = ("none", "mean", "mean-weighted-masked")
# Enough to see each option, and few enough to be read.
MOST_VARIANTS = 6

# The losses with products of the Hessian; in DIAGONAL those with second derivatives of the prediction.
DIAGONAL = set("""
    mean_squared_error huber smooth_l1 log_cosh expectile logit_distance periodic
    mean_squared_logarithmic_error poisson_nll gamma_deviance tweedie_deviance gaussian_nll
    squared_hinge smoothed_hinge modified_huber exponential sigmoid_margin l2_margin dwd_margin
    soft_margin binary_sparsemax l2_penalty siamese_contrastive
    binary_cross_entropy binary_focal cross_entropy multilabel_soft_margin ranknet
""".split())
LOSSES = DIAGONAL | set("""
    nll poly_cross_entropy generalized_cross_entropy focal kl_divergence generalized_kl_divergence
    jensen_shannon dice jaccard tversky focal_tversky mcc cosine_similarity cosine_distance
    cosine_embedding ranking_softmax list_mle ntxent supcon n_pairs cosface normalized_softmax ctc
    dice_ce dice_focal
""".split())


# Beside a kink, and where second derivatives are below the noise of the quotients.
LEFT_OUT = {"NearKink", "Overflow", "Underflow"}
# The scores of the label 1 where the second derivative jumps, of which 1 - score rounds to the jump.
JUMPS = {"modified_huber": (-1, 1), "smoothed_hinge": (0, 1)}
# The size of parts that cancel in second derivatives, where a regime does not say.
PARTS = {("binary_focal", "certain-and-wrong"): 1.0}


class Kink(Exception):
    """The one-sided quotients differ."""


def shifted(inputs, direction, step):
    """The inputs moved along a direction: numbers by role."""
    return inputs | {
        role: Tensor(
            inputs[role].shape, [x + step * d for x, d in zip(inputs[role].data, numbers)],
            inputs[role].element)
        for role, numbers in direction.items()}


class Function:
    """The summed result of a case, with its second derivatives."""

    def __init__(self, loss, inputs, case, element):
        self.loss, self.inputs, self.element = loss, inputs, element
        self.case = case | {
            "held": formulas.held(loss, inputs, case.get("options", {}), case.get("class_axis"), element)}
        self.h = mpf(10) ** -(mp.dps // 4)

    def __call__(self, *moves):
        given = self.inputs
        for direction, step in moves:
            given = shifted(given, direction, step * self.h)
        return sum(evaluate(self.loss, given, self.case, self.element)[1])

    def second(self, one, other, checked=True):
        """The second derivative along two directions."""
        both = [self((one, a), (other, b)) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
        central = (both[0] - both[1] - both[2] + both[3]) / (4 * self.h**2)
        if isnan(central) or isinf(central):
            raise Kink
        if checked:
            sided = (both[0] - self((one, 1)) - self((other, 1)) + self()) / self.h**2
            if abs(sided - central) > self.h ** mpf(0.25) * max(abs(central), 1):
                raise Kink
        # Noise of the arithmetic is 0.
        return central if abs(central) > self.h ** mpf(1.5) * max(abs(both[0]), 1) else mpf(0)

    def units(self, role):
        count = len(self.inputs[role].data)
        return [{role: [mpf(i == n) for i in range(count)]} for n in range(count)]

    def product(self, vector, roles, checked=True):
        return [self.second(unit, vector, checked) for role in roles for unit in self.units(role)]


def condition(loss, tensors, case, element, vector, roles):
    """The largest condition number of the product with respect to the inputs and the vector."""
    with mp.workdps(60):
        function = Function(loss, tensors, case, element)
        middle = function.product(vector, roles, checked=False)
        changes = [mpf(0)] * len(middle)
        step = mpf(10) ** -8
        for role in roles:
            for unit, x in zip(function.units(role), tensors[role].data):
                if x:
                    moved = Function(loss, shifted(tensors, unit, step * x), case, element)
                    for i, (a, b) in enumerate(zip(middle, moved.product(vector, roles, checked=False))):
                        changes[i] += abs(b - a) / step
        for role in vector:
            for unit, v in zip(function.units(role), vector[role]):
                if v:
                    for i, x in enumerate(function.product(unit, roles, checked=False)):
                        changes[i] += abs(v * x)
        return max((change / abs(x) for change, x in zip(changes, middle) if x), default=mpf(0))


def numbers(inputs):
    """The finite numbers of the inputs."""
    return [
        x for tensor in inputs.values() if tensor["element"] in ("f32", "f64") for x in tensor["data"]
        if not isinstance(x, str)]


def split(numbers, inputs, roles, element):
    """Numbers by role, as a fixture has them."""
    result, start = {}, 0
    for role in roles:
        count = len(inputs[role]["data"])
        result[role] = {
            "element": element, "shape": inputs[role]["shape"],
            "data": [shortest(x, element) for x in numbers[start : start + count]]}
        start += count
    return result


def made(table, scale, label, about, flags, inputs, options, reduction, roles, class_axis=None, shown=None,
    leading=None, parts=None, conditioned=True):
    """One case, or None where the loss has no second derivatives.

    leading: the roles that the vector has parts for; all of them where left out.
    parts: the size of parts that cancel, as in a Regime.
    conditioned: whether the condition number counts; false beside a jump, where it has none.
    """
    element = scale.element
    case = {"options": options, "reduction": reduction}
    if class_axis is not None:
        case["class_axis"] = class_axis
    roles = differentiable(roles, inputs)
    if not roles:
        return None
    tensors = {role: Tensor.of(tensor) for role, tensor in inputs.items()}
    given = [role for role in roles if not leading or role in leading]
    numbers = itertools.cycle(VECTOR)
    vectors = {
        role: fixture_tensor([next(numbers) for _ in inputs[role]["data"]], scale)
        | {"shape": inputs[role]["shape"]} for role in given}
    vector = {role: Tensor.of(x).data for role, x in vectors.items()}
    try:
        function = Function(table.loss, tensors, case, element)
        value = evaluate(table.loss, tensors, case, element)
        if any(isnan(x) or isinf(x) for x in value[1]):
            return None
        product = function.product(vector, roles)
        diagonal = []
        if table.loss in DIAGONAL and "prediction" in roles:
            diagonal = [function.second(unit, unit) for unit in function.units("prediction")]
        number = condition(table.loss, tensors, case, element, vector, roles) if conditioned else mpf(0)
    except (Kink, ValueError, ZeroDivisionError, AssertionError, OverflowError):
        return None
    largest = max(abs(x) for x in product)
    if not largest or largest > mpf(1e30) or largest < mpf(1e-25):
        return None
    family = next((x.__name__ for x in formulas.FAMILIES if table.loss in x.DEFAULTS), "evaluation")
    result = {
        "id": label, "about": about, "flags": sorted(set(flags.split())), "source": SOURCE,
        "place": f"hessian.py; {family.replace('.', '/')}.py, {table.loss}", "inputs": shown or inputs,
        "vectors": vectors}
    if options:
        result["options"] = options
    result["reduction"] = reduction
    if class_axis is not None:
        result["class_axis"] = class_axis
    expect = {}
    if diagonal and number <= 8:
        expect["second_derivatives"] = split(diagonal, inputs, ["prediction"], element)
    expect["hessian_vector"] = split(product, inputs, roles, element)
    result["expect"] = expect
    parts = mpf(table.parts if parts is None else parts)
    least = min((abs(x) for x in product + diagonal if x), default=parts)
    if parts > least:
        result |= {
            "tolerance": {"absolute": float(DEFAULT_ULPS[element] * ulp(parts, element))},
            "because": f"parts near {nstr(parts, 3)} cancel, with the condition number"
            f" {nstr(parts / least, 3)}: the default tolerance of the parts"}
    elif number > 8:
        result |= {
            "tolerance": {"ulp": DEFAULT_ULPS[element] + 2 * int(ceil(number))},
            "because": f"the condition number is {nstr(number, 3)}: the default, and an ulp of the inputs and"
            " of what is rounded next"}
    return result


def beside(jumps, scale):
    """Scores a step to each side of the jumps, for both labels; the step is below the rounding of 1."""
    step = 2.0 ** (-52 if scale is F64 else -23)
    scores = [x + (side * step if x else side * step / 256) for x in jumps for side in (-1, 1)]
    return {
        "prediction": fixture_tensor(scores + [-x for x in scores], scale),
        "target": fixture_tensor([1] * len(scores) + [-1] * len(scores), scale)}


def cases(table):
    chosen = [x for x in REDUCED if x.id in REDUCTIONS]
    for reduced in chosen:
        for scale in (F64, F32) if reduced.id == "mean" else (F64,):
            inputs = {role: fixture_tensor(x, scale) for role, x in table.typical.items()}
            tensors = {role: Tensor.of(x) for role, x in inputs.items()}
            shape = list(evaluate(
                table.loss, tensors, {"options": table.options, "reduction": "none"}, scale.element)[0])
            if reduced.keeps_nothing and keeps_something(table.loss, reduced):
                continue
            over = tensors["prediction"].shape if table.loss in formulas.REGIONS else shape
            inputs |= companions(reduced, shape, over, scale)
            shown = spoilt(inputs, over) if may_spoil(table.loss, table.options) else inputs
            yield made(
                table, scale, f"{reduced.id}-{scale.element}", reduced.about, reduced.flags, inputs,
                table.options, reduced.reduction, table.roles, shown=shown)
            if reduced.id == "mean":
                leading = differentiable(table.roles, inputs)[:1]
                yield made(
                    table, scale, f"first-input-{scale.element}", "a vector of the first input alone", "",
                    inputs, table.options, "sum", table.roles, leading=leading)
    for variant in table.variants[:MOST_VARIANTS]:
        inputs = {role: fixture_tensor(x, F64) for role, x in (variant.inputs or table.typical).items()}
        roles = table.roles if variant.roles is None else variant.roles
        yield made(
            table, F64, f"{variant.id}-sum-f64", "the sum, with options", f"IgnoredOption {variant.flags}",
            inputs, variant.options, "sum", roles, parts=variant.parts)
    for scale in (F64, F32) if table.loss in JUMPS else ():
        yield made(
            table, scale, f"beside-the-jumps-{scale.element}", "a step to each side of a jump", "NearKink",
            beside(JUMPS[table.loss], scale), table.options, "none", table.roles, conditioned=False)
    for regime in table.regimes:
        if regime.slopes or regime.unchecked or set(regime.flags.split()) & LEFT_OUT:
            continue
        for scale in regime.elements[:1]:
            given = regime.inputs(scale) if callable(regime.inputs) else regime.inputs
            inputs = {role: fixture_tensor(x, scale) for role, x in given.items()}
            if any(not 1e-20 < abs(x) < 1e20 for x in numbers(inputs) if x):
                continue
            roles = table.roles if regime.roles is None else regime.roles
            yield made(
                table, scale, f"{regime.id}-{scale.element}", regime.about, regime.flags, inputs,
                regime.options, regime.reduction, roles, regime.class_axis, parts=PARTS.get((table.loss, regime.id), regime.parts))


def content(index):
    mp.dps = 120
    table = TABLES[index]
    found = [case for case in cases(table) if case]
    file = {
        "schema": 1, "loss": table.loss, "about": f"Second derivatives: {table.about[0].lower()}{table.about[1:]}",
        "cases": found}
    return f"{table.loss}.json", text(file) + "\n" if found else "", len(found)


def main(words):
    is_check = "--check" in words
    words = [word for word in words if not word.startswith("--")]
    chosen = [
        i for i, x in enumerate(TABLES)
        if x.loss in LOSSES and (not words or any(w in x.loss for w in words))]
    FOLDER.mkdir(exist_ok=True)
    total = failures = 0
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for name, wanted, count in pool.imap_unordered(content, chosen):
            total += count
            print(name, count, flush=True)
            if not wanted:
                continue
            if is_check:
                failures += differs(str(FOLDER / name), wanted)
            else:
                (FOLDER / name).write_text(wanted)
    print(f"{total} cases of {len(chosen)} losses" + (f", {failures} files differ" if is_check else ""))
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
