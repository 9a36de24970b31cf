"""Names that a row's address spells out, and names that are handles."""

from __future__ import annotations

import pyarrow as pa

import socialmerge as sm
from socialmerge.normalise.aliases import enriched
from socialmerge.normalise.features import Feature, build

FIELDS = (sm.name("name"), sm.email("mail"))


def features(rows: list[tuple[str, str]]) -> dict[str, Feature]:
    table = pa.table({"name": [name for name, _ in rows], "mail": [mail for _, mail in rows]})
    return {feature.comparison: feature for feature in enriched(build(FIELDS, table))}


def names(rows: list[tuple[str, str]], comparison: str) -> list[str | None]:
    found = features(rows)[comparison]
    return [found.values[code] if code >= 0 else None for code in found.codes[0].tolist()]


PEOPLE = [
    ("isaacj", "isaac.joyner@example.com"),
    ("Isaac Joyner", "isaacj@laptop.local"),
    ("Ada Lovelace", "ada@example.com"),
]


def test_a_word_for_a_name_gives_way_to_the_name_in_the_address() -> None:
    assert names(PEOPLE, "given") == ["isaac", "isaac", "ada"]
    assert names(PEOPLE, "family") == ["joyner", "joyner", "lovelace"]


def test_a_given_name_is_not_overruled_by_an_address() -> None:
    rows = [("Susan", "ada.lovelace@example.com"), ("Ada Lovelace", "ada@example.com"), ("Bea Bell", "bea@example.com")]
    assert names(rows, "family") == [None, "lovelace", "bell"]


def test_a_word_that_is_somebodys_address_is_an_alias() -> None:
    rows = [("foxzero25", "me@example.com"), ("Ada Lovelace", "foxzero25@example.com"), ("Bea Bell", "bea@example.com")]
    alias = features(rows)["alias"]
    word, local = alias.codes
    assert word[0] == local[1] >= 0
    assert (word[1:] < 0).all()


def test_what_is_before_the_at_sign_of_a_machines_own_address_is_kept() -> None:
    mail = features([("Ada Lovelace", "ada@laptop.local"), ("Bea Bell", "not an address")])["email"]
    assert mail.values == ["ada@laptop.local"]


def test_an_alias_speaks_for_two_rows_of_one_committer() -> None:
    people = [(given, family) for family in FAMILY for given in GIVEN]
    rows = [(f"{given} {family}", f"{given[0]}{family}{len(given)}@example.com".lower()) for given, family in people]
    logins = [f"fox{number}zero{number * 7}" for number in range(12)]
    rows += [(login, f"{login}@laptop.local") for login in logins]
    rows += [(f"Zora {family}", f"{login}@example.org") for login, family in zip(logins, FAMILY, strict=True)]
    ids = [str(number) for number in range(len(rows))]
    table = pa.table({"id": ids, "name": [name for name, _ in rows], "mail": [mail for _, mail in rows]})
    lines = {line.what: line for line in sm.dedupe(table).explain(ids[-24], ids[-12]).lines}
    assert lines["name.alias"].said == "exact"
    assert lines["name.alias"].bits > 0


GIVEN = ("Ada", "Beatrix", "Cleo", "Dora", "Edith", "Fern", "Greta", "Hilda", "Ines", "Jonas", "Kurt", "Lena")
FAMILY = ("Adler", "Brook", "Cole", "Drake", "Ellis", "Frost", "Gale", "Hart", "Irwin", "Jones", "Keene", "Lowe")


def test_a_row_with_no_name_at_all_takes_the_one_in_its_address() -> None:
    rows = [("", "bea.hale@example.com"), ("Ada Lovelace", "ada@example.com"), ("", "no-name@example.com")]
    rows += [("Zora Quill", "zora@example.com")]
    assert names(rows, "given") == ["bea", "ada", None, "zora"]
    assert names(rows, "family") == ["hale", "lovelace", None, "quill"]


def test_letters_and_digits_of_any_script_make_an_alias() -> None:
    rows = [("жанна7", "me@example.com"), ("Ada Lovelace", "fox-zero.25@example.com"), ("foxzero25", "x@example.com")]
    alias = features(rows)["alias"]
    assert [alias.values[code] for code in alias.codes[1]] == ["me", "foxzero25", "x"]
