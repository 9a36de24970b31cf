"""What each verb costs in a large store: in a session that has just been opened, and once more in the same session.

``python -m benchmarks.verbs [--customers 20000] [--profiles 5000] [--folder DIR]`` makes customers up, and profiles of
some, loads them into a SQLite file, and opens that anew for each verb. With ``--folder`` the file stays there, and is
taken as it is the next time. Verbs that write are given a copy. Seconds are those of this process's processors, opening
included in the first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
from benchmarks.large_profiles import write_profiles
from benchmarks.measure import peak_mb

from socialmerge import Resolver, channels, tables
from socialmerge.resolver.answered import record_answers

__all__ = ["Cost", "measure"]

MORE = 1_200
"""Profiles that are made, and brought in by the verbs alone."""
ANSWERS = 1_000
"""Pairs that are decided at once."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a verb in a session just opened, and the next time in it (None where it is done once)."""

    verb: str
    first: float
    again: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """The folder of a store, its customers and the profiles that were made."""

    folder: Path
    customers: pa.Table
    profiles: pa.Table
    first: int
    pairs: tuple[tuple[str, str], ...]
    """Profiles that are attached, and whose they are."""


Verb: TypeAlias = Callable[[Resolver, Made, int], object]


def _load(resolver: Resolver, made: Made, turn: int) -> object:
    row = made.customers.slice(turn, 1)
    return resolver.load(row.set_column(0, row.column_names[0], pa.array([f"new-{turn}"])))


def _answers(resolver: Resolver, _: Made, turn: int) -> object:
    side = {name: [f"{letter}{turn * ANSWERS + n}" for n in range(ANSWERS)] for name, letter in _SIDES.items()}
    return record_answers(resolver, pa.table(side | {"verdict": ["different"] * ANSWERS}), by="bench")


_SIDES = {"left_id": "p", "right_id": "r"}
_PROFILE = {"profile_id": "asked", "channel": "github", "handle": "anna_bell", "display_name": "Anna Bell"}

READS: dict[str, Verb] = {
    "resolve_id": lambda on, made, turn: on.resolve_id(made.pairs[turn][0]),
    "history": lambda on, made, turn: on.history(made.pairs[turn][0]),
    "export": lambda on, made, turn: on.export(made.pairs[turn][0]),
    "consents": lambda on, made, turn: on.consents(made.pairs[turn][0]),
    "golden of one": lambda on, made, turn: on.golden(made.pairs[turn][0]),
    "resolve": lambda on, _, __: on.resolve(_PROFILE),
    "clusters": lambda on, _, __: on.clusters,
    "decisions": lambda on, _, __: on.decisions,
}
WRITES: dict[str, Verb] = {
    "decide": lambda on, made, turn: on.decide(made.pairs[turn], "different", by="bench"),
    "split": lambda on, made, turn: on.split(*made.pairs[turn], by="bench"),
    f"record {ANSWERS:,} answers": _answers,
    "erase": lambda on, made, turn: on.erase(made.pairs[turn][1], by="bench"),
    "ingest 1 profile": lambda on, made, turn: on.ingest(made.profiles.slice(made.first + turn, 1)),
    "load 1 customer": _load,
}


def measure(folder: Path, *, customers: int, profiles: int, only: str = "") -> Iterator[Cost]:
    """Make a store, or take the one that is there, and time each verb, or those whose names begin with ``only``."""
    made = _made(folder, customers=customers, profiles=profiles)
    for name, verb in READS.items():
        if name.startswith(only):
            yield _cost(name, verb, made, folder / "people.db")
    for name, verb in WRITES.items():
        if name.startswith(only):
            with _copied(folder) as path:
                yield _cost(name, verb, made, path)


def _made(folder: Path, *, customers: int, profiles: int) -> Made:
    home = write_profiles(folder, profiles=profiles + MORE, customers=customers)
    rows = channels.read(tables.read(home / "profiles.jsonl", what="profiles"))
    if not (folder / "people.db").exists():
        with Resolver(store=f"sqlite:///{folder}/people.db") as resolver:
            resolver.load(home / "customers.parquet")
            resolver.ingest(rows.slice(0, profiles))
    with Resolver(store=f"sqlite:///{folder}/people.db") as resolver:
        attached = [one for one in resolver.decisions.to_pylist() if one["verdict"] == "attach"]
    pairs = tuple((one["profile_id"], one["customer_id"]) for one in attached[:2])
    return Made(folder, tables.read(home / "customers.parquet", what="customers"), rows, profiles, pairs)


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for name in ("people.db", "people.db.key"):
            shutil.copy(folder / name, place)
        yield Path(place) / "people.db"


def _cost(name: str, verb: Verb, made: Made, path: Path) -> Cost:
    times = []
    start = time.process_time()
    with Resolver(store=f"sqlite:///{path}") as resolver:
        for turn in range(2):
            verb(resolver, made, turn)
            times.append(time.process_time() - start)
            start = time.process_time()
    return Cost(name, *times)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verbs", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--profiles", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, help="where the store is, or is made, to be used again")
    parser.add_argument("--only", default="", help="verbs whose names begin so, such as decide")
    asked = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| verb | just opened, CPU seconds | again |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        folder = asked.folder or Path(place)
        folder.mkdir(exist_ok=True)
        for one in measure(folder, customers=asked.customers, profiles=asked.profiles, only=asked.only):
            print(f"| {one.verb} | {one.first:.3f} | {one.again:.3f} |", flush=True)
    print(f"{peak_mb():,.0f} MB at most")


if __name__ == "__main__":
    main()
