"""What the values of a column look like: shares of them that read as an address, a number, a name and so on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from statistics import fmean

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from nicknames import NickNamer

from socialmerge.tables import LIST_SEPARATOR, strings

__all__ = ["SEPARATORS", "Evidence", "evidence", "given_names", "words"]

SEPARATORS = (LIST_SEPARATOR, ";", "|", ",")
"""Between several values in a cell: Google Contacts, HubSpot, others."""

_SAMPLE = 2_000
_URL = re.compile(r"(https?://|www\.)\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,12}(/\S*)?", re.IGNORECASE)
_MONTH = r"(jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*\.?"
_DATE = re.compile(
    r"(1[5-9]|20)\d\d[-/.](0?[1-9]|1[0-2])([-/.](0?[1-9]|[12]\d|3[01]))?([T ]\d\d?:\d\d.*)?"
    r"|(0?[1-9]|[12]\d|3[01])[-/. ](0?[1-9]|[12]\d|3[01])[-/. ]((1[5-9]|20)\d\d|\d\d)([T ,]+\d\d?:\d\d.*)?"
    r"|(1[5-9]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    rf"|\d\d?(st|nd|rd|th)?[-. ]*{_MONTH}[-, ]*\d\d(\d\d)?|{_MONTH} \d\d?(st|nd|rd|th)?,? \d\d(\d\d)?|{_MONTH} (1[5-9]|20)\d\d",
    re.IGNORECASE,
)
_PATTERNS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"(mailto:)?([^<>@]*<)?[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}>?", re.IGNORECASE),
    "date": _DATE,
    "url": _URL,
    "handle": re.compile(r"@?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|@[\w.-]+(@[\w.-]+)?"),
    "at_handle": re.compile(r"@[\w.-]+(@[\w.-]+\.\w+)?"),
    "phone": re.compile(r"(tel:)?[+(]?\d[\d\s().\-/–]{5,18}\d(\s*(x|ext\.?|#)\s*\d{1,6})?", re.IGNORECASE),
    "number": re.compile(r"[-+]?[$€£]?\s?\d{1,3}([,. ]\d{3})*([.,]\d+)?\s?%?|[-+]?\d*[.,]?\d+([eE][-+]?\d+)?"),
    "integer": re.compile(r"\d+"),
    "year": re.compile(r"(1[5-9]|20)\d\d"),
    "postcode": re.compile(
        r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}-\d{4}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|[A-Z]{1,2}-\d{4,5}",
        re.IGNORECASE,
    ),
    "code": re.compile(r"(?=[^\s]*\d)[A-Za-z0-9][A-Za-z0-9/_.\-]{2,39}"),
    "zip_end": re.compile(
        r".*[ ,](\d{4,5}(-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(,? [A-Za-z ]+)?", re.DOTALL
    ),
}
_ACCOUNT_PATH = re.compile(r"\.[a-z]+/(in/|u/|user/|users/|c/|channel/|profile/)?@?[\w.%-]+")
_HOSTS = {
    "twitter.com/": "x",
    "//x.com/": "x",
    "linkedin.com/in/": "linkedin",
    "facebook.com/": "facebook",
    "instagram.com/": "instagram",
    "github.com/": "github",
    "tiktok.com/@": "tiktok",
    "youtube.com/": "youtube",
    "bsky.app/profile": "bluesky",
    "reddit.com/u": "reddit",
    "threads.net/": "threads",
    "t.me/": "telegram",
    "/@": "mastodon",
}
_NAME = re.compile(r"[^\W\d_][^\d_@/:;!?&#%*=+|<>]*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values of one column look like.

    ``rows`` and ``filled`` count rows, ``distinct`` counts different values (of all rows). ``sample`` holds up to 2,000
    different values that are not junk, split where a cell holds several. ``shares`` says by name of a look which part of
    the sample has it, values that many rows share weighing more.
    """

    rows: int
    filled: int
    distinct: int
    sample: tuple[str, ...] = ()
    separator: str = ""
    shares: dict[str, float] = field(default_factory=dict)
    mean_words: float = 0.0
    mean_length: float = 0.0
    channel: str = ""

    def share(self, look: str) -> float:
        """Return the share of values with a look, 0 to 1."""
        return self.shares.get(look, 0.0)

    @property
    def is_category(self) -> bool:
        """Whether few different values fill many rows."""
        return 0 < self.distinct <= max(2, min(60, self.filled // 8))


def evidence(column: pa.ChunkedArray | pa.Array) -> Evidence:
    """Look at the values of a column. The result does not depend on the order of the rows.

    >>> import pyarrow as pa
    >>> evidence(pa.array(["ada@example.com", None])).share("email")
    1.0
    """
    text = pc.utf8_trim_whitespace(strings(column))
    counted = pc.value_counts(text.filter(pc.and_kleene(pc.is_valid(text), pc.not_equal(text, ""))))
    values, counts = counted.field("values"), counted.field("counts").to_numpy(zero_copy_only=False)
    filled = int(counts.sum())
    kept, weights = _sample(values, counts)
    sample, weights, separator = _split(kept, weights, is_list=pa.types.is_nested(column.type))
    if not sample:
        return Evidence(len(text), filled, len(values))
    shares = {
        look: float(np.average([test(value) for value in sample], weights=weights)) for look, test in _looks().items()
    }
    return Evidence(
        rows=len(text),
        filled=filled,
        distinct=len(values),
        sample=tuple(sample),
        separator=separator,
        shares=shares,
        mean_words=fmean(len(value.split()) for value in sample),
        mean_length=fmean(map(len, sample)),
        channel=_common_channel(sample),
    )


def _common_channel(sample: list[str]) -> str:
    """Return the channel of the accounts that the values name, where it is one."""
    found = {channel for channel in map(account_channel, sample) if channel}
    return found.pop() if len(found) == 1 else ""


def account_channel(value: str) -> str:
    """Return the channel whose account a web address names, else ""."""
    text = value.casefold()
    return next((channel for host, channel in _HOSTS.items() if host in text and _ACCOUNT_PATH.search(text)), "")


def _sample(values: pa.Array, counts: np.ndarray) -> tuple[list[str], list[float]]:  # type: ignore[type-arg]
    """Take different values evenly from their sorted order, so that the order of rows does not matter."""
    junk = pa.array(sorted(words("junk")), pa.string())
    keep = pc.invert(pc.is_in(pc.utf8_lower(values), value_set=junk)).to_numpy(zero_copy_only=False)
    values, counts = values.filter(pa.array(keep)), counts[keep]
    order = pc.sort_indices(values).to_numpy()
    if len(order) > _SAMPLE:
        order = order[np.linspace(0, len(order) - 1, _SAMPLE).astype(np.int64)]
    return values.take(pa.array(order)).to_pylist(), np.sqrt(counts[order]).tolist()


def _split(values: list[str], weights: list[float], *, is_list: bool) -> tuple[list[str], list[float], str]:
    separator = LIST_SEPARATOR if is_list else _separator(values)
    if not separator:
        return values, weights, ""
    parts = [
        (part.strip(), weight) for value, weight in zip(values, weights, strict=True) for part in value.split(separator)
    ]
    parts = [(part, weight) for part, weight in parts if part][: 2 * _SAMPLE]
    return [part for part, _ in parts], [weight for _, weight in parts], separator


def _separator(values: list[str]) -> str:
    """Find what stands between the values of a cell: splitting there must give contact points."""
    for separator in SEPARATORS:
        several = [value for value in values if separator in value]
        if not several or (separator != LIST_SEPARATOR and len(several) < 0.002 * len(values)):
            continue
        parts = [part.strip() for value in several for part in value.split(separator) if part.strip()]
        if separator == LIST_SEPARATOR or fmean(map(_is_contact, parts)) > 0.8:
            return separator
    return ""


def _is_contact(value: str) -> bool:
    return any(_PATTERNS[look].fullmatch(value) for look in ("email", "phone", "url"))


@cache
def _looks() -> dict[str, Callable[[str], bool]]:
    looks: dict[str, Callable[[str], bool]] = {name: _matcher(pattern) for name, pattern in _PATTERNS.items()}
    looks["phone"] = _is_phone
    looks["url"] = _is_url
    looks["person"] = _is_person
    looks["given"] = _has_given_name
    looks["business"] = lambda value: bool(words("not_a_person") & set(_folded(value)))
    looks["street"] = _is_street
    looks["comma"] = lambda value: "," in value
    looks["account_url"] = lambda value: bool(account_channel(value))
    looks["slash"] = lambda value: "/" in value
    looks["digit_first"] = lambda value: value[0].isdigit()
    looks["birth_year"] = lambda value: any(1905 <= year <= 2020 for year in _years(value))
    looks["old_year"] = lambda value: any(1905 <= year <= 1985 for year in _years(value))
    looks["yes_no"] = lambda value: value.casefold() in words("yes_no")
    looks["honorific"] = lambda value: value.casefold().rstrip(".") in words("honorifics")
    looks["generation"] = lambda value: value.casefold().rstrip(".") in words("generations")
    looks["letters"] = lambda value: any(char.isalpha() for char in value)
    return looks


def _years(value: str) -> list[int]:
    return [int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)|^(?:19|20)\d\d(?=\d{4}$)", value)]


def _matcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: bool(pattern.fullmatch(value))


def _is_phone(value: str) -> bool:
    if not _PATTERNS["phone"].fullmatch(value) or _DATE.fullmatch(value):
        return False
    return 7 <= sum(char.isdigit() for char in value) <= 21


def _is_url(value: str) -> bool:
    if not _URL.fullmatch(value):
        return False
    # A file's name reads like a host's.
    return "//" in value or value.rpartition(".")[2].casefold() not in words("file_suffixes")


def _is_person(value: str) -> bool:
    """Whether a value may be a person's full name: two to five words of letters, and no word of a business."""
    if not _NAME.fullmatch(value):
        return False
    if not value.isascii() and len(value) <= 6 and any(char > "\u2e7f" for char in value):
        return True  # Chinese, Japanese and Korean names have no space
    parts = value.replace(",", " ").split()
    return 2 <= len(parts) <= 5 and not words("not_a_person") & set(_folded(value))


def _has_given_name(value: str) -> bool:
    return any(word in given_names() for word in _folded(value)[:4])


def _is_street(value: str) -> bool:
    folded = _folded(value)
    has_word = any(
        word in words("street") or word.endswith(("strasse", "straat", "gasse", "weg", "gatan")) for word in folded
    )
    return len(folded) > 1 and (
        has_word or (value[0].isdigit() and any(word.isalpha() and len(word) > 2 for word in folded))
    )


def _folded(value: str) -> list[str]:
    text = value if value.isascii() else anyascii(value)
    return re.findall(r"[a-z]+|\d+", text.casefold())


@cache
def words(name: str) -> frozenset[str]:
    """Return a list of ``values.toml`` as a set."""
    raw = tomllib.loads(files(__package__).joinpath("values.toml").read_text(encoding="utf-8"))
    return frozenset(raw[name].split())


@cache
def given_names() -> frozenset[str]:
    """Return common given names: those that have nicknames, the nicknames, and a list of our own."""
    known = NickNamer()
    return words("given") | frozenset(known.nickname_lookup) | frozenset(known.canonical_lookup)
