"""Rows that share a token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Index, Postings, Sieve, join_tokens, unpacked

ENTRIES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12)), max_size=40)


def postings(entries: Sequence[tuple[int, int]]) -> Postings:
    """Tokens that differ in their highest bits, as hashes do, and their rows."""
    token = np.array([number for number, _ in entries], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return Postings(token, np.array([row for _, row in entries], dtype=np.int32))


@given(ENTRIES, ENTRIES, st.integers(1, 5))
def test_pairs_are_those_of_tokens_that_few_have(
    asking: list[tuple[int, int]], entered: list[tuple[int, int]], most: int
) -> None:
    rows = {token: {row for other, row in entered if other == token} for token in range(10)}
    expected = {(row, other) for token, row in asking if len(rows[token]) <= most for other in rows[token]}
    asked = postings(asking)
    hits = join_tokens(asked, Index.of(postings(entered), once(asked.token)), most=most)
    found = unpacked(hits.pairs(0, 13))
    assert set(zip(found[0].tolist(), found[1].tolist(), strict=True)) == expected
    apart = [unpacked(hits.pairs(row, row + 1)) for row in range(13)]
    assert all(set(one.tolist()) <= {row} for row, (one, _) in enumerate(apart))
    assert sum(len(one) for one, _ in apart) == len(found[0])


@given(ENTRIES, ENTRIES)
def test_a_sieve_lets_everything_through_that_is_in_it(
    known: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    some = postings(known).token
    let_through = Sieve.of(some, bits=8).holds(postings(asked).token)
    # Python's sets: np.isin of numpy 2.0 overflows on unsigned integers beyond half of their range.
    inside = np.array([token in set(some.tolist()) for token in postings(asked).token.tolist()], bool)
    assert (let_through | ~inside).all()
