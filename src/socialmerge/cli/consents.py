"""The command about being reached: what somebody said, yes or no, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from socialmerge.channels.loader import BASES, PURPOSES
from socialmerge.cli import people
from socialmerge.merging.consent import Consent, applies, heeded, meet
from socialmerge.merging.moments import instant

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and most commands open none
    from socialmerge.store import Written

__all__ = ["COMMANDS"]

F = TypeVar("F", bound=Callable[..., object])

_channel = click.option("--channel", metavar="NAME", help="On which channel; on every one where left out.")
_purpose = click.option("--purpose", type=click.Choice(PURPOSES), help="For what; for all where left out.")
_basis = click.option("--basis", type=click.Choice(BASES), help="On which ground; it is noted.")
_at = click.option(
    "--at",
    metavar="TIME",
    callback=people.moment,
    help="When it was said (ISO 8601, such as 2026-01-31; UTC); now where left out.",
)
_by = click.option("--by", required=True, metavar="WHO", help="Who notes it.")


def _said(function: F) -> F:
    return _channel(_purpose(_basis(_at(_by(people.over_store(function))))))


@click.group()
def consent() -> None:
    """Note what somebody said about being reached, and tell what it comes to.

    Every view of the store's records heeds it.
    """


@consent.command()
@click.argument("any_id", metavar="ID")
@_said
def record(*, any_id: str, by: str, url: str, key: Path | None, as_json: bool, **said: str | datetime | None) -> None:
    """Note a yes, which the person of one row, or of one profile, gave.

    It frees that row alone: where records were put together that are not one person, nobody gives a yes for another. It
    is above every no before it.
    """
    with people.opened(url, key) as resolver:
        written = resolver.opt_in(any_id, by=by, **_given(said))  # type: ignore[arg-type]  # the options of _said
    _noted(written, as_json=as_json)


@consent.command()
@click.argument("any_id", metavar="ID")
@_said
def withdraw(*, any_id: str, by: str, url: str, key: Path | None, as_json: bool, **said: str | datetime | None) -> None:
    """Note a no, or that a yes is taken back: of every record of the person.

    Without --channel and --purpose it is a no to everything.
    """
    with people.opened(url, key) as resolver:
        written = resolver.opt_out(any_id, by=by, **_given(said))  # type: ignore[arg-type]  # the options of _said
    _noted(written, as_json=as_json)


def _given(said: dict[str, str | datetime | None]) -> dict[str, str | datetime]:
    return {name: one for name, one in said.items() if one is not None}


def _noted(written: Written, *, as_json: bool) -> None:
    noted = f"noted of {written.claims:,} record{'' if written.claims == 1 else 's'}"
    text = noted if written.claims else "known already; nothing was written"
    people.said({"statements": written.claims, "position": written.position}, text, as_json=as_json)


@consent.command()
@click.argument("any_id", metavar="ID")
@people.over_store
def show(*, any_id: str, url: str, key: Path | None, as_json: bool) -> None:
    """Tell what was said of any record of the person, and what it comes to."""
    with people.opened(url, key) as resolver:
        table = resolver.consents(any_id)
    rows, now = table.to_pylist(), datetime.now(UTC)  # noqa: TID251 - who asks the command asks what holds now
    said = [Consent(**row) for row in rows]
    counting = [Consent(**row) for row in heeded(table, instant(now)).to_pylist()]
    comes = [
        {"channel": channel, "purpose": purpose, "state": _state(counting, channel, purpose)}
        for channel, purpose in sorted({(one.channel, one.purpose) for one in said})
    ]
    lines = [_line(one) for one in said] or ["nothing was said"]
    lines += [f"comes to: {one['state']}, {_scope(one['channel'], one['purpose'])}" for one in comes]
    people.said({"statements": rows, "comes_to": comes}, "\n".join(lines), as_json=as_json)


def _state(said: list[Consent], channel: str, purpose: str) -> str:
    return meet(one for one in said if applies(one, channel, purpose)).value


def _line(one: Consent) -> str:
    ground = f" ({one.basis})" if one.basis else ""
    when = one.at or "without a time"
    return f"{when} {one.source}:{one.record_id} {one.state}, {_scope(one.channel, one.purpose)}{ground}"


def _scope(channel: str, purpose: str) -> str:
    return f"{channel or 'every channel'}, {purpose or 'everything'}"


COMMANDS = (consent,)
"""The commands, in the order in which they are of use."""
