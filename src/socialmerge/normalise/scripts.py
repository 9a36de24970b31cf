"""Names in other scripts: which part is the family name when the writing itself shows the order."""

from __future__ import annotations

import re
from functools import cache

from socialmerge.normalise import lexicon, text

__all__ = ["family_first", "fold_family", "is_patronymic"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\U00020000-\U0002fa1f"
_LETTER = f"[{_HAN}\u3041-\u309f\u30a0-\u30ff\uac00-\ud7a3]"
_EAST_ASIAN = re.compile(f"{_LETTER}+(?: {_LETTER}+)?")
_HAN_ONLY = re.compile(f"[{_HAN}]+")
_HANGUL_ONLY = re.compile("[\uac00-\ud7a3]+")
_CYRILLIC = re.compile("[\u0400-\u052f]+")


def family_first(name: str) -> tuple[str, str] | None:
    """Family and given name of an East Asian name of one or two words, in its own script; None for any other.

    Chinese and Korean surnames have one character but for a short list of double ones; four Han characters that begin
    with none of those are taken as two and two, as in Japanese. Kana without a space is one word that nobody can cut.

    >>> family_first("张秀英"), family_first("欧阳娜娜"), family_first("山田 太郎"), family_first("김철수")
    (('张', '秀英'), ('欧阳', '娜娜'), ('山田', '太郎'), ('김', '철수'))
    """
    if name.isascii() or "\u30fb" in name or not _EAST_ASIAN.fullmatch(name):
        return None
    first, _, rest = name.partition(" ")
    if rest:
        return first, rest
    size = _surname_size(name)
    return (name[:size], name[size:]) if 0 < size < len(name) else None


def _surname_size(name: str) -> int:
    """Characters of the surname of an unspaced name, 0 when it cannot be told."""
    if len(name) > 4:
        return 0
    if _HANGUL_ONLY.fullmatch(name):
        return 2 if len(name) > 2 and name[:2] in _korean() else 1
    if not _HAN_ONLY.fullmatch(name):
        return 0
    if name[:2] in lexicon.words("scripts", "chinese_double") or len(name) == 4:
        return 2
    return 1


@cache
def _korean() -> dict[str, str]:
    return dict(lexicon.table("scripts")["korean"])


def fold_family(name: str) -> str:
    """The folded key of a family name, Korean ones as their bearers spell them.

    >>> fold_family("김"), fold_family("张")
    ('kim', 'zhang')
    """
    return _korean().get(name) or text.fold(name)


def is_patronymic(word: str) -> bool:
    """Whether a word in Cyrillic is a father's name (Павлович), which East Slavic names put after the given name.

    >>> is_patronymic("Павлович"), is_patronymic("Васильев")
    (True, False)
    """
    folded = word.casefold()
    return bool(_CYRILLIC.fullmatch(folded)) and folded.endswith(tuple(lexicon.words("scripts", "patronymics")))
