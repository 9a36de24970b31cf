"""What a column is called, and what that usually means."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from anyascii import anyascii

from socialmerge import channels
from socialmerge.records import Kind

__all__ = ["Guess", "guess", "tokens"]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_SALESFORCE_CUSTOM = re.compile(r"__(c|pc|s)$")
_CODE_ENDINGS = frozenset({"id", "key", "number", "no", "nr", "num", "code", "ref", "ids", "keys", "guid", "uuid"})
_NOT_IN_NAMES = frozenset({"web", "x", "dev", "meta", "gh", "ig", "yt", "tg"})  # mean other things in a column's name
_ID_ENDINGS = frozenset({"id", "uid"})
_ACCOUNT_WORDS = frozenset({"handle", "username", "account", "profile", "url", "id"})
_URL_WORDS = frozenset({"url", "link", "profile", "page", "uri"})


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column's name suggests."""

    kind: Kind
    part: str = ""
    channel: str = ""
    confidence: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Lexicon:
    meanings: dict[str, tuple[Kind, str]]
    qualifiers: frozenset[str]
    beside: dict[str, str]
    documents: frozenset[str]
    channels: dict[str, str]


def tokens(name: str) -> list[str]:
    """Cut a column's name into lower-case ASCII words.

    >>> tokens("hs_object_id"), tokens("MailingPostalCode"), tokens("Straße"), tokens("LinkedIn_URL__c")
    (['hs', 'object', 'id'], ['mailing', 'postal', 'code'], ['strasse'], ['linked', 'in', 'url'])
    """
    text = anyascii(_SALESFORCE_CUSTOM.sub("", name.strip()).replace("'", " ").replace("’", " "))
    return re.findall(r"[a-z]+|\d+", _CAMEL.sub(" ", text).casefold())


def guess(name: str) -> Guess:
    """Say what a column's name suggests; ``Kind.OTHER`` with confidence 0 when it says nothing.

    >>> guess("E-mail 1 - Value").kind, guess("vorname").part, guess("Contact Owner").kind
    (<Kind.EMAIL: 'email'>, 'given', <Kind.OTHER: 'other'>)
    """
    words = tokens(name)
    return (
        _exact(words, 0.95)
        or _beside(words)
        or _of_document(words)
        or _channel(words)
        or _without_qualifiers(words)
        or _by_head(words)
        or _code(words)
        or Guess(Kind.OTHER)
    )


def _exact(words: list[str], confidence: float, how: str = "by name") -> Guess | None:
    found = _lexicon().meanings.get("".join(words))
    return Guess(*found, confidence=confidence, reason=how) if found else None


def _beside(words: list[str]) -> Guess | None:
    beside = _lexicon().beside
    pairs = ["".join(words[start : start + 2]) for start in range(len(words) - 1)]
    for word in (*words, *pairs, "".join(words)):
        if word in beside:
            return Guess(Kind.OTHER, confidence=0.85, reason=f"by name: {beside[word]}")
    return None


def _of_document(words: list[str]) -> Guess | None:
    """The country that issued a passport is no address; nor is the place where somebody was born."""
    found = _by_head(words)
    about = _lexicon().documents & set(words)
    if found and found.kind is Kind.PLACE and about:
        return Guess(
            Kind.CATEGORY, confidence=0.8, reason=f"by name: it goes with the {min(about)}, not with the address"
        )
    return None


def _channel(words: list[str]) -> Guess | None:
    lexicon = _lexicon()
    runs = [*words, *("".join(words[start : start + 2]) for start in range(len(words) - 1))]
    channel = next((lexicon.channels[run] for run in runs if run in lexicon.channels), "")
    # "twitterhandle" and "hs_linkedin_url" have no separator to cut at
    joined = "".join(words)
    channel = channel or next((lexicon.channels[start] for start in lexicon.channels if _starts(joined, start)), "")
    channel = channel or ("x" if "x" in words and _ACCOUNT_WORDS & set(words) else "")
    if not channel:
        return None
    if {"count", "followers", "following", "name", "bio", "connections", "clicks"} & set(words):
        return None
    if words[-1] in _ID_ENDINGS:
        return Guess(Kind.ACCOUNT, "id", channel, 0.85, "by name")
    part = "url" if _URL_WORDS & set(words) else "handle"
    return Guess(Kind.ACCOUNT, part, channel, 0.9, "by name")


def _starts(joined: str, channel: str) -> bool:
    return len(channel) > 4 and joined.removeprefix(channel) in {
        "handle",
        "username",
        "url",
        "profile",
        "account",
        "id",
        "user",
        "link",
    }


def _without_qualifiers(words: list[str]) -> Guess | None:
    left = [word for word in words if word not in _lexicon().qualifiers]
    return _exact(left, 0.9) if left and left != words else None


def _by_head(words: list[str]) -> Guess | None:
    """Look up the longest run of words at the end, where English has the noun; then at the beginning."""
    left = [word for word in words if not word.isdigit()]
    for start in range(1, len(left)):
        found = _exact(left[start:], 0.75, f"by the end of its name, {' '.join(left[start:])!r}")
        if found:
            return found if found.kind is not Kind.ID else None
    for end in range(len(left) - 1, 0, -1):
        found = _exact(left[:end], 0.6, f"by the start of its name, {' '.join(left[:end])!r}")
        # "First Conversion" is no first name: a name needs two words to be told by its beginning.
        if found and found.kind is not Kind.ID and (end > 1 or found.kind is not Kind.NAME):
            return found
    return None


def _code(words: list[str]) -> Guess | None:
    if len(words) > 1 and words[-1] in _CODE_ENDINGS:
        return Guess(Kind.CODE, confidence=0.7, reason=f"by name: it ends in {words[-1]!r}")
    return None


@cache
def _lexicon() -> _Lexicon:
    raw = tomllib.loads(files(__package__).joinpath("column_names.toml").read_text(encoding="utf-8"))
    meanings: dict[str, tuple[Kind, str]] = {}
    for key, phrases in raw["names"].items():
        kind, _, part = key.partition(".")
        for phrase in phrases:
            meanings.setdefault("".join(tokens(phrase)), (Kind(kind), part))
    beside = {word: reason for reason, words in raw["beside"].items() for word in words.split()}
    documents = frozenset(raw["documents"].split())
    return _Lexicon(meanings, frozenset(raw["qualifiers"].split()), beside, documents, _channels(raw["channels"]))


def _channels(more: dict[str, list[str]]) -> dict[str, str]:
    """Spellings of the channels that the library knows, and of some that it does not."""
    known = {name: [name, *channels.rules(name).aliases] for name in channels.names() if name not in _NOT_IN_NAMES}
    known["x"] = list(channels.rules("x").aliases)
    spellings = {"".join(tokens(spelling)): name for name, listed in (known | more).items() for spelling in listed}
    return {spelling: name for spelling, name in spellings.items() if spelling not in _NOT_IN_NAMES}
