"""The figures of ``metrics`` as lines to read: what was counted, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from socialmerge.outcomes.numbers import some

if TYPE_CHECKING:
    from socialmerge.outcomes.figures import Metrics

__all__ = ["text_of"]

_WIDTH = 100
_UNKNOWN = "-"
_SHOWN = 12
Row = Mapping[str, object]


def text_of(metrics: Metrics) -> str:
    """All figures in plain words, at most 100 characters a line but for long names of channels."""
    total = metrics.totals.to_pylist()[0]
    of_orders = [one for one in metrics.warnings if one.startswith("orders: ")]  # every figure rests on them
    parts = [
        _head(total, metrics.currency),
        _notes("How the orders were read:", of_orders),
        _by_channel(metrics),
        _by_month(metrics),
        _by_round(metrics),
        _by_group(metrics),
        _reach(metrics),
        _notes("To know before these figures are used:", [one for one in metrics.warnings if one not in of_orders]),
    ]
    return "\n\n".join(part for part in parts if part)


def _head(total: Row, currency: str) -> str:
    are, wait = _verb(total["attached"], "is", "are"), _verb(total["reviews"], "waits", "wait")
    seen = (
        f"{_some(total['profiles'], 'profile was', 'profiles were')} seen, {_number(total['attached'])} "
        f"({_percent(total['attach_rate'])}) {are} attached to somebody in the customer table, and "
        f"{_number(total['reviews'])} ({_percent(total['review_rate'])}) {wait} for a person."
    )
    undated, was = _number(total["became_unknown"]), _verb(total["became_before"], "was", "were")
    became = (
        f"They are {_some(total['customers'], 'customer', 'customers')}, of whom {_number(total['became_after'])} "
        f"became one after they were first seen{_time(total)}; {_number(total['became_before'])} "
        f"{was} one before or on that day, and of {undated} a date is missing."
    )
    lines = [seen, became]
    if total["revenue"] is not None:
        bought = f"{_some(total['orders'], 'order', 'orders')} and " if total["orders"] is not None else ""
        lines.append(
            f"They brought {bought}{_money(total['revenue'], currency)}: "
            f"{_money(total['value_per_profile'], currency)} a profile, where nobody's customer counts as zero."
        )
    if total["judged"]:
        lines.append(
            f"People judged {_some(total['judged'], 'attachment', 'attachments')} and agreed with "
            f"{_number(total['right'])}: precision {_percent(total['precision'])}, between "
            f"{_percent(total['precision_low'])} and {_percent(total['precision_high'])} (95 %)."
        )
    return "\n".join("\n".join(wrap(line, _WIDTH)) for line in lines)


def _time(total: Row) -> str:
    if total["days_median"] is None:
        return ""
    return (
        f" (half of them within {_some(total['days_median'], 'day', 'days')}, the middle half between "
        f"{_number(total['days_q1'])} and {_number(total['days_q3'])})"
    )


_COLUMNS = (
    ("profiles", "profiles"),
    ("attached", "attached"),
    ("reviews", "to review"),
    ("customers", "customers"),
    ("also", "also here"),
    ("became_after", "after"),
    ("days_median", "days"),
    ("orders", "orders"),
    ("revenue", "revenue"),
    ("value_per_profile", "a profile"),
)


_SUMMED = ("profiles", "attached", "reviews", "customers", "became_after", "orders", "revenue")


def _by_channel(metrics: Metrics) -> str:
    rows = [(row["channel"], row) for row in metrics.channels.to_pylist()]
    total = metrics.totals.to_pylist()[0]
    lines = _figures("channel", [*rows, ("all", total)], metrics)
    note = (
        "A customer counts in the channel where they were seen first, so that channels add up; 'also here' are "
        "customers of other channels with a profile here too. 'after': became customers after they were first seen, in "
        "so many days (median)."
    )
    return "\n".join([*lines, *wrap(note, _WIDTH)])


def _by_month(metrics: Metrics) -> str:
    months: dict[object, dict[str, object]] = {}
    for row in metrics.months.to_pylist():
        sums = months.setdefault(row["month"], dict.fromkeys(name for name, _ in _COLUMNS))
        for name in _SUMMED:
            if row[name] is not None:
                sums[name] = row[name] + (sums[name] or 0)
    if len(months) < 2:
        return ""
    rows = [(f"{month:%Y-%m}" if month else "unknown", sums) for month, sums in months.items()]
    left = len(rows) - _SHOWN
    are = some(left, "earlier month is", "earlier months are")
    more = [f"({are} in the table 'months')"] if left > 0 else []
    return "\n".join([*_figures("first seen", rows[-_SHOWN:], metrics), *more])


def _by_round(metrics: Metrics) -> str:
    rows = metrics.rounds.to_pylist()
    if len(rows) < 2 and not any(row["judged_then"] for row in rows):
        return ""
    heads = [
        "round",
        "began",
        "profiles",
        "attached",
        "rate",
        "all then",
        "review then",
        "decisions",
        "precision then",
        "revenue",
    ]
    cells = [
        [
            str(row["round"]),
            f"{row['began_at']:%Y-%m-%d}" if row["began_at"] else _UNKNOWN,
            _number(row["profiles"]),
            _number(row["attached"]),
            _percent(row["attach_rate"]),
            _percent(row["attach_rate_then"]),
            _number(row["reviews_then"]),
            _number(row["decisions"]),
            _between({name: row[f"{name}_then"] for name in ("precision", "precision_low", "precision_high")}),
            _money(row["revenue"]),
        ]
        for row in rows
    ]
    note = (
        "Of each round's own profiles as they stand now; 'then' is of all profiles that were in when the round ended, "
        "as they stood at that time: the rate attached, how many were in question (at least), and how many of the "
        "machine's attachments that people had judged were right."
    )
    return "\n".join([*_grid([heads, *cells], left=2), *wrap(note, _WIDTH)])


def _between(row: Row) -> str:
    if row["precision"] is None:
        return _UNKNOWN
    return f"{_percent(row['precision'])} ({_percent(row['precision_low'])} to {_percent(row['precision_high'])})"


def _by_group(metrics: Metrics) -> str:
    rows = metrics.groups.to_pylist()
    if not rows:
        return ""
    heads = ["a customer", "", "customers", "mean", "95 % interval", "median", "total"]
    cells = []
    for row in rows:
        interval = f"{_money(row['low'])} to {_money(row['high'])}" if row["low"] is not None else _UNKNOWN
        named = {"attached": "with a profile", "others": "without", "difference": "difference"}[row["group"]]
        figures = (_number(row["customers"]), _money(row["mean"]), interval)
        cells.append([row["measure"], named, *figures, _money(row["median"]), _money(row["total"])])
    return "\n".join(_grid([heads, *cells], left=2))


def _reach(metrics: Metrics) -> str:
    cells = [
        [row["measure"], _number(row["count"]), "of", _number(row["whole"]), _percent(row["share"])]
        for row in metrics.coverage.to_pylist()
    ]
    return "\n".join(["Of the customer base, these have a profile:", *_grid(cells, left=1)])


def _notes(title: str, notes: Sequence[str]) -> str:
    wrapped = [wrap(one, _WIDTH - 2) for one in notes]
    return "\n".join([title, *("- " + "\n  ".join(lines) for lines in wrapped)]) if notes else ""


def _figures(head: str, rows: Sequence[tuple[str, Row]], metrics: Metrics) -> list[str]:
    used = [(name, title) for name, title in _COLUMNS if any(row[name] is not None for _, row in rows)]
    cells = [[name, *(_cell(column, row[column]) for column, _ in used)] for name, row in rows]
    lines = _grid([[head, *(title for _, title in used)], *cells], left=1)
    if metrics.currency and any(name == "revenue" for name, _ in used):
        lines[0] += f"  ({metrics.currency})"
    return lines


def _cell(column: str, value: object) -> str:
    return _money(value) if column in ("revenue", "value_per_profile") else _number(value)


def _grid(rows: Sequence[Sequence[str]], *, left: int) -> list[str]:
    """Columns of equal width, the first ``left`` of them from the left and the others from the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _some(value: object, one: str, many: str) -> str:
    return f"{_number(value)} {_verb(value, one, many)}"


def _verb(value: object, one: str, many: str) -> str:
    return one if value == 1 else many


def _number(value: object) -> str:
    if value is None:
        return _UNKNOWN
    number = float(value)  # type: ignore[arg-type]  # a cell of a column of numbers
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.1f}" if abs(number) < 1000 else f"{number:,.0f}"


def _money(value: object, currency: str = "") -> str:
    if value is None:
        return _UNKNOWN
    return f"{currency} {value:,.2f}".strip()


def _percent(value: object) -> str:
    return _UNKNOWN if value is None else f"{100 * float(value):.1f} %"  # type: ignore[arg-type]  # a share
