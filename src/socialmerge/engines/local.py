"""The local engine: every stage in one process, on numpy and Arrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking import (
    Budget,
    Candidates,
    build_pairs,
    by_content,
    choose_keys,
    expect_of_keys,
    make_atoms,
    own_atoms,
    resolve_key,
    sample_others,
)
from socialmerge.engines.again import fitted_again, worth_it
from socialmerge.engines.blocked import Blocked
from socialmerge.engines.matched import Matched, compared_by_parts, parts_of
from socialmerge.engines.teaching import expected
from socialmerge.errors import PlanError
from socialmerge.matching.alignment import align
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.correspondences import corresponding
from socialmerge.matching.estimate import fit
from socialmerge.matching.known import Known
from socialmerge.matching.learn import Labelled, learn
from socialmerge.matching.missed import Drawn
from socialmerge.matching.missed import prepare as prepare_draws
from socialmerge.matching.weigh import Fit, score
from socialmerge.normalise.aliases import enriched
from socialmerge.normalise.features import Feature, build
from socialmerge.parallel import each, processors
from socialmerge.plan import Plan
from socialmerge.records import Kind

__all__ = ["LocalEngine", "Matched", "Progress"]

Progress = Callable[[str, int, int], None]
Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]

BYTES_PER_PAIR, BYTES_PER_FEATURE, BYTES_PER_WORD = 400, 20, 48
"""What comparing and weighing one pair takes at one time, and more for each feature and each word of text."""
SHARE_OF_CHUNK = 0.25
"""Of the memory limit, what one chunk may take: the pairs themselves and what is kept of them need the rest."""
SMALLEST_CHUNK, LARGEST_CHUNK = 100, 1 << 18
OTHERS = 400_000
"""Pairs that are drawn at random to measure what agrees by chance; of fewer, weights hang on which were drawn."""
ENOUGH, WORTH_MORE = 0.97, 0.01
"""Expected recall below which keys are chosen again by the fit, and how much more others must find."""
WIDER = Budget(least_pairs=1_000_000, free_pairs=6_000_000)
"""What keys chosen again may cost: of a table that is no larger, up to ``WIDER_A_ROW`` pairs a row."""
WIDER_A_ROW = 100
FIT_PAIRS = 600_000
"""Candidates beyond this many are sampled for the fit; all are scored."""
FLOOR = 1e-3
"""Pairs less probable than this are not kept."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Candidates as they were weighed first: ``seen`` is how all of them agree, where all were compared for the fit.

    ``kept`` are left rows, right rows and bits of those above the floor.
    """

    comparers: tuple[Comparer, ...]
    blocked: Blocked
    fitted: Fit
    seen: Compared | None
    kept: tuple[Rows, Rows, Array]


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Run in this process. ``memory_limit_mb`` bounds what pairs take while they are weighed; rows are held in memory.

    ``threads`` is how many parts are weighed at one time; 0 for as many as there are processors, at most eight. The
    answers do not depend on it. ``others`` is how many pairs of other rows are compared to learn what chance does.

    Raises:
        PlanError: the limit is not above 0, or the number of threads is below 0.
    """

    memory_limit_mb: int = 1024
    seed: int = 7
    threads: int = 0
    others: int = OTHERS

    def __post_init__(self) -> None:
        if self.memory_limit_mb <= 0:
            raise PlanError(f"memory_limit_mb={self.memory_limit_mb!r} must be above 0; 1024 is usual")
        if self.threads < 0:
            raise PlanError(f"threads={self.threads!r} must be 0, for as many as there are processors, or more")

    def match(
        self,
        plan: Plan,
        right: pa.Table,
        left: pa.Table | None = None,
        progress: Progress | None = None,
        known: Known | None = None,
        *,
        clusters: bool = False,
    ) -> Matched | None:
        """Block, compare and weigh: a table with itself, or ``left`` with ``right``.

        ``known`` are pairs that people decided: the fit learns from them, and they bind what is found. With
        ``clusters`` the fit of a table with itself goes on from the clusters of its rows.

        Returns:
            The scored pairs, or None when there is nothing to compare: a side has no row, or no field has a value.

        Raises:
            PlanError: a key is unknown, or the plan's weights are of another comparison.
        """
        say = progress or _silent
        say("normalise", 0, 1)
        features = _features(plan, right, left)
        if not features:
            return None
        say("block", 0, 1)
        weighed = self._linked(plan, *self._ready(plan, features, 0 if left is None else left.num_rows), say)
        matched, seen, blocked = self._matched(weighed), weighed.seen, weighed.blocked
        if clusters and not (plan.weights or blocked.left_rows) and worth_it(matched.candidates):
            matched = self._weighed(matched, fitted_again(matched), blocked.candidates, seen, say)
        if known is None:
            return matched
        decided = known.over(blocked.left_rows)
        if not (plan.weights or blocked.left_rows):
            matched = self._taught(matched, decided, blocked.candidates, seen, say)
        return matched.deciding(decided)

    def _linked(self, plan: Plan, comparers: tuple[Comparer, ...], blocked: Blocked, say: Progress) -> _Weighed:
        """Candidates weighed; once more where two tables turn out to write their categories differently."""
        say("fit", 0, 1)
        weighed = self._first(plan, comparers, blocked, say)
        if not blocked.left_rows:
            return weighed
        again = corresponding(comparers, *weighed.kept, blocked.left_rows)
        return weighed if again is comparers else self._first(plan, again, weighed.blocked, say)

    def _first(self, plan: Plan, comparers: tuple[Comparer, ...], blocked: Blocked, say: Progress) -> _Weighed:
        """Candidates weighed by the plan's weights, or by a fit."""
        seen: Compared | None = None
        if plan.weights:
            fitted = align(plan.weights, comparers)
        else:
            blocked, fitted, seen = self._fitted(plan, comparers, blocked)
        kept = self._score(comparers, fitted, blocked.candidates, seen, say)
        return _Weighed(comparers, blocked, fitted, seen, kept)

    def _matched(self, weighed: _Weighed) -> Matched:
        blocked, fitted = weighed.blocked, weighed.fitted
        return Matched(
            weighed.comparers,
            fitted,
            blocked.left_rows,
            blocked.rows,
            *weighed.kept,
            keys=blocked.keys,
            reports=blocked.candidates.reports,
            expected_recall=blocked.expected_recall,
            candidates=len(blocked.candidates.left),
            chunk=self._chunk(weighed.comparers),
            threads=self._threads(),
            warnings=(*blocked.warnings, *fitted.notes),
            order=blocked.order,
        )

    def _taught(
        self, matched: Matched, known: Known, candidates: Candidates, seen: Compared | None, say: Progress
    ) -> Matched:
        """The same, weighed with what the decided pairs teach."""
        compared = self._compare(matched.comparers, known.left, known.right)
        labelled = Labelled(compared, known.same, expected(matched, known))
        fitted = learn(matched.comparers, matched.fitted, labelled)
        return self._weighed(matched, fitted, candidates, seen, say)

    def _weighed(
        self, matched: Matched, fitted: Fit, candidates: Candidates, seen: Compared | None, say: Progress
    ) -> Matched:
        """The same, weighed with another fit."""
        left, right, weight = self._score(matched.comparers, fitted, candidates, seen, say)
        warnings = (*matched.warnings, *fitted.notes[len(matched.fitted.notes) :])
        return replace(matched, fitted=fitted, left=left, right=right, weight=weight, warnings=warnings)

    def _ready(self, plan: Plan, features: Sequence[Feature], left_rows: int) -> tuple[tuple[Comparer, ...], Blocked]:
        """Features made ready to be compared, while candidates are looked for: neither needs the other."""
        with ThreadPoolExecutor(1) as aside:
            comparers = aside.submit(prepare, features)
            blocked = self._block(plan, features, left_rows)
            return comparers.result(), blocked

    def _block(self, plan: Plan, features: Sequence[Feature], left_rows: int) -> Blocked:
        budget, rows = Budget(), features[0].rows
        atoms, order = (*make_atoms(features), *own_atoms(plan.keys, features)), by_content(features, left_rows)
        if plan.keys:
            names = {field.name for field in plan.fields}
            resolved = [resolve_key(key, atoms, features, names) for key in plan.keys]
            idle = tuple(key for key, found in zip(plan.keys, resolved, strict=True) if found is None)
            usable = [key for key in resolved if key]
            _, recall = expect_of_keys(atoms, usable, rows, left_rows, budget, seed=self.seed, order=order)
            candidates = build_pairs(atoms, usable, left_rows, budget)
            expected = recall[-1] if recall else 0.0
            return Blocked(candidates, plan.keys, expected, rows, left_rows, atoms, tuple(usable), order, idle)
        choice = choose_keys(atoms, rows, left_rows, budget, self.seed, order=order)
        candidates = build_pairs(atoms, choice.keys, left_rows, budget)
        return Blocked(candidates, choice.keys, choice.expected_recall, rows, left_rows, atoms, choice.keys, order)

    def _fitted(
        self, plan: Plan, comparers: Sequence[Comparer], blocked: Blocked
    ) -> tuple[Blocked, Fit, Compared | None]:
        """Fit; where keys are expected to miss much, choose them again by what the fit says of true pairs.

        The fit stays that of the first candidates: the wider keys find mostly strangers that agree on something, and
        among so many of them the few matches are harder to tell.
        """
        fitted, seen, drawn = self._fit(comparers, blocked)
        recall = drawn.recall
        if recall < ENOUGH and not plan.keys:
            rows, left_rows = blocked.rows, blocked.left_rows
            wider = _wider(rows)
            choice = choose_keys(blocked.atoms, rows, left_rows, wider, self.seed, agree=drawn.agree)
            if choice.expected_recall > recall + WORTH_MORE:
                candidates = build_pairs(blocked.atoms, choice.keys, left_rows, wider)
                blocked = replace(blocked, candidates=candidates, keys=choice.keys, used=choice.keys)
                seen, recall = None, choice.expected_recall
        return replace(blocked, expected_recall=recall), fitted, seen

    def _fit(self, comparers: Sequence[Comparer], blocked: Blocked) -> tuple[Fit, Compared | None, Drawn]:
        """The fit, the agreement of all candidates where all were compared for it, and true pairs drawn from it."""
        found, pairs = blocked.candidates, blocked.pairs
        most = min(FIT_PAIRS, int(self.memory_limit_mb * 2**20 / (60 + 10 * len(comparers))))
        step = max(1, -(-len(found.left) // most))
        size = min(self.others, max(20 * pairs, 1000))
        others = sample_others(found, blocked.rows, blocked.left_rows, size=size, seed=self.seed, order=blocked.order)
        seen = self._compare(comparers, found.left[::step], found.right[::step])
        draws = prepare_draws(
            comparers,
            blocked.atoms,
            blocked.used,
            (found.left[::step], found.right[::step], seen),
            rows=blocked.rows,
            left_rows=blocked.left_rows,
            seed=self.seed,
            order=blocked.order,
        )
        fitted = fit(
            comparers,
            seen,
            self._compare(comparers, *others),
            pairs=float(max(pairs, 1)),
            rows=blocked.rows,
            sampled=float(step),
            draws=draws,
        )
        return fitted, seen if step == 1 else None, draws.of(fitted)

    def _chunk(self, comparers: Sequence[Comparer]) -> int:
        """How many pairs are compared at one time."""
        words = sum(_words(comparer.feature) for comparer in comparers)
        bytes_per_pair = BYTES_PER_PAIR + BYTES_PER_FEATURE * len(comparers) + BYTES_PER_WORD * words
        most = int(self.memory_limit_mb * 2**20 * SHARE_OF_CHUNK / bytes_per_pair / self._threads())
        return min(max(most, SMALLEST_CHUNK), LARGEST_CHUNK)

    def _threads(self) -> int:
        return self.threads or processors()

    def _compare(self, comparers: Sequence[Comparer], left: Rows, right: Rows) -> Compared:
        return compared_by_parts(comparers, left, right, self._chunk(comparers), self._threads())

    def _score(
        self, comparers: Sequence[Comparer], fitted: Fit, candidates: Candidates, seen: Compared | None, say: Progress
    ) -> tuple[Rows, Rows, Array]:
        """Score the candidates chunk by chunk and keep those above the floor."""
        floor = np.log2(FLOOR / (1 - FLOOR)) - fitted.prior

        def one(part: slice) -> tuple[Rows, Rows, Array]:
            left, right = candidates.left[part], candidates.right[part]
            found = compare(comparers, left, right) if seen is None else seen.take(part)
            weight = score(comparers, fitted, found).weight
            keep = weight >= floor
            return left[keep], right[keep], weight[keep]

        parts = parts_of(len(candidates.left), self._chunk(comparers))
        kept = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
        for part, found in zip(parts, each(one, parts, self._threads()), strict=True):
            kept.append(found)
            say("compare", part.stop, parts[-1].stop)
        lefts, rights, weights = zip(*kept, strict=True)
        return np.concatenate(lefts), np.concatenate(rights), np.concatenate(weights)


def _wider(rows: int) -> Budget:
    """What keys chosen again may cost: more pairs a row the fewer the rows, so that it takes some seconds at most."""
    return replace(WIDER, least_pairs=max(WIDER.least_pairs, min(WIDER_A_ROW * rows, WIDER.free_pairs)))


def _features(plan: Plan, right: pa.Table, left: pa.Table | None) -> tuple[Feature, ...]:
    """Features of the plan's fields; none where a side has no row, or a table alone only one."""
    enough = right.num_rows and left.num_rows if left is not None else right.num_rows > 1
    return enriched(build(plan.fields, right, left)) if enough else ()


def _words(feature: Feature) -> float:
    """Words in an average value that is compared word by word."""
    if feature.comparison != Kind.TEXT:
        return 0.0
    some = feature.values[:: max(1, len(feature.values) // 1_000)]
    return sum(value.count(" ") + 1 for value in some) / max(len(some), 1)


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
