"""What can be put on a page: what a report needs of each result, and telling which it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

__all__ = ["AuditLike", "FindingLike", "MetricsLike", "SkippedLike"]


class FindingLike(Protocol):
    """A finding of an audit."""

    @property
    def code(self) -> str:
        """A short name for programs."""

    @property
    def area(self) -> str:
        """Which part of the foundation it is about."""

    @property
    def field(self) -> str | None:
        """The field, where it is about one."""

    @property
    def rows(self) -> int:
        """How many rows it touches."""

    @property
    def share(self) -> float:
        """Their share of all rows."""

    @property
    def says(self) -> str:
        """The finding in plain words."""

    @property
    def cost(self) -> float | None:
        """Errors of a thousand profiles attached that come from it, where that was measured."""

    @property
    def effort(self) -> str:
        """``minutes``, ``hours`` or ``days``."""

    @property
    def do(self) -> str:
        """What to do about it."""

    @property
    def examples(self) -> Sequence[str]:
        """Ids of some rows."""


class SkippedLike(Protocol):
    """What an audit could not look at."""

    @property
    def what(self) -> str:
        """What it was."""

    @property
    def why(self) -> str:
        """Why not."""


@runtime_checkable
class AuditLike(Protocol):
    """What ``audit`` gives, as far as it is shown."""

    @property
    def rows(self) -> int:
        """How many rows the table has."""

    @property
    def readiness(self) -> str:
        """``ready``, ``ready with care`` or ``not ready``."""

    @property
    def reasons(self) -> Sequence[str]:
        """Why."""

    @property
    def expected_duplicates(self) -> float:
        """Rows beyond the first of each person, as expected."""

    @property
    def interval(self) -> tuple[float, float]:
        """Where that number is, with 95 % confidence."""

    @property
    def findings(self) -> Sequence[FindingLike]:
        """Faults, the most gain for the least effort first."""

    @property
    def fields(self) -> pa.Table:
        """A row for each field."""

    @property
    def owners(self) -> pa.Table:
        """A row for each owner of records."""

    @property
    def loop(self) -> pa.Table:
        """Leads without an outcome and deals without a contact."""

    @property
    def reach(self) -> pa.Table:
        """How many customers could be matched by what."""

    @property
    def worst(self) -> pa.Table:
        """The worst clusters."""

    @property
    def skipped(self) -> Sequence[SkippedLike]:
        """What could not be looked at."""

    @property
    def notes(self) -> Sequence[str]:
        """What to know besides."""


@runtime_checkable
class MetricsLike(Protocol):
    """What ``metrics`` gives, as far as it is shown."""

    @property
    def totals(self) -> pa.Table:
        """One row: all profiles together."""

    @property
    def channels(self) -> pa.Table:
        """A row for each channel."""

    @property
    def months(self) -> pa.Table:
        """A row for each channel and month."""

    @property
    def rounds(self) -> pa.Table:
        """A row for each round."""

    @property
    def groups(self) -> pa.Table:
        """Attached customers against others."""

    @property
    def coverage(self) -> pa.Table:
        """How much of the customer base is reached."""

    @property
    def currency(self) -> str:
        """Of all amounts."""

    @property
    def warnings(self) -> Sequence[str]:
        """What to keep in mind."""
