"""Runs the frameworks under their own names and writes, or checks, the cases that record them.

    LOSSES=.build/debug/losses python3 executed_cases.py           compare ../corpus with the frameworks
    LOSSES=.build/debug/losses python3 executed_cases.py --write   write the cases that are missing

Cases of other sources in the same files stay as they are. Every row of `frameworks.py` gives a case
with the defaults under the short name, one under each longer form, and one for each set of options.

Depends on: what `frameworks.py` needs.
"""

import json
import math
import pathlib
import sys
import zlib

import numpy as np

import frameworks
from frameworks import ROWS, TITLES
from layout import text

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus"
SHAPE = (2, 3)


def tolerance(name):
    """What the framework's own rounding may add, which no two frameworks have alike."""
    title = {"keras": "Keras", "mlx": "MLX"}.get(name.split(".")[0])
    if title:
        return {"relative": 1e-4 if name == "keras.ctc" else 1e-5}, f"{title} computes some of it in 32 bits"
    if name.startswith("axon."):
        return {"relative": 2e-7}, "Nx holds some constants and the mean's slope in 32 bits"
    if name == "torch.cosine_embedding_loss":
        return {"relative": 1e-9}, "PyTorch adds 1e-12 to the squares of the lengths"
    if name.endswith(("BoundaryLoss", "HausdorffDTLoss")):
        return {"relative": 1e-5}, "MONAI measures distances in 32 bits"
    if name == "monai.BoxGIoULoss" or (name.startswith("monai.") and name.endswith("FocalLoss")):
        return {"relative": 1e-5}, "MONAI computes it in 32 bits"
    if name.endswith("_box_iou_loss"):
        return {"relative": 1e-10}, "the slopes of overlap and distance nearly cancel"
    if name == "monai.BarlowTwinsLoss":
        return {"relative": 1e-7}, "MONAI holds lambd in 32 bits"
    if name == "monai.DiceLoss":
        return {"relative": 1e-10}, "MONAI takes the overlap of squares from squared differences"
    return {"relative": 1e-12}, "the framework's own rounding"


def tensor(array, with_element=True):
    array = np.asarray(array)
    words = {math.inf: "inf", -math.inf: "-inf"}
    data = [
        "nan" if x != x else words.get(x, x) for x in array.reshape(-1).tolist()]
    element = {"f": "f64", "i": "i64", "b": "bool"}[array.dtype.kind]
    return {**({"element": element} if with_element else {}), "shape": list(array.shape), "data": data}


def arrays(case):
    types = {"f64": np.float64, "i64": np.int64, "bool": bool}
    return {
        role: np.array(one["data"], dtype=types[one["element"]]).reshape(one["shape"])
        for role, one in case["inputs"].items()}


def described(options):
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in options.items())


def slug(options):
    text = "-".join(f"{key}-{value}" for key, value in options.items()).lower()
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in text).replace("--", "-").strip("-")


def made(name, called, identity, about, options):
    """A case of one call."""
    seed = zlib.crc32(f"{name} {identity}".encode())
    given = {**frameworks.REQUIRED.get(name, {}), **options}
    inputs = frameworks.arguments(name, given, seed, SHAPE)
    value, gradients = frameworks.run(name if called is None else called, options, inputs, wanted(name))
    allowed, because = tolerance(name)
    case = {
        "id": identity, "about": about, "flags": [],
        "source": f"{name.split('.')[0]}-run", "place": f"{called or frameworks.long_form(name)}, seed {seed}",
        **({"loss": called} if called else {}),
        "inputs": {role: tensor(array) for role, array in inputs.items()},
        **({"options": given} if given else {}),
        "expect": {
            "value": tensor(value, with_element=False),
            **({"gradients": {r: tensor(g) for r, g in gradients.items()}} if gradients else {})},
        "tolerance": allowed, "because": because}
    return case


def wanted(name):
    return frameworks.differentiable(name)


def cases(name):
    title = TITLES[name.split(".")[0]]
    yield made(name, None, "run-defaults", f"what {title} gives with its defaults", {})
    for form in frameworks.shown(name)["names"][1:]:
        tail = form.split(".")[-1]
        if tail in frameworks.STRINGS or form.count(".") < 2 or not frameworks.exists(form):
            continue
        word = "class" if tail[0].isupper() else "path" if tail == name.split(".")[-1] else slug({tail: ""})
        yield made(name, form, f"run-{word}", f"the same under {form}"[:70], {})
    for options in ROWS[name].options:
        about = f"what {title} gives with {described(options)}"
        yield made(name, None, f"run-{slug(options)}", about[:70], options)


def main():
    writes = "--write" in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    worst, count, bad = 0.0, 0, 0
    for name in ROWS:
        if words and not any(word in name for word in words):
            continue
        group, short = name.split(".")
        path = CORPUS / group / f"{short}.json"
        document = json.loads(path.read_text()) if path.exists() else {
            "schema": 1, "loss": name, "about": f"The {short} of {TITLES[group]}", "cases": []}
        known = {case["id"]: case for case in document["cases"]}
        for case in cases(name):
            count += 1
            if case["id"] not in known:
                if writes:
                    document["cases"].append(case)
                else:
                    print(f"{group}/{short}#{case['id']} is missing")
                    bad += 1
                continue
            old = known[case["id"]]
            expected, got = ([c["expect"]["value"], *c["expect"].get("gradients", {}).values()] for c in (old, case))
            for a, b in zip(expected, got):
                if "framework_value" in old:
                    continue
                a, b = (np.array(x["data"], dtype=float) for x in (a, b))
                if a.shape != b.shape or not np.allclose(a, b, rtol=old["tolerance"]["relative"], atol=0, equal_nan=True):
                    print(f"{group}/{short}#{case['id']} is {b}, recorded as {a}")
                    bad += 1
        if writes:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text(document) + "\n")
    print(f"{count} cases, {bad} differ")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
