"""Metrics of a large store: made-up profiles and customers written straight into one, then counted.

``python -m benchmarks.stored_metrics --profiles 1000000`` writes that many profiles of five channels, and a fifth as
many customers, into a new SQLite file, attaches two in five of the profiles, records some decisions, and times
``metrics`` over it, with the customers that the store holds. Nothing is matched: reading and counting is timed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from benchmarks.measure import peak_mb

import socialmerge as sm
from socialmerge.store import Decision, DecisionKind, Store, Target

__all__ = ["fill"]

_CHANNELS = np.array(["github", "linkedin", "mastodon", "x", "newsletter"])
_NOW = datetime(2026, 1, 2, tzinfo=UTC)
_COLUMNS = ("id", "stage", "customer since", "total spent")
_PART = 100_000
_DECISIONS = 500


def fill(store: Store, profiles: int, *, seed: int = 7) -> None:
    """Write profiles, a fifth as many customers, links of two in five profiles, who is whom, and some decisions."""
    customers, random = max(profiles // 5, 1), np.random.default_rng(seed)
    for first in range(0, customers, _PART):
        _customers(store, np.arange(first, min(first + _PART, customers)), random)
    channel = random.integers(0, len(_CHANNELS), profiles)
    for first in range(0, profiles, _PART):
        _profiles(store, np.arange(first, min(first + _PART, profiles)), channel, random)
    attached = np.flatnonzero(random.random(profiles) < 0.4)
    whose = random.integers(0, customers, len(attached))
    own, host = np.char.add("p", attached.astype(str)), np.char.add("c", whose.astype(str))
    source = _CHANNELS[channel[attached]]
    some = pa.table(
        {"left_source": source, "left_id": own, "right_source": pa.repeat("crm", len(own)), "right_id": host}
    )
    for name, value in (("weight", 12.0), ("probability", 0.999), ("verdict", "attach"), ("assurance", "inferred")):
        some = some.append_column(name, pa.repeat(value, len(own)))
    some = some.append_column("plan_version", pa.repeat("bench", len(own)))
    store.replace_links(some.append_column("evidence", pa.nulls(len(own), pa.string())), at=_NOW, actor="bench")
    _members(store, profiles, customers, channel, (attached, host))
    chosen = range(0, len(own), max(len(own) // _DECISIONS, 1))
    pairs = [(Target(str(source[at]), str(own[at])), Target("crm", str(host[at]))) for at in chosen]
    store.append([Decision(DecisionKind.SAME, pair, actor="bench", at=_NOW) for pair in pairs])


def _customers(store: Store, rows: np.ndarray, random: np.random.Generator) -> None:
    name = np.char.add("c", rows.astype(str))
    began = np.datetime64("2024-01-01") + random.integers(0, 700, len(rows))
    stage = np.where(random.random(len(rows)) < 0.7, "customer", "lead")
    values = [name, stage, began.astype(str), np.char.mod("%.2f", random.gamma(2.0, 60.0, len(rows)))]
    _write(store, "customer", (np.repeat("crm", len(rows)), name), dict(zip(_COLUMNS, values, strict=True)))


def _profiles(store: Store, rows: np.ndarray, channel: np.ndarray, random: np.random.Generator) -> None:
    name, source = np.char.add("p", rows.astype(str)), _CHANNELS[channel[rows]]
    seen = np.datetime64("2024-06-01T12", "us") + random.integers(0, 500, len(rows)) * np.timedelta64(1, "D")
    _write(store, "profile", (source, name), {"handle": np.char.add("made-up-", name)}, seen)


def _write(
    store: Store,
    kind: str,
    key: tuple[np.ndarray, np.ndarray],
    values: dict[str, np.ndarray],
    seen: np.ndarray | None = None,
) -> None:
    source, name = key
    named = {"source": pa.array(source), "record_id": pa.array(name)}
    nothing = pa.nulls(len(name))
    moment = pa.array(nothing if seen is None else seen, pa.timestamp("us", tz="UTC"))
    columns = str(list(values)).replace("'", '"')
    told = {"kind": pa.repeat(kind, len(name)), "channel": pa.array(nothing if seen is None else source, pa.string())}
    records = pa.table(named | told)
    claims = pa.concat_tables(
        pa.table(named | {"attribute": pa.repeat(one, len(name)), "raw": pa.array(raw), "observed_at": moment})
        for one, raw in values.items()
    )
    observations = pa.table(named | {"observed_at": moment, "columns": pa.repeat(columns, len(name))})
    store.write(records, claims, observations, at=_NOW - timedelta(days=1), actor="bench")


def _members(
    store: Store, profiles: int, customers: int, channel: np.ndarray, attached: tuple[np.ndarray, np.ndarray]
) -> None:
    rows = np.arange(profiles).astype(str)
    entity = np.char.add("e", rows).astype(f"<U{len(str(profiles)) + 1}")
    entity[attached[0]] = attached[1]
    own = np.char.add("c", np.arange(customers).astype(str))
    table = {
        "source": np.concatenate([np.repeat("crm", customers), _CHANNELS[channel]]),
        "record_id": np.concatenate([own, np.char.add("p", rows)]),
        "entity_id": np.concatenate([own, entity]),
    }
    store.assign(pa.table({name: pa.array(column) for name, column in table.items()}), at=_NOW, actor="bench")


def main() -> int:
    """Fill a store, count, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stored_metrics", description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--url", help="of an empty database; without it a SQLite file of its own")
    asked = parser.parse_args()
    key = b"key of the benchmarks"
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{folder}/people.db"
        began, cpu = time.perf_counter(), time.process_time()
        with Store.open(url, key=key) as store:
            fill(store, asked.profiles)
        print(f"filled: {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} CPU seconds")
        if not asked.url:
            print(f"{sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6:,.0f} MB on the disk")
        before = peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        found = sm.metrics(url, now=_NOW, key=key)
        print(f"metrics: {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} CPU seconds")
        print(f"most memory: {peak_mb():,.0f} MB, to fill it {before:,.0f} MB")
        print(found.totals.select(["profiles", "attached", "customers", "revenue", "judged"]).to_pylist())
    return 0


if __name__ == "__main__":
    sys.exit(main())
