"""A store in one SQLite file."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, insert
from sqlalchemy.dialects import sqlite

from socialmerge.errors import StoreError
from socialmerge.store.database import Database, Rows

__all__ = ["open_sqlite"]

_WRITES = "socialmerge_writes"
_CACHE_KIB = 65_536

_MEANINGS = {
    sqlite3.SQLITE_BUSY: "another process is writing; try again when it is done, or give a longer timeout_s=",
    sqlite3.SQLITE_LOCKED: "another process is writing; try again when it is done, or give a longer timeout_s=",
    sqlite3.SQLITE_FULL: "the disk is full; nothing of this change was stored: make room and do it again",
    sqlite3.SQLITE_NOTADB: "this file is no SQLite database; name another file, or restore it from a copy",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged; restore it from a copy",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; see that its folder is there and may be written to",
    sqlite3.SQLITE_READONLY: "the file may not be written to; see its owner and mode, and those of its folder",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; see that there is room and that it is still there",
    sqlite3.SQLITE_TOOBIG: "a value is too large for the database; shorten it at its source",
}


def open_sqlite(url: URL, *, timeout_s: float) -> Database:
    """Open the file of ``url``, made where it is new; the folder must be there.

    Raises:
        StoreError: The URL names no file, or the folder is not there.
    """
    if not url.database or url.database == ":memory:":
        message = "store: the URL names no file; write sqlite:///people.db, or sqlite:////an/absolute/people.db"
        raise StoreError(message)
    path = Path(url.database)
    if not path.parent.is_dir():
        message = f"{path}: the folder {path.parent} is not there; make it first"
        raise StoreError(message)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": timeout_s})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return Database(str(path), engine, _read, _lock, _stage, _diagnose, _scrub)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin alone, none behind our back
    for pragma in (
        "journal_mode=WAL",  # readers never wait, and a killed process leaves nothing half done
        "synchronous=FULL",  # what is reported as done is on the disk
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is overwritten
        "temp_store=MEMORY",  # rows on their way in leave no file
        f"cache_size=-{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _read(connection: Connection) -> None:
    # A snapshot is taken by the first read, not by BEGIN.
    connection.exec_driver_sql("SELECT 1 FROM sqlite_schema").close()


def _lock(connection: Connection) -> None:
    connection.execution_options(**{_WRITES: True})
    connection.begin()


def _stage(connection: Connection, table: Table, rows: Rows) -> None:
    if rows:
        connection.exec_driver_sql(_inserting(table), list(rows))


@cache
def _inserting(table: Table) -> str:
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")))


def _diagnose(error: BaseException) -> str:
    code: Any = getattr(error, "sqlite_errorcode", None)
    return _MEANINGS.get(code & 0xFF, "") if isinstance(code, int) else ""


def _scrub(engine: Engine) -> bool:
    """Write the file anew without what was deleted, and empty the write-ahead log, which holds older pages."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
    return bool(busy == 0)
