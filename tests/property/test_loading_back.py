"""The law of loading back: applied to the customers as they were, the files give what the golden records say."""

import csv
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from tests.property.test_merging import SCHEMA, Rows, cases, edicts_of, merge, policies

from socialmerge import tables
from socialmerge.merging import Edicts, Golden, Policy, changes, merges
from socialmerge.tables.guarding import guarded

Row = dict[str, Any]
Cells = dict[str, dict[str, str | None]]
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
_JOINT = {"tags": ";"}
_ONE_EACH = ("name", "email", "phone", "street", "city", "updated_at", "score")
_MAY_STAY = ("email", "street", "city")  # of HubSpot, where another row has the address, or a part would be emptied


def table_of(case: Rows) -> pa.Table:
    return pa.Table.from_pylist(case[0], schema=pa.schema([(column.name, pa.string()) for column in SCHEMA.columns]))


def loaded(table: pa.Table) -> list[dict[str, str]]:
    """The rows of a file that the command writes, as the program of a CRM reads them: no cell of it is a formula."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changes.csv"
        tables.write(table, path)
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(_FORMULAS) or all(one in "0123456789+-.,() eE" for one in cell)
    return [{name: _bare(cell) for name, cell in row.items()} for row in rows]


def _bare(cell: str) -> str:
    """Without the mark that keeps a spreadsheet from running it."""
    plain = cell.removeprefix("'")
    return plain if guarded(pa.array([plain]))[0].as_py() == cell else cell


def blank(value: object) -> str | None:
    """A cell as text; what holds nothing is None."""
    return str(value).strip() or None if value is not None else None


def wanted(case: Rows, golden: Golden) -> Cells:
    """What the row of each survivor is to say: the golden record's values, a list in one cell."""
    ids = {row["id"] for row in case[0]}
    found: Cells = {}
    for record in golden.records.to_pylist():
        members = record["id"] or []
        if members:
            survivor = record["entity_id"] if record["entity_id"] in members else min(members)
            assert survivor in ids
            found[survivor] = {
                name: _JOINT.get(name, ";").join(value) if isinstance(value, list) else value
                for name, value in record.items()
                if name in case[0][0] and name != "id"
            }
    return found


def listed(golden: Golden) -> dict[tuple[str, str], list[str]]:
    """The values of records that are lists, where a cell of a CRM holds one; by the row that is told of it."""
    found = {}
    for record in golden.records.to_pylist():
        members = record["id"] or [""]
        survivor = record["entity_id"] if record["entity_id"] in members else min(members)
        for name in _ONE_EACH:
            if isinstance(record.get(name), list):
                found[survivor, name] = record[name]
    return found


def says(cell: str | None, value: str | None) -> bool:
    """Whether a cell says a golden value: spaces around it, and the order of a list, are no difference.

    Nor are the capitals of an e-mail address.
    """
    return _plain(cell or "") == _plain(value or "")


def _plain(cell: str) -> set[str]:
    return {one.strip().lower() if "@" in one else one.strip() for one in cell.split(";")}


@settings(max_examples=20, deadline=None)  # each is written, read and run in four ways
@given(cases(), policies, edicts_of())
def test_files_that_are_loaded_back_say_what_the_golden_records_say(case: Rows, policy: Policy, edicts: Edicts) -> None:
    golden = merge(case, policy, edicts)
    customers, cells = table_of(case), wanted(case, golden)
    start = {row["id"]: {name: blank(value) for name, value in row.items() if name != "id"} for row in case[0]}
    own = {name: start[name] for name in cells}
    _generic(loaded(changes(golden, customers, SCHEMA)), own, cells)
    several = listed(golden)
    _wide(loaded(changes(golden, customers, SCHEMA, style="salesforce")), "Id", own, cells, several)
    _wide(loaded(changes(golden, customers, SCHEMA, style="hubspot")), "Record ID", own, cells, several)
    if "\\x00" not in str(case):  # which no literal of SQL can hold
        _sql(changes(golden, customers, SCHEMA, style="sql")["statement"].to_pylist(), case[0], cells)
    lost = [row["losing_id"] for row in loaded(merges(golden, customers, SCHEMA))]
    assert sorted([*lost, *cells]) == sorted(row["id"] for row in case[0])


def _generic(rows: list[dict[str, str]], own: Cells, cells: Cells) -> None:
    after = {name: dict(row) for name, row in own.items()}
    for row in rows:
        assert (own[row["customer_id"]][row["field"]] or "") == row["before"]
        assert row["rule"]
        after[row["customer_id"]][row["field"]] = row["after"] or None
    _same(after, cells)


def _wide(
    rows: list[dict[str, str]], key: str, own: Cells, cells: Cells, several: dict[tuple[str, str], list[str]]
) -> None:
    after = {name: dict(row) for name, row in own.items()}
    for row in rows:
        for name, cell in row.items():
            if name != key and cell:
                after[row[key]][name] = None if cell == "#N/A" else cell
    is_hubspot = key == "Record ID"
    for name, row in cells.items():
        for field, value in row.items():
            cell = after[name][field]
            stays = is_hubspot and field in _MAY_STAY and cell == own[name][field]
            if not stays and not (is_hubspot and value is None):  # an import of HubSpot empties nothing
                assert any(says(cell, one) for one in several.get((name, field), [value]))


def _same(after: Cells, cells: Cells) -> None:
    for name, row in cells.items():
        for field, value in row.items():
            assert says(after[name][field], value)


def _sql(lines: list[str], rows: list[Row], cells: Cells) -> None:
    names = list(rows[0])
    left = {line.partition(":")[2].partition(",")[0].strip() for line in lines if line.startswith("--")}
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute(f"CREATE TABLE customers ({', '.join(f'{name} TEXT' for name in names)})")
        for row in rows:
            database.execute(
                f"INSERT INTO customers VALUES ({', '.join('?' * len(names))})", [row[name] for name in names]
            )
        database.executescript("\n".join(lines))
        found = database.execute("SELECT * FROM customers").fetchall()
    assert len(found) == len(rows)
    after = {row[0]: dict(zip(names, row, strict=True)) for row in found}
    kept = {
        name: {field: value for field, value in row.items() if f"{field} of {name}" not in left}
        for name, row in cells.items()
    }
    _same(after, kept)
