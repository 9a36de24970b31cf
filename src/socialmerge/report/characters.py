"""Characters that no page may hold as they are: shown by their number instead, so that nothing hides."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["visible"]

# Controls (but the line's end), what turns the direction of writing, what joins or has no width, tags, and halves of
# characters that no encoding can write. Joiners stay: words of Persian and many emoji are spelled with them.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff"
    "\ufff9-\uffff\U0001fffe\U0001ffff\U000e0000-\U000e0fff]"
)
_MOST_MARKS = 4
_MARKS = re.compile(
    f"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{_MOST_MARKS}}})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def visible(text: str) -> str:
    r"""The text with every hidden character as its number, and no letter under a tower of accents.

    >>> visible("a\x00b\u202ec")
    'a[U+0000]b[U+202E]c'
    >>> visible("Zoë\tLi")
    'Zoë Li'
    """
    spaced = text.replace("\t", " ").replace("\r\n", "\n").replace("\r", "\n")
    shown = _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", spaced)
    return _MARKS.sub(r"\1", unicodedata.normalize("NFC", shown))
