"""Keras: `KERAS_BACKEND=torch losses verify --adapter 'python3 docs/adapters/keras_torch.py'`."""

import os
import warnings

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras  # noqa: E402
import torch  # noqa: E402

from protocol import Adapter, Unsupported  # noqa: E402
from torch_gradients import differentiate  # noqa: E402

warnings.simplefilter("ignore")
K = keras.losses
adapter = Adapter(f"Keras {keras.__version__} on PyTorch {torch.__version__.split('+')[0]}", differentiate, torch)  # fmt: skip
NAMES = {"mean": "sum_over_batch_size", "none": None, "sum": "sum", "weighted_mean": "mean_with_sample_weight"}  # fmt: skip


def call_loss(call, make, prediction, target, rows):
    """Calls a loss of Keras, whose terms are rows: means over the last axis, or one of each row.

    `rows` says that a term of ours is a row as well.
    """
    if call.mask is not None:
        raise Unsupported("mask")
    reduction, weight = dict(call.reduction), call.weight
    first, axes, kind = reduction.get("first"), reduction.get("axes"), reduction["kind"]
    # A mean of nothing is 0 there.
    if reduction.get("keeps_axes") or reduction.get("when_empty") == "nan":
        raise Unsupported("this reduction")
    if not rows:
        if prediction.ndim < 1 or weight is not None:
            raise Unsupported("weights of elements" if weight is not None else "a number without axes")
        if (kind, axes, first) == ("mean", [-1], None):
            kind = "none"
        elif first == {"kind": "mean", "axes": [-1]} and axes is None:
            pass
        elif (kind, axes, first) != ("mean", None, None):
            raise Unsupported("terms other than means over the last axis")
    elif axes is not None or first is not None:
        raise Unsupported("a reduction over some axes")
    if kind not in NAMES:
        raise Unsupported(f"reduction {kind}")
    keras.config.set_floatx(call.dtype.__name__)
    loss = make(reduction=NAMES[kind])
    return loss(target, prediction, sample_weight=weight)


def loss(name, make, *options, rows=False, arguments=lambda call, prediction, target: {}):
    """Registers a class of Keras, with the arguments that our options come to."""

    def run(call, reduction, prediction, target):
        own = arguments(call, prediction, target)
        return call_loss(call, lambda **how: make(**how, **own), prediction, target, rows)

    adapter.loss(name, *options, reductions=None)(run)


def unsupported(reason):
    raise Unsupported(reason)


loss("mean_squared_error", K.MeanSquaredError)
loss("mean_absolute_error", K.MeanAbsoluteError)
loss("huber", K.Huber, "delta", arguments=lambda call, p, t: {"delta": call.options["delta"]})
loss("log_cosh", K.LogCosh)
loss("hinge", K.Hinge)
loss("squared_hinge", K.SquaredHinge)


def own_epsilon(*names):
    """Accepts what Keras does anyway, for users of our names: adding or clipping with its 1e-7."""

    def arguments(call, prediction, target):
        if any(call.options[name] not in (0, None, 1e-7) for name in names):
            raise Unsupported(f"another {' or '.join(names)}")
        return {}

    return arguments


def categorical(call, prediction, target):
    if target.ndim != prediction.ndim or call.options.get("targets") == "index_column":
        raise Unsupported("class indices")
    if call.axis % prediction.ndim != prediction.ndim - 1:
        raise Unsupported("classes along another axis")
    return {}


loss("categorical_hinge", K.CategoricalHinge, "floor_at_zero", "targets", rows=True, arguments=lambda call, p, t: categorical(call, p, t) if call.options["floor_at_zero"] else unsupported("floor_at_zero false"))  # fmt: skip


def cross_entropy(call, prediction, target):
    options = call.options
    arguments = {"from_logits": options["from_logits"], "axis": call.axis}
    if target.ndim == prediction.ndim:
        if options["targets"] == "index_column" or options["ignore_index"] is not None:
            raise Unsupported("an index column, or ignore_index with dense targets")
        return {**arguments, "label_smoothing": options["label_smoothing"]}
    if options["label_smoothing"]:
        raise Unsupported("label_smoothing of class indices")
    if options["ignore_index"] is not None:
        arguments["ignore_class"] = options["ignore_index"]
    return arguments


def cross_entropy_class(**arguments):
    sparse = "label_smoothing" not in arguments
    return (K.SparseCategoricalCrossentropy if sparse else K.CategoricalCrossentropy)(**arguments)


loss("cross_entropy", cross_entropy_class, "from_logits", "label_smoothing", "ignore_index", "targets", rows=True, arguments=cross_entropy)  # fmt: skip


def focal(call, prediction, target):
    if target.ndim != prediction.ndim:
        raise Unsupported("class indices")
    weights = call.options["class_weights"] or 1.0
    options = call.options
    return {"alpha": weights, "gamma": options["gamma"], "from_logits": options["from_logits"], "axis": call.axis}  # fmt: skip


loss("focal", K.CategoricalFocalCrossentropy, "gamma", "class_weights", "from_logits", rows=True, arguments=focal)  # fmt: skip
loss("binary_cross_entropy", K.BinaryCrossentropy, "from_logits", "label_smoothing", "clip", arguments=lambda call, p, t: {**own_epsilon("clip")(call, p, t), **{name: call.options[name] for name in ("from_logits", "label_smoothing")}})  # fmt: skip
loss("binary_focal", K.BinaryFocalCrossentropy, "gamma", "alpha", "from_logits", arguments=lambda call, p, t: {"gamma": call.options["gamma"], "from_logits": call.options["from_logits"], "apply_class_balancing": call.options["alpha"] is not None, "alpha": 0.25 if call.options["alpha"] is None else call.options["alpha"]})  # fmt: skip
loss("kl_divergence", K.KLDivergence, "clip", rows=True, arguments=lambda call, p, t: {**categorical(call, p, t), **own_epsilon("clip")(call, p, t)})  # fmt: skip


def cosine_terms(**arguments):
    loss = K.CosineSimilarity(**arguments)
    # Theirs is a loss: the similarity with its sign turned.
    return lambda *inputs, **others: -loss(*inputs, **others)


loss("cosine_similarity", cosine_terms, rows=True, arguments=lambda call, p, t: {"axis": call.axis})  # fmt: skip


loss("mean_squared_logarithmic_error", K.MeanSquaredLogarithmicError, "floor", arguments=own_epsilon("floor"))  # fmt: skip
loss("poisson_nll", K.Poisson, "epsilon", arguments=own_epsilon("epsilon"))
loss("mean_absolute_percentage_error", K.MeanAbsolutePercentageError, "epsilon", arguments=own_epsilon("epsilon"))  # fmt: skip


def generalized(call, prediction, target):
    if call.options["from_logits"] or target.ndim == prediction.ndim:
        raise Unsupported("logits or dense targets")
    return {"q": call.options["q"]}


loss("generalized_cross_entropy", K.CategoricalGeneralizedCrossEntropy, "q", "from_logits", "targets", rows=True, arguments=generalized)  # fmt: skip


def circle(call, prediction, target):
    if call.options["match_itself"] or call.options["normalize"]:
        raise Unsupported("match_itself, or vectors of any length")
    return {"gamma": call.options["gamma"], "margin": call.options["margin"], "remove_diagonal": True}


loss("circle", K.Circle, "gamma", "margin", "match_itself", "normalize", rows=True, arguments=circle)  # fmt: skip


def overlap(call, prediction, target):
    # Keras adds 1e-7 in both places of the quotient; its axes are those that are summed over.
    if call.options["per"] != "all" or call.options["smooth"] != 0:
        raise Unsupported("regions, or a smooth")
    if call.options["smooth_denominator"] not in (None, 1e-7) or target.ndim != prediction.ndim:
        raise Unsupported("smooth_denominator, or class indices")
    return {}


def tversky(call, prediction, target):
    weights = [call.options[f"false_{kind}_weight"] for kind in ("negative", "positive")]
    return {**overlap(call, prediction, target), "alpha": weights[0], "beta": weights[1]}


loss("dice", K.Dice, "smooth", "smooth_denominator", rows=True, arguments=overlap)
loss("tversky", K.Tversky, "smooth", "smooth_denominator", "false_negative_weight", "false_positive_weight", rows=True, arguments=tversky)  # fmt: skip


def ctc(call, prediction, target):
    if call.axis % prediction.ndim != 2 or call.options["blank"] != 0:
        raise Unsupported("classes along another axis, or another blank")
    return {}


loss("ctc", K.CTC, "blank", rows=True, arguments=ctc)
adapter.serve()
