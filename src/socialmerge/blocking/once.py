"""Each value once, in order."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["once"]

Number = TypeVar("Number", bound=np.generic)


def once(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The distinct values of an array, sorted.

    As ``np.unique``, which from numpy 2.3 on hashes: where most of millions of numbers differ that takes twenty times
    as long as sorting them.

    >>> once(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ranked: npt.NDArray[Any] = np.sort(values, axis=None)
    kept = np.ones(len(ranked), dtype=np.bool_)
    kept[1:] = ranked[1:] != ranked[:-1]
    return ranked[kept]
