"""Customers entered under all their tokens, once, so that any profile can be looked up among them at any time.

As `lookups` does for two tables, but for stop-lists: which tokens are too common to be looked up does not hang on who
else is entered. So whether a profile meets a customer depends on the two of them and the stop-lists alone, and
customers who come later take nothing away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Index, Postings, Sieve, join_tokens
from socialmerge.matching import name_tokens
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.lookups import FEW, MOST_BY_PART, MOST_CUSTOMERS
from socialmerge.matching.name_parts import NameParts
from socialmerge.matching.side_tokens import Whole, joined, of_rows, says_own_name, strings_of
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.fingerprints import Hashes, among, fingerprints

__all__ = ["Entered", "Seeker", "Stops", "index_of", "look_up", "whole_side"]


_NAMES = {
    "wholes": name_tokens.wholes,
    "families": name_tokens.families,
    "initials": name_tokens.initials,
    "givens": name_tokens.givens,
}
_ASKED = {"givens": {"forms": True}}
_SURE = frozenset(["wholes", "keys", "odd", "nameless", "parts"])
_SIEVE_BITS = (16, 26)


@dataclass(frozen=True, slots=True, eq=False)
class Stops:
    """Tokens, sorted, that too many customers share to be looked up, by what they are tokens of.

    ``few`` says that the customers are so few that a given or a family name alone may tell.
    """

    tokens: Mapping[str, Hashes]
    few: bool

    @classmethod
    def of(cls, entered: Entered, customers: int) -> Stops:
        """The tokens that are too common among these customers."""
        found = {name: _common(index, MOST_CUSTOMERS) for name, index in entered.indexes.items()}
        return cls(found | {"parts": _common(entered.indexes["strings"], MOST_BY_PART)}, customers <= FEW)


def _common(index: Index, most: int) -> Hashes:
    found: Hashes = index.tokens[np.diff(index.start) > most]
    return found


class _Asked(NamedTuple):
    """Tokens to look up: in which index, and which of the stop-lists holds."""

    name: str
    under: str
    stops: str
    postings: Postings


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """Rows of a side by each kind of token, and a sieve of its strings."""

    indexes: Mapping[str, Index]
    sieve: Sieve

    @classmethod
    def of(cls, side: ChainSide, words: Signatures, signed: Signatures, parts: NameParts) -> Entered:
        """Enter a side; ``words`` and ``signed`` are the signatures of its words and texts, ``parts`` its names'."""
        indexes = {name: index_of(of_rows(side, tokens(side.names, words))) for name, tokens in _NAMES.items()}
        indexes["keys"] = index_of(_keys(side))
        single = of_rows(side, name_tokens.single_words(side.names, words))
        made = of_rows(side, joined(list(name_tokens.handles(parts))))
        strings = index_of(joined([strings_of(side, signed, side.text >= 0), single, made]))
        bits = min(max(len(strings.tokens).bit_length() + 3, _SIEVE_BITS[0]), _SIEVE_BITS[1])
        return cls(indexes | {"strings": strings}, Sieve.of(strings.tokens, bits=bits))

    def found_by(self, seeker: Seeker, stops: Stops) -> tuple[Hashes, Hashes]:
        """Rows that ask and share a token, with the rows entered: packed pairs that are sure, and that may be.

        What may be is worth weighing where the names may be one person's, or the customers are few.
        """
        found: dict[bool, list[Hashes]] = {True: [], False: []}
        parts = _Asked("parts", "strings", "parts", seeker.odd.parts(self.sieve))
        for asked in (*seeker.several, parts):
            index = self.indexes[asked.under]
            pairs = look_up(index, asked.postings, stops.tokens[asked.stops], seeker.rows)
            found[asked.name in _SURE].append(pairs)
        return once(np.concatenate(found[True])), once(np.concatenate(found[False]))


@dataclass(frozen=True, slots=True, eq=False)
class Seeker:
    """What the rows of a side are looked up by, whoever is entered: tokens, and strings that may be known in part."""

    several: tuple[_Asked, ...]
    odd: Whole
    rows: int

    @classmethod
    def of(cls, side: ChainSide, words: Signatures, signed: Signatures, *, few: bool) -> Seeker:
        """Look at a side; ``few`` says that the customers of the model are so few that a name's part may tell."""
        asked = [
            _Asked(name, name, name, of_rows(side, tokens(side.names, words, **_ASKED.get(name, {}))))
            for name, tokens in _NAMES.items()
        ]
        has, named = side.text >= 0, np.append(side.names.full(), np.False_)[side.name[side.row]]
        odd = has & (~says_own_name(side, words, signed) | np.bool_(few))
        single = of_rows(side, name_tokens.single_words(side.names, words))
        nameless = joined([strings_of(side, signed, odd & ~named), single])
        asked += [
            _Asked("keys", "keys", "keys", _keys(side)),
            _Asked("nameless", "strings", "strings", nameless),
            _Asked("odd", "strings", "parts", strings_of(side, signed, odd & named)),
            _Asked("every", "strings", "strings", strings_of(side, signed, has & named)),
        ]
        return cls(tuple(asked), Whole.of(side, odd), len(side.name))


def look_up(index: Index, asking: Postings, stops: Hashes, rows: int) -> Hashes:
    """Packed pairs of the ``rows`` that ask and the rows entered under the same token, none of the stops."""
    asking = asking.take(~among(stops, asking.token)[1])
    return join_tokens(asking, index, most=len(index.rows)).pairs(0, rows)


def index_of(entered: Postings) -> Index:
    """An index of all tokens, each row once."""
    order = np.lexsort((entered.row, entered.token))
    token, row = entered.token[order], entered.row[order]
    kept = np.ones(len(token), np.bool_)
    kept[1:] = (token[1:] != token[:-1]) | (row[1:] != row[:-1])
    token, row = token[kept], row[kept]
    first = np.flatnonzero(np.r_[True, token[1:] != token[:-1]]) if len(token) else np.zeros(0, np.int64)
    return Index(token[first], np.append(first, len(token)), row)


def _keys(side: ChainSide) -> Postings:
    """The accounts, addresses, links and hosts of a side."""
    hashes = np.append(fingerprints(side.keys.column), np.uint64(0))
    codes, rows = np.concatenate([side.key, side.wider]), np.tile(side.row, 2)
    known = codes >= 0
    return Postings(hashes[codes[known]], rows[known].astype(np.int32))


def whole_side(side: ChainSide) -> tuple[Signatures, Signatures]:
    """The signatures of the words and of the texts of a side."""
    return Signatures.of(side.names.words), Signatures.of(side.texts)
