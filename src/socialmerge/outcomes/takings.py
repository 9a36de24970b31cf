"""The amounts of orders: read from the rows of a table, and folded so that none counts twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.outcomes.amounts import SCALE, read_amounts
from socialmerge.outcomes.business import Reading
from socialmerge.outcomes.days import NEVER
from socialmerge.outcomes.folding import Folded, Lined, fold, per_line
from socialmerge.outcomes.lines import Lines, contradicted, numbers, refuse
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.money import Money, money_of
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.order_columns import LINE

__all__ = ["Live", "Paid", "folded_of", "paid_of"]

_MOST = 9e18
"""Of what a whole number holds."""


@dataclass(frozen=True, slots=True)
class Live:
    """Which rows count, and the day of each, ``NEVER`` where not known."""

    rows: Flags
    day: Ints


@dataclass(frozen=True, slots=True)
class Paid:
    """Amounts of the rows; ``filled`` where one stands in any currency, ``part`` what the pieces of a line cost."""

    units: Ints
    known: Flags
    filled: Flags
    part: Ints | None
    part_known: Flags | None
    currency: str | None
    warnings: tuple[str, ...] = ()


def paid_of(table: pa.Table, roles: Mapping[str, str], reading: Reading, lines: Lines) -> Paid:
    """Read the amounts of orders, and those of their lines where orders may lack one."""
    nothing, none = np.zeros(table.num_rows, np.int64), np.zeros(table.num_rows, np.bool_)
    own = next((role for role in ("line_amount", "price") if role in roles), "")
    if "amount" not in roles and not own:
        said = "orders: no column with an amount is found, so no revenue is counted; name it with order_columns="
        return Paid(nothing, none, none, None, None, None, (said,))
    if "amount" not in roles:
        parts = _parts(table, roles, own, reading)
        return Paid(
            nothing, none, none, parts.units, parts.known, parts.currency, (*parts.warnings, _summed(roles, own))
        )
    money = _money(table, roles, "amount", reading)
    filled = tables.clean_ids(table[roles["amount"]]).is_valid().to_numpy(zero_copy_only=False)
    found = Paid(money.units, money.known, filled, None, None, money.currency, money.warnings)
    if not own or (filled.all() and not lines.several.any()):
        return found
    try:
        parts = _parts(table, roles, own, reading)
    except TableError:  # orders have amounts of their own, beside which a price that cannot be read says nothing
        return found
    return replace(found, part=parts.units, part_known=parts.known)


def _summed(roles: Mapping[str, str], own: str) -> str:
    times = f" times {roles['quantity']!r}" if own == "price" and "quantity" in roles else ""
    how = "name a column with totals with order_columns= if there is one"
    return f"orders: no column with the total of an order is found, so {roles[own]!r}{times} is summed; {how}"


def _money(table: pa.Table, roles: Mapping[str, str], role: str, reading: Reading) -> Money:
    beside = roles.get("currency")
    return money_of(table, roles[role], beside, what="orders", decimal=reading.decimal, currency=reading.currency)


def _parts(table: pa.Table, roles: Mapping[str, str], own: str, reading: Reading) -> Money:
    """What the pieces of each line cost together: as it stands there, or their price times how many they are."""
    money = _money(table, roles, own, reading)
    if own == "line_amount" or "quantity" not in roles:
        return money
    where = f"orders: column {roles['quantity']!r}"
    number = tables.row_numbers(table)
    pieces = read_amounts(table[roles["quantity"]], where=where, decimal=reading.decimal, number=number)
    times = np.where(pieces.known, pieces.units, SCALE)
    if (np.abs(money.units.astype(np.float64)) * np.abs(times) > _MOST).any():
        raise TableError("orders: the amounts are so large that their product cannot be held; give them in thousands")
    product = money.units * times
    return replace(money, units=np.sign(product) * ((np.abs(product) + SCALE // 2) // SCALE))


def folded_of(
    table: pa.Table, roles: Mapping[str, str], lines: Lines, live: Live, paid: Paid
) -> tuple[Folded, list[str]]:
    """The orders of the rows that count, and how their lines were folded.

    Raises:
        TableError: lines of one order have several totals, or several days on which they were paid.
    """
    lined = Lined(lines.order, live.day, paid.units, paid.known, paid.part, paid.part_known)
    counts = lined.at(np.flatnonzero(live.rows))
    summed = any(role in roles for role in LINE) and per_line(counts)
    notes = _contradictions(table, roles, lines, (lined, live.rows), summed=summed)
    if counts.part_known is not None:  # an amount in another currency is one, and not for the lines to replace
        own = np.isin(counts.order, lines.order[live.rows & paid.filled])
        counts = replace(counts, part_known=counts.part_known & ~own)
    folded = fold(counts, summed=summed)
    notes = [*_how(roles, lines, summed=summed), *notes]
    if folded.summed and "amount" in roles:
        have = some(folded.summed, "order has", "orders have")
        notes.append(f"orders: {have} no amount in column {roles['amount']!r}; what their lines cost is summed")
    return folded, notes


def _how(roles: Mapping[str, str], lines: Lines, *, summed: bool) -> list[str]:
    """How many rows are the lines of how many orders, and what that means for their amounts."""
    if not lines.several.any():
        return []
    rows = lines.has_id & lines.once
    by = f" by column {lines.column!r}" if lines.column else ""
    how = ""
    if "amount" in roles:
        of_lines = "are of lines, and are summed" if summed else "count once an order"
        how = f"; the amounts of column {roles['amount']!r} {of_lines}"
    orders = some(len(np.unique(lines.order[rows])), "order", "orders")
    return [f"orders: {some(rows.sum(), 'row is', 'rows are')} lines of {orders}{by}{how}"]


def _contradictions(
    table: pa.Table, roles: Mapping[str, str], lines: Lines, lined: tuple[Lined, Flags], *, summed: bool
) -> list[str]:
    """Refuse lines of one order with several totals, or with several days on which it was paid; note other days."""
    amounts, live = lined
    paid = live & amounts.known & (amounts.units > 0)
    day = np.where(amounts.day == NEVER, -1, np.unique(amounts.day, return_inverse=True)[1].reshape(-1))
    if not summed:
        column = roles.get("amount")
        how = f"if the rows are lines, say so with order_columns={{'line_amount': {column!r}}}"
        said = f"another amount in column {column!r}, so an order would count twice"
        refuse(table, lines.column, contradicted(lines.order, amounts.units, paid), said, how=how)
        said = f"another day in column {roles.get('date')!r}"
        refuse(table, lines.column, contradicted(lines.order, day, paid), said)
    other = contradicted(lines.order, day, live & ~(amounts.known & (amounts.units < 0)))
    if not len(other):
        return []
    return [f"orders: {numbers(table, other)} another day than a line of their order above; its first day counts"]
