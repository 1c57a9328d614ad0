"""The losses under the library's own names, written from their definitions.

Each function takes the inputs by role, the options with defaults filled in, the class axis and the
element, and gives the terms with their shape. CTC goes through every path, so it shares nothing
with a dynamic program.
"""

import itertools

from mpmath import cosh, exp, inf, isnan, log, mpf, nan, pi, sqrt

from defaults import DEFAULTS
from tensors import machine, rounded


class Terms:
    def __init__(self, data, shape, measures=None, excluded=None):
        self.data, self.shape, self.measures, self.excluded = data, shape, measures, excluded


# Scalars.


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
    total = top + log(sum(exp(x - top) for x in row))
    return [x - total for x in row]


def epsilon(given, element):
    return machine(element) if given == "machine" else rounded(given, element)


def pairs(inputs):
    return zip(inputs["prediction"].data, inputs["target"].data)


# Regression.


def mean_absolute_error(inputs, o, axis, element):
    return Terms([abs(p - t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def mean_squared_error(inputs, o, axis, element):
    return Terms([(p - t) ** 2 for p, t in pairs(inputs)], inputs["prediction"].shape)


def mean_squared_logarithmic_error(inputs, o, axis, element):
    offset = epsilon(o["offset"], element)
    terms = [(ln(p + offset) - ln(t + offset)) ** 2 for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)


def huber(inputs, o, axis, element):
    delta = rounded(o["delta"], element)

    def term(r):
        return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)

    return Terms([term(p - t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def log_cosh(inputs, o, axis, element):
    return Terms([log(cosh(p - t)) for p, t in pairs(inputs)], inputs["prediction"].shape)


def poisson_nll(inputs, o, axis, element):
    eps = epsilon(o["epsilon"], element)

    def term(p, t):
        term = exp(p) - t * p if o["log_input"] else p - xlogy(t, p + eps)
        if o["full"] and t > 1:
            term += t * log(t) - t + log(2 * pi * t) / 2
        return term

    return Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)


def cosine_similarity(inputs, o, axis, element):
    eps = rounded(o["epsilon"], element)
    prediction, target = inputs["prediction"], inputs["target"]
    terms = []
    for row in prediction.rows(axis):
        p, t = [prediction.data[i] for i in row], [target.data[i] for i in row]
        scale = max(sqrt(sum(x * x for x in p)) * sqrt(sum(x * x for x in t)), eps)
        terms.append(sum(x * y for x, y in zip(p, t)) / scale if scale else mpf(0))
    return Terms(terms, prediction.without(axis))


def cosine_distance(inputs, o, axis, element):
    similar = cosine_similarity(inputs, o, axis, element)
    return Terms([1 - x for x in similar.data], similar.shape)


def regions(inputs, o, axis):
    """The kept places of each region, and the shape of the terms."""
    prediction = inputs["prediction"]
    kept = inputs["mask"].spread(prediction.shape) if "mask" in inputs else [1] * len(prediction.data)
    axis = axis % prediction.rank if prediction.rank else 0
    names = {"all": [], "sample": [0], "class": [axis], "sample_and_class": [0, axis]}[o["per"]]
    shape = [prediction.shape[name] for name in names]
    groups = {key: [] for key in itertools.product(*(range(extent) for extent in shape))}
    for n, place in enumerate(itertools.product(*(range(extent) for extent in prediction.shape))):
        if kept[n]:
            groups[tuple(place[name] for name in names)].append(n)
    return list(groups.values()), shape


def activated(prediction, shape, activation, axis):
    """The probabilities that a prediction stands for."""
    if activation == "none":
        return prediction
    if activation == "sigmoid":
        return [sigmoid(x) for x in prediction]
    axis = axis % len(shape)
    rows = {}
    for n, place in enumerate(itertools.product(*(range(extent) for extent in shape))):
        rows.setdefault(place[:axis] + place[axis + 1 :], []).append(n)
    p = list(prediction)
    for row in rows.values():
        for n, log_p in zip(row, log_softmax([prediction[n] for n in row])):
            p[n] = exp(log_p)
    return p


def root_mean_squared_error(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    p, t = inputs["prediction"].data, inputs["target"].data
    return Terms([sqrt(sum((p[i] - t[i]) ** 2 for i in group) / len(group)) for group in groups], shape)


def l1_penalty(inputs, o, axis, element):
    return Terms([abs(x) for x in inputs[o["of"]].data], inputs[o["of"]].shape)


def l2_penalty(inputs, o, axis, element):
    return Terms([x * x / 2 for x in inputs[o["of"]].data], inputs[o["of"]].shape)


# Classification.


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
        measures.append(measure)
    return Terms(terms, prediction.without(axis), measures, ignored)


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
    for row in prediction.rows(axis):
        term = mpf(0)
        for i in row:
            p, t = prediction.data[i], target.data[i]
            log_t = t if o["log_target"] else None
            t = exp(t) if o["log_target"] else t
            if clip:
                p, t = clipped(p, clip, mpf(1)), clipped(t, clip, mpf(1))
            if t != 0:
                log_p = p if o["log_prediction"] else ln(p + eps)
                term += t * ((ln(t) if log_t is None else log_t) - log_p)
        terms.append(term)
    return Terms(terms, prediction.without(axis))


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


def power(base, exponent):
    return mpf(1) if exponent == 0 else base**exponent


def focal(inputs, o, axis, element):
    prediction = inputs["prediction"]
    target, _ = dense(inputs["target"], prediction, axis)
    gamma, eps = rounded(o["gamma"], element), epsilon(o["epsilon"], element)
    terms = []
    for row in prediction.rows(axis):
        scores = [prediction.data[i] for i in row]
        logs = log_softmax(scores) if o["from_logits"] else [ln(p + eps) for p in scores]
        term = mpf(0)
        for w, i, q in zip(class_weights(o, len(row), element), row, logs):
            if target[i] != 0:
                term -= w * target[i] * power(1 - exp(q), gamma) * q
        terms.append(term)
    return Terms(terms, prediction.without(axis))


def binary_focal(inputs, o, axis, element):
    gamma, eps = rounded(o["gamma"], element), epsilon(o["epsilon"], element)
    alpha = None if o["alpha"] is None else rounded(o["alpha"], element)

    def term(p, t):
        q, rest = (sigmoid(p), sigmoid(-p)) if o["from_logits"] else (p, 1 - p)
        hit = t * (q + eps) + (1 - t) * (rest - eps)
        at = 1 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
        weight = power(1 - hit, gamma)
        return -at * weight * ln(hit) if weight != 0 else mpf(0)

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


# Ranking.


def margin_ranking(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    triples = zip(inputs["first"].data, inputs["second"].data, inputs["target"].data)
    return Terms([above_zero(-t * (a - b) + margin) for a, b, t in triples], inputs["first"].shape)


def siamese_contrastive(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    terms = [(1 - t) * p * p + t * above_zero(margin - p) ** 2 for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)


# Segmentation.


def dice(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    smooth = rounded(o["smooth"], element)
    prediction, t = inputs["prediction"].data, inputs["target"].data
    p = activated(prediction, inputs["prediction"].shape, o["activation"], axis)
    degree = 2 if o["squared"] else 1

    def term(group):
        bottom = sum(t[i] ** degree + p[i] ** degree for i in group) + smooth
        return 1 - (2 * sum(t[i] * p[i] for i in group) + smooth) / bottom if bottom else mpf(0)

    return Terms([term(group) for group in groups], shape)


def tversky(inputs, o, axis, element):
    groups, shape = regions(inputs, o, axis)
    smooth = rounded(o["smooth"], element)
    a, b = rounded(o["false_positive_weight"], element), rounded(o["false_negative_weight"], element)
    prediction, t = inputs["prediction"].data, inputs["target"].data
    p = activated(prediction, inputs["prediction"].shape, o["activation"], axis)

    def term(group):
        hits = sum(p[i] * t[i] for i in group)
        wrong = sum(a * p[i] * (1 - t[i]) + b * (1 - p[i]) * t[i] for i in group)
        return 1 - (hits + smooth) / (hits + wrong + smooth)

    return Terms([term(group) for group in groups], shape)


# Sequences.


def collapsed(path, blank):
    """A path without repetitions and without blanks."""
    return tuple(label for label, _ in itertools.groupby(path) if label != blank)


def ctc_value(logs, labels, blank):
    """-log of the sum of exp(Σ logs) over all paths that collapse to the labels."""
    total = mpf(0)
    for path in itertools.product(range(len(logs[0])) if logs else [], repeat=len(logs)):
        if collapsed(path, blank) == tuple(labels):
            total += exp(sum(row[c] for row, c in zip(logs, path)))
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


def terms(name, inputs, options, axis, element):
    unknown = set(options) - set(DEFAULTS[name])
    assert not unknown, f"{name} has no option {unknown}"
    return globals()[name](inputs, DEFAULTS[name] | options, -1 if axis is None else axis, element)
