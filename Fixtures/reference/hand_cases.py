"""Recomputes the numbers of the corpus with 150 digits.

    python3 hand_cases.py            compare every case of ../corpus with what the formulas give
    python3 hand_cases.py huber      the same for files whose path contains the word

A case whose source is `mpmath-50-digits` must have exactly the digits that come out here. Any other
case must lie within half the default tolerance of the corpus (2 ulp for f32, 4 for f64), or within
the tolerance that it states. Gradients are central differences with a step of 1e-50 of the input,
exact to about 50 digits wherever the loss is smooth; cases flagged `Kink` stand at a point where
it is not, and their gradients are left to the derivation that the case gives. Cases that expect an
error have nothing to recompute. The folder `precise` is that of generate.py, which checks it.

Depends on: mpmath.
"""

import json
import pathlib
import sys

from mpmath import isinf, isnan, mpf

from evaluation import element_of, evaluate, gradient
from tensors import WORDS, Tensor, shortest, ulp

# Cases that executed_cases.py and defects.py make and check by running the frameworks, and examples that
# these print under their own names.
EXECUTED = {f"{name}-run" for name in ("torch", "torchvision", "keras", "optax", "mlx", "monai", "smp")} | {
    "keras-3.15.1-docs", "tf-keras-2.21-docs", "optax-0.2.8-docs", "mlx-0.32.2-docs", "torch-2.15.0-docs", "defects-run"}
CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus"
GENERATED = "precise"


def computed(name, case):
    """Value and gradients of a case, as numbers and as the digits that a fixture holds."""
    element = element_of(case)
    inputs = {role: Tensor.of(given) for role, given in case["inputs"].items()}
    result = {"value": evaluate(name, inputs, case, element), "gradients": {}}
    for role in case["expect"].get("gradients", {}):
        result["gradients"][role] = (inputs[role].shape, gradient(name, inputs, case, element, role))
    return result, element


def misses(found, shape, data, case, element, exact):
    """What is wrong with an expected array, as a list of sentences."""
    if list(found[0]) != list(shape):
        return [f"shape {list(found[0])} is not {shape}"]
    wrong = []
    for n, (true, given) in enumerate(zip(found[1], data)):
        number = WORDS[given] if isinstance(given, str) else mpf(given)
        if true is None:
            continue
        if exact:
            if shortest(true, element) != given:
                wrong.append(f"{given} at {n} is not {shortest(true, element)}")
        elif isnan(true) or isnan(number) or isinf(true) or isinf(number):
            if str(true) != str(number):
                wrong.append(f"{given} at {n} is not {true}")
        else:
            allowed = (2 if element == "f32" else 4) * ulp(true, element) if true or number else mpf(0)
            tolerance = case.get("tolerance", {})
            allowed = max(
                allowed, mpf(tolerance.get("absolute", 0)), mpf(tolerance.get("relative", 0)) * abs(number),
                tolerance.get("ulp", 0) * ulp(number, element))
            if abs(true - number) > allowed:
                distance = float(abs(true - number) / ulp(number, element))
                wrong.append(f"{given} at {n} is {distance:.1f} ulp from {shortest(true, element)}")
    return wrong


def check(name, case):
    """The sentences of one case, and how many arrays were compared."""
    expect = case["expect"]
    if "error" in expect or "relation" in expect:
        return [], 0
    found, element = computed(name, case)
    exact = case["source"] == "mpmath-50-digits"
    wrong, count = [], 0
    if "value" in expect:
        value = expect["value"]
        wrong += misses(found["value"], value["shape"], value["data"], case, element, exact)
        count += 1
    if "Kink" not in case["flags"]:
        for role, given in expect.get("gradients", {}).items():
            wrong += [f"gradient of {role}: {x}" for x in misses(
                found["gradients"][role], given["shape"], given["data"], case, element, exact)]
            count += 1
    return wrong, count


def main(words):
    cases = arrays = failures = 0
    for path in sorted(CORPUS.glob("*/*.json")):
        label = f"{path.parent.name}/{path.stem}"
        if path.parent.name == GENERATED:
            continue
        if words and not any(word in label for word in words):
            continue
        file = json.loads(path.read_text())
        for case in file["cases"]:
            if case["source"] in EXECUTED:
                continue
            wrong, count = check(case.get("loss", file.get("loss")), case)
            cases += count > 0
            arrays += count
            failures += len(wrong) > 0
            for sentence in wrong:
                print(f"{label}#{case['id']}: {sentence}")
    print(f"{cases} cases, {arrays} arrays recomputed, {failures} cases differ")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
