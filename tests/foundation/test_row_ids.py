"""Any table can be audited: one without ids, and one whose ids do not tell its rows apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.api.auditing import look
from socialmerge.cli import entry, run

Printed = pytest.CaptureFixture[str]
NOW = dt.date(2026, 6, 30)
NAMES = ("Ada King", "Bea Cole", "Cleo Dunn", "Dora Ess")
PEOPLE = [f"{name},{name.split()[0].lower()}@example.com" for name in NAMES]


def _file(path: Path, names: str, rows: list[str]) -> Path:
    path.write_text("\n".join([names, *rows, ""]), encoding="utf-8")
    return path


def test_rows_without_ids_are_called_by_their_row_numbers(tmp_path: Path) -> None:
    path = _file(tmp_path / "c.csv", "name,email", [*PEOPLE, "", PEOPLE[1]])
    found = sm.audit(path, now=NOW, costs=False)
    assert found.rows == 5
    assert found.expected_duplicates == pytest.approx(1, abs=0.1)
    assert found.worst["ids"].to_pylist() == [["row 3", "row 7"]]
    assert any("called by their row numbers ('row 2')" in note for note in found.notes)
    assert (found.readiness, found.reasons[0]) == (
        "not ready",
        "'attach' needs an id of its own in every row: no column tells the rows apart",
    )
    assert "such as row 3, row 7\n" in str(found)


def test_repeated_and_missing_ids_are_findings_and_not_errors(tmp_path: Path) -> None:
    rows = [f"{number},{row}" for number, row in zip(("1", "1", "", "4"), PEOPLE, strict=True)]
    found = look(_file(tmp_path / "c.csv", "Customer ID,name,email", rows), now=NOW)
    said = {one.code: (one.area, one.field, one.rows, one.examples) for one in found.findings}
    assert said == {
        "repeated_id": ("uniqueness", "Customer ID", 2, ("row 2", "row 3")),
        "missing_id": ("validity", "Customer ID", 1, ("row 4",)),
    }
    assert found.reasons == (
        "'attach' needs an id of its own in every row: 1 row has none, 2 rows have that of another row",
    )


def test_ids_of_something_else_are_no_ids_of_rows() -> None:
    table = pa.table({"company_id": ["7", "7", "7", "7"], "name": list(NAMES)})
    found = look(table, now=NOW)
    assert not {"repeated_id", "missing_id"} & {one.code for one in found.findings}
    assert "no column tells the rows apart" in found.reasons[0]


def test_addresses_that_were_told_to_be_ids_stay_addresses() -> None:
    table = pa.table({"name": [*NAMES, "Ada King"], "email": [*(f"{n}@example.com" for n in "abcd"), "a@example.com"]})
    found = look(table, id="email", now=NOW)
    assert [(one.code, one.rows) for one in found.findings if one.code == "repeated_id"] == [("repeated_id", 2)]
    assert {row["column"]: row["valid"] for row in found.fields.to_pylist()}["email"] == 5
    with pytest.raises(sm.SchemaError, match="no column 'mail'"):
        look(table, id="mail", now=NOW)


def test_a_column_of_the_numbers_name_is_left_alone() -> None:
    found = look(pa.table({"row number": ["7", "7"], "name": ["Ada King", "test"]}), now=NOW)
    assert {one.examples for one in found.findings if one.code == "test_rows"} == {("row 2",)}


def test_the_command_audits_what_attach_and_dedupe_refuse(tmp_path: Path, capsys: Printed) -> None:
    customers = _file(tmp_path / "c.csv", "name,email", PEOPLE)
    profiles = _file(tmp_path / "p.csv", "profile_id,channel,handle", ["p1,x,adak"])
    assert run(["audit", str(customers), "--quick"]) == entry.DONE
    assert "or pass --id with another" in capsys.readouterr().out
    for command in (["dedupe"], ["attach", str(profiles), "--require-foundation", "--to"]):
        assert run([*command, str(customers), "--out", str(tmp_path / "out")]) == entry.WRONG
        assert "no id column found" in capsys.readouterr().err
