"""Followers and customers are counted as the slow oracle counts them, whatever the order of any row."""

from __future__ import annotations

import random
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.oracle import Customer, Order, Profile, World

import socialmerge as sm
from socialmerge.outcomes import figures

NOW = date(2026, 6, 1)
FEW = st.sampled_from([-40, -7, -6, -1, 5])  # so that two things often fall on one day
DAYS = st.none() | FEW.map(lambda days: NOW + timedelta(days))
CENTS = st.sampled_from([0, -500]) | st.integers(1, 100_000)
Tables = dict[str, Any]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    people = [f"e{at}" for at in range(draw(st.integers(1, 4)))]
    stages = st.sampled_from(["customer", "lead", "subscriber"])
    customers = tuple(
        Customer(f"c{at}", draw(st.sampled_from(people)), draw(stages), draw(DAYS), draw(CENTS))
        for at in range(draw(st.integers(1, 6)))
    )
    ids = st.sampled_from([row.id for row in customers])
    profiles = []
    for at in range(draw(st.integers(0, 8))):
        customer = draw(st.one_of(ids, ids, st.none()))
        asked = customer is None and draw(st.booleans())
        profiles.append(Profile(f"p{at}", draw(st.sampled_from(["github", "x"])), draw(DAYS), customer, asked))
    orders = st.lists(st.builds(Order, ids | st.just("gone"), DAYS, CENTS), max_size=8).map(tuple)
    return World(tuple(profiles), customers, draw(st.none() | orders), NOW)


def tables_of(world: World, mix: random.Random | None = None) -> Tables:
    """A world as the tables that ``metrics`` takes, their rows in any order."""

    def mixed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return mix.sample(rows, len(rows)) if mix else rows

    persons = {row.id: row.person for row in world.customers}
    verdicts = [
        {
            "profile_id": one.id,
            "verdict": "attach" if one.customer else "review" if one.asked else "new",
            "customer_id": one.customer,
            "entity_id": persons.get(one.customer or "", f"new {one.id}"),
            "reason": "",
        }
        for one in world.profiles
    ]
    seen = [
        {"profile_id": one.id, "channel": one.channel, "observed_at": one.seen and one.seen.isoformat()}
        for one in world.profiles
    ]
    customers = [
        {"id": row.id, "stage": row.stage, "became customer": row.became, "total spent": row.cents / 100}
        for row in world.customers
    ]
    orders = [{"customer_id": one.customer, "date": one.day, "amount": one.cents / 100} for one in world.orders or ()]
    texts = {name: pa.string() for name in ("profile_id", "verdict", "customer_id", "entity_id", "reason")}
    profile_texts = {name: pa.string() for name in ("profile_id", "channel", "observed_at")}
    order_types = {"customer_id": pa.string(), "date": pa.date32(), "amount": pa.float64()}
    customer_types = {"id": pa.string(), "stage": pa.string(), "became customer": pa.date32()}
    return {
        "profiles": SimpleNamespace(
            decisions=pa.Table.from_pylist(mixed(verdicts), pa.schema(texts.items())),
            profiles=pa.Table.from_pylist(mixed(seen), pa.schema(profile_texts.items())),
        ),
        "customers": pa.Table.from_pylist(
            mixed(customers), pa.schema([*customer_types.items(), ("total spent", pa.float64())])
        ),
        "orders": None if world.orders is None else pa.Table.from_pylist(mixed(orders), pa.schema(order_types.items())),
        "clusters": pa.table({"id": list(persons), "entity_id": list(persons.values())}),
    }


def measured(world: World, mix: random.Random | None = None) -> sm.Metrics:
    return sm.metrics(**tables_of(world, mix), now=world.now)


def check(found: dict[str, object], expected: dict[str, object]) -> None:
    assert {name: found[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def check_groups(world: World, found: sm.Metrics) -> None:
    reached = {world.person_of(one) for one in world.profiles}
    buyers = [one for one in world.people() if world.buys(one)]
    rows = {(row["measure"], row["group"]): row for row in found.groups.to_pylist()}
    for group, people in (
        ("attached", [one for one in buyers if one in reached]),
        ("others", [one for one in buyers if one not in reached]),
    ):
        row = rows["revenue", group]
        assert (row["customers"], row["total"]) == (len(people), sum(map(world.cents, people)) / 100)
        if people:
            assert row["mean"] == pytest.approx(sum(map(world.cents, people)) / 100 / len(people))
    sums = {row["measure"]: row for row in found.coverage.to_pylist()}
    assert sums["revenue"]["whole"] == sum(map(world.cents, buyers)) / 100
    assert (sums["revenue"]["count"], sums["customers"]["count"]) == (
        found.totals["revenue"][0].as_py(),
        found.totals["customers"][0].as_py(),
    )


@given(worlds())
def test_every_figure_is_that_of_the_oracle(world: World) -> None:
    found = measured(world)
    check(found.totals.to_pylist()[0], world.figures(lambda _: True))
    channels = {row["channel"]: row for row in found.channels.to_pylist()}
    assert sorted(channels) == sorted({one.channel for one in world.profiles})
    for channel, row in channels.items():
        check(row, world.figures(lambda one, channel=channel: one.channel == channel))  # type: ignore[misc]

    def place(one: Profile) -> tuple[date | None, str]:
        seen = world.seen(one)
        return seen and seen.replace(day=1), one.channel

    months = {(row["month"], row["channel"]): row for row in found.months.to_pylist()}
    assert set(months) == set(map(place, world.profiles))
    for group, row in months.items():
        check(row, world.figures(lambda one, group=group: place(one) == group))  # type: ignore[misc]
    check_groups(world, found)


@given(worlds(), st.randoms(use_true_random=False))
def test_nothing_counts_twice_and_no_order_of_rows_tells(world: World, mix: random.Random) -> None:
    found = measured(world, mix)
    total = found.totals.to_pylist()[0]
    for table in (found.channels, found.months, found.rounds):
        for name in ("profiles", "attached", "reviews", "customers", "became_after", "orders", "revenue"):
            assert (pc.sum(table[name]).as_py() or 0) == pytest.approx(total[name] or 0)
    assert found.to_json() == measured(world).to_json()


def test_the_tables_have_the_types_that_the_reference_names() -> None:
    found = measured(World((Profile("p", "x", None, "c"),), (Customer("c", "c", "customer", None, 5),), (), NOW))
    for name in ("totals", "channels", "months", "rounds", "groups", "coverage"):
        assert getattr(found, name).schema == getattr(figures, f"{name}_schema")(), name
