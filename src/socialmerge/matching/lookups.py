"""Lookups: under which tokens customers are entered and profiles looked up, so that a bare handle finds its candidates.

A customer is entered under the forms that a handle of theirs is likely to take, and under what is written on the
record. A profile is looked up under its names and strings and, where a string is no whole form, under the parts of it
that are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Hits, Index, Postings, Sieve, join_tokens, unpacked
from socialmerge.matching import name_tokens
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import Hashes, Ints, Strings, mix
from socialmerge.matching.name_prospects import may_be_one
from socialmerge.matching.occurrences import occurrences
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.texts import Texts

__all__ = ["candidates"]

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Tokens = Callable[..., Postings]

MOST_CUSTOMERS = 200
"""A token that more customers share is looked up no further: their full names and handles find them."""
MOST_BY_PART = 40
"""The same for a token that is only a part of a handle, or that the profile's own name speaks against."""
FEW = 20_000
"""Customers among whom a given or a family name alone may tell; in a larger table such pairs are not weighed."""
SHORTEST_NAME = 3
"""Symbols of a family name that a handle holds by more than chance."""
_AT_ONCE = 2_000_000
"""Pairs that are looked at at one time."""
_STRINGS = 20_000
"""Strings whose every part is looked at at one time."""


def candidates(tables: ChainTables) -> tuple[Ints, Ints]:
    """Pairs of rows worth weighing: profile rows and customer rows, each pair once and in order."""
    by_odd_strings, by_strings = _by_strings(tables)
    sure = [_by_name(tables, name_tokens.wholes), _by_keys(tables), *by_odd_strings]
    maybe = [_by_name(tables, tokens) for tokens in (name_tokens.families, name_tokens.initials)]
    maybe += [_by_name(tables, name_tokens.givens, forms=True), by_strings]
    profiles = tables.profiles
    found = [np.zeros(0, np.uint64)]
    for first, stop in _portions([*sure, *maybe], len(profiles.name)):
        near = once(np.concatenate([hits.pairs(first, stop) for hits in maybe]))
        found.append(once(np.concatenate([_near(tables, near), *(hits.pairs(first, stop) for hits in sure)])))
    left, right = unpacked(np.concatenate(found))
    return left.astype(np.int64), right.astype(np.int64)


def _portions(hits: Sequence[Hits], rows: int) -> list[tuple[int, int]]:
    """Ranges of profiles that find about as many customers."""
    found = np.zeros(rows, np.int64)
    for one in hits:
        found += np.bincount(one.row, one.count, minlength=rows).astype(np.int64)
    portion = np.cumsum(found) // _AT_ONCE
    cuts = np.flatnonzero(np.diff(portion)) + 1
    return list(zip([0, *cuts.tolist()], [*cuts.tolist(), rows], strict=True))


def _near(tables: ChainTables, pairs: Hashes) -> Hashes:
    """Of pairs that share a given or a family name, those whose names may be one person's."""
    profiles, customers = tables.profiles, tables.customers
    if len(customers.name) <= FEW:
        return pairs
    left, right = unpacked(pairs)
    return pairs[may_be_one(tables.words, profiles.names, customers.names, profiles.name[left], customers.name[right])]


def _by_name(tables: ChainTables, tokens: Tokens, **asked: bool) -> Hits:
    """Customers by a token of their names."""
    words = tables.words.signed
    asking = _of_rows(tables.profiles, tokens(tables.profiles.names, words, **asked))
    wanted = once(asking.token)
    entered = _entered(tables.customers, [tokens(tables.customers.names, words)], wanted)
    return join_tokens(asking, Index.of(entered, wanted), most=MOST_CUSTOMERS)


def _by_keys(tables: ChainTables) -> Hits:
    """Customers by the same account, address, link or host."""
    asking, entered = (_keys(side) for side in (tables.profiles, tables.customers))
    return join_tokens(asking, Index.of(entered, once(asking.token)), most=MOST_CUSTOMERS)


def _keys(side: ChainSide) -> Postings:
    codes, rows = np.concatenate([side.key, side.wider]), np.tile(side.row, 2)
    known = codes >= 0
    return Postings(mix(codes[known], np.zeros(int(known.sum()), np.uint64)), rows[known].astype(np.int32))


def _by_strings(tables: ChainTables) -> tuple[list[Hits], Hits]:
    """Customers by the same string, or by one that their name makes.

    Returns:
        Hits of strings that the profile's own name does not explain, and of their parts; and of all others.
    """
    profiles, customers, words = tables.profiles, tables.customers, tables.words.signed
    has, named = profiles.text >= 0, np.append(profiles.names.full(), np.False_)[profiles.name[profiles.row]]
    odd = has & (~_says_own_name(tables) | np.bool_(len(customers.name) <= FEW))
    single = [_of_rows(side, name_tokens.single_words(side.names, words)) for side in (profiles, customers)]
    nameless = _together([_strings(tables, profiles, odd & ~named), single[0]])
    others, every = (_strings(tables, profiles, which) for which in (odd & named, has & named))
    written = _together([_strings(tables, customers, customers.text >= 0), single[1]])
    made = list(name_tokens.handles(tables.parts[1]))
    parts = _parts(profiles, odd, Sieve.of(np.concatenate([one.token for one in (written, *made)]), bits=26))
    wanted = once(np.concatenate([one.token for one in (nameless, every, parts)]))
    index = Index.of(_together([written, _entered(customers, made, wanted)]), wanted)
    sure = ((nameless, MOST_CUSTOMERS), (others, MOST_BY_PART), (parts, MOST_BY_PART))
    return [join_tokens(one, index, most=most) for one, most in sure], join_tokens(every, index, most=MOST_CUSTOMERS)


def _says_own_name(tables: ChainTables) -> Flags:
    """The strings of profiles that show a whole name and hold its family name: these say little more than the name."""
    side = tables.profiles
    name = side.name[side.row]
    family = np.append(np.where(side.names.full(), side.names.part("family"), -1), -1)[name]
    signed, words = tables.signed, tables.words.signed
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


def _strings(tables: ChainTables, side: ChainSide, which: Flags) -> Postings:
    """Some of a side's strings, and what is left of each without the digits around it."""
    at = np.flatnonzero(which)
    texts, code = np.unique(side.text[at], return_inverse=True)
    core = Signatures.of(Texts(pc.utf8_trim(side.texts.column.take(pa.array(texts)), characters="0123456789")))
    rows = side.row[at].astype(np.int32)
    trimmed = core.length[code] >= name_tokens.SHORTEST
    hashes = np.append(tables.signed.hashes[texts][code], core.hashes[code[trimmed]])
    return Postings(hashes, np.append(rows, rows[trimmed]))


def _parts(side: ChainSide, which: Flags, known: Sieve) -> Postings:
    """The parts of some of a side's strings that may be known."""
    at = np.flatnonzero(which)
    found = [Postings(np.zeros(0, np.uint64), np.zeros(0, np.int32))]
    for texts in _batches(once(side.text[at])):
        strings = Strings.of(Texts(side.texts.column.take(pa.array(texts))))
        for hashes, rows in strings.parts(name_tokens.SHORTEST):
            kept = known.holds(hashes)
            found.append(Postings(hashes[kept], texts[rows[kept]].astype(np.int32)))
    return _of_holders(side.text[at], side.row[at], _together(found))


def _entered(side: ChainSide, several: Sequence[Postings], wanted: Hashes) -> Postings:
    """Rows by the wanted of the tokens of their names."""
    sieve = Sieve.of(wanted)
    return _of_rows(side, _together([one.take(sieve.holds(one.token)) for one in several]))


def _of_rows(side: ChainSide, names: Postings) -> Postings:
    """The tokens of names as those of the rows that have them."""
    return _of_holders(side.name, np.arange(len(side.name)), names)


def _of_holders(code: Codes, row: Ints, postings: Postings) -> Postings:
    """Tokens of values as tokens of rows: row ``row[i]`` has the value ``code[i]``."""
    order = np.argsort(code, kind="stable")
    begin, end = (np.searchsorted(code[order], postings.row, side=side) for side in ("left", "right"))
    count = end - begin
    at = np.arange(count.sum()) + np.repeat(begin - np.cumsum(count) + count, count)
    return Postings(np.repeat(postings.token, count), row[order[at]].astype(np.int32))


def _together(several: Sequence[Postings]) -> Postings:
    return Postings(np.concatenate([one.token for one in several]), np.concatenate([one.row for one in several]))
