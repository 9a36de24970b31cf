"""Persons: the rows of a table that are one, by all of its pairs, under what was frozen of matching it with itself.

Rows that hang together by no pair that could matter have nothing to do with each other, so that a part of the rows,
with all that hangs together with them, has the clusters that all of the table has.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking import by_content
from socialmerge.engines.joining import AT_ONCE, Joined
from socialmerge.engines.rivals import features_of
from socialmerge.errors import PlanError
from socialmerge.matching.cluster import cluster
from socialmerge.matching.compare import compare
from socialmerge.matching.entities import WEAK, Evidence, Settled, settle
from socialmerge.matching.frozen import FrozenTable
from socialmerge.matching.frozen_fields import side_by_side, weight_of
from socialmerge.matching.likeness import likeness

__all__ = ["WEAK", "persons"]

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


def persons(frozen: FrozenTable, table: pa.Table, pairs: Joined) -> Settled:
    """The clusters of rows, which are sorted by id, and the log-odds of their pairs, given the clusters.

    Pairs at `WEAK` or below change nothing and may be left out.

    Raises:
        PlanError: nothing of clusters was frozen.
    """
    if frozen.growth is None:
        raise PlanError("this frozen table says nothing of clusters; freeze it with clusters=True")
    rows = table.num_rows
    both = side_by_side(features_of(frozen.fields, table), (), (rows, 0))
    comparers, fit = frozen.fields.comparers(both, rows), frozen.fields.fit

    def score(left: Rows, right: Rows) -> Floats:
        parts = [slice(start, start + AT_ONCE) for start in range(0, len(left), AT_ONCE)]
        bits = [weight_of(comparers, fit, compare(comparers, left[part], right[part])) for part in parts]
        return np.concatenate([np.zeros(0), *bits]) + fit.prior

    left, right = pairs.left.astype(np.int32), pairs.right.astype(np.int32)
    features = [comparer.feature for comparer in comparers]
    first = cluster(rows, left, right, pairs.log_odds, score, alike=partial(likeness, features))
    evidence = Evidence(comparers, fit, AT_ONCE, frozen=frozen.growth, order=by_content(features, 0))
    return settle(evidence, first.labels, left, right, pairs.log_odds)
