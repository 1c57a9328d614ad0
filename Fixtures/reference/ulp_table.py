"""Measures the last bits of each loss, and of the same loss in PyTorch and JAX, as Markdown tables.

    python3 ulp_table.py ../../.build/release/losses           the tables of docs/NumericalBehaviour.md
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

import json
import math
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile
import zlib

import numpy as np
from mpmath import exp, log, mp, mpf, sqrt

import formulas
from formulas.scalars import sigmoid
from tensors import Tensor

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    torch = None
try:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
except ImportError:
    jax = None

TYPES = {"f32": np.float32, "f64": np.float64}
BOUND = {"f32": 4, "f64": 8}
ROWS_OF_GRADIENTS = 300


# Inputs: numbers of the element, by role.


def signs(rng, count):
    return rng.choice([-1.0, 1.0], count)


def spaced(low, high, count):
    """Log-spaced between two powers of ten."""
    return np.logspace(low, high, count)


def near(rng, place, element, count=200):
    """Numbers within a thousand ulp of a place, and further off by powers of two."""
    step = np.spacing(TYPES[element](place)).astype(float)
    steps = np.concatenate([rng.integers(1, 1000, count // 2), 2.0 ** rng.integers(0, 22, count // 2)])
    return place + step * steps * signs(rng, len(steps))


SATURATED = np.array([0.0, 20, -20, 50, -50, 90, -90, 700, -700, 1e4, -1e4])


def residuals(rng, element):
    target = rng.uniform(-10, 10, 2500)
    small = rng.uniform(-10, 10, 500)
    alone = np.concatenate(
        [
            signs(rng, 1000) * spaced(-16, 4, 1000),
            near(rng, 1, element),
            near(rng, -1, element),
            SATURATED[1:],
            [1e-4, -1e-4, 1e-10, -1e-10],
        ]
    )
    prediction = np.concatenate(
        [rng.uniform(-10, 10, 2500), small * (1 + 10.0 ** rng.uniform(-7, -1, 500)), alone]
    )
    return {"prediction": prediction, "target": np.concatenate([target, small, 0 * alone])}


def positives(rng, element):
    small, base = 10.0 ** rng.uniform(-12, 0, (2, 1000)), rng.uniform(0, 10, 500)
    prediction = np.concatenate(
        [rng.uniform(0, 10, 1000), 10.0 ** rng.uniform(-6, 6, 1000), small[0], base]
    )
    near_base = base * (1 + 10.0 ** rng.uniform(-6, -1, 500))
    target = np.concatenate(
        [rng.uniform(0, 10, 1000), 10.0 ** rng.uniform(-6, 6, 1000), small[1], near_base]
    )
    return {"prediction": prediction, "target": target}


def rates(rng, element):
    prediction = np.concatenate([10.0 ** rng.uniform(-10, 6, 2000), rng.uniform(0.1, 30, 1000)])
    target = np.concatenate([rng.integers(0, 1000, 2000), rng.poisson(prediction[2000:])]).astype(float)
    return {"prediction": prediction, "target": target}


def log_rates(rng, element):
    prediction = np.concatenate(
        [rng.uniform(-20, 10, 2000), rng.uniform(-80, 80, 500), signs(rng, 500) * spaced(-10, 1, 500)]
    )
    return {"prediction": prediction, "target": rng.integers(0, 200, 3000).astype(float)}


def scores(rng, element):
    kinks = np.concatenate([near(rng, 1, element), near(rng, -1, element)])
    spread = signs(rng, 1000) * spaced(-12, 2, 1000)
    return np.concatenate([rng.uniform(-30, 30, 2000), spread, kinks, SATURATED, SATURATED])


def labelled(low, high):
    """Scores with one of two labels."""

    def inputs(rng, element):
        prediction = scores(rng, element)
        target = np.where(rng.random(len(prediction)) < 0.5, low, high).astype(float)
        target[-len(SATURATED) :], target[-2 * len(SATURATED) : -len(SATURATED)] = high, low
        return {"prediction": prediction, "target": target}

    return inputs


def soft(inputs):
    """A fifth of the labels replaced with numbers between 0 and 1."""

    def softened(rng, element):
        given = inputs(rng, element)
        given["target"][::5] = rng.uniform(0, 1, len(given["target"][::5]))
        return given

    return softened


def probabilities(rng, element):
    last = -7 if element == "f32" else -15
    prediction = np.concatenate(
        [rng.uniform(0.001, 0.999, 1500), spaced(-37, -0.01, 750), 1 - spaced(last, -0.4, 750)]
    )
    return {"prediction": prediction, "target": rng.integers(0, 2, len(prediction)).astype(float)}


def distances(rng, element):
    prediction = np.abs(
        np.concatenate([rng.uniform(0, 3, 1500), spaced(-15, 3, 1000), near(rng, 1, element, 500)])
    )
    return {"prediction": prediction, "target": rng.integers(0, 2, len(prediction)).astype(float)}


def triples(rng, element):
    first, second = rng.uniform(-10, 10, (2, 3000))
    first[:1000] = second[:1000] + 0.5 * signs(rng, 1000) * (1 + 10.0 ** rng.uniform(-7, 0, 1000))
    return {"first": first, "second": second, "target": signs(rng, 3000)}


def logit_rows(width):
    def inputs(rng, element):
        spread = rng.choice([1e-6, 0.1, 1, 3, 10, 30, 100], (2000, 1))
        logits = np.concatenate(
            [spread * rng.normal(size=(2000, width)), rng.integers(-20, 20, (500, width))]
        )
        label = rng.integers(0, width, 2500)
        label[::2] = np.argmax(logits[::2], 1)
        corners = np.zeros((len(SATURATED), width))
        corners[:, 0] = SATURATED
        order = rng.permutation(2500)
        rows = np.concatenate([corners, logits[order]])
        return {
            "prediction": rows,
            "target": np.concatenate([0 * SATURATED, label[order]]).astype(np.int64),
        }

    return inputs


def distributions(width, log_prediction, log_target):
    def inputs(rng, element):
        a = rng.normal(size=(1500, width)) * rng.choice([0.1, 1, 3, 8], (1500, 1))
        b = rng.normal(size=(1500, width)) * rng.choice([0.1, 1, 3, 8], (1500, 1))
        b[::3] = a[::3] + 1e-3 * rng.normal(size=a[::3].shape)
        logs = [x - np.log(np.exp(x).sum(1, keepdims=True)) for x in (a, b)]
        p, t = (x if is_log else np.exp(x) for x, is_log in zip(logs, (log_prediction, log_target)))
        return {"prediction": p, "target": t}

    return inputs


def vectors(rng, element):
    a, b = rng.normal(size=(2, 1500, 8))
    b[::3] = a[::3] * (1 + 10.0 ** rng.uniform(-6, -1, (500, 1)) * rng.normal(size=(500, 8)))
    return {
        "prediction": a * 10.0 ** rng.uniform(-8, 8, (1500, 1)),
        "target": b * 10.0 ** rng.uniform(-8, 8, (1500, 1)),
    }


# Parts that cancel: of a term, and of the derivative at a place of a row.


def divergence_parts(log_prediction, log_target):
    def parts(p, t):
        total = mpf(0)
        for x, y in zip(p, t):
            weight = exp(y) if log_target else y
            if log_prediction or log_target:
                total += weight * (
                    abs(y if log_target else log(y)) + abs(x if log_prediction else log(x))
                )
            else:
                total += weight * abs(log(y / x))
        return total

    return parts


def cosine_slope_parts(p, t, j):
    a, b = sqrt(sum(x * x for x in p)), sqrt(sum(y * y for y in t))
    cosine = sum(x * y for x, y in zip(p, t)) / a / b
    return (abs(t[j]) / b + abs(cosine * p[j]) / a) / a


def logit_slope_parts(p, t):
    return (1 - t) * sigmoid(p) + t * sigmoid(-p)


class Loss:
    """A loss with its inputs, what peers call it, and the parts of its terms and derivatives."""

    def __init__(
        self,
        name,
        note,
        inputs,
        torch=None,
        jax=None,
        parts=None,
        slope_parts=None,
        parts_name="",
        slope=True,
        **options,
    ):
        self.name, self.note, self.inputs, self.options = name, note, inputs, options
        self.torch, self.jax, self.parts, self.slope_parts = torch, jax, parts, slope_parts
        self.parts_name, self.slope = parts_name, slope

    @property
    def title(self):
        return f"`{self.name}`" + (f", {self.note}" if self.note else "")


def margin_parts(a, b, t):
    return abs(a - b) + mpf("0.5")


LOSSES = [
    Loss("mean_absolute_error", "", residuals, lambda p, t: F.l1_loss(p, t, reduction="none")),
    Loss(
        "mean_squared_error",
        "",
        residuals,
        lambda p, t: F.mse_loss(p, t, reduction="none"),
        lambda p, t: optax.squared_error(p, t),
    ),
    Loss("mean_squared_logarithmic_error", "", positives),
    Loss(
        "huber",
        "",
        residuals,
        lambda p, t: F.huber_loss(p, t, reduction="none"),
        lambda p, t: optax.huber_loss(p, t),
    ),
    Loss("log_cosh", "", residuals, None, lambda p, t: optax.log_cosh(p, t)),
    Loss(
        "poisson_nll",
        "rates",
        rates,
        lambda p, t: F.poisson_nll_loss(p, t, log_input=False, eps=0, reduction="none"),
        None,
        lambda p, t: p + abs(t * log(p)),
        lambda p, t: 1 + t / p,
        "p + abs(t log p)",
    ),
    Loss(
        "poisson_nll",
        "logarithms",
        log_rates,
        lambda p, t: F.poisson_nll_loss(p, t, reduction="none"),
        None,
        lambda p, t: exp(p) + abs(t * p),
        lambda p, t: exp(p) + t,
        "exp p + abs(t p)",
        log_input=True,
    ),
    Loss(
        "binary_cross_entropy",
        "logits",
        soft(labelled(0, 1)),
        lambda p, t: F.binary_cross_entropy_with_logits(p, t, reduction="none"),
        lambda p, t: optax.sigmoid_binary_cross_entropy(p, t),
        None,
        logit_slope_parts,
    ),
    Loss(
        "binary_cross_entropy",
        "probabilities",
        soft(probabilities),
        lambda p, t: F.binary_cross_entropy(p, t, reduction="none"),
        None,
        None,
        lambda p, t: (1 - t) / (1 - p) + t / p,
        from_logits=False,
    ),
    Loss("hinge", "", labelled(-1, 1), None, lambda p, t: optax.hinge_loss(p, t)),
    Loss("squared_hinge", "", labelled(-1, 1)),
    Loss("soft_margin", "", labelled(-1, 1), lambda p, t: F.soft_margin_loss(p, t, reduction="none")),
    Loss(
        "binary_focal",
        "logits",
        labelled(0, 1),
        None,
        lambda p, t: optax.sigmoid_focal_loss(p, t, gamma=2.0),
    ),
    Loss(
        "margin_ranking",
        "margin ½",
        triples,
        lambda a, b, t: F.margin_ranking_loss(a, b, t, margin=0.5, reduction="none"),
        None,
        margin_parts,
        None,
        "abs(first - second) + margin",
        slope=False,
        margin=0.5,
    ),
    Loss("siamese_contrastive", "", distances),
    *(
        Loss(
            "cross_entropy",
            f"{width} logits",
            logit_rows(width),
            lambda p, t: F.cross_entropy(p, t, reduction="none"),
            lambda p, t: optax.softmax_cross_entropy_with_integer_labels(p, t),
        )
        for width in (2, 10)
    ),
    *(Loss("focal", f"{width} logits", logit_rows(width)) for width in (2, 10)),
    Loss(
        "kl_divergence",
        "probabilities",
        distributions(5, False, False),
        None,
        None,
        divergence_parts(False, False),
        None,
        "Σ t abs(log(t / p))",
    ),
    Loss(
        "kl_divergence",
        "logarithms and probabilities",
        distributions(5, True, False),
        lambda p, t: F.kl_div(p, t, reduction="none").sum(-1),
        lambda p, t: optax.kl_divergence(p, t),
        divergence_parts(True, False),
        None,
        "Σ t (abs(log t) + abs(log p))",
        log_prediction=True,
    ),
    Loss(
        "kl_divergence",
        "logarithms",
        distributions(5, True, True),
        lambda p, t: F.kl_div(p, t, reduction="none", log_target=True).sum(-1),
        lambda p, t: optax.losses.kl_divergence_with_log_targets(p, t),
        divergence_parts(True, True),
        None,
        "Σ t (abs(log t) + abs(log p))",
        log_prediction=True,
        log_target=True,
    ),
    Loss(
        "cosine_distance",
        "",
        vectors,
        lambda p, t: 1 - F.cosine_similarity(p, t, -1, eps=0),
        lambda p, t: optax.cosine_distance(p, t),
        lambda p, t: mpf(2),
        cosine_slope_parts,
        "2",
    ),
]


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
    if role == "prediction" and loss.name in (
        "mean_absolute_error",
        "mean_squared_error",
        "huber",
        "log_cosh",
    ):
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
    print(f"\n### {title}\n\n| {columns} |\n|" + "---|" * len(columns.split(" | ")))


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


if __name__ == "__main__":
    tool, words = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:]
    if not words or "traps" in words:
        traps(tool)
    chosen = [i for i, x in enumerate(LOSSES) if not words or any(word in x.title for word in words)]
    if chosen:
        tables(tool, chosen)
