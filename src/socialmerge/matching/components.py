"""What hangs together: the connected components of a graph, by numpy alone.

`scipy.sparse` has the same, and takes longer to import than a small run takes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["components"]

Ints = npt.NDArray[np.int64]


def components(size: int, one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> Ints:
    """For each of ``size`` nodes the first node of its component; ``one[i]`` and ``other[i]`` are joined.

    Each round every node takes the lowest label that it or a neighbour has, and then that label's own label, so that
    the number of rounds grows with the logarithm of the longest path.

    >>> components(5, np.array([1, 3]), np.array([3, 4])).tolist()
    [0, 1, 2, 1, 1]
    """
    label = np.arange(size)
    while True:
        lowest = np.minimum(label[one], label[other])
        found = label.copy()
        for ends in (one, other, label[one], label[other]):
            np.minimum.at(found, ends, lowest)
        found = found[found]
        if np.array_equal(found, label):
            return found
        label = found
