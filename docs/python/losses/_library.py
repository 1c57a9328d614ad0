"""The C library: its structures, its functions, its errors."""

import ctypes
import json
import os
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


class LossError(ValueError):
    """A call that the library refuses.

    ``code`` is a word of docs/Errors.md, such as ``"shape_mismatch"``; ``loss``, ``subject``, ``found``,
    ``expected`` and ``hint`` are the parts of the message.
    """

    def __init__(self, message, code="invalid_value", loss="", subject="", found="", expected="", hint=""):
        super().__init__(message)
        self.code, self.loss, self.subject = code, loss, subject
        self.found, self.expected, self.hint = found, expected, hint

    def __reduce__(self):
        return type(self), (str(self), self.code, self.loss, self.subject, self.found, self.expected, self.hint)


class Text(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("capacity", ctypes.c_int64), ("count", ctypes.c_int64)]


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", Text), ("details", Text)]


class Tensor(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("data", ctypes.c_void_p), ("element", ctypes.c_int32),
                ("rank", ctypes.c_int32), ("extents", ctypes.c_void_p), ("strides", ctypes.c_void_p)]


class Value(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("capacity", ctypes.c_int64), ("element", ctypes.c_int32),
                ("rank", ctypes.c_int32), ("count", ctypes.c_int64), ("extents", ctypes.c_void_p),
                ("extents_capacity", ctypes.c_int32)]


class Call(ctypes.Structure):
    _fields_ = [("size", ctypes.c_int64), ("inputs", ctypes.c_void_p), ("input_count", ctypes.c_int64),
                ("gradients", ctypes.c_void_p), ("gradient_count", ctypes.c_int64),
                ("second_derivatives", ctypes.c_void_p), ("second_derivative_count", ctypes.c_int64),
                ("upstream", ctypes.c_void_p), ("reduction", ctypes.c_char_p), ("class_axis", ctypes.c_void_p),
                ("element", ctypes.c_int32), ("threads", ctypes.c_int32), ("checks", ctypes.c_int32),
                ("group", ctypes.c_void_p)]


FLOAT32, FLOAT64, INT64, BOOL, FLOAT16, BFLOAT16, UINT8, INT8, INT16, UINT16, INT32, UINT32 = range(1, 13)
SHAPE_MISMATCH = 6
MAXIMUM_RANK = 64
ELEMENTS = {None: 0, "f32": FLOAT32, "f64": FLOAT64}
CHECKS = {None: 0, "all": 1, "data": 2, "none": 3}


class ErrorMemory:
    """Memory for the error of one call at a time."""

    def __init__(self):
        self.message, self.details = ctypes.create_string_buffer(8192), ctypes.create_string_buffer(16384)
        self.error = Error(0, Text(ctypes.addressof(self.message), 8192, 0),
                           Text(ctypes.addressof(self.details), 16384, 0))
        self.pointer = ctypes.c_void_p(ctypes.addressof(self.error))

    def exception(self):
        message = self.message.value.decode("utf-8", "replace")
        try:
            details = json.loads(self.details.value)
        except ValueError:  # longer than the memory
            details = {}
        return LossError(message, **details)


def _load():
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    path = os.environ.get("LOSSES_LIBRARY") or str(_HERE / f"libLossLibrary{suffix}")
    library = ctypes.CDLL(path)  # releases the GIL during each call
    for name in ("list", "search", "describe", "make", "loss_describe", "evaluate", "registry_make",
                 "objective_make", "objective_derivatives", "objective_initial_score"):
        getattr(library, f"losses_{name}_v1").restype = ctypes.c_int32
    for name in ("release", "registry_release", "objective_release", "version"):
        getattr(library, f"losses_{name}_v1").restype = None
    return library


library = _load()


def perform(function, *arguments):
    """Calls a function of losses.h and raises its error."""
    memory = ErrorMemory()
    if function(*arguments, memory.pointer):
        raise memory.exception()


def text(function, *arguments):
    """The JSON that a function of losses.h writes."""
    capacity = 1 << 16
    while True:
        buffer = ctypes.create_string_buffer(capacity)
        result = Text(ctypes.addressof(buffer), capacity, 0)
        perform(function, *arguments, ctypes.byref(result))
        if result.count < capacity:
            return json.loads(buffer.value)
        capacity = result.count + 1


def version():
    buffer = ctypes.create_string_buffer(64)
    library.losses_version_v1(ctypes.byref(Text(ctypes.addressof(buffer), 64, 0)))
    return buffer.value.decode()


def json_bytes(value):
    """JSON as the library reads it: arrays as lists, NaN and infinities as words."""
    return json.dumps(_plain(value), allow_nan=False).encode()


def _plain(value):
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {float("inf"): "inf", float("-inf"): "-inf"}.get(value, "nan")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise LossError(f"an option is {value!r}; expected a number, a text, a list or None.", "invalid_option",
                    found=f"is {value!r}")


class Registry:
    """The losses of the library, with those of plug-ins."""

    def __init__(self, plugins=()):
        self.pointer, self.plugins = ctypes.c_void_p(), tuple(plugins)
        if plugins:
            paths = (ctypes.c_char_p * len(plugins))(*[os.fsencode(path) for path in plugins])
            perform(library.losses_registry_make_v1, paths, ctypes.c_int64(len(plugins)),
                    ctypes.byref(self.pointer))

    def __del__(self, release=library.losses_registry_release_v1):
        if self.pointer:
            release(self.pointer)
