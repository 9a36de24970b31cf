"""Address books as tables of customers: contact cards (vCard), and contacts as Google writes them."""

from __future__ import annotations

import pyarrow as pa

from socialmerge import tables
from socialmerge.channels import exports, vcard
from socialmerge.channels.documents import is_cards, open_source
from socialmerge.channels.registry import named

__all__ = ["read_customers"]

ROW = "contact_row"
"""The column that numbers the contacts of a file that has no ids."""

_EMAIL = "E-mail 1 - Value"
_GOOGLE = ({"First Name", "Last Name", _EMAIL}, {"Given Name", "Family Name", _EMAIL})
_WHAT_CARDS_HOLD = ("given_name", "family_name", "display_name", "employer", "title", "location", "bio")
_LISTS_OF_CARDS = ("emails", "phones", "websites", "links")


def read_customers(source: tables.Source, *, what: str = "customers") -> pa.Table:
    """Read a table of customers: as :func:`socialmerge.tables.read` does, and address books besides.

    Of a file of contact cards each card is a row, with its ``UID`` or number as ``profile_id``; several values of a
    cell have `` ::: `` between them. Contacts of Google have no ids: the column ``contact_row`` numbers them.

    Raises :class:`~socialmerge.errors.TableError` when the source cannot be read, and
    :class:`~socialmerge.errors.ChannelError` when a card is broken.

    >>> people = {"First Name": "Ada", "Last Name": "Example", "E-mail 1 - Value": "ada@example.com"}
    >>> read_customers([people])["contact_row"].to_pylist()
    ['1']
    """
    if is_cards(source):
        return _of_cards(source)
    table = tables.read(source, what=what)
    if any(wanted <= set(table.column_names) for wanted in _GOOGLE) and not _has_ids(table):
        numbers = pa.array([str(number) for number in range(1, len(table) + 1)], pa.string())
        return table.add_column(0, ROW, numbers)
    return table


def _has_ids(table: pa.Table) -> bool:
    return any(name.casefold() in {"id", "contact id", "record id", ROW} for name in table.column_names)


def _of_cards(source: tables.Source) -> pa.Table:
    document = open_source(source)
    form = named("vcard").formats[0]
    records = vcard.parse(document.cards or "", name=document.name)
    profiles = exports.to_profiles(records, form, name=document.name, is_table=False)
    kept = [name for name in (*_WHAT_CARDS_HOLD, *_LISTS_OF_CARDS) if profiles[name].null_count < len(profiles)]
    return pa.table({"profile_id": profiles["profile_id"]} | {name: tables.strings(profiles[name]) for name in kept})
