"""Customers as other programs write them: address books, and the columns of the usual CRMs."""

from __future__ import annotations

from pathlib import Path

import pytest

import socialmerge as sm
from socialmerge import channels, schema, tables
from socialmerge.errors import SchemaError

SAMPLES = Path(__file__).parent / "samples"
CRMS = Path(__file__).parent / "crms"

MEANINGS = {
    "salesforce.csv": {
        "Id": "id",
        "MasterRecordId": "code",
        "AccountId": "code",
        "OwnerId": "other",
        "FirstName": "name: given",
        "Salutation": "name: title",
        "MailingPostalCode": "place: postcode",
        "MobilePhone": "phone",
        "LinkedIn_URL__c": "account: url on linkedin",
    },
    "hubspot.csv": {
        "hs_object_id": "id",
        "hs_merged_object_ids": "other",
        "jobtitle": "text",
        "hs_additional_emails": "email",
        "hs_linkedin_url": "account: url on linkedin",
        "twitterhandle": "account: handle on x",
        "hubspot_owner_id": "other",
    },
    "pipedrive.csv": {
        "Person - ID": "id",
        "Person - Name": "name: full",
        "Person - Email - Work": "email",
        "Person - Phone - Mobile": "phone",
        "Organization - Name": "name: organisation",
        "Person - Owner": "other",
    },
    "zoho.csv": {
        "Record Id": "id",
        "First_Name": "name: given",
        "Secondary_Email": "email",
        "Account_Name": "name: organisation",
        "Twitter": "account: handle on x",
        "Owner": "other",
    },
    "google_contacts.csv": {
        "contact_row": "id",
        "First Name": "name: given",
        "Organization Name": "name: organisation",
        "E-mail 1 - Value": "email",
        "E-mail 1 - Label": "other",
        "Phone 1 - Value": "phone",
        "Address 1 - Postal Code": "place: postcode",
        "Website 1 - Value": "url",
    },
    "google_contacts_before_2024.csv": {
        "contact_row": "id",
        "Given Name": "name: given",
        "Family Name": "name: family",
        "E-mail 1 - Value": "email",
        "Organization 1 - Name": "name: organisation",
        "Group Membership": "category",
    },
}


@pytest.mark.parametrize("file", MEANINGS)
def test_the_columns_of_a_crm_are_known_by_their_names(file: str) -> None:
    found = schema.infer(channels.read_customers(CRMS / file))
    meanings = {column.name: column.meaning for column in found.columns}
    assert {name: meanings[name] for name in MEANINGS[file]} == MEANINGS[file]


def test_every_sample_of_a_crm_has_a_test() -> None:
    assert {file.name for file in CRMS.iterdir()} == set(MEANINGS)


@pytest.mark.parametrize("file", MEANINGS)
def test_a_profile_finds_its_customer_by_either_address_in_every_crm(file: str) -> None:
    second = "ada@example.com" if "work" not in (CRMS / file).read_text("utf-8") else "ada.work@example.com"
    profiles = [{"profile_id": "p", "channel": "discord", "handle": "xyz", "emails": [second]}]
    (row,) = sm.attach(profiles, to=CRMS / file).decisions.to_pylist()
    ids = channels.read_customers(CRMS / file)[next(iter(MEANINGS[file]))].to_pylist()
    assert row["customer_id"] == ids[0]  # by the address alone: there is nothing else to go by


def test_a_file_of_contact_cards_is_a_table_of_customers() -> None:
    table = channels.read_customers(SAMPLES / "contacts.vcf")
    assert table["given_name"].to_pylist() == ["Ada", "José", "Jörg"]
    profiles = [{"profile_id": "p", "channel": "x", "handle": "ada_example", "display_name": "Ada Example"}]
    (row,) = sm.attach(profiles, to=SAMPLES / "contacts.vcf").decisions.to_pylist()
    assert row["customer_id"] == table["profile_id"][0].as_py()


def test_a_contact_has_a_row_of_its_own_also_in_a_list_that_is_linked(tmp_path: Path) -> None:
    customers = [
        {"id": "7", "name": "Ada Example", "email": "ada@example.com"},
        {"id": "8", "name": "Bea", "email": ""},
    ]
    result = sm.attach(CRMS / "google_contacts.csv", to=tables.read(customers))
    assert result.decisions["profile_id"].to_pylist() == ["1", "2"]


def test_another_table_without_ids_gets_none() -> None:
    table = channels.read_customers([{"First Name": "Ada", "Last Name": "Example"}] * 2)
    assert table.column_names == ["First Name", "Last Name"]
    with pytest.raises(SchemaError, match="no id column"):
        schema.infer(table)
