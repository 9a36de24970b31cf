"""What one value looks like: an address, a number, a date, a name and so on; quick tests, not parsers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from anyascii import anyascii

from socialmerge.normalise import accounts
from socialmerge.normalise.nicknames import looks_like_given
from socialmerge.records import Account

__all__ = ["account_channel", "is_contact", "looks", "words"]

_FIRST_YEAR, _LAST_YEAR, _OLD_YEAR = 1905, 2020, 1985
_PHONE_DIGITS = range(7, 22)

_EMAIL = re.compile(r"(mailto:)?([^<>@]*<)?[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}>?", re.IGNORECASE)
_URL = re.compile(r"(https?://|www\.)\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,12}([/?#]\S*)?", re.IGNORECASE)
_PHONE = re.compile(r"(tel:)?[+(]?\d[\d\s().\-/–]{5,18}\d(\s*(x|ext\.?|#)\s*\d{1,6})?", re.IGNORECASE)
_YEAR = r"(1[5-9]|20)\d\d"
_MONTH = r"(0?[1-9]|1[0-2])"
_DAY = r"(0?[1-9]|[12]\d|3[01])"
_MONTHS = "jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|ene|abr|ago|dic|gen|mag|giu|lug|set|ott"
_MONTH_NAME = rf"({_MONTHS})[^\W\d]*\.?"
_TIME = r"([T ,]+\d\d?:\d\d.*)?"
_DATE = re.compile(
    rf"{_YEAR}[-/.]{_MONTH}([-/.]{_DAY}{_TIME})?"
    rf"|{_DAY}[-/. ]{_DAY}[-/. ]({_YEAR}|\d\d){_TIME}"
    r"|(1[5-9]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    rf"|{_DAY}(st|nd|rd|th)?\.?[- ]*(de )?{_MONTH_NAME}[-, ]*(de )?({_YEAR}|\d\d)"
    rf"|{_MONTH_NAME} {_DAY}(st|nd|rd|th)?,? ({_YEAR}|\d\d){_TIME}"
    rf"|{_MONTH_NAME} {_YEAR}",
    re.IGNORECASE,
)
_UK_OR_CANADA = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
_MARKED = r"(A|B|CH|D|DK|E|F|FI|FL|I|L|SE)-\d{4,5}"  # the country before the number
_POSTCODE = re.compile(
    rf"{_UK_OR_CANADA}|{_MARKED}|\d{{5}}-\d{{4}}|[1-9]\d{{3}} ?[A-Z]{{2}}|\d{{2}}-\d{{3}}", re.IGNORECASE
)
_ZIP_END = re.compile(rf".*[ ,](\d{{4,5}}(-\d{{4}})?|{_UK_OR_CANADA})(,? [A-Za-z ]+)?", re.DOTALL)
_NUMBER = re.compile(r"[-+]?[$€£]?\s?\d{1,3}([,. ]\d{3})*([.,]\d+)?\s?[%€$£]?|[-+]?[$€£]?\d*[.,]?\d+([eE][-+]?\d+)?")
_DECIMAL = re.compile(r"(?!\d{3}\.\d{4}$)-?(0|[1-9]\d*)[.,]\d+")  # 555.0100 is a number to call
_HANDLE = re.compile(r"@?[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|@?[\w.-]+@[\w.-]+\.\w+")
_AT_HANDLE = re.compile(r"@[\w.-]+(@[\w.-]+\.\w+)?")
_CODE = re.compile(r"(?=\S*\d)[A-Za-z0-9][A-Za-z0-9/_.\-]{2,39}")
_NAME = re.compile(r"[^\W\d_][^\d_@/:;!?&#%*=+|<>]*")
_HOUSE_FIRST = re.compile(r"\d+[A-Za-z]?(-\d+)?[, ]+[^\W\d]")
_WORDS = re.compile(r"[a-z]+|\d+").findall
_FOUR_DIGITS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|^(?:19|20)\d\d(?=\d{4}$)")


@cache
def words(name: str) -> frozenset[str]:
    """Return a list of ``values.toml`` as a set.

    >>> "gmbh" in words("not_a_person")
    True
    """
    raw = tomllib.loads(files(__package__).joinpath("values.toml").read_text(encoding="utf-8"))
    return frozenset(raw[name].split())


def is_contact(value: str) -> bool:
    """Whether a value reaches somebody: an e-mail address, a telephone number or a web address."""
    return bool(_EMAIL.fullmatch(value)) or _is_phone(value) or _is_url(value)


def account_channel(value: str) -> str:
    """Return the channel of the account that a web address names, ``""`` for any other text.

    >>> account_channel("https://github.com/ada"), account_channel("ada")
    ('github', '')
    """
    if "/" not in value and "acct:" not in value:
        return ""
    found = accounts.parse(value)
    return found.channel if isinstance(found, Account) else ""


@cache
def looks() -> Mapping[str, Callable[[str], bool]]:
    """Return the tests by name; each takes a trimmed value that is not empty."""
    patterns = {
        "email": _EMAIL, "date": _DATE, "handle": _HANDLE, "at_handle": _AT_HANDLE, "number": _NUMBER,
        "postcode": _POSTCODE, "code": _CODE, "zip_end": _ZIP_END, "integer": re.compile(r"\d+"),
        "decimal": _DECIMAL, "year": re.compile(_YEAR),
    }  # fmt: skip
    whole_words = {"yes_no": "yes_no", "honorific": "honorifics"}
    return {
        **{name: _matcher(pattern) for name, pattern in patterns.items()},
        **{name: _member(listed) for name, listed in whole_words.items()},
        "phone": _is_phone,
        "url": _is_url,
        "account_url": lambda value: bool(account_channel(value)),
        "slash": lambda value: "/" in value,
        "person": _is_person,
        "given": lambda value: any(looks_like_given(word) or word in words("given") for word in _folded(value)[:4]),
        "business": lambda value: bool(words("not_a_person") & set(_folded(value))),
        "street": _is_street,
        "house_first": lambda value: bool(_HOUSE_FIRST.match(value)),
        "comma": lambda value: "," in value,
        "letters": lambda value: any(char.isalpha() for char in value),
        "birth_year": lambda value: any(_FIRST_YEAR <= year <= _LAST_YEAR for year in _years(value)),
        "old_year": lambda value: any(_FIRST_YEAR <= year <= _OLD_YEAR for year in _years(value)),
    }


def _matcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: bool(pattern.fullmatch(value))


def _member(listed: str) -> Callable[[str], bool]:
    return lambda value: value.casefold().rstrip(".") in words(listed)


def _years(value: str) -> list[int]:
    return [int(year) for year in _FOUR_DIGITS.findall(value)]


def _is_phone(value: str) -> bool:
    if not _PHONE.fullmatch(value) or _DATE.fullmatch(value):
        return False
    return sum(char.isdigit() for char in value) in _PHONE_DIGITS


def _is_url(value: str) -> bool:
    if "@" in value.partition("/")[0] or not _URL.fullmatch(value):
        return False
    # A file's name reads like a host's.
    return "//" in value or value.rpartition(".")[2].casefold() not in words("file_suffixes")


def _is_person(value: str) -> bool:
    """Whether a value may be a full name: two to five words of letters, none of them a word of a business."""
    if not _NAME.fullmatch(value):
        return False
    if len(value) <= 6 and any(char > "\u2e7f" for char in value):
        return True  # Chinese, Japanese and Korean names have no space
    return 2 <= len(value.replace(",", " ").split()) <= 5 and not words("not_a_person") & set(_folded(value))


def _is_street(value: str) -> bool:
    folded = _folded(value)
    endings = ("strasse", "straat", "gasse", "weg", "gatan")
    named = any(word in words("street") or word.endswith(endings) for word in folded)
    return len(folded) > 1 and "(" not in value and (named or bool(_HOUSE_FIRST.match(value)))


@lru_cache(maxsize=4096)
def _folded(value: str) -> tuple[str, ...]:
    text = value if value.isascii() else anyascii(value)
    return tuple(_WORDS(text.casefold()))
