"""The golden record: one row for each entity, where each value came from, and what was rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels, tables
from socialmerge.channels.strategy import Strategy
from socialmerge.merging.accounts import account_lists, account_rows, account_rows_schema
from socialmerge.merging.arrays import codes_in
from socialmerge.merging.cells import place as place_cells
from socialmerge.merging.claims import ONE_SHOT_KEY, claims_table
from socialmerge.merging.consent import Consent, consent_table, heeded, placed_schema
from socialmerge.merging.consent import place as place_consents
from socialmerge.merging.contest import Contested, Setting, contest_field, contest_group
from socialmerge.merging.edicts import Edicts, field_names
from socialmerge.merging.entities import assign
from socialmerge.merging.exclusion import generic_keys
from socialmerge.merging.fields import GoldenField, plan_fields
from socialmerge.merging.ledger import conflict_rows, provenance_rows
from socialmerge.merging.moments import moment_of
from socialmerge.merging.pinning import pin
from socialmerge.merging.placing import place
from socialmerge.merging.policy import Policy
from socialmerge.merging.policy_problems import problems_error
from socialmerge.merging.requirements import needs
from socialmerge.merging.sources import Rows, Sources, blocks, column_problems, gather, unplaced
from socialmerge.merging.views import Asked, View, Viewed, view
from socialmerge.normalise import dates
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Schema

__all__ = ["Golden", "Said", "check_golden", "claims", "golden", "golden_batches"]

BLOCK_ENTITIES = 20_000
"""Entities that are merged at a time; what a block needs beside the input is some hundred bytes a claim."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Merged records, sorted by ``entity_id``.

    ``records`` has one row for each entity: ``entity_id``, ``accounts`` (a list of channel, scope, account_id, handle,
    assurance and visibility), then a column for each field, a list where the rule keeps every value; all values are
    text.
    ``provenance`` names the claim behind each kept value and ``conflicts`` lists each rejected one (schemas in
    ``records``). ``consents`` are the statements of the rows of each entity, as they were given, and ``holders`` the
    rows behind the accounts (``entity_id``, the account, ``source``, ``record_id``). ``strategy`` says how the channels
    are used where a view is not told.
    """

    records: pa.Table
    provenance: pa.Table
    conflicts: pa.Table
    consents: pa.Table = dataclass_field(default_factory=lambda: placed_schema().empty_table())
    holders: pa.Table = dataclass_field(default_factory=lambda: account_rows_schema().empty_table())
    strategy: Strategy | None = None

    def of(self, entity_ids: Iterable[str]) -> Golden:
        """Give the part that is about some entities, with what was said about them."""
        wanted = pa.array(list(entity_ids), pa.string())
        parts = (part.filter(pc.is_in(part["entity_id"], wanted)) for part in self._parts())
        return replace(Golden(*parts), strategy=self.strategy)

    def _parts(self) -> tuple[pa.Table, ...]:
        return (self.records, self.provenance, self.conflicts, self.consents, self.holders)

    def view(self, *, channel: str, purpose: str, unknown: str = "refuse", strategy: Strategy | None = None) -> View:
        """Give only the values that may be used on a channel for a purpose (marketing, service, research, identity).

        A value may be used if it may be seen there (on a public channel what is public, on a private one also what is
        private, what is secret nowhere), if the person has not said no in any row of the record, and if it was given
        for the purpose: by consent of its row, or by the channel that it came from. Where nothing is known of a value
        ``unknown="refuse"`` leaves it out; ``"allow"`` is for those who hold it on another ground, such as a contract.
        Nothing of an account that only private evidence ties to the person is shown on a public channel. ``strategy``
        says otherwise of what the channels are used for, who may see what came from them, and on which ground.

        Raises:
            ChannelError: There is no such channel, or ``channel`` is no text.
            PolicyError: The channel is not good for the purpose; the message names those that are. Or ``purpose`` is
                none of the four, or ``strategy`` no `Strategy`.
        """
        asked = Asked(channel, purpose, strategy or self.strategy or Strategy(), unknown)
        return view(Viewed(self.records, self.provenance, self.consents, self.holders), asked)


class Said(TypedDict, total=False):
    """What may be said to a merge besides the tables and the policy; each part may be left out.

    ``clusters`` says beside decisions which customers are one person; ``profile_schema`` what the columns of profiles
    mean that are not profile rows; ``key`` keys the claim ids. ``edicts`` are what people said about single values:
    pins win, rejected and generic values are never kept. ``as_of`` (ISO 8601, or a ``datetime``; UTC where it has no
    zone) is the time at which trust that decays is asked for, and by which a yes must have been said. ``consents`` are
    what people said about being reached (``consents_schema``, or ``Consent`` values), which decides what
    :meth:`Golden.view` gives. ``cells`` is what is
    known of single cells beyond their row (``cells_schema``). ``growing`` says that the tables are those of a store, to
    which rows still come: that a strategy has too few sources to choose from yet is then no error, and the next one
    decides. ``only`` names entities whose records are asked for: they are those that all of the tables give, and what
    others have beside them is left empty; :meth:`Golden.of` gives them alone.
    """

    clusters: pa.Table | None
    profile_schema: Schema | None
    key: bytes
    edicts: Edicts | None
    as_of: str | datetime | None
    consents: pa.Table | Sequence[Consent] | None
    cells: pa.Table | None
    growing: bool
    only: Sequence[str] | None


def golden(
    identities: pa.Table,
    customers: pa.Table,
    profiles: pa.Table | None,
    schema: Schema,
    policy: Policy | None = None,
    **said: Unpack[Said],
) -> Golden:
    """Merge customers and attached profiles into one record for each entity.

    ``identities`` is the decisions of ``attach`` or the clusters of ``dedupe``. ``profiles`` are profile rows, or any
    table with a ``profile_schema``. Profiles in review add nothing; a profile that is ``new`` makes a record of its
    own. What else may be said, such as what people said about single values, is in :class:`Said`; nothing here reads a
    clock.

    >>> import pyarrow as pa
    >>> from socialmerge.records import Kind
    >>> from socialmerge.schema import Column, Schema
    >>> customers = pa.table({"id": ["c1", "c2"], "mail": ["ada@example.com", "ADA@example.com"]})
    >>> clusters = pa.table({"id": ["c1", "c2"], "entity_id": ["c1", "c1"]})
    >>> schema = Schema("id", (Column("id", Kind.ID), Column("mail", Kind.EMAIL)))
    >>> merged = golden(clusters, customers, None, schema)
    >>> merged.records.select(["entity_id", "mail"]).to_pylist()
    [{'entity_id': 'c1', 'mail': 'ADA@example.com'}]
    >>> merged.conflicts.num_rows
    0

    Raises:
        PolicyError: The policy does not fit the tables; all problems are listed at once.
        SchemaError: The id column is not in its table.
        TableError: The identities do not fit the tables.
    """
    parts = golden_batches(identities, customers, profiles, schema, policy, **said)
    return Golden(*(pa.concat_tables(tables_) for tables_ in zip(*(part._parts() for part in parts), strict=True)))  # noqa: SLF001 - its own


def golden_batches(
    identities: pa.Table,
    customers: pa.Table,
    profiles: pa.Table | None,
    schema: Schema,
    policy: Policy | None = None,
    *,
    entities: int = BLOCK_ENTITIES,
    **said: Unpack[Said],
) -> Iterator[Golden]:
    """Merge as :func:`golden` does, ``entities`` records at a time in the order of their ids, in bounded memory.

    There is always at least one batch, so that empty input gives empty tables of the right schema. Errors are those of
    :func:`golden`, raised when the first batch is taken.
    """
    told = _Told(policy or Policy.default(), **said)
    run = _prepare(identities, customers, profiles, schema, told)
    told_of = heeded(consent_table(told.consents, is_new=not told.growing), run.setting.as_of)
    entity, statements = place_consents(told_of, run.sources)
    only = None if told.only is None else codes_in(pa.array(told.only, pa.string()), run.sources.ids)
    for start, rows in blocks(run.sources, entities, None if only is None else only[only >= 0]):
        low, high = np.searchsorted(entity, [start, start + entities])
        yield replace(_merge(run.fields, rows, run.setting), consents=statements.slice(low, high - low))


def check_golden(
    identities: pa.Table,
    customers: pa.Table,
    profiles: pa.Table | None,
    schema: Schema,
    policy: Policy | None = None,
    **said: Unpack[Said],
) -> None:
    """Raise what :func:`golden` would raise of the same arguments; nothing is merged, which is most of the work."""
    told = _Told(policy or Policy.default(), **said)
    run = _prepare(identities, customers, profiles, schema, told)
    place_consents(consent_table(told.consents, is_new=not told.growing), run.sources)


def claims(
    identities: pa.Table,
    customers: pa.Table,
    profiles: pa.Table | None,
    schema: Schema,
    policy: Policy | None = None,
    *,
    clusters: pa.Table | None = None,
    profile_schema: Schema | None = None,
    key: bytes = ONE_SHOT_KEY,
) -> Iterator[pa.Table]:
    """Give every claim that the records make, as tables of ``claims_schema``.

    The arguments are those of :func:`golden`.
    Claims of rows that have no entity yet (a profile in review) come last, with a null ``entity_id``.
    """
    told = _Told(policy or Policy.default(), clusters, profile_schema, key, checked=False, carried=True)
    run = _prepare(identities, customers, profiles, schema, told)
    for rows in (*(rows for _, rows in blocks(run.sources, BLOCK_ENTITIES)), unplaced(run.sources)):
        for field in run.fields:
            yield claims_table(field, rows, key=key)


@dataclass(frozen=True, slots=True)
class _Run:
    """What all blocks of one run share."""

    fields: tuple[GoldenField, ...]
    sources: Sources
    setting: Setting


@dataclass(frozen=True, slots=True)
class _Told:
    """What the caller of :func:`golden` said besides the tables."""

    policy: Policy
    clusters: pa.Table | None = None
    profile_schema: Schema | None = None
    key: bytes = ONE_SHOT_KEY
    edicts: Edicts | None = None
    as_of: str | datetime | None = None
    consents: pa.Table | Sequence[Consent] | None = None
    cells: pa.Table | None = None
    growing: bool = False
    only: Sequence[str] | None = None
    checked: bool = True
    carried: bool = False


def _prepare(identities: pa.Table, customers: pa.Table, profiles: pa.Table | None, schema: Schema, told: _Told) -> _Run:
    policy, profile_schema, edicts = told.policy, told.profile_schema, told.edicts or Edicts()
    rows = profiles_schema().empty_table() if profiles is None else profiles
    profile_id = profile_schema.id_column if profile_schema else "profile_id"
    customer_ids = tables.ids(customers, schema.id_column, what="customers")
    profile_ids = tables.ids(rows, profile_id, what="profiles")
    wanted = {one.field for one in edicts.pins}
    found: list[str] = []
    named = {"profile_schema": profile_schema, "wanted": wanted, "carried": told.carried, "found": found}
    fields = plan_fields(schema, customers, profiles, policy, **named)  # type: ignore[arg-type]  # each as it is named
    if misnamed := column_problems(customers, policy):  # what follows from these is no problem of its own
        raise problems_error("policy", [*found, *misnamed])
    entities = assign(identities, customer_ids, profile_ids, clusters=told.clusters)
    customers = _with_ids(customers, schema.id_column, customer_ids)
    rows = _with_ids(rows, profile_id, profile_ids)
    sources = gather(entities, schema, customers, rows, policy, profile_id=profile_id)
    sources = replace(sources, cells=place_cells(told.cells, customer_ids, profile_ids))
    as_of = moment_of(told.as_of)
    if told.checked:
        given = {"has_as_of": as_of is not None, "has_edicts": told.edicts is not None, "growing": told.growing}
        found += needs(policy, sources, fields, **given)
    if found:
        raise problems_error("policy", found)
    if edicts.pins or edicts.rejections:
        sources = place(edicts, sources, field_names(edicts, fields))
    setting = _setting(fields, sources, schema, told)
    generic = generic_keys(edicts, schema.region, key=told.key)
    return _Run(fields, sources, replace(setting, as_of=as_of, generic=generic))


def _with_ids(table: pa.Table, name: str, ids: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, ids)


def _setting(fields: Sequence[GoldenField], sources: Sources, schema: Schema, told: _Told) -> Setting:
    dated = (field for field in fields if field.kind is Kind.DATE)
    # The order of day and month is that of the whole column: a batch must not read it differently.
    orders = {field.name: dates.order(_texts(field, sources)) for field in dated}
    names = sources.names.to_pylist()
    return Setting(told.policy, names, _worth(names), schema.region, orders, told.key)


def _worth(names: Sequence[str]) -> npt.NDArray[np.float64]:
    """What asserted and verified values of each source are worth; a source that is no channel is worth all."""
    known = set(channels.names())
    trust = [channels.rules(name).trust if name in known else {} for name in names]
    return np.array([[one.get("asserted", 1.0), one.get("verified", 1.0)] for one in trust]).reshape(-1, 2)


def _texts(field: GoldenField, sources: Sources) -> list[str]:
    columns = [sources.customers[field.column]] if field.column else []
    columns += [sources.profiles[name] for name in field.attributes]
    texts = [pc.unique(column) for column in columns if pa.types.is_string(column.type)]
    return [text for values in texts for text in values.to_pylist() if text is not None]


def _merge(fields: Sequence[GoldenField], rows: Rows, setting: Setting) -> Golden:
    """Merge one block of entities."""
    settled: dict[str, Contested] = {}
    for field in fields:
        if field.name in settled:
            continue
        members = [other for other in fields if field.group and other.group == field.group]
        contested = contest_group(members, rows, setting) if len(members) > 1 else [contest_field(field, rows, setting)]
        settled |= {one.field.name: one for one in contested}
    ordered = [pin(settled[field.name], rows, setting) for field in fields]
    columns = {"entity_id": rows.ids, "accounts": account_lists(rows)}
    columns |= {one.field.name: _column(one, rows) for one in ordered}
    told = provenance_rows(ordered, rows), conflict_rows(ordered, rows)
    return Golden(pa.table(columns), *told, holders=account_rows(rows))


def _column(contested: Contested, rows: Rows) -> pa.Array:
    """Lay the kept values out, one row an entity; a list is in byte order, so that merging again changes nothing."""
    kept, size = contested.outcome.kept, len(rows.ids)
    entity = rows.entity[contested.claims.row[kept]]
    value = contested.claims.value.take(pa.array(kept))
    if not contested.field.as_list:
        place = np.full(size, -1, np.int64)
        place[entity] = np.arange(len(kept))
        return value.take(pa.array(place, mask=place < 0))
    order = pc.sort_indices(
        pa.table([pa.array(entity), value], names=["entity", "value"]),
        sort_keys=[("entity", "ascending"), ("value", "ascending")],
    )
    counts = np.bincount(entity, minlength=size)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    mask = pa.array(counts == 0)
    return pa.ListArray.from_arrays(pa.array(offsets), value.take(order), mask=mask)
