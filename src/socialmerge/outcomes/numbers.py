"""A number of things in a sentence, whose words agree with it."""

from __future__ import annotations

from typing import SupportsInt

__all__ = ["some"]


def some(count: SupportsInt, one: str, many: str) -> str:
    """The number, and what is said of one thing or of several.

    >>> some(1, "row has", "rows have"), some(1200, "row has", "rows have")
    ('1 row has', '1,200 rows have')
    """
    return f"{int(count):,} {one if int(count) == 1 else many}"
