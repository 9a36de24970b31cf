"""Hidden values: what stands in a decision for a value whose owner was erased, so that the decision still works.

Nobody can read the value from it. Whoever has the key can tell whether another value is equal to it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product, starmap

from socialmerge import channels
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.values import judge_one
from socialmerge.normalise.dates import DateOrder
from socialmerge.records import Kind

__all__ = ["KeptOut", "forms", "hidden", "is_hidden", "prints_of"]

_MARK = "erased:"
_BYTES = 16
_PLACES = ("house", "street", "unit", "city", "state", "postcode", "country")
_ORDERS = tuple(starmap(DateOrder, product((False, True), ("ymd", "dmy", "mdy"))))


@dataclass(frozen=True, slots=True)
class KeptOut:
    """The keys of some values, and the fingerprints of others that are hidden; ``in`` asks for a key.

    >>> key = b"a key that nobody knows"
    >>> values = KeptOut(frozenset(["ada"]), frozenset(prints_of(hidden(key, "Bob"))), key)
    >>> "ada" in values, "bob" in values, "cy" in values
    (True, True, False)
    """

    keys: frozenset[str]
    prints: frozenset[str]
    key: bytes

    @classmethod
    def of(cls, keys: Iterable[str], values: Iterable[str], key: bytes) -> KeptOut:
        """Keys, and the hidden ones among some values."""
        prints = (one for value in values if is_hidden(value) for one in prints_of(value))
        return cls(frozenset(keys), frozenset(prints), key)

    def __contains__(self, form: str) -> bool:
        """Whether a value of this key is one of them."""
        return form in self.keys or (bool(self.prints) and _print(self.key, form) in self.prints)


def hidden(key: bytes, value: str, *, region: str = "") -> str:
    """Give the text that stands for a value: a keyed hash of each key that the value may have in a field.

    ``region`` is the country of national telephone numbers.

    >>> one, same = (hidden(b"a key that nobody knows", text) for text in ("Ada@Example.com", "ada@example.com"))
    >>> is_hidden(one), set(prints_of(same)) <= set(prints_of(one)), "example" in one
    (True, True, False)
    """
    return _MARK + ",".join(sorted({_print(key, form) for form in forms(value, region=region)}))


def is_hidden(value: str) -> bool:
    """Say whether this stands for a value that is hidden."""
    first, _, _ = value.removeprefix(_MARK).partition(",")
    return value.startswith(_MARK) and len(first) == 2 * _BYTES and not first.strip("0123456789abcdef")


def prints_of(value: str) -> list[str]:
    """Give the fingerprints that a hidden value is made of."""
    return value.removeprefix(_MARK).split(",")


def forms(value: str, *, region: str = "") -> frozenset[str]:
    """Give the keys that a value has in fields of any kind: which field it will meet is known to the merge alone."""
    raw = value.strip()
    found = {judge_one(field, raw, region=region).key for field in _fields()}
    ordered = {judge_one(GoldenField("", Kind.DATE), raw, order=order).key for order in _ORDERS}
    return frozenset(found | ordered) - {""}


def _fields() -> Iterator[GoldenField]:
    for kind in Kind:
        yield GoldenField("", kind)
    yield GoldenField("", Kind.NAME, part="given")  # every part of a name is read alike
    for part in _PLACES:
        yield GoldenField("", Kind.PLACE, part=part)
    for channel in channels.names():
        yield GoldenField("", Kind.ACCOUNT, channel=channel)


def _print(key: bytes, form: str) -> str:
    return hmac.digest(key, b"hidden value\0" + form.encode(), "sha256")[:_BYTES].hex()
