"""Prints the type hints of the module from the registry: ``python -m losses.stubs``."""

import keyword

from . import LossFunction, _registry, names

_HEAD = '''"""Loss functions; printed by `python -m losses.stubs`."""

from typing import Any, Mapping, Sequence

class LossError(ValueError):
    code: str
    loss: str
    subject: str
    found: str
    expected: str
    hint: str

class Loss:
    name: str
    options: dict[str, Any]
    arguments: tuple[str, ...]
    description: dict[str, Any]
    def __call__(self, *inputs: Any, threads: int | None = None, **named: Any) -> Any: ...
    def value_and_grad(self, *inputs: Any, wrt: str | Sequence[str] | None = None, threads: int | None = None,
                       **named: Any) -> tuple[Any, Any]: ...

class LossFunction:
    def __call__(self, *inputs: Any, **named: Any) -> Any: ...
    def value_and_grad(self, *inputs: Any, wrt: str | Sequence[str] | None = None, **named: Any
                       ) -> tuple[Any, Any]: ...

__version__: str
def names(dialect: str | None = None) -> list[str]: ...
def search(word: str) -> list[str]: ...
def describe(name: str) -> dict[str, Any]: ...
def get(name: str, /, *, plugins: Sequence[str] | None = None, **options: Any) -> Loss: ...
'''

_TYPES = {"threads": "int | None", "class_axis": "int | None", "checks": "str | None", "element": "str | None",
          "reduction": "str | Mapping[str, Any] | None"}


def _hint(name, default, is_option):
    if not is_option:
        return _TYPES.get(name, "Any")
    for kind in (bool, str):
        if isinstance(default, kind):
            return kind.__name__
    return "float | Sequence[float] | None" if default is None else \
        "float" if isinstance(default, (int, float)) else "Any"


def _stub(name):
    """A class of one function, since each has `value_and_grad` with the same arguments."""
    function = LossFunction(name, _registry)
    options = {each["name"] for each in function.description["options"]}
    parts, has_star = [], False
    for parameter in function.__signature__.parameters.values():
        if parameter.kind == parameter.KEYWORD_ONLY and not has_star:
            parts.append("*")
            has_star = True
        part = f"{parameter.name}: {_hint(parameter.name, parameter.default, parameter.name in options)}"
        parts.append(part if parameter.default is parameter.empty else f"{part} = ...")
    word = name + "_" if keyword.iskeyword(name) else name
    arguments = ", ".join(parts)
    return (f"class _{name}(LossFunction):\n"
            f"    def __call__(self, {arguments}) -> Any:  # type: ignore[override]\n"
            f"        \"\"\"{function.description['summary']}\"\"\"\n"
            f"{word}: _{name}\n")


def stubs():
    """The text of `__init__.pyi`."""
    return _HEAD + "\n" + "\n".join(_stub(name) for name in names())


if __name__ == "__main__":
    print(stubs(), end="")
