"""The commands that show what would be written into the table of golden records, and write it."""

from __future__ import annotations

from pathlib import Path

import click

from socialmerge.cli.people import opened, over_store, said, who_option, why_option
from socialmerge.errors import StaleError, amount

__all__ = ["COMMANDS"]


as_of_option = click.option(
    "--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601, such as 2026-01-31)."
)


@click.command()
@as_of_option
@over_store
def preview(*, as_of: str | None, url: str, key: Path | None, as_json: bool) -> None:
    """Say what apply would write: the values that are new, from where each comes, and why.

    A customer is named by their own number. What the customers' own rows say already is counted, and with --json listed
    as well.
    """
    with opened(url, key) as resolver:
        found = resolver.preview(as_of=as_of)
    text = "" if as_json else str(found)
    said({"position": found.position, "changes": found.changes.to_pylist()}, text, as_json=as_json)


@click.command()
@click.option(
    "--position",
    type=int,
    required=True,
    help="That which preview printed; if the store has moved, nothing is written.",
)
@as_of_option
@who_option
@why_option
@over_store
def apply(*, position: int, as_of: str | None, by: str, reason: str, url: str, key: Path | None, as_json: bool) -> None:
    """Write the golden records that preview showed into the store's table of them."""
    with opened(url, key) as resolver:
        found = resolver.preview(as_of=as_of)
        if found.position != position:
            raise StaleError(
                f"apply: the store is at position {found.position}, not at {position}; look at preview again"
            )
        decision = resolver.apply(found, by=by, reason=reason)
    count = found.changes.num_rows
    said(
        {"decision_id": decision.id, "values": count},
        f"wrote {amount(count, 'value', 'values')}: decision {decision.id}",
        as_json=as_json,
    )


COMMANDS = (preview, apply)
"""The commands, in the order in which they are of use."""
