"""Addresses: the keys of the parts of an address, of whole columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import address_parts, lexicon, places
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import bytes_of
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import fold, is_filler, is_in, mask, stands_for_nothing
from socialmerge.records import Missing

__all__ = ["PARTS", "keys"]

Mask = npt.NDArray[np.bool_]

PARTS = ("house", "street", "unit", "city", "state", "postcode", "country")
_OF_STREET = ("house", "street")
_LONGEST = 300
_HOUSE = r"\A(?P<house>[0-9]+[a-z]?) (?P<street>(?:[a-z]|[0-9]+[a-z]{2}).*)\z"


def keys(texts: pa.Array, part: str) -> dict[str, pa.Array]:
    """The keys of the parts of distinct texts, from a column of one part or of whole addresses (``"full"``, ``""``).

    A street column has the house number and the street.

    >>> keys(pa.array(["12 North Main Street", "Main St"]), "street")["house"].to_pylist()
    ['12', None]
    >>> keys(pa.array(["638 Downey Street, Salem, OR 97301"]), "full")["city"].to_pylist()
    ['salem']
    """
    if part in ("", "full"):
        return settle.keys_of(texts, _nothing_sure, _whole)
    if part == "street":
        return settle.keys_of(texts, _streets, _street)

    def quick(some: pa.Array) -> Settled:
        return _one_part(some, part)

    def parsed(raw: str) -> tuple[str]:
        key = address_parts.part(raw, part)
        return ("" if isinstance(key, Missing) else key,)

    return settle.keys_of(texts, quick, parsed)


def _whole(raw: str) -> tuple[str, ...]:
    place = places.parse(raw)
    return ("",) * len(PARTS) if isinstance(place, Missing) else tuple(getattr(place, part) for part in PARTS)


def _nothing_sure(texts: pa.Array) -> Settled:
    return Settled(dict.fromkeys(PARTS, pa.nulls(len(texts), pa.string())), np.zeros(len(texts), bool))


def _street(raw: str) -> tuple[str, str]:
    key = address_parts.part(raw, "street")
    return ("", "") if isinstance(key, Missing) else address_parts.split_house(key)


def _streets(texts: pa.Array) -> Settled:
    """Streets without a unit, and with a plain house number in front or no digit at all."""
    folded, sure = _values(texts)
    words = pc.split_pattern(folded, " ")
    street, odd = _one_spelling(words.flatten())
    sure &= ~_any_of(odd, words.offsets.to_numpy())
    street = pc.binary_join(pa.ListArray.from_arrays(words.offsets, street), " ")
    sure &= ~_for_nothing(street, folded)
    split = pc.extract_regex(street, _HOUSE)
    numbered = split.is_valid()
    sure &= mask(numbered) | ~mask(pc.match_substring_regex(street, "[0-9]"))
    found = (split.field("house"), pc.if_else(numbered, split.field("street"), street))
    return Settled(dict(zip(_OF_STREET, map(settle.present, found), strict=True)), sure)


def _values(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """The folded texts, and which of them are surely values."""
    found = fold(texts)
    sure = found.sure & ~found.nothing & (bytes_of(texts).lengths <= _LONGEST)
    return found.keys, sure & ~mask(pc.match_substring(texts, "#"))


def _one_spelling(words: pa.Array) -> tuple[pa.Array, Mask]:
    """Words of streets in one spelling each, and which of them show that the street needs its parser."""
    written, spelt = _street_words()
    found = pc.coalesce(spelt.take(pc.index_in(words, value_set=written)), words)
    return found, is_in(found, _unit_words()) | mask(pc.ends_with(words, "strasse"))


def _any_of(marked: Mask, offsets: npt.NDArray[np.int32]) -> Mask:
    """Whether any word of each text is marked."""
    return np.diff(np.concatenate(([0], np.cumsum(marked)))[offsets]) > 0


def _for_nothing(keys: pa.Array, folded: pa.Array) -> Mask:
    """Which keys became a word for nothing, or a filler, only by their spelling."""
    return (stands_for_nothing(keys) | is_filler(bytes_of(keys))) & mask(pc.not_equal(keys, folded))


def _one_part(texts: pa.Array, part: str) -> Settled:
    folded, sure = _values(texts)
    reader, is_itself = _READERS[part]
    itself = is_itself(folded)
    read = [reader(key) for key in folded.filter(pa.array(~itself)).to_pylist()]
    found = pc.replace_with_mask(folded, pa.array(~itself), pa.array(read, pa.string()))
    sure &= (bytes_of(found).lengths > 0) & ~_for_nothing(found, folded)
    return Settled({part: found}, sure)


def _is_one_word(keys: pa.Array) -> Mask:
    return ~mask(pc.match_substring(keys, " "))


def _is_plain_city(keys: pa.Array) -> Mask:
    return _is_one_word(keys) & ~is_in(keys, _cities())


def _is_plain_postcode(keys: pa.Array) -> Mask:
    return mask(pc.match_substring_regex(keys, r"\A[0-9]{5}\z")) & ~is_in(keys, _postcodes())


def _is_number(keys: pa.Array) -> Mask:
    return mask(pc.match_substring_regex(keys, r"\A[0-9]+\z"))


def _is_nothing(keys: pa.Array) -> Mask:
    return np.zeros(len(keys), bool)


_READERS: dict[str, tuple[Callable[[str], str], Callable[[pa.Array], Mask]]] = {
    "house": (address_parts.reader("house"), _is_number),
    "unit": (address_parts.reader("unit"), _is_one_word),
    "city": (address_parts.reader("city"), _is_plain_city),
    "state": (address_parts.reader("state"), _is_nothing),
    "postcode": (address_parts.reader("postcode"), _is_plain_postcode),
    "country": (address_parts.reader("country"), _is_nothing),
}
"""What reads a folded part, and which folded texts it leaves as they are."""


@cache
def _street_words() -> tuple[pa.Array, pa.Array]:
    known = lexicon.mapping("places", "street_words")
    return pa.array(list(known), pa.string()), pa.array(list(known.values()), pa.string())


@cache
def _unit_words() -> pa.Array:
    return pa.array(sorted(lexicon.mapping("places", "unit_words")), pa.string())


@cache
def _cities() -> pa.Array:
    return pa.array(sorted(lexicon.mapping("places", "cities")), pa.string())


@cache
def _postcodes() -> pa.Array:
    return pa.array(sorted(lexicon.words("places", "words.postcodes")), pa.string())
