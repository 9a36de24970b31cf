"""Tables in and out: CSV, XLSX, Parquet, JSON, JSON Lines, Arrow, and every data frame that speaks Arrow."""

from socialmerge.tables.documents import from_records, load_json, load_json_lines
from socialmerge.tables.encoding import counted, encoded
from socialmerge.tables.guarding import safe_cell, unguarded
from socialmerge.tables.identifiers import clean_ids, ids, rises
from socialmerge.tables.numbering import alike, all_row_numbers, noted, notes_of, row_numbers
from socialmerge.tables.placing import folder
from socialmerge.tables.reading import ArrowStream, Source, lasting, read
from socialmerge.tables.rendering import LIST_SEPARATOR, mended, strings
from socialmerge.tables.sheets import file_of
from socialmerge.tables.sparing import is_store, note_key, note_read
from socialmerge.tables.toml import load_toml
from socialmerge.tables.writing import write, write_text

__all__ = [
    "LIST_SEPARATOR",
    "ArrowStream",
    "Source",
    "alike",
    "all_row_numbers",
    "clean_ids",
    "counted",
    "encoded",
    "file_of",
    "folder",
    "from_records",
    "ids",
    "is_store",
    "lasting",
    "load_json",
    "load_json_lines",
    "load_toml",
    "mended",
    "note_key",
    "note_read",
    "noted",
    "notes_of",
    "read",
    "rises",
    "row_numbers",
    "safe_cell",
    "strings",
    "unguarded",
    "write",
    "write_text",
]
