"""The command ``metrics``: how many followers became customers, from a store or the folder of a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import noting, places, reporting
from socialmerge.cli.options import json_option, store_option
from socialmerge.cli.paths import FILE, FOLDER
from socialmerge.cli.people import key_option, moment
from socialmerge.cli.printing import echo
from socialmerge.cli.wording import files, in_options

__all__ = ["metrics", "order_column_option"]

_TABLES = ("totals", "channels", "months", "rounds", "groups", "coverage")


def _named(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """ROLE=COLUMN, as often as it is given."""
    del context, parameter
    pairs = [text.partition("=") for text in given]
    wrong = next((role for role, mark, _ in pairs if not mark), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} has no '='; write ROLE=COLUMN, such as revenue='Total Spent'")
    return {role.strip(): column.strip() for role, _, column in pairs}


order_column_option = click.option(
    "--order-column",
    "order_columns",
    multiple=True,
    callback=_named,
    metavar="ROLE=COLUMN",
    help="Which column of the orders is the customer, email, phone, date, amount, order, status, currency, item, "
    "quantity, price or line_amount; ROLE= for none.",
)


@click.command()
@store_option
@click.option("--run", "folder", type=FOLDER, metavar="DIR", help="What attach wrote, in place of a store.")
@click.option(
    "--customers", type=FILE, help="The customers, with stage, dates, revenue; else those of the store or run."
)
@click.option(
    "--orders", type=FILE, help="A table of orders or their lines: the customer's id or e-mail, date, amount, own id."
)
@click.option("--decisions", type=FILE, help="People's decisions about a run (left_id, right_id, verdict).")
@click.option("--clusters", type=FILE, help="What dedupe wrote of the customers of a run: rows that are one person.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=_named,
    metavar="ROLE=COLUMN",
    help="Which column of the customers is the stage, became, revenue, orders or currency.",
)
@order_column_option
@click.option(
    "--customer-stage", "stages", multiple=True, metavar="WORD", help="A word of the stage that means a customer."
)
@click.option("--currency", default="", metavar="CODE", help="The one to count, where amounts are in several.")
@click.option("--decimal", type=click.Choice(["point", "comma"]), help="What stands before the cents.")
@click.option(
    "--id", "id_column", default="", metavar="COLUMN", help="The customers' id column, where it is not found."
)
@click.option("--region", default="", metavar="CC", help="The country whose order of day and month dates have.")
@click.option("--seen-on", callback=moment, metavar="DATE", help="When profiles were seen that do not say it.")
@click.option("--now", callback=moment, metavar="DATE", help="The day that it is; today when left out.")
@click.option("--out", type=FOLDER, metavar="DIR", help="Write the tables into a folder too.")
@reporting.html_option
@key_option
@json_option
def metrics(
    *,
    store: str | None,
    folder: Path | None,
    customers: Path | None,
    orders: Path | None,
    decisions: Path | None,
    clusters: Path | None,
    columns: dict[str, str],
    order_columns: dict[str, str],
    stages: tuple[str, ...],
    currency: str,
    decimal: str | None,
    id_column: str,
    region: str,
    seen_on: datetime | None,
    now: datetime | None,
    out: Path | None,
    html: Path | None,
    key: Path | None,
    as_json: bool,
) -> None:
    """Count how many followers and profiles are customers, who became one later, and what they brought in.

    Give a --store, or with --run the folder that attach wrote. Every person counts once, and every order once.
    """
    noted = folder
    folder, store = places.chosen(folder, store)
    source = folder or store or ""
    reading: dict[str, Any] = {
        "columns": columns,
        "order_columns": order_columns,
        "customer_stages": stages,
        "currency": currency,
        "decimal": decimal or "",
        "id": id_column,
        "region": region,
    }
    with files(customers=customers, orders=orders):
        found = sm.metrics(
            source,
            customers,
            orders=orders,
            decisions=decisions,
            clusters=clusters,
            **reading,
            seen_on=seen_on,
            now=now,
            key=key,
        )
    if noted is not None:
        reading |= {"seen_on": seen_on.isoformat() if seen_on else ""}
        given = {"customers": customers, "orders": orders, "decisions": decisions, "clusters": clusters}
        noting.note(noted, given, reading)
    found = replace(found, warnings=tuple(map(in_options, found.warnings)))
    if out is not None:
        with tables.folder(out) as target:
            for name in _TABLES:
                tables.write(getattr(found, name), target / f"{name}.csv")
            tables.write_text(found.to_json() + "\n", target / "metrics.json")
    reporting.write(found, reporting.Page(html))  # there is nobody's own value among the figures
    echo(found.to_json() if as_json else str(found))
