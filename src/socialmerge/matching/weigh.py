"""Weigh levels of agreement: a Fellegi-Sunter mixture fitted without labels by expectation maximisation.

Pairs of rows belong to one of three classes: *match* (one person), *related* (two people of one household or firm) and *other*.
The fit sees every candidate pair once and a sample of all the other pairs, weighted up to their number, so that what agrees by
chance is measured on the universe of pairs and not on the candidates, which are unlike it.

Method: Fellegi and Sunter (1969); EM on counts of agreement patterns as in Winkler (1988); value-specific weights as in
Winkler (2000); Dirichlet priors and monotone weights keep the classes what they are named for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from socialmerge.matching.calibrate import calibrate
from socialmerge.matching.compare import Compared, Comparer

__all__ = ["FieldWeights", "Fit", "Labelled", "Scores", "fit", "fit_given", "rarity_bits", "score"]

Array = npt.NDArray[np.float64]

ITERATIONS = 100
TOLERANCE = 1e-4
PRIOR_PAIRS, PRIOR_PAIRS_A_ROW = 100.0, 0.02
"""Pairs that the prior shares of levels are worth, whatever the table, and for each of its rows."""

RELATED_PAIRS, RELATED_PAIRS_A_ROW = 1000.0, 0.2
"""The same for related pairs: much more, for the class must stay what it is named for."""

LABEL_PAIRS = 3.0
"""Pairs that a decision *same* is worth: decisions are asked for where the fit is unsure, so they stand for more."""

VETO = 1e-12
"""Share of matches with a disagreement that is a veto: about minus forty bits."""

CONTEXT_STRENGTH = 20.0
"""Pairs that a context's prior for unrelated pairs is worth: there the data are few, and a namesake's address tells little."""

RARITY_LIMITS = (-8.0, 12.0)
"""Bits that the rarity of one value may take away or add."""


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """Shares of each level, *else* first, among matches, related pairs and other pairs."""

    name: str
    match: tuple[float, ...]
    related: tuple[float, ...]
    other: tuple[float, ...]
    prior_share: float = 1.0

    @property
    def bits(self) -> tuple[float, ...]:
        """Weight of each level in bits: log2 of match over other."""
        return tuple(float(np.log2(m / u)) for m, u in zip(self.match, self.other, strict=True))


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted weights, and the shares of matches and of related pairs among all pairs."""

    fields: tuple[FieldWeights, ...]
    match_share: float
    related_share: float
    pairs: float
    iterations: int = 0
    scale: float = 1.0
    shift: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def prior(self) -> float:
        """Log-odds, in bits, that two rows drawn at random are one person."""
        return float(np.log2(self.match_share / (1 - self.match_share)))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pairs that people decided: their agreement, and whether they are one person."""

    compared: Compared
    same: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """For each pair: probability of a match, and its weight, the bits of its Bayes factor (no prior in it)."""

    probability: Array
    weight: Array


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Distinct agreement patterns: states (patterns, features), how many pairs, and rounded rarity for match and related."""

    states: npt.NDArray[np.uint8]
    count: Array
    rarity_match: Array
    rarity_related: Array


def fit(
    comparers: Sequence[Comparer],
    candidates: Compared,
    others: Compared,
    *,
    pairs: float,
    rows: int,
    related: bool = True,
    sampled: float = 1.0,
    labelled: Labelled | None = None,
) -> Fit:
    """Fit the classes to ``candidates`` and a uniform sample ``others`` of the pairs that are no candidates.

    ``pairs`` is the number of all pairs, ``rows`` of records; each of ``candidates`` stands for ``sampled`` pairs;
    ``labelled`` pairs are of a known class, and calibrate the result.
    """
    seen = _patterns(comparers, candidates, sampled)
    unseen = max(pairs - sampled * candidates.states.shape[1], 0.0)
    background = [back + _smooth(c, back) for back, c in zip(_background(comparers, others, unseen), comparers, strict=True)]
    strength = PRIOR_PAIRS + PRIOR_PAIRS_A_ROW * rows
    prior_match = [_prior(c, c.levels.match) * strength for c in comparers]
    prior_related = [None if c.levels.related is None else _prior(c, c.levels.related) * (RELATED_PAIRS + RELATED_PAIRS_A_ROW * rows) for c in comparers]
    known = _known(comparers, labelled)
    blocks = [len(c.levels.labels) for c in comparers]
    other = [_normal(back, block) for back, block in zip(background, blocks, strict=True)]
    match = [_normal(prior, block) for prior, block in zip(prior_match, blocks, strict=True)]
    kin = [u if p is None else _normal(p, b) for p, u, b in zip(prior_related, other, blocks, strict=True)]
    share, kin_share = 0.3 * rows / pairs, (0.3 * rows / pairs if related else 0.0)
    iteration = 0
    for iteration in range(1, ITERATIONS + 1):
        weights = _posterior(seen, (match, kin, other), share, kin_share) * seen.count
        for i, block in enumerate(blocks):
            found = [_counts(seen, i, weight, len(other[i])) + more for weight, more in zip(weights, known[i], strict=True)]
            other[i] = _normal(found[2] + background[i], block)
            match[i] = _monotone(_normal(found[0] + prior_match[i], block), other[i], block)
            prior = prior_related[i]
            kin[i] = other[i] if prior is None else _monotone(_normal(found[1] + prior, block), other[i], block)
        before, share = share, max(float(weights[0].sum()), 0.5) / pairs
        kin_share = max(float(weights[1].sum()), 0.5) / pairs if related else 0.0
        if abs(np.log(share / before)) < TOLERANCE:
            break
    fields = tuple(
        FieldWeights(c.feature.name, _vetoed(c, m), tuple(k.tolist()), tuple(u.tolist()), float(p.sum() / (p.sum() + share * pairs)))
        for c, m, k, u, p in zip(comparers, match, kin, other, prior_match, strict=True)
    )
    found_fit = Fit(fields, share, kin_share, pairs, iteration)
    return _calibrated(comparers, found_fit, labelled) if labelled is not None else found_fit


def fit_given(
    comparers: Sequence[Comparer], candidates: Compared, others: Compared, probability: Array, *, pairs: float
) -> Fit:
    """Fit the levels to candidates whose probability of a match is known from elsewhere; there is no related class.

    ``probability`` has one value for each candidate pair, ``others`` is a sample of the ``pairs`` that are no candidates.
    """
    back = _background(comparers, others, max(pairs - len(probability), 0.0))
    fields = []
    for states, comparer, counts in zip(candidates.states, comparers, back, strict=True):
        block = len(comparer.levels.labels)
        size = comparer.states + 1
        matched = np.bincount(states, weights=probability, minlength=size)[1:]
        rest = np.bincount(states, weights=1 - probability, minlength=size)[1:]
        other = _normal(rest + counts + _smooth(comparer, counts), block)
        match = _monotone(_normal(matched + _prior(comparer, comparer.levels.match) * PRIOR_PAIRS, block), other, block)
        share = PRIOR_PAIRS / (PRIOR_PAIRS + float(probability.sum()))
        fields.append(FieldWeights(comparer.feature.name, tuple(match.tolist()), tuple(other.tolist()), tuple(other.tolist()), share))
    return Fit(tuple(fields), max(float(probability.sum()), 0.5) / max(pairs, 1.0), 0.0, pairs)


def _known(comparers: Sequence[Comparer], labelled: Labelled | None) -> list[tuple[Array, Array, Array]]:
    """For each feature, the counts that decided pairs add to match, related and other."""
    none = [(np.zeros(c.states), np.zeros(c.states), np.zeros(c.states)) for c in comparers]
    if labelled is None:
        return none
    return [
        (
            np.bincount(states[labelled.same], minlength=c.states + 1)[1:] * LABEL_PAIRS,
            zero,
            np.bincount(states[~labelled.same], minlength=c.states + 1)[1:] * 1.0,
        )
        for states, c, (_, zero, _) in zip(labelled.compared.states, comparers, none, strict=True)
    ]


def _calibrated(comparers: Sequence[Comparer], fitted: Fit, labelled: Labelled) -> Fit:
    log_odds = score(comparers, fitted, labelled.compared).weight + fitted.prior
    found = calibrate(log_odds, labelled.same)
    note = (
        f"calibrated on {len(labelled.same)} decisions ({int(labelled.same.sum())} same): log loss on held-out decisions "
        f"{found.loss_before:.3f} bits before, {found.loss_after:.3f} after"
    )
    if found.loss_after >= found.loss_before:
        return replace(fitted, notes=(note + "; not better, so not applied",))
    return replace(fitted, scale=found.scale, shift=found.shift, notes=(note,))


def _vetoed(comparer: Comparer, match: Array) -> tuple[float, ...]:
    """Shares among matches, with almost none left for a disagreement that is a veto."""
    shares = match.reshape(-1, len(comparer.levels.labels)).copy()
    if comparer.levels.veto:
        shares[:, 0] = VETO
    return tuple(float(share) for share in (shares / shares.sum(axis=1, keepdims=True)).ravel())


def _prior(comparer: Comparer, shares: Sequence[float]) -> Array:
    """Prior shares of each level in each context."""
    low, high = len(shares) // 2, len(shares) - 1
    found = []
    for context in comparer.dependence.contexts:
        block = np.array(shares)
        block[:low] *= context.match[0]
        block[high] *= context.match[1]
        found.append(block / block.sum() / len(comparer.dependence.contexts))
    return np.concatenate(found)


def _patterns(comparers: Sequence[Comparer], compared: Compared, sampled: float) -> _Patterns:
    to_match, to_related = _rarity(comparers, compared)
    steps = np.vstack([np.rint(to_match), np.rint(to_related)]).astype(np.int64)
    key = np.zeros(compared.states.shape[1], np.uint64)
    for row in (*compared.states, *(steps + 512)):
        key = (key ^ row.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.empty(0, np.int64)
    first = order[starts]
    count = np.diff(np.r_[starts, len(ranked)]) * sampled
    return _Patterns(np.ascontiguousarray(compared.states[:, first].T), count, steps[0, first].astype(float), steps[1, first].astype(float))


def _rarity(comparers: Sequence[Comparer], compared: Compared) -> tuple[Array, Array]:
    """Bits of rarity of each pair, for the match class and (household features only) for the related class."""
    clipped = rarity_bits(comparers, compared)
    kin = np.array([c.levels.related is not None for c in comparers], bool)
    return clipped.sum(axis=0, dtype=np.float64), clipped[kin].sum(axis=0, dtype=np.float64)


def rarity_bits(comparers: Sequence[Comparer], compared: Compared) -> npt.NDArray[np.float32]:
    """Bits that the rarity of each agreeing value adds: float32 of shape (features, pairs)."""
    del comparers
    return np.clip(compared.rarity, *RARITY_LIMITS)


def _background(comparers: Sequence[Comparer], others: Compared, unseen: float) -> list[Array]:
    """Counts of each state among the pairs that are no candidates."""
    scale = unseen / max(others.states.shape[1], 1)
    return [np.bincount(states, minlength=c.states + 1)[1:].astype(float) * scale for states, c in zip(others.states, comparers, strict=True)]


def _smooth(comparer: Comparer, background: Array) -> Array:
    """A little of what chance must give, so that no level is impossible among unrelated pairs."""
    levels = len(comparer.levels.labels)
    chance = np.full(levels, 0.1 * comparer.exact_by_chance)
    chance[0] = 1.0
    pseudo = []
    for context, block in zip(comparer.dependence.contexts, background.reshape(-1, levels), strict=True):
        if context.other is None:
            pseudo.append(chance * (1e-3 * block.sum()) + 0.01)
        else:
            pseudo.append(np.array(context.other) * CONTEXT_STRENGTH)
    return np.concatenate(pseudo)


def _counts(seen: _Patterns, feature: int, weights: Array, states: int) -> Array:
    return np.bincount(seen.states[:, feature], weights=weights, minlength=states + 1)[1:]


def _normal(counts: Array, block: int) -> Array:
    """Shares within each block of levels, one block a context."""
    blocks = counts.reshape(-1, block)
    return np.asarray(blocks / blocks.sum(axis=1, keepdims=True)).ravel()


def _posterior(seen: _Patterns, tables: tuple[list[Array], list[Array], list[Array]], share: float, kin_share: float) -> Array:
    logs = np.zeros((3, len(seen.count)))
    for feature in range(seen.states.shape[1]):
        for row, table in enumerate(tables):
            logs[row] += np.r_[0.0, np.log(table[feature])][seen.states[:, feature]]
    logs[0] += seen.rarity_match * np.log(2) + np.log(share)
    logs[1] += seen.rarity_related * np.log(2) + (np.log(kin_share) if kin_share else -np.inf)
    logs[2] += np.log1p(-share - kin_share)
    logs -= logs.max(axis=0)
    chance = np.exp(logs)
    return np.asarray(chance / chance.sum(axis=0))


def _monotone(shares: Array, other: Array, block: int) -> Array:
    """The nearest shares whose weight does not fall as agreement grows (pool adjacent violators on the ratio)."""
    pooled = [_pool(one, two) for one, two in zip(shares.reshape(-1, block), other.reshape(-1, block), strict=True)]
    return _normal(np.concatenate(pooled), block)


def _pool(shares: Array, other: Array) -> Array:
    blocks: list[tuple[float, float, int]] = []
    for share, chance in zip(shares, other, strict=True):
        blocks.append((float(share), float(chance), 1))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = (blocks[-1][0] + last[0], blocks[-1][1] + last[1], blocks[-1][2] + last[2])
    return np.concatenate([np.full(size, share / chance) for share, chance, size in blocks]) * other


def score(comparers: Sequence[Comparer], fitted: Fit, compared: Compared) -> Scores:
    """Probability and weight of each pair under a fit."""
    logs = np.zeros((3, compared.states.shape[1]))
    for states, weights in zip(compared.states, fitted.fields, strict=True):
        for row, table in enumerate((weights.match, weights.related, weights.other)):
            logs[row] += np.r_[0.0, np.log2(table)][states]
    to_match, to_related = _rarity(comparers, compared)
    logs[0] += to_match
    logs[1] += to_related
    rest = 1 - fitted.match_share
    kin = fitted.related_share / rest
    against = np.logaddexp2(logs[2] + np.log2(max(1 - kin, 1e-300)), logs[1] + np.log2(kin) if kin else np.full(logs.shape[1], -np.inf))
    log_odds = fitted.scale * (logs[0] - against + fitted.prior) + fitted.shift
    return Scores(1 / (1 + np.exp2(-np.clip(log_odds, -1000, 1000))), log_odds - fitted.prior)
