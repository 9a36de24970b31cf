"""Joining records by links, the surest first, without breaking a rule; near ties join neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.components import components
from socialmerge.merging.arrays import Ints, Mask
from socialmerge.merging.forest import DIFFERENT, NEAR, REASONS, Forest, Marks

__all__ = ["Joined", "Joins", "Rules", "join"]

Floats = npt.NDArray[np.float64]

_IDENTIFIER, _VERIFIED, _INFERRED = 0, 1, 2
"""Ranks of links: that two records are one account, that proof carries it, that it is likely."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What no link may break, over ``size`` rows.

    ``unit`` is the first of the rows that people decided to be the same as a row. ``left`` and ``right`` are people's
    pairs that differ. ``row`` has an ``account`` of a ``channel``, ``verified`` or not.
    """

    size: int
    unit: Ints
    is_customer: Mask
    left: Ints
    right: Ints
    row: Ints
    channel: Ints
    account: Ints
    verified: Mask


@dataclass(frozen=True, slots=True)
class Joins:
    """Links in the order in which they are taken: identifiers, then verified ones, then by weight, then by rows."""

    left: Ints
    right: Ints
    weight: Floats
    tier: Ints

    @classmethod
    def of(cls, left: Ints, right: Ints, weight: Floats, verified: Mask) -> Joins:
        """Each pair once, by its surest link."""
        return cls._sorted(left, right, weight, np.where(verified, _VERIFIED, _INFERRED))

    @classmethod
    def _sorted(cls, left: Ints, right: Ints, weight: Floats, tier: Ints) -> Joins:
        low, high = np.minimum(left, right), np.maximum(left, right)
        order = np.lexsort((high, low, -weight, tier))
        order = order[low[order] != high[order]]
        packed = low[order] * (int(high.max(initial=0)) + 1) + high[order]
        order = order[np.sort(np.unique(packed, return_index=True)[1])]
        return cls(low[order], high[order], weight[order], tier[order])

    def __len__(self) -> int:
        return len(self.left)

    def with_identifiers(self, rows: Ints, hubs: Ints) -> Joins:
        """These links after those of rows to the account that they are."""
        return Joins(
            np.concatenate([rows, self.left]),
            np.concatenate([hubs, self.right]),
            np.concatenate([np.zeros(len(rows)), self.weight]),
            np.concatenate([np.full(len(rows), _IDENTIFIER), self.tier]),
        )


@dataclass(frozen=True, slots=True)
class Joined:
    """``labels`` name each row's entity by its first row; ``refused`` are links by their place.

    ``reason`` says in words why each was refused, ``pair`` is the place of the decision that forbids it, or -1.
    """

    labels: Ints
    refused: Ints
    reason: list[str]
    pair: Ints


def join(rules: Rules, links: Joins, *, near_bits: float) -> Joined:
    """Take the links in their order, each one that breaks no rule.

    Where no rule is in reach of any link of a component, the component is the entity; only the others are gone
    through link by link.
    """
    hubs = _hubs(rules)
    every = links.with_identifiers(rules.row[hubs >= 0], hubs[hubs >= 0])
    size = max(rules.size, int(hubs.max(initial=-1)) + 1)
    unit = np.concatenate([rules.unit, np.arange(rules.size, size)])
    left, right = unit[every.left], unit[every.right]
    label = components(size, np.concatenate([left, np.arange(size)]), np.concatenate([right, unit]))
    contested = _contested(rules, links, label)
    within = np.flatnonzero(contested[label[left]] & (left != right))
    if not len(within):
        return Joined(label[: rules.size], np.empty(0, np.int64), [], np.empty(0, np.int64))
    taken, why = _taken(rules, unit, every, within, near_bits=near_bits)
    free = ~contested[label[left]]
    kept = np.concatenate([np.flatnonzero(free), taken])
    ends = np.concatenate([left[kept], np.arange(size)]), np.concatenate([right[kept], unit])
    found = components(size, *ends)[: rules.size]
    first = len(every) - len(links)
    refused = np.array([at - first for at in sorted(why) if at >= first], np.int64)
    codes = [why[at + first] for at in refused.tolist()]
    pairs = np.array([pair if code == DIFFERENT else -1 for code, pair in codes], np.int64)
    return Joined(found, refused, [REASONS[code] for code, _ in codes], pairs)


def _hubs(rules: Rules) -> Ints:
    """For each row with an account a node that stands for the account, -1 where no other row has it."""
    _, code, count = np.unique(
        np.stack([rules.channel, rules.account], axis=1), axis=0, return_inverse=True, return_counts=True
    )
    code = code.reshape(-1)
    return np.where(count[code] > 1, rules.size + code, -1)


def _contested(rules: Rules, links: Joins, label: Ints) -> Mask:
    """Which components hold what may be a reason to refuse a link."""
    found = np.zeros(len(label), np.bool_)
    inside = label[rules.left] == label[rules.right]
    found[label[rules.left[inside]]] = True
    # customers are joined by people and by links among themselves; where that leaves two, only a profile joins them
    both = rules.is_customer[links.left] & rules.is_customer[links.right]
    rows = np.arange(rules.size)
    ends = np.concatenate([links.left[both], rows]), np.concatenate([links.right[both], rules.unit])
    crm = components(rules.size, *ends)
    customers = np.flatnonzero(rules.is_customer)
    found |= _several(label[customers], crm[customers], len(label))
    verified = np.zeros(len(label), np.bool_)
    verified[label[rules.row[rules.verified]]] = True
    at = label[rules.row]
    for channel in np.unique(rules.channel[rules.verified]).tolist():
        of = rules.channel == channel
        found |= verified & _several(at[of], rules.account[of], len(label))
    return found


def _several(label: Ints, value: Ints, size: int) -> Mask:
    """Which labels have more than one value."""
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1, np.int64)
    np.minimum.at(low, label, value)
    np.maximum.at(high, label, value)
    found: Mask = (high >= 0) & (low < high)
    return found


def _taken(
    rules: Rules, unit: Ints, links: Joins, within: Ints, *, near_bits: float
) -> tuple[Ints, dict[int, tuple[int, int]]]:
    """Go through the contested links; give the places of those taken, and why each other one was not."""
    marks = _marks(rules, unit)
    steps = _steps(rules, unit, links, within)
    forest, taken, why = Forest(marks), list[int](), dict[int, tuple[int, int]]()
    for at, one, other, customers in steps:
        code, pair = forest.forbids(one, other, customers=customers)
        if code:
            why[at] = code, pair
        else:
            taken.append(at)
            forest.join(one, other, at)
    # what was refused on the way may have been joined by weaker links since
    refused = [step for step in steps if step[0] in why and not forest.joined(step[1], step[2])]
    cut, tied = _near_ties(forest, steps, refused, set(taken), links, near_bits=near_bits)
    near = dict.fromkeys(cut | tied, (NEAR, -1))
    return np.array([at for at in taken if at not in cut], np.int64), {at: why[at] for at, *_ in refused} | near


_Step = tuple[int, int, int, bool]
"""A link's place, its two units, and whether it is one between customers."""


def _steps(rules: Rules, unit: Ints, links: Joins, places: Ints) -> list[_Step]:
    left, right = links.left[places], links.right[places]
    is_customer = np.append(rules.is_customer, np.zeros(len(unit) - rules.size, np.bool_))
    both = is_customer[left] & is_customer[right]
    return list(zip(places.tolist(), unit[left].tolist(), unit[right].tolist(), both.tolist(), strict=True))


def _near_ties(
    forest: Forest, steps: list[_Step], refused: list[_Step], taken: set[int], links: Joins, *, near_bits: float
) -> tuple[set[int], set[int]]:
    """Links that were taken and are hardly surer than one that they shut out, and those that were shut out so.

    What a link that is cut had shut out stays out: the evidence for it is no better than before.
    """
    cut, tied = set[int](), set[int]()
    while True:
        found = set[int]()
        for at, one, other, customers in refused:
            rival = forest.in_the_way(one, other, customers=customers)
            if rival is None or links.tier[rival] != links.tier[at]:
                continue
            if abs(links.weight[rival] - links.weight[at]) <= near_bits:
                found.add(rival)
                tied.add(at)
        if not found:
            return cut, tied
        cut |= found
        refused = [step for step in refused if step[0] in tied]
        forest = forest.without_links()
        for at, one, other, _ in steps:
            if at in taken and at not in cut:
                forest.join(one, other, at)


def _marks(rules: Rules, unit: Ints) -> Marks:
    """What each unit brings along."""
    ends = tuple(zip(unit[rules.left].tolist(), unit[rules.right].tolist(), strict=True))
    pairs: dict[int, set[int]] = {}
    for place, both in enumerate(ends):
        for end in both:
            pairs.setdefault(end, set()).add(place)
    accounts: dict[int, dict[int, dict[int, bool]]] = {}
    columns = (unit[rules.row], rules.channel, rules.account, rules.verified)
    for row, channel, account, verified in zip(*(column.tolist() for column in columns), strict=True):
        own = accounts.setdefault(row, {}).setdefault(channel, {})
        own[account] = own.get(account, False) or verified
    customers = frozenset(unit[: rules.size][rules.is_customer].tolist())
    return Marks(customers, ends, {end: frozenset(own) for end, own in pairs.items()}, accounts)
