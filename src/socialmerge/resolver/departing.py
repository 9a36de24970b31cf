"""Departing: what a table of customers says of rows that its system has no more, or has again.

A whole table lacks them. A part of one says nothing by what it lacks; it may say of a row itself that it was deleted,
or which row it was merged into, and of a row which others were merged into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.api.inputs import Rows
from socialmerge.errors import LabelError, StoreError, amount
from socialmerge.merging.arrays import whole
from socialmerge.merging.fields import squash
from socialmerge.resolver.judging import check
from socialmerge.resolver.state import Name, State
from socialmerge.store import Decision, DecisionKind, departed, followed, in_force

__all__ = ["Listed", "departures", "listed", "refuse_cut_off"]

_MERGED = frozenset(["hsmergedobjectids", "mergedobjectids", "mergedrecordids", "mergedids"])
"""Names of a column with the ids of rows that were merged into this one, as in HubSpot's exports."""
_MASTER = frozenset(["masterrecordid", "masterrecord", "mergedinto", "mergedintoid"])
"""Names of a column with the id of the row that this one was merged into, as in Salesforce's exports."""
_DELETED = frozenset(["isdeleted"])
_YES = ("true", "1", "yes")
_FEW = 10
"""Rows of which a person sees at once that they are missing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a table by source and id, and those of which it says that they are gone, each with its survivor.

    ``complete`` says that the table holds every row of its sources, ``most_gone`` that it does though they are few.
    """

    rows: frozenset[Name]
    gone: Mapping[Name, Name | None]
    complete: bool
    most_gone: bool = False


def listed(rows: Rows, sources: pa.Array, *, complete: bool, most_gone: bool = False) -> Listed:
    """Read which rows a table has, and which of them, or of others, it says are gone."""
    names = list(zip(sources.to_pylist(), rows.ids.to_pylist(), strict=True))
    gone: dict[Name, Name | None] = {}
    for row, text in _filled(rows.table, _DELETED):
        if text.casefold() in _YES:
            gone[names[row]] = None
    for row, text in _filled(rows.table, _MERGED):
        own = names[row]
        gone.update({(own[0], one): own for one in _ids(text) if one != own[1]})
    for row, text in _filled(rows.table, _MASTER):
        if text != names[row][1]:
            gone[names[row]] = (names[row][0], text)
    return Listed(frozenset(names) - gone.keys(), gone, complete, most_gone)


def _filled(table: pa.Table, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The cells of a column with one of some names that hold anything, by row."""
    for name in table.column_names:
        if squash(name) in known and not pa.types.is_nested(table.schema.field(name).type):
            texts = pc.fill_null(pc.utf8_trim_whitespace(whole(tables.strings(table[name]))), "")
            yield from ((row, text) for row, text in enumerate(texts.to_pylist()) if text)


def _ids(text: str) -> list[str]:
    return [one.strip() for one in text.replace(",", ";").split(";") if one.strip()]


def refuse_cut_off(state: State, found: Listed) -> None:
    """Raise where a table that is said to be complete lacks so many rows that it looks cut off.

    Raises:
        StoreError: it has no rows, or lacks more than half of a source's, and nobody said that most are gone.
    """
    if not found.complete:
        return
    known = set(state.names[: state.customers]) - state.gone.keys()
    if known and not found.rows and not found.gone:
        has = amount(len(known), "row", "rows")
        raise StoreError(
            f"customers: a table without rows is none that is complete, and the store has {has}; nothing was changed: "
            "see that the export is whole"
        )
    had = Counter(source for source, _ in known)
    lost = Counter(source for source, _ in known - found.rows - found.gone.keys())
    for source in sorted({source for source, _ in found.rows} & lost.keys()):
        if not found.most_gone and _FEW <= lost[source] > had[source] / 2:
            raise StoreError(
                f"customers: said to be complete, the table lacks {lost[source]:,} of the {had[source]:,} rows that "
                f"the store has of '{source}'; nothing was changed: see that the export is whole, or say that so many "
                "are gone with most_gone=True"
            )


def departures(state: State, found: Listed) -> tuple[dict[Name, Name | None], tuple[str, ...]]:
    """The rows that are gone and were not before, each with its survivor, and the decisions that no longer hold.

    Where the table names no survivor it is the row of the same person that is left, if any.
    """
    known = set(state.names[: state.customers])
    gone: dict[Name, Name | None] = {
        name: survivor for name, survivor in found.gone.items() if _is_new(state, name, survivor)
    }
    sources = {source for source, _ in found.rows}
    if found.complete:
        lost = sorted(name for name in known - found.rows - found.gone.keys() if name[0] in sources)
        gone |= dict.fromkeys(lost, None)
    left = known - gone.keys() - state.gone.keys()
    survivors = {name: survivor or _fellow(state, name, left) for name, survivor in gone.items()}
    back = [one.id for one in _departures_of(state) if _name(one) in found.rows]
    return _agreeing(state, survivors), tuple(back)


def _is_new(state: State, name: Name, survivor: Name | None) -> bool:
    if name not in state.gone:
        return True
    return survivor is not None and state.gone[name] != state.gone.get(survivor, survivor)


def _fellow(state: State, name: Name, left: set[Name]) -> Name | None:
    """The row of the same person that is left: that which gives the person the id, else the first."""
    if name not in state.rows:
        return None
    entity = state.entity_of[name]
    others = sorted(one for one in state.members[entity] if one in left)
    return next((one for one in others if one[1] == entity), others[0] if others else None)


def _departures_of(state: State) -> list[Decision]:
    return [one for one in in_force(state.decisions) if one.kind is DecisionKind.GONE]


def _name(decision: Decision) -> Name:
    return decision.targets[0].source, decision.targets[0].record_id


def _agreeing(state: State, gone: dict[Name, Name | None]) -> dict[Name, Name | None]:
    """Rows that are gone, without a survivor where what people said of the row contradicts what they said of that.

    The system merged two whom people hold apart by others: their word holds, and of the row that is gone none is left.
    """
    told = in_force(state.decisions)
    try:
        check(followed(told, {**departed(told), **gone}))
    except LabelError:
        about = {(one.source, one.record_id) for decision in told for one in decision.targets}
        return {name: None if name in about else survivor for name, survivor in gone.items()}
    return gone
