"""The losses under the library's own names, written from their definitions; a module for each family.

A function takes the inputs by role, the options with defaults filled in, the class axis and the
element, and gives the terms with their shape. A module lists its losses with their options in
DEFAULTS, those whose mask selects elements and not terms in REGIONS, and those that are not reduced
unless a case says so in TRANSFORMS. HELD gives, for a loss whose gradient is not the derivative of
the value, what the gradient takes as a constant: the function finds it under the option `held`.
"""

from formulas import (
    boxes, classification, compound, distances, distributions, embedding, margins, ranking, regression,
    residuals, segmentation, sequence)

FAMILIES = (
    regression, residuals, boxes, classification, margins, distributions, embedding, ranking,
    segmentation, distances, sequence, compound)
FORMULAS = {name: getattr(family, name) for family in FAMILIES for name in family.DEFAULTS}
DEFAULTS = {name: options for family in FAMILIES for name, options in family.DEFAULTS.items()}
REGIONS = {name for family in FAMILIES for name in getattr(family, "REGIONS", ())}
TRANSFORMS = {name for family in FAMILIES for name in getattr(family, "TRANSFORMS", ())}
HELD = {name: held for family in FAMILIES for name, held in getattr(family, "HELD", {}).items()}


def terms(name, inputs, options, axis, element, held=None):
    unknown = set(options) - set(DEFAULTS[name])
    assert not unknown, f"{name} has no option {unknown}"
    given = DEFAULTS[name] | options | ({} if held is None else {"held": held})
    return FORMULAS[name](inputs, given, -1 if axis is None else axis, element)


def held(name, inputs, options, axis, element):
    """What the gradient takes as a constant, or None."""
    if name not in HELD:
        return None
    return HELD[name](inputs, DEFAULTS[name] | options, -1 if axis is None else axis, element)
