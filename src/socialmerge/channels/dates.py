"""Times as some exports write them, as ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["NOTATIONS", "iso"]

NOTATIONS = ("dd mon yyyy", "epoch", "basic", "ctime", "utc")

# In English whatever the locale, so not by strptime.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*\.?[ -](\d{4})")
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z|[+-]\d\d(?::?\d\d)?)?)?")
_CTIME = re.compile(r"[A-Za-z]{3} ([A-Za-z]{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (?:([+-]\d\d)(\d\d) )?(\d{4})")
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?: ?UTC| ?Z)?")
_EPOCH = re.compile(r"\d{1,11}(?:\.\d+)?")


def iso(text: str, notation: str) -> str:
    """A time in one of :data:`NOTATIONS` as ISO 8601; a text in any other form as it is.

    >>> iso("05 Mar 2024", "dd mon yyyy"), iso("1700000000", "epoch"), iso("20240305T120000Z", "basic")
    ('2024-03-05', '2023-11-14T22:13:20Z', '2024-03-05T12:00:00Z')
    >>> iso("Wed Oct 10 20:19:24 +0000 2018", "ctime"), iso("2019-03-05 12:00:00 UTC", "utc")
    ('2018-10-10T20:19:24+00:00', '2019-03-05T12:00:00Z')
    """
    if notation == "dd mon yyyy":
        return _from_english(text)
    return _OTHERS[notation](text)


def _from_english(text: str) -> str:
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return text
    return f"{match[3]}-{_MONTHS.index(match[2].lower()) + 1:02d}-{int(match[1]):02d}"


def _from_epoch(text: str) -> str:
    if _EPOCH.fullmatch(text) is None:
        return text
    return datetime.fromtimestamp(int(float(text)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if len(text) < 18 else text


def _from_basic(text: str) -> str:
    match = _BASIC.fullmatch(text)
    if match is None:
        return text
    day = f"{match[1]}-{match[2]}-{match[3]}"
    return f"{day}T{match[4]}:{match[5]}:{match[6] or '00'}{match[7] or ''}" if match[4] else day


def _from_ctime(text: str) -> str:
    match = _CTIME.fullmatch(text)
    if match is None or match[1].lower() not in _MONTHS:
        return text
    offset = f"{match[4]}:{match[5]}" if match[4] else "Z"
    return f"{match[6]}-{_MONTHS.index(match[1].lower()) + 1:02d}-{int(match[2]):02d}T{match[3]}{offset}"


def _from_utc(text: str) -> str:
    match = _UTC.fullmatch(text)
    return f"{match[1]}T{match[2]}Z" if match else text


_OTHERS = {"epoch": _from_epoch, "basic": _from_basic, "ctime": _from_ctime, "utc": _from_utc}
