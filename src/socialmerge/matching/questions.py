"""Questions for a person: the pairs whose answers mend most.

An answer is worth the chance that it is not the one that holds now, times the pairs of rows that it would join or
part. A row or a cluster that has been asked about counts for less in the next question, so that the questions are not
all about one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from socialmerge.matching.known import DECIDED, Judge, Known, bind

__all__ = ["NO_QUESTIONS", "Questions", "Scored", "about_clusters", "pick"]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
ScorePairs: TypeAlias = Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], Array]

LIMIT = 12.0
"""Bits beyond which one pair's evidence counts no more."""
FADE = 0.5
"""What another question is worth that touches what was asked about."""
MOST = 2_000
"""Clusters, and pairs of clusters, that are looked into."""
MOST_ROWS = 10
"""Rows of either cluster that are compared with rows of the other."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Pairs that a person may be asked about, all arrays of one length.

    ``left`` and ``right`` are rows, ``together`` whether they are one person now, ``likely`` the probability that they
    are; ``sizes``, of shape (2, questions), are those of the two groups that it is about, ``about``, of the same shape,
    labels of them; ``worth`` is how many pairs of rows an answer is expected to mend.
    """

    left: Ints
    right: Ints
    together: Flags
    likely: Array
    sizes: Ints
    about: Ints
    worth: Array

    def take(self, rows: Ints) -> Questions:
        """These questions in this order."""
        return Questions(
            self.left[rows],
            self.right[rows],
            self.together[rows],
            self.likely[rows],
            self.sizes[:, rows],
            self.about[:, rows],
            self.worth[rows],
        )


_NO_ROWS = np.empty(0, np.int64)
NO_QUESTIONS = Questions(
    _NO_ROWS,
    _NO_ROWS,
    np.empty(0, bool),
    np.empty(0),
    _NO_ROWS.reshape(2, 0),
    _NO_ROWS.reshape(2, 0),
    np.empty(0),
)
"""Where nothing was compared, there is nothing to ask."""


def pick(questions: Questions, count: int) -> Questions:
    """The questions that are worth most, one after the other; equal ones by their rows.

    >>> two, rows = np.array([0, 0]), np.array([1, 2])
    >>> likely = np.array([0.1, 0.4])
    >>> asked = Questions(two, rows, two > 0, likely, np.ones((2, 2), int), np.stack([two, rows]), worth=likely)
    >>> pick(asked, 1).right.tolist()
    [2]
    """
    ordered = questions.take(np.lexsort((questions.right, questions.left)))
    worth = ordered.worth
    chosen = []
    for _ in range(min(count, len(worth))):
        best = int(worth.argmax())
        chosen.append(best)
        for label in set(ordered.about[:, best].tolist()):
            worth = np.where((ordered.about == label).any(axis=0), worth * FADE, worth)
        worth[best] = -1.0
    return ordered.take(np.array(chosen, np.int64))


@dataclass(frozen=True, slots=True)
class Scored:
    """Scored pairs of rows, their log-odds in bits, and what scores any others.

    ``known`` are pairs that people decided. ``judge`` gives the log-odds that two groups of rows are one person;
    without it, they are their pairs' average.
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    log_odds: Array
    score: ScorePairs
    known: Known | None = None
    judge: Judge | None = None


@dataclass(frozen=True, slots=True)
class _Parting:
    """Two groups of rows that are one person, or two; evidence in bits for each row of the one with the other's."""

    left: Ints
    right: Ints
    together: bool
    evidence: Array


def about_clusters(labels: Ints, scored: Scored, asked: Known) -> Questions:
    """Whether clusters that scored pairs link are one, and whether one cluster is two.

    The groups are asked about by the pair whose evidence is nearest to the average of their pairs. ``asked`` are pairs
    that have been asked about, whatever the answer.
    """
    members = _Members.of(labels)
    partings = [*_across(members, scored), *_inside(members, scored)]
    means = np.array([np.clip(parting.evidence, -LIMIT, LIMIT).mean() for parting in partings])
    odds = scored.judge([(parting.left, parting.right) for parting in partings]) if scored.judge else means
    judged = zip(partings, np.clip(odds, -100, 100).tolist(), strict=True)
    found = [question for parting, bits in judged for question in _question(parting, bits, labels, asked)]
    columns = list(zip(*found, strict=True)) or [()] * 8
    whole = np.array(columns[:2] + columns[4:], np.int64).reshape(6, len(found))
    together, likely = np.array(columns[2], bool), np.array(columns[3], np.float64)
    worth = np.where(together, 1 - likely, likely) * whole[2] * whole[3]
    return Questions(whole[0], whole[1], together, likely, whole[2:4], whole[4:], worth)


def _question(
    parting: _Parting, odds: float, labels: Ints, asked: Known
) -> Iterator[tuple[int, int, bool, float, int, int, int, int]]:
    """The question about two groups; none where an answer is known already."""
    if (np.abs(parting.evidence) >= DECIDED).any():
        return
    evidence = np.clip(parting.evidence, -LIMIT, LIMIT)
    mean = float(evidence.mean())
    one, other = np.repeat(parting.left, len(parting.right)), np.tile(parting.right, len(parting.left))
    low, high = np.minimum(one, other), np.maximum(one, other)
    open_pairs = np.flatnonzero(asked.verdicts(low, high) == 0)
    if not len(open_pairs):
        return
    away = np.round(np.abs(evidence.ravel()[open_pairs] - mean), 9)
    at = open_pairs[np.lexsort((high[open_pairs], low[open_pairs], away))[0]]
    likely = float(_chance(np.array(odds)))
    sizes = len(parting.left), len(parting.right)
    yield int(low[at]), int(high[at]), parting.together, likely, *sizes, int(labels[one[at]]), int(labels[other[at]])


@dataclass(frozen=True, slots=True)
class _Members:
    """The rows of each cluster; ``sizes[row]`` is that of the row's."""

    labels: Ints
    order: Ints
    sizes: Ints

    @classmethod
    def of(cls, labels: Ints) -> _Members:
        return cls(labels, np.argsort(labels, kind="stable"), np.bincount(labels, minlength=len(labels))[labels])

    def rows(self, label: int) -> Ints:
        """Rows of one cluster, in order."""
        start = int(np.searchsorted(self.labels, label, sorter=self.order))
        return self.order[start : start + int(self.sizes[self.order[start]])]


def _across(members: _Members, scored: Scored) -> list[_Parting]:
    """Pairs of clusters that a scored pair links, those that might gain most."""
    labels, sizes = members.labels, members.sizes
    apart = labels[scored.left] != labels[scored.right]
    one, other = scored.left[apart], scored.right[apart]
    hope = _chance(scored.log_odds[apart]) * sizes[one] * sizes[other]
    key = np.minimum(labels[one], labels[other]) * len(labels) + np.maximum(labels[one], labels[other])
    order = np.lexsort((-hope, key))
    first = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
    keys = key[first][np.lexsort((key[first], -hope[first]))][:MOST]
    groups = [[members.rows(label)[:MOST_ROWS] for label in divmod(int(one), len(labels))] for one in keys]
    whole = [(np.repeat(a, len(b)), np.tile(b, len(a))) for a, b in groups]
    return [
        _Parting(a, b, together=False, evidence=evidence.reshape(len(a), len(b)))
        for (a, b), evidence in zip(groups, _evidence(whole, scored), strict=True)
    ]


def _inside(members: _Members, scored: Scored) -> list[_Parting]:
    """Clusters parted in two, and their parts again; those whose rows hang together least."""
    labels, sizes = members.labels, members.sizes
    within = labels[scored.left] == labels[scored.right]
    inner = labels[scored.left[within]]
    doubt = np.zeros(len(labels))
    np.maximum.at(doubt, inner, _chance(-scored.log_odds[within]))
    count = np.bincount(inner, minlength=len(labels))
    own = np.flatnonzero((labels == np.arange(len(labels))) & (sizes > 1))
    doubt[own[count[own] < sizes[own] * (sizes[own] - 1) // 2]] = 1.0
    hope = doubt[own] * (sizes[own] // 2) * (sizes[own] - sizes[own] // 2)
    groups = [members.rows(int(label)) for label in own[np.lexsort((own, -hope))][:MOST]]
    triangles = [np.triu_indices(len(group), 1) for group in groups]
    whole = [(group[one], group[other]) for group, (one, other) in zip(groups, triangles, strict=True)]
    found = []
    for group, (one, other), upper in zip(groups, triangles, _evidence(whole, scored), strict=True):
        evidence = np.zeros((len(group), len(group)))
        evidence[one, other] = upper
        evidence[other, one] = upper
        for part, rest in _parts(np.arange(len(group)), evidence):
            found.append(_Parting(group[part], group[rest], together=True, evidence=evidence[np.ix_(part, rest)]))
    return found


def _parts(rows: Ints, evidence: Array) -> Iterator[tuple[Ints, Ints]]:
    """Part rows around the two that fit least, each to the one that it fits better; then part the parts."""
    waiting = [rows]
    while waiting:
        rows = waiting.pop()
        if len(rows) < 2:
            continue
        inner = evidence[np.ix_(rows, rows)].copy()
        np.fill_diagonal(inner, np.inf)
        one, other = divmod(int(inner.argmin()), len(rows))
        nearer = inner[one] > inner[other]
        nearer[one], nearer[other] = True, False
        yield rows[nearer], rows[~nearer]
        waiting += [rows[nearer], rows[~nearer]]


def _evidence(pairs: Sequence[tuple[Ints, Ints]], scored: Scored) -> list[Array]:
    """Log-odds of each group of pairs."""
    if not pairs:
        return []
    one, other = (np.concatenate(side).astype(np.int32) for side in zip(*pairs, strict=True))
    low, high = np.minimum(one, other), np.maximum(one, other)
    found = bind(scored.known, low, high, scored.score(low, high))
    return np.split(found, np.cumsum([len(a) for a, _ in pairs])[:-1])


def _chance(bits: Array) -> Array:
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -100, 100))))
