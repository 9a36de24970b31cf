"""Versions of fields that go together: what one row said of all of them at a time, and never a mixture of two times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, Mask, rank_codes
from socialmerge.merging.cells import BLANKED, REPLACED
from socialmerge.merging.claims import Claims
from socialmerge.merging.moments import UNDATED
from socialmerge.merging.sources import Rows
from socialmerge.merging.values import stand_for_nothing

__all__ = ["Versions", "versions"]


@dataclass(frozen=True, slots=True)
class Versions:
    """The claim of each field, a row a field and a column a version; -1 where the version has no value.

    ``seen`` is when a version was seen last. ``is_past`` marks those that their row says no more, and ``of_several``
    those whose row has several.
    """

    table: Ints
    seen: Ints
    is_past: Mask
    of_several: Mask


@dataclass(frozen=True, slots=True)
class _Said:
    """The claims of all fields, side by side; ``rank`` orders those of one cell that were seen at the same times."""

    field: Ints
    row: Ints
    claim: Ints
    first: Ints
    last: Ints
    says: Mask
    rank: Ints
    is_past: Mask
    is_blanked: Mask


def versions(claims: Sequence[Claims], rows: Rows) -> Versions:
    """Give each row the versions that it had: one where nothing was ever said otherwise.

    A row's values go together as it said them up to some moment. Of these the ones that were seen no more when another
    field took a new value are left out: an address that moves does not keep its old postcode.
    """
    size = len(rows.entity)
    has_several, table, seen = np.zeros(size, np.bool_), np.full((len(claims), size), -1), np.full(size, UNDATED)
    for place, own in enumerate(claims):
        has_several |= np.bincount(own.row, minlength=size) > 1
        has_several[own.row[own.became(rows, REPLACED, BLANKED)]] = True
        table[place, own.row] = np.arange(len(own))
        np.maximum.at(seen, own.row, rows.seen_of(own.row, own.cell))
    filled = np.flatnonzero((table >= 0).any(axis=0) & ~has_several)
    flags = np.zeros(len(filled), np.bool_)
    found = Versions(table[:, filled], seen[filled], flags, flags)
    return _with_history(found, _said(claims, rows, has_several), len(claims)) if has_several.any() else found


def _said(claims: Sequence[Claims], rows: Rows, of: Mask) -> _Said:
    """The claims of some rows."""
    parts = []
    for number, every in enumerate(claims):
        at = np.flatnonzero(of[every.row])
        own = every.take(at)
        shown = np.append(np.asarray(pc.is_null(rows.cells.raw)), True)[own.cell]
        parts.append(
            _Said(
                field=np.full(len(own), number),
                row=own.row,
                claim=at,
                first=rows.seen_of(own.row, own.cell, first=True),
                last=rows.seen_of(own.row, own.cell),
                says=~stand_for_nothing(own.value),
                rank=rank_codes(own.raw)[0] + np.where(shown, 0, len(own)),
                is_past=own.became(rows, REPLACED, BLANKED),
                is_blanked=own.became(rows, BLANKED),
            )
        )
    return _Said(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Said.__slots__))


def _with_history(plain: Versions, said: _Said, fields: int) -> Versions:
    """Add the versions of rows that said several things; they are few."""
    names, row = np.unique(said.row, return_inverse=True)
    moments, slot = np.unique(np.stack([row, said.last]), axis=1, return_inverse=True)
    owner, moment = moments
    table = _up_to(said, row, moments, fields)
    placed = np.isin(np.arange(len(row)), table)
    rest = np.flatnonzero(~placed)  # what else was said at the same moment makes a version of its own
    if len(rest):
        at = slot.reshape(-1)[rest]
        more = table[:, at].copy()
        more[said.field[rest], np.arange(len(rest))] = rest
        table, owner, moment = np.hstack([table, more]), np.append(owner, owner[at]), np.append(moment, moment[at])
    _, once = np.unique(np.vstack([owner, table]), axis=1, return_index=True)
    table, owner, moment = table[:, once], owner[once], moment[once]
    newest = np.full(len(names), UNDATED, np.int64)
    np.maximum.at(newest, owner, moment)
    own = np.append(said.is_past, False)[table]
    is_past = (moment < newest[owner]) | own.any(axis=0)
    claim = np.append(said.claim, -1)[table]
    return Versions(
        np.hstack([plain.table, claim]),
        np.append(plain.seen, moment),
        np.append(plain.is_past, is_past),
        np.append(plain.of_several, np.ones(len(owner), np.bool_)),
    )


def _up_to(said: _Said, row: Ints, moments: Ints, fields: int) -> Ints:
    """Lay out what each row said up to each of its moments; what a later blank took away is in no later version."""
    owner, moment = moments
    low, high = np.searchsorted(owner, row), np.searchsorted(owner, row, side="right")
    claim = np.repeat(np.arange(len(row)), high - low)
    offset = np.arange(len(claim)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    slot = low[claim] + offset
    is_there = said.first[claim] <= moment[slot]
    claim, slot = claim[is_there], slot[is_there]
    # of several the one seen last, of these the youngest: the last to be written stays
    order = np.lexsort([-said.rank[claim], said.first[claim], said.last[claim], said.says[claim]])
    claim, slot = claim[order], slot[order]
    table = np.full((fields, len(owner)), -1, np.int64)
    table[said.field[claim], slot] = claim
    gone = np.append(said.is_blanked, False)[table] & (np.append(said.last, 0)[table] < moment)
    return _without_stale(said, row, np.where(gone, -1, table))


def _without_stale(said: _Said, row: Ints, table: Ints) -> Ints:
    """Leave out of each version what was seen no more when another field of it took a new value."""
    cell = said.field * (int(row.max()) + 1) + row
    begun = np.full(int(cell.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(begun, cell, said.first)
    moved = np.where(said.first > begun[cell], said.first, UNDATED)
    newest = np.append(moved, UNDATED)[table].max(axis=0)
    stale = np.append(said.last, np.iinfo(np.int64).max)[table] < newest
    return np.where(stale, -1, table)
