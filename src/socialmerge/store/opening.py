"""Opening: from the URL of a store to its database, and to its key."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from socialmerge.errors import StoreError
from socialmerge.store.database import Database
from socialmerge.store.keys import key_beside, key_from
from socialmerge.store.postgres import open_postgres
from socialmerge.store.sqlite import open_sqlite

__all__ = ["database_of"]


def database_of(place: str, key: bytes | Path | None, *, timeout_s: float, create: bool) -> tuple[Database, bytes]:
    """Open the database of a URL, and find its key.

    Raises:
        StoreError: It is no URL of a database of these kinds, it cannot be opened, or there is no key.
    """
    try:
        url = make_url("" if "\0" in _text(place) else place)  # which no file has in its name
    except (ArgumentError, ValueError):  # a port that is no number
        message = "store: this is no database URL; write sqlite:///people.db or postgresql+psycopg://host/database"
        raise StoreError(message) from None
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


def _text(place: object) -> str:
    if not isinstance(place, str):
        message = f"store: this is of type {type(place).__name__}; give a URL, as in 'sqlite:///people.db'"
        raise StoreError(message)
    return place
