"""The layout of a fixture file: what is looked for has a line of its own, what is read has one line."""

import json

OPEN = [("cases",), ("cases", "*"), ("cases", "*", "inputs"), ("cases", "*", "expect"),
    ("cases", "*", "expect", "gradients")]


def text(node, path=()):
    """JSON with two spaces of indentation down to the places in OPEN, and without below them."""
    if (path and path not in OPEN) or not node:
        return json.dumps(node, ensure_ascii=False)
    pad = "  " * (len(path) + 1)
    if isinstance(node, list):
        items = [text(x, path + ("*",)) for x in node]
        brackets = "[]"
    else:
        items = [f"{json.dumps(key)}: {text(x, path + (key,))}" for key, x in node.items()]
        brackets = "{}"
    return brackets[0] + "\n" + ",\n".join(pad + x for x in items) + "\n" + pad[2:] + brackets[1]
