"""Customer tables and orders as CRMs write them: what is taken for what, what is refused, and what is said of it."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.errors import SchemaError, TableError

NOW = date(2026, 6, 1)
Rows = list[dict[str, Any]]


def measured(customers: Rows, orders: Rows | None = None, **more: Any) -> sm.Metrics:  # noqa: ANN401 - any argument
    """The figures of one profile, of the customer 1, seen on the first of March."""
    decisions = {"profile_id": ["p"], "verdict": ["attach"], "customer_id": ["1"], "entity_id": ["1"], "reason": [""]}
    seen = {"profile_id": ["p"], "channel": ["x"], "observed_at": ["2026-03-01"]}
    profiles = SimpleNamespace(decisions=pa.table(decisions), profiles=pa.table(seen))
    return sm.metrics(profiles, customers, orders=orders, **{"now": NOW} | more)


def total(customers: Rows, orders: Rows | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any argument
    (row,) = measured(customers, orders, **more).totals.to_pylist()
    found: dict[str, Any] = row
    return found


@pytest.mark.parametrize(
    "row",
    [
        {"Id": "1", "StageName": "Closed Won", "CloseDate": "2026-03-11", "Amount": "50.00", "CurrencyIsoCode": "EUR"},
        {"hs_object_id": "1", "lifecyclestage": "customer", "hs_lifecyclestage_customer_date": "2026-03-11",
         "total_revenue": "50.00", "deal_currency_code": "EUR"},
        {"Record ID": "1", "Lifecycle Stage": "Customer", "Became a Customer Date": "2026-03-11 10:20",
         "Total Revenue": "€50.00"},
        {"Person - ID": "1", "Person - Label": "Customer", "Deal - Won time": "2026-03-11 10:00:00",
         "Deal - Value": "50", "Deal - Currency": "EUR"},
        {"id": "1", "status": "customer", "customer since": "11.03.2026", "revenue (EUR)": "50,00"},
        {"id": "1", "Kundenstatus": "Kunde", "Kunde seit": "2026-03-11", "Umsatz": "50,00 €"},
        {"id": "1", "is_customer": "yes", "first_order_date": "2026-03-11", "total_spent": "EUR 50.00"},
    ],
)  # fmt: skip
def test_the_wordings_of_several_systems_are_understood(row: dict[str, str]) -> None:
    found = measured([row])
    figures = found.totals.to_pylist()[0]
    assert (figures["customers"], figures["became_after"], figures["days_median"], figures["revenue"]) == (1, 1, 10, 50)
    assert found.currency == "EUR"


def test_the_yearly_revenue_of_a_company_is_not_what_it_paid() -> None:
    found = measured([{"id": "1", "AnnualRevenue": "9000000"}])
    assert found.totals["revenue"].to_pylist() == [None]
    assert any("yearly revenue" in one for one in found.warnings)


def test_a_column_that_only_sounds_like_a_stage_is_none() -> None:
    rows = [{"id": "1", "customer": "Ada", "revenue": "5"}, {"id": "2", "customer": "Bea", "revenue": "0"}]
    found = measured(rows)
    assert (found.totals["customers"].to_pylist(), "customers.stage" in dict(found.columns)) == ([1], False)
    assert not any("Ada" in one or "Bea" in one for one in found.warnings)


def test_words_of_a_stage_may_be_given() -> None:
    rows = [{"id": "1", "stage": "Goldkunde"}, {"id": "2", "stage": "customer"}]
    assert total(rows, customer_stages=["goldkunde"])["customers"] == 1
    coverage = measured(rows, customer_stages=["goldkunde"]).coverage.to_pylist()
    assert coverage[2]["whole"] == 1
    with pytest.raises(TableError, match="no row of column 'stage'"):
        measured(rows, customer_stages=["platinum"])


def test_a_lead_with_a_paid_order_is_a_customer_and_one_with_an_amount_is_not() -> None:
    lead = [{"id": "1", "stage": "lead", "revenue": "70"}]
    assert (total(lead)["customers"], total(lead)["revenue"]) == (0, 0)
    assert any("stage that makes no customer" in one for one in measured(lead).warnings)
    assert total(lead, [{"customer_id": "1", "amount": "7"}])["customers"] == 1


def test_what_lies_in_the_future_has_not_happened() -> None:
    rows = [{"id": "1", "stage": "customer", "customer since": "2027-01-01", "revenue": "5"}]
    assert (total(rows)["became_unknown"], total(rows)["customers"]) == (1, 1)
    orders = [{"customer_id": "1", "date": "2027-01-01", "amount": "5"}]
    assert (total(rows, orders)["orders"], total(rows, orders)["revenue"]) == (0, 0)
    assert total(rows, orders, now=date(2027, 2, 1))["orders"] == 1


def test_a_profile_seen_in_the_future_or_never_has_no_time_to_customer() -> None:
    rows = [{"id": "1", "stage": "customer", "customer since": "2026-03-11"}]
    found = total(rows, now=date(2026, 1, 1))
    assert (found["became_unknown"], found["became_after"]) == (1, 0)


def test_the_same_day_is_not_after() -> None:
    assert total([{"id": "1", "stage": "customer", "customer since": "2026-03-01"}])["became_before"] == 1


def test_what_was_bought_on_the_day_of_being_seen_was_not_bought_after() -> None:
    orders = [{"customer_id": "1", "date": day, "amount": "7"} for day in ("2026-02-28", "2026-03-01", "2026-03-02")]
    assert total([{"id": "1"}], orders)["revenue_after"] == 7


@pytest.mark.parametrize("vague", ["2026", "2026-04", "31/31/2026", "soon"])
def test_a_date_without_a_day_is_unknown(vague: str) -> None:
    assert total([{"id": "1", "stage": "customer", "customer since": vague}])["became_unknown"] == 1


def test_currencies_are_never_added_up() -> None:
    rows = [
        {"id": "1", "revenue": "€ 5.00", "stage": "customer"},
        {"id": "2", "revenue": "$ 7.00", "stage": "customer"},
    ]
    with pytest.raises(TableError, match="2 currencies"):
        measured(rows)
    found = measured(rows, currency="eur")
    assert (found.totals["revenue"].to_pylist(), found.currency) == ([5.0], "EUR")
    assert any("left out are 1 in \\$" in one.replace("$", "\\$") for one in found.warnings)


def test_a_sign_beside_a_code_is_that_currency() -> None:
    rows = [{"id": "1", "revenue": "$ 5.00", "currency": "CAD"}, {"id": "2", "revenue": "7.00", "currency": "CAD"}]
    assert measured(rows).currency == "CAD"
    with pytest.raises(TableError, match="currencies"):
        measured([{"id": "1", "revenue": "$ 5.00", "currency": "EUR"}, {"id": "2", "revenue": "7", "currency": "EUR"}])


def test_an_order_counts_once() -> None:
    row = {"order_id": "a", "customer_id": "1", "amount": "5"}
    assert total([{"id": "1"}], [row, dict(row)])["revenue"] == 5
    with pytest.raises(TableError, match="would count twice") as error:
        measured([{"id": "1"}], [row, row | {"amount": "6"}])
    assert "row 2" in str(error.value)


def test_orders_that_brought_no_money_are_left_out() -> None:
    shop = [
        {"order_id": str(at), "customer_id": "1", "amount": "5", "financial status": word}
        for at, word in enumerate(["paid", "refunded", "voided", "shipped"])
    ]
    assert total([{"id": "1"}], shop)["orders"] == 2
    deals = [
        {"Id": str(at), "ContactId": "1", "Amount": "5", "StageName": word}
        for at, word in enumerate(["Closed Won", "Closed Lost", "Prospecting"])
    ]
    assert total([{"Id": "1"}], deals)["orders"] == 1


def test_a_refund_takes_revenue_away_and_is_no_order() -> None:
    orders = [{"customer_id": "1", "amount": "50"}, {"customer_id": "1", "amount": "-20"}]
    assert (total([{"id": "1"}], orders)["orders"], total([{"id": "1"}], orders)["revenue"]) == (1, 30)


def test_an_order_of_two_customers_counts_for_the_first() -> None:
    rows = [{"id": "1"}, {"id": "2"}]
    found = measured(rows, [{"Deal ID": "9", "Associated Contact IDs": "1;2", "Amount": "8"}])
    assert found.coverage.to_pylist()[-1]["whole"] == 8
    assert any("several customers" in one for one in found.warnings)


def test_columns_may_be_named_and_wrong_names_are_helped() -> None:
    rows = [{"id": "1", "spend a": "5", "spend b": "6"}]
    assert total(rows, columns={"revenue": "spend b"})["revenue"] == 6
    with pytest.raises(SchemaError, match="did you mean 'revenue'"):
        measured(rows, columns={"revenu": "spend a"})
    with pytest.raises(SchemaError, match="did you mean 'spend a'"):
        measured(rows, columns={"revenue": "spend aa"})
    with pytest.raises(SchemaError, match="may both be the revenue"):
        measured([{"id": "1", "Total Spent": "5", "total_spent": "6"}])
    with pytest.raises(SchemaError, match="no column with the customer's id"):
        measured(rows, [{"amount": "5"}])


def test_nothing_that_says_who_buys_is_said() -> None:
    found = measured([{"id": "1", "name": "Ada"}])
    assert found.totals["customers"].to_pylist() == [1]
    assert any("every row counts as a customer" in one for one in found.warnings)


def test_no_error_holds_a_value_of_a_cell() -> None:
    with pytest.raises(TableError) as error:
        measured([{"id": "1", "revenue": "ask Ada"}])
    assert "Ada" not in str(error.value)
    assert "row 1" in str(error.value)


def test_decisions_about_a_run_give_its_precision() -> None:
    labels = [{"left_id": "p", "right_id": "1", "verdict": "different"}]
    found = total([{"id": "1"}], decisions=labels)
    assert (found["judged"], found["right"], found["precision"]) == (1, 0, 0.0)


def test_orders_without_an_amount_are_said_to_bring_no_revenue() -> None:
    found = measured([{"id": "1", "status": "customer"}], [{"order id": "7", "customer id": "1", "date": "2026-03-05"}])
    assert found.totals["revenue"].to_pylist() == [None]
    assert any(one.startswith("orders: no column with an amount is found") for one in found.warnings)
    assert not any("or give orders=" in one for one in found.warnings)
    assert any("name it with order_columns=" in one for one in found.warnings)
