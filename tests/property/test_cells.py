"""Laws 2 and 6 of what rows said at different times, and that nothing that was said is lost without a word."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.merging import Golden, golden
from socialmerge.plan import Plan
from socialmerge.resolver.pivot import OBSERVED, iso
from socialmerge.resolver.state import facts_of
from socialmerge.store import claims_schema, observations_schema, records_schema

NAMES = ("email", "street", "city", "postcode")
SAID = {
    "email": ("ada@example.com", "second@example.com", "n/a", ""),
    "street": ("1 High Street", "22 Long Road", ""),
    "city": ("Leeds", "York"),
    "postcode": ("LS1 1AA", "YO1 7HH", ""),
}
Load = tuple[str, int | None, dict[str, str]]
loads = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2"]),
        st.sampled_from([None, 2020, 2022, 2024]),
        st.fixed_dictionaries({name: st.sampled_from(values) for name, values in SAID.items()}),
    ),
    min_size=1,
    max_size=6,
)
rules = st.sampled_from(
    [
        sm.Policy(),
        sm.Policy(clears=("crm",)),
        *(
            sm.Policy(rules={"email": rule}, otherwise=rule)
            for rule in (sm.keep.every(), sm.keep.oldest(missing="skip"), sm.keep.newest(missing="skip"))
        ),
        sm.Policy(otherwise=sm.keep.first(sm.keep.most_frequent(), sm.keep.oldest(missing="skip"))),
    ]
)


Row = dict[str, Any]
_FIELDS = {one.name: one for shape in (records_schema(), claims_schema(), observations_schema()) for one in shape}


class View:
    """What a store would hold after some loads."""

    def __init__(self, told: list[Load]) -> None:
        claims: dict[tuple[str, str, str], list[datetime | None]] = {}
        for id_, year, row in told:
            for name, raw in row.items():
                if raw:
                    claims.setdefault((id_, name, raw), []).append(moment(year))
        self.rows = [
            {"source": "crm", "record_id": id_, "kind": "customer", "attribute": name, "raw": raw, "place": 0}
            | {"first_seen": min(filter(None, seen), default=None), "last_seen": max(filter(None, seen), default=None)}
            | {"is_verified": False}
            for (id_, name, raw), seen in claims.items()
        ]
        self.seen = [{"source": "crm", "record_id": id_, "observed_at": moment(year)} for id_, year, _ in told]
        self.ids = list(dict.fromkeys(id_ for id_, _, _ in told))

    def numbered_records(self) -> pa.Table:
        return self.numbered([{"source": "crm", "record_id": id_, "kind": "customer"} for id_ in self.ids])

    def numbered_claims(self, columns: Iterable[str], _: object) -> pa.Table:
        return self.numbered(self.rows, columns)

    def numbered_observations(self, columns: list[str], _: object) -> pa.Table:
        layout = '["@id:id", "email", "street", "city", "postcode"]'
        return self.numbered([row | {"columns": layout} for row in self.seen], columns)

    def numbered(self, rows: list[Row], columns: Iterable[str] = records_schema().names) -> pa.Table:
        """Rows with some columns, and the number of each one's record."""
        told = [row | {"record": self.ids.index(row["record_id"])} for row in rows]
        return pa.Table.from_pylist(
            told, schema=pa.schema([("record", pa.int64()), *map(_FIELDS.__getitem__, columns)])
        )

    def departed(self) -> dict[tuple[str, str], tuple[str, str] | None]:
        return {}

    def retired(self) -> frozenset[str]:
        return frozenset()


def moment(year: int | None) -> datetime | None:
    return None if year is None else datetime(year, 1, 1, tzinfo=UTC)


def merged(told: list[Load], policy: sm.Policy) -> Golden:
    """The golden record of both rows as one person."""
    view: Any = View(told)
    facts = facts_of(view, Plan(id="id"), written=1, clears=policy.clears)
    rows, ids = facts.customers.table, facts.customers.ids
    if facts.customers.seen.null_count < len(ids):
        rows = rows.append_column(OBSERVED, iso(facts.customers.seen))
        policy = replace(policy, observed=OBSERVED)
    else:
        policy = replace(policy, clears=())
    clusters = pa.table({"id": ids, "entity_id": pa.repeat("c1", len(ids))})
    assert facts.schema is not None
    return golden(clusters, rows, None, facts.schema, policy, cells=facts.cells, growing=True)


@given(loads, rules, st.randoms(use_true_random=False))
def test_in_any_order_and_again_rows_say_the_same_and_each_value_is_kept_or_in_the_conflicts(
    told: list[Load], policy: sm.Policy, chance: Random
) -> None:
    golden = merged(told, policy)
    other = [*told, *told[:2]]
    chance.shuffle(other)
    again = merged(other, policy)
    for name in ("records", "provenance", "conflicts"):
        assert getattr(golden, name).equals(getattr(again, name)), name
    known = {(row["field"], row["rejected"]) for row in golden.conflicts.to_pylist()}
    kept = {(row["field"], row["value"]) for row in golden.provenance.to_pylist()}
    said = {(name, raw) for _, _, row in told for name, raw in row.items() if raw not in ("", "n/a")}
    assert said <= kept | known
    assert {one for one in kept if one[0] in NAMES and one[1] != "n/a"} <= said
