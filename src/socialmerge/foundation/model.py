"""What an audit says: findings, tables of figures, and a verdict."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import pyarrow as pa

__all__ = ["AREAS", "EFFORTS", "READINESS", "Audit", "Finding", "Skipped"]

AREAS = (
    "uniqueness",
    "completeness",
    "validity",
    "consistency",
    "freshness",
    "generic",
    "ownership",
    "loop",
    "reach",
)
READINESS = ("ready", "ready with care", "not ready")
EFFORTS = ("minutes", "hours", "days")
_SHOWN = 3
_LEAST = 0.5
"""Errors of a thousand below which a cost without an interval is none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a table, in plain words.

    ``rows`` are those that it is wrong with and ``share`` their share of the rows that it was looked for in. ``cost``
    is an estimate of how many more of a thousand profiles are attached to the wrong customer or to none for it, and
    ``cost_interval`` where that lies in 95 of 100 such samples; None where it was not measured. A cost whose interval
    holds zero is not ``measurable``: it may be chance, and does not count in the order of the findings. ``effort`` is
    how long mending takes; ``do`` says how. ``examples`` are ids of rows, and no values. ``hides`` is how many leads or
    customers metrics cannot count for it, and ``beside`` says what it costs besides attachments.
    """

    code: str
    area: str
    field: str | None
    rows: int
    share: float
    says: str
    cost: float | None
    effort: str
    do: str
    examples: tuple[str, ...] = ()
    cost_interval: tuple[float, float] | None = None
    hides: int = 0
    beside: str = ""

    @property
    def measurable(self) -> bool:
        """Whether it is known to cost something: the whole interval of the cost is above zero."""
        if self.cost is None:
            return False
        return self.cost >= _LEAST if self.cost_interval is None else self.cost_interval[0] > 0

    @property
    def cost_words(self) -> str:
        """What it costs as sentences, without figures finer than they are known; "" where nothing is known of it.

        >>> Finding("no_email", "completeness", "email", 3, 0.5, "", 27.7, "days", "", (), (15.2, 41.0)).cost_words
        'Mending it saves about 28 wrong answers in a thousand profiles (95 %: 15 to 41).'
        """
        return " ".join(said for said in (_measured(self), self.beside) if said)

    def as_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return asdict(self) | {"measurable": self.measurable, "cost_words": self.cost_words}


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be looked at, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What is to be known of a table of customers before social data goes in.

    ``readiness`` is ``"ready"``, ``"ready with care"`` or ``"not ready"``, for the ``reasons``. ``expected_duplicates``
    are rows beyond the first of each person, and ``interval`` holds the true number in 95 of 100 such tables. Where
    nothing was ``matched`` (a quick look) there are at least so many, and the interval has no upper end to speak of.
    ``findings`` come with the greatest gain for the effort first. The tables:

    - ``fields``: ``field, column, filled, valid, empty, junk, placeholder, malformed, role, distinct`` (rows)
    - ``owners``: ``owner, rows, filled, duplicates, findings`` (shares of the owner's rows but for ``rows``)
    - ``loop``: ``what, age, rows``: leads without an outcome and won deals without a contact, by age
    - ``reach``: ``by, rows, share``: who can be found by what
    - ``worst``: ``entity_id, rows, probability, ids``: the largest groups of rows that are one person
    """

    rows: int
    readiness: str
    reasons: tuple[str, ...]
    expected_duplicates: float
    interval: tuple[float, float]
    findings: tuple[Finding, ...]
    fields: pa.Table
    owners: pa.Table
    loop: pa.Table
    reach: pa.Table
    worst: pa.Table
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    matched: bool = True

    @property
    def ready(self) -> bool:
        """Whether social data may go in, with care or without."""
        return self.readiness != "not ready"

    def as_dict(self) -> dict[str, object]:
        """Everything as plain values: tables as lists of rows."""
        tables = {name: getattr(self, name).to_pylist() for name in ("fields", "owners", "loop", "reach", "worst")}
        return {
            "rows": self.rows,
            "readiness": self.readiness,
            "ready": self.ready,
            "reasons": list(self.reasons),
            "expected_duplicates": self.expected_duplicates,
            "interval": list(self.interval),
            "findings": [finding.as_dict() for finding in self.findings],
            **tables,
            "skipped": [asdict(one) for one in self.skipped],
            "notes": list(self.notes),
            "matched": self.matched,
        }

    def to_json(self) -> str:
        """The same as JSON."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, default=str)

    def __str__(self) -> str:
        """The verdict and the findings, to read."""
        lines = [
            f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}: {self.readiness}",
            *(f"  {reason}" for reason in self.reasons),
            self._repeats(),
        ]
        for number, finding in enumerate(self.findings, 1):
            lines += ["", f"{number}. {finding.says}", f"   {finding.do} ({finding.effort})"]
            if finding.cost_words:
                lines.append(f"   {finding.cost_words}")
            if finding.examples:
                lines.append(f"   such as {_row_ids(finding)}")
        lines += [f"\nnot looked at: {one.what}: {one.why}" for one in self.skipped]
        lines += [f"\nnote: {note}" for note in self.notes]
        return "\n".join(lines)

    def _repeats(self) -> str:
        low, high = self.interval
        count = round(self.expected_duplicates)
        rows = f"{count:,} {'row repeats' if count == 1 else 'rows repeat'} somebody"
        return f"about {rows} (95 %: {low:,.0f} to {high:,.0f})" if self.matched else f"at least {rows}"


def _measured(one: Finding) -> str:
    if one.cost is None:
        return ""
    if one.measurable:
        about = f"Mending it saves about {_answers(one.cost, 'wrong')} in a thousand profiles"
        return f"{about}{_between(*one.cost_interval)}." if one.cost_interval else f"{about}."
    if one.cost_interval is None:
        return "No measurable cost: mending it alone was measured to save no wrong answer."
    more, fewer = (max(end, 0.0) for end in (-one.cost_interval[0], one.cost_interval[1]))
    return (
        f"No measurable cost: with it alone mended, between {_figure(more)} more and {_figure(fewer)} fewer answers "
        "in a thousand profiles are wrong (95 %), which may be chance."
    )


def _answers(count: float, how: str) -> str:
    said = _figure(count)
    return f"{said} {how} answer{'' if said == '1' else 's'}"


def _between(low: float, high: float) -> str:
    return f" (95 %: {_figure(low)} to {_figure(high)})"


def _figure(value: float) -> str:
    """A figure of a sample: whole, but that of little is not said to be nothing."""
    return f"{value:,.0f}" if value >= 1 or value < 0.05 else f"{value:.1f}"


def _row_ids(one: Finding) -> str:
    shown = one.examples[:_SHOWN]
    if all(name.startswith("row ") for name in shown):  # these are numbers of rows already
        return ", ".join(shown)
    return f"{'row' if len(shown) == 1 else 'rows'} {', '.join(shown)}"
