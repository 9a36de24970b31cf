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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a table, in plain words.

    ``rows`` are those that it is wrong with and ``share`` their share of the rows that it was looked for in. ``cost``
    is an estimate of how many more of a thousand profiles are attached to the wrong customer or to none for it; None
    where that was not measured. ``effort`` is how long mending takes; ``do`` says how. ``examples`` are ids of rows,
    and no values.
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
            "findings": [asdict(finding) for finding in self.findings],
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
            f"{self.rows:,} rows: {self.readiness}",
            *(f"  {reason}" for reason in self.reasons),
            self._repeats(),
        ]
        for number, finding in enumerate(self.findings, 1):
            lines += ["", f"{number}. {finding.says}", f"   {finding.do} ({finding.effort})"]
            if finding.cost is not None:
                lines.append(f"   {_cost(finding.cost)}")
        lines += [f"\nnot looked at: {one.what}: {one.why}" for one in self.skipped]
        lines += [f"\nnote: {note}" for note in self.notes]
        return "\n".join(lines)

    def _repeats(self) -> str:
        low, high = self.interval
        if not self.matched:
            return f"at least {self.expected_duplicates:,.0f} rows repeat somebody"
        return f"about {self.expected_duplicates:,.0f} rows repeat somebody (95 %: {low:,.0f} to {high:,.0f})"


def _cost(cost: float) -> str:
    """What a fault costs, without figures behind the point: they are below what a sample can tell."""
    if round(cost) < 1:
        return "mending it alone was measured to save no wrong answer"
    return f"mending it saves about {cost:,.0f} wrong answers in a thousand profiles"
