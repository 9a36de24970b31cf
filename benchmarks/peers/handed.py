"""The tables of a set as peers are handed them: read from the files, columns named by role, cells cleaned.

Every peer's manual asks for clean text, so each gets the same: lower case, single blanks, dates as year-month-day,
telephone numbers as their last ten digits, accounts without their address and their @. A profile of an attach set is
read as a row, since peers match rows: what it links to are columns by channel, and where one table has names and the
other handles alone, the names without blanks are what handles are compared with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from benchmarks.peers.columns import CHANNELS, Role, canonical_names
from benchmarks.sets import DataSet

__all__ = ["Handed", "hand_over", "role_from", "rows_of"]

_LEAST_FILLED, _MOST_NAMED = 0.05, 6
_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?P<host>\w+)\.\w+/")
_OTHER_HOSTS = {"x": "twitter"}


@dataclass(frozen=True, slots=True)
class Handed:
    """The rows of a set: a column ``id`` and those that every table has, by role; ``right`` is ``None`` to dedupe."""

    left: pa.Table
    right: pa.Table | None
    columns: tuple[str, ...]
    left_out: tuple[str, ...]  # columns of the files that no role is known for, that one table lacks, or mostly empty

    @property
    def tables(self) -> tuple[pa.Table, ...]:
        """The tables that there are."""
        return (self.left,) if self.right is None else (self.left, self.right)

    @property
    def most_rows(self) -> int:
        """How many rows the larger table has."""
        return int(max(table.num_rows for table in self.tables))

    @property
    def note(self) -> str:
        """Which columns were left out, the first few by name."""
        names, more = self.left_out[:_MOST_NAMED], len(self.left_out) - _MOST_NAMED
        return f"columns left out: {', '.join(names)}{f' and {more} more' if more > 0 else ''}" if names else ""

    def of(self, *roles: Role) -> list[str]:
        """The columns of some roles, in the order of the roles."""
        return [column for role in roles for column in self.columns if role_from(column) is role]


def role_from(column: str) -> Role:
    """The role of a column that is named by role: that of ``category_2`` is a category."""
    return Role(column.split("_", maxsplit=1)[0])


def hand_over(one: DataSet) -> Handed:
    """Read a set, name its columns by role and clean its cells."""
    tables = [rows_of(path) for path in (one.left, one.right) if path]
    named = _alike([_by_role(table) for table in tables])
    shared = [
        column
        for column in named[0].column_names
        if all(column in table.column_names and _is_filled(table[column]) for table in named)
    ]
    before = {column: name for table in tables for column, name in canonical_names(table.column_names[1:]).items()}
    left_out = [
        column for table in tables for column in table.column_names[1:] if before.get(column, column) not in shared
    ]
    cleaned = [_cleaned(table.select(shared)) for table in named]
    return Handed(cleaned[0], cleaned[1] if one.right else None, tuple(shared[1:]), tuple(dict.fromkeys(left_out)))


def _is_filled(cells: pa.ChunkedArray) -> bool:
    """Whether a column has values enough to say something: one row in twenty."""
    return bool(len(cells) - cells.null_count >= len(cells) * _LEAST_FILLED)


def rows_of(path: Path) -> pa.Table:
    """A file's rows as text, empty cells missing, the first column named ``id``."""
    if path.suffix == ".jsonl":
        table = _profiles(path)
    elif path.suffix == ".parquet":
        table = pq.read_table(path)
    else:
        names = pyarrow.csv.open_csv(path).schema.names
        convert = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        )
        parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
        table = pyarrow.csv.read_csv(path, parse_options=parse, convert_options=convert)
    table = table.rename_columns(["id", *table.column_names[1:]])
    return pa.table({name: table[name].cast(pa.string()) for name in table.column_names})


def _profiles(path: Path) -> pa.Table:
    """Profiles as rows: of a list the first element, and a column a channel for the accounts of each profile."""
    found = [_with_accounts(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]
    columns = dict.fromkeys(key for profile in found for key in profile)
    order = ["profile_id", *(column for column in columns if column != "profile_id")]
    return pa.table({column: pa.array([_first(profile.get(column)) for profile in found]) for column in order})


def _with_accounts(profile: dict[str, Any]) -> dict[str, Any]:
    links = profile.get("links")
    text = [link for link in links if isinstance(link, str)] if isinstance(links, list) else []
    found = [(match["host"], link) for link in text if (match := _LINK.match(link.lower()))]
    accounts = {_OTHER_HOSTS.get(host, host): link for host, link in reversed(found)}
    own = {str(profile.get("channel", "")).lower(): profile.get("handle")}
    known = {name: account for name, account in (accounts | own).items() if name in CHANNELS}
    return {name: value for name, value in profile.items() if name != "links"} | known


def _first(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value else None


def _by_role(table: pa.Table) -> pa.Table:
    names = canonical_names(table.column_names[1:])
    return table.select(["id", *names]).rename_columns(["id", *names.values()])


def _alike(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """Tables that hold names or places differently, with what can be made of one for the other."""
    everywhere = [set(table.column_names) for table in tables]
    wanted = set().union(*everywhere)
    return [_with_parts(table, wanted) for table in tables]


def _with_parts(table: pa.Table, wanted: set[str]) -> pa.Table:
    has = set(table.column_names)
    if "name" in has and {"given", "family"} <= wanted and not {"given", "family"} & has:
        text = pc.utf8_trim_whitespace(table["name"])
        parts = pc.extract_regex(text, r"^(?P<given>\S+)(?:.*\s(?P<family>\S+))?$")
        for part in ("given", "family"):
            table = table.append_column(part, pc.struct_field(parts, part))
    if "name" in wanted and "name" not in has and {"given", "family"} <= has:
        table = table.append_column("name", pc.binary_join_element_wise(table["given"], table["family"], " "))
    if "handle" in wanted and "handle" not in has and {"given", "family"} <= has:
        text = pc.binary_join_element_wise(table["given"], table["family"], "")
        table = table.append_column("handle", pc.replace_substring_regex(text, r"[^\pL\pN]+", ""))
    if "state" in wanted and "state" not in has and "city" in has and "city_2" not in has:
        table = table.append_column("state", table["city"])
    return table


def _cleaned(table: pa.Table) -> pa.Table:
    return pa.table({name: table[name] if name == "id" else _clean(table[name], name) for name in table.column_names})


def _clean(cells: pa.ChunkedArray, column: str) -> pa.ChunkedArray:
    text = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(cells), r"\s+", " "))
    for pattern, to in _patterns(role_from(column)):
        text = pc.replace_substring_regex(text, pattern, to)
    return pc.if_else(pc.equal(text, ""), None, text)


def _patterns(role: Role) -> Iterable[tuple[str, str]]:
    if role is Role.DATE:
        return (
            (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
            (r"^(\d{1,2})/(\d{1,2})/(\d{4})$", r"\3-\1-\2"),
            (r"^(\d{1,2})/(\d{1,2})/(\d{2})$", r"19\3-\1-\2"),
            (r"-(\d)-", r"-0\1-"),
            (r"-(\d)$", r"-0\1"),
        )
    if role is Role.PHONE:
        return ((r"\D", ""), (r"^.*(.{10})$", r"\1"))
    if role is Role.HANDLE:
        return ((r"/+$", ""), (r"^.*/", ""), (r"^@", ""))
    return ()
