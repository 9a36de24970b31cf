"""The laws of a store with a history: ``History``, which does whatever may be done in any order, on each database.

A light model stands in for the real one (``tests.resolver.light``), so that the store, the decisions, the entities and
the merge are tried thousands of times; ``test_resolver.py`` does the same with the real model, less often. A
model that is frozen is a real one. ``nox -s property`` prints what was tried.
"""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool
from tests.property import history_laws
from tests.property.histories import History
from tests.resolver import light
from tests.resolver.conftest import postgres_server, postgres_url
from tests.resolver.models import remember

from socialmerge import schema
from socialmerge.resolver import frozen, merged
from socialmerge.resolver import state as states
from socialmerge.store import postgres, sqlite

__all__ = ["postgres_server", "postgres_url"]

IS_THOROUGH = settings().max_examples > 100
PARTS, FROZEN_PARTS = (20, 8) if IS_THOROUGH else (1, 2)
"""The histories are shared out, so that several processes may try them, and each part may be tried again alone.

Everyday there is one part: what draws nothing anew would try the same histories in each. Those under a frozen model are
one part of so many.
"""


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(monkeypatch, (merged, "golden"), (states, "_rows"), (schema, "infer"), (history_laws, "views"))
    for module in (states, frozen):
        monkeypatch.setattr(module, "judge", light.judge)
    # A quarter of the time went into opening the file; that it may be moved away is tried with the faults.
    monkeypatch.setattr(sqlite, "NullPool", QueuePool)
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "create_engine", opened_cheaply(module.create_engine))


@pytest.fixture(autouse=True)
def _count() -> Iterator[None]:
    History.tried.clear()
    yield
    print(dict(sorted(History.tried.items())))  # noqa: T201 - what nox -s property reports


def effort(parts: int = PARTS) -> settings:
    """Everyday a few short histories; in ``nox -s property`` all parts try 2,000 of up to 50 steps, nightly 20,000."""
    tried = settings().max_examples
    if not IS_THOROUGH:
        return settings(max_examples=max(tried // 8 // parts, 1), stateful_step_count=15)
    return settings(max_examples=2 * tried // parts, stateful_step_count=50)


def opened_cheaply(create: Callable[..., Engine]) -> Callable[..., Engine]:
    """Let each statement be compiled once, not again for each store that is opened, and no connection be tried first.

    That a server which was restarted is found again is tried with the faults.
    """
    first: list[Engine] = []

    def created(*given: object, **named: object) -> Engine:
        engine = create(*given, **named | {"pool_pre_ping": False})
        first[:] = first or [engine]
        engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        return engine

    return created


class Freezing(History):
    """A store that keeps what it learned from the first few records on."""

    freezing = True


@pytest.mark.parametrize("part", range(PARTS))
def test_laws_1_to_9_11_and_12_hold_whatever_is_done_in_any_order(part: int) -> None:
    del part
    run_state_machine_as_test(History, settings=effort())
    assert History.tried["histories"] > 0  # each step asserts the laws; this, that there were any


@pytest.mark.parametrize("part", range(PARTS))
def test_laws_1_to_9_11_and_12_hold_whatever_is_done_in_any_order_on_postgresql(part: int, postgres_url: str) -> None:
    del part

    class OnPostgres(History):
        server = postgres_url

    run_state_machine_as_test(OnPostgres, settings=effort())
    assert History.tried["histories"] > 0  # each step asserts the laws; this, that there were any


def test_laws_1_to_9_11_and_12_hold_whatever_is_done_in_any_order_under_a_frozen_model() -> None:
    run_state_machine_as_test(Freezing, settings=effort(FROZEN_PARTS))
    assert History.tried["histories"] > 0  # each step asserts the laws; this, that there were any


def test_laws_1_to_9_11_and_12_hold_under_a_frozen_model_on_postgresql(postgres_url: str) -> None:
    class OnPostgres(Freezing):
        server = postgres_url

    run_state_machine_as_test(OnPostgres, settings=effort(FROZEN_PARTS))
    assert History.tried["histories"] > 0  # each step asserts the laws; this, that there were any
