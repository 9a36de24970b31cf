"""Any column becomes text in one documented way, and ids are clean, present and different."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge import tables
from socialmerge.errors import SchemaError, TableError

UTC = dt.UTC


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, None, -3]), ["1", None, "-3"]),
        (pa.array([1.0, 2.5, float("nan"), float("inf"), 1e20, -0.5]), ["1", "2.5", None, None, "1e+20", "-0.5"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array(["a", "", None]), ["a", None, None]),
        (pa.array(["a", ""], pa.large_string()), ["a", None]),
        (pa.array(["a", ""], pa.string_view()), ["a", None]),
        (pa.array(["b", "a", "b", None]).dictionary_encode(), ["b", "a", "b", None]),
        (pa.array([1.0, 1.0]).dictionary_encode(), ["1", "1"]),
        (pa.array([dt.date(2020, 1, 2)]), ["2020-01-02"]),
        (pa.array([dt.datetime(2020, 1, 2), None]), ["2020-01-02", None]),  # noqa: DTZ001 - a column without a zone
        (pa.array([dt.datetime(2020, 1, 2, 3, 4, 5)]), ["2020-01-02T03:04:05"]),  # noqa: DTZ001
        (pa.array([dt.datetime(2020, 1, 2, 3, 4, 5, 600000, UTC)]), ["2020-01-02T03:04:05.600000Z"]),
        (pa.array([Decimal("5.00"), Decimal("5.50"), None]), ["5", "5.5", None]),
        (pa.array([["a", None, "b"], [], None, ["", "c"]]), ["a ::: b", None, None, "c"]),
        (pa.array([[1.0, 2.5]], pa.large_list(pa.float64())), ["1 ::: 2.5"]),
        (pa.array([["a", "b"], None, ["c", "d"]], pa.list_(pa.string(), 2)), ["a ::: b", None, "c ::: d"]),
        (pa.array([["a", "b"], None, ["c"]], pa.list_view(pa.string())), ["a ::: b", None, "c"]),
        (pa.array([["a"], None, ["b", "c"]])[1:], [None, "b ::: c"]),
        (pa.array([{"a": 1, "b": "é"}, None]), ['{"a": 1, "b": "é"}', None]),
        (pa.array([[{"a": 1}]]), ['{"a": 1}']),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), ["k ::: 1"]),
        (pa.array([b"abc", b"\xff"]), ["abc", "ff"]),
        (pa.nulls(2), [None, None]),
        (pa.chunked_array([], pa.string()), []),
        (pa.chunked_array([["a"], ["b", ""]]), ["a", "b", None]),
    ],
    ids=lambda value: str(getattr(value, "type", "")) or None,
)
def test_every_type_has_one_rendering(column: pa.Array, expected: list[str | None]) -> None:
    text = tables.strings(column)
    assert text.type == pa.string()
    assert text.to_pylist() == expected


def test_numbers_that_a_spreadsheet_made_floats_are_clean_ids() -> None:
    assert tables.ids(pa.table({"id": [1.0, 2.0]}), "id").to_pylist() == ["1", "2"]
    assert tables.ids(pa.table({"id": ["1.0", "2.0"]}), "id").to_pylist() == ["1", "2"]
    assert tables.ids(pa.table({"id": ["1.0", "2.1"]}), "id").to_pylist() == ["1.0", "2.1"]
    assert tables.ids(pa.table({"id": [" a ", "b"]}), "id").to_pylist() == ["a", "b"]


def test_a_missing_id_column_is_said_with_the_likely_one() -> None:
    with pytest.raises(SchemaError, match=r"crm: no column 'costumer_id'; did you mean 'Customer_ID'\?"):
        tables.ids(pa.table({"Customer_ID": ["1"]}), "costumer_id", what="crm")
    with pytest.raises(SchemaError, match="no column 'x'; its columns are: 'a', 'b'"):
        tables.ids(pa.table({"a": [1], "b": [2]}), "x")


def test_rows_without_an_id_are_named_by_number() -> None:
    with pytest.raises(TableError, match="has no id in rows 2, 3; give every row an id"):
        tables.ids(pa.table({"id": ["a", None, " "]}), "id")


def test_repeated_ids_are_named_by_row_and_never_shown() -> None:
    table = pa.table({"id": ["ada@example.com", "b", "ada@example.com", "b", "c"]})
    with pytest.raises(TableError, match="an earlier row has the same id as rows 3, 4") as caught:
        tables.ids(table, "id")
    assert "ada" not in str(caught.value)


def test_many_bad_rows_are_counted_not_listed() -> None:
    with pytest.raises(TableError, match="rows 2, 3, 4, 5, 6 and 94 more"):
        tables.ids(pa.table({"id": ["a"] * 100}), "id")


def test_a_table_without_rows_has_no_ids() -> None:
    assert tables.ids(pa.table({"id": pa.array([], pa.string())}), "id").to_pylist() == []


@given(st.lists(st.sampled_from(["1", "2", "10", "a", "b"]), max_size=6))
def test_ids_rise_where_they_are_sorted_and_all_different(values: list[str]) -> None:
    assert tables.rises(pa.array(values, pa.string())) == (sorted(set(values)) == values)


@given(st.lists(st.sampled_from(["York", " York", "Leeds ", "", "  ", None]), max_size=9))
def test_distinct_texts_are_counted_trimmed_and_without_empty_ones(values: list[str | None]) -> None:
    texts = [value.strip() for value in values if value and value.strip()]
    for column in (pa.array(values, pa.string()), pa.array(values, pa.string()).dictionary_encode()):
        found, rows = tables.counted(column)
        assert dict(zip(found.to_pylist(), rows.tolist(), strict=True)) == Counter(texts)


def test_encoding_a_table_keeps_its_values_and_leaves_what_is_no_text() -> None:
    long = pa.table({"town": ["York", None, ""] * 20_000, "rows": range(60_000), "id": ["7", "8", "9"] * 20_000})
    found = tables.encoded(long, plain=["id"])
    assert found.to_pydict() == long.to_pydict()
    assert [pa.types.is_dictionary(kind) for kind in found.schema.types] == [True, False, False]
