"""Prints docs/measured/Scoreboard.md from reports of `losses verify Fixtures/corpus --adapter … --report FILE`.

    python3 docs/adapters/scoreboard.py pytorch.json optax.json … > docs/measured/Scoreboard.md

Every failing case is explained by an entry of deviations.json beside this script. Those that no
entry explains are listed on the page, entries that explain nothing on the standard error.
"""

import collections
import datetime
import json
import math
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
DEVIATIONS = json.loads((HERE / "deviations.json").read_text())["deviations"]
CORPUS = HERE.parent.parent / "Fixtures" / "corpus"
KINDS = ("defect", "convention", "limit", "rounding")
# The adapters that run the frameworks of a group of the corpus.
GROUPS = {"PyTorch": ("torch", "torchvision"), "Optax": ("optax",), "Keras": ("keras",), "MLX": ("mlx",), "Axon": ("axon",)}  # fmt: skip
# Recorded defects that an adapter cannot show of its framework, and why.
NOT_SHOWN = {
    "axon/binary_cross_entropy#defect-squared-slope": "Nx before 0.13; 0.10.0 was run",
    "axon/log_cosh#axon-old-mixed-logcosh": "printed by a version of 2021",
    "keras/ctc#defect-infeasible": "on JAX",
    "keras/ctc#defect-negative": "on JAX",
}

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
    cells = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


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


def verdicts(report):
    """Passed and failed comparisons of values (with relations), gradients and refusals."""
    counts = {kind: [0, 0] for kind in ("value", "gradient", "refusal")}
    for case in report["cases"]:
        for subject, passed in case["verdicts"].items():
            kind = {"error": "refusal", "relation": "value"}.get(subject, subject.split(" ")[0])
            counts[kind][0 if passed else 1] += 1
    return [f"{passed} / {passed + failed}" for passed, failed in counts.values()]


def differences(report):
    """The distances in ulp, and relative ones, of the mismatches that a report shows; how many it shows."""
    ulp = [float(text) for text in re.findall(r"= ([\d.e+]+|inf) ulp", report)]
    relative = []
    for expected, distance in re.findall(r"expected (\S+) +off by (\S+)", report):
        size = abs(float(expected))
        relative.append(float(distance) / size if size else math.inf)
    return ulp, relative, len(re.findall(r"got +", report))


def fits(entry, implementation, case):
    report = case["report"]
    ulp, relative, count = differences(report)
    return (
        implementation.startswith(tuple(entry.get("in", [""])))
        and re.search(entry.get("cases", ""), case["case"]) is not None
        and re.search(entry.get("shows", ""), report, re.M) is not None
        and ("ulp" not in entry or (len(ulp) == count and max(ulp) <= entry["ulp"] and "wrong sign" not in report))
        and ("relative" not in entry or (len(relative) == count and max(relative) <= entry["relative"]))
    )


def explained(report):
    """The failing cases by entry; those without one under None."""
    found = collections.defaultdict(list)
    for case in report["cases"]:
        if case["report"]:
            places = (i for i, entry in enumerate(DEVIATIONS) if fits(entry, report["implementation"], case))
            found[next(places, None)].append(case)
    return found


def findings(case):
    """What was compared first and failed: the subject, what came and what is true."""
    report = case["report"]
    match = re.search(r"^  (value|gradient of \w+|error|relation) +(got .*(?:\n +expected .*)?)", report, re.M)
    if not match:
        return "", "", ""
    got = re.search(r"got +(.*)", match.group(2)).group(1)
    expected = re.search(r"\n +expected +(.*?)(   |$)", match.group(2))
    # Neither the place in the tensor nor that of a framework's file.
    short = lambda text: re.sub(r"\s+at place.*|(?<= )/\S*/", "", text)[:60]  # noqa: E731
    return match.group(1), short(got), short(expected.group(1)) if expected else ""


def recorded(report):
    """How many cases record a defect of the framework behind an adapter, and those that it answers without one."""
    word = report["implementation"].split(" ")[0]
    results = {case["case"]: case for case in report["cases"]}
    count, missing = 0, []
    for group in GROUPS.get(word, ()):
        for path in sorted((CORPUS / group).glob("*.json")):
            for case in json.loads(path.read_text())["cases"]:
                if "framework_value" in case or "framework_gradients" in case:
                    name = f"{group}/{path.stem}#{case['id']}"
                    count += 1
                    if not results[name]["report"]:
                        missing.append(name)
    return count, missing


def main(paths):
    reports = [read(path) for path in paths]
    names = [report["implementation"] for report in reports]
    found = [explained(report) for report in reports]
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
    print("## Verdicts\n")
    print("Comparisons passed of those made; a case can have one of a value and one of each gradient.\n")
    print(table(["implementation", "value", "gradient", "refusal"], [[n, *verdicts(r)] for n, r in zip(names, reports)]))
    print("\n## Why cases failed\n")
    print("Each failing case has a reason in [deviations.json](../adapters/deviations.json): a defect (the")
    print("framework's own formula has another number), a convention (documented or usual there), a limit (refused")
    print("there) or rounding. Every one was run.\n")
    rows = []
    for name, by_entry in zip(names, found):
        counts = collections.Counter()
        for place, cases in by_entry.items():
            counts["unexplained" if place is None else DEVIATIONS[place]["kind"]] += len(cases)
        rows.append([name, *(counts[kind] for kind in (*KINDS, "unexplained"))])
    print(table(["implementation", *KINDS, "unexplained"], rows))
    for name, by_entry in zip(names, found):
        print(f"\n### {name}\n")
        order = sorted(
            (place for place in by_entry if place is not None),
            key=lambda place: (KINDS.index(DEVIATIONS[place]["kind"]), -len(by_entry[place])))
        rows = []
        for place in order:
            entry, cases = DEVIATIONS[place], by_entry[place]
            rows.append([entry["kind"], entry["reason"], len(cases), f"`{cases[0]['case']}`", *findings(cases[0])])
        print(table(["", "reason", "cases", "such as", "of", "gives", "true"], rows))
        if by_entry[None]:
            print("\nUnexplained:\n")
            print(table(["case", "of", "gives", "true"], [[f"`{c['case']}`", *findings(c)] for c in by_entry[None]]))
    print("\n## Recorded defects\n")
    print("[Defects](Defects.md) has the cases in which a framework gives another number than its own formula.")
    print("Those of the frameworks here, and the ones that this run does not show:\n")
    rows = []
    for name, report in zip(names, reports):
        count, missing = recorded(report)
        if count:
            words = "; ".join(f"`{case}`: {NOT_SHOWN.get(case, 'not explained')}" for case in missing)
            rows.append([name, count, count - len(missing), words])
    print(table(["implementation", "recorded", "shown", "not shown"], rows))
    print("\n## Causes\n\nThe effects are in the tables above; what causes them was read in the sources.\n\n" + TRACES)
    print("## By loss\n\nPassed of answered.\n")
    print(table(["loss", *names], grouped(reports, "by_loss")))
    print("\n## By flag\n\nPassed of answered, by the flag of the case.\n")
    print(table(["flag", *names], grouped(reports, "by_flag")))
    used = {place for by_entry in found for place in by_entry}
    for place, entry in enumerate(DEVIATIONS):
        if place not in used:
            print("explains nothing:", entry["reason"], file=sys.stderr)


main(sys.argv[1:])
