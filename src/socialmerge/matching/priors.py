"""What is known of levels before any candidate is weighed: prior shares in pairs, a class each.

Dirichlet priors keep the classes what they are named for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Comparer
from socialmerge.matching.levels import Levels

__all__ = ["PRIOR_PAIRS", "PRIOR_PAIRS_A_ROW", "Before", "normal", "prior_shares", "priors", "smoothed"]

Array = npt.NDArray[np.float64]

PRIOR_PAIRS, PRIOR_PAIRS_A_ROW = 100.0, (0.02, 3.0)
"""Pairs that the prior shares of levels are worth, whatever the table, and for each of its rows.

The second is for a fit whose matches do not agree on what tells rows apart.
"""

RELATED_PAIRS, RELATED_PAIRS_A_ROW = 1000.0, 0.2
"""The same for related pairs: much more, for the class must stay what it is named for."""

CONTEXT_STRENGTH = 20.0
"""Pairs that a context's prior for unrelated pairs is worth: data are few, and a namesake's address tells little."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of the states of one feature before any candidate is weighed: pairs in each, a class each.

    ``related`` is None where relatives agree no more than anybody; ``block`` is the number of levels, which repeat for
    each context.
    """

    block: int
    match: Array
    related: Array | None
    other: Array

    def share(self, matches: float) -> float:
        """Share of what is known of matches that is the prior's."""
        strength = float(self.match.sum())
        return strength / (strength + matches)


def priors(comparers: Sequence[Comparer], background: Sequence[Array], rows: int, a_row: float) -> list[list[Before]]:
    """What may be known before: related rows are a household's, or where rows are no people perhaps branches."""
    people = any(comparer.feature.comparison == "given" for comparer in comparers)
    return [
        _before(comparers, background, rows, a_row, people=people, branches=branches)
        for branches in ((False,) if people else (False, True))
    ]


def _before(
    comparers: Sequence[Comparer],
    background: Sequence[Array],
    rows: int,
    a_row: float,
    *,
    people: bool,
    branches: bool,
) -> list[Before]:
    kinds = [_kin(comparer.levels, people=people, branches=branches) for comparer in comparers]
    strength, kin = PRIOR_PAIRS + a_row * rows, RELATED_PAIRS + RELATED_PAIRS_A_ROW * rows
    return [
        Before(
            len(comparer.levels.labels),
            prior_shares(comparer, comparer.levels.match, moves=not branches) * strength,
            None if kind is None else prior_shares(comparer, kind, moves=not branches) * kin,
            chance + smoothed(comparer, chance),
        )
        for comparer, kind, chance in zip(comparers, kinds, background, strict=True)
    ]


def _kin(levels: Levels, *, people: bool, branches: bool) -> tuple[float, ...] | None:
    """Shares of each level among relatives: colleagues write the same firm, which two homes seldom do."""
    if branches and levels.branch:
        return levels.branch
    return levels.colleague if people and levels.colleague else levels.related


def prior_shares(comparer: Comparer, shares: Sequence[float], *, moves: bool = True) -> Array:
    """Prior shares of each level in each context; a place does not move, so its contexts are alike beforehand."""
    low, high = len(shares) // 2, len(shares) - 1
    found = []
    for context in comparer.dependence.contexts:
        block = np.array(shares)
        if moves:
            block[:low] *= context.match[0]
            block[high] *= context.match[1]
        found.append(block / block.sum() / len(comparer.dependence.contexts))
    return np.concatenate(found)


def smoothed(comparer: Comparer, background: Array) -> Array:
    """A little of what chance must give, so that no level is impossible among unrelated pairs."""
    levels = len(comparer.levels.labels)
    chance = np.full(levels, 0.1 * comparer.exact_by_chance)
    chance[0] = 1.0
    pseudo = []
    for context, block in zip(comparer.dependence.contexts, background.reshape(-1, levels), strict=True):
        if context.other is None:
            pseudo.append(chance * (1e-3 * block.sum()) + 0.01)
        else:
            pseudo.append(np.array(context.other) * CONTEXT_STRENGTH)
    return np.concatenate(pseudo)


def normal(counts: Array, block: int) -> Array:
    """Shares within each block of levels, one block a context."""
    blocks = counts.reshape(-1, block)
    return np.asarray(blocks / blocks.sum(axis=1, keepdims=True)).ravel()
