"""Claims as a table, and their ids."""

import hmac
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from socialmerge.merging import ONE_SHOT_KEY, claims, claims_schema

Crm = Callable[..., Any]


def table(case: Any, **arguments: bytes) -> pa.Table:  # noqa: ANN401 - the class stands in conftest
    parts = claims(
        case.decision_table,
        case.customer_table,
        case.profile_table,
        case.schema,
        clusters=case.cluster_table,
        **arguments,
    )
    return pa.concat_tables(parts)


def test_each_value_of_each_record_is_one_claim(crm: Crm) -> None:
    case = crm({"name": " Ada ", "email": "ada@example.com"})
    case = case.attach("c0", emails=["a@example.com", "b@example.com"], verified_emails=["B@example.com"])
    found = table(case)
    assert found.schema == claims_schema()
    rows = [row for row in found.to_pylist() if row["field"] == "email"]
    assert [(row["source"], row["attribute"], row["is_verified"]) for row in rows] == [
        ("crm", "email", False),
        ("github", "emails", False),
        ("github", "emails", True),
    ]
    name = next(row for row in found.to_pylist() if row["field"] == "name")
    assert (name["raw"], name["value"]) == (" Ada ", "Ada")


def test_what_no_schema_knows_is_a_claim_though_no_field_of_a_record(crm: Crm) -> None:
    case = crm({"name": "A"}).attach("c0", bot="false")
    assert [row["value"] for row in table(case).to_pylist() if row["field"] == "bot"] == ["false"]


def test_a_claim_says_what_it_may_be_used_for(crm: Crm) -> None:
    case = crm({"email": "ada@example.com"}).attach("c0", bio="Sums", phones=["+1 202 555 0143"])
    rows = {row["attribute"]: row for row in table(case).to_pylist()}
    assert (rows["bio"]["visibility"], rows["phones"]["visibility"], rows["email"]["visibility"]) == (
        "public",
        "private",
        "private",
    )
    assert rows["bio"]["purposes"]
    assert rows["bio"]["basis"]
    assert rows["email"]["purposes"] is None


def test_claims_of_a_profile_in_review_have_no_entity(crm: Crm) -> None:
    rows = table(crm({"name": "A"}).review("c0", bio="Perhaps")).to_pylist()
    assert [(row["field"], row["entity_id"]) for row in rows if row["source"] == "github"] == [("bio", None)]


def test_a_claim_id_is_an_hmac_of_the_content_with_lengths(crm: Crm) -> None:
    row = next(row for row in table(crm({"name": "Ada"})).to_pylist() if row["field"] == "name")
    message = b"3:crm,2:c0,0:,0:,0:,4:name,3:Ada,"
    assert row["claim_id"] == hmac.digest(ONE_SHOT_KEY, message, "sha256").hex()[:32]


def test_a_claim_id_does_not_depend_on_when_the_value_was_seen(crm: Crm) -> None:
    ids = [
        {
            row["claim_id"]
            for row in table(crm({}).attach("c0", bio="B", observed_at=seen)).to_pylist()
            if row["value"] == "B"
        }
        for seen in ("2020-01-01", "2024-01-01")
    ]
    assert ids[0] == ids[1]


def test_another_key_gives_other_ids(crm: Crm) -> None:
    case = crm({"name": "Ada"})
    assert set(table(case)["claim_id"].to_pylist()).isdisjoint(table(case, key=b"k" * 100)["claim_id"].to_pylist())


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 64, b"x" * 65])
def test_claim_ids_follow_rfc_2104_for_keys_of_any_length(crm: Crm, key: bytes) -> None:
    row = next(row for row in table(crm({"name": "Ada"}), key=key).to_pylist() if row["field"] == "name")
    assert row["claim_id"] == hmac.digest(key, b"3:crm,2:c0,0:,0:,0:,4:name,3:Ada,", "sha256").hex()[:32]


def test_parts_of_a_claim_do_not_run_into_each_other(crm: Crm) -> None:
    left = {row["claim_id"] for row in table(crm({"id": "a.b", "name": "c"})).to_pylist() if row["field"] == "name"}
    right = {row["claim_id"] for row in table(crm({"id": "a", "name": "b.c"})).to_pylist() if row["field"] == "name"}
    assert left != right
