"""The losses whose last bits ulp_table.py measures: inputs, what peers call them, parts that cancel."""

import numpy as np
from mpmath import exp, log, mpf, sqrt

from formulas.scalars import sigmoid

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    torch = F = None
try:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
except ImportError:
    jax = jnp = optax = None

TYPES = {"f32": np.float32, "f64": np.float64}


# Inputs: numbers of the element, by role.


def signs(rng, count):
    return rng.choice([-1.0, 1.0], count)


def spaced(low, high, count):
    """Log-spaced between two powers of ten."""
    return np.logspace(low, high, count)


def near(rng, place, element, count=200):
    """Numbers within a thousand ulp of a place, and further off by powers of two."""
    step = np.spacing(TYPES[element](place)).astype(float)
    steps = np.concatenate([rng.integers(1, 1000, count // 2), 2.0 ** rng.integers(0, 22, count // 2)])
    return place + step * steps * signs(rng, len(steps))


SATURATED = np.array([0.0, 20, -20, 50, -50, 90, -90, 700, -700, 1e4, -1e4])


def residuals(rng, element):
    target = rng.uniform(-10, 10, 2500)
    small = rng.uniform(-10, 10, 500)
    alone = np.concatenate(
        [
            signs(rng, 1000) * spaced(-16, 4, 1000),
            near(rng, 1, element),
            near(rng, -1, element),
            SATURATED[1:],
            [1e-4, -1e-4, 1e-10, -1e-10],
        ]
    )
    prediction = np.concatenate(
        [rng.uniform(-10, 10, 2500), small * (1 + 10.0 ** rng.uniform(-7, -1, 500)), alone]
    )
    return {"prediction": prediction, "target": np.concatenate([target, small, 0 * alone])}


def positives(rng, element):
    small, base = 10.0 ** rng.uniform(-12, 0, (2, 1000)), rng.uniform(0, 10, 500)
    prediction = np.concatenate(
        [rng.uniform(0, 10, 1000), 10.0 ** rng.uniform(-6, 6, 1000), small[0], base]
    )
    near_base = base * (1 + 10.0 ** rng.uniform(-6, -1, 500))
    target = np.concatenate(
        [rng.uniform(0, 10, 1000), 10.0 ** rng.uniform(-6, 6, 1000), small[1], near_base]
    )
    return {"prediction": prediction, "target": target}


def rates(rng, element):
    prediction = np.concatenate([10.0 ** rng.uniform(-10, 6, 2000), rng.uniform(0.1, 30, 1000)])
    target = np.concatenate([rng.integers(0, 1000, 2000), rng.poisson(prediction[2000:])]).astype(float)
    return {"prediction": prediction, "target": target}


def log_rates(rng, element):
    prediction = np.concatenate(
        [rng.uniform(-20, 10, 2000), rng.uniform(-80, 80, 500), signs(rng, 500) * spaced(-10, 1, 500)]
    )
    return {"prediction": prediction, "target": rng.integers(0, 200, 3000).astype(float)}


def scores(rng, element):
    kinks = np.concatenate([near(rng, 1, element), near(rng, -1, element)])
    spread = signs(rng, 1000) * spaced(-12, 2, 1000)
    return np.concatenate([rng.uniform(-30, 30, 2000), spread, kinks, SATURATED, SATURATED])


def labelled(low, high):
    """Scores with one of two labels."""

    def inputs(rng, element):
        prediction = scores(rng, element)
        target = np.where(rng.random(len(prediction)) < 0.5, low, high).astype(float)
        target[-len(SATURATED) :], target[-2 * len(SATURATED) : -len(SATURATED)] = high, low
        return {"prediction": prediction, "target": target}

    return inputs


def soft(inputs):
    """A fifth of the labels replaced with numbers between 0 and 1."""

    def softened(rng, element):
        given = inputs(rng, element)
        given["target"][::5] = rng.uniform(0, 1, len(given["target"][::5]))
        return given

    return softened


def probabilities(rng, element):
    last = -7 if element == "f32" else -15
    prediction = np.concatenate(
        [rng.uniform(0.001, 0.999, 1500), spaced(-37, -0.01, 750), 1 - spaced(last, -0.4, 750)]
    )
    return {"prediction": prediction, "target": rng.integers(0, 2, len(prediction)).astype(float)}


def distances(rng, element):
    prediction = np.abs(
        np.concatenate([rng.uniform(0, 3, 1500), spaced(-15, 3, 1000), near(rng, 1, element, 500)])
    )
    return {"prediction": prediction, "target": rng.integers(0, 2, len(prediction)).astype(float)}


def triples(rng, element):
    first, second = rng.uniform(-10, 10, (2, 3000))
    first[:1000] = second[:1000] + 0.5 * signs(rng, 1000) * (1 + 10.0 ** rng.uniform(-7, 0, 1000))
    return {"first": first, "second": second, "target": signs(rng, 3000)}


def logit_rows(width):
    def inputs(rng, element):
        spread = rng.choice([1e-6, 0.1, 1, 3, 10, 30, 100], (2000, 1))
        logits = np.concatenate(
            [spread * rng.normal(size=(2000, width)), rng.integers(-20, 20, (500, width))]
        )
        label = rng.integers(0, width, 2500)
        label[::2] = np.argmax(logits[::2], 1)
        corners = np.zeros((len(SATURATED), width))
        corners[:, 0] = SATURATED
        order = rng.permutation(2500)
        rows = np.concatenate([corners, logits[order]])
        return {
            "prediction": rows,
            "target": np.concatenate([0 * SATURATED, label[order]]).astype(np.int64),
        }

    return inputs


def distributions(width, log_prediction, log_target):
    def inputs(rng, element):
        a = rng.normal(size=(1500, width)) * rng.choice([0.1, 1, 3, 8], (1500, 1))
        b = rng.normal(size=(1500, width)) * rng.choice([0.1, 1, 3, 8], (1500, 1))
        b[::3] = a[::3] + 1e-3 * rng.normal(size=a[::3].shape)
        logs = [x - np.log(np.exp(x).sum(1, keepdims=True)) for x in (a, b)]
        p, t = (x if is_log else np.exp(x) for x, is_log in zip(logs, (log_prediction, log_target)))
        return {"prediction": p, "target": t}

    return inputs


def vectors(rng, element):
    a, b = rng.normal(size=(2, 1500, 8))
    b[::3] = a[::3] * (1 + 10.0 ** rng.uniform(-6, -1, (500, 1)) * rng.normal(size=(500, 8)))
    return {
        "prediction": a * 10.0 ** rng.uniform(-8, 8, (1500, 1)),
        "target": b * 10.0 ** rng.uniform(-8, 8, (1500, 1)),
    }


def normal(rng, element):
    """Predictions, targets and variances over many magnitudes."""
    given = residuals(rng, element)
    return given | {"variance": 10.0 ** rng.uniform(-5, 5, len(given["target"]))}


def soft_rows(width):
    """Logits with a distribution for a target, a third of them with classes of target 0."""

    def inputs(rng, element):
        logits = rng.choice([1e-6, 0.1, 1, 3, 10, 30, 100], (1500, 1)) * rng.normal(size=(1500, width))
        target = rng.dirichlet(np.ones(width), 1500)
        target[::3] *= rng.random((500, width)) < 0.5
        return {"prediction": logits, "target": target}

    return inputs


def labelled_rows(width):
    """Each class of a row with one of two labels."""

    def inputs(rng, element):
        logits = rng.choice([0.1, 1, 10, 100], (1500, 1)) * rng.normal(size=(1500, width))
        return {"prediction": logits, "target": rng.integers(0, 2, (1500, width)).astype(float)}

    return inputs


def probability_rows(width):
    """Rows that sum to 1, the true class anywhere from hardly likely to nearly certain."""

    def inputs(rng, element):
        given = logit_rows(width)(rng, element)
        scores = np.clip(given["prediction"], -6, 6)
        odds = np.exp(scores - scores.max(1, keepdims=True))
        return {"prediction": odds / odds.sum(1, keepdims=True), "target": given["target"]}

    return inputs


def triplets(rng, element):
    anchor, positive, negative = rng.normal(size=(3, 1500, 8))
    positive[::3] = anchor[::3] * (1 + 10.0 ** rng.uniform(-6, -1, (500, 1)))
    return {"anchor": anchor, "positive": positive, "negative": negative}


def couples(rng, element):
    given = vectors(rng, element)
    return {
        "first": given["prediction"],
        "second": given["target"],
        "target": signs(rng, len(given["target"])),
    }


# Parts that cancel: of a term, and of the derivative at a place of a row.


def divergence_parts(log_prediction, log_target):
    def parts(p, t):
        total = mpf(0)
        for x, y in zip(p, t):
            weight = exp(y) if log_target else y
            if log_prediction or log_target:
                total += weight * (
                    abs(y if log_target else log(y)) + abs(x if log_prediction else log(x))
                )
            else:
                total += weight * abs(log(y / x))
        return total

    return parts


def cosine_slope_parts(p, t, j):
    a, b = sqrt(sum(x * x for x in p)), sqrt(sum(y * y for y in t))
    cosine = sum(x * y for x, y in zip(p, t)) / a / b
    return (abs(t[j]) / b + abs(cosine * p[j]) / a) / a


def logit_row_parts(p, t, j):
    top = max(p)
    weights = [exp(x - top) for x in p]
    return weights[j] / sum(weights) * sum(t) + t[j]


def length(x, y):
    return sqrt(sum((a - b) ** 2 for a, b in zip(x, y)))


def logit_slope_parts(p, t):
    return (1 - t) * sigmoid(p) + t * sigmoid(-p)


class Loss:
    """A loss with its inputs, what peers call it, and the parts of its terms and derivatives."""

    def __init__(
        self,
        name,
        note,
        inputs,
        torch=None,
        jax=None,
        parts=None,
        slope_parts=None,
        parts_name="",
        slope=True,
        **options,
    ):
        self.name, self.note, self.inputs, self.options = name, note, inputs, options
        self.torch, self.jax, self.parts, self.slope_parts = torch, jax, parts, slope_parts
        self.parts_name, self.slope = parts_name, slope

    @property
    def title(self):
        return f"`{self.name}`" + (f", {self.note}" if self.note else "")


def margin_parts(a, b, t):
    return abs(a - b) + mpf("0.5")


LOSSES = [
    Loss("mean_absolute_error", "", residuals, lambda p, t: F.l1_loss(p, t, reduction="none")),
    Loss(
        "mean_squared_error",
        "",
        residuals,
        lambda p, t: F.mse_loss(p, t, reduction="none"),
        lambda p, t: optax.squared_error(p, t),
    ),
    Loss("mean_squared_logarithmic_error", "", positives),
    Loss(
        "huber",
        "",
        residuals,
        lambda p, t: F.huber_loss(p, t, reduction="none"),
        lambda p, t: optax.huber_loss(p, t),
    ),
    Loss("log_cosh", "", residuals, None, lambda p, t: optax.log_cosh(p, t)),
    Loss(
        "poisson_nll",
        "rates",
        rates,
        lambda p, t: F.poisson_nll_loss(p, t, log_input=False, eps=0, reduction="none"),
        None,
        lambda p, t: p + abs(t * log(p)),
        lambda p, t: 1 + t / p,
        "p + abs(t log p)",
    ),
    Loss(
        "poisson_nll",
        "logarithms",
        log_rates,
        lambda p, t: F.poisson_nll_loss(p, t, reduction="none"),
        None,
        lambda p, t: exp(p) + abs(t * p),
        lambda p, t: exp(p) + t,
        "exp p + abs(t p)",
        log_input=True,
    ),
    Loss(
        "binary_cross_entropy",
        "logits",
        soft(labelled(0, 1)),
        lambda p, t: F.binary_cross_entropy_with_logits(p, t, reduction="none"),
        lambda p, t: optax.sigmoid_binary_cross_entropy(p, t),
        None,
        logit_slope_parts,
    ),
    Loss(
        "binary_cross_entropy",
        "probabilities",
        soft(probabilities),
        lambda p, t: F.binary_cross_entropy(p, t, reduction="none"),
        None,
        None,
        lambda p, t: (1 - t) / (1 - p) + t / p,
        from_logits=False,
    ),
    Loss("hinge", "", labelled(-1, 1), None, lambda p, t: optax.hinge_loss(p, t)),
    Loss("squared_hinge", "", labelled(-1, 1)),
    Loss("soft_margin", "", labelled(-1, 1), lambda p, t: F.soft_margin_loss(p, t, reduction="none")),
    Loss(
        "binary_focal",
        "logits",
        labelled(0, 1),
        None,
        lambda p, t: optax.sigmoid_focal_loss(p, t, gamma=2.0),
    ),
    Loss(
        "margin_ranking",
        "margin ½",
        triples,
        lambda a, b, t: F.margin_ranking_loss(a, b, t, margin=0.5, reduction="none"),
        None,
        margin_parts,
        None,
        "abs(first - second) + margin",
        slope=False,
        margin=0.5,
    ),
    Loss("siamese_contrastive", "", distances),
    *(
        Loss(
            "cross_entropy",
            f"{width} logits",
            logit_rows(width),
            lambda p, t: F.cross_entropy(p, t, reduction="none"),
            lambda p, t: optax.softmax_cross_entropy_with_integer_labels(p, t),
        )
        for width in (2, 10)
    ),
    *(Loss("focal", f"{width} logits", logit_rows(width)) for width in (2, 10)),
    Loss(
        "kl_divergence",
        "probabilities",
        distributions(5, False, False),
        None,
        None,
        divergence_parts(False, False),
        None,
        "Σ t abs(log(t / p))",
    ),
    Loss(
        "kl_divergence",
        "logarithms and probabilities",
        distributions(5, True, False),
        lambda p, t: F.kl_div(p, t, reduction="none").sum(-1),
        lambda p, t: optax.kl_divergence(p, t),
        divergence_parts(True, False),
        None,
        "Σ t (abs(log t) + abs(log p))",
        log_prediction=True,
    ),
    Loss(
        "kl_divergence",
        "logarithms",
        distributions(5, True, True),
        lambda p, t: F.kl_div(p, t, reduction="none", log_target=True).sum(-1),
        lambda p, t: optax.losses.kl_divergence_with_log_targets(p, t),
        divergence_parts(True, True),
        None,
        "Σ t (abs(log t) + abs(log p))",
        log_prediction=True,
        log_target=True,
    ),
    Loss(
        "cosine_distance",
        "",
        vectors,
        lambda p, t: 1 - F.cosine_similarity(p, t, -1, eps=0),
        lambda p, t: optax.cosine_distance(p, t),
        lambda p, t: mpf(2),
        cosine_slope_parts,
        "2",
    ),
    Loss(
        "smooth_l1",
        "beta ½",
        residuals,
        lambda p, t: F.smooth_l1_loss(p, t, beta=0.5, reduction="none"),
        beta=0.5,
    ),
    Loss("quantile", "level 0.9", residuals, level=0.9),
    Loss("expectile", "level 0.9", residuals, level=0.9),
    Loss("mean_absolute_percentage_error", "", positives),
    Loss(
        "squared_epsilon_insensitive",
        "",
        residuals,
        parts=lambda p, t: (abs(p - t) + mpf("0.1")) ** 2,
        slope_parts=lambda p, t: 2 * (abs(p - t) + mpf("0.1")),
        parts_name="(abs(prediction - target) + epsilon)²",
    ),
    Loss("lp_distance", "p 1½", residuals, p=1.5),
    Loss("logit_distance", "", residuals),
    Loss("wing", "", residuals),
    Loss("gamma_deviance", "", positives),
    Loss("tweedie_deviance", "", positives),
    Loss("tweedie_deviance", "power 1.2", positives, power=1.2),
    Loss("periodic", "", residuals),
    Loss(
        "gaussian_nll",
        "",
        normal,
        lambda p, t, v: F.gaussian_nll_loss(p, t, v, reduction="none"),
        None,
        lambda p, t, v: (abs(log(v)) + (p - t) ** 2 / v) / 2,
        None,
        "½ (abs(log v) + (prediction - target)² / v)",
    ),
    Loss("smoothed_hinge", "", labelled(-1, 1)),
    Loss("modified_huber", "", labelled(-1, 1)),
    Loss("exponential", "", labelled(-1, 1)),
    Loss("sigmoid_margin", "", labelled(-1, 1)),
    Loss("dwd_margin", "", labelled(-1, 1)),
    Loss(
        "multilabel_soft_margin",
        "6 classes",
        labelled_rows(6),
        lambda p, t: F.multilabel_soft_margin_loss(p, t, reduction="none"),
    ),
    Loss(
        "cross_entropy",
        "10 logits, dense target",
        soft_rows(10),
        lambda p, t: F.cross_entropy(p, t, reduction="none"),
        lambda p, t: optax.softmax_cross_entropy(p, t),
        None,
        logit_row_parts,
    ),
    Loss("focal", "10 probabilities", probability_rows(10), from_logits=False),
    Loss("generalized_cross_entropy", "10 logits", logit_rows(10)),
    Loss(
        "poly_cross_entropy",
        "10 logits",
        logit_rows(10),
        None,
        lambda p, t: optax.losses.poly_loss_cross_entropy(p, jax.nn.one_hot(t, p.shape[-1]), epsilon=1.0),
    ),
    Loss("jensen_shannon", "", distributions(5, False, False)),
    Loss("generalized_kl_divergence", "", distributions(5, False, False)),
    Loss(
        "triplet_margin",
        "",
        triplets,
        lambda a, p, n: F.triplet_margin_loss(a, p, n, eps=0, reduction="none"),
        None,
        lambda a, p, n: length(a, p) + length(a, n) + 1,
        parts_name="both distances + margin",
        slope=False,
    ),
    Loss(
        "cosine_embedding",
        "",
        couples,
        lambda a, b, t: F.cosine_embedding_loss(a, b, t, reduction="none"),
        None,
        lambda a, b, t: mpf(2),
        parts_name="2",
        slope=False,
    ),
]
