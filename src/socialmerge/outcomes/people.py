"""The people behind the rows of a customer table, each once: whether they buy, since when, and for how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import TableError
from socialmerge.merging.arrays import codes_in, rank_codes
from socialmerge.outcomes.business import Customers
from socialmerge.outcomes.days import NEVER
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.money import Money
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.orders import Orders
from socialmerge.outcomes.seen import Seen

__all__ = ["Bought", "People", "people_of", "person_of"]

_MOST = 4e18  # of 9.2e18 that a whole number holds


@dataclass(frozen=True, slots=True)
class Bought:
    """The orders of people of the table: whose (a row of ``People``), on which day, and the amount."""

    person: Ints
    day: Ints
    units: Ints


@dataclass(frozen=True, slots=True)
class People:
    """One entry a person, sorted by ``entity``; ``row`` says which person each row of the table is.

    ``orders`` and ``revenue`` (ten-thousandths) are None where no table says them; those of people who are no
    customers are 0. ``became`` is the first day on which one of their rows became a customer, or their first order.
    """

    entity: pa.Array
    row: Ints
    customer: Flags
    became: Ints
    orders: Ints | None
    revenue: Ints | None
    bought: Bought | None
    currency: str
    warnings: tuple[str, ...] = ()


def people_of(customers: Customers, orders: Orders | None, seen: Seen) -> People:
    """Bring the rows of each person together: amounts are summed, and no order counts twice.

    Raises:
        TableError: the amounts are so large that their sum cannot be held.
    """
    row, names = person_of(customers.ids, seen)
    count = len(names)
    bought, notes = _bought(orders, customers.ids, row, names, seen)
    buys, became, said = _standing(customers, row, bought, count)
    if orders is not None and orders.money is not None:
        revenue, told, money = _sums(bought.person, bought.units, count), _without(orders.money), orders.money
    elif customers.revenue is not None:
        revenue, told, money = *_revenue(customers.revenue, row, buys, count), customers.revenue
    else:
        revenue, told, money = None, [], None
    counts = None
    if orders is not None:
        counts = _sums(bought.person, (bought.units >= 0).astype(np.int64), count)
    elif customers.orders is not None:
        counts = _sums(row, customers.orders, count)
    dated = bought if orders is not None and orders.money is not None and (bought.day != NEVER).any() else None
    return People(
        entity=names,
        row=row,
        customer=buys,
        became=became,
        orders=None if counts is None else np.where(buys, counts, 0),
        revenue=None if revenue is None else np.where(buys, revenue, 0),
        bought=dated,
        currency=money.currency if money else "",
        warnings=(*notes, *said, *told),
    )


def person_of(ids: pa.Array, seen: Seen) -> tuple[Ints, pa.Array]:
    """The person of each row of the customer table, as a place in a list of names in byte order."""
    return rank_codes(pc.coalesce(seen.entity_of(ids), ids))


def _bought(orders: Orders | None, ids: pa.Array, row: Ints, names: pa.Array, seen: Seen) -> tuple[Bought, list[str]]:
    """The orders of people who are in the table; the others are counted in a warning."""
    if orders is None:
        nothing = np.zeros(0, np.int64)
        return Bought(nothing, nothing, nothing), []
    person = np.append(row, -1)[codes_in(orders.customer, ids)]
    former = codes_in(seen.entity_of(orders.customer), names)
    person = np.where(person < 0, former, person)  # a row that was merged away, which its person is known by
    known = person >= 0
    units = orders.money.units if orders.money is not None else np.zeros(len(person), np.int64)
    missing = int((~known).sum())
    notes = [f"orders: {some(missing, 'is', 'are')} of nobody in the customer table, and left out"] if missing else []
    return Bought(person[known], orders.day[known], units[known]), notes


def _standing(customers: Customers, row: Ints, bought: Bought, count: int) -> tuple[Flags, Ints, list[str]]:
    """Who buys, and since when.

    The stage says it; where it says nothing, a date on which they became a customer does, or money. An order that was
    paid makes a customer whatever the stage says.
    """
    told = customers.stage if customers.stage is not None else np.full(len(row), -1)
    paid = np.zeros(len(row), np.bool_)
    for amounts in (customers.revenue.units if customers.revenue else None, customers.orders):
        paid |= amounts > 0 if amounts is not None else False
    dated = customers.became != NEVER if customers.became is not None else np.zeros(len(row), np.bool_)
    known = any(part is not None for part in (customers.stage, customers.became, customers.revenue, customers.orders))
    says = (told == 1) | ((told < 0) & (paid | dated))
    notes = []
    if not known and not bought.person.size:
        says = np.ones(len(row), np.bool_)
        notes.append("customers: no column says who buys, so every row counts as a customer")
    buys = np.zeros(count, np.bool_)
    np.logical_or.at(buys, row, says)
    buys[bought.person[bought.units >= 0]] = True
    became = np.full(count, NEVER)
    if customers.became is not None:
        np.minimum.at(became, row[says], customers.became[says])
    else:
        np.minimum.at(became, bought.person, bought.day)
    return buys, np.where(buys, became, NEVER), notes


def _without(money: Money) -> list[str]:
    unknown = int((~money.known).sum())
    return [f"orders: {some(unknown, 'has', 'have')} no amount, which counts as 0"] if unknown else []


def _revenue(money: Money, row: Ints, buys: Flags, count: int) -> tuple[Ints, list[str]]:
    """What each person brought in by the customer table, summed over their rows."""
    found = _sums(row, money.units, count)
    notes = []
    lost = int(((found != 0) & ~buys).sum())
    if lost:
        have = some(lost, "person has", "people have")
        notes.append(f"customers: {have} an amount and a stage that makes no customer; it is not counted")
    empty = int((buys[row] & ~money.known).sum())
    if empty:
        have = some(empty, "row of a customer has", "rows of customers have")
        notes.append(f"customers: {have} no amount, which counts as 0")
    alike = _copies(row, money.units, money.known & (money.units != 0))
    if alike:
        notes.append(
            f"customers: {some(alike, 'row repeats', 'rows repeat')} the amount of another row of the same person; "
            "amounts are summed, so where rows are copies of one another give orders= instead"
        )
    return found, notes


def _copies(row: Ints, units: Ints, use: Flags) -> int:
    """Rows of a person that have the amount of another row of theirs."""
    order = np.lexsort((units[use], row[use]))
    one, other = row[use][order], units[use][order]
    return int(((one[1:] == one[:-1]) & (other[1:] == other[:-1])).sum())


def _sums(group: Ints, values: Ints, count: int) -> Ints:
    """Exact sums by group.

    Raises:
        TableError: a sum may not fit a whole number.
    """
    if float(np.abs(values).astype(np.float64).sum()) > _MOST:
        raise TableError("the amounts are so large that their sum cannot be held; give them in thousands")
    found = np.zeros(count, np.int64)
    np.add.at(found, group, values)
    return found
