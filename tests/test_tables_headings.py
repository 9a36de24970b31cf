"""The row that names the columns is found under titles and groups, and is never a row of data."""

from __future__ import annotations

from pathlib import Path

import pytest

from socialmerge import dedupe, tables
from socialmerge.errors import TableError

DATA = "1;Ada Lovell;ada@example.com;030 5550100\n2;Bo Okafor;bo@example.com;030 5550101\n3;Cy;cy@example.com;\n"
NAMES = ["Nr", "Name", "E-Mail", "Telefon"]
HEAD = ";".join(NAMES) + "\n"


def read(folder: Path, text: str) -> tuple[list[str], list[str | None], tuple[str, ...]]:
    """The names of the columns, the first column, and what is to be said."""
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    table = tables.read(path)
    return table.column_names, table[0].to_pylist(), tables.notes_of(table)


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("Kundenliste 2026;;;\n", 2),
        ("Kundenliste 2026;;;\n;;;\nStand: 31.01.2026;;;\n;;;\n", 5),
        ("Kundenliste, Stand Mai\n\n", 3),
        ("Kundenliste\n", 2),
        ("\n\nKundenliste;;;\n", 4),
        ('"Kundenliste\nder Filiale";;;\n', 2),
    ],
)
def test_titles_above_the_names_are_left_out_and_said(tmp_path: Path, above: str, row: int) -> None:
    names, first, notes = read(tmp_path, above + HEAD + DATA)
    assert (names, first) == (NAMES, ["1", "2", "3"])
    assert notes == (f"the names of the columns are taken from row {row}; what stands above is left out",)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + DATA,
        "id,name\nx,Ada\ny,Bo\n",
        ",name\nx,Ada\ny,Bo\n",
        "id,,\n1,Ada,York\n2,Bo,Leeds\n",
        "email\nada@example.com\n",
        "first,second\nAda,Lovell\nBo,Okafor\n",
        "name,city,note,more\nAda,York,,\nBo,Leeds,,\nCy,Hull,x,y\n",
        "id;address;2024;2025\n1;Street 1;7;8\n2;Street 2;9;7\n",
    ],
)
def test_a_first_row_that_names_the_columns_stays_what_it_is(tmp_path: Path, text: str) -> None:
    names, first, notes = read(tmp_path, text)
    assert notes == ()
    assert len(first) == len(text.splitlines()) - 1
    assert names[-1] == (text.splitlines()[0].replace(";", ",").split(",")[-1] or f"column_{len(names)}")


def test_names_of_groups_tell_repeated_names_apart(tmp_path: Path) -> None:
    text = (
        "Kunde;;Rechnung;;Lieferung;\nNr;Name;Straße;PLZ;Straße;PLZ\n1;Ada;Weg 1;10115;Hof 2;10117\n2;Bo;A 3;20095;;\n"
    )
    names, first, notes = read(tmp_path, text)
    assert names == ["Nr", "Name", "Rechnung Straße", "Rechnung PLZ", "Lieferung Straße", "Lieferung PLZ"]
    assert (first, len(notes)) == (["1", "2"], 1)


def test_a_second_row_of_names_is_no_customer(tmp_path: Path) -> None:
    names, first, notes = read(tmp_path, HEAD + "Number;Full name;Mail;Phone\n" + DATA)
    assert (names, first) == (NAMES, ["1", "2", "3"])
    assert notes == ("row 2 is taken for a second row of names, and left out",)


def test_a_row_of_data_without_contacts_is_no_second_row_of_names(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "X;Zoe Adler;;\n" + DATA)[1] == ["X", "1", "2", "3"]


def test_lines_in_errors_are_those_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"but line 5 has 5"):
        read(tmp_path, "Kundenliste\n\n" + HEAD + "1;Ada;;\n2;Bo;;;\n")
    path = tmp_path / "again.csv"
    for blank, quoted in ((";;;\n", ""), ("\n", ""), ("\n", '7;"two\nlines";;\n')):
        path.write_text("Kundenliste;;;\n" + HEAD + quoted + blank + DATA + DATA, encoding="utf-8")
        with pytest.raises(TableError, match="the same id as rows 7, 8, 9;" if not quoted else "rows 9, 10, 11;"):
            tables.ids(tables.read(path), "Nr")


def test_who_is_answered_is_told_where_the_names_were_found(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Kundenliste;;;\n" + HEAD + DATA, encoding="utf-8")
    assert any("customers: the names of the columns are taken from row 2" in one for one in dedupe(path).warnings)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"a@{'x.' * 400}@", "the first line looks like data"),
        (f"a@{'x.' * 200_000}@", "the name of column 2 has 400,003 characters"),
        ("x" * 1_001, "the name of column 2 has 1,001 characters, as no name has; look for a stray quote"),
    ],
)
def test_a_long_cell_in_the_place_of_a_name_takes_no_time(tmp_path: Path, cell: str, said: str) -> None:
    with pytest.raises(TableError, match=said) as caught:
        read(tmp_path, f"id;{cell}\n1;=HYPERLINK(1)\n")
    assert len(str(caught.value)) < 500


def test_columns_with_neither_a_name_nor_a_value_are_left_out(tmp_path: Path) -> None:
    names, _, _ = read(tmp_path, "Nr;Name;;;\n1;Ada;;x;\n2;Bo;;;\n")
    assert names == ["Nr", "Name", "column_4"]
