"""The inputs and options of the fixtures of high precision: a module of tables for each family."""

from precise import (
    classification, composition, embedding, ranking, regression, residuals, segmentation, sequence)

TABLES = [
    table
    for family in (
        regression, residuals, classification, embedding, ranking, segmentation, sequence,
        composition)
    for table in family.TABLES
]
