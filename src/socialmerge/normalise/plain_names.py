"""Names of plain words, a column at a time: what `names` says of most names, without a call for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import names

__all__ = ["PlainNames", "of_columns", "of_full"]

_FULL = r"^(?P<given>[A-Za-z]{2,24}) (?:(?P<middle>[A-Za-z]{1,24})\.? )?(?P<family>[A-Za-z]{2,24})$"
_WORD = r"^[A-Za-z]*$"
_ONE_LETTER = "^(" + "|".join(f"{letter}+" for letter in "abcdefghijklmnopqrstuvwxyz") + ")$"


@dataclass(frozen=True, slots=True)
class PlainNames:
    """``plain[i]`` (Arrow booleans) says that name i is of plain words alone; its folded parts are then sure.

    Parts are ``pa.string()`` of the same length, ``""`` where there is none.
    """

    plain: pa.Array
    given: pa.Array
    middle: pa.Array
    family: pa.Array


def of_full(column: pa.Array) -> PlainNames:
    """Names written in one, as `names.parse` reads them; ``column`` is ``pa.string()`` without nulls.

    >>> found = of_full(pa.array(["Ada B. Lovelace", "Dr. Lovelace"]))
    >>> found.plain.to_pylist(), found.middle.to_pylist()
    ([True, False], ['b', ''])
    """
    found = pc.extract_regex(column, pattern=_FULL)
    parts = [pc.fill_null(pc.struct_field(found, name), "") for name in ("given", "middle", "family")]
    return _judged(pc.is_valid(found), parts)


def of_columns(given: pa.Array, middle: pa.Array, family: pa.Array) -> PlainNames:
    """Names in columns of their own, as `names.from_parts` reads them; ``pa.string()`` without nulls.

    >>> found = of_columns(pa.array(["Ada", "Ada", ""]), pa.array(["", "", ""]), pa.array(["Lovelace", "Smith Jr", ""]))
    >>> found.plain.to_pylist(), found.family.to_pylist()[0]
    ([True, False, False], 'lovelace')
    """
    parts = [given, middle, family]
    plain = pc.or_(pc.not_equal(given, ""), pc.not_equal(family, ""))
    for part in parts:
        plain = pc.and_(plain, pc.match_substring_regex(part, _WORD))
    return _judged(plain, parts)


def _judged(plain: pa.Array, parts: Sequence[pa.Array]) -> PlainNames:
    """Plain are only words that mean nothing but themselves, and not one letter again and again."""
    given, middle, family = (pc.ascii_lower(part) for part in parts)
    for part in (given, middle, family):
        plain = pc.and_not(plain, pc.is_in(part, value_set=_special()))
    letters = pc.binary_join_element_wise(given, family, "")
    return PlainNames(pc.and_not(plain, pc.match_substring_regex(letters, _ONE_LETTER)), given, middle, family)


@cache
def _special() -> pa.Array:
    return pa.array(sorted(names.special_words()), pa.string())
