"""The names of people who are new to a customer table, in the columns that it has for them.

A profile shows one name, a table may want given and family name apart, and a system may refuse a row without a family
name. A name is parted where it is reasonably sure which word is which, else it stands whole where the family name does.
An organisation's name goes into the column of companies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.merging.fields import company_column
from socialmerge.normalise import names, text
from socialmerge.normalise.written_names import NameHabits, WrittenName, parted
from socialmerge.records import Kind
from socialmerge.schema import Schema

__all__ = ["NameColumns", "columns_of", "known_of", "with_names"]

_ATTRIBUTES = ("display_name", "given_name", "family_name")
_RULE = "split"

Cell = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class NameColumns:
    """The columns for a name of a customer table, ``""`` for none; ``is_family_needed`` by who loads it."""

    given: str = ""
    family: str = ""
    full: str = ""
    company: str = ""
    is_family_needed: bool = False


def columns_of(customers: pa.Table, schema: Schema, *, is_family_needed: bool) -> NameColumns:
    """Find the one column for each part of a name; where there are two of a part nobody can say which is meant."""
    found: dict[str, list[str]] = {}
    for column in schema.columns:
        if column.kind is Kind.NAME and column.name in customers.column_names:
            found.setdefault(column.part or "full", []).append(column.name)
    one = {part: names_[0] for part, names_ in found.items() if len(names_) == 1}
    company = company_column(schema, customers)
    return NameColumns(
        one.get("given", ""), one.get("family", ""), one.get("full", ""), company, is_family_needed=is_family_needed
    )


def known_of(customers: pa.Table, columns: NameColumns) -> NameHabits:
    """What the table itself knows of given and family names: a word is that as which it stands there more often."""
    given, family = (
        _counts(customers, name, last=last) for name, last in ((columns.given, False), (columns.family, True))
    )

    def is_given(word: str) -> bool:
        one, other = given.get(word, 0), family.get(word, 0)
        return one > other if one or other else names.looks_like_given(word)

    return NameHabits(is_given, lambda word: family.get(word, 0) > given.get(word, 0))


def _counts(customers: pa.Table, name: str, *, last: bool) -> Mapping[str, int]:
    found: dict[str, int] = {}
    if name:
        for entry in pc.value_counts(tables.strings(customers[name])).to_pylist():
            words = text.fold(entry["values"] or "").split()
            if words:
                word = words[-1 if last else 0]
                found[word] = found.get(word, 0) + entry["counts"]
    return found


def with_names(cells: pa.Table, provenance: pa.Table, columns: NameColumns, known: NameHabits) -> pa.Table:
    """Add the cells of names that are missing to those of new people; ``provenance`` is of these people alone."""
    shown: dict[str, dict[str, Cell]] = {}
    for row in provenance.filter(pc.is_in(provenance["attribute"], pa.array(_ATTRIBUTES))).to_pylist():
        shown.setdefault(row["entity_id"], {}).setdefault(row["attribute"], row)
    people: dict[str, dict[str, Cell]] = {person: {} for person in shown}
    for row in cells.to_pylist():
        people.setdefault(row["customer_id"], {})[row["field"]] = row
    rows = [
        cell for person, own in people.items() for cell in _named(person, own, shown.get(person, {}), columns, known)
    ]
    return pa.Table.from_pylist(rows, schema=cells.schema)


def _named(
    person: str, own: Mapping[str, Cell], shown: Mapping[str, Cell], columns: NameColumns, known: NameHabits
) -> Iterator[Cell]:
    """Give the cells of one person, with those that follow from the names shown."""
    values = _values(shown, columns, known)
    found = {field: told for field, told in values.items() if field and field not in own}
    is_whole = columns.family in found and columns.given not in values
    yield from (cell for field, cell in own.items() if not (is_whole and field == columns.given))
    for field, (value, told) in found.items():
        rule = told["rule"] if value == told["value"] else _RULE
        new = {"customer_id": person, "field": field, "before": None, "after": value, "action": "insert"}
        yield {**new, "rule": rule, "source": told["source"]}


def _values(shown: Mapping[str, Cell], columns: NameColumns, known: NameHabits) -> dict[str, tuple[str, Cell]]:
    """What the names shown would put into each column, if nothing is there; a name in one goes in as the family's."""
    display, given, family = (shown.get(attribute) for attribute in _ATTRIBUTES)
    name = parted(display["value"] or "", known) if display else text.EMPTY
    found: dict[str, tuple[str, Cell]] = {}
    if display and isinstance(name, WrittenName):
        if name.is_organisation:
            found[columns.company] = name.whole, display
        if name.family:
            found[columns.given] = name.given, display
        if not name.is_organisation or columns.is_family_needed or not columns.company:
            found[columns.family] = name.family or name.whole, display
    elif given and columns.is_family_needed:
        found[columns.family] = given["value"] or "", given
    if told := given or family:
        both = " ".join(one["value"] or "" for one in (given, family) if one)
        found[columns.full] = both, told
    return found
