"""Rows on their way in: temporary tables of one connection, from which rows are merged into those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Executable,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    SmallInteger,
    Table,
    Text,
    Update,
    and_,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from socialmerge.store.database import BATCH_ROWS, Database, Rows

__all__ = [
    "Changes",
    "adding",
    "greatest",
    "inserted",
    "least",
    "merge",
    "same_name",
    "staged_claims",
    "staged_identifiers",
    "staged_keys",
    "staged_links",
    "staged_members",
    "staged_observations",
    "staged_records",
    "staging",
]

_METADATA = MetaData()
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _staged(name: str, *columns: Column[int] | Column[str] | Column[float] | Column[bytes]) -> Table:
    return Table(f"staged_{name}", _METADATA, *columns, prefixes=["TEMPORARY"])


staged_keys = _staged("keys", Column("row", BigInteger), Column("source", _TEXT), Column("record_id", _TEXT))
staged_records = _staged(
    "records",
    Column("row", BigInteger),
    Column("source", _TEXT),
    Column("record_id", _TEXT),
    Column("kind", _TEXT),
    Column("channel", _TEXT),
    Column("scope", _TEXT),
    Column("account_id", _TEXT),
    Column("created_at", BigInteger),
    Column("is_person", SmallInteger),
)
staged_claims = _staged(
    "claims",
    Column("record", BigInteger),
    Column("claim", LargeBinary),
    Column("attribute", _TEXT),
    Column("raw", _TEXT),
    Column("place", Integer),
    Column("first_seen", BigInteger),
    Column("last_seen", BigInteger),
    Column("is_verified", SmallInteger),
    Column("visibility", SmallInteger),
    Column("purposes", Integer),
    Column("basis", _TEXT),
    Column("consent", _TEXT),
    Column("keep_until", BigInteger),
)
staged_observations = _staged(
    "observations", Column("record", BigInteger), Column("observed_at", BigInteger), Column("layout", BigInteger)
)
staged_identifiers = _staged(
    "identifiers", Column("record", BigInteger), Column("digest", LargeBinary), Column("is_strong", SmallInteger)
)
staged_links = _staged(
    "links",
    Column("left", BigInteger),
    Column("right", BigInteger),
    Column("plan_version", _TEXT),
    Column("weight", Float(53)),
    Column("probability", Float(53)),
    Column("verdict", _TEXT),
    Column("assurance", _TEXT),
    Column("evidence", _TEXT),
)
staged_members = _staged("members", Column("record", BigInteger), Column("entity_id", _TEXT))


def staging(database: Database, connection: Connection, table: Table, rows: Rows) -> Iterator[int]:
    """Put rows into a temporary table, a batch at a time; give the size of each batch while it is there."""
    if not rows:
        return
    connection.execute(CreateTable(table, if_not_exists=True))
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows[start : start + BATCH_ROWS]
        database.stage(connection, table, batch)
        yield len(batch)
        database.unstage(connection, table)


Changes = Mapping[str, ColumnElement[object]]


def merge(
    connection: Connection, staged: Table, into: Table, changes: Callable[[], Changes] | None, *, size: int
) -> tuple[int, int]:
    """Add the staged rows that are not there yet, and make ``changes`` to those that are; count both.

    The staged rows have the columns of ``into``, and no key twice. A row is changed only where a change differs.
    """
    made = inserted(connection, _adding(staged, into, connection.dialect.name))
    if made == size or changes is None:
        return made, 0
    return made, connection.execute(_changing(staged, into, changes)).rowcount


@cache
def _adding(staged: Table, into: Table, dialect: str) -> Executable:
    names, key = [column.name for column in into.columns], next(iter(into.primary_key)).name
    rows = select(*(staged.c[name] for name in names)).where(staged.c[key].is_not(None))
    return adding(into, names, rows, dialect)


@cache
def _changing(staged: Table, into: Table, changes: Callable[[], Changes]) -> Update:
    changed = changes()
    differs = or_(*(into.c[name].is_distinct_from(value) for name, value in changed.items()))
    same = and_(*(into.c[key.name] == staged.c[key.name] for key in into.primary_key))
    return update(into).values(dict(changed)).where(same, differs)


def adding(into: Table, names: Sequence[str], rows: Select[Any], dialect: str) -> Executable:
    """Ask to insert what a query gives, leaving out rows whose key is there."""
    if dialect == "sqlite":
        return sqlite.insert(into).from_select(list(names), rows).on_conflict_do_nothing()
    return postgresql.insert(into).from_select(list(names), rows).on_conflict_do_nothing()


def inserted(connection: Connection, statement: Executable, values: Mapping[str, int] | None = None) -> int:
    """Insert, and count the rows."""
    return connection.execute(statement, values, execution_options={"preserve_rowcount": True}).rowcount


def same_name(left: Table, right: Table) -> ColumnElement[bool]:
    """Say that two rows name one record."""
    return and_(left.c.source == right.c.source, left.c.record_id == right.c.record_id)


def greatest(old: ColumnElement[object], new: ColumnElement[object]) -> ColumnElement[object]:
    """Give the greater of two values, null being less than all."""
    return case((or_(old.is_(None), new > old), new), else_=old)


def least(old: ColumnElement[object], new: ColumnElement[object]) -> ColumnElement[object]:
    """Give the lesser of two values, null being more than all."""
    return case((or_(old.is_(None), new < old), new), else_=old)
