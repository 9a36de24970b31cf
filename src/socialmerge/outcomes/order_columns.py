"""Which column of a table of orders is what: by its name, and where that does not tell, by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.wording import called, find_roles
from socialmerge.records import Kind
from socialmerge.schema.evidence import evidence
from socialmerge.schema.wording import guess, tokens

__all__ = ["ANY_ID", "LINE", "WHO", "codes_of", "continues", "numbered", "order_roles", "together"]

_ANY_NUMBER = frozenset({"number", "numero", "nummer", "nr"})
ANY_ID = _ANY_NUMBER | {"id", "recordid", "hsobjectid"}
"""Names of an order's id that are those of any row's."""
WHO = ("customer", "email", "phone")
"""Roles that say whose an order is, the surest first."""
LINE = ("item", "quantity", "price", "line_amount")
"""Roles of a line of an order."""
_ANY_PRICE = frozenset({"price", "preis", "prix", "precio", "prezzo", "prijs"})
_NUMBER = (
    r"^(?:[#№]\s?[A-Za-z]{0,8}[-_/.]?[0-9]+|[A-Za-z]{0,8}[-_/.]?[0-9]{3,}|[A-Za-z]{1,8}[-_/.]?[0-9]+[-_/.][0-9]+)"
    r"(?:[-_/.]?[A-Za-z0-9]+){0,4}$"
)
_NO_NUMBER = r"^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}\b|:|^[0-9]+[.,][0-9]{1,2}$"
_MOSTLY = 0.6


def order_roles(table: pa.Table, told: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Say which column of a table of orders has which role, and what to know about that.

    >>> shop = pa.table({"Name": ["#1", "#1", "#2"], "Email": ["a@example.com"] * 3, "Total": ["5", None, "7"]})
    >>> order_roles(shop, {})[0]
    {'amount': 'Total', 'email': 'Email', 'order': 'Name'}

    Raises:
        SchemaError: a role or a column is unknown, or two columns could be it alike.
    """
    names = [name for name in table.column_names if not pa.types.is_nested(table.schema.field(name).type)]
    roles, _ = find_roles(names, "orders_table", {"order": "", **told}, what="orders")
    _contacts(table, names, roles, told)
    of_name = called([roles["amount"]], "orders_table", "amount") if "amount" in roles else {}
    pieces = ("quantity" in roles or "line_amount" in roles) and "price" not in roles
    if pieces and "amount" not in told and _ANY_PRICE & set(of_name.values()):
        roles["price"] = roles.pop("amount")
    roles.pop("order", None)
    column, notes = _order_id(table, names, roles, told)
    return (roles | {"order": column} if column else roles), notes


def _contacts(table: pa.Table, names: Sequence[str], roles: dict[str, str], told: Mapping[str, str]) -> None:
    """Find what reaches the customer by what stands in a column; an id that is an address is one, and no id."""
    mails = [name for name in names if _may_reach(name) and evidence(table[name]).share("email") >= _MOSTLY]
    if "email" not in told and roles.get("email") not in mails:
        roles.pop("email", None)
        free = [name for name in mails if name not in roles.values()]
        if free:
            roles["email"] = free[0]
    own = roles.get("customer")
    if own in mails:
        roles["email"] = roles.pop("customer")
    elif own and guess(own).kind is Kind.PHONE:
        roles["phone"] = roles.pop("customer")


def _may_reach(name: str) -> bool:
    """Whether a column's name does not say that it is of somebody else, such as an owner's."""
    found = guess(name)
    return found.kind is not Kind.OTHER or not found.confidence


def _order_id(
    table: pa.Table, names: Sequence[str], roles: Mapping[str, str], told: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The column with an order's own id, "" for none: of those that are called so the first that every order has."""
    if "order" in told:
        return told["order"], []
    free = [name for name in names if name not in roles.values()]
    ranked = called(free, "orders_table", "order")
    plain = [name for name, meant in ranked.items() if meant not in ANY_ID]
    plain += [name for name in free if name not in plain and numbered(name, table[name])]
    of_any_row = [
        name for name in ranked if name not in plain and (ranked[name] not in _ANY_NUMBER or _fits(table, name, roles))
    ]
    if not plain and not (of_any_row and not _lined(table, of_any_row[0], roles)):
        found = next((name for name in free if name not in of_any_row and _by_content(table, name, roles)), "")
        if found:
            why = "for its values repeat only where the customer and the day do"
            none = "if it is none, say so with order_columns={'order': ''}"
            return found, [f"orders: column {found!r} is taken for the order's id, {why}; {none}"]
    listed = [*plain, *of_any_row]
    whole = [name for name in listed if _filled_in(table, {**roles, "order": name})]
    return next(iter(whole or listed), ""), []


def numbered(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column that is only called a name has numbers of orders in it, as Shopify's ``#1001``.

    >>> numbered("Name", pa.chunked_array([["#1001", "#1002"]])), numbered("Name", pa.chunked_array([["Ada 2"]]))
    (True, False)
    """
    return tokens(name) == ["name"] and _are_numbers(tables.clean_ids(column))


def _are_numbers(texts: pa.Array) -> bool:
    some = texts.drop_null()
    if not len(some):
        return False
    looks = pc.and_(pc.match_substring_regex(some, _NUMBER), pc.invert(pc.match_substring_regex(some, _NO_NUMBER)))
    return bool(pc.all(looks).as_py())


def continues(table: pa.Table, roles: Mapping[str, str]) -> Flags:
    """Rows that go on with the order above: they have an item, and say neither the order nor whose it is nor when.

    So does a row without an order's id that has an item and no amount, and the customer of the row above.
    """
    who = [roles[role] for role in WHO if role in roles]
    line = _lines(table, roles)
    if not who or not line.any():
        return np.zeros(table.num_rows, np.bool_)
    dated = _any_filled(table, [roles["date"]] if "date" in roles else [])
    line &= ~_any_filled(table, [roles["order"]] if "order" in roles else [])
    more = line & ~_any_filled(table, who) & ~dated
    if not {"amount", "date"} <= set(roles):
        return np.asarray(more, np.bool_)
    same = _as_above(table[who[0]]) & (~dated | _as_above(table[roles["date"]]))
    return np.asarray(more | (line & same & ~_any_filled(table, [roles["amount"]])), np.bool_)


def _lines(table: pa.Table, roles: Mapping[str, str]) -> Flags:
    """Rows that have an item, or where no column is called so a price or the like; a row of sums has none."""
    named = ["item"] if "item" in roles else LINE
    line = _any_filled(table, [roles[role] for role in named if role in roles])
    if "item" in roles:
        texts = tables.clean_ids(table[roles["item"]]).dictionary_encode()
        sums = called([one for one in texts.dictionary.to_pylist() if one], "orders_table", "amount")
        line &= ~pc.is_in(texts.cast(pa.string()), value_set=pa.array([*sums], pa.string())).to_numpy(
            zero_copy_only=False
        )
    return line


def _as_above(column: pa.ChunkedArray) -> Flags:
    code = codes_of(tables.clean_ids(column))
    return np.append(False, code[1:] == code[:-1])[: len(code)] & (code > 0)


def _any_filled(table: pa.Table, names: Sequence[str]) -> Flags:
    found = np.zeros(table.num_rows, np.bool_)
    for name in names:
        found |= _filled(table[name])
    return found


def _filled_in(table: pa.Table, roles: Mapping[str, str]) -> bool:
    """Whether every row has the order's id, or goes on with the order above."""
    return bool((_filled(table[roles["order"]]) | continues(table, roles)).all())


def _filled(column: pa.ChunkedArray) -> Flags:
    return np.asarray(pc.is_valid(tables.clean_ids(column)).to_numpy(zero_copy_only=False), np.bool_)


def _lined(table: pa.Table, name: str, roles: Mapping[str, str]) -> bool:
    """Whether an id may be that of a line of an order: each row has its own, and there are items."""
    own = tables.clean_ids(table[name]).drop_null()
    return pc.count_distinct(own).as_py() == len(own) and any(role in roles for role in LINE)


def _by_content(table: pa.Table, name: str, roles: Mapping[str, str]) -> bool:
    """Whether a column of any name has the orders' ids.

    Its values look like numbers of orders, several of them repeat, all rows of one have one customer and one day, and
    a customer may have several: what every customer has one of, such as a number of theirs, is no order's.
    """
    who = next((roles[role] for role in WHO if role in roles), "")
    if not who or "date" not in roles or guess(name).kind not in (Kind.OTHER, Kind.CODE, Kind.ID):
        return False
    own = tables.clean_ids(table[name])
    if own.null_count or not _are_numbers(own) or not _fits(table, name, roles):
        return False
    value, buyer = (codes_of(column) for column in (own, tables.clean_ids(table[who])))
    once = np.unique(together(value, buyer), return_index=True)[1]  # each value once for each of its customers
    of_one = np.bincount(buyer[once])
    return bool((np.bincount(value) > 1).sum() > 1 and of_one[1:].max(initial=0) > 1)


def _fits(table: pa.Table, name: str, roles: Mapping[str, str]) -> bool:
    """Whether all rows of a value have one customer and one day."""
    value = codes_of(tables.clean_ids(table[name]))
    for role in (*WHO, "date"):
        if role in roles:
            other = codes_of(tables.clean_ids(table[roles[role]]))
            both = (value > 0) & (other > 0)
            if len(np.unique(together(value[both], other[both]))) > len(np.unique(value[both])):
                return False
    return True


def codes_of(texts: pa.Array) -> Ints:
    """Each distinct text as a number from 1, 0 for none."""
    codes = texts.dictionary_encode().indices.fill_null(-1)
    return np.asarray(codes.to_numpy(zero_copy_only=False), np.int64) + 1


def together(*columns: Ints) -> Ints:
    """Each distinct combination of values as a number from 0.

    >>> together(np.array([1, 1, 2]), np.array([7, 7, 7])).tolist()
    [0, 0, 1]
    """
    found = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = np.unique(column, return_inverse=True)[1].reshape(-1)
        found = np.unique(found * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1].reshape(-1)
    return found.astype(np.int64)
