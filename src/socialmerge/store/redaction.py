"""Redaction: the values of an erased person, and their parts, taken out of what was written about others."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from socialmerge.normalise import emails
from socialmerge.records import Missing

__all__ = ["REDACTED", "Mentions", "Redaction", "names_alone", "words_of"]

REDACTED = "[erased]"
"""What stands in place of words that were taken out."""

_LEAST = 3
"""Words with fewer letters are nobody's, but where they are parts of a longer value that stands there as a whole."""

_LEAST_DIGITS = 4
_PHONE_DIGITS = 7
_NAME_WORDS = range(2, 4)
_MOST_WORDS = 8
"""A value with more words is prose: it is looked for as a whole, and its single words are nobody's."""

_NOBODYS = ("role", "noreply")
_EVERYBODYS = frozenset(["and", "das", "der", "for", "the", "und"])
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\+?\d(?:[ ().\-/]{0,3}\d){6,}")
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://[^/\s]+|www\.[^/\s]+)/?", re.IGNORECASE)
_AT_HOST = re.compile(r"(?<=\S)@[^\s@]+\.[^\s@]+")
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts, by how Unicode calls their letters, that put no space between words."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redaction:
    """What tells of a person: runs of words by the first of them, telephone numbers, and texts without spaces."""

    runs: dict[str, tuple[Words, ...]]
    numbers: frozenset[str]
    unspaced: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str], wholes: Iterable[str] = ()) -> Redaction:
        """Make it of a person's values; ``wholes``, such as prose, have words that are nobody's.

        >>> some = Redaction.of(["Ada Plantagenet", "+1 202 555 0143"], ["I like the sea"])
        >>> some.redacted("Mr PLANTAGENET called from 202-555-0143; he likes the sea")
        'Mr [erased] called from [erased]; he likes the sea'
        """
        several, runs = [*values], set[Words]()
        every = (*several, *wholes)
        for value in every:
            whole = _words(value)
            if sum(map(len, whole)) >= (_LEAST_DIGITS if "".join(whole).isdigit() else _LEAST):
                runs.add(whole)
        runs |= {(word,) for value in several for word in _parts(value)}
        found: dict[str, set[Words]] = defaultdict(set)
        for run in runs - {(word,) for word in _EVERYBODYS}:
            found[run[0]].add(run)
        longest = {first: tuple(sorted(some, key=len, reverse=True)) for first, some in found.items()}
        digits = {one for value in every for one in _numbers(value)}
        unspaced = {value.strip() for value in every if _is_unspaced(value)}
        return cls(longest, frozenset(digits), tuple(sorted(unspaced, key=len, reverse=True)))

    def without(self, other: Redaction) -> Redaction:
        """What this takes out and the other does not."""
        runs = {
            first: tuple(one for one in some if one not in other.runs.get(first, ()))
            for first, some in self.runs.items()
        }
        unspaced = tuple(one for one in self.unspaced if one not in other.unspaced)
        return Redaction(runs, self.numbers - other.numbers, unspaced)

    def tells(self, text: str) -> bool:
        """Say whether a text holds anything of the person."""
        return any(True for _ in self._spans(text))

    def redacted(self, text: str) -> str:
        """Give a text without what it holds of the person; one that holds nothing as it is."""
        parts, end = [], 0
        for start, stop in _joined(self._spans(text)):
            parts += [text[end:start], REDACTED]
            end = stop
        return "".join([*parts, text[end:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        found = [(one.start(), one.end(), _folded(one[0])) for one in _WORD.finditer(text)]
        for place, (start, _, word) in enumerate(found):
            for run in self.runs.get(word, ()):
                if tuple(one for *_, one in found[place : place + len(run)]) == run:
                    yield start, found[place + len(run) - 1][1]
                    break
        for number in _NUMBER.finditer(text) if self.numbers else ():
            if any(_same_number(_digits(number[0]), one) for one in self.numbers):
                yield number.span()
        for value in self.unspaced:
            for one in re.finditer(re.escape(value), text):
                yield one.span()


@dataclass(frozen=True, slots=True)
class Mentions:
    """The words and the ends of telephone numbers in some texts: a quick look at which values they may hold."""

    words: frozenset[str]
    ends: frozenset[str]
    together: str

    @classmethod
    def of(cls, texts: Sequence[str]) -> Mentions:
        """Make it of texts."""
        words = frozenset(word for text in texts for word in _words(text))
        ends = frozenset(one[-_PHONE_DIGITS:] for text in texts for one in _numbers(text))
        return cls(words, ends, "\n".join(texts))

    def whole(self, value: str) -> bool:
        """Whether a text may hold a value as a whole.

        >>> some = Mentions.of(["Ms Plantagenet rang from 202-555-0143"])
        >>> some.whole("Ada Plantagenet"), some.part("Ada Plantagenet"), some.whole("+1 202 555 0143"), some.part("Bob")
        (False, True, True, False)
        """
        words = _words(value)
        ends = (one[-_PHONE_DIGITS:] for one in _numbers(value))
        return bool(words and self.words.issuperset(words)) or not self.ends.isdisjoint(ends) or value in self.together

    def part(self, value: str) -> bool:
        """Whether a text may hold a value, or a word of it."""
        return self.whole(value) or bool(self.parts(value))

    def parts(self, value: str) -> set[str]:
        """The single words of a value that tell of a person and stand in a text."""
        return {word for word in _parts(value) if word in self.words}


def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded as :class:`Redaction` compares them."""
    return frozenset(_words(text))


def names_alone(value: str) -> bool:
    """Whether a value names one person by itself: an address, a telephone number, or a name of several words.

    >>> [names_alone(one) for one in ("ada@example.com", "202-555-0143", "Ada Lovelace", "Ada", "I sail, she wrote")]
    [True, True, True, False, False]
    """
    words = _words(value)
    is_name = len(words) in _NAME_WORDS and all(map(str.isalpha, words))
    return "@" in value or bool(_NUMBER.fullmatch(value.strip())) or is_name


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Put spans in their order, those that overlap as one."""
    last: tuple[int, int] | None = None
    for start, stop in sorted(spans):
        if last is not None and start < last[1]:
            last = last[0], max(last[1], stop)
            continue
        if last is not None:
            yield last
        last = start, stop
    if last is not None:
        yield last


def _words(text: str) -> Words:
    return tuple(_folded(word) for word in _WORD.findall(text))


def _folded(word: str) -> str:
    """Fold a word: its letters without their case and their accents."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(one))
    return plain or word


def _parts(value: str) -> Iterator[str]:
    """Give the words of a value that tell of a person: the host of an address is its provider's, *office* nobody's."""
    if "@" in value and not isinstance(mail := emails.parse(value), Missing) and mail.kind in _NOBODYS:
        return
    words = _words(_AT_HOST.sub(" ", _HOST.sub("", value)))
    if len(words) <= _MOST_WORDS:
        yield from (word for word in words if sum(map(str.isalpha, word)) >= _LEAST)
        yield from (part for word in words for part in word.split("_") if sum(map(str.isalpha, part)) >= _LEAST)


def _numbers(value: str) -> Iterator[str]:
    yield from (_digits(one[0]) for one in _NUMBER.finditer(value))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text)).lstrip("0")


def _same_number(one: str, other: str) -> bool:
    """Say whether these are one telephone number, with the country's code before it or not."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _PHONE_DIGITS and longer.endswith(shorter)


def _is_unspaced(value: str) -> bool:
    return len(value.strip()) > 1 and any(unicodedata.name(one, "").startswith(_UNSPACED) for one in value)
