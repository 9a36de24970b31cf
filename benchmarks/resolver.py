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
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from benchmarks.large_profiles import write_profiles
from benchmarks.measure import peak_mb

from socialmerge import Resolver, channels, tables

__all__ = ["Step", "measure"]

AGAIN = 10
"""Times that a small step is done; the middle one counts."""
PORTIONS = (1, 100, 10_000)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: seconds of the clock, and of this process's processors."""

    name: str
    seconds: float
    cpu_seconds: float


def measure(folder: Path, *, customers: int, profiles: int, portions: tuple[int, ...] = PORTIONS) -> list[Step]:
    """Load customers and profiles into a store, and time what comes after."""
    asked = sum(portions) + AGAIN
    made = write_profiles(folder, profiles=profiles + asked, customers=customers)
    rows = channels.read(tables.read(made / "profiles.jsonl", what="profiles"))
    steps = list[Step]()

    def step(name: str, work: Callable[[int], object], times: int = 1) -> None:
        found = []
        for turn in range(times):
            start, cpu = time.perf_counter(), time.process_time()
            work(turn)
            found.append((time.perf_counter() - start, time.process_time() - cpu))
        steps.append(Step(name, *sorted(found)[len(found) // 2]))

    def part(first: int, size: int) -> pa.Table:
        return rows.slice(first, size)

    url = f"sqlite:///{folder}/people.db"
    with Resolver(store=url) as resolver:
        step(f"load {customers:,} customers", lambda _: resolver.load(made / "customers.parquet"))
        step(f"ingest {profiles:,} profiles, the first", lambda _: resolver.ingest(part(0, profiles)))
        row = {name: value for name, value in part(profiles, 1).to_pylist()[0].items() if value not in (None, [])}
        step("resolve, the first time", lambda _: resolver.resolve(row))
        step("resolve", lambda _: resolver.resolve(row), AGAIN)
        first = profiles
        for size in portions:
            step(f"ingest {size:,} profiles", lambda _, at=first, size=size: resolver.ingest(part(at, size)))  # type: ignore[misc]
            first += size
        step("ingest the last again", lambda _: resolver.ingest(part(first - portions[-1], portions[-1])))
        names = resolver.decisions["profile_id"].to_pylist()
        step("erase", lambda turn: resolver.erase(f"{names[turn]}", by="bench"), 3)
        known = tables.read(made / "customers.parquet", what="customers")
        more = known.slice(0, 1).set_column(0, known.column_names[0], pa.array(["new-1"]))
        step("load one customer", lambda _: resolver.load(more))
    with Resolver(store=url) as resolver:
        step("resolve, the store just opened", lambda _: resolver.resolve(row))
    return steps


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolver", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--profiles", type=int, default=5_000)
    parser.add_argument("--no-large", action="store_true", help="leave out the portion of 10,000 profiles")
    asked = parser.parse_args()
    portions = PORTIONS[:-1] if asked.no_large else PORTIONS
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), customers=asked.customers, profiles=asked.profiles, portions=portions)
    print("| step | seconds | CPU seconds |\n|---|---|---|")
    for one in found:
        print(f"| {one.name} | {one.seconds:.3f} | {one.cpu_seconds:.3f} |")
    print(f"{peak_mb():,.0f} MB at most")


if __name__ == "__main__":
    main()
