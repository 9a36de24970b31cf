"""The figures that ``metrics`` gives: their tables, as JSON and as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from socialmerge.outcomes.metrics_text import text_of

__all__ = [
    "Metrics",
    "channels_schema",
    "coverage_schema",
    "groups_schema",
    "months_schema",
    "rounds_schema",
    "totals_schema",
]

_FIGURES = (
    *((name, pa.int64()) for name in ("profiles", "attached")),
    ("attach_rate", pa.float64()),
    ("reviews", pa.int64()),
    ("review_rate", pa.float64()),
    *((name, pa.int64()) for name in ("customers", "also", "became_after", "became_before", "became_unknown")),
    *((name, pa.float64()) for name in ("days_q1", "days_median", "days_q3")),
    ("orders", pa.int64()),
    *((name, pa.float64()) for name in ("revenue", "revenue_touched", "revenue_after", "value_per_profile")),
    *((name, pa.int64()) for name in ("judged", "right")),
    *((name, pa.float64()) for name in ("precision", "precision_low", "precision_high")),
)


@cache
def totals_schema() -> pa.Schema:
    """One row: the figures of all profiles together.

    ``profiles`` were seen; of them ``attached`` belong to a row of the customer table, and ``reviews`` wait for a
    person; the rates are shares of ``profiles``. ``customers`` are people who buy, each once, however many rows,
    profiles and channels they have. Of these, ``became_after`` became customers on a later day than they were first
    seen, ``became_before`` on that day or earlier, and of ``became_unknown`` a date is missing; ``days_q1``,
    ``days_median`` and ``days_q3`` say how long it took those who became customers after. ``orders`` and ``revenue``
    are theirs, ``revenue_after`` that of orders after the day on which they were first seen. ``value_per_profile`` is
    ``revenue`` over ``profiles``: a profile that is nobody's customer counts as zero. Of the machine's attachments
    people ``judged`` some, and found so many ``right``; ``precision`` is their share, between ``precision_low`` and
    ``precision_high`` (Wilson, 95 %). What is not known is null.
    """
    return pa.schema(_FIGURES)


@cache
def channels_schema() -> pa.Schema:
    """One row a channel, sorted by name.

    The figures are those of the totals, and add up to them: a customer counts in the channel where they were first
    seen, with all orders and all revenue. ``also`` is how many customers of other channels have a profile here too, and
    ``revenue_touched`` the revenue of all customers with a profile here: these two overlap between channels.
    """
    return pa.schema([("channel", pa.string()), *_FIGURES])


@cache
def months_schema() -> pa.Schema:
    """One row for each month and channel, sorted by both.

    ``month`` is the first day of the month in which a profile was first seen, null where that is not known. A customer
    counts in the month and the channel in which they were first seen.
    """
    return pa.schema([("month", pa.date32()), ("channel", pa.string()), *_FIGURES])


@cache
def rounds_schema() -> pa.Schema:
    """One row a round, in order, with the figures of the profiles that came in with it, as they stand now.

    A round begins when profiles come in on another day than those before, or after somebody decided something or
    changed the plan. ``began_at`` is null for a run that has no store. ``decisions`` counts what people decided from
    then until the next round. A customer counts in the round that first brought a profile of theirs. ``profiles_then``
    is how many profiles of all rounds there were when the round ended, and ``attached_then`` how many of them belonged
    to a customer at that time, whatever became of them later; ``attach_rate_then`` is their share. ``reviews_then``
    were nobody's at that time and in question: a person is asked about them still, or somebody spoke of them later;
    there were at least so many, and ``review_rate_then`` is their share. By then people had judged ``judged_then`` of
    the machine's attachments, as these stood when they spoke, and found ``right_then`` right: ``precision_then``,
    between ``precision_low_then`` and ``precision_high_then``.
    """
    head = [("round", pa.int64()), ("began_at", pa.timestamp("us", tz="UTC")), ("decisions", pa.int64())]
    head += [("profiles_then", pa.int64()), ("attached_then", pa.int64()), ("attach_rate_then", pa.float64())]
    head += [("reviews_then", pa.int64()), ("review_rate_then", pa.float64())]
    head += [("judged_then", pa.int64()), ("right_then", pa.int64())]
    head += [(f"precision{end}_then", pa.float64()) for end in ("", "_low", "_high")]
    return pa.schema([*head, *_FIGURES])


@cache
def groups_schema() -> pa.Schema:
    """Customers with a profile against the others, for revenue and for orders: one row a measure and group.

    ``measure`` is "revenue" or "orders"; ``group`` is "attached", "others" or "difference" (attached less others).
    ``customers`` counts people, ``total`` and ``mean`` are of the measure, ``low`` and ``high`` the 95 % interval of
    the mean, corrected for skewness; of the difference there is no median. An interval of fewer than two people is
    null.
    """
    figures = ("total", "mean", "low", "high", "median")
    head = [("measure", pa.string()), ("group", pa.string()), ("customers", pa.int64())]
    return pa.schema([*head, *((name, pa.float64()) for name in figures)])


@cache
def coverage_schema() -> pa.Schema:
    """How far the profiles reach into the customer base: one row a measure.

    ``count`` of ``whole``, as ``share`` between ``low`` and ``high`` (Wilson, 95 %; null for money). ``measure`` is
    "rows" (rows of the table that have a profile), "people" (each once, however many rows), "customers" (those who
    buy), "orders" or "revenue".
    """
    figures = ("count", "whole", "share", "low", "high")
    return pa.schema([("measure", pa.string()), *((name, pa.float64()) for name in figures)])


@dataclass(frozen=True, slots=True)
class Metrics:
    """What came of the profiles: print it, take the tables, or :meth:`to_json`.

    Args:
        totals: one row, all profiles together.
        channels: one row a channel.
        months: one row for each month and channel.
        rounds: one row a round.
        groups: customers with a profile against the others, with intervals.
        coverage: how far the profiles reach into the customer base.
        currency: of all amounts, as ISO 4217 or as the symbol that stood there; "" where nothing says it.
        columns: which column of which table was taken for what, as ("customers.revenue", "Total Spent").
        warnings: what to know before the figures are used, as sentences.
    """

    totals: pa.Table
    channels: pa.Table
    months: pa.Table
    rounds: pa.Table
    groups: pa.Table
    coverage: pa.Table
    currency: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The figures in plain words and small tables, with what to know before they are used."""
        return text_of(self)

    def as_dict(self) -> dict[str, object]:
        """All of it as plain values: each table as a list of rows, the totals as one."""
        names = ("channels", "months", "rounds", "groups", "coverage")
        tables = {name: _rows(getattr(self, name)) for name in names}
        head: dict[str, object] = {"totals": _rows(self.totals)[0]}
        tail = {"currency": self.currency, "columns": dict(self.columns), "warnings": list(self.warnings)}
        return head | tables | tail

    def to_json(self) -> str:
        """All of it as one JSON object; dates are ISO 8601, and what is not known is null."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False)


def _rows(table: pa.Table) -> list[dict[str, object]]:
    """Rows as plain values, dates as text."""
    times = [name for name in table.column_names if pa.types.is_temporal(table.schema.field(name).type)]
    rows: list[dict[str, object]] = table.to_pylist()
    for row in rows:
        row |= {name: value.isoformat() for name in times if (value := row[name]) is not None}  # type: ignore[attr-defined]  # a date
    return rows
