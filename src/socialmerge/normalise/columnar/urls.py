"""Web addresses: the keys of whole columns."""

from __future__ import annotations

from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import lexicon, urls
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import bytes_of
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import is_in, mask
from socialmerge.records import Missing

__all__ = ["keys"]

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = rf"\A(?:https?://)?(?:www\.)?(?P<host>(?:{_LABEL}\.)+[a-z]{{2,24}})(?P<path>/[A-Za-z0-9/_.@-]*)?\z"
_LONGEST = 2_000


def keys(texts: pa.Array) -> pa.Array:
    """The keys of distinct web addresses (`Url.key`), null where one is none.

    >>> keys(pa.array(["https://www.example.co.uk/about/", "facebook.com", "n/a"])).to_pylist()
    ['example.co.uk/about', None, None]
    """
    return settle.keys_of(texts, _quick, _parsed)[""]


def _parsed(raw: str) -> tuple[str]:
    url = urls.parse(raw)
    return ("" if isinstance(url, Missing) else url.key,)


def _quick(texts: pa.Array) -> Settled:
    """A plain host that is no platform, and a plain path."""
    found = pc.extract_regex(texts, _PLAIN)
    host, path = (pc.fill_null(found.field(part), "") for part in ("host", "path"))
    odd = is_in(host, _special_hosts()) | mask(pc.match_substring_regex(host, r"--|\Awww\."))
    odd |= mask(pc.match_substring_regex(path, r"//|/\."))
    sure = mask(found.is_valid()) & ~odd & (bytes_of(texts).lengths <= _LONGEST)
    return settle.one(pc.binary_join_element_wise(host, pc.ascii_rtrim(path, "/"), ""), sure)


@cache
def _special_hosts() -> pa.Array:
    return pa.array(
        sorted(lexicon.words("urls", "platforms") | lexicon.words("urls", "placeholder_hosts")), pa.string()
    )
