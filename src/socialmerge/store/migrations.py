"""Numbered changes of the tables: a store is brought to the newest version when it is opened.

A new store is made with the tables of ``schema``. Every migration is a function that takes the tables of the version
before its number and leaves those of its own; none is edited once a release has run it: the next number is added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)

from socialmerge.errors import StoreError
from socialmerge.store import schema
from socialmerge.store.database import damaged

__all__ = ["MIGRATIONS", "NEWEST", "Migration", "migrate", "version"]

Migration = Callable[[Connection], None]

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _evidence(connection: Connection) -> None:
    """Version 2: whether anybody can see what a link rests on."""
    kind = "TEXT" if connection.dialect.name == "sqlite" else 'TEXT COLLATE "C"'
    connection.execute(text(f"ALTER TABLE links ADD COLUMN evidence {kind}"))


def _scores(connection: Connection) -> None:
    """Version 3: what a frozen model weighed of each profile."""
    tables = MetaData()
    Table("records", tables, Column("record", _NUMBER, primary_key=True))
    scores = Table(
        "scores",
        tables,
        Column("record", _NUMBER, ForeignKey("records.record"), primary_key=True, autoincrement=False),
        Column("model", _TEXT, nullable=False),
        Column("entries", LargeBinary, nullable=False),
    )
    scores.create(connection)


def _retired(connection: Connection) -> None:
    """Version 4: the ids of entities that nobody has any more."""
    retired = Table(
        "retired",
        MetaData(),
        Column("entity_id", _TEXT, primary_key=True),
        Column("kind", _TEXT, nullable=False),
        Column("position", BigInteger, nullable=False),
    )
    retired.create(connection)


MIGRATIONS: Mapping[int, Migration] = MappingProxyType({2: _evidence, 3: _scores, 4: _retired})
NEWEST = 4
"""The version of the tables in ``schema``."""

_VERSION = "version"


def version(connection: Connection) -> int:
    """Give the version of the tables, 0 where there are none."""
    if not inspect(connection).has_table(schema.meta.name):
        return 0
    found = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == _VERSION))
    if found is not None and not str(found).isdecimal():
        raise damaged("store: the version of its tables")
    return int(found or 0)


def migrate(
    connection: Connection, *, where: str, migrations: Mapping[int, Migration] = MIGRATIONS, newest: int = NEWEST
) -> int:
    """Bring the tables to the newest version, within the caller's transaction; give the version that they had.

    Raises:
        StoreError: A newer release has written the store.
    """
    found = version(connection)
    if found > newest:
        message = f"{where}: the store has version {found}, this release knows {newest}; install a newer socialmerge"
        raise StoreError(message)
    if not found:
        if taken := sorted(set(inspect(connection).get_table_names()) & set(schema.METADATA.tables)):
            message = (
                f"{where}: there are tables of other programs with names that a store's have ({', '.join(taken)}); "
            )
            raise StoreError(message + "give the store a database or a schema of its own")
        schema.METADATA.create_all(connection)
        connection.execute(insert(schema.meta).values(name=_VERSION, value=str(newest)))
    for number in range(found + 1, newest + 1) if found else ():
        migrations[number](connection)
    if 0 < found < newest:
        connection.execute(update(schema.meta).where(schema.meta.c.name == _VERSION).values(value=str(newest)))
    return found
