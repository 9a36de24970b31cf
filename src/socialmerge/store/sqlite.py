"""A store in one SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Delete, Engine, Table, create_engine, delete, event, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import NullPool

from socialmerge.errors import StoreError
from socialmerge.store.database import Database, NoStoreError, Rows

__all__ = ["open_sqlite"]

_LEAST_VERSION = (3, 33)  # UPDATE ... FROM
_HEAD = b"SQLite format 3\0"
_CACHE_KIB = 65_536
_SCRUB_WAIT_MS = 2_000
_PRAGMAS = (
    "journal_mode=WAL",  # readers never wait, and a killed process leaves nothing half done
    "synchronous=FULL",  # what is reported as done is on the disk
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten
    "temp_store=MEMORY",  # rows on their way in leave no file
    f"cache_size=-{_CACHE_KIB}",
)
_BUSY = "another process is writing; try again when it is done, or give a longer timeout_s="
_MEANINGS = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: "the disk is full; nothing of this change was stored: make room and do it again",
    sqlite3.SQLITE_NOTADB: "this file is no SQLite database; name another file, or restore it from a copy",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged; restore it from a copy",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; see that it is still there and may be read and written",
    sqlite3.SQLITE_READONLY: "the file may not be written to; see its owner and mode, and those of its folder",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; see that there is room and that it is still there",
    sqlite3.SQLITE_TOOBIG: "a value is too large for the database; shorten it at its source",
}


def open_sqlite(url: URL, *, timeout_s: float, create: bool) -> Database:
    """Open the file of ``url``, made where it is new and ``create`` says so; the folder must be there.

    Every transaction opens the file anew, and none makes it: a file that was moved away is missed, rather than that an
    empty one takes its place, and between writes the file alone is the whole store.

    Raises:
        StoreError: The URL names no file, the file or its folder is not there, or this Python's SQLite is too old.
    """
    if not url.database or url.database == ":memory:":
        message = "store: the URL names no file; write sqlite:///people.db, or sqlite:////an/absolute/people.db"
        raise StoreError(message)
    if sqlite3.sqlite_version_info < _LEAST_VERSION:
        least = ".".join(map(str, _LEAST_VERSION))
        message = f"store: this Python has SQLite {sqlite3.sqlite_version}; {least} or newer is needed"
        raise StoreError(message)
    path = Path(url.database).absolute()
    _refuse_what_is_none(path)
    if not path.exists():
        if not create:
            message = f"{path}: there is no store; see the path, or make one by loading customers into it"
            raise NoStoreError(message)
        _make(path)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            _place(path, "rw"), uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    return Database(str(path), engine, _read, _lock, _stage, _unstage, _diagnose, _scrub)


def _refuse_what_is_none(path: Path) -> None:
    """Raise where a store neither is nor can be made, and where another program's data is."""
    if not path.parent.is_dir():
        message = f"{path}: the folder {path.parent} is not there; make it first"
        raise StoreError(message)
    if path.is_dir():
        message = f"{path}: this is a folder; name a file in it, as in sqlite:///{path.name}/people.db"
        raise StoreError(message)
    if _is_foreign(path):
        message = f"{path}: {_MEANINGS[sqlite3.SQLITE_NOTADB]}"
        raise StoreError(message)
    if _is_of_others(path):
        message = f"{path}: this database is something else's and no store; name a file that is not there yet"
        raise StoreError(message)


def _is_foreign(path: Path) -> bool:
    """Say whether a file is there, holds something, and is no SQLite database."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEAD))
    except OSError:
        return False  # not there, or not to be read: SQLite says which
    return bool(head) and head != _HEAD


def _is_of_others(path: Path) -> bool:
    """Say whether a database is there that has tables, and not the one that every store has."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(_place(path, "ro"), uri=True, timeout=0)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False  # whoever opens it to write says what is wrong
    return bool(names) and "meta" not in names


def _place(path: Path, mode: str) -> str:
    return f"file:{quote(str(path))}?mode={mode}"


def _make(path: Path) -> None:
    """Make an empty file that only its owner may read; SQLite takes it for an empty database."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        message = f"{path}: the file cannot be made ({error.strerror}); see the owner and mode of its folder"
        raise StoreError(message) from None


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _read(connection: Connection) -> None:
    # A snapshot is taken by the first read, not by BEGIN.
    _begun(connection, "BEGIN").execute("SELECT count(*) FROM sqlite_master").close()


def _lock(connection: Connection) -> None:
    _begun(connection, "BEGIN IMMEDIATE")


def _begun(connection: Connection, statement: str) -> sqlite3.Connection:
    """Begin a transaction by the driver itself: by SQLAlchemy it took longer than what a small store is asked."""
    connection.begin()
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # of any database
    driver.execute(statement)
    return driver


def _stage(connection: Connection, table: Table, rows: Rows) -> None:
    connection.exec_driver_sql(_inserting(table), list(rows))


def _unstage(connection: Connection, table: Table) -> None:
    connection.execute(_emptying(table))


@cache
def _emptying(table: Table) -> Delete:
    return delete(table)


@cache
def _inserting(table: Table) -> str:
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")))


def _diagnose(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    return _MEANINGS.get(code & 0xFF, "") if isinstance(code, int) else ""


def _scrub(engine: Engine) -> bool:
    """Write the file anew without what was deleted, and empty the write-ahead log, which holds older pages."""
    connection = engine.raw_connection()  # VACUUM stands in no transaction
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_SCRUB_WAIT_MS}")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, *_) = cursor.fetchone() or (1,)
    finally:
        connection.close()
    return bool(busy == 0)
