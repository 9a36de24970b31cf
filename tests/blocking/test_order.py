"""Rows by what stands in them: the same however they are called."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

import socialmerge as sm
from socialmerge.blocking import by_content, draw_rows
from socialmerge.matching.likeness import likeness
from socialmerge.normalise.features import Feature, build

NAMES = ["Cy Marsh", "Ada Lovelace", None, "Bob Stone", "Ada Marsh"]
TOWNS = ["Salem", "Boise", "Tulsa", None, "Boise"]


def features(names: list[str | None], towns: list[str | None]) -> tuple[Feature, ...]:
    return build((sm.name("name"), sm.text("town")), pa.table({"name": names, "town": towns}))


def in_order(names: list[str | None], towns: list[str | None]) -> list[tuple[str | None, str | None]]:
    return [(names[row], towns[row]) for row in by_content(features(names, towns), 0).tolist()]


def test_the_order_of_rows_is_that_of_their_values_wherever_they_stood() -> None:
    turned = in_order(NAMES[::-1], TOWNS[::-1])
    assert turned == in_order(NAMES, TOWNS)
    assert sorted(map(str, turned)) == sorted(map(str, zip(NAMES, TOWNS, strict=True)))


def test_the_rows_of_two_tables_stay_apart() -> None:
    found = by_content(features(NAMES, TOWNS), 2).tolist()
    assert sorted(found[:2]) == [0, 1]
    left, right = draw_rows(np.random.default_rng(1), 5, 2, 50, np.array(found))
    assert set(left.tolist()) == {0, 1}
    assert set(right.tolist()) == {2, 3, 4}


def test_rows_are_alike_by_their_words_in_any_order() -> None:
    rows = ["Ritz Restaurant", "Restaurant Ritz", "Ritz Cafe"]
    found = build((sm.text("name"),), pa.table({"name": rows}))
    same, other = likeness(found, np.array([0, 0], np.int32), np.array([1, 2], np.int32)).tolist()
    assert same == 1.0 > other > 0
    assert likeness(found, np.empty(0, np.int32), np.empty(0, np.int32)).tolist() == []
