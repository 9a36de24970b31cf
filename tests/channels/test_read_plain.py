"""Plain profile rows: what is taken, what is made up for what is absent, and what is carried along."""

from __future__ import annotations

from pathlib import Path

import pandas as pd  # noqa: TID251 - the real one, read by Arrow
import polars as pl
import pyarrow as pa
import pytest

from socialmerge import channels, tables
from socialmerge.errors import ChannelError, TableError
from socialmerge.records import profiles_schema

SAMPLES = Path(__file__).parent / "samples"


def test_only_the_profile_id_is_needed() -> None:
    table = channels.read([{"profile_id": "p1"}])
    assert table.schema.equals(profiles_schema())
    assert table["profile_id"].to_pylist() == ["p1"]


def test_lists_in_a_csv_are_split_at_semicolons_and_spaces_or_read_as_json() -> None:
    one, two = channels.read(SAMPLES / "profiles.csv").to_pylist()
    assert one["websites"] == ["https://ada.example.com", "https://notes.example.com"]
    assert one["emails"] == ["ada@example.com", "a.example@example.com"]
    assert one["phones"] == ["+1 202 555 0143", "+1 202 555 0100"]  # the spaces of a number part nothing
    assert two["websites"] == ["https://ada.example.com", "https://shop.example.com"]


def test_what_the_library_wrote_it_reads_again(tmp_path: Path) -> None:
    table = channels.read([{"profile_id": "p1", "phones": ["+1 202 555 0143", "5550100"], "emails": ["a@example.com"]}])
    tables.write(table, tmp_path / "profiles.csv")
    assert channels.read(tmp_path / "profiles.csv")["phones"].to_pylist() == table["phones"].to_pylist()


def test_channels_go_by_their_proper_names_and_new_ones_keep_theirs() -> None:
    rows = [{"profile_id": name, "channel": name} for name in ("Twitter", "X", "linkedin.com", "New Place")]
    assert channels.read(rows)["channel"].to_pylist() == ["x", "x", "linkedin", "new place"]


def test_a_channel_that_is_told_fills_the_rows_that_name_none() -> None:
    table = channels.read([{"handle": "ada"}, {"handle": "bob", "channel": "github"}], channel="tiktok")
    assert table["channel"].to_pylist() == ["tiktok", "github"]


def test_ids_are_made_of_channel_scope_and_account_else_of_the_row() -> None:
    rows = [
        {"channel": "x", "handle": "@Ada", "account_id": "12"},
        {"channel": "x", "handle": "@Ada"},
        {"channel": "slack", "scope": "T1", "handle": "ada"},
        {"channel": "web", "display_name": "Ada"},
        {"channel": "x", "handle": "ada"},
    ]
    ids = channels.read(rows)["profile_id"].to_pylist()
    assert ids[0] == "x:12"
    assert sorted([ids[1], ids[4]]) == ["x:ada", "x:ada#2"]
    assert ids[2:4] == ["slack:T1:ada", "web#4"]


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_a_row_without_its_id_is_an_error_that_names_the_row(missing: str | None) -> None:
    with pytest.raises(TableError, match="row 2"):
        channels.read([{"profile_id": "a", "handle": "ada"}, {"profile_id": missing, "handle": "bob"}])


def test_two_rows_of_one_id_are_an_error_that_does_not_show_the_id() -> None:
    with pytest.raises(TableError, match="row 2") as raised:
        channels.read([{"profile_id": "secret"}, {"profile_id": "secret"}])
    assert "secret" not in str(raised.value)


def test_an_is_person_that_is_neither_true_nor_false_is_an_error() -> None:
    with pytest.raises(ChannelError, match="'is_person' in row 2 is neither true nor false"):
        channels.read([{"profile_id": "a", "is_person": "yes"}, {"profile_id": "b", "is_person": "perhaps"}])


def test_singular_names_are_taken_where_the_proper_ones_are_absent() -> None:
    (row,) = channels.read(
        [{"profile_id": "a", "email": "a@example.com", "username": "ada", "name": "Ada"}]
    ).to_pylist()
    assert (row["emails"], row["handle"], row["display_name"]) == (["a@example.com"], "ada", "Ada")
    (row,) = channels.read([{"profile_id": "a", "email": "a@example.com", "emails": ["b@example.com"]}]).to_pylist()
    assert (row["emails"], row["email"]) == (["b@example.com"], "a@example.com")


def test_other_columns_follow_with_their_types_and_nested_ones_as_json() -> None:
    table = channels.read([{"profile_id": "a", "score": 7, "extra": {"b": [1]}, "last_ip": "192.0.2.1"}])
    assert table.column_names[len(profiles_schema()) :] == ["score", "extra"]
    assert table["score"].type == pa.int64()
    assert table["extra"].to_pylist() == ['{"b": [1]}']


def test_verified_values_are_added_to_the_values() -> None:
    (row,) = channels.read([{"profile_id": "a", "verified_emails": ["a@example.com"]}]).to_pylist()
    assert row["emails"] == ["a@example.com"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_any_data_frame_will_do(make: object) -> None:
    frame = make({"profile_id": ["a", "b"], "links": [["https://x.com/ada"], None], "is_person": [True, None]})  # type: ignore[operator]
    table = channels.read(frame)
    assert table["links"].to_pylist() == [["https://x.com/ada"], None]
    assert table["is_person"].to_pylist() == [True, None]


def test_a_table_without_rows_gives_one_without_rows() -> None:
    empty = pa.table({"profile_id": pa.array([], pa.string()), "handle": pa.array([], pa.null())})
    assert channels.read(empty).schema.equals(profiles_schema())
    assert len(channels.read([], channel="profiles")) == 0


def test_ids_that_are_numbers_become_text_without_a_point() -> None:
    table = channels.read(pa.table({"profile_id": [1, 2], "account_id": [1345461797361504259, None]}))
    assert table["profile_id"].to_pylist() == ["1", "2"]
    assert table["account_id"].to_pylist() == ["1345461797361504259", None]
