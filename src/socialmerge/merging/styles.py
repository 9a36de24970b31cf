"""Changes and merges as other systems take them: files for Salesforce and HubSpot, a script for a database.

The script is plain ANSI SQL, one statement a cell, in one transaction. Each update says which value it replaces, so
that it does nothing where somebody has changed the cell since, and nothing when the script is run again. A script can
be read before it is run, and needs no driver, no staging table and no rights but those to update; a file of values
would need all three, and a cell that is made safe for spreadsheets is no longer the value. It has been run on SQLite,
PostgreSQL and DuckDB as they are set by default. Where names in double quotes are texts (MySQL without ANSI_QUOTES, SQL
Server with QUOTED_IDENTIFIER off) its first statement is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import TableError
from socialmerge.merging.arrays import whole

__all__ = ["STYLES", "merge_list", "statements", "wide"]

STYLES = ("generic", "salesforce", "hubspot", "sql")
_EMPTIED = {"salesforce": "#N/A", "hubspot": None}

# A client that reads a script by lines may take such a line of a value for a command, or for the end of a statement;
# and a database that takes a backslash for an escape (MySQL) would read a quote after it as part of the text.
_COMMAND = re.compile(r"(?im)[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*(go\b|[/\\.!@:#-])|;\s*[\r\n]|\\")

_MAY_BE_READ = "has a backslash, or a line that a client could read as a command"


def wide(changed: pa.Table, order: list[str], style: str, id_heading: str) -> pa.Table:
    """Turn changed cells into a row for each customer; new people come last, without an id."""
    if _EMPTIED[style] is None:
        changed = changed.filter(pc.is_valid(changed["after"]))
    keys = changed.group_by(["action", "customer_id"], use_threads=False).aggregate([])
    ids = whole(keys["customer_id"])
    known = pc.equal(keys["action"], "update")
    columns = {id_heading: pc.if_else(known, ids, pa.scalar(None, pa.string()))}
    after = pc.fill_null(changed["after"], _EMPTIED[style] or "")
    for name in order:
        mask = pc.equal(changed["field"], name)
        if pc.any(mask).as_py():
            places = pc.index_in(ids, whole(changed["customer_id"].filter(mask)))
            columns[name] = whole(after.filter(mask)).take(places)
    return pa.table(columns)


def merge_list(rows: pa.Table, style: str) -> pa.Table:
    """Shape a table of ``survivor_id`` and ``losing_id``, sorted by both."""
    if style == "hubspot":
        return rows.rename_columns(["primaryObjectId", "objectIdToMerge"])
    if style != "salesforce":
        return rows
    # One merge of Salesforce takes a master and two more, so the losing ids of a survivor go two by two.
    survivor, losing = whole(rows["survivor_id"]), whole(rows["losing_id"])
    run = pc.rank(survivor, tiebreaker="dense").to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.flatnonzero(np.diff(run, prepend=0))
    place = np.arange(len(run)) - np.repeat(first, np.diff(first, append=len(run)))
    lead = np.flatnonzero(place % 2 == 0)
    second = lead + 1
    has_second = (second < len(run)) & (place[np.minimum(second, max(len(run) - 1, 0))] % 2 == 1)
    return pa.table(
        {
            "MasterRecordId": survivor.take(pa.array(lead)),
            "MergeRecordId1": losing.take(pa.array(lead)),
            "MergeRecordId2": losing.take(pa.array(second, mask=~has_second)),
        }
    )


def statements(changed: pa.Table, id_column: str, table: str, types: Mapping[str, pa.DataType]) -> pa.Table:
    """Write the script that makes these changes, one statement a row of the column ``statement``.

    ``types`` are those of the customers' columns: a flag and a time are written as a database has them.
    """
    rows = [{**row, "type": types[row["field"]]} for row in changed.to_pylist()]
    updates = (row for row in rows if row["action"] == "update")
    lines = ["BEGIN TRANSACTION;", *(_update(row, id_column, table) for row in updates)]
    lines += [*_inserts([row for row in rows if row["action"] == "insert"], table), "COMMIT;"]
    return pa.table({"statement": pa.array(lines, pa.string())})


def _update(row: dict[str, Any], id_column: str, table: str) -> str:
    column, key = _name(row["field"]), f"{_name(id_column)} = {_literal(row['customer_id'])}"
    if _is_unsafe(row[name] for name in ("after", "before", "customer_id", "field")):
        return f"-- left out: {_comment(row['field'])} of {_comment(row['customer_id'])}, which {_MAY_BE_READ}"
    blank = f"({column} IS NULL OR TRIM(CAST({column} AS VARCHAR(4000))) = '')"
    before = list(dict.fromkeys(_typed(one, row["type"]) for one in _spellings(row["before"], row["type"])))
    was = f"{column} = {before[0]}" if len(before) == 1 else f"{column} IN ({', '.join(before)})"
    after = _typed(_spellings(row["after"], row["type"])[-1], row["type"])
    where = f"{key} AND {was if row['before'] is not None else blank}"
    return f"UPDATE {_table(table)} SET {column} = {after} WHERE {where};"  # noqa: S608 - every part is quoted


def _typed(value: str | None, kind: pa.DataType) -> str:
    """Give a literal; a flag is none that is quoted, for SQLite would keep its text."""
    is_flag = pa.types.is_boolean(kind) and value in ("true", "false")
    return str(value).upper() if is_flag else _literal(value)


def _spellings(value: str | None, kind: pa.DataType) -> list[str | None]:
    """How a time may stand in a database that keeps it as a text; the last is how SQL writes it."""
    if value is None or not pa.types.is_timestamp(kind):
        return [value]
    plain = value.replace("T", " ").replace("Z", "+00:00")
    return [value, plain, f"{value} 00:00:00"] if len(value) == len("2026-01-31") else [value, plain]


def _inserts(rows: list[dict[str, Any]], table: str) -> Iterator[str]:
    people: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        people.setdefault(row["customer_id"], []).append(row)
    for entity, cells in people.items():
        if _is_unsafe(cell[name] for cell in cells for name in ("after", "field")):
            yield f"-- left out: the new person {_comment(entity)}, which {_MAY_BE_READ}"
            continue
        names = [_name(cell["field"]) for cell in cells]
        values = [_typed(_spellings(cell["after"], cell["type"])[-1], cell["type"]) for cell in cells]
        same = " AND ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
        unless = f"WHERE NOT EXISTS (SELECT 1 FROM {_table(table)} WHERE {same})"  # noqa: S608 - every part is quoted
        yield f"INSERT INTO {_table(table)} ({', '.join(names)}) SELECT {', '.join(values)} {unless};"


def _is_unsafe(values: Iterable[str | None]) -> bool:
    return any(value is not None and _COMMAND.search(value) for value in values)


def _literal(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\0" in value:
        raise TableError("changes: a value holds a NUL character, which no SQL literal can; clean that cell first")
    return "'" + value.replace("'", "''") + "'"


def _name(name: str | None) -> str:
    quoted = (name or "").replace('"', '""')
    return f'"{quoted}"'


def _comment(text: str | None) -> str:
    """Give a text for a comment, which ends with its line."""
    return re.sub(r"[^\w.-]", "?", text or "")


def _table(table: str) -> str:
    """Quote the name of a table, which may stand after that of its schema, as in ``sales.customers``."""
    return ".".join(_name(part) for part in table.split("."))
