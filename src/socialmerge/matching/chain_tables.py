"""Both sides of the chain, and what is known of them before any pair is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from socialmerge.matching import identity
from socialmerge.matching.chain_sides import ChainSide, together
from socialmerge.matching.name_parts import NameParts
from socialmerge.matching.population import Population
from socialmerge.matching.vocabulary import Signatures, Words

__all__ = ["ChainTables"]


@dataclass(frozen=True, slots=True)
class ChainTables:
    """The two sides over the same words, texts, kinds and keys.

    ``parts`` are the names of the profiles and of the customers taken apart, ``signed`` the signatures of the texts.
    """

    profiles: ChainSide
    customers: ChainSide
    population: Population
    words: Words
    parts: tuple[NameParts, NameParts]
    signed: Signatures
    shared: identity.Shared

    @classmethod
    def of(cls, profiles: ChainSide, customers: ChainSide) -> ChainTables:
        """Look at both sides once."""
        profiles, customers = together(profiles, customers)
        population = Population.of(profiles.names.followed_by(customers.names))
        words = Words.of(profiles.names.words, population)
        parts = NameParts.of(profiles.names, words.signed), NameParts.of(customers.names, words.signed)
        signed, shared = Signatures.of(profiles.texts), identity.shared(profiles, customers)
        return cls(profiles, customers, population, words, parts, signed, shared)
