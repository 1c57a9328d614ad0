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


def outcome(case):
    """The result of a case as the Swift test writes it: element, shape and bits; or the message."""
    fixture = case.fixture
    roles = sorted(fixture["expect"].get("gradients", {}))
    settings = {name: fixture[name] for name in ("reduction", "class_axis") if name in fixture}
    try:
        loss = losses.Loss(case.loss, case.options, losses._registry, **settings)
        call = {"element": fixture.get("compute"), "checks": "none" if fixture.get("unchecked") else None}
        value, gradients = loss.value_and_grad(wrt=roles, **case.inputs, **call)
    except losses.LossError as error:
        return str(error), []
    return value, [(role, gradients[role]) for role in roles]


def text(array, element):
    numbers = np.asarray(array, {"f32": np.float32, "f64": np.float64}[element])
    form, quiet, code = ("<f", 0x7FC00000, "<I") if element == "f32" else ("<d", 0x7FF8 << 48, "<Q")
    bits = [format(quiet if x != x else struct.unpack(code, struct.pack(form, x))[0], "x")
            for x in numbers.ravel().tolist()]
    return f"{element}{list(numbers.shape)} " + ",".join(bits)


@pytest.mark.skipif("LOSSES_CORPUS_BITS" not in os.environ, reason="the Swift test LossLibraryTests writes the bits")
def test_same_bits_as_swift():
    with open(os.environ["LOSSES_CORPUS_BITS"], encoding="utf-8") as file:
        expected = dict(line.split("\t", 1) for line in file.read().split("\n") if "\t" in line)
    cases = {case.id: case for case in testing.cases()}
    assert len(cases) > 10_000 and cases.keys() == expected.keys()
    different = []
    for name, case in cases.items():
        value, gradients = outcome(case)
        if isinstance(value, str):
            found = value
        else:
            element = expected[name][:3]
            found = text(value, element)
            for role, gradient in gradients:
                found += f" {role} " + text(gradient, element)
        if found != expected[name]:
            different.append(f"{name}: {expected[name][:200]} in Swift, {found[:200]}")
    assert not different, f"{len(different)} differ\n" + "\n".join(different[:5])
