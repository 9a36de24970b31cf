"""What people said about single values."""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from socialmerge.errors import PolicyError
from socialmerge.merging import Edicts, GenericValue, Pin, Policy, Rejection, check_golden, keep

Crm = Callable[..., Any]


def pin(field: str, value: str, id: str = "d1", **more: object) -> Pin:
    target = more if "entity_id" in more or "record" in more else {"record": ("crm", "c0"), **more}
    return Pin(id, field, value, actor="ana", **target)


def wrong(field: str, value: str, **more: object) -> Edicts:
    return Edicts(rejections=(Rejection("r1", field, value, "ana", **(more or {"record": ("crm", "c0")})),))


def test_a_pin_beats_every_value_and_is_its_own_provenance(crm: Crm) -> None:
    case = crm({"company": "Crm Co", "updated_at": "2024-01-01"}).attach("c0", employer="Social Co")
    edicts = Edicts((pin("company", "Pinned Co", at="2020-01-01"),))
    merged = case.merge(edicts=edicts)
    row = next(row for row in merged.provenance.to_pylist() if row["field"] == "company")
    assert row == {
        "entity_id": "c0",
        "field": "company",
        "value": "Pinned Co",
        "source": "ana",
        "record_id": "c0",
        "channel": None,
        "rule": "pinned",
        "observed_at": "2020-01-01",
        "claim_id": "d1",
        "visibility": "private",
        "purposes": None,
        "basis": None,
        "attribute": "",
    }
    assert case.conflicts(edicts=edicts) == [
        ("company", "Pinned Co", "Crm Co", "pinned"),
        ("company", "Pinned Co", "Social Co", "pinned"),
    ]


def test_a_pin_goes_with_its_row_through_a_merge_and_a_split(crm: Crm) -> None:
    case = crm({"company": "A"}, {"company": "B"})
    edicts = Edicts((pin("company", "Pinned", record=("crm", "c1")),))
    assert case.record("c0", edicts=edicts)["company"] == "A"
    assert case.record("c1", edicts=edicts)["company"] == "Pinned"
    assert case.together("c0", "c0", "c1").record("c0", edicts=edicts)["company"] == "Pinned"


def test_a_pin_may_name_the_record_or_a_profile(crm: Crm) -> None:
    case = crm({"company": "A"}).attach("c0", channel="github", employer="B")
    assert case.record("c0", edicts=Edicts((pin("company", "P", entity_id="c0"),)))["company"] == "P"
    assert case.record("c0", edicts=Edicts((pin("company", "P", record=("github", "p0")),)))["company"] == "P"


def test_a_pin_of_a_row_that_is_not_there_or_in_no_record_waits(crm: Crm) -> None:
    case = crm({"company": "A"}).review("c0", channel="github", employer="B")
    edicts = Edicts((pin("company", "P", record=("crm", "gone")), pin("company", "P", "d2", record=("github", "p0"))))
    assert case.record("c0", edicts=edicts)["company"] == "A"


def test_of_two_pins_the_later_holds_and_the_other_is_a_conflict(crm: Crm) -> None:
    early, late = pin("company", "Early", "d1", at="2024-01-01"), pin("company", "Late", "d0", at="2024-02-01")
    for pins in ((early, late), (late, early)):
        assert crm({}).record("c0", edicts=Edicts(pins))["company"] == "Late"
        assert crm({}).conflicts(edicts=Edicts(pins)) == [("company", "Late", "Early", "pinned")]


def test_a_pin_of_one_part_leaves_the_rest_of_an_address(crm: Crm) -> None:
    case = crm({"street": "1 Main St", "city": "Leeds"})
    record = case.record("c0", edicts=Edicts((pin("city", "York"),)))
    assert (record["street"], record["city"]) == ("1 Main St", "York")


def test_a_pin_joins_the_values_of_a_field_that_keeps_every_one(crm: Crm) -> None:
    policy = Policy(rules={"email": keep.every()})
    edicts = Edicts((pin("email", "new@example.com"), pin("email", "ADA@example.com", "d2")))
    case = crm({"email": "ada@example.com"}, {"email": "bob@example.com"}).together("c0", "c0", "c1")
    assert case.record("c0", policy, edicts=edicts)["email"] == [
        "ADA@example.com",
        "bob@example.com",
        "new@example.com",
    ]
    assert case.conflicts(policy, edicts=edicts) == []


def test_a_pinned_contact_point_stands_though_the_attachment_could_not_add_it(crm: Crm) -> None:
    case = crm({}).attach("c0", "inferred", emails=["ada@example.com"])
    edicts = Edicts((pin("email", "ada@example.com"),))
    assert case.record("c0")["email"] is None
    assert case.record("c0", edicts=edicts)["email"] == "ada@example.com"
    assert case.conflicts(edicts=edicts) == []


def test_a_pin_makes_the_field_of_an_attribute_that_no_profile_has(crm: Crm) -> None:
    assert crm({}).attach("c0", handle="ada").record("c0", edicts=Edicts((pin("bio", "Poet"),)))["bio"] == "Poet"


def test_a_rejected_value_is_never_kept_from_any_source_in_any_spelling(crm: Crm) -> None:
    case = crm({"email": "ada@example.com"}, {"email": "ADA@example.com"}).together("c0", "c0", "c1")
    case = case.attach("c0", emails=["ada@example.com"], verified_emails=["ada@example.com"])
    edicts = wrong("email", "Ada@Example.com")
    assert case.record("c0", edicts=edicts)["email"] is None
    assert {row[1:] for row in case.conflicts(edicts=edicts)} <= {
        (None, "ada@example.com", "rejected by a person"),
        (None, "ADA@example.com", "rejected by a person"),
    }
    assert case.conflicts(edicts=edicts)


def test_a_value_rejected_for_one_person_is_kept_for_another(crm: Crm) -> None:
    case = crm({"phone": "202-555-0143"}, {"phone": "202-555-0143"})
    edicts = wrong("phone", "+12025550143", entity_id="c0")
    assert case.record("c0", edicts=edicts)["phone"] is None
    assert case.record("c1", edicts=edicts)["phone"] == "202-555-0143"


def test_the_next_best_value_takes_the_place_of_a_rejected_one(crm: Crm) -> None:
    case = crm({"company": "Wrong and long Co"}, {"company": "Right"}).together("c0", "c0", "c1")
    policy = Policy(rules={"company": keep.longest()})
    edicts = wrong("company", "wrong and long co")
    assert case.record("c0", policy, edicts=edicts)["company"] == "Right"
    assert case.conflicts(policy, edicts=edicts) == [("company", "Right", "Wrong and long Co", "rejected by a person")]


def test_an_address_with_a_rejected_part_is_rejected_as_one(crm: Crm) -> None:
    case = crm({"street": "1 Main St", "city": "Leeds"}, {"street": "2 High St"}).together("c0", "c0", "c1")
    record = case.record("c0", edicts=wrong("city", "leeds"))
    assert (record["street"], record["city"]) == ("2 High St", None)
    rules = {row[2]: row[3] for row in case.conflicts(edicts=wrong("city", "leeds"))}
    assert rules == {"1 Main St": "rejected by a person", "Leeds": "rejected by a person"}


def test_a_generic_value_is_nobodys_contact_point(crm: Crm) -> None:
    generic = (GenericValue("g1", "INFO@example.com", "bo"), GenericValue("g2", "(202) 555-0100", "bo"))
    case = crm({"email": "info@example.com", "phone": "+1 202 555 0100"}, {"email": "ada@example.com"})
    policy = Policy(rules={"email": keep.every()})
    edicts = Edicts(generic=generic)
    assert case.record("c0", policy, edicts=edicts)["email"] is None
    assert case.record("c0", policy, edicts=edicts)["phone"] is None
    assert case.record("c1", policy, edicts=edicts)["email"] == ["ada@example.com"]
    assert {row[3] for row in case.conflicts(policy, edicts=edicts)} == {"generic value"}


def test_a_pin_stands_above_a_rejection_and_a_generic_value(crm: Crm) -> None:
    edicts = Edicts(
        (pin("email", "info@example.com"),),
        wrong("email", "info@example.com").rejections,
        (GenericValue("g1", "info@example.com", "bo"),),
    )
    assert crm({"email": "info@example.com"}).record("c0", edicts=edicts)["email"] == "info@example.com"


def test_without_its_edicts_a_record_is_as_if_they_had_never_been(crm: Crm) -> None:
    case = crm({"company": "A", "email": "info@example.com"})
    assert case.merge(edicts=Edicts()).records.equals(case.merge().records)


def test_all_problems_of_edicts_are_listed_by_their_ids_without_a_value() -> None:
    with pytest.raises(PolicyError) as caught:
        Edicts(
            (Pin("d1", "company", "Secret Co", "ana"), Pin("d1", "company", " ", "ana", entity_id="c0", at="noon")),
            (Rejection("", "", "Secret Co", "ana", record=("crm", "c0"), entity_id="c0"),),
        )
    assert str(caught.value).splitlines() == [
        "edicts: 7 problems",
        "- 'd1' is the id of 2 edicts; give each its own",
        "- 1 edict has no id; provenance names them by it",
        "- 'd1' has no value",
        "- 'd1' has an at= that is no time; write it as ISO 8601, such as 2026-01-31T12:00:00Z",
        "- 'd1' names neither a record nor an entity, or both; give it one of them",
        "- '' names neither a record nor an entity, or both; give it one of them",
        "- '' names no field",
    ]


def test_edicts_about_unknown_fields_and_generic_values_of_no_kind_are_refused(crm: Crm) -> None:
    with pytest.raises(PolicyError, match=r"edicts: 'd1' names unknown field 'compny'; did you mean 'company'\?"):
        crm({}).merge(edicts=Edicts((pin("compny", "A"),)))
    with pytest.raises(PolicyError, match=r"'g1' calls a value generic that is neither an e-mail address nor"):
        crm({}).merge(edicts=Edicts(generic=(GenericValue("g1", "Acme", "bo"),)))


def test_that_a_word_fits_is_found_without_merging_anything(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    case = crm({"email": "ada@example.com", "company": "A"})
    tables = (case.decision_table, case.customer_table, case.profile_table, case.schema)
    refused = [Edicts((pin("compny", "B"),)), Edicts(generic=(GenericValue("g1", "nobody", actor="ana"),))]
    for edicts in refused:
        with pytest.raises(PolicyError) as told:
            case.merge(edicts=edicts)
        with pytest.raises(PolicyError, match=re.escape(str(told.value))):
            check_golden(*tables, clusters=case.cluster_table, edicts=edicts)
    monkeypatch.setattr(sys.modules["socialmerge.merging.golden"], "_merge", None)
    check_golden(*tables, clusters=case.cluster_table, edicts=Edicts((pin("company", "B"),)))
