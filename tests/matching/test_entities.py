"""Entities: what a cluster's rows say together, and when nothing is merged on it."""

from __future__ import annotations

from random import Random

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.engines import again
from socialmerge.matching.compare import prepare
from socialmerge.matching.entities import Evidence, Settled, posterior, settle
from socialmerge.matching.weigh import FieldWeights, Fit
from socialmerge.normalise.features import build

FIELDS = (sm.code("one"), sm.code("two"), sm.code("three"))
WEIGHTS = ((0.3, 0.0001, 0.0001, 0.6998), (0.9997, 0.0001, 0.0001, 0.0001))
"""Shares among matches and among others: an agreement is worth about 13 bits, a difference takes away 1.7."""


def evidence_of(rows: list[tuple[str | None, str | None, str | None]]) -> Evidence:
    columns = [list(column) for column in zip(*rows, strict=True)]
    table = pa.table(dict(zip(("one", "two", "three"), columns, strict=True)))
    comparers = prepare(build(FIELDS, table))
    match, other = WEIGHTS
    fields = tuple(FieldWeights(c.feature.name, match, other, other) for c in comparers)
    return Evidence(comparers, Fit(fields, 2**-20, 0.0, 1e6))


def settled(
    rows: list[tuple[str | None, str | None, str | None]], labels: list[int], *pairs: tuple[int, int]
) -> Settled:
    evidence = evidence_of(rows)
    left, right = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    return settle(evidence, np.array(labels), left, right, np.full(len(pairs), -3.0))


def test_a_row_that_each_member_knows_something_of_joins_the_cluster() -> None:
    rows = [("a1b2", "b3c4", None), ("a1b2", None, "c5d6"), (None, "b3c4", "c5d6")]
    assert settled(rows, [0, 0, 2], (0, 2), (1, 2)).labels.tolist() == [0, 0, 0]


def test_two_rows_alone_are_left_to_their_own_evidence() -> None:
    found = settled([("a1b2", "b3c4", "c5d6")] * 2, [0, 1], (0, 1))
    assert found.labels.tolist() == [0, 1]
    assert found.log_odds.tolist() == [-3.0]


def test_one_agreement_among_many_members_says_less_than_with_one() -> None:
    few = [("a1b2", None, None), ("a1b2", None, None), ("a1b2", None, None)]
    many = [("a1b2", None, None), *[(f"x{n}yz", None, None) for n in range(5)], ("a1b2", None, None)]
    odds_few = posterior(evidence_of(few), np.array([0, 0, 2]), *_pair(0, 2))
    odds_many = posterior(evidence_of(many), np.array([0] * 6 + [6]), *_pair(0, 6))
    assert odds_many[0] < odds_few[0]


def test_more_rows_that_all_disagree_are_firmer_against() -> None:
    rows = [*[("a1b2", None, None)] * 4, ("z9y8", None, None), *[("c5d6", None, None)] * 2]
    evidence, labels = evidence_of(rows), np.array([0, 0, 0, 0, 4, 5, 5])
    assert posterior(evidence, labels, *_pair(0, 4)) < posterior(evidence, labels, *_pair(4, 5))


def test_a_third_row_is_less_expected_where_nobody_has_three() -> None:
    rows = [("a1b2", None, None)] * 3 + [("z9y8", None, None)] * 6
    nobody, others = [0, 0, 2, 3, 3, 5, 5, 7, 7], [0, 0, 2, 3, 3, 3, 6, 6, 6]
    odds = [posterior(evidence_of(rows), np.array(labels), *_pair(0, 2))[0] for labels in (nobody, others)]
    assert odds[0] < odds[1]


def _pair(left: int, right: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([left], np.int32), np.array([right], np.int32), np.array([-3.0])


def test_nothing_is_merged_where_sure_pairs_contradict_each_other() -> None:
    rows = [("a1b2", "b3c4", "c111"), ("z9y8", "y7w6", "x999"), ("m5n4", "n3p2", "o555")]
    evidence = evidence_of(rows)
    left, right = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    found = settle(evidence, np.array([0, 0, 2]), left, right, np.array([9.0, 9.0]))
    assert found.labels.tolist() == [0, 0, 2]
    assert "contradict each other" in found.warnings[0]


def noisy_people(rng: Random) -> tuple[pa.Table, pa.Table]:
    """Two hundred people with five rows each; of four telling fields a third is wrong."""
    rows = []
    for person in range(200):
        facts = [_some_code(rng) for _ in range(3)] + [f"{rng.randrange(40)}"]
        rows += [(person, [f if rng.random() > 0.35 else _some_code(rng) for f in facts]) for _ in range(5)]
    rng.shuffle(rows)
    ids = [f"r{number:04d}" for number in range(len(rows))]
    columns = dict(
        zip(("card", "member", "file", "room"), map(list, zip(*(f for _, f in rows), strict=True)), strict=True)
    )
    truth = pa.table({"id": ids, "entity_id": [f"e{person}" for person, _ in rows]})
    return pa.table({"id": ids} | columns), truth


def _some_code(rng: Random) -> str:
    return f"{rng.randrange(10**6):06d}"


PLAN = sm.Plan(fields=(sm.code("card"), sm.code("member"), sm.code("file"), sm.category("room")))


@pytest.fixture(scope="module")
def noisy() -> tuple[sm.DedupeResult, pa.Table]:
    table, truth = noisy_people(Random(3))
    return sm.dedupe(table, plan=PLAN), truth


def test_rows_with_many_errors_are_found_by_what_their_cluster_knows(
    noisy: tuple[sm.DedupeResult, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    result, truth = noisy
    found = sm.evaluate(result, truth)
    monkeypatch.setattr(again, "settle", _pairs_alone)
    table, _ = noisy_people(Random(3))
    alone = sm.evaluate(sm.dedupe(table, plan=PLAN), truth)
    assert found.precision > 0.98
    assert found.recall > alone.recall + 0.05


def _pairs_alone(
    _evidence: Evidence, labels: np.ndarray, _left: object, _right: object, log_odds: np.ndarray
) -> Settled:
    return Settled(labels, log_odds, np.ones(len(labels)))


def test_an_explanation_adds_up_with_what_the_other_rows_say(noisy: tuple[sm.DedupeResult, pa.Table]) -> None:
    result, _ = noisy
    for pair in result.pairs.to_pylist()[::400]:
        why = result.explain(pair["left_id"], pair["right_id"])
        assert why.probability == pytest.approx(pair["probability"], abs=1e-9)
        odds = 2 ** min(why.prior + why.weight, 500)
        assert why.probability == pytest.approx(odds / (1 + odds), abs=0.01)
