"""The laws of the store: a semilattice, in which erased persons stay erased."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.store import (
    Store,
    claims_in_schema,
    identifiers_schema,
    keys_schema,
    observations_schema,
    records_schema,
)

KEY = b"a key of the tests, never of people"
NOW = datetime(2026, 1, 2, tzinfo=UTC)

names = st.sampled_from(["c1", "c2", "c3"])
moments = st.none() | st.integers(0, 3).map(lambda days: NOW + timedelta(days))
bits = st.none() | st.booleans()
sights = st.fixed_dictionaries(
    {
        "record_id": names,
        "raw": st.sampled_from(["Ada", "ada@example.com", "Ada \U0001f600", ""]),
        "place": st.integers(0, 2),
        "observed_at": moments,
        "is_verified": bits,
        "visibility": st.sampled_from([None, "public", "private", "secret"]),
        "purposes": st.sampled_from([None, "", "service", "service marketing", "research"]),
        "basis": st.sampled_from([None, "consent", "contract"]),
        "keep_until": moments,
    }
)
Sight = dict[str, Any]


@contextmanager
def opened() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/people.db", key=KEY) as store:
        yield store


def write(store: Store, seen: Sequence[Sight], phones: dict[str, str] | None = None) -> pa.Table:
    """Write what was seen, in one transaction; give those that were refused."""
    rows = [{"source": "crm", "attribute": "name", "kind": "customer", "columns": "[]"} | sight for sight in seen]
    known = {row["record_id"]: row for row in rows}
    tables = [
        pa.Table.from_pylist([{name: row.get(name) for name in shape.names} for row in given_rows], schema=shape)
        for shape, given_rows in (
            (records_schema(), list(known.values())),
            (claims_in_schema(), rows),
            (observations_schema(), rows),
        )
    ]
    listed = [
        {"source": "crm", "record_id": name, "kind": "phone", "value": phones[name], "is_strong": True}
        for name in known
        if phones and name in phones
    ]
    identifiers = pa.Table.from_pylist(listed, schema=identifiers_schema())
    return store.write(*tables, identifiers, at=NOW, actor="ana").refused


def held(store: Store) -> list[list[str]]:
    """Give all rows of a store, in an order of their own."""
    with store.snapshot() as view:
        tables = (view.records(), view.claims(), view.observations())
        return [sorted(map(repr, table.read_all().to_pylist())) for table in tables]


def read(store: Store, of: pa.Table | None = None) -> list[list[dict[str, Any]]]:
    """Give the rows of a store in the order in which they are read: all at once, or those of records by their names."""
    with store.snapshot() as view:
        tables = (view.claims(of), view.observations(of))
        return [table.read_all().to_pylist() for table in tables]


@given(st.lists(sights, max_size=6), st.lists(st.integers(0, 2), min_size=12, max_size=12), st.permutations(range(12)))
def test_any_order_batching_and_replay_hold_the_same(seen: list[Sight], batch: list[int], order: list[int]) -> None:
    with opened() as one:
        write(one, seen)
        expected = held(one)
        named = [{"source": "crm", "record_id": sight["record_id"]} for sight in seen]
        assert read(one) == read(one, pa.Table.from_pylist(named, schema=keys_schema()))
    twice = [*seen, *seen]
    shuffled = [place for place in order if place < len(twice)]
    with opened() as other:
        for number in range(3):
            write(other, [twice[place] for place in shuffled if batch[place] == number])
        with other.snapshot() as view:
            before = view.position()
        assert held(other) == expected
        write(other, seen)
        with other.snapshot() as view:
            assert view.position() == before


people = st.dictionaries(names, st.sampled_from(["1", "2", "3"]), max_size=3)


@given(people, names)
def test_who_is_erased_stays_erased_and_nobody_else_goes(phones: dict[str, str], gone: str) -> None:
    seen = [{"record_id": name, "raw": f"raw of {name}"} for name in phones]
    name = pa.table({"source": ["crm"], "record_id": [gone]}, schema=keys_schema())
    with opened() as store:
        write(store, seen, phones)
        store.erase(name, at=NOW, actor="dpo")
        once = held(store)
        refused = write(store, seen, phones)["record_id"].to_pylist()
        assert held(store) == once
    assert refused == [one for one in phones if one == gone]
