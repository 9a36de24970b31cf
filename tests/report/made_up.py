"""Results to report on: a small attach and dedupe run, and audits, metrics and evaluations of their real shapes.

``hostile`` puts one text wherever a result holds a text that came from a user's file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pyarrow as pa

import socialmerge as sm
from socialmerge.foundation import Audit, Finding, Skipped
from socialmerge.outcomes import Metrics, figures

AUDIT_TABLES: dict[str, dict[str, pa.DataType]] = {
    "fields": {
        "field": pa.string(),
        "column": pa.string(),
        **dict.fromkeys(
            ("filled", "valid", "empty", "junk", "placeholder", "malformed", "role", "implausible", "distinct"),
            pa.int64(),
        ),
    },
    "owners": {"owner": pa.string(), "rows": pa.int64(), "filled": pa.float64(), "duplicates": pa.float64()},
    "loop": {"what": pa.string(), "age": pa.string(), "rows": pa.int64()},
    "reach": {"by": pa.string(), "rows": pa.int64(), "share": pa.float64()},
    "worst": {
        "entity_id": pa.string(),
        "rows": pa.int64(),
        "probability": pa.float64(),
        "ids": pa.list_(pa.string()),
    },
}


def _audit_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema(list(AUDIT_TABLES[name].items())))


def finding(number: int, text: str = "an address") -> Finding:
    """A finding; ``text`` stands wherever one may say something."""
    return Finding(
        code=f"empty-{number}",
        area="completeness",
        field=text,
        rows=120 - number,
        share=0.12,
        says=f"12 % of the rows have no {text}.",
        cost=3.4,
        effort="hours",
        do=f"Ask for {text} at the next contact.",
        examples=("c1", "c2"),
    )


def audit(text: str = "an address", *, findings: int = 4, readiness: str = "ready with care") -> Audit:
    """An audit of a thousand rows."""
    shares = {"name": 1000, "email": 880, "phone": 610, "city": 430, text: 90}
    fields = [
        {
            "field": name,
            "column": name.upper() if name != text else text,
            "filled": filled,
            "valid": int(filled * 0.9),
            "empty": 1000 - filled,
            **dict.fromkeys(("junk", "placeholder", "malformed", "role", "implausible"), 3),
            "distinct": filled // 2,
        }
        for name, filled in shares.items()
    ]
    return Audit(
        rows=1000,
        readiness=readiness,
        reasons=(f"12 % of the rows have no {text}.", "About 61 rows repeat somebody."),
        expected_duplicates=61.4,
        interval=(52.0, 71.5),
        findings=tuple(finding(number, text) for number in range(findings)),
        fields=_audit_table("fields", fields),
        owners=_audit_table(
            "owners",
            [{"owner": owner, "rows": 500, "filled": 0.8, "duplicates": 0.05} for owner in ("Maria Okonkwo", text)],
        ),
        loop=_audit_table("loop", [{"what": "leads without an outcome", "age": "over a year", "rows": 41}]),
        reach=_audit_table(
            "reach",
            [{"by": by, "rows": rows, "share": rows / 1000} for by, rows in (("e-mail", 880), ("phone", 610))],
        ),
        worst=_audit_table(
            "worst",
            [{"entity_id": "c1", "rows": 14, "probability": 0.93, "ids": [f"c{n}" for n in range(1, 15)]}],
        ),
        skipped=(Skipped(what="freshness", why=f"no column of dates but {text}"),),
        notes=(f"read as of US, by {text}",),
    )


def _figures(profiles: int, **changes: object) -> dict[str, Any]:
    attached = profiles * 2 // 5
    values: dict[str, Any] = {
        "profiles": profiles,
        "attached": attached,
        "attach_rate": attached / profiles,
        "reviews": profiles // 8,
        "review_rate": 0.125,
        "customers": attached // 2,
        "also": 3,
        "became_after": attached // 10,
        "days_median": 41.0,
        "orders": attached,
        "revenue": attached * 31.5,
        "value_per_profile": attached * 31.5 / profiles,
        "judged": 40,
        "right": 39,
        "precision": 0.975,
        "precision_low": 0.871,
        "precision_high": 0.996,
    }
    return {**values, **changes}


def metrics(text: str = "mastodon", *, channels: int = 3, months: int = 8) -> Metrics:
    """What channels brought over some months."""
    names = [text, "github", "linkedin", *(f"channel{n}" for n in range(channels))][:channels]
    by_month = [
        {
            "month": date(2025 + (month // 12), month % 12 + 1, 1),
            "channel": name,
            **_figures(40 * (place + 1) + 9 * month),
        }
        for month in range(months)
        for place, name in enumerate(names)
    ]
    groups = [
        {"measure": measure, "group": group, "customers": people, "total": mean * 90, "mean": mean}
        | {"low": mean * 0.8, "high": mean * 1.25, "median": mean * 0.7}
        for measure, means in (("revenue", (212.0, 148.0)), ("orders", (3.1, 2.4)))
        for group, mean, people in zip(("attached", "others"), means, (90, 410), strict=True)
    ]
    reached = [{"measure": "customers", "count": 90.0, "whole": 500.0, "share": 0.18, "low": 0.15, "high": 0.216}]
    rounds = [
        {"round": number, "began_at": datetime(2026, number, 3, tzinfo=UTC), "decisions": 20 * number}
        | {"profiles_then": 300 * number, "attached_then": 90 * number, "attach_rate_then": 0.3}
        | {"reviews_then": 40 * number, "review_rate_then": 0.2 - 0.03 * number, "judged_then": 20 * number}
        | {"right_then": 19 * number, "precision_then": 0.95}
        | {"precision_low_then": 0.95 - 0.2 / number, "precision_high_then": 0.99}
        | _figures(300, attach_rate=0.3 + 0.04 * number, review_rate=0.2 - 0.03 * number)
        for number in range(1, 5)
    ]

    def table(schema: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
        return pa.Table.from_pylist(rows, schema=schema)

    return Metrics(
        totals=table(figures.totals_schema(), [_figures(900)]),
        channels=table(figures.channels_schema(), [{"channel": name, **_figures(300)} for name in sorted(names)]),
        months=table(figures.months_schema(), by_month),
        rounds=table(figures.rounds_schema(), rounds),
        groups=table(figures.groups_schema(), groups),
        coverage=table(figures.coverage_schema(), reached),
        currency="EUR",
        columns=(("customers.revenue", "Total spent"),),
        warnings=(f"The difference between the groups is no effect of {text}.",),
    )


NAMES = ("Ada Lovell", "Brendan Okafor", "Chiara Montefiore", "Dmitri Vasquez", "Eun-ji Hartmann", "Farid Lindqvist")


def customers(text: str = "") -> pa.Table:
    """Seven customers, two of them one person; ``text`` stands in every cell of theirs, and heads a column."""
    rows = [
        {
            "id": f"c{number}",
            "full name": f"{name}{text}",
            "email": f"{name.split()[0].lower()}@example.com" if not text else f"{name.split()[0]}{text}@example.com",
            "phone": f"+1 212 555 01{number:02}",
            "city": f"Rivertown{text}",
            f"note{text}": f"prefers letters{text}",
        }
        for number, name in enumerate((*NAMES, NAMES[0]), 1)
    ]
    rows[-1]["phone"] = rows[0]["phone"]
    return pa.Table.from_pylist(rows)


def profiles(text: str = "") -> list[dict[str, Any]]:
    """Profiles of two customers, of somebody who may be one, and of a stranger."""
    return [
        {
            "profile_id": "github:1",
            "channel": "github",
            "handle": f"chiaram{text}",
            "display_name": f"Chiara Montefiore{text}",
            "emails": ["chiara@example.com"],
            "location": f"Rivertown{text}",
        },
        {"profile_id": "github:2", "channel": "github", "handle": "dv", "display_name": f"Dmitri Vasquez{text}"},
        {"profile_id": "mastodon:farid", "channel": "mastodon", "handle": "farid", "display_name": "F. Lindqvist"},
        {"profile_id": "github:4", "channel": "github", "handle": f"zzyzx{text}", "display_name": "Quentin Abernathy"},
    ]


def runs(text: str = "") -> tuple[sm.AttachResult, sm.DedupeResult]:
    """An attach and a dedupe run of these."""
    return sm.attach(profiles(text), to=customers(text), region="US"), sm.dedupe(customers(text), region="US")


@cache
def evaluation(*, error: float = 0.012) -> sm.Evaluation:
    """How good a run was, as measured."""
    result, _ = runs()
    found = sm.evaluate(result, pa.table({"profile_id": ["github:1", "github:2"], "customer_id": ["c3", "c4"]}))
    said = (0.05, 0.3, 0.62, 0.9, 0.999)
    points = tuple((one, max(0.0, one - error), 20 + 8 * place) for place, one in enumerate(said))
    return replace(found, reliability=points, calibration_error=error)


def everything(text: str = "") -> list[Any]:
    """One of each kind, with ``text`` in all of them."""
    if not text:
        return [audit(), *runs(), evaluation(), metrics()]
    return [audit(text), *runs(text), evaluation(), metrics(text)]
