"""Decided pairs hold: whatever the clusters were, and whatever speaks against it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.known import Judge, Known, abide, bind

Matrix = npt.NDArray[np.float64]
NOTHING = Known(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, bool))


def told(*pairs: tuple[int, int, bool]) -> Known:
    left, right, same = zip(*pairs, strict=True)
    return Known(np.array(left, np.int32), np.array(right, np.int32), np.array(same, bool))


def by(evidence: Matrix) -> Judge:
    return lambda sides: np.array([evidence[np.ix_(one, other)].mean() for one, other in sides])


def test_two_clusters_of_which_two_rows_are_the_same_become_one() -> None:
    labels = abide(told((1, 2, True)), np.array([0, 0, 2, 2, 4]), by(np.full((5, 5), -3.0)))
    assert labels.tolist() == [0, 0, 0, 0, 4]


def test_of_two_clusters_that_can_hardly_be_one_only_the_row_moves_that_fits_its_own_less() -> None:
    evidence = np.full((6, 6), -20.0)
    evidence[:3, :3] = evidence[3:, 3:] = 8.0
    evidence[2, :2] = evidence[:2, 2] = 1.0
    labels = abide(told((2, 3, True)), np.array([0, 0, 0, 3, 3, 3]), by(evidence))
    assert labels.tolist() == [0, 0, 2, 2, 2, 2]


def test_a_cluster_of_which_two_rows_are_different_is_parted_where_its_rows_fit_better() -> None:
    evidence = np.full((4, 4), 1.0)
    evidence[:2, :2] = evidence[2:, 2:] = 8.0
    assert abide(told((0, 3, False)), np.zeros(4, np.int64), by(evidence)).tolist() == [0, 0, 2, 2]


def test_what_is_neither_joined_nor_parted_stays_as_it_was() -> None:
    labels = np.array([0, 0, 2, 3])
    judge = by(np.zeros((4, 4)))
    assert abide(None, labels, judge).tolist() == labels.tolist()
    assert abide(NOTHING, labels, judge).tolist() == labels.tolist()
    assert abide(told((0, 1, True), (2, 3, False)), labels, judge).tolist() == labels.tolist()


@given(st.integers(0, 2**32 - 1))
def test_decisions_hold_whatever_the_clusters_and_the_evidence(seed: int) -> None:
    random = np.random.default_rng(seed)
    people, before = random.integers(0, 3, 9), random.integers(0, 3, 9)
    before = np.array([np.flatnonzero(before == label)[0] for label in before.tolist()])
    chosen = random.random(36) < 0.4
    one, other = (part[chosen].astype(np.int32) for part in np.triu_indices(9, 1))
    same = people[one] == people[other]
    labels = abide(Known(one, other, same), before, by(random.normal(0, 9, (9, 9))))
    assert ((labels[one] == labels[other]) == same).all()
    assert all(labels[label] == label for label in labels.tolist())


def test_contrary_decisions_are_found_also_by_way_of_others() -> None:
    known = told((0, 1, True), (1, 2, True), (0, 2, False), (0, 3, False))
    assert known.contrary(4).tolist() == [False, False, True, False]


def test_only_decided_pairs_are_bound() -> None:
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    found = bind(told((0, 1, True), (1, 2, False)), left, right, np.array([-3.0, 4.0, 5.0]))
    assert found[0] > 1000
    assert found[1] == 4.0
    assert found[2] < -1000
