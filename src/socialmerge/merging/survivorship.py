"""Choosing which of the claims of one field each entity keeps: every strategy is a cost, every choice a sort.

A strategy gives each candidate a cost, smaller is better, and strategies compose as the columns of one lexicographic
sort, which ends in the total order *empty, assurance, strategies, valid, trust, last seen, source, completeness,
value bytes, claim id*. So no choice depends on the order of the input, and no Python runs per candidate: values are
parsed only where the texts of one entity differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from socialmerge.merging.arrays import Ints, Mask, rank_codes
from socialmerge.merging.assurance import ADMITTED
from socialmerge.merging.candidates import Candidates
from socialmerge.merging.costs import cost_of
from socialmerge.merging.entities import CRM, INFERRED, NEW
from socialmerge.merging.keep import Strategy
from socialmerge.merging.values import EMPTY, VALID, Judged

__all__ = ["Outcome", "survive"]

Judge = Callable[[Ints], Judged]
Cost = tuple[str, Ints]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which candidates are kept, and which are rejected against which.

    All are indices of candidates; ``against`` is -1 where the entity keeps nothing; the rules are indices into
    ``names``. A rejected value that equals a kept one after normalisation is not listed.
    """

    kept: Ints
    kept_rule: Ints
    rejected: Ints
    against: Ints
    rejected_rule: Ints
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Candidates of entities that have several: ``run`` numbers the entity, ``winner`` is its best candidate."""

    candidates: Candidates
    run: Ints
    winner: Ints
    costs: list[Cost]
    names: list[str]

    @property
    def admitted(self) -> Mask:
        mask: Mask = self.candidates.admission == ADMITTED
        return mask


_NAMES = (
    *("only", "agreed", "fill", "assurance", "empty", "every", "refused"),
    *("valid", "trust", "last seen", "source", "completeness", "value", "claim id"),
)
_ONLY, _AGREED, _FILL, _ASSURANCE, _EVERY = 0, 1, 2, 3, 5

_Part = tuple[Ints, Ints, Ints, Ints, Ints]


def survive(candidates: Candidates, strategy: Strategy, judge: Judge, *, social: str) -> Outcome:
    """Choose what each entity keeps.

    ``judge`` takes places of candidates and judges their values; it is asked only about entities whose values differ.
    ``social`` is that of the policy. Entities with one candidate are settled without a sort.
    """
    count = np.bincount(candidates.entity)[candidates.entity] if len(candidates) else np.empty(0, np.int64)
    alone, several = np.flatnonzero(count == 1), np.flatnonzero(count > 1)
    parts = [_settle(candidates.take(alone), alone, strategy)]
    if len(several):
        several = several[np.argsort(candidates.entity[several], kind="stable")]
        parts.append(_contest(candidates.take(several), several, strategy, judge, social=social))
    kept, kept_rule, rejected, against, rule = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Outcome(kept, kept_rule, rejected, against, rule, (*_NAMES, *map(str, strategy.steps)))


def _settle(alone: Candidates, at: Ints, strategy: Strategy) -> _Part:
    admitted = alone.admission == ADMITTED
    rule = np.where(alone.standing < NEW, _FILL, _ONLY)
    if strategy.keeps_every:
        rule = np.full(len(at), _EVERY)
    out = at[~admitted]
    return at[admitted], rule[admitted], out, np.full(len(out), -1), np.full(len(out), _ASSURANCE)


def _contest(candidates: Candidates, at: Ints, strategy: Strategy, judge: Judge, *, social: str) -> _Part:
    """Settle entities with several candidates, which lie side by side."""
    starts = np.flatnonzero(np.diff(candidates.entity, prepend=-1))
    judged = _judged(candidates, starts, at, judge)
    head = _head(candidates, judged, strategy, social)
    costs = [*head, *_total_order(candidates, judged)]
    order = _sorted(candidates.entity, [cost for _, cost in costs])
    run = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(candidates)))
    ranked = _Ranked(candidates, run, order[starts][run], costs, [*_NAMES, *map(str, strategy.steps)])
    first = _first_of_key(order, run, judged.key)
    if strategy.keeps_every:
        kept, losing = _keep_tied(first, ranked, head)
        kept_rule = np.full(len(kept), _EVERY)
    else:
        kept, losing = _keep_best(first, ranked, judged.key)
        kept_rule = _winning_rule(kept, losing, ranked)
    # What stands for nothing is no value that was rejected, unless nothing but such values is there.
    losing = losing[(judged.standing[losing] != EMPTY) | (judged.standing[ranked.winner[losing]] == EMPTY)]
    rule = np.where(ranked.admitted[losing], _deciding(losing, ranked), _ASSURANCE)
    best = ranked.winner[losing]
    against = np.where(ranked.admitted[best], at[best], -1)
    return at[kept], kept_rule, at[losing], against, rule


def _keep_best(first: Ints, ranked: _Ranked, key: Ints) -> tuple[Ints, Ints]:
    """Keep each entity's best candidate if it may enter at all; other values lose."""
    best = ranked.winner[first]
    is_best = key[first] == key[best]
    kept = first[is_best & ranked.admitted[best]]
    return kept, first[~is_best | ~ranked.admitted[best]]


def _keep_tied(first: Ints, ranked: _Ranked, head: list[Cost]) -> tuple[Ints, Ints]:
    """Keep each distinct value that the strategy leaves tied with the best."""
    tied = ranked.admitted & np.logical_and.reduce([cost == cost[ranked.winner] for _, cost in head])
    return first[tied[first]], first[~tied[first]]


def _judged(candidates: Candidates, starts: Ints, at: Ints, judge: Judge) -> Judged:
    """Judge the values of the entities whose texts differ; the others share one key and need no parsing."""
    low = np.minimum.reduceat(candidates.same, starts)
    high = np.maximum.reduceat(candidates.same, starts)
    sizes = np.diff(starts, append=len(candidates))
    disputed = np.repeat(low != high, sizes)
    standing = np.full(len(candidates), VALID, np.int64)
    key, completeness, size, refuses = (np.zeros(len(candidates), np.int64) for _ in range(4))
    if disputed.any():
        found = judge(at[disputed])
        standing[disputed], key[disputed] = found.standing, found.key
        completeness[disputed], size[disputed] = found.completeness, found.size
        refuses[disputed] = found.refuses
    return Judged(standing, key, completeness, size, refuses)


def _head(candidates: Candidates, judged: Judged, strategy: Strategy, social: str) -> list[Cost]:
    """Order what comes before the tie-breaks: admission, blanks, the strategy, the customers before social data."""
    costs = [("assurance", _int(candidates.admission != ADMITTED)), ("empty", _int(judged.standing == EMPTY))]
    if judged.refuses.any():  # above every rule but that of the field itself, under which nothing refuses
        costs.append(("refused", -judged.refuses))
    # A pin comes before all of this, and ``every`` after it.
    steps = [step for step in strategy.steps if step.name not in ("every", "pinned")]
    if strategy.keeps_every:
        return [*costs, *((str(step), cost_of(step, candidates, judged)) for step in steps)]
    # What is inferred overwrites nothing, whatever the policy says.
    costs.append(("assurance", _int(candidates.standing == INFERRED)))
    while steps and steps[0].name == "trusted":
        step = steps.pop(0)
        costs.append((str(step), cost_of(step, candidates, judged)))
    if social == "fill":
        costs.append(("fill", _int(candidates.standing < CRM)))
    return [*costs, *((str(step), cost_of(step, candidates, judged)) for step in steps)]


def _total_order(candidates: Candidates, judged: Judged) -> list[Cost]:
    return [
        ("valid", VALID - judged.standing),
        ("trust", -candidates.trust),
        ("last seen", ~candidates.seen),
        ("source", candidates.source),
        ("completeness", -judged.completeness),
        ("value", rank_codes(candidates.value)[0]),
        ("claim id", candidates.claim),
    ]


def _sorted(entity: Ints, costs: list[Ints]) -> Ints:
    """Sort by entity, then by the costs; a cost that is the same for all sorts nothing."""
    telling = [cost for cost in costs if len(cost) and (cost != cost[0]).any()]
    return np.lexsort([*reversed(telling), entity])


def _first_of_key(order: Ints, run: Ints, key: Ints) -> Ints:
    """Give the best candidate of each distinct value of each entity, in the order of entities and of rank."""
    pair = run[order] * (key.max() + 1) + key[order]
    _, place = np.unique(pair, return_index=True)
    return order[np.sort(place)]


def _deciding(losing: Ints, ranked: _Ranked) -> Ints:
    """Name the first cost by which each losing candidate is worse than its entity's winner."""
    winner = ranked.winner[losing]
    rule = np.full(len(losing), -1)
    for name, cost in ranked.costs:
        decides = (rule < 0) & (cost[losing] > cost[winner])
        rule[decides] = ranked.names.index(name)
    return rule


def _winning_rule(kept: Ints, losing: Ints, ranked: _Ranked) -> Ints:
    """Name what made each winner win: the rule against the best admitted loser, or that there was none."""
    run = ranked.run
    voices = np.bincount(run, weights=ranked.admitted)
    unopposed = np.where(ranked.candidates.standing[kept] < NEW, _FILL, _ONLY)
    rule = np.where(voices[run[kept]] > 1, _AGREED, unopposed)
    rivals = losing[ranked.admitted[losing]]
    best = rivals[np.unique(run[rivals], return_index=True)[1]]  # losing is in order of rank
    by_run = np.full(len(voices), -1)
    by_run[run[best]] = _deciding(best, ranked)
    decided = by_run[run[kept]]
    return np.where(decided >= 0, decided, rule)


def _int(mask: Mask) -> Ints:
    return mask.astype(np.int64)
