"""When something was seen, to the microsecond: dates and times as systems and people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import PolicyError
from socialmerge.merging.arrays import Ints
from socialmerge.normalise import dates
from socialmerge.records import Missing

__all__ = ["UNDATED", "instant", "instant_of", "is_timed", "moment_of", "moments"]

UNDATED = np.iinfo(np.int64).min
"""The moment of a row without a date: before every other."""

_CLOCK = re.compile(
    r"(?:[ T]|^)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s?(?:([AaPp])\.?[Mm]\.?)?"
    r"\s?(?:(Z|UTC|GMT)|([+-])([0-9]{2})(?::?([0-9]{2}))?)?$"
)
_UNIX = re.compile(r"[0-9]{10}(?:[0-9]{3})?$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moments(texts: pa.Array) -> Ints:
    """Read dates and times as microseconds since 1970 (UTC where no zone is given), :data:`UNDATED` where unreadable.

    >>> import pyarrow as pa
    >>> moments(pa.array(["1970-01-02", "1970-01-02T00:00:00Z", None])).tolist()[:2]
    [86400000000, 86400000000]
    """
    encoded = pc.dictionary_encode(texts)
    values = encoded.dictionary.to_pylist()
    order = dates.order(values)
    read = np.array([UNDATED, *(instant_of(value, order) for value in values)], np.int64)
    moment: Ints = read[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1]
    return moment


def instant_of(text: str, order: dates.DateOrder) -> int:
    """Read one date or time, written as ISO 8601 or as people write it; :data:`UNDATED` where it is none.

    >>> late, early = (instant_of(text, dates.DateOrder()) for text in ("1/31/2026 1:05 PM", "2026-01-31 13:04:59 UTC"))
    >>> late - early
    1000000
    """
    text = text.strip()
    try:
        return instant(datetime.fromisoformat(text))
    except ValueError:
        day = dates.parse(text, order)
        if isinstance(day, Missing) or not day.year:
            return int(UNDATED)
    if _UNIX.match(text):
        return int(text.ljust(13, "0")) * 1000
    start = datetime(day.year, max(day.month, 1), max(day.day, 1), tzinfo=UTC)
    return instant(start) + _since_midnight(text)


def is_timed(text: str) -> bool:
    """Whether a text says a time of the day, beyond midnight, or a day by seconds."""
    text = text.strip()
    found = _CLOCK.search(text)
    if not found:
        return bool(_UNIX.match(text))
    return _since_midnight(text) != 0 or bool(found[7])


def _since_midnight(text: str) -> int:
    found = _CLOCK.search(text)
    if not found:
        return 0
    hour, minute, second = (int(found[place] or 0) for place in (1, 2, 3))
    if found[5]:
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    ahead = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0)) * (-1 if found[7] == "-" else 1)
    past = timedelta(hours=hour, minutes=minute, seconds=second) - ahead
    return (past.days * 86_400 + past.seconds) * 1_000_000 + int((found[4] or "").ljust(6, "0")[:6])


def instant(moment: datetime) -> int:
    """Give a time as microseconds since 1970, UTC where it has no zone."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    # Whole microseconds: a float timestamp would tie moments that differ.
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment_of(as_of: str | datetime | None) -> int | None:
    """Give the time at which a question is asked as microseconds since 1970.

    Raises:
        PolicyError: It is no time.
    """
    if as_of is None or isinstance(as_of, datetime):
        return None if as_of is None else instant(as_of)
    try:
        return instant(datetime.fromisoformat(as_of))
    except ValueError:
        message = "as_of= holds no time; write it as ISO 8601, such as 2026-01-31T12:00:00Z"
        raise PolicyError(message) from None
