"""The golden record's tables: their shape, their fields, and what is refused."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from socialmerge.errors import PolicyError, SchemaError, TableError
from socialmerge.merging import Policy, golden, golden_batches, keep
from socialmerge.records import Kind, clusters_schema, conflicts_schema, decisions_schema, provenance_schema
from socialmerge.schema import Column, Schema

Crm = Callable[..., Any]


def test_records_have_one_row_an_entity_in_the_order_of_ids(crm: Crm) -> None:
    case = crm({"name": "B"}, {"name": "A"}, {"name": "C"}).together("c0", "c0", "c2").new("a9", display_name="N")
    assert case.merge().records["entity_id"].to_pylist() == ["a9", "c0", "c1"]


def test_records_keep_the_customers_columns_in_their_order_and_carry_unknown_ones(crm: Crm) -> None:
    case = crm({"name": "A", "loyalty tier": "gold", "points": 7})
    merged = case.merge()
    assert merged.records.column_names[:3] == ["entity_id", "accounts", "id"]
    assert merged.records.column_names[-2:] == ["loyalty tier", "points"]
    assert case.record("c0")["points"] == "7"


def test_a_merged_entity_lists_its_customer_ids_and_a_new_one_has_none(crm: Crm) -> None:
    case = crm({}, {}).together("c1", "c0", "c1").new("n", handle="x")
    assert case.record("c1")["id"] == ["c0", "c1"]
    assert case.record("n")["id"] is None


def test_attributes_without_a_customer_column_have_fields_of_their_own(crm: Crm) -> None:
    case = crm({}).attach("c0", bio="B", location="Leeds", links=["https://a.example.com"], title="Dr", avatar="a.png")
    record = case.record("c0")
    assert (record["bio"], record["location"], record["title"], record["avatar"]) == ("B", "Leeds", "Dr", "a.png")
    assert record["links"] == ["https://a.example.com"]
    assert "display_name" not in record  # it has the customer column of full names


def merge_one(
    columns: list[Column],
    row: dict[str, str | None],
    profile: dict[str, Any],
    assurance: str = "verified",
    policy: Policy | None = None,
) -> dict[str, Any]:
    schema = Schema("id", (Column("id", Kind.ID), *columns))
    customers = pa.table({"id": ["c"], **{name: pa.array([value], pa.string()) for name, value in row.items()}})
    profiles = pa.Table.from_pylist([{"profile_id": "p", "channel": "github", **profile}])
    decision = {"profile_id": "p", "verdict": "attach", "customer_id": "c", "entity_id": "c", "assurance": assurance}
    decisions = pa.Table.from_pylist([decision], schema=decisions_schema())
    return golden(decisions, customers, profiles, schema, policy).records.to_pylist()[0]


def test_a_location_fills_a_full_place_but_never_the_part_of_an_address() -> None:
    full = merge_one([Column("where", Kind.PLACE, "full")], {"where": None}, {"location": "Leeds"})
    assert full["where"] == "Leeds"
    part = merge_one([Column("city", Kind.PLACE, "city")], {"city": None}, {"location": "Leeds"})
    assert (part["city"], part["location"]) == (None, "Leeds")


def test_two_columns_of_a_kind_leave_the_attribute_to_a_field_of_its_own() -> None:
    columns = [Column("mail", Kind.EMAIL), Column("mail2", Kind.EMAIL)]
    values = {"emails": ["a@example.com"], "verified_emails": ["a@example.com"]}
    record = merge_one(columns, {"mail": None, "mail2": None}, values)
    assert (record["mail"], record["mail2"], record["emails"]) == (None, None, ["a@example.com"])


def test_title_and_employer_join_columns_by_name_and_not_salutations() -> None:
    columns = [Column("Title", Kind.NAME, "title"), Column("JobTitle", Kind.TEXT), Column("Company__c", Kind.TEXT)]
    row = {"Title": None, "JobTitle": None, "Company__c": None}
    record = merge_one(columns, row, {"title": "Engineer", "employer": "Acme"})
    assert (record["Title"], record["JobTitle"], record["Company__c"]) == (None, "Engineer", "Acme")


@pytest.mark.parametrize(("part", "expected"), [("handle", "ada"), ("url", "https://github.com/ada")])
def test_an_attached_account_fills_the_customers_column_of_its_channel(part: str, expected: str) -> None:
    columns = [Column("gh", Kind.ACCOUNT, part, "github"), Column("tw", Kind.ACCOUNT, "handle", "x")]
    record = merge_one(columns, {"gh": None, "tw": None}, {"handle": "ada"}, "inferred")
    assert (record["gh"], record["tw"]) == (expected, None)


def test_the_same_account_in_another_spelling_is_no_conflict() -> None:
    columns = [Column("gh", Kind.ACCOUNT, "url", "github")]
    assert merge_one(columns, {"gh": "github.com/Ada/"}, {"handle": "ada"})["gh"] == "github.com/Ada/"


def test_what_no_schema_knows_of_a_profile_is_no_field_of_a_person() -> None:
    export = {"VERSION": "4.0", "bot": "false", "status": "online", "url": "https://a.example.com", "bio": "Sums"}
    record = merge_one([Column("status", Kind.TEXT)], {"status": None}, export)
    assert set(record) == {"entity_id", "accounts", "id", "status", "bio"}
    assert (record["status"], record["bio"]) == (None, "Sums")


def test_a_policy_that_names_such_a_column_has_it_from_verified_attachments_only() -> None:
    policy = Policy(rules={"followers": keep.longest(), "profile_status": keep.every()})
    profile, columns = {"followers": 3, "status": "online"}, [Column("status", Kind.TEXT)]
    verified = merge_one(columns, {"status": "lead"}, profile, policy=policy)
    assert (verified["followers"], verified["status"], verified["profile_status"]) == ("3", "lead", ["online"])
    inferred = merge_one([], {}, {"followers": 3}, "inferred", Policy(visibility={"followers": "secret"}))
    assert inferred["followers"] is None


def test_a_rule_for_a_kind_names_no_column_of_an_export() -> None:
    policy = Policy(rules={"url": keep.longest(), "number": keep.max()})
    assert set(merge_one([], {}, {"url": "https://a.example.com", "number": "5"}, policy=policy)) == {
        "entity_id", "accounts", "id",
    }  # fmt: skip


def test_a_cell_of_several_values_is_a_list_that_unites() -> None:
    schema = Schema("id", (Column("id", Kind.ID), Column("mails", Kind.EMAIL, separator=";")))
    customers = pa.table({"id": ["a", "b"], "mails": ["x@example.com; y@example.com", "Y@example.com;"]})
    clusters = pa.table({"id": ["a", "b"], "entity_id": ["a", "a"]})
    merged = golden(clusters, customers, None, schema)
    assert len(merged.records["mails"].to_pylist()[0]) == 2
    assert {mail.lower() for mail in merged.records["mails"].to_pylist()[0]} == {"x@example.com", "y@example.com"}
    assert merged.conflicts.num_rows == 0


def test_a_cell_of_several_values_cannot_go_into_a_group() -> None:
    schema = Schema("id", (Column("id", Kind.ID), Column("mails", Kind.EMAIL, separator=";")))
    customers = pa.table({"id": ["a"], "mails": ["x@example.com"]})
    clusters = pa.table({"id": ["a"], "entity_id": ["a"]})
    with pytest.raises(PolicyError, match=r"groups\['contact'\] holds 'mails', whose cells have several values"):
        golden(clusters, customers, None, schema, Policy(groups={"contact": ("mails", "id")}))


def test_columns_that_bear_reserved_names_give_way() -> None:
    schema = Schema("entity_id", (Column("entity_id", Kind.ID), Column("accounts", Kind.TEXT)))
    customers = pa.table({"entity_id": ["a"], "accounts": ["two"]})
    clusters = pa.table({"id": ["a"], "entity_id": ["a"]})
    record = golden(clusters, customers, None, schema).records.to_pylist()[0]
    assert record == {"entity_id": "a", "accounts": [], "entity_id_": ["a"], "accounts_": "two"}


def test_a_second_table_joins_the_columns_of_its_kind() -> None:
    schema = Schema("id", (Column("id", Kind.ID), Column("given", Kind.NAME, "given"), Column("mail", Kind.EMAIL)))
    customers = pa.table({"id": ["c"], "given": pa.array([None], pa.string()), "mail": ["c@example.com"]})
    other = Schema("key", (Column("key", Kind.ID), Column("first", Kind.NAME, "given"), Column("note", Kind.TEXT)))
    rows = pa.table({"key": [1], "first": ["Ada"], "note": ["met in May"]})
    decision = {"profile_id": "1", "verdict": "attach", "customer_id": "c", "entity_id": "c", "assurance": "inferred"}
    decisions = pa.Table.from_pylist([decision], schema=decisions_schema())
    merged = golden(decisions, customers, rows, schema, profile_schema=other)
    assert merged.records.to_pylist()[0]["given"] == "Ada"
    assert merged.records.to_pylist()[0]["note"] == "met in May"


def test_provenance_names_the_claim_of_each_value(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", bio="Sums", observed_at="2024-05-01")
    rows = {row["field"]: row for row in case.merge().provenance.to_pylist()}
    bio = rows["bio"]
    assert (bio["entity_id"], bio["value"], bio["source"], bio["record_id"]) == ("c0", "Sums", "github", "p0")
    assert (bio["channel"], bio["rule"], bio["observed_at"]) == ("github", "fill", "2024-05-01")
    assert len(bio["claim_id"]) == 32
    assert (rows["name"]["source"], rows["name"]["channel"], rows["name"]["rule"]) == ("crm", None, "only")


def test_conflicts_name_the_rule_and_the_reason_in_words(crm: Crm) -> None:
    case = crm({"company": "A", "updated_at": "2024-01-01"}, {"company": "B", "updated_at": "2020-01-01"})
    case = case.together("c0", "c0", "c1")
    rows = case.merge(Policy(otherwise=keep.newest())).conflicts.to_pylist()
    assert {"field": "company", "kept": "A", "rejected": "B"}.items() <= rows[0].items()
    assert (rows[0]["rule"], rows[0]["reason"]) == ("newest", "crm: observed earlier, or without a date")


def test_values_equal_after_normalisation_are_no_conflict(crm: Crm) -> None:
    rows = [
        {
            "name": "Ada Byron",
            "email": "ADA@example.com",
            "phone": "(202) 555-0143",
            "site": "https://www.example.com/",
        },
        {"name": "ada  byron", "email": "ada@example.com", "phone": "+1 202 555 0143", "site": "http://example.com"},
    ]
    case = crm(*rows).together("c0", "c0", "c1")
    assert case.conflicts() == []


def test_schemas_are_those_of_records_and_empty_tables_have_them_too(crm: Crm) -> None:
    for case in (crm({"name": "A"}).attach("c0", bio="B"), crm()):
        merged = case.merge()
        assert merged.provenance.schema == provenance_schema()
        assert merged.conflicts.schema == conflicts_schema()
        assert merged.records.schema.field("entity_id").type == pa.string()


def test_an_all_null_table_merges(crm: Crm) -> None:
    assert crm({"name": None}, {"name": None}).merge().records.num_rows == 2


def test_batches_together_are_the_whole(crm: Crm) -> None:
    case = crm(*({"name": f"N{place}", "email": f"{place}@example.com"} for place in range(7))).together(
        "c0", "c0", "c5"
    )
    arguments = (case.decision_table, case.customer_table, case.profile_table, case.schema)
    parts = list(golden_batches(*arguments, clusters=case.cluster_table, entities=2))
    assert [part.records.num_rows for part in parts] == [2, 2, 2]
    whole = case.merge()
    assert pa.concat_tables([part.records for part in parts]).equals(whole.records)
    assert pa.concat_tables([part.provenance for part in parts]).equals(whole.provenance)


def test_the_clusters_of_dedupe_are_enough_by_themselves(crm: Crm) -> None:
    case = crm({"name": "A"}, {"name": "A"}).together("c0", "c0", "c1")
    assert golden(case.cluster_table, case.customer_table, None, case.schema).records.num_rows == 1


def test_without_clusters_a_customer_takes_the_entity_of_its_attachment(crm: Crm) -> None:
    case = crm({"name": "A"}, {"name": "B"}).attach("c0", bio="x")
    decisions = case.decision_table.set_column(8, "entity_id", pa.array(["e7"]))
    merged = golden(decisions, case.customer_table, case.profile_table, case.schema)
    assert merged.records["entity_id"].to_pylist() == ["c1", "e7"]


BAD = [
    (
        {"identities": clusters_schema().empty_table()},
        TableError,
        "clusters: 1 of 1 customers without entity_id; give the",
    ),
    ({"identities": pa.table({"x": [1]})}, TableError, "clusters: no column 'id'; give the decisions of attach or the"),
    ({"identities": pa.table({"profile_id": ["p0"]})}, TableError, "decisions: no column 'verdict'"),
    ({"identities": decisions_schema().empty_table()}, TableError, "decisions: 1 of 1 profiles without decision"),
    (
        {"customers": pa.table({"id": ["c0", "c0"]})},
        TableError,
        "customers: column 'id' repeats ids: an earlier row has the same id",
    ),
    ({"customers": pa.table({"id": ["c0", None]})}, TableError, "customers: column 'id' has no id in "),
    ({"customers": pa.table({"nr": ["c0"]})}, SchemaError, "customers: "),
    ({"profiles": pa.table({"handle": ["x"]})}, SchemaError, "profiles: "),
    (
        {"customers": pa.table({"id": ["c9"]})},
        TableError,
        "decisions: 1 attachments are to a customer_id that is not in",
    ),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_tables_that_do_not_fit_together_are_refused(
    crm: Crm, change: dict[str, pa.Table], error: type[Exception], message: str
) -> None:
    case = crm({}).attach("c0", bio="x")
    tables = {"identities": case.decision_table, "customers": case.customer_table, "profiles": case.profile_table}
    with pytest.raises(error, match=message):
        golden(**{**tables, **change}, schema=Schema("id", (Column("id", Kind.ID),)))


def test_a_new_profile_may_not_take_the_entity_of_a_customer(crm: Crm) -> None:
    with pytest.raises(
        TableError, match="1 rows are 'new' with the entity_id of a customer; attach them, or give another"
    ):
        crm({}).new("c0", bio="x").merge()


def test_a_new_profile_needs_an_entity(crm: Crm) -> None:
    with pytest.raises(TableError, match="1 rows are 'new' without an entity_id"):
        crm({}).new(None, bio="x").merge()


def test_a_decision_that_is_repeated_is_refused(crm: Crm) -> None:
    case = crm({}).attach("c0", bio="x")
    twice = pa.concat_tables([case.decision_table, case.decision_table])
    with pytest.raises(TableError, match="decisions: 1 row repeats an id; every row needs an id of its own"):
        golden(twice, case.customer_table, case.profile_table, case.schema)


def test_ids_are_compared_as_the_rest_of_the_library_reads_them() -> None:
    customers = pa.table({"id": [" 7.0", "8.0 "], "name": ["A", "B"]})
    clusters = pa.table({"id": ["7", "8"], "entity_id": ["7", "7"]})
    record = golden(clusters, customers, None, Schema("id", (Column("id", Kind.ID),))).records.to_pylist()[0]
    assert (record["entity_id"], record["id"]) == ("7", ["7", "8"])


def test_attachments_that_give_a_customer_two_entities_are_refused(crm: Crm) -> None:
    case = crm({}).attach("c0", bio="x").attach("c0", bio="y")
    decisions = case.decision_table.set_column(8, "entity_id", pa.array(["e1", "e2"]))
    with pytest.raises(TableError, match="two attachments to one customer give it different entity_ids"):
        golden(decisions, case.customer_table, case.profile_table, case.schema)
