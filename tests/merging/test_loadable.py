"""Files that the loaders of Salesforce and HubSpot take."""

from typing import Any

import pyarrow as pa
import pytest

from socialmerge.merging import Golden, Policy, changes, golden, keep
from socialmerge.records import Kind
from socialmerge.schema import Column, Schema

KINDS = {
    "Id": (Kind.ID, ""),
    "LastName": (Kind.NAME, "family"),
    "Name": (Kind.NAME, "full"),
    "Email": (Kind.EMAIL, ""),
    "Street": (Kind.PLACE, "street"),
    "PostalCode": (Kind.PLACE, "postcode"),
    "LastModifiedDate": (Kind.DATE, ""),
    "Twitter__c": (Kind.ACCOUNT, "handle"),
    "Interests__c": (Kind.CATEGORY, ""),
}


def case(*rows: dict[str, Any], policy: Policy | None = None) -> tuple[Golden, pa.Table, Schema]:
    """All rows are one person; the first column has the ids."""
    table = pa.Table.from_pylist(list(rows))
    names = table.column_names
    columns = tuple(Column(name, *KINDS.get(name, (Kind.OTHER, ""))) for name in names)
    schema = Schema(names[0], columns)
    ids = table[names[0]]
    clusters = pa.table({"id": ids, "entity_id": [ids[0].as_py()] * len(ids)})
    return golden(clusters, table, None, schema, policy), table, schema


ROWS = (
    {
        "Id": "003000000000001AAA",
        "LastName": "Quist",
        "Name": "Z Quist",
        "LastModifiedDate": "2020-01-01",
        "IsDeleted": "false",
    },
    {
        "Id": "003000000000002AAA",
        "LastName": "Quist-Byron",
        "Name": "Z Byron",
        "LastModifiedDate": "2024-01-01",
        "IsDeleted": "",
    },
)


def test_what_salesforce_fills_in_itself_is_not_in_its_file() -> None:
    assert changes(*case(*ROWS), style="salesforce").to_pylist() == [{"Id": ROWS[0]["Id"], "LastName": "Quist-Byron"}]
    fields = changes(*case(*ROWS))["field"].to_pylist()
    assert fields == ["LastName", "Name", "LastModifiedDate"]


def test_a_field_that_somebody_added_is_written_whatever_it_is_called() -> None:
    rows = ({"Id": "1", "CreatedDate__c": ""}, {"Id": "2", "CreatedDate__c": "2024-01-01"})
    assert changes(*case(*rows), style="salesforce").to_pylist() == [{"Id": "1", "CreatedDate__c": "2024-01-01"}]


@pytest.mark.parametrize("style", ["salesforce", "hubspot"])
def test_a_cell_for_one_address_gets_one_and_a_list_of_choices_all(style: str) -> None:
    rows = (
        {"Id": "1", "Email": "z@example.com", "LastName": "", "Interests__c": "Chess"},
        {"Id": "2", "Email": "a@example.com", "LastName": "Quist", "Interests__c": "Go"},
    )
    told = changes(*case(*rows, policy=Policy(otherwise=keep.every())), style=style).to_pylist()
    assert [{**row, "Id": ""} for row in told if row.pop("Record ID", None) or True] == [
        {"Id": "", "LastName": "Quist", "Interests__c": "Chess;Go"}
    ]


def test_a_handle_goes_without_the_sign_that_a_spreadsheet_runs() -> None:
    rows = ({"Id": "1", "Twitter__c": ""}, {"Id": "2", "Twitter__c": "@ada"})
    assert changes(*case(*rows), style="salesforce").to_pylist() == [{"Id": "1", "Twitter__c": "ada"}]


def test_hubspot_gets_no_address_that_a_row_about_to_be_merged_has() -> None:
    rows = ({"Id": "1", "Email": ""}, {"Id": "2", "Email": "ada@example.com"})
    assert changes(*case(*rows), style="hubspot").num_rows == 0
    assert changes(*case(*rows), style="salesforce").to_pylist() == [{"Id": "1", "Email": "ada@example.com"}]


def test_hubspot_gets_an_address_whole_or_not_at_all() -> None:
    rows = (
        {"Id": "1", "Street": "1 Main St", "PostalCode": "62701", "LastModifiedDate": "2020-01-01"},
        {"Id": "2", "Street": "2 Oak Ave", "PostalCode": "", "LastModifiedDate": "2024-01-01"},
    )
    assert changes(*case(*rows), style="hubspot").num_rows == 0
    assert changes(*case(*rows), style="salesforce").to_pylist() == [
        {"Id": "1", "Street": "2 Oak Ave", "PostalCode": "#N/A"}
    ]
