"""Places: one-line addresses and social locations, cut into parts that are folded keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from socialmerge.normalise import address_parts, lexicon, text
from socialmerge.normalise.address_parts import part, split_house
from socialmerge.records import Missing, MissingReason, Place

__all__ = ["VERSION", "parse", "part", "split_house"]

VERSION = 1

_LONGEST = 300
_SEGMENT = re.compile(r"[,;\n\r\u3001\uff0c]+")
_ARROWS = "|\u2022\u2192\u2708\u21c4\u27a1\u2194"
_ONE_OF_SEVERAL = re.compile(rf"\s+[/&+~]\s+|\s*[{_ARROWS}]\ufe0f?\s*|\s+(?:->|<->|or|and)\s+")
_FLAG = re.compile("([\U0001f1e6-\U0001f1ff])([\U0001f1e6-\U0001f1ff])")
_COORDINATES = re.compile(r"[-+]?[0-9]{1,3}\.[0-9]+\s*[,; ]\s*[-+]?[0-9]{1,3}\.[0-9]+").fullmatch
_POSTCODES = (
    re.compile(r"(?:\A| )([a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2})\Z"),  # United Kingdom
    re.compile(r"(?:\A| )([a-z][0-9][a-z] ?[0-9][a-z][0-9])\Z"),  # Canada
    re.compile(r"(?:\A| )([0-9]{5} [0-9]{4}|[0-9]{4,6})\Z"),
)
_BEFORE_CITY = re.compile(r"(?:[a-z]{1,2} )?([0-9]{4,6}) (\D+)").fullmatch  # 10115 Berlin, FL-2198 Triesen
_AROUND = re.compile(r"\b(?:greater|metropolitan|metro|area|region|county|city of)\b")
_WORDS_TOO = frozenset(
    ["in", "or", "me", "hi", "ok", "la", "de", "co", "id", "ma", "pa", "al", "as", "oh", "mo", "ne", "no"]
)
_GERMAN = 5  # digits of a postcode that may stand before a city with nothing else
_STREETS = frozenset(["st", "ave", "rd", "dr", "blvd", "ln", "ct", "cir", "pl", "ter", "pkwy", "hwy", "cres", "cl"])
_CITIES_TOO = frozenset(["new york", "washington"])


@dataclass(slots=True)
class _Found:
    """What has been read off the end of an address so far."""

    segments: list[str]
    parts: dict[str, str] = field(default_factory=dict)


def parse(raw: str) -> Place | Missing:
    """Parse an address in one line, or the location of a social profile.

    Parts are read from the end: country, postcode, state, city; what is left is house, street and unit. Without commas
    the street ends at its last street word. Of several places (Berlin / Lisbon) the first counts. A lone two-letter
    code is a US state: exports and American profiles mean that by it. What is no place (remote, only emoji) is junk.

    >>> place = parse("638 North Downey Street #4, Salem, OR 97301")
    >>> place.house, place.street, place.unit, place.city, place.state, place.postcode
    ('638', 'n downey st', '4', 'salem', 'or', '97301')
    >>> place = parse("2240 Rayburn House Office Building Washington DC 20515-1004")
    >>> place.street, place.city, place.state, place.postcode
    ('rayburn house office bldg', 'washington', 'dc', '20515')
    >>> parse("Berlin, Germany").country, parse("SF Bay Area").city, parse("NYC \U0001f5fd").state
    ('de', 'san francisco', 'ny')
    >>> parse("remote").reason.value
    'junk'
    """
    shown = text.clean(raw)
    key = text.fold(shown)
    reason = _no_place(shown, key)
    if reason is not None:
        flag = _flag(shown)
        return Place(shown, country=flag) if flag and not key else Missing(reason)
    if len(shown) > _LONGEST:
        return text.MALFORMED
    first = next(piece for piece in _ONE_OF_SEVERAL.split(shown) if text.fold(piece))
    area = _areas().get(text.fold(first))
    if area:
        return Place(shown, city=area[0], state=area[1], country=area[2])
    found = _Found([key for key in (_segment(piece) for piece in _SEGMENT.split(first)) if key])
    _read(found, first)
    if not found.parts.get("country"):
        found.parts["country"] = _flag(shown)
    return Place(shown, **found.parts) if any(found.parts.values()) else text.JUNK


def _no_place(shown: str, key: str) -> MissingReason | None:
    if key in lexicon.words("places", "words.nowhere") or _COORDINATES(shown):
        return MissingReason.JUNK
    reason = text.no_value(shown, key)
    return None if reason and key in address_parts.states_of("us") else reason


def _flag(shown: str) -> str:
    """The country of the first flag, as an ISO code."""
    found = None if shown.isascii() else _FLAG.search(shown)
    code = "".join(chr(ord(letter) - 0x1F1E6 + ord("a")) for letter in found.groups()) if found else ""
    return address_parts.country(code)


@cache
def _areas() -> dict[str, tuple[str, str, str]]:
    table = lexicon.table("places")["areas"]
    return {name: _three(value) for name, value in table.items()}


def _three(value: str) -> tuple[str, str, str]:
    city, state, country = (piece.strip() for piece in value.split(","))
    return city, state, country


def _segment(piece: str) -> str:
    """The key of what stands between two commas; a hash is a word of its own, for a unit follows."""
    return text.fold(piece.replace("#", " unit ") if "#" in piece else piece)


def _read(found: _Found, shown: str) -> None:
    """Take the parts off the end, then cut what is left into city and street."""
    if len(found.segments) == 1 and _is_whole_region(found):
        return
    while found.segments and (_take_country(found) or _take_postcode(found) or _take_state(found, shown)):
        if not found.segments[-1]:
            found.segments.pop()
    if found.segments:
        _take_city(found)
    if found.segments:
        _take_street(found)


def _is_whole_region(found: _Found) -> bool:
    """A location that is nothing but a state or a country."""
    key = found.segments[0]
    us = address_parts.states_of("us")
    if key in us and key not in _CITIES_TOO:
        found.parts["state"] = us[key]
    elif len(key) > 2 or key == "uk":
        found.parts["country"] = address_parts.country(key)
    return any(found.parts.values())


def _take_country(found: _Found) -> bool:
    """A country at the end; of a two-letter code only if it is no state's."""
    words = found.segments[-1].split()
    for size in range(min(4, len(words)), 0, -1):
        name = " ".join(words[-size:])
        code = address_parts.country(name)
        known = found.parts.get("country", code)
        whole = size == len(words)
        alone = whole and len(found.segments) == 1
        if not code or known != code or (alone and not found.parts.get("postcode")):
            continue
        sure = len(name) > 3 or name in {"usa", "uk", "uae"} or (whole and not found.parts.get("state"))
        if sure and address_parts.state(name) not in _codes():
            found.parts["country"] = code
            found.segments[-1] = " ".join(words[:-size])
            return True
    return False


@cache
def _codes() -> frozenset[str]:
    return frozenset().union(*(address_parts.states_of(nation).values() for nation in ("us", "au", "ca")))


def _take_postcode(found: _Found) -> bool:
    segment = found.segments[-1]
    if found.parts.get("postcode") or (len(found.segments) == 1 and " " not in segment and not found.parts):
        return False
    for pattern in _POSTCODES:
        match = pattern.search(segment)
        if match and not segment[: match.start()].endswith("box"):
            found.parts["postcode"] = address_parts.postcode(match[1])
            found.segments[-1] = segment[: match.start()]
            return bool(found.parts["postcode"])
    return False


def _take_state(found: _Found, shown: str) -> bool:
    """A state at the end of a segment: its name or code alone, or a code after a city."""
    if found.parts.get("state"):
        return False
    words = found.segments[-1].split()
    whole = address_parts.state(" ".join(words))
    if whole in _codes() and (len(found.segments) > 1 or found.parts.get("postcode")):
        found.parts["state"] = whole
        found.segments[-1] = ""
        return True
    code = words[-1]
    sure = code not in _WORDS_TOO or found.parts.get("postcode") or code.upper() in shown.split()
    if (
        len(words) > 1
        and code in _codes()
        and sure
        and code not in {"st", "ct", "dr", "n", "s", "e", "w"} - _after(found)
    ):
        found.parts["state"] = code
        found.segments[-1] = " ".join(words[:-1])
        return True
    return False


def _after(found: _Found) -> frozenset[str]:
    """Codes that are street words too (ct) count once a postcode follows them."""
    return frozenset(["ct"]) if found.parts.get("postcode") else frozenset()


def _take_city(found: _Found) -> None:
    """The last segment is the city, unless it is a street; before it may stand a postcode, after it a region."""
    segments = found.segments
    named = found.parts.get("country") and not found.parts.get("state")
    if named and not any(char.isdigit() for char in segments[-1]) and _is_region(segments):
        found.parts["state"] = address_parts.state(segments.pop())
        if not segments:
            return
    last = segments[-1]
    if _is_street(last):
        return
    before = None if found.parts.get("postcode") else _BEFORE_CITY(last)
    if before and (len(segments) > 1 or len(before[1]) == _GERMAN):
        found.parts["postcode"], last = address_parts.postcode(before[1]), before[2]
    elif any(char.isdigit() for char in last):
        if len(segments) == 1:
            segments[0], found.parts["city"] = _after_street(last)
        return
    found.parts["city"] = address_parts.city(" ".join(_AROUND.sub(" ", last).split()) or last)
    segments.pop()


def _is_region(segments: Sequence[str]) -> bool:
    """Whether what stands before the country is a region: a known state, or the second of two places."""
    if len(segments) == 1:
        return address_parts.state(segments[0]) in _codes() and segments[0] not in _CITIES_TOO
    return len(segments) > 2 or not (segments[0][:1].isdigit() or _is_street(segments[0]))


def _is_street(segment: str) -> bool:
    """Whether a segment without a city behind it is a street, a post office box or a unit by its words."""
    words = address_parts.street_words(segment).split()
    if "box" in words[-2:] or all(word in lexicon.mapping("places", "unit_words") for word in words):
        return True
    return len(words) > 1 and words[-1] in _STREETS


def _after_street(segment: str) -> tuple[str, str]:
    """Street and city of an address without commas: the city follows the last street word."""
    words = address_parts.street_words(segment).split()
    ends = lexicon.words("places", "ends.street")
    last = max((index for index, word in enumerate(words) if word in ends and index), default=len(words) - 1)
    if words[last + 1 : last + 2] == ["unit"]:
        last += 2
    return " ".join(words[: last + 1]), address_parts.city(" ".join(segment.split()[last + 1 :]))


def _take_street(found: _Found) -> None:
    street, unit = address_parts.split_unit(address_parts.street_words(" ".join(_numbered_first(found.segments))))
    found.parts["house"], found.parts["street"] = split_house(street)
    found.parts["unit"] = unit


def _numbered_first(segments: Sequence[str]) -> list[str]:
    """A building's name before the house number goes behind it."""
    numbered = [segment for segment in segments if segment[:1].isdigit()]
    return [*numbered[:1], *(segment for segment in segments if segment not in numbered[:1])]
