"""Measures the last bits of each loss, and of the same loss in PyTorch and JAX, as Markdown tables.

    python3 ulp_table.py ../../.build/release/losses > ../../docs/measured/Accuracy.md
    python3 ulp_table.py ../../.build/release/losses huber kl  the losses whose names contain a word
    python3 ulp_table.py ../../.build/release/losses traps     single inputs that are known to go wrong

Inputs come from fixed seeds, half of them log-spaced or adversarial, and are taken as exactly given.
The true value is that of the package formulas with 150 digits, 420 for f64; the true gradient is a central
difference with a step of 1e-40 of the input. Errors are in units in the last place (ulp) of the true
value, or of the sum of the magnitudes of its parts where the parts cancel. Left out are true values
below the smallest normal number (XLA flushes them to zero) and above the largest. A peer's 0, NaN or
infinity for any other true value counts as inf.

Depends on: mpmath, numpy; torch, jax and optax where installed. gmpy2 makes it faster.
"""

import datetime
import json
import math
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile
import zlib
from importlib import metadata

import numpy as np
from mpmath import mp, mpf

import formulas
from tensors import Tensor
from ulp_losses import LOSSES, TYPES, F, Loss, jax, jnp, optax, residuals, torch

BOUND = {"f32": 4, "f64": 8}
ROWS_OF_GRADIENTS = 300


# Evaluation.


def ours(tool, loss, given, slope_of=None):
    """The terms and the gradient from the command line."""
    with tempfile.TemporaryDirectory() as folder:
        command = [tool, "eval", loss.name, "--reduction", "none", "--json"]
        for role, array in given.items():
            np.save(f"{folder}/{role}.npy", array)
            command.append(f"{folder}/{role}.npy")
        for key, value in loss.options.items():
            command += ["--option", f"{key}={json.dumps(value)}"]
        if slope_of:
            command += ["--gradient", f"{slope_of}={folder}/gradient.npy"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        data = json.loads(done.stdout)["value"]
        gradient = np.load(f"{folder}/gradient.npy") if slope_of else None
    return np.array([float(x) for x in data], next(iter(given.values())).dtype), gradient


def of_torch(loss, given):
    if not torch or not loss.torch:
        return None, None
    tensors = [torch.tensor(x) for x in given.values()]
    tensors[0].requires_grad_()
    value = loss.torch(*tensors)
    value.sum().backward()
    return value.detach().numpy(), tensors[0].grad.numpy()


def of_jax(loss, given):
    if not jax or not loss.jax:
        return None, None
    arrays = [jnp.asarray(x) for x in given.values()]
    gradient = jax.grad(lambda *x: loss.jax(*x).sum())(*arrays)
    return np.asarray(loss.jax(*arrays)), np.asarray(gradient)


def tensor(array, element):
    data = [int(x) if array.dtype.kind == "i" else mpf(float(x)) for x in array.flat]
    return Tensor(array.shape, data, element)


def true_terms(loss, given, element):
    return formulas.terms(loss.name, given, loss.options, -1, element).data


def true_slopes(loss, given, role, element):
    """Central differences, one column of the rows at a time."""
    x = given[role]
    width = x.shape[-1] if x.rank == 2 else 1
    slopes = [None] * len(x.data)
    for j in range(width):
        steps = [
            (abs(v) or 1) * mpf(10) ** -40 if i % width == j else mpf(0) for i, v in enumerate(x.data)
        ]
        up, down = (
            true_terms(
                loss,
                given | {role: Tensor(x.shape, [v + s * h for v, h in zip(x.data, steps)])},
                element,
            )
            for s in (1, -1)
        )
        for row, (above, below) in enumerate(zip(up, down)):
            slopes[row * width + j] = (above - below) / (2 * steps[row * width + j])
    return slopes


def unit(x, element):
    """The distance between neighbouring numbers of the element at a number."""
    digits, least = (24, -149) if element == "f32" else (53, -1074)
    return mpf(2) ** (max(mp.mag(x) - digits, least) if x else least)


def errors(got, true, against, element):
    """In units of the last place of `against`; NaN where the true value is out of range."""
    info = np.finfo(TYPES[element])
    least, most = mpf(float(info.tiny)), mpf(float(info.max))
    result = []
    for g, t, a in zip(np.asarray(got).flat, true, against):
        if t and (abs(t) > most or a is t and abs(t) < least or abs(a) < least):
            result.append(math.nan)
        elif not math.isfinite(g) or (g == 0 and t != 0 and a is t):
            result.append(math.inf)
        else:
            result.append(float(abs(mpf(float(g)) - t) / unit(a, element)))
    return np.array(result)


def summary(values):
    kept = values[~np.isnan(values)]
    return float(kept.max()), float(np.quantile(kept, 0.999, method="lower"))


def measure(job):
    """The errors of one loss in one element, and the worst of ours."""
    tool, index, element = job
    loss = LOSSES[index]
    mp.dps = 150 if element == "f32" else 420
    rng = np.random.default_rng(zlib.crc32(f"{loss.title} {element}".encode()))
    given = {
        role: x if x.dtype.kind == "i" else x.astype(TYPES[element])
        for role, x in loss.inputs(rng, element).items()
    }
    role = next(iter(given))
    if loss.inputs is residuals:
        keep = given["prediction"] != given["target"]
        given = {key: x[keep] for key, x in given.items()}
    results = [
        ours(tool, loss, given, role if loss.slope else None),
        of_torch(loss, given),
        of_jax(loss, given),
    ]

    exact = {key: tensor(x, element) for key, x in given.items()}
    true = true_terms(loss, exact, element)
    width = given[role].shape[-1] if given[role].ndim == 2 else 1

    def row(key, i):
        data = exact[key].data
        return data[i * width : (i + 1) * width] if len(data) != len(true) else data[i]

    against = (
        [loss.parts(*(row(key, i) for key in exact)) for i in range(len(true))] if loss.parts else true
    )
    terms = [None if value is None else errors(value, true, against, element) for value, _ in results]

    slopes = [None] * 3
    if loss.slope:
        rows = len(true) if width == 1 else ROWS_OF_GRADIENTS
        few = {key: tensor(x[:rows], element) for key, x in given.items()}
        true_slope = true_slopes(loss, few, role, element)
        slope_against = true_slope
        if loss.slope_parts:
            place = (lambda i: ()) if width == 1 else (lambda i: (i % width,))
            slope_against = [
                loss.slope_parts(*(row(key, i // width) for key in exact), *place(i))
                for i in range(len(true_slope))
            ]
        slopes = [
            None if g is None else errors(g[:rows], true_slope, slope_against, element)
            for _, g in results
        ]

    worst = []
    for kind, all_errors, values, truth, per in (
        ("value", terms[0], results[0][0], true, 1),
        ("gradient", slopes[0], results[0][1], loss.slope and true_slope, width),
    ):
        if all_errors is not None:
            i = int(np.nanargmax(all_errors))
            at = [x[i // per].tolist() for x in given.values()]
            worst.append(
                f"{loss.title} {element} {kind}: {all_errors[i]:.3g} ulp at {at}"
                f" got {np.asarray(values).flat[i]!r} true {mp.nstr(truth[i], 20)}"
                f" above the bound: {np.nansum(all_errors > BOUND[element]):.0f} of {len(all_errors)}"
            )
    return (
        [x if x is None else summary(x) for x in terms],
        [x if x is None else summary(x) for x in slopes],
        len(true),
        worst,
    )


# Output.


def text(number):
    if math.isinf(number):
        return "inf"
    return f"{number:.2f}" if number < 99.995 else f"{number:.1e}".replace("e+0", "e").replace("e+", "e")


def pair(x):
    return "" if x is None else f"{text(x[0])} / {text(x[1])}"


def header(title, columns):
    print(f"\n## {title}\n\n| {columns} |\n|" + "---|" * len(columns.split(" | ")))


def tables(tool, chosen):
    jobs = [(tool, index, element) for index in chosen for element in TYPES]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        measured = []
        for result in pool.imap(measure, jobs):
            measured.append(result)
            print(*result[-1], sep="\n", file=sys.stderr, flush=True)
    header("Values", "loss | element | terms | measured against | ours | PyTorch | JAX")
    for (_, index, element), (terms, _, count, _) in zip(jobs, measured):
        loss = LOSSES[index]
        against = loss.parts_name or "the value"
        print(f"| {loss.title} | {element} | {count} | {against} |", " | ".join(map(pair, terms)), "|")
    header("Gradients", "gradient of | element | measured against | ours | PyTorch | JAX")
    for (_, index, element), (_, slopes, _, _) in zip(jobs, measured):
        loss = LOSSES[index]
        if loss.slope:
            against = "its parts" if loss.slope_parts else "the value"
            print(f"| {loss.title} | {element} | {against} |", " | ".join(map(pair, slopes)), "|")


def with_logits(p, t):
    return F.binary_cross_entropy_with_logits(p, t, reduction="none")


def after_sigmoid(p, t):
    return F.binary_cross_entropy(torch.sigmoid(p), t, reduction="none")


def torch_ctc(p, t):
    lengths = torch.tensor([p.shape[1]]), torch.tensor([t.shape[1]])
    return F.ctc_loss(p.log_softmax(-1).transpose(0, 1), t, *lengths, reduction="none")


def jax_ctc(p, t):
    return optax.ctc_loss(p, jnp.zeros(p.shape[:2]), t, jnp.zeros(t.shape))


def found(name):
    """The peers of the first loss of that title."""
    loss = next(x for x in LOSSES if x.title.replace("`", "").startswith(name))
    return loss.torch, loss.jax


def soft_rows(p, t):
    return F.cross_entropy(p, t, reduction="none")


def cosine(p, t):
    return F.cosine_similarity(p, t, -1)


def optax_cosine(p, t):
    return optax.cosine_similarity(p, t)


# What, the loss, its options, the inputs, the element, whether the gradient, PyTorch, JAX.
TRAPS = [
    ("logits [20, 0], class 0", "cross_entropy", {}, ([[20, 0]], [0]), "f32", False,
        *found("cross_entropy")),
    ("logits [40, 0], class 0", "cross_entropy", {}, ([[40, 0]], [0]), "f64", False,
        *found("cross_entropy")),
    ("logits [0, -inf], dense target [1, 0]", "cross_entropy", {}, ([[0, -math.inf]], [[1.0, 0]]),
        "f32", False, soft_rows, lambda p, t: optax.softmax_cross_entropy(p, t)),
    ("residual 1e-4", "log_cosh", {}, ([1e-4], [0]), "f32", False, *found("log_cosh")),
    ("residual 1e-4, gradient", "huber", {}, ([1e-4], [0]), "f32", True, *found("huber")),
    ("score -100, label 1", "soft_margin", {}, ([-100], [1]), "f32", False, *found("soft_margin")),
    ("logit -50, target 1, gradient", "binary_cross_entropy", {}, ([-50], [1]), "f32", True,
        with_logits, found("binary_cross_entropy, logits")[1]),
    ("the same, PyTorch after a sigmoid", "binary_cross_entropy", {}, ([-50], [1]), "f32", True,
        after_sigmoid, None),
    ("logit -200, target 1, gradient", "binary_cross_entropy", {}, ([-200], [1]), "f32", True,
        with_logits, found("binary_cross_entropy, logits")[1]),
    ("the same, PyTorch after a sigmoid", "binary_cross_entropy", {}, ([-200], [1]), "f32", True,
        after_sigmoid, None),
    ("logit 10, target 1", "binary_focal", {}, ([10], [1]), "f32", False, None,
        found("binary_focal")[1]),
    ("logit 20, target 1", "binary_focal", {}, ([20], [1]), "f32", False, None,
        found("binary_focal")[1]),
    ("equal vectors of 1e-25", "cosine_similarity", {}, ([[1e-25] * 3], [[1e-25] * 3]), "f32", False,
        cosine, optax_cosine),
    ("equal vectors of 1e25", "cosine_similarity", {}, ([[1e25] * 3], [[1e25] * 3]), "f32", False,
        cosine, optax_cosine),
    ("logarithms [-inf, 0], target [0, 1]", "kl_divergence", {"log_prediction": True}, ([[-math.inf,
        0]], [[0, 1]]), "f32", False, *found("kl_divergence, logarithms and")),
    ("logarithms [log ½, log ½], target [0, 1], gradient at the first", "kl_divergence",
        {"log_prediction": True}, ([[-0.6931472, -0.6931472]], [[0, 1]]), "f32", True,
        *found("kl_divergence, logarithms and")),
    ("logarithms [-inf, 0] of both", "kl_divergence", {"log_prediction": True, "log_target": True},
        ([[-math.inf, 0]], [[-math.inf, 0]]), "f32", False, lambda p, t: F.kl_div(p, t,
        reduction="none", log_target=True).sum(-1), lambda p, t:
        optax.losses.kl_divergence_with_log_targets(p, t)),
    ("2 steps for the labels 1 1, which need 3", "ctc", {}, ([[[0, 0, 0]] * 2], [[1, 1]]), "f32", False,
        torch_ctc, jax_ctc),
    ("the same, gradient", "ctc", {}, ([[[0, 0, 0]] * 2], [[1, 1]]), "f32", True, torch_ctc, jax_ctc),
]


def shown(number):
    return "" if number is None else f"{float(number) + 0.0:.6g}".replace("e-0", "e-").replace("e+", "e")


def traps(tool):
    mp.dps = 150
    header("Known traps", "loss | input | element | true | ours | PyTorch | JAX")
    for words, name, options, (p, t), element, is_slope, of_t, of_j in TRAPS:
        loss = Loss(name, "", None, of_t, of_j, **options)
        is_index = name == "ctc" or (name == "cross_entropy" and np.ndim(t) < np.ndim(p))
        given = {
            "prediction": np.array(p, TYPES[element]),
            "target": np.array(t, np.int64 if is_index else TYPES[element]),
        }
        columns = (
            ours(tool, loss, given, "prediction" if is_slope else None),
            of_torch(loss, given),
            of_jax(loss, given),
        )
        exact = {key: tensor(x, element) for key, x in given.items()}
        true = true_terms(loss, exact, element)
        if is_slope:
            true = [mpf(0)] if true[0] == mp.inf else true_slopes(loss, exact, "prediction", element)
        numbers = [true[0]] + [
            None if x[is_slope] is None else np.ravel(x[is_slope])[0] for x in columns
        ]
        print(f"| `{name}` | {words} | {element} |", " | ".join(map(shown, numbers)), "|")


HEAD = """<!-- Measured by Fixtures/reference/ulp_table.py on {date}. Do not edit. -->

# Accuracy of single terms

Errors in units in the last place (ulp) of the true value: maximum / 99.9th percentile. \
*Measured against* names another unit where the parts of a term cancel and the rounding of the \
inputs decides: ulp of the sum of their magnitudes. `inf` is 0, NaN or infinity where the true value \
is another number. A blank: the peer has no such function. {versions}. \
[Numerical behaviour](../NumericalBehaviour.md) explains the figures."""


def head():
    """The heading of the whole page."""
    names = {"PyTorch": "torch", "JAX": "jax", "Optax": "optax", "NumPy": "numpy", "mpmath": "mpmath"}
    versions = []
    for title, package in names.items():
        try:
            versions.append(f"{title} {metadata.version(package).split('+')[0]}")
        except metadata.PackageNotFoundError:
            pass
    print(HEAD.format(date=datetime.date.today(), versions=", ".join(versions)))


if __name__ == "__main__":
    tool, words = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:]
    if not words:
        head()
    if not words or "traps" in words:
        traps(tool)
    chosen = [i for i, x in enumerate(LOSSES) if not words or any(word in x.title for word in words)]
    if chosen:
        tables(tool, chosen)
