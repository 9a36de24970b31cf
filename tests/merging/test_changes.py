"""What is loaded back into the customer table."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import pytest

from socialmerge.errors import PolicyError, TableError
from socialmerge.merging import Edicts, Golden, Policy, Rejection, changes, golden, keep, merges
from socialmerge.records import Kind, decisions_schema, profiles_schema
from socialmerge.schema import Column, Schema

Crm = Callable[..., Any]


class Case(Protocol):
    """What the fixture makes."""

    customer_table: pa.Table
    schema: Schema


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
            "action": "update",
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


def test_an_address_in_other_capitals_is_no_change(crm: Crm) -> None:
    case = crm({"email": "ada@example.com"}, {"email": "ADA@example.com", "name": "Ada"}).together("c0", "c0", "c1")
    rows = changes(case.merge(), case.customer_table, case.schema).to_pylist()
    assert [(row["field"], row["after"]) for row in rows] == [("name", "Ada")]


def test_choices_that_cells_have_in_common_are_written_once_and_loading_them_changes_nothing_more(crm: Crm) -> None:
    case = crm({"hobby": "Chess;Go"}, {"hobby": "Chess;Music"}).together("c0", "c0", "c1")
    policy = Policy(rules={"hobby": keep.every()})
    told = changes(case.merge(policy), case.customer_table, case.schema).to_pylist()
    assert [row["after"] for row in told] == ["Chess;Go;Music"]
    again = crm({"hobby": "Chess;Go;Music"}, {"hobby": "Chess;Music"}).together("c0", "c0", "c1")
    assert changes(again.merge(policy), again.customer_table, again.schema).num_rows == 0


def test_a_script_writes_flags_and_times_as_a_database_has_them() -> None:
    schema = Schema("id", (Column("id", Kind.ID), Column("seen", Kind.DATE)))
    flags, times = pa.array([None, True]), pa.array([datetime(2024, 1, 2, 3), datetime(2025, 1, 2, 3, 4, 5)])  # noqa: DTZ001 - as databases keep them
    customers = pa.table({"id": ["1", "2"], "vip": flags, "seen": times})
    clusters = pa.table({"id": ["1", "2"], "entity_id": ["1", "1"]})
    merged = golden(clusters, customers, None, schema, Policy(observed="seen"))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute("CREATE TABLE customers (id INTEGER, vip BOOLEAN, seen TIMESTAMP)")
        database.executemany(
            "INSERT INTO customers VALUES (?, ?, ?)",
            [(1, None, "2024-01-02 03:00:00"), (2, True, "2025-01-02 03:04:05")],
        )
        script = "\n".join(changes(merged, customers, schema, style="sql")["statement"].to_pylist())
        database.executescript(script)
        assert database.execute("SELECT vip, seen FROM customers WHERE id = 1").fetchall() == [
            (1, "2025-01-02 03:04:05")
        ]


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
        *("customer_id", "field", "before", "after", "rule", "source", "action")
    ]
    assert changes(case.merge(), case.customer_table, case.schema, style="salesforce").column_names == ["Id"]


def test_an_unknown_style_is_an_error(crm: Crm) -> None:
    case = crm({"name": "A"})
    with pytest.raises(PolicyError, match=r"changes: unknown style 'saleforce'; did you mean 'salesforce'\?"):
        changes(case.merge(), case.customer_table, case.schema, style="saleforce")


def test_the_golden_record_of_other_customers_is_refused(crm: Crm) -> None:
    with pytest.raises(TableError, match="changes: the golden record is not of these customers"):
        changes(crm({"name": "A"}).merge(), crm({"name": "A"}, {"name": "B"}).customer_table, crm().schema)


def test_an_emptied_cell_is_a_change_with_the_rule_that_took_its_value(crm: Crm) -> None:
    case = crm({"company": "Wrong Co", "name": "Ada"})
    merged = case.merge(edicts=Edicts(rejections=(Rejection("r", "company", "Wrong Co", "ana", entity_id="c0"),)))
    told = (merged, case.customer_table, case.schema)
    assert changes(*told).to_pylist() == [
        {
            "customer_id": "c0",
            "field": "company",
            "before": "Wrong Co",
            "after": None,
            "rule": "rejected by a person",
            "source": None,
            "action": "update",
        }
    ]
    assert changes(*told, style="salesforce").to_pylist() == [{"Id": "c0", "company": "#N/A"}]
    assert changes(*told, style="hubspot").num_rows == 0


def test_an_address_that_wins_empties_what_it_does_not_have(crm: Crm) -> None:
    case = crm({"street": "1 Main St", "city": "Leeds"}, {"street": "2 Longer High St"}).together("c0", "c0", "c1")
    merged = case.merge(Policy(rules={"address": keep.longest()}))
    cells = {row["field"]: row["after"] for row in changes(merged, case.customer_table, case.schema).to_pylist()}
    assert cells == {"street": "2 Longer High St", "city": None}


def test_hubspot_takes_a_record_id_and_changed_properties(crm: Crm) -> None:
    case = crm({"name": "A"}).attach("c0", employer="A Co")
    table = changes(case.merge(), case.customer_table, case.schema, style="hubspot")
    assert table.to_pylist() == [{"Record ID": "c0", "company": "A Co"}]


def test_new_people_are_inserted_only_when_asked_and_salesforce_gives_them_their_id(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", employer="A Co").new("n1", display_name="Grace", employer="Navy")
    told = (case.merge(), case.customer_table, case.schema)
    assert {row["action"] for row in changes(*told).to_pylist()} == {"update"}
    rows = changes(*told, insert_new=True).to_pylist()
    assert [(row["customer_id"], row["field"], row["after"]) for row in rows if row["action"] == "insert"] == [
        ("n1", "name", "Grace"),
        ("n1", "company", "Navy"),
    ]
    assert changes(*told, style="salesforce", insert_new=True).to_pylist() == [
        {"Id": "c0", "name": None, "company": "A Co"},
        {"Id": None, "name": "Grace", "company": "Navy"},
    ]


def inserted(*profiles: dict[str, Any], style: str = "salesforce", names: str = "First Last") -> list[dict[str, Any]]:
    """The new people's rows as a loader of this style takes them, for a table with columns for both names."""
    kinds = {
        "First": Column("First", Kind.NAME, "given"),
        "Last": Column("Last", Kind.NAME, "family"),
        "Name": Column("Name", Kind.NAME, "full"),
        "Company": Column("Company", Kind.TEXT),
    }
    schema = Schema("id", (Column("id", Kind.ID), *(kinds[name] for name in names.split())))
    row = {"First": "Anna", "Last": "Szabó", "Name": "Anna Szabó", "Company": "Co"}
    customers = pa.Table.from_pylist([{"id": "c0", **{name: row[name] for name in names.split()}}])
    rows = [{"profile_id": f"p{number}", "channel": "github", **one} for number, one in enumerate(profiles)]
    new = [{"profile_id": row["profile_id"], "verdict": "new", "entity_id": row["profile_id"]} for row in rows]
    decisions = pa.Table.from_pylist(new, schema=decisions_schema())
    merged = golden(decisions, customers, pa.Table.from_pylist(rows, schema=profiles_schema()), schema)
    table = changes(merged, customers, schema, style=style, insert_new=True)
    return [{key: value for key, value in one.items() if value is not None} for one in table.to_pylist()]


@pytest.mark.parametrize(
    ("shown", "cells"),
    [
        ("Ada Lovelace", {"First": "Ada", "Last": "Lovelace"}),
        ("\u2728 Dr. Ada Lovelace, PhD \U0001f680 (she/her)", {"First": "Ada", "Last": "Lovelace"}),
        ("Ada Mary van der Berg", {"First": "Ada Mary", "Last": "van der Berg"}),
        ("John Smith Jr.", {"First": "John", "Last": "Smith Jr."}),
        ("A. Lovelace", {"First": "A.", "Last": "Lovelace"}),
        ("Lovelace, Ada", {"First": "Ada", "Last": "Lovelace"}),
        ("山田 太郎", {"First": "太郎", "Last": "山田"}),
        ("DUPONT Jean", {"First": "Jean", "Last": "DUPONT"}),
        ("Szabó Anna", {"First": "Anna", "Last": "Szabó"}),  # the table knows somebody called so
        ("Kovács Anna", {"Last": "Kovács Anna"}),
        ("Kim Min-jun", {"Last": "Kim Min-jun"}),
        ("Zora Quist", {"Last": "Zora Quist"}),
        ("Ana Garcia Lopez", {"Last": "Ana Garcia Lopez"}),
        ("Ada & Ben Smith", {"Last": "Ada & Ben Smith"}),
        ("Ada", {"Last": "Ada"}),
        ("Mr. Lovelace", {"Last": "Lovelace"}),
        ("Acme GmbH", {"Last": "Acme GmbH"}),
    ],
)
def test_a_new_persons_name_is_parted_where_that_is_sure_and_else_whole(shown: str, cells: dict[str, str]) -> None:
    assert inserted({"display_name": shown}) == [cells]


def test_what_is_no_name_makes_none() -> None:
    assert inserted({"display_name": "\U0001f680\U0001f680"}, {"display_name": "n/a"}) == []


def test_names_that_a_profile_has_apart_stay_and_one_alone_is_the_family_name_where_one_is_needed() -> None:
    apart = {"given_name": "Zora", "family_name": "Quist", "display_name": "Quist Z."}
    half, alone = {"given_name": "Ada", "display_name": "Ada Lovelace"}, {"given_name": "Grace"}
    single = {"given_name": "Mary", "display_name": "Mary"}
    assert inserted(apart, half, alone, single, style="salesforce") == [
        {"First": "Zora", "Last": "Quist"},
        {"First": "Ada", "Last": "Lovelace"},
        {"Last": "Grace"},
        {"Last": "Mary"},
    ]
    assert inserted(alone, style="hubspot") == [{"First": "Grace"}]
    assert inserted(apart, style="hubspot", names="Name")[0] == {"Name": "Quist Z."}
    assert inserted({"given_name": "Zora", "family_name": "Quist"}, names="Name") == [{"Name": "Zora Quist"}]


def test_an_organisation_goes_into_the_column_of_companies() -> None:
    firm, names = {"display_name": "Acme GmbH", "is_person": False}, "First Last Company"
    assert inserted(firm, style="hubspot", names=names) == [{"Company": "Acme GmbH"}]
    assert inserted(firm, style="salesforce", names=names) == [{"Last": "Acme GmbH", "Company": "Acme GmbH"}]
    worker = {"display_name": "Ada Lovelace", "employer": "Acme GmbH"}
    assert inserted(worker, names=names) == [{"First": "Ada", "Last": "Lovelace", "Company": "Acme GmbH"}]


def test_merges_name_the_survivor_and_each_losing_row_once(crm: Crm) -> None:
    case = crm({}, {}, {}, {}, {}, {}).together("c1", "c0", "c1", "c2", "c3").together("c5", "c4", "c5")
    told = (case.merge(), case.customer_table, case.schema)
    pairs = [("c1", "c0"), ("c1", "c2"), ("c1", "c3"), ("c5", "c4")]
    assert merges(*told).to_pylist() == [{"survivor_id": one, "losing_id": two} for one, two in pairs]
    assert merges(*told, style="hubspot").column_names == ["primaryObjectId", "objectIdToMerge"]
    assert [tuple(row.values()) for row in merges(*told, style="salesforce").to_pylist()] == [
        ("c1", "c0", "c2"),
        ("c1", "c3", None),
        ("c5", "c4", None),
    ]
    nobody = crm({}, {})
    for style in ("generic", "salesforce", "hubspot", "sql"):
        assert merges(nobody.merge(), nobody.customer_table, nobody.schema, style=style).num_rows == 0
    with pytest.raises(PolicyError, match="merges: unknown style 'sqlite'; did you mean 'sql'"):
        merges(*told, style="sqlite")


@contextmanager
def database(case: Case) -> Iterator[sqlite3.Connection]:
    names = case.customer_table.column_names
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as found:
        found.execute(f"CREATE TABLE customers ({', '.join(f'{name!r} TEXT' for name in names)})")
        for row in case.customer_table.to_pylist():
            found.execute(f"INSERT INTO customers VALUES ({', '.join('?' * len(names))})", list(row.values()))
        yield found


def script(case: Case, merged: Golden, *, insert_new: bool = False) -> str:
    table = changes(merged, case.customer_table, case.schema, style="sql", insert_new=insert_new)
    return "\n".join(table["statement"].to_pylist())


def test_a_script_changes_a_database_to_what_the_golden_record_says_and_does_nothing_twice(crm: Crm) -> None:
    case = crm({"name": "Ada", "company": "Old"}, {"name": "Bob"}).attach("c1", employer='O\'Neil; -- "Sons" Co')
    case = case.attach("c0", employer="New Co").new("n1", display_name="Grace")
    merged = case.merge(Policy(rules={"company": keep.trusted("github", "crm")}))
    with database(case) as found:
        for _ in range(2):
            found.executescript(script(case, merged, insert_new=True))
            assert found.execute("SELECT id, name, company FROM customers ORDER BY rowid").fetchall() == [
                ("c0", "Ada", "New Co"),
                ("c1", "Bob", 'O\'Neil; -- "Sons" Co'),
                (None, "Grace", None),
            ]


def test_a_script_leaves_a_cell_alone_that_somebody_has_changed_since(crm: Crm) -> None:
    case = crm({"company": "Old"}).attach("c0", employer="New Co")
    with database(case) as found:
        found.execute("UPDATE customers SET company = 'Newer Co'")
        found.executescript(script(case, case.merge(Policy(rules={"company": keep.trusted("github", "crm")}))))
        assert found.execute("SELECT company FROM customers").fetchall() == [("Newer Co",)]


def test_a_script_replaces_a_cell_that_stands_there_with_spaces(crm: Crm) -> None:
    case = crm({"company": " Old "}, {"company": "\t"}).attach("c0", employer="New Co").attach("c1", employer="Sons")
    merged = case.merge(Policy(rules={"company": keep.trusted("github", "crm")}))
    assert [row["before"] for row in changes(merged, case.customer_table, case.schema).to_pylist()] == ["Old", None]
    with database(case) as found:
        found.executescript(script(case, merged))
        assert found.execute("SELECT company FROM customers").fetchall() == [("New Co",), ("Sons",)]


def test_a_column_that_is_called_as_the_systems_own_id_is_never_written() -> None:
    schema = Schema("No", (Column("No", Kind.ID), Column("ID", Kind.CODE), Column("company", Kind.TEXT)))
    customers = pa.table({"No": ["1", "2"], "ID": ["a", "bb"], "company": [None, "Co"]})
    clusters = pa.table({"id": ["1", "2"], "entity_id": ["1", "1"]})
    merged = golden(clusters, customers, None, schema, Policy(otherwise=keep.longest()))
    assert changes(merged, customers, schema, style="salesforce").to_pylist() == [{"Id": "1", "company": "Co"}]


def test_a_cell_that_says_nothing_is_emptied_by_a_rule_too(crm: Crm) -> None:
    case = crm({"street": "1 Main St", "city": "n/a"}, {"street": "2 Longer High St"}).together("c0", "c0", "c1")
    merged = case.merge(Policy(rules={"address": keep.longest()}))
    rows = {row["field"]: row for row in changes(merged, case.customer_table, case.schema).to_pylist()}
    assert (rows["city"]["after"], rows["city"]["rule"]) == (None, "empty")


@pytest.mark.parametrize(
    "value",
    [
        "x'); DROP TABLE customers; --",
        "a\nGO\nDROP TABLE customers",
        "a\n.shell date",
        "a;\nDROP TABLE customers;",
        "a\n\\! ls",
        "\\'; DROP TABLE customers; --",
    ],
)
def test_no_value_becomes_a_statement(crm: Crm, value: str) -> None:
    case = crm({"name": "Ada"}).attach("c0", employer=value).new("n1", employer=value)
    lines = script(case, case.merge(), insert_new=True).splitlines()
    assert all(line.startswith(("UPDATE ", "INSERT ", "BEGIN ", "COMMIT;", "-- left out: ")) for line in lines)
    with database(case) as found:
        found.executescript("\n".join(lines))
        assert found.execute("SELECT count(*) FROM customers WHERE name = 'Ada'").fetchone() == (1,)


def test_a_table_and_its_columns_may_have_any_name() -> None:
    schema = Schema('the "id"', (Column('the "id"', Kind.ID), Column("x; DROP", Kind.TEXT)))
    customers = pa.table({'the "id"': ["a", "b"], "x; DROP": [None, "v"]})
    clusters = pa.table({"id": ["a", "b"], "entity_id": ["a", "a"]})
    table = changes(golden(clusters, customers, None, schema), customers, schema, style="sql", table="sales.people")
    assert table["statement"].to_pylist()[1] == (
        'UPDATE "sales"."people" SET "x; DROP" = \'v\' WHERE "the ""id""" = \'a\' '
        'AND ("x; DROP" IS NULL OR TRIM(CAST("x; DROP" AS VARCHAR(4000))) = \'\');'
    )


def test_a_nul_character_is_refused_in_a_script(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", employer="a\0b")
    with pytest.raises(TableError, match="holds a NUL character"):
        script(case, case.merge())


def test_a_cell_with_a_backslash_is_left_out_because_some_databases_read_it_as_an_escape(crm: Crm) -> None:
    case = crm({"name": "Ada"}).attach("c0", employer="\\'; DROP TABLE customers; --")
    assert script(case, case.merge()).splitlines()[1] == (
        "-- left out: company of c0, which has a backslash, or a line that a client could read as a command"
    )


def test_an_id_or_a_column_that_could_be_read_as_a_command_is_left_out_too() -> None:
    schema = Schema("id", (Column("id", Kind.ID), Column("x\nGO\n", Kind.TEXT), Column("y", Kind.TEXT)))
    customers = pa.table({"id": ["a\\", "b"], "x\nGO\n": [None, "v"], "y": [None, "v"]})
    clusters = pa.table({"id": ["a\\", "b"], "entity_id": ["a\\", "a\\"]})
    table = changes(golden(clusters, customers, None, schema), customers, schema, style="sql")
    assert [line.partition(":")[0] for line in table["statement"].to_pylist()[1:-1]] == ["-- left out", "-- left out"]
