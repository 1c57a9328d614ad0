"""The inputs and options of the fixtures of high precision: a module of tables for each family."""

from precise import classification, composition, ranking, regression, segmentation, sequence

TABLES = [
    table
    for family in (regression, classification, ranking, segmentation, sequence, composition)
    for table in family.TABLES
]
