"""Losses of NumPy arrays and of PyTorch tensors."""

import ctypes
import inspect
import keyword
import operator
import sys

import numpy as np

from . import _library
from ._library import ELEMENTS, FLOAT32, FLOAT64, LossError, Registry, json_bytes, library, perform, text
from ._plan import REAL, Plan, setting_bytes

_CODES = {np.dtype(name): code for name, code in {
    "f4": 1, "f8": 2, "i8": 3, "?": 4, "f2": 5, "u1": 7, "i1": 8, "i2": 9, "u2": 10, "i4": 11,
    "u4": 12}.items()}
_FLOATS = {FLOAT32: np.dtype("f4"), FLOAT64: np.dtype("f8")}
_SETTINGS = ("reduction", "class_axis", "threads", "checks", "element", "group")
_POOLED = 64
_ndarray = np.ndarray
_empty = np.empty
# The address of an array three times as fast as from the array interface, where it can be had: not of
# constant arrays, of those with gaps, of empty ones and of bfloat16.
_from_buffer = ctypes.c_char.from_buffer
_addressof = ctypes.addressof


def _code(dtype):
    """The element type of an array; None for one that the library does not read."""
    code = _CODES.get(dtype)
    if code is None and dtype.name == "bfloat16":  # ml_dtypes, which need not be installed
        code = _CODES[dtype] = _library.BFLOAT16
    return code


def _element(element):
    """The library's name of a type that NumPy or PyTorch names, such as ``np.float32``."""
    if element is None or isinstance(element, str) and element in ELEMENTS:
        return element
    try:
        name = np.dtype(str(element).removeprefix("torch.") if _is_torch_type(element) else element).name
    except TypeError:
        name = str(element)
    return {"float32": "f32", "float64": "f64"}.get(name, name)


def _integer(name, value):
    """A setting that is a whole number, or None."""
    try:
        value = None if value is None else operator.index(value)
    except TypeError:
        raise LossError(f"{name} is {value!r}; expected an integer.", "invalid_option", subject=name,
                        found=f"is {value!r}", expected="an integer") from None
    if name == "threads" and value is not None and value < 0:
        raise LossError(f"threads is {value}; expected a number from 1 on.", "invalid_option", subject=name,
                        found=f"is {value}", expected="a number from 1 on")
    return value


def as_array(value):
    """An array of numbers that the library reads, without a copy if there is one."""
    if value is None:
        raise LossError("an input is None; expected numbers.", "invalid_type", found="is None")
    if isinstance(value, np.ma.MaskedArray):
        raise LossError("an input is a masked array; expected an array, and the input mask, which is true for "
                        "what counts: mask=~numpy.ma.getmaskarray(x).", "invalid_type", found="is a masked array")
    if not isinstance(value, np.ndarray):
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array_interface__"):
            try:
                value = np.from_dlpack(value)
            except (TypeError, RuntimeError, BufferError):
                value = np.asarray(value)
        else:
            try:
                value = np.asarray(value)
            except ValueError as error:
                raise LossError(f"an input is not an array of numbers; expected lists of equal lengths: {error}.",
                                "invalid_type") from None
    if _code(value.dtype) is None:
        kind, given = value.dtype.kind, value.dtype
        if kind in "fiu" and value.dtype.newbyteorder("=") in _CODES:
            return value.astype(value.dtype.newbyteorder("="))
        if kind == "u" and (value.size == 0 or value.max() < 1 << 63):
            return value.astype(np.int64)
        raise LossError(f"an input has elements of type {given}; expected floating point of 16 to 64 bits, "
                        "integers or booleans.", "invalid_type", found=f"has type {given}")
    return value


def is_torch(value):
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _is_torch_type(value):
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.dtype)


def _any_torch(inputs, named):
    return "torch" in sys.modules and (
        any(map(is_torch, inputs)) or bool(named) and any(map(is_torch, named.values())))


def _make_value(code, shape):
    array = np.empty(shape, _FLOATS[code])
    return array, array.__array_interface__["data"][0]


class Loss:
    """A loss with its options, made by :func:`losses.get`.

    ``loss(prediction, target)`` is the value, ``loss.value_and_grad(prediction, target)`` that and the
    gradient. Inputs are arrays of NumPy, tensors of PyTorch, anything with DLPack or the array interface,
    or lists; by position in the order of the name's framework, or by name. A value without axes is a
    ``float``; a value of PyTorch tensors is a tensor, through which ``backward()`` works.

    Keywords of each call: ``weight`` and ``mask`` (arrays), ``reduction``, ``class_axis``, ``threads``,
    ``checks`` ("all", "data", "none"), ``element`` ("f32", "f64", or a type of NumPy or PyTorch) and ``group``, a
    :class:`losses.distributed.Group`.
    """

    def __init__(self, name, options, registry, reduction=None, class_axis=None):
        self.name, self.options = name, dict(options)
        self._registry, self._reduction, self._class_axis = registry, reduction, class_axis
        self._handle = ctypes.c_void_p()
        axis = None if class_axis is None else ctypes.byref(ctypes.c_int64(class_axis))
        perform(library.losses_make_v1, registry.pointer, name.encode(), json_bytes(self.options),
                setting_bytes(reduction), axis, ctypes.byref(self._handle))
        self.description = text(library.losses_loss_describe_v1, self._handle)
        self.arguments = tuple(self.description["arguments"])
        inputs = self.description["signature"]["inputs"]
        differentiable = [each["role"] for each in inputs if each["differentiable"]]
        self._default_wrt = differentiable[0] if differentiable else None
        self._roles = {}
        spelling = text(library.losses_describe_v1, registry.pointer, name.encode()).get("spelling")
        for argument in (spelling or {}).get("arguments", []) + (spelling or {}).get("input_names", []):
            for word in argument["names"]:
                self._roles[word] = argument["role"]
        options = (spelling["options"] + spelling["dialect"]["options"]) if spelling else []
        self._option_names = {word for option in options for word in option["names"]}
        self._plans = {}

    def __del__(self, release=library.losses_release_v1):
        if getattr(self, "_handle", None):
            release(self._handle)

    def __repr__(self):
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"losses.get({self.name!r}{options})"

    def __reduce__(self):
        return _remade, (self.name, self.options, self._registry.plugins, self._reduction, self._class_axis)

    def __call__(self, *inputs, threads=None, **named):
        """The value of the loss."""
        for x in inputs:
            if type(x) is not _ndarray:
                break
        else:
            if not named:
                return self._evaluate(inputs, None, (), threads)[0]
        if _any_torch(inputs, named):
            from ._torch import evaluate
            return evaluate(self, inputs, named, threads)
        return self._evaluate(tuple(map(as_array, inputs)), named, (), threads)[0]

    def value_and_grad(self, *inputs, wrt=None, threads=None, **named):
        """The value and the gradient with respect to ``wrt``: the name of an input, by default the
        prediction (or anchor …) whatever the order of the arguments; for a list of names a dictionary."""
        if _any_torch(inputs, named):
            raise LossError("value_and_grad takes arrays; for tensors of PyTorch call the loss, and backward().",
                            "invalid_type")
        if wrt is None:
            wrt = self._default_wrt
        is_single = wrt is None or isinstance(wrt, str)
        inputs = tuple([x if type(x) is _ndarray else as_array(x) for x in inputs])
        value, gradients = self._evaluate(inputs, named, (wrt,) if is_single else tuple(wrt), threads)
        return value, gradients[0] if is_single else dict(zip(wrt, gradients))

    def _settings(self, named, threads):
        """The settings of a call, taken out of its keywords."""
        reduction = named.pop("reduction", None)
        if reduction is not None and not isinstance(reduction, str):
            reduction = json_bytes(reduction).decode()
        checks = named.pop("checks", None)
        return (reduction, _integer("class_axis", named.pop("class_axis", None)),
                _integer("threads", threads) or 1, checks if checks is None else str(checks),
                _element(named.pop("element", None)), named.pop("group", None))

    _PLAIN = (None, None, 1, None, None, None)

    def _evaluate(self, inputs, named, wanted, threads):
        """The value and the gradients of inputs of which those by position are arrays."""
        names = None
        if named:
            named = {name: value for name, value in named.items() if value is not None}
            settings = self._settings(named, threads)
            names = tuple(named)
            inputs = inputs + tuple(map(as_array, named.values()))
        else:
            settings = self._PLAIN if threads is None or threads == 1 else self._settings({}, threads)
        if len(inputs) == 2:
            a, b = inputs
            key = (wanted, settings, names, a.dtype, a.shape, a.strides, b.dtype, b.shape, b.strides)
        else:
            key = (wanted, settings, names, *[(a.dtype, a.shape, a.strides) for a in inputs])
        pool = self._plans.get(key)
        if pool:
            try:
                plan = pool.pop()
            except IndexError:  # taken by another thread
                plan = None
        else:
            plan = None
        if plan is None:
            arrays = tuple(map(as_array, inputs))
            plan = self._plan(arrays, names or (), wanted, settings)
            # A plan of converted arrays is not that of the next call, and one of a group keeps it alive.
            is_kept = (plan.group is None and len(self._plans) < _POOLED
                       and all(x is y for x, y in zip(arrays, inputs)))
            pool, inputs = self._plans.setdefault(key, []) if is_kept else [], arrays
        pointers, slot = plan.pointers, Plan.FIRST
        for array in inputs:
            try:
                pointers[slot] = _addressof(_from_buffer(array))
            except (TypeError, ValueError, BufferError):
                pointers[slot] = array.__array_interface__["data"][0]
            slot += Plan.STEP
        gradients = [_empty(shape, dtype) for shape, dtype in plan.outputs]
        for gradient in gradients:
            try:
                pointers[slot] = _addressof(_from_buffer(gradient))
            except (TypeError, ValueError, BufferError):
                pointers[slot] = gradient.__array_interface__["data"][0]
            slot += Plan.STEP
        try:
            value = plan.run(self._handle, _make_value)
        except LossError as error:
            self.explain(error)
            raise
        pool.append(plan)
        return value, gradients

    def explain(self, error):
        """Says of an option that was given as an input where it belongs."""
        if error.code == "unknown_input" and error.subject in self._option_names:
            error.hint = f"It is an option: losses.get({self.name!r}, {error.subject}=...)."
            error.args = (f"{error} {error.hint}",)

    def _plan(self, arrays, names, wanted, settings):
        codes = [_code(array.dtype) for array in arrays]
        inputs, gradients, indices = self.prepared(
            [(code, array.shape, array.strides) for code, array in zip(codes, arrays)], names, wanted)
        plan = Plan(inputs, gradients, settings)
        plan.outputs = [
            (arrays[index].shape, arrays[index].dtype if codes[index] in REAL else _FLOATS[code])
            for index, (_, _, code) in zip(indices, gradients)]
        return plan

    def prepared(self, memories, names, wanted):
        """The inputs and gradients of a plan for memories (code, shape, strides), the last of which have
        names; and the indices of the inputs of the gradients."""
        positional = len(memories) - len(names)
        words = list(self.arguments[:positional]) + [""] * (positional - len(self.arguments)) + list(names)
        roles = [self._roles.get(word, word) for word in words]
        for index, role in enumerate(roles):
            if role and role in roles[:index]:
                raise LossError(f"{self.name}: {role} is given twice; expected each input once.", "unknown_input",
                                self.name, role, found="is given twice", expected="each input once")
        inputs = [(None if index < positional else words[index].encode(), *memory)
                  for index, memory in enumerate(memories)]
        codes = [memory[0] for memory in memories]
        computed = FLOAT32 if FLOAT64 not in codes and any(code in REAL for code in codes) else FLOAT64
        gradients, indices = [], []
        for word in wanted:
            role = self._roles.get(word, word)
            if role not in roles:
                raise LossError(f"{self.name}: {word} is not given, so it has no gradient.", "unknown_input",
                                self.name, str(word))
            index = roles.index(role)
            indices.append(index)
            name = inputs[index][0] or words[index].encode()
            gradients.append((name, index, codes[index] if codes[index] in REAL else computed))
        return inputs, gradients, indices


def _remade(name, options, plugins, reduction, class_axis):
    return Loss(name, options, Registry(plugins), reduction, class_axis)


class LossFunction:
    """A loss as a function, ``losses.huber(prediction, target, delta=0.5)``, made from the registry."""

    def __init__(self, name, registry):
        self.description = text(library.losses_describe_v1, registry.pointer, name.encode())
        self.__name__ = self.__qualname__ = self._name = name
        self.__module__ = "losses"
        self.__doc__ = documentation(self.description)
        self._registry = registry
        self._options = {each["name"] for each in self.description["options"]}
        self._default = None
        self._losses = {}

    def __repr__(self):
        return f"<loss {self._name}>"

    @property
    def __signature__(self):
        return signature(self.description)

    def __call__(self, *inputs, **named):
        if not named:
            loss = self._default
            if loss is None:
                loss = self._loss({})
            return loss(*inputs)
        return self._loss(named)(*inputs, **named)

    def value_and_grad(self, *inputs, wrt=None, **named):
        """The value and the gradient with respect to ``wrt``: the name of an input, by default the
        prediction (or anchor …), or a list of names."""
        return self._loss(named).value_and_grad(*inputs, wrt=wrt, **named)

    def _loss(self, named):
        """The loss with the options among the keywords, which are taken out."""
        inputs = self.description["arguments"]
        options = {name: named.pop(name) for name in list(named)
                   if name in self._options or name not in inputs and name not in _SETTINGS
                   and name not in ("weight", "mask", "sample_weight")}
        if not options:
            if self._default is None:
                self._default = Loss(self._name, {}, self._registry)
            return self._default
        try:
            key = tuple(options.items())
            loss = self._losses.get(key)
        except TypeError:  # a list
            key = json_bytes(options)
            loss = self._losses.get(key)
        if loss is None:
            loss = Loss(self._name, options, self._registry)
            if len(self._losses) < 256:
                self._losses[key] = loss
        return loss


def signature(description):
    """The signature of a loss: its inputs, its options with their defaults, and the settings of a call."""
    parameter = inspect.Parameter
    optional = {each["role"] for each in description["signature"]["inputs"] if each["optional"]}
    parameters = []
    for name in description["arguments"]:
        if name.isidentifier():
            default = None if name in optional else parameter.empty
            parameters.append(parameter(name, parameter.POSITIONAL_OR_KEYWORD, default=default))
    taken = {each.name for each in parameters}
    for option in description["options"]:
        if option["name"] not in taken and not keyword.iskeyword(option["name"]):
            taken.add(option["name"])
            parameters.append(parameter(option["name"], parameter.KEYWORD_ONLY, default=option["default"]))
    for name in ("weight", "mask", "reduction", "class_axis", "threads", "checks", "element", "group"):
        if name not in taken:
            default = 1 if name == "threads" else None
            parameters.append(parameter(name, parameter.KEYWORD_ONLY, default=default))
    return inspect.Signature(parameters)


def documentation(description):
    """The docstring of a loss, from the registry."""
    parts = [description["summary"], "", *("    " + line for line in description["formula"].split("\n")), ""]
    for each in description["signature"]["inputs"]:
        forms = " or ".join(f"[{form['axes']}]" for form in each["forms"])
        kinds = " or ".join(dict.fromkeys(form["kind"].replace("_", " ") for form in each["forms"]))
        parts.append(f"{each['role']}: {kinds}, shape {forms}" + (", optional" if each["optional"] else ""))
    for option in description["options"]:
        parts.append(f"{option['name']}: {option['summary']}; {option['range']}; default {option['default']}")
    for title in ("domain", "gradient", "usage"):
        if description[title]:
            parts += ["", f"{title.capitalize()}: {description[title]}"]
    parts += ["", f"Reduction: {description['reduction']}"]
    if description["references"]:
        parts += ["", *description["references"]]
    return "\n".join(parts)
