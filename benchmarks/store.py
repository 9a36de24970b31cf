"""Rows per second into a store and out of it.

``python -m benchmarks.store`` writes a million claims of made-up customers, with an observation and two identifiers a
customer, into a new SQLite file; ``--url postgresql+psycopg://...`` into a database of yours, where the tables must not
be there yet. It writes the same again, which must change nothing, reads all back, and then times small steps.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from socialmerge.store import Decision, DecisionKind, Store, Target

__all__ = ["Figure", "Rows", "measure", "people"]

COLUMNS = ("full_name", "email", "phone", "street", "city")
_NOW = datetime(2026, 1, 2, tzinfo=UTC)
_SMALL = 50


@dataclass(frozen=True, slots=True)
class Rows:
    """What a source brings: the tables that ``Store.write`` takes."""

    records: pa.Table
    claims: pa.Table
    observations: pa.Table
    identifiers: pa.Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One step: how many rows, in how many seconds of the clock and of this process."""

    step: str
    rows: int
    seconds: float
    cpu_seconds: float


def people(count: int, *, first: int = 0) -> Rows:
    """Make customers of :data:`COLUMNS`, no two with one value."""
    number = np.arange(first, first + count).astype(str)
    name = np.char.add("c", number)
    raw = np.char.add(np.char.add(np.tile(COLUMNS, count), " of made-up person "), np.repeat(number, len(COLUMNS)))
    columns = str(list(COLUMNS)).replace("'", '"')

    def named(times: int) -> dict[str, object]:
        return {"source": pa.array(["crm"] * (count * times)), "record_id": pa.array(np.repeat(name, times))}

    identifiers = {"kind": ["email", "phone"] * count, "value": pa.array(np.char.add(np.repeat(name, 2), "@"))}
    return Rows(
        pa.table(named(1) | {"kind": ["customer"] * count}),
        pa.table(named(len(COLUMNS)) | {"attribute": list(COLUMNS) * count, "raw": pa.array(raw)}),
        pa.table(named(1) | {"columns": [columns] * count}),
        pa.table(named(2) | identifiers),
    )


def measure(url: str, *, claims: int, key: bytes) -> list[Figure]:
    """Write, write again, read, and do small steps.

    Raises:
        ValueError: The store was not empty, or the same written again changed it.
    """
    count = claims // len(COLUMNS)
    rows, figures = people(count), list[Figure]()

    def step(name: str, size: int, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the step gives
        start, cpu = time.perf_counter(), time.process_time()
        result = work()
        figures.append(Figure(name, size, time.perf_counter() - start, time.process_time() - cpu))
        return result

    with Store.open(url, key=key) as store:
        first = step("write", count * len(COLUMNS), lambda: _write(store, rows))
        again = step("write the same again", count * len(COLUMNS), lambda: _write(store, rows))
        if first.claims != count * len(COLUMNS) or again.position != first.position:
            message = f"{url}: the store was not empty, or writing again changed it; give an empty one"
            raise ValueError(message)
        step("read all claims", count * len(COLUMNS), lambda: _read(store))
        step("write one customer", _SMALL, lambda: [_write(store, people(1, first=-n - 1)) for n in range(_SMALL)])
        step("read one customer", _SMALL, lambda: [_read(store, rows.records.slice(n, 1)) for n in range(_SMALL)])
        step("append one decision", _SMALL, lambda: [store.append([_decision(n)]) for n in range(_SMALL)])
        step("erase one customer", 1, lambda: store.erase(rows.records.slice(0, 1), at=_NOW, actor="bench"))
    return figures


def _write(store: Store, rows: Rows) -> Any:  # noqa: ANN401 - a Written
    return store.write(rows.records, rows.claims, rows.observations, rows.identifiers, at=_NOW, actor="bench")


def _read(store: Store, of: pa.Table | None = None) -> int:
    with store.snapshot() as view:
        return sum(batch.num_rows for batch in view.claims(of))


def _decision(number: int) -> Decision:
    pair = (Target("crm", f"c{number}"), Target("crm", f"c{number + 1}"))
    return Decision(DecisionKind.DIFFERENT, pair, actor="bench", at=_NOW)


@contextmanager
def _place(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/people.db"
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        print(f"{size / 1e6:,.0f} MB on the disk")


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--url", help="of an empty database; without it a SQLite file of its own")
    arguments = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with _place(arguments.url) as url:
        figures = measure(url, claims=arguments.claims, key=b"key of the benchmarks")
        print("| step | rows | seconds | CPU seconds here | rows a second |\n|---|---|---|---|---|")
        for one in figures:
            rate = one.rows / max(one.seconds, 1e-9)
            print(f"| {one.step} | {one.rows:,} | {one.seconds:.2f} | {one.cpu_seconds:.2f} | {rate:,.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
