"""The database behind a store: transactions, bulk rows, and errors in plain words.

What differs between SQLite and PostgreSQL is in ``sqlite`` and ``postgres``, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from socialmerge.errors import StoreError, StoreUnavailableError

__all__ = [
    "BATCH_ROWS",
    "Database",
    "NoStoreError",
    "Rows",
    "Value",
    "damaged",
    "first_cell",
    "joining",
    "reading",
    "told",
    "writing",
]

BATCH_ROWS = 20_000
"""Rows that go to the database, or come from it, at a time."""

Value: TypeAlias = str | bytes | int | float | None
Rows: TypeAlias = Sequence[tuple[Value, ...]]


class NoStoreError(StoreError):
    """There is no store at a URL yet, and none was to be made."""


@dataclass(slots=True)
class Joined:
    """A transaction that several changes are parts of; ``is_broken`` says that the database failed in one of them."""

    connection: Connection
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """An open database.

    ``begin`` starts a transaction that reads, and ``lock`` one that writes, of which there is one at a time; ``stage``
    puts rows into a temporary table that holds none, and ``unstage`` takes them out again. ``diagnose`` says in words
    what an error of the driver means, "" where it does not know. ``scrub`` takes deleted rows off the disk as far as
    the database can, and says whether it could. ``joined`` is the transaction that all reads and writes are a part of,
    where several changes are made as one; it ends elsewhere.
    """

    where: str
    engine: Engine
    begin: Callable[[Connection], None]
    lock: Callable[[Connection], None]
    stage: Callable[[Connection, Table, Rows], None]
    unstage: Callable[[Connection, Table], None]
    diagnose: Callable[[BaseException], str]
    scrub: Callable[[Engine], bool]
    joined: Joined | None = None


@contextmanager
def told(database: Database) -> Iterator[None]:
    """Tell what the driver or SQLAlchemy raises as a StoreError, which never holds a value of a row."""
    driver: Any = database.engine.dialect.dbapi
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        raise _error(database, cause) from None
    except driver.Error as error:
        raise _error(database, error) from None
    except UnicodeDecodeError:  # the driver's; it holds what could not be read
        raise damaged(database.where) from None


def _error(database: Database, cause: BaseException) -> StoreUnavailableError:
    # The driver's own text may show a row.
    known = database.diagnose(cause)
    return StoreUnavailableError(f"{database.where}: {known or f'the database refused ({type(cause).__name__})'}")


def damaged(what: str) -> StoreError:
    """Tell that something in the database is not as any release writes it, without saying what stands there."""
    return StoreError(f"{what}: not as it was written; the database is damaged: restore it from a copy")


@contextmanager
def reading(database: Database) -> Iterator[Connection]:
    """Read in one transaction: everything in it is of one moment, and no writer is waited for."""
    if database.joined is not None:
        with _part(database, database.joined) as joined:
            yield joined
        return
    with told(database), database.engine.connect() as connection:
        database.begin(connection)
        try:
            yield connection
        finally:
            connection.rollback()


def first_cell(database: Database, statement: str) -> Value:
    """Ask one thing of this moment, with none of what a transaction costs; None where there is no row."""
    if database.joined is not None:
        with _part(database, database.joined) as joined:
            found: Value = joined.exec_driver_sql(statement).scalar()
            return found
    with told(database):
        connection = database.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            row = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
    return row[0] if row else None


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """Write in one transaction, alone: all of it is there at the end of the block, or none."""
    if database.joined is not None:
        with _part(database, database.joined) as joined, joined.begin_nested():
            yield joined
        return
    with told(database), database.engine.connect() as connection:
        database.lock(connection)
        yield connection
        connection.commit()


@contextmanager
def joining(database: Database) -> Iterator[Database]:
    """Write in one transaction what several changes write to the database that this gives: all of it, or none."""
    with writing(database) as connection:
        joined = database.joined or Joined(connection)
        yield replace(database, joined=joined)
        _refuse_broken(database, joined)


@contextmanager
def _part(database: Database, joined: Joined) -> Iterator[Connection]:
    """A part of a transaction, none of which counts once the database failed: SQLite may have ended it by itself."""
    _refuse_broken(database, joined)
    try:
        with told(database):
            yield joined.connection
    except StoreUnavailableError:
        joined.is_broken = True
        raise


def _refuse_broken(database: Database, joined: Joined) -> None:
    if joined.is_broken:
        raise StoreUnavailableError(
            f"{database.where}: the database failed before, in what was to be one change; nothing of it was stored: do "
            "all of it again"
        )
