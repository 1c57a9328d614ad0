"""A call in the structures of losses.h, made once for inputs of the same types, shapes and strides."""

import ctypes

from ._library import CHECKS, ELEMENTS, FLOAT32, FLOAT64, FLOAT16, BFLOAT16, MAXIMUM_RANK, SHAPE_MISMATCH
from ._library import Call, ErrorMemory, LossError, Tensor, Value, json_bytes, library

_evaluate = library.losses_evaluate_v1
REAL = (FLOAT32, FLOAT64, FLOAT16, BFLOAT16)


def setting_bytes(reduction):
    if reduction is None:
        return None
    return reduction.encode() if isinstance(reduction, str) else json_bytes(reduction)


class Plan:
    """One call at a time: whoever uses it has taken it out of the pool.

    ``pointers`` holds the addresses of the inputs, then of the gradients, in steps of ``STEP``.
    """

    STEP = ctypes.sizeof(Tensor) // 8
    FIRST = Tensor.data.offset // 8

    def __init__(self, inputs, gradients, settings, upstream=None):
        """inputs: (name or None, code, shape, byte strides); gradients: (name, index of the input, code)."""
        reduction, class_axis, threads, checks, element, group = settings
        if checks not in CHECKS:
            raise LossError(f"checks is {checks!r}; expected all, data or none.", found=f"is {checks!r}")
        if element not in ELEMENTS:
            raise LossError(f"element is {element!r}; expected f32 or f64.", found=f"is {element!r}",
                            expected="f32 or f64")
        self.keep = []
        everything = [(name, code, shape, strides) for name, code, shape, strides in inputs]
        everything += [(name, code, inputs[index][2], None) for name, index, code in gradients]
        if upstream is not None:
            everything.append((None,) + upstream)
        self.tensors = (Tensor * max(1, len(everything)))(*[self._tensor(*each) for each in everything])
        self.pointers = memoryview(self.tensors).cast("B").cast("Q")
        self.slots = range(self.FIRST, self.FIRST + self.STEP * len(everything), self.STEP)
        address, size = ctypes.addressof(self.tensors), ctypes.sizeof(Tensor)
        self.call = Call(
            size=ctypes.sizeof(Call), inputs=address, input_count=len(inputs),
            gradients=address + size * len(inputs), gradient_count=len(gradients), threads=threads,
            checks=CHECKS[checks], element=ELEMENTS[element])
        if upstream is not None:
            self.call.upstream = address + size * (len(everything) - 1)
        self.call.reduction = setting_bytes(reduction)
        if class_axis is not None:
            axis = ctypes.c_int64(class_axis)
            self.keep.append(axis)
            self.call.class_axis = ctypes.addressof(axis)
        self.group = group
        if group is not None:
            self.call.group = group.address
        self.number, self.extents = ctypes.c_double(), (ctypes.c_int64 * MAXIMUM_RANK)()
        self.value = Value(ctypes.addressof(self.number), 1, FLOAT64, 0, 0, ctypes.addressof(self.extents),
                           MAXIMUM_RANK)
        self.shape = None  # of the value, where it is not a number
        self.element = None
        self.errors = ErrorMemory()
        self.arguments = (ctypes.c_void_p(ctypes.addressof(self.call)),
                          ctypes.c_void_p(ctypes.addressof(self.value)), self.errors.pointer)

    def _tensor(self, name, code, shape, strides):
        extents = (ctypes.c_int64 * max(1, len(shape)))(*shape)
        self.keep.append(extents)
        tensor = Tensor(name, None, code, len(shape), ctypes.addressof(extents), None)
        if strides is not None:
            steps = (ctypes.c_int64 * max(1, len(shape)))(*strides)
            self.keep.append(steps)
            tensor.strides = ctypes.addressof(steps)
        return tensor

    def run(self, loss, make_value):
        """Evaluates; the value is a number, or the array that ``make_value(code, shape)`` makes memory for."""
        array = None
        if self.shape is not None:
            array = self._value_memory(make_value)
        code = _evaluate(loss, *self.arguments)
        if code:
            if code == SHAPE_MISMATCH and self.value.count > self.value.capacity:
                return self._run_array(loss, make_value)
            raise self._exception()
        if array is not None:
            return array
        # One number in a tensor with axes, which keep their extent of 1.
        if self.value.rank:
            return self._run_array(loss, make_value)
        return self.number.value

    def _exception(self):
        """The error of the last call; of the collective of its group if that has failed."""
        error = self.errors.exception()
        error.__cause__ = self.group and self.group.failure
        return error

    def _run_array(self, loss, make_value):
        """The first call whose value has axes: finds its shape and its element, then evaluates into it."""
        bytes_ = ctypes.create_string_buffer(8 * max(1, self.value.count))
        self.value.data, self.value.capacity = ctypes.addressof(bytes_), max(1, self.value.count)
        self.value.element = 0
        if _evaluate(loss, *self.arguments):
            raise self._exception()
        self.shape, self.element = tuple(self.extents[:self.value.rank]), self.value.element
        array, pointer = make_value(self.element, self.shape)
        size = (8 if self.element == FLOAT64 else 4) * self.value.count
        ctypes.memmove(pointer, bytes_, size)
        return array

    def _value_memory(self, make_value):
        array, pointer = make_value(self.element, self.shape)
        self.value.data = pointer
        return array
