"""A model whose bytes are damaged: one error that says so where it is given, and learned anew where it lies."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolver.conftest import KEY
from tests.resolver.people import customers, profiles

from socialmerge import Resolver
from socialmerge.errors import PlanError
from socialmerge.resolver.learned import Learned


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged") / "people.db"


@pytest.fixture(scope="module")
def model(people: Path) -> bytes:
    with Resolver(store=f"sqlite:///{people}", key=KEY) as resolver:
        resolver.load(customers())
        resolver.ingest(profiles("p1", "p2"))
        return resolver.fit()


def plan_of(model: bytes) -> str:
    plan: str = json.loads(model.partition(b"\n")[0])["plan"]
    return plan


def with_heading(model: bytes, **changes: object) -> bytes:
    """The model with another heading, whose sum is right where it can be."""
    heading, _, blob = model.partition(b"\n")
    told = json.loads(heading) | changes
    if isinstance(told["sizes"], list) and "sum" not in changes:
        said = json.dumps([*told["sizes"], *(told[name] for name in ("customers", "profiles", "plan"))])
        told["sum"] = hashlib.sha256(said.encode() + blob).hexdigest()
    return json.dumps(told).encode() + b"\n" + blob


def test_what_fit_gave_is_a_model(model: bytes) -> None:
    assert Learned.from_bytes(model, plan=plan_of(model)).to_bytes() == model
    assert Learned.from_bytes(with_heading(model), plan=plan_of(model)).to_bytes() == model


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": [0, 0]},
        {"sizes": ["x"]},
        {"sizes": []},
        {"sizes": None},
        {"sizes": [True, 0]},
        {"sizes": [-1, 2]},
        {"sizes": [1, 2, 3]},
        {"sizes": [10**9, 0]},
        {"customers": "many"},
        {"customers": None},
        {"plan": 7},
        {"sum": "0" * 64},
        {"sum": None},
    ],
    ids=str,
)
def test_a_heading_that_says_something_else_is_said_to_be_damaged(model: bytes, changes: dict[str, object]) -> None:
    with pytest.raises(PlanError, match="the model is damaged, or of another release; give the bytes that fit gave"):
        Learned.from_bytes(with_heading(model, **changes), plan=plan_of(model))


@pytest.mark.parametrize("data", [b"", b"\n", b"null", b"[" * 100_000, b"{}\n", b"\xff\xfe\n\x00"], ids=range(6))
def test_other_bytes_are_no_model(people: Path, model: bytes, data: bytes) -> None:
    with Resolver(store=f"sqlite:///{people}", key=KEY) as resolver, pytest.raises(PlanError, match="damaged"):
        resolver.fit(data)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_is_taken_for_a_model_nor_for_a_fault_of_the_program(model: bytes, data: st.DataObject) -> None:
    damaged = bytearray(model)
    head = len(model.partition(b"\n")[0])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, data.draw(st.sampled_from([head, len(model) - 1]))))
        damaged[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    cut = bytes(damaged[: data.draw(st.none() | st.integers(0, len(damaged)))])
    try:
        found = Learned.from_bytes(cut, plan=plan_of(model))
    except PlanError:
        return
    assert found.to_bytes() == model


@pytest.mark.parametrize("change", ["text = 'x'", "blob = NULL"])
def test_a_store_whose_model_is_damaged_learns_it_anew(people: Path, model: bytes, change: str) -> None:
    del model  # it is in the store
    url = f"sqlite:///{people}"
    with Resolver(store=url, key=KEY) as resolver:
        before = resolver.resolve(profiles("p2")[0]).as_dict()
    with closing(sqlite3.connect(people)) as connection, connection:
        connection.execute(f"UPDATE documents SET {change} WHERE kind = 'model'")
    with Resolver(store=url, key=KEY) as resolver:
        after = resolver.resolve(profiles("p2")[0]).as_dict()
        with resolver._session.store.snapshot() as view:
            document = view.document("model")
    assert document is not None
    assert Learned.from_document(document).customers == 5
    assert {**after, "position": 0} == {**before, "position": 0}
