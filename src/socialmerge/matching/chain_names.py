"""The names of one side of the chain: distinct names as codes over their distinct words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.matching.characters import squeezed
from socialmerge.normalise.texts import Texts
from socialmerge.records import PersonName

__all__ = ["PARTS", "ChainNames", "NameColumns", "placed", "sorted_texts"]

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

PARTS = ("given", "middle", "family", "nickname", "suffix", "family1", "family2")
"""What a name has: ``family1`` and ``family2`` are the first and the last word of a family name of several."""
_COLUMNS = PARTS[:5]
_MIXERS = np.array([0x9E3779B97F4A7C15 * k % 2**64 | 1 for k in range(1, len(PARTS) + 3)], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class NameColumns:
    """Names as columns of folded parts, each ``pa.string()`` without nulls; ``person`` is false of organisations."""

    parts: dict[str, pa.Array]
    person: Flags

    @classmethod
    def of(cls, names: Sequence[PersonName]) -> NameColumns:
        """The columns of parsed names."""
        parts = {part: pa.array([getattr(name, part) for name in names], pa.string()) for part in _COLUMNS}
        return cls(parts, np.array([not name.is_organisation for name in names], dtype=np.bool_))

    @classmethod
    def plain(cls, given: pa.Array, middle: pa.Array, family: pa.Array) -> NameColumns:
        """The columns of names of people that have no more parts than these."""
        nothing = pa.array([""], pa.string()).take(pa.array(np.zeros(len(given), np.int64)))
        parts = {"given": given, "middle": middle, "family": family, "nickname": nothing, "suffix": nothing}
        return cls(parts, np.ones(len(given), dtype=np.bool_))

    def followed_by(self, other: NameColumns) -> NameColumns:
        """These names and the others after them."""
        parts = {part: pa.concat_arrays([column, other.parts[part]]) for part, column in self.parts.items()}
        return NameColumns(parts, np.concatenate([self.person, other.person]))


@dataclass(frozen=True, slots=True)
class ChainNames:
    """Names by their words: ``codes[k, i]`` is part k (see `PARTS`) of name i as a row of ``words``; -1 for none.

    Words are squeezed and sorted. ``spelling`` is the given name as folded, with its spaces: a row of ``spellings``.
    """

    words: Texts
    codes: Codes
    spellings: Texts
    spelling: Codes
    person: Flags

    def __len__(self) -> int:
        """The number of names."""
        return len(self.person)

    @classmethod
    def of(cls, names: Sequence[PersonName]) -> ChainNames:
        """Names that were parsed one by one.

        >>> names = ChainNames.of([PersonName("Ann Lee", given="ann", family="lee")])
        >>> list(names.words), names.part("family").tolist(), names.full().tolist()
        (['ann', 'lee'], [1], [True])
        """
        return cls.of_columns(NameColumns.of(names))

    @classmethod
    def of_columns(cls, names: NameColumns) -> ChainNames:
        """Names by column."""
        family = names.parts["family"]
        several = pc.match_substring(family, " ")
        ends = [pc.replace_substring_regex(family, pattern=end, replacement="") for end in (" .*$", "^.* ")]
        columns = [names.parts[part] for part in _COLUMNS] + [pc.if_else(several, end, "") for end in ends]
        words, codes = _words_of(columns)
        spellings, spelling = _encoded(names.parts["given"])
        return cls(words, codes, spellings, spelling, names.person)

    def part(self, part: str) -> Codes:
        """One part of every name."""
        found: Codes = self.codes[PARTS.index(part)]
        return found

    def full(self) -> Flags:
        """Whether each is a person's given and family name."""
        found: Flags = (self.part("given") >= 0) & (self.part("family") >= 0) & self.person
        return found

    def called(self) -> Codes:
        """The family name of each, or what else it is called: -1 for none."""
        found: Codes = np.where(self.part("family") >= 0, self.part("family"), self.part("given"))
        return found

    def take(self, rows: Ints) -> ChainNames:
        """The names at these rows, over the same words."""
        return replace(self, codes=self.codes[:, rows], spelling=self.spelling[rows], person=self.person[rows])

    def followed_by(self, other: ChainNames) -> ChainNames:
        """These names and the other side's, which are over the same words."""
        codes = np.concatenate([self.codes, other.codes], axis=1)
        spelling, person = np.append(self.spelling, other.spelling), np.append(self.person, other.person)
        return replace(self, codes=codes, spelling=spelling, person=person)

    def recoded(self, words: Texts, spellings: Texts) -> ChainNames:
        """The same names over words that include theirs."""
        codes = np.append(placed(self.words, words), np.int32(-1))[self.codes]
        spelling = np.append(placed(self.spellings, spellings), np.int32(-1))[self.spelling]
        return replace(self, words=words, codes=codes, spellings=spellings, spelling=spelling)

    def distinct(self) -> tuple[ChainNames, Ints]:
        """Each name once, and the place of every name among them."""
        key = (self.person.astype(np.uint64) + np.uint64(1)) * _MIXERS[-1]
        for column, mixer in zip((*self.codes, self.spelling), _MIXERS, strict=False):
            key = (key ^ (key >> np.uint64(29))) * mixer + column.astype(np.uint64)
        _, first, back = np.unique(key, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        return self.take(first[order]), place[back]


def _words_of(columns: Sequence[pa.Array]) -> tuple[Texts, Codes]:
    """The distinct squeezed words of columns, sorted, and each column's codes."""
    dictionaries = [pc.dictionary_encode(column) for column in columns]
    words = [squeezed(column.dictionary) for column in dictionaries]
    known = sorted_texts(words)
    codes = [
        np.append(placed(Texts(own), known), np.int32(-1))[column.indices.to_numpy()]
        for own, column in zip(words, dictionaries, strict=True)
    ]
    return known, np.array(codes, dtype=np.int32).reshape(len(columns), -1)


def _encoded(column: pa.Array) -> tuple[Texts, Codes]:
    """The distinct texts of a column, sorted, and the code of each row; -1 for an empty one."""
    known = sorted_texts([column])
    return known, placed(Texts(column), known)


def sorted_texts(columns: Sequence[pa.Array]) -> Texts:
    """The distinct texts of columns but the empty one, sorted: codes over them do not depend on the order of rows."""
    texts = pc.unique(pa.chunked_array(columns, pa.string()))
    texts = texts.filter(pc.not_equal(texts, ""))
    return Texts(texts.take(pc.sort_indices(texts)))


def placed(texts: Texts, known: Texts) -> Codes:
    """The row in ``known`` of each text; -1 where it is not there."""
    found: Codes = pc.fill_null(pc.index_in(texts.column, value_set=known.column), -1).to_numpy().astype(np.int32)
    return found
