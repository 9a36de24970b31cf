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

from socialmerge.matching.affixes import Affixed, Affixes
from socialmerge.matching.characters import CharacterModel, Floats, Hashes, Ints, Strings, mix
from socialmerge.matching.name_parts import FORMS, NameParts
from socialmerge.matching.population import Population

__all__ = [
    "HandleModel",
    "Handles",
    "Matches",
    "fit_affixes",
    "fit_shares",
    "match",
    "start_shares",
    "substrings",
    "ways",
]

_CHUNK = 100_000  # pairs at a time
_ROWS = 1_000  # handles at a time, where every substring is looked at
_CHANNEL_STRENGTH = 40.0  # handles that the shares of all channels count for in one channel
_TABLE_STRENGTH = 40.0  # handles that the start values count for in all channels
Way = tuple[str, ...]


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
class Handles:
    """Distinct squeezed handles, ready to be matched with names."""

    texts: tuple[str, ...]
    affixed: Affixed

    def __len__(self) -> int:
        """The number of distinct handles."""
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class HandleModel:
    """The fitted mixture; ``shares`` has a row for each channel that was fitted, "" for all the others."""

    population: Population
    affixes: Affixes
    shares: Mapping[str, Floats]

    @classmethod
    def start(cls, population: Population, texts: Sequence[str], names: Sequence[str] = ()) -> HandleModel:
        """A model with the start values, and a character model of these handles and squeezed names.

        >>> from socialmerge.records import PersonName
        >>> people = [PersonName("Ann Lee", given="ann", family="lee"), PersonName("Bo Fox", given="bo", family="fox")]
        >>> model = HandleModel.start(Population.of(people), ["annlee"])
        >>> handles, names = model.handles(["annlee"]), NameParts.of(people)
        >>> pair = np.array([0, 0]), np.array([0, 1])
        >>> given = model.probability(model.by_way(handles, names, *pair), model.rest(handles, pair[0]), ["x"] * 2)
        >>> bool(given[0] > 1000 * given[1])
        True
        """
        both = Strings.of([*texts, *names])
        weight = np.concatenate([np.ones(len(texts)), np.full(len(names), 0.3)])
        return cls(population, Affixes(CharacterModel.fit(both, weight)), {"": start_shares("default")})

    def handles(self, texts: Sequence[str], common: Sequence[float] = ()) -> Handles:
        """Score the affixes of distinct squeezed handles; ``common`` is the share of people who have each anyway."""
        affixed = self.affixes.around(Strings.of(texts))
        if len(common):
            affixed = replace(affixed, rest=affixed.rest + np.asarray(common))
        return Handles(tuple(texts), affixed)

    def channel_shares(self, channels: Sequence[str]) -> Floats:
        """Shares of the ways for each of these channels, ``(len(channels), ways + 1)``."""
        distinct = {c: self.shares.get(c, start_shares(c)) for c in set(channels)}
        return np.array([distinct[c] for c in channels]).reshape(len(channels), len(ways()) + 1)

    def rest(self, handles: Handles, rows: Ints) -> Floats:
        """The probability of these handles as strings that no name explains."""
        return handles.affixed.rest[rows]

    def probability(self, by_way: Floats, rest: Floats, channels: Sequence[str]) -> Floats:
        """Mix the probabilities by way with the channels' shares."""
        shares = self.channel_shares(channels)
        found: Floats = (by_way * shares[:, :-1]).sum(axis=1) + shares[:, -1] * rest
        return found

    def by_way(self, handles: Handles, names: NameParts, left: Ints, right: Ints) -> Floats:
        """P(handle | name, way) for pairs of a handle and a name.

        Args:
            handles: distinct handles.
            names: distinct names.
            left: rows of ``handles``, one for each pair.
            right: rows of ``names``.

        Returns:
            ``(pairs, ways)``.
        """
        out = np.zeros((len(left), len(ways())))
        for at in range(0, len(left), _CHUNK):
            part = slice(at, at + _CHUNK)
            out[part] = match(handles, names, left[part], right[part]).by_way
        return out

    def anybody(self, handles: Handles, rows: Ints, given: Sequence[str] = (), family: Sequence[str] = ()) -> Floats:
        """P(handle | way) for a person of the population, of whom the given or the family name may be known.

        Args:
            handles: distinct handles.
            rows: those that are asked for.
            given: for each of the rows the squeezed given name if it alone is known, else "".
            family: the same for the family name.

        Returns:
            ``(len(rows), ways)``.
        """
        out = np.zeros((len(rows), len(ways())))
        known = [Strings.of(side or [""] * len(rows)).whole() for side in (given, family)]
        order = np.argsort(handles.affixed.strings.length[rows], kind="stable")  # short ones together: small matrices
        for at in range(0, len(rows), _ROWS):
            part = order[at : at + _ROWS]
            out[part] = _anybody(self.population, handles.affixed, rows[part], known[0][part], known[1][part])
        return out


@dataclass(frozen=True, slots=True)
class Matches:
    """By pair and way the probability, and where in the handle the core stands."""

    by_way: Floats
    start: Ints
    stop: Ints


def match(handles: Handles, names: NameParts, left: Ints, right: Ints) -> Matches:
    """Look each name's forms up among the substrings of the handle it is paired with."""
    used, left = np.unique(left, return_inverse=True)
    some, right = np.unique(right, return_inverse=True)
    keys, value, start, stop = substrings(handles.affixed, used)
    names = names.take(some)
    by_way = np.zeros((len(left), len(ways())))
    first, last = np.zeros_like(by_way, dtype=np.int64), np.zeros_like(by_way, dtype=np.int64)
    for k, way in enumerate(ways()):
        for nick in range(FORMS if "nick" in way else 1):
            form = names.form(way, nick)[right]
            rows = np.flatnonzero(form)
            key = mix(left[rows], form[rows])
            place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            hit = keys[place] == key
            rows, place = rows[hit], place[hit]
            share = 1.0 / names.nick_share[right[rows]] if "nick" in way else 1.0
            by_way[rows, k] += value[place] * share
            first[rows, k], last[rows, k] = start[place], stop[place]
    return Matches(by_way, first, last)


def substrings(affixed: Affixed, rows: Ints) -> tuple[Hashes, Floats, Ints, Ints]:
    """Sorted keys of all substrings of these handles, with the probability of what stands around each."""
    hashes = affixed.strings.take(rows).substrings()
    row, start, stop = np.nonzero(hashes)
    keys = mix(row, hashes[row, start, stop])
    value = affixed.before[rows[row], start] * affixed.after[rows[row], stop]
    order = np.lexsort((-value, keys))
    keys, value, start, stop = keys[order], value[order], start[order], stop[order]
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    if not len(keys):
        return np.zeros(1, np.uint64), np.zeros(1), np.zeros(1, np.int64), np.zeros(1, np.int64)
    return keys[first], value[first], start[first], stop[first]


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
    handles: Handles,
    matches: Matches,
    *,
    rows: Ints,
    channels: Sequence[str],
    weight: Floats,
) -> HandleModel:
    """One step of EM for the shares of the ways: expected counts by channel, shrunk to all channels' and to the start.

    Args:
        model: the model so far.
        handles: distinct handles.
        matches: of pairs of a handle and the name of its owner.
        rows: the handle of each pair.
        channels: the channel of each pair.
        weight: the probability that the name is the owner's.
    """
    if not len(rows):
        return model
    shares = model.channel_shares(channels)
    joint = np.concatenate([matches.by_way, model.rest(handles, rows)[:, None]], axis=1) * shares
    expected = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300) * weight[:, None]
    names = sorted(set(channels))
    code = np.searchsorted(names, channels)
    start = np.array([start_shares(c) for c in names])
    counts = np.zeros((len(names), expected.shape[1]))
    np.add.at(counts, code, expected)
    pooled = (counts.sum(axis=0) + _TABLE_STRENGTH * start_shares("default")) / (counts.sum() + _TABLE_STRENGTH)
    tilt = start / start_shares("default")  # what is usual on a channel stays usual there
    prior = pooled * tilt / (pooled * tilt).sum(axis=1, keepdims=True)
    fitted = (counts + _CHANNEL_STRENGTH * prior) / (counts.sum(axis=1, keepdims=True) + _CHANNEL_STRENGTH)
    return replace(model, shares={"": pooled, **dict(zip(names, fitted, strict=True))})


def fit_affixes(model: HandleModel, handles: Handles, matches: Matches, *, rows: Ints, weight: Floats) -> HandleModel:
    """Learn what stands around the names: each distinct handle counts once, by its likeliest owner."""
    best = matches.by_way.argmax(axis=1)
    pairs = np.arange(len(rows))
    found = (matches.by_way[pairs, best] > 0) & (weight > 0)
    order = np.argsort(-weight[found], kind="stable")
    chosen, place = np.unique(rows[found][order], return_index=True)
    pair = pairs[found][order][place]
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    start, stop = matches.start[pair, best[pair]], matches.stop[pair, best[pair]]
    for row, i, j, w in zip(chosen.tolist(), start.tolist(), stop.tolist(), weight[pair].tolist(), strict=True):
        before[handles.texts[row][:i]] += w
        after[handles.texts[row][j:]] += w
    return replace(model, affixes=model.affixes.learn(before, after))
