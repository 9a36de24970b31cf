"""Whose the orders are: by the customer's id, or by an address or a number that one customer alone has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.merging.arrays import codes_in
from socialmerge.normalise import phones
from socialmerge.normalise.columnar import emails as email_keys
from socialmerge.normalise.columnar import phones as phone_keys
from socialmerge.outcomes.lines import least
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.order_columns import WHO
from socialmerge.records import Kind
from socialmerge.schema.evidence import evidence
from socialmerge.schema.wording import guess

__all__ = ["Buyers", "Known", "buyers_of", "told"]

_MOSTLY = 0.6
_SEVERAL = -2
_NAMES = {"email": "e-mail address", "phone": "telephone number"}


@dataclass(frozen=True, slots=True)
class Buyers:
    """What each order says of its customer, by role: an id, an address, a number, as text or null; and the columns."""

    said: Mapping[str, pa.Array]
    columns: Mapping[str, str]

    def first(self) -> pa.Array:
        """What says it most surely: the id, else the address, else the number."""
        found: pa.Array = pc.coalesce(*(self.said[role] for role in WHO if role in self.said))
        return found

    def of(self, order: Ints, rows: Flags) -> Buyers:
        """What the lines of each order say together, by the number of the order."""
        return Buyers({role: least(texts, order, rows) for role, texts in self.said.items()}, self.columns)

    def take(self, rows: Ints) -> Buyers:
        """Those of some orders."""
        return Buyers({role: texts.take(pa.array(rows)) for role, texts in self.said.items()}, self.columns)


@dataclass(frozen=True, slots=True)
class Known:
    """The customers' table: the id of each row, and which person it is of; then ids that people had in former times."""

    table: pa.Table
    ids: pa.Array
    person: Ints
    region: str = ""


def buyers_of(table: pa.Table, roles: Mapping[str, str]) -> tuple[Buyers, int]:
    """Read whose the orders are; and how many name several customers, of whom the first counts."""
    said = {role: tables.clean_ids(table[roles[role]]) for role in WHO if role in roles}
    said |= {"email": pc.utf8_lower(said["email"])} if "email" in said else {}
    shared = 0
    if "customer" in said:
        said["customer"], shared = _first_customer(said["customer"])
    return Buyers(said, {role: roles[role] for role in said}), shared


def _first_customer(ids: pa.Array) -> tuple[pa.Array, int]:
    """The first of several ids in a cell (HubSpot joins them by semicolons), and how many cells have several."""
    several = pc.match_substring(ids, ";").fill_null(False)  # noqa: FBT003 - Arrow's signature
    count = pc.sum(several).as_py() or 0
    if not count:
        return ids, 0
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(ids, r";.*$", "")), int(count)


def told(buyers: Buyers, known: Known) -> tuple[pa.Array, list[str]]:
    """The customer of each order by an id of the customers' table, null where nobody or not one alone; and what to say.

    An id counts first. Where an id is blank or nobody's, an address counts that only one person of the table has, then
    a number. Ids that mostly contradict the addresses are those of another system, and do not count.
    """
    count = len(next(iter(buyers.said.values())))
    by_id = np.full(count, -1, np.int64)
    if "customer" in buyers.said:
        by_id = np.append(known.person, -1)[codes_in(buyers.said["customer"], known.ids)]
    if set(buyers.said) == {"customer"}:
        return buyers.said["customer"], []
    found, notes = {}, []
    for role in ("email", "phone"):
        if role in buyers.said:
            found[role] = _by_contact(role, buyers.said[role], known)
    for place in found.values():
        both = (by_id >= 0) & (place >= 0)
        against = int((by_id[both] != place[both]).sum())
        if against > both.sum() - against:
            notes.append(_other_system(buyers, against))
            by_id = np.full(count, -1, np.int64)
    person = by_id.copy()
    used: dict[str, Flags] = {}
    for role, place in found.items():
        used[role] = person == -1
        person = np.where(used[role] & (place != -1), place, person)
    notes += [_said(role, buyers, used[role], found[role]) for role in found if used[role].any()]
    return _ids(person, known), notes


def _ids(person: Ints, known: Known) -> pa.Array:
    """The first id of each person, null where there is none."""
    first = np.full(int(known.person.max(initial=-1)) + 2, len(known.ids), np.int64)
    np.minimum.at(first, known.person, np.arange(len(known.person)))
    first[-1] = len(known.ids)
    row = first[np.maximum(person, -1)]
    return known.ids.take(pa.array(row, mask=row == len(known.ids)))


def _by_contact(role: str, said: pa.Array, known: Known) -> Ints:
    """The person of each order by what reaches them; -1 where nobody has it, -2 where several people do."""
    region = known.region
    columns = list(_columns(role, known.table))
    if role == "phone" and not region:
        region = phones.guess_region(
            [text for column in columns for text in tables.strings(column).to_pylist() if text]
        )
    owned = [_owned(role, column, known.person, region) for column in columns]
    if not owned:
        return np.full(len(said), -1, np.int64)
    keys = pa.concat_arrays([key for key, _ in owned])
    person = np.concatenate([of for _, of in owned])
    distinct = pc.unique(keys).drop_null()
    code = codes_in(keys, distinct)
    low, high = np.full(len(distinct), np.iinfo(np.int64).max), np.full(len(distinct), -1, np.int64)
    np.minimum.at(low, code[code >= 0], person[code >= 0])
    np.maximum.at(high, code[code >= 0], person[code >= 0])
    one = np.append(np.where(low == high, low, _SEVERAL), -1)
    return np.asarray(one[codes_in(_keys(role, said, region), distinct)], np.int64)


def _owned(role: str, column: pa.ChunkedArray, person: Ints, region: str) -> tuple[pa.Array, Ints]:
    """What reaches each row, and the person of it; a cell may hold several."""
    texts, between = tables.strings(column), evidence(column).separator
    if not between:
        return _keys(role, texts, region), person[: len(texts)]
    parts = pc.split_pattern(texts, between)
    row = pc.list_parent_indices(parts).to_numpy(zero_copy_only=False)
    return _keys(role, pc.list_flatten(parts), region), person[row]


def _columns(role: str, table: pa.Table) -> Iterator[pa.ChunkedArray]:
    for name in table.column_names:
        column = table[name]
        if pa.types.is_nested(column.type):
            continue
        if role == "email" and evidence(column).share("email") >= _MOSTLY:
            yield column
        if role == "phone" and guess(name).kind is Kind.PHONE:
            yield column


def _keys(role: str, texts: pa.Array, region: str) -> pa.Array:
    """Addresses as mailboxes, numbers as they are dialled; null where a text is none."""
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    keys = email_keys.keys(distinct) if role == "email" else phone_keys.keys(distinct, region)
    return keys.take(encoded.indices)


def _other_system(buyers: Buyers, against: int) -> str:
    column, other = (
        buyers.columns["customer"],
        next(buyers.columns[role] for role in ("email", "phone") if role in buyers.columns),
    )
    are = some(against, "order is", "orders are")
    return (
        f"orders: the ids of column {column!r} are those of another system, for by column {other!r} {are} of somebody "
        f"else; column {other!r} says whose the orders are"
    )


def _said(role: str, buyers: Buyers, used: Flags, place: Ints) -> str:
    """What came of the orders that an address or a number had to tell."""
    whole = int(used.sum())
    found, several = int((used & (place >= 0)).sum()), int((used & (place == _SEVERAL)).sum())
    blank = int((used & buyers.said[role].is_null().to_numpy(zero_copy_only=False)).sum())
    unknown = whole - found - several - blank
    name = _NAMES[role]
    left = [
        f"{some(count, one, many)} {why}"
        for count, one, many, why in (
            (several, "has", "have", f"the {name} of several customers"),
            (unknown, "has", "have", "one that no customer has"),
            (blank, "has", "have", "none"),
        )
        if count
    ]
    rest = f"; {', '.join(left)}, and {'is' if sum((several, unknown, blank)) == 1 else 'are'} left out" if left else ""
    by = f"by the {name} of column {buyers.columns[role]!r}"
    return f"orders: {found:,} of {some(whole, 'order', 'orders')} could be given to one customer {by}{rest}"
