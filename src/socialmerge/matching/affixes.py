"""What stands before and after a name in a handle: words, digits or anything else, learned from the handles."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np

from socialmerge.matching.characters import LONGEST, CharacterModel, Floats, Hashes, Ints, Strings, hash_strings

__all__ = ["Affixed", "Affixes"]

_NONE, _WORD, _FREE, _DIGITS = 0, 1, 2, 3
_BEFORE = (0.86, 0.07, 0.07, 0.0)  # nothing, a listed word, anything, digits
_AFTER = (0.70, 0.07, 0.07, 0.16)
_GOES_ON = 0.75  # a free affix has one more symbol
_DIGIT_COUNT = np.array([0.0, 0.30, 0.35, 0.15, 0.15] + [0.05 / 24] * 24)  # how many digits follow a name
_STRENGTH = 30.0  # handles that the start values count for


@cache
def _words(where: str) -> dict[str, float]:
    text = resources.files("socialmerge.matching").joinpath("handle_words.toml").read_text(encoding="utf-8")
    shares = tomllib.loads(text)[where]
    total = sum(shares.values())
    return {word: share / total for word, share in shares.items()}


@dataclass(frozen=True, slots=True)
class Affixed:
    """Strings with the probability of what stands before each place in them, and of what stands after."""

    strings: Strings
    before: Floats  # (n, width + 1): of the first k symbols standing before a name
    after: Floats  # (n, width + 1): of the symbols from k on standing after a name
    rest: Floats  # (n,): of the whole string as one that no name explains


@dataclass(frozen=True, slots=True)
class Affixes:
    """Counts of affixes seen around names, pooled with the start values.

    An affix seen around one handle only says nothing about the next handle, so one is taken off each count and given to
    the affixes not seen yet (``spare``, before and after).
    """

    characters: CharacterModel
    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    total: float = 0.0
    spare: tuple[float, float] = (0.0, 0.0)

    def learn(self, before: Counter[str], after: Counter[str]) -> Affixes:
        """The same model with these expected counts of affixes, one for each distinct handle."""
        total = float(sum(before.values()))
        seen = [{affix: n - 1.0 for affix, n in side.items() if n > 1.5 or not affix} for side in (before, after)]
        spare = [
            sum(side.values()) - sum(kept.values()) - 1.0 for side, kept in zip((before, after), seen, strict=True)
        ]
        return Affixes(self.characters, seen[0], seen[1], total, (max(spare[0], 0.0), max(spare[1], 0.0)))

    def around(self, strings: Strings) -> Affixed:
        """Score every place where a name may begin or end."""
        spans = self.characters.spans(strings)
        ends = self.characters.ends(strings)
        width = spans.shape[1] - 1
        places = np.arange(width + 1)
        inside = places <= strings.length[:, None]
        total_bits = np.take_along_axis(spans, strings.length[:, None], axis=1)
        before = _start(_BEFORE, places[None, :], spans)
        after = _start(_AFTER, strings.length[:, None] - places, total_bits - spans)
        digits = _digits_after(strings)
        run = np.minimum(strings.length[:, None] - places, LONGEST)
        after += _AFTER[_DIGITS] * digits * (_DIGIT_COUNT[np.maximum(run, 0)] * 0.1 ** np.maximum(run, 0))
        before = self._pool(before, strings.prefix, "before")
        after = self._pool(after, strings.tails(), "after")
        rest = np.exp2(total_bits[:, 0] + ends)
        return Affixed(strings, before * inside, after * inside, rest)

    def _pool(self, start: Floats, hashes: Hashes, where: str) -> Floats:
        """Add listed words, then the learned counts."""
        shares, seen, spare = (
            (_BEFORE, self.before, self.spare[0]) if where == "before" else (_AFTER, self.after, self.spare[1])
        )
        start = start + shares[_WORD] * _look_up(hashes, _words(where))
        new = np.where(hashes == 0, 0.0, start) / (1.0 - shares[_NONE])
        pooled: Floats = (_look_up(hashes, seen) + _STRENGTH * start + spare * new) / (self.total + _STRENGTH)
        return pooled


def _start(shares: Sequence[float], length: Ints, bits: Floats) -> Floats:
    """The start value of an affix of each length whose symbols have these bits."""
    steps = np.maximum(length - 1, 0)
    free = shares[_FREE] * (1.0 - _GOES_ON) * _GOES_ON**steps * np.exp2(bits)
    return np.where(length == 0, shares[_NONE], free)


def _digits_after(strings: Strings) -> Floats:
    """1 where only digits follow a place (and at least one does)."""
    digit_or_end = (strings.codes == 0) | (strings.codes > 26)
    run = np.flip(np.cumprod(np.flip(digit_or_end, axis=1), axis=1), axis=1).astype(np.float64)
    run = np.concatenate([run, np.zeros((len(run), 1))], axis=1)
    return run * (np.arange(run.shape[1]) < strings.length[:, None])


def _look_up(hashes: Hashes, table: Mapping[str, float]) -> Floats:
    """The table's value for each hash, 0 where it has none."""
    known, _ = hash_strings(list(table))
    order = np.argsort(known)
    values = np.array(list(table.values()), dtype=np.float64)[order]
    known = known[order]
    if not len(known):
        return np.zeros(hashes.shape)
    place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return np.where(known[place] == hashes, values[place], 0.0)
