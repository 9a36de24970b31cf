"""The two sides of the chain: the names, handles, e-mail local parts and website labels of profiles or customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.matching.chain_names import ChainNames, placed, sorted_texts
from socialmerge.matching.characters import squeezed
from socialmerge.normalise.texts import Texts

__all__ = ["DISPLAY", "EMAIL", "ID", "WEBSITE", "ChainColumn", "ChainSide", "ChainValue", "together"]

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.integer[Any]]
EMAIL, WEBSITE, DISPLAY, ID = "email", "website", "display", "id:"  # the kinds that are not channels
_MOST = 8  # strings of one row that are looked at
_NOT_SHARED = -2  # the code of a key that no row of the other side has


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
    """Strings of one kind: row ``row[i]`` has the text ``text[code[i]]``, the key ``key[code[i]]`` and so on.

    ``kind`` is the channel of an account, "email", "website", or "id:" with channel and scope for a stable id.
    ``text``, ``key`` and ``wider`` are ``pa.string()`` without nulls, of one length.
    """

    kind: str
    row: Ints
    code: Ints
    text: pa.Array
    key: pa.Array
    wider: pa.Array
    verified: bool = False

    @classmethod
    def of(cls, kind: str, values: Iterable[tuple[int, ChainValue]], *, verified: bool = False) -> ChainColumn:
        """A column from pairs of row and value."""
        pairs = list(values)
        distinct = {v: i for i, v in enumerate(dict.fromkeys(v for _, v in pairs))}
        row = np.array([r for r, _ in pairs], dtype=np.int64)
        code = np.array([distinct[v] for _, v in pairs], dtype=np.int64)
        text, key, wider = (pa.array([v[part] for v in distinct], pa.string()) for part in range(3))
        return cls(kind, row, code, text, key, wider, verified)


@dataclass(frozen=True, slots=True)
class ChainSide:
    """Rows with the code of their name (-1 for none) and their strings, grouped by row.

    The strings of row r are those from ``start[r]`` to ``start[r + 1]``. ``kind``, ``text``, ``key`` and ``wider``
    are codes into ``kinds``, ``texts`` and ``keys``; -1 is none, and -2 a key that the other side has nowhere.
    """

    names: ChainNames
    name: Codes
    start: Ints
    kind: Codes
    text: Codes
    key: Codes
    wider: Codes
    verified: npt.NDArray[np.bool_]
    kinds: tuple[str, ...]
    texts: Texts
    keys: Texts

    @classmethod
    def of(cls, names: ChainNames, name: Sequence[int] | Codes, columns: Iterable[ChainColumn]) -> ChainSide:
        """Group the strings of columns by row; at most eight a row are kept, the first columns' first.

        Args:
            names: distinct names.
            name: for each row a place in ``names``, or -1.
            columns: strings of the rows, the telling kinds first.

        >>> from socialmerge.records import PersonName
        >>> ann = ChainNames.of([PersonName("Ann Lee", given="ann", family="lee")])
        >>> side = ChainSide.of(ann, [0, -1], [ChainColumn.of("x", [(1, ChainValue("ann_lee", "ann_lee"))])])
        >>> side.start.tolist(), list(side.texts)
        ([0, 0, 1], ['annlee'])
        """
        code = np.asarray(name, dtype=np.int32)
        every = [c for c in (_words_shown(names, code), *columns) if len(c.row)]
        kinds = tuple(dict.fromkeys(c.kind for c in every))
        plain = [squeezed(c.text) for c in every]
        texts = sorted_texts(plain)
        keys = sorted_texts([column for c in every for column in (c.key, c.wider)])
        parts = [_coded(c, kinds.index(c.kind), Texts(own), texts, keys) for c, own in zip(every, plain, strict=True)]
        table = np.concatenate([np.zeros((6, 0), dtype=np.int32), *parts], axis=1)
        table = table[:, np.argsort(table[0], kind="stable")]
        table = table[:, _first_seen(table[:4])]
        begin = np.searchsorted(table[0], np.arange(len(code)))
        table = table[:, np.arange(table.shape[1]) - begin[table[0]] < _MOST]
        start = np.searchsorted(table[0], np.arange(len(code) + 1))
        _, kind, text, key, wider, verified = table
        return cls(names, code, start, kind, text, key, wider, verified > 0, kinds, texts, keys)

    @property
    def row(self) -> Ints:
        """The row of each string."""
        return np.repeat(np.arange(len(self.name)), np.diff(self.start))

    def kind_names(self, strings: Ints) -> list[str]:
        """The kinds of these strings."""
        return [self.kinds[k] for k in self.kind[strings].tolist()]

    def take(self, rows: Ints) -> ChainSide:
        """These rows; names and every code stay as they are."""
        count = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(count)])
        at = np.arange(start[-1]) - np.repeat(start[:-1], count) + np.repeat(self.start[rows], count)
        return replace(
            self,
            name=self.name[rows],
            start=start,
            kind=self.kind[at],
            text=self.text[at],
            key=self.key[at],
            wider=self.wider[at],
            verified=self.verified[at],
        )


def together(profiles: ChainSide, customers: ChainSide) -> tuple[ChainSide, ChainSide]:
    """The two sides over the same words, texts, kinds and keys, so that what is equal has equal codes.

    Of the keys only the profiles' are kept.

    >>> one = ChainSide.of(ChainNames.of([]), [-1], [ChainColumn.of("x", [(0, ChainValue("ann", "ann"))])])
    >>> other = ChainSide.of(ChainNames.of([]), [-1], [ChainColumn.of("x", [(0, ChainValue("bo", "bo"))])])
    >>> [(side.text.tolist(), side.key.tolist()) for side in together(one, other)]
    [([0], [0]), ([1], [-2])]
    """
    if profiles.texts is customers.texts and profiles.names.words is customers.names.words:
        return profiles, customers
    kinds = tuple(dict.fromkeys([*profiles.kinds, *customers.kinds]))
    texts = sorted_texts([side.texts.column for side in (profiles, customers)])
    words = sorted_texts([side.names.words.column for side in (profiles, customers)])
    spellings = sorted_texts([side.names.spellings.column for side in (profiles, customers)])
    found = []
    for side in (profiles, customers):
        key = placed(side.keys, profiles.keys)
        key = np.append(np.where(key < 0, np.int32(_NOT_SHARED), key), np.int32(-1))
        moved = replace(
            side,
            names=side.names.recoded(words, spellings),
            kind=np.array([kinds.index(kind) for kind in side.kinds], dtype=np.int32)[side.kind],
            text=np.append(placed(side.texts, texts), np.int32(-1))[side.text],
            key=key[side.key],
            wider=key[side.wider],
        )
        found.append(replace(moved, kinds=kinds, texts=texts, keys=profiles.keys))
    return found[0], found[1]


def _words_shown(names: ChainNames, code: Codes) -> ChainColumn:
    """Names of one word are strings that somebody chose, like handles."""
    single = ~((names.part("given") >= 0) & (names.part("family") >= 0)) & names.person
    word = np.where(names.part("given") >= 0, names.part("given"), names.part("family"))
    rows = np.flatnonzero(np.append(single & (word >= 0), np.False_)[code])
    nothing = pa.array([""], pa.string()).take(pa.array(np.zeros(len(names.words), np.int64)))
    return ChainColumn(DISPLAY, rows, word[code[rows]].astype(np.int64), names.words.column, nothing, nothing)


def _coded(column: ChainColumn, kind: int, squeezed_texts: Texts, texts: Texts, keys: Texts) -> Codes:
    """Rows of row, kind, text, key, wider and verified."""
    known = [placed(squeezed_texts, texts), placed(Texts(column.key), keys), placed(Texts(column.wider), keys)]
    codes = [part[column.code] for part in known]
    same = [np.full(len(column.row), value, np.int32) for value in (kind, int(column.verified))]
    return np.stack([column.row.astype(np.int32), same[0], *codes, same[1]])


def _first_seen(table: Codes) -> Ints:
    """The first place of each distinct column, in order; equal ones are of the same row, which is the table's first."""
    count = np.bincount(table[0]) if table.shape[1] else np.zeros(0, np.int64)
    several = np.flatnonzero(count[table[0]] > 1)
    order = several[np.lexsort(table[::-1, several])]
    again = (table[:, order[1:]] == table[:, order[:-1]]).all(axis=0)
    kept = np.ones(table.shape[1], dtype=np.bool_)
    kept[order[1:][again]] = False
    return np.flatnonzero(kept)
