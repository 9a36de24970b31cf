"""The audit as a whole: a quick look that takes no matching, and the whole of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.engines import LocalEngine
from socialmerge.engines.again import settled_of
from socialmerge.errors import amount
from socialmerge.foundation import filling, ownership, reach, upkeep
from socialmerge.foundation.columns import Columns, read_columns
from socialmerge.foundation.consistency import consistency, unlooked
from socialmerge.foundation.copies import copies, same_rows
from socialmerge.foundation.duplicates import Duplicates, expected_duplicates, no_duplicates, worst
from socialmerge.foundation.faults import Fault, counted, percent
from socialmerge.foundation.generic import generic
from socialmerge.foundation.implausible import Implausible, implausible
from socialmerge.foundation.model import Audit, Finding, Skipped
from socialmerge.foundation.rehearsal import Rehearsal, rehearse
from socialmerge.foundation.roles import Roles, roles_of, unknown_stages
from socialmerge.foundation.row_ids import RowIds, row_ids, unfit
from socialmerge.foundation.verdict import Measures, judge
from socialmerge.plan import Plan
from socialmerge.records import Kind
from socialmerge.schema import Schema

__all__ = ["inspect", "quick_look"]

Mask = npt.NDArray[np.bool_]
Say = Callable[[str, int, int], None]

EFFORT = {"minutes": 1.0, "hours": 4.0, "days": 20.0}
"""What an effort is worth in the order of the findings."""
WIDE = 0.2
"""Width of the interval, as a share of the expected duplicates, beyond which the number is a rough one."""
UNMEASURED = 0.1
"""Gain, in errors of a thousand profiles, of a finding in all rows of which no cost is measured: it comes late."""
_NO_ROWS = ("not ready", ("the table has no rows",))
_NOTHING = (
    "nothing to find anybody by: no column holds names of people, e-mail addresses, telephone numbers or accounts"
)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What a table shows without any matching."""

    columns: Columns
    roles: Roles
    odd: Implausible
    reach: reach.Reach
    faults: tuple[Fault, ...]
    now: dt.date | None
    given: RowIds | None


def quick_look(
    table: pa.Table, ids: pa.Array, schema: Schema, *, now: dt.date | None = None, given: RowIds | None = None
) -> Audit:
    """Everything of the audit that takes no matching: of duplicates only rows that repeat name and contact exactly.

    ``expected_duplicates`` is then what there is at least, and no cost is measured. ``given`` says what is wrong with
    the ids that the table came with, where ``ids`` are others.
    """
    seen = _look(table, ids, schema, now, given)
    found = copies(seen.columns)
    note = "a quick look: only rows that repeat name and contact exactly are counted as duplicates"
    return _audit(seen, found, _faults(seen, found, least=True), None, (note,), matched=False)


def inspect(
    table: pa.Table,
    ids: pa.Array,
    schema: Schema,
    plan: Plan,
    *,
    engine: LocalEngine | None = None,
    now: dt.date | None = None,
    seed: int = 7,
    costs: bool = True,
    say: Say | None = None,
    given: RowIds | None = None,
) -> Audit:
    """Audit a table of customers sorted by its ids; ``plan`` says what is compared when duplicates are looked for.

    ``now`` is the day that ages count from; where it is None, the latest day on which a record was made or touched.
    ``given`` says what is wrong with the ids that the table came with, where ``ids`` are the numbers of its rows.
    """
    told = say or _silent
    runs = engine or LocalEngine(seed=seed)
    told("look", 0, 1)
    seen = _look(table, ids, schema, now, given)
    matched = runs.match(plan, table, progress=told, clusters=True)
    notes: tuple[str, ...] = ()
    if matched is None:
        found = no_duplicates(table.num_rows)
        notes = ("nothing could be compared: fewer than two rows, or no column with values",)
    else:
        settled = settled_of(matched)
        found = expected_duplicates(matched, settled, same_rows(seen.columns, Kind.EMAIL))
        notes = (*matched.warnings, *settled.warnings, *_doubts(found))
    rehearsed, faults = None, _faults(seen, found)
    if costs and reach.looked_at(seen.columns):
        faults = tuple(upkeep.with_ageing(faults, seen.columns, seen.roles, found.labels, seen.now))
        rehearsed = rehearse(seen.columns, found.labels, faults, plan=plan, engine=runs, seed=seed, say=told)
    return _audit(seen, found, faults, rehearsed, notes)


def _look(table: pa.Table, ids: pa.Array, schema: Schema, now: dt.date | None, given: RowIds | None) -> _Seen:
    columns = read_columns(table, ids, schema)
    roles = roles_of(columns)
    odd = implausible(columns, roles, now)
    day = now or odd.today
    found = reach.reach_of(columns)
    faults = (
        *row_ids(columns, given),
        *filling.completeness(columns),
        *filling.validity(columns, odd),
        *consistency(columns, roles, day),
        *generic(columns),
        *upkeep.freshness(columns, roles, day),
        *upkeep.loop(columns, roles, day),
        *reach.unreached(columns, found),
    )
    return _Seen(columns, roles, odd, found, faults, day, given)


def _faults(seen: _Seen, found: Duplicates, *, least: bool = False) -> tuple[Fault, ...]:
    """All that is wrong, with what only duplicates show."""
    return (
        *_repeats(seen.columns, found, least=least),
        *seen.faults,
        *ownership.owners(seen.columns, seen.roles, found.grouped),
    )


def _audit(
    seen: _Seen,
    found: Duplicates,
    faults: Sequence[Fault],
    rehearsed: Rehearsal | None,
    notes: tuple[str, ...],
    *,
    matched: bool = True,
) -> Audit:
    columns = seen.columns
    faulty = np.zeros(columns.rows, bool)
    for one in seen.faults:
        if one.finding.area in {"completeness", "validity", "consistency", "generic"}:
            faulty |= one.rows
    readiness, reasons = _verdict(seen, found, matched=matched)
    return Audit(
        rows=columns.rows,
        readiness=readiness,
        reasons=reasons,
        expected_duplicates=found.expected,
        interval=(found.low, found.high),
        findings=_in_order(_costed(faults, rehearsed)),
        fields=filling.fields_table(columns, seen.odd),
        owners=ownership.owners_table(columns, seen.roles, found.grouped, faulty),
        loop=upkeep.loop_table(columns, seen.roles, seen.now),
        reach=reach.reach_table(seen.reach),
        worst=worst(found, columns.ids),
        skipped=tuple(Skipped(*one) for one in _skipped(seen)),
        notes=tuple(dict.fromkeys((*columns.schema.notes, *notes, *_said(rehearsed)))),
        matched=matched,
    )


def _verdict(seen: _Seen, found: Duplicates, *, matched: bool) -> tuple[str, tuple[str, ...]]:
    if not seen.columns.rows:
        return _NO_ROWS
    if not reach.looked_at(seen.columns):
        return "not ready", (_NOTHING,)
    readiness, reasons = judge(_measures(seen, found), least=not matched)
    if said := unfit(seen.given):
        return "not ready", (said, *(reasons if readiness != "ready" else ()))
    return readiness, reasons


def _doubts(found: Duplicates) -> Iterator[str]:
    """What is to be said of a number of duplicates that is none to rely on."""
    if found.high - found.low > WIDE * found.expected >= WIDE:
        yield (
            "many rows of this table can be told apart only with doubt, so the number of duplicates is a rough one; "
            "where about half of the fields are wrong it is too low, and may be so by more than the interval says"
        )


def _repeats(columns: Columns, found: Duplicates, *, least: bool = False) -> list[Fault]:
    """The finding that rows repeat somebody, where half a row or more is expected to."""
    count = round(found.expected)
    if not count:
        return []
    share = found.expected / max(columns.rows, 1)
    groups = len(np.unique(found.labels[found.grouped]))
    about, repeats = "At least" if least else "About", "repeats" if count == 1 else "repeat"
    says = (
        f"{about} {counted(count, 'row')} ({percent(share)}) {repeats} somebody who is in the table already: a profile "
        f"of theirs fits several rows ({counted(groups, 'group')} of rows that look like one person)."
    )
    do = "Run 'socialmerge dedupe', look at the groups it is least sure of, and merge the others."
    finding = Finding(
        "duplicates", "uniqueness", None, count, share, says, None, "hours", do, columns.some(found.grouped)
    )
    return [Fault(finding, found.grouped)]


def _measures(seen: _Seen, found: Duplicates) -> Measures:
    columns, rows = seen.columns, max(seen.columns.rows, 1)
    named = {"invalid": np.zeros(columns.rows, bool), "generic": np.zeros(columns.rows, bool)}
    unnamed = float(all(name != "name" for name, _ in filling.groups(columns)))  # no column is no name in any row
    for one in seen.faults:
        if one.finding.code == "missing_id":  # a reason of its own
            continue
        area = "invalid" if one.finding.area == "validity" else one.finding.area
        if area in named and not _of_the_record(columns, one.finding.field):
            named[area] |= one.rows
        if one.finding.code == "no_name":
            unnamed = float(one.rows.mean())
    return Measures(
        float(seen.reach["nothing"].sum()) / rows,
        found.expected / rows,
        1 - float(seen.reach["any of these"].sum()) / rows,
        unnamed,
        float(named["invalid"].sum()) / rows,
        float(named["generic"].sum()) / rows,
    )


def _of_the_record(columns: Columns, name: str | None) -> bool:
    """Whether a column says when something was, and not when somebody was born: nobody is found by it."""
    one = columns.named(name or "")
    return one is not None and one.column.kind is Kind.DATE and one.column.part != "birth"


def _costed(faults: Sequence[Fault], rehearsed: Rehearsal | None) -> list[Finding]:
    if rehearsed is None:
        return [one.finding for one in faults]
    found = []
    for one in faults:
        cost = rehearsed.costs.get((one.finding.code, one.finding.field))
        if cost is None:
            found.append(one.finding)
        else:
            found.append(replace(one.finding, cost=cost.estimate, cost_interval=(cost.low, cost.high)))
    return found


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The greatest gain for the effort first."""

    def gain(one: Finding) -> float:
        cost = one.cost if one.cost is not None and one.measurable else UNMEASURED * one.share
        return cost / EFFORT[one.effort]

    return tuple(sorted(findings, key=lambda one: (-gain(one), -one.share, one.code, one.field or "")))


def _said(rehearsed: Rehearsal | None) -> Iterator[str]:
    if rehearsed is not None:
        yield (
            f"of {rehearsed.profiles:,} profiles made of this table's own people about {rehearsed.errors:.0f} in a "
            "thousand go wrong as it is; a cost counts those of them that come out otherwise once the fault is mended"
        )


def _skipped(seen: _Seen) -> Iterator[tuple[str, str]]:
    """What could not be looked at, and why."""
    roles = seen.roles
    if roles.created is None and roles.touched is None:
        yield "freshness", "no column with dates in it says when a record was made or last touched"
    if roles.owner is None:
        yield "ownership", "the table has no column with an owner or salesperson"
    if unknown := _unknown_stages(roles):
        yield "closed loop", unknown
    elif roles.stage is None:
        yield "closed loop", "the table has no column with a stage or status such as lead, won, lost"
    if roles.stage is not None and roles.created is None and roles.touched is None:
        yield "age of leads", "no column with dates in it says when a record was made or last touched"
    yield from unlooked(seen.columns, roles)
    if not reach.looked_at(seen.columns):
        yield "reach, costs", "the table has neither names of people nor contacts: no profile can be anybody's"
    there = {name for name, _ in filling.groups(seen.columns)}
    for name in ("name", "email", "phone", "place"):
        if name not in there:
            yield name, "the table has no such column"


def _unknown_stages(roles: Roles) -> str:
    """What is not understood of the stages, "" where all is."""
    column = roles.stage or roles.sounding
    if column is None:
        return ""
    rows, words = unknown_stages(column)
    if not rows:
        return ""
    have, told = amount(rows, "row has", "rows have"), f" ({', '.join(map(repr, words))})" if words else ""
    return (
        f"{have} a word in column {column.column.name!r} that is no stage known here{told}, and so neither a lead "
        "nor a customer; write such as lead, won or lost"
    )


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
