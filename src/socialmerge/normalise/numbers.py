"""Numbers as people and spreadsheets write them: with groups of three, a comma for a point, a currency beside them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

__all__ = ["Number", "parse"]

_BESIDE = r"([^\W\d_]{1,3}\.?|[^\w\s.,()+-]{1,3})?"
_SHAPE = re.compile(rf"{_BESIDE}\s*([+-]?)\s*{_BESIDE}\s*(\d[\d.,]*)\s*{_BESIDE}").fullmatch
_SPACE = re.compile(r"(?<=\d)[\s'’\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_GROUPS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}|\d+").fullmatch


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and the sign or the code of a currency that stood beside it."""

    value: float
    currency: str = ""


def parse(raw: str) -> Number | None:
    """Read a number, None where a text is none.

    What both ``,`` and ``.`` are in says itself which of them stands before the decimals. One comma before three digits
    parts thousands; one point does not, as everywhere where numbers are exchanged.

    >>> [parse(raw).value for raw in ("1,200.50", "1.200,50", "1 200", "1'200", "12,5", "1,200", "1.200", "-3e2")]
    [1200.5, 1200.5, 1200.0, 1200.0, 12.5, 1200.0, 1.2, -300.0]
    >>> parse("€ 1.200,50"), parse("12 eggs"), parse("nan")
    (Number(value=1200.5, currency='€'), None, None)
    """
    try:
        plain = float(raw)
    except ValueError:
        return _written(raw)
    return Number(plain) if math.isfinite(plain) else None


def _written(raw: str) -> Number | None:
    found = _SHAPE(_SPACE.sub("", raw.strip().replace("\N{MINUS SIGN}", "-")))
    if found is None:
        return None
    before, sign, symbol, digits, after = found.groups(default="")
    beside = [part for part in (before, symbol, after) if part]
    number = _decimal(digits)
    if number is None or len(beside) > 1:
        return None
    return Number(-number if sign == "-" else number, beside[0].casefold() if beside else "")


def _decimal(digits: str) -> float | None:
    """The number that digits with points and commas stand for."""
    point = _point(digits)
    whole, _, decimals = digits.rpartition(point) if point else (digits, "", "")
    if not _GROUPS(whole or "0") or "," in decimals or "." in decimals or (point and point in whole):
        return None
    return float(f"{re.sub('[.,]', '', whole) or 0}.{decimals or 0}")


def _point(digits: str) -> str:
    """What stands before the decimals, ``""`` where nothing does."""
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return ""
    last = marks[-1]
    if len(set(marks)) == 1 and (len(marks) > 1 or (last == "," and len(digits) - digits.index(",") == 4)):
        return ""  # thousands
    return last
