"""Intervals of skewed amounts hold the mean more often than Student's and Welch's do."""

import numpy as np
import pytest
from scipy import stats

from socialmerge.outcomes.spread import Mean, difference, mean_of

SIGMA, DRAWS = 1.5, 400
TRUE = float(np.exp(SIGMA**2 / 2)) / 2  # half of the people spend nothing


def spend(random: np.random.Generator, people: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    amounts = random.lognormal(0, SIGMA, people) * (random.random(people) < 0.5)
    return np.rint(amounts * 10_000).astype(np.int64)


def holds(found: Mean | None, true: float) -> bool:
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.low <= true <= found.high


def test_the_intervals_hold_more_often_than_the_textbooks() -> None:
    random = np.random.default_rng(7)
    ours, student, less, welch = 0, 0, 0, 0
    for _ in range(DRAWS):
        few, many = spend(random, 30), spend(random, 300)
        one, other = mean_of(few), mean_of(many)
        ours += holds(one, TRUE)
        less += holds(difference(one, other), 0)
        low, high = stats.t.interval(0.95, few.size - 1, few.mean(), stats.sem(few))
        student += bool(low <= TRUE * 10_000 <= high)
        low, high = stats.ttest_ind(few, many, equal_var=False).confidence_interval()
        welch += bool(low <= 0 <= high)
    assert ours / DRAWS > 0.88
    assert student / DRAWS < 0.80
    assert less / DRAWS > 0.89
    assert welch / DRAWS < 0.87


def test_few_or_equal_amounts_have_no_width_or_no_interval() -> None:
    assert mean_of(np.zeros(0, np.int64)) is None
    assert mean_of(np.array([50_000])) == Mean(5, None, None)
    assert mean_of(np.array([50_000] * 4)) == Mean(5, 5, 5)
    assert difference(mean_of(np.array([50_000])), mean_of(np.array([10_000, 20_000]))) == Mean(3.5, None, None)
    assert difference(None, mean_of(np.array([1]))) is None


def test_amounts_without_skewness_have_students_interval() -> None:
    amounts = np.array([10_000, 20_000, 30_000, 40_000])
    found = mean_of(amounts)
    low, high = stats.t.interval(0.95, 3, 2.5, stats.sem(amounts / 10_000))
    assert found is not None
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)
