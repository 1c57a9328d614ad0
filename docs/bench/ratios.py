#!/usr/bin/env python3
"""Compares `losses-bench --json` with the JSON of bench_peers.py, case by case, as Markdown.

    python3 ratios.py swift-1.json swift-2.json torch-1.json jax-1.json ...
    python3 ratios.py swift-*.json baseline.json          # a merged file of peers will do as well

Ours is the framework "swift-losses", everything else is a peer, of which there may be any number.
Figures are ns per element; a ratio is the best peer's time divided by ours, so above 1 we are
faster. Of several runs with the same framework and number of threads the lowest median counts, case
by case and mode by mode. Of several builds of ours the first file's is compared with the peers; the
others, such as one with the trait AVX512, have columns of their own.
"""
import argparse
import datetime
import json
import math
import sys

OURS = "swift-losses"
HEAD = """<!-- Measured by docs/bench/run.sh on {date}. Do not edit. -->

# Timings

ns per element in `float32`: median of the quietest run, ours against the fastest of PyTorch (eager and compiled) and JAX with Optax. A ratio above 1: ours is faster. `memory_1.6e7` is a loop that reads two arrays and writes one, `dispatch_mse_4` and `named_mse_4` are calls of four elements by type and by name. [Performance](../Performance.md) has the conditions.
"""
MODES = [("value", "value"), ("value_grad", "value + gradient")]


def name_of(run, content):
    """The framework; of ours with the build, whose instruction set comes last."""
    versions = run.get("versions", content.get("versions", {}))
    build = versions.get("swift-losses-build", "").split(", ")[-1]
    return f"{OURS} {build}" if run["framework"] == OURS else run["framework"]


def read(paths):
    """{threads: {framework: {case: result}}}, and the processors by framework."""
    runs, processors = {}, {}
    for path in paths:
        with open(path) as file:
            content = json.load(file)
        for run in content.get("runs", [content]):
            name = name_of(run, content)
            processors.setdefault(run.get("cpu", content.get("cpu")), set()).add(name)
            known = runs.setdefault(run["threads"], {}).setdefault(name, {})
            for case, result in run["results"].items():
                if "error" in result:
                    print(f"{path}: {case}: {result['error']}", file=sys.stderr)
                    continue
                old = known.setdefault(case, dict(result))
                for mode, _ in MODES:
                    if result[mode]["median_ns_per_call"] < old[mode]["median_ns_per_call"]:
                        old[mode] = result[mode]
    return runs, processors


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def table(ours, others, peers, figure):
    titles = []
    for _, title in MODES:
        titles += [f"{title}: ours"] + [name.removeprefix(OURS).strip() for name in others]
        titles += ["best peer", "ratio"]
    print("| case | " + " | ".join(titles) + " |")
    print("|---|" + "---:|" * len(titles))
    ratios = {mode: {} for mode, _ in MODES}
    for case, result in ours.items():
        cells = []
        for mode, _ in MODES:
            mine = result[mode][figure]
            cells.append(f"{mine:.4g}")
            cells += [f"{r[case][mode][figure]:.4g}" if case in r else "" for r in others.values()]
            theirs = [(r[case][mode][figure], name) for name, r in peers.items() if case in r]
            if theirs:
                best, name = min(theirs)
                ratio = ratios[mode][case] = best / mine
                mark = f"{ratio:.2f}" if ratio >= 1 else f"**{ratio:.2f} slower**"
                cells += [f"{best:.4g} ({name})", mark]
            else:
                cells += ["", ""]
        print(f"| {case} | " + " | ".join(cells) + " |")
    return ratios


def summary(ours, ratios, figure):
    for mode, title in MODES:
        found = ratios[mode]
        if not found:
            continue
        slower = [case for case, ratio in found.items() if ratio < 1]
        print(f"\n{title[0].upper()}{title[1:]}: geometric mean {geometric_mean(found.values()):.2f}"
              f" over {len(found)} cases; slower in {len(slower)}"
              + (": " + ", ".join(slower) if slower else "") + ".")
    if "memory_1.6e7" in ours:
        for case in ours:
            if case.endswith("_1.6e7") and case != "memory_1.6e7":
                times = [ours[case][m][figure] / ours["memory_1.6e7"][m][figure] for m, _ in MODES]
                print(f"\n{case} takes {times[0]:.2f} times the memory floor for the value (reads 2)"
                      f" and {times[1]:.2f} times with the gradient (reads 2, writes 1).")


def check_losses(ours, peers):
    """The data differ, the distributions do not: over many elements the losses must be near."""
    for case, result in ours.items():
        elements = result["value"]["median_ns_per_call"] / result["value"]["median_ns_per_element"]
        theirs = {name: r[case]["loss"] for name, r in peers.items() if case in r}
        if elements < 1e5 or not theirs:
            continue
        if all(abs(loss - result["loss"]) > 0.02 * abs(loss) for loss in theirs.values()):
            print(f"\nWarning: {case} is {result['loss']:.6g} here and {theirs} there.")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--best", action="store_true", help="compare best samples, not medians")
    arguments = parser.parse_args()
    figure = ("best" if arguments.best else "median") + "_ns_per_element"
    runs, processors = read(arguments.files)
    if len(processors) > 1:
        what = "; ".join(f"{cpu}: {', '.join(sorted(names))}" for cpu, names in processors.items())
        print(f"Warning: these are times of different processors ({what}).\n")
    builds = [name for frameworks in runs.values() for name in frameworks if name.startswith(OURS)]
    if not builds:
        sys.exit(f"No file is one of {OURS}.")
    print(HEAD.format(date=datetime.date.today()))
    for threads in sorted(runs):
        peers = {name: r for name, r in runs[threads].items() if not name.startswith(OURS)}
        others = {name: r for name, r in runs[threads].items() if name.startswith(OURS)}
        ours = others.pop(builds[0], None)
        if ours is None:
            continue
        print(f"## {threads} thread{'s' if threads > 1 else ''}\n")
        summary(ours, table(ours, others, peers, figure), figure)
        check_losses(ours, peers)
        print()


if __name__ == "__main__":
    main()
