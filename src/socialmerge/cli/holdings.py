"""The commands that fill a store file by file, and tell what it holds: golden records, and what an id stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pyarrow.compute as pc

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import admitting, people, runs
from socialmerge.cli.options import (
    MOST_GONE_ALONE,
    id_option,
    most_gone_option,
    packed,
    policy_option,
    region_option,
)
from socialmerge.cli.paths import FILE, FOLDER
from socialmerge.cli.wording import in_options
from socialmerge.errors import amount
from socialmerge.merging.reasons import reason_of

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and most commands open none
    from socialmerge.store import Written

__all__ = ["COMMANDS"]

Row = Mapping[str, object]
_ACCOUNT = ("channel", "scope", "account_id", "handle")

_seen_option = click.option(
    "--observed-at",
    metavar="TIME",
    callback=people.moment,
    help="When rows were true that do not say it themselves (ISO 8601, such as 2026-01-31; UTC).",
)
_admit_options = packed(
    "guests",
    admitting.Guests,
    click.option(
        "--admit",
        multiple=True,
        metavar="ID",
        help="A row to take in although it looks like somebody erased; may be repeated.",
    ),
    click.option("--by", metavar="WHO", help="Who admits the rows of --admit."),
)


@click.command()
@click.argument("customers", type=FILE)
@_seen_option
@id_option
@region_option
@click.option("--complete", is_flag=True, help="CUSTOMERS has every row of its system: rows that it lacks are gone.")
@most_gone_option
@_admit_options
@people.over_store
def load(
    *,
    customers: Path,
    complete: bool,
    most_gone: bool,
    observed_at: datetime | None,
    id_column: str | None,
    region: str | None,
    guests: admitting.Guests,
    url: str,
    key: Path | None,
    as_json: bool,
) -> None:
    """Bring a table of customers into a store, which is made where there is none.

    Known rows are as this table says now, and the same table again changes nothing.
    'attach' with --store does this, brings profiles in too, and writes what comes of it.
    """
    guests.check()
    if most_gone and not complete:
        raise click.UsageError(MOST_GONE_ALONE)
    told = {"observed_at": observed_at, "complete": complete, "most_gone": most_gone}
    _check_first(customers, url, key, sm.Plan(id=id_column or "", region=(region or "").upper()))
    with people.opened(url, key, create=True) as resolver, resolver.at_once():
        people.tell(resolver, id_column=id_column, region=region)
        bring = partial(resolver.load, customers, **told)  # type: ignore[arg-type]  # each as it is named
        found = admitting.written([bring], guests.admit, resolver, by=guests.by)
    _written(*found, as_json=as_json)


def _check_first(customers: Path, url: str, key: Path | None, plan: sm.Plan) -> None:
    """Raise where a table cannot be read for which a store would be made: none is left behind then."""
    from socialmerge.resolver.bringing import incoming_customers
    from socialmerge.store import NoStoreError

    try:
        people.opened(url, key).close()
    except NoStoreError:
        incoming_customers(customers, plan, sm.Policy.default(), known=None, observed_at=None)


@click.command()
@click.argument("profiles", nargs=-1, required=True, type=FILE)
@click.option("--channel", metavar="NAME", help="Whose export it is, where that is not recognised.")
@click.option("--trusted", is_flag=True, help="The accounts of plain rows were proved by a login.")
@_seen_option
@_admit_options
@people.over_store
def ingest(
    *,
    profiles: tuple[Path, ...],
    channel: str | None,
    trusted: bool,
    observed_at: datetime | None,
    guests: admitting.Guests,
    url: str,
    key: Path | None,
    as_json: bool,
) -> None:
    """Bring profiles into a store: exports of channels, profile rows, or another table of people.

    The same ones again change nothing; of several files all come in, or none. 'attach' with --store writes what comes
    of it, too.
    """
    guests.check()
    with people.opened(url, key) as resolver:
        told = partial(resolver.ingest, channel=channel, trusted=trusted, observed_at=observed_at)
        bringing = [partial(told, one) for one in profiles]
        with resolver.at_once():
            found = admitting.written(bringing, guests.admit, resolver, by=guests.by)
    _written(*found, as_json=as_json)


def _written(found: Sequence[Written], notes: Sequence[str], *, as_json: bool) -> None:
    counts = {
        name: sum(getattr(one, name) for one in found)
        for name in ("records", "claims", "seen_again", "gone", "returned")
    }
    counts |= {"refused": sum(one.refused.num_rows for one in found), "admitted": sum(one.admitted for one in found)}
    position = max(one.position for one in found)
    new = amount(counts["claims"], "new value", "new values")
    text = f"{amount(counts['records'], 'row', 'rows')} new, with {new} in all"
    told = [in_options(one) for one in notes]
    people.said({**counts, "position": position, "notes": told}, "\n".join([text, *told]), as_json=as_json)


@click.command()
@click.argument("any_id", metavar="[ID]", required=False)
@policy_option
@click.option("--as-of", metavar="TIME", help="When it is, for a policy whose trust fades (ISO 8601).")
@click.option("--out", type=FOLDER, metavar="DIR", help="Write records, provenance and conflicts into a folder.")
@people.over_store
def golden(
    *,
    any_id: str | None,
    policy: Path | None,
    as_of: str | None,
    out: Path | None,
    url: str,
    key: Path | None,
    as_json: bool,
) -> None:
    """Tell what the golden record of somebody says, value by value: from where, by which rule, and what was rejected.

    ID is that of a row, a profile or an entity; without one, --out writes the records of everybody. Nothing is stored:
    'preview' and 'apply' do that.
    """
    if any_id is None and out is None and not as_json:
        raise click.UsageError("give an ID, or --out DIR or --json for everybody")
    with people.opened(url, key) as resolver:
        found = resolver.golden(any_id, policy=sm.Policy.load(policy) if policy else None, as_of=as_of)
    if out is not None:
        with tables.folder(out) as folder:
            for name, table in runs.golden_outputs(found).items():
                tables.write(table, folder / name)
    parts = {name: getattr(found, name).to_pylist() for name in ("records", "provenance", "conflicts", "holders")}
    text = "\n".join(_told(found)) if any_id is not None else f"{amount(len(parts['records']), 'record', 'records')}"
    people.said(parts, text + (f"\nWrote {out}" if out else ""), as_json=as_json)


def _told(found: sm.Golden) -> Iterator[str]:
    for record in found.records.to_pylist():
        own, fields = pc.field("entity_id") == record["entity_id"], list(record)[2:]
        parts = (found.provenance, found.conflicts, found.holders)
        kept, lost, holders = (table.filter(own).to_pylist() for table in parts)
        yield f"Record {record['entity_id']}"
        for one in record["accounts"] or ():
            yield _account(one, [row for row in holders if all(row[name] == one[name] for name in _ACCOUNT)])
        for field in fields:
            yield from (_kept(row) for row in kept if row["field"] == field)
            yield from (_lost(row) for row in lost if row["field"] == field)


def _account(one: Row, holders: Sequence[Row]) -> str:
    whose = ", ".join(f"{row['source']}:{row['record_id']}" for row in holders)
    return (
        f"  account: {one['handle'] or one['account_id']} on {one['channel']}  ({whose}: {one['assurance'] or 'own'})"
    )


def _kept(row: Row) -> str:
    when = f", seen {str(row['observed_at'])[:10]}" if row["observed_at"] else ""
    why = reason_of(str(row["rule"]))
    return f"  {row['field']}: {row['value']}  ({row['source']}:{row['record_id']}{when}: {why}) [{row['claim_id']}]"


def _lost(row: Row) -> str:
    return f"  {row['field']}: not {row['rejected']}  ({row['rule']}; {row['reason']})"


@click.command(name="resolve-id")
@click.argument("any_id", metavar="ID")
@people.over_store
def resolve_id(*, any_id: str, url: str, key: Path | None, as_json: bool) -> None:
    """Tell the ids of the entities that an id stands for now: one, or several after a split.

    ID is that of a row, of a profile, or of an entity, also a former one.
    """
    with people.opened(url, key) as resolver:
        now = resolver.resolve_id(any_id)
    nobody = "nobody has this id any more: who had it was erased, swept away, or is gone from their system"
    people.said({"entity_ids": now}, "\n".join(now) or nobody, as_json=as_json)


COMMANDS = (load, ingest, golden, resolve_id)
"""The commands, in the order in which they are of use."""
