"""Dates as whole days since 1970, as the cells say them, and whether they can be used."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.normalise.columnar import dates
from socialmerge.outcomes.measures import Flags, Ints

__all__ = ["NEVER", "day_of", "days_of", "until"]

NEVER = np.iinfo(np.int64).max
"""The day of what has no date: later than every day, so that the first of several days is their least."""
_EPOCH = date(1970, 1, 1)


def day_of(moment: date) -> int:
    """A date as days since 1970; a time counts as its day, in UTC where it has a zone.

    >>> day_of(date(1970, 1, 2))
    1
    """
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return (date(moment.year, moment.month, moment.day) - _EPOCH).days


def days_of(column: pa.ChunkedArray, *, region: str = "") -> Ints:
    """Read a column of dates; what has no day (empty, a year or a month alone, no date) is :data:`NEVER`.

    A time counts as the day that is written, whatever its zone; a column of times with a zone as the day in UTC. How
    day and month are ordered is decided once for the column (see ``normalise.dates``); ``region`` decides where no
    value does.

    >>> days_of(pa.chunked_array([["1970-01-02", "25/12/1999", "2024", None]])).tolist() == [1, 10950, NEVER, NEVER]
    True
    """
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        moments = column.cast(
            pa.timestamp("s", column.type.tz) if pa.types.is_timestamp(column.type) else pa.date32(), safe=False
        )
        return _filled(moments.cast(pa.date32()).combine_chunks())
    encoded = tables.strings(column).dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(encoded.dictionary) + 1)[:-1].astype(np.int64)
    order = dates.order_of([(encoded.dictionary, counts)], region)
    keys = dates.keys(encoded.dictionary, order)
    days: Ints = np.append(_whole_days(keys), NEVER)[codes]
    return days


def _whole_days(keys: pa.Array) -> Ints:
    """Days of eight digits; a part that is 0 is not known, and a day that no month has is none."""
    numbers = np.asarray(pc.fill_null(keys.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)
    year, month, day = numbers // 10_000, numbers // 100 % 100, numbers % 100
    known = (year > 0) & (month > 0) & (month < 13) & (day > 0)
    months = np.where(known, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    length = (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first
    known &= day <= length
    return np.where(known, first + day - 1, NEVER)


def _filled(days: pa.Array) -> Ints:
    numbers = days.cast(pa.int32()).cast(pa.int64()).fill_null(NEVER)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def until(days: Ints, now: int) -> tuple[Ints, Flags]:
    """The days with those after ``now`` as :data:`NEVER`, and which ones these are."""
    ahead = (days > now) & (days != NEVER)
    return np.where(ahead, NEVER, days), ahead
