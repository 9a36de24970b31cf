"""Telephone numbers: E.164 where the country is known, the national digits where it is not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from socialmerge.normalise import lexicon, text
from socialmerge.records import Missing, Phone

__all__ = ["VERSION", "guess_region", "is_region", "made_up_numbers", "national_pattern", "parse", "plain_regions"]

VERSION = 1

_LONGEST = 80
_FEWEST_DIGITS = 5
_MOST_DIGITS = 15  # E.164
_PLAIN = re.compile(r"\+?[0-9() .-]{7,24}").fullmatch
_LAYOUT = str.maketrans("", "", "() .-")
_NORTH_AMERICA = re.compile(r"\+?1?[ .-]?\(?([2-9][0-9]{2})\)?[ .-]{0,2}([2-9][0-9]{2})[ .-]?([0-9]{4})").fullmatch
_NORTH_AMERICAN_STYLE = re.compile(r"(?:\+?1[ .-])?(?:\([0-9]{3}\) ?|[0-9]{3}[.-])[0-9]{3}[.-][0-9]{4}").fullmatch
_INTERNATIONAL = re.compile(r"[ (]{0,3}(?:\+|00)").match
_EXTENSION = re.compile(r"\s*(?:;ext=|,|#|x|ext\.?|extension)\s*[:.]?\s*([0-9]{1,7})\Z", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:tel|telephone|phone|ph|mobile|mob|cell|fax|work|home|office|main|direct|t|m|p|c)\b[.:]?\s*", re.IGNORECASE
)
_OTHER_NAMES = {"UK": "GB", "EL": "GR"}
_SAMPLE = 120
_CLOSE = 0.1
_STYLE = 0.3


def parse(raw: str, region: str) -> Phone | Missing:
    """Parse a telephone number as it is dialled in ``region`` (ISO alpha-2, or ``""`` when not known).

    A number is usable when its length is possible, though no such number may have been given out: 555 numbers stay. A
    local number (seven digits in North America) has its ``national`` digits and no ``e164``, as has one of an unknown
    region unless it begins with + or 00. All-same digits and keyboard runs are junk.

    >>> phone = parse("(202) 555-0143 x7", "US")
    >>> phone.e164, phone.national, phone.country_code, phone.extension
    ('+12025550143', '2025550143', 1, '7')
    >>> parse("020 7946 0000", "").national, parse("0044 20 7946 0000", "").e164, parse("555-0143", "US").e164
    ('02079460000', '+442079460000', '')
    >>> parse("000-000-0000", "US").reason.value, parse("12345", "US").reason.value
    ('junk', 'malformed')
    """
    if region and _PLAIN(raw):
        digits = raw.translate(_LAYOUT)
        national = _national(region)
        found = national[1](digits) if national else None
        if found and not _is_made_up(found[1]) and national:
            return Phone(raw.strip(), f"+{national[0]}{found[1]}", found[1], national[0])
    return _slow(raw, region)


@cache
def _national(region: str) -> tuple[int, Callable[[str], re.Match[str] | None]] | None:
    known = national_pattern(region)
    return (known[0], re.compile(known[1]).fullmatch) if known else None


def national_pattern(region: str) -> tuple[int, str] | None:
    """The country code, and a pattern over digits whose group ``number`` is the national number, if one is known.

    >>> code, pattern = national_pattern("GB")
    >>> code, re.fullmatch(pattern, "02079460000")["number"]
    (44, '2079460000')
    """
    region = _OTHER_NAMES.get(region.upper(), region.upper())
    pattern = lexicon.table("phones")["national"].get(region)
    if pattern is None:
        return None
    code = lexicon.table("phones")["country_codes"][region]
    prefix, group = pattern.split("(")
    return code, rf"(?:\+{code}|{prefix})(?P<number>{group}"


def plain_regions() -> tuple[str, ...]:
    """The regions whose numbers need no library.

    >>> "GB" in plain_regions()
    True
    """
    return tuple(lexicon.table("phones")["national"])


def made_up_numbers() -> frozenset[str]:
    """Digits that are typed because a form wants a number.

    >>> "1234567" in made_up_numbers()
    True
    """
    return lexicon.words("phones", "made_up")


def _is_made_up(digits: str) -> bool:
    return digits.count(digits[0]) == len(digits) or digits in made_up_numbers()


def _slow(raw: str, region: str) -> Phone | Missing:
    reason = text.is_junk(raw)
    if reason is not None:
        return Missing(reason)
    if len(raw) > _LONGEST:
        return text.MALFORMED
    shown = _LABEL.sub("", text.clean(raw), count=1) if raw[:1].isalpha() else text.clean(raw)
    digits = "".join(str(int(char)) for char in shown if char.isdecimal())
    if digits and _is_made_up(digits):
        return text.JUNK
    known = _known(region)
    if not known and not _INTERNATIONAL(shown):
        return _without_country(shown)
    return _by_library(shown, digits, known)


@cache
def is_region(text: str) -> bool:
    """Whether a text names a country or territory that has telephone numbers (ISO 3166, two letters).

    >>> is_region("gb"), is_region("Germany")
    (True, False)
    """
    return bool(_known(text))


def _known(region: str) -> str:
    """The region as phonenumbers knows it, ``""`` for any other text."""
    name = _OTHER_NAMES.get(region.upper(), region.upper())
    return name if name in phonenumbers.SUPPORTED_REGIONS else ""


def _without_country(shown: str) -> Phone | Missing:
    extension = _EXTENSION.search(shown)
    main = shown[: extension.start()] if extension else shown
    digits = "".join(str(int(char)) for char in main if char.isdecimal())
    if any(char.isalpha() for char in main) or not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return text.MALFORMED
    return text.JUNK if _is_made_up(digits) else Phone(shown, "", digits, 0, extension[1] if extension else "")


def _by_library(shown: str, digits: str, region: str) -> Phone | Missing:
    dialled = shown
    if not region and "+" not in shown:
        dialled = "+" + shown.lstrip(" (")[2:]  # 00, the international prefix of most of the world
    number = _number(dialled, region)
    reason = phonenumbers.is_possible_number_with_reason(number) if number else ValidationResult.INVALID_LENGTH
    if number and reason == ValidationResult.IS_POSSIBLE:
        return _typed(shown, number, phonenumbers.format_number(number, PhoneNumberFormat.E164))
    if number and reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return _typed(shown, number, "")
    number = _number("+" + digits, "")  # an international number whose plus sign a spreadsheet ate
    if number and phonenumbers.is_valid_number(number):
        return _typed(shown, number, phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return text.MALFORMED


def _number(dialled: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(dialled, region or None)
    except NumberParseException:
        return None


def _typed(shown: str, number: PhoneNumber, e164: str) -> Phone | Missing:
    national = phonenumbers.national_significant_number(number)
    if _is_made_up(national):
        return text.JUNK
    return Phone(shown, e164, national, number.country_code or 0, number.extension or "")


def guess_region(values: Sequence[str]) -> str:
    """The region whose dialling rules read most of a column, ``""`` when none reads half of it.

    Numbers with a country code count for their region; the others are tried under 44 regions, and North American layout
    (three, three and four digits) is evidence of its own. At most 120 values are read, spread over the sorted distinct
    ones, so that the order of rows does not matter. Canada is told from the United States by area codes.

    >>> guess_region(["(202) 555-0143", "415-555-0132", "3125550177"])
    'US'
    >>> guess_region(["020 7946 0018", "0161 496 0000", "0117 496 0123"]), guess_region(["n/a", "7"])
    ('GB', '')
    """
    sample = _sample(values)
    if not sample:
        return ""
    national = [value for value in sample if not _INTERNATIONAL(value)]
    scores = Counter({region: _share(national, region) * len(national) for region in _candidates()})
    for value in sample:
        number = _number(value, "") if "+" in value else None
        home = phonenumbers.region_code_for_number(number) if number else None
        if home:
            scores["US" if home == "CA" else home] += 1
    best = max(scores.values()) / len(sample)
    if best < 0.5:
        return ""
    chosen = next(region for region, score in scores.items() if score / len(sample) >= best - _CLOSE)
    return _canada_or_not(sample) if chosen == "US" else chosen


def _sample(values: Iterable[str]) -> list[str]:
    distinct = {value.strip() for value in values if value}
    usable = sorted(filter(_could_tell, distinct))
    if 10 * len(usable) < len(distinct):
        return []  # a column of local numbers: its few longer ones are typing errors
    step = max(1, len(usable) // _SAMPLE)
    return usable[::step]


def _could_tell(value: str) -> bool:
    """Whether a number is long enough to show its region: seven digits are a local number in a hundred countries."""
    return len(value) <= _LONGEST and sum(char.isdigit() for char in value) >= 8


def _candidates() -> list[str]:
    return str(lexicon.table("phones")["candidates"]).split()


def _share(values: Sequence[str], region: str) -> float:
    """Share of the values that the region's rules read, with a bonus for its way of writing them."""
    if not values:
        return 0.0
    if region == "US":
        style = sum(_NORTH_AMERICAN_STYLE(value) is not None for value in values)
        return (sum(_NORTH_AMERICA(value) is not None for value in values) + _STYLE * style) / len(values)
    numbers = (_number(value, region) for value in values)
    return sum(number is not None and phonenumbers.is_valid_number(number) for number in numbers) / len(values)


def _canada_or_not(sample: Sequence[str]) -> str:
    numbers = (_number(value, "US") for value in sample)
    homes = Counter(phonenumbers.region_code_for_number(number) for number in numbers if number)
    return "CA" if homes["CA"] > homes["US"] else "US"
