"""Categories that two tables write differently."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.matching.compare import prepare
from socialmerge.matching.correspondences import corresponding
from socialmerge.normalise.features import build

ROWS = 60
_FIELD = replace(sm.category("v"), left_columns=("v",), left_parts=("",))


def _corresponding(left: list[str], right: list[str], weight: float = 20.0) -> list[bool]:
    """Whether row i of the one table has the value of row i of the other, once the two tables' values are aligned."""
    comparers = prepare(build((_FIELD,), pa.table({"v": right}), pa.table({"v": left})))
    rows = np.arange(len(left), dtype=np.int32)
    after = corresponding(comparers, rows, rows + len(left), np.full(len(left), weight), len(left))
    codes = after[0].feature.codes[0]
    return (codes[: len(left)] == codes[len(left) :]).tolist()


def test_values_that_go_together_are_made_one() -> None:
    left, right = ["m", "f"] * (ROWS // 2), ["male", "female"] * (ROWS // 2)
    assert all(_corresponding(left, right))


def test_a_slip_here_and_there_does_no_harm() -> None:
    left, right = ["m", "f"] * (ROWS // 2), ["male", "female"] * (ROWS // 2)
    right[:2] = "female", "male"
    assert _corresponding(left, right) == [False] * 2 + [True] * (ROWS - 2)


def test_values_that_both_tables_have_stay_what_they_are() -> None:
    left, right = ["red", "green"] * (ROWS // 2), ["green", "red"] * (ROWS // 2)
    assert not any(_corresponding(left, right))


def test_values_that_go_with_all_others_alike_stay_apart() -> None:
    left = ["a", "b"] * (ROWS // 2)
    right = ["one", "one", "two", "two"] * (ROWS // 4)
    assert not any(_corresponding(left, right))


def test_a_value_that_nearly_all_rows_have_says_nothing() -> None:
    left = ["a", "b"] * (ROWS // 2)
    assert not any(_corresponding(left, ["everybody"] * (ROWS - 5) + ["else"] * 5))


@pytest.mark.parametrize("rows", [4, 8])
def test_few_rows_prove_nothing(rows: int) -> None:
    assert not any(_corresponding(["m", "f"] * (rows // 2), ["male", "female"] * (rows // 2)))


def test_pairs_that_are_not_sure_teach_nothing() -> None:
    left, right = ["m", "f"] * (ROWS // 2), ["male", "female"] * (ROWS // 2)
    assert not any(_corresponding(left, right, weight=-1.0))


def test_linked_tables_learn_which_values_are_one() -> None:
    def table(sexes: tuple[str, str], letter: str) -> pa.Table:
        people = range(len(_GIVEN) * len(_FAMILY))
        return pa.table(
            {
                "id": [f"{letter}{number:03d}" for number in people],
                "name": [f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number // len(_GIVEN)]}" for number in people],
                "born": [f"19{10 + number % 83}-{1 + number % 12:02d}-{1 + number % 28:02d}" for number in people],
                "sex": [sexes[number % 2] for number in people],
            }
        )

    found = sm.attach(table(("m", "f"), "a"), to=table(("male", "female"), "b"))
    again = sm.attach(table(("m", "f"), "a"), to=table(("male", "female"), "b"), plan=found.plan)
    for result in (found, again):
        lines = {line.what: line for line in result.explain("a007").lines}
        assert lines["sex"].said == "exact"
        assert lines["sex"].bits > 0


_GIVEN = (
    *("Ada", "Grace", "Alan", "Barbara", "Edsger", "Katherine", "Donald", "Frances"),
    *("Dennis", "Radia", "Ken", "Adele"),
)
_FAMILY = ("Lovelace", "Hopper", "Turing", "Liskov", "Dijkstra", "Johnson", "Knuth", "Allen", "Ritchie", "Perlman")
