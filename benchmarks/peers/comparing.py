"""What the runs of all tools on all sets say together: ratios of time and memory, error cut, the best peer of a set.

A *run* is a mapping with ``set``, ``peer``, ``labels`` and the figures of ``scoring``, or with ``error``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TypeAlias

__all__ = ["OURS", "Cut", "Run", "best_peer", "by_set", "cuts", "figure", "geometric_mean", "ratio"]

Run: TypeAlias = Mapping[str, object]

OURS = "socialmerge"
# Sets of fewer records are cases to look at: one pair more or less changes their figures.
_FEWEST_RECORDS = 500
# An F1 of exactly 1 has no error to divide by: less than this is taken to be this much.
_LEAST_ERROR = 1e-4


@dataclass(frozen=True, slots=True)
class Cut:
    """Of one set: our F1 at the default decision, the best unlabelled peer's at its best, and our error over its."""

    set: str
    ours: float
    peer: str
    theirs: float

    @property
    def error_ratio(self) -> float:
        """Our error over theirs: below 1 is better, 0.67 is a third less."""
        return max(1 - self.ours, _LEAST_ERROR) / max(1 - self.theirs, _LEAST_ERROR)


def by_set(runs: Iterable[Run]) -> dict[str, dict[str, Run]]:
    """The runs by set and peer, in the order of the first appearance."""
    found: dict[str, dict[str, Run]] = {}
    for run in runs:
        found.setdefault(str(run["set"]), {})[str(run["peer"])] = run
    return found


def figure(run: Run | None, name: str) -> float | None:
    """A figure of a run; ``None`` where it failed or does not have it."""
    value = run.get(name) if run else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def best_peer(runs: Mapping[str, Run]) -> tuple[str, float] | None:
    """The unlabelled peer with the greatest F1 on a set, be it of its clusters or at its best threshold."""
    found = [
        (value, name)
        for name, run in runs.items()
        if name != OURS and not run.get("labels")
        for value in (figure(run, "own_f1"), figure(run, "best_f1"))
        if value is not None
    ]
    return (max(found)[1], max(found)[0]) if found else None


def cuts(runs: Iterable[Run]) -> list[Cut]:
    """What is left of the best unlabelled peer's error, by set, of 500 records or more, that both have figures of."""
    found = []
    for name, of_set in by_set(runs).items():
        ours, peer = figure(of_set.get(OURS), "own_f1"), best_peer(of_set)
        records = figure(of_set.get(OURS), "records") or 0
        if ours is not None and peer is not None and records >= _FEWEST_RECORDS:
            found.append(Cut(name, ours, *peer))
    return found


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of positive numbers.

    >>> round(geometric_mean([0.5, 2.0]), 6)
    1.0
    """
    return exp(sum(map(log, values)) / len(values))


def ratio(ours: Run | None, theirs: Run | None, name: str) -> float | None:
    """Ours over theirs in one figure."""
    top, bottom = figure(ours, name), figure(theirs, name)
    return top / bottom if top is not None and bottom else None
