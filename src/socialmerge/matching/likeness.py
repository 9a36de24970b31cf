"""How alike two rows are as texts: what tells pairs apart that agree on the same levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from socialmerge.normalise.features import Feature

__all__ = ["likeness"]


def likeness(
    features: Sequence[Feature], left: npt.NDArray[np.int32], right: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """Similarity, from 0 to 1, of all words of pairs of rows, in whatever order the words stand."""
    rows, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    parts = [_texts(feature, slot[rows]) for feature in features for slot in feature.codes]
    texts = [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]
    one, other = ([texts[at] for at in side.tolist()] for side in np.split(place, [len(left)]))
    return process.cpdist(one, other, scorer=fuzz.token_sort_ratio, dtype=np.float64) / 100


def _texts(feature: Feature, codes: npt.NDArray[np.int32]) -> list[str]:
    return [feature.values[code] if code >= 0 else "" for code in codes.tolist()]
