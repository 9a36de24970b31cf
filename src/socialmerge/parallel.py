"""Parallel: the same work on several parts at one time, in threads.

Numpy and Arrow let go of the interpreter while they work, so threads are enough and nothing is copied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["each", "processors"]

Part = TypeVar("Part")
Found = TypeVar("Found")

MOST_THREADS = 8


def processors() -> int:
    """How many parts are worked on at one time unless somebody asks for another number: at most eight."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def each(work: Callable[[Part], Found], parts: Sequence[Part], threads: int = 0) -> Iterator[Found]:
    """What ``work`` gives for each part, in the order of the parts, whatever the number of ``threads``; 0 is as usual.

    >>> list(each(lambda part: part * 2, [1, 2, 3]))
    [2, 4, 6]
    """
    workers = min(threads or processors(), len(parts))
    if workers < 2:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, parts)
