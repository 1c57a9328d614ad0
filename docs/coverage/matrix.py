#!/usr/bin/env python3
"""Which losses of the field this package has, and which each framework has: a table in Markdown.

usage: matrix.py LOSSES > docs/measured/Coverage.md

LOSSES is the tool, whose `list --json` says what is registered. field.csv has a row for each loss of
the field, with the frameworks that have it (November 2026, from their sources) and our names for it.
A row counts as covered when every name in it is registered.
"""
import csv
import datetime
import json
import pathlib
import subprocess
import sys

FRAMEWORKS = {
    "PT": "PyTorch, torchvision", "KE": "Keras 3", "FX": "Flux.jl", "AX": "Axon",
    "SW": "swift-apis", "MX": "MLX", "MS": "MLX Swift", "OX": "Optax",
    "LF": "LossFunctions.jl", "MO": "MONAI", "SM": "segmentation_models_pytorch",
    "ML": "pytorch-metric-learning", "RK": "TF-Ranking, allRank", "SQ": "torchaudio, k2",
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    listed = subprocess.run([sys.argv[1], "list", "--json"], check=True, capture_output=True)
    names = registered(json.loads(listed.stdout))
    rows = list(csv.DictReader((pathlib.Path(__file__).parent / "field.csv").open()))
    for row in rows:
        wanted = row["ours"].split()
        row["covered"] = bool(wanted) and all(name in names for name in wanted)
    covered = sum(row["covered"] for row in rows)
    print(f"<!-- Measured by docs/coverage/matrix.py on {datetime.date.today()}. Do not edit. -->\n")
    print("# Coverage of the field\n")
    print("Which losses of other libraries are here. Some rows stand for several losses.\n")
    print(f"**{covered} of {len(rows)} rows.**\n")
    print("| framework | its rows | of these ours | ours lacks |\n|---|---:|---:|---|")
    for code, title in FRAMEWORKS.items():
        own = [row for row in rows if code in row["systems"].split()]
        lacking = [row["loss"] for row in own if not row["covered"]]
        print(f"| {title} | {len(own)} | {len(own) - len(lacking)} | {'; '.join(lacking)} |")
    print("\n| # | loss | tier | ours | " + " | ".join(FRAMEWORKS) + " |")
    print("|---:|---|---|---|" + "---|" * len(FRAMEWORKS))
    for row in rows:
        ours = ", ".join(f"`{name}`" for name in row["ours"].split()) if row["covered"] else ""
        ticks = ["✓" if code in row["systems"].split() else "" for code in FRAMEWORKS]
        print(f"| {row['row']} | {row['loss']} | {row['tier']} | {ours} | {' | '.join(ticks)} |")


def registered(listing):
    """The names in the listing, whatever it is nested in."""
    if isinstance(listing, dict):
        own = {listing["name"]} if isinstance(listing.get("name"), str) else set()
        return own.union(*(registered(value) for value in listing.values()), set())
    if isinstance(listing, list):
        return set().union(*(registered(item) for item in listing))
    return set()


if __name__ == "__main__":
    main()
