#!/usr/bin/env python3
"""Compares `losses eval` on .npy files with the same losses written in NumPy.

    numpy_eval_check.py PATH/TO/losses

NumPy writes the inputs (f4 and f8, C and Fortran order, images with class axis 1) and computes values
and gradients in float64; the tool reads the files, prints the value and writes the gradient as .npy.
Prints a table; exit status 1 if anything differs, 2 for a usage error.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

TOLERANCE = {"f4": 1e-6, "f8": 1e-13}


def mean_squared_error(p, t):
    return np.mean((p - t) ** 2), 2 * (p - t) / p.size


def huber(p, t, delta=0.7):
    r = p - t
    near = np.abs(r) <= delta
    value = np.mean(np.where(near, r**2 / 2, delta * (np.abs(r) - delta / 2)))
    return value, np.where(near, r, delta * np.sign(r)) / p.size


def binary_cross_entropy(x, t):
    value = np.mean(np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))))
    return value, (1 / (1 + np.exp(-x)) - t) / x.size


def cross_entropy(x, t, axis):
    shifted = x - x.max(axis=axis, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    one_hot = np.moveaxis(np.eye(x.shape[axis])[t], -1, axis)
    return -np.sum(one_hot * log_p) / t.size, (np.exp(log_p) - one_hot) / t.size


def cases(random):
    """Name of the case, loss, options, prediction, target, NumPy function."""
    for element in TOLERANCE:
        def reals(*shape):
            return random.normal(size=shape).astype(element)

        p, t = reals(7, 5), reals(7, 5)
        truth = random.uniform(size=(7, 5)).astype(element)
        logits, labels = reals(6, 4), random.integers(0, 4, size=6)
        images, classes = reals(2, 3, 4, 5), random.integers(0, 3, size=(2, 4, 5))
        delta = ["--option", "delta=0.7"]
        last, second = [], ["--class-axis", "1"]

        def along(axis):
            return lambda x, t: cross_entropy(x, t, axis)

        yield f"{element} 2-d", "mean_squared_error", [], p, t, mean_squared_error
        yield f"{element} 2-d", "huber", delta, p, t, huber
        yield f"{element} 2-d", "binary_cross_entropy", [], p, truth, binary_cross_entropy
        yield f"{element} 2-d", "cross_entropy", last, logits, labels, along(1)
        # Fortran order in one file, C order in the other: equal shapes, different bytes.
        f = np.asfortranarray
        yield f"{element} columns", "mean_squared_error", [], f(p), t, mean_squared_error
        yield f"{element} columns", "huber", delta, f(p), f(t), huber
        yield f"{element} columns", "binary_cross_entropy", [], p, f(truth), binary_cross_entropy
        yield f"{element} columns", "cross_entropy", last, f(logits), labels, along(1)
        yield f"{element} images", "cross_entropy", second, images, classes, along(1)
        yield f"{element} images, columns", "cross_entropy", second, f(images), f(classes), along(1)
        big = p.astype(p.dtype.newbyteorder(">"))
        yield f"{element} big endian", "huber", delta, big, t, huber


def run(tool, folder, loss, words, prediction, target):
    """The value that the tool prints, and the gradient that it writes."""
    paths = [folder / name for name in ("prediction.npy", "target.npy", "gradient.npy")]
    np.save(paths[0], prediction)
    np.save(paths[1], target)
    command = [tool, "eval", loss, *map(str, paths[:2]), *words]
    command += ["--gradient", f"prediction={paths[2]}", "--threads", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return float(done.stdout), np.load(paths[2])


def distance(got, expected):
    """The maximum difference, relative to the largest expected number; infinity for another shape or NaN."""
    got, expected = np.asarray(got, dtype="f8"), np.asarray(expected)
    if got.shape != expected.shape:
        return np.inf
    off = np.max(np.abs(got - expected)) / np.max(np.abs(expected))
    return off if np.isfinite(off) else np.inf


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    failures = 0
    print(f"{'case':<20} {'loss':<22} {'NumPy':>24} {'value off':>10} {'gradient off':>13}")
    with tempfile.TemporaryDirectory() as folder:
        for name, loss, words, prediction, target, formula in cases(np.random.default_rng(7)):
            wide = target if target.dtype.kind == "i" else target.astype("f8")
            value, gradient = formula(prediction.astype("f8"), wide)
            try:
                got = run(arguments[0], pathlib.Path(folder), loss, words, prediction, target)
            except (OSError, RuntimeError, ValueError) as error:
                failures += 1
                print(f"{name:<20} {loss:<22} {error}")
                continue
            off = distance(got[0], value), distance(got[1], gradient)
            tolerance = TOLERANCE[name[:2]]
            is_right = max(off) <= tolerance and got[1].dtype == name[:2]
            failures += not is_right
            verdict = "" if is_right else f"   DIFFERS by more than {tolerance:g}"
            print(f"{name:<20} {loss:<22} {value:>24.16g} {off[0]:>10.1e} {off[1]:>13.1e}{verdict}")
    print(f"{failures} differ" if failures else "All agree.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
