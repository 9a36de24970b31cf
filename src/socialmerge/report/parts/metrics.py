"""The part of a report on metrics: what the channels brought, and how far each round came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from socialmerge.outcomes import Metrics
from socialmerge.report import plots
from socialmerge.report.blocks import Action, Block, Figure, Figures, Grid, Key, Note, Plot, Section, heads
from socialmerge.report.masking import Masking
from socialmerge.report.parts.columns import How, Shown, grid
from socialmerge.report.wording import count, days, money, percent, sentence

__all__ = ["actions", "section"]

_TOP = 20
_MONTHS = 36
_CHANNELS_DRAWN = 8
_LINES = 5
_FEW = 0.05
_ENOUGH = 100
_LEAD = (
    "Not how many followers there are, but how many of them are customers, became customers, and what they are worth. "
    "A follower who is nobody's customer counts as nothing here."
)
_ASK = "An e-mail address, or a link to an account that is on record, is what lets a profile be recognised."
_NOT_CAUSAL = (
    "Customers with a profile may be worth more because they are keener, not because they have a profile: the "
    "difference is no effect of the channel. Where the intervals overlap, there may be no difference at all."
)
_MEASURES = {
    "rows": "Rows of the customer table",
    "people": "People",
    "customers": "People who buy",
    "orders": "Orders",
    "revenue": "Revenue",
}
_GROUPS = {"attached": "with a profile", "others": "without", "difference": "difference"}


def section(found: Metrics, masking: Masking, *, id: str) -> Section:
    """From followers to customers."""
    return Section(
        id,
        "What the channels bring",
        _LEAD,
        (
            *_figures(found),
            *(Note(sentence(masking.text(one)), "care") for one in found.warnings),
            *_channels(found, masking, id),
            *_months(found.months, id),
            *_coverage(found.coverage, id),
            *_groups(found, id),
            *_rounds(found, masking, id),
        ),
    )


def actions(found: Metrics) -> list[Action]:
    """What the figures ask for."""
    rows = found.channels.to_pylist()
    poor = [row["channel"] for row in rows if row["profiles"] >= _ENOUGH and row["attached"] < _FEW * row["profiles"]]
    if not poor:
        return []
    why = f"Fewer than one profile in twenty could be attached on {', '.join(map(str, poor[:3]))}. {_ASK}"
    return [Action("ask", 60, "Ask for one thing more where few can be recognised", why, "days")]


def _unit(found: Metrics) -> str:
    return f" ({found.currency})" if found.currency else ""


def _figures(found: Metrics) -> list[Block]:
    if not len(found.totals):
        return []
    row = found.totals.to_pylist()[0]
    after, seen = row["became_after"], count(row["profiles"], "profile")
    half = f"half of them within {days(row['days_median'])}" if row["days_median"] else ""
    figures = [
        Figure(_or_nothing(row["customers"], count), "customers with a profile", f"among {seen}"),
        Figure(_or_nothing(after, count), "became customers after", half),
        Figure(_or_nothing(row["revenue"], money), f"revenue{_unit(found)}", "of customers with a profile"),
        Figure(_or_nothing(row["value_per_profile"], money), f"a profile is worth{_unit(found)}", "over all profiles"),
    ]
    return [Figures(tuple(figures))]


def _channels(found: Metrics, masking: Masking, id: str) -> list[Block]:
    """Profiles by channel, the attached ones apart; and the table of all that is known of each."""
    if not len(found.channels):
        return []
    ranked = found.channels.sort_by([("profiles", "descending"), ("channel", "ascending")])
    rows = ranked.slice(0, _CHANNELS_DRAWN).to_pylist()
    title = "Profiles by channel, and how many are attached"
    of = [f"{row['attached']:,} of {row['profiles']:,}" for row in rows]
    bars = [
        plots.Row(str(row["channel"]), (row["attached"], row["profiles"] - row["attached"]), said)
        for row, said in zip(rows, of, strict=True)
    ]
    desc = "; ".join(f"{bar.label}: {bar.said}" for bar in bars)
    whole = float(max(row["profiles"] for row in rows))
    svg = plots.rows(bars, name=f"{id}-channels", title=title, desc=desc, whole=whole, colours=("s3", "s5"))
    columns = heads("channel", numbers=("profiles", "attached"))
    cells = tuple((str(row["channel"]), count(row["profiles"]), count(row["attached"])) for row in rows)
    numbers = Grid(title, columns, cells, _left_out((len(found.channels) - len(rows), "smaller channel")))
    legend = (Key("attached to a customer", "s3"), Key("not attached", "s5"))
    shown = _shown_of_channels(_unit(found))
    return [
        Plot(title, svg, numbers, legend),
        grid(ranked, "Every channel: from profiles to customers", shown, masking, top=_TOP, what="channel"),
    ]


def _shown_of_channels(unit: str) -> tuple[Shown, ...]:
    return (
        Shown("channel", "channel", How.WORDS),
        Shown("profiles", "profiles", How.COUNT),
        Shown("attach_rate", "attached", How.SHARE),
        Shown("reviews", "to review", How.COUNT),
        Shown("customers", "customers, first seen here", How.COUNT),
        Shown("also", "customers seen here too", How.COUNT),
        Shown("became_after", "became customers after", How.COUNT),
        Shown("days_median", "which took (median)", How.DAYS),
        Shown("revenue", f"revenue{unit}", How.MONEY),
        Shown("value_per_profile", f"a profile is worth{unit}", How.MONEY),
        Shown("precision", "precision, of those that people judged", How.SHARE, ("precision_low", "precision_high")),
    )


def _months(table: pa.Table, id: str) -> list[Block]:
    """A line a channel, of the profiles attached by the month in which they were first seen."""
    found = [row for row in table.to_pylist() if row["month"] is not None]
    months = sorted({str(row["month"])[:7] for row in found})
    if len(months) < 2:
        return []
    shown = months[-_MONTHS:]
    sums: dict[str, dict[str, float]] = {}
    for row in found:
        sums.setdefault(str(row["channel"]), {})[str(row["month"])[:7]] = float(row["attached"] or 0)
    ranked = sorted(sums, key=lambda name: (-sum(sums[name].values()), name))
    lines = [plots.Line(name, tuple(sums[name].get(month, 0.0) for month in shown)) for name in ranked[:_LINES]]
    left = _left_out((len(months) - len(shown), "earlier month"), (len(ranked) - len(lines), "smaller channel"))
    title = "Attached profiles by the month in which they were first seen"
    return [_line_plot(lines, shown, title, f"{id}-months", head="month", say=count, left=left)]


def _coverage(table: pa.Table, id: str) -> list[Block]:
    """How far the profiles reach into the customer base."""
    rows = [row for row in table.to_pylist() if row["share"] is not None]
    if not rows:
        return []
    title = "How much of the customer base the profiles reach"
    bars = [
        plots.Row(_MEASURES.get(row["measure"], row["measure"]), (row["share"],), percent(row["share"])) for row in rows
    ]
    desc = "; ".join(f"{bar.label}: {bar.said}" for bar in bars)
    svg = plots.rows(bars, name=f"{id}-coverage", title=title, desc=desc, whole=1.0)
    reached = [f"{count(row['count'])} of {count(row['whole'])}" for row in rows]
    ends = [_between(row["low"], row["high"], percent) for row in rows]
    cells = tuple((bar.label, of, bar.said, end) for bar, of, end in zip(bars, reached, ends, strict=True))
    columns = heads("of", numbers=("reached", "share", "95\xa0% interval"))
    return [Plot(title, svg, Grid(title, columns, cells))]


def _groups(found: Metrics, id: str) -> list[Block]:
    """Customers with a profile against the others, for each measure."""
    rows = [row for row in found.groups.to_pylist() if row["mean"] is not None]
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    if not measures:
        return []
    return [
        Note(_NOT_CAUSAL),
        *(
            _group([row for row in rows if row["measure"] == measure], measure, _unit(found), f"{id}-{number}-groups")
            for number, measure in enumerate(measures)
        ),
    ]


def _group(rows: list[dict[str, Any]], measure: str, unit: str, name: str) -> Plot:
    title = f"{measure.capitalize()} a customer{unit if measure == 'revenue' else ''}, with a profile and without"
    drawn = []
    for row in rows:
        if row["group"] != "difference":
            low, high = (row["mean"] if row[end] is None else row[end] for end in ("low", "high"))
            label = _GROUPS.get(row["group"], row["group"]).capitalize()
            drawn.append(plots.Interval(label, low, row["mean"], high, money(row["mean"])))
    desc = "; ".join(f"{one.label}: {one.said}, between {money(one.low)} and {money(one.high)}" for one in drawn)
    svg = plots.intervals(drawn, name=name, title=title, desc=desc)
    cells = tuple(
        (
            _GROUPS.get(row["group"], row["group"]),
            _or_nothing(row["customers"], count),
            money(row["mean"]),
            _between(row["low"], row["high"], money),
            _or_nothing(row["median"], money),
        )
        for row in rows
    )
    columns = heads("customers", numbers=("how many", "mean", "95\xa0% interval", "median"))
    return Plot(title, svg, Grid(title, columns, cells))


_THEN = ("precision_low_then", "precision_high_then")


def _rounds(found: Metrics, masking: Masking, id: str) -> list[Block]:
    """Shares by round: that each goes better than the last is the point of having rounds."""
    if not len(found.rounds):
        return []
    shown = (
        Shown("round", "round", How.COUNT),
        Shown("began_at", "began", How.DATE),
        Shown("profiles", "profiles", How.COUNT),
        Shown("attach_rate", "attached, as they stand now", How.SHARE),
        Shown("attach_rate_then", "attached of all, when the round ended", How.SHARE),
        Shown("review_rate_then", "to review of all, when the round ended", How.SHARE),
        Shown("decisions", "decisions of people", How.COUNT),
        Shown("precision_then", "precision of those judged by then", How.SHARE, _THEN),
        Shown("revenue", f"revenue{_unit(found)}", How.MONEY),
    )
    last = found.rounds.slice(max(0, len(found.rounds) - _TOP))
    left = _left_out((len(found.rounds) - len(last), "earlier round"))
    whole = grid(last, "Round by round", shown, masking, top=_TOP, what="round")
    blocks: list[Block] = [Grid(whole.caption, whole.columns, whole.rows, left)]
    return blocks if len(last) < 2 else [_round_plot(last, id), *blocks]


def _round_plot(table: pa.Table, id: str) -> Plot:
    names = {"attach_rate": "attached", "attach_rate_then": "of all, at its end"}
    names |= {"review_rate_then": "to review, at its end", "precision_then": "precision, at its end"}
    lines = [
        plots.Line(label, tuple(math.nan if value is None else float(value) for value in table[name].to_pylist()))
        for name, label in names.items()
    ]
    lines = [line for line in lines if not all(map(math.isnan, line.values))]
    steps = [str(value) for value in table["round"].to_pylist()]
    return _line_plot(lines, steps, "How each round went", f"{id}-rounds", head="round", say=percent, left="")


def _line_plot(
    lines: Sequence[plots.Line], steps: Sequence[str], title: str, name: str, *, head: str, say: plots.Says, left: str
) -> Plot:
    desc = "; ".join(f"{line.label}: from {say(line.values[0])} to {say(line.values[-1])}" for line in lines)
    svg = plots.lines(lines, steps, name=name, title=title, desc=desc, say=say)
    cells = tuple((step, *(say(line.values[place]) for line in lines)) for place, step in enumerate(steps))
    columns = heads(head, numbers=[line.label for line in lines])
    return Plot(title, svg, Grid(title, columns, cells, left), plots.line_legend(lines))


def _or_nothing(value: float | None, say: plots.Says) -> str:
    return "–" if value is None else say(value)


def _between(low: float | None, high: float | None, say: plots.Says) -> str:
    return "–" if low is None or high is None else f"{say(low)} to {say(high)}"


def _left_out(*counts: tuple[int, str]) -> str:
    said = [count(number, what) for number, what in counts if number > 0]
    return f"{' and '.join(said)} not drawn." if said else ""
