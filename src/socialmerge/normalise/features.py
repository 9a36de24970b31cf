"""Features: the comparable parts of the fields of one or two tables, as codes over match keys.

A :class:`Feature` holds the rows of both tables, the left table's first, so that equal keys have equal codes whichever
side they are on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.normalise.columnar import accounts, dates, emails, names, phones, places, text, urls
from socialmerge.normalise.columns import Coded, Codes, coded
from socialmerge.normalise.dates import DateOrder
from socialmerge.normalise.texts import Texts
from socialmerge.parallel import each
from socialmerge.records import Comparison, Field, Kind

__all__ = ["MOST_VALUES", "Feature", "build", "date_orders"]

MOST_VALUES = 6
"""Values of one attribute in one row beyond this many are not compared: a page of fifty links is no address book."""
_FEW = 50_000
"""Rows below which threads cost more than they save."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One comparable thing.

    ``codes`` is int32 of shape (values per row, rows), -1 where there is none; ``values`` are the distinct match keys,
    which Arrow holds where `build` made them: ``column`` is the same without Python objects. ``comparison`` names how
    two keys are compared, ``group`` the features whose evidence hangs together. A ``comparison`` of ``"own"`` is the
    caller's function ``own``, or the one that it refers to.
    """

    name: str
    comparison: str
    codes: Codes
    values: Sequence[str]
    group: str = ""
    field: str = ""
    own: str | Comparison = ""

    @property
    def column(self) -> pa.Array:
        """The match keys as ``pa.string()``, without nulls; costs nothing for features that `build` made."""
        return self.values.column if isinstance(self.values, Texts) else pa.array(self.values, pa.string())

    @property
    def rows(self) -> int:
        """How many rows both tables have together."""
        return int(self.codes.shape[1])


@dataclass(frozen=True, slots=True)
class _Slot:
    """One column of one part, over the rows of both tables."""

    part: str
    column: Coded


_Keyed = tuple[Codes, pa.Array]
"""Codes of the rows, and the match key of each code, null where there is none; several codes may have one key."""


def build(
    fields: Sequence[Field],
    right: pa.Table,
    left: pa.Table | None = None,
    *,
    orders: Mapping[str, DateOrder] | None = None,
) -> tuple[Feature, ...]:
    """Features of ``fields`` over the rows of ``left`` (if any) followed by those of ``right``.

    ``orders`` say how the dates of each field are written; with them no row has a say in what is made of another, and
    features without a value to compare are not left out.
    """
    left_rows = left.num_rows if left is not None else 0

    def made(field: Field) -> list[Feature]:
        slots = _slots(field, right, left)
        if field.kind is Kind.DATE and orders:
            return _dates(field, slots, orders.get(field.name))
        return _BUILDERS.get(field.kind, _plain)(field, slots)

    # the time goes into Arrow and numpy, which let other threads run
    built = list(each(made, fields, threads=1 if right.num_rows + left_rows < _FEW else 0))
    pa.default_memory_pool().release_unused()
    return tuple(
        feature for several in built for feature in several if orders is not None or _comparable(feature, left_rows)
    )


def date_orders(fields: Sequence[Field], right: pa.Table, left: pa.Table | None = None) -> dict[str, DateOrder]:
    """How the dates of each field are written in these tables."""
    return {
        field.name: dates.order_of(_counted(_slots(field, right, left)), field.region)
        for field in fields
        if field.kind is Kind.DATE
    }


def _comparable(feature: Feature, left_rows: int) -> bool:
    """Whether there is a value to compare: with two tables, on either side."""
    present = feature.codes >= 0
    return bool(present[:, left_rows:].any() and (not left_rows or present[:, :left_rows].any()))


def _slots(field: Field, right: pa.Table, left: pa.Table | None) -> list[_Slot]:
    """The field's columns as one coded column a slot; equal parts of the two tables share a slot."""
    by_part: dict[tuple[str, int], list[pa.Array | None]] = {}
    sides = [(right, field.columns, field.parts)]
    if left is not None:
        sides.insert(0, (left, field.left_columns, field.left_parts))
    for side, (table, columns, parts) in enumerate(sides):
        seen: dict[str, int] = {}
        for position, column in enumerate(columns):
            part = parts[position] if position < len(parts) else ""
            for array in _texts(table[column], field.separator):
                number = seen.get(part, 0)
                seen[part] = number + 1
                if number < MOST_VALUES:
                    by_part.setdefault((part, number), [None] * len(sides))[side] = array
    lengths = [table.num_rows for table, _, _ in sides]
    return [
        _Slot(
            part,
            coded([a if a is not None else pa.nulls(n, pa.string()) for a, n in zip(arrays, lengths, strict=True)]),
        )
        for (part, _), arrays in by_part.items()
    ]


def _texts(column: pa.ChunkedArray, separator: str) -> list[pa.Array | pa.ChunkedArray]:
    """A column as columns of text, one for each value that a cell may hold."""
    if not separator and not _is_list(column.type):
        return [column]
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not _is_list(array.type):
        array = pc.split_pattern(tables.strings(array), separator)
    members, row = tables.strings(pc.list_flatten(array)), pc.list_parent_indices(array).to_numpy()
    first = np.flatnonzero(np.diff(row, prepend=-1))
    number = np.arange(len(row)) - np.repeat(first, np.diff(np.r_[first, len(row)]))
    found = []
    for place in range(min(int(number.max(initial=0)) + 1, MOST_VALUES)):
        at = np.full(len(array), -1, np.int64)
        at[row[number == place]] = np.flatnonzero(number == place)
        found.append(members.take(pa.array(at, mask=at < 0)))
    return found


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _merge(slots: Sequence[_Keyed]) -> tuple[Codes, Texts]:
    """Bring slots with keys of their own to one vocabulary: equal keys have equal codes."""
    if not slots:
        return np.empty((0, 0), np.int32), Texts(pa.array([], pa.string()))
    whole = pc.dictionary_encode(pa.concat_arrays([keys for _, keys in slots]))
    index = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    stacked, start = [], 0
    for codes, keys in slots:
        remap = np.append(index[start : start + len(keys)], np.int32(-1))
        stacked.append(remap[codes])
        start += len(keys)
    return np.ascontiguousarray(np.vstack(stacked)), Texts(whole.dictionary)


def _keyed(
    field: Field, slots: Sequence[_Slot], keys: Callable[[pa.Array], pa.Array], *, comparison: str, group: str = ""
) -> list[Feature]:
    """One feature of all the slots' values, by their match keys."""
    codes, values = _merge([(slot.column.codes, keys(slot.column.texts)) for slot in slots])
    return [Feature(field.name, comparison, _drop_repeats(codes), values, group, field.name)]


def _drop_repeats(codes: Codes) -> Codes:
    """A value that a row holds twice counts once."""
    for slot in range(1, len(codes)):
        for earlier in range(slot):
            codes[slot][codes[slot] == codes[earlier]] = -1
    used = np.any(codes >= 0, axis=1)
    used[0] = True
    return codes if used.all() else np.ascontiguousarray(codes[used])


def _names(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    """Given, middle, family and suffix of a person's name, whichever columns hold them."""
    parsed: dict[str, list[_Keyed]] = {part: [] for part in names.PARTS}
    for slot in sorted(slots, key=lambda slot: slot.part == "full"):
        found = names.keys(slot.column.texts, slot.part)
        for part, into in parsed.items():
            into.append((slot.column.codes, found[part]))
    made = []
    # given and family share a vocabulary: a swap of the two is then an equality of codes
    shared, values = _merge([*parsed["given"], *parsed["family"]])
    count = len(parsed["given"])
    for part, codes in (("given", shared[:count]), ("family", shared[count:])):
        made.append(Feature(f"{field.name}.{part}", part, _first(codes), values, "name", field.name))
    for part in ("middle", "suffix", "nickname"):
        codes, values = _merge(parsed[part])
        made.append(Feature(f"{field.name}.{part}", part, _first(codes), values, "name", field.name))
    return made


def _first(codes: Codes) -> Codes:
    """The first slot that has a value, a row."""
    best = codes[:1].copy()
    for slot in codes[1:]:
        best = np.where(best < 0, slot, best)
    return best


def _places(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    parsed: dict[str, list[_Keyed]] = {part: [] for part in places.PARTS}
    for slot in slots:
        for part, keys in places.keys(slot.column.texts, slot.part).items():
            parsed[part].append((slot.column.codes, keys))
    made = []
    for part, found_slots in parsed.items():
        if found_slots:
            codes, values = _merge(found_slots)
            made.append(Feature(f"{field.name}.{part}", part, _first(codes), values, "place", field.name))
    return made


def _dates(field: Field, slots: Sequence[_Slot], known: DateOrder | None = None) -> list[Feature]:
    """Dates as eight digits, 0 for what is not known; the order of day and month is decided once for all columns."""
    order = known or dates.order_of(_counted(slots), field.region)
    return _keyed(field, slots, lambda texts: dates.keys(texts, order), comparison="date", group="date")


def _counted(slots: Sequence[_Slot]) -> list[tuple[pa.Array, npt.NDArray[np.int64]]]:
    """The texts of each slot, and the rows of each text."""
    return [(slot.column.texts, np.bincount(slot.column.codes[slot.column.codes >= 0])) for slot in slots]


def _emails(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    return _keyed(field, slots, emails.keys, comparison="email", group="email")


def _phones(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    return _keyed(field, slots, partial(phones.keys, region=field.region), comparison="phone", group="phone")


def _urls(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    return _keyed(field, slots, urls.keys, comparison="url", group="web")


def _accounts(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    keys = partial(accounts.keys, channel=field.channel)
    return _keyed(field, slots, keys, comparison="account", group="account")


def _plain(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    keys = text.code_keys if field.kind is Kind.CODE else text.keys
    if not field.compare:
        return _keyed(field, slots, keys, comparison=field.kind.value)
    return [replace(one, own=field.compare) for one in _keyed(field, slots, keys, comparison="own")]


_BUILDERS: dict[Kind, Callable[[Field, Sequence[_Slot]], list[Feature]]] = {
    Kind.NAME: _names,
    Kind.PLACE: _places,
    Kind.DATE: _dates,
    Kind.EMAIL: _emails,
    Kind.PHONE: _phones,
    Kind.URL: _urls,
    Kind.ACCOUNT: _accounts,
}
