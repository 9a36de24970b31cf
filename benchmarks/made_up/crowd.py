"""The names and places that made-up people have: a few common ones and thousands of rare ones, as in a real country.

The commonest come from ``made_up.toml``; the rest are put together from syllables: nobody in particular is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.people import WORDS

__all__ = ["Crowd", "crowd"]

_ONSETS = (
    "B", "Br", "C", "Ch", "Cl", "D", "Dr", "F", "Fl", "G", "Gr", "H", "J", "K", "Kl", "L", "M", "N", "P", "Pr", "Qu",
    "R", "S", "Sh", "Sk", "St", "T", "Th", "Tr", "V", "W", "Y", "Z", "",
)  # fmt: skip
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ee", "ou")
_CODAS = ("n", "r", "l", "m", "s", "t", "ck", "nd", "rt", "v", "g", "d")
_TAILS = (
    "son", "ton", "ley", "man", "berg", "wick", "field", "ford", "well", "ski", "ez", "ov", "enko", "ini", "eau", "sen",
    "stad", "more", "gate", "shaw", "by", "ung", "aki", "", "", "er", "o",
)  # fmt: skip
_ENDS = (
    "a",
    "ia",
    "ina",
    "elle",
    "o",
    "an",
    "ek",
    "us",
    "el",
    "ius",
    "ita",
    "ette",
    "in",
    "or",
    "ene",
    "yn",
    "is",
    "",
    "ie",
)
_VILLAGES = (
    "ham",
    "bury",
    "stead",
    "thorpe",
    "mouth",
    "dale",
    "haven",
    "port",
    "brook",
    "minster",
    "combe",
    "ness",
    "worth",
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Words and how often each is drawn."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    places: tuple[str, ...]

    def a_given(self, rng: Random) -> str:
        """A given name: half of all people bear one of the fifty commonest."""
        return _drawn(rng, self.given, 12)

    def a_family(self, rng: Random) -> str:
        """A family name: the tail is long."""
        return _drawn(rng, self.family, 40)

    def a_place(self, rng: Random) -> str:
        """A town or village."""
        return _drawn(rng, self.places, 15)


def crowd(rng: Random, *, family: int = 4000, given: int = 500, places: int = 400) -> Crowd:
    """Draw the words once: so many family names, given names and places."""
    known_given = [name for name, _ in (*WORDS.women, *WORDS.men) if name.isascii()]
    known_family = [name for name in WORDS.family if name.isascii()]
    return Crowd(
        _filled(rng, known_given, given, _ENDS),
        _filled(rng, known_family, family, _TAILS),
        _filled(rng, [city for city, _, _ in WORDS.cities], places, _VILLAGES),
    )


def _filled(rng: Random, known: Sequence[str], size: int, ends: Sequence[str]) -> tuple[str, ...]:
    """The known words in random order, then new ones until there are enough."""
    found = dict.fromkeys(rng.sample(list(known), min(len(known), size)))
    while len(found) < size:
        middle = rng.choice(_VOWELS) + rng.choice(_CODAS) if rng.random() < 0.3 else ""
        word = rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) + middle + rng.choice(ends)
        if len(word) > 3:
            found[word.title()] = None
    return tuple(found)


def _drawn(rng: Random, words: Sequence[str], flat: float) -> str:
    """A word whose rank is spread as Zipf has it, less steep for the first ``flat`` ranks."""
    share = rng.random()
    total = len(words) + flat
    return words[min(int(flat * (total / flat) ** share - flat), len(words) - 1)]
