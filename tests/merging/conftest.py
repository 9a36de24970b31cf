"""A small customer table and the profiles attached to it, made up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pytest

from socialmerge.merging import Golden, Policy, golden
from socialmerge.records import Kind, clusters_schema, decisions_schema, profiles_schema
from socialmerge.schema import Column, Schema

COLUMNS = (
    Column("id", Kind.ID),
    Column("name", Kind.NAME, "full"),
    Column("email", Kind.EMAIL),
    Column("phone", Kind.PHONE),
    Column("street", Kind.PLACE, "street"),
    Column("city", Kind.PLACE, "city"),
    Column("postcode", Kind.PLACE, "postcode"),
    Column("company", Kind.TEXT),
    Column("site", Kind.URL),
    Column("updated_at", Kind.DATE),
    Column("spend", Kind.NUMBER),
    Column("born", Kind.DATE),
)
SCHEMA = Schema("id", COLUMNS, region="US")


@dataclass(frozen=True)
class Case:
    """Customers, profiles and what was decided about them, to be merged."""

    customers: tuple[dict[str, object], ...] = ()
    profiles: tuple[dict[str, object], ...] = ()
    decisions: tuple[dict[str, object], ...] = ()
    same: dict[str, str] = field(default_factory=dict)
    schema: Schema = SCHEMA

    def attach(self, customer: str, assurance: str = "verified", **values: object) -> "Case":
        return self._decide(values, verdict="attach", customer_id=customer, entity_id=customer, assurance=assurance)

    def review(self, customer: str, **values: object) -> "Case":
        return self._decide(values, verdict="review", customer_id=customer, assurance="inferred")

    def new(self, entity: str, **values: object) -> "Case":
        return self._decide(values, verdict="new", entity_id=entity)

    def _decide(self, values: dict[str, object], **decision: object) -> "Case":
        profile = {"profile_id": f"p{len(self.profiles)}", "channel": "github", **values}
        decision["profile_id"] = profile["profile_id"]
        return replace(self, profiles=(*self.profiles, profile), decisions=(*self.decisions, decision))

    def together(self, entity: str, *ids: str) -> "Case":
        return replace(self, same={**self.same, **dict.fromkeys(ids, entity)})

    @property
    def customer_table(self) -> pa.Table:
        names = [column.name for column in self.schema.columns]
        extra = [name for row in self.customers for name in row if name not in names]
        rows = [{name: row.get(name) for name in dict.fromkeys([*names, *extra])} for row in self.customers]
        return pa.Table.from_pylist(rows) if rows else pa.table({name: pa.nulls(0, pa.string()) for name in names})

    @property
    def profile_table(self) -> pa.Table:
        known = profiles_schema()
        more = sorted({name for row in self.profiles for name in row} - set(known.names))
        schema = pa.schema([*known, *((name, pa.string()) for name in more)])
        return pa.Table.from_pylist(list(self.profiles), schema=schema)

    @property
    def decision_table(self) -> pa.Table:
        return pa.Table.from_pylist(list(self.decisions), schema=decisions_schema())

    @property
    def cluster_table(self) -> pa.Table:
        rows = [{"id": row["id"], "entity_id": self.same.get(str(row["id"]), row["id"])} for row in self.customers]
        return pa.Table.from_pylist(rows, schema=clusters_schema())

    def merge(self, policy: Policy | None = None, **said: object) -> Golden:
        return golden(
            self.decision_table,
            self.customer_table,
            self.profile_table,
            self.schema,
            policy,
            clusters=self.cluster_table,
            **said,
        )

    def record(self, entity: str, policy: Policy | None = None, **said: object) -> dict[str, object]:
        found = [row for row in self.merge(policy, **said).records.to_pylist() if row["entity_id"] == entity]
        assert len(found) == 1
        return found[0]

    def conflicts(self, policy: Policy | None = None, **said: object) -> list[tuple[str, str | None, str, str]]:
        rows = self.merge(policy, **said).conflicts.to_pylist()
        return [(row["field"], row["kept"], row["rejected"], row["rule"]) for row in rows]


@pytest.fixture
def crm() -> Callable[..., Case]:
    """Make a case of these customer rows."""

    def make(*rows: dict[str, object]) -> Case:
        return Case(tuple({"id": f"c{number}", **row} for number, row in enumerate(rows)))

    return make
