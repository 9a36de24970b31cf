"""Laws of reading profiles: any rows end in the columns of profiles with unique ids, or in one documented error."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialmerge import channels
from socialmerge.errors import SocialMergeError
from socialmerge.records import profiles_schema

TEXT = st.text(max_size=12) | st.text(alphabet=st.characters(), max_size=4)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [*profiles_schema().names, "email", "login", "acct", "note", "URL", "extra", "profile", "fields", "@type"]
)
ROWS = st.lists(st.dictionaries(KEYS, VALUE, max_size=6), max_size=4)


def is_whole(rows: list[dict[str, object]], channel: str | None) -> bool:
    try:
        table = channels.read(rows, channel=channel)
    except SocialMergeError:
        return True
    schema = profiles_schema()
    ids = table["profile_id"].to_pylist()
    return (
        table.schema.names[: len(schema)] == schema.names
        and [table.schema.field(name).type for name in schema.names] == schema.types
        and len(set(ids)) == len(ids) == len(table)
        and None not in ids
    )


@settings(deadline=None)
@given(rows=ROWS, channel=st.sampled_from([None, "profiles", *channels.names()]))
def test_any_rows_give_whole_profiles_or_a_documented_error(rows: list[dict[str, object]], channel: str | None) -> None:
    assert is_whole(rows, channel)


REQUIRED = {
    "github": {"login": "ada", "id": 1, "node_id": "M"},
    "x": {"id": "1", "username": "ada", "name": "Ada", "public_metrics": {"followers_count": 1}},
    "mastodon": {"acct": "ada", "username": "ada", "note": "", "url": "https://social.example.com/@ada"},
    "slack": {"id": "U1", "name": "ada", "team_id": "T1", "profile": {}},
    "gravatar": {"hash": "00", "profile_url": "https://gravatar.com/ada", "display_name": "Ada"},
}
ATTRIBUTES = st.sampled_from(
    [
        "url",
        "uri",
        "note",
        "fields",
        "bot",
        "moved",
        "type",
        "company",
        "blog",
        "entities",
        "profile",
        "description",
        "links",
    ]
)


@pytest.mark.parametrize("channel", sorted(REQUIRED))
@settings(deadline=None)
@given(data=st.data())
def test_an_export_with_anything_in_its_other_attributes_is_read(channel: str, data: st.DataObject) -> None:
    extra = data.draw(st.lists(st.dictionaries(ATTRIBUTES, VALUE, max_size=5), min_size=1, max_size=3))
    rows = [row | REQUIRED[channel] for row in extra]
    table = channels.read(rows, channel=channel)
    assert len(table) == len(rows)
    assert len(set(table["profile_id"].to_pylist())) == len(rows)
    back = channels.read(rows[::-1], channel=channel)
    assert sorted(table["profile_id"].to_pylist()) == sorted(back["profile_id"].to_pylist())


@given(text=st.text(max_size=200))
def test_any_text_as_a_file_is_read_or_one_documented_error(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("any") / "file.dat"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(SocialMergeError):
        assert channels.recognise(file) in {None, "profiles", *channels.names()}
    with contextlib.suppress(SocialMergeError):
        assert channels.read(file).column_names[: len(profiles_schema())] == profiles_schema().names
