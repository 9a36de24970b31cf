"""P(handle | name): a mixture over the ways people make a handle from their name, and what else they type.

A handle is ``before + core + after``: the core is made from the name in one of the ways of ``handle_patterns.toml``,
and a handle may have no such core at all. P(handle) for anybody is the same mixture over the population's names, so
that the ratio of the two tells how much a handle says about whose it is. Shares of the ways are fitted by EM, by
channel, each channel's shrunk to all channels' and these to the measured start values.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.matching.affixes import Affixed, Affixes
from socialmerge.matching.characters import CharacterModel, Floats, Hashes, Ints, Strings
from socialmerge.matching.handle_matches import Matches
from socialmerge.matching.name_parts import Way
from socialmerge.matching.population import Population
from socialmerge.normalise.texts import Texts

__all__ = ["HandleModel", "explained", "fit_affixes", "fit_shares", "start_shares", "ways"]

_ROWS = 1_000  # handles at a time, where every substring is looked at
_CHANNEL_STRENGTH = 40.0  # handles that the shares of all channels count for in one channel
_TABLE_STRENGTH = 40.0  # handles that the start values count for in all channels


@cache
def _patterns() -> Mapping[str, Any]:
    text = resources.files("socialmerge.matching").joinpath("handle_patterns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def ways() -> tuple[Way, ...]:
    """The ways to make a handle from a name, each a row of parts of the name.

    >>> ways()[:2]
    (('given', 'family'), ('g', 'family'))
    """
    return tuple(tuple(way.split()) for way in _patterns()["ways"])


@cache
def start_shares(channel: str) -> Floats:
    """Shares of the ways on a channel before any data is seen; the last is that of handles no way explains."""
    table = _patterns()["shares"]
    known = table.get(channel, table["default"])
    left = 1.0 - known["full"] - known["initial"] - known["rest"]
    others = np.array([float(known.get(way, usual)) for way, usual in list(_patterns()["ways"].items())[2:]])
    return np.array([known["full"], known["initial"], *(left * others / others.sum()), known["rest"]])


@dataclass(frozen=True, slots=True)
class HandleModel:
    """The fitted mixture; ``shares`` has a row for each channel that was fitted, "" for all the others."""

    population: Population
    affixes: Affixes
    shares: Mapping[str, Floats]

    @classmethod
    def start(cls, population: Population, texts: Sequence[str], names: Sequence[str] = ()) -> HandleModel:
        """A model with the start values, and a character model of these handles and squeezed names.

        >>> from socialmerge.matching.chain_names import ChainNames
        >>> from socialmerge.records import PersonName
        >>> ann = ChainNames.of([PersonName("Ann Lee", given="ann", family="lee")])
        >>> model = HandleModel.start(Population.of(ann), ["annlee", "bofox"])
        >>> bool(model.scored(Strings.of(["annlee"])).rest[0] < 0.001)
        True
        """
        both = Strings.of([*texts, *names])
        weight = np.concatenate([np.ones(len(texts)), np.full(len(names), 0.3)])
        return cls(population, Affixes(CharacterModel.fit(both, weight)), {"": start_shares("default")})

    def scored(self, strings: Strings, common: Floats | None = None) -> Affixed:
        """Score the affixes of distinct handles; ``common`` is the share of people who have each anyway."""
        affixed = self.affixes.around(strings)
        return affixed if common is None else replace(affixed, rest=affixed.rest + common)

    def channel_shares(self, channels: Sequence[str]) -> Floats:
        """Shares of the ways for each of these channels, ``(len(channels), ways + 1)``."""
        found = [self.shares[c] if c in self.shares else start_shares(c) for c in channels]
        return np.array(found).reshape(len(channels), len(ways()) + 1)

    def given(self, affixed: Affixed, found: Matches, handle: Ints, channel: Ints, shares: Floats) -> Floats:
        """P(handle | name) of matched pairs.

        Args:
            affixed: the handles, from `scored`.
            found: of pairs of a handle and a name.
            handle: the handle of each pair.
            channel: the channel of each pair, a row of ``shares``.
            shares: from `channel_shares`.
        """
        value = explained(affixed, found, handle)
        pair, way = found.pair[found.first], found.way[found.first]
        named = np.bincount(pair, shares[channel[pair], way] * value, minlength=found.pairs)
        probability: Floats = named + shares[channel, -1] * affixed.rest[handle]
        return probability

    def unknown(self, by_way: Floats, rest: Floats, shares: Floats) -> Floats:
        """P(handle) for somebody whose name is not known: ``by_way`` from `anybody`, a row of shares for each."""
        found: Floats = (by_way * shares[:, :-1]).sum(axis=1) + shares[:, -1] * rest
        return found

    def anybody(
        self, affixed: Affixed, rows: Ints, given: Hashes | None = None, family: Hashes | None = None
    ) -> Floats:
        """P(handle | way) for a person of the population, of whom the given or the family name may be known.

        Args:
            affixed: distinct handles, from `scored`.
            rows: those that are asked for.
            given: for each of the rows the hash of the given name if it alone is known, else 0.
            family: the same for the family name.

        Returns:
            ``(len(rows), ways)``.
        """
        out = np.zeros((len(rows), len(ways())))
        known = [np.zeros(len(rows), np.uint64) if side is None else side for side in (given, family)]
        # one length at a time: small matrices for short ones, and sums that do not depend on what else is asked
        length = affixed.strings.length[rows]
        order = np.argsort(length, kind="stable")
        for alike in np.split(order, np.flatnonzero(np.diff(length[order])) + 1):
            for at in range(0, len(alike), _ROWS):
                part = alike[at : at + _ROWS]
                out[part] = _anybody(self.population, affixed, rows[part], known[0][part], known[1][part])
        return out


def explained(affixed: Affixed, found: Matches, handle: Ints) -> Floats:
    """The probability of each form that was found, by the likeliest place where it stands."""
    row = handle[found.pair]
    value = affixed.before[row, found.start] * affixed.after[row, found.stop] * found.share
    best: Floats = np.maximum.reduceat(value, found.first) if len(found.first) else value
    return best


def _anybody(population: Population, affixed: Affixed, rows: Ints, given: Hashes, family: Hashes) -> Floats:
    """Sum over every way to cut each handle into the parts of somebody's name."""
    strings = affixed.strings.take(rows)
    hashes = strings.substrings()
    slots = _slots(population, strings, hashes)
    for known, whole, letter in ((given, "given", "g"), (family, "family", "f")):
        some = known != 0
        slots[whole][some] = hashes[some] == known[some, None, None]
        if some.any():
            slots[letter][some] *= _begins(slots[whole][some], slots[letter][some])
    width = hashes.shape[1]
    paths: dict[Way, Floats] = {(): affixed.before[rows, None, :width]}
    out = np.zeros((len(rows), len(ways())))
    for k, way in enumerate(ways()):
        parts = tuple(_SLOT.get(part, part) for part in way)
        for n in range(1, len(parts) + 1):
            if parts[:n] not in paths:
                paths[parts[:n]] = paths[parts[: n - 1]] @ slots[parts[n - 1]]
        out[:, k] = (paths[parts][:, 0, :] * affixed.after[rows, :width]).sum(axis=1)
    return out


_SLOT = {"nick": "given", "middle": "given", "m": "g", "family1": "family", "family2": "family"}


def _begins(whole: Floats, letter: Floats) -> Floats:
    """The letter of a known name is certain where the name itself begins in the handle, unlikely elsewhere."""
    starts = whole.max(axis=2, keepdims=True)
    return np.where(starts > 0, 1.0 / np.maximum(letter, 1e-12), 1.0)


def _slots(population: Population, strings: Strings, hashes: Hashes) -> dict[str, Floats]:
    """For each part of a name the probability of every substring as that part."""
    width = hashes.shape[1]
    slots: dict[str, Floats] = {}
    for whole, letter, rates in (("given", "g", population.given), ("family", "f", population.family)):
        spans = rates.characters.spans(strings)
        length = np.arange(width)[None, :] - np.arange(width)[:, None]
        unseen = np.exp2(np.where(length >= 2, spans[:, None, :] - spans[:, :, None] - 2.5, -np.inf))
        slots[whole] = np.where(hashes != 0, rates.known(hashes) + rates.unseen * unseen, 0.0)
        single = np.zeros(hashes.shape)
        at = np.arange(width - 1)
        single[:, at, at + 1] = np.where(strings.codes > 0, rates.initial[strings.codes], 0.0)
        slots[letter] = single
    return slots


def fit_shares(
    model: HandleModel,
    affixed: Affixed,
    found: Matches,
    *,
    handle: Ints,
    channel: Ints,
    channels: Sequence[str],
    weight: Floats,
) -> HandleModel:
    """One step of EM for the shares of the ways: expected counts by channel, shrunk to all channels' and to the start.

    Args:
        model: the model so far.
        affixed: distinct handles.
        found: matches of handles and the names of their owners.
        handle: the handle of each pair.
        channel: the channel of each pair, a place in ``channels``.
        channels: their names.
        weight: the probability that the name is the owner's.
    """
    if not len(handle):
        return model
    shares = model.channel_shares(channels)
    value = explained(affixed, found, handle)
    pair, way = found.pair[found.first], found.way[found.first]
    value = value * shares[channel[pair], way]
    rest = affixed.rest[handle] * shares[channel, -1]
    total = np.maximum(np.bincount(pair, value, minlength=found.pairs) + rest, 1e-300)
    width = shares.shape[1]
    found_in = np.bincount(channel[pair] * width + way, value / total[pair] * weight[pair], minlength=shares.size)
    counts = found_in.astype(np.float64).reshape(shares.shape)
    counts[:, -1] += np.bincount(channel, rest / total * weight, minlength=len(channels))
    seen = once(channel[weight > 0])
    fitted = _shrunk(counts[seen], [channels[c] for c in seen.tolist()])
    return replace(model, shares=fitted)


def _shrunk(counts: Floats, channels: Sequence[str]) -> dict[str, Floats]:
    """Shares from expected counts, each channel's shrunk to all channels', and these to the start values."""
    start = np.array([start_shares(c) for c in channels]).reshape(counts.shape)
    pooled = (counts.sum(axis=0) + _TABLE_STRENGTH * start_shares("default")) / (counts.sum() + _TABLE_STRENGTH)
    tilt = start / start_shares("default")  # what is usual on a channel stays usual there
    prior = pooled * tilt / (pooled * tilt).sum(axis=1, keepdims=True)
    fitted = (counts + _CHANNEL_STRENGTH * prior) / (counts.sum(axis=1, keepdims=True) + _CHANNEL_STRENGTH)
    return {"": pooled, **dict(zip(channels, fitted, strict=True))}


def fit_affixes(
    model: HandleModel, texts: Texts, affixed: Affixed, found: Matches, *, handle: Ints, weight: Floats
) -> HandleModel:
    """Learn what stands around the names: each distinct handle counts once, by its likeliest owner.

    ``texts`` are the handles as text, in the rows of ``affixed``.
    """
    row = handle[found.pair]
    value = affixed.before[row, found.start] * affixed.after[row, found.stop] * found.share
    kept = np.flatnonzero((value > 0) & (weight[found.pair] > 0))
    kept = kept[np.lexsort((found.way[kept], -value[kept], found.pair[kept], -weight[found.pair[kept]], row[kept]))]
    kept = kept[np.diff(row[kept], prepend=-1) != 0]
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    shown = texts.column.take(pa.array(row[kept])).to_pylist()
    places = zip(shown, found.start[kept].tolist(), found.stop[kept].tolist(), strict=True)
    for (text, start, stop), w in zip(places, weight[found.pair[kept]].tolist(), strict=True):
        before[text[:start]] += w
        after[text[stop:]] += w
    return replace(model, affixes=model.affixes.learn(before, after))
