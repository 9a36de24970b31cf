"""An id is one person's: no text that two systems share joins records, and what had an id is told for good."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener
from tests.resolver.people import PROFILES, customers, profiles, stated

import socialmerge as sm
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


OLD, NEW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def sweep(resolver: Resolver) -> None:
    resolver.retain(before=datetime(2021, 1, 1, tzinfo=UTC), by="dpo")


def gone(resolver: Resolver, any_id: str, word: str) -> bool:
    """Whether an id stands for nobody, and every other call says why."""
    with pytest.raises(sm.StoreError, match=word) as caught:
        resolver.history(any_id)
    assert any_id not in str(caught.value)
    return resolver.resolve_id(any_id) == ()


@pytest.mark.parametrize("under_a_model", [False, True])
def test_an_id_that_was_swept_away_says_so_and_nobody_gets_it_again(reopen: Opener, *, under_a_model: bool) -> None:
    resolver = reopen()
    resolver.load(customers("c1", "c3", "c4", "c5"), observed_at=NEW)
    resolver.ingest(profiles("p2"), observed_at=NEW)
    if under_a_model:
        resolver.fit()
    resolver.ingest(profiles("p3"), observed_at=OLD)
    lost: list[str] = []
    for _ in range(2):
        lost += resolver.resolve_id("x:p3")
        sweep(resolver)
        assert all(gone(resolver, one, "swept") for one in lost)
        resolver.ingest([PROFILES[2] | {"display_name": "Another One", "emails": ["an@example.com"]}], observed_at=OLD)
        assert not set(resolver.resolve_id("x:p3")) & set(lost)
    assert all(gone(reopen(), one, "swept") for one in lost)


def test_a_swept_id_that_had_become_a_customers_leads_there_and_is_no_later_strangers(resolver: Resolver) -> None:
    resolver.load(customers("c4"), observed_at=NEW)
    resolver.ingest(profiles("p3"), observed_at=OLD)
    (former,) = resolver.resolve_id("x:p3")
    resolver.decide(("c4", "x:p3"), "same", by="ana")
    sweep(resolver)
    resolver.ingest([PROFILES[2] | {"profile_id": "p4"}])
    assert resolver.resolve_id(former) == ("c4",)
    assert resolver.clusters["entity_id"].to_pylist() == ["c4"]


def test_who_is_left_of_a_swept_entity_is_found_by_its_id(resolver: Resolver) -> None:
    again = PROFILES[2] | {"profile_id": "p4"}
    resolver.ingest(profiles("p3"), observed_at=OLD)
    (former,) = resolver.resolve_id("x:p3")
    resolver.ingest([again], observed_at=NEW)
    assert resolver.resolve_id("x:p4") == (former,)
    sweep(resolver)
    assert resolver.resolve_id(former) == resolver.resolve_id("x:p4") != (former,)


def test_erased_and_swept_rows_are_told_by_their_ids_and_a_swept_one_may_be_loaded_again(resolver: Resolver) -> None:
    resolver.load(customers("c3"), observed_at=OLD)
    resolver.load(customers("c4", "c5"), observed_at=NEW)
    resolver.erase("c4", by="dpo")
    sweep(resolver)
    assert gone(resolver, "c3", "swept")
    assert gone(resolver, "c4", "erased")
    with pytest.raises(sm.StoreError, match="no row, profile or entity"):
        resolver.resolve_id("c6")
    resolver.load(customers("c3", "c4"))
    assert resolver.resolve_id("c3") == ("c3",)
    assert gone(resolver, "c4", "erased")


@pytest.mark.parametrize("by_erasure", [False, True])
def test_an_id_that_a_row_took_is_not_the_strangers_again_when_the_row_is_gone(
    resolver: Resolver, *, by_erasure: bool
) -> None:
    resolver.load(customers("c4"))
    resolver.ingest(profiles("p3"))
    (taken,) = resolver.resolve_id("x:p3")
    resolver.load(pa.Table.from_pylist([{"id": taken, "name": "Zoe Zed", "email": "zoe@example.com"}]), observed_at=OLD)
    (now,) = resolver.resolve_id("x:p3")
    if by_erasure:
        resolver.erase(f"crm:{taken}", by="dpo")
    else:
        sweep(resolver)
    assert resolver.clusters["id"].to_pylist() == ["c4"]
    assert resolver.resolve_id("x:p3") == resolver.resolve_id(taken) == (now,)


def test_a_profile_with_the_source_and_the_id_of_a_row_is_another_record(reopen: Opener) -> None:
    rows = [{"id": "7", "name": "Mary Somerville", "email": "mary@example.com", "system": "github"}]
    shown = {"profile_id": "7", "channel": "github", "handle": "gh", "emails": ["grace@example.com"]}
    policy = sm.Policy(source="system")
    resolver = reopen(policy=policy)
    resolver.load(pa.Table.from_pylist([*rows, {"id": "8", "email": "grace@example.com", "system": "github"}]))
    for _ in range(2):
        answer = resolver.resolve(shown)
        assert (answer.source, answer.customer) == ("github-profile", "8")
        resolver.ingest([shown | {"bio": "Compilers"}])
    assert resolver.decisions["customer_id"].to_pylist() == ["8"]
    assert resolver.resolve_id("github-profile:7") == ("8",)
    assert resolver.resolve_id("github:7") == ("7",)
    resolver.decide(("github-profile:7", "github:7"), "same", by="ana")
    assert resolver.resolve_id("github-profile:7") == ("7",)


def test_a_row_with_the_source_and_the_id_of_a_profile_is_refused_with_what_its_owner_can_do(reopen: Opener) -> None:
    resolver = reopen(policy=sm.Policy(source="system"))
    resolver.ingest([{"profile_id": "7", "channel": "github", "handle": "gh"}])
    with pytest.raises(sm.StoreError, match="leave 'source' out of the policy"):
        resolver.load(pa.Table.from_pylist([{"id": "7", "email": "mary@example.com", "system": "github"}]))


@pytest.mark.parametrize("swept", [True, False])
def test_the_id_of_who_is_gone_leads_to_nobody_though_somebody_who_was_once_theirs_is_left(
    resolver: Resolver, *, swept: bool
) -> None:
    """It was told to be unknown, as an id that nobody ever had: a history found it."""
    resolver.load(customers("c4", "c5"), observed_at=datetime(2025, 1, 1, tzinfo=UTC))
    resolver.ingest(profiles("p3"))
    same = resolver.decide(("x:p3", "crm:c5"), "same", by="ana")
    resolver.undo(same.id, by="ana")
    resolver.decide(("x:p3", "crm:c5"), "different", by="ana")
    if swept:
        resolver.retain(before=datetime(2025, 6, 1, tzinfo=UTC), by="dpo")
    else:
        resolver.erase("c5", by="dpo")
    assert resolver.resolve_id("c5") == ()
    (own,) = resolver.resolve_id("x:p3")
    assert own not in {"c4", "c5"}
