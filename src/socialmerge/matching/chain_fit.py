"""Learn the chain without labels: how people make handles and how names vary, from the tables at hand."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from socialmerge.matching import identity
from socialmerge.matching.chain import ChainModel, Ready, name_evidence, prepare, weigh_ready
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.characters import Floats, Ints, squeeze
from socialmerge.matching.handles import HandleModel, fit_affixes, fit_shares, match
from socialmerge.matching.name_evidence import start_variants
from socialmerge.matching.name_parts import NameParts
from socialmerge.matching.population import Population
from socialmerge.matching.posterior import posterior

__all__ = ["fit"]

_ENOUGH = 5_000  # rows of a side that the shares are fitted on; more change them by less than their error
_ENOUGH_PAIRS = 50_000  # candidate pairs that they are fitted on
_ENOUGH_LESSONS = 20_000  # strings of one side that show how a name made them
_LIKELY = 0.02  # probability from which a pair teaches anything


def fit(
    profiles: ChainSide,
    customers: ChainSide,
    left: npt.NDArray[np.integer],
    right: npt.NDArray[np.integer],
    *,
    extra: Floats | None = None,
    source: npt.NDArray[np.integer] | None = None,
    rounds: int = 3,
) -> ChainModel:
    """Learn the chain from the two tables and their candidate pairs, without labels.

    The shares of the ways to make a handle come from rows that show both a name and a handle, and from candidate pairs
    by their probability; those of the name variants from the candidate pairs.

    Args:
        profiles: one side.
        customers: the other.
        left: rows of ``profiles``, one for each candidate pair.
        right: rows of ``customers``.
        extra: bits of other evidence (e-mail, phone, place, date) for each pair.
        source: for each profile the code of its source.
        rounds: of EM.
    """
    shared = identity.shared(profiles, customers)
    population = Population.of([*profiles.names, *customers.names])
    a_profile = max(len(left) / max(len(profiles.name), 1), 1.0)
    used = _sampled(profiles, min(_ENOUGH, max(int(_ENOUGH_PAIRS / a_profile), 1)))
    rows = np.flatnonzero(np.isin(left, used))
    others = np.union1d(right[rows], _sampled(customers, _ENOUGH)).astype(np.int64)
    pairs = np.searchsorted(used, left[rows]), np.searchsorted(others, right[rows])
    sizes = {"n_profiles": len(used), "n_customers": len(customers.name)}
    profiles, customers = profiles.take(used), customers.take(others)
    squeezed = [squeeze(n.given + n.family) for n in (*profiles.names, *customers.names)]
    texts = tuple(dict.fromkeys([*profiles.texts, *customers.texts]))
    model = ChainModel(HandleModel.start(population, texts, squeezed), start_variants())
    owners = NameParts.of((*profiles.names, *customers.names))
    origin = None if source is None else source[used]
    for _ in range(rounds):
        ready = prepare(profiles, customers, model, shared)
        bits = weigh_ready(ready, *pairs).bits + (0.0 if extra is None else extra[rows])
        probability = posterior(pairs[0], bits, source=origin, **sizes).candidate
        model = _improve(ready, owners, *pairs, probability)
    return model


def _sampled(side: ChainSide, most: int) -> Ints:
    """Rows to learn from, drawn by what they say, so that the order of rows does not matter."""
    size = len(side.name)
    if size <= most:
        return np.arange(size)
    shown = np.array([zlib.crc32(n.display.encode()) for n in side.names] + [0], dtype=np.int64)[side.name]
    texts = np.array([zlib.crc32(t.encode()) for t in side.texts] + [0], dtype=np.int64)[side.text]
    first = np.where(np.diff(side.start) > 0, np.append(texts, 0)[np.minimum(side.start[:-1], len(texts))], 0)
    drawn = (shown * 2_654_435_761 + first * 40_503) % 4_294_967_291
    return np.sort(np.argsort(drawn, kind="stable")[:most])


def _improve(ready: Ready, owners: NameParts, left: Ints, right: Ints, probability: Floats) -> ChainModel:
    """One step of EM; ``owners`` are the names of both sides, the profiles' first."""
    likely = probability > _LIKELY
    left, right, probability = left[likely], right[likely], probability[likely]
    shares = name_evidence(ready, left, right).fit(ready.model.variants, probability)
    handles = ready.model.handles
    texts, names, kinds, weight = _lessons(ready, left, right, probability)
    found = match(ready.handles, owners, texts, names)
    fitted = fit_shares(handles, ready.handles, found, rows=texts, channels=kinds, weight=weight)
    fitted = fit_affixes(fitted, ready.handles, found, rows=texts, weight=weight)
    return replace(ready.model, handles=fitted, variants=shares)


def _lessons(ready: Ready, left: Ints, right: Ints, probability: Floats) -> tuple[Ints, Ints, list[str], Floats]:
    """Strings with the name of their owner: each side's own, and of nameless profiles the likely customer's."""
    texts, names, kinds, weight = [], [], [], []
    for k, side in enumerate((ready.profiles, ready.customers)):
        name = side.name[side.row]
        rows = np.flatnonzero(ready.full[k][name] & (ready.texts[k] >= 0))[:_ENOUGH_LESSONS]
        texts.append(ready.texts[k][rows])
        names.append(name[rows] + (k and len(ready.profiles.names)))
        kinds += [side.kinds[i] for i in side.kind[rows].tolist()]
        weight.append(np.ones(len(rows)))
    nameless = ~ready.full[0][ready.profiles.name[left]] & ready.full[1][ready.customers.name[right]]
    left, right, probability = left[nameless], right[nameless], probability[nameless]
    count = np.diff(ready.profiles.start)[left]
    pair = np.repeat(np.arange(len(left)), count)
    string = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + ready.profiles.start[left][pair]
    rows = np.flatnonzero(ready.texts[0][string] >= 0)
    texts.append(ready.texts[0][string[rows]])
    names.append(ready.customers.name[right[pair[rows]]] + len(ready.profiles.names))
    kinds += [ready.profiles.kinds[i] for i in ready.profiles.kind[string[rows]].tolist()]
    weight.append(probability[pair[rows]])
    return np.concatenate(texts), np.concatenate(names), kinds, np.concatenate(weight)
