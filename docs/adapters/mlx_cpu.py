"""MLX: `losses verify --adapter 'python3 docs/adapters/mlx_cpu.py'`."""

import importlib.metadata

import mlx.core as mx
import mlx.nn.losses as L
import numpy as np

from protocol import Adapter, Unsupported

# A GPU has no 64-bit numbers.
mx.set_default_device(mx.cpu)
TYPES = {np.float32: mx.float32, np.float64: mx.float64}
REDUCTIONS = ("none", "mean", "sum")


def array(tensor):
    """An array of MLX, which makes 32-bit numbers of NumPy's 64-bit ones unless told."""
    return mx.array(tensor, dtype=mx.float64) if tensor.dtype == np.float64 else mx.array(tensor)


def differentiate(function, inputs, wanted):
    arrays = {role: array(tensor) for role, tensor in inputs.items()}
    real = mx.float32 if any(tensor.dtype == np.float32 for tensor in inputs.values()) else mx.float64
    for role in wanted:
        if not mx.issubdtype(arrays[role].dtype, mx.floating):
            arrays[role] = arrays[role].astype(real)
    fixed = {role: one for role, one in arrays.items() if role not in wanted}

    def total(*leaves):
        return function(**dict(zip(wanted, leaves)), **fixed).sum()

    value = np.array(function(**arrays))
    if not wanted:
        return value, {}
    slopes = mx.grad(total, argnums=list(range(len(wanted))))(*(arrays[role] for role in wanted))
    # One slope comes without a list around it.
    slopes = slopes if isinstance(slopes, (list, tuple)) else [slopes]
    return value, {role: np.array(slope) for role, slope in zip(wanted, slopes)}


adapter = Adapter(f"MLX {importlib.metadata.version('mlx')}", differentiate, mx)


def real(call, tensor):
    """What holds whole numbers or truth values as the floating point numbers that are expected."""
    return tensor if mx.issubdtype(tensor.dtype, mx.floating) else tensor.astype(TYPES[call.dtype])


def elementwise(name, function, *options):
    def run(call, reduction, prediction, target):
        return function(
            real(call, prediction), real(call, target), reduction=reduction,
            **{option: call.options[option] for option in options})  # fmt: skip

    adapter.loss(name, *options, reductions=REDUCTIONS)(run)


elementwise("mean_absolute_error", L.l1_loss)
elementwise("mean_squared_error", L.mse_loss)
elementwise("smooth_l1", L.smooth_l1_loss, "beta")
elementwise("huber", L.huber_loss, "delta")
elementwise("log_cosh", L.log_cosh_loss)
elementwise("hinge", L.hinge_loss)


@adapter.loss("binary_cross_entropy", "from_logits", reductions=REDUCTIONS)
def binary_cross_entropy(call, reduction, prediction, target):
    return L.binary_cross_entropy(
        real(call, prediction), real(call, target), with_logits=call.options["from_logits"],
        reduction=reduction)  # fmt: skip


@adapter.loss("cross_entropy", "label_smoothing", "targets", reductions=REDUCTIONS)
def cross_entropy(call, reduction, prediction, target):
    if call.options["targets"] == "index_column":
        raise Unsupported("targets index_column")
    if target.ndim == prediction.ndim:
        if call.options["targets"] == "indices":
            raise Unsupported("targets indices")
        target = real(call, target)
    elif call.options["targets"] == "dense":
        raise Unsupported("targets dense")
    return L.cross_entropy(
        real(call, prediction), target, axis=call.axis,
        label_smoothing=call.options["label_smoothing"], reduction=reduction)  # fmt: skip


@adapter.loss("nll", "targets", reductions=REDUCTIONS)
def nll(call, reduction, prediction, target):
    if target.ndim == prediction.ndim:
        raise Unsupported("dense targets")
    return L.nll_loss(real(call, prediction), target, axis=call.axis, reduction=reduction)


@adapter.loss("gaussian_nll", "full", "epsilon", reductions=REDUCTIONS)
def gaussian_nll(call, reduction, prediction, target, variance):
    return L.gaussian_nll_loss(
        real(call, prediction), real(call, target), real(call, variance),
        full=call.options["full"], eps=call.options["epsilon"], reduction=reduction)  # fmt: skip


@adapter.loss("kl_divergence", "log_prediction", "log_target", reductions=REDUCTIONS)
def kl_divergence(call, reduction, prediction, target):
    if not (call.options["log_prediction"] and call.options["log_target"]):
        raise Unsupported("probabilities instead of their logarithms")
    return L.kl_div_loss(
        real(call, prediction), real(call, target), axis=call.axis, reduction=reduction)  # fmt: skip


@adapter.loss("triplet_margin", "distance", "p", "margin", "epsilon", "root_epsilon", reductions=REDUCTIONS)
def triplet_margin(call, reduction, anchor, positive, negative):
    if call.options["distance"] != "p_norm" or call.options["epsilon"] != 0:
        raise Unsupported("another distance, or an epsilon of the differences")
    return L.triplet_loss(
        real(call, anchor), real(call, positive), real(call, negative), axis=call.axis,
        p=call.options["p"], margin=call.options["margin"], eps=call.options["root_epsilon"],
        reduction=reduction)  # fmt: skip


@adapter.loss("cosine_similarity", "epsilon", reductions=REDUCTIONS)
def cosine_similarity(call, reduction, prediction, target):
    return L.cosine_similarity_loss(
        real(call, prediction), real(call, target), axis=call.axis, eps=call.options["epsilon"],
        reduction=reduction)  # fmt: skip


@adapter.loss("margin_ranking", "margin", reductions=REDUCTIONS)
def margin_ranking(call, reduction, first, second, target):
    return L.margin_ranking_loss(
        real(call, first), real(call, second), real(call, target), margin=call.options["margin"],
        reduction=reduction)  # fmt: skip


@adapter.loss("softmax")
def softmax(call, reduction, prediction):
    return mx.softmax(real(call, prediction), axis=call.axis)


adapter.serve()
