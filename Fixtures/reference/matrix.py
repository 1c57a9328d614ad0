"""Calls every function of the frameworks with all pairs of values of its arguments, and asks the tool the same.

    LOSSES=.build/debug/losses python3 matrix.py [WORD]... [--rounds N] [--write] [--keep FOLDER]

The functions are those whose names the tool knows, the arguments those of the framework's signature;
`call_kinds.py` says which values each is tried with. Any two values of two arguments meet in some call,
documented values with each other, wrong ones with a few. Every call is run in the framework and here,
by `losses verify`, and ends as one of: same value and gradients; refused by both; refused here only;
taken here only; another result, which has a reason in LISTED or is a finding. --keep keeps the outcomes
of each framework in a folder; --write writes ../../docs/measured/Calls.md from all that the folder has.
With --rounds all pairs meet N times, in other calls. Status 1: there are findings.

JAX compiles each call; JAX_COMPILATION_CACHE_DIR keeps its programs for another run.

Depends on: what `frameworks.py` needs.
"""

import collections
import datetime
import functools
import importlib.metadata as metadata
import inspect
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass, field

import numpy as np

import call_kinds
import executed_cases
import frameworks
from call_kinds import OMITTED, OPTIONS, TABLES, Kind

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/measured/Calls.md"
TYPES = {"f64": np.float64, "f32": np.float32, "i64": np.int64, "bool": bool}
ELEMENTS = {np.dtype(t): word for word, t in TYPES.items()}
# Functions that Python cannot give the signature of.
SIGNATURES = {"torch.nn.functional.cosine_similarity": ["dim", "eps"]}


def is_soft(call):
    return "shares" in call.labels["form"]


def has_other_shape(call):
    """Whether only the shape of the value is another."""
    return "value got shape" in call.report and "gradient of prediction got" not in call.report


def has_one_class(call):
    """Whether MONAI sees one channel, in all or beside the background."""
    return call.classes == 1 or call.classes == 2 and call.labels.get("include_background") == "False"


# Why another result is right here: functions, which of their calls, and the row of docs/Dialects.md.
LISTED = [
    ("torch.gaussian_nll_loss", lambda c: c.labels["eps"] == "0.5", "the gradient of a variance below `eps`"),
    ("torch.cosine_similarity", lambda c: c.labels["eps"] == "0.5", "the gradient of a vector shorter than `eps`"),
    ("torch.kl_div", lambda c: c.labels["reduction"] == "batchmean", "`batchmean` beside `size_average` or `reduce`"),
    ("torchvision.complete_box_iou_loss", lambda c: c.labels["eps"] == "0.1", "`eps` of `complete_box_iou_loss`"),
    ("(torchvision|optax).sigmoid_focal_loss|keras.binary_focal|monai.*Focal|smp.Focal", is_soft, "a soft target of a focal loss"),
    ("monai.BoxGIoULoss", lambda c: "value ok" in c.report, "the slope of equal corners"),
    ("smp.(Jaccard|Tversky|Dice)Loss", lambda c: "value ok" in c.report and c.labels.get("from_logits") == "False",
        "the slope of overlaps at a probability of 0 or 1"),
    ("smp.FocalLoss", lambda c: c.labels.get("from_logits") == "False", "probabilities of `FocalLoss` at 0 and 1"),
    ("monai.DiceCELoss", lambda c: c.labels["form"].startswith("indices") and c.labels.get("weight") not in ("None", "omitted"), "`weight` of `DiceCELoss` with indices"),
    ("optax", lambda c: "expected nan" in c.report and "value got" not in c.report, "gradients of NaN beside `where`"),
    ("optax.softmax_cross_entropy_with_integer", lambda c: c.labels["where"] != "omitted", "`where` without the target"),
    ("optax.multiclass_hinge", lambda c: "value ok" in c.report, "the slope at a corner"),
    ("optax.dice_loss", lambda c: c.labels["reduction"] == "none" and c.labels["ignore_background"] == "True",
        "the shape without a background"),
    ("mlx.gaussian_nll_loss", lambda c: "value ok" in c.report, "the slope of a variance of `eps`"),
    ("mlx.cross_entropy", lambda c: c.labels["form"] != "indices", "the gradient of a dense target"),
    ("keras", lambda c: c.labels["layout"].startswith("[0"), "no samples"),
    ("keras", lambda c: c.labels.get("reduction") == "mean_with_sample_weight" and (c.labels["layout"] == "[5]" or c.labels["sample_weight"] in (
        "number tensor", "sample tensor", "sample column tensor")), "`mean_with_sample_weight` with a weight that is broadcast"),
    ("keras", lambda c: has_other_shape(c) and c.labels.get("sample_weight") not in ("None", "omitted", None),
        "the shape of `sample_weight` and no reduction"),
    ("keras", lambda c: c.labels.get("sample_weight") == "element tensor", "`sample_weight` in the shape of `y_pred`"),
    ("keras.*categorical", lambda c: c.labels.get("from_logits") != "True" and c.labels.get("axis") not in ("-1", "omitted", None),
        "probabilities that do not sum to 1"),
    ("keras.kl_divergence", lambda c: c.labels["layout"] == "[4, 1]", "the slope of `kl_divergence` at 1"),
    ("keras.categorical_generalized", lambda c: c.labels["form"] == "indices with an axis", "labels `[N, 1]`"),
    ("keras.(poisson|categorical_hinge)", lambda c: c.labels["form"] == "a last axis more", "`[N]` and `[N, 1]`"),
    ("keras.categorical_hinge", lambda c: "value ok" in c.report, "the slope of equal scores"),
    ("keras.circle", lambda c: "sample tensor" in c.labels.get("sample_weight", ""), "the mean of `Circle`"),
    ("monai.*", lambda c: c.labels["layout"].startswith("[4, 3]"), "inputs without spatial axes"),
    ("monai.*", lambda c: c.classes == 1 and c.labels.get("softmax") == "True", "`softmax` of one channel"),
    ("monai.*", lambda c: has_one_class(c) and c.labels.get("weight") not in (None, "None", "omitted"), "`weight` of one channel"),
    ("monai.*", lambda c: c.labels.get("reduction") == "none", "the shape of `reduction=\"none\"`"),
    ("monai.*HausdorffDTLoss", lambda c: "whole" in c.labels["form"], "distances of whole-number targets"),
]


@dataclass
class Call:
    """One call, and what it gave."""

    name: str
    path: str
    labels: dict
    random: object
    arrays: list = field(default_factory=list)
    options: dict = field(default_factory=dict)
    tensors: dict = field(default_factory=dict)
    axis: int = -1
    value: object = None
    gradients: dict = field(default_factory=dict)
    refusal: str = ""
    outcome: str = ""
    report: str = ""
    # The row of docs/Dialects.md that explains another result.
    reason: str = ""

    @property
    def leading(self):
        return self.arrays[0].shape if self.name.split(".")[0] != "keras" else self.arrays[1].shape

    @property
    def classes(self):
        shape = self.leading
        return shape[self.axis] if shape else 1

    @property
    def roles(self):
        return frameworks.roles(self.name)[: len(self.arrays)]

    def text(self):
        words = [f"{key}={label}" for key, label in self.labels.items() if label and label != "omitted"]
        return f"{self.path} {', '.join(words)}"


# Combinations.


def pairwise(factors, random):
    """Rows of values, one for each factor, in which any two values of two factors meet."""
    sizes = [len(values) for values in factors]
    open_pairs = {
        (i, a, j, b) for i in range(len(sizes)) for j in range(i + 1, len(sizes))
        for a in range(sizes[i]) for b in range(sizes[j])}
    if not open_pairs:
        return [[values[k] for values in factors] for k in range(max(sizes, default=0))]

    def key(i, a, j, b):
        return (i, a, j, b) if i < j else (j, b, i, a)

    rows = []
    while open_pairs:
        i, a, j, b = min(open_pairs)
        row = {i: a, j: b}
        for place in random.permutation(len(sizes)):
            if place in row:
                continue
            gains = [sum(key(place, x, k, y) in open_pairs for k, y in row.items()) for x in range(sizes[place])]
            best = np.flatnonzero(np.array(gains) == max(gains))
            row[place] = int(random.choice(best))
        open_pairs -= {key(k, row[k], m, row[m]) for k in row for m in row if k < m}
        rows.append([factors[k][row[k]] for k in range(len(sizes))])
    return rows


def combined(factors, random, rounds):
    """All pairs of documented values, and each wrong value in three of those rows."""
    documented = [[value for value in values if not value.is_wrong] for values in factors.values()]
    rows = [row for _ in range(rounds) for row in pairwise(documented, random)]
    for place, values in enumerate(factors.values()):
        for value in values:
            if value.is_wrong:
                for row in random.choice(len(rows), min(3, len(rows)), replace=False):
                    rows.append([*rows[row][:place], value, *rows[row][place + 1 :]])
    return [dict(zip(factors, row)) for row in rows]


# Functions.


@functools.cache
def paths(name):
    """The full path of the function and of the class, as far as this version has them."""
    names = [
        path for path in frameworks.shown(name)["names"]
        if path.count(".") > 1 and path.split(".")[-1] not in frameworks.STRINGS and frameworks.exists(path)]
    functions = [path for path in names if not path.split(".")[-1][0].isupper()]
    classes = [path for path in names if path.split(".")[-1][0].isupper()]
    return [*functions[:1], *classes[:1]]


@functools.cache
def parameters(path):
    """The arguments of a function or a class beside its inputs; those of a class and of its call."""
    if path in SIGNATURES:
        return SIGNATURES[path], []
    found = frameworks.resolve(path)
    inputs = {word for one in frameworks.shown(path)["arguments"] for word in one["names"]}
    names = [x for x in inspect.signature(found).parameters if x not in ("self", "args", "kwargs")]
    if not inspect.isclass(found):
        return [x for x in names if x not in inputs], []
    call = list(inspect.signature(getattr(found, "forward", None) or found.call).parameters)[1:]
    known = len(frameworks.roles(path))
    more = ["sample_weight"] if path.startswith("keras") else call[known:]
    return names, more


def kinds(name, parameter):
    """The values of an argument."""
    own = TABLES[name].options.get(parameter)
    if own is None:
        own = OPTIONS[name.split(".")[0]].get(parameter)
    if own is None:
        raise SystemExit(f"{name}: call_kinds.py has no values of {parameter}")
    return own


def factors(name):
    """What is combined: the spelling, the inputs, their types, and the arguments of the signature."""
    table = TABLES[name]
    arguments = [x for path in paths(name) for names in parameters(path) for x in names]
    return {
        "path": [Kind(path) for path in paths(name)], "form": table.forms, "layout": table.layouts,
        "first": [Kind(word) for word in table.first], "others": [Kind(word) for word in table.others],
        **{x: kinds(name, x) for x in dict.fromkeys(arguments)}}


def converted(array, word):
    if not word or (array.dtype.kind != "f" and word == "f32"):
        return array
    return array > 0.5 if word == "bool" else (np.rint(array) if word == "i64" else array).astype(TYPES[word])


def laid(array, layout, rank):
    return np.moveaxis(array, -1, layout.axis) if array.ndim == rank and rank else array


def prepared(name, row, seed):
    """A call with its tensors."""
    random = np.random.Generator(np.random.PCG64(seed))
    own, of_call = parameters(row["path"].label)
    row = {k: v if k in ("path", "form", "layout", "first", "others") or k in own + of_call else OMITTED
        for k, v in row.items()}
    call = Call(name, row["path"].label, {k: v.label for k, v in row.items() if k != "path"}, random)
    layout = row["layout"]
    plain = {k: v.value for k, v in row.items() if isinstance(v, Kind) and v.how == "option" and k not in ("path", "first", "others")}
    made = row["form"].make(random, layout.shape, plain)
    rank, call.axis = len(layout.shape), layout.axis
    is_target_first = name.startswith("keras")
    for place, array in enumerate(made):
        is_leading = place == int(is_target_first)
        array = laid(np.asarray(array), layout, rank)
        call.arrays.append(converted(array, row["first" if is_leading else "others"].label))
    for key, kind in row.items():
        if key in ("path", "form", "layout", "first", "others") or kind.how == "omitted":
            continue
        if not callable(kind.value):
            call.options[key] = kind.value
            continue
        numbers = np.asarray(kind.value(call))
        if numbers.dtype.kind == "f" and call.arrays[int(is_target_first)].dtype == np.float32:
            numbers = numbers.astype(np.float32)
        if kind.how == "tensor":
            call.tensors[key] = numbers
        else:
            call.options[key] = numbers
    return call


# The framework's side.


def tensor_of(framework, numbers):
    if framework in ("keras", "optax"):
        import jax

        return jax.numpy.asarray(numbers)
    if framework == "mlx":
        return frameworks.mlx_array(numbers)
    return frameworks.torch.tensor(numbers)


def function_of(call):
    framework = call.name.split(".")[0]
    values = {
        key: tensor_of(framework, value) if isinstance(value, np.ndarray) else value
        for key, value in {**call.options, **call.tensors}.items()}
    if isinstance(values.get("distance_function"), str):
        values["distance_function"] = frameworks.DISTANCES[values["distance_function"]]
    if isinstance(values.get("reduce_fn"), str):
        values["reduce_fn"] = getattr(frameworks.importlib.import_module("jax.numpy"), values["reduce_fn"])
    if isinstance(values.get("axis"), list):
        values["axis"] = tuple(values["axis"])
    found = frameworks.resolve(call.path)
    if "max_fun" in values:
        return found(getattr(frameworks.importlib.import_module("jax.nn"), values["max_fun"]))
    _, of_call = parameters(call.path)
    later = {key: values.pop(key) for key in list(values) if key in of_call}
    made = found(**values) if inspect.isclass(found) else functools.partial(found, **values)
    return functools.partial(made, **later) if later else made


def run_there(call):
    """Value and gradients of the framework, or its refusal."""
    framework = call.name.split(".")[0]
    run = {"optax": frameworks.run_jax, "keras": frameworks.run_jax, "mlx": frameworks.run_mlx}.get(
        framework, frameworks.run_torch)
    inputs = dict(zip(call.roles, call.arrays))
    # Class indices have no gradient, whatever their type.
    wanted = [
        role for role in frameworks.differentiable(call.name) if role in inputs and inputs[role].dtype.kind == "f"
        and not (role == "target" and call.labels["form"].startswith(("indices", "labels with an axis")))]
    try:
        function = function_of(call)
        try:
            call.value, call.gradients = run(function, inputs, wanted)
        except Exception:
            call.value, _ = run(function, inputs, [])
            for role in wanted:
                try:
                    call.gradients |= run(function, inputs, [role])[1]
                except Exception:
                    pass
        call.value = np.asarray(call.value, dtype=float)
    except Exception as refusal:
        call.value, call.gradients = None, {}
        call.refusal = f"{type(refusal).__name__}: {str(refusal).splitlines()[0] if str(refusal) else ''}"[:160]


# Our side.


def fixture(call, identity):
    inputs = {role: typed(array) for role, array in zip(call.roles, call.arrays)}
    inputs |= {key: typed(array) for key, array in call.tensors.items()}
    options = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in call.options.items()}
    options = {key: "inf" if value == float("inf") else value for key, value in options.items()}
    if call.value is None:
        expect = {"error": {"code": "any", "subject": "any"}}
    else:
        expect = {"value": executed_cases.tensor(call.value, with_element=False)}
        if call.gradients:
            expect["gradients"] = {role: executed_cases.tensor(np.asarray(g, dtype=float)) for role, g in call.gradients.items()}
    return {
        "id": identity, "about": "a call", "flags": [], "source": "matrix", "place": "matrix.py", "loss": call.path,
        "inputs": inputs, **({"options": options} if options else {}), "expect": expect,
        "tolerance": {"absolute": allowed(call)}, "because": "the framework's rounding"}


def typed(array):
    return {**executed_cases.tensor(array), "element": ELEMENTS[array.dtype]}


# What frameworks compute in 32 bits beyond what `executed_cases.py` says.
ROUNDED = {"torch.cosine_embedding": 1e-6, "monai.GeneralizedDice": 1e-6, "monai.Dice": 1e-6, "monai.DiceFocal": 1e-5, "smp.": 1e-6}


def allowed(call):
    """The difference that rounding may make: relative to the largest number of the call."""
    share = executed_cases.tolerance(call.name)[0]["relative"]
    share = max([share, *(x for name, x in ROUNDED.items() if call.name.startswith(name))])
    if any(array.dtype == np.float32 for array in call.arrays):
        share = max(share, 1e-5)
    elif call.labels.get("others") in ("i64", "bool"):
        # Functions of whole numbers alone are computed in 32 bits.
        share = max(share, 1e-6)
    numbers = np.concatenate([np.ravel(x) for x in (call.value, *call.gradients.values()) if x is not None] or [np.zeros(1)])
    numbers = np.abs(numbers[np.isfinite(numbers)])
    return float(share * max(1.0, numbers.max(initial=0)))


def ask_here(calls, folder):
    """Gives each call its outcome."""
    document = {
        "schema": 1, "loss": calls[0].path, "about": "Calls",
        "sources": {"matrix": {"project": "the framework", "version": "installed", "obtained": "executed", "about": "Calls."}},
        "cases": [fixture(call, f"c{place}") for place, call in enumerate(calls)]}
    path = folder / "calls.json"
    path.write_text(json.dumps(document))
    answer = subprocess.run([frameworks.TOOL, "verify", str(path), "--json"], capture_output=True, text=True)
    if answer.returncode not in (0, 1):
        raise SystemExit(answer.stderr)
    for case in json.loads(answer.stdout)["cases"]:
        call = calls[int(case["case"].split("#c")[1])]
        lines = (case["report"] or "").split("\n  with ")[0].splitlines()[1:]
        call.report = " | ".join(re.sub(r"\s+", " ", line.strip()) for line in lines)
        error = re.search(r"an error: (.*?)( \| |$)", call.report) or re.search(r"got \w+ of .*?: (.*?)( \| |$)", call.report)
        if call.value is None:
            call.outcome = "taken here" if "got the value" in call.report else "both refuse"
        else:
            call.outcome = "same" if case["passed"] else "refused here" if error else "differs"
        if call.outcome == "differs":
            call.reason = next(
                (reason for names, holds, reason in LISTED if re.match(names, call.name) and holds(call)), "")
            call.outcome = "listed" if call.reason else "differs"
        if error:
            call.report = error.group(1)


# The page.

MENDED = [
    ("PyTorch", "`size_average`, `reduce` beside `reduction`", "`reduction` took precedence over `reduce`"),
    ("PyTorch", "`cross_entropy`, `nll_loss`, `multi_margin_loss` of one row without a batch axis", "refused"),
    ("PyTorch", "`ctc_loss`, labels of all sequences joined", "refused"),
    ("PyTorch", "`cosine_similarity`, tensors of other ranks; `dim` out of range", "a message about `class_axis`"),
    ("Keras", "`sample_weight` as an option, a list or None", "refused"),
    ("Keras", "`sample_weight` that lacks the last axis of extent 1", "weighed other losses"),
    ("Keras", "`sample_weight` of one axis beside a mean of one axis", "weighed the numbers of the mean; now refused"),
    ("Keras", "`Circle`, labels `[N, 1]`; `alpha` of `categorical_focal_crossentropy` as a tensor", "refused"),
    ("Optax", "`where` of one axis in `kl_divergence`, `cosine_similarity` and others", "a mask of rows where it is one of classes"),
    ("Optax", "`where` that removes whole rows", "0 for a cosine distance of 1; NaN; refused with several axes"),
    ("Optax", "`smooth_labels` with several axes", "the result had one axis"),
    ("MONAI", "`sigmoid` beside `softmax`", "one of them was taken; now refused"),
    ("MONAI", "`weight` of `GeneralizedDiceFocalLoss` as a number", "refused"),
    ("MONAI", "`include_background=False` of one channel", "a message about `classes`"),
    ("smp", "`SoftCrossEntropyLoss`, ignored targets in a mean; `reduction=\"none\"`", "not counted; `[N, …]` for `[N, 1, …]`"),
    ("smp", "`SoftBCEWithLogitsLoss`, targets of -100", "refused"),
    ("smp", "`FocalLoss`, `reduction`", "`sum` refused, None taken as `mean`"),
]


def versions():
    modules = ["torch", "torchvision", "keras", "jax", "optax", "mlx", "monai", "segmentation_models_pytorch"]
    return ", ".join(f"{name} {metadata.version(name.replace('_', '-'))}" for name in modules)


def kind_of(message):
    """What a refusal is about, without names and numbers."""
    text = message.split(": ", 1)[-1]
    hint = re.sub(r"\[[-0-9, ]*\]", "[…]", text)
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "N", hint)


ORDER = ["same", "both refuse", "refused here", "taken here", "listed", "differs"]


def summary(calls, rounds, seconds):
    """What the page says about a framework."""
    names = sorted({call.name for call in calls})
    return {
        "functions": len(names), "arguments": sum(len(factors(name)) - 5 for name in names), "calls": len(calls),
        "rounds": rounds, "seconds": round(seconds), "outcomes": collections.Counter(call.outcome for call in calls),
        "listed": collections.Counter(call.reason for call in calls if call.reason),
        "refused": collections.Counter(kind_of(call.report) for call in calls if call.outcome == "refused here"),
        "refusals": sum(call.outcome in ("refused here", "both refuse") for call in calls),
        "leading": sum(
            call.outcome in ("refused here", "both refuse") and bool(re.search(r"; expected|\. [A-Z]", call.report))
            for call in calls)}


def table(rows):
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)


def page(summaries):
    counts = [
        [frameworks.TITLES[dialect], one["functions"], one["arguments"], one["rounds"], one["calls"],
            *(one["outcomes"].get(word, 0) for word in ORDER), one["seconds"]] for dialect, one in summaries.items()]
    counts.append(["all", *(sum(column) for column in list(zip(*counts))[1:])])
    counts[-1][3] = ""
    listed = [
        (frameworks.TITLES[dialect], count, reason)
        for dialect, one in summaries.items() for reason, count in sorted(one["listed"].items())]
    refused = collections.Counter()
    for one in summaries.values():
        refused.update(one["refused"])
    leading, refusals = (sum(one[word] for one in summaries.values()) for word in ("leading", "refusals"))
    return f"""<!-- Measured by Fixtures/reference/matrix.py on {datetime.date.today()}. Do not edit. -->

# Calls

Every function of the frameworks, called with all pairs of documented values of its arguments: left out, the default spelled out, None, numbers, lists, tensors; forms of the target; no axis to five, a batch of one; 32 and 64 bits, whole numbers and truth values; every reduction. Wrong values are tried with three calls each. A call runs in the framework and here. Value and gradients may differ by 1e-12 of the largest number, or 1e-5 where the framework computes in 32 bits.

{versions()}.

| framework | functions | arguments | rounds | calls | same | refused by both | refused here | taken here only | listed | unexplained | seconds |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{table(counts)}

A function stands for all its spellings, as function and as class. Its arguments are those of the signature beside the inputs. In each round all pairs meet in other calls. The seconds are of two shared cores, with compilation by JAX.

## Listed

Another result, for a reason that [Dialects](../Dialects.md#where-a-name-differs-from-its-framework) or [Defects](Defects.md) has.

| framework | calls | what |
|---|---:|---|
{table(listed)}

## Refused here

{leading} of {refusals} refusals say what is expected or what to do. Those of calls that the framework takes, with N for a number:

| calls | message |
|---:|---|
{table((count, text) for text, count in sorted(refused.items(), key=lambda one: (-one[1], one[0])))}

## Mended

Found by this matrix; each has cases in the corpus.

| framework | call | was |
|---|---|---|
{table(MENDED)}
"""


def main(words):
    rounds = int(words.pop(words.index("--rounds") + 1)) if "--rounds" in words else 1
    folder = pathlib.Path(words.pop(words.index("--keep") + 1) if "--keep" in words else tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    writes = "--write" in words
    words = [word for word in words if not word.startswith("--")]
    findings = 0
    for dialect in frameworks.TITLES:
        calls, started = [], time.monotonic()
        for name in TABLES:
            if name.split(".")[0] != dialect or words and not any(word in name for word in words):
                continue
            seed = zlib.crc32(name.encode())
            random = np.random.Generator(np.random.PCG64(seed))
            for place, row in enumerate(combined(factors(name), random, rounds)):
                call = prepared(name, row, seed + place)
                run_there(call)
                calls.append(call)
            if dialect in ("keras", "optax"):
                # Programs of one call each would fill the memory.
                frameworks.importlib.import_module("jax").clear_caches()
        if not calls:
            continue
        ask_here(calls, folder)
        one = summary(calls, rounds, time.monotonic() - started)
        (folder / f"{dialect}.json").write_text(json.dumps(one))
        with open(folder / f"{dialect}.txt", "w") as file:
            for call in calls:
                print(f"{call.outcome}\t{call.text()}\t{call.report}\t{call.refusal}", file=file)
        print(frameworks.TITLES[dialect], dict(one["outcomes"]), f"{one['seconds']} s", flush=True)
        findings += one["outcomes"]["differs"]
    if writes:
        kept = {dialect: folder / f"{dialect}.json" for dialect in frameworks.TITLES}
        summaries = {dialect: json.loads(path.read_text()) for dialect, path in kept.items() if path.exists()}
        PAGE.write_text(page(summaries))
    return findings > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
