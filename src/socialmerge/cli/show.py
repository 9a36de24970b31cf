"""What the command prints: a progress bar, a summary, an explanation; as text or as one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

import socialmerge as sm
from socialmerge.api.channelled import NO_CHANNEL
from socialmerge.cli.printing import echo, visible
from socialmerge.cli.wording import in_options

__all__ = [
    "Figure",
    "Summary",
    "attach_summary",
    "dedupe_summary",
    "explanation",
    "progress",
    "reviews_summary",
    "summary",
]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a summary: a count, what it counts, and its share of a whole where that helps."""

    name: str
    label: str
    value: int
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run found, for a person and for a program."""

    title: str
    figures: tuple[Figure, ...] = ()
    warnings: tuple[str, ...] = ()
    examples: tuple[tuple[str, sm.Explanation], ...] = ()
    """Answers that are explained, each under a heading."""
    channels: tuple[dict[str, Any], ...] = ()
    """What became of each channel, as the result has it."""
    store: str = ""
    """The store that all of it is kept in, if it is in one."""


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Give a function that draws progress on stderr; none where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield advance


def attach_summary(result: sm.AttachResult | sm.StoreResult, more: Sequence[str] = ()) -> Summary:
    """Count verdicts and assurances, and the verdicts of each channel; ``more`` are warnings beside its own."""
    decisions = result.decisions
    verdicts = _counts(decisions["verdict"])
    assurances = _counts(decisions.filter(pc.field("verdict") == "attach")["assurance"])
    rows = decisions.num_rows
    return Summary(
        title="Profiles and customers",
        figures=(
            Figure("profiles", "profiles", rows),
            Figure("attach", "attached to a customer", verdicts.get("attach", 0), rows),
            Figure("verified", "  on verified evidence", assurances.get("verified", 0), rows),
            Figure("inferred", "  inferred", assurances.get("inferred", 0), rows),
            Figure("review", "for a person to review", verdicts.get("review", 0), rows),
            Figure("new", "new: no customer", verdicts.get("new", 0), rows),
        ),
        warnings=tuple(dict.fromkeys((*result.warnings, *more))),
        channels=tuple(result.channels.to_pylist()),
    )


def dedupe_summary(result: sm.DedupeResult) -> Summary:
    """Count rows, people, and rows that repeat a person."""
    rows = result.clusters.num_rows
    people = len(pc.unique(result.clusters["entity_id"]))
    return Summary(
        title="Customers",
        figures=(
            Figure("rows", "rows", rows),
            Figure("people", "people", people),
            Figure("duplicates", "rows that repeat a person", rows - people, rows),
        ),
        warnings=result.warnings,
    )


def reviews_summary(count: int) -> Summary:
    """Count the questions."""
    return Summary(title="Reviews", figures=(Figure("reviews", "pairs to decide", count),))


def _counts(column: object) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}


def summary(
    found: Summary,
    *,
    out: Path | str,
    files: list[str],
    as_json: bool,
    html: Path | None = None,
    beside: Mapping[Path, str] | None = None,
) -> None:
    """Print what a run found and what it wrote: ``files`` in the folder ``out``, or ``out`` alone.

    ``html`` is the report, where there is one; ``beside`` are files that stand where each says, and what each holds.
    """
    apart = {**({html: "the report"} if html else {}), **(beside or {})}
    if as_json:
        counts = {figure.name: figure.value for figure in found.figures}
        examples = [{"title": title, **why.as_dict()} for title, why in found.examples]
        report: dict[str, object] = {"html": str(html)} if html else {}
        report |= {"channels": list(found.channels)} if found.channels else {}
        report |= {"store": found.store} if found.store else {}
        rest = {
            "warnings": [in_options(one) for one in found.warnings],
            "examples": examples,
            "out": str(out),
            "files": [*files, *map(str, beside or {})],
        }
        _print_json({**counts, **rest, **report})
        return
    console = Console(highlight=False, soft_wrap=True)
    if found.figures:
        console.print(_table(found))
    if any(row["channel"] != NO_CHANNEL for row in found.channels):
        console.print()
        console.print(_channels(found.channels))
    for title, why in found.examples:
        console.print(Text(f"\n{visible(title)}", style="bold"))
        console.print(visible(str(why)), markup=False)
    for warning in found.warnings:
        console.print(Text("\nnote: ", style="yellow").append(visible(in_options(warning)), style="default"))
    if found.store:
        console.print(visible(f"\nKept in {found.store}"), markup=False)
    console.print(visible(f"\nWrote {out}" + (f": {', '.join(files)}" if files else "")), markup=False)
    for path, holds in apart.items():
        console.print(visible(f"Wrote {path}: {holds}"), markup=False)


def _table(found: Summary) -> Table:
    table = Table(title=found.title, title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right", style="dim")
    for figure in found.figures:
        share = f"{100 * figure.value / figure.whole:.1f} %" if figure.whole else ""
        table.add_row(Text(visible(figure.label)), f"{figure.value:,}", share)
    return table


def _channels(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="By channel", title_justify="left", box=None, pad_edge=False, header_style="dim")
    names = list(rows[0])
    for name in names:
        table.add_column(name if name != "channel" else "", justify="left" if name == "channel" else "right")
    for row in rows:
        table.add_row(escape(visible(row["channel"])), *(f"{row[name]:,}" for name in names[1:]))
    return table


def explanation(found: sm.Explanation, *, as_json: bool) -> None:
    """Print why."""
    if as_json:
        _print_json(found.as_dict())
    else:
        echo(str(found))


def _print_json(value: dict[str, object]) -> None:
    echo(json.dumps(value, indent=2, ensure_ascii=False))
