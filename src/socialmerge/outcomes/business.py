"""Who buys, since when, and for how much: the customer table, read row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.outcomes.amounts import Decimal
from socialmerge.outcomes.days import NEVER, days_of, until
from socialmerge.outcomes.measures import Ints
from socialmerge.outcomes.money import Money, money_of
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.telling import check_customers
from socialmerge.outcomes.wording import find_roles
from socialmerge.schema.identity import id_column
from socialmerge.schema.stages import Stage, stage_of, stage_word

__all__ = ["Customers", "Reading", "read_customers"]

_MOSTLY = 0.5
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How tables are read: what the caller said of them, and the day that it is."""

    now: int
    columns: Mapping[str, str] = field(default_factory=dict)  # of the customers, by role
    order_columns: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    stages: Sequence[str] = ()
    currency: str = ""
    decimal: Decimal | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Customers:
    """The rows of the customer table; what it has no column for is None.

    ``stage`` is 1 for a customer, 0 for none, -1 where the cell says nothing; ``became`` a day or ``NEVER``.
    """

    ids: pa.Array
    stage: Ints | None
    became: Ints | None
    revenue: Money | None
    orders: Ints | None
    columns: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def read_customers(source: tables.Source, reading: Reading, *, money: bool = True) -> Customers:
    """Read a customer table; ``money`` says whether its revenue is wanted, which orders may bring instead.

    Raises:
        TableError: the table cannot be read, ids are missing or repeated, or its amounts cannot be summed.
        SchemaError: there is no id column, it is not clear which column is which, or the rows are orders.
    """
    table = tables.read(source, what="customers")
    doubts = [*(f"customers: {note}" for note in tables.notes_of(table)), *check_customers(table, reading.id)]
    own = id_column(table, reading.id or None, what="customers")
    ids = tables.ids(table, own, what="customers")
    others = [name for name in table.column_names if name != own]
    roles, notes = find_roles(others, "customers", reading.columns, what="customers")
    stage, roles, said = _stage(table, roles, reading)
    found = {role: column for role, column in roles.items() if money or role not in ("revenue", "currency")}
    became, later = _became(table, found.get("became"), reading)
    revenue = _money(table, found, "revenue", reading, "customers")
    orders = _counts(table, found.get("orders"))
    columns = tuple((f"customers.{role}", column) for role, column in sorted(found.items()))
    warnings = (*doubts, *(notes if money else ()), *said, *later, *(revenue.warnings if revenue else ()))
    return Customers(ids, stage, became, revenue, orders, (("customers.id", own), *columns), warnings)


def _stage(table: pa.Table, roles: dict[str, str], reading: Reading) -> tuple[Ints | None, dict[str, str], list[str]]:
    """What the stage says of each row; a column that only sounds like a stage has words of its own, and is none."""
    column = roles.get("stage")
    if column is None:
        return None, roles, []
    encoded = tables.strings(table[column]).dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    wanted = frozenset(map(stage_word, reading.stages))
    said = np.array([_buys(one, wanted) for one in texts] + [-1], np.int64)
    rows = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    filled = int((rows < len(texts)).sum())
    unknown = (said[rows] < 0) & (rows < len(texts))
    if "stage" not in reading.columns and not wanted and unknown.sum() > _MOSTLY * filled:
        return None, {role: name for role, name in roles.items() if role != "stage"}, []
    warnings = [_unknown_stages(encoded, said, int(unknown.sum()), column)] if unknown.any() else []
    if wanted and not (said == 1).any():
        raise TableError(f"customers: no row of column {column!r} has the stage that makes a customer; see its words")
    return np.where(unknown, 0, said[rows]), roles, warnings


def _buys(text: str, wanted: frozenset[str]) -> int:
    """Whether a stage is a customer's: 1, 0, or -1 where it is no word that is known."""
    if stage_word(text) in wanted:
        return 1
    stage = stage_of(text)
    return -1 if stage is None else int(not wanted and stage in (Stage.CUSTOMER, Stage.FORMER, Stage.YES))


def _unknown_stages(encoded: pa.DictionaryArray, said: Ints, count: int, column: str) -> str:
    """Name stages that are not understood, where enough rows share one that it is nobody's own value."""
    codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
    rows = np.bincount(codes, minlength=len(encoded.dictionary))
    texts = encoded.dictionary.to_pylist()
    shared = sorted(texts[at] for at in np.flatnonzero((said[:-1] < 0) & (rows >= _SHOWN)).tolist())[:_SHOWN]
    told = f" ({', '.join(map(repr, shared))})" if shared else ""
    return (
        f"customers: {some(count, 'row has', 'rows have')} a word in column {column!r} that is no stage known here"
        f"{told}, and so no customer: name the words that mean a customer with customer_stages="
    )


def _became(table: pa.Table, column: str | None, reading: Reading) -> tuple[Ints | None, list[str]]:
    if column is None:
        return None, []
    days, ahead = until(days_of(table[column], region=reading.region), reading.now)
    warnings = []
    if ahead.any():
        warnings.append(
            f"customers: column {column!r} has {some(ahead.sum(), 'date', 'dates')} in the future, taken as unknown"
        )
    filled = pc.is_valid(tables.strings(table[column])).to_numpy(zero_copy_only=False)
    vague = int((filled & (days == NEVER) & ~ahead).sum())
    if vague:
        cells = some(vague, "cell that is no whole date", "cells that are no whole dates")
        warnings.append(f"customers: column {column!r} has {cells}, taken as unknown")
    return days, warnings


def _money(table: pa.Table, roles: Mapping[str, str], role: str, reading: Reading, what: str) -> Money | None:
    if role not in roles:
        return None
    beside = roles.get("currency")
    return money_of(table, roles[role], beside, what=what, decimal=reading.decimal, currency=reading.currency)


def _counts(table: pa.Table, column: str | None) -> Ints | None:
    if column is None:
        return None
    texts = tables.strings(table[column])
    whole = pc.match_substring_regex(texts, r"^\s*[0-9]{1,9}\s*$")
    if pc.any(pc.invert(whole)).as_py():
        first = pc.index(whole.fill_null(True), pa.scalar(False)).as_py()  # noqa: FBT003 - Arrow's signature
        row = tables.row_numbers(table)(first)
        raise TableError(f"customers: column {column!r}, row {row} is no count of orders; mend the cell")
    counts = pc.utf8_trim_whitespace(texts).cast(pa.int64()).fill_null(0)
    return np.asarray(counts.to_numpy(zero_copy_only=False), np.int64)
