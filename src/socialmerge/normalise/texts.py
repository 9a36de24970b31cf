"""Texts held by Arrow and read as a sequence of ``str``: a million of them as Python objects take 60 MB and more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import pyarrow as pa

__all__ = ["Texts"]

_AT_ONCE = 1 << 14


class Texts(Sequence[str]):
    """A sequence of ``str`` over ``column``, a ``pa.string()`` array without nulls; a slice is another without a copy.

    Reading one item makes one ``str``; who works on all of them takes ``column`` and Arrow's kernels.

    >>> texts = Texts(pa.array(["ada", "bea"]))
    >>> texts[1], list(texts), len(texts[:1]), texts.index("bea")
    ('bea', ['ada', 'bea'], 1, 1)
    """

    __slots__ = ("column",)

    def __init__(self, column: pa.Array) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Texts: ...
    def __getitem__(self, index: int | slice) -> str | Texts:
        if isinstance(index, slice):
            return Texts(self.column[index])
        return str(self.column[index].as_py())

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self.column), _AT_ONCE):
            yield from self.column.slice(start, _AT_ONCE).to_pylist()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Texts):
            return bool(self.column.equals(other.column))
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(str.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]  # a view of an array is no key

    def __repr__(self) -> str:
        return f"Texts({len(self):,} values)"  # never the values: they may be anybody's
