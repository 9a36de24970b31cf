"""Tables come in from files and from memory, or one clear error says why not."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pandas as pd  # noqa: TID251 - the real one, read by Arrow
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge import tables
from socialmerge.errors import TableError

ODS = b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"
ROWS = [{"id": "1", "name": "Ada Lovelace"}, {"id": "2", "name": None}]


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def error_of(source: object) -> str:
    with pytest.raises(TableError) as caught:
        tables.read(source)  # type: ignore[arg-type]  # some sources are wrong on purpose
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_common_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    path = put(tmp_path, "a.csv", f"id{delimiter}name\n1{delimiter}Ada Lovelace\n2{delimiter}\n")
    assert tables.read(path).to_pylist() == ROWS


def test_commas_inside_cells_do_not_mislead_the_delimiter(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", 'id;name\n1;"Lovelace, Ada, Countess"\n2;Hopper, Grace, Admiral\n')
    assert tables.read(path).column("name").to_pylist() == ["Lovelace, Ada, Countess", "Hopper, Grace, Admiral"]


def test_every_csv_column_is_text_and_an_empty_cell_is_null(tmp_path: Path) -> None:
    table = tables.read(put(tmp_path, "a.csv", 'id,zip,note\n1,01234,NA\n2,"",null\n'))
    assert table.schema.types == [pa.string()] * 3
    assert table.to_pylist() == [{"id": "1", "zip": "01234", "note": "NA"}, {"id": "2", "zip": None, "note": "null"}]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("cp1252", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_encodings_are_recognised(tmp_path: Path, encoding: str, mark: bytes) -> None:
    text = "id,name\n1,Zoë Müller – Paris\n"
    assert tables.read(put(tmp_path, "a.csv", mark + text.encode(encoding)))["name"].to_pylist() == [
        "Zoë Müller – Paris"
    ]


def test_latin_1_with_bytes_that_windows_does_not_have(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", b"id,name\n1,Zo\xeb\x81\n")
    assert tables.read(path)["name"].to_pylist() == ["Zoë\x81"]


def test_quoted_cells_hold_line_ends_quotes_and_delimiters(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", 'id,"full\nname"\r\n1,"Ada ""the first""\nLovelace, Countess"\r\n')
    assert tables.read(path).to_pylist() == [{"id": "1", "full\nname": 'Ada "the first"\nLovelace, Countess'}]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    table = tables.read(put(tmp_path, "a.csv", "id,name\n"))
    assert (table.num_rows, table.column_names) == (0, ["id", "name"])


def test_a_column_without_a_name_is_called_after_its_place(tmp_path: Path) -> None:
    assert tables.read(put(tmp_path, "a.csv", ",name\n1,Ada\n")).column_names == ["column_1", "name"]


def test_blank_rows_of_a_spreadsheet_are_left_out(tmp_path: Path) -> None:
    assert tables.read(put(tmp_path, "a.csv", "id,name\n1,\n,\n2,Ada\n,\n,\n")).to_pylist() == [
        {"id": "1", "name": None},
        {"id": "2", "name": "Ada"},
    ]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    assert tables.read(put(tmp_path, "a.csv", "email\nada@example.com\n"))["email"].to_pylist() == ["ada@example.com"]


def test_the_sep_line_of_excel_is_understood(tmp_path: Path) -> None:
    assert tables.read(put(tmp_path, "a.csv", "sep=;\r\nid;name\r\n1;Ada\r\n")).column_names == ["id", "name"]


def test_cells_longer_than_a_block_and_nul_characters_are_kept(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    table = tables.read(put(tmp_path, "a.csv", f"id,note\n1,{long}\n2,a\0b\n"))
    assert table["note"].to_pylist() == [long, "a\0b"]


def test_parquet_json_and_json_lines_keep_their_types(tmp_path: Path) -> None:
    rows = [{"id": 1, "tags": ["a", "b"], "place": {"city": "Paris"}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    put(tmp_path, "a.json", json.dumps(rows))
    put(tmp_path, "b.json", json.dumps({"next": None, "data": rows, "errors": []}))
    put(tmp_path, "a.jsonl", json.dumps(rows[0]) + "\n\n")
    for name in ("a.parquet", "a.json", "b.json", "a.jsonl"):
        assert tables.read(tmp_path / name).to_pylist() == rows, name


def test_json_of_rows_that_differ_has_every_key_as_a_column() -> None:
    table = tables.read([{"id": 1}, {"id": 2, "mail": "a@example.com"}])
    assert table.to_pylist() == [{"id": 1, "mail": None}, {"id": 2, "mail": "a@example.com"}]


def test_values_of_mixed_types_become_text() -> None:
    rows = [{"v": 1}, {"v": "b"}, {"v": True}, {"v": [1, 2]}, {"v": {"a": 1}}, {"v": None}, {"v": 2**70}, {"v": 3.0}]
    expected = ["1", "b", "true", "1 ::: 2", '{"a": 1}', None, str(2**70), "3"]
    assert tables.read(rows)["v"].to_pylist() == expected


def test_surrogates_split_by_json_are_paired_and_lone_ones_replaced(tmp_path: Path) -> None:
    path = put(tmp_path, "a.json", r'[{"v": "\ud83d\ude00"}, {"v": "lone \ud800"}]')
    assert tables.read(path)["v"].to_pylist() == ["😀", "lone \ufffd"]


def test_ids_over_53_bits_keep_every_digit(tmp_path: Path) -> None:
    table = tables.read(put(tmp_path, "a.json", '[{"id": 1234567890123456789}]'))
    assert tables.ids(table, "id").to_pylist() == ["1234567890123456789"]


def test_arrow_pandas_and_polars_are_read_by_arrow() -> None:
    table = pa.table({"id": ["1", "2"], "name": ["Ada Lovelace", None]})
    sources = [table, table.to_batches()[0], table.to_reader(), pd.DataFrame(ROWS), pl.DataFrame(ROWS)]
    for source in sources:
        read = tables.read(source)
        assert {name: tables.strings(read[name]).to_pylist() for name in read.column_names} == table.to_pydict()


def test_what_polars_exports_as_views_becomes_plain_strings() -> None:
    frame = pl.DataFrame({"id": ["1", "2"], "tags": [["a"], None], "at": [{"city": "Oslo"}, None], "raw": [b"1", None]})
    table = tables.read(frame.with_columns(kind=pl.Series(["x", None], dtype=pl.Categorical)))
    assert "view" not in str(table.schema)
    assert table.to_pylist() == [
        {"id": "1", "tags": ["a"], "at": {"city": "Oslo"}, "raw": b"1", "kind": "x"},
        {"id": "2", "tags": None, "at": None, "raw": None, "kind": None},
    ]


def test_a_pandas_frame_of_mixed_objects_becomes_text() -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "v": pd.Series(["a", 7, float("nan")], dtype=object)})
    assert tables.read(frame)["v"].to_pylist() == ["a", "7", None]


def test_a_frame_with_numbers_for_column_names_is_read() -> None:
    assert tables.read(pd.DataFrame([[1, "a"]])).column_names == ["0", "1"]


def test_anything_with_an_arrow_stream_is_read() -> None:
    class Relation:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.table({"id": [1]}).__arrow_c_stream__(requested_schema)

    assert tables.read(Relation()).to_pylist() == [{"id": 1}]


def test_no_rows_in_memory_is_a_table_without_columns() -> None:
    assert tables.read([]).num_rows == 0


# ------------------------------------------------------------------------------------------------- what goes wrong


def test_a_missing_file_a_folder_and_an_empty_file_are_said(tmp_path: Path) -> None:
    assert "no such file" in error_of(tmp_path / "none.csv")
    assert "is a folder" in error_of(tmp_path)
    assert "is empty" in error_of(put(tmp_path, "a.csv", ""))
    assert "is empty" in error_of(put(tmp_path, "b.csv", "\n \n"))


def test_ragged_rows_are_named_by_line_with_both_counts_and_no_value(tmp_path: Path) -> None:
    text = 'id,name\n1,"two\nlines"\n2,SECRET,x\n3\n' + "4,a,b\n" * 5
    message = error_of(put(tmp_path, "a.csv", text))
    assert "header has 2 columns" in message
    assert "line 4 has 3; line 5 has 1; line 6 has 3; and 4 more lines" in message
    assert "SECRET" not in message


def test_an_unclosed_quote_is_said_without_values(tmp_path: Path) -> None:
    message = error_of(put(tmp_path, "a.csv", 'id,name\n1,a\n2,"SECRET\n3,b\n4,c\n'))
    assert "a.csv, line 3: a quoted cell begins there and does not end" in message
    assert "SECRET" not in message


def test_repeated_column_names_are_listed(tmp_path: Path) -> None:
    assert "the header repeats 'mail'" in error_of(put(tmp_path, "a.csv", "id,mail,mail\n1,a,b\n"))
    assert "more than one column is called 'a'" in error_of(pa.table([[1], [2]], names=["a", "a"]))
    assert "'a'" in error_of(pd.DataFrame([[1, "x"]], columns=["a", "a"]))


def test_data_where_the_header_should_be_is_said(tmp_path: Path) -> None:
    message = error_of(put(tmp_path, "a.csv", "1,ada@example.com\n2,bea@example.com\n"))
    assert "first line looks like data" in message
    assert "ada" not in message


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"PAR1 and so on", "it is Parquet; rename it to a.parquet"),
        ("a.csv", b'[{"id": 1}]', "it is JSON; rename it to a.json"),
        ("a.csv", b'{"id": 1}\n{"id": 2}\n', "it is JSON Lines; rename it to a.jsonl"),
        ("a.csv", b"PK\x03\x04....", "zip archive, such as a workbook"),
        ("a.csv", b"\xd0\xcf\x11\xe0....", "old Excel workbook"),
        ("a.csv", b"\x1f\x8b....", "gzip-compressed"),
        ("a.csv", b"\n <!DOCTYPE html><html><body>Sign in</body></html>", "web page (HTML)"),
        ("a.csv", b"<?xml version='1.0'?><a/>", "is XML"),
        ("a.csv", bytes(range(256)) * 8, "binary, not text"),
        ("a.parquet", b"id,name\n1,Ada\n", "named like Parquet, but it is delimited text; rename it to a.csv"),
        ("a.jsonl", b"PK\x03\x04....", "zip archive"),
        (
            "a.ods",
            b"PK\x03\x04....",
            "a.ods is a zip archive, such as a workbook; open it in the program that",
        ),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0....",
            "choose 'File > Save As', and there 'Excel Workbook (.xlsx)' or 'CSV UTF-8'",
        ),
        ("a.ods", ODS, "a.ods is a spreadsheet of LibreOffice (.ods); open it in Excel or LibreOffice, choose 'File"),
        ("a.xlsx", b"PK\x03\x04....", "a.xlsx is a damaged workbook; save it again"),
    ],
)
def test_a_file_that_is_not_what_its_suffix_says_is_told_apart(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    assert said in error_of(put(tmp_path, name, content))


def test_a_file_of_another_suffix_is_read_by_its_content(tmp_path: Path) -> None:
    assert tables.read(put(tmp_path, "export", "id,name\n1,Ada\n")).num_rows == 1
    assert tables.read(put(tmp_path, "export.dat", '[{"id": 1}]')).num_rows == 1


def test_damaged_parquet_is_said(tmp_path: Path) -> None:
    assert "damaged Parquet" in error_of(put(tmp_path, "a.parquet", b"PAR1garbage"))


def test_json_errors_give_line_and_column(tmp_path: Path) -> None:
    message = error_of(put(tmp_path, "a.json", '[\n {"id": 1},\n {"id": SECRET}\n]'))
    assert "line 3, column 9: not JSON" in message
    assert "SECRET" not in message


def test_json_that_is_no_table_is_said(tmp_path: Path) -> None:
    assert "one object with no array" in error_of(put(tmp_path, "a.json", '{"id": 1}'))
    assert "item 2 of the array is a number" in error_of(put(tmp_path, "b.json", '[{"id": 1}, 2]'))
    assert "2 arrays of objects ('a', 'b')" in error_of(put(tmp_path, "c.json", '{"a": [{}], "b": [{}]}'))
    assert "nested too deep" in error_of(put(tmp_path, "d.json", "[" * 200_000))
    assert "thousands of digits" in error_of(put(tmp_path, "e.json", '[{"id": %s}]' % ("9" * 5000)))
    assert "line 2: a number of thousands" in error_of(put(tmp_path, "f.jsonl", '{"id": 1}\n{"id": %s}' % ("9" * 5000)))


def test_a_bad_line_of_json_lines_is_named(tmp_path: Path) -> None:
    assert "line 3, column 8: not JSON" in error_of(put(tmp_path, "a.jsonl", '{"id": 1}\n\n{"id": }\n'))
    assert "line 2: an array, not an object" in error_of(put(tmp_path, "b.jsonl", '{"id": 1}\n[1]\n'))


def test_utf8_with_damaged_bytes_is_not_read_as_another_encoding(tmp_path: Path) -> None:
    text = "id,name\n" + "1,Zoë\n" * 20
    message = error_of(put(tmp_path, "a.csv", text.encode() + b"2,Zo\xeb\n"))
    assert "line 22: bytes that are not UTF-8" in message


def test_what_is_no_table_is_said_with_what_can_be_read() -> None:
    for source in (7, b"id,name", {"id": [1]}):
        assert "cannot read a" in error_of(source)
    assert "item 1 is a number" in error_of([1])


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.parquet", "a"]))
def test_any_bytes_give_a_table_or_a_table_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = put(tmp_path_factory.mktemp("any"), name, data)
    try:
        table = tables.read(path)
    except TableError as error:
        assert str(path) in str(error)  # noqa: PT017
    else:
        for column in table.columns:
            assert tables.strings(column).type == pa.string()


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=6))
def test_any_text_that_csv_can_hold_is_read_or_refused(rows: list[list[str]]) -> None:
    text = "first,second\n" + "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    read = tables.delimited.parse(text.encode())
    rows = [row for row in rows if row != ["", ""]]
    assert read.to_pydict() == {
        "first": [row[0] or None for row in rows],
        "second": [row[1] or None for row in rows],
    }
