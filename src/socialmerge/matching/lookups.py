"""Lookups: under which tokens customers are entered and profiles looked up, so that a bare handle finds its candidates.

A customer is entered under the forms that a handle of theirs is likely to take, and under what is written on the
record. A profile is looked up under its names and strings and, where a string is no whole form, under the parts of it
that are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Hits, Index, Postings, Sieve, join_tokens, unpacked
from socialmerge.matching import name_tokens
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import Hashes, Ints, mix
from socialmerge.matching.name_prospects import may_be_one
from socialmerge.matching.side_tokens import joined, of_rows, parts_of, says_own_name, strings_of

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
_AT_ONCE = 2_000_000
"""Pairs that are looked at at one time."""


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
    asking = of_rows(tables.profiles, tokens(tables.profiles.names, words, **asked))
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
    odd = has & (~says_own_name(profiles, words, tables.signed) | np.bool_(len(customers.name) <= FEW))
    single = [of_rows(side, name_tokens.single_words(side.names, words)) for side in (profiles, customers)]
    nameless = joined([strings_of(profiles, tables.signed, odd & ~named), single[0]])
    others, every = (strings_of(profiles, tables.signed, which) for which in (odd & named, has & named))
    written = joined([strings_of(customers, tables.signed, customers.text >= 0), single[1]])
    made = list(name_tokens.handles(tables.parts[1]))
    parts = parts_of(profiles, odd, Sieve.of(np.concatenate([one.token for one in (written, *made)]), bits=26))
    wanted = once(np.concatenate([one.token for one in (nameless, every, parts)]))
    index = Index.of(joined([written, _entered(customers, made, wanted)]), wanted)
    sure = ((nameless, MOST_CUSTOMERS), (others, MOST_BY_PART), (parts, MOST_BY_PART))
    return [join_tokens(one, index, most=most) for one, most in sure], join_tokens(every, index, most=MOST_CUSTOMERS)


def _entered(side: ChainSide, several: Sequence[Postings], wanted: Hashes) -> Postings:
    """Rows by the wanted of the tokens of their names."""
    sieve = Sieve.of(wanted)
    return of_rows(side, joined([one.take(sieve.holds(one.token)) for one in several]))
