"""Scored pairs of one run, and comparing pairs part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from socialmerge.blocking import Key, KeyReport, Order
from socialmerge.matching.compare import Compared, Comparer, compare
from socialmerge.matching.known import Known
from socialmerge.matching.weigh import Fit, score
from socialmerge.parallel import each

__all__ = ["Matched", "compared_by_parts", "parts_of"]

Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]

FEWEST_AT_ONCE = 10_000
"""Pairs that are not worth a thread of their own."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Scored pairs of one run.

    ``left`` and ``right`` are int32 row numbers over the left table's rows followed by the right's; ``weight`` is in
    bits without the prior, ``log_odds`` in bits with it. ``known`` are pairs that people decided, rows numbered
    likewise; ``order`` are the rows by what stands in them.
    """

    comparers: tuple[Comparer, ...]
    fitted: Fit
    left_rows: int
    rows: int
    left: Rows
    right: Rows
    weight: Array
    keys: tuple[Key, ...]
    reports: tuple[KeyReport, ...]
    expected_recall: float
    candidates: int
    chunk: int
    threads: int = 1
    warnings: tuple[str, ...] = ()
    known: Known | None = None
    order: Order | None = None

    @property
    def log_odds(self) -> Array:
        """Bits that a pair is one person, the prior included."""
        return self.weight + self.fitted.prior

    def compare(self, left: Rows, right: Rows) -> Compared:
        """How any pairs of rows agree."""
        size = max(-(-len(left) // self.threads), FEWEST_AT_ONCE)
        return compared_by_parts(self.comparers, left, right, min(self.chunk, size), self.threads)

    def score(self, left: Rows, right: Rows) -> Array:
        """Log-odds in bits of any pairs of rows."""

        def one(part: slice) -> Array:
            return score(self.comparers, self.fitted, compare(self.comparers, left[part], right[part])).weight

        size = max(-(-len(left) // self.threads), FEWEST_AT_ONCE)
        parts = each(one, parts_of(len(left), min(self.chunk, size)), self.threads)
        return np.concatenate([np.empty(0), *parts]) + self.fitted.prior

    def deciding(self, known: Known) -> Matched:
        """The same with pairs that people decided, those among the pairs that no key found."""
        absent = known.absent(self.left, self.right)
        weight = self.score(known.left[absent], known.right[absent]) - self.fitted.prior
        return replace(
            self,
            left=np.concatenate([self.left, known.left[absent]]),
            right=np.concatenate([self.right, known.right[absent]]),
            weight=np.concatenate([self.weight, weight]),
            known=known,
        )


def compared_by_parts(comparers: Sequence[Comparer], left: Rows, right: Rows, chunk: int, threads: int) -> Compared:
    """How pairs of rows agree, so many at a time."""
    found = Compared(np.empty((len(comparers), len(left)), np.uint8), np.empty((len(comparers), len(left)), np.float32))

    def one(part: slice) -> None:
        compared = compare(comparers, left[part], right[part])
        found.states[:, part], found.rarity[:, part] = compared.states, compared.rarity

    for _ in each(one, parts_of(len(left), chunk), threads):
        pass
    return found


def parts_of(total: int, size: int) -> list[slice]:
    """Parts of so many each."""
    return [slice(start, min(start + size, total)) for start in range(0, total, size)]
