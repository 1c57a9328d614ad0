"""Compares the tool with the frameworks on random inputs, value and gradients.

    LOSSES=.build/release/losses python3 differential.py [WORD]... [--seeds N]

Prints for each spelled name, over its rows of `frameworks.py` and N seeds (0 to N - 1), the largest
relative difference of the value and of the gradients: the largest difference of an array divided by
its largest magnitude. A difference above 1e-5 ends the script with status 1 unless the row's note
explains it. nan: no gradient is compared, for the reason in the note. Names of a framework that is
not installed are left out, and said to be.

Depends on: what `frameworks.py` needs.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import frameworks
from frameworks import ROWS, TOOL

SHAPE = (7, 5)
LIMIT = 1e-5


def ours(name, options, inputs, wanted, folder):
    """Value and gradients of the tool."""
    command = [TOOL, "eval", name, "--json"]
    for role, array in inputs.items():
        np.save(folder / f"{role}.npy", array)
        command += ["--input", f"{role}={folder / role}.npy"]
    for key, value in options.items():
        command += ["--option", f"{key}={json.dumps(value)}"]
    for role in wanted:
        command += ["--gradient", f"{role}={folder / role}-gradient.npy"]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(f"{name}: {answer.stderr}")
    gradients = {role: np.load(folder / f"{role}-gradient.npy") for role in wanted}
    return np.array(json.loads(answer.stdout)["value"], dtype=float), gradients


def difference(a, b):
    a, b = np.asarray(a, dtype=float).reshape(-1), np.asarray(b, dtype=float).reshape(-1)
    scale = np.abs(b).max(initial=0)
    return np.abs(a - b).max(initial=0) / (scale if scale > 0 else 1)


def compared(name, seeds, folder):
    value_worst, gradient_worst = 0.0, float("nan")
    for options in ({}, *ROWS[name].options):
        given = {**frameworks.REQUIRED.get(name, {}), **options}
        for seed in range(seeds):
            inputs = frameworks.arguments(name, given, seed, SHAPE)
            fitted, full = (frameworks.fitted(name, one, inputs) for one in (options, given))
            value, gradients = frameworks.run(name, fitted, inputs, frameworks.differentiable(name))
            got, slopes = ours(name, full, inputs, list(gradients), folder)
            value_worst = max(value_worst, difference(got, value))
            for role in gradients:
                gradient_worst = np.fmax(gradient_worst, difference(slopes[role], gradients[role]))
    return value_worst, gradient_worst


def main(words):
    seeds = int(words.pop(words.index("--seeds") + 1)) if "--seeds" in words else 3
    words = [word for word in words if word != "--seeds"]
    unexplained = 0
    print("| name | value | gradients | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, row in ROWS.items():
            if words and not any(word in name for word in words):
                continue
            try:
                value, gradient = compared(name, seeds, pathlib.Path(folder))
            except ModuleNotFoundError as missing:
                print(f"{name}: {missing.name} is not installed", file=sys.stderr)
                continue
            unexplained += np.fmax(value, gradient) > LIMIT and not row.note
            print(f"| `{name}` | {value:.1e} | {gradient:.1e} | {row.note} |", flush=True)
    return unexplained > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
