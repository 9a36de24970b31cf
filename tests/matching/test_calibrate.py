"""Calibration: probabilities mean what they say once people have decided."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.matching.calibrate import calibrate

BITS = np.random.default_rng(1).normal(0, 6, 4_000)


def drawn(log_odds: np.ndarray) -> np.ndarray:
    """Decisions that are *same* as often as the log-odds say."""
    return np.random.default_rng(2).random(len(log_odds)) < 1 / (1 + np.exp2(-log_odds))


def test_true_probabilities_stay_as_they_are() -> None:
    found = calibrate(BITS, drawn(BITS))
    assert found.scale == pytest.approx(1, abs=0.1)
    assert found.shift == pytest.approx(0, abs=0.2)


def test_overconfident_weights_are_scaled_down() -> None:
    found = calibrate(BITS, drawn(BITS / 2 + 1))
    assert found.scale == pytest.approx(0.5, abs=0.1)
    assert found.shift == pytest.approx(1, abs=0.3)
    assert found.loss_after < found.loss_before


def test_a_few_decisions_do_not_overthrow_the_fit() -> None:
    found = calibrate(np.array([8.0, 9.0]), np.array([False, False]))
    assert found.scale > 0.1
    assert found.shift > -9


@given(st.lists(st.tuples(st.floats(-100, 100), st.booleans()), max_size=30))
def test_any_decisions_give_finite_numbers_and_keep_the_order(decisions: list[tuple[float, bool]]) -> None:
    found = calibrate(np.array([bits for bits, _ in decisions], float), np.array([same for _, same in decisions], bool))
    assert found.scale > 0
    assert np.isfinite([found.scale, found.shift, found.loss_before, found.loss_after]).all()
