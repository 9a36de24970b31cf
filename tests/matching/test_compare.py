"""Comparing pairs: levels, missing values, several values, names that changed places."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.levels import LEVELS
from socialmerge.normalise.features import build
from socialmerge.records import Field


def compared(field: Field, *rows: object, column: str = "v") -> tuple[tuple[Comparer, ...], Compared]:
    """Row 0 against each other row."""
    comparers = prepare(build((field,), pa.table({column: list(rows)})))
    right = np.arange(1, len(rows), dtype=np.int32)
    return comparers, compare(comparers, np.zeros(len(right), np.int32), right)


def said(field: Field, *rows: object) -> list[str]:
    """What the only feature says of row 0 and each other row."""
    comparers, found = compared(field, *rows)
    labels = comparers[0].levels.labels
    return ["missing" if state == 0 else labels[(state - 1) % len(labels)] for state in found.states[0].tolist()]


@pytest.mark.parametrize(
    ("field", "rows", "expected"),
    [
        (sm.email("v"), ["ada@example.com", "ADA@example.com", "ada@example.org", "zed@example.net", None],
         ["exact", "same local part", "different", "missing"]),
        (sm.phone("v", region="US"), ["+12125550101", "(212) 555-0101", "+12125550102", "+13475559999"],
         ["exact", "one digit", "different"]),
        (sm.date("v"), ["1815-12-10", "1815-12-10", "1815-12-11", "1815-03-28", "1955-06-02"],
         ["exact", "one digit or swapped", "same year, or same day", "different"]),
        (sm.code("v"), ["AB-1234", "ab 1234", "AB-1235", "ZZ-9999"], ["exact", "one edit", "different"]),
        (sm.category("v"), ["red", "Red", "green"], ["exact", "different"]),
        (sm.account("v", channel="x"), ["ada_lovelace", "@Ada_Lovelace", "adalovelace", "gracehopper"],
         ["exact", "equal but punctuation", "different"]),
        (sm.url("v"), ["https://ada.example.com/a", "http://www.ada.example.com/a/", "https://ada.example.com/b"],
         ["exact", "same host"]),
        (sm.text("v"), ["the analytical engine", "The analytical engine!", "zebra crossing"], ["exact", "different"]),
    ],
)  # fmt: skip
def test_levels_of_a_kind(field: Field, rows: list[object], expected: list[str]) -> None:
    assert said(field, *rows) == expected


def test_missing_says_nothing() -> None:
    _, found = compared(sm.email("v"), "ada@example.com", None, "n/a", "")
    assert found.states.tolist() == [[0, 0, 0]]
    assert found.rarity.tolist() == [[0, 0, 0]]


def test_of_several_values_the_best_counts() -> None:
    rows = [["ada@example.com", "al@example.com"], ["zed@example.org", "al@example.com"], ["zed@example.org"]]
    assert said(sm.email("v"), *rows) == ["exact", "different"]


def test_a_rare_value_that_agrees_says_more_than_a_common_one() -> None:
    table = pa.table({"town": ["york"] * 50 + ["ely"] * 2})
    comparers = prepare(build((sm.category("town"),), table))
    found = compare(comparers, np.array([0, 50], np.int32), np.array([1, 51], np.int32))
    common, rare = found.rarity[0].tolist()
    assert rare > 0 > common


def test_names_that_changed_places_agree_closely() -> None:
    table = pa.table({"first": ["Ada", "Lovelace", "Grace"], "last": ["Lovelace", "Ada", "Hopper"]})
    comparers = prepare(build((sm.name(given="first", family="last"),), table))
    by_part = {comparer.feature.comparison: row for row, comparer in enumerate(comparers)}
    found = compare(comparers, np.array([0, 0], np.int32), np.array([1, 2], np.int32))
    for part in ("given", "family"):
        close = LEVELS[part].labels.index("close")
        assert found.states[by_part[part]].tolist() == [close + 1, 1]


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("Robert", "Bob", "nickname or initial"),
        ("R", "Robert", "nickname or initial"),
        ("Katherine", "Katharine", "close"),
        ("Ada", "Zoltan", "different"),
    ],
)
def test_given_names(one: str, other: str, label: str) -> None:
    table = pa.table({"first": [one, other], "last": ["Lovelace", "Lovelace"]})
    comparers = prepare(build((sm.name(given="first", family="last"),), table))
    row = next(row for row, comparer in enumerate(comparers) if comparer.feature.comparison == "given")
    found = compare(comparers, np.array([0], np.int32), np.array([1], np.int32))
    assert comparers[row].levels.labels[int(found.states[row, 0]) - 1] == label


VALUES = st.one_of(
    st.none(), st.text(max_size=12), st.sampled_from(["ada@example.com", "1815-12-10", "Ada", "+12125550101"])
)
FIELDS = (
    sm.name("v"), sm.email("v"), sm.phone("v", region="US"), sm.account("v", channel="x"), sm.url("v"), sm.date("v"),
    sm.text("v"), sm.code("v"), sm.number("v"), sm.category("v"), sm.place("v"),
)  # fmt: skip


@given(st.sampled_from(FIELDS), st.lists(VALUES, min_size=2, max_size=6))
def test_a_comparison_is_symmetric_and_a_value_equals_itself(field: Field, rows: list[str | None]) -> None:
    comparers = prepare(build((field,), pa.table({"v": pa.array(rows, pa.string())})))
    left, right = (part.ravel().astype(np.int32) for part in np.meshgrid(range(len(rows)), range(len(rows))))
    one, other = compare(comparers, left, right), compare(comparers, right, left)
    assert np.array_equal(one.states, other.states)
    assert np.array_equal(one.rarity, other.rarity)
    for row, comparer in enumerate(comparers):
        states = one.states[row, left == right]
        levels = (states[states > 0] - 1) % len(comparer.levels.labels)
        assert (levels == comparer.levels.top).all()
        assert (one.states[row] <= comparer.states).all()


def test_no_pairs_are_no_work() -> None:
    none = np.empty(0, np.int32)
    comparers = prepare(build((sm.email("v"),), pa.table({"v": ["ada@example.com"]})))
    assert compare(comparers, none, none).states.shape == (1, 0)


@pytest.mark.parametrize("field", [sm.category("v"), sm.email("v")])
def test_values_that_differ_are_not_rare_together(field: Field) -> None:
    one, *same = ("common@example.com",) * 8
    _, found = compared(field, one, *same, "rare@example.net", "other@example.org")
    assert found.rarity[0, :7].tolist() != [0.0] * 7
    assert found.rarity[0, 7:].tolist() == [0.0, 0.0]


def test_names_that_changed_places_agree_alike_whichever_row_is_on_the_left() -> None:
    table = pa.table({"given": ["Marsh", "Zed"], "family": [None, "Marsh"]})
    comparers = prepare(build((sm.name(given="given", family="family"),), table))
    first, second = np.array([0], np.int32), np.array([1], np.int32)
    one, other = compare(comparers, first, second), compare(comparers, second, first)
    assert one.states.tolist() == other.states.tolist()
    assert one.states.max() > 1
