"""``attach``: which customer each profile is, if any."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels, tables
from socialmerge.api.inputs import Rows, check_columns, customers_of, with_options
from socialmerge.api.labels import known_of, with_decisions
from socialmerge.api.results import AttachResult
from socialmerge.engines import LocalEngine, link, social
from socialmerge.engines.local import Progress
from socialmerge.merging import Policy
from socialmerge.plan import PROFILE_COLUMNS, Plan
from socialmerge.records import profiles_schema
from socialmerge.schema.fields import bind_left, fields_of_two

__all__ = ["attach", "profiles_or_rows", "ready_for_profiles", "ready_for_table"]


def attach(
    profiles: tables.Source,
    *,
    to: tables.Source,
    channel: str | None = None,
    plan: Plan | None = None,
    decisions: tables.Source | None = None,
    engine: LocalEngine | None = None,
    id: str | None = None,
    region: str | None = None,
    policy: Policy | None = None,
    trusted: bool = False,
    progress: Progress | None = None,
) -> AttachResult:
    """Say for each profile which customer it is: attach, review or new, with a probability and a reason.

    Args:
        profiles: a platform's export, plain profile rows, or any other table, which is then linked row by row.
        to: the customers: a path to a table or to contact cards, a pyarrow Table, or anything with
            ``__arrow_c_stream__``.
        channel: whose export ``profiles`` is, where that is not recognised.
        plan: what to compare and how; inferred from the tables when left out.
        decisions: people's decisions about pairs, a table with ``left_id`` (the profile), ``right_id`` (the customer)
            and ``verdict`` (``same``, ``different`` or ``unsure``). They hold. Profiles teach the weights of the fields
            beside names and handles too, unless the plan brings its own; rows of a plain table teach none.
        engine: where the work is done; this process when left out.
        id: the customers' id column, where it is not found.
        region: the country (ISO 3166 alpha-2) of national phone numbers.
        policy: how records are merged where ``golden`` and ``changes`` are not given one; the default when left out.
        trusted: plain profile rows are as good as a platform's own export, because they were read from one or the
            accounts were proved by a login; else what they say is only asserted, and attaches at most as *inferred*.
        progress: called as ``progress(stage, done, total)``.

    Returns:
        A result with ``decisions``, one row for each profile, and ``pairs``.

    Raises:
        TableError: a table cannot be read, or ids are missing or repeated.
        SchemaError: the customers have no id column.
        ChannelError: the export is not of that channel, or fits several.
        PlanError: the plan does not fit the tables.
        LabelError: the decisions name unknown ids or verdicts, or contradict each other.

    >>> customers = pa.table({"id": ["7"], "name": ["Ada Lovelace"], "email": ["ada@example.com"]})
    >>> profiles = [{"profile_id": "p1", "channel": "github", "handle": "ada", "emails": ["ada@example.com"]}]
    >>> attach(profiles, to=customers).decisions["customer_id"].to_pylist()
    ['7']
    """
    asked = with_options(plan, id_column=id, region=region)
    rows = customers_of(to, id_column=asked.id, region=asked.region)
    asked = replace(asked, id=rows.schema.id_column, region=rows.schema.region)
    ready = engine or LocalEngine()
    say = progress or _silent
    profiles = tables.lasting(profiles, what="profiles")
    found = profiles_or_rows(profiles, channel, asked)
    asked = with_decisions(asked, decisions, found.ids if isinstance(found, Rows) else found[1], rows.ids)
    if isinstance(found, Rows):
        return replace(_table(found, rows, asked, ready, say), policy=policy)
    proven = trusted or channels.is_export(profiles, channel=channel)
    return replace(_profiles(found, rows, asked, ready, say=say, proven=proven), policy=policy)


def profiles_or_rows(source: tables.Source, channel: str | None, asked: Plan) -> tuple[pa.Table, pa.Array] | Rows:
    """Profile rows and their ids; of a table that is no export, its rows. A table of nothing at all is no profiles."""
    source = tables.lasting(source, what="profiles")
    if channel or channels.recognise(source):
        return profiles_of(source, channel)
    table = tables.read(source, what="profiles")
    if not table.column_names:
        return profiles_schema().empty_table(), pa.array([], pa.string())
    return customers_of(table, id_column=asked.left_id, region=asked.region, what="profiles")


def profiles_of(source: tables.Source, channel: str | None) -> tuple[pa.Table, pa.Array]:
    """Profile rows of an export, sorted by id, and their ids."""
    profiles = channels.read(source, channel=channel)
    ids = tables.ids(profiles, "profile_id", what="profiles")
    order = pc.sort_indices(ids)
    return profiles.take(order), ids.take(order)


def ready_for_profiles(asked: Plan, rows: Rows) -> Plan:
    """The plan with its fields bound to the columns of profiles."""
    fields = tuple(bind_left(field, PROFILE_COLUMNS) for field in asked.fields) or fields_of_two(
        PROFILE_COLUMNS, rows.schema
    )
    ready = replace(asked, fields=tuple(field for field in fields if field.left_columns))
    check_columns(ready.fields, rows.table)
    return ready


def ready_for_table(asked: Plan, left: Rows, rows: Rows) -> Plan:
    """The plan with its fields bound to the columns of another table."""
    columns = left.schema.columns
    fields = tuple(bind_left(field, columns) for field in asked.fields) or fields_of_two(columns, rows.schema)
    ready = replace(asked, fields=tuple(field for field in fields if field.left_columns), left_id=left.schema.id_column)
    check_columns(ready.fields, rows.table, left.table)
    return ready


def _profiles(
    profiles: tuple[pa.Table, pa.Array], rows: Rows, asked: Plan, engine: LocalEngine, *, say: Progress, proven: bool
) -> AttachResult:
    table, ids = profiles
    ready = ready_for_profiles(asked, rows)
    known = known_of(ready.decisions, ids, rows.ids)
    outcome = social.attach(ready, table, rows.table, rows.schema, engine, say=say, proven=proven, known=known)
    return AttachResult(
        outcome.decisions(ids, rows.ids),
        outcome.pairs(ids, rows.ids),
        replace(ready, weights=outcome.fitted),
        rows.schema,
        (*tables.notes_of(table), *rows.schema.notes, *outcome.warnings),
        table,
        ids,
        rows,
        outcome,
    )


def _table(left: Rows, rows: Rows, asked: Plan, engine: LocalEngine, say: Progress) -> AttachResult:
    ready = ready_for_table(asked, left, rows)
    known = known_of(ready.decisions, left.ids, rows.ids)
    outcome = link.attach(ready, left.table, rows.table, rows.schema, engine, say=say, known=known)
    return AttachResult(
        outcome.decisions(left.ids, rows.ids),
        outcome.pairs(left.ids, rows.ids),
        replace(ready, keys=outcome.keys, weights=outcome.fitted),
        rows.schema,
        (*left.schema.notes, *rows.schema.notes, *outcome.warnings),
        left.table,
        left.ids,
        rows,
        outcome,
        left.schema,
    )


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
