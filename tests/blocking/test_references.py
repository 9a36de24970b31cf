"""References to functions: which functions have one, and what is said of those that lead nowhere."""

from __future__ import annotations

import json
import sys
import types
from functools import partial

import pytest

import socialmerge as sm
from socialmerge.blocking.references import called, function_of, referenced
from socialmerge.records import Field, Kind


def test_a_function_is_referred_to_by_where_it_is_imported_from() -> None:
    assert referenced(json.dumps) == "json:dumps"
    assert referenced(json.JSONEncoder.encode) == "json.encoder:JSONEncoder.encode"
    assert function_of("json.encoder:JSONEncoder.encode", "by") is json.JSONEncoder.encode
    assert referenced("anything:at_all") == "anything:at_all"


def test_a_function_that_is_not_where_it_says_stays_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def inner() -> None: ...

    module = types.ModuleType("our_module")
    monkeypatch.setitem(sys.modules, "our_module", module)
    there, gone, other = (types.FunctionType(inner.__code__, {}, name) for name in ("there", "gone", "other"))
    for function in (there, gone, other):
        function.__module__, function.__qualname__ = "our_module", function.__name__
    vars(module).update(there=there, other=there)
    assert referenced(there) == "our_module:there"
    assert referenced(gone) is gone  # it was deleted
    assert referenced(other) is other  # another one has its name now
    for function in (inner, partial(inner), lambda: None):
        assert referenced(function) is function


def test_a_function_of_the_script_stays_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    script = types.ModuleType("__main__")
    exec("def ours(): ...", vars(script))
    monkeypatch.setitem(sys.modules, "__main__", script)
    assert referenced(script.ours) is script.ours
    assert called(script.ours) == "ours"


def test_what_has_no_name_is_called_by_its_type() -> None:
    assert called(partial(json.dumps)) == "partial"


@pytest.mark.parametrize("given", ["mine", "mine:", ":mine", "json"])
def test_a_text_that_is_no_reference_is_refused(given: str) -> None:
    message = "is no reference to a function; give 'package.module:function' of a function that can be imported, or"
    with pytest.raises(sm.PlanError, match=message):
        function_of(given, "compare")
    plan = sm.Plan(fields=(Field("v", Kind.TEXT, ("v",), compare=given),), id="id")
    with pytest.raises(sm.PlanError, match=message):
        sm.dedupe([{"id": "1", "v": "a"}, {"id": "2", "v": "b"}], plan=plan)
