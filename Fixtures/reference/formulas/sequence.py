"""Losses of sequences. CTC goes through every path, so it shares nothing with a dynamic program."""

import itertools

from mpmath import exp, fprod, inf, log, mpf

from formulas.scalars import Terms, log_softmax


DEFAULTS = {
    "ctc": {"blank": 0, "from_logits": True, "infeasible": "infinity", "per_label": False},
}


def collapsed(path, blank):
    """A path without repetitions and without blanks."""
    return tuple(label for label, _ in itertools.groupby(path) if label != blank)


def ctc_value(logs, labels, blank):
    """-log of the sum of the probabilities of all paths that collapse to the labels."""
    total, rows = mpf(0), [[exp(x) for x in row] for row in logs]
    for path in itertools.product(range(len(logs[0])) if logs else [], repeat=len(logs)):
        if collapsed(path, blank) == tuple(labels):
            total += fprod(row[c] for row, c in zip(rows, path))
    return -log(total) if total else inf


def ctc(inputs, o, axis, element):
    prediction, target = inputs["prediction"], inputs["target"]
    time, classes = prediction.shape[-2:]
    limit = target.shape[-1]
    blank = int(o["blank"]) % classes
    terms = []
    for n in range(len(prediction.data) // (time * classes)):
        steps = int(inputs["prediction_lengths"].data[n]) if "prediction_lengths" in inputs else time
        count = int(inputs["target_lengths"].data[n]) if "target_lengths" in inputs else limit
        rows = [
            prediction.data[(n * time + k) * classes : (n * time + k + 1) * classes] for k in range(steps)
        ]
        logs = [log_softmax(row) for row in rows] if o["from_logits"] else rows
        labels = [int(x) for x in target.data[n * limit : n * limit + count]]
        term = ctc_value(logs, labels, blank)
        if term == inf and o["infeasible"] == "zero":
            term = mpf(0)
        terms.append(term / max(1, count) if o["per_label"] else term)
    return Terms(terms, prediction.shape[:-2])
