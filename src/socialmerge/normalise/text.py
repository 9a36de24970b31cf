"""Text: the folded key that all match keys are made of, the cleaned display, and what counts as no value at all."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import unescape

from anyascii import anyascii

from socialmerge.normalise import lexicon
from socialmerge.records import Missing, MissingReason

__all__ = [
    "EMPTY",
    "JUNK",
    "MALFORMED",
    "PLACEHOLDER",
    "VERSION",
    "clean",
    "fold",
    "is_junk",
    "is_state",
    "no_value",
    "parse",
    "words_for_nothing",
]

VERSION = 1

EMPTY = Missing(MissingReason.EMPTY)
JUNK = Missing(MissingReason.JUNK)
PLACEHOLDER = Missing(MissingReason.PLACEHOLDER)
MALFORMED = Missing(MissingReason.MALFORMED)

_APOSTROPHES = "'`\u00b4\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u055a\ua78b\ua78c\uff07"
_DROPPED = frozenset({"So", "Sk", "Cs", "Co", "Cn", "Cf", "Me"})  # decoration: nothing to transliterate
_VARIATION = range(0xFE00, 0xFE10)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TEMPLATE = re.compile(r"\{\{?[^{}]{1,60}\}\}?|%[A-Za-z_]{2,30}%|\$\{[^{}]{1,60}\}|\*\|[^*|]{1,60}\|\*")
_BRACKETED = re.compile(r"<[^<>]{1,60}>|\[[^\[\]]{1,60}\]|\([^()]{1,60}\)")
_NESTED_ENTITIES = 4
_MARKS_IN_A_ROW = 30  # UAX #15, stream-safe text: no real text has more
_SHORT = 200  # below this no run of marks can be slow
_LONGEST_JUNK = 24
_FILLER_AT_LEAST = {"0": 2, "x": 2}  # else four: there are streets, codes and initials of two and three equal letters


class _Folds(dict[int, str]):
    """Code point to its folded ASCII, computed when first met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        folded = "".join(_ascii(c) for c in unicodedata.normalize("NFKC", char).casefold())
        self[point] = folded
        return folded


def _ascii(char: str) -> str:
    """One NFKC, case-folded character as lower-case ASCII; punctuation and controls as a space."""
    if char in _APOSTROPHES or ord(char) in _VARIATION:
        return ""
    if unicodedata.category(char) in _DROPPED:
        return " " if unicodedata.category(char) == "So" else ""
    if char.isspace() or unicodedata.category(char) in {"Cc", "Zl", "Zp"}:
        return " "
    out = anyascii(char).lower().replace("'", "").replace("`", "")
    return "".join(c if c.isalnum() else " " for c in out)


class _Cleans(dict[int, int | str | None]):
    """Code point to what a display keeps of it, computed when first met."""

    def __missing__(self, point: int) -> int | str | None:
        char = chr(point)
        category = unicodedata.category(char)
        kept: int | str | None = point
        if char.isspace() or category in {"Cc", "Zl", "Zp"}:
            kept = " "
        elif category == "Cs" or (category == "Cf" and char not in "\u200c\u200d"):
            kept = None  # joiners belong to emoji and to Persian spelling; other format characters are invisible
        self[point] = kept
        return kept


_FOLDS = _Folds()
_CLEANS = _Cleans()


def fold(raw: str) -> str:
    """The match key of a text: lower-case ASCII letters and digits, single spaces, ``""`` if nothing is left.

    NFKC and case folding (Unicode, UAX #15), transliteration by anyascii, apostrophes removed, other punctuation to
    spaces, emoji and decoration dropped. ``fold(fold(x)) == fold(x)`` for every text.

    >>> fold("  Maggie O'Neil ✨ "), fold("ZOË-Łucja"), fold("Александр"), fold("\U0001d4d0\U0001d4ed\U0001d4ea")
    ('maggie oneil', 'zoe lucja', 'aleksandr', 'ada')
    """
    if raw.isascii():
        if raw.isalnum():
            return raw.lower()
        if "&" in raw:
            raw = _without_entities(raw)
        return " ".join(raw.translate(_FOLDS).split())
    return " ".join(unicodedata.normalize("NFKC", _prepared(raw)).translate(_FOLDS).split())


def clean(raw: str) -> str:
    r"""The display of a text: NFC, HTML entities resolved, controls and lone surrogates gone, single spaces.

    >>> clean(" Per-&#197;ke\x00 \n Larson "), clean("AT&amp;T")
    ('Per-Åke Larson', 'AT&T')
    """
    if raw.isascii() and raw.isprintable() and "&" not in raw:
        return " ".join(raw.split())
    text = _stream_safe(_without_entities(raw).translate(_CLEANS))
    return " ".join(unicodedata.normalize("NFC", text).split())


def _prepared(raw: str) -> str:
    """Ready for NFKC, which would turn an acute accent used as an apostrophe into a space and a mark."""
    raw = _without_entities(raw) if "&" in raw else raw
    return _stream_safe(raw.replace("\u00b4", "'"))


def _without_entities(raw: str) -> str:
    """Resolve HTML entities, also those escaped twice; deeper nesting is left alone, so that the result is stable."""
    text = raw
    for _ in range(_NESTED_ENTITIES):
        if not _ENTITY.search(text):
            return text
        resolved = _ENTITY.sub(lambda found: unescape(found[0]), text)
        if resolved == text:
            return text
        text = resolved
    return text if not _ENTITY.search(text) else raw


def _stream_safe(text: str) -> str:
    """Cut runs of combining marks: normalising them costs the square of their length."""
    if len(text) < _SHORT or text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)


@cache
def _no_value() -> dict[str, MissingReason]:
    reasons = dict.fromkeys(lexicon.words("text", "placeholder"), MissingReason.PLACEHOLDER)
    return reasons | dict.fromkeys(lexicon.words("text", "junk"), MissingReason.JUNK)


def words_for_nothing() -> frozenset[str]:
    """The folded texts that are no value, but for fillers such as 0000.

    >>> "unknown" in words_for_nothing()
    True
    """
    return frozenset(key for key in _no_value() if len(key) <= _LONGEST_JUNK)


def is_junk(raw: str) -> MissingReason | None:
    """Why the *whole* text is no value, or None when it may be one.

    A word list decides, so a surname column needs `names`, which keeps the surnames Null, None and Test where the row
    shows that they are surnames.

    >>> is_junk("N/A"), is_junk("<Your Twitter Username>"), is_junk("0000"), is_junk("Null Island")
    (<MissingReason.JUNK: 'junk'>, <MissingReason.PLACEHOLDER: 'placeholder'>, <MissingReason.JUNK: 'junk'>, None)
    """
    return no_value(raw, fold(raw))


def is_state(raw: str) -> bool:
    """Whether a text that is no name, address or number says in what state something is: a flag, a status.

    >>> is_state("TRUE"), is_state("suspended"), is_state("unknown")
    (True, True, False)
    """
    return fold(raw) in lexicon.words("text", "state")


def no_value(raw: str, key: str) -> MissingReason | None:
    """`is_junk` for one who has the folded key already."""
    if not key:
        return MissingReason.JUNK if clean(raw) else MissingReason.EMPTY
    if not raw[0].isalnum() and _is_template(raw.strip()):
        return MissingReason.PLACEHOLDER
    if len(key) > _LONGEST_JUNK:
        return None
    if key in _no_value():
        return _no_value()[key]
    return _is_filler(key)


def _is_template(raw: str) -> bool:
    """A field of a template or form that nobody filled in: ``{{first_name}}``, ``<Your Twitter Username>``."""
    if _TEMPLATE.fullmatch(raw):
        return True
    if not _BRACKETED.fullmatch(raw):
        return False
    inside = fold(raw)
    return inside in _no_value() or not lexicon.words("text", "template").isdisjoint(inside.split())


def _is_filler(key: str) -> MissingReason | None:
    """One character over and over: 0000, xxxx, 99999."""
    first = key[0]
    repeats = key.count(first)
    if repeats == 1 or repeats + key.count(" ") != len(key):
        return None
    return MissingReason.JUNK if repeats >= _FILLER_AT_LEAST.get(first, 4) else None


def parse(raw: str) -> str | Missing:
    """The folded key of a free text, or why there is none.

    >>> parse("The Old Mill, Ltd."), parse("unknown")
    ('the old mill ltd', Missing(reason=<MissingReason.JUNK: 'junk'>))
    """
    key = fold(raw)
    reason = no_value(raw, key)
    return key if reason is None else Missing(reason)
