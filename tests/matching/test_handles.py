"""The handle model: which handles a name makes, and how much a handle says."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.characters import LONGEST, Strings, hash_strings, join_hashes, squeeze
from socialmerge.matching.handle_candidates import blocking_forms
from socialmerge.matching.handles import HandleModel, fit_affixes, fit_shares, match, start_shares, ways
from socialmerge.matching.name_parts import NameParts, shown_forms
from socialmerge.matching.population import Population
from socialmerge.records import PersonName

HANK = PersonName("Henry Johnson", given="henry", middle="carl", family="johnson", nickname="hank")
ZORA = PersonName("Zora Quillfeather", given="zora", family="quillfeather")
COMPOUND = PersonName("Teresa Leger Fernandez", given="teresa", family="leger fernandez")
PEOPLE = [HANK, ZORA, COMPOUND]
POPULATION = Population.of(PEOPLE)
words = st.text(string.ascii_lowercase + string.digits, max_size=LONGEST)


def bits(handle: str, name: PersonName) -> float:
    """The weight of a handle against a name, as the chain takes it for a profile without a name."""
    model = HandleModel.start(POPULATION, [handle])
    handles, names = model.handles([squeeze(handle)]), NameParts.of(PEOPLE)
    row, person = np.array([0]), np.array([PEOPLE.index(name)])
    rest = model.rest(handles, row)
    given = model.probability(model.by_way(handles, names, row, person), rest, ["x"])
    anybody = model.probability(model.anybody(handles, row), rest, ["x"])
    return float(np.log2(given / anybody)[0])


@pytest.mark.parametrize(
    "handle",
    [
        "zora_quillfeather",
        "ZQuillfeather",
        "quillfeather.zora",
        "zoraq",
        "RealZoraQuillfeather",
        "zoraquillfeather84",
        "drquillfeather",
    ],
)
def test_handles_made_from_a_name_speak_for_it(handle: str) -> None:
    assert bits(handle, ZORA) > 6.0
    assert bits(handle, HANK) < 0.0


def test_a_nickname_makes_handles_too() -> None:
    assert bits("hankjohnson", HANK) > 6.0
    assert bits("hankjohnson", HANK) > bits("bojohnson", HANK) + 6.0


def test_one_word_of_a_compound_family_name_is_enough() -> None:
    assert bits("teresafernandez", COMPOUND) > 5.0
    assert bits("teresaleger", COMPOUND) > 5.0


def test_a_rare_name_says_more_than_a_common_one() -> None:
    assert bits("zoraquillfeather", ZORA) > bits("henryjohnson", HANK) + 4.0


def test_a_handle_that_no_name_explains_says_little() -> None:
    assert abs(bits("xdragon77", ZORA)) < 4.0


def test_shares_and_the_probability_of_each_way_are_probabilities() -> None:
    for channel in ("x", "github", "email", "display", "nowhere"):
        shares = start_shares(channel)
        assert len(shares) == len(ways()) + 1
        assert shares.sum() == pytest.approx(1.0)
        assert (shares > 0.0).all()


def test_fitting_finds_how_a_channel_makes_handles() -> None:
    people = [
        PersonName(f"{g} {f}", given=g, family=f)
        for g in ("ada", "bo", "cy", "di")
        for f in ("marsh", "nolan", "oakes", "pratt")
    ]
    texts = ["team" + n.given[0] + n.family for n in people]
    model = HandleModel.start(Population.of(people), texts)
    rows = np.arange(len(people))
    for _ in range(3):
        handles = model.handles(texts)
        found = match(handles, NameParts.of(people), rows, rows)
        weight = np.ones(len(rows))
        model = fit_shares(model, handles, found, rows=rows, channels=["x"] * len(rows), weight=weight)
        model = fit_affixes(model, handles, found, rows=rows, weight=weight)
    before, after = start_shares("x"), model.channel_shares(["x"])[0]
    assert after[ways().index(("g", "family"))] > before[ways().index(("g", "family"))] + 0.1
    assert model.affixes.before["team"] > 10.0
    assert model.channel_shares(["github"])[0] == pytest.approx(start_shares("github"))


@given(st.lists(words, min_size=1, max_size=6), st.data())
def test_the_hash_of_every_substring_is_the_hash_of_its_text(texts: list[str], data: st.DataObject) -> None:
    found = Strings.of(texts).substrings()
    n = data.draw(st.integers(0, len(texts) - 1))
    if texts[n]:
        i = data.draw(st.integers(0, len(texts[n]) - 1))
        j = data.draw(st.integers(i + 1, len(texts[n])))
        assert found[n, i, j] == hash_strings([texts[n][i:j]])[0][0]
        assert Strings.of(texts).tails()[n, i] == hash_strings([texts[n][i:]])[0][0]


@given(words.filter(bool), words.filter(bool))
def test_joined_hashes_are_the_hash_of_joined_text(first: str, second: str) -> None:
    if len(first + second) <= LONGEST:
        one, other = hash_strings([first]), hash_strings([second])
        assert join_hashes(one[0], *other) == hash_strings([first + second])[0]


@given(st.text(max_size=40))
def test_squeezing_twice_changes_nothing(text: str) -> None:
    once = squeeze(text)
    assert squeeze(once) == once
    assert set(once) <= set(string.ascii_lowercase + string.digits)


@pytest.mark.parametrize("name", PEOPLE)
def test_forms_by_hash_are_the_forms_by_text(name: PersonName) -> None:
    parts = NameParts.of([name])
    for way in ways():
        shown = shown_forms(name, way)
        by_hash = {int(parts.form(way, k)[0]) for k in range(6 if "nick" in way else 1)} - {0}
        assert by_hash == {int(h) for h in hash_strings([f for f in shown if len(f) <= LONGEST])[0]} - {0}


def test_blocking_forms_are_the_likely_handles() -> None:
    assert {"zoraquillfeather", "zquillfeather", "quillfeather"} <= set(blocking_forms(ZORA))
    assert "hankjohnson" in blocking_forms(HANK)


def test_names_of_the_table_are_commoner_and_shares_add_up() -> None:
    many = [PersonName(f"{g} oddly", given=g, family="oddly") for g in ("ann", "bob", "cat", "dan", "eve", "fay")]
    rates = Population.of([*many, ZORA]).family
    asked = Strings.of(["oddly", "quillfeather", "smith", "zzyzxq"])
    oddly, quill, smith, unseen = rates.of_strings(asked).tolist()
    assert oddly > quill > unseen > 0.0
    assert smith > 0.0
    assert rates.rates.sum() + rates.unseen == pytest.approx(1.0, abs=0.02)
