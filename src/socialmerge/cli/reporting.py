"""The report: the command that makes one of an earlier run, and the options by which others make one of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

import socialmerge as sm
from socialmerge import report as pages
from socialmerge.cli import runs, show

__all__ = ["COMMANDS", "html_option", "unmasked_option", "write"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _ready(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Say that the extra is missing before the work, not after it."""
    del context, parameter
    if path is not None:
        pages.ready()
    return path


def _html(*names: str, help: str, required: bool = False) -> Callable[[Any], Any]:
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(*names, type=kind, metavar="FILE", required=required, callback=_ready, help=help)


html_option = _html("--html", help="Write a report as well: one HTML file that anybody can read.")
unmasked_option = click.option(
    "--unmasked", is_flag=True, help="Show names, addresses, numbers and handles in the report as they are."
)


def write(
    found: pages.Reportable | Sequence[pages.Reportable],
    html: Path | None,
    *,
    unmasked: bool,
    within: tuple[Path, Path] | None = None,
) -> None:
    """Write a report of what a command found, if one was asked for.

    ``within`` are the folder that the command writes, and where that is while it is being written: a report inside it
    becomes one of its files.
    """
    if html is None:
        return
    if within is not None and html.resolve().is_relative_to(within[0].resolve()):
        html = within[1] / html.resolve().relative_to(within[0].resolve())
        html.parent.mkdir(parents=True, exist_ok=True)
    sm.to_html(found, html, masked=not unmasked)


def _date(context: click.Context, parameter: click.Parameter, text: str | None) -> datetime | None:
    del context, parameter
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter("write it as ISO 8601, such as 2026-01-31") from None


@click.command()
@click.option("--run", "folder", required=True, metavar="DIR", help="What attach, dedupe or demo wrote.",
              type=click.Path(file_okay=False, path_type=Path))  # fmt: skip
@click.option("--truth", type=FILE, help="The true answers, to say how good the run's are.")
@click.option("--no-audit", is_flag=True, help="Leave out the audit of the customers.")
@click.option("--no-duplicates", is_flag=True, help="After attach: leave out the duplicates among the customers.")
@click.option("--title", default="Customers and profiles", show_default=True, help="The heading of the page.")
@click.option("--date", "now", callback=_date, metavar="DATE", help="A date to print on it (ISO 8601).")
@unmasked_option
@_html("--out", required=True, help="The HTML file to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output, and no text.")
def report(
    *,
    folder: Path,
    truth: Path | None,
    no_audit: bool,
    no_duplicates: bool,
    title: str,
    now: datetime | None,
    unmasked: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Make a page of a run that anybody can read.

    One HTML file, without scripts, that asks nothing of any network: an audit of the customers, what was decided and
    why, examples step by step, the duplicates among the customers, how good the answers are where the truth is known,
    and what to do next. Names, addresses, numbers and handles are masked. The run is repeated with its own plan on the
    files it read.
    """
    run, plan = runs.load(folder), runs.plan_of(folder)
    with show.progress() as progress:
        found: list[pages.Reportable] = []
        if not no_audit:
            found.append(_audit(run, now, progress))
        if run.command == "dedupe":
            result: sm.AttachResult | sm.DedupeResult = runs.dedupe(run, plan=plan, progress=progress)
        else:
            result = runs.attach(run, plan=plan, progress=progress)
            if not no_duplicates:
                found.append(runs.dedupe(run, plan=None, progress=progress))
        found.append(result)
        if truth is not None:
            found.append(sm.evaluate(result, truth))
    sm.to_html(found, out, masked=not unmasked, title=title, now=now)
    show.summary(show.Summary(title="Report"), out=out, files=[], as_json=as_json)


def _audit(run: runs.Run, now: datetime | None, progress: runs.Progress) -> pages.Reportable:
    day = now.date() if now else None
    return sm.audit(run.customers.path, id=run.id, region=run.region, now=day, progress=progress)


COMMANDS = (report,)
