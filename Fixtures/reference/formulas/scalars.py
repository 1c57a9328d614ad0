"""Functions of one number or one row, as their definitions have them, and the terms of a loss."""

from mpmath import exp, inf, isnan, log, mpf, nan

from tensors import machine, rounded



class Terms:
    """The terms of a loss, flat, with their shape.

    measures: what each weighs by its own target, for `weighted_mean`; 1 where left out.
    excluded: the ones that the loss itself leaves out.
    """

    def __init__(self, data, shape, measures=None, excluded=None):
        self.data, self.shape, self.measures, self.excluded = data, shape, measures, excluded


def ln(x):
    return nan if isnan(x) or x < 0 else log(x)


def xlogy(x, y):
    return mpf(0) if x == 0 else x * ln(y)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return max(x, mpf(0)) + log(1 + exp(-abs(x)))


def above_zero(x):
    return x if isnan(x) or x > 0 else mpf(0)


def clipped(x, low, high):
    return x if isnan(x) else min(max(x, low), high)


def log_softmax(row):
    top = max(row)
    if top == inf:
        # Infinite logits are equal and exceed all others.
        row, top = [mpf(0) if x == inf else x if isnan(x) else -inf for x in row], mpf(0)
    total = top + log(sum(exp(x - top) for x in row))
    return [x - total for x in row]


def epsilon(given, element):
    return machine(element) if given == "machine" else rounded(given, element)


def pairs(inputs):
    return zip(inputs["prediction"].data, inputs["target"].data)


def power(base, exponent):
    return mpf(1) if exponent == 0 else base**exponent


def dense(target, prediction, axis, ignored=None):
    """The target as a number for each class, and the rows whose class is the ignored one."""
    rows = prediction.rows(axis)
    if target.shape == prediction.shape:
        return target.data, [False] * len(rows)
    data = [mpf(0)] * len(prediction.data)
    for row, label in zip(rows, target.data):
        if label != ignored:
            data[row[int(label)]] = mpf(1)
    return data, [ignored is not None and label == ignored for label in target.data]
