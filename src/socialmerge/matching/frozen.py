"""A frozen model: everything that attaching profiles learned from two tables, as one value that does not change.

With it the weight of a profile and a customer is a function of the two of them alone, so that whatever comes later, in
whatever portions and order, is weighed as if all of it had come at once. A new fit is a new model and a full rerun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.value_tokens import FrozenKey
from socialmerge.errors import PlanError
from socialmerge.matching import identity
from socialmerge.matching.affixes import Affixes
from socialmerge.matching.chain import ChainModel
from socialmerge.matching.chain_sides import ChainSide, together
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import CharacterModel
from socialmerge.matching.decisions import Costs
from socialmerge.matching.entered import Stops
from socialmerge.matching.entities import Growth
from socialmerge.matching.frozen_fields import FrozenFeature, FrozenFields
from socialmerge.matching.handles import HandleModel
from socialmerge.matching.kept import digest, pack, unpack
from socialmerge.matching.name_parts import NameParts
from socialmerge.matching.population import NameRates, Population
from socialmerge.matching.rivals import Habits
from socialmerge.matching.vocabulary import Signatures, Words
from socialmerge.matching.weigh import FieldWeights, Fit
from socialmerge.matching.words import WordCounts
from socialmerge.normalise.aliases import NamesSeen
from socialmerge.normalise.dates import DateOrder
from socialmerge.normalise.fingerprints import Counted, Hashes, fingerprints
from socialmerge.records import Field, Kind, PartialDate
from socialmerge.schema import Column

__all__ = ["FrozenChain", "FrozenModel", "FrozenSources", "FrozenTable", "Kept"]

FORMAT = 2
"""What the bytes say of their format: a change of what a model holds is another one."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FrozenChain:
    """What was learned of names, handles and links.

    ``keys`` says how many other family names hold an account, address or link, ``texts`` the share of people who have a
    string that was not made of their names, both by fingerprint and in a table of so many ``people``.
    """

    model: ChainModel
    keys: Counted
    texts: Counted
    people: int
    stops: Stops

    @classmethod
    def of(cls, tables: ChainTables, model: ChainModel, stops: Stops) -> FrozenChain:
        """Keep what was counted in two tables."""
        shared, profiles = tables.shared, tables.profiles
        keys = Counted.of(fingerprints(profiles.keys.column), shared.others[:-1])
        texts = Counted.of(fingerprints(profiles.texts.column), shared.common[:-1])
        return cls(model, keys, texts, shared.people, stops)

    def tables(self, profiles: ChainSide, customers: ChainSide) -> ChainTables:
        """Two sides of any rows, ready to be weighed."""
        profiles, customers = together(profiles, customers)
        population = self.model.handles.population
        words = Words.of(profiles.names.words, population)
        parts = NameParts.of(profiles.names, words.signed), NameParts.of(customers.names, words.signed)
        others = np.append(self.keys.at(fingerprints(profiles.keys.column)), 0.0)
        common = np.append(self.texts.at(fingerprints(profiles.texts.column)), 0.0)
        shared = identity.Shared(others, common, self.people)
        signed = Signatures.of(profiles.texts)
        return ChainTables(profiles, customers, population, words, parts, signed, shared)


@dataclass(frozen=True, slots=True, eq=False)
class FrozenSources:
    """What was learned of the sources of profiles: how they compete.

    ``pooled`` and ``rho`` are the pi and the rho of a source that was never seen.
    """

    names: tuple[str, ...]
    habits: Habits
    pooled: float
    rho: float

    def of(self, channels: Sequence[str]) -> tuple[Ints, Habits]:
        """A code for the source of each profile, and the habits of all the sources that have a code."""
        new = sorted({*channels} - {*self.names})
        place = {name: code for code, name in enumerate([*self.names, *new])}
        known = self.habits
        rounds, more = len(known.rho), len(new)
        habits = Habits(
            np.hstack([known.share, np.full((rounds + 1, more), self.pooled)]),
            np.hstack([known.rho, np.full((rounds, more), self.rho)]),
            np.hstack([known.gain, np.ones((rounds, more))]),
        )
        return np.array([place[channel] for channel in channels], np.int64), habits


class Kept(Protocol):
    """What a frozen model and a frozen table have in common: a version, and bytes that they are made of again."""

    __slots__ = ()
    what: ClassVar[str]

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that change when anything in it does."""
        return digest(self)

    def __eq__(self, other: object) -> bool:
        """Whether the other is of this kind and says the same of everything."""
        return isinstance(other, type(self)) and self.version == other.version

    def __hash__(self) -> int:
        """A number for equal ones."""
        return hash(self.version)

    def to_bytes(self) -> bytes:
        """It as bytes, for `from_bytes`: an archive of arrays with a header, and no code.

        Raises:
            PlanError: a field compares by a function that has no name.
        """
        return pack(self, what=self.what, version=FORMAT)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What was saved; equal to it.

        Raises:
            PlanError: the bytes are something else, or of another format.
        """
        found = unpack(data, _CLASSES, what=cls.what, version=FORMAT)
        if not isinstance(found, cls):
            raise PlanError(f"these bytes are a part of a {cls.what}; give what `to_bytes` gave, whole")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class FrozenModel(Kept):
    """All that a run over two tables learned.

    ``columns`` say what the customers' columns mean, ``proven`` that platforms wrote the profiles. ``people`` are N.
    ``places`` are the bits of profiles by where they say they are, by fingerprint. ``same`` weighs two customers that
    compete for a profile against each other; None where no two ever did. ``plan`` is the version of the plan.
    """

    what: ClassVar[str] = "frozen model"

    columns: tuple[Column, ...]
    proven: bool
    people: int
    chain: FrozenChain
    fields: FrozenFields
    stops: Mapping[str, Hashes]
    places: Counted
    sources: FrozenSources
    same: FrozenFields | None
    costs: Costs
    cardinality: str
    minimum_assurance: str
    plan: str


@dataclass(frozen=True, slots=True, eq=False)
class FrozenTable(Kept):
    """All that matching a table with itself learned: what is compared and how it weighs, and the keys that find pairs.

    ``columns`` say what the table's columns mean, ``plan`` is the version of the plan. ``growth`` is of its clusters,
    None where these were not looked at.
    """

    what: ClassVar[str] = "frozen table"

    columns: tuple[Column, ...]
    fields: FrozenFields
    keys: tuple[FrozenKey, ...]
    plan: str
    growth: Growth | None = None

    def words(self) -> dict[str, Counted]:
        """How common the words of each feature are."""
        return {one.name: one.words.counts for one in self.fields.features if one.words is not None}


_CLASSES = (
    FrozenModel,
    FrozenTable,
    FrozenKey,
    FrozenChain,
    FrozenSources,
    FrozenFields,
    FrozenFeature,
    Stops,
    Habits,
    Counted,
    Growth,
    WordCounts,
    NamesSeen,
    ChainModel,
    HandleModel,
    Population,
    NameRates,
    Affixes,
    CharacterModel,
    Fit,
    FieldWeights,
    Costs,
    Column,
    Field,
    Kind,
    DateOrder,
    PartialDate,
)
"""What a model is made of: of the classes that bytes name, these are made and no others."""
