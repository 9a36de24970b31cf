"""Questions: those that mend most come first, each is asked once, and they are not all about one thing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from socialmerge.matching.known import DECIDED, Known
from socialmerge.matching.questions import Questions, Scored, about_clusters, pick

Matrix = npt.NDArray[np.float64]
NOBODY = Known(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, bool))


def questions(evidence: Matrix, labels: list[int], asked: Known = NOBODY) -> Questions:
    """Questions about clusters of rows whose log-odds are a symmetric matrix."""
    left, right = (part.astype(np.int32) for part in np.triu_indices(len(evidence), 1))
    bits = evidence[left, right]
    scored = Scored(left, right, bits, lambda one, other: evidence[one, other])
    return about_clusters(np.array(labels), scored, asked)


def symmetric(rows: int, bits: dict[tuple[int, int], float], otherwise: float) -> Matrix:
    evidence = np.full((rows, rows), otherwise)
    for (one, other), value in bits.items():
        evidence[one, other] = evidence[other, one] = value
    return evidence


def asked_about(found: Questions) -> list[tuple[int, int]]:
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_a_join_of_many_rows_comes_before_one_of_two_that_is_as_likely() -> None:
    evidence = symmetric(6, {(0, 1): 9.0, (2, 3): 9.0, (4, 5): -1.0}, -12.0)
    evidence[:2, 2:4] = evidence[2:4, :2] = -1.0
    found = pick(questions(evidence, [0, 0, 2, 2, 4, 5]), 2)
    assert asked_about(found) == [(0, 2), (4, 5)]
    assert found.sizes.prod(axis=0).tolist() == [4, 1]
    assert not found.together.any()


def test_a_cluster_that_hardly_holds_together_is_asked_about_where_it_would_part() -> None:
    evidence = symmetric(4, {(0, 1): 11.0, (2, 3): 11.0}, 0.5)
    first = pick(questions(evidence, [0] * 4), 1)
    assert first.together.tolist() == [True]
    assert first.sizes[:, 0].tolist() == [2, 2]
    one, other = asked_about(first)[0]
    assert one in (0, 1)
    assert other in (2, 3)


def test_groups_are_judged_by_all_their_pairs_and_not_by_the_best() -> None:
    evidence = symmetric(5, {(0, 1): 9.0, (3, 4): -3.0}, -12.0)
    evidence[:2, 2] = evidence[2, :2] = [-1.0, -11.0]
    found = pick(questions(evidence, [0, 0, 2, 3, 4]), 1)
    assert asked_about(found) == [(3, 4)]


def test_what_was_asked_is_not_asked_again_also_when_nobody_was_sure() -> None:
    evidence = symmetric(4, {(0, 1): -1.0, (2, 3): -2.0}, -12.0)
    asked = Known(np.array([0], np.int32), np.array([1], np.int32), np.array([False]))
    assert (0, 1) in asked_about(questions(evidence, [0, 1, 2, 3]))
    assert (0, 1) not in asked_about(questions(evidence, [0, 1, 2, 3], asked))


def test_groups_that_a_decision_joins_or_parts_are_not_asked_about() -> None:
    evidence = symmetric(4, {(0, 1): DECIDED, (0, 2): -DECIDED, (1, 2): -1.0, (0, 3): -1.0, (1, 3): -1.0}, -12.0)
    found = asked_about(questions(evidence, [0, 0, 2, 3]))
    assert (1, 2) not in found
    assert (0, 1) not in found
    assert (0, 3) in found


def test_questions_that_touch_one_row_make_room_for_others() -> None:
    evidence = symmetric(5, {(0, 1): -1.0, (0, 2): -1.1, (3, 4): -1.5}, -12.0)
    assert asked_about(pick(questions(evidence, [0, 1, 2, 3, 4]), 2)) == [(0, 1), (3, 4)]


def test_there_are_no_more_questions_than_pairs() -> None:
    assert asked_about(pick(questions(np.full((2, 2), -1.0), [0, 1]), 50)) == [(0, 1)]
