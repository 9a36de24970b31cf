"""What the values of a column look like: which share of them reads as an address, a number, a name and so on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.schema.looks import account_channel, is_contact, looks, words
from socialmerge.tables import LIST_SEPARATOR, counted

__all__ = ["SEPARATORS", "Evidence", "evidence"]

SEPARATORS = (LIST_SEPARATOR, ";", "|", ",")
"""Between several values in a cell: Google Contacts and our own output, HubSpot, others."""

_SAMPLE = 2_000
_POOL = 20_000
_SEVERAL = 0.002  # a separator that stands in fewer of the cells is a slip
_CONTACTS = 0.8
_AT_ONCE = 1 << 14


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values of one column look like.

    ``rows`` and ``filled`` count rows, ``distinct`` counts different values. ``sample`` holds up to 2,000 different
    values that do not stand for "no value", cut up where a cell holds several; ``weights`` go with it, greater where
    many rows share a value. ``shares`` are those that have been asked for.
    """

    rows: int
    filled: int
    distinct: int
    sample: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    separator: str = ""
    shares: dict[str, float] = field(default_factory=dict)

    def share(self, look: str) -> float:
        """Return the share of values with a look, from 0 to 1: which weighted part of the sample has it."""
        if look not in self.shares:
            self.shares[look] = self._weighed(looks()[look]) if self.sample else 0.0
        return self.shares[look]

    def _weighed(self, test: Callable[[str], bool]) -> float:
        has = (weight for value, weight in zip(self.sample, self.weights, strict=True) if test(value))
        return sum(has) / sum(self.weights)

    @property
    def mean_words(self) -> float:
        """Words in an average value."""
        return fmean(len(value.split()) for value in self.sample) if self.sample else 0.0

    @property
    def mean_length(self) -> float:
        """Characters in an average value."""
        return fmean(map(len, self.sample)) if self.sample else 0.0

    @property
    def channel(self) -> str:
        """The channel of the accounts that the sample names, ``""`` where it names none, or of several channels."""
        if not self.share("account_url"):
            return ""
        channels = {account_channel(value) for value in self.sample} - {""}
        return channels.pop() if len(channels) == 1 else ""

    @property
    def is_category(self) -> bool:
        """Whether few different values fill many rows."""
        most = min(60, self.filled // 8) if self.filled >= 16 else self.filled // 3
        return 0 < self.distinct <= most


def evidence(column: pa.ChunkedArray | pa.Array) -> Evidence:
    """Look at the values of a column. The result does not depend on the order of the rows.

    >>> import pyarrow as pa
    >>> evidence(pa.array(["ada@example.com", None])).share("email")
    1.0
    """
    values, counts = counted(column)
    cells, rows_of = _sample(values, counts)
    sample, weights, separator = _split(cells, rows_of, is_list=pa.types.is_nested(column.type))
    return Evidence(len(column), int(counts.sum()), len(values), tuple(sample), tuple(weights), separator)


def _sample(values: pa.Array, counts: npt.NDArray[np.int64]) -> tuple[list[str], list[float]]:
    """Take up to 2,000 values; which ones depends on the values alone, not on the order of the rows."""
    chosen = _pool(values)
    values, counts = values.take(pa.array(chosen)), counts[chosen]
    junk = pa.array(sorted(words("junk")), pa.string())
    real = np.flatnonzero(~pc.is_in(pc.utf8_lower(values), value_set=junk).to_numpy(zero_copy_only=False))
    values, counts = values.take(pa.array(real)), counts[real]
    order = pc.sort_indices(values).to_numpy()
    if len(order) > _SAMPLE:
        order = order[np.linspace(0, len(order) - 1, _SAMPLE).astype(np.int64)]
    return values.take(pa.array(order)).to_pylist(), np.sqrt(counts[order]).tolist()


def _pool(values: pa.Array) -> npt.NDArray[np.int64]:
    """Indices of about 20,000 values that a hash picks: sorting a million strings would take a second a column."""
    if len(values) <= 2 * _POOL:
        return np.arange(len(values))
    hashed = np.concatenate([_hashed(values.slice(start, _AT_ONCE)) for start in range(0, len(values), _AT_ONCE)])
    return np.flatnonzero(hashed <= np.partition(hashed, _POOL)[_POOL])[: 4 * _POOL]


def _hashed(values: pa.Array) -> npt.NDArray[np.uint64]:
    """A hash of bytes from the front and the back of each value, cyclically, so that short values are hashed whole."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(values.buffers()[2], np.uint8)
    starts, ends, lengths = offsets[:-1], offsets[1:] - 1, np.diff(offsets)
    mixed = lengths.astype(np.uint64)
    for place in range(12):
        step = place % lengths
        front, back = data[starts + step], data[ends - step]
        mixed = (mixed ^ (front.astype(np.uint64) << np.uint64(8)) ^ back) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _split(cells: list[str], weights: list[float], *, is_list: bool) -> tuple[list[str], list[float], str]:
    separator = LIST_SEPARATOR if is_list else _separator(cells)
    if not separator:
        return cells, weights, ""
    pairs = zip(cells, weights, strict=True)
    parts = [(part.strip(), weight) for cell, weight in pairs for part in cell.split(separator) if part.strip()]
    parts = parts[:: len(parts) // (2 * _SAMPLE) + 1]
    return [part for part, _ in parts], [weight for _, weight in parts], separator


def _separator(cells: list[str]) -> str:
    """Find what stands between the values of a cell: cutting there must give contact points."""
    for separator in SEPARATORS:
        several = [cell for cell in cells if separator in cell]
        if separator == LIST_SEPARATOR and several:
            return separator
        parts = [part.strip() for cell in several for part in cell.split(separator) if part.strip()]
        if len(several) > _SEVERAL * len(cells) and parts and fmean(map(is_contact, parts)) > _CONTACTS:
            return separator
    return ""
