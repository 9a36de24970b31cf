"""Plain profile rows: a table whose columns already bear the names of profile rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.channels.exports import array, as_text
from socialmerge.channels.formats import scalar
from socialmerge.channels.ipaddresses import is_address, names_address
from socialmerge.channels.paths import path, values
from socialmerge.channels.registry import find
from socialmerge.channels.rowids import number_repeats, row_id
from socialmerge.errors import ChannelError
from socialmerge.records import profiles_schema

__all__ = ["from_objects", "to_profiles"]

# Singular and usual names, taken where the proper column is absent.
_OTHER_NAMES = {
    "username": "handle",
    "screen_name": "handle",
    "name": "display_name",
    "full_name": "display_name",
    "email": "emails",
    "phone": "phones",
    "website": "websites",
    "link": "links",
    "company": "employer",
    "first_name": "given_name",
    "last_name": "family_name",
}
_LISTS = frozenset(field.name for field in profiles_schema() if pa.types.is_list(field.type))
_KEYS = ("channel", "scope", "account_id", "handle")
_TRUE = ("true", "1", "yes", "y", "t")
_FALSE = ("false", "0", "no", "n", "f")
# A telephone number has spaces in it; an address on the net has none.
_APART = re.compile(r"\s*(?:;|:::)\s*|\s+")
_PHONES_APART = re.compile(r"\s*(?:;|:::)\s*")


def to_profiles(table: pa.Table, *, name: str, channel: str = "") -> pa.Table:
    """Profile rows of a table that has their columns: missing columns null, the table's other columns after them.

    List columns may be lists, JSON lists, or texts with ``;`` or spaces between the values (telephone numbers: ``;``
    only). ``channel`` is the channel of rows that name none. Without a ``profile_id`` column, ids are made of the
    channel, scope and account id or handle, else of the row's number.

    Raises :class:`~socialmerge.errors.TableError` for absent and repeated ids, and
    :class:`~socialmerge.errors.ChannelError` for an ``is_person`` that is neither true nor false.
    """
    table = _renamed(table)
    schema = profiles_schema()
    columns: dict[str, pa.Array] = {}
    for field in schema:
        given = table[field.name] if field.name in table.column_names else None
        columns[field.name] = _column(given, field, len(table), name)
    columns["channel"] = _channels(columns["channel"], channel)
    if "profile_id" in table.column_names:
        columns["profile_id"] = tables.ids(table, "profile_id", what=name)
    else:
        columns["profile_id"] = _made_ids(columns)
    for whole, part in (("emails", "verified_emails"), ("links", "verified_links")):
        columns[whole] = _with(columns[whole], columns[part])
    return pa.table(columns | _others(table))


def from_objects(rows: Sequence[Mapping[str, object]], *, name: str) -> pa.Table:
    """A table of JSON objects, with nested values of columns that are no lists as JSON text.

    Arrow would give the nested values of all rows one type, and overflows its stack on deep ones.
    """
    kept = [{str(key): _shallow(str(key), value) for key, value in row.items()} for row in rows]
    return tables.from_records(kept, name=name)


def _shallow(key: str, value: object) -> object:
    if value is None or isinstance(value, str):  # most values; to tell that one is no Mapping takes ten times as long
        return value
    if not isinstance(value, dict | list | tuple | Mapping):
        return value
    if _OTHER_NAMES.get(key, key) not in _LISTS:
        return as_text(value)
    return [text for leaf in values(value, path("")) if (text := scalar(leaf))]


def _renamed(table: pa.Table) -> pa.Table:
    present = set(table.column_names)
    names = []
    for column in table.column_names:
        proper = _OTHER_NAMES.get(column, column)
        names.append(column if proper in present else proper)
        present.add(names[-1])
    return table.rename_columns(names)


def _column(given: pa.ChunkedArray | None, field: pa.Field, length: int, name: str) -> pa.Array:
    if given is None:
        return pa.nulls(length, field.type)
    if pa.types.is_list(field.type):
        return _lists(given, _PHONES_APART if field.name == "phones" else _APART)
    if pa.types.is_boolean(field.type):
        return _flags(given, field.name, name)
    text = pc.utf8_trim_whitespace(tables.unguarded(given))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _lists(given: pa.ChunkedArray, apart: re.Pattern[str]) -> pa.Array:
    kind = given.type
    if pa.types.is_null(kind):
        return pa.nulls(len(given), pa.list_(pa.string()))
    if pa.types.is_nested(kind):
        return array([_texts(value) for value in given.to_pylist()], pa.list_(pa.string()))
    text = tables.unguarded(given).dictionary_encode()
    split = array([_split(value, apart) for value in text.dictionary.to_pylist()], pa.list_(pa.string()))
    return split.take(text.indices)


def _split(cell: str, apart: re.Pattern[str]) -> list[str] | None:
    if cell.lstrip().startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None  # a cell that only starts like a list is split as any other
        if isinstance(found, list):
            return _texts(found)
    return [part for part in apart.split(cell.strip()) if part] or None


def _texts(value: object) -> list[str] | None:
    if not isinstance(value, list):
        value = [value]
    kept = [str(item).strip() for item in value if isinstance(item, str | int | float)]
    return list(dict.fromkeys(text for text in kept if text)) or None


def _flags(given: pa.ChunkedArray, column: str, name: str) -> pa.Array:
    text = pc.utf8_lower(pc.utf8_trim_whitespace(tables.strings(given)))
    is_true = pc.is_in(text, pa.array(_TRUE))
    known = pc.or_(is_true, pc.is_in(text, pa.array(_FALSE)))
    wrong = pc.and_(pc.is_valid(text), pc.invert(known)).to_pylist()
    if True in wrong:
        raise ChannelError(f"{name}: {column!r} in row {wrong.index(True) + 1} is neither true nor false; mend it")
    return pc.if_else(known, is_true, pa.scalar(None, pa.bool_()))


def _channels(given: pa.Array, channel: str) -> pa.Array:
    """Names of channels as the library writes them: ``Twitter`` is ``x``; one that has no TOML keeps its name."""
    coded = given.dictionary_encode()
    known = [(value, find(value)) for value in coded.dictionary.to_pylist()]
    names = pa.array([found.rules.name if found else value.strip().casefold() for value, found in known], pa.string())
    found = names.take(coded.indices)
    return pc.fill_null(found, channel) if channel else found


def _made_ids(columns: dict[str, pa.Array]) -> pa.Array:
    keys = [columns[key].to_pylist() for key in _KEYS]
    rows: list[dict[str, object]] = [dict(zip(_KEYS, values, strict=True)) for values in zip(*keys, strict=True)]
    names = [columns[field].to_pylist() for field in ("display_name", "bio", "location", "emails", "links")]
    for number, (row, shown) in enumerate(zip(rows, zip(*names, strict=True), strict=True), 1):
        row["profile_id"] = row_id(row, number)
        row["shown"] = shown
    number_repeats(rows)
    return pa.array([row["profile_id"] for row in rows], pa.string())


def _with(whole: pa.Array, part: pa.Array) -> pa.Array:
    """Every verified value is one of the values, too."""
    if part.null_count == len(part):
        return whole
    pairs = zip(whole.to_pylist(), part.to_pylist(), strict=True)
    return pa.array([list(dict.fromkeys([*(a or ()), *(b or ())])) or None for a, b in pairs], whole.type)


def _others(table: pa.Table) -> dict[str, pa.Array]:
    """The table's own columns: nested ones as JSON text, those of IP addresses left out."""
    known = set(profiles_schema().names)
    found = {}
    for name in table.column_names:
        if name in known or names_address(name):
            continue
        column = table[name]
        found[name] = tables.strings(column) if pa.types.is_nested(column.type) else _without_addresses(column)
    return found


def _without_addresses(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if not pa.types.is_string(column.type):
        return column
    maybe = pc.match_substring_regex(
        column, r"^\s*(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)\s*$"
    )
    if not pc.any(maybe).as_py():
        return column
    kept = [None if value is not None and is_address(value.strip()) else value for value in column.to_pylist()]
    return pa.array(kept, pa.string())
