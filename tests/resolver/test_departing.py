"""Rows that their system has no more: they give nothing, and whoever asks for them is led to what became of them."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener
from tests.resolver.people import CUSTOMERS, customers, profiles, stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.merging import Consent
from socialmerge.resolver import state


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "judge", light.judge)


def table(*ids: str, **more: list[Any]) -> pa.Table:
    """Some customers, with further columns."""
    found = customers(*ids)
    for name, values in more.items():
        found = found.append_column(name, pa.array(values, pa.string()))
    return found


@pytest.fixture
def loaded(resolver: Resolver) -> Resolver:
    resolver.load(customers())
    resolver.ingest(profiles())
    return resolver


def entities(resolver: Resolver) -> dict[str, str]:
    return {row["id"]: row["entity_id"] for row in resolver.clusters.to_pylist()}


def phones(resolver: Resolver) -> list[str]:
    return [row["phone"] for row in resolver.golden().records.to_pylist() if row["phone"]]


def test_a_part_of_the_table_takes_nothing_away(loaded: Resolver) -> None:
    before = stated(loaded)
    written = loaded.load(customers("c1", "c3"))
    assert (written.gone, written.returned) == (0, 0)
    assert stated(loaded) == before


def test_a_row_that_a_whole_table_lacks_gives_nothing_and_is_its_survivors(loaded: Resolver) -> None:
    assert phones(loaded) == ["202-555-0143"]
    written = loaded.load(customers("c1", "c3", "c4", "c5"), complete=True)
    assert written.gone == 1
    assert entities(loaded) == {one: one for one in ("c1", "c3", "c4", "c5")}
    assert phones(loaded) == []
    assert loaded.resolve_id("c2") == loaded.resolve_id("crm:c2") == ("c1",)
    assert loaded.load(customers("c1", "c3", "c4", "c5"), complete=True).gone == 0
    assert [entry.kind for entry in loaded.history("c1")] == ["gone"]


def test_the_survivors_id_is_the_persons_where_the_first_row_is_gone(loaded: Resolver) -> None:
    loaded.load(customers("c2", "c3", "c4", "c5"), complete=True)
    assert entities(loaded)["c2"] == "c2"
    assert loaded.resolve_id("c1") == loaded.resolve_id("p1") == ("c2",)


def test_undo_takes_back_that_a_row_is_gone_and_a_later_table_that_has_it_does_too(loaded: Resolver) -> None:
    before = stated(loaded)
    whole = customers("c1", "c3", "c4", "c5")
    loaded.load(whole, complete=True)
    gone = stated(loaded)
    (entry,) = loaded.history("c2")
    back = loaded.undo(entry.decision_id, by="ana")
    assert stated(loaded) == before
    loaded.undo(back.id, by="ana")
    assert stated(loaded) == gone
    assert loaded.load(customers("c2")).returned == 1
    assert stated(loaded) == before
    assert loaded.resolve_id("c2") == ("c1",)
    loaded.load(whole, complete=True)
    assert stated(loaded) == gone


def test_what_people_said_of_a_row_that_is_gone_is_said_of_its_survivor(loaded: Resolver, reopen: Opener) -> None:
    loaded.decide(("x:p3", "crm:c2"), "same", by="ana")
    loaded.pin("c2", "name", "Augusta Ada King", by="ana")
    loaded.consent([Consent("crm", "c2", "x", "", "denied")])
    loaded.load(customers("c1", "c3", "c4", "c5"), complete=True)
    again = reopen()
    assert again.resolve_id("x:p3") == ("c1",)
    record = again.golden("c1").records.to_pylist()[0]
    assert record["name"] == "Augusta Ada King"
    heeded = again.golden().consents.select(["record_id", "state"]).to_pylist()
    assert heeded == [{"record_id": "c1", "state": "denied"}]
    assert again.consents("c1").num_rows == 1
    again.consent([Consent("crm", "c2", "github", "", "denied")])  # another system knows the person by that id
    assert again.consents("c1").num_rows == 2
    assert {one["record_id"] for one in again.export("c1")["records"]} >= {"c1", "c2", "p3"}  # type: ignore[attr-defined]
    with pytest.raises(sm.LabelError):
        again.decide(("x:p3", "crm:c1"), "different", by="ana")


def test_a_row_without_a_survivor_stands_for_nobody_and_can_be_erased(loaded: Resolver) -> None:
    loaded.load(customers("c1", "c2", "c4", "c5"), complete=True)
    assert loaded.resolve_id("c3") == loaded.resolve_id("p2") != ("c3",)  # the profile is what is left of the person
    loaded.load(customers("c1", "c2", "c5"), complete=True)
    assert loaded.resolve_id("c4") == ()
    with pytest.raises(sm.StoreError, match="its source has this row no more"):
        loaded.history("c4")
    assert loaded.erase("c4", by="dpo").records == 1
    assert loaded.load(customers("c4")).refused.num_rows == 1


def test_an_erasure_of_the_survivor_takes_what_was_merged_into_it_and_not_the_survivor_back(loaded: Resolver) -> None:
    loaded.load(customers("c1", "c3", "c4", "c5"), complete=True)
    assert loaded.erase("c2", by="dpo").records == 3  # c1, c2 and the profile
    assert "c1" not in entities(loaded)
    assert loaded.load(customers("c1", "c2")).refused.num_rows == 2


@pytest.mark.parametrize(
    ("column", "of"),
    [("hs_merged_object_ids", {"c3": "c4; c9"}), ("MasterRecordId", {"c4": "c3"})],
)
def test_a_table_names_the_survivor_by_the_systems_own_column(
    loaded: Resolver, column: str, of: dict[str, str]
) -> None:
    ids = ["c3", "c5"] if "c3" in of else ["c3", "c4", "c5"]
    written = loaded.load(table(*ids, **{column: [of.get(one, "") for one in ids]}))
    assert written.gone == (2 if "c3" in of else 1)
    assert loaded.resolve_id("c4") == ("c3",)
    if "c3" in of:
        assert loaded.resolve_id("c9") == ("c3",)  # it never was in the store
    assert set(entities(loaded)) == {"c1", "c2", "c3", "c5"}
    assert loaded.load(table(*ids, **{column: [of.get(one, "") for one in ids]})).gone == 0


def test_a_row_that_its_system_deleted_is_gone(loaded: Resolver) -> None:
    assert loaded.load(table("c3", "c4", IsDeleted=["false", "true"])).gone == 1
    assert set(entities(loaded)) == {"c1", "c2", "c3", "c5"}


def test_a_merge_that_contradicts_what_people_decided_leaves_no_survivor(loaded: Resolver) -> None:
    loaded.decide(("x:p3", "crm:c4"), "same", by="ana")
    loaded.decide(("x:p3", "crm:c3"), "different", by="ana")
    loaded.load(table("c3", hs_merged_object_ids=["c4"]))
    assert loaded.resolve_id("x:p3") != loaded.resolve_id("c3")
    assert "c4" not in entities(loaded)


def test_rows_that_are_gone_under_a_model_are_gone_for_the_next_portion_too(reopen: Opener) -> None:
    resolver = reopen()
    resolver.load(customers())
    resolver.ingest(profiles("p1", "p2"))
    resolver.fit()
    resolver.load(customers("c1", "c4", "c5"), complete=True)
    resolver.ingest(profiles("p3"))
    assert set(entities(resolver)) == {"c1", "c4", "c5"}
    said = stated(resolver)
    assert resolver.resolve_id("c2") == ("c1",)
    assert stated(reopen()) == said
    again = reopen()
    again.load(pa.Table.from_pylist([CUSTOMERS[2]]))
    assert entities(again)["c3"] == "c3"
    assert again.resolve_id("github:p2") == ("c3",)


def test_who_asks_for_one_person_under_a_model_is_told_of_rows_that_are_gone(reopen: Opener) -> None:
    resolver = reopen()
    resolver.load(customers())
    resolver.ingest(profiles())
    resolver.fit()
    resolver.decide(("x:p3", "crm:c2"), "same", by="ana")
    resolver.load(customers("c1", "c3", "c4", "c5"), complete=True)
    again = reopen()
    assert again.resolve_id("c2") == again.resolve_id("x:p3") == ("c1",)
    said = again.history("c1")
    assert [entry.kind for entry in said] == ["same", "gone"]
    exported = again.export("c1")
    assert {one["record_id"] for one in exported["records"]} >= {"c1", "c2", "p3"}  # type: ignore[attr-defined]
    again.undo(said[1].decision_id, by="ana")
    back = entities(again)
    last = reopen()
    assert entities(last) == back
    assert "c2" in back
    assert last.resolve_id("crm:c2") == last.resolve_id("x:p3") == (back["c2"],)


def test_a_word_about_an_id_that_stands_for_several_people_is_of_none_of_them(loaded: Resolver) -> None:
    moved = CUSTOMERS[1] | {"email": "countess@example.com"}
    loaded.load(pa.Table.from_pylist([moved, *CUSTOMERS[2:]]), complete=True)
    assert len(loaded.resolve_id("c1")) == 2  # the row is gone; its profile is one person now, the other row another
    before = stated(loaded)
    for say in (loaded.pin, loaded.reject):
        with pytest.raises(sm.StoreError, match="2 records of different people"):
            say("c1", "name", "Augusta", by="ana")
    assert stated(loaded) == before


def test_a_profile_whose_customer_was_gone_and_is_there_again_is_the_customers_no_more(resolver: Resolver) -> None:
    """The undo of a departure brings claims back, so that links are written between it and what follows from it."""
    rows = [{"id": one, "name": "Ada Lovelace", "email": f"{one}@example.com"} for one in ("c1", "c2")]
    shown = {"profile_id": "p1", "channel": "github", "account_id": "1", "display_name": "Ada Lovelace"}
    resolver.ingest(
        [shown | {"emails": ["c1@example.com"]}, shown | {"profile_id": "p6", "emails": ["c2@example.com"]}],
        trusted=True,
    )
    resolver.load(pa.Table.from_pylist(rows))
    ids = ["c1", "c2", "p1", "p6"]
    before = [resolver.resolve_id(one) for one in ids]
    resolver.load(pa.Table.from_pylist(rows[:1]), complete=True)
    assert resolver.resolve_id("p6") == ("c1",)
    (decision,) = [one.id for one in resolver._session.state().decisions]
    resolver.undo(decision, by="ana")
    assert [resolver.resolve_id(one) for one in ids] == before


def test_a_row_that_is_gone_is_nobodys_once_its_survivor_was_swept_away(resolver: Resolver) -> None:
    """It was refused as unknown, and no erasure reached what is left of it: a history found it."""
    old, late = (datetime(year, 6, 1, tzinfo=UTC) for year in (2024, 2025))
    resolver.load(customers("c1", "c3"), observed_at=old)
    resolver.load(customers("c2"), observed_at=late)
    resolver.load(customers("c1", "c3"), observed_at=old, complete=True)
    assert resolver.resolve_id("c2") == ("c1",)
    assert resolver.retain(before=datetime(2025, 1, 1, tzinfo=UTC), by="dpo").records == 2
    assert resolver.resolve_id("c2") == resolver.resolve_id("c1") == ()
    with pytest.raises(sm.StoreError, match="has this row no more"):
        resolver.golden("c2")
    assert resolver.erase("c2", by="dpo").records == 1
