"""Features: the comparable parts of the fields of one or two tables, as codes over match keys.

A :class:`Feature` holds the rows of both tables, the left table's first, so that equal keys have equal codes whichever
side they are on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.normalise import accounts, dates, emails, names, phones, places, text, urls
from socialmerge.normalise.columns import Codes, distinct
from socialmerge.normalise.texts import Texts
from socialmerge.records import Account, Comparison, Email, Field, Kind, Missing, MissingReason, PersonName, Place

__all__ = ["MOST_VALUES", "Feature", "build"]

MOST_VALUES = 6
"""Values of one attribute in one row beyond this many are not compared: a page of fifty links is no address book."""

T = TypeVar("T")
DATE_DIGITS = 8
_DIGITS = re.compile(r"\D")
_LOCAL = re.compile(r"[a-z0-9][a-z0-9._+-]{1,63}")
NAME_PARTS = ("given", "middle", "family", "suffix")
PLACE_PARTS = ("house", "street", "unit", "city", "state", "postcode", "country")


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
    values: pa.Array


def build(fields: Sequence[Field], right: pa.Table, left: pa.Table | None = None) -> tuple[Feature, ...]:
    """Features of ``fields`` over the rows of ``left`` (if any) followed by those of ``right``."""
    built: list[Feature] = []
    for field in fields:
        slots = _slots(field, right, left)
        made = _BUILDERS.get(field.kind, _plain)(field, slots)
        built.extend(feature for feature in made if _comparable(feature, left.num_rows if left is not None else 0))
    return tuple(built)


def _comparable(feature: Feature, left_rows: int) -> bool:
    """Whether there is a value to compare: with two tables, on either side."""
    present = np.any(feature.codes >= 0, axis=0)
    return bool(present[left_rows:].any() and (not left_rows or present[:left_rows].any()))


def _slots(field: Field, right: pa.Table, left: pa.Table | None) -> list[_Slot]:
    """The field's columns as one text array a slot; equal parts of the two tables share a slot."""
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
            pa.concat_arrays(
                [a if a is not None else pa.nulls(n, pa.string()) for a, n in zip(arrays, lengths, strict=True)]
            ),
        )
        for (part, _), arrays in by_part.items()
    ]


def _texts(column: pa.ChunkedArray, separator: str) -> list[pa.Array]:
    """A column as text arrays, one for each value that a cell may hold."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if separator and not pa.types.is_list(array.type):
        array = pc.split_pattern(tables.strings(array), separator)
    if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
        return [tables.strings(array)]
    members, row = tables.strings(pc.list_flatten(array)), pc.list_parent_indices(array).to_numpy()
    first = np.flatnonzero(np.diff(row, prepend=-1))
    number = np.arange(len(row)) - np.repeat(first, np.diff(np.r_[first, len(row)]))
    found = []
    for place in range(min(int(number.max(initial=0)) + 1, MOST_VALUES)):
        at = np.full(len(array), -1, np.int64)
        at[row[number == place]] = np.flatnonzero(number == place)
        found.append(members.take(pa.array(at, mask=at < 0)))
    return found


def _stack(codes: Sequence[Codes]) -> Codes:
    return np.ascontiguousarray(np.vstack(codes)) if codes else np.empty((0, 0), np.int32)


def _merge(slots: Sequence[tuple[Codes, Sequence[str]]]) -> tuple[Codes, Texts]:
    """Bring slots with vocabularies of their own to one vocabulary."""
    index: dict[str, int] = {}
    stacked = []
    for codes, values in slots:
        remap = np.full(len(values) + 1, -1, np.int32)
        for code, value in enumerate(values):
            if value:
                remap[code] = index.setdefault(value, len(index))
        stacked.append(remap[codes])
    return _stack(stacked), Texts(pa.array(list(index), pa.string()))


def _keyed(
    field: Field,
    slots: Sequence[_Slot],
    parse: Callable[[str], T | Missing],
    key: Callable[[T], str],
    *,
    comparison: str,
    group: str = "",
) -> list[Feature]:
    """One feature of all the slots' values, by their match keys."""
    parsed = []
    for slot in slots:
        found = distinct(slot.values, parse)
        parsed.append((found.codes, [key(value) for value in found.values]))
    codes, values = _merge(parsed)
    return [Feature(field.name, comparison, _drop_repeats(codes), values, group, field.name)]


def _drop_repeats(codes: Codes) -> Codes:
    """A value that a row holds twice counts once."""
    for slot in range(1, len(codes)):
        for earlier in range(slot):
            codes[slot][codes[slot] == codes[earlier]] = -1
    used = np.any(codes >= 0, axis=1)
    used[0] = True
    return np.ascontiguousarray(codes[used])


def _names(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    """Given, middle, family and suffix of a person's name, whichever columns hold them."""
    parsed: dict[str, list[tuple[Codes, list[str]]]] = {part: [] for part in (*NAME_PARTS, "nickname")}
    for slot in sorted(slots, key=lambda slot: slot.part == "full"):
        found = distinct(slot.values, _name_parser(slot.part))
        for part, into in parsed.items():
            into.append((found.codes, [getattr(name, part) for name in found.values]))
    made = []
    # given and family share a vocabulary: a swap of the two is then an equality of codes
    shared = _merge([*parsed["given"], *parsed["family"]])
    count = len(parsed["given"])
    for part, codes in (("given", shared[0][:count]), ("family", shared[0][count:])):
        made.append(Feature(f"{field.name}.{part}", part, _first(codes), shared[1], "name", field.name))
    for part in ("middle", "suffix", "nickname"):
        codes, values = _merge(parsed[part])
        made.append(Feature(f"{field.name}.{part}", part, _first(codes), values, "name", field.name))
    return made


def _name_parser(part: str) -> Callable[[str], PersonName | Missing]:
    if part in ("", "full"):
        return names.parse
    return lambda raw: names.part(raw, part)


def _first(codes: Codes) -> Codes:
    """The first slot that has a value, a row."""
    best = codes[:1].copy()
    for slot in codes[1:]:
        best = np.where(best < 0, slot, best)
    return best


def _places(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    parsed: dict[str, list[tuple[Codes, list[str]]]] = {part: [] for part in PLACE_PARTS}
    for slot in slots:
        if slot.part in ("", "full"):
            found = distinct(slot.values, places.parse)
            for part, into in parsed.items():
                into.append((found.codes, [getattr(place, part) for place in found.values]))
        elif slot.part == "street":
            street = distinct(slot.values, _street)
            for part in ("house", "street", "unit"):
                parsed[part].append((street.codes, [getattr(place, part) for place in street.values]))
        else:
            one = distinct(slot.values, partial(places.part, part=slot.part))
            parsed[slot.part].append((one.codes, one.values))
    made = []
    for part, found_slots in parsed.items():
        if found_slots:
            codes, values = _merge(found_slots)
            made.append(Feature(f"{field.name}.{part}", part, _first(codes), values, "place", field.name))
    return made


def _street(raw: str) -> Place | Missing:
    """A street column: the house number and the unit are parts of their own."""
    key = places.part(raw, "street")
    if isinstance(key, Missing):
        return key
    house, street = places.split_house(key)
    return Place(raw, house=house, street=street)


def _dates(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    """Dates as eight digits, 0 for what is not known; the order of day and month is decided once for all columns."""
    counts: Counter[str] = Counter()
    for slot in slots:
        for item in slot.values.value_counts().to_pylist():
            if item["values"]:
                counts[item["values"]] += item["counts"]
    order = dates.order(list(counts), counts=list(counts.values()), region=field.region)
    parsed = []
    for slot in slots:
        found = distinct(slot.values, lambda raw: _date_key(raw, order))
        parsed.append((found.codes, found.values))
    codes, values = _merge(parsed)
    return [Feature(field.name, "date", _drop_repeats(codes), values, "date", field.name)]


def _date_key(raw: str, order: dates.DateOrder) -> str | Missing:
    date = dates.parse(raw, order)
    if isinstance(date, Missing):
        # a slip of one digit makes a date that cannot be; its digits still compare
        digits = _DIGITS.sub("", raw)
        spoilt = date.reason is MissingReason.MALFORMED and len(digits) == DATE_DIGITS and digits[:2] in ("19", "20")
        return digits if spoilt else date
    return f"{date.year:04d}{date.month:02d}{date.day:02d}"


def _email(raw: str) -> Email | Missing:
    """An address; of one at a machine's own name, as commit logs hold them, at least what is before the at-sign."""
    found = emails.parse(raw)
    if isinstance(found, Email) or found.reason is not MissingReason.MALFORMED:
        return found
    local, _, host = raw.strip().casefold().partition("@")
    if not (_LOCAL.fullmatch(local) and host and not host[0].isspace()):
        return found
    key = f"{local}@{host}"
    return Email(raw, key, key, local, host, "company")


def _emails(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    return _keyed(field, slots, _email, lambda email: email.canonical, comparison="email", group="email")


def _phones(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    parse = partial(phones.parse, region=field.region)
    return _keyed(field, slots, parse, lambda phone: phone.e164 or phone.national, comparison="phone", group="phone")


def _urls(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    return _keyed(field, slots, urls.parse, lambda url: url.key, comparison="url", group="web")


def _accounts(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    def key(account: Account) -> str:
        return f"{account.channel}:{account.handle or account.account_id}"

    parse = partial(accounts.parse, channel=field.channel)
    return _keyed(field, slots, parse, key, comparison="account", group="account")


def _plain(field: Field, slots: Sequence[_Slot]) -> list[Feature]:
    parse = _code if field.kind is Kind.CODE else text.parse
    if not field.compare:
        return _keyed(field, slots, parse, str, comparison=field.kind.value)
    return [replace(one, own=field.compare) for one in _keyed(field, slots, parse, str, comparison="own")]


def _code(raw: str) -> str | Missing:
    """A code is its letters and digits: spaces and punctuation in it are layout."""
    folded = text.parse(raw)
    return folded if isinstance(folded, Missing) else folded.replace(" ", "")


_BUILDERS: dict[Kind, Callable[[Field, Sequence[_Slot]], list[Feature]]] = {
    Kind.NAME: _names,
    Kind.PLACE: _places,
    Kind.DATE: _dates,
    Kind.EMAIL: _emails,
    Kind.PHONE: _phones,
    Kind.URL: _urls,
    Kind.ACCOUNT: _accounts,
}
