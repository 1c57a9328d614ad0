#!/usr/bin/env python3
"""Compares `losses eval` on .safetensors files, and bfloat16 .npy files, with the packages that define them.

    safetensors_check.py PATH/TO/losses

The packages safetensors and ml_dtypes write the inputs; the tool reads them and writes gradients in the
element of their input, which the packages read and which are compared with the Float gradient, rounded
by NumPy. A file of the tool must have the bytes that safetensors gives the same tensors, and the tool
must refuse every damaged file that safetensors refuses. Prints what differs; exit status 1 if anything
does, 2 for a usage error.
"""

import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

REALS = ["f4", "f8", "f2", ml_dtypes.bfloat16]
INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def evaluate(tool, loss, *words):
    command = [tool, "eval", loss, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def load(data):
    """The arrays of a file, with bfloat16, which safetensors.numpy.load does not know."""
    known = {np.dtype(dtype).name: np.dtype(dtype) for dtype in REALS + INTEGERS + ["?"]}
    words = {"BF16": "bfloat16", "BOOL": "bool"}

    def dtype(word):
        return known[words.get(word) or {"F": "float", "I": "int", "U": "uint"}[word[0]] + word[1:]]

    return {
        name: np.frombuffer(tensor["data"], dtype(tensor["dtype"])).reshape(tensor["shape"])
        for name, tensor in safetensors.deserialize(data)
    }


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def check_reals(tool, folder, random):
    """Yields what differs for squared errors of each floating-point type, in each format."""
    for dtype, name, form in itertools.product(REALS, ["p", "π: \"x\""], ["safetensors", "npy", "npz"]):
        dtype = np.dtype(dtype)
        p, t = (random.normal(size=(7, 5)).astype(dtype) for _ in range(2))
        case = f"{dtype.name} {form} {name}"
        if form == "safetensors":
            safetensors.numpy.save_file({name: p, "t": t, "other": np.zeros(3, "i2")}, folder / "in.safetensors")
            inputs = [f"{folder}/in.safetensors:{name}", f"{folder}/in.safetensors:t"]
            outputs = [f"{folder}/out.safetensors:{name}", f"{folder}/wide.safetensors:g"]
        else:
            outputs = [folder / "out.npy", folder / "wide.npy"]
            if form == "npy":
                inputs = [folder / "p.npy", folder / "t.npy"]
                np.save(inputs[0], p)
                np.save(inputs[1], t)
            else:
                np.savez(folder / "in.npz", p=p, t=t)
                inputs = [f"{folder}/in.npz:p", f"{folder}/in.npz:t"]
        words = [*inputs, "--gradient", f"prediction={outputs[0]}"]
        value = float(evaluate(tool, "mean_squared_error", *words))
        words = [*inputs, "--gradient", f"prediction={outputs[1]}", "--element", "f64" if dtype == "f8" else "f32"]
        evaluate(tool, "mean_squared_error", *words)
        if form == "safetensors":
            written = (folder / "out.safetensors").read_bytes()
            gradient = load(written)[name]
            wide = load((folder / "wide.safetensors").read_bytes())["g"]
            if written != safetensors.numpy.save({name: gradient}):
                yield f"{case}: the bytes of the file differ from those of safetensors"
        else:
            gradient, wide = np.load(outputs[0]), np.load(outputs[1])
            if dtype == ml_dtypes.bfloat16:
                gradient = gradient.view(dtype)
        p8, t8 = p.astype("f8"), t.astype("f8")
        tolerance = 1e-14 if dtype == "f8" else 1e-6
        if not np.isclose(value, np.mean((p8 - t8) ** 2), rtol=tolerance, atol=0):
            yield f"{case}: value {value}"
        if not np.allclose(wide, 2 * (p8 - t8) / p.size, rtol=tolerance, atol=tolerance / 100):
            yield f"{case}: gradient"
        if not same(gradient, wide.astype(dtype)):
            yield f"{case}: the gradient is not the rounded one, but {gradient.dtype}"


def check_labels(tool, folder, random):
    """Yields what differs for class labels of each integer type, and for masks."""
    logits = random.normal(size=(6, 4)).astype("f4")
    labels = random.integers(0, 4, size=6)
    shifted = logits.astype("f8") - np.log(np.exp(logits.astype("f8")).sum(axis=1, keepdims=True))
    terms = -shifted[np.arange(6), labels]
    mask = np.array([True, False, True, True, False, True])
    for dtype in INTEGERS:
        path = folder / "in.safetensors"
        safetensors.numpy.save_file({"x": logits, "y": labels.astype(dtype), "m": mask}, path)
        got = float(evaluate(tool, "cross_entropy", f"{path}:x", f"{path}:y"))
        if not np.isclose(got, terms.mean(), rtol=1e-6):
            yield f"labels of {dtype}: {got}"
        got = float(evaluate(tool, "cross_entropy", f"{path}:x", f"{path}:y", "--input", f"mask={path}:m"))
        if not np.isclose(got, terms[mask].mean(), rtol=1e-6):
            yield f"labels of {dtype} with a mask: {got}"
        words = [f"{path}:x", f"{path}:y", "--reduction", "none", "--value", f"{folder}/out.safetensors:terms"]
        evaluate(tool, "cross_entropy", *words)
        got = safetensors.numpy.load_file(folder / "out.safetensors")["terms"]
        if not np.allclose(got, terms, rtol=1e-6):
            yield f"terms with labels of {dtype}: {got}"


def check_several(tool, folder, random):
    """Yields a difference of a file with several tensors."""
    path = folder / "in.safetensors"
    p = random.normal(size=5).astype(ml_dtypes.bfloat16)
    safetensors.numpy.save_file({"p": p, "t": p[::-1].astype("f4")}, path)
    out = f"{folder}/out.safetensors"
    words = ["--gradient", f"prediction={out}:z", "--gradient", f"target={out}:a", "--value", f"{out}:\u0001\"v"]
    evaluate(tool, "mean_squared_error", f"{path}:p", f"{path}:t", *words)
    tensors = load(pathlib.Path(out).read_bytes())
    if {k: v.dtype.name for k, v in tensors.items()} != {"z": "bfloat16", "a": "float32", "\u0001\"v": "float32"}:
        yield f"several tensors: {tensors}"
    if pathlib.Path(out).read_bytes() != safetensors.numpy.save(tensors):
        yield "several tensors: the bytes of the file differ from those of safetensors"


def damaged():
    """Headers and sizes of data that safetensors refuses."""
    def entry(dtype="F32", shape=(1,), offsets=(0, 4)):
        return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}

    yield {"a": entry(offsets=(0, 4)), "b": entry(offsets=(2, 6))}, 6
    yield {"a": entry(), "b": entry()}, 4
    yield {"a": entry(), "b": entry(offsets=(8, 12))}, 12
    yield {"a": entry(offsets=(4, 8))}, 8
    yield {"a": entry(offsets=(4, 0))}, 4
    yield {"a": entry(offsets=(0, 2**64 - 1))}, 4
    yield {"a": entry(offsets=(0, 8))}, 8
    yield {"a": entry(shape=(2**62,))}, 4
    yield {"a": entry(shape=(2**32, 2**32))}, 4
    yield {"a": entry(shape=(-1,))}, 4
    yield {"a": entry(shape=(1.5,))}, 4
    yield {"a": entry()}, 3
    yield {"a": entry()}, 5
    yield {"a": {"dtype": "F32", "shape": [1]}}, 4
    yield {"a": entry(), "__metadata__": {"x": 1}}, 4
    yield {"a": 1}, 0
    yield b'{"a":' + json.dumps(entry()).encode() + b'}\0', 4
    yield b'{"\xff":' + json.dumps(entry()).encode() + b"}", 4
    yield b"[]", 0


def check_damaged(tool, folder):
    """Yields a damaged file that only one of the two refuses."""
    path = folder / "damaged.safetensors"
    for header, size in damaged():
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        data = len(text).to_bytes(8, "little") + text + bytes(size)
        path.write_bytes(data)
        try:
            safetensors.deserialize(data)
            yield f"{text}: safetensors does not refuse"
        except safetensors.SafetensorError:
            pass
        done = subprocess.run([tool, "eval", "huber", f"{path}:a", "0"], capture_output=True, text=True, check=False)
        if done.returncode != 1 or str(path) not in done.stderr:
            yield f"{text}: {done.returncode} {done.stdout}{done.stderr}"
    whole = safetensors.numpy.save({"a": np.ones(3, "f4")})
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        done = subprocess.run([tool, "eval", "huber", f"{path}:a", "0"], capture_output=True, text=True, check=False)
        if done.returncode != 1:
            yield f"the first {size} bytes: {done.returncode} {done.stdout}{done.stderr}"


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    tool = arguments[0]
    random = np.random.default_rng(11)
    differences = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for check in [
            check_reals(tool, folder, random), check_labels(tool, folder, random),
            check_several(tool, folder, random), check_damaged(tool, folder),
        ]:
            try:
                for difference in check:
                    differences += 1
                    print(difference)
            except (OSError, RuntimeError, ValueError, KeyError) as error:
                differences += 1
                print(error)
    versions = f"safetensors {safetensors.__version__}, ml_dtypes {ml_dtypes.__version__}, NumPy {np.__version__}"
    print(f"{differences} differ ({versions})" if differences else f"All agree ({versions}).")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
