"""The laws of a store with a history: ``History``, which does whatever may be done in any order, on each database.

A light model stands in for the real one (``tests.resolver.light``), so that the store, the decisions, the entities and
the merge are tried thousands of times; ``test_resolver.py`` does the same with the real model, less often.
"""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from tests.property.histories import History
from tests.resolver import light
from tests.resolver.conftest import postgres_server, postgres_url

from socialmerge.resolver import state as states

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "judge", light.judge)


EVERYDAY = 100
PARTS = 4
"""The examples are shared out, so that several processes may try them."""


def effort() -> settings:
    """Everyday a few short histories; in ``nox -s property`` 2,000 of up to 50 steps, and each night 20,000."""
    tried = settings().max_examples
    if tried <= EVERYDAY:
        return settings(max_examples=max(tried // 25, 1), stateful_step_count=15)
    return settings(max_examples=2 * tried // PARTS, stateful_step_count=50)


@pytest.mark.parametrize("part", range(PARTS))
def test_laws_1_to_7_9_11_and_12_hold_whatever_is_done_in_any_order(part: int) -> None:
    del part
    run_state_machine_as_test(History, settings=effort())


@pytest.mark.parametrize("part", range(PARTS))
def test_laws_1_to_7_9_11_and_12_hold_whatever_is_done_in_any_order_on_postgresql(part: int, postgres_url: str) -> None:
    del part

    class OnPostgres(History):
        server = postgres_url

    run_state_machine_as_test(OnPostgres, settings=effort())
