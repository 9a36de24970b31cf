"""What blocking gave: candidates, the keys that found them, and what they could not do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from socialmerge.blocking import Atom, Candidates, Key, KeyReport, Order
from socialmerge.errors import amount

__all__ = ["Blocked"]

FEW = 0.5
"""Expected recall below which the keys are warned of."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Candidates, the keys that found them, and the share of the true pairs that the keys are expected to find."""

    candidates: Candidates
    keys: tuple[Key, ...]
    expected_recall: float
    rows: int
    left_rows: int
    atoms: tuple[Atom, ...]
    used: tuple[Key, ...]
    order: Order
    idle: tuple[Key, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the keys could not do, in sentences."""
        idle = (
            f"key {str(key)!r} finds no pairs: a field of it has no value in these tables, or one in all rows"
            for key in self.idle
        )
        recall = (
            f"the keys are expected to find only {self.expected_recall:.0%} of the true pairs: too many rows share "
            "their values, or too few have any; add a key to the plan, or a field that tells rows apart"
        )
        few = [recall] if self.expected_recall < FEW else []
        return (*idle, *_dropped(self.candidates.reports), *few)

    @property
    def pairs(self) -> int:
        """How many pairs there are, candidates or not."""
        right_rows = self.rows - self.left_rows
        return self.left_rows * right_rows if self.left_rows else self.rows * (self.rows - 1) // 2


def _dropped(reports: Sequence[KeyReport]) -> Iterator[str]:
    for report in reports:
        if report.dropped_rows:
            yield (
                f"key {report.key!r}: {amount(report.dropped_rows, 'row shares', 'rows share')} a value with "
                "so many others that no further "
                "value tells them apart; their pairs come from other keys only"
            )
