"""Customers against each other under a model: any loads, changes and erasures end as one load of what is left."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolver.conftest import KEY, Opener
from tests.resolver.people import customers, profiles
from tests.resolver.test_frozen import crowd

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.engines import LocalEngine
from socialmerge.resolver.ledger import SAME
from socialmerge.resolver.scoring import score_customers
from socialmerge.resolver.standing import Standing
from socialmerge.resolver.state import told
from socialmerge.resolver.weighing import Numbered

pytestmark = pytest.mark.slow


def rows_and_doubles() -> list[dict[str, Any]]:
    """The crowd, every other one twice or three times, with a slip, another address or another town."""
    rows, _ = crowd(30)
    again = [row | {"id": f"d{row['id']}", "name": row["name"].replace("e", "", 1)} for row in rows[::2]]
    further = [row | {"id": f"e{row['id']}", "email": f"{row['id']}@example.org"} for row in rows[::4]]
    moved = [row | {"id": f"f{row['id']}", "email": None, "city": "York"} for row in rows[::4]]
    return [*rows, *again, *further, *moved]


@cache
def stood() -> tuple[Standing, sm.Plan]:
    """What stands of a store of them, under what was learned of them."""
    with TemporaryDirectory() as folder, Resolver(store=f"sqlite:///{Path(folder)}/people.db", key=KEY) as resolver:
        resolver.load(pa.Table.from_pylist(rows_and_doubles()))
        resolver.ingest(crowd(30)[1])
        resolver.fit()
        found = resolver._session.frozen.standing()
        assert found is not None
        assert found.same.num_rows > 20
        return found, told(resolver._session.plan, found.facts)


def links(standing: Standing) -> list[dict[str, Any]]:
    return standing.same.sort_by([("left_id", "ascending"), ("right_id", "ascending")]).to_pylist()  # type: ignore[no-any-return]  # untyped library


def weighed(standing: Standing) -> list[tuple[int, bytes]]:
    """What is weighed, each pair of customers the same way round whichever came first."""
    entries = standing.ledger.entries
    owner, rows = entries.owner.copy(), entries.rows.copy()
    turned = (rows["what"] == SAME) & (owner < rows["one"])
    owner[turned], rows["one"][turned] = rows["one"][turned], owner[turned]
    return sorted(zip(owner.tolist(), [row.tobytes() for row in rows], strict=True))


def otherwise(some: Numbered, column: str) -> Numbered:
    """Rows that have what the row after them has."""
    table = some.pivot.table
    turned = table[column].take(pa.array(np.roll(np.arange(table.num_rows), 1)))
    table = table.set_column(table.column_names.index(column), column, turned.combine_chunks())
    return Numbered(replace(some.pivot, table=table.combine_chunks()), some.numbers)


steps = st.tuples(
    st.sampled_from(["come", "name", "email", "city", "go"]), st.lists(st.integers(0, 59), min_size=1, max_size=20)
)


@settings(max_examples=5, deadline=None)
@given(st.lists(steps, min_size=1, max_size=4))
def test_any_loads_changes_and_erasures_end_as_one_load_of_what_is_left(course: list[tuple[str, list[int]]]) -> None:
    first, plan = stood()
    everybody = first.rows
    found = first
    for verb, picked in course:
        some = everybody.take(np.unique(np.array(picked) % len(everybody.numbers)))
        if verb == "go":
            left = np.setdiff1d(found.customers, some.numbers)
            if len(left):
                found = found.without(np.intersect1d(found.customers, some.numbers))
            continue
        some = some if verb == "come" else otherwise(some, verb)
        found, _ = found.with_customers(some, pa.nulls(len(some.numbers), first.facts.created.type))
    whole = replace(found, made=[], entered=[]).matched(plan)
    assert links(found) == links(whole)
    assert weighed(found) == weighed(whole)
    assert found.judged().scored.decisions.equals(whole.judged().scored.decisions)
    one, other = found.ledger.label, whole.ledger.label
    kept = np.append(found.customers, found.profiles)
    assert len(np.unique(one[kept])) == len(np.unique(np.stack([one[kept], other[kept]]), axis=1).T)


def written(resolver: Resolver) -> list[Any]:
    """The links and entities that a store has."""
    with resolver._session.store.snapshot() as view:
        found = view.links().read_all().to_pylist(), view.members().read_all().to_pylist()
    living = [row for row in found[1] if row["until"] is None]
    return [
        sorted(str(row) for row in found[0]),
        sorted((row["source"], row["record_id"], row["entity_id"]) for row in living),
    ]


@settings(max_examples=2, deadline=None)
@given(st.lists(steps, min_size=2, max_size=3))
def test_what_a_store_has_after_any_course_is_what_weighing_it_anew_writes(course: list[tuple[str, list[int]]]) -> None:
    rows = rows_and_doubles()
    with TemporaryDirectory() as folder, Resolver(store=f"sqlite:///{Path(folder)}/people.db", key=KEY) as resolver:
        resolver.load(pa.Table.from_pylist(rows[:40]), observed_at=datetime(2020, 1, 1, tzinfo=UTC))
        resolver.ingest(crowd(30)[1])
        model = resolver.fit()
        for year, (verb, picked) in enumerate(course, 2021):
            some = [rows[place % len(rows)] for place in sorted(set(picked))]
            if verb == "go":
                there = set(resolver.clusters["id"].to_pylist())
                for row in some[:2]:
                    if row["id"] in there & set(resolver.clusters["id"].to_pylist()):
                        resolver.erase(f"crm::{row['id']}", by="dpo")
                continue
            turned = [*some[1:], some[0]]
            if verb != "come":
                some = [row | {verb: other[verb]} for row, other in zip(some, turned, strict=True)]
            resolver.load(pa.Table.from_pylist(some), observed_at=datetime(year, 1, 1, tzinfo=UTC))
        before = written(resolver)
        resolver.fit(model)
        assert written(resolver) == before


def test_what_was_learned_says_at_first_what_the_run_said() -> None:
    standing, plan = stood()
    run = score_customers(standing.facts.customers.table, plan)
    run = run.sort_by([("left_id", "ascending"), ("right_id", "ascending")]).to_pylist()
    found = links(standing)
    assert [(row["left_id"], row["right_id"]) for row in found] == [(row["left_id"], row["right_id"]) for row in run]
    assert np.allclose([row["weight"] for row in found], [row["weight"] for row in run], rtol=0, atol=1e-9)
    assert np.allclose([row["probability"] for row in found], [row["probability"] for row in run], rtol=0, atol=1e-9)


@pytest.fixture
def fitted(reopen: Opener) -> Resolver:
    resolver = reopen()
    resolver.load(pa.Table.from_pylist(rows_and_doubles()))
    resolver.ingest(crowd(30)[1])
    resolver.fit()
    return resolver


def test_a_customer_more_is_matched_alone_and_the_same_again_not_at_all(
    fitted: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalEngine, "match", lambda *_, **__: pytest.fail("all customers were matched"))
    row = rows_and_doubles()[3]
    position = fitted.load(pa.Table.from_pylist([row | {"id": "z1"}])).position
    together = dict(zip(fitted.clusters["id"].to_pylist(), fitted.clusters["entity_id"].to_pylist(), strict=True))
    assert together["z1"] == together[row["id"]]
    monkeypatch.setattr(Standing, "with_customers", lambda *_: pytest.fail("something was matched"))
    assert fitted.load(pa.Table.from_pylist([row | {"id": "z1"}])).position == position + 3
    before = fitted.clusters.to_pylist()
    seen = fitted.load(pa.Table.from_pylist(rows_and_doubles()), observed_at=datetime(2026, 3, 4, tzinfo=UTC))
    assert seen.position > position + 3
    assert fitted.clusters.to_pylist() == before


def test_a_column_more_is_kept_and_everybody_is_who_they_were(fitted: Resolver) -> None:
    before = fitted.clusters.to_pylist()
    fitted.load(pa.Table.from_pylist([row | {"team": "blue"} for row in rows_and_doubles()[:2]]))
    assert fitted.clusters.to_pylist() == before
    assert pc.sum(pc.is_valid(fitted.golden().records["team"])).as_py() == 2


def test_where_there_was_one_customer_to_learn_from_those_who_come_are_matched_as_without_a_model(
    resolver: Resolver,
) -> None:
    resolver.load(customers("c1"))
    resolver.ingest(profiles())
    resolver.fit()
    resolver.load(customers("c2"))
    assert len({*resolver.clusters["entity_id"].to_pylist()}) == 1
