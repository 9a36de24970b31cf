"""Names of nobody in particular: found on lists and by frequency, and no real name taken for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from random import Random

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.api.auditing import look

NOW = dt.date(2026, 6, 30)
ENGLISH = (
    [
        "Oliver",
        "Harry",
        "Jack",
        "George",
        "Noah",
        "Charlie",
        "Alfie",
        "Oscar",
        "Amelia",
        "Olivia",
        "Isla",
        "Emily",
        "Ava",
    ],
    [
        "Smith",
        "Jones",
        "Taylor",
        "Brown",
        "Williams",
        "Wilson",
        "Johnson",
        "Davies",
        "Patel",
        "Evans",
        "Walker",
        "White",
    ],
)
SPANISH = (
    ["Maria"] * 8 + ["Jose", "Carmen", "Juan", "Antonio", "Lucia", "Pablo", "Elena", "Carlos"],
    ["Garcia"] * 5 + ["Lopez", "Perez", "Sanchez", "Martin", "Gomez", "Ruiz", "Diaz", "Moreno", "Alonso", "Romero"],
)
Name = tuple[str, str]


def _people(count: int, names: Sequence[Sequence[str]], seed: int = 3) -> list[Name]:
    rng = Random(seed)
    return [(rng.choice(names[0]), rng.choice(names[1])) for _ in range(count)]


def _table(people: Iterable[Name], contacts: Iterable[str] | None = None, *, whole: bool = False) -> pa.Table:
    rows = list(people)
    mails = list(contacts) if contacts else [f"u{number}@example.com" for number in range(len(rows))]
    ids = [str(number) for number in range(len(rows))]
    if whole:
        return pa.table({"id": ids, "name": [" ".join(filter(None, one)) for one in rows], "email": mails})
    given, family = zip(*rows, strict=True)
    return pa.table({"id": ids, "first_name": given, "last_name": family, "email": mails})


def _found(table: pa.Table) -> list[sm.Finding]:
    return [one for one in look(table, now=NOW).findings if one.code == "generic_name"]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        ("Walk-in", "Customer"),
        ("Facebook", "User"),
        ("Max", "Mustermann"),
        ("", "Office"),
        ("Jack", "Quillfeather"),  # on no list: no other given name comes with the family name
    ],
)
def test_a_name_of_nobody_is_found_in_every_row_that_has_it(name: Name, whole: bool) -> None:
    people = [*_people(360, ENGLISH), *[name] * 40]
    audit = look(_table(people, whole=whole), now=NOW)
    (found,) = (one for one in audit.findings if one.code == "generic_name")
    assert (found.area, found.rows, found.examples[0]) == ("generic", 40, "360")
    assert audit.readiness == "ready with care"
    assert any("a contact, name or date that is written for many people" in reason for reason in audit.reasons)
    assert not any(part in str(audit) for part in name if part and part != "Customer")


@pytest.mark.parametrize("family", ["Kunde", "Gast", "Frau", "X"])
def test_a_word_as_a_family_name_is_nobodys_where_too_many_have_it(family: str) -> None:
    people = _people(400, ENGLISH)
    often = [(given, family if number % 10 == 0 else own) for number, (given, own) in enumerate(people)]
    assert [one.rows for one in _found(_table(often))] == [40]
    twice = [(given, family if number < 2 else own) for number, (given, own) in enumerate(people)]
    assert _found(_table(twice)) == []


def test_a_frequent_name_of_frequent_parts_is_somebodys() -> None:
    people = [*_people(1_900, ENGLISH), *_people(100, SPANISH)]
    assert people.count(("Maria", "Garcia")) >= 10  # of 2,000: by its parts alone about one
    assert _found(_table(people)) == []


def test_one_person_in_many_rows_is_no_stand_in() -> None:
    people = [*_people(300, ENGLISH), *[("Ottilie", "Quillfeather")] * 20]
    same = [*(f"u{number}@example.com" for number in range(300)), *["ottilie@example.com"] * 20]
    assert _found(_table(people, same)) == []
    several = [(f"{given}{number}", family) for number, (given, family) in enumerate(_people(60, ENGLISH))]
    assert _found(_table(several * 8)) == []  # everybody has eight addresses


def test_a_table_of_other_names_or_none_has_no_stand_ins() -> None:
    assert _found(_table(_people(400, ENGLISH))) == []
    assert _found(pa.table({"id": ["1", "2"], "email": ["a@example.com", "b@example.com"]})) == []
