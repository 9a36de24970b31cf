"""The commands over a store: what comes in over time, what people decide, and what must go."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

import socialmerge as sm
from socialmerge.cli.options import STORE_VARIABLE, json_option
from socialmerge.cli.paths import FILE
from socialmerge.cli.printing import echo
from socialmerge.errors import TableError, amount

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and most commands open none
    from socialmerge.resolver import Entry
    from socialmerge.store import Decision

__all__ = ["COMMANDS", "key_option", "moment", "opened", "over_store", "said", "tell", "who_option", "why_option"]

F = TypeVar("F", bound=Callable[..., object])

_store = click.option(
    "--store",
    "url",
    required=True,
    metavar="URL",
    help="The store, such as sqlite:///people.db.",
    envvar=STORE_VARIABLE,
)
_KEY = "SOCIALMERGE_KEY"


def _key(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | bytes | None:
    """The file of the key; else the key itself, which nobody writes on a command line, for others could read it."""
    held = os.environ.get(_KEY, "").strip()  # noqa: TID251 - as an option takes its value from there
    return held.encode() if path is None and held else path


key_option = click.option(
    "--key-file",
    "key",
    type=FILE,
    envvar="SOCIALMERGE_KEY_FILE",
    callback=_key,
    help=f"The file with the store's key; of an SQLite store it is beside it, or the key itself is in {_KEY}.",
)
who_option = click.option("--by", required=True, metavar="WHO", help="Who decides.")
why_option = click.option("--reason", default="", metavar="TEXT", help="Why; no personal values, please.")


def over_store(function: F) -> F:
    """Add ``--store``, ``--key-file`` and ``--json``."""
    return _store(key_option(json_option(function)))


def opened(url: str, key: Path | None, *, create: bool = False, **settings: object) -> sm.Resolver:
    """Open the resolver of a store; only ``attach`` and ``load`` make one that is not there."""
    return sm.Resolver(store=url, key=key, create=create, **settings)  # type: ignore[arg-type]  # plan and policy, or none


def tell(resolver: sm.Resolver, *, id_column: str | None = None, region: str | None = None) -> None:
    """Say of a store's customers which column has their ids, and of which country national numbers are."""
    if id_column or region:
        plan = resolver.plan
        resolver.go_by(replace(plan, id=id_column or plan.id, region=(region or plan.region).upper()))


def said(value: dict[str, object], text: str, *, as_json: bool) -> None:
    """Print one JSON object, or the text."""
    echo(json.dumps(value, indent=2, ensure_ascii=False, default=str) if as_json else text)


@click.command()
@over_store
@click.option("--channel", metavar="NAME", help="Whose export it is, where that is not recognised.")
def resolve(*, url: str, key: Path | None, channel: str | None, as_json: bool) -> None:
    """Say which customer one profile is, if any; nothing is written.

    The profile is a JSON object on standard input.
    """
    try:
        profile = json.load(sys.stdin)
    except (ValueError, RecursionError):  # brackets in thousands of others
        profile = None
    if not isinstance(profile, dict):
        raise TableError(
            "standard input: not one JSON object; pipe a profile in, as in: resolve --store URL < profile.json"
        )
    with opened(url, key) as resolver:
        answer = resolver.resolve(profile, channel=channel)
        why = answer.explain()
    text = f"{answer.verdict.value}: {answer.customer or 'nobody'} ({answer.probability:.4f})\n{answer.reason}\n\n{why}"
    said({**answer.as_dict(), "explanation": why.as_dict()}, text, as_json=as_json)


@click.command()
@click.argument("left", metavar="ID", required=False)
@click.argument("right", metavar="OTHER", required=False)
@click.argument("verdict", type=click.Choice(["same", "different"]), required=False)
@click.option(
    "--decisions", "answers", type=FILE, metavar="FILE", help="What 'suggest' wrote, filled in, in place of one pair."
)
@who_option
@why_option
@click.option("--verified", is_flag=True, help="The person saw proof: attach as verified.")
@over_store
def decide(
    *,
    left: str | None,
    right: str | None,
    verdict: str | None,
    answers: Path | None,
    by: str,
    reason: str,
    verified: bool,
    url: str,
    key: Path | None,
    as_json: bool,
) -> None:
    """Record that two records are the same person, or different people; it holds whatever the model says.

    With --decisions all answers of a table are recorded, or none; those that the store has already are left out.
    """
    if left and right and verdict and not answers:
        with opened(url, key) as resolver:
            found = resolver.decide((left, right), verdict, by=by, reason=reason, verified=verified)
        return _decided([found], as_json=as_json)
    if left or not answers:
        raise click.UsageError("give ID OTHER same|different, or --decisions FILE")
    from socialmerge.resolver.answered import record_answers

    with opened(url, key) as resolver:
        _decided(record_answers(resolver, answers, by=by, reason=reason, verified=verified), as_json=as_json)
    return None


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@who_option
@why_option
@over_store
def split(*, ids: tuple[str, ...], by: str, reason: str, url: str, key: Path | None, as_json: bool) -> None:
    """Part one record from the others of its entity, or several records from each other."""
    with opened(url, key) as resolver:
        _decided(resolver.split(*ids, by=by, reason=reason), as_json=as_json)


def _valued(name: str, text: str) -> click.Command:
    """The command of a word about a value of somebody's field."""

    @click.command(name, help=text)
    @click.argument("any_id", metavar="ID")
    @click.argument("field", metavar="FIELD")
    @click.argument("value", metavar="VALUE")
    @who_option
    @why_option
    @over_store
    def command(
        *, any_id: str, field: str, value: str, by: str, reason: str, url: str, key: Path | None, as_json: bool
    ) -> None:
        with opened(url, key) as resolver:
            word = {"pin": resolver.pin, "reject": resolver.reject}[name]
            _decided([word(any_id, field, value, by=by, reason=reason)], as_json=as_json)

    return command


pin = _valued("pin", "Record that a field of somebody's record has this value, whatever the sources say.")
reject = _valued(
    "reject", "Record that a value is wrong for somebody: no record of theirs keeps it, from whichever source."
)


@click.command()
@click.argument("value", metavar="VALUE")
@who_option
@why_option
@over_store
def generic(*, value: str, by: str, reason: str, url: str, key: Path | None, as_json: bool) -> None:
    """Record that an e-mail address or a telephone number is nobody's own, such as info@ of a company."""
    with opened(url, key) as resolver:
        _decided([resolver.generic(value, by=by, reason=reason)], as_json=as_json)


@click.command()
@click.argument("decision", metavar="DECISION")
@who_option
@why_option
@over_store
def undo(*, decision: str, by: str, reason: str, url: str, key: Path | None, as_json: bool) -> None:
    """Take a decision back, as if it had never been; DECISION is its id, as history prints it."""
    with opened(url, key) as resolver:
        _decided([resolver.undo(decision, by=by, reason=reason)], as_json=as_json)


def _decided(decisions: list[Decision] | tuple[Decision, ...], *, as_json: bool) -> None:
    found: list[dict[str, object]] = [{"decision_id": one.id, "kind": one.kind.value} for one in decisions]
    said({"decisions": found}, "\n".join(f"{one.kind.value}: decision {one.id}" for one in decisions), as_json=as_json)


@click.command()
@click.argument("any_id", metavar="ID")
@over_store
def history(*, any_id: str, url: str, key: Path | None, as_json: bool) -> None:
    """Tell what people decided about an entity, and what ID stands for now.

    ID is that of a customer's row, of a profile or of an entity, also a former one.
    """
    with opened(url, key) as resolver:
        now, entries = resolver.resolve_id(any_id), resolver.history(any_id)
    lines = [f"now: {', '.join(now)}", *map(_line, entries)]
    said({"entity_ids": now, "decisions": [one.as_dict() for one in entries]}, "\n".join(lines), as_json=as_json)


def _line(entry: Entry) -> str:
    about = entry.retracts or ", ".join(f"{source}:{record_id}" for source, record_id in entry.records)
    about += f": {entry.field} {entry.value}" if entry.value else ""
    taken = "" if entry.in_force else " (taken back)"
    said = f"{entry.at:%Y-%m-%d %H:%M} {entry.kind.value} {about} by {entry.by}: {entry.reason}"
    return f"{said} [{entry.decision_id}]{taken}"


@click.command()
@click.argument("any_id", metavar="ID")
@over_store
def export(*, any_id: str, url: str, key: Path | None, as_json: bool) -> None:
    """Print everything that is held about a person, as JSON."""
    del as_json
    with opened(url, key) as resolver:
        said(resolver.export(any_id), "", as_json=True)


@click.command()
@click.argument("any_id", metavar="ID")
@who_option
@over_store
def erase(*, any_id: str, by: str, url: str, key: Path | None, as_json: bool) -> None:
    """Erase a person, and keep them out of every later import."""
    with opened(url, key) as resolver:
        gone = resolver.erase(any_id, by=by)
    counts = {name: getattr(gone, name) for name in ("records", "claims", "decisions", "tombstones", "is_scrubbed")}
    text = f"erased {amount(gone.records, 'record', 'records')} with {amount(gone.claims, 'value', 'values')}"
    text += f"; {amount(gone.tombstones, 'tombstone keeps', 'tombstones keep')} them out"
    text += (
        "\nfiles that were written before (runs, exports, reports, copies of the store) still hold them: delete those"
    )
    said(counts, text, as_json=as_json)


def moment(context: click.Context, parameter: click.Parameter, text: str | None) -> datetime | None:
    """The time that an option gives, in UTC where it says no other zone."""
    del context, parameter
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter("no time; write it as ISO 8601, such as 2026-01-31 or 2026-01-31T12:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.command()
@click.option(
    "--before",
    metavar="TIME",
    callback=moment,
    help="Delete too what was last seen before this time (ISO 8601, such as 2026-01-31; UTC).",
)
@who_option
@over_store
def retain(*, before: datetime | None, by: str, url: str, key: Path | None, as_json: bool) -> None:
    """Delete the values whose time to be kept is over; a later import may bring them again.

    --before spares values of which nobody said when they were seen, and is no time that is still to come.
    """
    with opened(url, key) as resolver:
        gone = resolver.retain(before=before, by=by)
    counts = {name: getattr(gone, name) for name in ("records", "claims", "is_scrubbed")}
    said(
        counts,
        f"deleted {amount(gone.claims, 'value', 'values')}, and "
        f"{amount(gone.records, 'record', 'records')} that had no other",
        as_json=as_json,
    )


COMMANDS = (resolve, decide, split, pin, reject, generic, undo, history, export, erase, retain)
"""The commands, in the order in which they are of use."""
