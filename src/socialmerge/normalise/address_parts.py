"""Parts of an address: one spelling for each street word, unit, city, state, postcode and country."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from socialmerge.normalise import lexicon, text
from socialmerge.records import Missing

__all__ = [
    "city",
    "country",
    "part",
    "postcode",
    "reader",
    "split_house",
    "split_unit",
    "state",
    "states_of",
    "street_words",
]

_LONGEST = 300
_REAL = frozenset([("city", "mobile"), ("city", "bar"), ("city", "same")])
_NUMBERED = frozenset(["house", "unit", "postcode"])  # 2222 is a postcode, though as a text it is filler
_HOUSE = re.compile(r"(?:no )?([0-9]+[a-z]?(?: [0-9]{1,4}[a-z]?(?= [0-9a-z]))?(?: 1 2)?)(?: |\Z)")
_ZIP = re.compile(r"([0-9]{5})(?:[ -]?[0-9]{4})?").fullmatch
_PREFIXED = re.compile(r"(?:[a-z]{1,3} )?([0-9]{4,6})").fullmatch
_UNIT_NUMBER = re.compile(r"[0-9]+[a-z]?|[a-z][0-9]{0,4}|[a-z] [0-9]{1,4}").fullmatch


def part(raw: str, part: str) -> str | Missing:
    """The folded key of one part of an address.

    Args:
        raw: the text of a column that holds this part only.
        part: "street" (a house number stays in front, a unit leaves), "house", "unit", "city", "state" (the code where
            US, Australian or Canadian), "postcode" (no spaces, ZIP without the +4), "country" (ISO alpha-2) or "full".

    >>> part("12 North Main Street, Apt. 4", "street"), part("Apt #4", "unit"), part("St. Louis", "city")
    ('12 n main st', '4', 'st louis')
    >>> part("New South Wales", "state"), part("97301-1234", "postcode"), part("U.S.A.", "country")
    ('nsw', '97301', 'us')
    """
    key = text.fold(raw.replace("#", " unit ") if "#" in raw else raw)
    reason = text.no_value(raw, key)
    if reason is not None and not (part in _NUMBERED and key.isdigit()) and (part, key) not in _REAL:
        return Missing(reason)
    if len(key) > _LONGEST:
        return text.MALFORMED
    found = _READERS.get(part, street_words)(key)
    if not found or (found != key and part not in _NUMBERED and text.no_value(found, found)):
        return text.PLACEHOLDER
    return found


def reader(part: str) -> Callable[[str], str]:
    """What reads the folded text of a part: the step of `part` that tells its spellings from each other.

    >>> reader("state")("california")
    'ca'
    """
    return _READERS[part]


def _street(key: str) -> str:
    return split_unit(street_words(key))[0]


def street_words(words: str) -> str:
    """One spelling for each word of a street: st, ave, n, 1st, mt, and Hauptstr. for Hauptstraße.

    >>> street_words("north first street"), street_words("Hauptstraße 5")
    ('n 1st st', 'hauptstr 5')
    """
    known = lexicon.mapping("places", "street_words")
    return " ".join([known.get(word) or _german(word) for word in text.fold(words).split()])


def _german(word: str) -> str:
    return word[:-4] if len(word) > 8 and word.endswith("strasse") else word


def split_unit(street: str) -> tuple[str, str]:
    """Street and unit of a street key: what follows apt, unit, ste and the like.

    >>> split_unit("12 main st apt 4"), split_unit("unit 4 12 main st"), split_unit("level rd")
    (('12 main st', '4'), ('12 main st', '4'), ('level rd', ''))
    """
    known = lexicon.mapping("places", "unit_words")
    words = street.split()
    units: list[str] = []
    index = 0
    while index < len(words) - 1 and len(words) > 2:
        word, following = words[index], words[index + 1]
        if word in known and _UNIT_NUMBER(following) and (index or word != "no"):
            units.append(following)
            words = words[:index] + words[index + 2 :]
            index = max(0, index - 1)
        else:
            index += 1
    return " ".join(words), " ".join(units)


def _unit(key: str) -> str:
    known = lexicon.mapping("places", "unit_words")
    words = [word for word in key.split() if word not in known]
    return " ".join(words) or key


def split_house(street: str) -> tuple[str, str]:
    """House number and street of a street key.

    >>> split_house("12a n main st"), split_house("1st ave"), split_house("hauptstr 5")
    (('12a', 'n main st'), ('', '1st ave'), ('5', 'hauptstr'))
    """
    found = _HOUSE.match(street)
    if found:
        return found[1], street[found.end() :].strip()
    before, _, last = street.rpartition(" ")
    if before.endswith(("str", "strasse", "weg", "platz", "gasse", "allee")) and last[:1].isdigit():
        return last, before
    return "", street


def _house(key: str) -> str:
    return re.sub(r"\A(?:no|nr|number|num) ", "", key)


@cache
def _city_words() -> dict[str, str]:
    kept = ("st", "mt", "ft", "pt", "hts", "n", "s", "e", "w", "is")
    return {word: short for word, short in lexicon.mapping("places", "street_words").items() if short in kept}


def city(key: str) -> str:
    """One spelling of a folded city name.

    >>> city("saint louis"), city("nyc"), city("munchen"), city("mc camey")
    ('st louis', 'new york', 'munich', 'mccamey')
    """
    known = lexicon.mapping("places", "cities")
    if key in known:
        return known[key]
    words = _city_words()
    name = " ".join([words.get(word, word) for word in key.split()]) if " " in key else key
    if name.startswith("mc "):
        name = "mc" + name[3:]
    return known.get(name, name)


@cache
def _states() -> dict[str, str]:
    """Names and codes to codes; WA is a state in two countries, under one code."""
    return states_of("ca") | states_of("au") | states_of("us")


def states_of(nation: str) -> dict[str, str]:
    """Names and codes of the states of "us", "au" or "ca", each to its code.

    >>> states_of("us")["california"]
    'ca'
    """
    return lexicon.mapping("places", nation)


def state(key: str) -> str:
    """The code of a folded US, Australian or Canadian state, the text itself for any other.

    >>> state("california"), state("n y"), state("bavaria")
    ('ca', 'ny', 'bavaria')
    """
    known = _states()
    if key in known:
        return known[key]
    letters = key.replace(" ", "")
    return known.get(letters, key) if len(letters) <= 3 else key


def postcode(key: str) -> str:
    """A folded postcode without spaces, a ZIP+4 without the 4, a country prefix (D-10115) and ``.0`` dropped.

    >>> postcode("97301 1234"), postcode("le11 1uu"), postcode("fl 2198"), postcode("97301 0"), postcode("00000")
    ('97301', 'le111uu', '2198', '97301', '')
    """
    whole = key.removesuffix(" 0")
    glued = whole.replace(" ", "")
    found = _ZIP(key) or _ZIP(whole) or _PREFIXED(key) or _ZIP(glued)
    code = found[1] if found else glued
    return "" if code in lexicon.words("places", "words.postcodes") else code


def _country(key: str) -> str:
    return country(key) or key


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    lines = (files(__package__) / "data" / "countries.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            code, alpha3, names = line.split(" ", 2)
            known |= dict.fromkeys([code, alpha3, *names.split(", ")], code)
    return known


def country(key: str) -> str:
    """ISO alpha-2 of a folded country name or code, ``""`` when it is none.

    >>> country("deutschland"), country("usa"), country("england"), country("atlantis")
    ('de', 'us', 'gb', '')
    """
    return _countries().get(key, "")


_READERS: dict[str, Callable[[str], str]] = {
    "street": _street,
    "house": _house,
    "unit": _unit,
    "city": city,
    "state": state,
    "postcode": postcode,
    "country": _country,
}
