"""Fields from schemas: which columns are compared with which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from socialmerge.errors import PlanError, hint
from socialmerge.records import Field, Kind
from socialmerge.schema.model import Column, Schema

__all__ = ["PROFILE_COLUMNS", "bind_left", "check_columns", "fields_of", "fields_of_two"]

PROFILE_COLUMNS: tuple[Column, ...] = (
    Column("display_name", Kind.NAME, "full"),
    Column("given_name", Kind.NAME, "given"),
    Column("family_name", Kind.NAME, "family"),
    Column("emails", Kind.EMAIL),
    Column("phones", Kind.PHONE),
    Column("websites", Kind.URL),
    Column("location", Kind.PLACE, "full"),
    Column("employer", Kind.TEXT, "employer"),
    Column("bio", Kind.TEXT, "bio"),
)
"""What the columns of a profile table mean."""

_PERSONAL = (Kind.NAME, Kind.EMAIL, Kind.PHONE)
_ORGANISATION = "organisation"
_NOT_A_PERSON = (_ORGANISATION, "title")
_SAY_EMPLOYER = (_ORGANISATION, "employer", "bio")
"""Parts of columns that say where somebody works; what people write of themselves often does."""
_TOGETHER = (Kind.EMAIL, Kind.PHONE, Kind.URL)
_EACH = (Kind.TEXT, Kind.CODE, Kind.NUMBER, Kind.CATEGORY)


def fields_of(schema: Schema) -> tuple[Field, ...]:
    """Fields of one table compared with itself."""
    return tuple(_fields(schema.columns, schema.region))


def fields_of_two(left: Sequence[Column], right: Schema) -> tuple[Field, ...]:
    """Fields of two tables compared with each other: those whose meaning both have."""
    bound = (bind_left(field, left) for field in _fields(right.columns, right.region))
    return tuple(field for field in bound if field.left_columns)


def check_columns(
    fields: Sequence[Field],
    right: pa.Table,
    left: pa.Table | None = None,
    *,
    names: tuple[str, str] = ("the profiles have", "the customers have"),
) -> None:
    """Refuse fields that name a column that a table does not have; every such column is listed.

    Raises:
        PlanError: a table lacks a column; ``names`` says which, left then right.
    """
    absent = [(field, column, right, names[1]) for field in fields for column in field.columns]
    if left is not None:
        absent += [(field, column, left, names[0]) for field in fields for column in field.left_columns]
    problems = [
        f"  field {field.name!r}: {name} no column {column!r}{hint(column, table.column_names)}"
        for field, column, table, name in absent
        if column not in table.column_names
    ]
    if problems:
        raise PlanError("the plan does not fit the tables:\n" + "\n".join(problems))


def _fields(columns: Sequence[Column], region: str) -> Iterable[Field]:
    of_kind: dict[Kind, list[Column]] = {}
    for column in columns:
        of_kind.setdefault(column.kind, []).append(column)
    yield from _people(of_kind.get(Kind.NAME, []))
    yield from _places(of_kind.get(Kind.PLACE, []))
    for kind in _TOGETHER:
        found = of_kind.get(kind, [])
        if found:
            separator = next((column.separator for column in found if column.separator), "")
            yield Field(_label(found, kind.value), kind, _names(found), region=region, separator=separator)
    yield from _accounts(of_kind.get(Kind.ACCOUNT, []))
    personal = any(kind in of_kind for kind in _PERSONAL)
    for column in of_kind.get(Kind.DATE, []):
        if column.part == "birth" or not personal:
            yield Field(column.name, Kind.DATE, (column.name,), region=region)
    for kind in _EACH:
        for column in of_kind.get(kind, []):
            yield Field(column.name, kind, (column.name,), separator=column.separator)


def _people(columns: Sequence[Column]) -> Iterable[Field]:
    """One person's name; an organisation's is compared as text."""
    persons = [column for column in columns if column.part not in _NOT_A_PERSON]
    if persons:
        yield Field(_label(persons, "name"), Kind.NAME, _names(persons), tuple(column.part for column in persons))
    for column in columns:
        if column.part == _ORGANISATION:
            yield Field(column.name, Kind.TEXT, (column.name,), (_ORGANISATION,))


def _places(columns: Sequence[Column]) -> Iterable[Field]:
    """One address; a part that occurs twice (two address lines) is compared as text of its own."""
    first: dict[str, Column] = {}
    for column in columns:
        if column.part in first:
            yield Field(column.name, Kind.TEXT, (column.name,))
        else:
            first[column.part] = column
    if first:
        yield Field(_label(list(first.values()), "place"), Kind.PLACE, _names(first.values()), tuple(first))


def _accounts(columns: Sequence[Column]) -> Iterable[Field]:
    """Links to accounts name their channel themselves; handles are of the channel of their column."""
    links = [column for column in columns if column.part not in ("handle", "id")]
    if links:
        yield Field(_label(links, "accounts"), Kind.ACCOUNT, _names(links))
    for column in columns:
        if column.part in ("handle", "id"):
            yield Field(column.name, Kind.ACCOUNT, (column.name,), channel=column.channel or column.name)


def _names(columns: Iterable[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _label(columns: Sequence[Column], otherwise: str) -> str:
    return columns[0].name if len(columns) == 1 else otherwise


def bind_left(field: Field, left: Sequence[Column]) -> Field:
    """Give a field the left table's columns of the same meaning; of generic kinds, the column of the same name."""
    if field.left_columns:
        return field
    alike = [column for column in left if _alike(field, column)]
    if field.kind in (*_EACH, Kind.ACCOUNT, Kind.DATE):
        same_name = [column for column in alike if _plain(column.name) in {_plain(name) for name in field.columns}]
        alone = len(alike) == 1 and field.kind not in (Kind.NUMBER, Kind.CATEGORY)
        alike = same_name or (alike if alone or field.parts == (_ORGANISATION,) else [])
    if field.kind is Kind.PLACE:
        first = {column.part: column for column in reversed(alike)}
        alike = [column for column in alike if first[column.part] is column]
    return replace(field, left_columns=_names(alike), left_parts=tuple(column.part for column in alike))


def _alike(field: Field, column: Column) -> bool:
    if field.kind is Kind.NAME:
        return column.kind is Kind.NAME and column.part not in _NOT_A_PERSON
    if field.parts == (_ORGANISATION,) and column.part in _SAY_EMPLOYER:
        return True
    if _only_by_name(field, column):
        return column.name in field.columns
    return column.kind is field.kind


def _only_by_name(field: Field, column: Column) -> bool:
    """Whether a column of another meaning may yet be the same one, inferred otherwise from other values."""
    if field.kind is Kind.TEXT:
        other = column.kind in (Kind.PLACE, Kind.NAME, Kind.CATEGORY)
        return other or column.part == "bio" or field.parts == (_ORGANISATION,)
    return field.kind is Kind.CATEGORY and column.kind is Kind.TEXT


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
