"""Candidate pairs of plain tables, on their own."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.blocking import Budget, candidate_pairs, encode
from socialmerge.records import Kind, row_pairs_schema

PEOPLE = pa.table(
    {
        "full_name": ["Ada Lovelace", "Grace Hopper", "Ada Lovelace", "Zoe Turing"],
        "email": ["ada@example.com", "grace@example.com", "ada@example.com", None],
    }
)
OTHERS = pa.table({"Name": ["Zoe Turing", "Ada Lovelace"], "mail": ["zoe@example.com", "ada@example.com"]})


def rows(pairs: pa.Table) -> list[tuple[int, int]]:
    assert pairs.schema.equals(row_pairs_schema())
    return list(zip(pairs["left_row"].to_pylist(), pairs["right_row"].to_pylist(), strict=True))


def test_a_table_is_paired_with_itself_without_being_told_anything() -> None:
    assert rows(candidate_pairs(PEOPLE)) == [(0, 2)]


def test_two_tables_are_paired_with_each_other() -> None:
    assert sorted(rows(candidate_pairs(OTHERS, PEOPLE))) == [(0, 3), (1, 0), (1, 2)]
    assert sorted(rows(candidate_pairs(PEOPLE, OTHERS))) == [(0, 1), (2, 1), (3, 0)]


def test_keys_and_fields_may_be_told() -> None:
    fields = (sm.name("full_name"), sm.email("email"))
    assert rows(candidate_pairs(PEOPLE, keys=[sm.key("email.local")], fields=fields)) == [(0, 2)]
    bound = (sm.name("full_name", left="Name"),)
    assert sorted(rows(candidate_pairs(OTHERS, PEOPLE, keys=[sm.key("full_name")], fields=bound))) == [
        (0, 3), (1, 0), (1, 2),
    ]  # fmt: skip
    assert rows(candidate_pairs(OTHERS, PEOPLE, keys=[sm.key("email")], fields=(sm.email("email"),))) == [
        (1, 0), (1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["id", "customer_id"])
def test_an_id_column_is_not_compared(column: str) -> None:
    table = PEOPLE.append_column(column, pa.array(["7", "8", "9", "10"]))
    assert [field.kind for field in encode(table).fields] == [Kind.NAME, Kind.EMAIL]
    assert rows(candidate_pairs(table)) == [(0, 2)]


def test_a_table_is_anything_that_speaks_arrow(tmp_path: Path) -> None:
    sm.tables.write(PEOPLE, tmp_path / "people.csv")
    for source in (PEOPLE.to_pandas(), pl.from_arrow(PEOPLE), PEOPLE.to_pylist(), tmp_path / "people.csv"):
        assert rows(candidate_pairs(source)) == [(0, 2)]  # type: ignore[arg-type]


def test_a_table_of_too_few_rows_has_no_pairs() -> None:
    assert rows(candidate_pairs(PEOPLE.slice(0, 1))) == []
    assert rows(candidate_pairs(PEOPLE.slice(0, 0))) == []
    assert rows(candidate_pairs(PEOPLE, OTHERS.slice(0, 0))) == []
    assert rows(candidate_pairs(PEOPLE.slice(0, 0), OTHERS)) == []


def test_a_block_over_the_cap_is_split_or_left_out() -> None:
    table = pa.table({"town": ["leeds"] * 300 + ["york"] * 2})
    small = candidate_pairs(table, keys=[sm.key("town")], fields=(sm.category("town"),), budget=Budget(block_rows=100))
    assert rows(small) == [(300, 301)]


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(sm.SchemaError, match="no column of the table holds a value that can be compared"):
        candidate_pairs(pa.table({"email": pa.nulls(3, pa.string())}))
    with pytest.raises(sm.SchemaError, match="the two tables share no column with values that can be compared"):
        candidate_pairs(PEOPLE, pa.table({"lot": ["1", "2"]}))
    with pytest.raises(sm.PlanError, match="field 'mial': the table has no column 'mial'; did you mean 'email'"):
        candidate_pairs(PEOPLE, fields=(sm.email("mial"),))
    with pytest.raises(sm.PlanError, match="field 'email': the left table has no column 'mial'; did you mean 'mail'"):
        candidate_pairs(OTHERS, PEOPLE, fields=(sm.email("email", left="mial"),))
    with pytest.raises(sm.PlanError, match="'tel' is neither a field with values nor an atom"):
        candidate_pairs(PEOPLE, keys=[sm.key("tel")])
    with pytest.raises(sm.TableError, match="left table: cannot read a int"):
        candidate_pairs(5)  # type: ignore[arg-type]


TOWNS = st.lists(st.sampled_from(["leeds", "york", "ely", "", None]), min_size=1, max_size=15)


@given(TOWNS, TOWNS)
def test_pairs_are_exactly_the_rows_of_equal_values(left: list[str | None], right: list[str | None]) -> None:
    one, other = (pa.table({"town": pa.array(values, pa.string())}) for values in (left, right))
    expected = [(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a and a == b]
    fields = (sm.category("town", left="town"),)
    try:
        assert sorted(rows(candidate_pairs(one, other, keys=[sm.key("town")], fields=fields))) == expected
    except sm.SchemaError:
        assert not any(left) or not any(right)
