"""Nicknames: which two given names may be one person's, one hop apart."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from nicknames import name_triplets

__all__ = ["formed", "listed_pairs", "looks_like_given", "nicknames_of", "same_nickname", "short_forms"]

_SHORTEST_PREFIX = 3
_OTHER_NAME = frozenset(  # Paul is not short for Paula
    ["a", "e", "o", "ia", "ina", "ine", "ette", "etta", "ella", "elle", "la", "le", "ne", "ana"]
)


@cache
def _pairs() -> dict[str, frozenset[str]]:
    """Full form to its short forms."""
    known: dict[str, set[str]] = {}
    for triplet in name_triplets():
        known.setdefault(triplet.name1, set()).add(triplet.name2)
    lines = (files(__package__) / "data" / "diminutives.txt").read_text(encoding="utf-8").splitlines()
    for full, *short in (line.split() for line in lines if not line.startswith("#")):
        known.setdefault(full, set()).update(short)
    return {full: frozenset(short) for full, short in known.items()}


@cache
def _given() -> frozenset[str]:
    return frozenset(_pairs()).union(*_pairs().values())


def looks_like_given(token: str) -> bool:
    """Whether a folded token is a known given name (about 2,500, mostly English): yes is good evidence, no is none.

    >>> looks_like_given("ada"), looks_like_given("lovelace")
    (True, False)
    """
    return token in _given()


def short_forms(token: str) -> frozenset[str]:
    """The usual short forms of a folded given name that are listed.

    >>> "hank" in short_forms("henry"), short_forms("lovelace")
    (True, frozenset())
    """
    return _pairs().get(token, frozenset())


def same_nickname(left: str, right: str) -> bool:
    """Whether one folded given name is a usual form of the other: one hop, so hank and harry (both of henry) are not.

    Counts what the `nicknames` list and our own list of other languages' short forms say, a short form that begins the
    full one (alex, alexandros) unless the rest makes another name (paul, paula), and -y or -ie endings (jim, jimmy).

    >>> same_nickname("henry", "hank"), same_nickname("hank", "harry"), same_nickname("paul", "paula")
    (True, False, False)
    >>> same_nickname("jim", "jimmy"), same_nickname("alex", "alexandros"), same_nickname("ada", "ada")
    (True, True, True)
    """
    if not left or not right:
        return False
    if left == right or right in _pairs().get(left, ()) or left in _pairs().get(right, ()):
        return True
    return formed(*sorted((left, right), key=len))


def formed(short: str, full: str) -> bool:
    """Whether a form is made of a name by rule: a beginning that is no other name, or an ending in -y or -ie.

    >>> formed("alex", "alexandros"), formed("paul", "paula"), formed("jim", "jimmy")
    (True, False, True)
    """
    return _begins(short, full) or _is_pet_form(short, full)


def _begins(short: str, full: str) -> bool:
    return len(short) >= _SHORTEST_PREFIX and full.startswith(short) and full[len(short) :] not in _OTHER_NAME


def _is_pet_form(stem: str, pet: str) -> bool:
    for ending in ("y", "ie", "i", "ey"):
        if pet.endswith(ending):
            base = pet[: -len(ending)]
            return len(stem) >= _SHORTEST_PREFIX and base in {stem, stem + stem[-1]}
    return False


def nicknames_of(given: str) -> frozenset[str]:
    """The listed short forms of a folded given name, and the names that it is a listed short form of.

    >>> "bill" in nicknames_of("william"), "william" in nicknames_of("bill")
    (True, True)
    """
    return _pairs().get(given, frozenset()) | _long_forms().get(given, frozenset())


@cache
def listed_pairs() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All listed full forms and, in the same places, a short form of each.

    >>> full, short = listed_pairs()
    >>> ("william", "bill") in zip(full, short, strict=True)
    True
    """
    pairs = [(full, short) for full, several in _pairs().items() for short in several]
    return tuple(full for full, _ in pairs), tuple(short for _, short in pairs)


@cache
def _long_forms() -> dict[str, frozenset[str]]:
    """Short form to the full forms it stands for."""
    known: dict[str, set[str]] = {}
    for full, several in _pairs().items():
        for short in several:
            known.setdefault(short, set()).add(full)
    return {short: frozenset(full) for short, full in known.items()}
