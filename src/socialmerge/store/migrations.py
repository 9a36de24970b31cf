"""Numbered changes of the tables: a store is brought to the newest version when it is opened.

A new store is made with the tables of ``schema``. Every migration is a function that takes the tables of the version
before its number and leaves those of its own; none is edited once a release has run it: the next number is added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, insert, inspect, select, text, update

from socialmerge.errors import StoreError
from socialmerge.store import schema

__all__ = ["MIGRATIONS", "NEWEST", "Migration", "migrate", "version"]

Migration = Callable[[Connection], None]


def _evidence(connection: Connection) -> None:
    """Version 2: whether anybody can see what a link rests on."""
    kind = "TEXT" if connection.dialect.name == "sqlite" else 'TEXT COLLATE "C"'
    connection.execute(text(f"ALTER TABLE links ADD COLUMN evidence {kind}"))


MIGRATIONS: Mapping[int, Migration] = MappingProxyType({2: _evidence})
NEWEST = 2
"""The version of the tables in ``schema``."""

_VERSION = "version"


def version(connection: Connection) -> int:
    """Give the version of the tables, 0 where there are none."""
    if not inspect(connection).has_table(schema.meta.name):
        return 0
    found = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == _VERSION))
    return int(found) if found is not None else 0


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
        schema.METADATA.create_all(connection)
        connection.execute(insert(schema.meta).values(name=_VERSION, value=str(newest)))
    for number in range(found + 1, newest + 1) if found else ():
        migrations[number](connection)
    if 0 < found < newest:
        connection.execute(update(schema.meta).where(schema.meta.c.name == _VERSION).values(value=str(newest)))
    return found
