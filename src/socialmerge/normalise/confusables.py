"""Skeletons: what a handle looks like, by Unicode Technical Standard 39, so that a look-alike can be told."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib import resources

__all__ = ["skeleton"]

# Handles are compared without case and shown in either, so "I", "i", "l" and "1" are one shape, and so are "0" and "o".
# UTS 39 itself takes "m" for "rn".
_SHAPES = {"0": "o", "1": "l", "i": "l", "|": "l", "m": "rn"}


def skeleton(handle: str) -> str:
    """The shape of a handle: two handles with one skeleton look alike, whatever their letters.

    Follows the skeleton of UTS 39 on the case-folded text, without characters that show nothing. A skeleton is for
    comparing with another skeleton only.

    >>> skeleton("Ada_L0velace") == skeleton("\u0430da_lovelace"), skeleton("ada") == skeleton("eda")
    (True, False)
    """
    if handle.isascii():
        return handle.lower().translate(_table())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", handle).casefold())
    seen = "".join(character for character in folded if unicodedata.category(character) not in {"Cf", "Cc"})
    return unicodedata.normalize("NFKD", seen).casefold().translate(_table())


@cache
def _table() -> dict[int, str]:
    text = resources.files(__package__).joinpath("confusables.toml").read_text(encoding="utf-8")
    looks: dict[str, str] = tomllib.loads(text)
    table = {ord(character): target for target, characters in looks.items() for character in characters}
    shapes = str.maketrans(_SHAPES)
    return {character: target.translate(shapes) for character, target in table.items()} | shapes
