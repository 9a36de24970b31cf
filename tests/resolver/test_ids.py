"""An id is one person's: no text that two systems share joins records, and what had an id is told for good."""

import pyarrow as pa
import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener
from tests.resolver.people import PROFILES, customers, profiles, stated

from socialmerge import Resolver
from socialmerge.resolver import state


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "judge", light.judge)


def taking(resolver: Resolver, email: str) -> str:
    """Load a customer's row whose system took the id of a newcomer for its key; give that id."""
    resolver.load(customers("c4", "c5"))
    resolver.ingest(profiles("p3"))
    (taken,) = resolver.resolve_id("x:p3")
    resolver.load(pa.Table.from_pylist([{"id": taken, "name": "Zoe Zed", "email": email}]))
    return taken


def test_a_row_with_the_id_of_a_stranger_is_another_person_until_somebody_says_otherwise(resolver: Resolver) -> None:
    taken = taking(resolver, "zoe@example.com")
    assert {row["id"]: row["entity_id"] for row in resolver.clusters.to_pylist()}[taken] == taken
    (now,) = resolver.resolve_id("x:p3")
    assert now != taken
    assert set(resolver.resolve_id(taken)) == {taken, now}
    assert resolver.decisions["verdict"].to_pylist() == ["new"]
    same = resolver.decide(("x:p3", f"crm:{taken}"), "same", by="ana")
    assert resolver.resolve_id("x:p3") == resolver.resolve_id(taken) == resolver.resolve_id(now) == (taken,)
    resolver.undo(same.id, by="ana")
    resolver.decide(("x:p3", f"crm:{taken}"), "different", by="ana")
    assert resolver.resolve_id("x:p3") == resolver.resolve_id(now) == (now,)


def test_a_row_with_the_id_of_a_newcomer_is_that_person_where_the_evidence_says_so(resolver: Resolver) -> None:
    taken = taking(resolver, "stranger@example.com")
    assert resolver.decisions["customer_id"].to_pylist() == [taken]
    assert resolver.resolve_id("x:p3") == resolver.resolve_id(taken) == (taken,)


def test_a_stranger_whose_id_a_row_took_has_another_one_under_a_model_too(reopen: Opener) -> None:
    resolver = reopen()
    resolver.load(customers("c1", "c3", "c4", "c5"))
    resolver.ingest(profiles())
    resolver.fit()
    (taken,) = resolver.resolve_id("x:p3")
    resolver.load(pa.Table.from_pylist([{"id": taken, "name": "Zoe Zed", "email": "zoe@example.com"}]))
    said = stated(resolver)
    (now,) = resolver.resolve_id("x:p3")
    assert now != taken
    assert set(resolver.resolve_id(taken)) == {taken, now}
    resolver.ingest([PROFILES[2] | {"bio": "Somebody"}])  # weighed beside nobody: the row's id is taken all the same
    assert resolver.resolve_id("x:p3") == (now,)
    assert stated(reopen())["clusters"] == said["clusters"]
