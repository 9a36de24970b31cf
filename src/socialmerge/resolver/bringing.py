"""Customers, profiles and answers on their way into a store: all of them read and checked before any is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels, tables
from socialmerge.api.attaching import profiles_of as read_profiles
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.errors import StoreError, amount
from socialmerge.merging import Policy
from socialmerge.merging.arrays import whole
from socialmerge.merging.fields import plan_fields
from socialmerge.merging.moments import moment_of
from socialmerge.merging.requirements import refuse_no_time
from socialmerge.plan import Plan
from socialmerge.records import profiles_schema
from socialmerge.resolver.answered import check_answers
from socialmerge.resolver.asked import IMPORT
from socialmerge.resolver.departing import Listed, listed
from socialmerge.resolver.intake import (
    PROVEN_MARK,
    Intake,
    customers_intake,
    observed_column,
    profiles_intake,
    typed_columns,
)
from socialmerge.resolver.namesakes import intake_apart, refuse_clashes
from socialmerge.resolver.plain_people import as_profiles
from socialmerge.resolver.state import Facts
from socialmerge.schema import Column, Schema

if TYPE_CHECKING:
    from socialmerge.resolver.resolver import Resolver
    from socialmerge.store import Written

__all__ = [
    "Coming",
    "Profiles",
    "bring",
    "check",
    "incoming_customers",
    "incoming_profiles",
    "read",
]

Profiles = tables.Source | Iterable[Mapping[str, object]]


def incoming_customers(
    customers: tables.Source,
    plan: Plan,
    policy: Policy,
    *,
    known: Schema | None,
    observed_at: datetime | None,
) -> tuple[Rows, Intake]:
    """The rows of a customer table, and what is written of them; ``known`` is what the store's columns mean.

    Raises:
        TableError: the table cannot be read, or ids are missing or repeated.
        SchemaError: there is no id column.
        PolicyError: the policy names a column that is not there.
    """
    rows = customers_of(customers, id_column=plan.id or (known.id_column if known else ""), region=plan.region)
    observed = observed_column(rows.table, policy)
    return rows, customers_intake(rows, policy, observed=observed, observed_at=observed_at, known=known)


def incoming_profiles(
    profiles: Profiles, *, region: str, channel: str | None, trusted: bool, observed_at: datetime | None
) -> Intake:
    """The rows of an export, of plain profile rows, or of another table of people, ready to be written.

    Raises:
        TableError: the profiles cannot be read, or ids are missing or repeated.
        ChannelError: the export is not of that channel, or fits several.
        SchemaError: a table of people has no id column.
    """
    if isinstance(profiles, list | tuple) and not profiles:
        profiles = profiles_schema().empty_table()
    source = tables.lasting(profiles, what="profiles")
    if channel is None and channels.recognise(source) is None:
        source = as_profiles(tables.read(source, what="profiles"), region=region)
    proven = trusted or channels.is_export(source, channel=channel)
    table, _ = read_profiles(source, channel)
    return profiles_intake(typed_columns(table), proven=proven, observed_at=observed_at, region=region)


def _refuse(records: pa.Table, ids: pa.Array, sources: pa.Array) -> None:
    at = pc.index_in(whole(records["record_id"]), ids)
    clashes = pc.sum(pc.not_equal(sources.take(at), whole(records["source"]))).as_py() or 0
    if clashes:
        raise StoreError(
            f"{records['kind'][0].as_py()}s: {amount(clashes, 'id is that', 'ids are those')} of rows of another "
            "source; put the source before them, as in 'shop:7'"
        )


@dataclass(frozen=True, slots=True)
class Coming:
    """What one run brings into a store, read and checked: customers, profiles file by file, and people's answers."""

    rows: Rows
    customers: Intake
    listed: Listed
    profiles: tuple[Intake, ...]
    policy: Policy
    answers: pa.Table | None = None

    def parts(self) -> tuple[tuple[Intake, Listed | None], ...]:
        """What is written one after the other, the customers with what their table lists."""
        return ((self.customers, self.listed), *((one, None) for one in self.profiles))


def read(
    customers: tables.Source,
    profiles: Sequence[Profiles],
    plan: Plan,
    policy: Policy,
    resolver: Resolver | None,
    *,
    channel: str | None = None,
    complete: bool = False,
    most_gone: bool = False,
    answers: tables.Source | None = None,
) -> Coming:
    """Read all that a run brings; nothing is written.

    ``plan`` and ``policy`` are those that will hold; ``resolver`` is the open store, None where there is none yet.

    Raises:
        TableError, ChannelError, SchemaError, PolicyError: as :func:`incoming_customers` and :func:`incoming_profiles`.
    """
    session = resolver._session if resolver else None  # noqa: SLF001 - the same package
    known = session.schema() if session else None
    region = session.region() if session else ""
    rows, intake = incoming_customers(customers, plan, policy, known=known, observed_at=None)
    told = {"channel": channel, "trusted": False, "observed_at": None}
    region = plan.region or region or rows.schema.region
    seen = tuple(incoming_profiles(one, region=region, **told) for one in profiles)  # type: ignore[arg-type]
    found = listed(rows, whole(intake.records["source"]), complete=complete, most_gone=most_gone)
    said = None if answers is None else tables.read(answers, what="decisions")
    return Coming(rows, intake, found, seen, policy, said)


def check(coming: Coming, resolver: Resolver | None, *, as_of: str | None = None) -> None:
    """See that a run fits together and fits what a store has; nothing is written.

    Raises:
        PolicyError: the policy names a field that there will not be, or trust that fades and no time ``as_of``; or that
            is no time.
        StoreError: an id is that of another source's row.
        LabelError: an answer is about an id that nobody has, or contradicts what people decided.
    """
    moment_of(as_of)
    for at, part in enumerate(coming.profiles):
        for other in coming.profiles[:at]:
            if part.records.num_rows and other.records.num_rows:
                _refuse(part.records, whole(other.records["record_id"]), whole(other.records["source"]))
    facts = resolver._session.known().facts if resolver else None  # noqa: SLF001 - the same package
    if facts is not None:
        refuse_clashes(coming.customers, facts.customers, facts.profiles)
        for part in coming.profiles:
            refuse_clashes(intake_apart(part, facts.customers), facts.customers, facts.profiles)
    _try_policy(coming, facts, as_of)
    if coming.answers is not None:
        check_answers(resolver, coming.answers, [part.records for part, _ in coming.parts()])


def _try_policy(coming: Coming, facts: Facts | None, as_of: str | None) -> None:
    """See that the policy is about columns that there will be; the dates and sources that it lacks may still come."""
    customers, columns = coming.rows.table.slice(0, 0), dict(_by_name(coming.rows.schema))
    more = {name for part in coming.profiles for names in _layouts(part) for name in names}
    if facts is not None:
        columns |= {name: one for name, one in _by_name(facts.schema) if name not in columns}
        more |= set(facts.more.column_names[1:]) if facts.more is not None else set()
    for name in columns.keys() - set(customers.column_names):
        customers = customers.append_column(name, pa.array([], pa.string()))
    profiles = pa.table([pa.nulls(1, field.type) for field in profiles_schema()], schema=profiles_schema())
    for name in sorted(more - {*profiles.column_names, PROVEN_MARK}):
        profiles = profiles.append_column(name, pa.array(["any"]))  # a column that holds nothing is no field
    schema = replace(coming.rows.schema, columns=tuple(columns.values()))
    plan_fields(schema, customers, profiles, coming.policy, wanted=profiles_schema().names)
    refuse_no_time(coming.policy, as_of)


def _by_name(schema: Schema | None) -> Iterator[tuple[str, Column]]:
    return ((column.name, column) for column in (schema.columns if schema else ()))


def _layouts(intake: Intake) -> Iterator[list[str]]:
    """The columns of the tables that rows came in."""
    return map(json.loads, pc.unique(intake.observations["columns"]).to_pylist())


def bring(
    intake: Intake, found: Listed | None, resolver: Resolver, *, by: str = IMPORT, admit: Sequence[str] = ()
) -> Written:
    """Write rows that were read before, and what follows from them; of customers also who is ``found`` to be gone."""
    session = resolver._session  # noqa: SLF001 - the same package
    written = session.write(intake, by=by, admit=admit, found=found)
    return written if found is None else session.depart(found, written, by=by)
