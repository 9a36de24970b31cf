"""Decoration around a display name: emoji, pronouns, taglines, nicknames in quotes or brackets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from socialmerge.normalise import lexicon, nicknames, text

__all__ = ["Nicknamed", "nickname", "strip"]

_LONGEST = 300  # what is longer is no name, so the loop below never meets it
_EDGES = " -\u2013\u2014|~*\u2022\u00b7,;:_=+#!?/\\@<>^\u00bf\u00a1"
_TAGLINE = re.compile(r"\s*[|\u2022\u2016\u00a6\u2758\u2503\uff5c]\s*|\s+[-\u2013\u2014~/@\u00b7]+\s+|:\s+|\s+//\s*")
_AT_WORK = re.compile(r"\s+(?:@\s*\S|(?:at|from|with)\s)", re.IGNORECASE)
_BRACKETS = re.compile(r"\(([^()]{0,60})\)|\[([^\[\]]{0,60})\]|\uff08([^\uff08\uff09]{0,60})\uff09")
_QUOTES = re.compile(
    '["\u201c\u201d\u201e\u00ab\u300c]([^"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d]{1,40})["\u201c\u201d\u00bb\u300d]'
    "|(?<!\\w)['\u2018`]([^'\u2018\u2019`]{2,40})['\u2019`](?!\\w)"
)


class _Decoration(dict[int, int | str]):
    """Code point to itself, or to a space when it is a picture."""

    def __missing__(self, point: int) -> int | str:
        picture = unicodedata.category(chr(point)) in {"So", "Sk", "Me", "Co", "Cn"} or 0xFE00 <= point <= 0xFE0F
        self[point] = kept = " " if picture or point == 0x200D else point
        return kept


_DECORATION = _Decoration()


@dataclass(frozen=True, slots=True)
class Nicknamed:
    """A name without its quoted or bracketed part, and the nickname that stood there."""

    name: str
    nickname: str


def strip(shown: str) -> str:
    """A cleaned display name without emoji, pronouns and taglines; ``""`` when nothing is left, cut when far too long.

    >>> strip("✨Ada✨"), strip("Ada Lovelace \U0001f3f3\ufe0f\u200d\U0001f308 (she/her)"), strip("Ada | Founder at X")
    ('Ada', 'Ada Lovelace', 'Ada')
    """
    name = _once(shown)
    while len(name) <= _LONGEST and (again := _once(name)) != name:
        name = again
    return name


def _once(shown: str) -> str:
    name = shown if shown.isascii() else " ".join(shown.translate(_DECORATION).split())
    name = _without_pronouns(name)
    parts = [part for part in _TAGLINE.split(name) if part and text.fold(part)]
    name = parts[0] if parts else ""
    work = _AT_WORK.search(name)
    if work and " " in name[: work.start()].strip():
        name = name[: work.start()]
    return " ".join(name.split()).strip(_EDGES)


def _without_pronouns(name: str) -> str:
    if "/" not in name and "(" not in name and "[" not in name and "\uff08" not in name:
        return name
    name = _BRACKETS.sub(lambda found: " " if _is_pronouns(found[0]) else found[0], name)
    return " ".join(word for word in name.split() if "/" not in word or not _is_pronouns(word))


def _is_pronouns(words: str) -> bool:
    return lexicon.words("names", "decorations.pronouns").issuperset(text.fold(words).split())


def nickname(name: str) -> Nicknamed:
    """Take a nickname out of its quotes or brackets.

    In brackets at the end may stand an employer, a town or a maiden name as well: there only a known short form of the
    given name counts, and anything else is left out of the key.

    >>> nickname('Henry C. "Hank" Johnson'), nickname("Ada Lovelace (Acme)")
    (Nicknamed(name='Henry C. Johnson', nickname='hank'), Nicknamed(name='Ada Lovelace', nickname=''))
    """
    if name.isascii() and name.replace(" ", "").isalpha():
        return Nicknamed(name, "")
    quoted = _QUOTES.search(name)
    if quoted:
        rest = f"{name[: quoted.start()]} {name[quoted.end() :]}"
        return _taken(rest, text.fold(quoted[1] or quoted[2]))
    bracketed = _BRACKETS.search(name)
    if not bracketed:
        return Nicknamed(name, "")
    rest = f"{name[: bracketed.start()]} {name[bracketed.end() :]}"
    inside = text.fold(bracketed[0])
    given = text.fold(name[: bracketed.start()]).partition(" ")[0]
    known = bool(text.fold(name[bracketed.end() :])) or (given != inside and nicknames.same_nickname(given, inside))
    return _taken(rest, inside, counts=known)


def _taken(rest: str, inside: str, *, counts: bool = True) -> Nicknamed:
    rest = " ".join(rest.split())
    if not text.fold(rest):  # the whole name stood in quotes
        return Nicknamed(inside, "")
    return Nicknamed(rest, inside if counts and inside.count(" ") <= 1 else "")
