"""The table of orders: each order once, however many lines it has; whose, on which day, and for how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from socialmerge import tables
from socialmerge.errors import SchemaError
from socialmerge.outcomes.business import Reading
from socialmerge.outcomes.buyers import Buyers, Known, buyers_of, told
from socialmerge.outcomes.days import NEVER, days_of, until
from socialmerge.outcomes.folding import Folded
from socialmerge.outcomes.lines import Lines, contradicted, lines_of, refuse, shared
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.money import Money
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.order_columns import WHO, codes_of, order_roles, together
from socialmerge.outcomes.takings import Live, folded_of, paid_of
from socialmerge.outcomes.telling import check_orders, with_customer
from socialmerge.outcomes.wording import lexicon
from socialmerge.schema.stages import stage_word

__all__ = ["Orders", "of_customers", "read_orders"]


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders that count, one entry each: whose, on which day (``NEVER``: not known), and the amount, None for none.

    ``customer`` is null where nothing says one customer alone; ``buyers`` is what the table says of them.
    """

    customer: pa.Array
    day: Ints
    money: Money | None
    buyers: Buyers
    columns: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def read_orders(source: tables.Source, reading: Reading, *, known: Callable[[], pa.Array] | None = None) -> Orders:
    """Read a table of orders: each counts once, those that brought no money or lie in the future do not.

    ``known`` gives ids of customers: where no column is called as theirs, the one that holds them is taken.

    Raises:
        TableError: the table cannot be read, lines of one order contradict each other, or amounts cannot be summed.
        SchemaError: there is no column that says whose an order is, or the rows are customers.
    """
    table = tables.read(source, what="orders")
    roles, notes = order_roles(table, reading.order_columns)
    doubts = [f"orders: {note}" for note in tables.notes_of(table)]
    doubts += check_orders(table, roles, reading.order_columns)
    if known is not None and not any(role in {**roles, **reading.order_columns} for role in WHO):
        found, said = with_customer(table, roles, known())
        doubts += said
        if said:
            roles, notes = order_roles(table, {**reading.order_columns, "customer": found["customer"]})
    if not any(role in roles for role in WHO):
        listed = ", ".join(map(repr, table.column_names[:20])) or "none"
        raise SchemaError(
            "orders: no column with the customer's id is found, nor one of e-mail addresses; name it, as in "
            f"order_columns={{'customer': '...'}}. Columns: {listed}"
        )
    lines = lines_of(table, roles)
    table = shared(table, roles, lines.order)
    buyers, several = buyers_of(table, roles)
    live, said = _live(table, roles, reading, lines)
    if several:
        said.append(f"orders: {some(several, 'names', 'name')} several customers, of whom the first alone counts")
    _one_customer(table, lines, live.rows, buyers)
    paid = paid_of(table, roles, reading, lines)
    folded, of_lines = folded_of(table, roles, lines, live, paid)
    if not lines.column and "order" not in reading.order_columns:
        of_lines += _repeated(folded, buyers.of(lines.order, live.rows), roles)
    counts = folded.known if reading.currency and paid.currency is not None else np.ones(len(folded.order), np.bool_)
    money = None if paid.currency is None else Money(folded.units[counts], folded.known[counts], paid.currency)
    whose = buyers.of(lines.order, live.rows).take(folded.order[counts])
    columns = tuple((f"orders.{role}", column) for role, column in sorted(roles.items()))
    warnings = (*of_lines, *notes, *doubts, *lines.warnings, *said, *paid.warnings)
    return Orders(whose.first(), folded.day[counts], money, whose, columns, warnings)


def of_customers(orders: Orders, known: Known) -> Orders:
    """The orders with the id of a customer of the table in place of what they say of theirs.

    Those that an e-mail address or a telephone number gives to nobody, or not to one alone, are left out.
    """
    customer, notes = told(orders.buyers, known)
    mine = np.flatnonzero(customer.is_valid().to_numpy(zero_copy_only=False))
    if not notes or len(mine) == len(customer):
        return replace(orders, customer=customer, warnings=(*notes, *orders.warnings))
    money = orders.money and replace(orders.money, units=orders.money.units[mine], known=orders.money.known[mine])
    return replace(
        orders,
        customer=customer.take(pa.array(mine)),
        day=orders.day[mine],
        money=money,
        buyers=orders.buyers.take(mine),
        warnings=(*notes, *orders.warnings),
    )


def _live(table: pa.Table, roles: Mapping[str, str], reading: Reading, lines: Lines) -> tuple[Live, list[str]]:
    """Which rows count, the day of each, and what is left out."""
    column = roles.get("date")
    days = np.full(table.num_rows, NEVER) if column is None else days_of(table[column], region=reading.region)
    first = np.full(int(lines.order.max(initial=-1)) + 1, NEVER)
    np.minimum.at(first, lines.order, days)
    day, ahead = until(np.where(days == NEVER, first[lines.order], days), reading.now)
    out, said = _out(table, roles.get("status"), lines)
    if ahead.any():
        said.append(f"orders: {some(_distinct(lines, ahead), 'is', 'are')} dated in the future, and left out")
    return Live(lines.once & ~ahead & ~out, day), said


def _out(table: pa.Table, column: str | None, lines: Lines) -> tuple[Flags, list[str]]:
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
    said = some(_distinct(lines, out), *(("is", "are") if deals else ("was", "were")))
    why = "not won" if deals else "cancelled, refunded, or not paid"
    return out, [f"orders: {said} {why} by column {column!r}, and left out"]


def _distinct(lines: Lines, rows: Flags) -> int:
    return len(np.unique(lines.order[rows]))


def _one_customer(table: pa.Table, lines: Lines, live: Flags, buyers: Buyers) -> None:
    """Refuse lines of one order that name different customers; where ids are there, addresses need not be the same."""
    unnamed = np.ones(table.num_rows, np.bool_)
    for role, texts in buyers.said.items():
        code = codes_of(texts) - 1
        rows = contradicted(lines.order, code, live & unnamed)
        refuse(table, lines.column, rows, f"another customer in column {buyers.columns[role]!r}")
        unnamed &= code < 0


def _repeated(folded: Folded, buyers: Buyers, roles: Mapping[str, str]) -> list[str]:
    """Warn of orders without an id that have the customer, the day and the amount of another one."""
    code = codes_of(buyers.first())[folded.order]
    named, dated = code > 0, folded.day != NEVER
    pair = together(code, folded.units)
    days = np.unique(together(pair, folded.day)[named & dated])
    alone = np.setdiff1d(pair[named & ~dated], pair[named & dated])  # what has no day may be of any day
    again = int(named.sum()) - len(days) - len(alone)
    if not again:
        return []
    what = {(True, True): "customer, date and amount", (True, False): "customer and date"}.get(
        ("date" in roles, "amount" in roles), "customer and amount" if "amount" in roles else "customer"
    )
    rows = some(again, "row repeats", "rows repeat")
    said = (
        f"orders: no column with an order's own id is found, and {rows} the {what} of another; each counts as an order "
        "of its own. If they are lines or copies of one order, name the column with its id, as in "
        "order_columns={'order': '...'}"
    )
    return [said]
