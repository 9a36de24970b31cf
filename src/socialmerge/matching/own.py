"""Comparisons of a caller's own: a plain function from two arrays of strings to levels, checked in what it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.references import called, function_of
from socialmerge.errors import PlanError
from socialmerge.matching.levels import LEVELS, Levels
from socialmerge.records import Comparison

__all__ = ["comparison", "levels_of_own", "similarity_of_own"]

F = TypeVar("F", bound=Comparison)
MOST_LEVELS = 20
"""More levels than this cannot be told apart by what agrees."""
ELSE_SHARE, EXACT_SHARE = 0.15, 0.65
"""Prior shares, among pairs of one person, of the lowest and the highest level."""


class _Levelled(Protocol):
    """A function whose levels are named."""

    levels: tuple[str, ...]
    match: tuple[float, ...]


def comparison(*levels: str, match: Sequence[float] = ()) -> Callable[[F], F]:
    """Name the levels of a comparison function, from *else* up to *exact*.

    The function itself is returned, with two attributes, ``levels`` and ``match``; without them it has the levels of
    text.

    Args:
        levels: what the levels are called, the lowest first. The last is for equal values, which are never asked about:
            with n levels the function returns 0 to n - 2.
        match: prior share of each level among pairs of one person; a usual one when left out. The fit improves on it.

    Raises:
        PlanError: there are not 2 to 20 different levels, or ``match`` is not one positive number a level.

    >>> @comparison("different", "same first word", "exact")
    ... def first_words(left, right):
    ...     return [a.split()[0] == b.split()[0] for a, b in zip(left, right)]
    >>> first_words.levels
    ('different', 'same first word', 'exact')
    """
    _levels("comparison()", levels, match)

    def named(function: F) -> F:
        levelled: _Levelled = function  # type: ignore[assignment]  # a function takes attributes, and its type does not say
        levelled.levels, levelled.match = levels, tuple(match)
        return function

    return named


def levels_of_own(compare: str | Comparison) -> Levels:
    """The levels that a comparison names in its attributes ``levels`` and ``match``; those of text where it names none.

    Raises:
        PlanError: the function is not there, or its attributes are no levels.
    """
    function = function_of(compare, "compare")
    levels = getattr(function, "levels", None)
    if levels is None:
        return LEVELS["text"]
    return _levels(f"compare={called(compare)!r}", levels, getattr(function, "match", ()))


def _levels(who: str, levels: Sequence[str], match: Sequence[float]) -> Levels:
    labels = (levels,) if isinstance(levels, str) else tuple(levels)
    if not 2 <= len(set(labels)) == len(labels) <= MOST_LEVELS or not all(isinstance(one, str) for one in labels):
        said = f"levels must be 2 to {MOST_LEVELS} different texts, the lowest first and the one of equal values last"
        raise PlanError(f"{who}: {said}, such as ('different', 'close', 'exact')")
    if len(match) and (len(match) != len(labels) or not all(share > 0 for share in match)):
        raise PlanError(f"{who}: match must be a number above 0 for each of the {len(labels)} levels, or be left out")
    middle = (1 - ELSE_SHARE - EXACT_SHARE) / max(len(labels) - 2, 1)
    shares = np.array(match or (ELSE_SHARE, *(middle,) * (len(labels) - 2), EXACT_SHARE), np.float64)
    return Levels(labels, tuple((shares / shares.sum()).tolist()))


def similarity_of_own(compare: str | Comparison) -> Callable[[Sequence[str], Sequence[str]], npt.NDArray[np.uint8]]:
    """A comparison as the rest of the library calls it, with what it returns checked.

    Raises:
        PlanError: the function is not there; when called, that it returned anything but a level for each pair.
    """
    function = function_of(compare, "compare")
    top = levels_of_own(compare).top

    def checked(left: Sequence[str], right: Sequence[str]) -> npt.NDArray[np.uint8]:
        returned = function(np.array(left, object), np.array(right, object))
        try:
            found = np.asarray(returned)
        except ValueError:  # lists of several lengths
            found = np.empty((0, 0), object)
        if found.shape != (len(left),) or found.dtype.kind not in "biu" or not np.all((found >= 0) & (found < top)):
            values = f", from {found.min()} to {found.max()}" if found.size and found.dtype.kind in "iu" else ""
            raise PlanError(
                f"compare={called(compare)!r} must return a whole number from 0 to {top - 1} for each of the "
                f"{len(left):,} pairs; it returned an array of {found.dtype} with shape {found.shape}{values}"
            )
        return found.astype(np.uint8)

    return checked
