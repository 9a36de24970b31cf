"""What was to be expected of the pairs that people decided, before they were decided."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from socialmerge.engines.again import settled_of
from socialmerge.matching.entities import Evidence, between
from socialmerge.matching.known import Known, sides_of

if TYPE_CHECKING:
    from socialmerge.engines.matched import Matched

__all__ = ["expected"]

Array = npt.NDArray[np.float64]


def expected(matched: Matched, known: Known) -> Array:
    """Log-odds, in bits, of decided pairs of one table: of the clusters that they are about.

    People are asked about clusters, so that an answer is only as surprising as it is of the clusters.
    """
    settled = settled_of(matched)
    if settled.warnings:
        return matched.score(known.left, known.right)
    judge = partial(between, Evidence(matched.comparers, matched.fitted, matched.chunk))
    return judge(sides_of(known, settled.labels, judge))
