"""Exports made to hurt: they give rows or one clear error, in a time that grows with their size alone."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from socialmerge import channels
from socialmerge.channels import html, vcard
from socialmerge.errors import ChannelError
from socialmerge.normalise import accounts
from socialmerge.records import Missing

GITHUB = {"login": "ada", "id": 1, "node_id": "M"}
LARGE = 200_000


def deep(levels: int = 50_000) -> object:
    value: object = []
    for _ in range(levels):
        value = [value]
    return value


def seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


@pytest.mark.parametrize(
    "note",
    [
        "<" * LARGE,
        "<a href=" * LARGE,
        "<a href='x'>" * LARGE,
        "<a rel=" + " " * LARGE + ">",
        "<a " + "rel=" * LARGE + ">",
        "<a " + "href " * LARGE + ">",
        "&" * LARGE,
        "&#" * LARGE,
        "<br>" + "\r" * LARGE,
        "<br>" + " \n" * LARGE,
        "<!--" * LARGE,
    ],
)
def test_any_html_is_read_in_a_time_that_grows_with_its_length(note: str) -> None:
    assert seconds(lambda: (html.text(note), html.links(note))) < 5


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "https://x.com/" + "/" * 1900,
        "@" * 1900,
        "<" * 1900,
        "your " * 390,
        "a." * 900 + "/",
        "{" * 1900,
        "a-" * 900,
        "%" * 1900,
        "https://" + "a@" * 900,
        "https://x.com/?" + "a=" * 900,
    ],
)
@pytest.mark.parametrize("channel", ["", "x", "mastodon", "bluesky", "linkedin", "github", "youtube", "web"])
def test_any_text_is_parsed_as_an_account_in_a_moment(text: str, channel: str) -> None:
    assert seconds(lambda: accounts.parse(text, channel=channel)) < 0.5


@pytest.mark.parametrize(
    "body",
    [
        "FN" + ';"' * LARGE,
        "FN" + ";" * LARGE,
        "FN:" + "\\" * LARGE,
        "N:" + ";" * LARGE,
        "\n ".join("x" * LARGE),
        ":" * LARGE,
    ],
)
def test_any_contact_card_is_read_in_a_time_that_grows_with_its_length(body: str) -> None:
    assert seconds(lambda: vcard.parse(f"BEGIN:VCARD\n{body}\nEND:VCARD")) < 5


def test_a_bio_of_ten_megabytes_is_only_long() -> None:
    table = channels.read([GITHUB | {"bio": "x" * 10_000_000}])
    assert len(table["bio"][0].as_py()) == 10_000_000


def test_nul_characters_and_halves_of_characters_come_through() -> None:
    table = channels.read(
        [GITHUB | {"\ud800": "x", "bio": "a\0b", "name": "\ud83d\ude00", "extra": "\ud800", "more": ["\ud800"]}]
    )
    assert table["bio"].to_pylist() == ["a\0b"]
    assert table["display_name"].to_pylist() == ["😀"]
    assert table["\ufffd"].to_pylist() == ["x"]
    assert channels.read([{"profile_id": "a", "\ud800": "x"}])["\ufffd"].to_pylist() == ["x"]


def test_deep_nesting_in_an_attribute_is_flattened_and_elsewhere_a_clear_error() -> None:
    assert channels.read([GITHUB | {"bio": deep()}])["bio"].to_pylist() == [None]
    for rows in ([GITHUB | {"extra": deep()}], [{"profile_id": "a", "extra": deep()}]):
        with pytest.raises(ChannelError, match="nested deeper"):
            channels.read(rows)


def test_deep_nesting_does_not_hurt_recognition() -> None:
    assert channels.recognise([{"@graph": deep()}]) is None
    assert channels.recognise([{"foo": deep()}]) is None


def test_a_web_page_full_of_openings_is_read_in_a_moment(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html>" + '<script type="application/ld+json">' * 50_000, encoding="utf-8")
    assert seconds(lambda: channels.recognise(page)) < 5


def test_values_of_python_that_json_has_not_are_text() -> None:
    row = GITHUB | {"created_at": dt.datetime(2024, 3, 5, tzinfo=dt.UTC), "key": uuid.UUID(int=1)}
    table = channels.read([row | {"bio": float("nan")}])
    assert table["created_at"].to_pylist() == ["2024-03-05T00:00:00+00:00"]
    assert table["key"].to_pylist() == ["00000000-0000-0000-0000-000000000001"]
    assert table["bio"].to_pylist() == [None]


def test_an_error_shows_no_personal_value() -> None:
    with pytest.raises(ChannelError) as raised:
        channels.read([{"id": 1, "name": "Ada Secret", "email": "secret@example.com"}], channel="github")
    assert "ecret" not in str(raised.value)
    assert isinstance(accounts.parse("https://"), Missing)
