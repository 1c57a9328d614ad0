"""What frameworks get wrong: the true value of each case, and what the framework gives when it is run.

    LOSSES=.build/debug/losses python3 defects.py           compare ../corpus with truth and frameworks
    LOSSES=.build/debug/losses python3 defects.py --write   write the cases

A row of `DEFECTS` is one call under a framework's name. The true numbers come from the formulas of our
own names with 150 digits; `framework_value` and `framework_gradients` from running the framework.

Depends on: what `frameworks.py` needs, and mpmath.
"""

import json
import math
import sys
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

import frameworks
from evaluation import evaluate, gradient
from executed_cases import CORPUS, tensor
from frameworks import TITLES
from layout import text
from tensors import Tensor, shortest

INF = math.inf
PACKAGES = {"smp": "segmentation_models_pytorch"}
TYPES = {"f32": np.float32, "f64": np.float64}


@dataclass(frozen=True)
class Defect:
    """One call, what it means in our words, and what is wrong."""

    name: str
    id: str
    about: str
    flags: str
    why: str
    # Arguments in the framework's order.
    given: tuple
    loss: str
    options: dict = field(default_factory=dict)
    own: dict = field(default_factory=dict)
    reduction: str = "none"
    element: str = "f32"
    # Inputs of ours where their layout is another one.
    layout: object = None
    # Roles whose gradient is wrong, or right where the value is wrong.
    roles: tuple = ()
    scale: int = 1


def d(name, id, about, flags, why, given, loss, **more):
    return Defect(name, id, about, flags, why, given, loss, **more)


MEAN, LOGITS = {"reduction": "mean"}, {"from_logits": True}
ROUNDED = "log-softmax loses what is small beside the largest logit"
EXCLUDED = "0 · ∞ is taken for a class without target"
SQUARES = "the squares of the lengths leave the range"
LOG_TWO = "log 2 is subtracted from a number next to it"
NO_BATCH = lambda inputs: {"prediction": inputs["prediction"][0], "target": inputs["target"][0]}
TIME_FIRST = lambda inputs: {"prediction": inputs["prediction"][:, 0], "target": inputs["target"][0]}
HIT, MISS = ([[20.0, 0.0]], [0]), ([[0.0, 0.0, -INF]], [[1.0, 0.0, 0.0]])
TINY, HUGE, ORDINARY, ZERO = [[3e-25, 4e-25]], [[3e25, 4e25]], [[-3.0, 4.0]], [[0.0, 0.0]]
LAST = {"kind": "mean", "axes": [-1]}
HALVES = [[[math.log(0.5)] * 2]] * 2

DEFECTS = [
    d("torch.cross_entropy", "defect-confident-float32", "a confident hit costs something", "Cancellation", ROUNDED,
        HIT, "cross_entropy", **MEAN),
    d("torch.cross_entropy", "defect-confident-float64", "a confident hit costs something in 64 bits", "Cancellation",
        ROUNDED, ([[40.0, 0.0]], [0]), "cross_entropy", element="f64", **MEAN),
    d("torch.cross_entropy", "defect-excluded-class", "a class that is ruled out costs nothing without a target",
        "InfiniteLogit ZeroLogZero", EXCLUDED, MISS, "cross_entropy", **MEAN),
    d("torch.binary_cross_entropy_with_logits", "defect-confident-hit", "a confident yes costs as much as a confident no",
        "Cancellation", "log(1 + exp(-20)) is taken of the rounded sum", ([20.0, -20.0], [1.0, 0.0]), "binary_cross_entropy",
        roles=("prediction",), **MEAN),
    d("torch.binary_cross_entropy_with_logits", "defect-infinite-hit", "an infinite logit on the right side costs nothing",
        "InfiniteLogit", "0 · ∞", ([INF], [1.0]), "binary_cross_entropy", **MEAN),
    d("torch.binary_cross_entropy", "defect-slope-of-a-small-probability", "the slope grows with the surprise", "Saturation",
        "the slope is divided by no less than 1e-12, an epsilon that the documentation does not name", ([1e-20], [1.0]),
        "binary_cross_entropy", own={"from_logits": False}, roles=("prediction",), **MEAN),
    d("torch.soft_margin_loss", "defect-miss-by-hundred", "a miss by a hundred costs a hundred", "Overflow",
        "exp comes before log", ([-100.0], [1.0]), "soft_margin", roles=("prediction",), **MEAN),
    d("torch.cosine_similarity", "defect-huge-vectors", "long vectors have a direction", "ScaleInvariance Overflow",
        SQUARES, (HUGE, ORDINARY), "cosine_similarity"),
    d("torch.cosine_similarity", "defect-slope-of-a-short-vector", "below eps the similarity is linear in a vector",
        "AddedEpsilon ClippedProbability", "the bound is passed over by the derivative", ([[0.5, 0.0]], [[6.0, 8.0]]), "cosine_similarity",
        options={"eps": 1.0}, own={"epsilon": 1, "bounded": "each"}, element="f64", roles=("prediction", "target")),
    d("torch.cosine_embedding_loss", "defect-zero-vector", "a zero vector has no slope", "ZeroNorm Kink",
        "1e-12 is added under the root", (ZERO, [[1.0, 2.0]], [1]), "cosine_embedding", roles=("first",), **MEAN),
    d("torch.cosine_embedding_loss", "defect-short-vector", "a short vector has a direction", "ScaleInvariance AddedEpsilon",
        "1e-12 is added to the squares of the lengths", ([[3e-7, 4e-7]], ORDINARY, [1]), "cosine_embedding", **MEAN),
    d("torch.triplet_margin_loss", "defect-huge-distance", "equal distances leave the margin", "Overflow",
        "the squares of the differences overflow to ∞, and ∞ - ∞ is NaN", (HUGE, [[0.0, 0.0]], [[0.0, 0.0]]),
        "triplet_margin", options={"eps": 0.0}, own={"margin": 1}, **MEAN),
    d("torch.poisson_nll_loss", "defect-no-rate-no-count", "no event at rate zero costs nothing", "ZeroLogZero",
        "0 · log 0", ([0.0], [0.0]), "poisson_nll", options={"log_input": False, "eps": 0.0}, roles=("prediction",), **MEAN),
    d("torch.ctc_loss", "defect-slope", "the slope is that of the logarithms that are given", "Saturation",
        "the slope is that of logits behind a log-softmax, not that of the argument", (HALVES, [[1]], [2], [1]), "ctc",
        own={"from_logits": False}, element="f64", layout=TIME_FIRST, roles=("prediction",), options={"reduction": "sum"}),
    d("torch.ctc_loss", "defect-excluded-class", "a class that is ruled out is on no path", "InfiniteLogit",
        "∞ - ∞ in the slope", ([[[-INF, 0.0]], [[0.0, -INF]]], [[1]], [2], [1]), "ctc", own={"from_logits": False},
        element="f64", layout=TIME_FIRST, roles=("prediction",), options={"reduction": "sum"}),
    d("torch.ctc_loss", "defect-slope-of-infinity", "where no alignment fits there is no slope", "InfeasibleAlignment",
        "∞ - ∞ in the slope", (HALVES, [[1, 1]], [2], [2]), "ctc", own={"from_logits": False}, element="f64",
        layout=TIME_FIRST, roles=("prediction",), options={"reduction": "sum"}),
    d("torch.poisson_nll_loss", "defect-slope-of-no-count", "the slope of a count of zero is finite", "ZeroLogZero TargetGradient",
        "Stirling's term is masked after its logarithm was taken", ([0.5], [0.0]), "poisson_nll",
        options={"log_input": False, "full": True, "eps": 0.0}, own={"full": True}, element="f64", roles=("target",), **MEAN),
    d("torchvision.sigmoid_focal_loss", "defect-confident-float32", "a confident hit costs something", "Cancellation",
        "1 - p is 0", ([20.0], [1.0]), "binary_focal", own={"alpha": 0.25}, roles=("prediction",)),
    d("torchvision.sigmoid_focal_loss", "defect-lost-digits", "a hit keeps its digits", "Cancellation",
        "1 - p keeps three digits", ([10.0], [1.0]), "binary_focal", own={"alpha": 0.25}, roles=("prediction",)),
    d("torchvision.sigmoid_focal_loss", "defect-confident-float64", "a confident hit costs something in 64 bits",
        "Cancellation", "1 - p is 0", ([40.0], [1.0]), "binary_focal", own={"alpha": 0.25}, element="f64",
        roles=("prediction",)),
    d("smp.FocalLoss", "defect-confident-hit", "a confident hit costs something", "Cancellation",
        "1 - p is 0", ([[[20.0]]], [[[1.0]]]), "binary_focal", roles=("prediction",), **MEAN),
    d("monai.FocalLoss", "defect-slope-of-a-confident-hit", "a confident hit has a slope", "Cancellation",
        "the slope is 0 though the value is right", ([[[20.0]]], [[[1.0]]]), "binary_focal", element="f64",
        roles=("prediction",), **MEAN),
    d("optax.log_cosh", "defect-small-error", "a small error costs half its square", "Cancellation", LOG_TWO,
        ([1e-4], [0.0]), "log_cosh", roles=("prediction",)),
    d("optax.log_cosh", "defect-tiny-error", "a tiny error costs half its square in 64 bits", "Cancellation", LOG_TWO,
        ([1e-10], [0.0]), "log_cosh", element="f64"),
    d("optax.softmax_cross_entropy", "defect-confident-hit", "a confident hit costs something", "Cancellation", ROUNDED,
        ([[20.0, 0.0]], [[1.0, 0.0]]), "cross_entropy"),
    d("optax.softmax_cross_entropy", "defect-excluded-class", "a class that is ruled out costs nothing without a target",
        "InfiniteLogit ZeroLogZero", EXCLUDED, MISS, "cross_entropy"),
    d("optax.softmax_cross_entropy_with_integer_labels", "defect-confident-hit", "a confident hit costs something",
        "Cancellation", ROUNDED, HIT, "cross_entropy"),
    d("optax.softmax_cross_entropy_with_integer_labels", "defect-large-offset", "an offset of 2^24 changes nothing",
        "Cancellation LostAddend", "the largest logit is added before the difference is taken", ([[2.0**24, 2.0**24 + 2]], [0]),
        "cross_entropy"),
    d("optax.poly_loss_cross_entropy", "defect-confident-hit", "a confident hit costs something", "Cancellation", ROUNDED,
        ([[20.0, 0.0]], [[1.0, 0.0]]), "poly_cross_entropy", own={"coefficient": 2}),
    d("optax.ranking_softmax_loss", "defect-confident-hit", "a confident hit costs something", "Cancellation", ROUNDED,
        ([[20.0, 0.0]], [[1.0, 0.0]]), "ranking_softmax", **MEAN),
    d("optax.sigmoid_binary_cross_entropy", "defect-infinite-hit", "an infinite logit on the right side costs nothing",
        "InfiniteLogit", "0 · ∞", ([INF], [1.0]), "binary_cross_entropy"),
    d("optax.kl_divergence", "defect-no-chance-no-share", "a class of neither costs nothing", "ZeroLogZero",
        "0 · ∞", ([[0.0, -INF]], [[1.0, 0.0]]), "kl_divergence", own={"log_prediction": True}),
    d("optax.generalized_kl_divergence", "defect-no-chance-no-share", "a class of neither costs nothing", "ZeroLogZero",
        "0 · ∞", ([[0.0, -INF]], [[1.0, 0.0]]), "generalized_kl_divergence", own={"log_prediction": True}),
    d("optax.cosine_similarity", "defect-tiny-vectors", "short vectors have a direction", "ScaleInvariance Underflow",
        SQUARES + ": 0 / 0", (TINY, ORDINARY), "cosine_similarity"),
    d("optax.cosine_similarity", "defect-huge-vectors", "long vectors have a direction", "ScaleInvariance Overflow",
        SQUARES, (HUGE, ORDINARY), "cosine_similarity"),
    d("optax.cosine_similarity", "defect-zero-vector", "a zero vector has the cosine 0", "ZeroNorm",
        "0 / 0, where epsilon is its default 0", (ZERO, ORDINARY), "cosine_similarity"),
    d("optax.cosine_distance", "defect-almost-parallel", "a small angle costs half its square", "Cancellation",
        "the cosine is subtracted from 1", ([[1.0, 1e-4]], [[1.0, 0.0]]), "cosine_distance"),
    d("optax.triplet_margin_loss", "defect-odd-degree", "an odd degree is that of the sizes", "SignFlip",
        "the differences are raised to the power with their signs: the root of a negative number is NaN",
        ([[1.0, 2.0]], [[3.0, 5.0]], [[1.0, 3.0]]), "triplet_margin", options={"norm_degree": 3},
        own={"p": 3, "root_epsilon": 1e-6, "margin": 1}),
    d("optax.triplet_margin_loss", "defect-degree-one", "a degree of one adds the sizes", "SignFlip",
        "the differences are added with their signs", ([[1.0, 2.0]], [[3.0, 5.0]], [[1.0, 3.0]]), "triplet_margin",
        options={"norm_degree": 1}, own={"p": 1, "root_epsilon": 1e-6, "margin": 1}),
    d("optax.ctc_loss", "defect-infeasible", "too few steps cost infinity", "InfeasibleAlignment",
        "infinity is a number of 100,000", ([[[0.0, 0.0]]], [[0.0]], [[1, 1]], [[0.0, 0.0]]), "ctc", layout=NO_BATCH),
    d("optax.ctc_loss", "defect-excluded-class", "a class that is ruled out is on no path", "InfiniteLogit",
        "∞ · 0", ([[[-INF, 0.0], [0.0, -INF]]], [[0.0, 0.0]], [[1]], [[0.0]]), "ctc", layout=NO_BATCH),
    d("optax.ctc_loss", "defect-negative", "a nearly certain sequence costs no less than nothing", "NegativeLoss",
        "rounding of a logarithm of a sum", ([[[0.0, 20.0], [0.0, 20.0]]], [[0.0, 0.0]], [[1]], [[0.0]]), "ctc",
        layout=NO_BATCH),
    d("axon.binary_cross_entropy", "defect-slope-of-no-logit", "a logit of 0 has a slope", "Kink",
        "the slopes of the two parts of softplus cancel out", ([[1.0, 0.0]], [[0.0, 0.0]]), "binary_cross_entropy",
        options=LOGITS, reduction=LAST, element="f64", roles=("prediction",)),
    d("axon.categorical_cross_entropy", "defect-slope-of-no-target", "a class without target has a slope by its target",
        "TargetGradient", "0 log p is selected, not multiplied", ([[0.0, 1.0]], [[0.25, 0.75]]), "cross_entropy",
        own={"from_logits": False}, element="f64", roles=("target",)),
    d("axon.categorical_cross_entropy", "defect-confident-hit", "a confident hit costs something", "Cancellation", ROUNDED,
        ([[1.0, 0.0]], [[20.0, 0.0]]), "cross_entropy", options=LOGITS),
    d("axon.categorical_cross_entropy", "defect-excluded-class", "a class that is ruled out costs nothing without a target",
        "InfiniteLogit ZeroLogZero", EXCLUDED, MISS[::-1], "cross_entropy", options=LOGITS),
    d("axon.log_cosh", "defect-no-error", "no error costs nothing", "RoundedConstant NegativeLoss",
        "log 2 is a 32-bit number also in 64 bits", ([[1.0]], [[1.0]]), "log_cosh", reduction=LAST, element="f64"),
    d("axon.log_cosh", "defect-small-error", "a small error costs half its square", "Cancellation", LOG_TWO,
        ([[0.0]], [[1e-4]]), "log_cosh", reduction=LAST),
    d("axon.log_cosh", "defect-very-negative", "an error of -100 costs 100 less log 2", "Overflow", "exp comes before log",
        ([[100.0]], [[0.0]]), "log_cosh", reduction=LAST, roles=("prediction",)),
    d("axon.soft_margin", "defect-miss-by-hundred", "a miss by a hundred costs a hundred", "Overflow",
        "exp comes before log", ([[1.0]], [[-100.0]]), "soft_margin", reduction={"kind": "sum", "axes": [0]},
        roles=("prediction",)),
    d("mlx.cross_entropy", "defect-confident-hit", "a confident hit costs something", "Cancellation", ROUNDED, HIT,
        "cross_entropy"),
    d("mlx.cross_entropy", "defect-excluded-class", "a class that is ruled out costs nothing without a target",
        "InfiniteLogit ZeroLogZero", EXCLUDED, MISS, "cross_entropy"),
    d("mlx.cross_entropy", "defect-slope-of-a-target", "the slope of a target is the loss of its class", "TargetGradient",
        "the largest logit is subtracted without its slope", ([[0.0, 2.0]], [[0.5, 0.5]]), "cross_entropy", element="f64",
        roles=("target",)),
    d("mlx.binary_cross_entropy", "defect-confident-hit", "a confident yes costs something", "Cancellation",
        "the logit is subtracted from log(1 + exp x)", ([20.0], [1.0]), "binary_cross_entropy", **MEAN),
    d("mlx.binary_cross_entropy", "defect-infinite-hit", "an infinite logit on the right side costs nothing",
        "InfiniteLogit", "∞ - ∞", ([INF], [1.0]), "binary_cross_entropy", **MEAN),
    d("mlx.log_cosh_loss", "defect-small-error", "a small error costs half its square", "Cancellation", LOG_TWO,
        ([1e-4], [0.0]), "log_cosh", roles=("prediction",)),
    d("mlx.cosine_similarity_loss", "defect-huge-vectors", "long vectors have a direction", "ScaleInvariance Overflow",
        SQUARES, (HUGE, ORDINARY), "cosine_similarity"),
    d("keras.log_cosh", "defect-small-error", "a small error costs half its square", "Cancellation", LOG_TWO,
        ([[0.0]], [[1e-4]]), "log_cosh", reduction={"kind": "mean", "axes": [-1]}),
    d("keras.categorical_crossentropy", "defect-confident-hit", "a confident hit costs something", "Cancellation", ROUNDED,
        ([[1.0, 0.0]], [[20.0, 0.0]]), "cross_entropy", options=LOGITS),
    d("keras.categorical_crossentropy", "defect-excluded-class", "a class that is ruled out costs nothing without a target",
        "InfiniteLogit ZeroLogZero", EXCLUDED, MISS[::-1], "cross_entropy", options=LOGITS),
    d("keras.sparse_categorical_crossentropy", "defect-confident-hit", "a confident hit costs something", "Cancellation",
        ROUNDED, HIT[::-1], "cross_entropy", options=LOGITS),
    d("keras.binary_crossentropy", "defect-infinite-hit", "an infinite logit on the right side costs nothing",
        "InfiniteLogit", "0 · ∞", ([[1.0]], [[INF]]), "binary_cross_entropy", options=LOGITS,
        reduction={"kind": "mean", "axes": [-1]}),
    d("keras.binary_focal_crossentropy", "defect-confident-miss", "a miss by logits costs its logit", "CappedLoss",
        "logits become probabilities, which are clipped to 1e-7", ([[1.0]], [[-200.0]]), "binary_focal", options=LOGITS,
        reduction={"kind": "mean", "axes": [-1]}, roles=("prediction",)),
    d("keras.kl_divergence", "defect-slope-at-one", "the slope at a probability of 1 is whole", "ClippedProbability Kink",
        "clipping shares the slope between two equal arguments", ([[1.0, 0.0]], [[1.0, 0.0]]), "kl_divergence",
        roles=("prediction",)),
    d("keras.cosine_similarity", "defect-tiny-vectors", "short vectors have a direction", "ScaleInvariance Underflow",
        "a length below 1e-7 counts as 1e-7", (ORDINARY, TINY), "cosine_similarity", scale=-1),
    d("keras.cosine_similarity", "defect-huge-vectors", "long vectors have a direction", "ScaleInvariance Overflow",
        SQUARES, (ORDINARY, HUGE), "cosine_similarity", scale=-1),
    d("keras.cosine_similarity", "defect-zero-vector", "a zero vector has no slope", "ZeroNorm Kink", "0 / 0 in the slope",
        (ORDINARY, ZERO), "cosine_similarity", scale=-1, roles=("prediction",)),
    d("keras.ctc", "defect-infeasible", "too few steps cost infinity", "InfeasibleAlignment",
        "infinity is a number of 100,000", ([[1, 1]], [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]), "ctc", layout=NO_BATCH),
    d("keras.ctc", "defect-negative", "a nearly certain sequence costs no less than nothing", "NegativeLoss",
        "rounding of a logarithm of a sum", ([[1]], [[[0.0, 20.0], [0.0, 20.0]]]), "ctc", layout=NO_BATCH),
]
# The slope that the documentation of our losses states where there is none, or two.
STATED = {
    "torch/ctc_loss#defect-slope-of-infinity": {"prediction": [0.0] * 4},
    "torch/cosine_embedding_loss#defect-zero-vector": {"first": [0.0, 0.0]},
    "keras/cosine_similarity#defect-zero-vector": {"prediction": [0.0, 0.0]},
    "keras/kl_divergence#defect-slope-at-one": {"prediction": [-1.0, 0.0]},
}


def arrays(defect):
    """The inputs by role, in the element of the computation."""
    made = {}
    for role, given in zip(frameworks.roles(defect.name), defect.given):
        array = np.array(given)
        made[role] = array if array.dtype.kind == "i" else array.astype(TYPES[defect.element])
    return made


def written(array, element):
    """A tensor of a fixture; numbers of f32 with the digits that they have there."""
    made = tensor(array)
    if array.dtype.kind == "f":
        made["element"] = element
        made["data"] = [x if isinstance(x, str) else float(str(y)) for x, y in zip(made["data"], array.reshape(-1))]
    return made


def truth(defect, inputs):
    """The value and gradients by the formulas of our own name."""
    own = defect.layout(inputs) if defect.layout else inputs
    case = {"options": defect.own, "reduction": defect.reduction}
    given = {role: Tensor.of(written(array, defect.element)) for role, array in own.items()}
    _, data = evaluate(defect.loss, given, case, defect.element)
    key = f"{defect.name.replace('.', '/')}#{defect.id}"
    gradients = {
        role: STATED.get(key, {}).get(role)
        or [read(defect.scale * x, defect) for x in gradient(defect.loss, given, case, defect.element, role)]
        for role in defect.roles}
    return [read(defect.scale * x, defect) for x in data], gradients


def read(number, defect):
    return shortest(number, defect.element)


def versions(framework):
    """The framework with the version that ran."""
    if framework == "axon":
        return frameworks.axon()[1]
    return f"{TITLES[framework]} {version(PACKAGES.get(framework, framework)).split('+')[0]}"


def made(defect):
    """The case of a row."""
    inputs = arrays(defect)
    framework = defect.name.split(".")[0]
    value, gradients = frameworks.run(defect.name, defect.options, inputs, list(defect.roles))
    true, slopes = truth(defect, inputs)
    shape = list(np.asarray(value).shape)
    case = {
        "id": defect.id, "about": defect.about, "flags": defect.flags.split(), "source": "defects-run",
        "place": f"{versions(framework)}, {frameworks.long_form(defect.name)}: {defect.why}",
        "inputs": {role: written(array, defect.element) for role, array in inputs.items()},
        **({"options": {**frameworks.REQUIRED.get(defect.name, {}), **defect.options}}
            if defect.options or defect.name in frameworks.REQUIRED else {}),
        "expect": {"value": {"shape": shape, "data": true}}}
    if slopes:
        case["expect"]["gradients"] = {
            role: {"element": defect.element, "shape": list(inputs[role].shape), "data": data}
            for role, data in slopes.items()}
    found = written(np.asarray(value, dtype=TYPES[defect.element]), defect.element)
    case["framework_value"] = {"shape": shape, "data": found["data"]}
    if gradients:
        case["framework_gradients"] = {
            role: written(np.asarray(array, dtype=TYPES[defect.element]), defect.element)
            for role, array in gradients.items()}
    if defect.loss == "ctc" and defect.id == "defect-negative":
        case |= {"tolerance": {"absolute": 1e-15}, "because": "a loss so small is right absolutely, not relatively"}
    return case


def is_wrong(case):
    """Whether the framework's numbers differ from the true ones by more than a rounding."""

    def far(wrong, right):
        wrong, right = (np.array([float(x) for x in one["data"]]) for one in (wrong, right))
        return not np.allclose(wrong, right, rtol=1e-4, atol=0, equal_nan=True)

    expect = case["expect"]
    return far(case["framework_value"], expect["value"]) or any(
        far(found, expect["gradients"][role]) for role, found in case.get("framework_gradients", {}).items())


def main():
    writes = "--write" in sys.argv
    bad = 0
    for defect in DEFECTS:
        path = CORPUS / f"{defect.name.replace('.', '/')}.json"
        document = json.loads(path.read_text())
        case = made(defect)
        if not is_wrong(case):
            print(f"{defect.name}#{defect.id} is right: {case['framework_value']}")
            bad += 1
        places = [i for i, one in enumerate(document["cases"]) if one["id"] == defect.id]
        if writes:
            place = places[0] if places else len(document["cases"])
            document["cases"][place:place + 1] = [case]
            path.write_text(text(document) + "\n")
        elif not places or json.dumps(document["cases"][places[0]]) != json.dumps(case):
            print(f"{defect.name}#{defect.id} is not what is recorded")
            bad += 1
    print(f"{len(DEFECTS)} defects, {bad} differ")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
