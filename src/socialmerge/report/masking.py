"""Personal values as a report shows them to whoever it is handed on to: enough to recognise one, too little to use."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from socialmerge import channels

__all__ = ["Masking"]

DOTS = "•••"
_MOST_WORDS = 4
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@.])@[\w.\-]+(?:@[\w.\-]+)?")
_FOUND = re.compile(f"{_URL.pattern}|{_HANDLE.pattern}|{_EMAIL.pattern}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(|\b00)?\d[\d ().\-/]{6,}\d(?![\w,/-]|\.\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_HANDLE = re.compile(
    r"(?:urn:)?(?:uuid:)?(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z]?[A-Z0-9]+)(?:[:/_-][A-Z0-9]+)*|row-?\d+"
)
_PREFIX = re.compile(r"([a-z][a-z0-9_]*):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Masking:
    """How personal values are shown: masked where ``on``, else as they are.

    >>> masked = Masking(on=True)
    >>> masked.value("Ada Lovelace"), masked.value("ada@example.com"), masked.value("+44 20 7946 0100")
    ('A••• L•••', 'a•••@•••', '•••00')
    >>> masked.id("0031"), masked.id("github:1815"), masked.id("linkedin:ada-lovelace")
    ('0031', 'github:1815', 'linkedin:a•••')
    >>> masked.text("41 rows say info@example.com")
    '41 rows say i•••@•••'
    """

    on: bool = True

    def value(self, text: str) -> str:
        """A value of a record."""
        return _masked(text) if self.on else text

    def text(self, text: str) -> str:
        """A sentence: the addresses, numbers and handles in it are masked, the words stay."""
        if not self.on:
            return text
        found = _FOUND.sub(lambda one: _masked(one[0]), text)
        return _PHONE.sub(lambda one: one[0] if _DATE.match(one[0]) else _masked(one[0]), found)

    def id(self, text: str) -> str:
        """An id of a row: shown, but for one that is made of a handle or is an address itself."""
        if not self.on:
            return text
        prefix = _PREFIX.fullmatch(text)
        if prefix and prefix[1] in _channels():
            return text if _NO_HANDLE.fullmatch(prefix[2]) else f"{prefix[1]}:{_initial(prefix[2].split('/')[-1])}"
        return _masked(text) if _EMAIL.fullmatch(text) or _URL.match(text) else text


def _channels() -> tuple[str, ...]:
    return channels.names()


def _masked(text: str) -> str:
    if _URL.match(text):
        return f"{text.split(':', 1)[0].lower()}://{DOTS}" if "://" in text else DOTS
    if text.startswith("@"):
        return _initial(text[1:])
    if _EMAIL.fullmatch(text.strip()):
        return f"{_initial(text.strip())}@{DOTS}"
    if _digits(text) >= 7 and not _DATE.match(text) and not any(map(str.isalpha, text)):
        return DOTS + "".join(filter(str.isdigit, text))[-2:]
    words = text.split()
    shown = " ".join(map(_initial, words[:_MOST_WORDS]))
    return shown + (" …" if len(words) > _MOST_WORDS else "")


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _initial(word: str) -> str:
    """The first letter and dots, whatever the length; of a number no digit."""
    first: Callable[[str], bool] = str.isalpha
    return next(filter(first, word[:1] if word[:1].isalnum() else word), "") + DOTS
