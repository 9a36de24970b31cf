"""Dates that are dates and yet cannot be: births in the future or too long ago, records of tomorrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from socialmerge.foundation.columns import Columns
from socialmerge.foundation.roles import Roles, days_of
from socialmerge.records import Kind

__all__ = ["Implausible", "implausible"]

Mask = npt.NDArray[np.bool_]

OLDEST = 115
"""Years beyond which nobody is a customer."""
_YEAR = 365.25
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Implausible:
    """Rows with such a date by column, what is wrong with them, and the day that ages count from."""

    masks: Mapping[str, Mask] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    today: dt.date | None = None

    def rows(self, column: str, count: int) -> Mask:
        """Which of so many rows."""
        return self.masks.get(column, np.zeros(count, bool))

    def says(self, column: str) -> str:
        """What is wrong with the dates of a column."""
        return self.why.get(column, "")


def _today(roles: Roles) -> dt.date | None:
    """The latest day on which a record was made or touched; None where there is none."""
    found = [days_of(one) for one in (roles.created, roles.touched) if one is not None]
    latest = max((float(np.nanmax(days)) for days in found if np.isfinite(days).any()), default=None)
    return None if latest is None else _EPOCH + dt.timedelta(days=latest)


def implausible(columns: Columns, roles: Roles, now: dt.date | None) -> Implausible:
    """Look at births, and at when records were made and touched; without a day only the oldest can be told."""
    masks, why = {}, {}
    day = None if now is None else (now - _EPOCH).days
    for one in columns.of(Kind.DATE, "birth"):
        days = days_of(one)
        early = days < ((day or 0) - OLDEST * _YEAR if day is not None else -(OLDEST - 30) * _YEAR)
        late = days > day if day is not None else np.zeros(columns.rows, bool)
        if early.any() or late.any():
            masks[one.column.name] = early | late
            counts = ((late, "in the future"), (early, "too long ago"))
            why[one.column.name] = ", ".join(f"{int(rows.sum()):,} {what}" for rows, what in counts if rows.any())
    for role in (roles.created, roles.touched):
        if role is not None and day is not None:
            late = days_of(role) > day + 1  # a day for the time zones
            if late.any():
                masks[role.column.name], why[role.column.name] = late, f"{int(late.sum()):,} in the future"
    return Implausible(masks, why, now or _today(roles))
