"""What an attachment may add, by its assurance."""

from collections.abc import Callable
from typing import Any

import pytest

from socialmerge.merging import Policy, keep

Crm = Callable[..., Any]


ADA = {"name": "Ada Byron", "email": "ada@example.com"}


def test_an_inferred_attachment_adds_public_descriptive_values(crm: Crm) -> None:
    case = crm(ADA).attach("c0", "inferred", bio="Sums", websites=["https://ada.example.com"], employer="Analytical")
    record = case.record("c0")
    assert (record["bio"], record["site"], record["company"]) == ("Sums", "https://ada.example.com", "Analytical")


def test_an_inferred_attachment_adds_no_contact_point_and_the_conflict_says_why(crm: Crm) -> None:
    case = crm({"name": "Ada Byron"}).attach("c0", "inferred", emails=["thief@example.com"], phones=["+1 202 555 0143"])
    record = case.record("c0")
    assert record["email"] is None
    assert record["phone"] is None
    assert case.conflicts() == [
        ("email", None, "thief@example.com", "assurance"),
        ("phone", None, "+1 202 555 0143", "assurance"),
    ]
    reason = case.merge().conflicts["reason"][0].as_py()
    assert reason == "github: an inferred attachment adds no contact point"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("links", ["tel:+12025550143"]),
        ("links", ["mailto:thief@example.com"]),
        ("links", ["https://wa.me/12025550143"]),
        ("links", ["thief@example.com"]),
        ("bio", "Best reached at thief@example.com!"),
        ("bio", "Call 202-555-0143"),
        ("location", "thief@example.com"),
        ("title", "+1 202 555 0143"),
        ("display_name", "mailto:thief@example.com"),
    ],
)
def test_an_inferred_attachment_adds_no_contact_point_in_another_attribute(
    crm: Crm, attribute: str, value: object
) -> None:
    case = crm({}).attach("c0", "inferred", **{attribute: value})
    assert "thief@example.com" not in str(case.record("c0"))
    assert "555" not in str(case.record("c0"))
    assert [row["reason"] for row in case.merge().conflicts.to_pylist()] == [
        "github: an inferred attachment adds no contact point"
    ]
    assert str(value if isinstance(value, str) else value[0]) in str(crm().new("n1", **{attribute: value}).record("n1"))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("links", "https://example.social/@ada@other.example"),
        ("links", "acct:ada@example.social"),
        ("links", "https://orcid.example/0000-0002-1825-0097"),
        ("bio", "Ask @ada@example.social, 2019-2024"),
        ("location", "Hotel: Room 12"),
    ],
)
def test_the_name_of_an_account_is_no_contact_point(crm: Crm, attribute: str, value: str) -> None:
    case = crm({}).attach("c0", "inferred", **{attribute: [value] if attribute == "links" else value})
    assert value in str(case.record("c0"))


def test_not_even_a_verified_email_enters_by_an_inferred_attachment(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", "inferred", emails=["x@example.com"], verified_emails=["x@example.com"])
    assert case.record("c0")["email"] is None


def test_not_even_a_policy_lets_an_inferred_attachment_add_a_contact_point(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", "inferred", emails=["x@example.com"], phones=["+1 202 555 0143"])
    rules = {"email": keep.every(), "phone": keep.trusted("github", "crm")}
    record = case.record("c0", Policy(rules=rules, social="overwrite", contact_points="asserted"))
    assert not record["email"]
    assert record["phone"] is None


def test_a_verified_attachment_adds_a_verified_email(crm: Crm) -> None:
    values = {"emails": ["Ada@example.com", "other@example.com"], "verified_emails": ["ada@example.com"]}
    case = crm({"name": "Ada"}).attach("c0", **values)
    assert case.record("c0")["email"] == "Ada@example.com"
    assert case.conflicts() == [("email", "Ada@example.com", "other@example.com", "assurance")]


def test_a_verified_attachment_adds_an_asserted_phone_only_where_the_policy_allows(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", phones=["+1 202 555 0143"])
    assert case.record("c0")["phone"] is None
    assert case.record("c0", Policy(contact_points="asserted"))["phone"] == "+1 202 555 0143"


def test_a_quarantined_value_that_the_customer_already_has_is_no_conflict(crm: Crm) -> None:
    case = crm(ADA).attach("c0", "inferred", emails=["ADA@example.com "])
    assert case.conflicts() == []


@pytest.mark.parametrize("rule", [keep.trusted("github", "crm"), keep.newest(missing="skip"), keep.longest()])
def test_an_inferred_attachment_overwrites_nothing_whatever_the_policy(crm: Crm, rule: keep.Strategy) -> None:
    case = crm({"company": "Ltd", "updated_at": "2001-01-01"})
    case = case.attach("c0", "inferred", employer="A much longer name", observed_at="2024-01-01")
    policy = Policy(rules={"company": rule}, social="overwrite")
    assert case.record("c0", policy)["company"] == "Ltd"
    assert case.conflicts(policy) == [("company", "Ltd", "A much longer name", "assurance")]


def test_an_attachment_does_not_fill_a_blank_with_what_stands_for_no_value(crm: Crm) -> None:
    case = crm({}).attach("c0", employer="N/A", bio="-", display_name="n/a")
    record = case.record("c0")
    assert (record["company"], record["bio"], record["name"]) == (None, None, None)
    assert case.conflicts() == []


def test_an_attachment_does_not_fill_a_column_with_what_is_not_of_its_kind(crm: Crm) -> None:
    case = crm({}).attach("c0", emails=["call me"], verified_emails=["call me"])
    assert case.record("c0")["email"] is None
    assert case.conflicts() == [("email", None, "call me", "validated")]


def test_what_a_customer_row_says_is_kept_even_if_odd(crm: Crm) -> None:
    record = crm({"email": "call me", "company": "n/a"}).record("c0")
    assert (record["email"], record["company"]) == ("call me", "n/a")


def test_a_profile_in_review_adds_nothing(crm: Crm) -> None:
    case = crm(ADA).review("c0", bio="Perhaps", handle="ada")
    assert case.record("c0")["accounts"] == []
    assert case.merge().records.num_rows == 1
    assert "Perhaps" not in str(case.merge().records.to_pylist())


def test_an_account_that_is_no_person_adds_nothing_even_if_attached(crm: Crm) -> None:
    case = crm(ADA).attach("c0", bio="We make things", handle="acme", is_person=False)
    assert "bio" not in case.record("c0") or case.record("c0")["bio"] is None
    assert case.record("c0")["accounts"] == []


def test_a_new_profile_makes_a_record_of_its_own_with_all_it_says(crm: Crm) -> None:
    case = crm(ADA).new("n1", display_name="Grace", emails=["grace@example.com"], handle="grace")
    record = case.record("n1")
    assert (record["name"], record["email"], record["id"]) == ("Grace", "grace@example.com", None)
    assert record["accounts"][0]["assurance"] is None


def test_two_new_profiles_of_one_person_make_one_record(crm: Crm) -> None:
    case = crm(ADA).new("n1", handle="grace", bio="Ships").new("n1", channel="x", handle="grace", bio="Ships")
    assert [account["channel"] for account in case.record("n1")["accounts"]] == ["github", "x"]
    assert case.record("n1")["bio"] == "Ships"


def test_an_account_seen_twice_is_listed_once_with_its_best_assurance(crm: Crm) -> None:
    case = crm(ADA).attach("c0", "inferred", account_id="7", handle="ada").attach("c0", account_id="7", handle="ada")
    assert case.record("c0")["accounts"] == [
        {
            "channel": "github",
            "scope": None,
            "account_id": "7",
            "handle": "ada",
            "assurance": "verified",
            "visibility": "public",
        }
    ]
