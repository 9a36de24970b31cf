"""Names of people: the keys of given, middle and family name of whole columns."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import names
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import LOWER, UPPER, bytes_of, extremes, holds
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import is_in, mask, stands_for_nothing
from socialmerge.records import Missing

__all__ = ["PARTS", "keys"]

Mask = npt.NDArray[np.bool_]

PARTS = ("given", "middle", "family", "suffix", "nickname")
_SIMPLE = r"\A(?P<given>[A-Za-z]{2,24}) (?:(?P<middle>[A-Za-z]{1,24})\.? )?(?P<family>[A-Za-z]{2,24})\z"
_ONE_CASE = "(?:[A-Z]?[a-z]{2,23}|[A-Z]{2,24})"  # MaryAnn may be two words
_TURNED = rf"\A(?P<family>{_ONE_CASE}), (?P<given>{_ONE_CASE})(?: (?P<middle>{_ONE_CASE}))?\z"
_NO_LETTERS = 0xFF ^ (LOWER | UPPER)
_LONGEST = 100  # of a middle name: more is for the parser to refuse


def keys(texts: pa.Array, part: str) -> dict[str, pa.Array]:
    """The keys of the parts of distinct names, from a column of one part (``"given"``) or of whole names (``""``).

    >>> found = keys(pa.array(["Ada King", "LOVELACE, Augusta"]), "full")
    >>> found["given"].to_pylist(), found["family"].to_pylist()
    (['ada', 'augusta'], ['king', 'lovelace'])
    """

    def parsed(raw: str) -> tuple[str, ...]:
        name = names.part(raw, part)
        return ("",) * len(PARTS) if isinstance(name, Missing) else tuple(getattr(name, each) for each in PARTS)

    def quick(some: pa.Array) -> Settled:
        return _whole(some) if part in ("", "full") else _one_part(some, part)

    return settle.keys_of(texts, quick, parsed)


def _one_part(texts: pa.Array, part: str) -> Settled:
    """A word of letters is itself, unless it means something: a title, a generation, a word for nothing."""
    octets = bytes_of(texts)
    lower = pc.ascii_lower(texts)
    sure = holds(octets) & _NO_LETTERS == 0
    if part in ("given", "family"):
        sure &= ~(_is_same_letter(lower) | is_in(lower, _special()))
    elif part == "middle":
        repeated = _is_same_letter(lower) & (octets.lengths > 1)
        sure &= ~(repeated | stands_for_nothing(lower)) & (octets.lengths <= _LONGEST)
    else:
        sure = np.zeros(len(texts), bool)
    nothing = pa.nulls(len(texts), pa.string())
    return Settled({each: lower if each == part else nothing for each in PARTS}, sure & (octets.lengths > 0))


def _whole(texts: pa.Array) -> Settled:
    """Two or three plain words are given name, middle name and surname; before a comma stands the surname."""
    plain, turned = _words(texts, _SIMPLE), _words(texts, _TURNED)
    parts = {part: pc.if_else(pa.array(turned.sure), turned.parts[part], keys) for part, keys in plain.parts.items()}
    return Settled(parts, plain.sure | turned.sure)


def _words(texts: pa.Array, pattern: str) -> Settled:
    """Given, middle and family name where a pattern finds them, unless one of the words means something."""
    found = pc.extract_regex(texts, pattern)
    words = {part: pc.ascii_lower(found.field(part)) for part in ("given", "middle", "family")}
    special = [is_in(word, _special()) for word in words.values()]
    letters = pc.binary_join_element_wise(words["given"], words["family"], "")
    sure = mask(found.is_valid()) & ~np.logical_or.reduce(special) & ~_is_same_letter(letters)
    nothing = pa.nulls(len(texts), pa.string())
    return Settled({part: settle.present(words[part]) if part in words else nothing for part in PARTS}, sure)


def _is_same_letter(words: pa.Array) -> Mask:
    low, high = extremes(bytes_of(words))
    return low >= high


@cache
def _special() -> pa.Array:
    return pa.array(sorted(names.special_words()), pa.string())
