"""Losses as objectives of gradient boosting, for XGBoost and LightGBM.

    objective = losses.boosting.Objective("poisson_nll", curvature="floored=1e-6")
    xgboost.train({"base_score": objective.initial_score(y)[0]}, data, obj=objective.xgboost)
    lightgbm.train({"objective": objective.lightgbm}, dataset)
"""

import ctypes

import numpy as np

from . import get
from ._library import FLOAT64, Tensor, Value, json_bytes, library, perform
from ._loss import Loss, _code, as_array


class Objective:
    """The gradient and the curvature of a loss with respect to raw scores, the sums of the trees.

    ``loss`` is a :class:`losses.Loss` or a name with ``options``; ``link``, ``curvature`` and ``scale`` are
    those of docs/Boosting.md.
    """

    def __init__(self, loss, *, link=None, curvature="exact", scale=1.0, **options):
        self.loss = loss if isinstance(loss, Loss) else get(loss, **options)
        settings = {"curvature": curvature, "scale": float(scale)}
        if link is not None:
            settings["link"] = link
        self._handle = ctypes.c_void_p()
        self._arguments = link, curvature, scale
        perform(library.losses_objective_make_v1, self.loss._handle, json_bytes(settings),
                ctypes.byref(self._handle))

    def __del__(self, release=library.losses_objective_release_v1):
        if getattr(self, "_handle", None):
            release(self._handle)

    def __reduce__(self):  # LightGBM copies its parameters
        return _remade, (self.loss, *self._arguments)

    def derivatives(self, scores, target, weight=None, *, threads=1):
        """The gradient and the curvature of each raw score: arrays of the shape of ``scores``."""
        scores, target = as_array(scores), as_array(target)
        outputs = [np.empty(scores.shape, np.float64 if scores.dtype == np.float64 else np.float32)
                   for _ in range(2)]
        with_weight = None if weight is None else as_array(weight)
        memory = [_tensor(each) for each in (scores, target, with_weight, *outputs)]
        perform(library.losses_objective_derivatives_v1, self._handle,
                *[None if each is None else ctypes.byref(each[0]) for each in memory], ctypes.c_int32(threads))
        return tuple(outputs)

    def initial_score(self, target, weight=None):
        """The constant scores that minimise the mean loss: one, or one for each class or output."""
        target, weight = as_array(target), None if weight is None else as_array(weight)
        scores, extents = np.empty(max(target.size, 1) + 1), ctypes.c_int64()
        value = Value(scores.ctypes.data, scores.size, FLOAT64, 0, 0, ctypes.addressof(extents), 1)
        memory = [_tensor(each) for each in (target, weight)]
        perform(library.losses_objective_initial_score_v1, self._handle,
                *[None if each is None else ctypes.byref(each[0]) for each in memory], ctypes.byref(value))
        return scores[:value.count].copy()

    def xgboost(self, predictions, data):
        """The argument ``obj`` of ``xgboost.train``."""
        return self._of(predictions, data.get_label(), data.get_weight())

    def lightgbm(self, predictions, data):
        """The parameter ``objective`` of ``lightgbm.train``."""
        return self._of(predictions, data.get_label(), data.get_weight())

    def _of(self, predictions, labels, weights):
        weights = None if weights is None or len(weights) == 0 else np.asarray(weights, predictions.dtype)
        rows = len(labels)
        takes_rows = self.loss.description["signature"]["class_axis"] is not None
        shape = predictions.shape
        if takes_rows and predictions.ndim == 1:
            # LightGBM gives the scores of one class after the other.
            predictions = predictions.reshape(-1, rows).T
        if not takes_rows and predictions.ndim == 2 and predictions.shape[1] == 1:
            predictions = predictions[:, 0]
        if takes_rows:
            labels = np.asarray(labels).astype(np.int64)
        results = self.derivatives(predictions, np.asarray(labels), weights)
        if takes_rows and len(shape) == 1:
            return tuple(np.ascontiguousarray(each.T).reshape(shape) for each in results)
        return tuple(each.reshape(shape) for each in results)


def _remade(loss, link, curvature, scale):
    return Objective(loss, link=link, curvature=curvature, scale=scale)


def _tensor(array):
    """The array as a structure, and what it points to; None for None."""
    if array is None:
        return None
    extents, strides = ((ctypes.c_int64 * max(1, array.ndim))(*numbers)
                        for numbers in (array.shape, array.strides))
    return (Tensor(None, array.ctypes.data, _code(array.dtype), array.ndim, ctypes.addressof(extents),
                   ctypes.addressof(strides)), extents, strides)
