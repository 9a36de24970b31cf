"""The command that brings a pilot home: accounts that people matched by hand, checked and made decisions."""

from __future__ import annotations

from pathlib import Path

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import people, places, runs, show
from socialmerge.cli.options import json_option, store_option
from socialmerge.cli.paths import FILE, FOLDER, OUT

__all__ = ["import_pilot"]


_LABELS = {
    "agreed": "agreed: the evidence says so too",
    "doubtful": "doubtful: the evidence leaves it open",
    "contradicted": "contradicted: the evidence, or another line, is against it",
    "unsure": "unsure: the person could not say",
    "unknown customer": "unknown customer",
    "unknown account": "unknown account: no profile came in of it",
    "unreadable": "unreadable",
}


@click.command(name="import-pilot")
@click.argument("file", type=FILE)
@click.option("--run", "folder", type=FOLDER, metavar="DIR", help="What attach or demo wrote: its files are matched.")
@store_option
@people.key_option
@click.option(
    "--out", type=OUT, metavar="FILE", help="The table of decisions to write, for --decisions; needed with --run."
)
@click.option(
    "--lines", "report", type=OUT, metavar="FILE", help="A table to write of every line, and what is said of it."
)
@click.option("--by", default="pilot", show_default=True, metavar="WHO", help="Who decided, where a line does not say.")
@click.option(
    "--accept-contradicted", is_flag=True, help="Take lines too that the evidence speaks against; not those that clash."
)
@json_option
def import_pilot(
    *,
    file: Path,
    folder: Path | None,
    store: str | None,
    key: Path | None,
    out: Path | None,
    report: Path | None,
    by: str,
    accept_contradicted: bool,
    as_json: bool,
) -> None:
    """Make decisions of a spreadsheet in which somebody matched accounts by hand.

    FILE has a column of customers (ids or e-mail addresses), one of accounts (links, or handles beside a column
    channel), and one of yes, no or unsure; who, when and comments may be there too. Every line is checked against the
    evidence; what the evidence contradicts is not taken. The same file again changes nothing. The decisions of a store
    are kept in it; the folder that attach --store wrote is its store's.
    """
    folder, store = places.chosen(folder, store)
    if folder is not None and out is None:
        raise click.UsageError("--run needs --out, the table of decisions to write")
    if store:
        with people.opened(store, key) as resolver:
            found = sm.import_pilot(file, store=resolver, by=by, accept_contradicted=accept_contradicted)
    else:
        found = _of_run(file, folder or Path(), by=by, accept=accept_contradicted)
    for path, table in ((out, found.labels), (report, found.lines)):
        if path is not None:
            tables.write(table, path)
    _print(found, store, out, report, as_json=as_json)


def _of_run(file: Path, folder: Path, *, by: str, accept: bool) -> sm.Pilot:
    run, plan = runs.load(folder), runs.plan_of(folder)
    if run.command == "dedupe":
        raise click.UsageError(f"{folder} was written by dedupe: a pilot is of profiles and customers")
    source, trusted = runs.profiles_of(run)
    channel = None if trusted is not None else run.channel
    told = {"id": run.id, "region": run.region, "plan": plan}
    return sm.import_pilot(
        file,
        profiles=source,
        to=run.customers.path,
        channel=channel,
        trusted=bool(trusted),
        by=by,
        accept_contradicted=accept,
        **told,  # type: ignore[arg-type]  # each as it is named
    )


def _print(found: sm.Pilot, store: str | None, out: Path | None, report: Path | None, *, as_json: bool) -> None:
    lines = found.lines.num_rows
    figures = [
        show.Figure("lines", "lines", lines),
        *(show.Figure(name, f"  {_LABELS[name]}", count, lines) for name, count in found.counts.items()),
        show.Figure("decisions", "decisions", found.labels.num_rows),
    ]
    if store:
        figures.append(show.Figure("written", "  new to the store", found.written))
        figures.append(show.Figure("known", "  that it had", found.known))
    left = [
        f"line {row['line']}: {row['standing']}: {row['reason']}" for row in found.lines.to_pylist() if not row["taken"]
    ]
    shown = (*left[:20], *([f"and {len(left) - 20} more lines that were not taken; see --lines"] if left[20:] else ()))
    summary = show.Summary(title="Pilot", figures=tuple(figures), warnings=shown)
    beside = {report: "every line, and what is said of it"} if report else {}
    show.summary(summary, out=out or store or "", files=[], as_json=as_json, beside=beside)
