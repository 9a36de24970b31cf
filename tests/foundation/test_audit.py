"""The audit of small tables: what it says, what it cannot look at, and what it holds."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import sample
from socialmerge.api.auditing import look
from socialmerge.foundation.auditing import _doubts, _in_order
from socialmerge.foundation.duplicates import Duplicates
from socialmerge.foundation.model import Finding
from socialmerge.foundation.paired import cost_of

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


Cells = dict[str, list[str | None]]
_PRODUCTS: Cells = {"product": ["Merino 4-ply", "Alpaca DK", "Wool wash"], "price": ["12.50", "9.80", "7.00"]}
_CITIES: Cells = {
    "city": ["York", "Paris", "Bonn"],
    "country": ["GB", "FR", "DE"],
    "population": ["210000", "2100000", "330000"],
}


@pytest.mark.parametrize("table", [_PRODUCTS, _CITIES, {"cuisine": ["thai", "greek", "thai"]}])
def test_a_table_of_something_else_than_people_is_not_ready_and_says_so(table: Cells) -> None:
    found = look(_table(**table), now=NOW)
    assert (found.readiness, found.ready) == ("not ready", False)
    assert found.reasons[0].startswith("nothing to find anybody by: no column holds names of people")
    assert [(one.code, one.rows) for one in found.findings if one.area == "reach"] == [("nobody", 3)]
    assert "reach, costs" in {one.what for one in found.skipped}


def test_a_table_without_a_column_of_names_is_judged_as_one_whose_names_are_empty() -> None:
    cells = {"id": ["1", "2", "3"], "email": ["ada@example.com", "grace@example.com", "mary@example.com"]}
    left_out, empty = look(pa.table(cells)), look(pa.table({**cells, "name": [None, None, ""]}))
    assert left_out.readiness == empty.readiness == "not ready"
    assert left_out.reasons == empty.reasons == ("100 % of the rows have no whole name (not ready above 20 %)",)


def test_nobody_is_found_by_columns_that_are_all_but_empty() -> None:
    table = _table(name=["Ada King", *[None] * 39], email=[None, "n/a", *[None] * 38], city=["York", "Leeds"] * 20)
    found = look(table, now=NOW)
    assert found.readiness == "not ready"
    said = "nothing to find anybody by in 98 % of the rows: neither a name nor a contact (not ready above 20 %)"
    assert found.reasons[0] == said


_SOME_DATES: list[str | None] = ["some time", "a while ago", "in the old shop", "2024-02-03"]


@pytest.mark.parametrize(
    ("heading", "values", "readable"),
    [
        ("created at", _SOME_DATES, 1),
        ("last contact", _SOME_DATES, 1),
        ("Birthday", ["soon", "ask her", "in spring", "no idea"], 0),
        ("date added", ["soon", "before the move", "in spring", "no idea"], 0),
    ],
)
def test_dates_that_are_mostly_none_are_invalid_and_not_missing(
    heading: str, values: list[str | None], readable: int
) -> None:
    names = [
        f"{given} {family}" for given in ("Ada", "Bea", "Cy", "Dora") for family in ("King", "Cole", "Dean", "Ford")
    ]
    mails = [f"u{number}@shop.example.org" for number in range(16)]
    found = look(_table(name=[*names], email=[*mails], **{heading: values * 4}), now=NOW)
    fault = next(one for one in found.findings if one.field == heading)
    wrong = 16 - 4 * readable
    assert (fault.code, fault.rows, len(fault.examples)) == ("invalid", wrong, 5)
    assert f"{wrong} are mistyped" in fault.says
    assert f"such as rows {', '.join(fault.examples[:3])}" in str(found)
    row = next(row for row in found.fields.to_pylist() if row["column"] == heading)
    assert (row["field"].partition(":")[0], row["valid"], row["malformed"]) == ("date", 4 * readable, wrong)


@pytest.mark.parametrize("heading", ["Last contact", "Birthday card", "joined"])
def test_a_heading_that_may_mean_a_date_and_holds_none_is_no_column_of_bad_dates(heading: str) -> None:
    found = look(_table(email=["ada@example.com", "bea@example.com"] * 8, **{heading: ["sent", "no"] * 8}), now=NOW)
    assert heading not in {one.field for one in found.findings}


def test_dates_of_the_record_that_are_none_are_a_finding_and_no_reason() -> None:
    mails = [f"u{number}@shop.example.org" for number in range(8)]
    found = look(_table(email=[*mails], **{"created at": _SOME_DATES * 2}), now=NOW)
    assert ("invalid", "created at") in {(one.code, one.field) for one in found.findings}
    assert not any("date that is none" in reason for reason in found.reasons)


def test_one_thing_is_said_in_the_singular_and_braces_in_a_heading_do_no_harm() -> None:
    table = _table(**{"e-mail {work}": ["ada@example.com", "bea@example", "cy@example.com"]})
    says = [one.says for one in look(table, now=NOW).findings if one.code == "invalid"]
    assert says == ["1 row (33 %) holds in 'e-mail {work}' what is no e-mail address: 1 is mistyped."]


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


def test_the_tutorial_counts_what_the_audit_counts() -> None:
    found = look(sample.customers().parent / "shop" / "customers.csv", now=dt.date(2026, 11, 28))
    mails = next(one for one in found.findings if (one.code, one.field) == ("invalid", "E-mail"))
    page = Path(__file__).parents[2] / "docs" / "tutorial" / "small-shop.md"
    assert (mails.rows, "39 stand for 'nothing'" in mails.says, "12 are mistyped" in mails.says) == (51, True, True)
    assert "51 addresses are none" in " ".join(page.read_text(encoding="utf-8").split())


def test_a_quick_look_says_at_least_how_many_and_that_it_is_one() -> None:
    names = [f"{given} {family}" for given in ("Ada", "Bea", "Cy") for family in ("King", "Cole", "Dean")]
    mails = [f"{name.replace(' ', '.').lower()}@example.com" for name in names]
    found = look(_table(name=[*names, names[0]], email=[*mails, mails[0]]), now=NOW)
    said = str(found)
    assert not found.matched
    assert "at least 10 % of the rows repeat somebody" in said
    assert "at least 1 row repeats somebody\n" in said
    assert "At least 1 row (10 %) repeats somebody" in said
    assert "note: a quick look" in said
    assert "about" not in said.partition("note:")[0].lower()


def _finding(cost: float | None, interval: tuple[float, float] | None, *, code: str = "no_email") -> Finding:
    return Finding(code, "completeness", "email", 3, 0.5, "3 rows.", cost, "days", "Ask.", ("7",), interval)


@pytest.mark.parametrize(
    ("cost", "interval", "said", "measurable"),
    [
        (27.7, (15.2, 41.0), "Mending it saves about 28 wrong answers in a thousand profiles (95 %: 15 to 41).", True),
        (1.2, (0.6, 2.0), "Mending it saves about 1 wrong answer in a thousand profiles (95 %: 0.6 to 2).", True),
        (27.7, None, "Mending it saves about 28 wrong answers in a thousand profiles.", True),
        (4.0, (-3.2, 11.4), "No measurable cost: with it alone mended, between 3 more and 11 fewer answers", False),
        (-2.0, (-4.0, -0.5), "No measurable cost: with it alone mended, between 4 more and 0 fewer answers", False),
        (0.04, None, "No measurable cost: mending it alone was measured to save no wrong answer.", False),
    ],
)
def test_a_cost_is_said_with_its_interval_or_to_be_none(
    cost: float, interval: tuple[float, float] | None, said: str, measurable: bool
) -> None:
    one = _finding(cost, interval)
    found = replace(look(_table(email=["ada@example.com"]), now=NOW), findings=(one,))
    assert f"   {said}" in str(found)
    read = json.loads(found.to_json())["findings"][0]
    assert (read["cost"], read["measurable"]) == (cost, measurable)
    assert read["cost_words"].startswith(said)
    assert read["cost_interval"] == (None if interval is None else list(interval))


def test_a_cost_within_what_chance_does_has_no_say_in_the_order() -> None:
    sure, unsure, unmeasured = _finding(3.0, (0.5, 5.5)), _finding(9.0, (-1.0, 19.0)), _finding(None, None)
    named = [replace(one, code=code) for one, code in ((unsure, "z"), (unmeasured, "y"), (sure, "x"))]
    assert [one.code for one in _in_order(named)] == ["x", "y", "z"]


def test_the_interval_of_a_cost_is_that_of_the_answers_that_differ() -> None:
    before, after = np.zeros(800, bool), np.zeros(800, bool)
    same = cost_of(before, after)
    assert (same.estimate, same.saved, same.spoilt) == (0.0, 0, 0)
    assert -4 < same.low < 0 < same.high < 4
    before[:100] = after[:100] = True  # wrong before and after: they say nothing of the fault
    assert cost_of(before, after) == same
    after[:40] = False
    found = cost_of(before, after)
    assert (found.estimate, found.saved, found.spoilt) == (50.0, 40, 0)
    assert 30 < found.low < 50 < found.high < 70
