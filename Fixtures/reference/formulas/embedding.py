"""Losses of vectors that stand for things."""

from mpmath import acos, cos, exp, inf, log, mpf, pi, sin, sqrt

from formulas.scalars import Terms, above_zero, log_softmax, pairs
from tensors import rounded


DEFAULTS = {
    "triplet_margin": {"margin": 1, "distance": "p_norm", "p": 2, "epsilon": 0, "root_epsilon": 0, "swap": False},
    "cosine_embedding": {"margin": 0},
    "hinge_embedding": {"margin": 1},
    "ntxent": {"temperature": 0.07},
    "supcon": {"temperature": 0.1},
    "multi_similarity": {"alpha": 2, "beta": 50, "base": 0.5},
    "arcface": {"scale": 64, "margin": 0.5},
    "cosface": {"scale": 64, "margin": 0.35},
    "normalized_softmax": {"temperature": 0.05},
    "n_pairs": {"scale": 1, "normalize": False},
    "clip": {},
    "siglip": {},
    "barlow_twins": {"redundancy_weight": 0.005, "epsilon": 0, "unbiased": False},
    "vicreg": {"invariance": 25, "variance": 25, "covariance": 1, "epsilon": 1e-4},
    "circle": {"gamma": 80, "margin": 0.4, "match_itself": False, "normalize": True},
}


def dot(x, y):
    return sum((a * b for a, b in zip(x, y)), mpf(0))


def cosine(x, y):
    scale = sqrt(dot(x, x) * dot(y, y))
    return dot(x, y) / scale if scale else mpf(0)


def vectors(tensor, axis=-1):
    return [[tensor.data[i] for i in row] for row in tensor.rows(axis)]


# Couples and triplets.


def triplet_margin(inputs, o, axis, element):
    margin, p = rounded(o["margin"], element), mpf(o["p"])
    eps, root_eps = rounded(o["epsilon"], element), mpf(float(o["root_epsilon"]))

    def distance(x, y):
        if o["distance"] == "cosine":
            return 1 - cosine(x, y)
        if o["distance"] == "squared_euclidean":
            return sum(((a - b) ** 2 for a, b in zip(x, y)), mpf(0))
        if p == inf:
            return max(abs(a - b + eps) for a, b in zip(x, y))
        powers = sum(abs(a - b + eps) ** p for a, b in zip(x, y)) + root_eps
        return powers ** (1 / p) if powers else mpf(0)

    terms = []
    for a, b, c in zip(*(vectors(inputs[role], axis) for role in ("anchor", "positive", "negative"))):
        far = min(distance(a, c), distance(b, c)) if o["swap"] else distance(a, c)
        terms.append(above_zero(distance(a, b) - far + margin))
    return Terms(terms, inputs["anchor"].without(axis))


def cosine_embedding(inputs, o, axis, element):
    margin = mpf(float(o["margin"]))
    rows = zip(vectors(inputs["first"], axis), vectors(inputs["second"], axis), inputs["target"].data)
    terms = [1 - cosine(x, y) if t > 0 else above_zero(cosine(x, y) - margin) for x, y, t in rows]
    return Terms(terms, inputs["first"].without(axis))


def hinge_embedding(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    terms = [p if t > 0 else above_zero(margin - p) for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)


# Batches with labels. What a mask or a weight of 0 removes is not in the batch.


def items_there(inputs, leading="prediction"):
    count = inputs[leading].shape[0]
    keeps = [True] * count
    for role in ("mask", "weight"):
        if role in inputs:
            keeps = [a and b != 0 for a, b in zip(keeps, inputs[role].spread([count]))]
    return [i for i in range(count) if keeps[i]]


def batch(inputs, term, measure=lambda matches: 1, similarity=cosine):
    """Terms from the similarities to matches, and to strangers."""
    rows, labels, there = vectors(inputs["prediction"]), inputs["target"].data, items_there(inputs)
    terms, measures = [mpf(0)] * len(rows), [mpf(1)] * len(rows)
    for i in there:
        matches = [similarity(rows[i], rows[j]) for j in there if j != i and labels[j] == labels[i]]
        strangers = [similarity(rows[i], rows[j]) for j in there if labels[j] != labels[i]]
        terms[i], measures[i] = term(matches, strangers), mpf(measure(len(matches)))
    return Terms(terms, [len(rows)], measures)


def ntxent(inputs, o, axis, element):
    temperature = mpf(float(o["temperature"]))

    def term(matches, strangers):
        below = sum((exp(x / temperature) for x in strangers), mpf(0))
        return sum((log(1 + below / exp(x / temperature)) for x in matches), mpf(0))

    return batch(inputs, term, lambda matches: matches)


def supcon(inputs, o, axis, element):
    temperature = mpf(float(o["temperature"]))

    def term(matches, strangers):
        if not matches:
            return mpf(0)
        total = log(sum(exp(x / temperature) for x in matches + strangers))
        return sum(total - x / temperature for x in matches) / len(matches)

    return batch(inputs, term, lambda matches: min(1, matches))


def multi_similarity(inputs, o, axis, element):
    alpha, beta, base = (mpf(float(o[name])) for name in ("alpha", "beta", "base"))

    def term(matches, strangers):
        near = log(1 + sum(exp(-alpha * (x - base)) for x in matches)) / alpha
        return near + log(1 + sum(exp(beta * (x - base)) for x in strangers)) / beta

    return batch(inputs, term)


def circle(inputs, o, axis, element):
    gamma, margin = mpf(float(o["gamma"])), mpf(float(o["margin"]))
    similarity = cosine if o["normalize"] else dot
    rows, labels, there = vectors(inputs["prediction"]), inputs["target"].data, items_there(inputs)
    terms, measures = [mpf(0)] * len(rows), [mpf(1)] * len(rows)
    for i in there:
        near = [j for j in there if labels[j] == labels[i] and (j != i or o["match_itself"])]
        far = [j for j in there if labels[j] != labels[i]]
        p = [min(similarity(rows[i], rows[j]), mpf(1)) for j in near]
        n = [min(similarity(rows[i], rows[j]), mpf(1)) for j in far]
        lacks = sum((exp(-gamma * (1 + margin - x) * (x - 1 + margin)) for x in p), mpf(0))
        lacks *= sum((exp(gamma * above_zero(x + margin) * (x - margin)) for x in n), mpf(0))
        terms[i], measures[i] = log(1 + lacks), mpf(int(bool(near) and bool(far)))
    return Terms(terms, [len(rows)], measures)


def margin_softmax(inputs, o, with_margin):
    centers, there = vectors(inputs["class_centers"]), items_there(inputs)
    terms = [mpf(0)] * inputs["prediction"].shape[0]
    for i, (x, t) in enumerate(zip(vectors(inputs["prediction"]), inputs["target"].data)):
        if i in there:
            cosines = [cosine(x, center) for center in centers]
            cosines[int(t)] = with_margin(cosines[int(t)])
            terms[i] = -log_softmax([mpf(float(o["scale"])) * x for x in cosines])[int(t)]
    return Terms(terms, [len(terms)])


def arcface(inputs, o, axis, element):
    margin = mpf(float(o["margin"]))

    def with_margin(x):
        angle = acos(x)
        return cos(angle + margin) if angle + margin <= pi else x - margin * sin(margin)

    return margin_softmax(inputs, o, with_margin)


def cosface(inputs, o, axis, element):
    return margin_softmax(inputs, o, lambda x: x - mpf(float(o["margin"])))


def normalized_softmax(inputs, o, axis, element):
    return margin_softmax(inputs, {"scale": 1 / mpf(float(o["temperature"]))}, lambda x: x)


def n_pairs(inputs, o, axis, element):
    product = cosine if o["normalize"] else dot
    anchors, positives = vectors(inputs["anchor"]), vectors(inputs["positive"])
    there = items_there(inputs, "anchor")
    terms = [mpf(0)] * len(anchors)
    for i in there:
        row = [mpf(float(o["scale"])) * product(anchors[i], positives[j]) for j in there]
        terms[i] = -log_softmax(row)[there.index(i)]
    return Terms(terms, [len(terms)])


# Two views of a batch.


def features(tensor):
    """A list for each feature: its numbers less their mean."""
    count = tensor.shape[0]
    return [[x - sum(row) / count for x in row] for row in zip(*vectors(tensor))]


def clip(inputs, o, axis, element):
    images, texts, there = vectors(inputs["prediction"]), vectors(inputs["target"]), items_there(inputs)
    scale = inputs["scale"].data[0]
    terms = [mpf(0)] * len(images)
    for i in there:
        own = scale * dot(images[i], texts[i])
        rows = log(sum((exp(scale * dot(images[i], texts[j]) - own) for j in there), mpf(0)))
        columns = log(sum((exp(scale * dot(images[j], texts[i]) - own) for j in there), mpf(0)))
        terms[i] = (rows + columns) / 2
    return Terms(terms, [len(images)])


def siglip(inputs, o, axis, element):
    images, texts, there = vectors(inputs["prediction"]), vectors(inputs["target"]), items_there(inputs)
    scale = inputs["scale"].data[0]
    bias = inputs["bias"].data[0] if "bias" in inputs else mpf(0)
    terms = [mpf(0)] * len(images)
    for i in there:
        logits = {j: scale * dot(images[i], texts[j]) + bias for j in there}
        terms[i] = sum((log(1 + exp(-z if i == j else z)) for j, z in logits.items()), mpf(0))
    return Terms(terms, [len(images)])


def barlow_twins(inputs, o, axis, element):
    views = [features(inputs[role]) for role in ("prediction", "target")]
    count = inputs["prediction"].shape[0]
    freedom = count - 1 if o["unbiased"] else count

    def standardized(row):
        deviation = sqrt(dot(row, row) / freedom) + mpf(float(o["epsilon"]))
        return [x / deviation if deviation else mpf(0) for x in row]

    first, second = ([standardized(row) for row in view] for view in views)
    total, weight = mpf(0), mpf(float(o["redundancy_weight"]))
    for i, x in enumerate(first):
        for j, y in enumerate(second):
            c = dot(x, y) / count
            total += (1 - c) ** 2 if i == j else weight * c**2
    return Terms([total], [])


def vicreg(inputs, o, axis, element):
    invariance, variance, covariance, epsilon = (
        mpf(float(o[name])) for name in ("invariance", "variance", "covariance", "epsilon"))
    first, second = inputs["prediction"], inputs["target"]
    total = invariance * sum((x - y) ** 2 for x, y in zip(first.data, second.data)) / len(first.data)
    for view in (features(first), features(second)):
        freedom = max(1, first.shape[0] - 1)
        lacks = sum(above_zero(1 - sqrt(dot(x, x) / freedom + epsilon)) for x in view)
        total += variance * lacks / len(view) / 2
        for i, x in enumerate(view):
            for j, y in enumerate(view):
                total += covariance * (dot(x, y) / freedom) ** 2 / len(view) if i != j else 0
    return Terms([total], [])
