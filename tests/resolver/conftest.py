"""Tests of the resolver run on each database that is there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.resolver.models import remember
from tests.store.conftest import database_url, postgres_server, postgres_url, schema_url

from socialmerge import Resolver

__all__ = ["database_url", "postgres_server", "postgres_url", "schema_url"]

KEY = b"a key of the tests, never of people"
Opener = Callable[..., Resolver]


class Ticking:
    """A clock that moves on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(autouse=True)
def _asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(monkeypatch)


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def reopen(database_url: str, clock: Ticking) -> Iterator[Opener]:
    """Open the store of the test, again and again."""
    opened: list[Resolver] = []

    def one(**settings: object) -> Resolver:
        for before in opened:
            before.close()
        opened.append(Resolver(store=database_url, key=KEY, clock=clock, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield one
    for resolver in opened:
        resolver.close()


@pytest.fixture
def resolver(reopen: Opener) -> Resolver:
    return reopen()
