"""Assignment: the most probable one-to-one choice, checked against trying every choice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialmerge.matching import assignment
from socialmerge.matching.assignment import Floats, Ints, assign

Pairs = dict[tuple[int, int], float]


def best_by_trying(left: Ints, right: Ints, gain: Floats) -> float:
    """The textbook answer: every subset of candidates that uses nobody twice."""
    best = 0.0
    for size in range(1, len(left) + 1):
        for chosen in itertools.combinations(range(len(left)), size):
            people, customers = [left[i] for i in chosen], [right[i] for i in chosen]
            if len(set(people)) == size == len(set(customers)):
                best = max(best, sum(gain[i] for i in chosen))
    return best


pairs = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.floats(0.01, 0.24), min_size=1, max_size=8)


@pytest.mark.parametrize("dense", [400, 0])
@settings(max_examples=40)
@given(found=pairs)
def test_the_assignment_is_the_best_there_is(dense: int, found: Pairs) -> None:
    left, right = (np.array(side) for side in zip(*found, strict=True))
    probability = np.array(list(found.values()))
    known = np.bincount(left, probability, minlength=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "_DENSE", dense)
        chosen = np.flatnonzero(assign(left, right, probability, known))
    gain = np.log(probability) - np.log(1.0 - known[left])
    assert len(set(left[chosen])) == len(chosen) == len(set(right[chosen]))
    assert gain[chosen].sum() == pytest.approx(best_by_trying(left, right, gain), abs=1e-9)


def test_a_profile_stays_unmatched_where_nobody_is_likelier() -> None:
    assert not assign(np.array([0]), np.array([0]), np.array([0.3]), np.array([0.3])).any()


def test_the_greedy_choice_is_not_taken_where_it_strands_the_other() -> None:
    left, right = np.array([0, 0, 1]), np.array([0, 1, 0])
    probability = np.array([0.5, 0.49, 0.9])
    chosen = assign(left, right, probability, np.array([0.99, 0.9]))
    assert chosen.tolist() == [False, True, True]
