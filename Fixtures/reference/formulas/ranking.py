"""Losses of couples, and of lists in order."""

from mpmath import exp, log, mpf

from formulas.scalars import Terms, above_zero, log_softmax, pairs, sigmoid, softplus
from tensors import rounded


DEFAULTS = {
    "margin_ranking": {"margin": 0},
    "siamese_contrastive": {"margin": 1},
    "ranknet": {"sigma": 1, "pair_weights": "one"},
    "pairwise_hinge": {"margin": 1},
    "ranking_softmax": {"shares": "as_they_are"},
    "list_mle": {},
    "lambda": {"weighting": "lambda_rank", "sigma": 1, "mu": 10, "k": None, "base_two": False},
    "approx_ndcg": {"temperature": 0.1},
    "neural_ndcg": {"temperature": 1},
}


def margin_ranking(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    triples = zip(inputs["first"].data, inputs["second"].data, inputs["target"].data)
    return Terms([above_zero(-t * (a - b) + margin) for a, b, t in triples], inputs["first"].shape)


def siamese_contrastive(inputs, o, axis, element):
    margin = rounded(o["margin"], element)
    terms = [(1 - t) * p * p + t * above_zero(margin - p) ** 2 for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)


# Lists. An item whose target is below 0 is padding; a list of nothing else does not count.


def lists(inputs, axis, term, measure=lambda relevance: mpf(1)):
    prediction, target = inputs["prediction"], inputs["target"]
    terms, measures, excluded = [], [], []
    for row in prediction.rows(axis):
        there = [i for i in row if not target.data[i] < 0]
        scores, relevance = [prediction.data[i] for i in there], [target.data[i] for i in there]
        terms.append(term(scores, relevance) if there else mpf(0))
        measures.append(measure(relevance))
        excluded.append(not there)
    return Terms(terms, prediction.without(axis), measures, excluded)


def ordered_pairs(relevance):
    places = range(len(relevance))
    return [(i, j) for i in places for j in places if relevance[i] > relevance[j]]


def pair_count(relevance):
    return mpf(len(ordered_pairs(relevance)))


def falling(keys):
    """The places in falling order of their keys, equal ones as they stand."""
    return sorted(range(len(keys)), key=lambda i: (-keys[i], i))


def gain(relevance):
    return mpf(2) ** relevance - 1


def discount(rank):
    return log(1 + rank, 2)


def ideal(relevance, most=None):
    best = [gain(relevance[i]) for i in falling(relevance)][:most]
    return sum((g / discount(mpf(r)) for r, g in enumerate(best, 1)), mpf(0))


def ranknet(inputs, o, axis, element):
    sigma = mpf(float(o["sigma"]))
    weights = {"one": lambda a, b: 1, "difference": lambda a, b: a - b,
        "difference_of_squares": lambda a, b: a * a - b * b}[o["pair_weights"]]

    def term(s, r):
        return sum((weights(r[i], r[j]) * softplus(-sigma * (s[i] - s[j])) for i, j in ordered_pairs(r)), mpf(0))

    return lists(inputs, axis, term, pair_count)


def pairwise_hinge(inputs, o, axis, element):
    margin = rounded(o["margin"], element)

    def term(s, r):
        return sum((above_zero(margin - (s[i] - s[j])) for i, j in ordered_pairs(r)), mpf(0))

    return lists(inputs, axis, term, pair_count)


def ranking_softmax(inputs, o, axis, element):
    def term(s, r):
        if o["shares"] == "softmax":
            r = [exp(x) for x in log_softmax(r)]
        elif o["shares"] == "of_sum" and sum(r):
            r = [x / sum(r) for x in r]
        return -sum(x * y for x, y in zip(r, log_softmax(s)))

    return lists(inputs, axis, term)


def list_mle(inputs, o, axis, element):
    def term(s, r):
        s = [s[i] for i in falling(r)]
        return -sum(log_softmax(s[k:])[0] for k in range(len(s)))

    return lists(inputs, axis, term)


def lambda_loss(inputs, o, axis, element):
    sigma, mu, scheme = mpf(float(o["sigma"])), mpf(float(o["mu"])), o["weighting"]

    def term(s, r):
        most = ideal(r, o["k"])
        if not most:
            return mpf(0)
        order = falling(s)[: o["k"]]
        total = mpf(0)
        for a, i in enumerate(order, 1):
            for b, j in enumerate(order, 1):
                if not (r[i] > r[j] or scheme == "ndcg_loss1"):
                    continue
                change, far = abs(gain(r[i]) - gain(r[j])) / most, abs(a - b)
                ranks = abs(1 / discount(mpf(a)) - 1 / discount(mpf(b))) * change
                apart = abs(1 / discount(mpf(far)) - 1 / discount(mpf(far + 1))) * change if far else mpf(0)
                weight = {"lambda_rank": ranks, "ndcg_loss1": gain(r[i]) / most / discount(mpf(a)),
                    "ndcg_loss2": apart, "ndcg_loss2pp": mu * apart + ranks}[scheme]
                total += weight * softplus(-sigma * (s[i] - s[j]))
        return total / log(2) if o["base_two"] else total

    return lists(inputs, axis, term)


globals()["lambda"] = lambda_loss


def approx_ndcg(inputs, o, axis, element):
    temperature = mpf(float(o["temperature"]))

    def term(s, r):
        most = ideal(r)
        if not most:
            return mpf(0)
        ranks = [
            1 + sum(sigmoid((s[j] - s[i]) / temperature) for j in range(len(s)) if j != i)
            for i in range(len(s))]
        return 1 - sum(gain(x) / discount(rank) for x, rank in zip(r, ranks)) / most

    return lists(inputs, axis, term)


def neural_ndcg(inputs, o, axis, element):
    temperature = mpf(float(o["temperature"]))

    def term(s, r):
        most, n = ideal(r), len(s)
        if not most:
            return mpf(0)
        spread = [sum(abs(x - y) for y in s) for x in s]
        total = mpf(0)
        for rank in range(1, n + 1):
            row = log_softmax([((n + 1 - 2 * rank) * x - a) / temperature for x, a in zip(s, spread)])
            total += sum(exp(p) * gain(x) for p, x in zip(row, r)) / discount(mpf(rank))
        return 1 - total / most

    return lists(inputs, axis, term)
