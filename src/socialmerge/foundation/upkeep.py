"""Upkeep: how fresh the records are, who looks after them, and whether leads and deals come to an end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.foundation.columns import Columns
from socialmerge.foundation.faults import Fault, counted, fault
from socialmerge.foundation.filling import groups
from socialmerge.foundation.roles import Roles, days_of, stage_mask
from socialmerge.records import Kind

__all__ = ["AGES", "freshness", "loop", "loop_table", "owners", "owners_table"]

Mask = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]

STALE_DAYS, STALE_SHARE = 730, 0.05
"""Days after which a record that nobody touched is stale, and the share of such rows that is a finding."""
OPEN_DAYS = 180
"""Days after which a lead should have come to something."""
AGES = ((0, "under 3 months"), (91, "3 to 6 months"), (182, "6 to 12 months"), (365, "over a year"))
FEWEST_OF_OWNER, BEHIND, DEVIATIONS = 20, 0.1, 3.0
"""Rows of an owner who is compared, by how much more than the others he must lack, and beyond what chance does."""
MOST_OWNERS = 500
"""Different values beyond which a column names no owners."""


def freshness(columns: Columns, roles: Roles, now: dt.date | None) -> Iterator[Fault]:
    """Records that nobody has touched for two years."""
    day = _day(now)
    seen = _seen(columns, roles)
    if day is None or seen is None:
        return
    yield from fault(
        columns,
        day - seen > STALE_DAYS,
        code="stale",
        area="freshness",
        says="{rows} ({share}) have not been touched for more than two years: people have moved and changed addresses.",
        do="Write to these customers once, and archive those who do not answer.",
        effort="days",
        of=int(np.isfinite(seen).sum()),
        least=STALE_SHARE,
    )


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


def owners_table(columns: Columns, roles: Roles, grouped: Mask | None, faulty: Mask) -> pa.Table:
    """For each owner how many rows, and which share of what is needed is filled, of rows repeats and has a fault."""
    schema = pa.schema(
        [("owner", pa.string()), ("rows", pa.int64())]
        + [(name, pa.float64()) for name in ("filled", "duplicates", "findings")]
    )
    if roles.owner is None:
        return schema.empty_table()
    codes, names = _owner_codes(roles)
    rows = np.bincount(codes, minlength=len(names))
    of = [
        np.bincount(codes, weights=weights, minlength=len(names)) / np.maximum(rows, 1)
        for weights in (_filled(columns), faulty)
    ]
    repeats = (
        None if grouped is None else np.bincount(codes, weights=grouped, minlength=len(names)) / np.maximum(rows, 1)
    )
    order = np.argsort(-rows, kind="stable")
    order = order[rows[order] > 0]
    columns_of = [pa.array([names[place] for place in order.tolist()], pa.string()), pa.array(rows[order], pa.int64())]
    middle = pa.nulls(len(order), pa.float64()) if repeats is None else pa.array(repeats[order])
    return pa.table([*columns_of, pa.array(of[0][order]), middle, pa.array(of[1][order])], schema=schema)


def _owner_codes(roles: Roles) -> tuple[npt.NDArray[np.int64], list[str | None]]:
    """For each row the place of its owner; the last place is of rows without one."""
    if roles.owner is None:
        return np.empty(0, np.int64), []
    names: list[str | None] = [name.strip() for name in roles.owner.texts.to_pylist()]
    return np.where(roles.owner.codes >= 0, roles.owner.codes, len(names)).astype(np.int64), [*names, None]


def _filled(columns: Columns) -> Days:
    """For each row which share of the fields that matching leans on has a value."""
    needed = [columns.any_valid(reads) for _, reads in groups(columns)]
    return np.mean(needed, axis=0) if needed else np.ones(columns.rows)


def owners(columns: Columns, roles: Roles, grouped: Mask | None) -> Iterator[Fault]:
    """Rows without an owner, and owners whose rows are worse than the others'."""
    if roles.owner is None:
        return
    yield from fault(
        columns,
        ~roles.owner.valid,
        code="no_owner",
        area="ownership",
        field=roles.owner.column.name,
        says="{rows} ({share}) have no owner: nobody will mend them.",
        do="Give them to somebody.",
        effort="minutes",
        least=0.01,
    )
    if len(roles.owner.texts) > MOST_OWNERS:
        return
    for name, measure in (("filled", 1 - _filled(columns)), ("duplicates", grouped)):
        if measure is not None:
            yield from _behind(columns, roles, name, np.asarray(measure, np.float64))


_BEHIND = {
    "filled": ("owner_gaps", "lack more of name, e-mail, telephone and place than those of their colleagues"),
    "duplicates": ("owner_duplicates", "repeat a customer more often than those of their colleagues"),
}


def _behind(columns: Columns, roles: Roles, name: str, bad: Days) -> Iterator[Fault]:
    """Owners of whose rows more is bad than of all the others', by more than chance does."""
    codes, names = _owner_codes(roles)
    rows, total = np.bincount(codes, minlength=len(names)), np.bincount(codes, weights=bad, minlength=len(names))
    others, rest = len(codes) - rows, bad.sum() - total
    share, usual = total / np.maximum(rows, 1), rest / np.maximum(others, 1)
    error = np.sqrt(np.maximum(usual * (1 - usual), 1e-4) / np.maximum(rows, 1))
    behind = (rows >= FEWEST_OF_OWNER) & (share > usual + BEHIND) & (share > usual + DEVIATIONS * error)
    behind[-1] = False
    code, says = _BEHIND[name]
    count = int(behind.sum())
    yield from fault(
        columns,
        behind[codes] & (bad > 0),
        code=code,
        area="ownership",
        field=roles.owner.column.name if roles.owner else None,
        says=f"{{rows}} ({{share}}) of {counted(count, 'owner')} {says}.",
        do="Sit down with them (the table of owners has their names) and find out what stops them.",
        effort="hours",
        of=int(rows[behind].sum()),
    )


def _open_ages(columns: Columns, roles: Roles, now: dt.date | None) -> tuple[Mask, Days] | None:
    """Leads that have not come to anything, and how many days old each row is."""
    if roles.stage is None:
        return None
    day, age = _day(now), np.full(columns.rows, np.nan)
    for dated in (roles.created, roles.touched) if day is not None else ():
        if dated is not None:  # a lead that says not when it was made is as old as the last that was heard of it
            age = np.where(np.isnan(age), (day or 0) - days_of(dated), age)
    return stage_mask(roles.stage, "open"), age


def _without_contact(columns: Columns, roles: Roles) -> Mask:
    """Won deals where nobody can be called or written to."""
    if roles.stage is None:
        return np.zeros(columns.rows, bool)
    contact = columns.any_valid((*columns.of(Kind.EMAIL), *columns.of(Kind.PHONE)))
    return stage_mask(roles.stage, "won") & ~contact


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
    leads, age = found
    yield from fault(
        columns,
        leads & (age > OPEN_DAYS),
        code="lead_without_outcome",
        area="loop",
        field=roles.stage.column.name,
        says="{rows} ({share} of the leads) are older than six months and have come to nothing yet, not even to a no.",
        do="Close them as won or lost: who was lost, and why, teaches more than a long list does.",
        effort="hours",
        of=int(leads.sum()),
        least=0.01,
    )
    won = stage_mask(roles.stage, "won")
    yield from fault(
        columns,
        _without_contact(columns, roles),
        code="won_without_contact",
        area="loop",
        field=roles.stage.column.name,
        says="{rows} ({share} of those who bought) have neither an e-mail address nor a telephone number.",
        do="Take the contact over from the order or the invoice.",
        effort="hours",
        of=int(won.sum()),
    )
