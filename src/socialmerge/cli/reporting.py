"""The report: the command that makes one of an earlier run, and the options by which others make one of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import socialmerge as sm
from socialmerge.cli import noting, people, places, runs, show
from socialmerge.cli.options import json_option, packed, run_option, store_option
from socialmerge.cli.paths import FILE, HTML
from socialmerge.cli.wording import files
from socialmerge.errors import SchemaError, TableError

if TYPE_CHECKING:
    from socialmerge import report as pages

    Parts = tuple[list[pages.Reportable], tuple[str, ...]]
    """What a page is made of, and what is to be said of it."""

__all__ = ["COMMANDS", "Page", "html_option", "page_options", "write"]


def _ready(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Say that the extra is missing before the work, not after it."""
    del context, parameter
    if path is not None:
        from socialmerge import report as pages  # a fifth of a second, which only a page is worth

        pages.ready()
    return path


def _html(*names: str, help: str, required: bool = False) -> Callable[[Any], Any]:
    return click.option(*names, type=HTML, metavar="FILE", required=required, callback=_ready, help=help)


html_option = _html("--html", help="Write a report as well: one HTML file that anybody can read.")
unmasked_option = click.option(
    "--unmasked", is_flag=True, help="Show names, addresses, numbers and handles in the report as they are."
)


@dataclass(frozen=True, slots=True)
class Page:
    """The report that a command writes beside its own work, if one is asked for."""

    html: Path | None
    unmasked: bool = False


page_options = packed("page", Page, html_option, unmasked_option)


def write(
    found: pages.Reportable | Sequence[pages.Reportable], page: Page, *, within: tuple[Path, Path] | None = None
) -> None:
    """Write a report of what a command found, if one was asked for.

    ``within`` are the folder that the command writes, and where that is while it is being written: a report inside it
    becomes one of its files.
    """
    html = page.html
    if html is None:
        return
    if within is not None and html.resolve().is_relative_to(within[0].resolve()):
        html = within[1] / html.resolve().relative_to(within[0].resolve())
        html.parent.mkdir(parents=True, exist_ok=True)
    sm.to_html(found, html, masked=not page.unmasked)


def _date(context: click.Context, parameter: click.Parameter, text: str | None) -> datetime | None:
    del context, parameter
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter("write it as ISO 8601, such as 2026-01-31") from None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is made of besides the answers themselves."""

    truth: Path | None
    customers: Path | None
    orders: Path | None
    no_audit: bool
    no_duplicates: bool
    no_metrics: bool
    now: datetime | None

    @property
    def day(self) -> date | None:
        """The day that is printed on the page, from which ages count too."""
        return self.now.date() if self.now else None


_OF_METRICS = ("decisions", "clusters")
"""What metrics takes of a run, and a report only as it was noted."""
Reading = dict[str, Any]
_wanted = packed(
    "wanted",
    Wanted,
    click.option("--truth", type=FILE, help="The true answers, to say how good the run's are."),
    click.option("--customers", type=FILE, help="For the metrics: the customers, with stage, dates, revenue."),
    click.option(
        "--orders", type=FILE, help="For the metrics: orders, with the customer's id or e-mail, date, amount."
    ),
    click.option("--no-audit", is_flag=True, help="Leave out the audit of the customers."),
    click.option("--no-duplicates", is_flag=True, help="Of profiles: leave out the duplicates among the customers."),
    click.option("--no-metrics", is_flag=True, help="Of profiles: leave out what the channels bring."),
    click.option("--date", "now", callback=_date, metavar="DATE", help="A date to print on it (ISO 8601)."),
)


@click.command()
@run_option
@store_option
@people.key_option
@_wanted
@click.option("--title", default="Customers and profiles", show_default=True, help="The heading of the page.")
@unmasked_option
@_html("--out", required=True, help="The HTML file to write.")
@json_option
def report(
    *,
    folder: Path | None,
    store: str | None,
    key: Path | None,
    wanted: Wanted,
    title: str,
    unmasked: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Make a page of a run or a store that anybody can read.

    One HTML file, without scripts, that asks nothing of any network: an audit of the customers, what was decided and
    why, examples step by step, the duplicates among the customers, what the channels bring, how good the answers are
    where the truth is known, and what to do next. Names, addresses, numbers and handles are masked. A run is repeated
    with its own plan on the files it read; a store is told as it is now. Orders, customers and truth that metrics or
    report were given with the run are taken again, and it is said where they have changed.
    """
    wanted, reading, said = _with_noted(folder, wanted)
    noted = folder
    folder, store = places.chosen(folder, store)
    with show.progress() as progress:
        if folder is not None:
            found, notes = _of_run(folder, wanted, reading, progress)
        else:
            found, notes = _of_store(store or "", key, wanted, reading, progress)
    sm.to_html(found, out, masked=not unmasked, title=title, now=wanted.now)
    if noted is not None:
        noting.note(noted, {"customers": wanted.customers, "orders": wanted.orders, "truth": wanted.truth})
    show.summary(show.Summary(title="Report", warnings=(*said, *notes)), out=out, files=[], as_json=as_json)


def _with_noted(folder: Path | None, wanted: Wanted) -> tuple[Wanted, Reading, tuple[str, ...]]:
    """What is wanted, with what was noted beside the run; how metrics reads its tables; and what is to be said."""
    if folder is None:
        return wanted, {}, ()
    known = noting.beside(folder)
    given = {"customers": wanted.customers, "orders": wanted.orders, "truth": wanted.truth}
    again = [name for name in known.files if given.get(name) is None]
    path = {name: known.path(name) if name in again else given.get(name) for name in (*given, *_OF_METRICS)}
    more = {name: path[name] for name in _OF_METRICS if path[name]}
    wanted = replace(wanted, customers=path["customers"], orders=path["orders"], truth=path["truth"])
    return wanted, {**_reading(known.reading), **more}, tuple(map(known.said, again))


def _reading(noted: Mapping[str, Any]) -> Reading:
    """How metrics was told to read its tables, the last time on this run."""
    seen_on = noted.get("seen_on")
    return {**noted, "seen_on": datetime.fromisoformat(seen_on)} if seen_on else dict(noted)


def _of_run(folder: Path, wanted: Wanted, reading: Reading, progress: runs.Progress) -> Parts:
    run, plan = runs.load(folder), runs.plan_of(folder)
    path = run.customers.path
    found: list[pages.Reportable] = []
    if not wanted.no_audit:
        found.append(sm.audit(path, id=run.id, region=run.region, now=wanted.day, progress=progress))
    if run.command == "dedupe":
        people_: sm.DedupeResult = runs.dedupe(run, plan=plan, progress=progress)
        return [*found, people_, *_judged(people_, wanted)], ()
    result = runs.attach(run, plan=plan, progress=progress)
    if not wanted.no_duplicates:
        found.append(runs.dedupe(run, plan=None, progress=progress))
    asked: Reading = {"id": run.id or "", **reading}
    counted, notes = _metrics(partial(sm.metrics, result, **asked), wanted, path)
    return [*found, result, *_judged(result, wanted), *counted], notes


def _of_store(store: str, key: Path | None, wanted: Wanted, reading: Reading, progress: runs.Progress) -> Parts:
    found: list[pages.Reportable] = []
    with people.opened(store, key) as resolver:
        result = resolver.result()
        somebody = result.clusters.num_rows > 0
        if somebody and not wanted.no_audit:
            found.append(sm.audit(result.customers, id=result.id_column, now=wanted.day, progress=progress))
        if somebody and not wanted.no_duplicates:
            found.append(result.duplicates())
        counted, notes = _metrics(partial(sm.metrics, store, key=key, **reading), wanted, None)
        return [*found, result, *_judged(result, wanted), *counted], notes


def _judged(result: sm.AttachResult | sm.DedupeResult | sm.StoreResult, wanted: Wanted) -> list[sm.Evaluation]:
    return [sm.evaluate(result, wanted.truth)] if wanted.truth is not None else []


def _metrics(
    count: Callable[..., sm.Metrics], wanted: Wanted, customers: str | None
) -> tuple[list[sm.Metrics], tuple[str, ...]]:
    """The metrics; where nobody asked for amounts and they cannot be read, the page does without."""
    if wanted.no_metrics:
        return [], ()
    try:
        with files(customers=wanted.customers, orders=wanted.orders):
            return [count(wanted.customers or customers, orders=wanted.orders, now=wanted.now)], ()
    except (SchemaError, TableError) as error:
        if wanted.customers or wanted.orders:
            raise
        return [], (f"what the channels bring is left out: {error}",)


COMMANDS = (report,)
