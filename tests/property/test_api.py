"""Laws of the verbs: whatever text comes in, the tables that come out are right, or a documented error says why not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.records import clusters_schema, decisions_schema, pairs_schema

pytestmark = pytest.mark.slow

FEW = settings(max_examples=40, deadline=None)
MIXED = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(
        ["Ada Lovelace", "Lovelace, Ada", "ada@example.com", "+1 212 555 0101", "@ada", "1815-12-10", "n/a", ""]
    ),
)
ANYTHING = st.one_of(MIXED, st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=5), max_size=3))
COLUMNS = ("name", "first_name", "email", "phone", "birth_date", "address", "city", "twitter", "website", "notes", "x")
PROFILE_COLUMNS = ("channel", "handle", "account_id", "display_name", "bio", "location")
SEVERAL = ("emails", "phones", "links", "websites")


@st.composite
def tables(draw: st.DrawFn, values: st.SearchStrategy[object] = MIXED) -> pa.Table:
    names = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=5, unique=True))
    count = draw(st.integers(0, 6))
    columns = {name: draw(st.lists(values, min_size=count, max_size=count)) for name in names}
    return pa.table(
        {"id": [f"c{row}" for row in range(count)], **{name: _array(found) for name, found in columns.items()}}
    )


def _array(values: list[object]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


@st.composite
def profiles(draw: st.DrawFn) -> list[dict[str, object]]:
    rows = []
    for number in range(draw(st.integers(0, 5))):
        row: dict[str, object] = {"profile_id": f"p{number}"}
        row |= {name: draw(MIXED) for name in PROFILE_COLUMNS}
        row["channel"] = draw(st.one_of(st.sampled_from(["github", "x", "mastodon"]), MIXED))
        row |= {name: draw(st.lists(st.text(max_size=20), max_size=3)) for name in SEVERAL}
        rows.append(row)
    return rows


def _or_error(run: Callable[[], None]) -> None:
    with suppress(sm.SocialMergeError):
        run()


def check_decisions(found: sm.AttachResult, ids: list[str]) -> None:
    assert found.decisions.schema.equals(decisions_schema())
    assert found.pairs.schema.equals(pairs_schema())
    assert found.decisions["profile_id"].to_pylist() == sorted(ids)
    for row in found.decisions.to_pylist():
        assert 0 <= row["probability"] <= 1
        assert (row["customer_id"] is None) == (row["verdict"] == "new")
        assert (row["assurance"] is None) == (row["verdict"] == "new")
        assert (row["entity_id"] is None) == (row["verdict"] == "review")
        assert row["reason"]


@FEW
@given(tables(ANYTHING))
def test_dedupe_gives_one_cluster_row_a_row(table: pa.Table) -> None:
    def run() -> None:
        found = sm.dedupe(table, id="id")
        assert found.clusters.schema.equals(clusters_schema())
        assert found.pairs.schema.equals(pairs_schema())
        assert found.clusters["id"].to_pylist() == table["id"].to_pylist()
        assert set(found.clusters["entity_id"].to_pylist()) <= set(table["id"].to_pylist())
        assert all(0 <= probability <= 1 for probability in found.clusters["probability"].to_pylist())

    _or_error(run)


@FEW
@given(profiles(), tables())
def test_attach_gives_one_decision_a_profile(rows: list[dict[str, object]], customers: pa.Table) -> None:
    def run() -> None:
        check_decisions(sm.attach(rows, to=customers, id="id"), [str(row["profile_id"]) for row in rows])

    _or_error(run)


@FEW
@given(tables(ANYTHING), tables())
def test_attach_gives_one_decision_a_row_of_another_table(left: pa.Table, customers: pa.Table) -> None:
    def run() -> None:
        plan = sm.Plan(id="id", left_id="id")
        check_decisions(sm.attach(left, to=customers, plan=plan), left["id"].to_pylist())

    _or_error(run)


@FEW
@given(tables(), st.randoms(use_true_random=False))
def test_dedupe_does_not_depend_on_the_order_of_rows(table: pa.Table, random: object) -> None:
    order = list(range(table.num_rows))
    random.shuffle(order)  # type: ignore[attr-defined]

    def run() -> None:
        one, other = (
            sm.dedupe(table, id="id", region="US"),
            sm.dedupe(table.take(pa.array(order, pa.int64())), id="id", region="US"),
        )
        assert one.clusters.equals(other.clusters)
        assert one.pairs.equals(other.pairs)

    _or_error(run)
