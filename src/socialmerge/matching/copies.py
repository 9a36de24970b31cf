"""One string chosen after another: the same handle again, with something before or after it, or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from socialmerge.matching.affixes import Affixed
from socialmerge.matching.chain_sides import DISPLAY, EMAIL, ID, WEBSITE
from socialmerge.matching.characters import Floats, Ints
from socialmerge.matching.handles import Handles

__all__ = ["Copies", "copy_share"]

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
    """Looks distinct strings up inside each other."""

    handles: Handles

    @classmethod
    def of(cls, handles: Handles) -> Copies:
        """For these distinct strings."""
        return cls(handles)

    def value(self, text: Ints, source: Ints) -> Floats:
        """P(text | copied from source) for pairs of rows of the strings; 0 where either is -1."""
        out = np.zeros(len(text))
        if not len(self.handles):
            return out
        affixed = self.handles.affixed
        length = affixed.strings.length
        known = (text >= 0) & (source >= 0)
        same = known & (text == source)
        at = text[same]
        out[same] = affixed.before[at, 0] * affixed.after[at, length[at]]
        longer = known & ~same & (length[text] > length[source]) & (length[source] >= _SHORTEST)
        out[longer] = _inside(affixed, text[longer], source[longer])
        shorter = known & ~same & (length[source] > length[text]) & (length[text] >= _SHORTEST)
        # How likely the other is as this with something around it tells whether that something is a usual one.
        out[shorter] = _SHORTENED * _inside(affixed, source[shorter], text[shorter]) ** 0.5
        return out


def _inside(affixed: Affixed, whole: Ints, part: Ints) -> Floats:
    """The probability of what stands around ``part`` in ``whole``; 0 where it is not in it."""
    strings = affixed.strings
    out = np.zeros(len(whole))
    wanted, size = strings.whole()[part], strings.length[part]
    spare = strings.length[whole] - size
    for at in range(int(spare.max(initial=-1)) + 1):
        rows = np.flatnonzero(spare >= at)
        hit = rows[strings.spans_hash(whole[rows], at, size[rows]) == wanted[rows]]
        around = affixed.before[whole[hit], at] * affixed.after[whole[hit], at + size[hit]]
        out[hit] = np.maximum(out[hit], around)
    return out
