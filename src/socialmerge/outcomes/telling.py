"""Whether a table is one of customers or of orders, by what its columns mean: one given for the other counts wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import SchemaError
from socialmerge.outcomes.order_columns import ANY_ID, WHO, numbered
from socialmerge.outcomes.wording import ORDER_ROLES, called
from socialmerge.records import Kind
from socialmerge.schema.content import holds_people
from socialmerge.schema.evidence import evidence
from socialmerge.schema.wording import guess

__all__ = ["check_customers", "check_ids", "check_orders", "with_customer"]

_MADE = frozenset({"created", "createdat", "createddate", "createdate", "addtime"})
"""Names of a date on which any record was made, which says nothing of orders."""
_ANY_DATE = _MADE | {"date", "datum", "data", "fecha"}
_OF_A_CUSTOMER = ("stage", "became", "orders")
_MOST, _NEARLY, _FEW = 0.5, 0.9, 5
"""Shares of ids that must be known, and how many different ones it takes for that to be no chance."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Marks:
    """The columns by which a table shows what its rows are."""

    people: tuple[str, ...]
    of_customer: tuple[str, ...]
    order_id: tuple[str, ...]
    date: Mapping[str, str]
    customer: tuple[str, ...]
    amount: tuple[str, ...]


def check_orders(table: pa.Table, roles: Mapping[str, str], told: Mapping[str, str]) -> list[str]:
    """Refuse a table of customers that was given for the orders, and give a warning where that is in doubt.

    ``roles`` are the columns that were found, ``told`` those of them that the caller named.

    Raises:
        SchemaError: the rows are customers.
    """
    marks = _marks(table)
    customer = next((roles[role] for role in WHO if role in roles), None)
    own = marks.people or marks.of_customer
    lacking = [role for role in ("customer", "amount") if role not in roles and role not in told]
    if customer is not None:
        lacking = [role for role in lacking if role != "customer"]
    if "amount" in lacking and any(role in roles for role in ("price", "line_amount")):
        lacking.remove("amount")
    order = marks.order_id or tuple(name for name, meant in marks.date.items() if meant not in _MADE)
    again = customer is not None and _repeats(table[customer])
    if not own or (again and ("customer" in roles or (order and not lacking))):
        return []
    once = f"no customer of column {customer!r} stands there twice" if customer else "no column names a customer's id"
    once = f"no column names a customer's id but {customer!r}" if again else once
    seems = f"{once}, and it has {_listed('column', (*marks.people, *marks.of_customer))}"
    if not order and (lacking or marks.of_customer) and not {"customer", "amount"} <= set(told):
        missing = _missing(lacking) or "no column with an order's own id or date is found"
        raise SchemaError(
            f"orders: this seems to be a table of customers ({seems}), and {missing}; give the table of orders, one "
            "row an order, and the customers' own as customers=. If it is one of orders, name its columns, as in "
            "order_columns={'amount': '...'}"
        )
    if lacking or marks.of_customer or not order:
        return [f"orders: this may be a table of customers and not of orders ({seems}); each row counts as an order"]
    return []


def check_customers(table: pa.Table, told: str) -> list[str]:
    """Refuse a table of orders that was given for the customers, and give a warning where that is in doubt.

    ``told`` is the id column that the caller named, if any.

    Raises:
        SchemaError: the rows are orders.
    """
    marks = _marks(table)
    buyers = (*marks.customer, *(marks.people if marks.order_id and marks.amount else ()))  # Shopify knows an address
    again = tuple(name for name in buyers if name != told and _repeats(table[name]))
    dated = tuple(name for name, meant in marks.date.items() if meant not in _ANY_DATE)
    order = (*marks.order_id, *marks.amount, *dated)
    several = f"several rows have one customer by column {again[0]!r}, and" if again else "each row has"
    seems = f"{several} {'it has ' if again else ''}{_listed('column', order)}"
    lone = bool(marks.order_id) and bool(marks.customer)
    if (again or lone) and (marks.amount or dated) and not told and (not marks.people or (again and marks.order_id)):
        beside = "" if marks.people else ", and no column with names of people or their contacts is found"
        raise SchemaError(
            f"customers: this seems to be a table of orders ({seems}){beside}; give the table of customers, one row a "
            "customer, and this one as orders=. If a row is a customer, name the id column, as in id='...'"
        )
    if order and (again or lone) and (marks.order_id or not marks.people):
        return [f"customers: this may be a table of orders and not of customers ({seems}); each row counts as somebody"]
    return []


def check_ids(table: pa.Table, own: str, known: pa.Array, *, what: str) -> list[str]:
    """Refuse a table none of whose ids is known where another column has them, and give a warning where none has.

    ``known`` are, of the customers, those that profiles are attached to; of the orders, those of the customer table.

    Raises:
        SchemaError: the ids stand in another column.
    """
    if not len(known) or not table.num_rows or _known(table[own], known):
        return []
    others = (name for name in table.column_names if name != own and not pa.types.is_nested(table[name].type))
    found = {name: _known(table[name], known) for name in others}
    best = max(found, key=lambda name: found[name], default="")
    if best and found[best] >= _MOST * min(len(known), table.num_rows):
        how = f"id={best!r}" if what == "customers" else f"order_columns={{'customer': {best!r}}}"
        none = f"{what}: none of the ids of column {own!r} is known, and column {best!r} has them"
        raise SchemaError(f"{none}; name it, as in {how}")
    said = (
        f"customers: none of the ids that profiles are attached to is in column {own!r}, so that nobody is a customer "
        "here; give the table that the profiles were attached to, or name its id column with id="
        if what == "customers"
        else f"orders: no customer of column {own!r} is in the customer table, so that no order counts; give the "
        "orders of these customers, or name the column with their ids with order_columns="
    )
    return [said]


def with_customer(table: pa.Table, roles: Mapping[str, str], known: pa.Array) -> tuple[dict[str, str], list[str]]:
    """The roles of the columns of orders with the only one that holds ids of customers, and a note of it."""
    free = [
        name for name in table.column_names if name not in roles.values() and not pa.types.is_nested(table[name].type)
    ]
    found = []
    for name in free:
        different = pc.count_distinct(tables.clean_ids(table[name]), mode="only_valid").as_py()
        if different >= _FEW and _known(table[name], known) >= _NEARLY * different:
            found.append(name)
    if len(found) != 1:
        return dict(roles), []
    why = "since nearly all that it holds are ids of customers"
    said = f"orders: column {found[0]!r} is taken for the customer's id, {why}"
    return {**roles, "customer": found[0]}, [said]


def _known(column: pa.ChunkedArray, known: pa.Array) -> int:
    """How many of the ids that are known a column has."""
    found = pc.unique(tables.clean_ids(column)).drop_null()
    return int(pc.sum(pc.is_in(found, value_set=known)).as_py() or 0)


def _missing(lacking: Sequence[str]) -> str:
    names = {"customer": "the customer's id", "amount": "the amount of an order"}
    return f"no column with {' or '.join(names[role] for role in lacking)} is found" if lacking else ""


def _marks(table: pa.Table) -> _Marks:
    names: list[str] = table.column_names
    ids = called(names, "orders_table", "order")
    numbers = [name for name in names if not pa.types.is_nested(table[name].type) and numbered(name, table[name])]
    return _Marks(
        people=tuple(name for name in names if _of_people(name, table[name])),
        of_customer=tuple(
            one
            for role in _OF_A_CUSTOMER
            for one in called(names, "customers", role)
            if not any(one in called(names, "orders_table", other) for other in ORDER_ROLES)
        ),
        order_id=(*(name for name, meant in ids.items() if meant not in ANY_ID), *numbers),
        date=called(names, "orders_table", "date"),
        customer=tuple(called(names, "orders_table", "customer")),
        amount=tuple(called(names, "orders_table", "amount")),
    )


def _of_people(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column holds names of people, or what reaches them."""
    found, look = guess(name), evidence(column)
    if found.kind is Kind.NAME and found.part in ("given", "family"):
        return look.share("letters") >= 0.5
    if found.kind is Kind.NAME or not found.confidence:
        return holds_people(look) or look.share("email") >= 0.6
    return look.share("email") >= 0.6 or (found.kind is Kind.PHONE and look.share("phone") >= 0.5)


def _repeats(column: pa.ChunkedArray) -> bool:
    if pa.types.is_nested(column.type):
        return False
    found = tables.clean_ids(column).drop_null()
    return bool(pc.count_distinct(found).as_py() < len(found))


def _listed(what: str, names: Sequence[str]) -> str:
    shown = [repr(name) for name in dict.fromkeys(names)]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"{what}{'s' if len(shown) > 1 else ''} {', '.join(shown[:_SHOWN])}{more}"
