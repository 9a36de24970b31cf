"""Intervals of means of skewed amounts, in closed form: most customers spend little, and a few spend much."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from socialmerge.outcomes.amounts import SCALE
from socialmerge.outcomes.measures import Ints

__all__ = ["Mean", "difference", "mean_of"]

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean and its 95 % interval; ``low`` and ``high`` are None where there are fewer than two values."""

    mean: float
    low: float | None
    high: float | None


def mean_of(values: Ints, *, scale: int = SCALE) -> Mean | None:
    """The mean of whole numbers, ``scale`` of which make one; its interval heeds their skewness. None without a value.

    Hall's transformation of Student's t (P. Hall, 1992, On the removal of skewness by transformation). The sums are
    exact, so that no order of the values changes the last digit.

    >>> found = mean_of(np.array([0, 0, 0, 10_000, 20_000, 30_000, 40_000, 300_000]))
    >>> found.mean, round(found.low, 2), round(found.high, 2)
    (5.0, 0.0, 29.01)
    """
    count = values.size
    if not count:
        return None
    mean = int(values.sum()) / count
    if count == 1:
        return Mean(mean / scale, None, None)
    ordered = np.sort(values) - mean
    square, cube = float((ordered**2).sum()), float((ordered**3).sum())
    error = math.sqrt(square / (count - 1) / count)
    if not error:
        return Mean(mean / scale, mean / scale, mean / scale)
    from scipy.special import stdtrit  # 0.3 seconds, which only figures with an interval are worth

    third = cube / count * count * count / ((count - 1) * (count - 2)) if count > 2 else 0.0
    skewness = third / count**2 / error**3
    student = float(stdtrit(count - 1, 1 - _TAIL))
    ends = [mean - error * _untransformed(t, skewness) for t in (student, -student)]
    low = max(ends[0], 0.0) if ordered[0] + mean >= 0 else ends[0]  # amounts without a refund have no mean below 0
    return Mean(mean / scale, low / scale, ends[1] / scale)


def _untransformed(t: float, skewness: float) -> float:
    """The studentised mean at which Hall's cubic transformation is ``t``; ``skewness`` is that of the mean."""
    if abs(skewness) < 1e-9:
        return t
    return float(np.cbrt(1 + skewness * (t - skewness / 6)) - 1) * 3 / skewness


def difference(one: Mean | None, other: Mean | None) -> Mean | None:
    """One mean less another, with the interval that follows from theirs; None where one of them has no value.

    The ends are combined as by G. Zou and A. Donner (2008), Construction of confidence limits about effect measures: a
    general approach; they keep the lopsidedness that Welch's interval has not.
    """
    if one is None or other is None:
        return None
    found = one.mean - other.mean
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Mean(found, None, None)
    below = math.hypot(one.mean - one.low, other.high - other.mean)
    above = math.hypot(one.high - one.mean, other.mean - other.low)
    return Mean(found, found - below, found + above)
