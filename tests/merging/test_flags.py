"""Columns of flags and states: a "false" is a value there, and what says no to being reached outlives a merge."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from socialmerge import Resolver
from socialmerge.merging import Policy, changes, keep
from socialmerge.merging.refusals import refusal_of

Crm = Callable[..., Any]


@pytest.mark.parametrize("values", [("true", "false"), ("false", "true"), (True, False), ("active", "suspended")])
def test_of_two_flags_the_one_that_is_not_kept_is_a_conflict(crm: Crm, values: tuple[object, object]) -> None:
    case = crm({"state": values[0]}, {"state": values[1]}).together("c0", "c0", "c1")
    found = [(kept, lost) for field, kept, lost, _ in case.conflicts() if field == "state"]
    assert len(found) == 1
    assert set(found[0]) == {str(value).lower() for value in values}


def test_a_word_that_is_no_name_is_a_state_only_where_states_are(crm: Crm) -> None:
    rows = [
        {"name": "Ada Lovelace", "state": "active", "updated_at": "2024-01-01"},
        {"name": "deleted", "state": "deleted", "updated_at": "2025-01-01"},
    ]
    record = crm(*rows).together("c0", "c0", "c1").record("c0")
    assert (record["name"], record["state"]) == ("Ada Lovelace", "deleted")


def test_values_that_all_stand_for_nothing_are_kept_or_conflicts(crm: Crm) -> None:
    case = crm({"mood": "😀"}, {"mood": "😁"}).together("c0", "c0", "c1")
    assert [one[1:3] for one in case.conflicts() if one[0] == "mood"] == [("😀", "😁")]


@pytest.mark.parametrize(
    ("column", "yes", "no"),
    [
        ("HasOptedOutOfEmail", "false", "true"),
        ("Unsubscribed from all email", "No", "Yes"),
        ("DoNotCall", "0", "1"),
        ("accepts_marketing", "TRUE", "FALSE"),
        ("Newsletter", "ja", "nein"),
        ("Email Marketing Status", "SUBSCRIBED", "UNSUBSCRIBED"),
        ("Do not allow Emails", "false", "true"),
        ("Do not allow Emails", "Allow", "Do Not Allow"),
        ("kein Newsletter", "nein", "ja"),
        ("opted_in", "1.0", "0.0"),
        ("Opt-in (yes/no)", "yes", "no"),
    ],
)
def test_what_says_no_outlives_a_merge_even_under_a_later_yes(crm: Crm, column: str, yes: str, no: str) -> None:
    rows = [{column: no, "updated_at": "2020-01-01"}, {column: yes, "updated_at": "2025-01-01"}]
    for policy in (None, Policy(otherwise=keep.newest()), Policy(rules={"category": keep.every()})):
        case = crm(*rows).together("c0", "c0", "c1")
        record = case.record("c0", policy)
        assert record[column] in (no, [no])
        assert (column, no, yes, "refused") in case.conflicts(policy)


def test_a_rule_for_the_very_column_decides_about_a_refusal(crm: Crm) -> None:
    rows = [
        {"opt_out": "yes", "updated_at": "2020-01-01"},
        {"opt_out": "no", "updated_at": "2025-01-01"},
    ]
    case = crm(*rows).together("c0", "c0", "c1")
    assert case.record("c0", Policy(rules={"opt_out": keep.newest()}))["opt_out"] == "no"


def test_the_survivor_is_told_of_the_refusal_before_the_other_row_goes(crm: Crm) -> None:
    case = crm({"HasOptedOutOfEmail": "false"}, {"HasOptedOutOfEmail": "true"}).together("c0", "c0", "c1")
    told = changes(case.merge(), case.customer_table, case.schema).to_pylist()
    assert [(row["customer_id"], row["after"], row["rule"]) for row in told] == [("c0", "true", "refused")]


def test_dates_and_grounds_beside_a_permission_are_no_permissions() -> None:
    names = ("OptInDate", "optin_ip", "Consent Source", "unsubscribed_at", "adoption", "options", "newsletter_count")
    assert [refusal_of(name) for name in names] == [""] * len(names)


def test_a_later_state_of_a_row_in_a_store_replaces_the_earlier_and_a_later_slip_in_a_name_does_not(
    tmp_path: Path,
) -> None:
    people = [{"id": f"c{n}", "name": name, "status": "active"} for n, name in enumerate(("Ada Byron", "Bo Quist"))]
    later = [{**people[0], "status": "suspended"}, {**people[1], "name": "deleted"}]
    with Resolver(store=f"sqlite:///{tmp_path}/people.db") as resolver:
        for year, rows in (("2024-01-01", people), ("2025-01-01", later)):
            resolver.load([{**row, "updated_at": year} for row in rows])
        records = resolver.golden().records.to_pylist()
    assert [(row["name"], row["status"]) for row in records] == [("Ada Byron", "suspended"), ("Bo Quist", "active")]
