"""The table conformance.tsv: which tests show the items of sessions.md 13."""
import ast
import csv
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).resolve().parent

with open(FOLDER / "conformance.tsv", newline="", encoding="utf-8") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t"))


def names_in(file):
    return {node.name for node in ast.parse((FOLDER / file).read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_item_has_its_row():
    assert [int(row["item"]) for row in ROWS] == list(range(1, 23))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["item"])
def test_the_names_in_an_item_exist(row):
    named = [test.split("::") for test in row["tests"].split()]
    assert named and all(name in names_in(file) for file, name in named), row
