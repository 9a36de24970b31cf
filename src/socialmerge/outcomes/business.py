"""Who buys, since when, and for how much: the customer table and the table of orders, read row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import SchemaError, TableError
from socialmerge.outcomes.amounts import Decimal
from socialmerge.outcomes.days import NEVER, days_of, until
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.money import Money, money_of
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.telling import check_customers, check_orders, with_customer
from socialmerge.outcomes.wording import find_roles, lexicon
from socialmerge.schema.identity import id_column
from socialmerge.schema.stages import Stage, stage_of, stage_word

__all__ = ["Customers", "Orders", "Reading", "read_customers", "read_orders"]

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


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders that count, one entry each: whose, on which day (``NEVER``: not known), and the amount, None for none."""

    customer: pa.Array
    day: Ints
    money: Money | None
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


def read_orders(source: tables.Source, reading: Reading, *, known: Callable[[], pa.Array] | None = None) -> Orders:
    """Read a table of orders: each counts once, those that brought no money or lie in the future do not.

    ``known`` gives ids of customers: where no column is called as theirs, the one that holds them is taken.

    Raises:
        TableError: the table cannot be read, an order's id stands for two different rows, or amounts cannot be summed.
        SchemaError: there is no column with the customer's id, or the rows are customers.
    """
    table = tables.read(source, what="orders")
    roles, _ = find_roles(table.column_names, "orders_table", reading.order_columns, what="orders")
    doubts = [f"orders: {note}" for note in tables.notes_of(table)]
    doubts += check_orders(table, roles, reading.order_columns)
    if "customer" not in roles and "customer" not in reading.order_columns and known is not None:
        roles, said = with_customer(table, roles, known())
        doubts += said
    if "customer" not in roles:
        listed = ", ".join(map(repr, table.column_names[:20])) or "none"
        raise SchemaError(
            f"orders: no column with the customer's id is found; name it, as in "
            f"order_columns={{'customer': '...'}}. Columns: {listed}"
        )
    table, warnings = _once(table, roles)
    customer, shared = _first_customer(tables.clean_ids(table[roles["customer"]]))
    day, ahead = until(_order_days(table, roles.get("date"), reading), reading.now)
    out, said = _out(table, roles.get("status"))
    money = _money(table, roles, "amount", reading, "orders")
    if money is None:
        warnings.append(
            "orders: no column with an amount is found, so no revenue is counted; name it with order_columns="
        )
    counts = ~ahead & ~out
    if money is not None and reading.currency:
        counts &= money.known
    warnings += [*doubts, *said, *(money.warnings if money else ())]
    if ahead.any():
        warnings.append(f"orders: {some(ahead.sum(), 'is', 'are')} dated in the future, and left out")
    if shared:
        warnings.append(f"orders: {some(shared, 'names', 'name')} several customers, of whom the first alone counts")
    kept = pa.array(counts)
    money = money and Money(money.units[counts], money.known[counts], money.currency)
    columns = tuple((f"orders.{role}", column) for role, column in sorted(roles.items()))
    return Orders(customer.filter(kept), day[counts], money, columns, tuple(warnings))


def _order_days(table: pa.Table, column: str | None, reading: Reading) -> Ints:
    if column is None:
        return np.full(table.num_rows, NEVER)
    return days_of(table[column], region=reading.region)


def _once(table: pa.Table, roles: Mapping[str, str]) -> tuple[pa.Table, list[str]]:
    """Each order once: a row that repeats another in every cell goes, an id of two different rows is an error."""
    if "order" not in roles:
        return table, []
    own = tables.clean_ids(table[roles["order"]])
    codes = own.dictionary_encode().indices
    place = codes.fill_null(-1).to_numpy(zero_copy_only=False)
    if len(own) - own.null_count == pc.count_distinct(own).as_py():
        return table, []
    first = np.full(int(place.max()) + 1, len(place))
    np.minimum.at(first, place[place >= 0], np.flatnonzero(place >= 0))
    origin = np.where(place >= 0, first[place], np.arange(len(place)))
    again = np.flatnonzero(origin != np.arange(len(place)))
    for name in table.column_names:
        texts = tables.strings(table[name])
        one, other = texts.take(pa.array(again)), texts.take(pa.array(origin[again]))
        same = pc.or_(pc.equal(one, other).fill_null(False), pc.and_(pc.is_null(one), pc.is_null(other)))  # noqa: FBT003 - Arrow's signature
        if not pc.all(same).as_py():
            row = int(again[pc.index(same, pa.scalar(False)).as_py()])  # noqa: FBT003 - Arrow's signature
            number = tables.row_numbers(table)(row)
            raise TableError(
                f"orders: row {number} has the order id of an earlier row and differs in column {name!r}, so an order "
                "would count twice; give one row an order (not one an item), or name another id column (role 'order')"
            )
    kept = table.filter(pa.array(origin == np.arange(len(place))))
    return kept, [
        f"orders: {some(len(again), 'row repeats', 'rows repeat')} an order in every cell; each order counts once"
    ]


def _first_customer(ids: pa.Array) -> tuple[pa.Array, int]:
    """The first of several ids in a cell (HubSpot joins them by semicolons), and how many cells have several."""
    several = pc.match_substring(ids, ";").fill_null(False)  # noqa: FBT003 - Arrow's signature
    count = pc.sum(several).as_py() or 0
    if not count:
        return ids, 0
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(ids, r";.*$", "")), int(count)


def _out(table: pa.Table, column: str | None) -> tuple[Flags, list[str]]:
    """Orders that brought no money, by their status; of a pipeline of deals all but those that are won."""
    if column is None:
        return np.zeros(table.num_rows, np.bool_), []
    encoded = tables.strings(table[column]).dictionary_encode()
    words, known = [stage_word(one) for one in encoded.dictionary.to_pylist()], lexicon()
    deals = any(one in known.won for one in words)
    gone = [(one not in known.won) if deals else (one in known.out) for one in words]
    out = np.array([*gone, deals], np.bool_)[encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]
    if not out.any():
        return out, []
    said = some(out.sum(), *(("is", "are") if deals else ("was", "were")))
    why = "not won" if deals else "cancelled, refunded, or not paid"
    return out, [f"orders: {said} {why} by column {column!r}, and left out"]
