"""Losses of PyTorch tensors, as an autograd function."""

import numpy as np
import torch

from . import _library
from ._library import FLOAT32, FLOAT64, LossError
from ._loss import _POOLED, _code, as_array
from ._plan import Plan

_CODES = {torch.float32: 1, torch.float64: 2, torch.int64: 3, torch.bool: 4, torch.float16: 5,
          torch.bfloat16: 6, torch.uint8: 7, torch.int8: 8, torch.int16: 9, torch.int32: 11}
_FLOATS = {FLOAT32: torch.float32, FLOAT64: torch.float64}
_HALVES = (_library.FLOAT16, _library.BFLOAT16)


def evaluate(loss, inputs, named, threads):
    """The value, a tensor that knows its gradient; as many threads as PyTorch has unless told otherwise."""
    names = ()
    if named:
        named = {name: value for name, value in named.items() if value is not None}
        settings = loss._settings(named, threads or torch.get_num_threads())
        names = tuple(named)
        inputs = inputs + tuple(named.values())
    else:
        settings = ((None, None, torch.get_num_threads(), None, None, None) if threads is None
                    else loss._settings({}, threads or torch.get_num_threads()))
    tensors = [x for x in inputs if isinstance(x, torch.Tensor)]
    # Numbers of Python have the precision of the tensors beside them.
    dtype = torch.float64 if any(x.dtype == torch.float64 for x in tensors) else torch.get_default_dtype()
    tensors = [x if isinstance(x, torch.Tensor) else _tensor(x, dtype) for x in inputs]
    # A view that negates lazily has other numbers in its memory.
    return _Evaluation.apply(loss, names, settings, *[x.resolve_neg() if x.is_neg() else x for x in tensors])


def _tensor(value, dtype):
    array = as_array(value)
    if _code(array.dtype) == _library.BFLOAT16:
        return torch.from_numpy(array.view(np.uint16)).view(torch.bfloat16)
    if array.dtype == np.float64 and not hasattr(value, "dtype"):
        return torch.from_numpy(array).to(dtype)
    # PyTorch has no negative strides.
    return torch.from_numpy(array.copy() if min(array.strides, default=0) < 0 else array)


def _make_value(code, shape):
    tensor = torch.empty(shape, dtype=_FLOATS[code])
    return tensor, tensor.data_ptr()


def _run(loss, names, settings, tensors, wanted, upstream=None):
    """The value, and the gradients of the inputs of these indices."""
    key = ("torch", wanted, settings, names,
           *[(x.dtype, x.shape, x.stride(), x.is_cpu) for x in tensors], upstream is not None)
    pool = loss._plans.get(key)
    try:
        plan = pool.pop()
    except (AttributeError, IndexError):
        plan = _plan(loss, names, settings, tensors, wanted, upstream)
        pool = loss._plans.setdefault(key, []) if len(loss._plans) < _POOLED else []
    pointers, slots = plan.pointers, plan.slots
    index = 0
    for tensor in tensors:
        pointers[slots[index]] = tensor.data_ptr()
        index += 1
    gradients = [torch.empty(shape, dtype=dtype) for shape, dtype in plan.outputs]
    for gradient in gradients:
        pointers[slots[index]] = gradient.data_ptr()
        index += 1
    if upstream is not None:
        upstream = upstream.resolve_neg().contiguous()
        pointers[slots[index]] = upstream.data_ptr()
    try:
        value = plan.run(loss._handle, _make_value)
    except LossError as error:
        loss.explain(error)
        raise
    pool.append(plan)
    return value, gradients


def _plan(loss, names, settings, tensors, wanted, upstream):
    memories = []
    for tensor in tensors:
        if tensor.device.type != "cpu":
            raise LossError(f"{loss.name}: a tensor is on {tensor.device}; expected the CPU.", "invalid_type",
                            loss.name, found=f"is on {tensor.device}")
        if tensor.dtype not in _CODES or tensor.layout != torch.strided:
            raise LossError(f"{loss.name}: a tensor has {tensor.dtype} and {tensor.layout}; expected numbers "
                            "in a strided layout.", "invalid_type", loss.name)
        size = tensor.element_size()
        strides = None if tensor.is_contiguous() else tuple(size * step for step in tensor.stride())
        memories.append((_CODES[tensor.dtype], tuple(tensor.shape), strides))
    words = [(*loss.arguments, *[""] * len(tensors))[i] for i in range(len(tensors) - len(names))] + list(names)
    inputs, gradients, indices = loss.prepared(memories, names, [words[i] for i in wanted])
    extra = None if upstream is None else (_CODES[upstream.dtype], tuple(upstream.shape), None)
    # A gradient that waits for its factor, such as that of a loss scale, is rounded to half after it.
    wide = [code in _HALVES and upstream is None for _, _, code in gradients]
    gradients = [(name, index, FLOAT32 if is_wide else code)
                 for (name, index, code), is_wide in zip(gradients, wide)]
    plan = Plan(inputs, gradients, settings, extra)
    plan.outputs = [(memories[index][1], torch.float32 if is_wide else tensors[index].dtype)
                    for index, is_wide in zip(indices, wide)]
    return plan


class _Evaluation(torch.autograd.Function):
    @staticmethod
    def forward(ctx, loss, names, settings, *tensors):
        wanted = tuple(i for i, needed in enumerate(ctx.needs_input_grad[3:]) if needed)
        value, gradients = _run(loss, names, settings, tensors, wanted)
        if wanted:
            ctx.save_for_backward(*tensors)
        is_number = isinstance(value, float)
        ctx.call = loss, names, settings, wanted, is_number
        # Those of a number wait for its factor; they are computed again if there are several passes.
        ctx.gradients = gradients if is_number else None
        return torch.scalar_tensor(value, dtype=_value_type(settings, tensors)) if is_number else value

    @staticmethod
    def backward(ctx, upstream):
        loss, names, settings, wanted, is_number = ctx.call
        tensors = ctx.saved_tensors
        with torch.no_grad():
            gradients, ctx.gradients = ctx.gradients, None
            if gradients is None:
                factors = None if is_number else upstream
                gradients = _run(loss, names, settings, tensors, wanted, factors)[1]
            if is_number:
                factor = upstream.item()
                if factor != 1:
                    for gradient in gradients:
                        gradient.mul_(factor)
                gradients = [gradient.to(tensors[index].dtype) for gradient, index in zip(gradients, wanted)]
        if torch.is_grad_enabled():  # with create_graph
            gradients = _Gradients.apply(loss.name, len(gradients), *gradients, upstream, *tensors)
        results = [None] * (len(ctx.needs_input_grad) - 3)
        for index, gradient in zip(wanted, gradients):
            results[index] = gradient
        return (None, None, None, *results)


class _Gradients(torch.autograd.Function):
    """Gradients as functions of the upstream gradient and the inputs, whose own gradients are refused."""

    @staticmethod
    def forward(ctx, name, count, *tensors):
        ctx.name = name
        return tuple(tensor.view_as(tensor) for tensor in tensors[:count])

    @staticmethod
    def backward(ctx, *_):
        raise LossError(f"{ctx.name}: a gradient of a gradient is not computed; expected one backward pass, "
                        "without create_graph.", "invalid_value", ctx.name)


def _value_type(settings, tensors):
    if settings[4] is not None:
        return torch.float64 if settings[4] == "f64" else torch.float32
    dtypes = [tensor.dtype for tensor in tensors]
    if torch.float64 in dtypes or not any(dtype.is_floating_point for dtype in dtypes):
        return torch.float64
    return torch.float32
