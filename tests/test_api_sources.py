"""The verbs give one answer, whatever library holds the tables, and in bounded time, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd  # noqa: TID251 - a real frame, as callers have
import polars as pl
import pyarrow as pa
import pytest

import socialmerge as sm

CUSTOMERS: list[dict[str, object]] = [
    {"id": "c1", "name": "Ada Lovelace", "email": "ada@example.com", "github": "ada-lovelace"},
    {"id": "c2", "name": "Grace Hopper", "email": "grace@example.com", "github": None},
    {"id": "c3", "name": "Ada Lovelace", "email": "ada@example.com", "github": None},
]
PROFILES: list[dict[str, object]] = [
    {"profile_id": "p1", "channel": "github", "handle": "ada-lovelace", "display_name": "Ada Lovelace"},
    {"profile_id": "p2", "channel": "github", "handle": "hopper", "display_name": "Grace Hopper"},
]
MAKERS = [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist, list]
frames = pytest.mark.parametrize("make", MAKERS, ids=["pandas", "polars", "pyarrow", "list"])


@frames
def test_attach_takes_tables_of_any_library(make: Callable[[object], pa.Table]) -> None:
    expected = sm.attach(PROFILES, to=CUSTOMERS)
    result = sm.attach(make(PROFILES), to=make(CUSTOMERS))
    assert result.decisions.equals(expected.decisions)
    assert result.golden().records.equals(expected.golden().records)


@frames
def test_dedupe_takes_tables_of_any_library(make: Callable[[object], pa.Table]) -> None:
    expected = sm.dedupe(CUSTOMERS)
    result = sm.dedupe(make(CUSTOMERS))
    assert result.clusters.equals(expected.clusters)
    assert result.golden().records.equals(expected.golden().records)


@frames
def test_fit_and_infer_take_tables_of_any_library(make: Callable[[object], pa.Table]) -> None:
    plan = sm.Plan.infer(make(CUSTOMERS), make(PROFILES))
    assert plan == sm.Plan.infer(CUSTOMERS, PROFILES)
    assert sm.fit(plan, make(CUSTOMERS)) == sm.fit(plan, CUSTOMERS)


def test_streams_that_can_be_read_once_are_read_once() -> None:
    customers, profiles = pa.Table.from_pylist(CUSTOMERS), pa.Table.from_pylist(PROFILES)
    expected = sm.attach(profiles, to=customers)
    assert sm.attach(profiles.to_reader(), to=customers.to_reader()).decisions.equals(expected.decisions)
    plan = sm.Plan.infer(customers.to_reader(), profiles.to_reader())
    assert plan == sm.Plan.infer(customers, profiles)
    assert sm.fit(plan, customers.to_reader(), profiles.to_reader()) == sm.fit(plan, customers, profiles)


@pytest.mark.parametrize("attribute", ["handle", "display_name", "bio", "location", "emails", "links"])
def test_a_value_of_a_million_characters_costs_no_more_than_its_length(attribute: str) -> None:
    long = "ab " * 333_333
    profile = {**PROFILES[0], attribute: [long] if attribute in ("emails", "links") else long}
    result = sm.attach([profile], to=[*CUSTOMERS, {**CUSTOMERS[1], "id": "c4", "name": long}])
    assert result.decisions.num_rows == 1
    assert result.golden().records.num_rows >= len(CUSTOMERS)


def test_thousands_of_profiles_with_one_handle_overflow_nothing() -> None:
    profiles = [{**PROFILES[0], "profile_id": f"p{number}"} for number in range(3_000)]
    decisions = sm.attach(profiles, to=CUSTOMERS[:2]).decisions
    assert decisions["probability"].to_numpy().min() >= 0.0  # not a number is not
    assert set(decisions["assurance"].to_pylist()) <= {"inferred", None}


def test_an_id_that_was_a_number_is_found_as_one() -> None:
    result = sm.attach([{**PROFILES[0], "profile_id": 7}], to=CUSTOMERS)
    assert str(result.explain(7)) == str(result.explain("7"))  # type: ignore[arg-type]
