"""One string chosen after another: the same handle again, with something before or after it, or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.affixes import Affixed
from socialmerge.matching.chain_sides import DISPLAY, EMAIL, ID, WEBSITE
from socialmerge.matching.characters import Floats, Ints, Strings
from socialmerge.matching.occurrences import occurrences
from socialmerge.matching.vocabulary import Signatures

__all__ = ["Copies", "copies", "copy_share", "may_be_copied"]

_SHORTEST = 4  # symbols of a string whose appearance inside another means something
_SHORTENED = 0.05  # of copies leave out what stood around the other
_SHARES = {EMAIL: 0.25, WEBSITE: 0.28, DISPLAY: 0.30, "linkedin": 0.22}  # smaller of the two kinds' counts
_SHARE = 0.40  # of handles on one channel are the person's handle on another and not made anew


def copy_share(left: Sequence[str], right: Sequence[str]) -> Floats:
    """The share of strings of one kind that are a person's string of another kind: ``(len(left), len(right))``."""

    def usual(kind: str) -> float:
        return 0.0 if kind.startswith(ID) else _SHARES.get(kind, _SHARE)

    return np.array([[min(usual(a), usual(b)) for b in right] for a in left]).reshape(len(left), len(right))


@dataclass(frozen=True, slots=True)
class Copies:
    """Strings that are, with more or less around them, another's: a row for each place where one stands in the other.

    ``cell`` is the pair of strings of each row, sorted, and ``first`` are the rows where another begins. The
    probability that the one was copied from the other is that of what stands around ``start`` to ``stop`` of the
    ``whole``, a row of the handles; where ``shortened``, the whole is the other.
    """

    cell: Ints
    whole: Ints
    start: Ints
    stop: Ints
    shortened: npt.NDArray[np.bool_]
    first: Ints

    def values(self, affixed: Affixed) -> Floats:
        """P(text | copied from source) of each cell that has one, by the likeliest place, in the order of cells."""
        around = affixed.before[self.whole, self.start] * affixed.after[self.whole, self.stop]
        # How likely the other is as this with something around it tells whether that something is a usual one.
        value = np.where(self.shortened, _SHORTENED * around**0.5, around)
        best: Floats = np.maximum.reduceat(value, self.first) if len(self.first) else value
        return best


def may_be_copied(signed: Signatures, text: Ints, source: Ints) -> Ints:
    """Which pairs of strings may be copies: the others are not. ``text`` and ``source`` are rows, -1 for none."""
    short = np.minimum(signed.length[text], signed.length[source])
    missing = signed.pairs[text] & ~signed.pairs[source]
    missing = np.where(signed.length[text] > signed.length[source], signed.pairs[source] & ~signed.pairs[text], missing)
    differ = (missing == 0) & (short >= _SHORTEST) & (signed.length[text] != signed.length[source])
    found: Ints = np.flatnonzero((text >= 0) & (source >= 0) & ((text == source) | differ))
    return found


def copies(strings: Strings, text: Ints, source: Ints) -> Copies:
    """Look distinct strings up inside each other; ``text`` and ``source`` are rows of ``strings``, one pair a cell."""
    same = np.flatnonzero(text == source)
    longer, shorter = _held(strings, text, source), _held(strings, source, text)
    both = zip((same, text[same], np.zeros_like(same), strings.length[text[same]]), longer, shorter, strict=True)
    columns = [np.concatenate(column) for column in both]
    order = np.argsort(columns[0], kind="stable")
    cell, whole, start, stop = (column[order] for column in columns)
    shortened = order >= len(order) - len(shorter[0])
    return Copies(cell, whole, start, stop, shortened, np.flatnonzero(np.diff(cell, prepend=-1)))


def _held(strings: Strings, whole: Ints, part: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Where parts stand in longer wholes: the cell, the whole, and from where to where."""
    length = strings.length
    cells = np.flatnonzero((length[whole] > length[part]) & (length[part] >= _SHORTEST))
    size = length[part[cells]]
    found = occurrences(strings, whole[cells], strings.whole()[part[cells]], size)
    return cells[found.pair], whole[cells][found.pair], found.start, found.start + size[found.pair]
