"""Runs PyTorch on joined labels and on infinite norms, and writes those cases.

    python3 torch_cases.py            run PyTorch
    python3 torch_cases.py --write    replace the cases of these ids in ../corpus

Depends on: torch.
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as functional

from layout import text

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus"
ELEMENTS = {torch.float64: "f64", torch.int64: "i64"}
cases = {}


def numbers(tensor):
    data = tensor.detach().reshape(-1).tolist()
    return {"shape": list(tensor.shape), "data": [str(x) if x in (float("inf"), -float("inf")) else x for x in data]}


def real(*data):
    return torch.tensor(data, dtype=torch.float64)


def add(file, id, about, function, inputs, gradients=(), options=None, flags=(), place=None, loss=None):
    """Evaluates a function of PyTorch on named tensors; adds the case."""
    tensors = {role: tensor.clone() for role, tensor in inputs.items()}
    for role in gradients:
        tensors[role].requires_grad_()
    value = function(**tensors)
    case = {
        "id": id, "about": about,
        "flags": list(flags) + (["Large"] if any(x.numel() > 12 for x in inputs.values()) else []),
        "source": "torch-run", "place": place or f"torch.nn.functional.{file.split('/')[1]}"}
    if loss:
        case["loss"] = loss
    case["inputs"] = {role: {"element": ELEMENTS[x.dtype], **numbers(x)} for role, x in inputs.items()}
    if options:
        case["options"] = options
    case["expect"] = {"value": numbers(value)}
    if gradients:
        value.sum().backward()
        case["expect"]["gradients"] = {
            role: {"element": "f64", **numbers(tensors[role].grad)} for role in gradients}
    case["tolerance"], case["because"] = {"relative": 1e-12}, "the framework's own rounding"
    cases.setdefault(file, []).append(case)


# Labels of all sequences in one axis.
LOGITS = torch.arange(24, dtype=torch.float64).reshape(4, 2, 3)
LOGITS = torch.round(torch.cos(LOGITS * 1.7) * 2, decimals=2).log_softmax(-1)
LENGTHS = torch.tensor([4, 3])


for id, about, labels, counts, options in (
    ("joined-targets", "labels of all sequences in one axis", [1, 2, 1], [2, 1], {"reduction": "none"}),
    ("joined-targets-mean", "the mean divides by the labels of each", [2, 1, 2, 1], [1, 3], {}),
    ("joined-targets-empty", "a sequence without labels among them", [2, 1], [0, 2], {"reduction": "none"}),
    ("joined-targets-equal", "as many labels in each sequence", [1, 2], [1, 1], {"reduction": "sum"}),
):
    def function(log_probs, targets, input_lengths, target_lengths, options=options):
        return functional.ctc_loss(log_probs, targets, input_lengths, target_lengths, **options)

    add("torch/ctc_loss", id, about, function, {
        "log_probs": LOGITS, "targets": torch.tensor(labels), "input_lengths": LENGTHS,
        "target_lengths": torch.tensor(counts)}, options=options, flags=["Padding"])

# The largest difference of two vectors.
TRIPLET = {
    "anchor": real([0.5, -1.0, 2.0], [1.0, 1.0, 1.0]), "positive": real([1.0, 2.0, 1.5], [3.0, -1.0, 1.5]),
    "negative": real([0.25, 0.0, 3.5], [0.5, 1.0, 0.0])}


def triplet(**options):
    return lambda anchor, positive, negative: functional.triplet_margin_loss(
        anchor, positive, negative, **options)


for id, about, options, flags in (
    ("infinite-p", "the largest difference", {"p": float("inf"), "margin": 2.0, "reduction": "none"}, []),
    ("infinite-p-ties", "equal largest differences share the gradient",
        {"p": float("inf"), "margin": 2.0, "eps": 0.0, "reduction": "sum"}, ["Tie", "Kink"]),
    ("infinite-p-swap", "the nearer of two negatives", {"p": float("inf"), "margin": 2.0, "swap": True}, []),
):
    add("torch/triplet_margin_loss", id, about, triplet(**options), TRIPLET, tuple(TRIPLET),
        options={k: "inf" if v == float("inf") else v for k, v in options.items()}, flags=flags)

for file, added in cases.items():
    path = CORPUS / f"{file}.json"
    document = json.loads(path.read_text())
    ids = {case["id"] for case in added}
    if "--write" in sys.argv:
        document["cases"] = [case for case in document["cases"] if case["id"] not in ids] + added
        path.write_text(text(document) + "\n")
print(sum(map(len, cases.values())), "cases")
