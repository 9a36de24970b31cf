"""Profiles and customers as weighed pairs: what the chain says of each, and every other field's levels beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching import chain
from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.weigh import Fit

__all__ = ["SocialPairs"]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SocialPairs:
    """Weighed candidates: rows of profiles and of customers, the chain's weights, and bits of all evidence together.

    ``verified`` are the bits that rest on verified evidence alone; ``circumstance`` has bits for each profile that its
    own attributes add, whoever it may be.
    """

    left: Ints
    right: Ints
    chain: chain.ChainWeights
    weight: Array
    verified: Array
    circumstance: Array
    comparers: tuple[Comparer, ...]
    fitted: Fit
    compared: Compared
    source: Ints
