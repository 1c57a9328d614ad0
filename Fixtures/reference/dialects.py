"""Flux.jl and Axon spellings: their formulas, class axes and reductions, as their code has them.

Flux counts axes from 1, keeps the axes that it reduces with extent 1, and averages everything by
default. Axon's default is one number for each sample. Its constants 1e-7 are Float32 numbers in any
computation.
"""

from mpmath import mpf

import formulas
from formulas.scalars import Terms, clipped, ln, pairs, power, xlogy
from reductions import reduce
from tensors import Tensor, machine, rounded

AXON_EPSILON = rounded(1e-7, "f32")
GREEK = {"δ": "delta", "ϵ": "eps", "β": "beta", "γ": "gamma"}


def own(name, inputs, axis, element, **options):
    return formulas.terms(name, inputs, options, axis, element)


# Flux.


def flux_eps(options, element):
    return rounded(options["eps"], element) if "eps" in options else machine(element)


def flux_axis(options, key="dims"):
    return int(options.get(key, 1)) - 1


def flux_msle(inputs, o, element):
    eps = flux_eps(o, element)
    return Terms([ln((p + eps) / (t + eps)) ** 2 for p, t in pairs(inputs)], inputs["prediction"].shape)


def flux_crossentropy(inputs, o, element):
    prediction, target = inputs["prediction"], inputs["target"]
    eps, axis = flux_eps(o, element), flux_axis(o)
    given = o.get("weight", 1)
    terms = []
    for row in prediction.rows(axis):
        w = given if isinstance(given, list) else [given] * len(row)
        terms.append(
            -sum(
                rounded(w[c], element) * xlogy(target.data[i], prediction.data[i] + eps)
                for c, i in enumerate(row)))
    return Terms(terms, prediction.without(axis))


def flux_binarycrossentropy(inputs, o, element):
    eps = flux_eps(o, element)
    terms = [-xlogy(t, p + eps) - xlogy(1 - t, 1 - p + eps) for p, t in pairs(inputs)]
    return Terms(terms, inputs["prediction"].shape)


def flux_kldivergence(inputs, o, element):
    axis = flux_axis(o)
    cross = flux_crossentropy(inputs, o, element)
    rows, target = inputs["prediction"].rows(axis), inputs["target"].data
    entropy = [sum(xlogy(target[i], target[i]) for i in row) for row in rows]
    return Terms([a + b for a, b in zip(entropy, cross.data)], cross.shape)


def flux_poisson_loss(inputs, o, element):
    return Terms([p - xlogy(t, p) for p, t in pairs(inputs)], inputs["prediction"].shape)


def flux_dice_coeff_loss(inputs, o, element):
    return own("dice", inputs, None, element, squared=True, smooth=o.get("smooth", 1))


def flux_tversky_loss(inputs, o, element):
    beta = rounded(o.get("beta", 0.7), element)
    hits = sum(t * p for p, t in pairs(inputs))
    bottom = sum(t * p + beta * (1 - t) * p + (1 - beta) * t * (1 - p) for p, t in pairs(inputs)) + 1
    return Terms([1 - (hits + 1) / bottom], [])


def flux_focal_loss(inputs, o, element):
    prediction, target = inputs["prediction"], inputs["target"]
    gamma, eps, axis = rounded(o.get("gamma", 2), element), flux_eps(o, element), flux_axis(o)
    terms = []
    for row in prediction.rows(axis):
        q = [prediction.data[i] + eps for i in row]
        terms.append(-sum(target.data[i] * power(1 - x, gamma) * ln(x) for i, x in zip(row, q)))
    return Terms(terms, prediction.without(axis))


def flux_logit_focal_loss(inputs, o, element):
    axis = flux_axis(o)
    return own("focal", inputs, axis, element, gamma=o.get("gamma", 2))


def flux_binary_focal_loss(inputs, o, element):
    eps = o["eps"] if "eps" in o else "machine"
    return own("binary_focal", inputs, None, element, gamma=o.get("gamma", 2), from_logits=False, epsilon=eps)


def flux_label_smoothing(inputs, o, element):
    binary = o.get("dims", 1) == 0
    return own("label_smoothing", inputs, 0, element, smoothing=o["alpha"], binary=binary)


def one_based(inputs):
    target = inputs["target"]
    return inputs | {"target": Tensor(target.shape, [x - 1 for x in target.data], target.element)}


def flux_sparse(inputs, o, element, from_logits):
    axis = flux_axis(o)
    return own("cross_entropy", one_based(inputs), axis, element, from_logits=from_logits)


def flux_ctc_loss(inputs, o, element):
    prediction = inputs["prediction"]
    classes, time = prediction.shape
    turned = [prediction.data[c * time + k] for k in range(time) for c in range(classes)]
    given = one_based(inputs) | {"prediction": Tensor([time, classes], turned)}
    return own("ctc", given, None, element, blank=-1)


def plain(name, **fixed):
    return lambda inputs, o, element: own(name, inputs, None, element, **fixed, **o)


FLUX = {
    "mae": plain("mean_absolute_error"),
    "mse": plain("mean_squared_error"),
    "msle": flux_msle,
    "huber_loss": plain("huber"),
    "label_smoothing": flux_label_smoothing,
    "crossentropy": flux_crossentropy,
    "logitcrossentropy": lambda i, o, e: own("cross_entropy", i, flux_axis(o), e),
    "binarycrossentropy": flux_binarycrossentropy,
    "logitbinarycrossentropy": plain("binary_cross_entropy"),
    "kldivergence": flux_kldivergence,
    "poisson_loss": flux_poisson_loss,
    "poisson": flux_poisson_loss,
    "hinge_loss": plain("hinge"),
    "hinge": plain("hinge"),
    "squared_hinge_loss": plain("squared_hinge"),
    "squared_hinge": plain("squared_hinge"),
    "dice_coeff_loss": flux_dice_coeff_loss,
    "tversky_loss": flux_tversky_loss,
    "binary_focal_loss": flux_binary_focal_loss,
    "focal_loss": flux_focal_loss,
    "siamese_contrastive_loss": plain("siamese_contrastive"),
    "ctc_loss": flux_ctc_loss,
    "softmax": lambda i, o, e: own("softmax", i, flux_axis(o), e),
    "sparsecrossentropy": lambda i, o, e: flux_sparse(i, o, e, False),
    "logitsparsecrossentropy": lambda i, o, e: flux_sparse(i, o, e, True),
    "logit_focal_loss": flux_logit_focal_loss,
    "margin_ranking_loss": plain("margin_ranking"),
}

KEEPS_CLASS_AXIS = {"crossentropy", "logitcrossentropy", "kldivergence", "focal_loss", "logit_focal_loss"}
NOT_REDUCED = {"label_smoothing", "softmax", "dice_coeff_loss", "tversky_loss", "ctc_loss"}


def flux(name, inputs, options, element):
    o = {GREEK.get(key, key): value for key, value in options.items()}
    agg, dims = o.pop("agg", "identity" if name in NOT_REDUCED else "mean"), o.pop("agg_dims", None)
    terms = FLUX[name](inputs, o, element)
    shape = list(terms.shape)
    if name in KEEPS_CLASS_AXIS:
        shape.insert(flux_axis(o), 1)
    reduction = {"kind": {"identity": "none"}.get(agg, agg)}
    if dims is not None:
        reduction |= {"axes": [dims - 1], "keeps_axes": True}
    return reduce(terms.data, shape, reduction, inputs.get("weight"), inputs.get("mask"))


# Axon.


def last_axis_mean(terms):
    if not terms.shape:
        return terms
    shape, data = reduce(terms.data, terms.shape, {"kind": "mean", "axes": [-1]})
    return Terms(data, shape)


def axon_binary_cross_entropy(inputs, o, element):
    if o.get("from_logits"):
        terms = own("binary_cross_entropy", inputs, None, element)
    else:
        low, high = AXON_EPSILON, rounded(1 - AXON_EPSILON, "f32")

        def term(p, t):
            q = clipped(p, low, high)
            return -(t * ln(q + low) + (1 - t) * ln(1 - q + low))

        terms = Terms([term(p, t) for p, t in pairs(inputs)], inputs["prediction"].shape)
    if "positive_weight" not in o and "negative_weight" not in o:
        return last_axis_mean(terms)
    factors = [rounded(o.get("negative_weight", 1), element), rounded(o.get("positive_weight", 1), element)]
    data = [factors[int(t)] * x for x, t in zip(terms.data, inputs["target"].data)]
    return Terms([sum(data) / len(data)], [])


def axon_categorical_cross_entropy(inputs, o, element):
    target = inputs["target"]
    if o.get("sparse") and target.shape[-1:] == [1] and target.rank == inputs["prediction"].rank:
        inputs = inputs | {"target": Tensor(target.shape[:-1], target.data, target.element)}
    options = {"from_logits": o.get("from_logits", False), "class_weights": o.get("class_weights", [])}
    return own("cross_entropy", inputs, -1, element, **options)


def axon_kl_divergence(inputs, o, element):
    low = AXON_EPSILON
    prediction, target = inputs["prediction"], inputs["target"]
    terms = []
    for row in prediction.rows(-1):
        p = [clipped(prediction.data[i], low, mpf(1)) for i in row]
        t = [clipped(target.data[i], low, mpf(1)) for i in row]
        terms.append(sum(y * ln(y / x) for x, y in zip(p, t)))
    return Terms(terms, prediction.without(-1))


def axon_poisson(inputs, o, element):
    terms = [p - t * ln(p + AXON_EPSILON) if t else p for p, t in pairs(inputs)]
    return last_axis_mean(Terms(terms, inputs["prediction"].shape))


def axon_soft_margin(inputs, o, element):
    terms = own("soft_margin", inputs, None, element)
    shape, data = reduce(terms.data, terms.shape, {"kind": "sum", "axes": [0]})
    return Terms(data, shape)


def axon_ctc(inputs, o, element):
    averages = o.get("reduction") == "mean"
    blank = o.get("blank", 0)
    return own("ctc", inputs, None, element, from_logits=False, blank=blank, per_label=averages)


def averaged(name, **fixed):
    return lambda inputs, o, element: last_axis_mean(own(name, inputs, None, element, **fixed))


def axon_cosine_similarity(inputs, o, element):
    return own("cosine_similarity", inputs, o.get("axes", [1])[0], element, epsilon=o.get("eps", 1e-6))


def axon_apply_label_smoothing(inputs, o, element):
    return own("label_smoothing", inputs, 1, element, smoothing=o.get("smoothing", 0.1))


AXON = {
    "mean_squared_error": averaged("mean_squared_error"),
    "mean_absolute_error": averaged("mean_absolute_error"),
    "binary_cross_entropy": axon_binary_cross_entropy,
    "categorical_cross_entropy": axon_categorical_cross_entropy,
    "categorical_hinge": lambda i, o, e: own("categorical_hinge", i, -1, e, floor_at_zero=True),
    "hinge": averaged("hinge"),
    "kl_divergence": axon_kl_divergence,
    "log_cosh": averaged("log_cosh"),
    "margin_ranking": lambda i, o, e: own("margin_ranking", i, None, e, margin=o.get("margin", 0)),
    "soft_margin": axon_soft_margin,
    "cosine_similarity": axon_cosine_similarity,
    "poisson": axon_poisson,
    "huber": lambda i, o, e: own("huber", i, None, e, delta=o.get("delta", 1)),
    "connectionist_temporal_classification": axon_ctc,
    "apply_label_smoothing": axon_apply_label_smoothing,
    "label_smoothing": axon_apply_label_smoothing,
}


def axon(name, inputs, options, element):
    terms = AXON[name](inputs, options, element)
    kind = options.get("reduction", "none")
    weighted = options.get("class_weights") and kind == "mean"
    return reduce(terms.data, terms.shape, "weighted_mean" if weighted else kind, measures=terms.measures)


# Transducers, under two names.


def transducer(inputs, options, element, **fixed):
    terms = own("rnnt", inputs, None, element, **fixed)
    return reduce(terms.data, terms.shape, options.get("reduction", "mean"))


def torchaudio(name, inputs, options, element):
    is_fused = options.get("fused_log_softmax", True)
    return transducer(inputs, options, element, blank=options.get("blank", -1), from_logits=is_fused)


def warprnnt_pytorch(name, inputs, options, element):
    return transducer(inputs, options, element, blank=options.get("blank", 0))
