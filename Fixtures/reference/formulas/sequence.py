"""Losses of sequences. Both go through every path, so they share nothing with a dynamic program."""

import itertools

from mpmath import exp, fprod, inf, log, mpf

from formulas.scalars import Terms, log_softmax
from tensors import Tensor


DEFAULTS = {
    "ctc": {"blank": 0, "from_logits": True, "infeasible": "infinity", "per_label": False},
    "rnnt": {"blank": 0, "from_logits": True},
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


def sequences(inputs, time, rows_per_step=1):
    """Of each sequence the rows of the steps that count, and the labels that count."""
    prediction, target = inputs["prediction"], inputs["target"]
    classes, limit = prediction.shape[-1], target.shape[-1]
    size = time * rows_per_step * classes
    for n in range(len(prediction.data) // size):
        steps = int(inputs["prediction_lengths"].data[n]) if "prediction_lengths" in inputs else time
        count = int(inputs["target_lengths"].data[n]) if "target_lengths" in inputs else limit
        table = prediction.data[n * size : (n + 1) * size]
        rows = [table[k * classes : (k + 1) * classes] for k in range(steps * rows_per_step)]
        yield rows, [int(x) for x in target.data[n * limit : n * limit + count]]


def ctc(inputs, o, axis, element):
    prediction = inputs["prediction"]
    blank = int(o["blank"]) % prediction.shape[-1]
    terms = []
    for rows, labels in sequences(inputs, prediction.shape[-2]):
        logs = [log_softmax(row) for row in rows] if o["from_logits"] else rows
        term = ctc_value(logs, labels, blank)
        if term == inf and o["infeasible"] == "zero":
            term = mpf(0)
        terms.append(term / max(1, len(labels)) if o["per_label"] else term)
    return Terms(terms, prediction.shape[:-2])


def rnnt_value(logs, rows_per_step, labels, blank):
    """-log of the sum of the probabilities of all orders of labels and blanks that end with a blank."""
    time = len(logs) // rows_per_step
    total = mpf(0)
    for places in itertools.combinations(range(time - 1 + len(labels)), len(labels)) if time else [()]:
        step, said, probability = 0, 0, mpf(1)
        for edge in range(time + len(labels) if time else 0):
            row = logs[step * rows_per_step + said]
            if edge in places:
                probability *= exp(row[labels[said]])
                said += 1
            else:
                probability *= exp(row[blank])
                step += 1
        total += probability if said == len(labels) else 0
    return -log(total) if total else inf


def rnnt(inputs, o, axis, element):
    prediction = inputs["prediction"]
    if axis != -1:
        prediction = moved_last(prediction, axis)
        inputs = inputs | {"prediction": prediction}
    time, rows_per_step = prediction.shape[-3:-1]
    blank = int(o["blank"]) % prediction.shape[-1]
    terms = []
    for rows, labels in sequences(inputs, time, rows_per_step):
        # Rows for more labels than there are are not read: they may hold anything.
        logs = [
            log_softmax(row) if o["from_logits"] and place % rows_per_step <= len(labels) else row
            for place, row in enumerate(rows)]
        terms.append(rnnt_value(logs, rows_per_step, labels, blank))
    return Terms(terms, prediction.shape[:-3])


def moved_last(tensor, axis):
    """The same numbers with an axis as the last."""
    rows = tensor.rows(axis)
    return Tensor(tensor.without(axis) + [len(rows[0])], [tensor.data[i] for row in rows for i in row])
