"""What the attributes of a channel are worth: how many are filled, agree with the customers' own, fill their blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.channels.use import ATTRIBUTES, derived
from socialmerge.normalise import phones, text
from socialmerge.outcomes.measures import wilson
from socialmerge.records import Kind, Phone
from socialmerge.schema import Schema

__all__ = ["AGREES", "LOOKED_AT", "Worth", "kept_back", "said_of", "worth_of"]

AGREES = 0.5
"""The share of values that must agree with the customers' own for an attribute to be worth anything."""
LOOKED_AT = 5_000
"""Attached profiles of a channel that are looked at: those of the first ids."""
_HERE: Mapping[str, tuple[tuple[Kind, str | None], ...]] = {
    "display_name": ((Kind.NAME, "full"), (Kind.NAME, "given"), (Kind.NAME, "family")),
    "given_name": ((Kind.NAME, "given"), (Kind.NAME, "full")),
    "family_name": ((Kind.NAME, "family"), (Kind.NAME, "full")),
    "location": ((Kind.PLACE, None),),
    "employer": ((Kind.NAME, "organisation"), (Kind.TEXT, "employer")),
    "websites": ((Kind.URL, None),),
    "emails": ((Kind.EMAIL, None),),
    "phones": ((Kind.PHONE, None),),
}
"""What a customer's own table may say of the same thing."""
_DIGITS = 8

Cells = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Worth:
    """Of ``profiles`` that are attached: those that have the attribute, and what it is beside the customer's own.

    Both have a value in ``compared`` of them, alike in ``agrees``; ``fills`` a blank. The last three are None where the
    customers' table has no such column.
    """

    profiles: int
    filled: int
    compared: int | None = None
    agrees: int | None = None
    fills: int | None = None

    @property
    def contrary(self) -> bool:
        """Whether it is known, at 95 %, that fewer than half of its values agree with the customers' own."""
        return bool(self.compared) and wilson(self.agrees or 0, self.compared or 0)[1] < AGREES

    def as_dict(self) -> dict[str, int | None]:
        """The counts by name."""
        return asdict(self)


def worth_of(pairs: Mapping[str, str], profiles: pa.Table, customers: pa.Table, schema: Schema) -> dict[str, Worth]:
    """What each attribute is worth by the customers (by id) that profiles (by id) belong to."""
    some = {one: pairs[one] for one in sorted(pairs)[:LOOKED_AT]}
    theirs = _rows(profiles, "profile_id", list(some))
    own = _rows(customers, schema.id_column, list(some.values()))
    both = [(one, other) for one, other in zip(some, some.values(), strict=True) if one in theirs and other in own]
    found = {}
    for name in ATTRIBUTES:
        if name not in profiles.column_names:
            continue
        parts = [schema.of(*meaning) for meaning in _HERE.get(name, ())]
        columns = [column.name for part in parts for column in part]
        values = _texts(profiles[name], [theirs[one] for one, _ in both])
        beside = [_texts(customers[column], [own[other] for _, other in both]) for column in columns]
        found[name] = _counted(name, values, beside, schema.region)
    return found


def _rows(table: pa.Table, column: str, wanted: Sequence[str]) -> dict[str, int]:
    """The rows of some ids."""
    ids = tables.clean_ids(table[column])
    places = pc.index_in(pa.array(wanted, pa.string()), ids).to_pylist()
    return {one: place for one, place in zip(wanted, places, strict=True) if place is not None}


def _texts(column: pa.ChunkedArray, rows: Sequence[int]) -> list[list[str]]:
    """The values of some rows, several where a cell holds them."""
    found = tables.strings(column.take(pa.array(rows, pa.int64()))).to_pylist()
    return [[part.strip() for part in (cell or "").split(tables.LIST_SEPARATOR) if part.strip()] for cell in found]


def _counted(name: str, values: Sequence[list[str]], beside: Sequence[Sequence[list[str]]], region: str) -> Worth:
    filled = sum(1 for one in values if one)
    if not beside:
        return Worth(len(values), filled)
    own = [[value for column in beside for value in column[row]] for row in range(len(values))]
    both = [(one, other) for one, other in zip(values, own, strict=True) if one and other]
    alike = _alike(name, region)
    fills = sum(1 for one, other in zip(values, own, strict=True) if one and not other)
    return Worth(len(values), filled, len(both), sum(1 for one, other in both if alike(one, other)), fills)


def _alike(name: str, region: str) -> Callable[[list[str], list[str]], bool]:
    """Whether any of the values of a profile says what the customer's own say."""
    if name == "phones":
        return lambda left, right: not _numbers(left, region).isdisjoint(_numbers(right, region))
    if name in ("emails", "websites"):
        return lambda left, right: not _addresses(left).isdisjoint(_addresses(right))
    return _share_words


def _share_words(left: list[str], right: list[str]) -> bool:
    """Half of the words of the shorter stand in the longer, as in *London, UK* and *London*."""
    one, other = _words(left), _words(right)
    return bool(one and other) and 2 * len(one & other) >= min(len(one), len(other))


def _words(values: Iterable[str]) -> set[str]:
    return {word for value in values for word in re.findall(r"\w+", text.fold(value))}


def _addresses(values: Iterable[str]) -> set[str]:
    bare = (re.sub(r"^(mailto:|https?://)?(www\.)?", "", value.casefold()) for value in values)
    return {one.rstrip("/") if "@" in one else one.partition("/")[0] for one in bare}


def _numbers(values: Iterable[str], region: str) -> set[str]:
    """Numbers by their last digits, which a missing country code does not change."""
    found = (phones.parse(value, region) for value in values)
    plain = (one.e164 if isinstance(one, Phone) else value for one, value in zip(found, values, strict=True))
    return {digits[-_DIGITS:] for one in plain if (digits := re.sub(r"\D", "", one))}


def kept_back(found: Mapping[str, Worth]) -> dict[str, str]:
    """The attributes that nobody is to see, since they contradict the customers' own: what ``fields`` says of them."""
    contrary = [name for name, worth in found.items() if worth.contrary]
    hidden = dict.fromkeys(one for name in contrary for one in (name, *derived(name)))
    return {name: "secret" for name in ATTRIBUTES if name in hidden and name in found}


def said_of(found: Mapping[str, Worth]) -> list[str]:
    """Each attribute in a sentence: what it is worth, and what follows; those that are never filled in one."""
    if not found:
        return []
    lines = [f"fields: {_said(name, one)}" for name, one in found.items() if one.filled]
    never = [name for name, one in found.items() if not one.filled]
    return lines + ([f"fields: never filled: {', '.join(never)}"] if never else [])


def _said(name: str, one: Worth) -> str:
    head = f"{name} is filled in {one.filled:,} of {one.profiles:,} attached"
    if one.compared is None:
        return f"{head}; your table has nothing to compare it with"
    told = []
    if one.compared:
        low, high = wilson(one.agrees or 0, one.compared)
        told.append(
            f"agrees with yours in {one.agrees:,} of {one.compared:,} where both have one ({low:.2f} to {high:.2f})"
        )
    told.append(f"fills {one.fills:,} blank{'s' * (one.fills != 1)}")
    after = ""
    if one.contrary:
        after = f": fewer than {AGREES:.2f} agree, so nobody is to see it (secret)"
    elif one.fills:
        after = ": worth taking"
    return f"{head}, {', '.join(told)}{after}"
