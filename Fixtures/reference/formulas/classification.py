"""Losses of classes and labels, and functions of probabilities."""

from mpmath import exp, isnan, mpf, nan

from formulas.scalars import (
    Terms, above_zero, clipped, dense, epsilon, ln, log_softmax, pairs, power, sigmoid, softplus, xlogy)
from tensors import Tensor, rounded


DEFAULTS = {
    "linear_cross_entropy": {"class_weights": [], "label_smoothing": 0, "ignore_index": None},
    "cross_entropy": {
        "from_logits": True, "class_weights": [], "label_smoothing": 0, "ignore_index": None,
        "epsilon": 0, "targets": "any",
    },
    "binary_cross_entropy": {
        "from_logits": True, "positive_weight": 1, "negative_weight": 1, "label_smoothing": 0,
        "epsilon": 0, "clip": 0,
    },
    "kl_divergence": {
        "log_prediction": False, "log_target": False, "epsilon": 0, "clip": 0, "elementwise": False},
    "hinge": {},
    "squared_hinge": {},
    "soft_margin": {},
    "categorical_hinge": {"floor_at_zero": False, "targets": "any"},
    "focal": {"gamma": 2, "from_logits": True, "class_weights": [], "epsilon": 0},
    "binary_focal": {"gamma": 2, "alpha": None, "from_logits": True, "epsilon": 0},
    "z_loss": {},
    "label_smoothing": {"smoothing": 0.1, "binary": False},
    "softmax": {},
}

TRANSFORMS = {"label_smoothing", "softmax"}


def class_weights(o, count, element):
    return [rounded(x, element) for x in o["class_weights"]] or [mpf(1)] * count


def cross_entropy(inputs, o, axis, element):
    prediction = inputs["prediction"]
    target, ignored = dense(inputs["target"], prediction, axis, o["ignore_index"])
    s, eps = rounded(o["label_smoothing"], element), epsilon(o["epsilon"], element)
    terms, measures = [], []
    for n, row in enumerate(prediction.rows(axis)):
        p = [prediction.data[i] for i in row]
        logs = log_softmax(p) if o["from_logits"] and not any(isnan(x) for x in p) else None
        if o["from_logits"] and logs is None:
            logs = [nan] * len(p)
        w = class_weights(o, len(row), element)
        term, measure = mpf(0), mpf(0)
        for c, i in enumerate(row):
            q = (1 - s) * target[i] + s / len(row)
            measure += w[c] * target[i]
            if q != 0 and w[c] != 0:
                term -= w[c] * q * (logs[c] if o["from_logits"] else ln(p[c] + eps))
        terms.append(mpf(0) if ignored[n] else term)
        measures.append(measure if o["class_weights"] else mpf(1))
    return Terms(terms, prediction.without(axis), measures, ignored)


def linear_cross_entropy(inputs, o, axis, element):
    hidden, kernel, target = inputs["hidden"], inputs["kernel"], inputs["target"]
    classes, features = kernel.shape
    bias = inputs["bias"].data if "bias" in inputs else [mpf(0)] * classes
    logits = [
        sum(hidden.data[start + k] * kernel.data[c * features + k] for k in range(features)) + bias[c]
        for start in range(0, len(hidden.data), features) for c in range(classes)]
    prediction = Tensor(hidden.shape[:-1] + [classes], logits)
    given = DEFAULTS["cross_entropy"] | o
    return cross_entropy({"prediction": prediction, "target": target}, given, -1, element)


def z_loss(inputs, o, axis, element):
    prediction = inputs["prediction"]
    terms = []
    for row in prediction.rows(axis):
        logits = [prediction.data[i] for i in row]
        terms.append(nan if any(isnan(x) for x in logits) else ln(sum((exp(x) for x in logits), mpf(0)))**2)
    return Terms(terms, prediction.without(axis))


def binary_cross_entropy(inputs, o, axis, element):
    eps, clip = epsilon(o["epsilon"], element), rounded(o["clip"], element)
    positive, negative = rounded(o["positive_weight"], element), rounded(o["negative_weight"], element)
    s = rounded(o["label_smoothing"], element)
    top = rounded(1 - clip, element)

    def term(p, t):
        t = t * (1 - s) + s / 2
        if o["from_logits"]:
            first = t * softplus(-p) if t != 0 else mpf(0)
            second = (1 - t) * softplus(p) if t != 1 else mpf(0)
            return positive * first + negative * second
        if clip:
            p = clipped(p, clip, top)
        return -positive * xlogy(t, p + eps) - negative * xlogy(1 - t, 1 - p + eps)

    return Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def kl_divergence(inputs, o, axis, element):
    prediction, target = inputs["prediction"], inputs["target"]
    eps, clip = epsilon(o["epsilon"], element), rounded(o["clip"], element)
    terms = []
    rows = [[i] for i in range(len(prediction.data))] if o["elementwise"] else prediction.rows(axis)
    for row in rows:
        term = mpf(0)
        for i in row:
            p, t = prediction.data[i], target.data[i]
            log_t = t if o["log_target"] else None
            t = exp(t) if o["log_target"] else t
            if clip:
                # A logarithm is clipped as its probability is.
                low, high = (ln(clip), mpf(0)) if o["log_prediction"] else (clip, mpf(1))
                p, t, log_t = clipped(p, low, high), clipped(t, clip, mpf(1)), None
            if t != 0:
                log_p = p if o["log_prediction"] else ln(p + eps)
                term += t * ((ln(t) if log_t is None else log_t) - log_p)
        terms.append(term)
    return Terms(terms, prediction.shape if o["elementwise"] else prediction.without(axis))


def hinge(inputs, o, axis, element):
    return Terms([above_zero(1 - p * t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def squared_hinge(inputs, o, axis, element):
    return Terms([above_zero(1 - p * t) ** 2 for p, t in pairs(inputs)], inputs["prediction"].shape)


def soft_margin(inputs, o, axis, element):
    return Terms([softplus(-p * t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def categorical_hinge(inputs, o, axis, element):
    prediction = inputs["prediction"]
    target, _ = dense(inputs["target"], prediction, axis)
    terms = []
    for row in prediction.rows(axis):
        s, t = [prediction.data[i] for i in row], [target[i] for i in row]
        true = sum(x * y for x, y in zip(s, t))
        if o["floor_at_zero"]:
            best = max((1 - y) * x for x, y in zip(s, t))
        else:
            best = max(x for x, y in zip(s, t) if y == 0)
        terms.append(above_zero(best - true + 1))
    return Terms(terms, prediction.without(axis))


def focal(inputs, o, axis, element):
    prediction = inputs["prediction"]
    target, _ = dense(inputs["target"], prediction, axis)
    gamma, eps = rounded(o["gamma"], element), epsilon(o["epsilon"], element)
    terms, measures = [], []
    for row in prediction.rows(axis):
        scores = [prediction.data[i] for i in row]
        logs = log_softmax(scores) if o["from_logits"] else [ln(p + eps) for p in scores]
        term, weights = mpf(0), class_weights(o, len(row), element)
        for w, i, q in zip(weights, row, logs):
            if target[i] != 0:
                term -= w * target[i] * power(1 - exp(q), gamma) * q
        terms.append(term)
        measure = sum(w * target[i] for w, i in zip(weights, row))
        measures.append(measure if o["class_weights"] else mpf(1))
    return Terms(terms, prediction.without(axis), measures)


def binary_focal(inputs, o, axis, element):
    gamma, eps = rounded(o["gamma"], element), epsilon(o["epsilon"], element)
    alpha = None if o["alpha"] is None else rounded(o["alpha"], element)

    def term(p, t):
        q, rest = (sigmoid(p), sigmoid(-p)) if o["from_logits"] else (p, 1 - p)
        hit = t * (q + eps) + (1 - t) * (rest - eps)
        at = 1 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
        weight = power(1 - hit, gamma)
        return -at * weight * ln(hit) if weight != 0 and at != 0 else mpf(0)

    return Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def label_smoothing(inputs, o, axis, element):
    target, s = inputs["target"], rounded(o["smoothing"], element)
    count = 2 if o["binary"] else target.shape[axis]
    return Terms([t * (1 - s) + s / count for t in target.data], target.shape)


def softmax(inputs, o, axis, element):
    prediction = inputs["prediction"]
    data = [None] * len(prediction.data)
    for row in prediction.rows(axis):
        for i, x in zip(row, log_softmax([prediction.data[i] for i in row])):
            data[i] = exp(x)
    return Terms(data, prediction.shape)
