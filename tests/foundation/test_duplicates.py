"""Rows beyond the first of each person, from probabilities of pairs."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialmerge.foundation.duplicates import Duplicates, expected_duplicates
from socialmerge.matching.components import components

SURE = 40.0


def _expected(rows: int, pairs: list[tuple[int, int, float]], labels: list[int], recall: float = 1.0) -> Duplicates:
    left, right = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    odds = np.array([pair[2] for pair in pairs], float)
    matched = SimpleNamespace(left=left, right=right, rows=rows, expected_recall=recall)
    settled = SimpleNamespace(log_odds=odds, labels=np.array(labels), probability=np.ones(rows))
    return expected_duplicates(matched, settled)  # type: ignore[arg-type]


def test_sure_pairs_of_three_rows_are_two_merges() -> None:
    found = _expected(4, [(0, 1, SURE), (1, 2, SURE), (0, 2, SURE)], [0, 0, 0, 3])
    assert found.expected == pytest.approx(2)
    assert (found.low, found.high) == (pytest.approx(2), pytest.approx(2))


def test_an_even_chance_is_half_a_row() -> None:
    found = _expected(2, [(0, 1, 0.0)], [0, 1])
    assert found.expected == pytest.approx(0.5)
    assert found.low < 0.1
    assert found.high == 1.0


def test_many_pairs_between_two_clusters_are_one_doubt() -> None:
    pairs = [(0, 1, SURE), (2, 3, SURE), *((one, other, -1.0) for one in (0, 1) for other in (2, 3))]
    assert _expected(4, pairs, [0, 0, 2, 2]).expected == pytest.approx(2 + 1 / 3)


def test_what_blocking_missed_is_made_up_for_and_less_so_where_a_person_has_many_rows() -> None:
    two = _expected(2, [(0, 1, SURE)], [0, 0], recall=0.8)
    assert (two.expected, two.high) == (1.0, 1.0)  # never more than there are rows
    apart = _expected(10, [(0, 1, SURE)], [0, 0, *range(2, 10)], recall=0.8)
    assert apart.expected == pytest.approx(1 / 0.8)
    three = _expected(10, [(0, 1, SURE), (0, 2, SURE)], [0, 0, 0, *range(3, 10)], recall=0.8)
    assert three.expected == pytest.approx(2 / (1 - 0.2**2))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(-12, 12)), max_size=30))
def test_the_estimate_lies_in_its_interval_and_is_no_more_than_the_rows(pairs: list[tuple[int, int, float]]) -> None:
    known = {(min(a, b), max(a, b)): odds for a, b, odds in pairs if a != b}
    sure = [pair for pair, odds in known.items() if odds > 0]
    labels = components(10, np.array([a for a, _ in sure], int), np.array([b for _, b in sure], int))
    found = _expected(10, [(a, b, odds) for (a, b), odds in known.items()], labels.tolist(), recall=0.9)
    assert 0 <= found.low <= found.expected <= found.high <= 9
