"""The laws of a store with a history by the real model: ``History``, less often than by the light one."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from tests.property.histories import History
from tests.resolver.models import remember


def test_whatever_is_done_in_any_order_the_laws_hold_by_the_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(monkeypatch)
    History.tried.clear()
    examples = max(settings().max_examples // 25, 1)
    run_state_machine_as_test(History, settings=settings(max_examples=examples, stateful_step_count=15))
    assert History.tried["histories"] > 0  # each step asserts the laws; this, that there were any
