"""Holds an implementation of a loss to the corpus.

    from losses import testing

    @testing.corpus("huber")
    def test_my_huber(case):
        case.check(my_huber)

``my_huber(prediction, target, delta=1.0)`` takes arrays in the order of the loss's arguments and options by
name; ``weight``, ``mask``, ``reduction`` and ``class_axis`` too if it has such parameters: cases with others
are skipped. It returns the value, or the value and the gradient of its first argument, or the value and a
dictionary of gradients. With ``check(my_huber, tensors="torch")`` it takes tensors of PyTorch, and
``backward()`` gives the gradients. Without pytest: ``testing.check(my_huber, "huber")``.
"""

import functools
import inspect
import json
import math
import os
from pathlib import Path

import numpy as np

from . import describe
from ._library import LossError

_ELEMENTS = {"bool": np.bool_, **{f"{kind}{size}": np.dtype(f"{kind}{size // 8}") for kind, size in [
    ("f", 16), ("f", 32), ("f", 64), *[(kind, size) for kind in "iu" for size in (8, 16, 32, 64)]]}}
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _folder():
    here = Path(__file__).resolve()
    for folder in (os.environ.get("LOSSES_CORPUS"), here.parent / "corpus",
                   here.parents[3] / "Fixtures/corpus"):
        if folder and Path(folder).is_dir():
            return Path(folder)
    raise LossError("there is no corpus; set LOSSES_CORPUS to Fixtures/corpus.", "unreadable_file")


def _array(tensor):
    numbers = [_WORDS.get(x, x) if isinstance(x, str) else x for x in tensor["data"]]
    element = tensor.get("element", "f64")
    if element == "bf16":
        import ml_dtypes
        return np.array(numbers, np.float64).astype(ml_dtypes.bfloat16).reshape(tensor["shape"])
    return np.array(numbers, _ELEMENTS[element]).reshape(tensor["shape"])


class Unsupported(Exception):
    """A case that an implementation cannot be asked."""


class Case:
    """A case of the corpus: inputs, options, and what must come out."""

    def __init__(self, file, loss, fixture):
        self.loss, self.fixture = fixture.get("loss", loss), fixture
        self.id = f"{file}#{fixture['id']}"

    def __repr__(self):
        return self.id

    @property
    def inputs(self):
        return {role: _array(tensor) for role, tensor in sorted(self.fixture["inputs"].items())}

    @property
    def options(self):
        return self.fixture.get("options", {})

    @property
    def expects_error(self):
        return "error" in self.fixture["expect"]

    def check(self, function, tensors="numpy"):
        """Raises AssertionError with the case, what was found and what was expected."""
        expect = self.fixture["expect"]
        try:
            value, gradients = self._outcome(function, tensors)
        except Unsupported as reason:
            import pytest
            pytest.skip(str(reason))
        lines = self._differences("value", value, expect["value"]) if "value" in expect else []
        for role, expected in expect.get("gradients", {}).items():
            if role in gradients:
                lines += self._differences(f"gradient of {role}", gradients[role], expected)
        assert not lines, "\n".join([f"{self.id}: {self.fixture['about']}", *lines,
                                     f"options {self.options}, reduction {self.fixture.get('reduction')}"])

    def _outcome(self, function, tensors):
        description = describe(self.loss)
        named = dict(self.options)
        inputs = self.inputs
        order = [each["role"] for each in description["signature"]["inputs"]]
        if "spelling" in description:
            order = [each["role"] for each in description["spelling"]["arguments"]]
        positional = [inputs.pop(role) for role in order if role in inputs]
        roles = [role for role in order if role in self.fixture["inputs"]]
        named.update(inputs)
        for setting in ("reduction", "class_axis"):
            if setting in self.fixture:
                named[setting] = self.fixture[setting]
        if named.get("reduction") == description["reduction"] and not _takes(function, "reduction"):
            del named["reduction"]
        missing = [name for name in named if not _takes(function, name)]
        if missing:
            raise Unsupported(f"it has no parameter {', '.join(missing)}")
        if tensors == "torch":
            import torch
            leaves = [torch.from_numpy(array.copy()) for array in positional]
            for leaf in leaves:
                leaf.requires_grad_(leaf.is_floating_point())
            named = {name: torch.from_numpy(x) if isinstance(x, np.ndarray) else x for name, x in named.items()}
            value = function(*leaves, **named)
            value.sum().backward()
            return value.detach().numpy(), {
                role: leaf.grad.numpy() for role, leaf in zip(roles, leaves) if leaf.grad is not None}
        result = function(*positional, **named)
        if not isinstance(result, tuple):
            return result, {}
        value, gradients = result
        return value, gradients if isinstance(gradients, dict) else {roles[0]: gradients}

    def _differences(self, subject, found, expected):
        wanted = [_WORDS.get(x, x) if isinstance(x, str) else x for x in expected["data"]]
        found = np.asarray(found)
        if list(found.shape) != expected["shape"]:
            return [f"{subject} has shape {list(found.shape)}; expected {expected['shape']}"]
        elements = [tensor.get("element", "f64") for tensor in self.fixture["inputs"].values()]
        is_wide = "f64" in elements or "f32" not in elements
        is_wide = self.fixture.get("compute", "f64" if is_wide else "f32") == "f64"
        lines = []
        for index, (number, want) in enumerate(zip(found.astype(np.float64).ravel().tolist(), wanted)):
            if not _is_close(number, want, self.fixture.get("tolerance"), is_wide):
                lines.append(f"{subject} at {index}: got {number!r}, expected {want!r}")
        return lines[:3] + ([f"and {len(lines) - 3} more"] if len(lines) > 3 else [])


def _is_close(number, want, tolerance, is_wide):
    """The rule of docs/Fixtures.md."""
    if number == want or number != number and want != want:
        return True
    if not (math.isfinite(number) and math.isfinite(want)):
        return False
    distance = abs(number - want)
    if tolerance is None:
        tolerance = {"ulp": 8 if is_wide else 4}
    if "absolute" in tolerance:
        within, allows_sign = distance <= tolerance["absolute"], abs(want) <= tolerance["absolute"]
    elif "relative" in tolerance:
        within, allows_sign = distance <= tolerance["relative"] * abs(want), False
    else:
        unit = math.ulp(want) if is_wide else float(np.spacing(np.float32(abs(want))))
        within, allows_sign = distance <= tolerance["ulp"] * unit, False
    return within and (allows_sign or number == 0 or want == 0 or (number < 0) == (want < 0))


def _takes(function, name):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(each.kind == each.VAR_KEYWORD or each.name == name for each in parameters)


@functools.lru_cache(maxsize=2)
def _all(folder):
    found = []
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if "cases" in document:
            file = path.relative_to(folder).with_suffix("").as_posix()
            found += [Case(file, document["loss"], fixture) for fixture in document["cases"]]
    return found


def cases(loss=None, folder=None):
    """The cases of a loss by its name; all for None."""
    found = [case for case in _all(Path(folder) if folder else _folder()) if loss in (None, case.loss)]
    if not found:
        raise LossError(f"{loss}: the corpus has no case of this name.", "unknown_loss")
    return found


def corpus(loss, folder=None):
    """Marks a pytest function of one argument, ``case``, to be called for every case with a value."""
    import pytest
    values = [case for case in cases(loss, folder) if "value" in case.fixture["expect"]]
    return pytest.mark.parametrize("case", values, ids=str)


def check(function, loss, folder=None, tensors="numpy"):
    """Checks a function on every case with a value; returns how many were checked.

    Raises AssertionError for the first that differs.
    """
    count = 0
    for case in cases(loss, folder):
        if "value" not in case.fixture["expect"]:
            continue
        try:
            case._outcome(function, tensors)
        except Unsupported:
            continue
        case.check(function, tensors)
        count += 1
    return count
