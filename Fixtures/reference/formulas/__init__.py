"""The losses under the library's own names, written from their definitions; a module for each family.

A function takes the inputs by role, the options with defaults filled in, the class axis and the
element, and gives the terms with their shape. A module lists its losses with their options in
DEFAULTS, those whose mask selects elements and not terms in REGIONS, and those that are not reduced
unless a case says so in TRANSFORMS.
"""

from formulas import (
    classification, distributions, embedding, margins, ranking, regression, residuals, segmentation,
    sequence)

FAMILIES = (
    regression, residuals, classification, margins, distributions, embedding, ranking, segmentation,
    sequence)
FORMULAS = {name: getattr(family, name) for family in FAMILIES for name in family.DEFAULTS}
DEFAULTS = {name: options for family in FAMILIES for name, options in family.DEFAULTS.items()}
REGIONS = {name for family in FAMILIES for name in getattr(family, "REGIONS", ())}
TRANSFORMS = {name for family in FAMILIES for name in getattr(family, "TRANSFORMS", ())}


def terms(name, inputs, options, axis, element):
    unknown = set(options) - set(DEFAULTS[name])
    assert not unknown, f"{name} has no option {unknown}"
    return FORMULAS[name](inputs, DEFAULTS[name] | options, -1 if axis is None else axis, element)
