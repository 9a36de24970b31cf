"""Pairs that people decided: what contradicts what, and how they bind what is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from socialmerge.matching.components import components

__all__ = ["DECIDED", "Judge", "Known", "abide", "bind", "sides_of"]

Rows = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DECIDED = 1e9
"""Log-odds, in bits, of a pair that a person decided: nothing that is found outweighs it."""
AGAINST = -7.0
"""Log-odds, in bits, below which two clusters do not become one because a row of either is one person."""
ROUNDS = 4
"""How often rows may change sides where a cluster is parted."""


@dataclass(frozen=True, slots=True)
class Known:
    """Pairs that people decided: rows of the left and of the right table, int32, and whether they are one person."""

    left: Rows
    right: Rows
    same: Flags

    def over(self, left_rows: int) -> Known:
        """The same pairs with rows numbered over the left table's rows followed by the right's."""
        return Known(self.left, (self.right + left_rows).astype(np.int32), self.same)

    def people(self, rows: int) -> Ints:
        """For each of ``rows`` rows the first of those that decisions join with it, one by one."""
        return components(rows, self.left[self.same], self.right[self.same])

    def contrary(self, rows: int) -> Flags:
        """Which pairs were decided *different*, though decisions *same* join them, directly or by way of others."""
        people = self.people(rows)
        return np.asarray(~self.same & (people[self.left] == people[self.right]), np.bool_)

    def absent(self, left: Rows, right: Rows) -> Flags:
        """Which of the decided pairs are not among these."""
        others = Known(left, right, np.ones(len(left), bool))
        return np.asarray(others.verdicts(self.left, self.right) == 0, np.bool_)

    def verdicts(self, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
        """For each pair 1 where it was decided *same*, -1 where *different*, 0 where nobody decided."""
        found = np.zeros(len(left), np.int8)
        if not len(self.left) or not len(left):
            return found
        size = int(max(self.right.max(), np.max(right))) + 1
        own = self.left.astype(np.int64) * size + self.right
        order = np.argsort(own, kind="stable")
        asked = np.asarray(left, np.int64) * size + right
        place = np.minimum(np.searchsorted(own[order], asked), len(own) - 1)
        hit = own[order][place] == asked
        found[hit] = np.where(self.same[order][place[hit]], 1, -1)
        return found


Judge: TypeAlias = Callable[[Sequence[tuple[Ints, Ints]]], Array]
"""Log-odds, in bits, that two groups of rows are one person, for each two groups."""


def abide(known: Known | None, labels: Ints, judge: Judge) -> Ints:
    """Clusters, as their smallest rows, that hold to what people decided.

    An answer about two rows is one about their clusters: *same* joins them whole, unless the rest of the two can hardly
    be one person, and *different* parts the one that they share, each row going with the part that it fits better.

    >>> told = Known(np.array([0, 2], np.int32), np.array([1, 3], np.int32), np.array([True, False]))
    >>> abide(told, np.array([0, 1, 2, 2]), lambda sides: np.zeros(len(sides))).tolist()
    [0, 0, 2, 3]
    """
    if known is None:
        return labels
    people = known.people(len(labels))
    for person in np.unique(people[known.left[known.same]]).tolist():
        labels = _joined(labels, np.flatnonzero(people == person), judge)
    labels = _first_rows(labels)
    for left, right in zip(known.left[~known.same].tolist(), known.right[~known.same].tolist(), strict=True):
        if labels[left] == labels[right]:
            labels = _parted(labels, people, left, right, judge)
    return labels


def _joined(labels: Ints, rows: Ints, judge: Judge) -> Ints:
    """Labels with rows of one person in one cluster: the clusters become one, or the rows that fit theirs less move."""
    labels = labels.copy()
    for other in np.unique(labels[rows]).tolist():
        home = int(labels[rows[0]])
        if other == home or not np.any(labels[rows] == other):  # the last of them may have moved meanwhile
            continue
        here, there = np.flatnonzero(labels == home), np.flatnonzero(labels == other)
        own = np.intersect1d(here, rows), np.intersect1d(there, rows)
        if judge([(here, there)])[0] >= AGAINST:
            labels[there] = home
            continue
        rest = np.setdiff1d(here, own[0]), np.setdiff1d(there, own[1])
        # rows that are their whole cluster leave nobody behind
        stays = [judge([sides])[0] if len(sides[1]) else -np.inf for sides in zip(own, rest, strict=True)]
        if stays[1] <= stays[0]:
            labels[own[1]] = home
        else:
            labels[own[0]] = other
    return labels


def _first_rows(labels: Ints) -> Ints:
    """Each label as the first row that has it."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(first[inverse], np.int64)


def sides_of(known: Known, labels: Ints, judge: Judge) -> list[tuple[Ints, Ints]]:
    """The two groups that each decided pair is about: its rows' clusters, or the parts of the one that they share."""
    order = np.argsort(labels, kind="stable")
    start, end = (np.searchsorted(labels[order], np.arange(len(labels)), side=side) for side in ("left", "right"))

    def cluster(row: int) -> Ints:
        label = labels[row]
        return np.sort(order[start[label] : end[label]])

    pairs = list(zip(known.left.tolist(), known.right.tolist(), strict=True))
    shared = [(number, pair) for number, pair in enumerate(pairs) if labels[pair[0]] == labels[pair[1]]]
    nearer = _nearer([(cluster(left), left, right) for _, (left, right) in shared], judge)
    found = [(cluster(left), cluster(right)) for left, right in pairs]
    for (number, (left, _)), goes in zip(shared, nearer, strict=True):
        rows = cluster(left)
        found[number] = rows[goes], rows[~goes]
    return found


def _nearer(clusters: Sequence[tuple[Ints, int, int]], judge: Judge) -> list[Flags]:
    """Which rows of each cluster fit the first of two of them better than the second."""
    sides = [
        (rows[at : at + 1], np.array([seed]))
        for rows, left, right in clusters
        for seed in (left, right)
        for at in range(len(rows))
    ]
    odds = judge(sides) if sides else np.empty(0)
    found, at = [], 0
    for rows, left, right in clusters:
        to_left, to_right = odds[at : at + len(rows)], odds[at + len(rows) : at + 2 * len(rows)]
        at += 2 * len(rows)
        found.append((rows == left) | ((to_left >= to_right) & (rows != right)))
    return found


def _parted(labels: Ints, people: Ints, left: int, right: int, judge: Judge) -> Ints:
    """Labels with the cluster of two rows in two; rows that decisions join stay together."""
    rows = np.flatnonzero(labels == labels[left])
    groups = [rows[people[rows] == person] for person in np.unique(people[rows]).tolist()]
    sides = [rows[people[rows] == people[seed]] for seed in (left, right)]
    free = [group for group in groups if people[group[0]] not in (people[left], people[right])]
    seeds = tuple(sides)
    for _ in range(ROUNDS if free else 0):
        to_left, to_right = (
            judge([(group, np.setdiff1d(side, group)) for group in free]) for side in (sides[0], sides[1])
        )
        nearer = (to_left >= to_right).tolist()
        before = sides
        sides = [
            np.sort(
                np.concatenate([seed, *(group for group, first in zip(free, nearer, strict=True) if first == here)])
            )
            for seed, here in zip(seeds, (True, False), strict=True)
        ]
        if all(np.array_equal(one, other) for one, other in zip(before, sides, strict=True)):
            break
    changed = labels.copy()
    for side in sides:
        changed[side] = side.min()
    return changed


def bind(known: Known | None, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer], log_odds: Array) -> Array:
    """Log-odds, in bits, with those of decided pairs set to what was decided.

    >>> known = Known(np.array([0], np.int32), np.array([2], np.int32), np.array([True]))
    >>> bind(known, np.array([0, 0], np.int32), np.array([1, 2], np.int32), np.zeros(2)).tolist()
    [0.0, 1000000000.0]
    """
    if known is None:
        return log_odds
    verdict = known.verdicts(left, right)
    return np.where(verdict == 0, log_odds, verdict * DECIDED)
