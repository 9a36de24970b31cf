"""A store of people over time: what comes in, what people decide, what can be taken back."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from tests.resolver.conftest import KEY, Opener
from tests.resolver.people import CUSTOMERS, customers, profiles, stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.resolver import state as states
from socialmerge.resolver.session import Session


def entity(resolver: Resolver, any_id: str) -> str:
    """The entity of one record, whatever else its id stood for."""
    source = {"c": "crm", "p1": "github", "p2": "github", "p3": "x"}
    (found,) = resolver.resolve_id(f"{source.get(any_id) or source[any_id[0]]}:{any_id}")
    return found


def row_of(resolver: Resolver, profile_id: str) -> dict[str, object]:
    return next(row for row in resolver.decisions.to_pylist() if row["profile_id"] == profile_id)


def filled(resolver: Resolver) -> Resolver:
    resolver.load(customers())
    resolver.ingest(profiles())
    return resolver


# ---------------------------------------------------------------------------------------------------------- what comes
def test_a_file_that_comes_twice_changes_nothing(resolver: Resolver) -> None:
    filled(resolver)
    before = stated(resolver)
    last = resolver.load(customers())
    again = resolver.ingest(profiles())
    assert (last.claims, last.position) == (0, again.position)
    assert (again.records, again.claims, again.observations, again.seen_again) == (0, 0, 0, 0)
    assert stated(resolver) == before


def test_profiles_attach_to_customers_and_strangers_are_new(resolver: Resolver) -> None:
    filled(resolver)
    verdicts = {row["profile_id"]: (row["verdict"], row["entity_id"]) for row in resolver.decisions.to_pylist()}
    assert verdicts["p1"] == ("attach", "c1")
    assert verdicts["p2"] == ("attach", "c3")
    assert verdicts["p3"][0] == "new"


def test_rows_of_one_customer_are_one_entity_under_the_id_created_first(resolver: Resolver) -> None:
    filled(resolver)
    assert entity(resolver, "c2") == entity(resolver, "c1") == "c1"


def test_any_batches_in_any_order_give_the_same_golden_records(resolver: Resolver, tmp_path: object) -> None:
    filled(resolver)
    with Resolver(store=f"sqlite:///{tmp_path}/other.db", key=KEY) as other:
        for one in ("p3", "p1", "p2"):
            other.ingest(profiles(one))
        for one in ("c5", "c2", "c3", "c1", "c4"):
            other.load(customers(one))
        assert stated(other) == stated(resolver)


def test_the_store_opens_again_with_all_that_it_had(reopen: Opener) -> None:
    first = filled(reopen())
    first.decide(("p3", "c5"), "same", by="ana", reason="phoned")
    before = stated(first)
    assert stated(reopen()) == before


def test_who_opens_a_store_to_decide_or_to_read_does_not_wait_for_the_model(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stated(filled(reopen()))
    resolver = reopen()
    monkeypatch.setattr(states, "judge", lambda *_: pytest.fail("the model was asked"))
    assert resolver.golden().records.to_pylist() == before["records"]
    decision = resolver.decide(("p3", "c5"), "same", by="ana")
    assert entity(resolver, "p3") == "c5"
    resolver.undo(decision.id, by="ana")
    assert resolver.golden().provenance.to_pylist() == before["provenance"]


def test_a_process_that_was_killed_before_its_links_were_written_loses_nothing(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = reopen()
    resolver.load(customers())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Session, "follow", killed)
        with pytest.raises(KeyboardInterrupt):
            resolver.ingest(profiles())
    again = reopen()
    assert entity(again, "p1") == "c1"
    again.ingest(profiles())
    with again._session.store.snapshot() as view:
        assert view.members().read_all().num_rows == len(customers()) + len(profiles())


def test_a_later_observation_takes_the_place_of_an_earlier_one_whichever_is_loaded_first(resolver: Resolver) -> None:
    rows = [CUSTOMERS[2] | {"email": "old@example.com"}, CUSTOMERS[2] | {"email": "new@example.com"}]
    days = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)]
    for row, day in reversed(list(zip(rows, days, strict=True))):
        resolver.load(pa.Table.from_pylist([row]), observed_at=day)
    assert resolver.golden("c3").records["email"].to_pylist() == ["new@example.com"]
    raw = [claim["raw"] for claim in resolver.export("c3")["records"][0]["claims"]]  # type: ignore[index]
    assert {"old@example.com", "new@example.com"} <= set(raw)


def test_a_blank_does_not_take_a_value_away_unless_the_policy_says_so(reopen: Opener) -> None:
    resolver = reopen()
    resolver.load(customers("c3"), observed_at=datetime(2026, 1, 1, tzinfo=UTC))
    blank = pa.Table.from_pylist([CUSTOMERS[2] | {"email": ""}])
    resolver.load(blank, observed_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert resolver.golden("c3").records["email"].to_pylist() == ["grace@example.com"]


def test_survivors_are_not_picked_by_load_time(resolver: Resolver) -> None:
    rows = [
        {"id": "c1", "name": "Ada Lovelace", "email": "ada@example.com", "city": "Bath", "updated_at": "2025-05-05"},
        {"id": "c2", "name": "Ada Lovelace", "email": "ada@example.com", "city": "Leeds", "updated_at": "2021-01-01"},
    ]
    for row in rows:  # the older observation is loaded last
        resolver.load(pa.Table.from_pylist([row]))
    resolver.decide(("c1", "c2"), "same", by="ana")
    policy = sm.Policy(otherwise=sm.keep.newest())
    assert resolver.golden("c1", policy=policy).records["city"].to_pylist() == ["Bath"]


def test_ids_of_two_systems_that_clash_are_refused_before_anything_is_written(reopen: Opener) -> None:
    resolver = reopen(policy=sm.Policy(source="system"))
    resolver.load(pa.Table.from_pylist([CUSTOMERS[0] | {"system": "shop"}]))
    with pytest.raises(sm.StoreError, match="1 id is that of rows of another source"):
        resolver.load(pa.Table.from_pylist([CUSTOMERS[0] | {"system": "club"}]))
    assert resolver.clusters.num_rows == 1


# ----------------------------------------------------------------------------------------------------------- questions
def test_a_question_writes_nothing_and_says_what_ingest_would(resolver: Resolver) -> None:
    filled(resolver)
    before = stated(resolver)
    profile = {"channel": "github", "handle": "marysomerville", "display_name": "Mary Somerville",
               "emails": ["mary@example.com"]}  # fmt: skip
    answer = resolver.resolve(profile)
    assert stated(resolver) == before
    assert (answer.verdict, answer.customer) == (sm.Verdict.ATTACH, "c4")
    assert "email" in str(answer.explain())
    resolver.ingest([profile])
    assert row_of(resolver, answer.profile_id)["probability"] == answer.probability


def test_an_answer_that_is_decided_brings_its_profile_in(resolver: Resolver) -> None:
    filled(resolver)
    answer = resolver.resolve({"channel": "x", "handle": "emmy_n", "display_name": "Emmy N."})
    named = answer if answer.customer else None
    if named is None:
        resolver.ingest([{"channel": "x", "handle": "emmy_n", "display_name": "Emmy N."}])
        resolver.decide((answer.profile_id, "c5"), sm.Verdict.ATTACH, by="ana", reason="met her")
    else:
        resolver.decide(named, sm.Verdict.ATTACH, by="ana", reason="met her")
    assert row_of(resolver, "x:emmy_n")["verdict"] == "attach"


def test_an_unknown_id_is_an_error_that_does_not_repeat_it(resolver: Resolver) -> None:
    filled(resolver)
    with pytest.raises(sm.StoreError) as error:
        resolver.history("ada@example.com")
    assert "ada" not in str(error.value)


# ----------------------------------------------------------------------------------------------------------- decisions
def test_undo_leaves_everything_as_if_the_decision_had_never_been(resolver: Resolver) -> None:
    filled(resolver)
    before = stated(resolver)
    decision = resolver.decide(("p3", "c5"), sm.Verdict.ATTACH, by="ana", reason="phoned")
    assert stated(resolver) != before
    resolver.undo(decision.id, by="ana", reason="a namesake")
    assert stated(resolver) == before


def test_a_merge_that_a_person_made_can_be_undone_and_the_undo_undone(resolver: Resolver) -> None:
    filled(resolver)
    merge = resolver.decide(("c4", "c5"), "same", by="ana")
    assert entity(resolver, "c5") == "c4"
    merged = stated(resolver)
    undone = resolver.undo(merge.id, by="bob")
    assert entity(resolver, "c5") == "c5"
    resolver.undo(undone.id, by="ana")
    assert stated(resolver) == merged
    with pytest.raises(sm.StoreError, match="taken back already"):
        resolver.undo(undone.id, by="ana")


def test_a_split_is_not_silently_merged_again_by_the_next_run(reopen: Opener) -> None:
    resolver = filled(reopen())
    resolver.split("c1", "c2", by="ana", reason="mother and daughter")
    assert entity(resolver, "c1") != entity(resolver, "c2")
    again = reopen()
    again.load(customers(), observed_at=datetime(2026, 3, 5, tzinfo=UTC))
    again.ingest([*profiles(), {"profile_id": "p9", "channel": "x", "handle": "adal", "emails": ["ada@example.com"]}])
    assert entity(again, "c1") != entity(again, "c2")


def test_not_the_same_is_not_overridden_through_a_third_record(resolver: Resolver) -> None:
    filled(resolver)
    resolver.decide(("c1", "c4"), "different", by="ana")
    resolver.decide(("c1", "c5"), "same", by="ana")
    with pytest.raises(sm.LabelError, match="crm:c1 = crm:c5 = crm:c4, and crm:c1 is not crm:c4"):
        resolver.decide(("c4", "c5"), "same", by="bob")
    assert entity(resolver, "c4") == "c4"


def test_a_decision_that_contradicts_another_is_not_written(resolver: Resolver) -> None:
    filled(resolver)
    resolver.decide(("p3", "c5"), "different", by="ana")
    count = len(resolver.history("p3"))
    with pytest.raises(sm.LabelError) as caught:
        resolver.decide(("p3", "c5"), "same", by="bob")
    for entry in resolver.history("p3"):
        assert f"{entry.decision_id} ({entry.kind.value})" in str(caught.value)
    assert len(resolver.history("p3")) == count


def test_different_is_not_overridden_by_the_model(resolver: Resolver) -> None:
    filled(resolver)
    resolver.decide(("p1", "c1"), "different", by="ana", reason="a namesake")
    found = row_of(resolver, "p1")
    assert (found["verdict"], found["customer_id"]) == ("new", None)
    assert "a person decided" in str(found["reason"])


def test_splitting_one_record_parts_it_from_all_others(resolver: Resolver) -> None:
    filled(resolver)
    resolver.split("p1", by="ana")
    assert entity(resolver, "p1") not in {"c1", "c2"}
    assert entity(resolver, "c2") == "c1"
    with pytest.raises(sm.StoreError, match="this record is alone"):
        resolver.split("p1", by="ana")
    with pytest.raises(sm.StoreError, match="no two of these records are of one entity"):
        resolver.split("p1", "c1", by="ana")


def test_an_inferred_attachment_adds_no_contact_point_and_a_person_who_saw_proof_may(resolver: Resolver) -> None:
    resolver.load(customers())
    resolver.ingest([profiles("p3")[0] | {"verified_emails": ["stranger@example.com"]}], trusted=True)
    first = resolver.decide(("p3", "c5"), "same", by="ana", reason="looks like her")
    assert "stranger@example.com" not in str(resolver.golden("c5").records["email"].to_pylist())
    assert row_of(resolver, "p3")["assurance"] == "inferred"
    resolver.undo(first.id, by="ana")
    resolver.decide(("p3", "c5"), "same", by="ana", reason="showed the account", verified=True)
    assert row_of(resolver, "p3")["assurance"] == "verified"


def test_two_platform_ids_are_not_merged_because_an_office_address_or_a_phone_is_shared(resolver: Resolver) -> None:
    resolver.load(customers())
    shared = {"emails": ["info@agency.example.com"], "phones": ["+12025550177"], "channel": "github"}
    one = shared | {"profile_id": "p7", "account_id": "11", "handle": "hopeful", "display_name": "Hope Iyer"}
    other = shared | {"profile_id": "p8", "account_id": "77", "handle": "rkoenig", "display_name": "Rolf Koenig"}
    resolver.ingest([one, other], trusted=True)
    assert resolver.resolve_id("github:p7") != resolver.resolve_id("github:p8")
    resolver.ingest([one | {"profile_id": "p9", "handle": "renamed"}], trusted=True)
    assert resolver.resolve_id("github:p7") == resolver.resolve_id("github:p9")  # one stable id is one account


def test_history_tells_what_was_decided_by_whom_and_what_was_taken_back(resolver: Resolver) -> None:
    filled(resolver)
    one = resolver.decide(("p3", "c5"), "same", by="ana", reason="phoned")
    resolver.undo(one.id, by="bob", reason="wrong number")
    told = [(entry.kind.value, entry.by, entry.reason, entry.in_force) for entry in resolver.history("c5")]
    assert told == [("same", "ana", "phoned", False), ("retract", "bob", "wrong number", True)]


def test_export_gives_every_claim_and_decision_of_a_person(resolver: Resolver) -> None:
    filled(resolver)
    resolver.decide(("p1", "c1"), "same", by="ana")
    found = resolver.export("p1")
    assert found["entity_ids"] == ["c1"]
    text = json.dumps(found)
    assert all(value in text for value in ("Ada Lovelace", "Engines", "202-555-0143", '"by": "ana"'))
    assert "Grace" not in text
    assert found["uses"] == []


def test_export_tells_what_was_applied_of_a_person(resolver: Resolver) -> None:
    filled(resolver)
    resolver.apply(resolver.preview(), by="bob")
    resolver.pin("c3", "phone", "202-555-0177", by="ana")
    resolver.apply(resolver.preview(), by="ana")
    for any_id, who, phone in (("c4", "bob", None), ("c3", "ana", "202-555-0177")):
        (use,) = resolver.export(any_id)["uses"]  # type: ignore[misc]
        assert (use["use"], use["entity_id"], use["by"], use["fields"]["phone"]) == ("applied", any_id, who, phone)  # type: ignore[index]
        assert json.loads(json.dumps(use)) == use


def test_a_losing_id_still_resolves_and_a_split_gives_a_list(resolver: Resolver) -> None:
    filled(resolver)
    stranger = entity(resolver, "p3")
    merge = resolver.decide(("c4", "c5"), "same", by="ana")
    attach = resolver.decide(("p3", "c5"), "same", by="ana")
    assert resolver.resolve_id("c5") == resolver.resolve_id(stranger) == ("c4",)
    resolver.undo(attach.id, by="ana")
    assert resolver.resolve_id(stranger) == (stranger,)
    resolver.undo(merge.id, by="ana")
    assert (resolver.resolve_id("c4"), resolver.resolve_id("c5")) == (("c4",), ("c5",))
    resolver.split("c1", "c2", by="bob")
    assert set(resolver.resolve_id("c1")) == {"c1", "c2"}


# ---------------------------------------------------------------------------------------------------- preview and apply
def test_apply_writes_what_the_preview_shows_and_nothing_is_left_to_apply(resolver: Resolver) -> None:
    filled(resolver)
    preview = resolver.preview()
    shown = {(row["entity_id"], row["field"]) for row in preview.changes.to_pylist()}
    assert ("c3", "name") in shown
    resolver.apply(preview, by="ana")
    assert resolver.preview().changes.num_rows == 0
    resolver.decide(("c4", "c5"), "same", by="ana")
    after = resolver.preview()
    assert {row["entity_id"] for row in after.changes.to_pylist()} == {"c4", "c5"}
    resolver.apply(after, by="ana")
    assert resolver.preview().changes.num_rows == 0


def test_a_stale_preview_is_refused(resolver: Resolver) -> None:
    filled(resolver)
    preview = resolver.preview()
    resolver.decide(("p3", "c5"), "different", by="bob")
    with pytest.raises(sm.StaleError, match="make a new preview"):
        resolver.apply(preview, by="ana")


# --------------------------------------------------------------------------------------------------------------- values
def test_a_pin_holds_through_merges_and_goes_when_it_is_undone(resolver: Resolver) -> None:
    filled(resolver)
    before = stated(resolver)
    pin = resolver.pin("c2", "phone", "+1 202-555-0199", by="ana", reason="asked her")
    assert resolver.golden("c1").records["phone"].to_pylist()[0] != before["records"][0]["phone"]
    resolver.undo(pin.id, by="ana")
    assert stated(resolver) == before


def test_a_rejected_value_is_not_kept(resolver: Resolver) -> None:
    filled(resolver)
    resolver.reject("c1", "phone", "202-555-0143", by="ana")
    assert "0143" not in str(resolver.golden("c1").records["phone"].to_pylist())


# -------------------------------------------------------------------------------------------------------------- privacy
def test_an_erased_person_is_not_brought_back_by_an_import(resolver: Resolver) -> None:
    filled(resolver)
    resolver.decide(("p3", "c3"), "same", by="ana", reason="Grace Hopper says so")
    erased = resolver.erase("c3", by="dpo")
    assert erased.records == 3
    again = resolver.load(customers())
    assert again.refused.to_pylist() == [{"source": "crm", "record_id": "c3"}]
    assert resolver.ingest(profiles()).refused.num_rows == 2
    assert "grace" not in str(stated(resolver)).casefold()
    with pytest.raises(sm.StoreError, match="who had this id was erased"):
        resolver.history("c3")


def test_erasing_then_importing_is_importing_then_erasing(reopen: Opener, tmp_path: object) -> None:
    first = reopen()
    first.load(customers())
    first.ingest(profiles("p1", "p3"))
    first.erase("c3", by="dpo")
    first.ingest(profiles())
    with Resolver(store=f"sqlite:///{tmp_path}/other.db", key=KEY) as other:
        other.load(customers())
        other.ingest(profiles())
        other.erase("c3", by="dpo")
        assert stated(other) == stated(first)


def test_erasing_spares_a_record_that_a_person_parted_from_the_entity(resolver: Resolver) -> None:
    filled(resolver)
    resolver.split("c1", "c2", by="ana")
    resolver.erase("crm:c1", by="dpo")
    assert "c2" in resolver.clusters["id"].to_pylist()


def test_what_may_be_kept_no_longer_is_swept(resolver: Resolver) -> None:
    resolver.load(customers("c3"), observed_at=datetime(2020, 1, 1, tzinfo=UTC))
    resolver.load(customers("c4"), observed_at=datetime(2026, 1, 1, tzinfo=UTC))
    swept = resolver.retain(before=datetime(2024, 1, 1, tzinfo=UTC))
    assert swept.records == 1
    assert resolver.clusters["id"].to_pylist() == ["c4"]


@pytest.mark.parametrize(("field", "value"), [("emial", "ada@example.com"), ("email", " "), ("email", "")])
def test_a_pin_that_the_merge_refuses_is_not_recorded(resolver: Resolver, field: str, value: str) -> None:
    before = filled(resolver).golden().records
    for say in (resolver.pin, resolver.reject):
        with pytest.raises(sm.errors.SocialMergeError, match=r"emial|no value"):
            say("c3", field, value, by="ana")
    assert resolver.golden().records.equals(before)
    assert resolver.history("c3") == ()


def test_nothing_is_no_generic_value(resolver: Resolver) -> None:
    with pytest.raises(sm.errors.LabelError, match="no value"):
        filled(resolver).generic(" ", by="ana")
    assert resolver.golden().records.num_rows


def test_an_answer_whose_customer_is_gone_brings_no_profile_in(resolver: Resolver) -> None:
    resolver.load(customers())
    answer = replace(resolver.resolve(profiles("p2")[0]), customer="gone")
    with pytest.raises(sm.errors.StoreError):
        resolver.decide(answer, "same", by="ana")
    assert resolver.decisions.num_rows == 0
