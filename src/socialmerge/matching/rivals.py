"""Profiles as evidence for each other: those of one source that fit the same customer compete for it.

Most sources hold each person once, some (commit identities) many times over. How far a source is the one or the other
is read from the first posterior: with mu the expected profiles a customer has in it and q the expected ordered pairs
of them, the prior for a customer's k profiles is ``L ** k * rho ** (k - 1) / k!`` with ``rho L = q / mu``. At rho = 1
profiles know nothing of each other, and nothing changes; at rho = 0 a customer has one at most, so that a sole
claimant gains by the share of customers who would otherwise have none, and a second claimant loses to the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.posterior import Posterior, posterior

__all__ = ["Contest", "Habits", "contested"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDS = 10
_AT_FIRST = 2.0**-5  # rho before anything is known of a source
_STRENGTH = 20.0  # customers that independence counts for
_LEAST = 2.0**-6
_LARGEST_GAIN = 2.0**5
_MOST_RIVALS = 500.0
_EXCLUSIVE = 0.25  # of the pairs that chance would give: with more, a source may hold a person many times


@dataclass(frozen=True, slots=True)
class Habits:
    """What a contest learned of its sources, a row a round: pi, rho and the gain of a sole claimant, of each source.

    ``share`` has one row more: pi before the first round. With them a contest is fought again, of any profiles, as it
    was when they were learned.
    """

    share: Floats
    rho: Floats
    gain: Floats


@dataclass(frozen=True, slots=True)
class Contest:
    """The posterior after competition; the bits that it added to each candidate; and its share among rivals.

    ``split`` is the probability that a candidate's profile is the customer's one profile in its source, given that
    one of the claimants is; 1 where the source may hold a person many times. ``source`` is that of each profile.
    """

    posterior: Posterior
    bits: Floats
    split: Floats
    source: Ints
    habits: Habits


def contested(
    left: npt.NDArray[np.integer],
    right: npt.NDArray[np.integer],
    weight: Floats,
    *,
    n_profiles: int,
    n_customers: int,
    source: npt.NDArray[np.integer] | None = None,
    recall: float = 1.0,
    habits: Habits | None = None,
) -> Contest:
    """One of N, with each customer's claimants from one source held against each other.

    Args:
        left: the profile of each candidate.
        right: its customer.
        weight: its bits.
        n_profiles: profiles, with or without a candidate.
        n_customers: people in the customer table.
        source: the source of each profile, as codes from 0.
        recall: the share of true candidates that blocking finds.
        habits: what an earlier contest learned of the sources; learned from these candidates when left out.

    >>> left, right, weight = np.arange(2), np.zeros(2, np.int64), np.array([20.0, 10.0])
    >>> found = contested(left, right, weight, n_profiles=2, n_customers=100)
    >>> bool(found.bits[1] <= found.bits[0])
    True
    """
    origin: Ints = np.zeros(n_profiles, dtype=np.int64) if source is None else source.astype(np.int64)
    sizes = {"n_profiles": n_profiles, "n_customers": n_customers}
    known: list[Floats | None] = [None] * (_ROUNDS + 1) if habits is None else list(habits.share)
    found = posterior(left, weight, source=origin, recall=recall, share=known[0], **sizes)
    group = origin[left]
    _, claim = np.unique(right.astype(np.int64) * (int(origin.max(initial=0)) + 1) + group, return_inverse=True)
    bits = np.zeros(len(weight))
    odds = np.zeros(len(weight))
    # Begin with rivals: namesakes then fall back before they are counted, and only strong second claims show that a
    # source holds people many times.
    rho, gain = np.full(len(found.share), _AT_FIRST), np.ones(len(found.share))
    seen: list[tuple[Floats, Floats, Floats]] = []
    for turn in range(_ROUNDS):
        odds = found.candidate / np.maximum(1.0 - found.candidate, 1e-12)
        odds = odds * np.exp2(-bits) * gain[group]
        bits = 0.5 * bits + 0.5 * _factor(odds, claim, rho[group], gain[group])
        before = found.share
        found = posterior(left, weight + bits, source=origin, recall=recall, share=known[turn + 1], **sizes)
        if habits is None:
            rho, gain = _source_habits(found, claim, group, n_customers)
        else:
            rho, gain = habits.rho[turn], habits.gain[turn]
        seen.append((before, rho, gain))
    split = np.where(rho[group] < _EXCLUSIVE, odds / np.maximum(np.bincount(claim, odds)[claim], 1e-300), 1.0)
    shares, rhos, gains = zip(*seen, strict=True)
    learned = Habits(np.array([*shares, found.share]), np.array(rhos), np.array(gains))
    return Contest(found, bits, split, origin, learned)


def _source_habits(found: Posterior, claim: Ints, group: Ints, n_customers: int) -> tuple[Floats, Floats]:
    """For each source rho and the gain of a sole claimant."""
    sources = len(found.share)
    total = np.bincount(claim, found.candidate)
    squares = np.bincount(claim, found.candidate**2)
    of_claim = np.zeros(len(total), dtype=np.int64)
    of_claim[claim] = group
    mean: Floats = np.bincount(of_claim, total, minlength=sources).astype(np.float64) / (n_customers + 2.0)
    pairs: Floats = np.bincount(of_claim, np.maximum(total**2 - squares, 0.0), minlength=sources).astype(np.float64)
    pairs = (pairs + _STRENGTH * mean**2) / (n_customers + _STRENGTH)
    mean = np.maximum(mean, 1e-9)
    r: Floats = np.clip(pairs / mean, 1e-12, _MOST_RIVALS)  # exp(r) is finite
    rho = np.clip(r * np.exp(r) / mean - np.expm1(r), _LEAST, 1.0)
    rho = np.where(pairs > _EXCLUSIVE * mean**2, 1.0, rho)  # several each is usual, more evenly than this prior can say
    gain = np.where(rho < 1.0, np.clip(r / rho / mean, 1.0, _LARGEST_GAIN), 1.0)
    return rho, gain


def _factor(odds: Floats, claim: Ints, rho: Floats, gain: Floats) -> Floats:
    """Bits of each candidate given the other claimants of its customer in its source."""
    each = np.log1p(rho * odds)
    others = np.maximum(np.bincount(claim, each)[claim] - each, 0.0)
    # A / (1 + (A - 1) / rho) with A = exp(others), safe for large A
    shrink = -np.log(np.exp(-others) + -np.expm1(-others) / rho)
    bits: Floats = (shrink + np.log(gain)) / np.log(2.0)
    return bits
