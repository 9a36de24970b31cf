"""Frozen fields: all that was learned of the fields that are compared, so that two rows alone can be weighed.

What a comparison of values depends on beside the two values is kept: how often each value occurs, how many texts hold
each word, how dates are written, which names are usual, and the fitted weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking.value_tokens import TOKENISED
from socialmerge.errors import PlanError
from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.contexts import Dependence, dependences
from socialmerge.matching.levels import levels_of
from socialmerge.matching.own import levels_of_own
from socialmerge.matching.unequal import by_code
from socialmerge.matching.weigh import MOST_BITS, Fit, household, rarity_bits
from socialmerge.matching.words import WordCounts
from socialmerge.normalise.aliases import NamesSeen
from socialmerge.normalise.dates import DateOrder
from socialmerge.normalise.features import Feature
from socialmerge.normalise.fingerprints import Counted, fingerprints
from socialmerge.normalise.texts import Texts
from socialmerge.records import Field

__all__ = ["FrozenFeature", "FrozenFields", "side_by_side", "weight_of"]

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FrozenFeature:
    """One comparable thing: how many rows hold it, how often two share a value by chance, and how often each occurs.

    A value that was not seen is as rare as one that was seen once. ``words`` are those of texts and streets.
    """

    name: str
    comparison: str
    group: str
    field: str
    own: str
    rows: float
    chance: float
    counts: Counted
    words: WordCounts | None

    @classmethod
    def of(cls, comparer: Comparer) -> FrozenFeature:
        """Keep what was counted of a feature."""
        feature = comparer.feature
        if callable(feature.own):
            said = "a function that cannot be imported cannot be frozen; name it 'package.module:function'"
            raise PlanError(f"field {feature.field!r}: {said}")
        present = feature.codes[feature.codes >= 0]
        often = np.bincount(present, minlength=len(feature.values)).astype(np.float64)
        rows = max(float((feature.codes >= 0).any(axis=0).sum()), 1.0)
        hashes = fingerprints(feature.column)
        counts = Counted.of(hashes[: len(often)], np.maximum(often, 1.0), otherwise=1.0)
        words = WordCounts.of(feature.column) if feature.comparison in TOKENISED else None
        return cls(
            feature.name,
            feature.comparison,
            feature.group,
            feature.field,
            feature.own,
            rows,
            comparer.exact_by_chance,
            counts,
            words,
        )

    def comparer(self, feature: Feature, dependence: Dependence) -> Comparer:
        """The feature of other rows made ready to be compared as it was when it was frozen."""
        frequency = self.counts.at(fingerprints(feature.column)) / self.rows
        levels = levels_of_own(self.own) if self.own else levels_of(self.comparison)
        rare = np.log2(self.chance / frequency).astype(np.float32)
        unequal = by_code(feature, self.words)
        return Comparer(feature, levels, unequal, self.chance, dependence, rare)

    def absent(self, rows: int) -> Feature:
        """The feature of rows that have no value for it."""
        nothing, codes = Texts(pa.array([], pa.string())), np.full((1, rows), -1, np.int32)
        return Feature(self.name, self.comparison, codes, nothing, self.group, self.field, self.own)


@dataclass(frozen=True, slots=True, eq=False)
class FrozenFields:
    """The fields of a plan, their features in order, and the weights.

    ``orders`` say how the dates of each field are written, ``names`` which names are usual where names are filled in
    from addresses.
    """

    fields: tuple[Field, ...]
    features: tuple[FrozenFeature, ...]
    fit: Fit
    orders: Mapping[str, DateOrder]
    names: NamesSeen | None = None

    def comparers(self, features: Sequence[Feature], rows: int) -> tuple[Comparer, ...]:
        """Features of rows, made ready to be compared; those that were not there when this was frozen are left out."""
        known = {feature.name: feature for feature in features}
        found = [known.get(one.name) or one.absent(rows) for one in self.features]
        return tuple(
            one.comparer(feature, dependence)
            for one, feature, dependence in zip(self.features, found, dependences(found), strict=True)
        )


def side_by_side(left: Sequence[Feature], right: Sequence[Feature], rows: tuple[int, int]) -> list[Feature]:
    """Features of two tables that were built apart, as of one table below the other; ``rows`` are those of each.

    Their values are in order, so that codes compare alike whatever other values there are.
    """
    one, other = ({feature.name: feature for feature in side} for side in (left, right))
    known: dict[str, list[pa.Array]] = {}
    for feature in (*left, *right):
        known.setdefault(_vocabulary(feature), []).append(feature.column)
    whole_of = {key: _in_order(columns) for key, columns in known.items()}
    found = []
    for name in dict.fromkeys([*one, *other]):
        sides = [side.get(name) for side in (one, other)]
        shown = next(side for side in sides if side is not None)
        whole = whole_of[_vocabulary(shown)]
        codes = [_recoded(side, whole, size) for side, size in zip(sides, rows, strict=True)]
        slots = max(map(len, codes))
        padded = [np.pad(part, ((0, slots - len(part)), (0, 0)), constant_values=-1) for part in codes]
        both = np.ascontiguousarray(np.hstack(padded))
        found.append(Feature(name, shown.comparison, both, Texts(whole), shown.group, shown.field, shown.own))
    return found


def _vocabulary(feature: Feature) -> str:
    """What shares its values: given and family names of one field do, so that a swap of the two is seen."""
    return f"{feature.field}\0" if feature.comparison in ("given", "family") else feature.name


def _in_order(columns: Sequence[pa.Array]) -> pa.Array:
    whole = pc.unique(pa.concat_arrays(columns))
    return whole.take(pc.sort_indices(whole))


def _recoded(side: Feature | None, whole: pa.Array, rows: int) -> Codes:
    if side is None:
        return np.full((1, rows), -1, np.int32)
    place = np.append(pc.index_in(side.column, value_set=whole).to_numpy(zero_copy_only=False), -1).astype(np.int32)
    found: Codes = place[side.codes]
    return found


def weight_of(comparers: Sequence[Comparer], fit: Fit, compared: Compared) -> Floats:
    """Bits of each pair, as `weigh.score`, but that sums are made in one order, however many pairs there are."""
    pairs = compared.states.shape[1]
    match, related, other = np.zeros(pairs), np.zeros(pairs), np.zeros(pairs)
    columns = zip(compared.states, fit.fields, rarity_bits(compared), household(comparers), strict=True)
    for states, weights, rarity, kin in columns:
        match += np.r_[0.0, np.log2(weights.match)][states] + rarity
        related += np.r_[0.0, np.log2(weights.related)][states] + (rarity if kin else 0.0)
        other += np.r_[0.0, np.log2(weights.other)][states]
    share = fit.related_share / (1 - fit.match_share)
    against = other
    if share:
        against = np.logaddexp2(other + np.log2(max(1 - share, 1e-300)), related + np.log2(share))
    log_odds = match - against + fit.prior
    if fit.scale != 1.0:
        log_odds += (fit.scale - 1) * np.clip(log_odds, -MOST_BITS, MOST_BITS)
    found: Floats = log_odds + fit.shift - fit.prior
    return found
