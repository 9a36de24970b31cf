"""The store: opened, written to by one at a time, read from by any number, closed."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
from sqlalchemy import URL, insert, make_url, select
from sqlalchemy.exc import ArgumentError

from socialmerge.errors import StoreError
from socialmerge.store import decisions as deciding
from socialmerge.store import ingest, schema
from socialmerge.store.database import Database, reading, writing
from socialmerge.store.keys import check_value, digest, digests, key_beside, key_from
from socialmerge.store.migrations import migrate, version
from socialmerge.store.postgres import open_postgres
from socialmerge.store.snapshot import Snapshot
from socialmerge.store.sqlite import open_sqlite
from socialmerge.store.values import Decision, Written, microseconds

__all__ = ["Store"]

_CHECK = "key_check"


class Store:
    """An append-only log of records, claims and decisions, in SQLite or PostgreSQL; open it with :meth:`open`."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    @classmethod
    def open(cls, url: str, *, key: bytes | Path | None = None, timeout_s: float = 30.0, create: bool = True) -> Self:
        """Open the store at a URL, made where it is new unless ``create`` is false; its tables become the newest.

        ``url`` is ``sqlite:///people.db`` or ``postgresql+psycopg://user@host/database``. ``key`` keys the ids of
        claims and the tombstones: bytes, or the path of a file that holds them. For SQLite, None takes the file
        ``people.db.key`` beside the database, made with mode 0600 for a new store; for PostgreSQL a key must be given.
        A writer waits ``timeout_s`` seconds for another one.

        Raises:
            StoreError: The database cannot be opened, the key is missing or is another than the store was made with, or
                a newer release has written the store.
            MissingExtraError: The URL is of PostgreSQL and psycopg is not installed.
        """
        try:
            parsed = make_url(url)
        except ArgumentError:
            message = "store: this is no database URL; write sqlite:///people.db or postgresql+psycopg://host/database"
            raise StoreError(message) from None
        database, secret = _database(parsed, key, timeout_s=timeout_s, create=create)
        store = cls(database, secret)
        try:
            store._start(create=create)
        except BaseException:
            store.close()
            raise
        return store

    def _start(self, *, create: bool) -> None:
        with writing(self._database) as connection:
            if not create and not version(connection):
                message = f"{self._database.where}: there is no store; see the URL, or make one by loading customers"
                raise StoreError(message)
            migrate(connection, where=self._database.where)
            known = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == _CHECK))
            if known is None:
                connection.execute(insert(schema.meta).values(name=_CHECK, value=check_value(self._key)))
            elif not hmac.compare_digest(known, check_value(self._key)):
                message = f"{self._database.where}: the key is not the one of this store; give the one it was made with"
                raise StoreError(message)

    def close(self) -> None:
        """Close the store; what was written stays."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def key(self) -> bytes:
        """The key, as ``merging.golden(key=)`` takes it, so that its claim ids are those of the store."""
        return self._key

    def digest(self, *parts: str) -> str:
        """Hash some texts as one under the key, as 32 hexadecimal digits."""
        return digest(self._key, *parts).hex()

    def digests(self, *columns: pa.Array | str) -> pa.Array:
        """Hash each row of some columns as :meth:`digest` does; a text stands in every row."""
        return pa.array([one.hex() for one in digests(self._key, columns)], pa.string())

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read what the store holds at this moment, whatever is written meanwhile."""
        with reading(self._database) as connection:
            yield Snapshot(connection)

    def write(
        self,
        records: pa.Table,
        claims: pa.Table,
        observations: pa.Table,
        identifiers: pa.Table | None = None,
        *,
        at: datetime,
        actor: str,
    ) -> Written:
        """Write records with what was seen of them, in one transaction; what is there already is not written again.

        The tables are those of ``records_schema``, ``claims_in_schema``, ``observations_schema`` and
        ``identifiers_schema``; columns that are not needed may be missing. Every row is of one of ``records``. A record
        that an erasure keeps out is left out with all its rows, and named in the answer. Merging is by least and
        greatest, so that any order and any batches end in the same store.

        Raises:
            StoreError: A table is wrong, another process is writing, or the disk is full; nothing was written.
        """
        intake = ingest.prepare(self._key, records, claims, observations, identifiers)
        with writing(self._database) as connection:
            return ingest.write(self._database, connection, intake, at=microseconds(at), actor=actor)

    def append(self, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
        """Append decisions, all or none, and give them back with ``id`` and ``seq``; the same one twice is one.

        Raises:
            StoreError: A decision retracts one that is not there, or another process is writing.
        """
        with writing(self._database) as connection:
            return deciding.append(connection, self._key, decisions)


def _database(url: URL, key: bytes | Path | None, *, timeout_s: float, create: bool) -> tuple[Database, bytes]:
    """Open the database of a URL, and find its key."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        secret = None if key is None else key_from(key)
        path = Path(url.database or "")
        return open_sqlite(url, timeout_s=timeout_s, create=create), secret or key_beside(path)
    if kind != "postgresql":
        message = f"store: there is no store in {kind}; write sqlite:///people.db or postgresql+psycopg://host/database"
        raise StoreError(message)
    if key is None:
        message = "store: a store in PostgreSQL needs key=: random bytes, or the path of a file that holds them"
        raise StoreError(message)
    return open_postgres(url, timeout_s=timeout_s), key_from(key)
