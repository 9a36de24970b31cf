"""What would differ if a plan, a policy and a strategy took the place of others, on the same data; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.api.attaching import attach
from socialmerge.api.deduping import dedupe
from socialmerge.channels.loader import PURPOSES
from socialmerge.channels.registry import names
from socialmerge.channels.strategy import Strategy
from socialmerge.errors import TableError
from socialmerge.merging import Golden, Policy
from socialmerge.merging.simulation import changes_between, counts_of, counts_schema, simulation_schema
from socialmerge.plan import Plan
from socialmerge.resolver.consents import heeded_of
from socialmerge.resolver.merged import golden_of
from socialmerge.resolver.resolver import Resolver

__all__ = ["Comparison", "Setting", "simulate", "verdict_changes_schema", "view_changes_schema"]

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Setting:
    """One side of a simulation: a plan, a policy, a strategy; what is left out is as usual, or as the store has it."""

    plan: Plan | None = None
    policy: Policy | None = None
    strategy: Strategy | None = None


@cache
def verdict_changes_schema(key: str = "profile_id") -> pa.Schema:
    """One row for each profile of which another thing would be said, sorted by id; of ``dedupe``, for each row.

    The first column is called ``id`` where it is of rows of one table, as in the clusters of ``dedupe``.
    ``change`` is the kind: ``review to attach``, ``another customer`` or, of rows of one table, ``another person``;
    then the verdicts, the customers (or entities) and the probabilities of both sides.
    """
    sides = [(f"{name}_{side}", pa.string()) for name in ("verdict", "customer") for side in ("before", "after")]
    chances = [(f"probability_{side}", pa.float64()) for side in ("before", "after")]
    return pa.schema([(key, pa.string()), ("change", pa.string()), *sides, *chances])


@cache
def view_changes_schema() -> pa.Schema:
    """One row for each channel and purpose whose view would differ.

    The records and the values that may be used there, before and after; null where the channel is not used for the
    purpose. ``gained`` and ``lost`` are values that are in the one view and not in the other, by their claims.
    """
    numbers = ("records_before", "records_after", "values_before", "values_after", "gained", "lost")
    return pa.schema([("channel", pa.string()), ("purpose", pa.string()), *((name, pa.int64()) for name in numbers)])


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would differ: in verdicts, in values, and in what may be used where.

    ``verdicts`` has a row for each profile (see `verdict_changes_schema`), ``kinds`` counts them by ``change`` with
    examples by id. ``changes`` has a row for each value of a record that both sides have, ``counts`` counts them by
    field; ``views`` has a row for each view (see `view_changes_schema`). ``entities`` is how many records there are
    after, ``appeared`` and ``vanished`` how many of them one side alone has.
    """

    verdicts: pa.Table
    kinds: pa.Table
    changes: pa.Table
    counts: pa.Table
    views: pa.Table
    entities: int
    appeared: int
    vanished: int


@dataclass(frozen=True, slots=True)
class _World:
    """What one side says."""

    verdicts: pa.Table
    golden: Golden
    strategy: Strategy


def simulate(
    profiles: tables.Source | None = None,
    *,
    to: tables.Source | None = None,
    store: str | Resolver | None = None,
    before: Setting | None = None,
    after: Setting,
    key: bytes | Path | None = None,
    decisions: tables.Source | None = None,
    channel: str | None = None,
    id: str | None = None,
    region: str | None = None,
    trusted: bool = False,
    as_of: str | None = None,
) -> Comparison:
    """Run two sets of plan, policy and strategy on the same data, and say what differs; nothing is written.

    Args:
        profiles: the profiles, as `attach` takes them; left out, the customers are deduplicated.
        to: the customers.
        store: instead of the two, a store or an open `Resolver`; people's decisions in it hold on both sides.
        before: what holds now: of a store its own, else as usual.
        after: what is tried; what it leaves out is as before, and so are people's decisions in a plan.
        key: the store's key.
        decisions: people's decisions, which hold on both sides.
        channel: whose export ``profiles`` is, where that is not recognised.
        id: the customers' id column, where it is not found.
        region: the country of national phone numbers.
        trusted: plain profile rows are as good as a platform's own export.
        as_of: when it is, for a policy whose trust fades.

    Raises:
        TableError: a table is missing, or cannot be read.
        PolicyError: a policy does not fit the tables.

    >>> customers = pa.table({"id": ["7"], "name": ["Ada Lovelace"], "city": ["London"]})
    >>> tried = Setting(strategy=Strategy.defaults())
    >>> simulate(to=customers, after=tried).views.num_rows
    0
    """
    now = before or Setting()
    then = _then(now, after)
    if store is not None:
        if profiles is not None or to is not None:
            raise TableError("simulate: give a store, or tables, not both")
        return _of_store(store, key, now, then, as_of)
    if to is None:
        raise TableError("simulate: give the customers with to=, or a store=")
    told = {"decisions": decisions, "id": id, "region": region}
    asked = _of_tables(profiles, to, as_of, told, {"channel": channel, "trusted": trusted})
    first = asked(now)
    if (then.plan, then.policy) == (now.plan, now.policy):
        return _compared(first, replace(first, strategy=then.strategy or Strategy()))
    return _compared(first, asked(then))


def _then(now: Setting, after: Setting) -> Setting:
    """What is tried, with what holds now where it says nothing."""
    plan = after.plan or now.plan
    if plan and now.plan and not plan.decisions:
        plan = replace(plan, decisions=now.plan.decisions)
    return Setting(plan, after.policy or now.policy, after.strategy or now.strategy)


def _of_tables(
    profiles: tables.Source | None,
    to: tables.Source,
    as_of: str | None,
    told: Mapping[str, Any],
    of_profiles: Mapping[str, Any],
) -> Callable[[Setting], _World]:
    """What one side says of tables that can be read more than once."""
    source = None if profiles is None else tables.lasting(profiles, what="profiles")
    customers = tables.lasting(to, what="customers")

    def asked(setting: Setting) -> _World:
        strategy = setting.strategy or Strategy()
        if source is None:
            found = dedupe(customers, plan=setting.plan, **told)
            return _World(found.clusters, found.golden(setting.policy, as_of=as_of), strategy)
        matched = attach(source, to=customers, plan=setting.plan, **told, **of_profiles)
        return _World(matched.decisions, matched.golden(setting.policy, as_of=as_of), strategy)

    return asked


def _of_store(
    store: str | Resolver, key: bytes | Path | None, now: Setting, then: Setting, as_of: str | None
) -> Comparison:
    if not isinstance(store, Resolver):
        with Resolver(store=store, key=key, create=False) as resolver:
            return _of_store(resolver, key, now, then, as_of)
    session = store._session  # noqa: SLF001 - the same package
    with session.store.snapshot() as view:
        said = heeded_of(view, as_of, now=session.clock())

    def asked(setting: Setting) -> _World:
        plan = setting.plan or session.plan
        state = session.state_under(setting.policy)
        tried = state if plan == session.plan else replace(state, plan=plan, kept=None, before=None, told=None)
        merged = golden_of(tried, setting.policy or session.policy, as_of=as_of, consents=said)
        return _World(tried.verdicts, merged, setting.strategy or store.strategy)

    return _compared(asked(now), asked(then))


def _compared(old: _World, new: _World) -> Comparison:
    key = "profile_id" if "profile_id" in old.verdicts.column_names else "id"
    verdicts = _verdicts(old.verdicts, new.verdicts, key)
    one, other = _shared(old.golden, new.golden), _shared(new.golden, old.golden)
    same_records = old.golden is new.golden
    changes = simulation_schema().empty_table() if same_records else changes_between(one, other)
    return Comparison(
        verdicts,
        _kinds(verdicts, key),
        changes.combine_chunks(),
        counts_of(changes) if changes.num_rows else counts_schema().empty_table(),
        pa.Table.from_pylist(list(_views(old, new)), schema=view_changes_schema()),
        new.golden.records.num_rows,
        new.golden.records.num_rows - other.records.num_rows,
        old.golden.records.num_rows - one.records.num_rows,
    )


def _verdicts(old: pa.Table, new: pa.Table, key: str) -> pa.Table:
    """The rows of which another thing is said; probabilities alone are no difference."""
    sides = [{row[key]: _said(row) for row in table.to_pylist()} for table in (old, new)]
    found = [
        {key: name, "change": change, **_both(sides[0][name], sides[1][name])}
        for name in sorted(sides[0].keys() & sides[1].keys())
        if (change := _change(sides[0][name], sides[1][name]))
    ]
    return pa.Table.from_pylist(found, schema=verdict_changes_schema(key))


def _said(row: dict[str, Any]) -> dict[str, Any]:
    if "profile_id" in row:
        return {name: row[name] for name in ("verdict", "customer_id", "probability")}
    return {"verdict": "", "customer_id": row["entity_id"], "probability": row.get("probability")}


def _both(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    names = {"verdict": "verdict", "customer_id": "customer", "probability": "probability"}
    sides = (("before", old), ("after", new))
    return {f"{name}_{side}": told[key] for key, name in names.items() for side, told in sides}


def _change(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    if old["verdict"] != new["verdict"]:
        return f"{old['verdict']} to {new['verdict']}"
    if old["customer_id"] == new["customer_id"]:
        return ""
    return "another customer" if old["verdict"] else "another person"


def _kinds(verdicts: pa.Table, key: str) -> pa.Table:
    by_kind: dict[str, list[str]] = {}
    for name, change in zip(verdicts[key].to_pylist(), verdicts["change"].to_pylist(), strict=True):
        by_kind.setdefault(change, []).append(name)
    rows = [
        {"change": kind, "count": len(ids), "examples": ids[:_EXAMPLES]}
        for kind, ids in sorted(by_kind.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    columns = [("change", pa.string()), ("count", pa.int64()), ("examples", pa.list_(pa.string()))]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _shared(golden: Golden, other: Golden) -> Golden:
    """The records that both have."""
    ids = other.records["entity_id"].combine_chunks()
    records = golden.records.filter(pc.is_in(golden.records["entity_id"], ids))
    return replace(golden, records=records.combine_chunks())


def _views(old: _World, new: _World) -> Iterator[dict[str, object]]:
    seen = set(new.golden.provenance["channel"].to_pylist()) | set(old.golden.provenance["channel"].to_pylist())
    told = old.strategy.uses.keys() | new.strategy.uses.keys()
    for channel in (name for name in names() if name in seen or name in told):
        for purpose in PURPOSES:
            sides = [_view(world, channel, purpose) for world in (old, new)]
            if sides[0] != sides[1]:
                gained, lost = (len(sides[one].values - sides[1 - one].values) for one in (1, 0))
                row: dict[str, object] = {"channel": channel, "purpose": purpose, "gained": gained, "lost": lost}
                for side, found in zip(("before", "after"), sides, strict=True):
                    row |= {f"records_{side}": found.records, f"values_{side}": found.count}
                yield row


@dataclass(frozen=True, slots=True)
class _Seen:
    records: int | None
    count: int | None
    values: frozenset[tuple[str, str, str]] = field(repr=False)


def _view(world: _World, channel: str, purpose: str) -> _Seen:
    if purpose not in world.strategy.use(channel).purposes:
        return _Seen(None, None, frozenset())
    found = world.golden.view(channel=channel, purpose=purpose, strategy=world.strategy)
    columns = (found.grounds[name].to_pylist() for name in ("entity_id", "field", "claim_id"))
    values = frozenset(zip(*columns, strict=True))
    return _Seen(found.records.num_rows, len(values), values)
