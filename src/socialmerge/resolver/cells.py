"""What a store knows of values beyond their rows: when each was seen, on what terms, and what a cell held besides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, Mask, as_mask, whole
from socialmerge.merging.cells import HOLDS, cells_schema
from socialmerge.merging.policy_problems import VISIBILITIES
from socialmerge.resolver.pivot import Pivot

__all__ = ["cells_of"]

_NEVER = np.iinfo(np.int64).min
_TERMS = ("visibility", "purposes", "basis")
_Terms = tuple[str | None, list[str] | None, str | None]


def cells_of(kind: str, claims: pa.Table, rows: Pivot, more: pa.Table | None = None) -> pa.Table:
    """The values of which more is known than of their row, as ``cells_schema`` has them.

    ``claims`` are all of this kind with the column ``became``, and ``is_live`` where they are in the rows as far as
    these have room. ``more`` has further columns of the rows.
    """
    row = np.asarray(pc.index_in(whole(claims["record_id"]), rows.ids).to_numpy(zero_copy_only=False), np.int64)
    is_shown = _shown(claims, row, rows.table, more)
    own = np.asarray(pc.fill_null(rows.seen.cast(pa.int64()), _NEVER).to_numpy(zero_copy_only=False), np.int64)[row]
    differs = np.logical_or.reduce([_moments(claims[name]) != own for name in ("first_seen", "last_seen")])
    noted = np.logical_or.reduce([as_mask(pc.is_valid(claims[name])) for name in _TERMS])
    told = claims.filter(pa.array(is_shown & (differs | noted)))
    shown = told.group_by(["record_id", "attribute"], use_threads=False).aggregate(
        [("last_seen", "max"), ("first_seen", "min")]
    )
    beside = claims.filter(pa.array(~is_shown))
    said = beside.select(_TERMS).to_pylist() if (noted & ~is_shown).any() else []
    known = _met(claims.filter(pa.array(noted & is_shown)))
    count = shown.num_rows
    return pa.concat_tables(
        [
            _table(
                kind,
                {
                    **{name: whole(shown[name]) for name in ("record_id", "attribute")},
                    "raw": pa.nulls(count, pa.string()),
                    "became": pa.repeat(HOLDS, count),
                    "observed_at": whole(shown["last_seen_max"]),
                    "first_seen": whole(shown["first_seen_min"]),
                    "is_verified": pa.repeat(pa.scalar(False), count),  # noqa: FBT003 - Arrow's signature
                    **_terms([known.get(name, _NONE) for name in _names(shown)] if known else [], count),
                },
            ),
            _table(
                kind,
                {
                    **{name: whole(beside[name]) for name in ("record_id", "attribute", "raw", "became")},
                    "observed_at": whole(beside["last_seen"]),
                    "first_seen": whole(beside["first_seen"]),
                    "is_verified": whole(beside["is_verified"]),
                    **_terms([_said(one) for one in said], beside.num_rows),
                },
            ),
        ]
    )


def _shown(claims: pa.Table, row: Ints, table: pa.Table, more: pa.Table | None) -> Mask:
    """Which claims stand in their row: all that are live where it holds lists, else the one that is there."""
    found = as_mask(claims["is_live"])
    for name in pc.unique(claims["attribute"].filter(claims["is_repeated"])).to_pylist():
        held = next((one for one in (table, more) if one is not None and name in one.column_names), None)
        column = None if held is None else held[name]  # what was said about being reached is in no column
        if column is None or pa.types.is_list(column.type):
            continue
        at = np.flatnonzero(as_mask(pc.equal(claims["attribute"], name)) & found)
        said = whole(claims["raw"]).take(pa.array(at))
        found[at] = as_mask(pc.equal(said, whole(column).take(pa.array(row[at]))))
    return found


def _moments(column: pa.ChunkedArray) -> Ints:
    filled = pc.fill_null(whole(column).cast(pa.int64()), _NEVER)
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.int64)


def _names(table: pa.Table) -> list[tuple[str, str]]:
    return list(zip(table["record_id"].to_pylist(), table["attribute"].to_pylist(), strict=True))


def _table(kind: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    found = {"kind": pa.repeat(kind, len(columns["record_id"])), **columns}
    return pa.table([found[name] for name in cells_schema().names], schema=cells_schema())


_NONE: _Terms = (None, None, None)


def _terms(terms: list[_Terms], count: int) -> dict[str, pa.Array]:
    kinds = {name: cells_schema().field(name).type for name in _TERMS}
    if not any(one != _NONE for one in terms):
        return {name: pa.nulls(count, kind) for name, kind in kinds.items()}
    return {name: pa.array([one[at] for one in terms], kinds[name]) for at, name in enumerate(_TERMS)}


def _said(row: Mapping[str, str | None]) -> _Terms:
    purposes = row["purposes"]
    return row["visibility"], None if purposes is None else purposes.split(), row["basis"]


def _met(claims: pa.Table) -> dict[tuple[str, str], _Terms]:
    """The terms of each cell: of several values those that allow less."""
    found: dict[tuple[str, str], _Terms] = {}
    for row in claims.select(["record_id", "attribute", *_TERMS]).to_pylist():
        name = row["record_id"], row["attribute"]
        seen, purposes, basis = found.get(name, _NONE)
        ranks = [VISIBILITIES.index(one) for one in (seen, row["visibility"]) if one is not None]
        given = None if row["purposes"] is None else row["purposes"].split()
        both = given if purposes is None else purposes if given is None else [one for one in purposes if one in given]
        grounds = [one for one in (basis, row["basis"]) if one is not None]
        found[name] = (VISIBILITIES[max(ranks)] if ranks else None, both, max(grounds, default=None))
    return found
