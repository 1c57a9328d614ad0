"""The inputs and options of the fixtures of high precision: a module of tables for each family."""

from precise import (
    boxes, classification, composition, compound, distances, distributions, embedding, margins, ranking, regression,
    residuals, segmentation, sequence)

TABLES = [
    table
    for family in (
        regression, residuals, boxes, classification, margins, distributions, embedding, ranking,
        segmentation, distances, sequence, composition, compound)
    for table in family.TABLES
]
