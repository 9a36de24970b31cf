"""What a store holds at one moment, made into tables, entities and verdicts: a pure function of what was read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import schema
from socialmerge.merging.arrays import Ints, as_mask, whole
from socialmerge.merging.identities import Accounts, Identities, Links, Records, identify
from socialmerge.merging.moments import UNDATED
from socialmerge.plan import Plan
from socialmerge.records import Assurance, Kind, Verdict
from socialmerge.resolver.cells import cells_of
from socialmerge.resolver.judging import in_force, judgements
from socialmerge.resolver.pivot import Pivot, customers_of, layout_of, live, more_of, profiles_of, with_fates
from socialmerge.resolver.scored_links import links_of, rows_of
from socialmerge.resolver.scoring import Scored, score, score_customers
from socialmerge.resolver.verdicts import belonging_of, verdicts_of
from socialmerge.schema import Column, Schema
from socialmerge.store import (
    Decision,
    Departed,
    Snapshot,
    claims_schema,
    departed,
    followed,
    observations_schema,
    without,
)

__all__ = [
    "Facts",
    "Judged",
    "Name",
    "State",
    "bare",
    "bare_facts_of",
    "facts_of",
    "judge",
    "known_schema",
    "names_of",
    "profiles_known",
    "told",
]

Name = tuple[str, str]
"""The source and the id of a record."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Live claims as tables; ``written`` is the position of the log at which they last changed."""

    written: int
    customers: Pivot
    profiles: Pivot
    schema: Schema | None
    created: pa.Array
    cells: pa.Table | None = None
    """What is known of single cells beyond their rows."""
    more: pa.Table | None = None
    """The columns of profiles that no schema knows; nothing is compared by them."""
    taken: tuple[pa.Array, ...] = ()
    """Ids that no entity without a customer's row may have, beside those of these customers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model says of the facts."""

    scored: Scored
    customers: pa.Table


def facts_of(view: Snapshot, plan: Plan, *, written: int, clears: Sequence[str] = ()) -> Facts:
    """Read all live claims and lay them out."""
    records, claims, observations = _read(view, _TOLD, clears)

    def states(live_: pa.Table) -> Collection[str]:
        known = _schema_of(_rows(records, live_, observations), plan)
        return {one.name for one in known.columns if one.kind in (Kind.OTHER, Kind.CATEGORY)} if known else ()

    claims = with_fates(claims, observations, clears, states)
    rows = _rows(records, claims.filter(claims["is_live"]), observations)
    found = _schema_of(rows, plan)
    theirs = {kind: _of_kind(claims, records, kind) for kind in _KINDS}
    mine = _of_kind(observations, records, "profile")
    own = theirs["profile"].filter(theirs["profile"]["is_live"])
    more = more_of(rows.profiles, own.drop_columns(["record"]), mine)
    cells = [cells_of("customer", theirs["customer"], rows.customers)]
    cells += [cells_of("profile", theirs["profile"], rows.profiles, more)]
    held = pa.concat_tables(cells)
    return Facts(written, rows.customers, rows.profiles, found, rows.created, held, more, (view.retired(),))


def _schema_of(rows: _Rows, plan: Plan) -> Schema | None:
    table, id_column, region = rows.customers.table, rows.id_column, plan.region or None
    return schema.infer(table, id_column=id_column, region=region, what="customers") if id_column else None


def bare_facts_of(
    view: Snapshot, plan: Plan, columns: Sequence[Column], *, written: int, clears: Sequence[str] = ()
) -> Facts:
    """Read what anything is weighed by; ``columns`` are known to mean something, whatever they hold now."""
    records, claims, observations = _read(view, _WEIGHED, clears)
    rows = _rows(records, live(claims, observations, clears), observations)
    taken = (view.retired(),)
    found = Facts(written, rows.customers, rows.profiles, Schema(rows.id_column, ()), rows.created, taken=taken)
    return bare(found if rows.id_column else replace(found, schema=None), plan, columns)


def names_of(view: Snapshot, *, written: int) -> Facts:
    """Read who is there, and nothing that anybody said."""
    records = without(view.numbered_records(), view.departed())
    shapes = (claims_schema(), observations_schema())
    rows = _rows(records, *(pa.schema([records.schema.field("record"), *one]).empty_table() for one in shapes))
    return Facts(written, rows.customers, rows.profiles, None, rows.created, taken=(view.retired(),))


def profiles_known(view: Snapshot, *, written: int, clears: Sequence[str] = ()) -> Facts:
    """Read who is there, and what profiles are weighed by; nothing that a customer's row says."""
    records, claims, observations = _read(view, _WEIGHED, clears, "profile")
    rows = _rows(records, live(claims, observations, clears), observations)
    return Facts(written, rows.customers, rows.profiles, None, rows.created, taken=(view.retired(),))


def bare(facts: Facts, plan: Plan, columns: Sequence[Column]) -> Facts:
    """Of facts what anything is weighed by; ``columns`` are known to mean something, whatever they hold now."""
    if facts.schema is None:
        return replace(facts, cells=None, more=None)
    known, table, id_column = {column.name: column for column in columns}, facts.customers.table, facts.schema.id_column
    found = _as_known(id_column, table.column_names, columns, plan)
    if found is None:
        told = schema.infer(table, id_column=id_column, region=plan.region or None, what="customers")
        found = replace(told, columns=tuple(known.get(column.name, column) for column in told.columns))
    return replace(facts, schema=found, cells=None, more=None)


def known_schema(layouts: Sequence[str], columns: Sequence[Column], plan: Plan) -> Schema | None:
    """What the columns of tables that were loaded mean, where all of them are known; else None."""
    names, id_column = layout_of(layouts)
    return _as_known(id_column, [id_column, *names], columns, plan) if id_column else None


def _as_known(id_column: str, names: Sequence[str], columns: Sequence[Column], plan: Plan) -> Schema | None:
    known = {column.name: column for column in columns}
    if not known.keys() >= set(names):
        return None
    return Schema(id_column, tuple(known[name] for name in names), plan.region)


_KINDS = ("customer", "profile")


_WEIGHED = ("attribute", "raw", "place", "last_seen", "is_verified")
"""What anything is weighed by."""
_TOLD = ("source", "record_id", "kind", *_WEIGHED, "first_seen", "visibility", "purposes", "basis")
"""What a golden record is made of."""
_SEEN = ("observed_at", "columns")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Records laid out, the name of the customers' id column, and when each customer was created."""

    customers: Pivot
    profiles: Pivot
    id_column: str
    created: pa.Array


def _read(
    view: Snapshot, columns: Sequence[str], clears: Sequence[str], kind: str | None = None
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Records that their source still has, their claims and observations; whose those are, where a blank may clear."""
    source = ("source",) if clears else ()
    records, claims = view.numbered_records(), view.numbered_claims({*columns, *source}, kind)
    observations = view.numbered_observations((*_SEEN, *source), kind)
    if gone := view.departed():
        records = without(records, gone)
        claims, observations = (
            one.filter(pc.is_in(one["record"], whole(records["record"]))) for one in (claims, observations)
        )
    return records, claims, observations


def _rows(records: pa.Table, claims: pa.Table, observations: pa.Table) -> _Rows:
    of = {kind: records.filter(pc.equal(records["kind"], kind)) for kind in _KINDS}
    theirs, mine = ({kind: _of_kind(one, records, kind) for kind in _KINDS} for one in (claims, observations))
    customers, id_column = customers_of(of["customer"], theirs["customer"], mine["customer"])
    profiles = profiles_of(of["profile"], theirs["profile"], mine["profile"])
    created = whole(of["customer"].sort_by([("record_id", "ascending")])["created_at"])
    return _Rows(customers, profiles, id_column, created)


def _of_kind(table: pa.Table, records: pa.Table, kind: str) -> pa.Table:
    """The claims or observations of the records of one kind."""
    number = records["record"].to_numpy()
    is_theirs = as_mask(pc.equal(records["kind"], kind))
    return table.filter(pa.array(is_theirs[np.searchsorted(number, table["record"].to_numpy())]))


def judge(facts: Facts, plan: Plan) -> Judged:
    """Score the profiles against the customers, and the customers against each other."""
    table = facts.customers.table
    if facts.schema is None:
        table = pa.table({"id": pa.array([], pa.string())})
    return Judged(score(facts.profiles, table, told(plan, facts)), score_customers(table, told(plan, facts)))


def told(plan: Plan, facts: Facts) -> Plan:
    """The plan with the name of the id column."""
    id_column = facts.schema.id_column if facts.schema else "id"
    return replace(plan, id=id_column)


@dataclass(frozen=True)
class State:
    """Everything that the answers are made of; nothing here changes."""

    position: int
    facts: Facts
    plan: Plan
    decisions: tuple[Decision, ...]
    key: bytes = field(repr=False)
    kept: pa.Table | None = field(default=None, repr=False)
    """The machine's links as the store has them, where they are of these facts; else they are scored."""
    before: State | None = field(default=None, repr=False)
    """A state of the same facts, whose scores hold here too."""
    told: Callable[[], Judged] | None = field(default=None, repr=False)
    """What a frozen model says of the facts; without one the model learns from them."""

    def at(self, position: int) -> State:
        """The same at a later position of the log: what was worked out of the facts and the decisions holds there."""
        found = replace(self, position=position, before=self.before or self)
        found.__dict__.update({name: value for name, value in self.__dict__.items() if name not in found.__dict__})
        return found

    @cached_property
    def judged(self) -> Judged:
        """What the model says; it is asked once, when somebody wants to know."""
        if self.before is not None:
            return self.before.judged
        return judge(self.facts, self.plan) if self.told is None else self.told()

    @cached_property
    def gone(self) -> Departed:
        """The rows that their source has no more, each with its survivor."""
        return departed(in_force(self.decisions))

    @cached_property
    def in_force(self) -> tuple[Decision, ...]:
        """People's decisions that nobody took back; what was said of a row that is gone is said of its survivor."""
        return followed(in_force(self.decisions), self.gone)

    @cached_property
    def names(self) -> list[Name]:
        """The records: the customers, then the profiles, each in the order of their ids."""
        pivots = (self.facts.customers, self.facts.profiles)
        return [name for one in pivots for name in zip(one.sources.to_pylist(), one.ids.to_pylist(), strict=True)]

    @cached_property
    def rows(self) -> dict[Name, int]:
        """The place of each record."""
        return {name: row for row, name in enumerate(self.names)}

    @property
    def customers(self) -> int:
        """How many of the records are customers: they come first."""
        return len(self.facts.customers.ids)

    @cached_property
    def links(self) -> Links:
        """The machine's links, by rows."""
        if self.kept is not None:
            return links_of(self.kept.filter(pc.not_equal(self.kept["verdict"], Verdict.REVIEW.value)), self.rows)
        table = pa.concat_tables([self.judged.scored.links, self.judged.customers])
        left, right = (self._rows_of(table, side) for side in ("left", "right"))
        weight = np.asarray(table["weight"].to_numpy(), np.float64)
        return Links(left, right, weight, as_mask(pc.equal(table["assurance"], Assurance.VERIFIED.value)))

    def _rows_of(self, table: pa.Table, side: str) -> Ints:
        ids, is_profile = whole(table[f"{side}_id"]), as_mask(table[f"{side}_is_profile"])
        found = [
            np.asarray(pc.index_in(ids, of.ids).fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
            for of in (self.facts.customers, self.facts.profiles)
        ]
        return np.where(is_profile, found[1] + self.customers, found[0])

    @cached_property
    def identities(self) -> Identities:
        """The entities.

        Raises:
            LabelError: People's decisions contradict each other.
        """
        facts = self.facts
        size = len(self.names)
        created = np.full(size, UNDATED)
        micros = pc.fill_null(facts.created.cast(pa.int64()), int(UNDATED))
        created[: self.customers] = micros.to_numpy(zero_copy_only=False)
        records = Records(
            pa.concat_arrays([whole(facts.customers.sources), whole(facts.profiles.sources)]),
            pa.concat_arrays([whole(facts.customers.ids), whole(facts.profiles.ids)]),
            np.arange(size) < self.customers,
            created,
        )
        told = judgements(self.in_force, self.rows)
        return identify(records, told, self.links, self._accounts(), key=self.key, taken=facts.taken)

    def _accounts(self) -> Accounts:
        """The accounts of profiles that a platform wrote; verified where proof alone attaches them."""
        profiles = self.facts.profiles
        table = profiles.table
        known = profiles.proven & as_mask(pc.is_valid(table["account_id"])) & as_mask(pc.is_valid(table["channel"]))
        row = np.flatnonzero(known)
        own = table.take(pa.array(row))
        scope = pc.fill_null(own["scope"], "")
        channel = _codes(pc.binary_join_element_wise(own["channel"], scope, "\0"))
        account = _codes(own["account_id"])
        verified = np.zeros(len(self.names), np.bool_)
        links = self.links
        verified[links.left[links.verified]] = True
        return Accounts(row + self.customers, channel, account, verified[row + self.customers])

    @cached_property
    def entity_of(self) -> dict[Name, str]:
        """The id of each record's entity."""
        return dict(zip(self.names, self.identities.of_rows().to_pylist(), strict=True))

    @cached_property
    def followers(self) -> dict[Name, str]:
        """The rows that are gone and have a survivor here, each with the id of that one's entity."""
        return {name: self.entity_of[one] for name, one in self.gone.items() if one in self.entity_of}

    @cached_property
    def entity_of_customer(self) -> dict[str, str]:
        """The entity of each customer's row, by its id alone."""
        entities = self.identities.of_rows().slice(0, self.customers).to_pylist()
        return dict(zip(self.facts.customers.ids.to_pylist(), entities, strict=True))

    @cached_property
    def members(self) -> dict[str, list[Name]]:
        """The records of each entity."""
        found: dict[str, list[Name]] = {}
        for name, entity in self.entity_of.items():
            found.setdefault(entity, []).append(name)
        return found

    @cached_property
    def verdicts(self) -> pa.Table:
        """One row a profile, as ``decisions_schema`` has it: what holds, people's decisions and the rules heeded."""
        return verdicts_of(self, self.judged.scored.decisions.to_pylist())

    @cached_property
    def belonging(self) -> pa.Table:
        """The verdicts without their reasons, for which the model need not be asked where the store has its links."""
        verdicts = self.verdicts if self.kept is None else verdicts_of(self, rows_of(self.kept))
        return belonging_of(self, verdicts)

    def with_id(self, record_id: str) -> Iterator[Name]:
        """The records that have an id, a customer's first."""
        for kind in (self.facts.customers, self.facts.profiles):
            at = kind.row_of(record_id)
            if at >= 0:
                yield kind.sources[at].as_py(), record_id

    @property
    def refused(self) -> pa.Table:
        """The machine's links that were not taken, by ids, and why."""
        found, ids = self.identities.refused, pa.array([record_id for _, record_id in self.names], pa.string())
        sides = {side: ids.take(found[side].combine_chunks()) for side in ("left", "right")}
        return pa.table(sides | {name: found[name] for name in ("weight", "reason", "decision")})

    @cached_property
    def clusters(self) -> pa.Table:
        """The entity of each customer's row."""
        entities = self.identities.of_rows().slice(0, self.customers)
        return pa.table({"id": self.facts.customers.ids, "entity_id": entities})


def _codes(column: pa.ChunkedArray) -> Ints:
    encoded = pc.dictionary_encode(whole(column))
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
