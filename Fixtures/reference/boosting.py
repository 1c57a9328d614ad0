#!/usr/bin/env python3
"""Compares objectives of gradient boosting with those of XGBoost, LightGBM and scikit-learn.

    python3 -m venv ENV
    ENV/bin/pip install xgboost-cpu==3.2.0 lightgbm==4.7.0 scikit-learn==1.9.1 numpy==2.4.6
    ENV/bin/python boosting.py ../../.build/debug/losses > ../../docs/measured/BoostingObjectives.md

Neither XGBoost nor LightGBM hands out the gradients of its own objectives, so they are read from trees:
a leaf with one row of weight 1 has the value -G / (H + lambda), and the model states H. In XGBoost a tree
of one leaf is trained for each row; LightGBM needs a split, so each row is trained beside others.
Where a framework replaces the leaf values afterwards (absolute error, quantile), G is taken from
XGBoost's base weight, which is that before, and from the values of LightGBM's inner node with two
weights of the second row. A list is trained as a whole, one leaf for each of its items. The functions of
scikit-learn are called.

Differences are absolute, or relative to numbers above 1.
"""
import datetime
import json
import math
import pathlib
import subprocess
import sys

import lightgbm
import numpy as np
import sklearn
import xgboost
from sklearn._loss import loss as half

PREFERENCES = dict(verbosity=-1, min_data_in_bin=1, feature_pre_filter=False, num_threads=1)


# --- what the frameworks compute ---------------------------------------------------------------


def xgboost_rows(parameters, scores, labels):
    """Gradient and curvature of each row, [row] or [row, class]."""
    rows = [xgboost_row(parameters, score, label) for score, label in zip(scores, labels)]
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


def xgboost_row(parameters, score, label):
    # A large lambda keeps the weight below max_delta_step, which count:poisson sets.
    penalty = 100.0
    margin = np.asarray([score], np.float32)
    data = xgboost.DMatrix(np.zeros((1, 1)), label=np.float32([label]), base_margin=margin)
    booster = xgboost.train(
        dict(tree_method="exact", max_depth=1, learning_rate=1.0, min_child_weight=0,
             reg_lambda=penalty, verbosity=0, base_score=0.5) | parameters, data, 1)
    trees = xgboost_trees(booster)
    curvature = np.array([tree["sum_hessian"][0] for tree in trees])
    gradient = -np.array([tree["base_weights"][0] for tree in trees]) * (curvature + penalty)
    single = np.ndim(score) == 0
    return (gradient[0], curvature[0]) if single else (gradient, curvature)


def xgboost_trees(booster):
    model = json.loads(bytes(booster.save_raw("json")))
    return model["learner"]["gradient_booster"]["model"]["trees"]


def xgboost_list(parameters, scores, relevance):
    """Gradient and curvature of each item of one list."""
    count = len(scores)
    features = np.arange(count, dtype=float).reshape(-1, 1)
    data = xgboost.DMatrix(
        features, label=relevance, qid=[0] * count, base_margin=np.float32(scores))
    booster = xgboost.train(
        dict(tree_method="exact", max_depth=count, learning_rate=1.0, min_child_weight=0, gamma=0,
             reg_lambda=0, verbosity=0, base_score=0.5) | parameters, data, 1)
    tree = xgboost_trees(booster)[0]
    leaves = booster.predict(xgboost.DMatrix(features), pred_leaf=True).ravel().astype(int)
    assert len(set(leaves)) == count, "an item shares its leaf"
    curvature = np.array([tree["sum_hessian"][leaf] for leaf in leaves])
    return -np.array([tree["base_weights"][leaf] for leaf in leaves]) * curvature, curvature


def lightgbm_trees(parameters, rows, weight):
    """The trees of a first row and others, which have this weight and another feature."""
    scores, labels = np.array([row[0] for row in rows], float), [row[1] for row in rows]
    features = np.array([[0.0]] + [[1.0]] * (len(rows) - 1))
    data = lightgbm.Dataset(
        features, label=labels, weight=[1] + [weight] * (len(rows) - 1), init_score=scores,
        params=PREFERENCES)
    booster = lightgbm.train(
        PREFERENCES | dict(
            num_leaves=2, min_data_in_leaf=0, min_sum_hessian_in_leaf=0, learning_rate=1.0,
            lambda_l2=0, boost_from_average=False) | parameters, data, 1)
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    assert all("left_child" in tree for tree in trees), (parameters, rows)
    return trees


def lightgbm_rows(parameters, scores, labels, others, renewed=False):
    """Gradient and curvature of each row; `others` gives the other rows for a score and a label."""
    gradients, curvatures = [], []
    for score, label in zip(scores, labels):
        rows = [(score, label)] + others(score, label)
        leaves = [tree["left_child"] for tree in lightgbm_trees(parameters, rows, 1)]
        curvature = np.array([leaf["leaf_weight"] for leaf in leaves])
        gradient = -np.array([leaf["leaf_value"] for leaf in leaves]) * curvature
        if renewed:
            # G + w G' for the weights 1 and 2 of the second row.
            sums = [-tree["internal_value"] * tree["internal_weight"]
                    for w in (1, 2) for tree in lightgbm_trees(parameters, rows, w)]
            gradient = np.array([2 * sums[0] - sums[1]])
        single = np.ndim(score) == 0
        gradients.append(gradient[0] if single else gradient)
        curvatures.append(curvature[0] if single else curvature)
    return np.array(gradients), np.array(curvatures)


def lightgbm_list(parameters, scores, relevance):
    count = len(scores)
    features = np.arange(count, dtype=float).reshape(-1, 1)
    data = lightgbm.Dataset(
        features, label=relevance, group=[count], init_score=scores, params=PREFERENCES)
    booster = lightgbm.train(
        PREFERENCES | dict(
            num_leaves=count, min_data_in_leaf=0, min_sum_hessian_in_leaf=0, learning_rate=1.0,
            lambda_l2=0, boost_from_average=False) | parameters, data, 1)
    found = {}

    def walk(node):
        if "left_child" in node:
            walk(node["left_child"])
            walk(node["right_child"])
        else:
            found[node["leaf_index"]] = node
    walk(booster.dump_model()["tree_info"][0]["tree_structure"])
    leaves = booster.predict(features, pred_leaf=True).ravel()
    assert len(set(leaves)) == count, "an item shares its leaf"
    curvature = np.array([found[leaf]["leaf_weight"] for leaf in leaves])
    return -np.array([found[leaf]["leaf_value"] for leaf in leaves]) * curvature, curvature


def lightgbm_start(parameters, labels):
    """The score that LightGBM starts from: the value of a tree that may not split."""
    data = lightgbm.Dataset(
        np.arange(len(labels), dtype=float).reshape(-1, 1), label=labels, params=PREFERENCES)
    booster = lightgbm.train(
        PREFERENCES | dict(min_data_in_leaf=len(labels), num_leaves=2) | parameters, data, 1)
    trees = booster.dump_model()["tree_info"]
    return [tree["tree_structure"]["leaf_value"] for tree in trees]


# --- what we compute -----------------------------------------------------------------------------


def ours(tool, case):
    arguments = [str(tool), "eval", case["loss"], nested(case["scores"]), nested(case["labels"])]
    for key, value in case.get("options", {}).items():
        arguments += ["--option", f"{key}={json.dumps(value)}"]
    arguments += ["--objective", case["policy"], "--json"]
    if "link" in case:
        arguments += ["--link", case["link"]]
    run = subprocess.run(arguments, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(arguments)}\n{run.stderr}")
    result = json.loads(run.stdout)
    factor = case.get("factor", 1)
    return (
        np.array(result["gradient"]) * factor, np.array(result["curvature"]) * factor,
        result["initial_score"])


def nested(values):
    return json.dumps(np.asarray(values).tolist())


def difference(a, b):
    a, b = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()
    return float(np.max(np.abs(a - b) / np.maximum(1, np.abs(b))))


# --- the cases -----------------------------------------------------------------------------------


def cases():
    random = np.random.default_rng(17)
    # Numbers of 32 bits, in which both frameworks hold scores and labels.
    scores = np.float32(random.normal(0, 1.5, 24)).astype(float)
    real = np.float32(scores + random.normal(0, 2, 24)).astype(float)
    counts = random.poisson(2, 24)
    amounts = np.float32(random.gamma(2, 1, 24)).astype(float)
    zeros = np.where(np.arange(24) % 3 == 0, 0, amounts)
    binary = random.integers(0, 2, 24)
    soft = np.float32(random.uniform(0, 1, 24)).astype(float)
    rows = np.float32(random.normal(0, 1.5, (24, 4))).astype(float)
    classes = np.concatenate([np.arange(4), random.integers(0, 4, 20)])
    items = np.float32(random.normal(0, 1, 7)).astype(float)
    relevance = np.array([0, 2, 1, 0, 3, 1, 2])
    step = math.exp(0.7)

    squared = dict(loss="mean_squared_error", factor=0.5, scores=scores, labels=real)
    logistic = dict(loss="binary_cross_entropy", scores=scores, labels=binary)
    poisson = dict(loss="poisson_nll", scores=scores, labels=counts)
    gamma = dict(loss="gamma_deviance", factor=0.5, scores=scores, labels=amounts)
    tweedie = dict(loss="tweedie_deviance", factor=0.5, options=dict(power=1.5),
                   scores=scores, labels=zeros)
    softmax = dict(loss="cross_entropy", scores=rows, labels=classes)
    absolute = dict(loss="mean_absolute_error", scores=scores, labels=real)
    quantile = dict(loss="quantile", options=dict(level=0.9), scores=scores, labels=real)
    lists = dict(loss="lambda", scores=[items], labels=[relevance])
    pairs = dict(loss="ranknet", scores=[items], labels=[relevance])

    def by_xgboost(objective, case, policy, note="", **parameters):
        found = xgboost_rows(
            dict(objective=objective) | parameters, case["scores"], case["labels"])
        named = "".join(f", {k} {v:g}" for k, v in parameters.items() if k != "num_class")
        return case | dict(by="XGBoost", objective=objective + named, policy=policy, note=note,
                           found=found)

    def by_lightgbm(objective, case, policy, others, note="", renewed=False, **parameters):
        found = lightgbm_rows(
            dict(objective=objective) | parameters, case["scores"], case["labels"], others, renewed)
        start = lightgbm_start(dict(objective=objective) | parameters, case["labels"])
        named = "".join(f", {k} {v:g}" for k, v in parameters.items() if k != "num_class")
        return case | dict(by="LightGBM", objective=objective + named, policy=policy, note=note,
                           found=found, start=start)

    def by_sklearn(loss, case, policy, note="", **others):
        labels = np.asarray(case["labels"], float)
        found = loss.gradient_hessian(labels, np.asarray(case["scores"], float))
        start = np.atleast_1d(loss.fit_intercept_only(labels))
        return case | others | dict(
            by="scikit-learn", objective=type(loss).__name__, policy=policy, note=note, found=found,
            start=start)

    yield by_xgboost("reg:squarederror", squared, "exact", "half")
    yield by_xgboost("reg:squaredlogerror", dict(
        loss="mean_squared_logarithmic_error", factor=0.5, link="identity",
        scores=amounts[::-1], labels=amounts), "floored=2e-6", "half; floor 1e-6 of the half")
    yield by_xgboost("reg:absoluteerror", absolute, "constant=1", "constant")
    yield by_xgboost("reg:quantileerror", quantile, "constant=1", "constant", quantile_alpha=0.9)
    yield by_xgboost("binary:logistic", logistic, "floored=1e-16", "floor 1e-16")
    yield by_xgboost("binary:logistic", logistic | dict(options=dict(positive_weight=3)),
                     "floored=1e-16", "floor 1e-16", scale_pos_weight=3)
    yield by_xgboost("multi:softprob", softmax, "exact,scaled=2,floored=1e-16",
                     "twice the second derivative, floor 1e-16", num_class=4)
    yield by_xgboost("count:poisson", poisson, f"exact,scaled={step!r}",
                     "exp(max_delta_step), 0.7 by default")
    yield by_xgboost("reg:gamma", gamma, "exact", "half")
    yield by_xgboost("reg:tweedie", tweedie, "exact", "half", tweedie_variance_power=1.5)
    for name, case in [("rank:ndcg", lists), ("rank:pairwise", pairs)]:
        yield case | dict(
            by="XGBoost", objective=f"{name}, all pairs, no normalisation",
            policy="exact,scaled=2", note="twice the second derivative",
            found=xgboost_list(dict(
                objective=name, lambdarank_pair_method="topk",
                lambdarank_num_pair_per_sample=len(items), lambdarank_normalization=False,
                lambdarank_score_normalization=False), items, relevance))

    yield by_lightgbm("regression", squared, "exact", lambda s, y: [(0, 9)], "half")
    yield by_lightgbm("regression_l1", absolute, "constant=1",
                      lambda s, y: [(0, 9 if s > y else -9)], "constant; leaves renewed", True)
    yield by_lightgbm("quantile", quantile, "constant=1",
                      lambda s, y: [(0, 9 if s > y else -9)], "constant; leaves renewed", True,
                      alpha=0.9)
    yield by_lightgbm("huber", dict(
        loss="huber", options=dict(delta=0.9), scores=scores, labels=real), "constant=1",
        lambda s, y: [(0, 9 if s > y else -9)], "constant", alpha=0.9)
    yield by_lightgbm("binary", logistic, "exact", lambda s, y: [(s, 1 - y)])
    yield by_lightgbm("cross_entropy", dict(
        loss="binary_cross_entropy", scores=scores, labels=soft), "exact",
        lambda s, y: [(s, (y + 0.5) % 1)])
    yield by_lightgbm("multiclass", softmax, f"exact,scaled={4 / 3!r}",
                      lambda s, y: [(s, k) for k in range(4) if k != y],
                      "K / (K - 1) times the second derivative", num_class=4)
    yield by_lightgbm("poisson", poisson, f"exact,scaled={step!r}",
                      lambda s, y: [(s, y + 9)],
                      "exp(poisson_max_delta_step), 0.7 by default")
    yield by_lightgbm("gamma", gamma, "exact", lambda s, y: [(s, 2 * y)], "half")
    yield by_lightgbm("tweedie", tweedie, "exact", lambda s, y: [(s, y + math.exp(s))], "half",
                      tweedie_variance_power=1.5)
    yield lists | dict(
        by="LightGBM", objective="lambdarank, no normalisation", policy="exact", note="",
        found=lightgbm_list(dict(
            objective="lambdarank", lambdarank_norm=False, sigmoid=1,
            lambdarank_truncation_level=len(items)), items, relevance))

    yield by_sklearn(half.HalfSquaredError(), squared, "exact", "half")
    yield by_sklearn(half.AbsoluteError(), absolute, "constant=1", "constant")
    yield by_sklearn(half.PinballLoss(quantile=0.9), quantile, "constant=1", "constant")
    yield by_sklearn(half.HuberLoss(quantile=0.9, delta=0.9), dict(
        loss="huber", options=dict(delta=0.9), scores=scores, labels=real), "exact",
        "initial score: one step from the median there")
    yield by_sklearn(half.HalfBinomialLoss(), logistic, "exact")
    yield by_sklearn(half.HalfMultinomialLoss(n_classes=4), softmax, "exact",
                     "its scores sum to 0, ours are logarithms of shares")
    yield by_sklearn(half.HalfPoissonLoss(), poisson, "exact")
    yield by_sklearn(half.HalfGammaLoss(), gamma, "exact", "half")
    yield by_sklearn(half.HalfTweedieLoss(power=1.5), tweedie, "exact", "half")


CONVENTIONS = """
## Differences of convention

- **Half**: the squared error and the deviances are halved there. Newton steps are the same but for λ.
- **Constant**: where the second derivative is 0, the curvature is 1. XGBoost (absolute, quantile error) and LightGBM (`regression_l1`, `quantile`) then set each leaf to a quantile of its residuals (*leaves renewed*); that is the framework's part, not the objective's. LightGBM's `huber` has the curvature 1 although it is 0 for outliers here.
- **Softmax**: XGBoost gives twice the second derivative, LightGBM K / (K - 1) times, scikit-learn once. Class scores that differ by a constant are the same probabilities; scikit-learn's initial scores sum to 0, ours and LightGBM's are logarithms of shares.
- **Poisson**: the curvature is exp(score + 0.7), with `max_delta_step` and `poisson_max_delta_step` 0.7 by default, in place of exp(score).
- **Floors**: 1e-16 for XGBoost's logistic and softmax, 1e-6 for its squared logarithmic error. A floor is times the weight of the row, here as there.
- **Ranking**: XGBoost gives twice the curvature. Both frameworks normalise the gradients of a list by default and LightGBM divides by the distance of two scores; neither is an objective here. LightGBM takes the sigmoid from a table, hence 1e-06.
- **Inner nodes** of LightGBM, from which the gradients of leaves that are renewed are read, are printed with six digits, hence 1e-06.
- **Quantile, initial score**: LightGBM and scikit-learn interpolate between two targets; here it is the minimiser, or the middle of the minimisers.
- **Huber, initial score**: LightGBM starts from the mean, scikit-learn takes one step from the median; here it is the minimiser.
- **Pseudo-Huber** (`reg:pseudohubererror`) is no loss here by name; LossBoostingTests compares that of a closure, which agrees to 1e-7.
- **Labels**: 0 and 1 for `binary_cross_entropy`, as there; the margin losses take -1 and +1.
"""


def main(tool):
    print(f"<!-- Measured by Fixtures/reference/boosting.py on {datetime.date.today()}. Do not edit. -->")
    print(f"""
# Objectives of gradient boosting against the frameworks

Gradient and curvature of raw scores, row by row: 24 rows with scores around 0, or a list of 7 items. XGBoost {xgboost.__version__} and LightGBM {lightgbm.__version__} compute in 32 bits, and theirs are read from trees of one row; scikit-learn {sklearn.__version__} computes in 64. Differences are the largest, absolute or relative to numbers above 1. *Half*: the loss here is twice that objective, so the figures are of a half (`scale: 0.5`, or weights of ½). *Initial score*: the largest difference of the constants that boosting starts from. [Boosting](../Boosting.md) explains the policies.

| framework | objective | loss here | policy | gradient | curvature | initial score | convention |
|---|---|---|---|---:|---:|---:|---|""")
    for case in cases():
        gradient, curvature, start = ours(tool, case)
        found_gradient, found_curvature = case["found"]
        options = ", ".join(f"{k} {json.dumps(v)}" for k, v in case.get("options", {}).items())
        link = f", link {case['link']}" if "link" in case else ""
        policy = case["policy"].replace(repr(math.exp(0.7)), "e^0.7").replace(repr(4 / 3), "4/3")
        cells = [
            case["by"], f"`{case['objective']}`",
            f"`{case['loss']}`" + (f", {options}" if options else "") + link, f"`{policy}`",
            f"{difference(gradient, found_gradient):.0e}",
            "" if found_curvature is None else f"{difference(curvature, found_curvature):.0e}",
            "" if case.get("start") is None or start is None
            else f"{difference(start, case['start']):.0e}", case["note"]]
        print("| " + " | ".join(cells) + " |", flush=True)
    print(CONVENTIONS)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
