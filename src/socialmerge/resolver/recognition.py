"""What a record may be recognised by after it is erased: addresses, numbers and accounts, normalised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.merging.arrays import whole
from socialmerge.normalise import accounts, emails, names, phones
from socialmerge.records import Account, Kind, Missing
from socialmerge.schema import Schema
from socialmerge.store import identifiers_schema

__all__ = ["as_known", "of_customers", "of_profiles"]

Reader = Callable[[str], str]

_DIALLED = re.compile(r"[\d\s().\-/]+").fullmatch
_TELLING = frozenset([Kind.EMAIL, Kind.PHONE, Kind.ACCOUNT, Kind.URL, Kind.NAME])
_LEAST_DIGITS = 8
"""A local number of fewer digits is another person's in the next town."""


def as_known(own: Schema, known: Schema | None) -> Schema:
    """What the columns of a table mean, by those of the store: an odd spelling in a few rows tells of no kind."""
    theirs = {column.name: column for column in known.columns if column.kind in _TELLING} if known else {}
    return replace(own, columns=tuple(theirs.get(column.name, column) for column in own.columns))


def of_customers(table: pa.Table, schema: Schema, source: pa.Array, ids: pa.Array, *, region: str = "") -> pa.Table:
    """The identifiers of customers: e-mail addresses, telephone numbers and accounts, and names, which are weak.

    ``region`` is the country of the numbers that are in the store; those of a table of a few rows may not tell theirs.
    """
    return _together(_customer_parts(table, schema, region), source, ids)


def of_profiles(profiles: pa.Table, source: pa.Array, ids: pa.Array, *, region: str = "") -> pa.Table:
    """The identifiers of profiles: the account itself, its handle, addresses and numbers; names, which are weak.

    An account that a profile lists is another's too where a platform saw the proof: anybody may link to anybody.
    """
    return _together(_profile_parts(profiles, region), source, ids)


_Part = tuple[str, bool, pa.Array, pa.Array]
"""What kind of identifier, whether it is strong, the row of each value, and the values."""


def _customer_parts(table: pa.Table, schema: Schema, region: str) -> Iterator[_Part]:
    regions = (schema.region, region)
    for column in schema.columns:
        if column.name not in table.column_names:
            continue
        row, raw = _values(table[column.name], column.separator)
        if column.kind is Kind.EMAIL:
            yield "email", True, row, _read(raw, _email)
        elif column.kind is Kind.PHONE:
            yield from _phones(row, raw, *regions)
        elif column.kind in (Kind.ACCOUNT, Kind.URL):
            channel = column.channel
            yield "account", True, row, _read(raw, lambda text, channel=channel: _account(text, channel))  # type: ignore[misc]
        elif column.kind is Kind.NAME:
            yield from _names(row, raw)


def _profile_parts(profiles: pa.Table, region: str) -> Iterator[_Part]:
    rows = pa.array(range(profiles.num_rows), pa.int64())
    yield "email", True, *_listed(profiles["emails"], _email)
    yield from _phones(*_values(profiles["phones"], ""), region)
    own = [whole(profiles[name]) for name in ("channel", "scope", "account_id", "handle")]
    parts = zip(*(column.to_pylist() for column in own), strict=True)
    found = [_own_account(*part) for part in parts]
    for place in (0, 1):
        yield "account", True, rows, pa.array([one[place] for one in found], pa.string())
    yield "account", True, rows, pa.array([_folded(one[0]) for one in found], pa.string())
    yield "account", True, *_listed(profiles["verified_links"], lambda text: _account(text, ""))
    for name in ("display_name", "given_name", "family_name"):
        yield from _names(rows, whole(profiles[name]))


def _phones(row: pa.Array, raw: pa.Array, *regions: str) -> Iterator[_Part]:
    """Numbers as they are dialled from anywhere, by each country that may be meant; national ones as they stand too.

    Whatever the country of a table is taken for, what was typed in the same way is the same.
    """
    for region in dict.fromkeys([one for one in regions if one] or [""]):
        yield "phone", True, row, _read(raw, lambda text, region=region: _phone(text, region))  # type: ignore[misc]
    yield "phone", True, row, _read(raw, _national)
    yield "phone", True, row, _read(raw, _without_plus)


def _names(row: pa.Array, raw: pa.Array) -> Iterator[_Part]:
    """Names in full, and given names alone: one table has both in one column, the next has two."""
    yield "name", False, row, _read(raw, _name)
    yield "name", False, row, _read(raw, _given)


def _together(parts: Iterator[_Part], source: pa.Array, ids: pa.Array) -> pa.Table:
    found = []
    for kind, strong, row, value in parts:
        known = pc.and_(pc.is_valid(value), pc.not_equal(pc.fill_null(value, ""), ""))
        at, text = row.filter(known), value.filter(known)
        columns = [source.take(at), ids.take(at), pa.repeat(kind, len(at)), text, pa.repeat(strong, len(at))]
        found.append(pa.table(columns, schema=identifiers_schema()))
    if not found:
        return identifiers_schema().empty_table()
    names_ = identifiers_schema().names
    return pa.concat_tables(found).group_by(names_, use_threads=False).aggregate([]).select(names_)


def _values(column: pa.ChunkedArray, separator: str) -> tuple[pa.Array, pa.Array]:
    array = whole(column)
    if not pa.types.is_list(array.type):
        array = whole(tables.strings(array))
        if not separator:
            return pa.array(range(len(array)), pa.int64()), array
        array = pc.split_pattern(array, separator)
    return pc.list_parent_indices(array), whole(tables.strings(pc.list_flatten(array)))


def _listed(column: pa.ChunkedArray, read: Reader) -> tuple[pa.Array, pa.Array]:
    row, raw = _values(column, "")
    return row, _read(raw, read)


def _read(raw: pa.Array, read: Reader) -> pa.Array:
    """Read each distinct text once; what is none of its kind is empty."""
    encoded = pc.dictionary_encode(raw)
    values = pa.array([read(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return values.take(encoded.indices)


def _email(text: str) -> str:
    found = emails.parse(text)
    return "" if isinstance(found, Missing) or found.kind in ("role", "noreply") else found.canonical


def _phone(text: str, region: str) -> str:
    found = phones.parse(text, region)
    return "" if isinstance(found, Missing) else found.e164


def _national(text: str) -> str:
    """The digits of a number that is typed without its country, "" of any other."""
    if "+" in text:
        return ""
    plain = _DIALLED(text) is not None and not text.lstrip(" (").startswith("00")
    found = "".join(filter(str.isdecimal, text)) if plain else _without_country(text)
    digits = found.lstrip("0")
    made_up = len(set(digits)) == 1 or digits in phones.made_up_numbers()
    return "" if made_up or len(digits) < _LEAST_DIGITS else f"~{digits}"


def _without_plus(text: str) -> str:
    """A number with its country whose plus sign a spreadsheet ate."""
    digits = "".join(filter(str.isdecimal, text))
    if len(digits) <= _LEAST_DIGITS + 2 or digits[0] == "0" or _DIALLED(text) is None:
        return ""
    return _phone(f"+{digits}", "")


def _without_country(text: str) -> str:
    found = phones.parse(text, "")
    return "" if isinstance(found, Missing) or found.e164 else found.national


def _account(text: str, channel: str) -> str:
    found = accounts.parse(text, channel=channel)
    return "" if isinstance(found, Missing) else _handle(found)


def _handle(found: Account) -> str:
    return f"{found.channel}\0{found.scope}\0@{found.handle}" if found.channel and found.handle else ""


def _folded(stable: str) -> str:
    """An account whose stable id is an address of the web, in one letter case, "" of any other."""
    return stable.lower() if "://" in stable else ""


def _own_account(channel: str | None, scope: str | None, account_id: str | None, handle: str | None) -> tuple[str, str]:
    """The account by its stable id, and by its handle."""
    if not channel:
        return "", ""
    stable = f"{channel}\0{scope or ''}\0{account_id}" if account_id else ""
    if not handle:
        return stable, ""
    found = accounts.parse(handle, channel=channel, scope=scope or "")
    return stable, "" if isinstance(found, Missing) else _handle(found)


def _name(text: str) -> str:
    found = names.parse(text)
    return "" if isinstance(found, Missing) else " ".join(part for part in (found.given, found.family) if part)


def _given(text: str) -> str:
    """The first given name of a name that has a family name too."""
    found = names.parse(text)
    if isinstance(found, Missing) or not found.family or not found.given:
        return ""
    first = found.given.split()[0]
    return first if len(first) > 1 else ""
