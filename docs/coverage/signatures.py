"""Compares names, options and the order of arguments with the signatures of the installed frameworks.

    LOSSES=.build/debug/losses python3 docs/coverage/signatures.py [WORD]...

Prints, for each full path of a framework whose signature says something else: names that it no longer
has, options that are not taken here (docs/Dialects.md says why), options that it does not have, and
arguments in another order. A role such as `weight` or `mask` counts as an argument of ours.

Depends on: what Fixtures/reference/frameworks.py needs, without mlx.
"""

import inspect
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Fixtures/reference"))
import frameworks  # noqa: E402

DIALECTS = ["torch", "torchvision", "keras", "optax", "monai", "smp"]
# Names of every class, and inputs that are roles here whatever the framework calls them.
GENERAL = {"self", "args", "kwargs", "name", "dtype", "where", "weights"}


def listed(dialect):
    answer = subprocess.run(
        [frameworks.TOOL, "list", "--dialect", dialect, "--json"], capture_output=True, text=True, check=True)
    names = [entry["name"] for entry in json.loads(answer.stdout)]
    return [name for name in names if name.count(".") > 1 and name.split(".")[-1] not in frameworks.STRINGS]


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name not in GENERAL]


def findings(name):
    """Sentences on one name."""
    if not frameworks.exists(name):
        return ["is not there in this version"]
    found = frameworks.resolve(name)
    try:
        named = parameters(found.__init__ if inspect.isclass(found) else found)
    except ValueError:
        return ["has no signature"]
    shown = frameworks.shown(name)
    options = [option for one in shown["options"] for option in one["names"]]
    arguments = [argument["names"] for argument in shown["arguments"]]
    words = [word for one in arguments for word in one]
    call = found.__init__ if not inspect.isclass(found) else getattr(found, "forward", None) or found.call
    called = [word for word in (parameters(call) if inspect.isclass(found) else named) if word in words]
    places = [next(i for i, one in enumerate(arguments) if word in one) for word in called]
    missing = [word for word in named if word not in options + words + ["weight"]]
    extra = [word for word in options if word not in named and word not in GENERAL | {"reduction", "reduce", "size_average", "weight"}]
    return (
        ([f"not taken here: {', '.join(missing)}"] if missing else [])
        + ([f"not there: {', '.join(extra)}"] if extra else [])
        + ([f"another order: {', '.join(called)}"] if places != sorted(places) else []))


def main(words):
    count = 0
    for name in (name for dialect in DIALECTS for name in listed(dialect)):
        if words and not any(word in name for word in words):
            continue
        count += 1
        for sentence in findings(name):
            print(f"{name}: {sentence}")
    print(f"{count} names compared")


if __name__ == "__main__":
    main(sys.argv[1:])
