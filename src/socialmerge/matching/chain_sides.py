"""The two sides of the chain: the names, handles, e-mail local parts and website labels of profiles or customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from socialmerge.matching.characters import Ints, squeeze
from socialmerge.records import PersonName

__all__ = ["DISPLAY", "EMAIL", "ID", "WEBSITE", "ChainColumn", "ChainSide", "ChainValue"]

EMAIL, WEBSITE, DISPLAY, ID = "email", "website", "display", "id:"  # the kinds that are not channels
T = TypeVar("T")
_MOST = 8  # strings of one row that are looked at


class ChainValue(NamedTuple):
    """What a person chose, and what it stands for.

    ``text`` is the part that was chosen (of a handle the part that can come from a name, the local part of an
    address, the label of a website), "" for a stable id. ``key`` is what must be equal for two to be one and the same
    (canonical handle, address, URL, id), ``wider`` a second such key (the host of a URL).
    """

    text: str
    key: str = ""
    wider: str = ""


@dataclass(frozen=True, slots=True)
class ChainColumn:
    """Strings of one kind: row ``row[i]`` has ``values[code[i]]``.

    ``kind`` is the channel of an account, "email", "website", or "id:" with channel and scope for a stable id.
    """

    kind: str
    row: Ints
    code: Ints
    values: Sequence[ChainValue]
    verified: npt.NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, kind: str, values: Iterable[tuple[int, ChainValue]], *, verified: bool = False) -> ChainColumn:
        """A column from pairs of row and value."""
        pairs = list(values)
        distinct = {v: i for i, v in enumerate(dict.fromkeys(v for _, v in pairs))}
        row = np.array([r for r, _ in pairs], dtype=np.int64)
        code = np.array([distinct[v] for _, v in pairs], dtype=np.int64)
        return cls(kind, row, code, tuple(distinct), np.full(len(pairs), verified))


@dataclass(frozen=True, slots=True)
class ChainSide:
    """Rows with the code of their name (-1 for none) and their strings, grouped by row.

    The strings of row r are those from ``start[r]`` to ``start[r + 1]``. ``kind``, ``text``, ``key`` and ``wider``
    are codes into ``kinds``, ``texts`` and ``keys``; -1 is none.
    """

    names: tuple[PersonName, ...]
    name: Ints
    start: Ints
    kind: Ints
    text: Ints
    key: Ints
    wider: Ints
    verified: npt.NDArray[np.bool_]
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[PersonName], name: Sequence[int] | Ints, columns: Iterable[ChainColumn]) -> ChainSide:
        """Group the strings of columns by row; at most eight a row are kept, the first columns' first.

        Args:
            names: distinct names.
            name: for each row a place in ``names``, or -1.
            columns: strings of the rows, the telling kinds first.

        >>> ann = PersonName("Ann Lee", given="ann", family="lee")
        >>> side = ChainSide.of([ann], [0, -1], [ChainColumn.of("x", [(1, ChainValue("ann_lee", "ann_lee"))])])
        >>> side.start.tolist(), side.texts
        ([0, 0, 1], ('annlee',))
        """
        code = np.asarray(name, dtype=np.int64)
        every = [c for c in (_words_shown(names, code), *columns) if len(c.row)]
        kinds, texts, keys = _Codes(), _Codes(), _Codes()
        parts = [_coded(c, kinds, texts, keys) for c in every]
        table = np.concatenate([np.zeros((0, 6), dtype=np.int64), *parts])
        table = table[np.argsort(table[:, 0], kind="stable")]
        table = table[_first_seen(table[:, :4])]
        begin = np.searchsorted(table[:, 0], np.arange(len(code)))
        table = table[np.arange(len(table)) - begin[table[:, 0]] < _MOST]
        start = np.searchsorted(table[:, 0], np.arange(len(code) + 1))
        _, kind, text, key, wider, verified = np.ascontiguousarray(table.T)
        ends = kinds.values(), texts.values(), keys.values()
        return cls(tuple(names), code, start, kind, text, key, wider, verified > 0, *ends)

    @property
    def row(self) -> Ints:
        """The row of each string."""
        return np.repeat(np.arange(len(self.name)), np.diff(self.start))

    def kind_names(self, strings: Ints) -> list[str]:
        """The kinds of these strings."""
        return [self.kinds[k] for k in self.kind[strings].tolist()]

    def full(self) -> npt.NDArray[np.bool_]:
        """For each distinct name whether it has a given and a family name; one more for no name."""
        found = [bool(n.given and n.family) and not n.is_organisation for n in self.names]
        return np.array([*found, False], dtype=np.bool_)

    def take(self, rows: Ints) -> ChainSide:
        """These rows, with only their own names and texts; codes of kinds and keys stay as they are."""
        count = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(count)])
        at = np.arange(start[-1]) - np.repeat(start[:-1], count) + np.repeat(self.start[rows], count)
        names, name = _recoded(self.names, self.name[rows])
        texts, text = _recoded(self.texts, self.text[at])
        columns = self.kind[at], text, self.key[at], self.wider[at], self.verified[at]
        return ChainSide(names, name, start, *columns, self.kinds, texts, self.keys)


def _recoded(values: Sequence[T], code: Ints) -> tuple[tuple[T, ...], Ints]:
    """Only the values that are used, and their new codes; -1 stays."""
    used, back = np.unique(code, return_inverse=True)
    missing = bool(len(used)) and used[0] < 0
    return tuple(values[i] for i in used[int(missing) :].tolist()), back.astype(np.int64) - int(missing)


def _words_shown(names: Sequence[PersonName], code: Ints) -> ChainColumn:
    """Names of one word are strings that somebody chose, like handles."""
    single = [not (n.given and n.family) and not n.is_organisation for n in names]
    rows = np.flatnonzero(np.array([*single, False], dtype=np.bool_)[code])
    values = [ChainValue(n.given or n.family) for n in names]
    return ChainColumn(DISPLAY, rows, code[rows], values)


def _coded(column: ChainColumn, kinds: _Codes, texts: _Codes, keys: _Codes) -> Ints:
    """Columns of row, kind, text, key, wider and verified."""
    values = column.values
    text = np.array([texts.code(squeeze(v.text)) for v in values], dtype=np.int64)
    key = np.array([keys.code(v.key) for v in values], dtype=np.int64)
    wider = np.array([keys.code(v.wider) for v in values], dtype=np.int64)
    kind = np.full(len(column.row), kinds.code(column.kind))
    verified = np.zeros(len(kind), np.bool_) if column.verified is None else column.verified
    return np.stack([column.row, kind, text[column.code], key[column.code], wider[column.code], verified], axis=1)


def _first_seen(table: Ints) -> Ints:
    """The first place of each distinct row, in order."""
    order = np.lexsort(table.T[::-1])
    ranked = table[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    return np.sort(order[new])


class _Codes:
    """Codes for texts in order of appearance; "" is -1."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {"": -1}

    def code(self, text: str) -> int:
        return self._known.setdefault(text, len(self._known) - 1)

    def values(self) -> tuple[str, ...]:
        return tuple(self._known)[1:]
