"""The columns of a table, each read once: which cells hold a value, and why the others hold none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.normalise import accounts, dates, emails, names, phones, places, text, urls
from socialmerge.normalise.columnar import accounts as account_columns
from socialmerge.normalise.columnar import dates as date_columns
from socialmerge.normalise.columnar import emails as email_columns
from socialmerge.normalise.columnar import names as name_columns
from socialmerge.normalise.columnar import phones as phone_columns
from socialmerge.normalise.columnar import places as place_columns
from socialmerge.normalise.columnar import text as text_columns
from socialmerge.normalise.columnar import urls as url_columns
from socialmerge.normalise.columns import coded
from socialmerge.parallel import each
from socialmerge.records import Kind, Missing, MissingReason
from socialmerge.schema import Column, Schema
from socialmerge.schema.evidence import evidence
from socialmerge.schema.wording import guess, tokens

__all__ = ["REASONS", "Columns", "Read", "in_rows", "read_columns"]

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

REASONS = ("valid", "junk", "placeholder", "malformed")
"""What a text that is there may be; ``role`` and ``implausible`` values are valid ones that say less than they seem."""
_OF = {
    MissingReason.EMPTY: 1,
    MissingReason.JUNK: 1,
    MissingReason.PLACEHOLDER: 2,
    MissingReason.MALFORMED: 3,
    MissingReason.ROLE: 0,
}
_FEW = 50_000
"""Rows below which threads cost more than they save."""
_NAME_PARTS = ("given", "family", "middle", "suffix", "nickname")
_KINDS = frozenset(Kind) - {Kind.ID}
Parser = Callable[[str], object]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One column: ``codes[row]`` is a place in ``texts``, the distinct texts, or -1 where the cell is empty.

    ``keys`` has the match key of each text, null where it is no value, ``why`` the place of the reason in `REASONS`.
    Of a cell with several values the first is looked at.
    """

    column: Column
    codes: Codes
    texts: pa.Array
    keys: pa.Array
    why: npt.NDArray[np.uint8]

    @property
    def filled(self) -> Mask:
        """Which rows have any text."""
        found: Mask = self.codes >= 0
        return found

    @property
    def valid(self) -> Mask:
        """Which rows have a value."""
        return self.of_rows(self.why == 0)

    def of_rows(self, texts: Mask) -> Mask:
        """Which rows have one of some texts; ``texts`` says which."""
        return np.append(texts, np.False_)[self.codes]

    def key_codes(self) -> tuple[Ints, list[str]]:
        """For each row the place of its key among the distinct keys, -1 where there is none; and these."""
        found = pc.dictionary_encode(self.keys)
        of_text = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        return np.append(of_text, -1)[self.codes], found.dictionary.to_pylist()


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A table of customers with its columns read; ``ids`` are text."""

    table: pa.Table
    ids: pa.Array
    schema: Schema
    read: tuple[Read, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.table.num_rows)

    def of(self, kind: Kind, *parts: str) -> tuple[Read, ...]:
        """The columns of a kind, and of some parts where parts are given."""
        return tuple(one for one in self.read if one.column.kind is kind and (not parts or one.column.part in parts))

    def named(self, name: str) -> Read | None:
        """The column of a name."""
        return next((one for one in self.read if one.column.name == name), None)

    def some(self, mask: Mask, count: int = 5) -> tuple[str, ...]:
        """The first ids of the rows that a mask holds for."""
        return tuple(self.ids.take(pa.array(np.flatnonzero(mask)[:count])).to_pylist())

    def any_valid(self, reads: Sequence[Read]) -> Mask:
        """Which rows have a value in any of some columns."""
        found = np.zeros(self.rows, bool)
        for one in reads:
            found |= one.valid
        return found


def read_columns(table: pa.Table, ids: pa.Array, schema: Schema) -> Columns:
    """Read every column but the ids."""
    wanted = [_by_heading(table, column) for column in schema.columns if column.kind in _KINDS]
    read = each(partial(_read, table, schema.region), wanted, threads=1 if table.num_rows < _FEW else 0)
    return Columns(table, ids, schema, tuple(read))


def _by_heading(table: pa.Table, column: Column) -> Column:
    """The column as its heading means it, where it says a date and matching gave up on most of what stands there.

    Of a heading such as *Last contact*, which may mean other things too, some values must be dates.
    """
    said = guess(column.name)
    if said.kind is not Kind.DATE or said.confidence < _SURE or column.kind not in _WORDED:
        return column
    if said.part == "birth" or set(tokens(column.name)) & _DATE_WORDS or evidence(table[column.name]).share("date"):
        return replace(column, kind=Kind.DATE, part=said.part, separator="")
    return column


_WORDED = frozenset({Kind.TEXT, Kind.CATEGORY, Kind.OTHER})
"""What a column of remarks is taken for."""
_SURE = 0.7
"""Of what a heading means, and not only how it begins: a *Birthday card* is no date."""
_DATE_WORDS = frozenset({"date", "datum", "fecha"})


def in_rows(texts: Mask, codes: Codes) -> Mask:
    """Which rows have one of some texts."""
    return np.append(texts, np.False_)[codes]


def _read(table: pa.Table, region: str, column: Column) -> Read:
    cells = _first_of(table[column.name], column.separator)
    found = coded([cells])
    keys, parse = _keys(column, region, found.texts, np.bincount(found.codes[found.codes >= 0], minlength=1))
    keys = pc.if_else(pa.array(_slip(column.kind, keys)), pa.scalar(None, pa.string()), keys)
    why = np.zeros(len(found.texts), np.uint8)
    for place in np.flatnonzero(pc.is_null(keys).to_numpy(zero_copy_only=False)).tolist():
        answer = parse(found.texts[place].as_py())
        why[place] = _OF[answer.reason] if isinstance(answer, Missing) else 0
    blank = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(found.texts)), 0).to_numpy(zero_copy_only=False)
    codes = np.where(in_rows(blank, found.codes), np.int32(-1), found.codes)
    return Read(column, codes, found.texts, keys, why)


def _slip(kind: Kind, keys: pa.Array) -> Mask:
    """Which keys are of a value with a slip: matching compares them, and yet there is no such day or no such domain."""
    if kind is Kind.EMAIL:
        odd = pc.match_substring_regex(keys, r"@[^.]*$")
    elif kind is Kind.DATE:
        odd = pc.invert(pc.match_substring_regex(keys, _DAY))
        leap = pc.match_substring_regex(keys, r"0229$")
        years = pc.cast(pc.if_else(leap, pc.utf8_slice_codeunits(keys, 0, 4), "0"), pa.int64())
        uneven = pc.and_(pc.not_equal(pc.bit_wise_and(years, 3), 0), leap)
        odd = pc.or_(odd, uneven)
    else:
        return np.zeros(len(keys), bool)
    return np.asarray(pc.fill_null(odd, fill_value=False).to_numpy(zero_copy_only=False), bool)


_DAY = r"^[0-9]{4}(00[0-9]{2}|(0[13578]|1[02])([0-2][0-9]|3[01])|(0[469]|11)([0-2][0-9]|30)|02[0-2][0-9])$"


def _first_of(column: pa.ChunkedArray, separator: str) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pa.chunked_array([tables.strings(_heads(chunk)) for chunk in column.chunks], pa.string())
    if not separator:
        return column
    cells = tables.strings(column)
    chunks = cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]
    return pa.chunked_array([_heads(pc.split_pattern(chunk, separator)) for chunk in chunks], pa.string())


def _heads(lists: pa.Array) -> pa.Array:
    """The first member of each list, null where there is none."""
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    members, starts = pc.list_flatten(lists), np.cumsum(sizes) - sizes
    return members.take(pa.array(np.where(sizes > 0, starts, 0), mask=sizes == 0))


def _keys(column: Column, region: str, texts: pa.Array, counts: Ints) -> tuple[pa.Array, Parser]:
    """The match key of each text, and what parses a text that has none; ``counts`` are the rows of each."""
    kind, part = column.kind, column.part
    if kind is Kind.PHONE:
        return phone_columns.keys(texts, region), partial(phones.parse, region=region)
    if kind is Kind.ACCOUNT:
        channel = column.channel or column.name
        return account_columns.keys(texts, channel), partial(accounts.parse, channel=channel)
    if kind is Kind.DATE:
        order = date_columns.order_of([(texts, counts)], region)
        return date_columns.keys(texts, order), partial(dates.parse, order=order)
    if kind is Kind.NAME and part in (*_NAME_PARTS, "full", ""):
        return _whole(name_columns.keys(texts, part), _NAME_PARTS), partial(names.part, part=part)
    if kind is Kind.PLACE:
        return _whole(place_columns.keys(texts, part), (part,)), places.parse if part == "full" else text.parse
    keys, parse = _PLAIN.get(kind, (text_columns.keys, text.parse))
    return keys(texts), parse


_PLAIN: dict[Kind, tuple[Callable[[pa.Array], pa.Array], Parser]] = {
    Kind.EMAIL: (email_columns.keys, emails.parse),
    Kind.URL: (url_columns.keys, urls.parse),
}


def _whole(parts: dict[str, pa.Array], first: tuple[str, ...]) -> pa.Array:
    """The parts of a value as one key: one part alone where the column is of that part."""
    if len(first) == 1 and first[0] in parts and first[0] != "street":
        return parts[first[0]]
    columns = [pc.fill_null(one, "") for one in parts.values()]
    joined = pc.binary_join_element_wise(*columns, "|")
    return pc.if_else(pc.match_substring_regex(joined, r"[^|]"), joined, pa.scalar(None, pa.string()))
