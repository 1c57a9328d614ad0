"""XGBoost and LightGBM with our objectives: the trees of their own where the formula is the same."""

import json

import numpy as np
import pytest

import losses
from losses.boosting import Objective

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")


def data(kind, rows=300):
    random = np.random.default_rng(18)
    x = random.normal(size=(rows, 4)).astype(np.float32)
    signal = x[:, 0] - 2 * x[:, 1] * (x[:, 2] > 0) + 0.3 * random.normal(size=rows)
    if kind == "binary":
        return x, (signal > 0).astype(np.float32)
    if kind == "classes":
        return x, np.digitize(signal, [-1, 1]).astype(np.float32)
    if kind == "counts":
        return x, random.poisson(np.exp(signal / 2)).astype(np.float32)
    return x, signal.astype(np.float32)


# Their objective, our loss, and what each of them calls the rest.
XGBOOST = [
    ("reg:squarederror", "numbers", dict(loss="mean_squared_error", scale=0.5), {}),
    ("binary:logistic", "binary", dict(loss="binary_cross_entropy", curvature="floored=1e-16"), {}),
    ("count:poisson", "counts", dict(loss="poisson_nll", curvature="exact,scaled=2.0137527074704766"),
     {"max_delta_step": 0.7}),  # theirs multiplies the curvature by exp(max_delta_step)
    ("multi:softprob", "classes", dict(loss="cross_entropy", curvature="exact,scaled=2,floored=1e-16"),
     {"num_class": 3}),
]


@pytest.mark.parametrize("name, kind, ours, parameters", XGBOOST, ids=[each[0] for each in XGBOOST])
def test_xgboost(name, kind, ours, parameters):
    x, y = data(kind)
    matrix = xgboost.DMatrix(x, y)
    objective = Objective(**ours)
    common = {"max_depth": 3, "nthread": 1, "tree_method": "exact", **parameters}
    # The base score is a prediction for theirs and a score for ours; zero is simple to say for both.
    base = {"binary:logistic": 0.5, "count:poisson": 1.0}.get(name, 0.0)
    theirs = xgboost.train({**common, "objective": name, "base_score": base}, matrix, 10)
    mine = xgboost.train({**common, "base_score": 0.0, "disable_default_eval_metric": True}, matrix, 10,
                         obj=objective.xgboost)
    expected = theirs.get_dump(dump_format="json")
    found = mine.get_dump(dump_format="json")
    assert len(found) == len(expected)
    for tree, other in zip(found, expected):
        same_tree(json.loads(tree), json.loads(other))


def same_tree(tree, other):
    assert tree.get("split") == other.get("split")
    if "leaf" in tree:
        assert tree["leaf"] == pytest.approx(other["leaf"], rel=2e-4, abs=2e-6)
        return
    assert tree["split_condition"] == other["split_condition"]
    for child, counterpart in zip(tree["children"], other["children"]):
        same_tree(child, counterpart)


LIGHTGBM = [
    ("regression", "numbers", dict(loss="mean_squared_error", scale=0.5, curvature="constant=2"), {}),
    ("binary", "binary", dict(loss="binary_cross_entropy"), {}),
    ("multiclass", "classes", dict(loss="cross_entropy", curvature="exact,scaled=1.5"), {"num_class": 3}),
]


@pytest.mark.parametrize("name, kind, ours, parameters", LIGHTGBM, ids=[each[0] for each in LIGHTGBM])
def test_lightgbm(name, kind, ours, parameters):
    x, y = data(kind)
    common = {"num_leaves": 8, "num_threads": 1, "verbose": -1, "boost_from_average": False,
              "deterministic": True, "min_data_in_leaf": 5, **parameters}
    theirs = lightgbm.train({**common, "objective": name}, lightgbm.Dataset(x, y), 10)
    mine = lightgbm.train({**common, "objective": Objective(**ours).lightgbm}, lightgbm.Dataset(x, y), 10)
    expected = theirs.dump_model()["tree_info"]
    found = mine.dump_model()["tree_info"]
    assert len(found) == len(expected)
    for tree, other in zip(found, expected):
        same_nodes(tree["tree_structure"], other["tree_structure"])


def same_nodes(node, other):
    assert node.get("split_feature") == other.get("split_feature")
    if "leaf_value" in node:
        assert node["leaf_value"] == pytest.approx(other["leaf_value"], rel=2e-4, abs=2e-6)
        return
    assert node["threshold"] == other["threshold"]
    same_nodes(node["left_child"], other["left_child"])
    same_nodes(node["right_child"], other["right_child"])


def test_derivatives_and_initial_score():
    objective = Objective("binary_cross_entropy")
    gradient, curvature = objective.derivatives(np.array([0.0, 0.0]), np.array([1.0, 0.0]))
    assert gradient.tolist() == [-0.5, 0.5] and curvature.tolist() == [0.25, 0.25]
    assert objective.initial_score([1.0, 0.0, 0.0, 0.0])[0] == pytest.approx(-np.log(3), rel=1e-12)
    with pytest.raises(losses.LossError) as refusal:
        Objective("dice")
    print(refusal.value)
    assert refusal.value.loss == "dice"
