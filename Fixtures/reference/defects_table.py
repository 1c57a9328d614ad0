"""Prints the defects of frameworks that the corpus records: docs/measured/Defects.md.

    python3 defects_table.py DATE > ../../docs/measured/Defects.md

A row for each case with `framework_value` or `framework_gradients`; DATE is when `defects.py` last ran
the frameworks.
"""

import json
import pathlib
import sys

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus"
HEAD = """<!-- Measured by Fixtures/reference/defects.py on {date}. Do not edit. -->

# Defects of frameworks

Cases of the corpus in which a framework gives another number than its own formula. Each case expects \
the true value and records that of the framework. `defects.py` compares the values, with 150 digits, \
with the framework; this page is printed by `defects_table.py` from the corpus. Versions: PyTorch \
2.15.0, torchvision 0.29.2, Keras 3.15.1 on JAX, Optax 0.2.8, MLX 0.32.4, MONAI 1.6.1, \
segmentation_models_pytorch 0.6.0, Axon 0.8.1 on Nx 0.13.1; for Flux, LossFunctions.jl and older Axon the \
code named in the case.

| case | true | framework | why |
| --- | --- | --- | --- |"""


def numbers(data):
    shown = [x if isinstance(x, str) else f"{x:.5g}" for x in data[:4]]
    return ", ".join(shown) + (", …" if len(data) > 4 else "")


def rows(path):
    for case in json.loads(path.read_text())["cases"]:
        pairs = []
        if "framework_value" in case and "value" in case["expect"]:
            pairs.append(("", case["expect"]["value"], case["framework_value"]))
        for role, found in case.get("framework_gradients", {}).items():
            pairs.append(("gradient ", case["expect"]["gradients"][role], found))
        pairs = [pair for pair in pairs if pair[1]["data"] != pair[2]["data"]]
        if not pairs:
            continue
        name = f"{path.relative_to(CORPUS).with_suffix('')}#{case['id']}"
        why = case["place"].partition(": ")[2] if "defect-" in case["id"] else case["about"]
        true, found = (
            "; ".join(word + numbers(pair[place]["data"]) for word, *pair in pairs) for place in (0, 1))
        yield f"| `{name}` | {true} | {found} | {why or case['about']} |"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(HEAD.format(date=sys.argv[1]))
    for path in sorted(CORPUS.glob("*/*.json")):
        for row in rows(path):
            print(row)
