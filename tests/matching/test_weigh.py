"""Weights: monotone, the textbook's, and with a class for relatives."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.estimate import fit, fit_given
from socialmerge.matching.weigh import FieldWeights, Fit, score
from socialmerge.normalise.features import build

TOWNS = pa.table({"town": ["york", "ely", "bath", "york"], "lot": ["a1", "b2", "c3", "a1"], "born": ["1900-01-02"] * 4})


def comparers_of() -> tuple[Comparer, ...]:
    return prepare(build((sm.category("town"), sm.code("lot")), TOWNS))


def shares(size: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.lists(st.floats(0.01, 1), min_size=size, max_size=size).map(lambda v: tuple(x / sum(v) for x in v))


@st.composite
def fits(draw: st.DrawFn) -> Fit:
    sizes = {"town": 2, "lot": 4}
    fields = tuple(FieldWeights(name, *(draw(shares(size)) for _ in range(3))) for name, size in sizes.items())
    return Fit(fields, draw(st.floats(1e-6, 0.4)), draw(st.floats(0, 0.4)), 100.0)


def textbook(fitted: Fit, states: list[int], rarity: list[float], kin: list[bool]) -> float:
    """Probability of a match by Bayes' rule, one factor a field; a missing value has no factor."""
    match, related, other = fitted.match_share, fitted.related_share, 1 - fitted.match_share - fitted.related_share
    for weights, state, bits, shared in zip(fitted.fields, states, rarity, kin, strict=True):
        if state:
            match *= weights.match[state - 1] * 2**bits
            related *= weights.related[state - 1] * (2**bits if shared else 1)
            other *= weights.other[state - 1]
    return match / (match + related + other)


@given(fits(), st.integers(0, 2), st.integers(0, 4), st.floats(-5, 5), st.floats(-5, 5))
def test_a_probability_is_the_textbooks(fitted: Fit, town: int, lot: int, rare_town: float, rare_lot: float) -> None:
    rarity = np.array([[rare_town if town else 0], [rare_lot if lot else 0]], np.float32)
    found = score(comparers_of(), fitted, Compared(np.array([[town], [lot]], np.uint8), rarity))
    kin = [comparer.levels.related is not None for comparer in comparers_of()]
    expected = textbook(fitted, [town, lot], rarity[:, 0].tolist(), kin)
    assert found.probability[0] == pytest.approx(expected, rel=1e-6)
    odds = 2 ** (found.weight[0] + fitted.prior)
    assert odds / (1 + odds) == pytest.approx(expected, rel=1e-6)


def people(count: int, doubles: int) -> pa.Table:
    random = np.random.default_rng(1)
    rows = [
        {
            "first": f"given{random.integers(0, 40)}",
            "last": f"family{random.integers(0, 200)}",
            "lot": f"{random.integers(0, 10**6):06d}",
            "town": f"town{random.integers(0, 9)}",
        }
        for _ in range(count)
    ]
    changed = [{**row, "town": f"town{random.integers(0, 9)}"} for row in rows[:doubles]]
    return pa.Table.from_pylist([*rows, *changed])


@pytest.fixture(scope="module")
def fitted() -> tuple[tuple[Comparer, ...], Fit]:
    table = people(300, 60)
    fields = (sm.name(given="first", family="last"), sm.code("lot"), sm.category("town"))
    comparers = prepare(build(fields, table))
    left, right = (part.astype(np.int32) for part in np.triu_indices(table.num_rows, 1))
    seen = compare(comparers, left[::7], right[::7])
    truth = np.arange(60, dtype=np.int32)
    candidates = compare(comparers, truth, truth + 300)
    return comparers, fit(comparers, candidates, seen, pairs=float(len(left)), rows=table.num_rows)


def test_weights_grow_with_agreement(fitted: tuple[tuple[Comparer, ...], Fit]) -> None:
    comparers, found = fitted
    for comparer, weights in zip(comparers, found.fields, strict=True):
        block = len(comparer.levels.labels)
        for start in range(0, len(weights.bits), block):
            bits = weights.bits[start : start + block]
            assert all(low <= high + 1e-9 for low, high in pairwise(bits))


def test_shares_are_shares_and_no_level_is_impossible(fitted: tuple[tuple[Comparer, ...], Fit]) -> None:
    comparers, found = fitted
    for comparer, weights in zip(comparers, found.fields, strict=True):
        for table in (weights.match, weights.related, weights.other):
            blocks = np.array(table).reshape(-1, len(comparer.levels.labels))
            assert blocks.sum(axis=1) == pytest.approx(1)
            assert (blocks > 0).all()
        assert 0 < weights.prior_share <= 1
        assert all(math.isfinite(bits) for bits in weights.bits)


def test_the_share_of_matches_is_found(fitted: tuple[tuple[Comparer, ...], Fit]) -> None:
    assert fitted[1].match_share * fitted[1].pairs == pytest.approx(60, rel=0.15)


def test_a_field_that_changes_often_weighs_little_against_a_match(fitted: tuple[tuple[Comparer, ...], Fit]) -> None:
    bits = {weights.name: weights.bits for weights in fitted[1].fields}
    assert bits["lot"][-1] > bits["town"][-1] > 0 > bits["town"][0] > bits["lot"][0]


def test_two_rows_have_shares_that_add_up() -> None:
    comparers = prepare(build((sm.email("v"),), pa.table({"v": ["ada@example.com", "ada@example.com"]})))
    one = compare(comparers, np.array([0], np.int32), np.array([1], np.int32))
    none = compare(comparers, np.empty(0, np.int32), np.empty(0, np.int32))
    found = fit(comparers, one, none, pairs=1.0, rows=2)
    assert found.match_share + found.related_share < 1
    assert math.isfinite(found.prior)


def test_a_fit_to_given_probabilities_has_no_relatives() -> None:
    comparers = comparers_of()
    left, right = np.array([0, 0], np.int32), np.array([3, 1], np.int32)
    found = fit_given(
        comparers, compare(comparers, left, right), compare(comparers, left, right), np.array([1.0, 0.0]), pairs=6.0
    )
    assert found.related_share == 0
    assert found.match_share == pytest.approx(1 / 6)
    assert all(weights.bits[-1] > 0 > weights.bits[0] for weights in found.fields)


def test_a_fit_whose_matches_agree_on_little_is_fitted_again_with_a_firmer_prior_and_says_so() -> None:
    table = pa.table(
        {name: [f"{name}{number}" for number in range(2000)] for name in ("line", "lot", "licence", "office")}
    )
    comparers = prepare(build(tuple(sm.code(name) for name in table.column_names), table))
    office_alone = np.repeat(np.array([[1], [1], [1], [4]], np.uint8), 4000, axis=1)
    nothing = np.ones((4, 4000), np.uint8)
    seen, others = (Compared(states, np.zeros(states.shape, np.float32)) for states in (office_alone, nothing))
    found = fit(comparers, seen, others, pairs=2e6, rows=2000)
    assert "fitted again with a firmer prior" in found.notes[0]


def test_people_who_share_names_and_have_addresses_alike_are_not_one_person() -> None:
    given = ["Ada", "Grace", "Alan", "Edgar", "Barbara", "Donald", "John", "Karen", "Dennis", "Linus"]
    family = ["Lake", "Hooper", "Turner", "Dale", "Lister", "Knight", "Mercer", "Thomas", "Richter", "Torrance"]
    people = [(one, other) for other in family for one in given]
    rows = [*people, *people[:10]]
    table = pa.table(
        {
            "id": [f"c{number:03d}" for number in range(len(rows))],
            "first_name": [one for one, _ in rows],
            "last_name": [other for _, other in rows],
            "email": [f"{one}.{other}@example.com".lower() for one, other in rows],
            "phone": [f"202555{people.index(row):04d}" for row in rows],
        }
    )
    assert len(set(sm.dedupe(table).clusters["entity_id"].to_pylist())) == len(people)


def test_branches_of_one_office_are_not_one_branch() -> None:
    random = np.random.default_rng(3)
    rows = []
    for office in range(40):
        shared = [f"{word} {office}" for word in ("office", "director", "council")]
        for branch in range(12):
            own = [f"branch {random.integers(10**6)}", *(f"{random.integers(10**8, 10**9)}" for _ in range(3))]
            rows += [[*own, *shared]] * (2 if branch == 0 else 1)
    names = ["site", "line", "lot", "licence", "office", "director", "council"]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    table = pa.table({"id": [str(number) for number in range(len(rows))], **columns})
    fields = (sm.text("site"), sm.code("line"), sm.code("lot"), sm.code("licence"), *map(sm.text, names[4:]))
    found = sm.dedupe(table, plan=sm.Plan(fields=fields))
    assert 470 <= len(set(found.clusters["entity_id"].to_pylist())) <= 480
