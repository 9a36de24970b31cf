"""The audit of small tables: what it says, what it cannot look at, and what it holds."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import sample
from socialmerge.api.auditing import look
from socialmerge.foundation.auditing import _doubts
from socialmerge.foundation.duplicates import Duplicates
from socialmerge.foundation.model import Finding

NOW = dt.date(2026, 6, 30)


def _table(**columns: list[str | None]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table({"id": [str(number) for number in range(rows)], **columns})


def test_an_empty_table_is_not_ready_and_has_no_findings() -> None:
    found = sm.audit(pa.table({"id": pa.array([], pa.string()), "email": pa.array([], pa.string())}), now=NOW)
    assert (found.rows, found.expected_duplicates, found.interval, found.findings) == (0, 0.0, (0.0, 0.0), ())
    assert (found.readiness, found.reasons) == ("not ready", ("the table has no rows",))


def test_one_row_repeats_nobody() -> None:
    found = sm.audit(_table(name=["Ada King"], email=["ada@example.com"]), now=NOW)
    assert found.expected_duplicates == 0.0


def test_what_could_not_be_looked_at_is_said() -> None:
    found = look(_table(email=["ada@example.com", "bob@example.com"]), now=NOW)
    what = {one.what for one in found.skipped}
    assert {"freshness", "ownership", "closed loop", "name", "phone", "place", "birth date against age"} <= what
    assert all(one.why for one in found.skipped)


def test_json_holds_everything_and_no_value_of_a_customer() -> None:
    table = _table(name=["Ada King", "Bea Cole"], email=["ada@example.com", "bea at home"])
    found = sm.audit(table, now=NOW)
    read = json.loads(found.to_json())
    assert read["rows"] == 2
    assert {"readiness", "ready", "findings", "fields", "owners", "loop", "reach", "worst", "skipped"} <= read.keys()
    text = found.to_json() + str(found)
    assert not any(value in text for value in ("Ada", "ada@", "bea at", "Cole"))


def test_a_field_says_why_it_holds_no_value() -> None:
    table = _table(email=["ada@example.com", "n/a", "test@test.com", "ada@example", "info@example.com", None])
    row = look(table, now=NOW).fields.to_pylist()[0]
    counts = {name: row[name] for name in ("filled", "valid", "empty", "junk", "placeholder", "malformed", "role")}
    assert counts == {
        "filled": 5, "valid": 2, "empty": 1, "junk": 1, "placeholder": 1, "malformed": 1, "role": 1,
    }  # fmt: skip


def test_days_that_are_in_no_calendar_are_mistyped() -> None:
    table = _table(
        name=["A B", "C D", "E F", "G H"], birth_date=["1980-02-29", "1981-02-29", "1980-04-31", "1980-14-31"]
    )
    fields = {row["column"]: row for row in look(table, now=NOW).fields.to_pylist()}
    assert (fields["birth_date"]["valid"], fields["birth_date"]["malformed"]) == (1, 3)


def test_a_list_of_addresses_is_looked_at_by_its_first() -> None:
    table = pa.table({"id": ["1", "2"], "emails": [["ada@example.com", "x"], []]})
    row = look(table, now=NOW).fields.to_pylist()[0]
    assert (row["filled"], row["valid"]) == (1, 1)


def test_reach_adds_up() -> None:
    table = _table(
        name=["Ada King", "Bea Cole", "Cy Dean", None],
        email=["ada@example.com", None, None, None],
        city=["York", "Leeds", None, None],
    )
    reach = {row["by"]: row["rows"] for row in look(table, now=NOW).reach.to_pylist()}
    assert reach == {
        "email": 1, "phone": 0, "account": 0, "any of these": 1, "name and place only": 1, "name only": 1, "nothing": 1,
    }  # fmt: skip


def test_the_order_of_the_rows_changes_nothing() -> None:
    table = _table(
        name=["Ada King", "Ada King", "Bea Cole", "Cy Dean"], email=["ada@example.com", "ada@example.com", None, "cy"]
    )
    turned = table.take([3, 1, 0, 2])
    assert sm.audit(table, now=NOW).to_json() == sm.audit(turned, now=NOW).to_json()


@pytest.mark.parametrize("quick", [True, False])
def test_exact_copies_are_duplicates(quick: bool) -> None:
    names = [
        f"{given} {family}" for given in ("Ada", "Bea", "Cy", "Dora") for family in ("King", "Cole", "Dean", "Ford")
    ]
    mails = [f"{name.replace(' ', '.').lower()}@example.com" for name in names]
    table = _table(name=[*names, *names[:8]], email=[*mails, *mails[:8]])
    found = look(table, now=NOW) if quick else sm.audit(table, now=NOW)
    assert found.expected_duplicates == pytest.approx(8, abs=0.5)
    assert found.readiness == "not ready"
    assert "duplicates" in {one.code for one in found.findings}


def test_a_table_without_people_or_contacts_is_not_blamed_for_it() -> None:
    found = sm.audit(_table(cuisine=["thai", "greek", "thai"], price=["1", "2", "3"]), now=NOW)
    assert "reach, costs" in {one.what for one in found.skipped}
    assert "reach" not in {one.area for one in found.findings}


@pytest.mark.parametrize(("low", "high", "rough"), [(80.0, 130.0, True), (95.0, 105.0, False)])
def test_a_number_of_duplicates_that_is_a_rough_one_is_said_to_be(low: float, high: float, rough: bool) -> None:
    found = Duplicates(100.0, low, high, np.arange(3), np.ones(3))
    assert any("a rough one" in said for said in _doubts(found)) == rough


@pytest.mark.parametrize("name", ["Served by", "Looked after by", "Kundenbetreuer", "Suivi par", "Atendido por"])
def test_who_looks_after_a_customer_is_found_under_the_names_of_a_small_shop(name: str) -> None:
    table = _table(email=["ada@example.com", "bea@example.com", None], **{name: ["Jo", "Jo", "Tom"]})
    owners = {row["owner"]: row["rows"] for row in look(table, now=NOW).owners.to_pylist()}
    assert owners == {"Jo": 2, "Tom": 1}


def test_a_lead_that_says_not_when_it_was_made_is_as_old_as_what_was_last_heard_of_it() -> None:
    table = _table(
        status=["lead", "lead", "lead", "customer"],
        **{
            "customer since": [None, None, None, "2024-01-05"],
            "last contact": ["2024-03-01", "2026-06-01", "2024-05-01", "2026-06-02"],
        },
    )
    found = look(table, now=NOW)
    assert [one.examples for one in found.findings if one.code == "lead_without_outcome"] == [("0", "2")]
    leads = {row["age"]: row["rows"] for row in found.loop.to_pylist() if row["what"] == "lead without outcome"}
    assert leads == {"under 3 months": 1, "3 to 6 months": 0, "6 to 12 months": 0, "over a year": 2, "not known": 0}


def test_the_shop_of_the_tutorial_shows_whose_rows_lack_most_and_which_leads_nobody_closed() -> None:
    found = look(sample.customers().parent / "shop" / "customers.csv", now=dt.date(2026, 11, 28))
    assert {"owner_gaps", "lead_without_outcome"} <= {one.code for one in found.findings}


def test_a_quick_look_says_at_least_how_many_and_that_it_is_one() -> None:
    names = [f"{given} {family}" for given in ("Ada", "Bea", "Cy") for family in ("King", "Cole", "Dean")]
    mails = [f"{name.replace(' ', '.').lower()}@example.com" for name in names]
    found = look(_table(name=[*names, names[0]], email=[*mails, mails[0]]), now=NOW)
    said = str(found)
    assert not found.matched
    assert "at least 10 % of the rows repeat somebody" in said
    assert "at least 1 rows repeat somebody\n" in said
    assert "At least 1 row (10 %) repeat somebody" in said
    assert "note: a quick look" in said
    assert "about" not in said.partition("note:")[0].lower()


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (0.0, "mending it alone was measured to save no wrong answer"),
        (0.04, "mending it alone was measured to save no wrong answer"),
        (27.7, "mending it saves about 28 wrong answers in a thousand profiles"),
    ],
)
def test_a_cost_is_said_in_words_and_no_finer_than_it_is_known(cost: float, said: str) -> None:
    one = Finding("no_email", "completeness", "email", 3, 0.5, "3 rows have no e-mail.", cost, "days", "Ask.")
    found = replace(look(_table(email=["ada@example.com"]), now=NOW), findings=(one,))
    assert f"   {said}\n" in str(found)
