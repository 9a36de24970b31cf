"""What a store knows of single cells beyond their rows: values older than their row, and the terms that were noted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import as_mask, whole
from socialmerge.merging.cells import cells_schema
from socialmerge.merging.policy_problems import VISIBILITIES
from socialmerge.resolver.pivot import Pivot

__all__ = ["cells_of"]

_NEVER = np.iinfo(np.int64).min
_TERMS = ("visibility", "purposes", "basis")
_Terms = tuple[str | None, list[str] | None, str | None]


def cells_of(kind: str, claims: pa.Table, rows: Pivot) -> pa.Table:
    """The cells that differ from their row, as ``cells_schema`` has them; ``claims`` are those that hold."""
    own = rows.seen.cast(pa.int64()).take(pc.index_in(whole(claims["record_id"]), rows.ids))
    seen = whole(claims["last_seen"]).cast(pa.int64())
    differs = as_mask(pc.not_equal(pc.fill_null(seen, _NEVER), pc.fill_null(own, _NEVER)))
    noted = np.logical_or.reduce([as_mask(pc.is_valid(claims[name])) for name in _TERMS])
    told = claims.filter(pa.array(differs | noted))
    cells = told.group_by(["record_id", "attribute"], use_threads=False).aggregate([("last_seen", "max")])
    known = _met(claims.filter(pa.array(noted)))
    names = zip(cells["record_id"].to_pylist(), cells["attribute"].to_pylist(), strict=True)
    terms = [known.get(name, (None, None, None)) for name in names]
    columns = {"kind": pa.repeat(kind, cells.num_rows), "observed_at": whole(cells["last_seen_max"])}
    columns |= {name: whole(cells[name]) for name in ("record_id", "attribute")}
    columns |= {
        name: pa.array([one[at] for one in terms], cells_schema().field(name).type) for at, name in enumerate(_TERMS)
    }
    return pa.table([columns[name] for name in cells_schema().names], schema=cells_schema())


def _met(claims: pa.Table) -> dict[tuple[str, str], _Terms]:
    """The terms of each cell: of several values those that allow less."""
    found: dict[tuple[str, str], _Terms] = {}
    for row in claims.select(["record_id", "attribute", *_TERMS]).to_pylist():
        name = row["record_id"], row["attribute"]
        seen, purposes, basis = found.get(name, (None, None, None))
        ranks = [VISIBILITIES.index(one) for one in (seen, row["visibility"]) if one is not None]
        given = None if row["purposes"] is None else row["purposes"].split()
        both = given if purposes is None else purposes if given is None else [one for one in purposes if one in given]
        grounds = [one for one in (basis, row["basis"]) if one is not None]
        found[name] = (VISIBILITIES[max(ranks)] if ranks else None, both, max(grounds, default=None))
    return found
