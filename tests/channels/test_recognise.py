"""What is told apart by structure, and what is said when it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from socialmerge import channels
from socialmerge.errors import ChannelError, TableError

GITHUB = {"login": "ada", "id": 1, "node_id": "M"}
MASTODON = {"acct": "ada", "username": "ada", "note": "", "url": "https://social.example.com/@ada"}


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": 1, "name": "Ada", "city": "London"}],
        [{"id": "1", "username": "ada", "name": "Ada"}],
        [{"Id": "1", "FirstName": "Ada", "LastName": "Example", "Email": "ada@example.com"}],
        [{"id": 1, "given_name": "ada", "surname": "example", "date_of_birth": "18151210"}],
        [{"id": 1, "channel": "shop", "emails": "ada@example.com"}],
        [],
    ],
)
def test_a_table_of_customers_is_no_export(rows: list[dict[str, object]], tmp_path: Path) -> None:
    assert channels.recognise(rows) is None
    if rows:
        table = pa.Table.from_pylist(rows)
        assert channels.recognise(table) is None
        pq.write_table(table, tmp_path / "customers.parquet")
        assert channels.recognise(tmp_path / "customers.parquet") is None


def test_of_a_large_table_only_the_header_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text('id,name\n1,"Ada\n"broken', encoding="utf-8")
    assert channels.recognise(file) is None


def test_a_file_of_customers_with_semicolons_is_no_export_and_one_of_profiles_is(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id;name\n1;Ada\n", encoding="utf-8")
    assert channels.recognise(file) is None
    file.write_text("\ufeffprofile_id;handle\n1;ada\n", encoding="utf-8")
    assert channels.recognise(file) == "profiles"
    file.write_bytes("profile_id\thandle\n1\tada\n".encode("utf-16"))
    assert channels.recognise(file) == "profiles"


def test_what_fits_two_channels_is_asked_about() -> None:
    with pytest.raises(ChannelError, match="github or of mastodon; say which with channel="):
        channels.recognise([GITHUB | MASTODON])
    assert channels.read([GITHUB | MASTODON], channel="github")["profile_id"].to_pylist() == ["github:1"]


def test_an_export_of_another_channel_is_named() -> None:
    with pytest.raises(ChannelError, match="not an export of github: this looks like a mastodon export"):
        channels.read([MASTODON], channel="github")


def test_an_unknown_channel_brings_the_nearest_to_mind() -> None:
    with pytest.raises(ChannelError, match="unknown channel 'mastadon'; did you mean 'mastodon'"):
        channels.read([MASTODON], channel="mastadon")
    with pytest.raises(ChannelError, match="unknown channel 'zzz' "):
        channels.rules("zzz")


def test_records_without_what_every_record_has_are_counted_with_their_places() -> None:
    records = [GITHUB, {"id": 2}, {"id": 3}, 5]
    with pytest.raises(ChannelError) as raised:
        channels.read(records, channel="github")
    assert "no 'login': records 2, 3" in str(raised.value)
    assert "not an object: record 4" in str(raised.value)


def test_a_stranger_is_told_what_can_be_read() -> None:
    with pytest.raises(ChannelError, match=r"github, gravatar, instagram, linkedin, mastodon.*channel="):
        channels.read([{"foo": 1}])
    with pytest.raises(ChannelError, match="profile rows with columns such as handle"):
        channels.read([{"foo": 1}], channel="threads")
    with pytest.raises(ChannelError, match="no 'login': record 1"):
        channels.read([{"foo": 1}], channel="github")


def test_an_export_without_anybody_is_an_empty_table(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    file.write_text('{"data": []}', encoding="utf-8")
    assert len(channels.read(file, channel="x")) == 0
    file.write_text("[]", encoding="utf-8")
    assert len(channels.read(file, channel="github")) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"login": "ada",}]', r"line 1, column 1[78]: not JSON"),
        ('{"login": "ada"}\n{"login": \n', r"line 2, column 11: not JSON"),
        ('[{"login": "ada"', r"not JSON"),
        ("[" * 100_000 + "]" * 100_000, "nested deeper"),
        ('[{"login": "ada", "id": ' + "9" * 5000 + "}]", "thousands of digits"),
    ],
)
def test_broken_json_is_an_error_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ChannelError, match=message):
        channels.read(file)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for act in (channels.read, channels.recognise):
        with pytest.raises(TableError, match="no such file"):
            act(tmp_path / "nothing.json")


def test_something_else_than_a_table_is_an_error() -> None:
    with pytest.raises(TableError, match="cannot read a int"):
        channels.read(5)
