"""Machine-learning loss functions: value and exact gradient in one pass.

    >>> import losses
    >>> losses.huber([1.1, 2.0, 4.0], [1.0, 2.0, 3.0], delta=0.5)
    0.12666666666666668
    >>> loss = losses.get("torch.nn.HuberLoss", delta=0.5)
    >>> value, gradient = loss.value_and_grad([1.1, 2.0, 4.0], [1.0, 2.0, 3.0])

Every loss of ``losses.names()`` is a function of this module; names of other frameworks are made by
``losses.get``.
"""

from . import _library
from ._library import LossError, Registry as _Registry
from ._loss import Loss, LossFunction

__version__ = _library.version()
__all__ = ["LossError", "Loss", "LossFunction", "describe", "get", "names", "search"]

_registry = _Registry()
_functions = {}


def names(dialect=None):
    """The names of the losses; of a framework's for a prefix such as ``"torch"``."""
    listing = _library.text(_library.library.losses_list_v1, _registry.pointer)
    if dialect is None:
        return listing["losses"]
    if dialect not in listing["dialects"]:
        known = ", ".join(sorted(listing["dialects"]))
        raise LossError(f"{dialect}: no framework has this prefix; expected one of {known}.", "unknown_loss")
    return listing["dialects"][dialect]


def search(word):
    """The names of the losses that a word describes, the best match first."""
    return _library.text(_library.library.losses_search_v1, _registry.pointer, str(word).encode())


def describe(name):
    """What there is to say about a loss: a dictionary."""
    return _library.text(_library.library.losses_describe_v1, _registry.pointer, str(name).encode())


def get(name, /, *, plugins=None, **options):
    """A loss by any of its names, with options in the words of the name's framework.

    ``plugins`` are paths of shared libraries with further losses, whose code is run. ``reduction`` and
    ``class_axis``, where they are no options of the framework, are those of every call.
    """
    registry = _Registry(plugins) if plugins else _registry
    settings = {}
    for setting in ("reduction", "class_axis"):
        if setting in options and not _is_option(name, setting, registry):
            settings[setting] = options.pop(setting)
    return Loss(str(name), options, registry, **settings)


def _is_option(name, word, registry):
    """Whether a framework's name has an option of this name."""
    text = _library.text(_library.library.losses_describe_v1, registry.pointer, str(name).encode())
    spelling = text.get("spelling")
    if spelling is None:
        return any(option["name"] == word for option in text["options"])
    return any(word in option["names"] for option in spelling["options"] + spelling["dialect"]["options"])


def __getattr__(name):
    if name in _functions:
        return _functions[name]
    if name in ("boosting", "distributed", "testing"):
        import importlib
        return importlib.import_module(f".{name}", __name__)
    # `lambda` is a word of Python.
    word = name[:-1] if name.endswith("_") else name
    if name.startswith("__") or word not in names():
        try:
            _library.text(_library.library.losses_describe_v1, _registry.pointer, name.encode())
        except LossError as error:
            raise AttributeError(f"module 'losses' has no {name}: {error}") from None
        raise AttributeError(f"module 'losses' has no {name}")
    function = _functions[name] = LossFunction(word, _registry)
    return function


def __dir__():
    return sorted(__all__ + names())
