"""Prints docs/measured/Scoreboard.md from reports of `losses verify --adapter … --report FILE`.

    python3 docs/adapters/scoreboard.py pytorch.json optax.json keras.json numpy.json > docs/measured/Scoreboard.md
"""

import datetime
import json
import pathlib
import re
import sys

# Real defects: the framework's name as a report has it, the case, what is wrong.
DEFECTS = [
    ("PyTorch", "classification/cross_entropy#confident-float32", "a confident hit costs nothing: log-softmax loses the rest next to 1"),
    ("PyTorch", "classification/cross_entropy#confident-float64", "the same in f64"),
    ("PyTorch", "classification/binary_cross_entropy#confident-hit-float32", "the same in BCE with logits"),
    ("PyTorch", "classification/cross_entropy#minus-infinite-logit", "a class that is ruled out and has target 0 makes NaN; class indices do not"),
    ("PyTorch", "classification/binary_cross_entropy#infinite-logit-hit", "0 · ∞"),
    ("PyTorch", "classification/soft_margin#miss-by-hundred-float32", "exp before log: a miss of 100 is infinite, its slope NaN"),
    ("PyTorch", "classification/kl_divergence#zero-target", "0 · log 0 is right in the target, NaN where the prediction is 0 as well"),
    ("PyTorch", "regression/cosine_similarity#tiny-vectors-float32", "squares underflow"),
    ("PyTorch", "regression/cosine_similarity#huge-vectors-float32", "squares overflow"),
    ("PyTorch", "regression/cosine_distance#zero-vector", "a hidden epsilon under the root makes the slope at 0 huge"),
    ("PyTorch", "sequence/ctc#log-probabilities", "the slope is that of the logits before log-softmax, not that of the input"),
    ("PyTorch", "sequence/ctc#minus-infinite-logit", "NaN slope at a class that is ruled out"),
    ("PyTorch", "regression/poisson_nll#zero-rate-zero-count", "0 · log 0"),
    ("PyTorch", "precise/poisson_nll#full-none-f64", "the target's slope at a count of 0: masked after the logarithm"),
    ("PyTorch", "precise/cosine_similarity#huge-vectors-f64", "squares overflow in f64 as well"),
    ("PyTorch", "precise/kl_divergence#logarithms-infinite-f64", "exp(-∞) · (-∞ - …) with log_target"),
    ("PyTorch", "sequence/ctc#prediction-lengths", "NaN beyond the end of a sequence leaks into its gradient"),
    ("PyTorch", "precise/ctc#mean-masked-f64", "a label of 99 among 2 classes is not checked: the process ends by corrupted memory"),
    ("Optax", "regression/log_cosh#small-error-float32", "log 2 is subtracted from a number next to it: small errors cost nothing"),
    ("Optax", "regression/log_cosh#tiny-error-float64", "the same in f64"),
    ("Optax", "classification/cross_entropy#confident-float32", "as PyTorch"),
    ("Optax", "classification/cross_entropy#huge-common-offset", "logits near 2^24: the offset comes off after rounding"),
    ("Optax", "classification/cross_entropy#minus-infinite-logit", "0 · ∞ (safe_softmax_cross_entropy avoids it)"),
    ("Optax", "classification/kl_divergence#zero-target", "0 · log 0 where the prediction is 0 as well"),
    ("Optax", "regression/cosine_similarity#tiny-vectors-float32", "squares underflow to 0 / 0"),
    ("Optax", "regression/cosine_similarity#zero-vector", "NaN, where the epsilon is its default 0"),
    ("Optax", "sequence/ctc#never-negative-float32", "a negative logarithm of a probability"),
    ("Optax", "sequence/ctc#infeasible", "what is impossible costs 100,000, not infinity"),
    ("Optax", "sequence/ctc#minus-infinite-logit", "NaN at a class that is ruled out"),
    ("Optax", "sequence/ctc#prediction-lengths", "NaN beyond the end of a sequence leaks"),
    ("Keras", "regression/log_cosh#mean", "f64 is computed in f32"),
    ("Keras", "axon/hinge#axon-old-f64-hinge", "the same"),
    ("Keras", "classification/cross_entropy#confident-float32", "as PyTorch"),
    ("Keras", "classification/cross_entropy#minus-infinite-logit", "0 · ∞"),
    ("Keras", "classification/kl_divergence#zero-target", "clipping cuts off the slope"),
    ("Keras", "regression/cosine_similarity#tiny-vectors-float32", "squares underflow"),
    ("Keras", "regression/cosine_similarity#zero-vector", "NaN slope at 0"),
]  # fmt: skip

# Failures that are a framework's stated or usual way, by what the name of the case ends in.
CONVENTIONS = [
    (r"#weight-of-zero$", "a weight of 0 multiplies, so that NaN under it stays NaN; ours removes the term"),
    (r"^errors/empty_input", "a mean of nothing is NaN, not an error"),
    (r"^errors/shape_mismatch|column-against-vector|row-against-vector|dense-error", "shapes are broadcast, not refused"),
    (r"^errors/invalid_class|#categorical.*refuse|refuses?-", "class indices or the form of the target are not checked"),
    (r"^errors/", "options, weights, lengths and types are not checked"),
    (r"#kink$", "another subgradient at a kink"),
    (r"(probability-zero|zero-probability|zero-prediction|certain-miss|probability-one|certain-hit|(?<!log-)probabilities)(-f32|-f64)?$", "probabilities are clipped, so that log 0 is a large number"),
]  # fmt: skip

# Cases in which a mask removes a term, or a weight of 0 does, and what is removed is NaN or a class 99.
REMOVES = re.compile(r"#mask|nan-under-the-mask|masked|-?weighted(-mean)?(-|$)|of-nothing|last-axis|sum-of-means|ignored-nan|-lengths")
MASKED = "what a mask or a weight of 0 removes is NaN, or no class at all, and is multiplied or looked up all the same"

TRACES = """\
**Keras computes f64 in f32.** `regression/log_cosh#mean` and every hinge, cross entropy of
probabilities and cosine in f64 come out with seven digits, with `set_floatx("float64")` and f64
inputs. `ops.maximum(x, 0.0)` (`keras/src/backend/torch/numpy.py:1257`) asks
`dtypes.result_type(float64, float)`, which looks the result up in a table that holds
`"float64": "float64" if config.backend() == "tensorflow" else "float32"`
(`keras/src/backend/common/dtypes.py:240`; the comment at line 274 says that this is to be like JAX's
default). It is stated in the source, so it is a decision; nothing tells the user of the torch backend.

**Optax's log_cosh of small errors.** `optax/losses/_regression.py:133` is
`jnp.logaddexp(errors, -errors) - jnp.log(2.0)`. For an error of 1e-4 the first number is
log 2 + 5e-9, which in f32 is log 2 itself: the difference is 0, where 5e-9 is right. The gradient
comes out of the derivative of `logaddexp` with an error of 1.7e-4 relative.

**Optax's cross entropy at a class that is ruled out.** `optax/losses/_classification.py:295-296`
takes `log_probs = jax.nn.log_softmax(logits)`, -inf at a logit of -inf, and then
`-(labels * log_probs).sum()`: 0 · -inf is NaN, for a target that says 0. PyTorch and Keras
(`keras/src/backend/torch/nn.py:867-872`) do the same with soft targets.

**Optax's cosine of tiny vectors.** `optax/losses/_regression.py:177-182` divides each vector by
`sqrt(square(a).sum().clip(epsilon))` with an epsilon of 0: the squares of 1e-25 are 0 in f32, and
0.28 becomes 0 / 0.

**Keras's KL divergence has half of the slope.** `keras/src/losses/losses.py:2104-2106` clips both
distributions to 1e-7 … 1 before the quotient. At a prediction of exactly 1 the upper clip hits, and
its derivative is split between the two equal arguments: -0.5 where -1 is right.

**PyTorch's Poisson loss at a count of 0.** `aten/src/ATen/native/Loss.cpp`, `poisson_nll_loss`
(commit `008af87c`), takes `target * log(target)` of every count and puts 0 where the count is at most
1 *afterwards*, by `masked_fill`. The value is right; backwards the 0 of the mask meets the infinite
slope of log 0, and the target's gradient is NaN. `log(input + eps)` with an eps of 0 is 0 · -∞ likewise.

**PyTorch's soft margin.** The same file: `soft_margin_loss_backward_out` computes
`z = exp(-target * input)` and divides `-target * z` by `1 + z`. Past 89 in f32 (709 in f64) z is
infinite: the loss is ∞ where it is 100, and its slope ∞ / ∞.

**PyTorch's cosine embedding** adds `EPSILON = 1e-12` to the squared length of each vector (the same
file), which for vectors of length 1e-6 is as much as the vectors themselves.

**PyTorch's CTC on the CPU.** `aten/src/ATen/native/LossCTC.cpp` (commit `00a4caef`) reads
`log_probs_data[… + lp_char_stride * get_target_prime(…)]` for each label, and nothing compares a label
with the number of classes: a label of 99 among 2 reads, and in the backward pass writes, outside of the
tensor. Its last loop makes the gradient `exp(lp) - exp(res + nll - lp)`: that of the logits before
log-softmax, though the argument is the logarithms themselves. A log-probability of -∞ gives
`res - lp` = -∞ + ∞ there: NaN.
"""


def read(path):
    return json.loads(pathlib.Path(path).read_text())


def rate(passed, failed):
    return f"{100 * passed / (passed + failed):.0f} %" if passed + failed else ""


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def grouped(reports, key):
    names = sorted({tally["name"] for report in reports for tally in report[key]})
    rows = []
    for name in names:
        cells = []
        for report in reports:
            tally = next((t for t in report[key] if t["name"] == name), None)
            judged = tally and tally["passed"] + tally["failed"]
            cells.append(f"{tally['passed']} / {judged}" if judged else "")
        if any(cells):
            rows.append([f"`{name}`", *cells])
    return rows


def findings(report):
    """What a failure report says of the first comparison that failed: got, expected."""
    got = re.search(r"got +(.*)", report)
    expected = re.search(r"expected +(.*?)(   |$)", report, re.M)
    subject = re.search(r"^  (value|gradient of \w+|error|relation) +got", report, re.M)
    short = lambda match: re.sub(r"\s+at place.*", "", match.group(1))[:60] if match else ""  # noqa: E731
    return (subject.group(1) if subject else "", short(got), short(expected))


def reason(case, listed):
    """Why a case failed: a defect of the table, a convention by its name, or what the numbers say."""
    report = case["report"]
    if case["case"] in listed:
        return "defect of the table above"
    if "no answer:" in report or "out of bounds" in report or "got      nan" in report:
        if REMOVES.search(case["case"]):
            return MASKED
    if "no answer:" in report:
        return "no answer"
    for pattern, words in CONVENTIONS:
        if re.search(pattern, case["case"]):
            return words
    if re.search(r"got +an error", report):
        return "refused: the framework has another domain"
    if re.search(r"got +\S*(nan|inf)\b.*\n +expected +-?\d", report):
        return "NaN or ∞ where the truth is a number"
    if "not the expected one" in report:
        return "a number where the truth is infinite or NaN"
    distances = [float(text) for text in re.findall(r"= ([\d.e+]+|inf) ulp", report)]
    if not distances:
        return "another kind of answer"
    if "of the wrong sign" not in report and max(distances) <= 1000:
        return "rounding: within 1,000 units in the last place"
    return "another number: cancellation, a hidden epsilon, or another slope"


def main(paths):
    reports = [read(path) for path in paths]
    names = [report["implementation"] for report in reports]
    print(f"<!-- Measured by docs/adapters/scoreboard.py on {datetime.date.today()}. Do not edit. -->\n")
    print("# Scoreboard\n")
    print("The answers of other implementations to the corpus, by [adapters](../Adapters.md). The tolerance is")
    print("that of our own losses, which pass all: 4 ulp in f32, 8 in f64.\n")
    rows = [
        [n, len(r["cases"]), r["passed"], r["failed"], r["unsupported"], rate(r["passed"], r["failed"])]
        for n, r in zip(names, reports)
    ]
    print(table(["implementation", "asked", "passed", "failed", "unsupported", "of those answered"], rows))
    print("\nUnsupported counts neither way: the framework lacks the loss, an option, a reduction or (NumPy)")
    print("gradients. The corpus selects difficult inputs, and many failures are conventions.\n")
    print("\"No answer\" of PyTorch in CTC is PyTorch itself: an unchecked label ends the process.\n")
    print("## Defects\n")
    print("Each with the case that shows it, what the framework gives, and the true value.\n")
    rows, missing = [], []
    for framework, name, words in DEFECTS:
        report = next((r for r in reports if r["implementation"].startswith(framework)), None)
        case = next((c for c in report["cases"] if c["case"] == name), None) if report else None
        if case and case["report"]:
            rows.append([framework, f"`{name}`", words, *findings(case["report"])])
        else:
            missing.append(f"{framework} {name}")
    print(table(["in", "case", "what", "of", "gives", "true"], rows))
    if missing:
        print("\n".join(["not shown:", *missing]), file=sys.stderr)
    print("\n## Traced by hand\n\n" + TRACES)
    print("## Why cases failed\n")
    print("What is a convention is the framework's stated or usual way, and no defect.\n")
    counts = {}
    for index, report in enumerate(reports):
        listed = {name for framework, name, _ in DEFECTS if report["implementation"].startswith(framework)}
        for case in report["cases"]:
            if case["report"]:
                counts.setdefault(reason(case, listed), [0] * len(reports))[index] += 1
    order = sorted(counts.items(), key=lambda item: -sum(item[1]))
    print(table(["reason", *names], [[words, *numbers] for words, numbers in order]))
    print("\n## By loss\n\nPassed of answered.\n")
    print(table(["loss", *names], grouped(reports, "by_loss")))
    print("\n## By flag\n\nPassed of answered, by the flag of the case.\n")
    print(table(["flag", *names], grouped(reports, "by_flag")))


main(sys.argv[1:])
