"""Weigh levels of agreement: shares of each level among matches, relatives and strangers, and what a pair adds up to.

Pairs of rows belong to one of three classes: *match* (one person), *related* (two people of one household or firm) and
*other*. The weight of a pair is the logarithm of how much likelier its agreement is among matches than among the rest.

Method: Fellegi and Sunter (1969); value-specific weights as in Winkler (2000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Compared, Comparer

__all__ = ["MOST_BITS", "FieldWeights", "Fit", "Scores", "household", "rarity", "rarity_bits", "score"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
RARITY_LIMITS = (-8.0, 12.0)
"""Bits that the rarity of one value may take away or add."""
MOST_BITS = 20.0
"""Log-odds, in bits, up to which decisions change their scale: nobody is asked about pairs beyond."""


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """Shares of each level, *else* first, among matches, related pairs and other pairs."""

    name: str
    match: tuple[float, ...]
    related: tuple[float, ...]
    other: tuple[float, ...]
    prior_share: float = 1.0

    @property
    def bits(self) -> tuple[float, ...]:
        """Weight of each level in bits: log2 of match over other."""
        return tuple(float(np.log2(m / u)) for m, u in zip(self.match, self.other, strict=True))


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted weights, and the shares of matches and of related pairs among all pairs.

    ``scale`` and ``shift`` (bits) are what people's decisions say of all log-odds alike.
    """

    fields: tuple[FieldWeights, ...]
    match_share: float
    related_share: float
    pairs: float
    iterations: int = 0
    scale: float = 1.0
    shift: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def prior(self) -> float:
        """Log-odds, in bits, that two rows drawn at random are one person."""
        return float(np.log2(self.match_share / (1 - self.match_share)))


@dataclass(frozen=True, slots=True)
class Scores:
    """For each pair: probability of a match, and its weight, the bits of its Bayes factor (no prior in it)."""

    probability: Array
    weight: Array


def household(comparers: Sequence[Comparer]) -> Mask:
    """Which features relatives share."""
    return np.array([comparer.levels.related is not None for comparer in comparers], bool)


def rarity(compared: Compared, kin: Mask) -> tuple[Array, Array]:
    """Bits of rarity of each pair, for the match class and (features that relatives share only) the related class."""
    clipped = rarity_bits(compared)
    return clipped.sum(axis=0, dtype=np.float64), clipped[kin].sum(axis=0, dtype=np.float64)


def rarity_bits(compared: Compared) -> npt.NDArray[np.float32]:
    """Bits that the rarity of each agreeing value adds: float32 of shape (features, pairs)."""
    return np.clip(compared.rarity, *RARITY_LIMITS)


def score(comparers: Sequence[Comparer], fitted: Fit, compared: Compared) -> Scores:
    """Probability and weight of each pair under a fit."""
    logs = np.zeros((3, compared.states.shape[1]))
    for states, weights in zip(compared.states, fitted.fields, strict=True):
        for row, table in enumerate((weights.match, weights.related, weights.other)):
            logs[row] += np.r_[0.0, np.log2(table)][states]
    to_match, to_related = rarity(compared, household(comparers))
    logs[0] += to_match
    logs[1] += to_related
    rest = 1 - fitted.match_share
    kin = fitted.related_share / rest
    against = np.logaddexp2(
        logs[2] + np.log2(max(1 - kin, 1e-300)), logs[1] + np.log2(kin) if kin else np.full(logs.shape[1], -np.inf)
    )
    log_odds = logs[0] - against + fitted.prior
    if fitted.scale != 1.0:
        log_odds += (fitted.scale - 1) * np.clip(log_odds, -MOST_BITS, MOST_BITS)
    log_odds += fitted.shift
    return Scores(1 / (1 + np.exp2(-np.clip(log_odds, -1000, 1000))), log_odds - fitted.prior)
