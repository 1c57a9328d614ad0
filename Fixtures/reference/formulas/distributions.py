"""Divergences of distributions and of amounts, and cross entropies that are bent."""

from mpmath import exp, isnan, log, mpf, nan

from formulas.scalars import Terms, dense, ln, log_softmax, xlogy
from tensors import rounded


DEFAULTS = {
    "nll": {"class_weights": [], "ignore_index": None, "targets": "any"},
    "generalized_cross_entropy": {"q": 0.7, "from_logits": True, "targets": "any"},
    "poly_cross_entropy": {"coefficient": 1, "targets": "any"},
    "jensen_shannon": {"beta": 0.5},
    "total_variation": {},
    "generalized_kl_divergence": {"log_prediction": False},
}


def total_variation(inputs, o, axis, element):
    prediction, target = inputs["prediction"], inputs["target"]
    terms = [
        sum(abs(prediction.data[i] - target.data[i]) for i in row) / 2 for row in prediction.rows(axis)]
    return Terms(terms, prediction.without(axis))


def squeezed(inputs, axis):
    """The target without a last axis of extent 1 beside the classes."""
    prediction, target = inputs["prediction"], inputs["target"]
    if target.shape != prediction.shape and len(target.shape) == len(prediction.shape):
        return type(target)(target.shape[:-1], target.data, target.element)
    return target


def nll(inputs, o, axis, element):
    prediction = inputs["prediction"]
    target, ignored = dense(squeezed(inputs, axis), prediction, axis, o["ignore_index"])
    terms, measures = [], []
    for n, row in enumerate(prediction.rows(axis)):
        w = [rounded(x, element) for x in o["class_weights"]] or [mpf(1)] * len(row)
        parts = [w[c] * target[i] * prediction.data[i] for c, i in enumerate(row) if w[c] and target[i]]
        terms.append(mpf(0) if ignored[n] else -sum(parts, mpf(0)))
        measure = sum(w[c] * target[i] for c, i in enumerate(row))
        measures.append(measure if o["class_weights"] else mpf(1))
    return Terms(terms, prediction.without(axis), measures, ignored)


def bent(inputs, o, axis, from_logits, cost):
    """The sum over the classes of the target times a cost of the logarithm of the probability."""
    prediction = inputs["prediction"]
    target, _ = dense(squeezed(inputs, axis), prediction, axis)
    terms = []
    for row in prediction.rows(axis):
        scores = [prediction.data[i] for i in row]
        if any(isnan(x) for x in scores):
            terms.append(nan)
            continue
        logs = log_softmax(scores) if from_logits else [ln(p) for p in scores]
        terms.append(sum((target[i] * cost(x) for i, x in zip(row, logs) if target[i] != 0), mpf(0)))
    return Terms(terms, prediction.without(axis))


def generalized_cross_entropy(inputs, o, axis, element):
    q = rounded(o["q"], element)
    return bent(inputs, o, axis, o["from_logits"], lambda x: (1 - exp(q * x)) / q if q else -x)


def poly_cross_entropy(inputs, o, axis, element):
    c = rounded(o["coefficient"], element)
    return bent(inputs, o, axis, True, lambda x: -x + c * (1 - exp(x)))


def of_pairs(inputs, axis, cost):
    prediction, target = inputs["prediction"], inputs["target"]
    rows = prediction.rows(axis)
    terms = [sum(cost(prediction.data[i], target.data[i]) for i in row) for row in rows]
    return Terms(terms, prediction.without(axis))


def jensen_shannon(inputs, o, axis, element):
    beta = rounded(o["beta"], element)
    rest = 1 - beta

    def cost(p, t):
        m = beta * t + rest * p
        return m if isnan(m) else beta * (xlogy(t, t / m) if t else 0) + rest * (xlogy(p, p / m) if p else 0)

    return of_pairs(inputs, axis, cost)


def generalized_kl_divergence(inputs, o, axis, element):
    def cost(p, t):
        log_p = p if o["log_prediction"] else ln(p)
        p = exp(p) if o["log_prediction"] else p
        return p if t == 0 else t * (log(t) - log_p) - t + p

    return of_pairs(inputs, axis, cost)
