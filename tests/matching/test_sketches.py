"""Sketches and screens: what they rule out is really unlike, and numbers compare as the written values do."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, Indel, JaroWinkler

from socialmerge.blocking import derivations
from socialmerge.matching import sketches
from socialmerge.matching.sketches import sketch
from socialmerge.matching.unequal import by_code
from socialmerge.normalise.features import Feature

WORDS = st.text("abcdeilmnorst jy", min_size=1, max_size=12)
NUMBERS = st.text("0123456789", min_size=1, max_size=13)
ANY = st.text(min_size=1, max_size=70)
KNOWN = st.sampled_from(["robert", "bob", "bobby", "rob", "anna", "ann", "j", "jean paul", "jean", "mary", "marsha"])
ADDRESSES = st.builds("{}@{}".format, st.text("abcdeln._", min_size=1, max_size=9), st.sampled_from(["a.org", "b.com"]))
HANDLES = st.builds("{}:{}".format, st.sampled_from(["x", "github"]), st.text("abcABC-_12", min_size=1, max_size=9))


def codes(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Each text with each other one."""
    one, other = np.triu_indices(len(texts), 1)
    return one.astype(np.int32), other.astype(np.int32)


@given(st.lists(WORDS | NUMBERS | ANY, min_size=2, max_size=8, unique=True))
def test_no_similarity_passes_its_bound(texts: list[str]) -> None:
    drawn = sketch(pa.array(texts, pa.string()))
    a, b = codes(texts)
    common = drawn.common(a, b)
    sure = ~drawn.undecided(a, b, np.zeros(len(a), bool))
    winkler, indel = drawn.winkler_at_most(a, b, common), drawn.indel_at_most(a, b, common)
    edits = drawn.edits_at_least(a, b, common)
    for i in np.flatnonzero(sure).tolist():
        one, other = texts[a[i]], texts[b[i]]
        assert JaroWinkler.similarity(one, other) <= winkler[i]
        assert OSA.distance(one, other) >= edits[i]
        assert Indel.normalized_similarity(one, other) <= indel[i]


@pytest.mark.parametrize(
    ("comparison", "keys"),
    [
        ("given", WORDS | KNOWN),
        ("family", WORDS),
        ("city", WORDS),
        ("email", ADDRESSES),
        ("phone", NUMBERS),
        ("account", HANDLES),
        ("house", NUMBERS),
        ("code", WORDS | NUMBERS),
    ],
)
def test_a_screen_changes_no_level(comparison: str, keys: st.SearchStrategy[str]) -> None:
    @given(st.lists(keys, min_size=2, max_size=8, unique=True))
    def law(texts: list[str]) -> None:
        # few values are compared without a screen and remembered; many are screened
        few, many = (
            by_code(Feature("v", comparison, np.zeros((1, 1), np.int32), [*texts, *more]))
            for more in ([], [f"~{number}" for number in range(2_000)])
        )
        a, b = codes(texts)
        assert many(a, b).tolist() == few(a, b).tolist()
        assert many(b, a).tolist() == many(a, b).tolist()

    law()


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19500102", "19500103", 4),
        ("19500112", "19500121", 4),
        ("19500102", "19500201", 4),
        ("19520102", "19250102", 4),
        ("19501102", "19500320", 3),
        ("19500102", "19780102", 3),
        ("19500000", "19780000", 0),
        ("19491230", "19500115", 2),
        ("19450320", "19521101", 1),
        ("19450320", "19891101", 0),
    ],
)
def test_dates_compare_by_their_digits(one: str, other: str, level: int) -> None:
    compare = by_code(Feature("v", "date", np.zeros((1, 1), np.int32), [one, other]))
    first, second = np.array([0], np.int32), np.array([1], np.int32)
    assert compare(first, second).tolist() == compare(second, first).tolist() == [level]


@pytest.mark.parametrize(
    ("comparison", "one", "other", "level"),
    [
        ("middle", "anna", "a", 1),
        ("middle", "anna", "alma", 0),
        ("url", "example.com/a", "example.com/b", 1),
        ("url", "example.com", "example.org", 0),
        ("number", "1000", "1000.5", 1),
        ("number", "1000", "1100", 0),
        ("number", "1000", "n 5", 0),
        ("state", "tx", "ty", 0),
    ],
)
def test_other_kinds_compare_by_numbers(comparison: str, one: str, other: str, level: int) -> None:
    compare = by_code(Feature("v", comparison, np.zeros((1, 1), np.int32), [one, other]))
    assert compare(np.array([0], np.int32), np.array([1], np.int32)).tolist() == [level]


@given(st.lists(WORDS | st.text("abcphkhs", max_size=9), min_size=1, max_size=6))
def test_sounds_of_a_column_are_those_of_each_key(texts: list[str]) -> None:
    together = [sound.decode() for sound in derivations.sounds(pa.array(texts, pa.string())).to_pylist()]
    assert together == [derivations.sound(text) for text in texts]


def test_a_sketch_is_the_same_however_many_keys_are_drawn_at_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = pa.array(["ada", "", "lovelace", "é" * 40, "0123456789" * 7, "bob2000", "al"])
    whole = sketch(keys.slice(1))
    monkeypatch.setattr(sketches, "AT_ONCE", 2)
    parts = sketch(keys.slice(1))
    for name in ("bits", "beyond", "length", "first", "open_"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist(), name
