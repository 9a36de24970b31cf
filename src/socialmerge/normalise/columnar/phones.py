"""Telephone numbers: E.164 of whole columns, or the national digits where the country is not known."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import phones
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import Bytes, bytes_of, extremes, made, without
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import is_in, mask
from socialmerge.records import Missing

__all__ = ["keys"]

Mask = npt.NDArray[np.bool_]

_PLAIN = r"\A\+?[0-9() .-]{7,24}\z"
_AT_HOME = r"\A\(?(?:[1-9]|0[1-9])[0-9() .-]{5,22}\z"
_LAYOUT = np.isin(np.arange(256), [*b"() .-"])
_DIGITS = range(5, 16)


def keys(texts: pa.Array, region: str) -> pa.Array:
    """The numbers of distinct texts as dialled in ``region``: E.164, else national digits, null where there is none.

    >>> keys(pa.array(["(202) 555-0143", "555-0143", "0000000"]), "US").to_pylist()
    ['+12025550143', '5550143', None]
    """

    def parsed(raw: str) -> tuple[str]:
        found = phones.parse(raw, region)
        return ("" if isinstance(found, Missing) else found.e164 or found.national,)

    national = phones.national_pattern(region) if region else None

    def quick(some: pa.Array) -> Settled:
        digits = _squeezed(some)
        found = _abroad(some, digits)
        if national:
            return _either(found, _national(some, digits, *national))
        return found if region else _either(found, _at_home(some, digits))

    return settle.keys_of(texts, quick, parsed)[""]


def _either(first: Settled, second: Settled) -> Settled:
    """The keys of the first where it is sure, else those of the second."""
    keys = pc.if_else(pa.array(first.sure), first.parts[""], second.parts[""])
    return Settled({"": keys}, first.sure | second.sure)


def _abroad(texts: pa.Array, digits: pa.Array) -> Settled:
    """A number with the code of a country whose numbers need no library: the same wherever it is dialled."""
    sure = mask(pc.match_substring_regex(digits, _international()))
    if sure.any():
        sure &= mask(pc.match_substring_regex(texts, _PLAIN)) & ~mask(pc.match_substring_regex(digits, _made_up_end()))
    return settle.one(digits, sure)


def _national(texts: pa.Array, digits: pa.Array, code: int, pattern: str) -> Settled:
    """A number of the region, with or without its country code."""
    found = pc.extract_regex(digits, rf"\A(?:{pattern})\z")
    number = found.field("number")
    sure = mask(found.is_valid()) & mask(pc.match_substring_regex(texts, _PLAIN)) & ~_made_up(number)
    return settle.one(pc.binary_join_element_wise(f"+{code}", number, ""), sure)


def _at_home(texts: pa.Array, digits: pa.Array) -> Settled:
    """The digits of a number that is not written with a country code, where no country is known."""
    lengths = bytes_of(digits).lengths
    usable = (lengths >= _DIGITS.start) & (lengths < _DIGITS.stop)
    sure = usable & mask(pc.match_substring_regex(texts, _AT_HOME)) & ~_made_up(digits)
    return settle.one(digits, sure)


def _squeezed(texts: pa.Array) -> pa.Array:
    """The texts without spaces, brackets, full stops and hyphens; of what is not ASCII the result means nothing."""
    octets = bytes_of(texts)
    plain = Bytes(octets.data & np.uint8(127), octets.offsets)
    found = without(plain, _LAYOUT[plain.data])
    return made(found.data, found.offsets)


def _made_up(digits: pa.Array) -> Mask:
    low, high = extremes(bytes_of(digits))
    return (low >= high) | is_in(digits, _known_junk())


@cache
def _known_junk() -> pa.Array:
    return pa.array(sorted(phones.made_up_numbers()), pa.string())


@cache
def _international() -> str:
    """The numbers that need no library, with their country codes."""
    known = (phones.national_pattern(region) for region in phones.plain_regions())
    forms = {f"{code}{pattern.partition('(?P<number>')[2].join(('(?:', ''))}" for code, pattern in filter(None, known)}
    return rf"\A\+(?:{'|'.join(sorted(forms))})\z"


@cache
def _made_up_end() -> str:
    """Numbers that may be made up: they end like one, or in one digit over and over."""
    ends = [*sorted(phones.made_up_numbers()), *(f"{digit}{{7}}" for digit in range(10))]
    return rf"(?:{'|'.join(ends)})\z"
