"""A whole name parted into given and family name as they are written, for tables that want them apart.

`names.parse` always decides, because a key that is wrong costs one comparison. What goes into somebody's customer table
is parted only where there is a reason to: the writing shows the order (a comma, a script, a surname in capitals), or
one of the words is known as a given or a family name and nothing is against it. Else the name stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from socialmerge.normalise import decorations, lexicon, name_words, names, scripts
from socialmerge.normalise.name_words import Parts, Word
from socialmerge.records import Missing

__all__ = ["NameHabits", "WrittenName", "parted"]

_MOST_GIVEN, _MOST_FAMILY = 3, 4  # words; a longer text is rather a sentence than a name
_SEVERAL = re.compile(r"[&+/]|\b(?:and|und|et|en|og|och)\b", re.IGNORECASE)
_SHOWN_SUFFIX = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}
_EDGES = ",;:'\"()[]"


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name as it is written, without emoji, titles and taglines.

    ``given`` and ``family`` are both there or both ``""``; ``whole`` is the name in one.
    """

    whole: str
    given: str = ""
    family: str = ""
    is_organisation: bool = False


@dataclass(frozen=True, slots=True)
class NameHabits:
    """Which folded words are rather a given, and which rather a family name, by whatever is known besides the lists."""

    is_given: Callable[[str], bool] = names.looks_like_given
    is_family: Callable[[str], bool] = frozenset[str]().__contains__


def parted(raw: str, known: NameHabits | None = None) -> WrittenName | Missing:
    """Part a name where it is reasonably sure which of its words are which.

    >>> parted("✨ Dr. Ada Mary Lovelace ✨ (she/her)")
    WrittenName(whole='Ada Mary Lovelace', given='Ada Mary', family='Lovelace', is_organisation=False)
    >>> parted("DUPONT Jean").family, parted("Lovelace, Ada").given, parted("山田 太郎").family
    ('DUPONT', 'Ada', '山田')
    >>> parted("Kim Min-jun").family, parted("Ada").whole, parted("Acme GmbH").is_organisation
    ('', 'Ada', True)
    """
    name = names.parse(raw)
    if isinstance(name, Missing):
        return name
    if name.is_organisation:
        return WrittenName(name.display, is_organisation=True)
    shown = decorations.nickname(name.display).name
    eastern = scripts.family_first(shown)
    if eastern:
        return WrittenName(shown, eastern[1], eastern[0])
    parts = name_words.without_machine_words(name_words.parts_of(shown))
    suffix = _SHOWN_SUFFIX.get(parts.suffix, "")
    whole = f"{_text(_words(parts))} {suffix}".strip() or shown
    if _SEVERAL.search(shown):
        return WrittenName(shown)
    sure = _in_sure_order(parts, known or NameHabits(), is_shown="," in shown)
    if sure is None:
        return WrittenName(whole)
    return WrittenName(whole, _text(sure.given), f"{_text(sure.family)} {suffix}".strip())


def _in_sure_order(parts: Parts, known: NameHabits, *, is_shown: bool) -> Parts | None:
    """The parts in the order that something speaks for; None where nothing does, or something speaks against it."""
    words = _words(parts)
    is_name = 0 < len(parts.given) <= _MOST_GIVEN and 0 < len(parts.family) <= _MOST_FAMILY
    if not is_name or any(map(_has_digit, words)):
        return None
    if is_shown or scripts.is_patronymic(parts.given[-1].written):
        return parts
    first, last, is_last_family = words[0], words[-1], known.is_family(words[-1].key)
    is_given = len(first.key) == 1 or known.is_given(first.key)
    if _stands_out(words) or known.is_family(first.key) or first.key in _romanised():
        is_turned = known.is_given(last.key) and not is_last_family and (_stands_out(words) or not is_given)
        return Parts(words[1:], words[:1], parts.suffix) if is_turned else None
    # Words between may be middle names, or the first of two surnames.
    is_clear = all(len(word.key) == 1 or known.is_given(word.key) for word in parts.given[1:])
    is_against = known.is_given(last.key) and not is_given and not is_last_family
    return parts if (is_given or is_last_family) and is_clear and not is_against else None


def _has_digit(word: Word) -> bool:
    return any(map(str.isdigit, word.key))


@cache
def _romanised() -> frozenset[str]:
    """The surnames that stand first in Latin letters too."""
    return frozenset(lexicon.table("scripts")["korean"].values())


def _stands_out(words: list[Word]) -> bool:
    """Whether the first word alone is in capitals, as surnames are written where they stand first."""
    is_capitals = [len(word.written) > 2 and word.written.isupper() for word in words]
    return is_capitals[0] and "." not in words[0].written and not any(is_capitals[1:])


def _words(parts: Parts) -> list[Word]:
    return [*parts.given, *parts.family]


def _text(words: list[Word]) -> str:
    return " ".join(word.written.strip(_EDGES) for word in words)
