"""The protocol of docs/Adapters.md, for adapters in Python: reading, writing and reducing.

An adapter names its losses with `@adapter.loss("huber", "delta")`: our name, then the options of
ours that it honours. Any other option must have its default, or the case is unsupported.
"""

import json
import math
import sys

import numpy as np

WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
TYPES = {"f32": np.float32, "f64": np.float64, "i64": np.int64, "bool": np.bool_}
DEFAULTS = {
    "absent": "counts", "activation": "none", "alpha": None, "base_two": False, "binary": False,
    "blank": 0, "bounded": "product", "class_weights": [], "classes": "all", "clip": 0,
    "clip_above": None, "counts_dense_weights": True, "elementwise": False, "epsilon": 0,
    "floor": None, "floor_at_zero": False, "from_logits": True, "full": False,
    "ignore_index": None, "infeasible": "infinity", "jaccard": False, "label_smoothing": 0,
    "log_input": False, "log_prediction": False, "log_target": False, "logarithmic": False,
    "negative_weight": 1, "offset": 1, "per": "all", "per_label": False, "positive_weight": 1,
    "positive_weights": [], "root_epsilon": 0, "smooth_denominator": None, "squared": False,
    "swap": False, "targets": "any",
}  # fmt: skip


class Unsupported(Exception):
    """The framework has no such loss, option, reduction or input."""


class Options(dict):
    """The options of a request; one that it does not name has its default."""

    def __missing__(self, name):
        if name not in DEFAULTS:
            raise Unsupported(f"no option {name}")
        return DEFAULTS[name]


class Call:
    """A request: `options`, `axis` (of the classes) and the reduction, with weight and mask."""

    def __init__(self, request):
        self.loss, self.options = request["loss"], Options(request["options"])
        self.axis, self.wanted = request["class_axis"], request["gradients"]
        self.dtype = TYPES[request["element"]]
        self.inputs = {role: self.read(t) for role, t in request["inputs"].items()}
        reduction = request["reduction"] or "mean"
        self.reduction = reduction if isinstance(reduction, dict) else {"kind": reduction}
        self.weight = self.mask = None

    def read(self, tensor):
        """An array in the element of the computation; whole numbers and truth values stay."""
        data = [WORDS[x] if isinstance(x, str) else x for x in tensor["data"]]
        kind = tensor["element"]
        array = np.array(data, TYPES[kind]).reshape(tensor["shape"])
        return array.astype(self.dtype) if kind in ("f32", "f64") else array

    @property
    def plain(self):
        """The kind of a reduction that is one word, of terms without weight and mask; else None."""
        extras = [self.reduction.get(key) for key in ("axes", "first", "keeps_axes")]
        alone = self.weight is None and self.mask is None and not any(extras)
        return self.reduction["kind"] if alone and not self.zero_for_nothing else None

    @property
    def zero_for_nothing(self):
        """Whether the mean of nothing shall be 0 and something may be left out."""
        removes = self.mask is not None or any(one.size == 0 for one in self.inputs.values())
        return self.reduction.get("when_empty") == "zero" and removes

    def only(self, *names):
        for name, value in self.options.items():
            if name not in names and (name not in DEFAULTS or value != DEFAULTS[name]):
                raise Unsupported(f"option {name}")

    def reduce(self, terms, xp):
        """What a user makes of unreduced terms; `xp` is the module of the framework's arrays."""
        kind, axes = self.reduction["kind"], self.reduction.get("axes")
        if self.zero_for_nothing:
            raise Unsupported("a mean of nothing that is 0")
        first = self.reduction.get("first")
        if first:
            if self.weight is not None or self.mask is not None:
                raise Unsupported("two stages with a weight or a mask")
            axis = tuple(first["axes"])
            terms = terms.mean(axis=axis) if first["kind"] == "mean" else terms.sum(axis=axis)
        where = {
            "axis": tuple(range(terms.ndim)) if axes is None else tuple(axes),
            "keepdims": self.reduction.get("keeps_axes", False),
        }
        weight = xp.ones_like(terms) if self.weight is None else self.weight * xp.ones_like(terms)
        if self.weight is not None:
            terms = weight * terms
        if self.mask is not None:
            zero = xp.zeros_like(terms)
            terms, weight = xp.where(self.mask, terms, zero), xp.where(self.mask, weight, zero)
        if kind == "none":
            return terms
        if terms.ndim == 0:
            where = {}
        if kind == "sum":
            return terms.sum(**where)
        if kind == "mean" and self.mask is None:
            return terms.mean(**where)
        if kind == "mean":
            return terms.sum(**where) / xp.where(self.mask, zero + 1, zero).sum(**where)
        if kind == "weighted_mean" and not self.options.get("class_weights"):
            return terms.sum(**where) / weight.sum(**where)
        if kind == "batch_mean" and self.mask is None and axes is None and terms.ndim:
            return terms.sum() / terms.shape[0]
        raise Unsupported(f"reduction {kind}")


class Adapter:
    """The losses of a framework.

    `differentiate(function, inputs, wanted)` calls `function` with the framework's arrays by role
    and returns its value and the gradients of the value's sum, as NumPy arrays.
    """

    def __init__(self, implementation, differentiate, xp):
        self.implementation, self.differentiate, self.xp = implementation, differentiate, xp
        self.losses = {}

    def loss(self, name, *options, reductions=()):
        """Registers a function `(call, reduction, **inputs)`.

        It returns the terms for the reduction "none". For a plain reduction that is among
        `reductions` it returns the framework's own result; without a list it always does.
        """

        def register(function):
            self.losses[name] = (function, options, reductions)
            return function

        return register

    def evaluate(self, call):
        if call.loss not in self.losses:
            raise Unsupported("the loss")
        function, options, reductions = self.losses[call.loss]
        call.only(*options)

        def run(**inputs):
            call.weight, call.mask = inputs.pop("weight", None), inputs.pop("mask", None)
            if reductions is None or call.plain in reductions:
                return function(call, call.plain, **inputs)
            return call.reduce(function(call, "none", **inputs), self.xp)

        if set(call.inputs) - roles(function) - {"weight", "mask"}:
            raise Unsupported("an input of another name")
        return self.differentiate(run, call.inputs, call.wanted)

    def answer(self, request):
        try:
            value, gradients = self.evaluate(Call(request))
        except Unsupported as reason:
            return {"unsupported": str(reason)}
        except (ValueError, RuntimeError, TypeError, IndexError, NotImplementedError) as error:
            if "derivative for" in str(error) and "not implemented" in str(error):
                return {"unsupported": "this gradient"}
            return {"error": {"message": f"{type(error).__name__}: {str(error)[:300]}"}}
        return {"value": write(value), "gradients": {r: write(g) for r, g in gradients.items()}}

    def serve(self):
        print(json.dumps({"protocol": 1, "implementation": self.implementation}), flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            print(json.dumps({"id": request["id"], **self.answer(request)}), flush=True)


def roles(function):
    """The roles that a function takes: its arguments after `call` and `reduction`."""
    code = function.__code__
    return set(code.co_varnames[2 : code.co_argcount])


def write(array):
    words = {math.inf: "inf", -math.inf: "-inf"}
    data = [float(x) for x in np.asarray(array).ravel()]
    data = ["nan" if x != x else words.get(x, x) for x in data]
    return {"shape": list(np.shape(array)), "data": data}
