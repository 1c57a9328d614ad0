"""JAX with Optax: `losses verify --adapter 'python3 docs/adapters/optax_jax.py'`."""

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

from protocol import Adapter, Unsupported  # noqa: E402


def differentiate(function, inputs, wanted):
    arrays = {role: jnp.asarray(array) for role, array in inputs.items()}
    for role in wanted:
        if not jnp.issubdtype(arrays[role].dtype, jnp.floating):
            arrays[role] = arrays[role].astype(float)
    fixed = {role: array for role, array in arrays.items() if role not in wanted}

    def total(leaves):
        value = function(**leaves, **fixed)
        return value.sum(), value

    if not wanted:
        return total({})[1], {}
    (_, value), slopes = jax.value_and_grad(total, has_aux=True)({r: arrays[r] for r in wanted})
    return value, slopes


adapter = Adapter(f"Optax {optax.__version__}, JAX {jax.__version__}", differentiate, jnp)


def elementwise(name, function, *options):
    def run(call, reduction, prediction, target):
        return function(
            prediction.astype(call.dtype), target.astype(call.dtype),
            **{option: call.options[option] for option in options})  # fmt: skip

    adapter.loss(name, *options)(run)


elementwise("mean_squared_error", optax.squared_error)
elementwise("huber", optax.huber_loss, "delta")
elementwise("log_cosh", optax.log_cosh)
elementwise("hinge", optax.hinge_loss)
elementwise("perceptron", optax.losses.perceptron_loss)


@adapter.loss("binary_cross_entropy")
def binary_cross_entropy(call, reduction, prediction, target):
    return optax.sigmoid_binary_cross_entropy(prediction, target.astype(call.dtype))


@adapter.loss("binary_focal", "alpha", "gamma")
def binary_focal(call, reduction, prediction, target):
    return optax.sigmoid_focal_loss(
        prediction, target.astype(call.dtype), alpha=call.options["alpha"],
        gamma=call.options["gamma"])  # fmt: skip


@adapter.loss("binary_sparsemax")
def binary_sparsemax(call, reduction, prediction, target):
    return optax.losses.sparsemax_loss(prediction, target)


def rows_of_classes(call, prediction, target):
    if target.ndim >= prediction.ndim or call.axis % prediction.ndim != prediction.ndim - 1:
        raise Unsupported("dense targets, or classes along another axis")


@adapter.loss("sparsemax")
def sparsemax(call, reduction, prediction, target):
    rows_of_classes(call, prediction, target)
    if prediction.ndim != 2:
        raise Unsupported("other than rows of classes")
    return optax.losses.multiclass_sparsemax_loss(prediction, target)


@adapter.loss("multiclass_perceptron")
def multiclass_perceptron(call, reduction, prediction, target):
    rows_of_classes(call, prediction, target)
    return optax.losses.multiclass_perceptron_loss(prediction, target)


@adapter.loss("poly_cross_entropy", "coefficient", "targets")
def poly_cross_entropy(call, reduction, prediction, target):
    if target.ndim != prediction.ndim or call.options["targets"] == "indices":
        raise Unsupported("class indices")
    return optax.losses.poly_loss_cross_entropy(
        prediction, target.astype(call.dtype), epsilon=call.options["coefficient"], axis=call.axis)  # fmt: skip


@adapter.loss("generalized_kl_divergence", "log_prediction")
def generalized_kl_divergence(call, reduction, prediction, target):
    prediction = prediction if call.options["log_prediction"] else jnp.log(prediction)
    return optax.losses.generalized_kl_divergence(prediction, target, axis=call.axis)


@adapter.loss("ranking_softmax", "shares")
def ranking_softmax(call, reduction, prediction, target):
    if call.options["shares"] != "as_they_are" or call.axis % prediction.ndim != prediction.ndim - 1:
        raise Unsupported("shares, or lists along another axis")
    return optax.losses.ranking_softmax_loss(prediction, target.astype(call.dtype), reduce_fn=None)


@adapter.loss("ntxent", "temperature", reductions=None)
def ntxent(call, reduction, prediction, target):
    if reduction != "weighted_mean":
        raise Unsupported("other than the mean over the positive pairs")
    return optax.losses.ntxent(prediction, target, temperature=call.options["temperature"])


@adapter.loss("triplet_margin", "distance", "p", "margin", "root_epsilon")
def triplet_margin(call, reduction, anchor, positive, negative):
    if call.options["distance"] != "p_norm":
        raise Unsupported("another distance")
    return optax.losses.triplet_margin_loss(
        anchor, positive, negative, axis=call.axis, norm_degree=call.options["p"],
        margin=call.options["margin"], eps=call.options["root_epsilon"])  # fmt: skip


@adapter.loss("cross_entropy", "label_smoothing", "targets")
def cross_entropy(call, reduction, prediction, target):
    smoothing = call.options["label_smoothing"]
    if call.options["targets"] == "index_column":
        raise Unsupported("targets index_column")
    dense = target.ndim == prediction.ndim or call.options["targets"] == "dense"
    if not dense and not smoothing:
        return optax.softmax_cross_entropy_with_integer_labels(prediction, target, axis=call.axis)
    if not dense:
        target = jax.nn.one_hot(target, prediction.shape[call.axis], axis=call.axis)
    target = target.astype(call.dtype)
    if smoothing:
        target = optax.smooth_labels(target, smoothing, axis=call.axis)
    return optax.softmax_cross_entropy(prediction, target, axis=call.axis)


@adapter.loss("kl_divergence", "log_prediction", "log_target")
def kl_divergence(call, reduction, prediction, target):
    prediction = prediction if call.options["log_prediction"] else jnp.log(prediction)
    if call.options["log_target"]:
        return optax.losses.kl_divergence_with_log_targets(prediction, target, axis=call.axis)
    return optax.kl_divergence(prediction, target, axis=call.axis)


@adapter.loss("cosine_similarity", "epsilon", "bounded")
def cosine_similarity(call, reduction, prediction, target):
    return cosine(optax.cosine_similarity, call, prediction, target)


@adapter.loss("cosine_distance", "epsilon", "bounded")
def cosine_distance(call, reduction, prediction, target):
    return cosine(optax.cosine_distance, call, prediction, target)


def cosine(function, call, prediction, target):
    # Theirs is the least length of each vector, ours of the product.
    if call.options["epsilon"] != 0 and call.options["bounded"] == "product":
        raise Unsupported("epsilon of the product")
    # Theirs bounds the squares of the lengths.
    return function(prediction, target, axis=call.axis, epsilon=call.options["epsilon"] ** 2)


@adapter.loss("categorical_hinge", "targets")
def categorical_hinge(call, reduction, prediction, target):
    rows_of_classes(call, prediction, target)
    return optax.losses.multiclass_hinge_loss(prediction, target)


@adapter.loss("label_smoothing", "smoothing")
def label_smoothing(call, reduction, target):
    return optax.smooth_labels(target.astype(call.dtype), call.options["smoothing"], axis=call.axis)


@adapter.loss("softmax")
def softmax(call, reduction, prediction):
    return jax.nn.softmax(prediction, axis=call.axis)


@adapter.loss("dice", "smooth", "activation", "per")
def dice(call, reduction, prediction, target):
    return overlap(call, prediction, target, 0.5, 0.5)


@adapter.loss("tversky", "smooth", "activation", "per", "false_positive_weight", "false_negative_weight")
def tversky(call, reduction, prediction, target):
    options = call.options
    return overlap(
        call, prediction, target, options["false_positive_weight"], options["false_negative_weight"])  # fmt: skip


def overlap(call, prediction, target, alpha, beta):
    # Theirs takes the first axis as samples, the last as classes, and flattens what lies between;
    # a smooth of theirs stands beside the weighted sums, as ours does in tversky, twice ours in dice.
    if call.mask is not None:
        raise Unsupported("a mask of elements")
    softmax = call.options["activation"] == "softmax"
    if call.options["activation"] == "sigmoid" or call.options["per"] != "sample_and_class":
        raise Unsupported("activation, or other regions than each sample and class")
    if call.axis % prediction.ndim != prediction.ndim - 1 or target.ndim != prediction.ndim:
        raise Unsupported("classes along another axis, or class indices")
    if not softmax and not jnp.allclose(prediction.sum(-1), 1):
        raise Unsupported("predictions that do not sum to 1")
    smooth = call.options["smooth"] / (2 if call.loss == "dice" else 1)
    return optax.losses.dice_loss(
        prediction, target.astype(call.dtype), smooth=smooth, alpha=alpha, beta=beta,
        apply_softmax=softmax, reduction="none")  # fmt: skip


@adapter.loss("ctc", "blank")
def ctc(call, reduction, prediction, target, prediction_lengths=None, target_lengths=None):
    if call.axis % prediction.ndim != prediction.ndim - 1 or prediction.ndim not in (2, 3):
        raise Unsupported("classes along another axis, or more than one axis of sequences")
    batched = prediction.ndim == 3
    logits = prediction if batched else prediction[None]
    labels = target if batched else target[None]

    def paddings(lengths, shape):
        if lengths is None:
            return jnp.zeros(shape, logits.dtype)
        return (jnp.arange(shape[1])[None] >= lengths.reshape(-1, 1)).astype(logits.dtype)

    loss = optax.ctc_loss(
        logits, paddings(prediction_lengths, logits.shape[:2]), labels,
        paddings(target_lengths, labels.shape),
        blank_id=call.options["blank"] % logits.shape[2])  # fmt: skip
    return loss if batched else loss[0]


adapter.serve()
