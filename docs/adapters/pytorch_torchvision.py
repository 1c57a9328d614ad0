"""PyTorch: `losses verify --adapter 'python3 docs/adapters/pytorch_torchvision.py'`."""

import json
import os
import warnings

import torch
import torch.nn.functional as F
import torchvision

from protocol import Adapter, Unsupported
from torch_gradients import differentiate

warnings.simplefilter("ignore")
versions = [module.__version__.split("+")[0] for module in (torch, torchvision)]
# A process that is forked has no other threads.
torch.set_num_threads(1)


class Isolating(Adapter):
    """Answers CTC with labels that are no classes in a process of its own.

    PyTorch reads and writes outside of its tensors then: later answers would be wrong, or the
    process ends. Where it ends, so does this one.
    """

    def answer(self, request):
        if request["loss"] != "ctc" or labels_fit(request):
            return super().answer(request)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, json.dumps(super().answer(request)).encode())
            os._exit(0)
        os.close(writer)
        with open(reader) as pipe:
            answer = pipe.read()
        status = os.waitpid(child, 0)[1]
        if status:
            os.kill(os.getpid(), os.WTERMSIG(status))
        return json.loads(answer)


def labels_fit(request):
    inputs, axis = request["inputs"], request["class_axis"]
    if "prediction" not in inputs or "target" not in inputs:
        return True
    classes = inputs["prediction"]["shape"][-1 if axis is None else axis]
    return all(0 <= label < classes for label in inputs["target"]["data"])


adapter = Isolating(f"PyTorch {versions[0]}, torchvision {versions[1]}", differentiate, torch)
BOTH = ("mean", "sum")


def boxes(name, function):
    """A function of torchvision of boxes [x1, y1, x2, y2]."""

    def run(call, reduction, prediction, target):
        return function(
            real(call, prediction), real(call, target), reduction=reduction, eps=call.options["epsilon"])  # fmt: skip

    adapter.loss(name, "epsilon", "constant_alpha", reductions=BOTH)(run)


def real(call, tensor):
    """What holds whole numbers or truth values as the floating point numbers that are expected."""
    return tensor if tensor.is_floating_point() else tensor.to(getattr(torch, call.dtype.__name__))


def elementwise(name, function, *options, **renamed):
    """A function of prediction and target, with options of ours under names of its own."""

    def run(call, reduction, prediction, target):
        arguments = {ours: call.options[ours] for ours in options}
        arguments.update({theirs: call.options[ours] for ours, theirs in renamed.items()})
        return function(
            real(call, prediction), real(call, target), reduction=reduction, **arguments)  # fmt: skip

    adapter.loss(name, *options, *renamed, reductions=BOTH)(run)


elementwise("mean_squared_error", F.mse_loss)
elementwise("mean_absolute_error", F.l1_loss)
elementwise("huber", F.huber_loss, "delta")
elementwise("smooth_l1", F.smooth_l1_loss, "beta")
elementwise("soft_margin", F.soft_margin_loss)
boxes("giou", torchvision.ops.generalized_box_iou_loss)
boxes("diou", torchvision.ops.distance_box_iou_loss)
boxes("ciou", torchvision.ops.complete_box_iou_loss)


@adapter.loss("binary_focal", "alpha", "gamma", reductions=BOTH)
def binary_focal(call, reduction, prediction, target):
    alpha = call.options["alpha"]
    return torchvision.ops.sigmoid_focal_loss(
        real(call, prediction), real(call, target), alpha=-1 if alpha is None else alpha,
        gamma=call.options["gamma"], reduction=reduction)  # fmt: skip


@adapter.loss("poisson_nll", "log_input", "full", "epsilon", reductions=BOTH)
def poisson_nll(call, reduction, prediction, target):
    epsilon = call.options["epsilon"]
    if isinstance(epsilon, str):
        raise Unsupported("epsilon machine")
    return F.poisson_nll_loss(
        real(call, prediction), real(call, target), log_input=call.options["log_input"],
        full=call.options["full"], eps=epsilon, reduction=reduction)  # fmt: skip


@adapter.loss("binary_cross_entropy", "from_logits", "positive_weight", "positive_weights", reductions=BOTH)
def binary_cross_entropy(call, reduction, prediction, target):
    prediction, target = real(call, prediction), real(call, target)
    positive = call.options["positive_weights"] or call.options["positive_weight"]
    if call.options["from_logits"]:
        weight = None if positive == 1 else torch.tensor(positive, dtype=prediction.dtype)
        return F.binary_cross_entropy_with_logits(
            prediction, target, pos_weight=weight, reduction=reduction)  # fmt: skip
    if positive != 1:
        raise Unsupported("positive_weight with probabilities")
    return F.binary_cross_entropy(prediction, target, reduction=reduction)


@adapter.loss(
    "cross_entropy", "from_logits", "class_weights", "label_smoothing", "ignore_index", "targets",
    "counts_dense_weights", reductions=("mean", "sum", "weighted_mean"))  # fmt: skip
def cross_entropy(call, reduction, prediction, target):
    options, prediction = call.options, real(call, prediction)
    if options["targets"] == "index_column":
        raise Unsupported("targets index_column")
    dense = target.ndim == prediction.ndim or options["targets"] == "dense"
    target = real(call, target) if dense else target
    weights = options["class_weights"]
    # The mean of torch divides by the rows of dense targets, else by the weights of the classes.
    by_rows = bool(weights) and dense
    if by_rows and reduction == "weighted_mean" and options["counts_dense_weights"]:
        raise Unsupported("weighted_mean of dense targets")
    names = {"mean": "none" if weights and not by_rows else "mean", "weighted_mean": "mean"}
    arguments = {
        "weight": torch.tensor(weights, dtype=prediction.dtype) if weights else None,
        "reduction": names.get(reduction, reduction),
    }
    if options["ignore_index"] is not None:
        arguments["ignore_index"] = options["ignore_index"]
    # Classes lie along axis 1 there, or along the only axis.
    axis = call.axis % max(prediction.ndim, 1)
    if prediction.ndim > 1 and axis != 1:
        prediction = prediction.movedim(axis, 1)
        target = target.movedim(axis, 1) if dense else target
    if options["from_logits"]:
        loss = F.cross_entropy(
            prediction, target, label_smoothing=options["label_smoothing"], **arguments)  # fmt: skip
    elif dense or options["label_smoothing"]:
        raise Unsupported("probabilities with dense or smoothed targets")
    else:
        loss = F.nll_loss(prediction.log(), target, **arguments)
    if reduction == "mean" and weights and not by_rows:
        if options["ignore_index"] is not None:
            raise Unsupported("the plain mean with class weights and an ignored class")
        return loss.mean()
    if reduction == "none" and options["ignore_index"] is not None and call.reduction["kind"] not in ("none", "sum"):  # fmt: skip
        raise Unsupported("a mean over some axes with an ignored class")
    return loss


@adapter.loss("kl_divergence", "log_prediction", "log_target", reductions=("sum",))
def kl_divergence(call, reduction, prediction, target):
    prediction, target = real(call, prediction), real(call, target)
    prediction = prediction if call.options["log_prediction"] else prediction.log()
    loss = F.kl_div(
        prediction, target, log_target=call.options["log_target"],
        reduction="none" if reduction == "none" else "sum")  # fmt: skip
    return loss.sum(call.axis) if reduction == "none" else loss


@adapter.loss("cosine_similarity", "epsilon", "bounded")
def cosine_similarity(call, reduction, prediction, target):
    epsilon = call.options["epsilon"]
    if isinstance(epsilon, str):
        raise Unsupported("epsilon machine")
    return F.cosine_similarity(
        real(call, prediction), real(call, target), dim=call.axis, eps=epsilon)  # fmt: skip


@adapter.loss("cosine_distance")
def cosine_distance(call, reduction, prediction, target):
    if prediction.ndim != 2 or call.axis not in (1, -1):
        raise Unsupported("cosine_embedding_loss of other than rows")
    ones = torch.ones(prediction.shape[0], dtype=prediction.dtype)
    return F.cosine_embedding_loss(prediction, real(call, target), ones, reduction="none")


@adapter.loss("margin_ranking", "margin", reductions=BOTH)
def margin_ranking(call, reduction, first, second, target):
    return F.margin_ranking_loss(
        real(call, first), real(call, second), real(call, target), margin=call.options["margin"],
        reduction=reduction)  # fmt: skip


@adapter.loss("nll", "class_weights", "ignore_index", "targets", reductions=("mean", "sum", "weighted_mean"))
def nll(call, reduction, prediction, target):
    options, prediction = call.options, real(call, prediction)
    if target.ndim == prediction.ndim:
        raise Unsupported("dense targets")
    weights, ignored = options["class_weights"], options["ignore_index"]
    if ignored is not None and call.plain is None and call.reduction["kind"] not in ("none", "sum"):
        raise Unsupported("a mean over some axes with an ignored class")
    if weights and reduction == "mean":
        raise Unsupported("the plain mean with class weights")
    arguments = {"reduction": "mean" if reduction == "weighted_mean" else reduction}
    if weights:
        arguments["weight"] = torch.tensor(weights, dtype=prediction.dtype)
    if ignored is not None:
        arguments["ignore_index"] = ignored
    axis = call.axis % prediction.ndim
    if prediction.ndim > 1 and axis != 1:
        prediction = prediction.movedim(axis, 1)
    return F.nll_loss(prediction, target, **arguments)


@adapter.loss("gaussian_nll", "full", "epsilon", reductions=BOTH)
def gaussian_nll(call, reduction, prediction, target, variance):
    return F.gaussian_nll_loss(
        real(call, prediction), real(call, target), real(call, variance),
        full=call.options["full"], eps=call.options["epsilon"], reduction=reduction)  # fmt: skip


elementwise("hinge_embedding", F.hinge_embedding_loss, "margin")


@adapter.loss("cosine_embedding", "margin", reductions=BOTH)
def cosine_embedding(call, reduction, first, second, target):
    if call.axis % first.ndim != first.ndim - 1 or first.ndim not in (1, 2):
        raise Unsupported("other than rows of vectors")
    return F.cosine_embedding_loss(
        real(call, first), real(call, second), target, margin=call.options["margin"],
        reduction=reduction)  # fmt: skip


def rows_of_classes(call, prediction):
    axis = -1 if call.axis is None else call.axis
    if prediction.ndim not in (1, 2) or axis % prediction.ndim != prediction.ndim - 1:
        raise Unsupported("other than rows of classes")


@adapter.loss("multi_margin", "p", "margin", "class_weights", reductions=BOTH)
def multi_margin(call, reduction, prediction, target):
    rows_of_classes(call, prediction)
    weights = call.options["class_weights"]
    weight = torch.tensor(weights, dtype=prediction.dtype) if weights else None
    return F.multi_margin_loss(
        real(call, prediction), target, p=call.options["p"], margin=call.options["margin"],
        weight=weight, reduction=reduction)  # fmt: skip


@adapter.loss("multilabel_margin", reductions=BOTH)
def multilabel_margin(call, reduction, prediction, target):
    rows_of_classes(call, prediction)
    return F.multilabel_margin_loss(real(call, prediction), target, reduction=reduction)


@adapter.loss("multilabel_soft_margin", "class_weights", reductions=BOTH)
def multilabel_soft_margin(call, reduction, prediction, target):
    weights = call.options["class_weights"]
    weight = torch.tensor(weights, dtype=prediction.dtype) if weights else None
    if call.axis % prediction.ndim != prediction.ndim - 1:
        raise Unsupported("classes along another axis")
    return F.multilabel_soft_margin_loss(
        real(call, prediction), real(call, target), weight=weight, reduction=reduction)  # fmt: skip


@adapter.loss("triplet_margin", "distance", "p", "margin", "swap", "epsilon", reductions=BOTH)
def triplet_margin(call, reduction, anchor, positive, negative):
    if call.options["distance"] != "p_norm" or call.axis % anchor.ndim != anchor.ndim - 1:
        raise Unsupported("another distance, or vectors along another axis")
    return F.triplet_margin_loss(
        real(call, anchor), real(call, positive), real(call, negative), p=call.options["p"],
        margin=call.options["margin"], swap=call.options["swap"], eps=call.options["epsilon"],
        reduction=reduction)  # fmt: skip


@adapter.loss("softmax")
def softmax(call, reduction, prediction):
    return F.softmax(real(call, prediction), dim=call.axis)


@adapter.loss("ctc", "blank", "from_logits", "infeasible", "per_label")
def ctc(call, reduction, prediction, target, prediction_lengths=None, target_lengths=None):
    if call.options["per_label"]:
        raise Unsupported("per_label beside the unreduced loss")
    if prediction.ndim not in (2, 3):
        raise Unsupported("more than one axis of sequences")
    steps = prediction.movedim(call.axis, -1)
    batched = steps.ndim == 3
    # Ours is [sequence, time, class], theirs [time, sequence, class].
    steps = steps.movedim(1, 0) if batched else steps.unsqueeze(1)
    labels = target if batched else target.unsqueeze(0)
    count = labels.shape[0]

    def lengths(given, full):
        return torch.full((count,), full) if given is None else given.reshape(count)

    steps = F.log_softmax(steps, -1) if call.options["from_logits"] else steps
    loss = F.ctc_loss(
        steps, labels, lengths(prediction_lengths, steps.shape[0]),
        lengths(target_lengths, labels.shape[1]), blank=call.options["blank"] % steps.shape[2],
        reduction="none", zero_infinity=call.options["infeasible"] == "zero")  # fmt: skip
    return loss if batched else loss[0]


adapter.serve()
