"""Upkeep: how fresh the records are, and whether leads and deals come to an end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.foundation.ageing import ageing_of
from socialmerge.foundation.columns import Columns, Read
from socialmerge.foundation.faults import Fault, fault
from socialmerge.foundation.filling import gaps
from socialmerge.foundation.roles import Roles, days_of, stage_mask
from socialmerge.records import Kind
from socialmerge.schema.stages import Stage

__all__ = ["AGES", "freshness", "loop", "loop_table", "with_ageing"]

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.float64]

STALE_DAYS, STALE_SHARE = 730, 0.05
"""Days after which a record that nobody touched is stale, and the share of such rows that is a finding."""
OPEN_DAYS = 180
"""Days after which a lead should have come to something."""
AGES = ((0, "under 3 months"), (91, "3 to 6 months"), (182, "6 to 12 months"), (365, "over a year"))


def freshness(columns: Columns, roles: Roles, now: dt.date | None) -> Iterator[Fault]:
    """Records that nobody has touched for two years."""
    day = _day(now)
    seen = _seen(columns, roles)
    if day is None or seen is None:
        return
    old = day - seen > STALE_DAYS
    yield from fault(
        columns,
        old,
        code="stale",
        area="freshness",
        says="{have} not been touched for more than two years: people have moved and changed addresses.",
        do="Write to these customers once, and archive those who do not answer.",
        effort="days",
        of=int(np.isfinite(seen).sum()),
        cells=gaps(columns, old),
        least=STALE_SHARE,
        beside="That is for what these rows lack; what changed since then no table shows, and comes on top.",
    )


def with_ageing(
    faults: Sequence[Fault], columns: Columns, roles: Roles, labels: Ints, now: dt.date | None
) -> Iterator[Fault]:
    """The faults, and how the rows age that nobody has touched; ``labels`` say whose each row is."""
    day, seen = _day(now), _seen(columns, roles)
    for one in faults:
        if one.finding.code != "stale" or day is None or seen is None:
            yield one
            continue
        found = ageing_of(columns, seen, one.rows, labels, day)
        beside = f"It counts what these rows lack, and what changed since they were touched: {found.says}."
        finding = replace(one.finding, beside=beside if found.says else one.finding.beside)
        yield replace(one, finding=finding, ageing=found)


def _seen(columns: Columns, roles: Roles) -> Days | None:
    """When each record was last touched, or else made."""
    found = [days_of(one) for one in (roles.touched, roles.created) if one is not None]
    if not found:
        return None
    latest = np.full(columns.rows, np.nan)
    for days in found:
        latest = np.fmax(latest, days)
    return latest


def _day(now: dt.date | None) -> int | None:
    return None if now is None else (now - dt.date(1970, 1, 1)).days


def _open_ages(columns: Columns, roles: Roles, now: dt.date | None) -> tuple[Mask, Days] | None:
    """Leads that have not come to anything, and how many days old each row is."""
    if roles.stage is None:
        return None
    day, age = _day(now), np.full(columns.rows, np.nan)
    for dated in (roles.created, roles.touched) if day is not None else ():
        if dated is not None:  # a lead that says not when it was made is as old as the last that was heard of it
            age = np.where(np.isnan(age), (day or 0) - days_of(dated), age)
    return stage_mask(roles.stage, Stage.OPEN), age


def _without_contact(columns: Columns, roles: Roles) -> Mask:
    """Won deals where nobody can be called or written to."""
    if roles.stage is None:
        return np.zeros(columns.rows, bool)
    contact = columns.any_valid((*columns.of(Kind.EMAIL), *columns.of(Kind.PHONE)))
    return stage_mask(roles.stage, Stage.CUSTOMER) & ~contact


def loop_table(columns: Columns, roles: Roles, now: dt.date | None) -> pa.Table:
    """Leads without an outcome and won deals without a contact, by age."""
    schema = pa.schema([("what", pa.string()), ("age", pa.string()), ("rows", pa.int64())])
    found = _open_ages(columns, roles, now)
    if found is None:
        return schema.empty_table()
    leads, age = found
    rows = []
    for what, mask in (("lead without outcome", leads), ("won without contact", _without_contact(columns, roles))):
        rows += [{"what": what, "age": label, "rows": count} for label, count in _by_age(mask, age)]
    return pa.Table.from_pylist(rows, schema=schema)


def _by_age(mask: Mask, age: Days) -> Sequence[tuple[str, int]]:
    ends = [*(start for start, _ in AGES[1:]), np.inf]
    found = [
        (label, int((mask & (age >= (start or -np.inf)) & (age < end)).sum()))
        for (start, label), end in zip(AGES, ends, strict=True)
    ]
    return [*found, ("not known", int((mask & np.isnan(age)).sum()))]


def loop(columns: Columns, roles: Roles, now: dt.date | None) -> Iterator[Fault]:
    """Leads that should have come to something, and customers whom nobody can thank."""
    found = _open_ages(columns, roles, now)
    if found is None or roles.stage is None:
        return
    yield from _left_open(columns, roles.stage, *found)
    yield from _silent(columns, roles, roles.stage)


def _left_open(columns: Columns, stage: Read, leads: Mask, age: Days) -> list[Fault]:
    return fault(
        columns,
        leads & (age > OPEN_DAYS),
        code="lead_without_outcome",
        area="loop",
        field=stage.column.name,
        says="{are} older than six months and {have} come to nothing yet, not even to a no.",
        do="Close them as won or lost: who was lost, and why, teaches more than a long list does.",
        effort="hours",
        of=int(leads.sum()),
        share_of=" of the leads",
        least=0.01,
        hides=True,
        beside="It costs no attachment, but it hides outcomes: whether {these} {leads} bought, metrics cannot count.",
    )


def _silent(columns: Columns, roles: Roles, stage: Read) -> list[Fault]:
    silent = _without_contact(columns, roles)
    return fault(
        columns,
        silent,
        code="won_without_contact",
        area="loop",
        field=stage.column.name,
        says="{have} neither an e-mail address nor a telephone number.",
        do="Take the contact over from the order or the invoice.",
        effort="hours",
        of=int(stage_mask(stage, Stage.CUSTOMER).sum()),
        share_of=" of those who bought",
        cells={one.column.name: silent for one in (*columns.of(Kind.EMAIL), *columns.of(Kind.PHONE))},
        hides=True,
        beside="It hides outcomes too: whether a follower is one of {these} {rows}, metrics can count by name at best.",
    )
