"""The laws of a store with a history by the real model: ``History``, less often than by the light one."""

import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from tests.property.histories import History

from socialmerge.plan import Plan
from socialmerge.resolver import state as states

_judge = states.judge
_known: dict[str, states.Judged] = {}


def remembered(facts: states.Facts, plan: Plan) -> states.Judged:
    """What the model says, asked once of the same tables: the machine comes by them again and again."""
    tables = (facts.customers.table, facts.profiles.table, pa.array(facts.profiles.proven))
    said = repr([one.to_pylist() for one in tables])
    if said not in _known:
        _known[said] = _judge(facts, plan)
    return _known[said]


def test_whatever_is_done_in_any_order_the_laws_hold_by_the_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "judge", remembered)
    examples = max(settings().max_examples // 25, 1)
    run_state_machine_as_test(History, settings=settings(max_examples=examples, stateful_step_count=15))
