"""Which of several values survives."""

from collections.abc import Callable
from typing import Any

import pytest

from socialmerge.errors import PolicyError
from socialmerge.merging import Policy, keep

Crm = Callable[..., Any]


def merged(
    crm: Crm, values: list[str | None], rule: keep.Strategy, column: str = "company", **more: list[Any]
) -> object:
    rows = [
        {column: value, **{name: cells[place] for name, cells in more.items()}} for place, value in enumerate(values)
    ]
    case = crm(*rows).together("c0", *(f"c{place}" for place in range(len(values))))
    return case.record("c0", Policy(rules={column: rule}))[column]


def test_newest_keeps_what_was_observed_last(crm: Crm) -> None:
    dates = ["2020-05-01", "2023-01-01", "2021-01-01"]
    assert merged(crm, ["Old", "New", "Middle"], keep.newest(), updated_at=dates) == "New"


def test_newest_prefers_a_dated_value_to_one_without_a_date(crm: Crm) -> None:
    assert merged(crm, ["Undated", "Dated"], keep.newest(), updated_at=[None, "1999-01-01"]) == "Dated"


def test_oldest_keeps_what_was_observed_first(crm: Crm) -> None:
    assert merged(crm, ["Undated", "B", "A"], keep.oldest(), updated_at=[None, "2003-01-01", "2002-01-01"]) == "A"


def test_newest_reads_times_and_zones(crm: Crm) -> None:
    dates = ["2024-01-01T00:30:00+02:00", "2023-12-31T23:00:00Z"]
    assert merged(crm, ["Earlier", "Later"], keep.newest(), updated_at=dates) == "Later"


def test_most_frequent_counts_equal_values_after_normalisation(crm: Crm) -> None:
    assert merged(crm, ["Beta", "ACME Ltd.", "acme ltd"], keep.most_frequent()) in {"ACME Ltd.", "acme ltd"}


def test_most_complete_prefers_a_full_name_to_initials(crm: Crm) -> None:
    assert merged(crm, ["S. Jones", "Sarah Jones"], keep.most_complete(), column="name") == "Sarah Jones"


def test_longest_keeps_the_most_characters(crm: Crm) -> None:
    assert merged(crm, ["ABC", "ABCDEF"], keep.longest()) == "ABCDEF"


def test_validated_keeps_what_parses(crm: Crm) -> None:
    assert merged(crm, ["ada at example", "ada@example.com"], keep.validated(), column="email") == "ada@example.com"


def test_every_keeps_each_distinct_value_in_byte_order(crm: Crm) -> None:
    values = ["b@example.com", "a@example.com", "B@example.com"]
    assert merged(crm, values, keep.every(), column="email") == ["B@example.com", "a@example.com"]


def test_every_after_validated_keeps_only_what_parses(crm: Crm) -> None:
    rule = keep.first(keep.validated(), keep.every())
    assert merged(crm, ["nonsense", "b@example.com", "a@example.com"], rule, column="email") == [
        "a@example.com",
        "b@example.com",
    ]


def test_the_first_strategy_that_decides_wins(crm: Crm) -> None:
    rule = keep.first(keep.most_frequent(), keep.longest())
    assert merged(crm, ["Short", "Rather longer"], rule) == "Rather longer"
    assert merged(crm, ["Twice", "Twice", "Rather longer"], rule) == "Twice"


def test_trusted_follows_the_sources_in_their_order(crm: Crm) -> None:
    case = (
        crm({"company": "Crm Co"}).attach("c0", channel="linkedin", employer="Linked Co").attach("c0", employer="Hub")
    )
    assert case.record("c0", Policy(rules={"company": keep.trusted("linkedin", "crm")}))["company"] == "Linked Co"
    assert case.record("c0", Policy(rules={"company": keep.trusted("crm", "linkedin")}))["company"] == "Crm Co"


def test_trusted_takes_the_systems_of_a_source_column(crm: Crm) -> None:
    case = crm({"company": "A", "system": "hubspot"}, {"company": "B", "system": "salesforce"}).together(
        "c0", "c0", "c1"
    )
    rule = keep.trusted("salesforce", "hubspot")
    policy = Policy(rules={"company": rule}, source="system")
    assert case.record("c0", policy)["company"] == "B"
    assert set(case.merge(policy).provenance["source"].to_pylist()) == {"hubspot", "salesforce"}


def test_an_empty_value_never_beats_a_value(crm: Crm) -> None:
    dates = ["2024-01-01", "2020-01-01"]
    assert merged(crm, [None, "Kept"], keep.newest(), updated_at=dates) == "Kept"
    assert merged(crm, ["  ", "Kept"], keep.newest(), updated_at=dates) == "Kept"
    assert merged(crm, ["n/a", "Kept"], keep.newest(), updated_at=dates) == "Kept"


def test_a_tie_falls_to_byte_order_and_not_to_the_order_of_rows(crm: Crm) -> None:
    assert merged(crm, ["Beta", "Alfa"], keep.longest()) == "Alfa"
    assert merged(crm, ["Alfa", "Beta"], keep.longest()) == "Alfa"


def test_social_data_fills_a_blank_and_overwrites_nothing_by_default(crm: Crm) -> None:
    case = crm({"company": "Crm Co"}, {}).attach("c0", employer="Social Co").attach("c1", employer="Social Co")
    assert case.record("c0")["company"] == "Crm Co"
    assert case.record("c1")["company"] == "Social Co"
    assert case.conflicts() == [("company", "Crm Co", "Social Co", "fill")]


def test_a_policy_may_let_verified_social_data_overwrite(crm: Crm) -> None:
    case = crm({"company": "Old Co", "updated_at": "2020-01-01"})
    case = case.attach("c0", employer="New Co", observed_at="2024-01-01")
    policy = Policy(otherwise=keep.newest(), social="overwrite")
    assert case.record("c0", policy)["company"] == "New Co"
    assert case.record("c0", Policy(otherwise=keep.newest()))["company"] == "Old Co"


def test_the_default_policy_needs_no_dates(crm: Crm) -> None:
    assert crm({"company": "A"}, {"company": "B"}).together("c0", "c0", "c1").record("c0")["company"] == "A"


def test_an_address_wins_or_loses_as_one(crm: Crm) -> None:
    case = crm(
        {"street": "1 Main St", "city": "Leeds", "postcode": None},
        {"street": "2 High St", "city": "York", "postcode": "YO1 7HH"},
    ).together("c0", "c0", "c1")
    record = case.record("c0")
    assert (record["street"], record["city"], record["postcode"]) == ("2 High St", "York", "YO1 7HH")
    newest = crm(
        {"street": "1 Main St", "city": "Leeds", "updated_at": "2024-01-01"},
        {"street": "2 High St", "city": "York", "postcode": "YO1 7HH", "updated_at": "2020-01-01"},
    ).together("c0", "c0", "c1")
    record = newest.record("c0", Policy(rules={"address": keep.newest()}))
    assert (record["street"], record["city"], record["postcode"]) == ("1 Main St", "Leeds", None)


def test_an_empty_group_takes_addresses_apart(crm: Crm) -> None:
    case = crm({"street": "1 Main St"}, {"city": "York"}).together("c0", "c0", "c1")
    record = case.record("c0", Policy(groups={}))
    assert (record["street"], record["city"]) == ("1 Main St", "York")


def test_a_group_of_ones_own_wins_or_loses_as_one(crm: Crm) -> None:
    case = crm({"company": "A", "site": "https://a.example.com"}, {"company": "Bravo"}).together("c0", "c0", "c1")
    policy = Policy(rules={"work": keep.longest()}, groups={"work": ("company", "site")})
    record = case.record("c0", policy)
    assert (record["company"], record["site"]) == ("A", "https://a.example.com")


def test_a_group_whose_rule_keeps_every_value_is_no_group(crm: Crm) -> None:
    case = crm({"city": "Leeds"}, {"city": "York"}).together("c0", "c0", "c1")
    assert case.record("c0", Policy(rules={"address": keep.every()}))["city"] == ["Leeds", "York"]


def test_the_name_of_a_field_comes_before_its_kind(crm: Crm) -> None:
    case = crm({"email": "b@example.com"}, {"email": "aa@example.com"}).together("c0", "c0", "c1")
    rules = {"email": keep.every()}
    assert case.record("c0", Policy(rules=rules))["email"] == ["aa@example.com", "b@example.com"]


def test_newest_without_any_dates_is_an_error_that_says_what_to_do(crm: Crm) -> None:
    case = crm({"company": "A"})
    policy = Policy(rules={"company": keep.newest(), "phone": keep.trusted("linkdin")}, otherwise=keep.oldest())
    with pytest.raises(PolicyError) as caught:
        case.merge(policy)
    lines = str(caught.value).splitlines()
    needs = "needs dates, and no customer has one; name the column with observed=, or write"
    assert lines == [
        "policy: 3 problems",
        f"- rules['company']: newest {needs} keep.newest(missing='skip')",
        "- rules['phone']: trusted names unknown source 'linkdin'; did you mean 'linkedin'?",
        f"- otherwise: oldest {needs} keep.oldest(missing='skip')",
    ]


def test_trusted_by_the_old_name_of_a_channel_names_the_new_one(crm: Crm) -> None:
    with pytest.raises(PolicyError, match=r"unknown source 'twitter'; the channel is called 'x' here"):
        crm({}).merge(Policy(rules={"email": keep.trusted("twitter")}))


def test_a_policy_that_names_unknown_fields_lists_them_all(crm: Crm) -> None:
    policy = Policy(rules={"emial": keep.every()}, groups={"home": ("city", "town")})
    with pytest.raises(PolicyError) as caught:
        crm({}).merge(policy)
    known = "city, company, email, id, name, phone, postcode, site, street, updated_at"
    assert str(caught.value).splitlines()[1:] == [
        "- rules['emial'] names no field, group or kind; did you mean 'email'?",
        f"- groups['home'] uses unknown field 'town'; known: {known}",
    ]


@pytest.mark.parametrize("part", ["observed", "source"])
def test_a_policy_that_names_an_absent_column_is_an_error(crm: Crm, part: str) -> None:
    with pytest.raises(
        PolicyError, match=rf"policy: {part} names 'updated', which is no column of the customers; did you"
    ):
        crm({}).merge(Policy(**{part: "updated"}))
