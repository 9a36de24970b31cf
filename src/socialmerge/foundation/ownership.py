"""Ownership: who looks after the records, and whose rows are worse than those of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.foundation.columns import Columns, Read
from socialmerge.foundation.faults import Fault, counted, fault
from socialmerge.foundation.filling import groups
from socialmerge.foundation.roles import Roles
from socialmerge.records import Kind

__all__ = ["owners", "owners_table"]

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FEWEST_OF_OWNER, BEHIND, DEVIATIONS = 20, 0.1, 3.0
"""Rows of an owner who is compared, by how much more than the others he must lack, and beyond what chance does."""
MOST_OWNERS = 500
"""Different values beyond which a column names no owners."""


@dataclass(frozen=True, slots=True, eq=False)
class _Owners:
    """For each row the place of its owner in ``names``, the last of which is of rows without one; and their rows."""

    codes: Ints
    names: tuple[str | None, ...]
    rows: Ints

    @classmethod
    def of(cls, owner: Read) -> _Owners:
        names = (*(name.strip() for name in owner.texts.to_pylist()), None)
        codes = np.where(owner.codes >= 0, owner.codes, len(names) - 1).astype(np.int64)
        return cls(codes, names, np.bincount(codes, minlength=len(names)))

    def sums(self, of_rows: Mask | Floats) -> Floats:
        """What some rows add up to by owner."""
        return np.bincount(self.codes, weights=of_rows, minlength=len(self.names)).astype(np.float64)

    def shares(self, of_rows: Mask | Floats) -> Floats:
        """The same as a share of each owner's rows."""
        return np.asarray(self.sums(of_rows) / np.maximum(self.rows, 1))


def owners_table(columns: Columns, roles: Roles, grouped: Mask, faulty: Mask) -> pa.Table:
    """For each owner how many rows, and which share of what is needed is filled, of rows repeats and has a fault."""
    measures = ("filled", "duplicates", "findings")
    schema = pa.schema([("owner", pa.string()), ("rows", pa.int64()), *((name, pa.float64()) for name in measures)])
    if roles.owner is None:
        return schema.empty_table()
    found = _Owners.of(roles.owner)
    order = np.argsort(-found.rows, kind="stable")
    order = order[found.rows[order] > 0]
    names = pa.array([found.names[place] for place in order.tolist()], pa.string())
    shares = (1.0 - found.shares(_lacking(columns)), found.shares(grouped), found.shares(faulty))
    return pa.table([names, pa.array(found.rows[order]), *(pa.array(one[order]) for one in shares)], schema=schema)


def _lacking(columns: Columns) -> Floats:
    """For each row which share of the fields that matching leans on has no value."""
    needed = [~columns.any_valid(reads) for _, reads in groups(columns)]
    return np.sum(needed, axis=0).astype(np.float64) / len(needed) if needed else np.zeros(columns.rows)


def owners(columns: Columns, roles: Roles, grouped: Mask) -> Iterator[Fault]:
    """Rows without an owner, and owners whose rows are worse than the others'."""
    if roles.owner is None:
        return
    yield from fault(
        columns,
        ~roles.owner.valid,
        code="no_owner",
        area="ownership",
        field=roles.owner.column.name,
        says="{have} no owner: nobody will mend {these}.",
        do="Give them to somebody.",
        effort="minutes",
        least=0.01,
        beside="It costs no attachment itself: it keeps the other faults of these rows from being mended.",
    )
    if len(roles.owner.texts) > MOST_OWNERS:
        return
    found = _Owners.of(roles.owner)
    yield from _gaps(columns, roles.owner, found)
    behind = _behind(found, grouped)
    yield from _rows_of(
        (columns, roles.owner, found),
        behind,
        grouped,
        code="owner_duplicates",
        says="repeat a customer more often than those of their colleagues",
    )


def _gaps(columns: Columns, owner: Read, found: _Owners) -> list[Fault]:
    lacking = _lacking(columns)
    behind = _behind(found, lacking)
    return _rows_of(
        (columns, owner, found),
        behind,
        lacking > 0,
        code="owner_gaps",
        says="lack more of name, e-mail, telephone and place than those of their colleagues",
        cells=_like_the_best(columns, found, behind) if behind.any() else {},
    )


def _behind(found: _Owners, bad: Mask | Floats) -> Mask:
    """Owners of whose rows more is bad than of all the others', by more than chance does."""
    others, rest = len(found.codes) - found.rows, bad.sum() - found.sums(bad)
    share, usual = found.shares(bad), rest / np.maximum(others, 1)
    error = np.sqrt(np.maximum(usual * (1 - usual), 1e-4) / np.maximum(found.rows, 1))
    behind: Mask = _compared(found) & (share > usual + BEHIND) & (share > usual + DEVIATIONS * error)
    return behind


def _compared(found: _Owners) -> Mask:
    """Owners with enough rows; none where there are no others to compare with."""
    compared: Mask = found.rows >= FEWEST_OF_OWNER
    compared[-1] = False  # nobody
    return compared & (np.count_nonzero(found.rows[:-1]) > 1)


def _rows_of(
    of: tuple[Columns, Read, _Owners],
    behind: Mask,
    bad: Mask,
    *,
    code: str,
    says: str,
    cells: Mapping[str, Mask] | None = None,
) -> list[Fault]:
    """What is bad of some owners' rows."""
    columns, owner, found = of
    return fault(
        columns,
        behind[found.codes] & bad,
        code=code,
        area="ownership",
        field=owner.column.name,
        says=f"of {counted(int(behind.sum()), 'owner')} {says}.",
        do="Sit down with them (the table of owners has their names) and find out what stops them.",
        effort="hours",
        of=int(found.rows[behind].sum()),
        cells=cells,
    )


def _like_the_best(columns: Columns, found: _Owners, behind: Mask) -> dict[str, Mask]:
    """The cells that would be filled, were the rows of some owners filled as those of the best of the others are."""
    shares = np.where(_compared(found) & ~behind, found.shares(_lacking(columns)), np.inf)
    theirs, best = behind[found.codes], found.codes == int(np.argmin(shares))
    cells = {}
    for _, reads in groups(columns):
        for one in reads:
            lacks = ~columns.any_valid(reads) if one.column.kind is not Kind.NAME else ~one.valid
            least = float(lacks[best].mean()) if np.isfinite(shares).any() else 0.0
            most = float(lacks[theirs].mean())
            cells[one.column.name] = _spread(lacks & theirs, 1 - least / most if most > least else 0.0)
    return cells


def _spread(rows: Mask, share: float) -> Mask:
    """A share of some rows, evenly among them."""
    order = np.cumsum(rows)
    taken: Mask = rows & (np.floor(order * share) > np.floor((order - 1) * share))
    return taken
