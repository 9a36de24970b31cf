"""A store in PostgreSQL, by psycopg 3."""

from __future__ import annotations

import os
from functools import cache
from weakref import WeakSet

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql

from socialmerge.errors import MissingExtraError, StoreError
from socialmerge.store import schema
from socialmerge.store.database import Database, Rows

__all__ = ["open_postgres"]

_LEAST_VERSION = 14
# A connection that fails has no SQLSTATE: psycopg does not tell a server that is off from a wrong name or password.
_GONE = "the database is not reachable; see that it runs and that the URL names it, and a user that it lets in"
# By SQLSTATE, or by its class of two characters.
_MEANINGS = {
    "08": _GONE,
    "25006": "this database takes no writes (a standby, or set to read only); name the primary one",
    "42501": "this user may not do that; grant it the right to create and write tables in its schema",
    "53100": "the server's disk is full; nothing of this change was stored: make room and do it again",
    "53300": "the server has no connection left; try again later, or allow it more",
    "55P03": "another process is writing; try again when it is done, or give a longer timeout_s=",
    "57P": _GONE,
    "58": "the server cannot read or write its disk; see its log",
}


def open_postgres(url: URL, *, timeout_s: float) -> Database:
    """Open the database of ``url``; the tables are in the first schema of the search path.

    Raises:
        MissingExtraError: psycopg is not installed.
        StoreError: The server is older than PostgreSQL 14, or cannot be reached.
    """
    try:
        import psycopg  # noqa: F401 - here to be missed
    except ImportError:
        message = "a store in PostgreSQL needs psycopg; install it with: pip install 'socialmerge[postgres]'"
        raise MissingExtraError(message) from None
    where = f"postgresql {url.host or url.query.get('host') or ''}/{url.database or ''}"
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,  # a server that was restarted is found again
        connect_args={"connect_timeout": max(2, round(timeout_s))},
    )
    _ENGINES.add(engine)
    milliseconds = max(1, round(timeout_s * 1000))

    def lock(connection: Connection) -> None:
        # What is reported as done is on the disk, whatever the server's own setting.
        connection.exec_driver_sql(
            f"SELECT set_config('lock_timeout', '{milliseconds}ms', true), set_config('synchronous_commit', 'on', true)"
        )
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtextextended('socialmerge store ' || current_schema(), 0))"
        )

    event.listen(engine, "first_connect", _check_version)
    return Database(where, engine, _read, lock, _stage, _unstage, _diagnose, _scrub)


_ENGINES: WeakSet[Engine] = WeakSet()


def _leave_to_parent() -> None:
    """Open connections anew in a forked process: two that speak over one connection would both be cut off."""
    for engine in _ENGINES:
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):  # where there is no fork there is nothing to do
    os.register_at_fork(after_in_child=_leave_to_parent)


def _check_version(connection: object, _record: object) -> None:
    number: int = connection.info.server_version  # type: ignore[attr-defined]  # psycopg's own connection
    if number < _LEAST_VERSION * 10_000:
        message = f"postgresql: the server is version {number // 10_000}; {_LEAST_VERSION} or newer is needed"
        raise StoreError(message)


def _read(connection: Connection) -> None:
    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    connection.exec_driver_sql("SELECT 1")  # takes the snapshot


_CODES = ((BigInteger, "int8"), (SmallInteger, "int2"), (Integer, "int4"), (Float, "float8"), (LargeBinary, "bytea"))


@cache
def _copying(table: Table) -> tuple[str, tuple[str, ...]]:
    """Give the COPY statement of a table, and the types of its columns."""
    quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    names = ", ".join(quote(column.name) for column in table.columns)
    types = tuple(
        next((code for kind, code in _CODES if isinstance(column.type, kind)), "text") for column in table.columns
    )
    return f"COPY {quote(table.name)} ({names}) FROM STDIN (FORMAT BINARY)", types


def _stage(connection: Connection, table: Table, rows: Rows) -> None:
    statement, types = _copying(table)
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        # Of a new table the planner would think that it is large, and read all records to find one.
        connection.exec_driver_sql(f"ANALYZE {table.name}")
    finally:
        cursor.close()


def _unstage(connection: Connection, table: Table) -> None:
    connection.exec_driver_sql(f"TRUNCATE {table.name}")  # a temporary table: deleted rows would stay in it


def _diagnose(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None)
    if not code:
        # A connection that could not be made, or broke, has no state.
        return _GONE if type(error).__name__ in {"OperationalError", "InterfaceError", "ConnectionTimeout"} else ""
    known = (_MEANINGS[code[:size]] for size in (5, 3, 2) if code[:size] in _MEANINGS)
    return next(known, f"the database refused ({code})")


def _scrub(engine: Engine) -> bool:
    """Let the room of deleted rows be used again; what stays readable on the server's disk is said in the manual."""
    names = ", ".join(table.name for table in schema.METADATA.sorted_tables)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM {names}"))
    return True
