"""Tokens of one side: what its rows are entered and looked up under, by hash, whatever the other side holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking.tokens import Postings, Sieve
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.characters import Ints, Strings
from socialmerge.matching.name_tokens import SHORTEST
from socialmerge.matching.occurrences import occurrences
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.texts import Texts

__all__ = ["Whole", "joined", "of_holders", "of_rows", "parts_of", "says_own_name", "strings_of"]

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

SHORTEST_NAME = 3
"""Symbols of a family name that a handle holds by more than chance."""
_STRINGS = 20_000
"""Strings whose every part is looked at at one time."""


def says_own_name(side: ChainSide, words: Signatures, signed: Signatures) -> Flags:
    """The strings of rows that show a whole name and hold its family name: these say little more than the name.

    ``words`` are the signatures of the words of names, ``signed`` those of the texts, here and below.
    """
    name = side.name[side.row]
    family = np.append(np.where(side.names.full(), side.names.part("family"), -1), -1)[name]
    likely = (family >= 0) & (side.text >= 0) & ((words.pairs[family] & ~signed.pairs[side.text]) == 0)
    found = np.zeros(len(side.text), dtype=np.bool_)
    for rows in _batches(np.flatnonzero(likely & (words.length[family] >= SHORTEST_NAME))):
        texts, at = np.unique(side.text[rows], return_inverse=True)
        strings = Strings.of(Texts(side.texts.column.take(pa.array(texts))))
        word = family[rows]
        held = occurrences(strings, at, words.hashes[word], words.length[word].astype(np.int64))
        found[rows[held.pair]] = True
    return found


def _batches(rows: Ints) -> list[Ints]:
    return [rows[at : at + _STRINGS] for at in range(0, len(rows), _STRINGS)]


def strings_of(side: ChainSide, signed: Signatures, which: Flags) -> Postings:
    """Some of a side's strings, and what is left of each without the digits around it."""
    at = np.flatnonzero(which)
    texts, code = np.unique(side.text[at], return_inverse=True)
    core = Signatures.of(Texts(pc.utf8_trim(side.texts.column.take(pa.array(texts)), characters="0123456789")))
    rows = side.row[at].astype(np.int32)
    trimmed = core.length[code] >= SHORTEST
    hashes = np.append(signed.hashes[texts][code], core.hashes[code[trimmed]])
    return Postings(hashes, np.append(rows, rows[trimmed]))


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Strings whose parts are asked for: the text of each, and the row that shows it."""

    text: Codes
    row: Codes
    texts: Texts

    @classmethod
    def of(cls, side: ChainSide, which: Flags) -> Whole:
        """Some of a side's strings, and no text of the others."""
        at = np.flatnonzero(which)
        known, text = np.unique(side.text[at], return_inverse=True)
        texts = Texts(side.texts.column.take(pa.array(known)))
        return cls(text.astype(np.int32), side.row[at].astype(np.int32), texts)

    def parts(self, known: Sieve) -> Postings:
        """The parts of them that may be known."""
        found = [Postings(np.zeros(0, np.uint64), np.zeros(0, np.int32))]
        for texts in _batches(np.arange(len(self.texts.column))):
            strings = Strings.of(Texts(self.texts.column.take(pa.array(texts))))
            for hashes, rows in strings.parts(SHORTEST):
                kept = known.holds(hashes)
                found.append(Postings(hashes[kept], texts[rows[kept]].astype(np.int32)))
        return of_holders(self.text, self.row, joined(found))


def parts_of(side: ChainSide, which: Flags, known: Sieve) -> Postings:
    """The parts of some of a side's strings that may be known."""
    return Whole.of(side, which).parts(known)


def of_rows(side: ChainSide, names: Postings) -> Postings:
    """The tokens of names as those of the rows that have them."""
    return of_holders(side.name, np.arange(len(side.name)), names)


def of_holders(code: Codes, row: Ints, postings: Postings) -> Postings:
    """Tokens of values as tokens of rows: row ``row[i]`` has the value ``code[i]``."""
    order = np.argsort(code, kind="stable")
    begin, end = (np.searchsorted(code[order], postings.row, side=side) for side in ("left", "right"))
    count = end - begin
    at = np.arange(count.sum()) + np.repeat(begin - np.cumsum(count) + count, count)
    return Postings(np.repeat(postings.token, count), row[order[at]].astype(np.int32))


def joined(several: Sequence[Postings]) -> Postings:
    """The postings of all of these."""
    return Postings(np.concatenate([one.token for one in several]), np.concatenate([one.row for one in several]))
