"""How good the audit's count of duplicates is: truth, estimate, interval and error of every dedupe set.

``python -m benchmarks.audit DATA_DIR [--set NAME]`` runs the sets of a data folder that have one table and answers,
with nothing configured. *truth* is the number of rows beyond the first of each person, *held* whether the 95 % interval
holds it. Exits with 1 when an estimate is off by more than a tenth.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.sets import DataSet, Task, find_sets

import socialmerge as sm
from socialmerge import tables
from socialmerge.matching.components import components

__all__ = ["Estimate", "estimated", "true_duplicates"]

MOST_OFF = 0.1


@dataclass(frozen=True, slots=True)
class Estimate:
    """One set: how many rows there are and repeat somebody, and what the audit says of it."""

    name: str
    rows: int
    truth: int
    expected: float
    low: float
    high: float
    readiness: str
    seconds: float

    @property
    def error(self) -> float:
        """How far the estimate is off, as a share of the truth."""
        return (self.expected - self.truth) / max(self.truth, 1)

    @property
    def held(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high

    def __str__(self) -> str:
        """One row of the table."""
        return (
            f"| {self.name} | {self.rows:,} | {self.truth:,} | {self.expected:,.0f} | {self.low:,.0f} to "
            f"{self.high:,.0f} | {self.error:+.1%} | {'yes' if self.held else 'no'} | {self.readiness} | "
            f"{self.seconds:.1f} |"
        )


def true_duplicates(one: DataSet) -> tuple[int, int]:
    """The rows of a set, and those beyond the first of each person."""
    truth, rows = tables.read(one.truth or one.left), tables.read(one.left).num_rows
    if "entity_id" in truth.column_names:
        return rows, truth.num_rows - len(set(truth["entity_id"].to_pylist()))
    left, right = truth["id_a"].to_pylist(), truth["id_b"].to_pylist()
    place = {value: number for number, value in enumerate(dict.fromkeys([*left, *right]))}
    labels = components(len(place), np.array([place[i] for i in left]), np.array([place[i] for i in right]))
    return rows, len(place) - len(np.unique(labels))


def estimated(one: DataSet) -> Estimate:
    """Audit one set without the costs, which take time and do not change the count."""
    rows, truth = true_duplicates(one)
    start = time.perf_counter()
    found = sm.audit(one.left, costs=False)
    seconds, (low, high) = time.perf_counter() - start, found.interval
    return Estimate(one.name, rows, truth, found.expected_duplicates, low, high, found.readiness, seconds)


def _runs(data: Path, names: Sequence[str]) -> Iterator[Estimate]:
    sets, _ = find_sets(data.resolve(), tuple(names))
    for one in sets:
        if one.task is Task.DEDUPE and one.truth:
            yield estimated(one)


def main(words: Sequence[str] | None = None) -> int:
    """Run the sets and print the table; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    asked = parser.parse_args(words)
    print("| set | rows | truth | estimate | 95 % | error | held | verdict | seconds |")
    print("|---|---:|---:|---:|---:|---:|---|---|---:|")
    off = False
    for run in _runs(asked.data, asked.names):
        print(run, flush=True)
        off |= abs(run.error) > MOST_OFF
    return int(off)


if __name__ == "__main__":
    sys.exit(main())
