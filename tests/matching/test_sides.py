"""The chain's two sides from tables."""

from __future__ import annotations

import pyarrow as pa

from socialmerge.matching.chain_sides import EMAIL, ID, WEBSITE, ChainSide
from socialmerge.matching.sides import customer_side, profile_side
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Column


def profile(**row: object) -> ChainSide:
    return profile_side(pa.Table.from_pylist([{"profile_id": "p", **row}], schema=profiles_schema()))


def strings(side: ChainSide) -> list[tuple[str, str, bool]]:
    """Kind, key and whether it is verified, of every string of row 0."""
    found = range(side.start[0], side.start[1])
    return sorted((side.kinds[side.kind[at]], side.keys[side.key[at]], bool(side.verified[at])) for at in found)


def test_the_account_that_a_profile_is_is_proved_by_its_platform() -> None:
    row = {"channel": "github", "handle": "@Ada", "account_id": "42"}
    assert strings(profile(**row)) == [("github", "ada", True), (f"{ID}github:", "42", True)]


def test_of_plain_rows_nothing_is_proved() -> None:
    row = {"profile_id": "p", "channel": "github", "handle": "ada", "verified_links": ["https://ada.example.com"]}
    side = profile_side(pa.Table.from_pylist([row], schema=profiles_schema()), proven=False)
    assert strings(side) == [("github", "ada", False)]


def test_links_are_accounts_where_they_name_one_and_websites_otherwise() -> None:
    row = {"channel": "github", "links": ["https://twitter.com/Ada_L"], "websites": ["https://ada.example.com/"]}
    assert strings(profile(**row)) == [(WEBSITE, "ada.example.com", False), ("x", "ada_l", False)]


def test_an_office_address_is_nobodys() -> None:
    found = strings(profile(channel="x", emails=["info@example.com", "ada@example.com"]))
    assert [(kind, verified) for kind, _, verified in found] == [(EMAIL, False)]


def test_what_is_proved_of_one_profile_proves_nothing_of_another() -> None:
    shown = {"channel": "x", "emails": ["ada@example.com"], "links": ["https://ada.example.com"]}
    proved = {"verified_emails": ["ada@example.com"], "verified_links": ["https://ada.example.com"]}
    rows = [{"profile_id": "p", **shown, **proved}, {"profile_id": "q", **shown}]
    side = profile_side(pa.Table.from_pylist(rows, schema=profiles_schema()))
    found = [
        (row, side.kinds[kind], bool(proof))
        for row, kind, proof in zip(side.row.tolist(), side.kind.tolist(), side.verified, strict=True)
    ]
    assert sorted(found) == [(0, EMAIL, True), (0, WEBSITE, True), (1, EMAIL, False), (1, WEBSITE, False)]


def test_a_name_is_put_together_from_its_columns() -> None:
    columns = (Column("first", Kind.NAME, "given"), Column("last", Kind.NAME, "family"), Column("x", Kind.TEXT))
    side = customer_side(pa.table({"first": ["Ada", None], "last": ["Lovelace", None], "x": ["a", "b"]}), columns)
    parts = [side.names.part(part).tolist() for part in ("given", "family")]
    assert [[side.names.words[code] for code in part] for part in parts] == [["ada"], ["lovelace"]]
    assert side.name.tolist() == [0, -1]


def test_a_column_of_stable_ids_is_no_column_of_handles() -> None:
    columns = (Column("twitter_id", Kind.ACCOUNT, "id", "x"),)
    side = customer_side(pa.table({"twitter_id": [" 1234567", "n/a"]}), columns)
    assert (side.kinds, list(side.keys)) == ((f"{ID}x:",), ["1234567"])


def test_empty_tables_have_empty_sides() -> None:
    assert len(profile_side(profiles_schema().empty_table()).name) == 0
    assert len(customer_side(pa.table({"id": pa.array([], pa.string())}), ()).name) == 0


def test_addresses_are_read_by_column_as_the_parser_reads_each() -> None:
    mails = [
        "Ada.Lovelace+news@gmail.com",
        "12345+ada@users.noreply.github.com",
        "info@example.com",
        "ada@thinkpad",
        "test@test.com",
        None,
    ]
    side = customer_side(pa.table({"mail": pa.array(mails)}), (Column("mail", Kind.EMAIL),))
    shown = [(side.kinds[side.kind[at]], side.keys[side.key[at]], int(row)) for at, row in enumerate(side.row)]
    assert sorted(shown) == [(EMAIL, "adalovelace@gmail.com", 0), ("github", "ada", 1), (f"{ID}github:", "12345", 1)]
    assert [side.texts[code] for code in side.text.tolist() if code >= 0] == ["adalovelace", "ada"]


def test_names_written_in_two_ways_are_one_name() -> None:
    columns = (Column("first", Kind.NAME, "given"), Column("last", Kind.NAME, "family"))
    table = pa.table({"first": ["ada", "ADA", "Dr. Ada"], "last": ["Lovelace", "lovelace", "Lovelace"]})
    side = customer_side(table, columns)
    assert (len(side.names), side.name.tolist()) == (1, [0, 0, 0])
