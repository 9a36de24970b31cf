"""Amounts of one currency: what a column, its neighbour and its name say of it, and no sum over several."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.outcomes.amounts import Amounts, Decimal, currency_code, one_currency, read_amounts
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.wording import currency_in

__all__ = ["Money", "money_of"]


@dataclass(frozen=True, slots=True)
class Money:
    """One amount a row, in ten-thousandths of ``currency``; 0 where ``known`` is false."""

    units: Ints
    known: Flags
    currency: str
    warnings: tuple[str, ...] = ()


def money_of(
    table: pa.Table,
    column: str,
    currency_column: str | None,
    *,
    what: str,
    decimal: Decimal | None = None,
    currency: str = "",
) -> Money:
    """Read the amounts of a column in one currency; with ``currency`` those in another are left out.

    Raises:
        TableError: a cell is no amount, or the amounts are in several currencies.
    """
    where = f"{what}: column {column!r}"
    amounts = read_amounts(table[column], where=where, decimal=decimal, number=tables.row_numbers(table))
    codes, names = _currencies(amounts, table, currency_column, currency_in(column))
    rows = np.bincount(codes[amounts.known] + 1, minlength=len(names) + 1)
    seen = [name for name, count in zip(names, rows[1:], strict=True) if count]
    left = one_currency(seen)
    if not currency:
        if len(left) > 1:
            counted = ", ".join(f"{name} in {some(rows[1 + names.index(name)], 'row', 'rows')}" for name in left)
            raise TableError(
                f"{where} has amounts in {len(left)} currencies ({counted}); a sum of them means nothing: "
                "convert them to one, or name the one to count with currency="
            )
        return Money(amounts.units, amounts.known, left[0] if left else "")
    wanted = currency_code(currency)
    return _only(amounts, codes, names, wanted, where)


def _currencies(amounts: Amounts, table: pa.Table, column: str | None, of_name: str) -> tuple[Ints, list[str]]:
    """Each row's currency as a place in a list of names, -1 for none: by the cell, its neighbour, the column's name."""
    names = list(amounts.currencies)
    codes = amounts.currency
    if column is not None:
        encoded = tables.strings(table[column]).dictionary_encode()
        told = [currency_code(text) for text in encoded.dictionary.to_pylist()]
        place = np.array([_place(name, names) for name in told] + [-1], np.int64)
        beside = place[encoded.indices.fill_null(len(told)).to_numpy(zero_copy_only=False)]
        agree = np.array([[len(one_currency([one, other])) == 1 for other in names] for one in names], np.bool_)
        agree = np.pad(agree, (0, 1), constant_values=True)  # a cell that names none agrees with what stands beside it
        codes = np.where((beside >= 0) & agree[codes, beside], beside, codes)
    if of_name:
        codes = np.where(codes < 0, _place(of_name, names), codes)
    return codes, names


def _place(name: str, names: list[str]) -> int:
    if not name or name == "?":
        return -1
    if name not in names:
        names.append(name)
    return names.index(name)


def _only(amounts: Amounts, codes: Ints, names: list[str], wanted: str, where: str) -> Money:
    """The amounts in one currency; where nothing says any, all of them."""
    if wanted in ("", "?"):
        raise TableError(f"{where}: the currency to count is none; give an ISO 4217 code such as 'EUR'")
    mine = np.array([len(one_currency([name, wanted])) == 1 for name in names] + [False])[codes]
    if not (codes[amounts.known] >= 0).any():
        mine = np.ones(len(codes), np.bool_)
    known = amounts.known & mine
    rest = Counter(names[code] if code >= 0 else "no currency" for code in codes[amounts.known & ~mine].tolist())
    told = ", ".join(
        f"{count:,} in {name}" if name in names else f"{count:,} with no currency"
        for name, count in sorted(rest.items())
    )
    warnings = (f"{where}: only amounts in {wanted} are counted; left out are {told}",) if rest else ()
    return Money(np.where(known, amounts.units, 0), known, wanted, warnings)
