"""Small tensors of mpmath numbers, and the elements that the fixtures know."""

import itertools
import math
import struct

from mpmath import inf, isinf, isnan, mp, mpf, nan

mp.dps = 150

WORDS = {"nan": nan, "inf": inf, "-inf": -inf}


def f32(number):
    """The float nearest to a double, as a double."""
    try:
        return struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)


def rounded(number, element):
    """An option or constant as the element holds it."""
    return mpf(f32(float(number))) if element == "f32" else mpf(float(number))


def machine(element):
    """The distance from 1 to the next number of the element."""
    return mpf(2) ** (-23 if element == "f32" else -52)


def shortest(number, element):
    """The nearest number of the element with the fewest digits; words as the fixtures spell them."""
    if isnan(number):
        return "nan"
    if isinf(number):
        return "inf" if number > 0 else "-inf"
    nearest = float(number) or 0.0
    if element == "f32":
        nearest = f32(nearest) or 0.0
    if math.isinf(nearest):
        return "inf" if nearest > 0 else "-inf"
    if element != "f32":
        return nearest
    for digits in range(1, 10):
        text = float(f"{nearest:.{digits}g}")
        if f32(text) == nearest:
            return text
    return nearest


def ulp(number, element):
    """The distance between neighbouring numbers of the element at a number."""
    number = abs(mpf(number))
    digits, least = (24, -149) if element == "f32" else (53, -1074)
    if number == 0:
        return mpf(2) ** least
    exponent = int(mp.floor(mp.log(number, 2)))
    if mpf(2) ** (exponent + 1) <= number:
        exponent += 1
    return mpf(2) ** max(exponent - digits + 1, least)


class Tensor:
    """Numbers in row-major order with their shape and the element that a fixture gave them."""

    def __init__(self, shape, data, element="f64"):
        self.shape, self.data, self.element = list(shape), list(data), element

    @classmethod
    def of(cls, given):
        def number(x):
            x = WORDS[x] if isinstance(x, str) else x
            is_float = given["element"] == "f32" and not isnan(x) and not isinf(x)
            return mpf(f32(x)) if is_float else mpf(x)

        return cls(given["shape"], [number(x) for x in given["data"]], given["element"])

    @property
    def rank(self):
        return len(self.shape)

    def without(self, axis):
        """The shape without an axis."""
        axis %= self.rank
        return self.shape[:axis] + self.shape[axis + 1 :]

    def rows(self, axis):
        """The places of each row along an axis, rows in row-major order of the other axes."""
        axis %= self.rank
        length = self.shape[axis]
        inner = 1
        for extent in self.shape[axis + 1 :]:
            inner *= extent
        outer = len(self.data) // (length * inner) if length * inner else 0
        return [
            [o * length * inner + k * inner + i for k in range(length)]
            for o in range(outer)
            for i in range(inner)
        ]

    def spread(self, shape):
        """The data over a larger shape: an extent of 1 repeats."""
        assert len(shape) == self.rank, (self.shape, shape)
        steps, step = [], 1
        for extent in reversed(self.shape):
            steps.insert(0, 0 if extent == 1 else step)
            step *= extent
        return [self.data[sum(p * s for p, s in zip(place, steps))] for place in places(shape)]


def places(shape):
    """All index tuples of a shape in row-major order."""
    return itertools.product(*(range(extent) for extent in shape))
