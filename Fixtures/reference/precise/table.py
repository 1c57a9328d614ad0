"""The words in which a family writes down what its losses are tried on.

A tensor is a nested list, from which its shape follows. Whole numbers make it i64, truth values bool,
anything else real: then it has the element of the case, and its numbers are rounded to that element.
Where numbers depend on the element, the inputs are a function of a `Scale`.
"""

from dataclasses import dataclass, field
from typing import Callable


@dataclass(frozen=True)
class Scale:
    """Numbers by which an element is brought to its limits."""

    element: str
    eps: float  # from 1 to the next number
    huge: float  # its square is near the largest number
    tiny: float  # its square is a normal number, near the smallest
    last: float  # the exponential of this logit is still finite


F32 = Scale("f32", 2.0**-23, 1e19, 1e-18, 88.0)
F64 = Scale("f64", 2.0**-52, 1e154, 1e-153, 709.0)


@dataclass
class Regime:
    """An input that hunts bugs, evaluated term by term and in both elements.

    sensitive: the default tolerance is widened by the condition number, which the script computes,
    or by that many times it: twice where the inputs are rounded to directions first;
    parts: where a result is the difference of parts of about this size, the tolerance is that of the
    parts, and the case states the condition number of the difference. Both are those of the table
    where left out.
    unchecked: whether numbers outside their domain are taken as they are;
    slopes: gradients by role where the input stands on a kink, as Conventions.md states them.
    """

    id: str
    about: str
    flags: str
    inputs: dict | Callable[[Scale], dict]
    options: dict = field(default_factory=dict)
    reduction: str | dict = "none"
    class_axis: int | None = None
    elements: tuple = (F64, F32)
    roles: tuple | None = None
    sensitive: int | None = None
    parts: float | None = None
    slopes: dict = field(default_factory=dict)
    unchecked: bool = False


@dataclass
class Variant:
    """Options under which the typical input is evaluated again, with several reductions."""

    id: str
    options: dict
    flags: str = ""
    inputs: dict | None = None
    sensitive: int | None = None
    parts: float | None = None
    roles: tuple | None = None


@dataclass
class Table:
    """What one loss is tried on.

    typical: an ordinary input of several terms, used for every reduction and every variant.
    roles: the inputs that have a gradient; those that are not real in a case are passed over.
    sensitive, parts: as in a Regime.
    constant_sum: the sum of all terms does not depend on the input, so that its gradient is nothing
    but rounding: gradients are asked for with weights only.
    """

    loss: str
    about: str
    typical: dict
    variants: list = field(default_factory=list)
    regimes: list = field(default_factory=list)
    roles: tuple = ("prediction", "target")
    options: dict = field(default_factory=dict)
    sensitive: int = False
    parts: float = 0
    constant_sum: bool = False
