"""What each strategy costs a candidate; smaller is better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, as_mask
from socialmerge.merging.assurance import ADMITTED
from socialmerge.merging.candidates import Candidates
from socialmerge.merging.entities import CRM, INFERRED
from socialmerge.merging.keep import Step
from socialmerge.merging.moments import UNDATED
from socialmerge.merging.values import NO_SIZE, VALID, Judged

__all__ = ["cost_of"]

_DAY = 86_400_000_000
_FINE = 1_000_000_000
_ENDLESS = 1e9
"""Halvings after which nothing of a trust is left; with ``_FINE`` steps each they still fit 64 bits."""


def cost_of(step: Step, candidates: Candidates, judged: Judged) -> Ints:
    """Give each candidate the cost that a step of a strategy puts on it."""
    return _COSTS[step.name](step, candidates, judged)


def _age(_step: Step, candidates: Candidates, _judged: Judged) -> Ints:
    return ~candidates.seen  # minus, and one off: the smallest integer has no opposite


def _youth(_step: Step, candidates: Candidates, _judged: Judged) -> Ints:
    return np.where(candidates.first == UNDATED, np.iinfo(np.int64).max, candidates.first)


def _distrust(step: Step, candidates: Candidates, _judged: Judged) -> Ints:
    """Rank by the place of the source, one halving of trust a place; a decay adds halvings since the observation."""
    last = len(step.sources)
    place = {source: number for number, source in enumerate(step.sources)}
    cost = np.array([place.get(source, last) for source in candidates.sources], np.int64)[candidates.source]
    if "crm" in place:  # every row of the customers, unless its own system is named
        cost[(candidates.standing == CRM) & (cost == last)] = place["crm"]
    if not step.half_lives or candidates.as_of is None:
        return cost
    days = dict(step.half_lives)
    half_life = np.array([days.get(source, days.get("", np.inf)) for source in (*step.sources, "")])[cost]
    dated = candidates.seen != UNDATED
    age = np.maximum(candidates.as_of - np.where(dated, candidates.seen, candidates.as_of), 0)
    with np.errstate(over="ignore"):  # a half-life of next to nothing: of trust nothing is left either
        halvings = np.minimum(cost + age / _DAY / half_life, _ENDLESS)
    # An undated value has no trust that could be reckoned: after every dated one, and there by its place.
    halvings[~dated] = _ENDLESS + cost[~dated]
    fine: Ints = np.rint(halvings * _FINE).astype(np.int64)
    return fine


def _rarity(_step: Step, candidates: Candidates, judged: Judged) -> Ints:
    """Count, below zero, the records that hold an equal value."""
    return -_voices(candidates, judged, candidates.row)


def _discord(step: Step, candidates: Candidates, judged: Judged) -> Ints:
    return (_voices(candidates, judged, candidates.source) < step.count).astype(np.int64)


def _voices(candidates: Candidates, judged: Judged, speaker: Ints) -> Ints:
    """Count the different speakers for each value; what is kept out, only inferred, or said no more has no vote.

    Otherwise whoever opens accounts in a customer's name could outvote what the customer table says.
    """
    pair = candidates.entity * (judged.key.max() + 1) + judged.key
    _, pair = np.unique(pair, return_inverse=True)
    has_vote = (candidates.admission == ADMITTED) & (candidates.standing != INFERRED) & ~candidates.is_past
    _, once = np.unique(pair[has_vote] * (speaker.max() + 1) + speaker[has_vote], return_index=True)
    return np.bincount(pair[has_vote][once], minlength=int(pair.max()) + 1)[pair]


def _gaps(_step: Step, _candidates: Candidates, judged: Judged) -> Ints:
    return -judged.completeness


def _shortness(_step: Step, candidates: Candidates, _judged: Judged) -> Ints:
    length: Ints = pc.utf8_length(candidates.value).to_numpy(zero_copy_only=False).astype(np.int64)
    is_flag = as_mask(pc.is_in(pc.utf8_lower(candidates.value), pa.array(["true", "false"])))
    return -np.where(is_flag, len("true"), length)  # "false" says no more than "true"


def _flaws(_step: Step, _candidates: Candidates, judged: Judged) -> Ints:
    return VALID - judged.standing


def _size(_step: Step, _candidates: Candidates, judged: Judged) -> Ints:
    return np.where(judged.size == NO_SIZE, np.iinfo(np.int64).max, judged.size)


def _smallness(_step: Step, _candidates: Candidates, judged: Judged) -> Ints:
    return np.where(judged.size == NO_SIZE, np.iinfo(np.int64).max, -judged.size)


_COSTS: dict[str, Callable[[Step, Candidates, Judged], Ints]] = {
    "newest": _age,
    "oldest": _youth,
    "trusted": _distrust,
    "most_frequent": _rarity,
    "most_complete": _gaps,
    "longest": _shortness,
    "validated": _flaws,
    "agreed": _discord,
    "min": _size,
    "max": _smallness,
}
