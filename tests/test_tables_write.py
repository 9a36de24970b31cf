"""Tables go out whole or not at all, and a spreadsheet that opens them runs nothing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.tables.guarding import guarded

TABLE = pa.table(
    {
        "id": ["1", "2"],
        "name": ['Ada "the first"', None],
        "tags": [["a", "b"], []],
        "n": [1.0, 2.5],
        "note": ["two\nlines", " spaced "],
    }
)


def test_csv_is_read_back_as_text(tmp_path: Path) -> None:
    tables.write(TABLE, tmp_path / "a.csv")
    assert tables.read(tmp_path / "a.csv").to_pylist() == [
        {"id": "1", "name": 'Ada "the first"', "tags": "a ::: b", "n": "1", "note": "two\nlines"},
        {"id": "2", "name": None, "tags": None, "n": "2.5", "note": " spaced "},
    ]


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl"])
def test_parquet_and_json_lines_keep_their_types(tmp_path: Path, name: str) -> None:
    tables.write(TABLE, tmp_path / name)
    assert tables.read(tmp_path / name).to_pylist() == TABLE.to_pylist()


def test_json_lines_render_what_json_does_not_have(tmp_path: Path) -> None:
    table = pa.table({"at": pa.array([0], pa.timestamp("us", tz="UTC")), "x": [float("nan")]})
    tables.write(table, tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text() == '{"at": "1970-01-01T00:00:00Z", "x": null}\n'


def test_string_views_and_no_rows_can_be_written(tmp_path: Path) -> None:
    view = pa.table({"id": pa.array(["1"], pa.string_view())})
    for name in ("a.csv", "a.parquet", "a.jsonl"):
        tables.write(view, tmp_path / name)
        assert tables.read(tmp_path / name).to_pylist() == [{"id": "1"}]
    tables.write(TABLE.slice(0, 0), tmp_path / "none.csv")
    assert tables.read(tmp_path / "none.csv").num_rows == 0


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "-", "+", "-A1"]
)
def test_no_cell_starts_a_formula(tmp_path: Path, cell: str) -> None:
    assert tables.safe_cell(cell) == "'" + cell
    tables.write(pa.table({cell: [cell], "b": ["x"]}), tmp_path / "a.csv")
    read = tables.read(tmp_path / "a.csv")
    assert read.column(0).to_pylist() == ["'" + cell]
    assert read.column_names[0].startswith("'")


@pytest.mark.parametrize(
    "cell", ["-5", "+5.3", "-1,234.50", "+1 555 0100", "+1 (555) 010-0000", "-1e-7", "a=b", "", "'x"]
)
def test_numbers_and_telephone_numbers_stay_as_they_are(cell: str) -> None:
    assert tables.safe_cell(cell) == cell


def test_spreadsheet_safety_can_be_turned_off(tmp_path: Path) -> None:
    tables.write(pa.table({"handle": ["@ada"], "b": ["x"]}), tmp_path / "a.csv", spreadsheet_safe=False)
    assert tables.read(tmp_path / "a.csv")["handle"].to_pylist() == ["@ada"]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("\t\r\n")), min_size=1)
)
def test_any_text_survives_csv_but_for_the_apostrophe(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    tables.write(pa.table({"a": cells, "b": ["x"] * len(cells)}), path)
    assert tables.read(path)["a"].to_pylist() == [tables.safe_cell(cell) or None for cell in cells]


@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\n＝1 a("), min_size=1) | st.none()))
def test_what_was_guarded_against_spreadsheets_reads_back_as_it_was(cells: list[str | None]) -> None:
    texts = pa.array(cells, pa.string())
    safe = guarded(texts)
    assert tables.unguarded(safe).equals(texts)
    assert [one for one in safe.to_pylist() if one and one[0] in "=@\t\r\n＝"] == []


def test_a_single_column_keeps_its_empty_rows(tmp_path: Path) -> None:
    tables.write(pa.table({"a": ["x", None, "y"]}), tmp_path / "a.csv")
    assert tables.read(tmp_path / "a.csv")["a"].to_pylist() == ["x", None, "y"]


def test_another_suffix_and_a_missing_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot write \.xlsx; use \.csv, \.parquet or \.jsonl"):
        tables.write(TABLE, tmp_path / "a.xlsx")
    with pytest.raises(TableError, match="cannot be written"):
        tables.write(TABLE, tmp_path / "none" / "a.csv")


def test_a_folder_that_cannot_be_made_is_named_and_not_its_temporary_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / "out"
    with (
        pytest.raises(OSError, match=r"cannot be made .*; name a folder whose parent") as raised,
        tables.folder(target),
    ):
        pass
    assert raised.value.filename == str(target)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_text("old")
    broken = pa.table({"a": [pa.MonthDayNano([1, 2, 3])]})
    with pytest.raises(pa.ArrowException):
        tables.write(broken, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_whole(tmp_path: Path) -> None:
    tables.write_text("a\nb\n", tmp_path / "plan.toml")
    assert (tmp_path / "plan.toml").read_bytes() == b"a\nb\n"


def test_an_output_folder_appears_whole(tmp_path: Path) -> None:
    with tables.folder(tmp_path / "deep" / "out") as out:
        tables.write(TABLE, out / "a.csv")
        assert not (tmp_path / "deep" / "out").exists()
    assert (tmp_path / "deep" / "out" / "a.csv").exists()
    assert len(list((tmp_path / "deep").iterdir())) == 1


def test_an_output_folder_of_ours_is_replaced(tmp_path: Path) -> None:
    for name in ("old.csv", "new.csv"):
        with tables.folder(tmp_path / "out") as out:
            tables.write(TABLE, out / name)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [".socialmerge.json", "new.csv"]
    assert len(list(tmp_path.iterdir())) == 1


def test_an_output_folder_with_strangers_in_it_is_left_alone(tmp_path: Path) -> None:
    with tables.folder(tmp_path / "out") as out:
        tables.write(TABLE, out / "a.csv")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(TableError, match=r"did not write there \(notes.txt\)"), tables.folder(tmp_path / "out"):
        pytest.fail("the block must not run")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_an_empty_folder_may_become_the_output_and_a_file_may_not(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with tables.folder(tmp_path / "out") as out:
        tables.write(TABLE, out / "a.csv")
    assert (tmp_path / "out" / "a.csv").exists()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TableError, match="is a file"), tables.folder(tmp_path / "file"):
        pytest.fail("the block must not run")


def test_a_failed_run_leaves_the_old_folder(tmp_path: Path) -> None:
    with tables.folder(tmp_path / "out") as out:
        tables.write(TABLE, out / "a.csv")
    with pytest.raises(TableError), tables.folder(tmp_path / "out") as out:
        tables.write(TABLE, out / "none" / "b.csv")
    assert (tmp_path / "out" / "a.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
