"""Which column tells the rows of a table apart."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import SchemaError
from socialmerge.records import Kind
from socialmerge.schema.wording import guess, tokens
from socialmerge.tables import clean_ids, ids, rises

__all__ = ["id_column", "is_id_name", "meant_as_id"]

_BEST = (
    "id",
    "customerid",
    "profileid",
    "contactid",
    "hsobjectid",
    "recordid",
    "personid",
    "clientid",
    "userid",
    "memberid",
    "leadid",
)
_LOOKS_LIKE_ID = r"^[A-Za-z]{0,8}[-_:]?[0-9][A-Za-z0-9_:\-]*$|^[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}$|^[A-Za-z0-9]{15,24}$"


def id_column(table: pa.Table, told: str | None = None, *, what: str = "table") -> str:
    """Return the name of the id column: as told, by its name, or the first column that looks like one.

    Raises :class:`~socialmerge.errors.SchemaError` when none is found or the told one is absent, and
    :class:`~socialmerge.errors.TableError` when the told one has gaps or repeats.

    >>> import pyarrow as pa
    >>> id_column(pa.table({"name": ["Ada", "Bea"], "Customer ID": ["1", "2"]}))
    'Customer ID'
    """
    if told is not None:
        ids(table, told, what=what)
        return told
    names: list[str] = table.column_names
    named = sorted(filter(is_id_name, names), key=_rank)
    for name in named:
        if _tells_apart(table[name]):
            return name
    if named and _rank(named[0]) < len(_BEST):
        # Named so plainly that taking another column would surprise: its gaps or repeats are the error.
        ids(table, named[0], what=what)
    for name in names:
        if table.num_rows and _tells_apart(table[name]) and _looks_like_id(table[name]):
            return name
    listed = ", ".join(map(repr, names[:20])) or "none at all"
    # id= is the customers'; what a plan says of the other table is left_id
    how = "call it profile_id" if what == "profiles" else "pass id= with its name"
    raise SchemaError(
        f"{what}: no id column found (a column with a different value in every row); {how}, or add one. "
        f"Columns: {listed}"
    )


def is_id_name(name: str) -> bool:
    """Whether a column is called an id, so that most of its values differ.

    >>> is_id_name("Customer ID"), is_id_name("name")
    (True, False)
    """
    return guess(name).kind is Kind.ID


def meant_as_id(table: pa.Table) -> str:
    """The column that is meant to tell rows apart and does not, ``""`` where there is none.

    One that is called so plainly (*Customer ID*), or one that is called an id at all and nine in ten of whose values
    differ: ids of something else, such as of the rows' companies, come again and again.

    >>> import pyarrow as pa
    >>> meant_as_id(pa.table({"company_id": ["7", "7", "7"], "Customer ID": ["1", "1", None]}))
    'Customer ID'
    """
    named: list[str] = sorted(filter(is_id_name, table.column_names), key=_rank)
    for name in named:
        if pa.types.is_nested(table[name].type):
            continue
        distinct = pc.count_distinct(clean_ids(table[name])).as_py()
        if _rank(name) < len(_BEST) or (table.num_rows and distinct >= _MOSTLY * table.num_rows):
            return name
    return ""


_MOSTLY = 0.9
"""Share of different values from which on a column that is called an id is the rows' own."""


def _rank(name: str) -> int:
    joined = "".join(tokens(name))
    return _BEST.index(joined) if joined in _BEST else len(_BEST)


def _tells_apart(column: pa.ChunkedArray) -> bool:
    if pa.types.is_nested(column.type):
        return False
    found = clean_ids(column)
    return not found.null_count and (rises(found) or pc.count_distinct(found).as_py() == len(found))


def _looks_like_id(column: pa.ChunkedArray) -> bool:
    text = clean_ids(column)
    if pc.all(pc.match_substring_regex(text, r"^(1[89]|20)\d{6}$|^\d{4}-\d\d-\d\d$|^\+?\d{10,12}$")).as_py():
        return False  # dates and telephone numbers that happen to differ
    return bool(pc.all(pc.match_substring_regex(text, _LOOKS_LIKE_ID)).as_py())
