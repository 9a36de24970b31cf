"""Every test of the store runs on each database that is there."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from tests.store.rows import KEY, Opener
from tests.store.servers import MISSING, VARIABLE, Server, server

from socialmerge.store import Store

_SCHEMAS = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server | None]:
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    named = os.environ.get(VARIABLE)  # noqa: TID251 - a server that is there already
    if named:
        return named
    running: Server | None = request.getfixturevalue("postgres_server")
    if running is None:
        if os.environ.get("SOCIALMERGE_NEED_POSTGRES"):  # noqa: TID251 - nox -s postgres fails without one
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return running.url


@pytest.fixture
def schema_url(postgres_url: str) -> Iterator[str]:
    """Give a URL whose tables are in an empty schema, gone after the test."""
    name = f"socialmerge_{os.getpid()}_{next(_SCHEMAS)}"
    plain = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    yield f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-csearch_path%3D{name}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/people.db"
    url: str = request.getfixturevalue("schema_url")
    return url


@pytest.fixture
def open_store(database_url: str) -> Opener:
    def opened(*, key: bytes = KEY, timeout_s: float = 30.0) -> Store:
        return Store.open(database_url, key=key, timeout_s=timeout_s)

    return opened
