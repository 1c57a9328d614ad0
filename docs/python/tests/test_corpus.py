"""The corpus through Python, and implementations of others held to it."""

import os
import struct

import numpy as np
import pytest

import losses
from losses import testing


def huber(prediction, target, delta=1.0, reduction="mean"):
    distance = np.abs(prediction - target)
    with np.errstate(over="ignore"):
        terms = np.where(distance <= delta, distance * distance / 2, delta * (distance - delta / 2))
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](terms)


@testing.corpus("flux.huber_loss")
def test_three_lines(case):
    case.check(lambda prediction, target, agg="mean", **options: losses.get(
        "flux.huber_loss", agg=agg, **options).value_and_grad(prediction, target))


def test_check_finds_defects():
    assert testing.check(lambda p, t, **options: losses.huber(p, t, **options), "huber") > 50
    assert testing.check(lambda p, t, **options: losses.huber(p, t, **options), "huber", tensors="torch") > 50
    with pytest.raises(AssertionError, match="gradient of prediction at 0"):
        testing.check(lambda p, t, **options: (huber(p, t, **options), np.ones_like(p)), "huber")
    with pytest.raises(AssertionError, match="value at 0"):
        testing.check(lambda p, t, delta=1.0: 2 * huber(p, t, delta), "huber")
    with pytest.raises(losses.LossError):
        testing.cases("no_such_loss")


HALVES = {"f16": np.float16, "bf16": getattr(pytest.importorskip("ml_dtypes"), "bfloat16")}


def outcome(case, half):
    """The value of a case and its gradients; or the message. Real inputs are in half precision if wanted."""
    fixture = case.fixture
    inputs = case.inputs
    if half:
        inputs = {role: x.astype(HALVES[half]) if x.dtype.kind == "f" else x for role, x in inputs.items()}
    roles = sorted(fixture["expect"].get("gradients", {}))
    settings = {name: fixture[name] for name in ("reduction", "class_axis") if name in fixture}
    try:
        loss = losses.Loss(case.loss, case.options, losses._registry, **settings)
        call = {"element": fixture.get("compute"), "checks": "none" if fixture.get("unchecked") else None}
        value, gradients = loss.value_and_grad(wrt=roles, **inputs, **call)
    except losses.LossError as error:
        return str(error), []
    return value, [(role, gradients[role]) for role in roles]


def text(array, element):
    """Element, shape and bits as the Swift test writes them; those of half precision as Double."""
    numbers = np.asarray(array, {"f32": np.float32}.get(element, np.float64))
    form, quiet, code = ("<f", 0x7FC00000, "<I") if element == "f32" else ("<d", 0x7FF8 << 48, "<Q")
    bits = [format(quiet if x != x else struct.unpack(code, struct.pack(form, x))[0], "x")
            for x in numbers.ravel().tolist()]
    return f"{element}{list(numbers.shape)} " + ",".join(bits)


@pytest.mark.skipif("LOSSES_CORPUS_BITS" not in os.environ, reason="the Swift test LossLibraryTests writes the bits")
def test_same_bits_as_swift():
    with open(os.environ["LOSSES_CORPUS_BITS"], encoding="utf-8") as file:
        expected = dict(line.split("\t", 1) for line in file.read().split("\n") if "\t" in line)
    cases = {case.id: case for case in testing.cases()}
    assert len(cases) > 10_000 and cases.keys() == {name.partition(" in ")[0] for name in expected}
    different = []
    for name in expected:
        identifier, _, half = name.partition(" in ")
        value, gradients = outcome(cases[identifier], half)
        if isinstance(value, str):
            found = value
        else:
            element = expected[name][:3]
            found = text(value, element)
            for role, gradient in gradients:
                is_half = gradient.dtype in HALVES.values()
                found += f" {role} " + text(gradient, half if is_half else element)
        if found != expected[name]:
            different.append(f"{name}: {expected[name][:200]} in Swift, {found[:200]}")
    assert not different, f"{len(different)} differ\n" + "\n".join(different[:5])
