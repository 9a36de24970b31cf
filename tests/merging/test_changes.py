"""What is loaded back into the customer table."""

from collections.abc import Callable
from typing import Any

import pytest

from socialmerge.errors import PolicyError, TableError
from socialmerge.merging import Policy, changes, keep

Crm = Callable[..., Any]


def test_a_filled_blank_is_a_change_with_its_rule_and_source(crm: Crm) -> None:
    case = crm({"name": "Ada"}, {"name": "Bob", "company": "B Co"}).attach("c0", "inferred", employer="A Co", bio="x")
    assert changes(case.merge(), case.customer_table, case.schema).to_pylist() == [
        {
            "customer_id": "c0",
            "field": "company",
            "before": None,
            "after": "A Co",
            "rule": "fill",
            "source": "github",
        }
    ]


def test_a_merged_entity_updates_the_row_that_bears_its_id_else_the_smallest(crm: Crm) -> None:
    case = crm({"name": "Ada"}, {"email": "ada@example.com"})
    rows = changes(case.together("c1", "c0", "c1").merge(), case.customer_table, case.schema).to_pylist()
    assert [(row["customer_id"], row["field"], row["after"]) for row in rows] == [("c1", "name", "Ada")]
    rows = changes(case.together("zz", "c0", "c1").merge(), case.customer_table, case.schema).to_pylist()
    assert [(row["customer_id"], row["field"], row["after"]) for row in rows] == [("c0", "email", "ada@example.com")]


def test_a_list_goes_into_one_cell_and_its_order_is_no_change(crm: Crm) -> None:
    case = crm({"email": "b@example.com"}, {"email": "a@example.com"}).together("c0", "c0", "c1")
    merged = case.merge(Policy(rules={"email": keep.every()}))
    row = changes(merged, case.customer_table, case.schema).to_pylist()[0]
    assert (row["before"], row["after"], row["source"]) == ("b@example.com", "a@example.com;b@example.com", "crm")
    same = crm({"email": "b@example.com"}).merge(Policy(rules={"email": keep.every()}))
    assert changes(same, crm({"email": "b@example.com"}).customer_table, case.schema).num_rows == 0


def test_no_ids_change_and_no_row_is_added(crm: Crm) -> None:
    case = crm({"name": "Ada"}).new("n1", display_name="Grace")
    assert changes(case.merge(), case.customer_table, case.schema).num_rows == 0


def test_salesforce_takes_one_row_a_customer_with_changed_columns_only(crm: Crm) -> None:
    case = crm({"name": "A"}, {"name": "B"}, {"name": "C", "company": "Co", "site": "https://c.example.com"})
    case = case.attach("c0", employer="A Co").attach("c1", employer="B Co", websites=["https://b.example.com"])
    assert changes(case.merge(), case.customer_table, case.schema, style="salesforce").to_pylist() == [
        {"Id": "c0", "company": "A Co", "site": None},
        {"Id": "c1", "company": "B Co", "site": "https://b.example.com"},
    ]


def test_nothing_to_change_is_an_empty_table_of_the_right_shape(crm: Crm) -> None:
    case = crm({"name": "A"})
    assert changes(case.merge(), case.customer_table, case.schema).column_names == [
        *("customer_id", "field", "before", "after", "rule", "source")
    ]
    assert changes(case.merge(), case.customer_table, case.schema, style="salesforce").column_names == ["Id"]


def test_an_unknown_style_is_an_error(crm: Crm) -> None:
    case = crm({"name": "A"})
    with pytest.raises(PolicyError, match=r"changes: unknown style 'saleforce'; did you mean 'salesforce'\?"):
        changes(case.merge(), case.customer_table, case.schema, style="saleforce")


def test_the_golden_record_of_other_customers_is_refused(crm: Crm) -> None:
    with pytest.raises(TableError, match="changes: the golden record is not of these customers"):
        changes(crm({"name": "A"}).merge(), crm({"name": "A"}, {"name": "B"}).customer_table, crm().schema)
