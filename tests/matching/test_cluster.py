"""Clusters follow the evidence inside a group, not chains of pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.cluster import LARGEST, VETO, Clusters, cluster

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]


def clustered(evidence: Matrix, *, found: Callable[[float], bool] = lambda bits: bits > 0) -> Clusters:
    """Clusters of rows whose log-odds are a symmetric matrix; blocking found the pairs that ``found`` says."""
    left, right = (part.astype(np.int32) for part in np.triu_indices(len(evidence), 1))
    keep = np.array([found(bits) for bits in evidence[left, right].tolist()], bool)
    return cluster(
        len(evidence), left[keep], right[keep], evidence[left, right][keep], lambda one, other: evidence[one, other]
    )


def symmetric(rows: int, bits: dict[tuple[int, int], float], otherwise: float) -> Matrix:
    evidence = np.full((rows, rows), otherwise)
    for (one, other), value in bits.items():
        evidence[one, other] = evidence[other, one] = value
    return evidence


def test_a_chain_whose_ends_disagree_is_cut() -> None:
    evidence = symmetric(3, {(0, 1): 6.0, (1, 2): 3.0, (0, 2): -11.0}, 0)
    assert clustered(evidence).labels.tolist() == [0, 0, 2]


def test_a_pair_that_blocking_missed_counts_as_evidence_too() -> None:
    evidence = symmetric(3, {(0, 1): 6.0, (1, 2): 6.0, (0, 2): 4.0}, 0)
    assert clustered(evidence, found=lambda bits: bits > 5).labels.tolist() == [0, 0, 0]


def test_two_groups_with_one_weak_link_stay_two() -> None:
    evidence = symmetric(6, {(0, 1): 9, (0, 2): 9, (1, 2): 9, (3, 4): 9, (3, 5): 9, (4, 5): 9, (2, 3): 2}, -8)
    assert clustered(evidence).labels.tolist() == [0, 0, 0, 3, 3, 3]


def test_a_veto_outweighs_any_number_of_friends() -> None:
    evidence = symmetric(8, {(0, 7): VETO - 1}, 12.0)
    labels = clustered(evidence).labels
    assert labels[0] != labels[7]


def test_a_pair_alone_is_a_cluster_and_nobody_else() -> None:
    found = clustered(symmetric(4, {(1, 3): 5.0}, -9))
    assert found.labels.tolist() == [0, 1, 2, 1]
    assert found.probability[1] == pytest.approx(1 / (1 + 2**-5.0))


def test_no_pairs_leave_everybody_alone() -> None:
    found = clustered(np.full((3, 3), -5.0))
    assert found.labels.tolist() == [0, 1, 2]
    assert found.probability.tolist() == [1.0, 1.0, 1.0]


def test_a_component_that_is_too_large_is_cut_at_stronger_links() -> None:
    rows = 2 * LARGEST
    left = np.arange(rows - 1, dtype=np.int32)
    bits = np.where(left % 10 == 9, 1.0, 20.0)
    found = cluster(rows, left, left + 1, bits, lambda one, other: np.full(len(one), 5.0))
    assert np.array_equal(found.labels, np.arange(rows) // 10 * 10)


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.floats(-20, 20), min_size=n * n, max_size=n * n))
    )
)
def test_a_label_is_the_smallest_row_of_its_cluster(drawn: tuple[int, list[float]]) -> None:
    rows, values = drawn
    evidence = np.array(values).reshape(rows, rows)
    evidence = (evidence + evidence.T) / 2
    found = clustered(evidence)
    assert all(np.flatnonzero(found.labels == label)[0] == label for label in set(found.labels.tolist()))
    assert ((found.probability >= 0) & (found.probability <= 1)).all()


def test_of_two_rows_that_fit_a_third_equally_the_more_alike_goes_with_it_whichever_comes_first() -> None:
    left, right, log_odds = np.array([0, 1], np.int32), np.array([1, 2], np.int32), np.array([3.0, 3.0])

    def evidence(one: Rows, other: Rows) -> Matrix:
        return np.where(other - one == 1, 3.0, -5.0)

    def near(row: int, one: Rows, other: Rows) -> Matrix:
        return np.where((one == row) | (other == row), 1.0, 0.0)

    for friend in (0, 2):
        found = cluster(3, left, right, log_odds, evidence, alike=partial(near, friend))
        assert found.labels[1] == found.labels[friend]
        assert found.labels[1] != found.labels[2 - friend]
