"""Profiles by what they are looked up by: which of them a few customers may be, without looking at the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from socialmerge.engines.asking import Sought
from socialmerge.engines.scoring import AT_ONCE
from socialmerge.merging.arrays import Ints
from socialmerge.resolver.weighing import Numbered, Weigher

__all__ = ["Seeking"]


@dataclass(frozen=True, slots=True, eq=False)
class _Some:
    """Profiles of one sort that were looked at together; ``numbers`` are theirs, -1 where they are not as they were."""

    sought: Sought
    numbers: Ints
    proven: bool


@dataclass(frozen=True, slots=True, eq=False)
class Seeking:
    """Profiles that were looked at, in portions; those that came since are looked at when somebody asks."""

    several: tuple[_Some, ...] = ()

    def without(self, numbers: Ints) -> Seeking:
        """Without profiles that are gone, or are not as they were."""
        left = [(one, np.where(np.isin(one.numbers, numbers), -1, one.numbers)) for one in self.several]
        return Seeking(tuple(replace(one, numbers=rest) for one, rest in left if (rest >= 0).any()))

    def of_all(self, profiles: Numbered, weigher: Weigher) -> Seeking:
        """With all of these profiles; small portions are put together."""
        several = tuple(one for one in self.several if 2 * (one.numbers >= 0).sum() > AT_ONCE)
        known = np.concatenate([np.zeros(0, np.int64), *(one.numbers for one in several)])
        found = list(several)
        for proven in (True, False):
            mine = (profiles.pivot.proven == proven) & ~np.isin(profiles.numbers, known)
            some = profiles.take(np.flatnonzero(mine))
            parts = weigher.of_sort(proven=proven).scorer.sought(some.pivot.table)
            at = range(0, len(some.numbers), AT_ONCE)
            found += [
                _Some(one, some.numbers[start : start + AT_ONCE], proven) for start, one in zip(at, parts, strict=True)
            ]
        return Seeking(tuple(found))

    def reached_by(self, customers: Weigher) -> Ints:
        """The numbers of the profiles that share a key with some customers; no other profile may be one of them."""
        found = [one.numbers[customers.of_sort(proven=one.proven).scorer.reached(one.sought)] for one in self.several]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
