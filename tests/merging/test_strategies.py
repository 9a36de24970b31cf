"""Which of several values survives."""

from collections.abc import Callable
from typing import Any

import pytest

from socialmerge.errors import PolicyError
from socialmerge.merging import Edicts, Pin, Policy, keep

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


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("13/02/2024 10:00", "13/02/2024 11:00"),
        ("2/13/2024 10:00 AM", "2/13/2024 9:00 PM"),
        ("13.02.2024 10:00:01", "13.02.2024 10:00:02"),
        ("2024-01-01 10:00:02 UTC", "2024-01-01 10:00:01 -0100"),
        ("1704067200", "1704067201"),
        ("1704067200000", "1704067200001"),
    ],
)
def test_newest_reads_the_time_of_a_day_as_people_and_systems_write_it(crm: Crm, earlier: str, later: str) -> None:
    assert merged(crm, ["A", "B"], keep.newest(), updated_at=[earlier, later]) == "B"


def test_of_several_columns_that_say_when_a_row_changed_the_systems_own_stamp_comes_last(crm: Crm) -> None:
    rows = [
        {"company": "New", "LastModifiedDate": "2024-03-04", "SystemModstamp": "2024-03-04"},
        {"company": "Old", "LastModifiedDate": "2022-03-04", "SystemModstamp": "2025-01-01"},
    ]
    case = crm(*rows).together("c0", "c0", "c1")
    assert case.record("c0", Policy(rules={"company": keep.newest()}))["company"] == "New"


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
    known = "born, city, company, email, id, name, phone, postcode, site, spend, street, updated_at"
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


def test_names_that_there_are_not_and_rules_without_their_input_are_told_at_once(crm: Crm) -> None:
    rules = {"emial": keep.every(), "company": keep.trusted("crm", "linkdin"), "phone": keep.agreed(sources=2)}
    with pytest.raises(PolicyError) as error:
        crm({"company": "A"}).merge(Policy(rules=rules, clears=("crmm",)))
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == [
        "policy",
        "- rules['emial'] names no field, group or kind; did you mean 'email'?",
        "- rules['company']",
        "- rules['phone']",
        "- clears names unknown source 'crmm'; did you mean 'crm'?",
        "- clears needs dates, and no row has one; name the column with observed=",
    ]
    with pytest.raises(PolicyError, match=r"3 problems\n.*emial.*\n.*observed names 'seen'.*\n.*source names 'system'"):
        crm({"company": "A"}).merge(Policy(rules=rules, observed="seen", source="system"))


def test_min_and_max_compare_numbers_and_dates_and_not_texts(crm: Crm) -> None:
    assert merged(crm, ["9", "10", "many"], keep.min(), column="spend") == "9"
    assert merged(crm, ["9", "10", "many"], keep.max(), column="spend") == "10"
    for written in ("1,200.50", "1.200,50", "1 200.5", "€ 1.200,50", "1,200", "$1,200", "1.200.000"):
        assert merged(crm, ["300", written, "n/a"], keep.max(), column="spend") == written
        assert merged(crm, ["300", written, "many"], keep.min(), column="spend") == "300"
    assert merged(crm, ["1987-06-05", "1987", "1986-12-31"], keep.max(), column="born") == "1987-06-05"
    assert merged(crm, ["1987-06-05", "1987", "1986-12-31"], keep.min(), column="born") == "1986-12-31"


def test_min_and_max_tell_times_of_one_day_apart_and_know_zones(crm: Crm) -> None:
    times = ["2024-01-02 23:30:00-05", "2024-01-03T01:00:00Z", "2024-01-03"]  # a zone as PostgreSQL writes it
    assert merged(crm, list(times), keep.max(), "born") == times[0]
    assert merged(crm, list(times), keep.min(), "born") == times[2]


def test_a_column_of_numbers_that_the_schema_does_not_know_has_a_maximum(crm: Crm) -> None:
    case = crm({"points": 9}, {"points": 10}).together("c0", "c0", "c1")
    assert case.record("c0", Policy(rules={"points": keep.max()}))["points"] == "10"


@pytest.mark.parametrize("make", [keep.min, keep.max])
def test_min_and_max_of_a_text_are_refused(crm: Crm, make: Callable[[], keep.Strategy]) -> None:
    name = str(make())
    problem = rf"rules\['company'\]: {name} is of numbers and dates, and 'company' holds neither"
    with pytest.raises(PolicyError, match=problem):
        crm({"company": "A"}).merge(Policy(rules={"company": make()}))


def test_agreed_keeps_what_two_sources_say(crm: Crm) -> None:
    case = crm({"company": "Alone Co"}).attach("c0", channel="linkedin", employer="Both Co")
    case = case.attach("c0", channel="github", employer="BOTH Co")
    record = case.record("c0", Policy(rules={"company": keep.agreed()}, social="overwrite"))
    assert record["company"] == "Both Co"


def test_many_rows_of_one_source_are_one_voice(crm: Crm) -> None:
    case = crm({"company": "Twice"}, {"company": "Twice"}, {"company": "Shared"}).together("c0", "c0", "c1", "c2")
    case = case.attach("c0", channel="linkedin", employer="Shared")
    assert case.record("c0", Policy(rules={"company": keep.agreed()}))["company"] == "Shared"


def test_inferred_accounts_cannot_outvote_the_customers(crm: Crm) -> None:
    case = crm({"company": "Z True"}, {"company": "A Old"}).together("c0", "c0", "c1")
    for channel in ("linkedin", "github", "x"):
        case = case.attach("c0", "inferred", channel=channel, employer="Z True")
    for rule in (keep.agreed(), keep.most_frequent()):
        assert case.record("c0", Policy(rules={"company": rule}))["company"] == "A Old"


def test_agreed_by_more_sources_than_there_are_is_refused(crm: Crm) -> None:
    case = crm({"company": "A"}).attach("c0", channel="linkedin", employer="B")
    with pytest.raises(PolicyError, match=r"agreed asks for 3 sources, and 'company' is fed by crm, linkedin$"):
        case.merge(Policy(rules={"company": keep.agreed(sources=3)}))


def test_trust_that_decays_lets_a_young_value_beat_an_old_one(crm: Crm) -> None:
    case = crm({"company": "Old Crm Co", "updated_at": "2020-01-01"})
    case = case.attach("c0", channel="linkedin", employer="New Co", observed_at="2023-06-01")
    rule = keep.trusted("crm", "linkedin", half_life_days=365)
    policy = Policy(rules={"company": rule})
    assert case.record("c0", policy, as_of="2024-01-01")["company"] == "New Co"
    assert case.conflicts(policy, as_of="2024-01-01") == [("company", "New Co", "Old Crm Co", str(rule))]
    calm = Policy(rules={"company": keep.trusted("crm", "linkedin", half_life_days=3650)})
    assert case.record("c0", calm, as_of="2024-01-01")["company"] == "Old Crm Co"


def test_what_decays_depends_on_the_time_that_is_asked_about(crm: Crm) -> None:
    case = crm({"company": "Crm Co", "updated_at": "2023-01-01"})
    case = case.attach("c0", channel="linkedin", employer="Linked Co", observed_at="2023-01-01")
    rule = keep.trusted("linkedin", "crm", half_life_days={"linkedin": 100})
    policy = Policy(rules={"company": rule})
    assert case.record("c0", policy, as_of="2023-04-01")["company"] == "Linked Co"
    assert case.record("c0", policy, as_of="2023-05-01T00:00:00Z")["company"] == "Crm Co"


def test_under_a_decay_an_undated_value_comes_after_the_dated_ones(crm: Crm) -> None:
    values = ["Undated", "Dated"]
    case = crm({"company": values[0], "system": "a"}, {"company": values[1], "updated_at": "1999-01-01", "system": "b"})
    policy = Policy(rules={"company": keep.trusted("a", "b", half_life_days=30)}, source="system")
    assert case.together("c0", "c0", "c1").record("c0", policy, as_of="2024-01-01")["company"] == "Dated"


def test_a_decay_without_a_time_is_refused_and_no_clock_is_read(crm: Crm) -> None:
    case = crm({"company": "A", "updated_at": "2020-01-01"})
    policy = Policy(rules={"company": keep.trusted("crm", half_life_days=30)})
    with pytest.raises(PolicyError, match=r"trust that decays is trust at a time; give the time with as_of="):
        case.merge(policy)
    with pytest.raises(PolicyError, match="as_of= holds no time; write it as ISO 8601"):
        case.merge(policy, as_of="yesterday")


def test_a_decay_without_dates_is_refused(crm: Crm) -> None:
    with pytest.raises(PolicyError, match="trust that decays needs dates, and no row has one"):
        crm({"company": "A"}).merge(Policy(otherwise=keep.trusted("crm", half_life_days=30)), as_of="2024-01-01")


def test_trusted_by_sources_that_feed_nothing_is_refused(crm: Crm) -> None:
    case = crm({"company": "A"}).attach("c0", channel="linkedin", employer="B", bio="C")
    with pytest.raises(PolicyError) as caught:
        case.merge(Policy(rules={"company": keep.trusted("github"), "bio": keep.trusted("crm")}))
    assert str(caught.value).splitlines()[1:] == [
        "- rules['company']: trusted names no source that has a value to give: 'company' is fed by crm, linkedin",
        "- rules['bio']: trusted names no source that has a value to give: 'bio' is fed by linkedin",
    ]


def test_members_of_a_group_with_different_rules_are_refused(crm: Crm) -> None:
    with pytest.raises(PolicyError, match=r"'street' and 'city' go together in 'address' but have different rules"):
        crm({"city": "York"}).merge(Policy(rules={"city": keep.longest()}))


def test_a_later_blank_of_a_source_that_may_clear_takes_older_values_away(crm: Crm) -> None:
    rows = (
        {"phone": "202-555-0143", "company": "A", "updated_at": "2020-01-01"},
        {"company": "B", "updated_at": "2023-01-01"},
    )
    case = crm(*rows).together("c0", "c0", "c1")
    assert case.record("c0")["phone"] == "202-555-0143"
    policy = Policy(clears=("crm",))
    assert case.record("c0", policy)["phone"] is None
    assert ("phone", None, "202-555-0143", "cleared") in case.conflicts(policy)


def test_a_blank_clears_neither_what_is_later_nor_what_has_no_date(crm: Crm) -> None:
    case = crm({"updated_at": "2023-01-01"}).attach("c0", employer="Later Co", observed_at="2024-01-01")
    policy = Policy(clears=("crm",))
    assert case.record("c0", policy)["company"] == "Later Co"
    assert crm({"updated_at": "2023-01-01"}).attach("c0", employer="Co").record("c0", policy)["company"] == "Co"
    earlier = crm({"updated_at": "2023-01-01"}).attach("c0", employer="Co", observed_at="2022-01-01")
    assert earlier.record("c0", policy)["company"] is None


def test_an_address_is_cleared_as_one_and_only_if_all_of_it_is_blank(crm: Crm) -> None:
    old = {"street": "1 Main St", "city": "Leeds", "updated_at": "2020-01-01"}
    policy = Policy(clears=("crm",))
    gone = crm(old, {"updated_at": "2023-01-01"}).together("c0", "c0", "c1").record("c0", policy)
    assert (gone["street"], gone["city"]) == (None, None)
    moved = crm(old, {"city": "York", "updated_at": "2023-01-01"}).together("c0", "c0", "c1")
    full = moved.record("c0", Policy(rules={"address": keep.most_complete()}, clears=("crm",)))
    assert (full["street"], full["city"]) == ("1 Main St", "Leeds")


def test_clearing_without_dates_or_by_an_unknown_source_is_refused(crm: Crm) -> None:
    with pytest.raises(PolicyError) as caught:
        crm({"company": "A"}).merge(Policy(clears=("hubspt",)))
    assert (
        str(caught.value).splitlines()[2] == "- clears needs dates, and no row has one; name the column with observed="
    )
    assert "clears names unknown source 'hubspt'" in str(caught.value)


def test_pinned_alone_keeps_nothing_until_somebody_pins(crm: Crm) -> None:
    case, policy = crm({"company": "A"}), Policy(rules={"company": keep.pinned()})
    assert case.record("c0", policy, edicts=Edicts())["company"] is None
    assert case.conflicts(policy, edicts=Edicts()) == [("company", None, "A", "pinned")]
    pin = Pin("d1", "company", "B", actor="ana", record=("crm", "c0"))
    assert case.record("c0", policy, edicts=Edicts((pin,)))["company"] == "B"
    follows = Policy(rules={"company": keep.first(keep.pinned(), keep.longest())})
    assert case.record("c0", follows)["company"] == "A"


def test_pinned_without_edicts_is_refused(crm: Crm) -> None:
    with pytest.raises(PolicyError, match="pinned keeps what people pinned; give their pins with edicts="):
        crm({"company": "A"}).merge(Policy(rules={"company": keep.pinned()}))


def test_a_system_with_the_name_of_a_channel_is_worth_what_every_other_system_is(crm: Crm) -> None:
    rows = [
        {"company": "Acme", "updated_at": "2023-01-01", "system": "erp"},
        {"company": "Beta", "updated_at": "2024-01-01", "system": "web"},
    ]
    policy = Policy(rules={"company": keep.validated()}, source="system", observed="updated_at")
    for order in (rows, rows[::-1]):
        case = crm(*order).together("c0", "c0", "c1")
        assert case.record("c0", policy)["company"] == "Beta"  # the one that was seen last
