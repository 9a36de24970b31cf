"""Excel workbooks as tables: what is in them, and what is refused."""

from __future__ import annotations

import sys
from datetime import date, datetime, time
from pathlib import Path

import pytest
from tests.workbook import packed, rows, workbook

from socialmerge import MissingExtraError, TableError, import_pilot, tables
from socialmerge.cli import entry, run

openpyxl = pytest.importorskip("openpyxl")
PEOPLE = rows(("id", "name"), ("c1", "Ada Lovell"), ("c2", "Brendan Okafor"))


def written(folder: Path, data: bytes, name: str = "people.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_what_a_spreadsheet_program_saves_is_read_as_its_csv_would_be(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "phone", "rate", "when", "at", "seen", "yes", None, "sum"])
    day, hour = date(2026, 1, 31), time(9, 30)
    book.active.append(
        [7.0, 447700900123, 1.5, day, hour, datetime.fromisoformat("2026-01-31T12:05"), True, "x", "=1+1"]
    )
    book.active.append([None] * 9)
    book.active.append([8, None, None, None, None, None, None, "#N/A", None])
    book.active.append(["", ""])
    book.create_sheet("Sheet2")
    book.save(tmp_path / "people.xlsx")
    found = tables.read(tmp_path / "people.xlsx")
    assert found.column_names == ["id", "phone", "rate", "when", "at", "seen", "yes", "column_8", "sum"]
    first, last = found.to_pylist()
    assert list(first.values())[:5] == ["7", "447700900123", "1.5", "2026-01-31", "09:30:00"]
    assert list(first.values())[5:] == ["2026-01-31T12:05:00", "true", "x", None]
    assert last == {**dict.fromkeys(found.column_names), "id": "8"}


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_is_not_taken_for_exact(tmp_path: Path) -> None:
    path = written(tmp_path, workbook(rows(("account",), (109348712345678901,), (1.09348712345678e17,))))
    assert tables.read(path)["account"].to_pylist() == ["1.09349E+17"] * 2


def test_rows_above_the_table_and_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    below = rows((), (), ("id", "name"), ("c1", "Ada Lovell"))
    path = written(tmp_path, workbook(PEOPLE, below, hidden=frozenset({1})))
    assert tables.read(path).to_pylist() == [{"id": "c1", "name": "Ada Lovell"}]


ORDERS = rows(("order", "customer", "sum"), ("o1", "c1", "7"))
TWO = workbook(PEOPLE, ORDERS, rows(("x", "y"), ("1", "2")), hidden=frozenset({3}))


def test_a_sheet_is_named_behind_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    assert tables.read(f"{path}#Sheet2").column_names == ["order", "customer", "sum"]
    assert tables.read(f"{path}#'Sheet1'").num_rows == 2
    assert tables.read(Path(f"{path}#Sheet3")).column_names == ["x", "y"]
    with pytest.raises(TableError, match=r"no sheet is called 'sheet 2'; did you mean 'Sheet2'\?"):
        tables.read(f"{path}#sheet 2")
    with pytest.raises(TableError, match="no sheet is called 'Clientèle'; known: Sheet1, Sheet2, Sheet3"):
        tables.read(f"{path}#Clientèle")
    with pytest.raises(TableError, match=r"people\.xlsx: no such file"):
        tables.read(tmp_path / "none" / "people.xlsx#Sheet1")


def test_a_file_whose_name_has_the_mark_is_that_file(tmp_path: Path) -> None:
    path = written(tmp_path, workbook(PEOPLE), "people.xlsx#2")
    assert tables.read(path).num_rows == 2


def test_a_command_takes_sheets_and_repeats_its_run_on_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = written(tmp_path, TWO), tmp_path / "out"
    assert run(["dedupe", f"{path}#Sheet1", "--out", str(out)]) == entry.DONE
    assert run(["explain", "--run", str(out), "c1", "c2"]) == entry.DONE
    assert run(["dedupe", str(path), "--out", str(out)]) == entry.WRONG
    assert "has several sheets ('Sheet1', 'Sheet2'); name the one that is meant behind a '#'" in capsys.readouterr().err
    assert run(["dedupe", f"{path.parent}/none.xlsx#Sheet1", "--out", str(out)]) == entry.WRONG
    assert "none.xlsx" in capsys.readouterr().err


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    lines = ((), ("Customers of the shop",), (), ("id", "name"), ("c1", "Ada"), (), ("c2", "Bo"), ("c1", "Cy"))
    path = written(tmp_path, workbook(rows(*lines)))
    with pytest.raises(TableError, match="an earlier row has the same id as row 8;"):
        tables.ids(tables.read(path), "id")
    other = tables.read(written(tmp_path, workbook(rows(*lines[:4], (None, "A"), (), (None, "B"))), "other.xlsx"))
    with pytest.raises(TableError, match="has no id in rows 5, 7;"):
        tables.ids(other, "id")
    table = tables.read(path)
    assert table["name"].to_pylist() == ["Ada", "Bo", "Cy"]
    assert tables.notes_of(table) == ("the names of the columns are taken from row 4; what stands above is left out",)
    assert tables.row_numbers(table.slice(1))(0) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            workbook(PEOPLE, PEOPLE),
            r"has several sheets \('Sheet1', 'Sheet2'\); name the one that is meant behind a '#'",
        ),
        (workbook(""), "is empty; it needs at least a row with the names"),
        (workbook(rows(("id", "id"), ("1", "2"))), "the header repeats 'id'"),
        (
            workbook(rows(("id", "name"), ("c1", "Ada", "x"))),
            "row 2: a value in column 3, which has no name",
        ),
        (workbook(rows(("ada@example.com", "x"))), "the first line looks like data"),
        (workbook(PEOPLE)[:-30], "is a damaged workbook"),
        (packed({"xl/workbook.xml": b"<workbook/>"}), "is a damaged workbook"),
        (packed({"a.xml": b"<a><b></a>"}), "is a damaged workbook"),
        (packed({"a.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "declares a document type"),
        (packed({"a.dat": "\ufeff<a/>".encode("utf-16-le")}), "is not UTF-8"),
        (packed({f"{place}": b"" for place in range(10_001)}), "has more than 10,000 parts"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=said) as caught:
        tables.read(written(tmp_path, data))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        workbook("<row>" + "<c/>" * 140_000 + "</row>"),
        workbook(PEOPLE, styles="<xf/>" * 270_000),
        workbook("<row>" * 101 + "</row>" * 101),
    ],
    ids=["cells", "styles", "depth"],
)
def test_tags_that_are_short_as_text_and_large_as_objects_are_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="has more cells or formats than any table of people"):
        tables.read(written(tmp_path, data))


def test_a_text_that_many_cells_share_is_counted_as_often_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialmerge.tables.workbooks._MOST_CHARACTERS", 1 << 20)
    cells = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 50))
    with pytest.raises(TableError, match="larger than a table of people"):
        tables.read(written(tmp_path, workbook(cells, shared=f"<si><t>{'x' * 32_000}</t></si>")))


def test_two_cells_far_apart_take_no_more_than_two_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialmerge.tables.workbooks._MOST_ROWS", 1 << 10)
    far = "<row r='1'><c r='A1' t='str'><v>a</v></c></row><row r='99999999'><c r='ZZZ9' t='str'><v>b</v></c></row>"
    with pytest.raises(TableError, match="larger than a table of people"):
        tables.read(written(tmp_path, workbook(far)))


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialmerge.tables.unpacking.LARGEST", 1 << 20)
    with pytest.raises(TableError, match="holds more than 1 MB when unpacked"):
        tables.read(written(tmp_path, packed({"a.bin": b"x" * (1 << 21)})))


def test_a_workbook_that_unpacks_to_what_no_sheet_does_is_refused_early(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="holds more than 8 MB when unpacked"):
        tables.read(written(tmp_path, packed({"a.bin": b"x" * (1 << 24)})))


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r'people\.xlsx is a workbook.*pip install "socialmerge\[xlsx\]"'):
        tables.read(written(tmp_path, workbook(PEOPLE)))


def test_a_pilot_and_the_customers_may_be_workbooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    customers = written(tmp_path, workbook(PEOPLE), "customers.xlsx")
    profiles = [{"profile_id": "p1", "channel": "github", "handle": "adal", "display_name": "Ada Lovell"}]
    sheet = workbook(rows(("Customer", "Account", "Same?"), ("c1", "https://github.com/adal", "yes")))
    found = import_pilot(written(tmp_path, sheet, "pilot.xlsx"), profiles=profiles, to=customers)
    assert found.labels.select(["left_id", "right_id", "verdict"]).to_pylist() == [
        {"left_id": "p1", "right_id": "c1", "verdict": "same"}
    ]
    assert run(["dedupe", str(customers), "--out", str(tmp_path / "out")]) == entry.DONE
    assert "rows" in capsys.readouterr().out
