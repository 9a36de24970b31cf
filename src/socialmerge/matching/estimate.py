"""Estimate weights without labels: a mixture of three classes fitted by expectation maximisation.

The fit sees every candidate pair once and a sample of all the other pairs, weighted up to their number, so that what
agrees by chance is measured on the universe of pairs and not on the candidates, which are unlike it.

Method: EM on counts of agreement patterns as in Winkler (1988); Dirichlet priors and monotone weights keep the classes
what they are named for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.learn import Labelled, learn
from socialmerge.matching.missed import Draws
from socialmerge.matching.patterns import Patterns, patterns
from socialmerge.matching.priors import (
    PRIOR_PAIRS,
    PRIOR_PAIRS_A_ROW,
    Before,
    normal,
    prior_shares,
    priors,
    smoothed,
)
from socialmerge.matching.weigh import FieldWeights, Fit
from socialmerge.parallel import each

__all__ = ["fit", "fit_given", "fit_matches"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ITERATIONS = 100
TOLERANCE = 1e-4
LEAST_AGREEMENT, CLEARLY_MORE = 0.35, 0.02
"""Share of what tells rows apart that matches must agree on, and by how much more one fit's must than another's."""

LEAST_NAMED = 0.8
"""How often given names of matches must agree for each time that family names do; else they are households or staff."""

DOUBTLESS = 0.01
"""Candidates below this probability are certainly two people."""

MOST_SHARE = 0.9
"""Of all pairs at most these are of one person or of relatives."""

VETO = 1e-12
"""Share of matches with a disagreement that is a veto: about minus forty bits."""

ROUNDS, LEAST_RECALL, NO_MORE = 6, 0.3, 0.003
"""How often missed pairs are drawn anew, the least recall that is believed, and a change of it that is none."""


@dataclass(frozen=True, slots=True)
class _Data:
    """What is fitted: agreement of candidates by pattern, how many pairs there are, whether relatives are a class."""

    comparers: Sequence[Comparer]
    seen: Patterns
    pairs: float
    related: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """One fit, how far its matches agree, and from where to go on: what was known before, and shares of states."""

    fitted: Fit
    agreement: float
    named: float
    before: Sequence[Before]
    shares: Sequence[_Shares]


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
    draws: Draws | None = None,
) -> Fit:
    """Fit the classes to ``candidates`` and a uniform sample ``others`` of the pairs that are no candidates.

    ``pairs`` is the number of all pairs, ``rows`` of records; each of ``candidates`` stands for ``sampled`` pairs;
    ``labelled`` pairs are of a known class, and correct the result. With ``draws`` the matches that no key found are
    counted in.
    """
    data = _Data(comparers, patterns(comparers, candidates, sampled), pairs, related)
    background = _background(comparers, others, max(pairs - sampled * candidates.states.shape[1], 0.0))
    notes: tuple[str, ...] = ()
    for strength in PRIOR_PAIRS_A_ROW:
        best = _best_of(data, priors(comparers, background, rows, strength), rows)
        if best.agreement >= LEAST_AGREEMENT and best.named >= LEAST_NAMED:
            break
        notes = (*notes, f"fitted again with a firmer prior: {_doubt(best)}")
    fitted = replace(best.fitted if draws is None else _with_missed(data, best, draws), notes=notes)
    return learn(comparers, fitted, labelled) if labelled is not None else fitted


def _best_of(data: _Data, priors: Sequence[Sequence[Before]], rows: int) -> _Found:
    """Of the fits from either beginning under each prior the first, unless the matches of a later one agree more."""

    def tried(start: tuple[Sequence[Before], bool]) -> _Found:
        return _maximise(data, start[0], rows, everything=start[1])

    tries = each(tried, [(before, everything) for before in priors for everything in (True, False)])
    best = next(tries)
    for found in tries:
        if found.agreement > best.agreement + CLEARLY_MORE:
            best = found
    return best


def _maximise(data: _Data, before: Sequence[Before], rows: int, *, everything: bool) -> _Found:
    """Fit from a beginning: the likelihood has several peaks.

    ``everything`` begins with all pairs for what strangers look like, which is safe where most candidates are
    strangers; without it candidates are left out, which is better where most are matches.
    """
    counts = data.seen.counts(data.seen.count if everything else np.zeros(len(data.seen.count)))
    shares = [_start(one, count) for one, count in zip(before, counts, strict=True)]
    share = 0.3 * rows / data.pairs
    return _converged(data, before, shares, _possible(share, share if data.related else 0.0))


def _converged(
    data: _Data, before: Sequence[Before], shares: Sequence[_Shares], begin: tuple[float, float], missed: float = 0.0
) -> _Found:
    """Expectation and maximisation until the share of matches stands still.

    ``begin`` are the shares of matches and relatives to begin with, ``missed`` is how many matches are missed for each
    one that is found.
    """
    seen, pairs, (share, kin_share), iteration = data.seen, data.pairs, begin, 0
    while iteration < ITERATIONS:
        iteration += 1
        weights = _posterior(seen, shares, share, kin_share) * seen.count
        counts = zip(*(seen.counts(weight) for weight in weights), strict=True)
        shares = [_maximised(one, *count) for one, count in zip(before, counts, strict=True)]
        last = share
        found = [max(float(weight.sum()), 0.5) / pairs for weight in weights]
        share, kin_share = _possible(found[0] * (1 + missed), found[1] if data.related else 0.0)
        if abs(np.log(share / last)) < TOLERANCE:
            break
    fields = tuple(
        FieldWeights(
            c.feature.name, _vetoed(c, one.match), _floats(one.related), _floats(one.other), b.share(share * pairs)
        )
        for c, one, b in zip(data.comparers, shares, before, strict=True)
    )
    fitted = Fit(fields, share, kin_share, pairs, iteration)
    matches = seen.counts(weights[0])
    return _Found(fitted, _agreement(data.comparers, matches), _named(data.comparers, matches), before, shares)


def _with_missed(data: _Data, best: _Found, draws: Draws) -> Fit:
    """Go on from a fit with the number of the matches that no key found, until it stands still."""
    missed = 0.0
    for _ in range(ROUNDS):
        drawn = draws.of(best.fitted)
        recall = max(drawn.recall, LEAST_RECALL)
        last, missed = missed, (1 - recall) / recall
        if abs(missed - last) < NO_MORE:
            break
        begin = (best.fitted.match_share, best.fitted.related_share)
        best = _converged(data, best.before, best.shares, begin, missed)
    return best.fitted


def _agreement(comparers: Sequence[Comparer], matches: Sequence[Array]) -> float:
    """How far matches agree, exactly or nearly, on the features that tell rows apart: their share, by bits.

    Where fields hang together in ways that the model does not know (one agency, one director, one website), the
    likeliest classes may be *one agency* and *another*. What tells rows apart then disagrees among the matches.
    """
    total, agreed = 0.0, 0.0
    for comparer, states in zip(comparers, matches, strict=True):
        levels = len(comparer.levels.labels)
        counts = states.reshape(-1, levels).sum(axis=0)
        bits = -np.log2(comparer.exact_by_chance) * counts.sum()
        total += bits
        agreed += bits * counts[max(levels - 2, 1) :].sum() / max(counts.sum(), 1e-9)
    return float(agreed / total) if total else 1.0


def _named(comparers: Sequence[Comparer], matches: Sequence[Array]) -> float:
    """How often given names of matches are similar at least, for each time that family names are; 1 without names.

    A household, or the staff of one branch, shares so much (address, number, firm) that by bits it is the likeliest
    class of all; but two rows with different given names are seldom one person. Names that are badly written differ in
    both parts; of staff both differ always, so family names count as similar in half of the pairs at least.
    """
    alike: dict[str, float] = {}
    for comparer, states in zip(comparers, matches, strict=True):
        counts = states.reshape(-1, len(comparer.levels.labels)).sum(axis=0)
        alike.setdefault(comparer.feature.comparison, float(counts[1:].sum() / max(counts.sum(), 1e-9)))
    if not {"given", "family"} <= alike.keys():
        return 1.0
    return alike["given"] / max(alike["family"], 0.5)


def _doubt(found: _Found) -> str:
    if found.agreement < LEAST_AGREEMENT:
        return f"matches agreed on {found.agreement:.0%} of what tells people apart"
    return f"given names of matches agreed {found.named:.0%} as often as family names"


def _possible(share: float, kin_share: float) -> tuple[float, float]:
    """Shares that leave some for other pairs, also where there are only one or two pairs in all."""
    scale = min(1.0, MOST_SHARE / (share + kin_share))
    return share * scale, kin_share * scale


@dataclass(frozen=True, slots=True)
class _Shares:
    """Shares of each state of one feature among matches, related pairs and others."""

    match: Array
    related: Array
    other: Array


def _start(before: Before, candidates: Array) -> _Shares:
    """Begin with what the prior says of matches."""
    other = normal(candidates + before.other, before.block)
    related = other if before.related is None else normal(before.related, before.block)
    return _Shares(normal(before.match, before.block), related, other)


def _maximised(before: Before, match: Array, related: Array, other: Array) -> _Shares:
    """Shares of a feature's states that fit the weight of each in three classes best, with those of the prior."""
    block = before.block
    by_chance = normal(other + before.other, block)
    return _Shares(
        _monotone(normal(match + before.match, block), by_chance, block),
        by_chance if before.related is None else _monotone(normal(related + before.related, block), by_chance, block),
        by_chance,
    )


def _floats(shares: Array) -> tuple[float, ...]:
    return tuple(shares.tolist())


def fit_given(
    comparers: Sequence[Comparer], candidates: Compared, others: Compared, probability: Array, *, pairs: float
) -> Fit:
    """Fit the levels to candidates whose probability of a match is known from elsewhere; there is no related class.

    ``probability`` has one value for each candidate pair, ``others`` is a sample of the ``pairs`` that are no
    candidates.
    """
    back = _background(comparers, others, max(pairs - len(probability), 0.0))
    # a pair in doubt may be the customer's second row: it says nothing of how strangers agree
    apart = np.where(probability < DOUBTLESS, 1 - probability, 0.0)
    fields = []
    for states, comparer, counts in zip(candidates.states, comparers, back, strict=True):
        block = len(comparer.levels.labels)
        size = comparer.states + 1
        matched = np.bincount(states, weights=probability, minlength=size)[1:]
        rest = np.bincount(states, weights=apart, minlength=size)[1:]
        other = normal(rest + counts + smoothed(comparer, counts), block)
        match = _monotone(
            normal(matched + prior_shares(comparer, comparer.levels.match) * PRIOR_PAIRS, block), other, block
        )
        share = PRIOR_PAIRS / (PRIOR_PAIRS + float(probability.sum()))
        fields.append(FieldWeights(comparer.feature.name, _floats(match), _floats(other), _floats(other), share))
    return Fit(tuple(fields), max(float(probability.sum()), 0.5) / max(pairs, 1.0), 0.0, pairs)


def fit_matches(
    comparers: Sequence[Comparer], fitted: Fit, states: npt.NDArray[np.uint8], probability: Array, *, rows: int
) -> Fit:
    """A fit with the shares of levels among matches, and of matches, as pairs of known probability have them.

    ``states`` are of all pairs that may be matches; what relatives and strangers look like stays as it was.
    """
    strength = PRIOR_PAIRS + PRIOR_PAIRS_A_ROW[0] * rows
    matches = float(probability.sum())
    fields = []
    for one, comparer, weights in zip(states, comparers, fitted.fields, strict=True):
        block = len(comparer.levels.labels)
        counts = np.bincount(one, weights=probability, minlength=comparer.states + 1)[1:]
        before = prior_shares(comparer, comparer.levels.match) * strength
        match = _monotone(normal(counts + before, block), np.array(weights.other), block)
        fields.append(replace(weights, match=_vetoed(comparer, match), prior_share=strength / (strength + matches)))
    return replace(fitted, fields=tuple(fields), match_share=min(max(matches, 0.5) / fitted.pairs, MOST_SHARE))


def _vetoed(comparer: Comparer, match: Array) -> tuple[float, ...]:
    """Shares among matches, with almost none left for a disagreement that is a veto."""
    shares = match.reshape(-1, len(comparer.levels.labels)).copy()
    if comparer.levels.veto:
        shares[:, 0] = VETO
    return tuple(float(share) for share in (shares / shares.sum(axis=1, keepdims=True)).ravel())


def _background(comparers: Sequence[Comparer], others: Compared, unseen: float) -> list[Array]:
    """Counts of each state among the pairs that are no candidates."""
    scale = unseen / max(others.states.shape[1], 1)
    return [
        np.bincount(states, minlength=c.states + 1)[1:].astype(float) * scale
        for states, c in zip(others.states, comparers, strict=True)
    ]


def _posterior(seen: Patterns, shares: Sequence[_Shares], share: float, kin_share: float) -> Array:
    """Probability of match, related and other for each pattern, of shape (3, patterns)."""
    tables = ([one.match for one in shares], [one.related for one in shares], [one.other for one in shares])
    logs = np.vstack([seen.total([np.log(one) for one in table]) for table in tables])
    logs[0] += seen.rarity_match * np.log(2) + np.log(share)
    logs[1] += seen.rarity_related * np.log(2) + (np.log(kin_share) if kin_share else -np.inf)
    logs[2] += np.log1p(-share - kin_share)
    logs -= logs.max(axis=0)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=0)
    return logs


def _monotone(shares: Array, other: Array, block: int) -> Array:
    """The nearest shares whose weight does not fall as agreement grows (pool adjacent violators on the ratio)."""
    pooled = [_pool(one, two) for one, two in zip(shares.reshape(-1, block), other.reshape(-1, block), strict=True)]
    return normal(np.concatenate(pooled), block)


def _pool(shares: Array, other: Array) -> Array:
    blocks: list[tuple[float, float, int]] = []
    for share, chance in zip(shares, other, strict=True):
        blocks.append((float(share), float(chance), 1))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = (blocks[-1][0] + last[0], blocks[-1][1] + last[1], blocks[-1][2] + last[2])
    return np.concatenate([np.full(size, share / chance) for share, chance, size in blocks]) * other
