"""Dates: the order of day and month decided once for a column, partial dates kept partial."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from socialmerge.normalise import lexicon, text
from socialmerge.records import Missing, PartialDate

__all__ = ["THIS_YEAR", "VERSION", "DateOrder", "iso", "order", "parse"]

VERSION = 1

_LAST_YEAR = 2200
_FIRST_YEAR = 1000
THIS_YEAR = 2026  # only where neither now= nor a four-digit year of the column says more; part of VERSION
_LONGEST = 64
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 (calendar arithmetic, no instant)
_EXCEL_DAYS = range(10_000, 80_000)  # 1927 to 2119
_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DEFAULTS = frozenset(  # what systems store for an unknown date; people are born on these days too
    PartialDate(year, 1, 1) for year in (1753, 1800, 1900, 1901, 1910, 1950, 1960, 1970, 1980, 1990, 2000)
)
_MONTH_DAY_FIRST = frozenset({"US", "PH", "PW", "FM", "MH", "GU", "PR"})

_RECENT_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?", re.DOTALL).fullmatch
_TRIPLE = re.compile(r"([0-9]{1,4})[-/. ]{1,2}([0-9]{1,2})[-/. ]{1,2}([0-9]{1,4})\.?").fullmatch
_DOUBLE = re.compile(r"([0-9]{1,4})[-/.]([0-9]{1,4})").fullmatch
_NO_YEAR = re.compile(r"--([0-9]{2})-?([0-9]{2})").fullmatch
_TIME = re.compile(r"(?:\s|^|,\s?)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:\s?[AaPp]\.?[Mm]\.?)?")
_ZONE = re.compile(r"\s(?:[+-][0-9]{2}:?[0-9]{2}|UTC|GMT|Z|[A-Z]{2,4}T)\b")
_EAST_ASIAN = re.compile(r"([0-9]{4})\s?[年년]\s?(?:([0-9]{1,2})\s?[月월]\s?(?:([0-9]{1,2})\s?[日일])?)?").fullmatch
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|o|a)\Z")


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How the dates of one column are written.

    ``day_first`` decides 03/04/2000, ``compact`` eight digits without separators ("ymd", "dmy", "mdy"); a two-digit
    year after ``latest_year`` belongs to the century before; ``serial`` says that bare five-digit numbers are days of a
    spreadsheet; ``placeholders`` are dates that stand for an unknown one here.
    """

    day_first: bool = False
    compact: str = "ymd"
    latest_year: int = THIS_YEAR
    serial: bool = False
    placeholders: frozenset[PartialDate] = field(default_factory=frozenset)


def order(
    values: Sequence[str],
    *,
    counts: Sequence[int] | None = None,
    region: str = "",
    now: dt.date | None = None,
    plain: tuple[int, int] = (0, 0),
) -> DateOrder:
    """Decide by evidence how a column's dates are written.

    Args:
        values: texts of the column, distinct or not.
        counts: rows of each value, when the values are distinct; without them a default date cannot be told by its
            frequency, unless the values repeat.
        region: ISO country code; decides day and month only where no value does. Without a region month first, the
            commoner one in exports with slashes; a full stop between the numbers says day first.
        now: the day of the export; two-digit years up to its year are of this century. Without it 2026, or a
            later four-digit year of the column.
        plain: how many distinct values the column has besides, and in how many rows, that say nothing of its order: ISO
            dates of no later year that are no default date.

    >>> order(["8/15/67", "12/11/73"]).day_first, order(["15.8.1967"]).day_first
    (False, True)
    >>> parse("1/7/80", order(["25/12/79"]))
    PartialDate(year=1980, month=7, day=1)
    """
    cleaned = [value.strip() for value in values]
    latest = now.year if now else _latest_year(cleaned)
    rows = counts if counts is not None else [1] * len(cleaned)
    decided = DateOrder(_day_first(cleaned, region), _compact(cleaned), latest, _is_serial(cleaned, plain[0]))
    average = (sum(rows) + plain[1]) / max(1, len(set(cleaned)) + plain[0])
    defaults = _frequent_defaults(cleaned, rows, decided, average)
    return DateOrder(decided.day_first, decided.compact, latest, decided.serial, defaults)


def _latest_year(values: Sequence[str]) -> int:
    """The latest four-digit year that a birthday or an event of the past can have."""
    found = (int(year) for value in values for year in _RECENT_YEAR.findall(value[:_LONGEST]))
    return max((year for year in found if THIS_YEAR < year <= THIS_YEAR + 10), default=THIS_YEAR)


def _day_first(values: Iterable[str], region: str) -> bool:
    """Count the values that only one order can read; where there are none, what is usual."""
    day = month = dots = 0
    for value in values:
        found = _TRIPLE(value.partition(" ")[0]) or _TRIPLE(value)
        if not found or len(found[1]) > 2:
            continue
        first, second = int(found[1]), int(found[2])
        day += first > 12 >= second
        month += second > 12 >= first
        dots += "." in value[:6]
    if day != month:
        return day > month
    return dots > 0 or (bool(region) and region.upper() not in _MONTH_DAY_FIRST)


def _compact(values: Iterable[str]) -> str:
    """The order that reads most of the eight-digit values; year first where they tie."""
    digits = [value for value in values if len(value) == 8 and value.isascii() and value.isdigit()]
    reads = {name: sum(_is_real(*_cut(value, name)) for value in digits) for name in ("ymd", "dmy", "mdy")}
    return max(reads, key=lambda name: reads[name])


def _cut(digits: str, name: str) -> tuple[int, int, int]:
    if name == "ymd":
        return int(digits[:4]), int(digits[4:6]), int(digits[6:])
    first, second, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    return (year, second, first) if name == "dmy" else (year, first, second)


def _is_serial(values: Sequence[str], others: int) -> bool:
    fives = (value for value in values if len(value) == 5 and value.isascii() and value.isdigit())
    serial = sum(int(value) in _EXCEL_DAYS for value in fives)
    return serial > 0 and 2 * serial >= len(values) + others


def _frequent_defaults(
    values: Sequence[str], rows: Sequence[int], decided: DateOrder, average: float
) -> frozenset[PartialDate]:
    """Default dates that far more rows hold than the average date."""
    total = Counter[PartialDate]()
    for value, count in zip(values, rows, strict=True):
        if value[:2] in {"01", "1/", "1-", "1."} or "01" in value:
            date = parse(value, decided)
            if date in _DEFAULTS and isinstance(date, PartialDate):
                total[date] += count
    return frozenset(date for date, count in total.items() if count >= 5 and count >= 10 * average)


def parse(raw: str, order: DateOrder) -> PartialDate | Missing:
    """Parse a date as its column writes it.

    Reads ISO 8601 dates and timestamps (the day as written, whatever the zone), numbers with - / . or spaces, eight
    digits, month names in twelve languages, years, year and month, vCard dates without a year (--0415), Unix times in
    seconds or milliseconds, and spreadsheet days where the column has them. A value that the column's order cannot read
    is read in the other order; impossible dates are malformed; unknown parts are 0.

    >>> parse("1815-12-10T08:00:00Z", DateOrder()), parse("25-Jun-08", DateOrder())
    (PartialDate(year=1815, month=12, day=10), PartialDate(year=2008, month=6, day=25))
    >>> parse("0000-00-00", DateOrder()), parse("31/02/2000", DateOrder())
    (Missing(reason=<MissingReason.PLACEHOLDER: 'placeholder'>), Missing(reason=<MissingReason.MALFORMED: 'malformed'>))
    """
    found = _ISO(raw)
    if found:
        year, month, day = found.groups()
        return _checked(int(year), int(month), int(day), order)
    value = raw.strip()
    if not value:
        return text.EMPTY
    if len(value) > _LONGEST:
        return text.MALFORMED
    parts = _numeric(value, order) if value.isascii() else None
    if parts is None:
        parts = _written(value, order)
    if parts is None:
        reason = text.is_junk(raw)
        return Missing(reason) if reason else text.MALFORMED
    return _checked(*parts, order)


def iso(date: PartialDate) -> str:
    """A partial date as text that `parse` reads back: ISO 8601, or as in vCard where the year is not known.

    >>> iso(PartialDate(1815, 12, 10)), iso(PartialDate(1815, 12, 0)), iso(PartialDate(0, 12, 10))
    ('1815-12-10', '1815-12', '--12-10')
    """
    if not date.year:
        return f"--{date.month:02d}-{date.day:02d}"
    if not date.month:
        return f"{date.year:04d}"
    return f"{date.year:04d}-{date.month:02d}-{date.day:02d}" if date.day else f"{date.year:04d}-{date.month:02d}"


def _checked(year: int, month: int, day: int, order: DateOrder) -> PartialDate | Missing:
    if month > 12 >= day > 0:
        month, day = day, month
    if _is_real(year, month, day) and year != 1:
        date = PartialDate(year, month, day)
        return text.PLACEHOLDER if date in order.placeholders else date
    if year in {0, 1, 9999} and (year == 9999 or month in {0, 1}):
        return text.PLACEHOLDER
    return text.MALFORMED


def _is_real(year: int, month: int, day: int) -> bool:
    """Whether the known parts make a date: 0 is not known, and a day needs its month."""
    if month > 12 or (month and day > _DAYS[month]) or (day and not month):
        return False
    if not year:
        return bool(month and day)
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return False
    return _FIRST_YEAR <= year <= _LAST_YEAR


def _numeric(value: str, order: DateOrder) -> tuple[int, int, int] | None:
    """Year, month, day of a date in digits, or None when it is not written so."""
    if value.isdigit():
        return _digits(value, order)
    found = _TRIPLE(value)
    if found:
        return _triple(found[1], found[2], found[3], order)
    found = _NO_YEAR(value)
    if found:
        return 0, int(found[1]), int(found[2])
    found = _DOUBLE(value)
    if found:
        return _double(found[1], found[2], order)
    return None


def _digits(value: str, order: DateOrder) -> tuple[int, int, int] | None:
    size = len(value)
    if size == 8:
        return _cut(value, order.compact)
    if size in {4, 6}:
        return int(value[:4]), int(value[4:] or 0), 0
    if size == 5 and order.serial:
        return _after_epoch(86_400 * (int(value) - 25_569))
    if size in {9, 10}:
        return _after_epoch(int(value))
    return _after_epoch(int(value) // 1000) if size in {12, 13} else None


def _after_epoch(seconds: int) -> tuple[int, int, int]:
    day = _EPOCH + dt.timedelta(seconds=seconds)
    return day.year, day.month, day.day


def _triple(first: str, second: str, third: str, order: DateOrder) -> tuple[int, int, int] | None:
    if len(first) > 2 or (int(first) > 31 and len(third) <= 2):
        return _year(first, order), int(second), int(third)
    if len(third) == 1 or len(third) == 3:
        return None
    year, one, two = _year(third, order), int(first), int(second)
    likely, other = ((year, two, one), (year, one, two)) if order.day_first else ((year, one, two), (year, two, one))
    return likely if _is_real(*likely) or not _is_real(*other) else other


def _double(first: str, second: str, order: DateOrder) -> tuple[int, int, int] | None:
    """Year and month in either order; month and day of a birthday without its year."""
    if len(first) == 4 and len(second) <= 2:
        return int(first), int(second), 0
    if len(second) == 4 and len(first) <= 2:
        return int(second), int(first), 0
    if len(first) > 2 or len(second) > 2:
        return None
    one, two = int(first), int(second)
    likely, other = ((0, two, one), (0, one, two)) if order.day_first else ((0, one, two), (0, two, one))
    return likely if _is_real(*likely) else other


def _year(digits: str, order: DateOrder) -> int:
    """A two-digit year is the latest one that is not after the column's latest year."""
    if len(digits) > 2:
        return int(digits)
    century = order.latest_year // 100 * 100
    year = century + int(digits)
    return year if year <= order.latest_year else year - 100


@cache
def _months() -> dict[str, int]:
    return {name: int(number) for name, number in lexicon.mapping("dates", "months").items() if not name.isdigit()}


def _written(value: str, order: DateOrder) -> tuple[int, int, int] | None:
    """Year, month, day of a date with words, a time or a zone."""
    found = _EAST_ASIAN(value)
    if found:
        return int(found[1]), int(found[2] or 0), int(found[3] or 0)
    bare = _TIME.sub(" ", _ZONE.sub(" ", value)).strip(" ,;Z")
    if bare != value and (numeric := _numeric(bare, order) if bare.isascii() else None):
        return numeric
    months, numbers = [], []
    for token in text.fold(bare).split():
        ordinal = _ORDINAL.match(token)
        digits = ordinal[1] if ordinal else token
        if digits.isdigit() and len(digits) <= 4:
            numbers.append(digits)
        elif token in _months():
            months.append(_months()[token])
    if len(months) != 1 or not 1 <= len(numbers) <= 2:
        return None
    return _with_month(months[0], numbers, order)


def _with_month(month: int, numbers: Sequence[str], order: DateOrder) -> tuple[int, int, int]:
    if len(numbers) == 1:
        number = numbers[0]
        return (0, month, int(number)) if len(number) <= 2 and int(number) <= 31 else (_year(number, order), month, 0)
    first, second = numbers
    if len(first) > 2 or int(first) > 31:
        return _year(first, order), month, int(second)
    return _year(second, order), month, int(first)
