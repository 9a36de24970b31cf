"""Calibrate: make probabilities mean what they say, from people's decisions.

Method: Platt (1999), logistic regression on the log-odds, with a prior at *no change* that a few decisions cannot
overthrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Calibration", "calibrate"]

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SCALE_SPREAD, SHIFT_SPREAD = 0.25, 2.0
"""Standard deviations of the prior: of the factor around 1, and of the shift around 0 (in bits)."""
FOLDS = 5
STEPS, ENOUGH = 50, 1e-9
MOST_BITS = 20.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """``log_odds -> scale * log_odds + shift``, and log loss (bits a decision) on held-out ones, before and after."""

    scale: float
    shift: float
    loss_before: float
    loss_after: float


def calibrate(log_odds: Array, same: Flags) -> Calibration:
    """Fit the two numbers to decisions; at least one of each kind is needed for the loss to be measured.

    >>> found = calibrate(np.array([-4.0, -2.0, 2.0, 4.0]), np.array([False, False, True, True]))
    >>> found.scale >= 1.0
    True
    """
    bits = np.clip(log_odds, -MOST_BITS, MOST_BITS)
    scale, shift = _platt(bits, same)
    held = np.empty(len(bits))
    fold = np.arange(len(bits)) % FOLDS
    for number in range(FOLDS):
        inside = fold == number
        a, b = _platt(bits[~inside], same[~inside])
        held[inside] = a * bits[inside] + b
    return Calibration(scale, shift, _loss(bits, same), _loss(held, same))


def _platt(bits: Array, same: Flags) -> tuple[float, float]:
    """Newton steps on the penalised likelihood, each halved until it is a gain."""
    start = np.array([1.0, 0.0])
    design = np.log(2) * np.column_stack([bits, np.ones(len(bits))])
    precision = np.diag([SCALE_SPREAD**-2, SHIFT_SPREAD**-2])
    sign = np.where(same, 1.0, -1.0)

    def penalty(beta: Array) -> float:
        away = beta - start
        return float(np.logaddexp(0, -sign * (design @ beta)).sum() + away @ precision @ away / 2)

    beta = start
    for _ in range(STEPS):
        chance = np.exp(-np.logaddexp(0, -(design @ beta)))
        slope = design.T @ (same - chance) - precision @ (beta - start)
        step = np.linalg.solve((design.T * (chance * (1 - chance))) @ design + precision, slope)
        before = penalty(beta)
        while penalty(beta + step) > before and np.abs(step).max() > ENOUGH:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() <= ENOUGH:
            break
    return float(max(beta[0], 0.1)), float(beta[1])


def _loss(bits: Array, same: Flags) -> float:
    """Mean log loss in bits."""
    if not len(bits):
        return 0.0
    signed = np.where(same, bits, -bits)
    return float(np.logaddexp2(0, -signed).mean())
