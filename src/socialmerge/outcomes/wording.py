"""What the columns of a customer table and of a table of orders are called, and what their words mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from socialmerge.errors import SchemaError, hint
from socialmerge.schema.stages import stage_word
from socialmerge.schema.wording import tokens

__all__ = ["CUSTOMER_ROLES", "ORDER_ROLES", "Lexicon", "called", "find_roles", "lexicon"]

CUSTOMER_ROLES = ("stage", "became", "revenue", "orders", "currency")
ORDER_ROLES = ("customer", "date", "amount", "order", "status", "currency")
_ALIKE = frozenset({"email", "phone", "item", "quantity", "price", "line_amount"})
"""Roles of which several columns may be one, and the first serves."""
_OBJECTS = ("deal", "person", "contact", "opportunity", "hs", "customer", "account", "order")
"""What exports put before the name of a column: the object that it belongs to."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names of columns by role, and words by meaning."""

    names: Mapping[str, Mapping[str, tuple[str, ...]]]
    not_revenue: Mapping[str, str]
    out: frozenset[str]
    won: frozenset[str]
    currencies: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Read the names and words that come with the library."""
    raw = tomllib.loads(files(__package__).joinpath("business.toml").read_text(encoding="utf-8"))
    names = {
        table: {role: tuple(dict.fromkeys(map(_joined, listed))) for role, listed in raw[table].items()}
        for table in ("customers", "orders_table")
    }
    statuses = raw["orders_statuses"]
    return Lexicon(
        names,
        raw["not_revenue"],
        frozenset(map(stage_word, statuses["out"])),
        frozenset(map(stage_word, statuses["won"])),
        frozenset(raw["currencies"]["codes"].split()),
    )


def _joined(name: str) -> str:
    return "".join(tokens(name))


def find_roles(
    columns: Sequence[str], table: str, told: Mapping[str, str], *, what: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Say which column has which role, and what to know about that.

    ``table`` is "customers" or "orders_table". ``told`` are roles that the caller gave a column; an empty name says
    that no column has the role.

    >>> find_roles(["Id", "Deal - Value", "AnnualRevenue"], "customers", {}, what="customers")[0]
    {'revenue': 'Deal - Value'}

    Raises:
        SchemaError: a role or a column is unknown, or two columns could be it alike.
    """
    roles = lexicon().names[table]
    for role, column in told.items():
        if role not in roles:
            raise SchemaError(f"{what}: there is no role {role!r}{hint(role, list(roles))}")
        if column and column not in columns:
            raise SchemaError(f"{what}: no column {column!r} for {role!r}{hint(column, list(columns))}")
    found = {role: column for role, column in told.items() if column}
    taken = set(found.values())
    for role in roles:
        if role in told:
            continue
        chosen = _best([column for column in columns if column not in taken], roles[role], role, what)
        if chosen:
            found[role] = chosen
            taken.add(chosen)
    return found, tuple(_passed_over(columns, found, what)) if table == "customers" else ()


def called(columns: Sequence[str], table: str, role: str) -> dict[str, str]:
    """The columns that are called as a role is, the likeliest first, each with the name of the role that it has.

    >>> called(["Deal - Value", "Order Date", "Amount"], "orders_table", "amount")
    {'Amount': 'amount', 'Deal - Value': 'value'}
    """
    names = lexicon().names[table][role]
    places = {column: place for column in columns if (place := _rank(column, names, role)) is not None}
    return {column: names[place] for column, place in sorted(places.items(), key=lambda pair: (pair[1], pair[0]))}


def _best(columns: Sequence[str], names: Sequence[str], role: str, what: str) -> str:
    """The column whose name comes first among the names of a role; "" for none."""
    ranked = sorted((rank, column) for column in columns if (rank := _rank(column, names, role)) is not None)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0] and role not in _ALIKE:
        message = f"{what}: columns {ranked[0][1]!r} and {ranked[1][1]!r} may both be the {role}"
        how = "order_columns" if what == "orders" else "columns"
        raise SchemaError(f"{message}; say which, as in {how}={{{role!r}: {ranked[0][1]!r}}}")
    return ranked[0][1] if ranked else ""


def _rank(column: str, names: Sequence[str], role: str) -> int | None:
    """The place of a column's name among those of a role, as it stands first, then without what it belongs to."""
    words = tokens(column)
    forms = ["".join(words)]
    if role in ("revenue", "amount") and len(words) > 1 and words[-1].upper() in lexicon().currencies:
        words = words[:-2] if words[-2] == "in" else words[:-1]  # "Amount (EUR)", "revenue_in_eur"
        forms.append("".join(words))
    while len(words) > 1 and words[0] in _OBJECTS:
        words = words[1:]
        forms.append("".join(words))
    places = [names.index(form) for form in forms if form in names]
    return places[0] if places else None


def _passed_over(columns: Sequence[str], found: Mapping[str, str], what: str) -> list[str]:
    """Columns that look like revenue and are something else."""
    known = lexicon().not_revenue
    if "revenue" in found:
        return []
    return [
        f"{what}: column {column!r} is not taken for revenue, since it is {known[form]}; "
        f"columns={{'revenue': {column!r}}} takes it all the same"
        for column in columns
        if (form := _joined(column)) in known
    ]


def currency_in(column: str) -> str:
    """The currency that a column's name ends in; "" for none.

    >>> currency_in("Amount (EUR)"), currency_in("amount")
    ('EUR', '')
    """
    words = tokens(column)
    return words[-1].upper() if len(words) > 1 and words[-1].upper() in lexicon().currencies else ""
