"""The command ``audit``, and the quick look that ``attach`` begins with."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import click

import socialmerge as sm
from socialmerge.api.auditing import look
from socialmerge.cli import reporting, show
from socialmerge.cli.options import id_option, json_option, plan_option, region_option
from socialmerge.cli.paths import FILE
from socialmerge.cli.printing import echo
from socialmerge.cli.wording import in_options

__all__ = ["NOT_READY", "audit", "require_option", "warned"]

NOT_READY = 3
"""The exit code where the customers are not ready, and were required to be."""


require_option = click.option(
    "--require-foundation", is_flag=True, help="Stop with exit code 3 where a quick audit of the customers says no."
)


@click.command()
@click.argument("customers", type=FILE)
@plan_option
@id_option
@region_option
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day that ages count from (2026-01-31), instead of today.",
)
@click.option("--seed", default=7, show_default=True, help="Of the sample that costs are measured on.")
@click.option("--no-costs", is_flag=True, help="Do not measure what each fault costs, which takes some seconds.")
@click.option("--quick", is_flag=True, help="Match nothing: of duplicates only exact copies are counted.")
@reporting.page_options
@json_option
def audit(
    *,
    customers: Path,
    plan: Path | None,
    id_column: str | None,
    region: str | None,
    as_of: dt.datetime | None,
    seed: int,
    no_costs: bool,
    quick: bool,
    page: reporting.Page,
    as_json: bool,
) -> None:
    """Say whether a table of customers is ready for social data, and what to mend first.

    CUSTOMERS is a table: CSV, XLSX, Parquet, JSON or JSON Lines. Nothing is changed, and nothing is written but the
    report of --html.
    """
    day = as_of.date() if as_of else None
    if quick:
        found = look(customers, id=id_column, region=region, now=day)
    else:
        with show.progress() as progress:
            found = sm.audit(
                customers,
                plan=sm.Plan.load(plan) if plan else None,
                id=id_column,
                region=region,
                now=day,
                seed=seed,
                costs=not no_costs,
                progress=progress,
            )
    found = replace(found, notes=tuple(map(in_options, found.notes)))
    reporting.write(found, page)
    echo(found.to_json() if as_json else str(found))


def warned(customers: Path, *, id_column: str | None, region: str | None, required: bool) -> tuple[str, ...]:
    """Look at the customers before profiles are attached to them, and say what is wrong with them at large.

    Ends the program with exit code 3 where they are not ready and were required to be.
    """
    found = look(customers, id=id_column, region=region, strict=True)
    if found.readiness == "ready":
        return ()
    said = (
        f"the customers are {found.readiness}: {'; '.join(found.reasons)}. 'socialmerge audit' says what to mend first"
    )
    if required and not found.ready:
        echo(f"socialmerge: {said}, and --require-foundation was given: nothing was attached", err=True)
        raise click.exceptions.Exit(NOT_READY)
    return (said,)
