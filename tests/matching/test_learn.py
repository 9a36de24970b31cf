"""Learning: answers correct what is like them, and no more than they can say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.matching.compare import Compared, Comparer, prepare
from socialmerge.matching.learn import Labelled, learn
from socialmerge.matching.weigh import MOST_BITS, FieldWeights, Fit, score
from socialmerge.normalise.features import build

TOWNS = pa.table({"town": ["york", "ely", "bath", "york"], "lot": ["a1", "b2", "c3", "a1"]})
FIT = Fit(
    (
        FieldWeights("town", (0.1, 0.9), (0.5, 0.5), (0.9, 0.1)),
        FieldWeights("lot", (0.1, 0.1, 0.1, 0.7), (0.7, 0.1, 0.1, 0.1), (0.97, 0.01, 0.01, 0.01)),
    ),
    0.1,
    0.0,
    100.0,
)
ELSE, EXACT = 1, 4


def comparers() -> tuple[Comparer, ...]:
    return prepare(build((sm.category("town"), sm.code("lot")), TOWNS))


def pairs(towns: list[int], lots: list[int]) -> Compared:
    return Compared(np.array([towns, lots], np.uint8), np.zeros((2, len(towns)), np.float32))


def odds(fitted: Fit, compared: Compared) -> np.ndarray:
    return score(comparers(), fitted, compared).weight + fitted.prior


def learned(told: Fit) -> list[np.ndarray]:
    """Bits that were added to each level of each field."""
    return [np.subtract(after.bits, before.bits) for after, before in zip(told.fields, FIT.fields, strict=True)]


def taught(towns: list[int], lots: list[int], same: list[bool]) -> Fit:
    return learn(comparers(), FIT, Labelled(pairs(towns, lots), np.array(same, bool)))


def test_answers_that_the_fit_expected_change_little() -> None:
    told = taught([2, 2, 1, 1] * 5, [EXACT, EXACT, ELSE, ELSE] * 5, [True, True, False, False] * 5)
    some = pairs([2, 1, 0], [EXACT, ELSE, EXACT])
    assert odds(told, some) == pytest.approx(odds(FIT, some), abs=1.5)


def test_a_field_that_agrees_on_pairs_which_are_not_the_same_loses_weight_and_the_other_keeps_its_own() -> None:
    told = taught([2] * 20 + [1] * 20, [ELSE] * 20 + [EXACT] * 20, [False] * 20 + [True] * 20)
    towns, lots = learned(told)
    assert towns[1] < -0.1
    assert lots[EXACT - 1] > towns[1] + 0.1


def test_levels_that_nobody_was_asked_about_are_not_corrected_one_by_one() -> None:
    told = taught([0] * 10, [EXACT] * 10, [False] * 10)
    towns, lots = learned(told)
    assert towns == pytest.approx((0.0, 0.0), abs=1e-9)
    assert lots[EXACT - 1] < 0


def test_it_is_said_what_was_learned_and_what_it_is_worth_on_decisions_held_out() -> None:
    note = taught([2] * 30, [ELSE] * 30, [False] * 30).notes[-1]
    assert note.startswith("learned from 30 decisions (0 same): log loss on held-out decisions ")
    before, after = (float(word) for word in note.replace(" bits", "").split() if word[0].isdigit() and "." in word)
    assert after < before


def test_what_is_beyond_doubt_keeps_its_distance_from_what_people_are_asked_about() -> None:
    told = taught([2] * 20, [EXACT] * 20, [True, False] * 10)
    assert told.scale < 1
    far = Compared(np.array([[2, 2], [EXACT, EXACT]], np.uint8), np.array([[12, 12], [12, 11]], np.float32))
    steps = odds(told, far)
    assert odds(FIT, far).min() > MOST_BITS
    assert steps[0] - steps[1] == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.booleans()), min_size=1, max_size=30))
def test_any_answers_give_finite_weights_in_whatever_order_they_come(answers: list[tuple[int, int, bool]]) -> None:
    found, turned = (taught(*map(list, zip(*rows, strict=True))) for rows in (answers, answers[::-1]))
    assert found.scale > 0
    for field, one, other in zip(found.fields, learned(found), learned(turned), strict=True):
        assert all(0 < share < 1 for share in (*field.match, *field.related, *field.other))
        assert one == pytest.approx(other, abs=1e-4)
