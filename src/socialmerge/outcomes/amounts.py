"""Amounts of money as a column writes them, read as whole ten-thousandths, so that no sum depends on an order.

What a point or a comma means is decided once for a column, by the cells that can be read in one way only; where none
tells and it matters, the column is refused rather than guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.wording import lexicon

__all__ = ["SCALE", "Amounts", "Decimal", "currency_code", "one_currency", "read_amounts"]

SCALE = 10_000
_PLACES = 4
_LARGEST = 10**13  # of a whole column the sum still fits: a million such amounts are far above what there is
_NO_AMOUNT = frozenset({"", "-", "--", "n/a", "na", "none", "null", "nil", "#n/a", "unknown", "?"})
_SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₩": "KRW"}
_SYMBOLS |= {"r$": "BRL", "us$": "USD", "a$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD"}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP"})
_CROWNS = frozenset({"SEK", "NOK", "DKK", "ISK", "CZK"})
_SHARED = {"$": _DOLLARS, "kr": _CROWNS, "kr.": _CROWNS}
"""Symbols that stand for one of several currencies: beside a code of these they say the same."""
_BODY = re.compile(r"[0-9](?:[0-9.,]*[0-9])?").fullmatch
_AROUND = re.compile(r"([^0-9.,()+-]*)([(+-]*)([^0-9.,()+-]*)([0-9.,]*)([^0-9.,()+-]*)([)-]*)([^0-9.,()+-]*)").fullmatch
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}").fullmatch
_SPACE = re.compile(r"(?<=[0-9])[\s'’`_\u00a0\u2009\u202f](?=[0-9]{3})")
_PLAIN = r"\A-?[0-9]{1,13}(?:\.[0-9]{1,2}|\.[0-9]{4})?\z"
_WHOLE = r"\A-?[0-9]{1,13}\z"


class Decimal(StrEnum):
    """What stands before the cents."""

    POINT = "point"
    COMMA = "comma"


@dataclass(frozen=True, slots=True)
class Amounts:
    """One amount a row, in ten-thousandths; 0 where ``known`` is false. ``currency`` indexes ``currencies``, -1: none.

    ``decimal`` is what was found to stand before the cents, None where no cell has any.
    """

    units: Ints
    known: Flags
    currency: Ints
    currencies: tuple[str, ...]
    decimal: Decimal | None


@dataclass(frozen=True, slots=True)
class _Cell:
    """One distinct text: its sign, its digits with points and commas, and what it says of the currency."""

    sign: int
    body: str
    currency: str


def _from_one(row: int) -> int:
    return row + 1


def read_amounts(
    column: pa.ChunkedArray,
    *,
    where: str,
    decimal: Decimal | None = None,
    number: Callable[[int], int] = _from_one,
) -> Amounts:
    """Read a column of amounts: numbers, or text such as ``1,234.50``, ``€ 1.234,50``, ``1'234.50 CHF``, ``(12.00)``.

    ``decimal`` says what stands before the cents where the column does not show it. ``where`` names the column in
    messages, and ``number`` gives the number of a row.

    >>> found = read_amounts(pa.chunked_array([["€ 1.234,50", "€ 99", "n/a"]]), where="revenue")
    >>> found.units.tolist(), found.known.tolist(), found.currencies
    ([12345000, 990000, 0], [True, True, False], ('EUR',))

    Raises:
        TableError: a cell is no amount; or ``1.234`` may be a thousand or one, and no cell of the column tells.
    """
    if pa.types.is_boolean(column.type) or pa.types.is_temporal(column.type) or pa.types.is_nested(column.type):
        raise TableError(f"{where} holds {column.type}, not amounts; name another column")
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        return _numbers(column, where, number)
    encoded = tables.strings(column).dictionary_encode()
    distinct = encoded.dictionary
    plain = _mask(pc.match_substring_regex(distinct, _WHOLE if decimal is Decimal.COMMA else _PLAIN))
    texts = distinct.to_pylist() if not plain.all() else []
    odd = np.flatnonzero(~plain).tolist() if texts else []
    first = _first_rows(encoded, odd)
    cells = [_cell(texts[at], f"{where}, row {number(first[at])}") for at in odd]
    told = _decide(cells, _has_point(distinct, plain), decimal, where)
    units, known = np.zeros(len(distinct), np.int64), plain.copy()
    units[plain] = _exact(distinct.filter(pa.array(plain)))
    names = sorted({cell.currency for cell in cells if cell and cell.currency})
    currency = np.full(len(distinct), -1, np.int64)
    for at, cell in zip(odd, cells, strict=True):
        if cell is not None:
            units[at] = _units(cell, told, f"{where}, row {number(first[at])}")
            known[at] = True
            currency[at] = names.index(cell.currency) if cell.currency else -1
    row = encoded.indices.fill_null(len(units)).to_numpy(zero_copy_only=False)  # a null is no amount
    spread = np.append(units, 0)[row], np.append(known, False)[row], np.append(currency, -1)[row]
    return Amounts(*spread, tuple(names), told)


def _numbers(column: pa.ChunkedArray, where: str, number: Callable[[int], int]) -> Amounts:
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    known = _mask(pc.is_valid(column))
    values = np.nan_to_num(np.asarray(column.fill_null(0).to_numpy(), np.float64), nan=0.0, posinf=np.inf)
    if pa.types.is_floating(column.type):
        known &= ~_mask(pc.is_nan(column))  # how a data frame writes that there is none
    wrong = np.flatnonzero(~np.isfinite(values) | (np.abs(values) > _LARGEST))
    if wrong.size:
        raise TableError(f"{where}, row {number(int(wrong[0]))}: no amount of money can be so large; mend the cell")
    units = np.rint(values * SCALE).astype(np.int64)
    return Amounts(np.where(known, units, 0), known, np.full(len(units), -1, np.int64), (), None)


def _first_rows(encoded: pa.DictionaryArray, wanted: Sequence[int]) -> dict[int, int]:
    """The first row of each distinct text: codes are given out in the order of appearance."""
    if not wanted:
        return {}
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found, first = np.unique(codes, return_index=True)
    return dict(zip(found.tolist(), first.tolist(), strict=True))


def _cell(text: str, where: str) -> _Cell | None:
    """Take a text apart; None where it says that there is no amount."""
    tight = _SPACE.sub("", text.strip().replace("\N{MINUS SIGN}", "-"))
    if tight.casefold() in _NO_AMOUNT:
        return None
    found = _AROUND(tight)
    if found is None or not _BODY(found[4]):
        raise TableError(f"{where} is no amount of money; mend the cell, or leave it empty where there is none")
    before, opening, symbol, body, after, closing, last = found.groups()
    if (opening.count("(") != closing.count(")")) or len(opening + closing) > 2 or opening.count("-") > 1:
        raise TableError(f"{where} has more signs than an amount has; mend the cell")
    named = [code for part in (before, symbol, after, last) if (code := currency_code(part))]
    if len(set(named)) > 1 or "?" in named:
        raise TableError(f"{where} holds words beside the amount that are no currency; leave the amount alone there")
    negative = "-" in opening + closing or "(" in opening
    return _Cell(-1 if negative else 1, body, named[0] if named else "")


def currency_code(text: str) -> str:
    """The currency that a code or a symbol stands for; "" for none, "?" for what is no currency.

    >>> currency_code(" € "), currency_code("usd"), currency_code("$"), currency_code(""), currency_code("approx.")
    ('EUR', 'USD', '$', '', '?')
    """
    word = text.strip(" \t\u00a0\u202f").casefold()
    if not word:
        return ""
    if word in _SYMBOLS:
        return _SYMBOLS[word]
    if word in _SHARED:
        return word.rstrip(".")
    return word.upper() if word.upper() in lexicon().currencies else "?"


def one_currency(names: Sequence[str]) -> list[str]:
    """The currencies among some names: a dollar sign beside the code of a dollar is that dollar.

    >>> one_currency(["$", "CAD"]), one_currency(["$", "EUR"])
    (['CAD'], ['$', 'EUR'])
    """
    distinct = sorted(set(names) - {""})
    for sign, codes in _SHARED.items():
        if sign in distinct and len(codes & set(distinct)) == 1:
            distinct.remove(sign)
    return distinct


def _evidence(body: str) -> Decimal | None:
    """What a cell alone says of the point before its cents; None where it may be read both ways or has none."""
    marks = [mark for mark in body if mark in ".,"]
    if not marks:
        return None
    last, cents = marks[-1], len(body) - 1 - max(body.rfind("."), body.rfind(","))
    meaning, other = (Decimal.POINT, Decimal.COMMA) if last == "." else (Decimal.COMMA, Decimal.POINT)
    if len(set(marks)) == 2:
        return meaning if marks.count(last) == 1 else other
    if len(marks) > 1:
        return other  # 1.234.567: a point comes before the cents once only
    if cents != 3:
        return meaning
    return meaning if body.startswith("0") or body.index(last) > 3 else None


def _decide(cells: Sequence[_Cell | None], has_point: int, told: Decimal | None, where: str) -> Decimal | None:
    """What stands before the cents, by the cells that can be read in one way only."""
    said = Counter(found for cell in cells if cell and (found := _evidence(cell.body)))
    said[Decimal.POINT] += has_point
    unsure = sum(1 for cell in cells if cell and ("." in cell.body or "," in cell.body) and not _evidence(cell.body))
    if told is not None:
        return told
    if said[Decimal.POINT] and said[Decimal.COMMA]:
        raise TableError(
            f"{where}: a point stands before the cents in {said[Decimal.POINT]:,} different cells and a comma in "
            f"{said[Decimal.COMMA]:,}; write them all alike, or say which is meant, as in decimal='comma'"
        )
    if unsure and not +said:
        raise TableError(
            f"{where}: {unsure:,} different cells such as 1.234 may be a thousand or one, and no other cell tells; "
            "say what stands before the cents, as in decimal='point'"
        )
    return max(said, key=lambda one: said[one]) if +said else None


def _units(cell: _Cell, told: Decimal | None, where: str) -> int:
    """The amount in ten-thousandths, read as the column is written."""
    point = "," if told is Decimal.COMMA else "."
    whole, _, cents = cell.body.partition(point)
    separators = {mark for mark in whole if mark in ".,"}
    if (separators and not _GROUPED(whole)) or (cents and not cents.isdigit()) or len(cents.rstrip("0")) > _PLACES:
        raise TableError(f"{where} is not written as the other cells are; mend the cell")
    value = int(re.sub(r"[.,]", "", whole) or "0") * SCALE + int(cents.rstrip("0").ljust(_PLACES, "0"))
    if value > _LARGEST * SCALE:
        raise TableError(f"{where}: no amount of money can be so large; mend the cell")
    return cell.sign * value


def _has_point(distinct: pa.Array, plain: Flags) -> int:
    return int(_mask(pc.match_substring(distinct.filter(pa.array(plain)), ".")).sum())


def _exact(texts: pa.Array) -> Ints:
    """Plain decimals as ten-thousandths, without a float on the way."""
    scaled = texts.cast(pa.decimal128(22, _PLACES))
    whole = pc.multiply(scaled, pa.scalar(SCALE, pa.decimal128(5, 0))).cast(pa.int64())
    return np.asarray(whole.to_numpy(zero_copy_only=False), np.int64)


def _mask(values: pa.Array | pa.ChunkedArray) -> Flags:
    filled = values.fill_null(False)  # noqa: FBT003 - Arrow's signature
    return np.asarray(filled.to_numpy(zero_copy_only=False) if isinstance(filled, pa.Array) else filled.to_numpy())
