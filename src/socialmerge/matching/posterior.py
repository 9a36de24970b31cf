"""One of N: the probability that a profile is each of its candidates, or nobody in the table.

With ``b_i = 2 ** w_i`` the Bayes factor of candidate i, N customers, pi the share of profiles whose person is a
customer and c the recall of blocking::

    P(i | profile) = (pi / N) b_i / ((1 - pi) + pi (1 - c) + sum_j (pi / N) b_j)

pi is estimated for each source of profiles by EM, under a Beta prior around the share of all sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Posterior", "posterior"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDS = 100
_CLOSE_ENOUGH = 1e-6
_ALL_STRENGTH = 2.0  # profiles that the flat prior counts for, over all sources
_SOURCE_STRENGTH = 20.0  # profiles that the share of all sources counts for in one
_WIDEST = 1000.0  # bits: more says nothing more, and keeps the arithmetic finite


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities of candidates, in the order they came in.

    ``candidate`` is P(i | profile), ``known`` for each profile the sum over its candidates, ``share`` pi for each
    source.
    """

    candidate: Floats
    known: Floats
    share: Floats


def posterior(
    left: npt.NDArray[np.integer],
    weight: Floats,
    *,
    n_profiles: int,
    n_customers: int,
    source: npt.NDArray[np.integer] | None = None,
    recall: float = 1.0,
    share: Floats | None = None,
) -> Posterior:
    """Estimate pi and apply the formula.

    Args:
        left: the profile of each candidate.
        weight: its bits.
        n_profiles: profiles, with or without a candidate.
        n_customers: N, people in the customer table.
        source: the source of each profile, as codes from 0; one source when left out.
        recall: c, the share of true candidates that blocking finds.
        share: pi of each source where it is known; estimated when left out.

    >>> found = posterior(np.array([0, 0]), np.array([20.0, 20.0]), n_profiles=1, n_customers=10)
    >>> [round(float(p), 2) for p in found.candidate]
    [0.5, 0.5]
    """
    origin = np.zeros(n_profiles, dtype=np.int64) if source is None else source.astype(np.int64)
    bits = np.clip(weight, -_WIDEST, _WIDEST) - np.log2(max(n_customers, 1))
    best = np.full(n_profiles, -np.inf)
    np.maximum.at(best, left, bits)
    top = np.where(np.isfinite(best), np.maximum(best, 0.0), 0.0)  # every term is scaled by 2 ** -top
    found: Floats = np.bincount(left, np.exp2(bits - top[left]), minlength=n_profiles).astype(np.float64)
    unit = np.exp2(-top)
    share = _estimate(found, unit, origin, recall) if share is None else share
    pi = share[origin]
    total = pi * found + unit * ((1.0 - pi) + pi * (1.0 - recall))
    candidate = pi[left] * np.exp2(bits - top[left]) / total[left]
    return Posterior(candidate, np.minimum(pi * found / total, 1.0), share)


def _estimate(found: Floats, unit: Floats, source: Ints, recall: float) -> Floats:
    """EM for pi: the expected share of profiles whose person is a customer, candidate or not."""
    sources = int(source.max(initial=0)) + 1
    profiles = np.bincount(source, minlength=sources).astype(np.float64)
    share = np.full(sources, 0.5)
    for _ in range(_ROUNDS):
        pi = share[source]
        missed = unit * pi * (1.0 - recall)
        inside = (pi * found + missed) / (pi * found + missed + unit * (1.0 - pi))
        counts = np.bincount(source, inside, minlength=sources)
        pooled = (counts.sum() + _ALL_STRENGTH / 2) / (profiles.sum() + _ALL_STRENGTH)
        update = (
            (counts + _SOURCE_STRENGTH * pooled) / (profiles + _SOURCE_STRENGTH) if sources > 1 else np.array([pooled])
        )
        done = bool(np.abs(update - share).max() < _CLOSE_ENOUGH)
        share = update
        if done:
            break
    return share
