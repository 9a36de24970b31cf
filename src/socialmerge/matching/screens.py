"""Screens: which pairs of values can agree at all, by their sketches; the rest need no look at their letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking import derivations
from socialmerge.matching.sketches import Sketch, sketch
from socialmerge.matching.spelled import Screen, codes_of, listed_forms

__all__ = ["SCREENS"]

Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


def _given(keys: pa.Array) -> Screen:
    drawn, parts, listed = sketch(keys), _spaced(keys), listed_forms(keys)

    def screen(a: Rows, b: Rows) -> Mask:
        common = drawn.common(a, b)
        winkler = drawn.winkler_at_most(a, b, common)
        same = drawn.prefix(a, b)
        initial = (same >= 1) & (np.minimum(drawn.length[a], drawn.length[b]) == 1)
        found = _close(drawn, a, b, common, winkler) | initial | (same >= 3) | ((parts[a] | parts[b]) & (same >= 1))
        rest = np.flatnonzero(~found)
        found[rest] = listed(a[rest], b[rest])
        return drawn.undecided(a, b, found)

    return screen


def _family(keys: pa.Array) -> Screen:
    drawn, parts = sketch(keys), _spaced(keys)

    def screen(a: Rows, b: Rows) -> Mask:
        common = drawn.common(a, b)
        close = _close(drawn, a, b, common, drawn.winkler_at_most(a, b, common))
        return drawn.undecided(a, b, close | parts[a] | parts[b])

    return screen


def _close(drawn: Sketch, a: Rows, b: Rows, common: npt.NDArray[np.int16], winkler: npt.NDArray[np.float32]) -> Mask:
    """Whether two words may be similar: Jaro-Winkler 0.82, or two edits at 0.7."""
    return (winkler >= 0.82) | ((winkler >= 0.7) & (drawn.edits_at_least(a, b, common) <= 2))


def _spaced(keys: pa.Array) -> Mask:
    return np.asarray(pc.match_substring(keys, " ").to_numpy(zero_copy_only=False))


def _place(keys: pa.Array) -> Screen:
    drawn = sketch(keys)

    def screen(a: Rows, b: Rows) -> Mask:
        common = drawn.common(a, b)
        close = (drawn.winkler_at_most(a, b, common) >= 0.8) | (drawn.indel_at_most(a, b, common) >= 0.775)
        return drawn.undecided(a, b, close)

    return screen


def _email(keys: pa.Array) -> Screen:
    locals_ = derivations.local(keys)
    drawn, whole, same = sketch(locals_), sketch(keys), codes_of(locals_)

    def screen(a: Rows, b: Rows) -> Mask:
        winkler = drawn.winkler_at_most(a, b, drawn.common(a, b))
        found = (winkler >= 0.92) | (same[a] == same[b])
        rest = np.flatnonzero((winkler >= 0.75) & ~found)
        one, other = a[rest], b[rest]
        found[rest] = whole.edits_at_least(one, other, whole.common(one, other)) <= 2
        return whole.undecided(a, b, drawn.undecided(a, b, found))

    return screen


def _phone(keys: pa.Array) -> Screen:
    drawn, tail = sketch(keys), codes_of(pc.utf8_slice_codeunits(keys, -7, None))

    def screen(a: Rows, b: Rows) -> Mask:
        near = drawn.edits_at_least(a, b, drawn.common(a, b)) <= 1
        return drawn.undecided(a, b, near | (tail[a] == tail[b]))

    return screen


def _account(keys: pa.Array) -> Screen:
    drawn = sketch(keys)
    return lambda a, b: drawn.undecided(a, b, drawn.winkler_at_most(a, b, drawn.common(a, b)) >= 0.9)


def _edits(most: int) -> Callable[[pa.Array], Screen]:
    def prepare(keys: pa.Array) -> Screen:
        drawn = sketch(keys)
        return lambda a, b: drawn.undecided(a, b, drawn.edits_at_least(a, b, drawn.common(a, b)) <= most)

    return prepare


SCREENS: Mapping[str, Callable[[pa.Array], Screen]] = {
    "given": _given,
    "family": _family,
    "email": _email,
    "phone": _phone,
    "account": _account,
    "street": _place,
    "city": _place,
    "house": _edits(1),
    "postcode": _edits(2),
    "code": _edits(2),
}
