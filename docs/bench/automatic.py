"""Times losses with their own derivatives against the same losses without, which derive their value.

    python3 docs/bench/automatic.py BUILD [ROUNDS] [THREADS]

Copies the package to BUILD, removes `derivative` and `secondDerivative` from the losses below, builds
the benchmark of both, and times value and gradient in turn. Prints the quietest of the rounds.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

LOSSES = {
    "MeanSquaredError": "mse_1e6", "MeanAbsoluteError": "mae_1e6", "Huber": "huber_1e6",
    "LogCosh": "log_cosh_1e6", "SmoothL1": "smooth_l1_1e6", "Expectile": "expectile_1e6",
    "Wing": "wing_1e6", "SoftMargin": "soft_margin_1e6", "SquaredHinge": "squared_hinge_1e6",
    "Hinge": "hinge_1e6", "BinaryCrossEntropy": "bce_logits_1e6",
    "BinaryFocal": "sigmoid_focal_1e6"}
DERIVATIVE = re.compile(
    r"\n(?: *///[^\n]*\n)*(?: *@inline\(__always\)\n)?"
    r"( *)(?:public )?func (?:derivative|secondDerivative)<S: LossScalar>\("
    r"(?:[^\n]*\{ [^\n]*\}\n|[^{]*\{\n(?:[^\n]*\n)*?\1\}\n)")


def without_derivatives(text):
    """A loss without the derivatives of its formulas, and without those of parts of a formula."""
    return DERIVATIVE.sub("\n", text)


def build(package):
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "losses-bench"], cwd=package, check=True,
        stdout=subprocess.DEVNULL)
    return package / ".build/release/losses-bench"


def timed(bench, threads):
    command = [bench, "--json", "--threads", threads, "--seconds", "0.5"]
    for name in LOSSES.values():
        command += ["--case", name]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {
        (name, mode): modes[mode]["best_ns_per_call"] for name, modes in report["results"].items()
        for mode in ("value", "value_grad")}


def main(folder, rounds="3", threads="1"):
    here = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(folder)
    shutil.copytree(here, folder, ignore=shutil.ignore_patterns(".build", ".git"), dirs_exist_ok=True)
    removed = []
    for loss in LOSSES:
        for path in folder.glob(f"Plugins/*/{loss}Loss.swift"):
            text = path.read_text()
            shorter = without_derivatives(text)
            if shorter != text:
                path.write_text(shorter)
                removed.append(loss)
    print(f"derivatives removed from {len(removed)}: {', '.join(removed)}")
    benches = build(here), build(folder)
    best = [{}, {}]
    for _ in range(int(rounds)):
        for times, bench in zip(best, benches):
            for row, time in timed(bench, threads).items():
                times[row] = min(time, times.get(row, time))
    print("| case | | by hand, ns | from the value, ns | ratio |\n|---|---|---|---|---|")
    for (case, mode), hand in best[0].items():
        value = best[1][case, mode]
        print(f"| {case} | {mode} | {hand:.0f} | {value:.0f} | {value / hand:.2f} |")


main(*sys.argv[1:])
