"""The word lists that ship with the normalisers: files under ``normalise/data``, read once and kept."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["mapping", "table", "words"]


@cache
def table(name: str) -> dict[str, Any]:
    """All lists of ``data/<name>.toml``.

    >>> sorted(table("text"))[0]
    'junk'
    """
    return tomllib.loads((files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str, key: str) -> frozenset[str]:
    """One list as a set; a string is split at white space, a list keeps its phrases, a dot goes down a section.

    >>> "unknown" in words("text", "junk"), "gmbh" in words("names", "organisations.legal")
    (True, True)
    """
    value: Any = table(name)
    for step in key.split("."):
        value = value[step]
    return frozenset(value.split() if isinstance(value, str) else value)


@cache
def mapping(name: str, key: str) -> dict[str, str]:
    """A table ``{canonical = "spelling, other spelling"}`` turned round: spelling (and canonical) to canonical.

    >>> mapping("names", "titles")["professor"]
    'prof'
    """
    turned: dict[str, str] = {}
    for canonical, spellings in table(name)[key].items():
        for spelling in (canonical, *spellings.split(",")):
            if spelling.strip():
                turned[spelling.strip()] = canonical
    return turned
