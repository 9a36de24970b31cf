"""Saved web pages: the h-cards in them, and pages that are no page of a person."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from socialmerge import ChannelError, MissingExtraError, attach, channels

pytest.importorskip("mf2py")
CARD = """\
<div class="h-card vcard"><a class="p-name u-url" href="https://ada.example.com">Ada Lovell</a>
<a class="u-email" href="mailto:ada@example.com">write</a> <span class="p-org">Kiln &amp; Co</span>
<a rel="me" href="https://social.example.org/@adal">elsewhere</a><p class="p-note">Glazes.<script>x()</script></p></div>
"""
PAGE = f"<!doctype html><html><head><title>Ada</title></head><body>{CARD}</body></html>"
LD = '<script type="application/ld+json">{"@type": "Person", "name": "Ada L."}</script>'


def saved(folder: Path, text: str) -> Path:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_h_card_of_a_page_is_a_profile(tmp_path: Path) -> None:
    (found,) = channels.read(saved(tmp_path, PAGE)).to_pylist()
    assert (found["channel"], found["display_name"], found["employer"]) == ("web", "Ada Lovell", "Kiln & Co")
    assert found["emails"] == ["ada@example.com"]
    assert found["websites"] == ["https://ada.example.com"]
    assert found["links"] == ["https://social.example.org/@adal"]


def test_a_page_is_attached_as_it_was_saved(tmp_path: Path) -> None:
    customers = [{"id": "c1", "name": "Ada Lovell", "email": "ada@example.com"}, {"id": "c2", "name": "Ben Okri"}]
    assert attach(saved(tmp_path, PAGE), to=customers).decisions["customer_id"].to_pylist() == ["c1"]


def test_what_a_page_says_in_json_ld_goes_before_its_markup(tmp_path: Path) -> None:
    found = channels.read(saved(tmp_path, PAGE.replace("<body>", f"<body>{LD}")))
    assert found["display_name"].to_pylist() == ["Ada L."]


def test_without_the_extra_it_is_named_and_other_pages_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mf2py", None)
    with pytest.raises(MissingExtraError, match=r"page\.html seems to tell of people by h-cards.*\[web-profiles\]"):
        channels.read(saved(tmp_path, PAGE))
    assert channels.read(saved(tmp_path, f"<html>{LD}</html>")).num_rows == 1


def test_a_page_without_people_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="is no export that is known by its structure"):
        channels.read(saved(tmp_path, "<!doctype html><html><p class='card'>Shop, not vcard</p></html>"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<html class="h-card">' + "<div>" * 3_000, "nested deeper than any page"),
        ('<html class="h-card">' + "<p>" * 50_000, "larger than any page about a person"),
        ('<html class="h-card">' + "x" * (1 << 22), "larger than any page about a person"),
    ],
    ids=["deep", "many", "long"],
)
def test_a_page_that_is_none_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=said):
        channels.read(saved(tmp_path, text))
