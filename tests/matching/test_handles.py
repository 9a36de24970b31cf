"""The handle model: which handles a name makes, and how much a handle says."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.characters import LONGEST, Strings, hash_strings, join_hashes, squeeze
from socialmerge.matching.handle_matches import Handles, Matches, match
from socialmerge.matching.handles import HandleModel, explained, fit_affixes, fit_shares, start_shares, ways
from socialmerge.matching.name_parts import NameParts, other_forms
from socialmerge.matching.population import Population
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.texts import Texts
from socialmerge.records import PersonName

HANK = PersonName("Henry Johnson", given="henry", middle="carl", family="johnson", nickname="hank")
ZORA = PersonName("Zora Quillfeather", given="zora", family="quillfeather")
COMPOUND = PersonName("Teresa Leger Fernandez", given="teresa", family="leger fernandez")
PEOPLE = [HANK, ZORA, COMPOUND]
POPULATION = Population.of(ChainNames.of(PEOPLE))
words = st.text(string.ascii_lowercase + string.digits, max_size=LONGEST)


def found(handles: Sequence[str], people: Sequence[PersonName]) -> Matches:
    """What each handle holds of the name at its place."""
    names = ChainNames.of(people)
    texts = Texts(pa.array(handles, pa.string()))
    parts, rows = NameParts.of(names, Signatures.of(names.words)), np.arange(len(people))
    return match(Handles(Strings.of(texts), Signatures.of(texts).pairs), parts, ways(), rows, rows)


def bits(handle: str, name: PersonName) -> float:
    """The weight of a handle against a name, as the chain takes it for a profile without a name."""
    model = HandleModel.start(POPULATION, [handle])
    squeezed, row = squeeze(handle), np.array([0])
    affixed, shares = model.scored(Strings.of([squeezed])), model.channel_shares(["x"])
    given = model.given(affixed, found([squeezed], [name]), row, row, shares)
    anybody = model.unknown(model.anybody(affixed, row), affixed.rest, shares)
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
    model = HandleModel.start(Population.of(ChainNames.of(people)), texts)
    rows, weight, strings = np.arange(len(people)), np.ones(len(people)), Strings.of(texts)
    matches, shown = found(texts, people), Texts(pa.array(texts))
    for _ in range(3):
        affixed = model.scored(strings)
        zero = np.zeros(len(people), dtype=np.int64)
        model = fit_shares(model, affixed, matches, handle=rows, channel=zero, channels=["x"], weight=weight)
        model = fit_affixes(model, shown, affixed, matches, handle=rows, weight=weight)
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


TAKE = {
    "given": lambda n: n.given,
    "middle": lambda n: n.middle,
    "family": lambda n: n.family.replace(" ", ""),
    "family1": lambda n: n.family.split()[0] if " " in n.family else "",
    "family2": lambda n: n.family.split()[-1] if " " in n.family else "",
    "g": lambda n: n.given[:1],
    "m": lambda n: n.middle[:1],
    "f": lambda n: n.family[:1],
}


def shown_forms(name: PersonName, way: tuple[str, ...]) -> set[str]:
    """The handles that a name makes one way, put together as text."""
    nicks = [name.nickname, *sorted(other_forms(name.given), key=lambda f: (len(f), f))] if "nick" in way else [""]
    nicks = [n for n in dict.fromkeys(nicks) if n][:6] if "nick" in way else nicks
    made = (tuple(nick if part == "nick" else TAKE[part](name) for part in way) for nick in nicks)
    return {"".join(words) for words in made if all(words) and 1 < len("".join(words)) <= LONGEST}


@pytest.mark.parametrize("name", PEOPLE)
def test_forms_by_hash_are_the_forms_by_text(name: PersonName) -> None:
    names = ChainNames.of([name])
    parts = NameParts.of(names, Signatures.of(names.words))
    for way in ways():
        by_hash = {int(parts.form(way, np.array([0]), k)[0][0]) for k in range(6 if "nick" in way else 1)} - {0}
        assert by_hash == {int(h) for h in hash_strings(sorted(shown_forms(name, way)))[0]}


@given(st.sampled_from(PEOPLE), st.sampled_from(ways()), words, words)
def test_a_form_is_found_wherever_it_stands(name: PersonName, way: tuple[str, ...], before: str, after: str) -> None:
    for form in shown_forms(name, way):
        handle = before[:3] + form + after[:3]
        if len(handle) <= LONGEST:
            matches = found([handle], [name])
            rows = matches.way == ways().index(way)
            places = zip(matches.start[rows].tolist(), matches.stop[rows].tolist(), strict=True)
            assert form in {handle[start:stop] for start, stop in places}


@given(words)
def test_nothing_is_found_but_forms_of_the_name(handle: str) -> None:
    for name in PEOPLE:
        matches = found([handle], [name])
        for way, start, stop in zip(matches.way.tolist(), matches.start.tolist(), matches.stop.tolist(), strict=True):
            assert handle[start:stop] in shown_forms(name, ways()[way])


def test_a_form_that_stands_twice_counts_where_it_is_likeliest() -> None:
    matches = found(["hankjohnsonhankjohnson"], [HANK])
    affixed = HandleModel.start(POPULATION, ["hankjohnson"]).scored(Strings.of(["hankjohnsonhankjohnson"]))
    value = explained(affixed, matches, np.array([0]))
    assert len(value) == len(matches.first) < len(matches.pair)
    assert (value > 0).all()


def test_names_of_the_table_are_commoner_and_shares_add_up() -> None:
    many = [PersonName(f"{g} oddly", given=g, family="oddly") for g in ("ann", "bob", "cat", "dan", "eve", "fay")]
    rates = Population.of(ChainNames.of([*many, ZORA])).family
    asked = Strings.of(["oddly", "quillfeather", "smith", "zzyzxq"])
    oddly, quill, smith, unseen = rates.of_strings(asked).tolist()
    assert oddly > quill > unseen > 0.0
    assert smith > 0.0
    assert rates.rates.sum() + rates.unseen == pytest.approx(1.0, abs=0.02)
