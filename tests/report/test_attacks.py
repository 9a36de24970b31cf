"""Values that try to become markup, style, a template or a disguise, wherever a value can stand; and the masks."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report import made_up
from tests.report.test_page import every, words

import socialmerge as sm
from socialmerge.report.characters import visible
from socialmerge.report.masking import Masking

# Each is shorter than what a cell shows of a long value.
ATTACKS = {
    "tags": "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><use href='//evil.example'/>",
    "closing": "--></td></table></style></title></svg>]]><b onclick=alert(1)><!-- <![CDATA[ <?php ?>",
    "attribute": "\" onmouseover=\"alert(1)\" style='background:url(//evil.example)' href='javascript:alert(1)",
    "css": "}</style><style>*{background:url(//evil.example)}@import '//evil.example';",
    "template": "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}{# gone #}",
    "entity": r"&lt;script&gt;&#60;b&#62;&amp;lt; $\frac{1}{0}$ $x_$ javascript:alert(1)",
}
HIDDEN = "a\u202etxt.exe\u202c\u2066\u2069 \x00\x08\x1b[31m \u200b\ufeff\u2060b"
Read = tuple[str, Element]


def page_of(text: str, path: Path, *, masked: bool = False) -> Read:
    """The page with that text everywhere: as text, and as a browser reads it."""
    sm.to_html(made_up.everything(text), path, masked=masked, title=f"Report{text}")
    written = path.read_text(encoding="utf-8")
    return written, html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(written)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Read, Read]:
    """The page of harmless values, masked and not."""
    path = tmp_path_factory.mktemp("plain") / "page.html"
    return page_of("", path, masked=True), page_of("", path)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_value_stays_a_value(attack: str, plain: tuple[Read, Read], tmp_path: Path) -> None:
    page = page_of(f" {attack}", tmp_path / "page.html")[1]
    assert not unusual(plain, page)
    assert " ".join(attack.split()) in words(page), "it is shown as it is"
    drawn = " ".join(words(one) for one in every(page, "text"))
    assert " ".join(attack.split())[:20] in drawn, "in the plots too"


def test_a_masked_value_stays_a_value(plain: tuple[Read, Read], tmp_path: Path) -> None:
    assert not unusual(plain, page_of(f" {''.join(ATTACKS.values())}", tmp_path / "page.html", masked=True)[1])


def unusual(plain: tuple[Read, Read], page: Element) -> list[str]:
    """What a page has that the page of harmless values does not have: elements, attributes, links, styles."""
    usual = {(one.tag, name) for _, root in plain for one in root.iter() for name in ("", *one.attrib)}
    found = [str(one) for one in {(one.tag, name) for one in page.iter() for name in ("", *one.attrib)} - usual]
    found += [link for one in page.iter() if not (link := one.get("href", "#")).startswith("#")]
    return found + ["style"] * (len(list(every(page, "style"))) - 1)


def test_what_cannot_be_seen_is_shown_by_its_number(tmp_path: Path) -> None:
    written, page = page_of(HIDDEN, tmp_path / "page.html")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2060-\u2069\ufeff]", written)
    assert "a[U+202E]txt.exe[U+202C]" in words(page)


def test_halves_of_characters_in_names_and_heads_do_not_stop_the_report(tmp_path: Path) -> None:
    finding = replace(made_up.finding(1), says="\ud83d", field="\x00")
    audit = replace(made_up.audit(), reasons=("a \ud800 b", "\udfff"), findings=(finding,))
    sm.to_html(audit, tmp_path / "page.html", title="\udc80")
    assert "[U+D800]" in (tmp_path / "page.html").read_text(encoding="utf-8")


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_whatever_is_shown_can_be_written_and_hides_nothing(text: str) -> None:
    shown = visible(text)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert visible(shown) == shown


def test_words_in_any_script_stay_as_they_are() -> None:
    for text in ("Zoë Łukasiewicz", "محمد‌رضا", "陳大文", "אברהם", "नरेन्द्र", "👩‍🔬"):
        assert visible(text) == text


NAMES = ("Lovell", "Okafor", "Montefiore", "Vasquez", "Hartmann", "Lindqvist", "Okonkwo", "Rivertown")
PERSONAL = (*NAMES, "chiara@", "ada@example", "5550101", "555 01", "chiaram", "mastodon:farid", "zzyzx")


def test_nothing_personal_is_on_a_page_unless_it_is_asked_for(plain: tuple[Read, Read]) -> None:
    masked, shown = (unescape(written) for written, _ in plain)
    assert [value for value in PERSONAL if value.casefold() in masked.casefold()] == []
    assert {"Okonkwo", "Vasquez"} <= {value for value in PERSONAL if value in shown}
    assert [one for one in ("github:1", "c1", "c7") if one not in masked] == []


def test_a_page_says_whether_it_is_masked(plain: tuple[Read, Read]) -> None:
    (_, masked), (_, shown) = plain
    assert "are masked" in words(next(every(masked, "header")))
    assert "shows personal values" in words(next(every(shown, "header")))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Ada Lovell", "A••• L•••"),
        ("ada.lovell@example.com", "a•••@•••"),
        ("+1 212 555 0101", "•••01"),
        ("https://social.example.com/@ada", "https://•••"),
        ("1815-12-10", "•••"),
        ("12 Garden Lane Rivertown 4711", "••• G••• L••• R••• …"),
        ("@ada", "a•••"),
        ("陳大文", "陳•••"),
        ("???", "•••"),
    ],
)
def test_a_masked_value_keeps_what_recognises_it_and_no_more(text: str, masked: str) -> None:
    assert Masking().value(text) == masked
    assert Masking(on=False).value(text) == text


@given(st.text(min_size=1, max_size=40))
def test_a_masked_value_keeps_one_letter_a_word_and_two_digits_at_most(text: str) -> None:
    masked = Masking().value(text)
    assert sum(map(str.isdigit, masked)) <= 2
    assert all(sum(map(str.isalpha, word)) <= 5 for word in masked.split())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call +44 20 7946 0100 now", "call •••00 now"),
        ("41 rows say info@example.com", "41 rows say i•••@•••"),
        ("@ada@example.social follows", "a••• follows"),
        ("see https://example.com/ada", "see https://•••"),
        ("12,345,678 rows since 2025-01-31 and 1.5 of 1000", "12,345,678 rows since 2025-01-31 and 1.5 of 1000"),
    ],
)
def test_a_sentence_keeps_its_words_and_counts(text: str, masked: str) -> None:
    assert Masking().text(text) == masked


IDS = """c1 0031x CUST-0012 rec-12-org github:10000225653 slack:T0SAMPLE01:U0SAMPLE0042
vcard:urn:uuid:00000000-0000-4000-8000-000000000231"""
HANDLES = {
    "linkedin:ada-lovell-71b": "linkedin:a•••",
    "mastodon:https://example.social/users/ada": "mastodon:a•••",
    "ada@example.com": "a•••@•••",
}


@pytest.mark.parametrize("id", IDS.split())
def test_ids_are_shown(id: str) -> None:
    assert Masking().id(id) == id


@pytest.mark.parametrize(("id", "masked"), HANDLES.items())
def test_an_id_that_is_a_handle_or_an_address_is_masked(id: str, masked: str) -> None:
    assert Masking().id(id) == masked
