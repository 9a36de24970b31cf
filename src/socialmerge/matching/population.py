"""How common each given and family name is: the names of the tables at hand, pooled with a census.

A name that many people bear says little about who its bearer is. The shares here are those of *another person*, drawn
from the population that the profiles come from; the tables tell what is common there, the census what is common at
all, and a character model what a name looks like that neither has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.matching.chain_names import ChainNames
from socialmerge.matching.characters import CharacterModel, Floats, Hashes, Ints, Strings
from socialmerge.normalise.nicknames import looks_like_given
from socialmerge.normalise.texts import Texts

__all__ = ["NameRates", "Population", "usual_given"]

_STRENGTHS = 10.0 ** np.arange(2.0, 6.1, 0.25)  # how many people of the table the census counts for
_WRITTEN_SHARE = 0.9  # of people whose name the census list has, when nothing is known
_SHORTEST = 2  # letters of a name; a single letter is an initial


@dataclass(frozen=True, slots=True)
class NameRates:
    """The share of people who bear each known name, and a character model for the names not known."""

    hashes: Hashes  # sorted
    rates: Floats
    unseen: float  # share of people whose name is not among the known
    characters: CharacterModel
    initial: Floats  # (37,): the share of people whose name begins with this symbol

    def of_strings(self, strings: Strings) -> Floats:
        """The share of people with each name; never 0."""
        hashes = strings.whole()
        bits = self.characters.spans(strings)[:, -1] + self.characters.ends(strings)
        return self.known(hashes) + self.unseen * np.exp2(bits)

    def known(self, hashes: Hashes) -> Floats:
        """The share of people with each name that is known by its hash; 0 for the others."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.rates[place], 0.0)

    @classmethod
    def fit(cls, counts: Mapping[str, float], written: Mapping[str, float]) -> NameRates:
        """Pool counted names with written shares; the strength of the written is fitted by leaving one out.

        Args:
            counts: squeezed name to the number of different people who bear it in the tables.
            written: squeezed name to its share of people.

        Returns:
            Shares that add up to 1 over all strings.
        """
        names = sorted({*(n for n in counts if len(n) >= _SHORTEST), *written})
        count = np.array([counts.get(n, 0.0) for n in names])
        base = np.array([written.get(n, 0.0) for n in names])
        strings = Strings.of(names)
        characters = CharacterModel.fit(strings, np.log1p(count) + base * 1e4)
        known = _WRITTEN_SHARE * base / max(base.sum(), 1e-12)
        bits = characters.spans(strings)[:, -1] + characters.ends(strings)
        prior = known + (1.0 - _WRITTEN_SHARE) * np.exp2(bits)
        strength = _fit_strength(count, prior)
        total = count.sum() + strength
        hashes = strings.whole()
        order = np.argsort(hashes)
        initial = np.full(37, 1e-4)
        np.add.at(initial, strings.codes[:, 0], (count + strength * known) / total)
        rates = (count + strength * known) / total
        unseen = (1.0 - _WRITTEN_SHARE) * strength / total
        return cls(hashes[order], rates[order], float(unseen), characters, initial / initial.sum())


def _fit_strength(count: Floats, prior: Floats) -> float:
    """The strength under which each bearer's name is likeliest given the names of the others."""
    seen = count > 0
    if not seen.any():
        return float(_STRENGTHS[-1])
    count, prior = count[seen], prior[seen]
    others = np.maximum(count - 1.0, 0.0)
    likelihood = [(count * np.log((others + s * prior) / (count.sum() - 1.0 + s))).sum() for s in _STRENGTHS]
    return float(_STRENGTHS[int(np.argmax(likelihood))])


@dataclass(frozen=True, slots=True)
class Population:
    """The given and family names of the people that profiles may belong to."""

    given: NameRates
    family: NameRates

    @classmethod
    def of(cls, names: ChainNames) -> Population:
        """Count each name once for every different name it is combined with, so that copies of a person count once.

        >>> from socialmerge.records import PersonName
        >>> people = Population.of(ChainNames.of([PersonName("Ann Smith", given="ann", family="smith")]))
        >>> rates = people.family.known(Strings.of(["smith", "dumbledore"]).whole())
        >>> bool(rates[0] > 0.005), float(rates[1])
        (True, 0.0)
        """
        full = names.full()
        size = np.int64(len(names.words) + 1)
        both = once(names.part("given")[full] * size + names.part("family")[full])
        written = _census()
        return cls(
            NameRates.fit(_counts(names.words, both // size), written["given"]),
            NameRates.fit(_counts(names.words, both % size), written["family"]),
        )


def _counts(words: Texts, codes: Ints) -> dict[str, float]:
    """How often each word occurs."""
    used, count = np.unique(codes, return_counts=True)
    return dict(zip(words.column.take(pa.array(used)).to_pylist(), count.astype(float).tolist(), strict=True))


def usual_given(name: str) -> bool:
    """Whether a folded name is a given name that many people have: yes is good evidence, no is none.

    >>> usual_given("darlene"), usual_given("darlnee")
    (True, False)
    """
    return name in _census()["given"] or looks_like_given(name)


@cache
def _census() -> dict[str, dict[str, float]]:
    """The shares of the commonest names in the United States."""
    found: dict[str, dict[str, float]] = {"given": {}, "family": {}}
    text = resources.files("socialmerge.matching").joinpath("name_rates.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            kind, name, rate = line.split("\t")
            found[kind][name] = float(rate) / 1e6
    return found
