"""NumPy, each loss by the formula that a textbook prints, without care for rounding.

`losses verify --adapter 'python3 docs/adapters/numpy_formula.py'`. NumPy has no
gradients, so a case that wants one is unsupported.
"""

import numpy as np

from protocol import Adapter, Unsupported

np.seterr(all="ignore")


def differentiate(function, inputs, wanted):
    if wanted:
        raise Unsupported("gradients")
    return function(**inputs), {}


adapter = Adapter(f"NumPy {np.__version__} by formula", differentiate, np)


def formula(name, function, *options):
    def run(call, reduction, prediction, target):
        real = prediction.astype(call.dtype), target.astype(call.dtype)
        return function(*real, **{option: call.options[option] for option in options})

    adapter.loss(name, *options)(run)


def huber(p, t, delta):
    error = np.abs(p - t)
    return np.where(error <= delta, error**2 / 2, delta * (error - delta / 2))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def binary_cross_entropy(p, t, from_logits):
    p = sigmoid(p) if from_logits else p
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def binary_focal(p, t, from_logits, gamma):
    p = sigmoid(p) if from_logits else p
    return -(t * (1 - p) ** gamma * np.log(p) + (1 - t) * p**gamma * np.log(1 - p))


formula("mean_absolute_error", lambda p, t: np.abs(p - t))
formula("mean_squared_error", lambda p, t: (p - t) ** 2)
formula("mean_squared_logarithmic_error", lambda p, t: (np.log(p + 1) - np.log(t + 1)) ** 2)
formula("huber", huber, "delta")
formula("log_cosh", lambda p, t: np.log(np.cosh(p - t)))
formula("poisson_nll", lambda p, t: p - t * np.log(p))
formula("hinge", lambda p, t: np.maximum(0, 1 - p * t))
formula("squared_hinge", lambda p, t: np.maximum(0, 1 - p * t) ** 2)
formula("soft_margin", lambda p, t: np.log(1 + np.exp(-p * t)))
formula("siamese_contrastive", lambda p, t, margin: (1 - t) * p**2 + t * np.maximum(0, margin - p) ** 2, "margin")  # fmt: skip
formula("binary_cross_entropy", binary_cross_entropy, "from_logits")
formula("binary_focal", binary_focal, "from_logits", "gamma")


def softmax_of(logits, axis):
    powers = np.exp(logits)
    return powers / powers.sum(axis, keepdims=True)


def picked(call, table, target):
    """The number of the true class in each row."""
    index = np.expand_dims(target, call.axis)
    return np.take_along_axis(table, index, call.axis).squeeze(call.axis)


@adapter.loss("cross_entropy", "from_logits")
def cross_entropy(call, reduction, prediction, target):
    p = softmax_of(prediction, call.axis) if call.options["from_logits"] else prediction
    if target.ndim == p.ndim:
        return -(target * np.log(p)).sum(call.axis)
    return -np.log(picked(call, p, target))


@adapter.loss("focal", "from_logits", "gamma")
def focal(call, reduction, prediction, target):
    p = softmax_of(prediction, call.axis) if call.options["from_logits"] else prediction
    if target.ndim == p.ndim:
        return -(target * (1 - p) ** call.options["gamma"] * np.log(p)).sum(call.axis)
    p = picked(call, p, target)
    return -((1 - p) ** call.options["gamma"]) * np.log(p)


@adapter.loss("kl_divergence")
def kl_divergence(call, reduction, prediction, target):
    return (target * np.log(target / prediction)).sum(call.axis)


@adapter.loss("softmax")
def softmax(call, reduction, prediction):
    return softmax_of(prediction, call.axis)


@adapter.loss("cosine_similarity")
def cosine_similarity(call, reduction, prediction, target):
    def length(x):
        return np.sqrt((x**2).sum(call.axis))

    return (prediction * target).sum(call.axis) / (length(prediction) * length(target))


@adapter.loss("cosine_distance")
def cosine_distance(call, reduction, prediction, target):
    return 1 - cosine_similarity(call, reduction, prediction, target)


@adapter.loss("margin_ranking", "margin")
def margin_ranking(call, reduction, first, second, target):
    return np.maximum(0, -target * (first - second) + call.options["margin"])


@adapter.loss("label_smoothing", "smoothing")
def label_smoothing(call, reduction, target):
    smoothing = call.options["smoothing"]
    return target * (1 - smoothing) + smoothing / target.shape[call.axis]


adapter.serve()
