"""Reads exports and plain profile rows into the one table of profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from socialmerge import tables
from socialmerge.channels import elements, exports, jsonld, mf2, plain, vcard
from socialmerge.channels.documents import Document, Source
from socialmerge.channels.formats import Format, scalar
from socialmerge.channels.loader import Channel
from socialmerge.channels.paths import Path, holds, path, values
from socialmerge.channels.recognising import (
    PLAIN,
    Match,
    candidates,
    column_names,
    is_plain,
    one_document,
    one_of,
    plain_rows,
    told,
)
from socialmerge.channels.registry import all_channels, named
from socialmerge.errors import ChannelError
from socialmerge.records import profiles_schema

__all__ = ["is_export", "read"]


def read(source: Source, *, channel: str | None = None) -> pa.Table:
    """Read a platform's export, or plain profile rows, into a table of profiles.

    ``source`` is a path, Arrow data, a data frame, a list of mappings or one mapping. A file may be CSV, JSON, JSON
    Lines, Parquet, vCard, XML or a saved page, and may lie in a ZIP or gzip archive, which is read in memory.
    ``channel`` is a channel's name or alias, or ``"profiles"`` for plain rows; left out, it is told from the structure.

    The columns are those of :func:`socialmerge.records.profiles_schema`, then whatever else the export holds, as text
    (nested values as JSON); IP addresses are left out. ``profile_id`` is ``channel:scope:id`` with the account's id or
    else its handle (``github:583231``), ``channel#row`` where it has neither; further rows of one account end in
    ``#2``, ``#3``. Records of somebody who left, which name nobody, are left out; ``tables.notes_of`` says how many.

    Raises :class:`~socialmerge.errors.ChannelError` when the channel is unknown, when the source is another channel's
    export or fits several, or when records lack what every record of that export has; and
    :class:`~socialmerge.errors.TableError` when the source cannot be read.

    >>> table = read([{"login": "ada", "id": 1, "node_id": "MDQ6", "type": "User"}])
    >>> table["profile_id"].to_pylist(), table["is_person"].to_pylist()
    (['github:1'], [True])
    """
    wanted = None if channel is None or channel == PLAIN else named(channel)
    document = one_document(source, channel=wanted.rules.name if wanted else "")
    if channel == PLAIN or (is_plain(document) and document.cards is None):
        return _of_rows(document, wanted.rules.name if wanted else "")
    match = told(document) if wanted is None else _of_channel(document, wanted)
    if match is None:
        return _plain_of(document, wanted)
    records, left = _records(document, match)
    found = exports.to_profiles(records, match.format, name=document.name, is_table=document.table is not None)
    return tables.noted(found, [_left_out(document.name, left)]) if left else found


def is_export(source: Source, *, channel: str | None = None) -> bool:
    """Whether :func:`read` takes a source for a platform's own export, and not for plain profile rows.

    A platform wrote the one; anybody can write the other, and naming a channel proves nothing about it. Arguments and
    errors are those of :func:`read`.

    >>> is_export([{"login": "ada", "id": 1, "node_id": "MDQ6"}], channel="github")
    True
    >>> is_export([{"profile_id": "1", "handle": "ada"}], channel="github")
    False
    """
    wanted = None if channel is None or channel == PLAIN else named(channel)
    document = one_document(source, channel=wanted.rules.name if wanted else "", peeked=True)
    if channel == PLAIN or (is_plain(document) and document.cards is None):
        return False
    match = told(document) if wanted is None else _of_channel(document, wanted)
    return match is not None


def _of_channel(document: Document, channel: Channel) -> Match | None:
    """How to read a document as a named channel's export; None when only plain rows are left to try."""
    name = channel.rules.name
    found = candidates(document, channel=name)
    if found:
        return one_of(found, document.name)
    others = sorted({match.format.channel for match in candidates(document)})
    if others:
        raise ChannelError(
            f"{document.name} is not an export of {name}: this looks like a {' or '.join(others)} export; "
            f"pass channel={others[0]!r}, or leave channel out"
        )
    readable = [form for form in channel.formats if _reads(form, document)]
    places = [(form, _best_place(document, form)) for form in readable]
    best = max(places, key=lambda place: _readable_at(document, *place), default=None)
    return Match(best[0], best[1], 0.0) if best else None


def _reads(form: Format, document: Document) -> bool:
    if form.kind == "vcard":
        return document.cards is not None
    if form.kind in {"jsonld", "mf2", "xml"}:
        return False  # what is told by its structure alone is not read as such, whatever it is called
    if document.table is not None:
        names = set(document.table.column_names)
        return bool(form.require) and all(required.top in names for required in form.require)
    return document.objects is not None and not _has_plain_columns(document)


def _best_place(document: Document, form: Format) -> Path:
    """Where most records hold what the format requires; else the first place that is there, be it empty."""
    objects = document.objects or ()
    best = max(form.under, key=lambda under: _readable_at(document, form, under))
    if _readable_at(document, form, best):
        return best
    there = (under for under in form.under if any(_is_there(value, under) for value in objects))
    return next(there, path(""))


def _readable_at(document: Document, form: Format, under: Path) -> int:
    records = (record for value in document.objects or () for record in values(value, under))
    return sum(all(values(record, required) for required in form.require) for record in records)


def _is_there(value: object, under: Path) -> bool:
    return isinstance(value, Mapping) and under.top in value if under.steps else False


def _has_plain_columns(document: Document) -> bool:
    return bool(column_names(document) & {"handle", "account_id", "display_name"})


def _plain_of(document: Document, channel: Channel | None) -> pa.Table:
    """Rows that name no channel, read as those of the channel that was named."""
    if channel is None:
        exported = ", ".join(name for name, entry in all_channels().items() if entry.formats)
        raise ChannelError(
            f"{document.name} is no export that is known by its structure ({exported}); say which it is with channel=, "
            "or give profile rows with a profile_id column"
        )
    if document.cards is None and _has_plain_columns(document):
        return _of_rows(document, channel.rules.name)
    formats = " or ".join(form.name for form in channel.formats)
    expected = f"{formats}, or " if formats else ""
    raise ChannelError(
        f"{document.name} is not an export of {channel.rules.name}: expected {expected}profile rows "
        "with columns such as handle, account_id and display_name"
    )


def _of_rows(document: Document, channel: str) -> pa.Table:
    rows = _table(document)
    notes = tables.notes_of(rows)
    found = plain.to_profiles(rows, name=document.name, channel=channel)
    return tables.noted(found, notes) if notes else found


def _table(document: Document) -> pa.Table:
    if document.table is not None:
        return document.table
    rows = plain_rows(document.objects or ())
    if not rows:
        return profiles_schema().empty_table()
    return plain.from_objects(rows, name=document.name)


def _records(document: Document, match: Match) -> tuple[list[object], int]:
    """The records of a document without those that are nobody's, several of one author as one; how many people left."""
    skip = match.format.skip
    found = (record for record in _all_records(document, match) if not any(holds(record, one) for one in skip))
    if match.format.xml is None:
        records = list(found)
        kept = [record for record in records if _is_somebody(record, match.format)]
        return kept, len(records) - len(kept)
    return list(elements.once_each((record for record in found if isinstance(record, dict)), match.format.xml)), 0


def _is_somebody(record: object, form: Format) -> bool:
    if not form.any_of or not isinstance(record, Mapping):
        return True
    return any(scalar(value) for where in form.any_of for value in values(record, where))


def _left_out(name: str, count: int) -> str:
    if count == 1:
        return f"{name}: 1 record names nobody any more, as of an account that was closed, and is left out"
    return f"{name}: {count} records name nobody any more, as of accounts that were closed, and are left out"


def _all_records(document: Document, match: Match) -> Iterable[object]:
    if document.xml is not None and match.format.xml is not None:
        return elements.records(document.xml, match.format.xml)
    if document.cards is not None:
        return vcard.parse(document.cards, name=document.name)
    if document.table is not None:
        return list(document.table.to_pylist())
    objects = document.objects or ()
    if match.format.kind == "jsonld":
        return jsonld.people(objects)
    if match.format.kind == "mf2":
        return mf2.cards(objects)
    return [record for value in objects for record in values(value, match.under)]
