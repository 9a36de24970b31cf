"""Where one squeezed string stands in another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from socialmerge.matching.characters import Hashes, Ints, Strings

__all__ = ["Occurrences", "occurrences"]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Each place where a part stands: the pair of a whole and a part, and how many symbols stand before it there."""

    pair: Ints
    start: Ints


def occurrences(wholes: Strings, whole: Ints, part: Hashes, length: Ints) -> Occurrences:
    """Look parts up in wholes.

    Args:
        wholes: strings.
        whole: rows of ``wholes``, one for each pair.
        part: the hash of each pair's part.
        length: its symbols.

    >>> wholes, ann = Strings.of(["annjoann", "bob"]), Strings.of(["ann"])
    >>> found = occurrences(wholes, np.array([0, 1]), ann.whole()[[0, 0]], ann.length[[0, 0]])
    >>> found.pair.tolist(), found.start.tolist()
    ([0, 0], [0, 5])
    """
    spare = wholes.length[whole] - length
    order = np.argsort(-spare, kind="stable")
    left = np.searchsorted(-spare[order], -np.arange(int(spare.max(initial=-1)) + 1), side="right")
    pairs, starts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for at, size in enumerate(left.tolist()):
        rows = order[:size]
        hit = rows[wholes.spans_hash(whole[rows], at, length[rows]) == part[rows]]
        pairs.append(hit)
        starts.append(np.full(len(hit), at))
    pair, start = np.concatenate(pairs), np.concatenate(starts)
    by_pair = np.lexsort((start, pair))
    return Occurrences(pair[by_pair], start[by_pair])
