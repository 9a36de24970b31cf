"""Entities: what the other rows of a cluster say of a pair of rows, or of two clusters.

A pair of rows says little where half its fields are wrong or missing; its cluster mostly has what it lacks. Each
feature of two groups of rows is weighed once: the Bayes factors of all pairs between the groups are averaged, so that
one agreement among many pairs counts, and counts less the more pairs there were to agree by chance. Where none
agrees, more rows say so more firmly. Clusters that are one person by this evidence are merged, and the probability of
a pair is that of what is known of its rows' clusters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Compared, Comparer, compare
from socialmerge.matching.known import Known, abide, bind
from socialmerge.matching.weigh import Fit, household, rarity_bits
from socialmerge.parallel import each, processors

__all__ = ["Evidence", "Growth", "Settled", "between", "posterior", "settle"]

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MEMBERS = 8
"""Rows of a cluster that are looked at: more say little new."""

POWER = 0.5
"""Exponent of the average of Bayes factors: 1 is the mean, 0 the geometric mean, under which one agreement is lost."""

FIRMER = 0.2
"""Evidence against grows with the number of pairs to this power: rows err on their own, but copies err together."""

MOST_UNEXPECTED = 6.0
"""Bits that a further row may be less expected than a second one."""

ROUNDS = 4
FEWEST_AT_ONCE = 10_000
"""Pairs that are not worth a thread of their own."""
CERTAIN = 10.0
"""Log-odds, in bits, of a pair inside a cluster beyond which no other row need be asked."""

WEAK = -7.0
"""Log-odds, in bits, of a pair's own evidence below which its clusters are not looked at."""

SURE, AGAINST, MOST_AGAINST = 6.6, -5.0, 0.1
"""Pairs above the first are sure; rows that two sure pairs connect contradict each other below the second.

Beyond the third, as a share of those rows, the fit has taken something else for a person: nothing is merged on it.
"""
PATHS = 20_000


@dataclass(frozen=True, slots=True)
class Growth:
    """What a whole table said of its clusters: bits that a further row is less expected, and why nothing was merged.

    ``rounds`` has the bits of each round of merging, those of the clusters in the end last.
    """

    rounds: tuple[float, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What weighs pairs of rows: comparers, a fit, and how many pairs are compared at one time.

    ``known`` are pairs that people decided, which holds whatever the others say. ``frozen`` is what a whole table said
    of its clusters: with it those of rows that hang together by no pair do not depend on each other. Of large
    clusters the first rows in ``order`` are looked at.
    """

    comparers: Sequence[Comparer]
    fitted: Fit
    chunk: int = 200_000
    known: Known | None = None
    frozen: Growth | None = None
    order: Ints | None = None

    def growth(self, members: _Members, turn: int) -> float:
        """Bits by which a further row is less expected in a round of merging; -1 is after the last."""
        if self.frozen is None:
            return members.growth
        return self.frozen.rounds[-1 if turn < 0 else min(turn, len(self.frozen.rounds) - 2)]


@dataclass(frozen=True, slots=True)
class Settled:
    """Clusters as their smallest rows, and log-odds (bits) of the scored pairs.

    ``probability[row]`` is that the row belongs to its cluster; ``growth`` is what can be frozen of the clusters.
    """

    labels: Ints
    log_odds: Array
    probability: Array
    growth: Growth = Growth(())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why nothing was merged, if so."""
        return self.growth.warnings


@dataclass(frozen=True, slots=True)
class _Groups:
    """Pairs of rows in groups, group by group: ``group`` is sorted, from 0 to ``size``."""

    left: Ints
    right: Ints
    group: Ints
    size: int


@dataclass(frozen=True, slots=True)
class _Members:
    """Rows ordered by cluster; ``start`` and ``count`` are indexed by label."""

    order: Ints
    start: Ints
    count: Ints

    @classmethod
    def of(cls, labels: Ints, rows: Ints | None = None) -> _Members:
        """The rows of each cluster, in the order of ``rows``."""
        order = np.argsort(labels, kind="stable") if rows is None else rows[np.argsort(labels[rows], kind="stable")]
        count = np.bincount(labels, minlength=len(labels))
        return cls(order, np.cumsum(count) - count, count)

    @property
    def growth(self) -> float:
        """Bits by which a further row of somebody who has two is less expected than a second row of anybody.

        Where everybody has two rows at most, as in two clean lists put together, a third is hardly ever right.
        """
        size = self.count[self.count > 0].astype(np.float64)
        second = ((size * (size - 1)).sum() + 1) / len(self.order)
        further = ((size * np.maximum(size - 2, 0)).sum() + 1) / (size[size > 1].sum() + 1)
        return float(np.clip(np.log2(further / second), -MOST_UNEXPECTED, 0.0))

    def between(self, one: Ints, other: Ints) -> _Groups:
        """The pairs of rows of every two clusters, a group each."""
        wide = np.minimum(self.count[other], MEMBERS)
        sizes = np.minimum(self.count[one], MEMBERS) * wide
        group = np.repeat(np.arange(len(one)), sizes)
        number = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        left = self.order[self.start[one[group]] + number // wide[group]]
        right = self.order[self.start[other[group]] + number % wide[group]]
        return _Groups(left, right, group, len(one))

    def company(self, rows: Ints, labels: Ints) -> _Groups:
        """Each row with the other rows of its cluster, a group each."""
        sizes = np.minimum(self.count[labels[rows]], MEMBERS + 1)
        group = np.repeat(np.arange(len(rows)), sizes)
        number = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        left = rows[group]
        right = self.order[self.start[labels[left]] + number]
        apart = left != right
        return _Groups(left[apart], right[apart], group[apart], len(rows))


def settle(evidence: Evidence, labels: Ints, left: Rows, right: Rows, log_odds: Array) -> Settled:
    """Merge clusters that are one person, and say how probable each scored pair is, given all rows of its clusters.

    Args:
        evidence: what weighs pairs.
        labels: the cluster of each row, as its smallest row.
        left: rows of the scored pairs; the smaller one.
        right: the other rows.
        log_odds: bits of the pairs' own evidence, the prior included.
    """
    judge = partial(between, evidence)
    warnings = evidence.frozen.warnings if evidence.frozen else _warnings(evidence, left, right, log_odds)
    if warnings:
        labels, odds = abide(evidence.known, labels, judge), bind(evidence.known, left, right, log_odds)
        return Settled(labels, odds, _membership(labels, left, right, odds), Growth((), warnings))
    merged, weighed, grown = _merged(evidence, labels, left, right, log_odds)
    decided = abide(evidence.known, merged, judge)
    # what was weighed is of the clusters as they were merged
    odds = posterior(evidence, decided, left, right, log_odds, known=weighed if evidence.known is None else None)
    growth = Growth((*grown, evidence.growth(_Members.of(decided, evidence.order), -1)))
    return Settled(decided, odds, _membership(decided, left, right, odds), growth)


def _warnings(evidence: Evidence, left: Rows, right: Rows, log_odds: Array) -> tuple[str, ...]:
    """Why nothing should be merged on what pairs say, if so."""
    contradicted = _contradicted(evidence, left, right, log_odds)
    if contradicted <= MOST_AGAINST:
        return ()
    said = (
        f"{contradicted:.0%} of the rows that two sure pairs connect contradict each other: something other than "
        "what a row stands for may be what agrees; look at the weights, or name the fields in a plan"
    )
    return (said,)


def posterior(
    evidence: Evidence, labels: Ints, left: Rows, right: Rows, log_odds: Array, *, known: _ClusterOdds | None = None
) -> Array:
    """Log-odds of pairs given their clusters: within one, of the row that belongs there less; else of the two."""
    members = _Members.of(labels, evidence.order)
    growth, found = evidence.growth(members, -1), log_odds.copy()
    one, other = labels[left], labels[right]
    inside = (one == other) & (members.count[one] > 2) & (log_odds < CERTAIN)
    if inside.any():
        rows = np.unique(np.concatenate([left[inside], right[inside]])).astype(np.int64)
        belongs = np.zeros(len(labels))
        belongs[rows] = _odds(evidence, members.company(rows, labels)) + growth
        found[inside] = np.minimum(belongs[left[inside]], belongs[right[inside]])
    across = np.flatnonzero(_worth_a_look(members, one, other, log_odds))
    if len(across):
        keys, inverse = _distinct(one[across], other[across], len(labels))
        known = (known or _ClusterOdds.nothing()).with_more(evidence, members, keys)
        found[across] = known.of(keys)[inverse] + growth
    return bind(evidence.known, left, right, found)


@dataclass(frozen=True, slots=True)
class _ClusterOdds:
    """Log-odds of two clusters by key, sorted: the smaller label times the number of rows plus the other."""

    keys: Ints
    odds: Array

    @classmethod
    def nothing(cls) -> _ClusterOdds:
        """No two clusters yet."""
        return cls(np.empty(0, np.int64), np.empty(0))

    def of(self, keys: Ints) -> Array:
        """The log-odds of keys that are all known."""
        return self.odds[np.searchsorted(self.keys, keys)]

    def with_more(self, evidence: Evidence, members: _Members, keys: Ints) -> _ClusterOdds:
        """With the keys that were not known weighed."""
        rows = len(members.count)
        new = keys[~np.isin(keys, self.keys, assume_unique=True)]
        odds = _odds(evidence, members.between(new // rows, new % rows))
        every = np.concatenate([self.keys, new])
        order = np.argsort(every, kind="stable")
        return _ClusterOdds(every[order], np.concatenate([self.odds, odds])[order])

    def without(self, changed: Mask) -> _ClusterOdds:
        """Without those of clusters that have other rows now."""
        rows = len(changed)
        stay = ~(changed[self.keys // rows] | changed[self.keys % rows])
        return _ClusterOdds(self.keys[stay], self.odds[stay])


def _merged(
    evidence: Evidence, labels: Ints, left: Rows, right: Rows, log_odds: Array
) -> tuple[Ints, _ClusterOdds, list[float]]:
    """Merge each two clusters of which each is the other's best, round after round; gives the growth of each round."""
    known, grown = _ClusterOdds.nothing(), list[float]()
    for turn in range(ROUNDS):
        members = _Members.of(labels, evidence.order)
        grown.append(evidence.growth(members, turn))
        one, other = labels[left], labels[right]
        look = _worth_a_look(members, one, other, log_odds)
        keys, _ = _distinct(one[look], other[look], len(labels))
        known = known.with_more(evidence, members, keys)
        low, high, odds = keys // len(labels), keys % len(labels), known.of(keys) + grown[-1]
        odds = np.where(_apart(evidence.known, labels, low, high), -np.inf, odds)
        best = np.zeros(len(labels))
        np.maximum.at(best, low, odds)
        np.maximum.at(best, high, odds)
        mutual = (odds > 0) & (best[low] == odds) & (best[high] == odds)
        if not mutual.any() and evidence.frozen is None:  # what is frozen may merge in a later round
            break
        changed = np.zeros(len(labels), bool)
        changed[low[mutual]] = changed[high[mutual]] = True
        known = known.without(changed)
        labels = _joined(labels, low[mutual], high[mutual])
    return labels, known, grown


def _apart(known: Known | None, labels: Ints, low: Ints, high: Ints) -> Mask:
    """Which clusters have two rows that people decided to be different."""
    if known is None:
        return np.zeros(len(low), bool)
    one, other = labels[known.left[~known.same]], labels[known.right[~known.same]]
    parted = np.minimum(one, other) * len(labels) + np.maximum(one, other)
    return np.isin(low * len(labels) + high, parted)


def _joined(labels: Ints, low: Ints, high: Ints) -> Ints:
    to = np.arange(len(labels))
    np.minimum.at(to, high, low)
    while (to[to] != to).any():
        to = to[to]
    return to[labels]


def _worth_a_look(members: _Members, one: Ints, other: Ints, log_odds: Array) -> Mask:
    """Pairs across two clusters of which one has more rows than the pair's own."""
    more = (members.count[one] > 1) | (members.count[other] > 1)
    look: Mask = (one != other) & more & (log_odds > WEAK)
    return look


def _distinct(one: Ints, other: Ints, rows: int) -> tuple[Ints, Ints]:
    """The key of each two clusters once, sorted, and where each pair finds its own."""
    key = np.minimum(one, other) * rows + np.maximum(one, other)
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    first = np.r_[True, ranked[1:] != ranked[:-1]][: len(ranked)]
    inverse = np.empty(len(key), np.int64)
    inverse[order] = np.cumsum(first) - 1
    return ranked[first], inverse


def between(evidence: Evidence, sides: Sequence[tuple[Ints, Ints]]) -> Array:
    """Log-odds, in bits, that the rows of the one side and those of the other are one person, for each two sides."""
    pairs = [(one[:MEMBERS], other[:MEMBERS]) for one, other in sides]
    sizes = [len(one) * len(other) for one, other in pairs]
    left = np.concatenate([np.repeat(one, len(other)) for one, other in pairs] or [np.empty(0, np.int64)])
    right = np.concatenate([np.tile(other, len(one)) for one, other in pairs] or [np.empty(0, np.int64)])
    return _odds(evidence, _Groups(left, right, np.repeat(np.arange(len(pairs)), sizes), len(pairs)))


def _odds(evidence: Evidence, groups: _Groups) -> Array:
    """Log-odds, in bits, that the two sides of each group are one person."""
    found = np.empty(groups.size)

    def one(bounds: tuple[int, int, slice]) -> None:
        first, last, part = bounds
        left, right = (rows[part].astype(np.int32) for rows in (groups.left, groups.right))
        compared = compare(evidence.comparers, np.minimum(left, right), np.maximum(left, right))
        found[first:last] = _weighed(evidence, compared, groups.group[part] - first, last - first)

    fair = max(len(groups.left) // processors() + 1, FEWEST_AT_ONCE)
    for _ in each(one, list(_parts(groups, min(evidence.chunk, fair)))):
        pass
    return found


def _parts(groups: _Groups, chunk: int) -> Iterator[tuple[int, int, slice]]:
    """Whole groups, as many at a time as have about ``chunk`` pairs."""
    starts = np.searchsorted(groups.group, np.arange(groups.size + 1))
    first = 0
    while first < groups.size:
        last = int(np.searchsorted(starts, starts[first] + chunk, side="right")) - 1
        last = min(max(last, first + 1), groups.size)
        yield first, last, slice(int(starts[first]), int(starts[last]))
        first = last


def _weighed(evidence: Evidence, compared: Compared, group: Ints, size: int) -> Array:
    fitted, kin = evidence.fitted, household(evidence.comparers)
    rare = rarity_bits(compared).astype(np.float64)
    match, related = np.zeros(size), np.zeros(size)
    for row, (comparer, weights) in enumerate(zip(evidence.comparers, fitted.fields, strict=True)):
        here = np.flatnonzero(compared.states[row])
        of, state = group[here], compared.states[row, here] - 1
        other = np.log2(weights.other)
        bits = (np.log2(weights.match) - other)[state] + rare[row, here]
        match += _least(of, bits, size) if comparer.levels.veto else _averaged(of, bits, size)
        if kin[row]:
            related += _averaged(of, (np.log2(weights.related) - other)[state] + rare[row, here], size)
    share = fitted.related_share / (1 - fitted.match_share)
    against = np.logaddexp2(np.log2(max(1 - share, 1e-300)), related + (np.log2(share) if share else -np.inf))
    odds: Array = fitted.scale * (match - against + fitted.prior) + fitted.shift
    return odds


def _averaged(group: Ints, bits: Array, size: int) -> Array:
    """The average of Bayes factors in each group, in bits; evidence against grows with the pairs that were compared."""
    count = np.bincount(group, minlength=size)
    total = np.bincount(group, weights=np.exp2(POWER * bits), minlength=size)
    some = count > 0
    found = np.zeros(size)
    found[some] = np.log2(total[some] / count[some]) / POWER
    return np.where(found < 0, found * count**FIRMER, found)


def _least(group: Ints, bits: Array, size: int) -> Array:
    """The least of each group: one disagreement is enough where a disagreement cannot be made good."""
    found = np.full(size, np.inf)
    np.minimum.at(found, group, bits)
    return np.where(np.isfinite(found), found, 0.0)


def _contradicted(evidence: Evidence, left: Rows, right: Rows, log_odds: Array) -> float:
    """Of the rows that two sure pairs connect, the share whose own evidence is firmly against."""
    sure = log_odds > SURE
    middle = np.concatenate([left[sure], right[sure]]).astype(np.int64)
    end = np.concatenate([right[sure], left[sure]]).astype(np.int64)
    order = np.lexsort((end, middle))
    middle, end = middle[order], end[order]
    second = np.flatnonzero(middle[1:] == middle[:-1]) + 1
    second = second[:: max(1, len(second) // PATHS)]
    if not len(second):
        return 0.0
    groups = _Groups(end[second - 1], end[second], np.arange(len(second)), len(second))
    return float((_odds(evidence, groups) < AGAINST).mean())


def _membership(labels: Ints, left: Rows, right: Rows, log_odds: Array) -> Array:
    """For a row with company the probability of its best link inside, for one alone that of having no link at all."""
    chance = 1 / (1 + np.exp2(-np.clip(log_odds, -1000, 1000)))
    inside = labels[left] == labels[right]
    within, outside = np.zeros(len(labels)), np.zeros(len(labels))
    for side in (left, right):
        np.maximum.at(within, side[inside], chance[inside])
        np.maximum.at(outside, side[~inside], chance[~inside])
    company = np.bincount(labels, minlength=len(labels))[labels] > 1
    return np.where(company, within, 1 - outside)
