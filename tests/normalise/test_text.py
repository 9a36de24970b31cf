"""Text: folding, cleaning, and what counts as no value."""

from __future__ import annotations

import pytest

from socialmerge.normalise import text
from socialmerge.records import Missing, MissingReason


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("ADA", "ada"),
        ("Ada   Lovelace ", "ada lovelace"),
        ("O'Neil", "oneil"),
        ("O’Neil", "oneil"),
        ("O´Neil", "oneil"),
        ("Smith-Jones", "smith jones"),
        ("Żółć Œuvre", "zolc oeuvre"),
        ("Straße", "strasse"),
        ("Ａｄａ", "ada"),
        ("𝓐𝓭𝓪", "ada"),
        ("✨Ada✨", "ada"),
        ("Ada 🏳️\u200d🌈", "ada"),
        ("Путин", "putin"),
        ("Ольга", "olga"),
        ("张伟", "zhangwei"),
        ("a\x00b\u2028c", "a b c"),
        ("Per-&#197;ke", "per ake"),
        ("AT&amp;T", "at t"),
        ("---", ""),
        ("🌍", ""),
    ],
)
def test_a_key_has_one_spelling(raw: str, key: str) -> None:
    assert text.fold(raw) == key


@pytest.mark.parametrize("raw", ["", "   ", "\t\n", "\u200b", "\x00"])
def test_white_space_and_invisible_characters_are_empty(raw: str) -> None:
    assert text.is_junk(raw) is MissingReason.EMPTY


@pytest.mark.parametrize(
    "raw",
    [
        "null",
        "NULL",
        "n/a",
        "N.A.",
        "#N/A",
        "(blank)",
        "none",
        "Unknown",
        "-",
        "--",
        "...",
        "?",
        "0000",
        "9999",
        "xxx",
        "🌍",
        "asdf",
        "Anonymous",
        "test",
        "[deleted]",
        "undefined",
        "not provided",
        "NaN",
        "unbekannt",
    ],
)
def test_words_that_stand_for_no_value_are_junk(raw: str) -> None:
    assert text.is_junk(raw) in {MissingReason.JUNK, MissingReason.PLACEHOLDER}


@pytest.mark.parametrize(
    "raw", ["<Your Twitter Username>", "{{first_name}}", "[Insert name]", "%FIRSTNAME%", "*|FNAME|*", "First Name"]
)
def test_what_a_template_shows_is_a_placeholder(raw: str) -> None:
    assert text.is_junk(raw) is MissingReason.PLACEHOLDER


@pytest.mark.parametrize(
    "raw", ["Null Island", "Nona", "Testa", "7", "00 Agents", "[Berlin]", "1112", "Unknown Pleasures"]
)
def test_a_value_that_only_holds_such_a_word_is_kept(raw: str) -> None:
    assert text.is_junk(raw) is None


def test_a_run_of_combining_marks_is_cut() -> None:
    decorated = "a" + "\u0301\u0316" * 5_000
    assert len(text.clean(decorated)) < 100
    assert text.fold(decorated) == "a"


def test_entities_nested_too_deep_are_left_alone() -> None:
    deep = "&" + "amp;" * 20 + "x"
    assert text.clean(text.clean(deep)) == text.clean(deep)


def test_a_parsed_text_is_its_key_or_the_reason() -> None:
    assert text.parse("The Old Mill") == "the old mill"
    assert text.parse("n/a") == Missing(MissingReason.JUNK)
