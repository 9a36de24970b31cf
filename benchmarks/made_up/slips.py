"""What goes wrong when people write things down: slips of letters, of dates, of spelling across scripts, and holes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

__all__ = ["blanked", "date", "date_slip", "respelt", "typo"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SPELLINGS = (
    ("kh", "h"), ("sh", "sch"), ("ch", "tch"), ("ts", "c"), ("ph", "f"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("y", "i"), ("j", "y"), ("v", "w"), ("k", "c"), ("q", "k"), ("ia", "iya"), ("ie", "ye"), ("z", "s"),
    ("dj", "j"),
    ("ov", "off"), ("ev", "eff"), ("ski", "sky"), ("x", "ks"), ("e", "yo"), ("a", "e"), ("o", "u"), ("u", "o"),
    ("i", "e"),
)  # fmt: skip


def typo(rng: Random, text: str, slips: int = 1) -> str:
    """A text with some slips: a letter dropped, added, changed, or swapped with the next."""
    for _ in range(slips):
        if len(text) < 2:
            break
        at, letter = rng.randrange(len(text)), rng.choice(_LETTERS)
        before, rest = text[:at], text[at:]
        text = rng.choice(
            (
                before + rest[1:],
                before + letter + rest,
                before + letter + rest[1:],
                before + rest[1:2] + rest[:1] + rest[2:],
            )
        )
    return text


def respelt(rng: Random, name: str) -> str:
    """A name as another scheme of transliteration writes it: one to three sounds spelt otherwise."""
    lower = name.lower()
    for _ in range(rng.choice((1, 1, 2, 3))):
        fitting = [(a, b) for one in _SPELLINGS for a, b in (one, one[::-1]) if a in lower[1:]]
        if not fitting:
            break
        a, b = rng.choice(fitting)
        at = rng.choice([place for place in range(1, len(lower)) if lower.startswith(a, place)])
        lower = lower[:at] + b + lower[at + len(a) :]
    return lower.title()


def date(rng: Random, first: int, last: int) -> str:
    """A day between two years, as ISO 8601 writes it."""
    return f"{rng.randint(first, last):04d}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def date_slip(rng: Random, day: str) -> str:
    """A date with the wrong year by a little, only the year right, the month or the day wrong, or the two swapped."""
    year, month, number = day.split("-")
    return rng.choice(
        (
            f"{int(year) + rng.choice((-10, -2, -1, 1, 2, 10)):04d}-{month}-{number}",
            f"{year}-01-01",
            f"{year}-{rng.randint(1, 12):02d}-{number}",
            f"{year}-{month}-{rng.randint(1, 28):02d}",
            f"{year}-{number}-{month}" if int(number) <= 12 else f"{year}-{month}-{int(number) - 1 or 1:02d}",
        )
    )


def blanked(rng: Random, cells: Sequence[str], share: float) -> list[str]:
    """The cells with a share of them empty."""
    return [cell if rng.random() > share else "" for cell in cells]
