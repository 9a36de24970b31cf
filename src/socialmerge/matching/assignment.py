"""One customer, one profile: the assignment of greatest probability, solved by connected component.

Only profiles that compete for a customer are looked at. A profile may stay unmatched at the cost of the probability
that it is nobody; the assignment is never greedy and never maximises the number of matches.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["assign"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FLOOR = 1e-3  # a candidate less likely than this competes for nothing
_DENSE = 400  # rows or columns up to which a component is solved as a dense matrix
_SAFE = 1e-12


def assign(left: Ints, right: Ints, probability: Floats, known: Floats) -> npt.NDArray[np.bool_]:
    """Choose at most one candidate for each profile and for each customer.

    Args:
        left: the profile of each candidate.
        right: its customer.
        probability: P(candidate | profile).
        known: for each profile the sum of these.

    Returns:
        For each candidate whether it is chosen.

    >>> chosen = assign(np.array([0, 1]), np.array([0, 0]), np.array([0.999, 0.995]), np.array([0.999, 0.995]))
    >>> chosen.tolist()
    [True, False]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    chosen = np.zeros(len(left), dtype=np.bool_)
    rows = np.flatnonzero(probability > _FLOOR)
    if not len(rows):
        return chosen
    people, one = np.unique(left[rows], return_inverse=True)
    customers, other = np.unique(right[rows], return_inverse=True)
    size = len(people) + len(customers)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (one, other + len(people))), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    order = np.argsort(component[one], kind="stable")
    cuts = np.flatnonzero(np.diff(component[one][order])) + 1
    gain = np.log(np.maximum(probability, _SAFE)) - np.log(np.maximum(1.0 - known[left], _SAFE))
    for part in np.split(rows[order], cuts):
        chosen[_solve(left[part], right[part], gain[part], part)] = True
    return chosen


def _solve(left: Ints, right: Ints, gain: Floats, rows: Ints) -> Ints:
    """The candidates chosen in one component; gain is over staying unmatched."""
    if len(rows) == 1:
        return rows[gain > 0]
    people, one = np.unique(left, return_inverse=True)
    customers, other = np.unique(right, return_inverse=True)
    if max(len(people), len(customers)) <= _DENSE:
        return _dense(one, other, gain, rows)
    return _sparse(one, other, gain, rows)


def _dense(one: Ints, other: Ints, gain: Floats, rows: Ints) -> Ints:
    from scipy.optimize import linear_sum_assignment

    matrix = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    place = np.full(matrix.shape, -1, dtype=np.int64)
    matrix[one, other] = np.maximum(gain, 0.0)
    place[one, other] = np.where(gain > 0, rows, -1)
    first, second = linear_sum_assignment(matrix, maximize=True)
    picked = place[first, second]
    return picked[picked >= 0]


def _sparse(one: Ints, other: Ints, gain: Floats, rows: Ints) -> Ints:
    """As `_dense`, each profile having a column of its own for staying unmatched."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    people, customers = int(one.max()) + 1, int(other.max()) + 1
    good = gain > 0
    most = max(float(gain.max()), 0.0) + 1.0
    value = np.concatenate([most - gain[good], np.full(people, most)])
    row = np.concatenate([one[good], np.arange(people)])
    column = np.concatenate([other[good], customers + np.arange(people)])
    matrix = csr_array((value, (row, column)), shape=(people, customers + people))
    first, second = min_weight_full_bipartite_matching(matrix)
    real = second < customers
    picked = np.isin(one * customers + other, first[real].astype(np.int64) * customers + second[real])
    return rows[picked & good]
