"""A store of people under a frozen model: what a question, an import and an erasure cost.

``python -m benchmarks.resolver [--customers 20000] [--profiles 5000]`` makes customers up, and profiles of some,
loads them into a new SQLite file, brings the profiles in, and times each step in this process: seconds of the clock
and of its processors.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from benchmarks.large_profiles import write_profiles
from benchmarks.measure import peak_mb

from socialmerge import Resolver, channels, tables
from socialmerge.resolver.learned import GROWN

__all__ = ["Step", "Watch", "measure"]

AGAIN = 10
"""Times that a small step is done; the middle one counts."""
PORTIONS = (1, 100, 10_000, 10_000)
"""Profiles that come at a time; a step that is so large that the model is made anew says so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: seconds of the clock, and of this process's processors."""

    name: str
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What takes the time of steps."""

    steps: list[Step] = field(default_factory=list)

    def step(self, name: str, work: Callable[[int], object], times: int = 1) -> None:
        """Time a step that is done some times over."""
        found = []
        for turn in range(times):
            start, cpu = time.perf_counter(), time.process_time()
            work(turn)
            found.append((time.perf_counter() - start, time.process_time() - cpu))
        self.steps.append(Step(name, *sorted(found)[len(found) // 2]))


def measure(folder: Path, *, customers: int, profiles: int, portions: tuple[int, ...] = PORTIONS) -> list[Step]:
    """Load customers and profiles into a store, and time what comes after."""
    made = write_profiles(folder, profiles=profiles + sum(portions) + AGAIN, customers=customers)
    rows = channels.read(tables.read(made / "profiles.jsonl", what="profiles"))
    row = {name: value for name, value in rows.slice(profiles, 1).to_pylist()[0].items() if value not in (None, [])}
    watch, url = Watch(), f"sqlite:///{folder}/people.db"
    with Resolver(store=url) as resolver:
        watch.step(f"load {customers:,} customers", lambda _: resolver.load(made / "customers.parquet"))
        watch.step(f"ingest {profiles:,} profiles, the first", lambda _: resolver.ingest(rows.slice(0, profiles)))
        watch.step("resolve, the first time", lambda _: resolver.resolve(row))
        watch.step("resolve", lambda _: resolver.resolve(row), AGAIN)
        _ingest(watch, resolver, rows, first=profiles, portions=portions)
        names = resolver.decisions["profile_id"].to_pylist()
        watch.step("erase", lambda turn: resolver.erase(f"{names[turn]}", by="bench"), 3)
        known = tables.read(made / "customers.parquet", what="customers")
        for turn in range(2):
            more = known.slice(turn, 1).set_column(0, known.column_names[0], pa.array([f"new-{turn}"]))
            name = "load one customer" if turn else "load one customer, the first"
            watch.step(name, lambda _, more=more: resolver.load(more))  # type: ignore[misc]
        watch.step("load all customers again", lambda _: resolver.load(made / "customers.parquet"))
    with Resolver(store=url) as resolver:
        watch.step("resolve, the store just opened", lambda _: resolver.resolve(row))
    return watch.steps


def _ingest(watch: Watch, resolver: Resolver, rows: pa.Table, *, first: int, portions: tuple[int, ...]) -> None:
    learned = first
    for size in portions:
        outgrown = first + size > GROWN * learned
        name = f"ingest {size:,} profiles{', and learn anew' if outgrown else ''}"
        watch.step(name, lambda _, at=first, size=size: resolver.ingest(rows.slice(at, size)))  # type: ignore[misc]
        first += size
        learned = first if outgrown else learned
    last = rows.slice(first - portions[-1], portions[-1])
    watch.step("ingest the last again", lambda _: resolver.ingest(last))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolver", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--profiles", type=int, default=5_000)
    parser.add_argument("--no-large", action="store_true", help="leave out the portions of 10,000 profiles")
    asked = parser.parse_args()
    portions = PORTIONS[:2] if asked.no_large else PORTIONS
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), customers=asked.customers, profiles=asked.profiles, portions=portions)
    print("| step | seconds | CPU seconds |\n|---|---|---|")
    for one in found:
        print(f"| {one.name} | {one.seconds:.3f} | {one.cpu_seconds:.3f} |")
    print(f"{peak_mb():,.0f} MB at most")


if __name__ == "__main__":
    main()
