"""Matching: how far pairs of rows agree, what that weighs, and how probable it makes a match.

The functions here take pairs of row numbers, from :mod:`socialmerge.blocking` or from elsewhere, and plain tables.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socialmerge.matching.own import comparison
    from socialmerge.matching.pairs import compare_pairs, fit_weights, score_pairs, weigh_pairs
    from socialmerge.matching.weigh import FieldWeights, Fit

__all__ = ["FieldWeights", "Fit", "compare_pairs", "comparison", "fit_weights", "score_pairs", "weigh_pairs"]

_HOME_OF = {
    "FieldWeights": "socialmerge.matching.weigh",
    "Fit": "socialmerge.matching.weigh",
    "compare_pairs": "socialmerge.matching.pairs",
    "comparison": "socialmerge.matching.own",
    "fit_weights": "socialmerge.matching.pairs",
    "score_pairs": "socialmerge.matching.pairs",
    "weigh_pairs": "socialmerge.matching.pairs",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: who needs one module of this package does not wait for all."""
    if name not in _HOME_OF:
        msg = f"module 'socialmerge.matching' has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
