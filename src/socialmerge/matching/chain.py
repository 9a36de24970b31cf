"""The chain of correlated evidence: name, handle, e-mail local part and website label as one weight, in bits.

Each string of a profile adds ``log2 P(string | the customer, its names and strings) / P(string | another person, the
names and strings already used)``. So a handle that the profile's own name explains adds nothing to that name, and a
handle that is also the customer's adds what neither the name nor the strings before it explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from socialmerge.matching import identity
from socialmerge.matching.chain_sides import DISPLAY, ChainSide
from socialmerge.matching.characters import Floats, Ints, squeeze
from socialmerge.matching.copies import Copies, copy_share
from socialmerge.matching.handles import HandleModel, Handles
from socialmerge.matching.name_evidence import NameEvidence, variants
from socialmerge.matching.name_parts import NameParts

__all__ = ["ChainModel", "ChainWeights", "Ready", "Sign", "name_evidence", "prepare", "weigh_ready", "weights"]

Flags = npt.NDArray[np.bool_]

_CHUNK = 100_000  # pairs at a time
_MOST_COPIED = 0.8  # of strings; the rest is made anew however many one has
_OTHER_NAME = 0.5  # share of strings made from the profile's name rather than the customer's, where both are known
_PARTLY = 0.5  # share of handles made from the one word that a profile shows as its name
_STABLE_ID = 30.0  # bits, at least
_LEAST = -8.0  # bits: no single string is a veto
_MOST = 22.0  # bits: of a string that the customer's name explains
_MOST_COPY = 16.0  # of one that is also the customer's: handles are reused, and templates leave other people's behind
_MOST_ALIKE = 12.0  # of one that only begins or ends like the customer's: measured once in 20,000 pairs of strangers
_WORTH = 1.0  # bits from which a string is given as a reason


class Sign(IntFlag):
    """What the chain found, for the reason of a decision."""

    NAME = 1
    NAME_VARIANT = 2
    NAME_DIFFERS = 4
    HANDLE_FROM_NAME = 8
    STRING_SHARED = 16
    ACCOUNT_SAME = 32
    WEBSITE_SAME = 64
    ID_SAME = 128
    ID_CONFLICT = 256
    SECOND_ACCOUNT = 512
    EMAIL_SAME = 1024


@dataclass(frozen=True, slots=True)
class ChainModel:
    """What the chain learned: the handle model and the shares of name variants."""

    handles: HandleModel
    variants: Floats


@dataclass(frozen=True, slots=True)
class ChainWeights:
    """For each pair the bits, those resting on verified evidence alone, and what was found (see `Sign`)."""

    bits: Floats
    verified: Floats
    signs: npt.NDArray[np.int64]


def weights(
    profiles: ChainSide,
    customers: ChainSide,
    left: npt.NDArray[np.integer],
    right: npt.NDArray[np.integer],
    model: ChainModel,
) -> ChainWeights:
    """Weigh pairs of a profile and a customer.

    Args:
        profiles: one side.
        customers: the other.
        left: rows of ``profiles``, one for each pair.
        right: rows of ``customers``.
        model: from `chain_fit.fit`.

    Returns:
        Bits for each pair; 0 where both sides show nothing that can be compared.
    """
    shared = identity.shared(profiles, customers)
    order = np.argsort(left, kind="stable")
    bits, verified, signs = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left), dtype=np.int64)
    for at in range(0, len(left), _CHUNK):
        part = order[at : at + _CHUNK]
        found = weigh_ready(*_chunk(profiles, customers, left[part], right[part], model=model, shared=shared))
        bits[part], verified[part], signs[part] = found.bits, found.verified, found.signs
    return ChainWeights(bits, verified, signs)


def _chunk(
    profiles: ChainSide,
    customers: ChainSide,
    left: npt.NDArray[np.integer],
    right: npt.NDArray[np.integer],
    *,
    model: ChainModel,
    shared: identity.Shared,
) -> tuple[Ready, Ints, Ints]:
    """Only the rows that these pairs need, and the pairs in their numbering."""
    one, left = np.unique(left.astype(np.int64), return_inverse=True)
    other, right = np.unique(right.astype(np.int64), return_inverse=True)
    return prepare(profiles.take(one), customers.take(other), model, shared), left, right


@dataclass(frozen=True, slots=True)
class Ready:
    """Both sides with their distinct strings and names in one numbering, and what does not depend on the pair."""

    profiles: ChainSide
    customers: ChainSide
    model: ChainModel
    handles: Handles
    texts: tuple[Ints, Ints]  # of each string of each side the row in ``handles``; -1 for none
    names: tuple[NameParts, NameParts]
    full: tuple[Flags, Flags]
    copies: Copies
    own: tuple[Floats, Floats, Floats]  # of each profile string: sums over the strings before it
    from_profile: Floats  # of each profile string: its probability given the profile's own name
    shared: identity.Shared


def prepare(profiles: ChainSide, customers: ChainSide, model: ChainModel, shared: identity.Shared) -> Ready:
    """Number the strings and names of both sides together, and compute what does not depend on the pair."""
    texts = tuple(dict.fromkeys([*profiles.texts, *customers.texts]))
    place = {t: i for i, t in enumerate(texts)}
    coded = []
    for side in (profiles, customers):
        code = np.array([place[t] for t in side.texts] + [-1], dtype=np.int64)
        coded.append(code[side.text])
    handles = model.handles.handles(texts, [shared.common.get(t, 0.0) for t in texts])
    copies = Copies.of(handles)
    names = NameParts.of(profiles.names), NameParts.of(customers.names)
    own = _own(profiles, coded[0], copies)
    made = _from_own_name(profiles, coded[0], handles, names[0], model.handles)
    full = profiles.full(), customers.full()
    return Ready(profiles, customers, model, handles, (coded[0], coded[1]), names, full, copies, own, made, shared)


def _own(side: ChainSide, text: Ints, copies: Copies) -> tuple[Floats, Floats, Floats]:
    """Sums over the strings before each in its row: shares, shares times copies, logs of what is not copied."""
    first = side.start[:-1][side.row]
    counts = np.arange(len(text)) - first
    one = np.repeat(np.arange(len(text)), counts)
    other = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts) + first[one]
    share = copy_share(side.kinds, side.kinds)[side.kind[one], side.kind[other]]
    return _sums(share, copies.value(text[one], text[other]), one, len(text))


def _sums(share: Floats, value: Floats, group: Ints, size: int) -> tuple[Floats, Floats, Floats]:
    return (
        _sum(group, share, size),
        _sum(group, share * value, size),
        _sum(group, np.log1p(-share), size),
    )


def _sum(group: Ints, value: Floats, size: int) -> Floats:
    return np.bincount(group, value, minlength=size).astype(np.float64)


def _mixed(sums: tuple[Floats, Floats, Floats], made: Floats) -> Floats:
    """A string is a copy of one of the strings known, or made anew."""
    copied = np.minimum(-np.expm1(sums[2]), _MOST_COPIED)
    mixed: Floats = copied * sums[1] / np.maximum(sums[0], 1e-12) + (1.0 - copied) * made
    return mixed


def _from_own_name(side: ChainSide, text: Ints, handles: Handles, names: NameParts, model: HandleModel) -> Floats:
    """P(string | its own row's name), as far as that is known."""
    found = np.ones(len(text))
    name = side.name[side.row]
    full = side.full()[name]
    rows = np.flatnonzero((text >= 0) & full)
    by_way = model.by_way(handles, names, text[rows], name[rows])
    found[rows] = model.probability(by_way, model.rest(handles, text[rows]), side.kind_names(rows))
    rows = np.flatnonzero((text >= 0) & ~full)
    distinct, back = np.unique(text[rows], return_inverse=True)
    rest, kinds = model.rest(handles, text[rows]), side.kind_names(rows)
    anybody = model.probability(model.anybody(handles, distinct)[back], rest, kinds)
    partly = np.flatnonzero((name[rows] >= 0) & (np.array(kinds, dtype=object) != DISPLAY))
    shown = [side.names[n] for n in name[rows[partly]].tolist()]
    known = [squeeze(n.given) for n in shown], [squeeze(n.family) for n in shown]
    if len(partly):
        by_way = model.anybody(handles, text[rows[partly]], *known)
        known_part = model.probability(by_way, rest[partly], [kinds[i] for i in partly.tolist()])
        anybody[partly] = _PARTLY * known_part + (1.0 - _PARTLY) * anybody[partly]
    found[rows] = anybody
    return found


def weigh_ready(ready: Ready, left: Ints, right: Ints) -> ChainWeights:
    """Weigh pairs of rows of the two sides that were made ready."""
    evidence = name_evidence(ready, left, right)
    bits = evidence.weights(ready.model.variants)
    signs = _NAME_SIGNS[evidence.variant]
    verified = np.zeros(len(left))
    count = np.diff(ready.profiles.start)[left]
    pair = np.repeat(np.arange(len(left)), count)
    if len(pair):
        string = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + ready.profiles.start[left][pair]
        more, proof, found = _strings(ready, string, left[pair], right[pair], pair)
        bits = bits + _sum(pair, more, len(left))
        verified = _sum(pair, proof, len(left))
        np.bitwise_or.at(signs, pair, found)
    # one id in one scope is one account, whatever its owner is called by now
    stable = ((signs & int(Sign.ID_SAME)) != 0) & ((signs & int(Sign.ID_CONFLICT)) == 0)
    return ChainWeights(np.where(stable, np.maximum(bits, _STABLE_ID), bits), verified, signs)


_NAME_SIGNS = np.array(
    [int(Sign.NAME)] + [int(Sign.NAME_VARIANT)] * 6 + [int(Sign.NAME_DIFFERS)] * 3 + [0], dtype=np.int64
)


def name_evidence(ready: Ready, left: Ints, right: Ints) -> NameEvidence:
    """Evidence of names with two words or more; a single word counts as a string."""
    one = ready.profiles.name[left]
    one = np.where(ready.full[0][one], one, -1)
    population = ready.model.handles.population
    return variants(ready.profiles.names, ready.customers.names, population, (one, ready.customers.name[right]))


def _strings(ready: Ready, string: Ints, left: Ints, right: Ints, pair: Ints) -> tuple[Floats, Floats, Ints]:
    """Bits of each string of the profile against a customer, in the pair it belongs to."""
    customers = ready.customers
    count = np.diff(customers.start)[right]
    cell = np.repeat(np.arange(len(string)), count)
    other = np.arange(len(cell)) - np.repeat(np.cumsum(count) - count, count) + customers.start[right][cell]
    text = ready.texts[0][string], ready.texts[1][other]
    share = copy_share(ready.profiles.kinds, customers.kinds)[ready.profiles.kind[string][cell], customers.kind[other]]
    value = ready.copies.value(text[0][cell], text[1])
    sums = _sums(share * (text[1] >= 0), value, cell, len(string))
    both = tuple(a + b[string] for a, b in zip(sums, ready.own, strict=True))
    made = _made(ready, string, left, right)
    same = _mixed((both[0], both[1], both[2]), made)
    own = tuple(s[string] for s in ready.own)
    another = _mixed((own[0], own[1], own[2]), ready.from_profile[string])
    with np.errstate(divide="ignore"):
        named = np.log2(made) - np.log2(another)
        bits = np.clip(np.log2(same) - np.log2(another), _LEAST, _MOST)
    equal = np.bincount(cell, (text[0][cell] == text[1]) & (text[1] >= 0), minlength=len(string)) > 0
    copied = np.where(equal, _MOST_COPY, np.where(sums[1] > 0, _MOST_ALIKE, _MOST))
    bits = np.minimum(bits, np.maximum(copied, named))
    bits[text[0] < 0] = 0.0
    from_name = (made > 2.0 * ready.from_profile[string]) & (bits > _WORTH)
    signs = np.where(from_name, int(Sign.HANDLE_FROM_NAME), 0)
    signs |= np.where((sums[1] > 0.05) & (bits > _WORTH), int(Sign.STRING_SHARED), 0)
    found = identity.compare(ready.shared, ready.profiles, customers, (string, cell, other, pair))
    return np.where(found.decides, found.bits, bits + found.bits), found.verified, signs | found.signs


def _made(ready: Ready, string: Ints, left: Ints, right: Ints) -> Floats:
    """P(string | made from a name), the person's name being the customer's, the profile's, or either."""
    out = ready.from_profile[string].copy()
    name = ready.customers.name[right]
    text = ready.texts[0][string]
    rows = np.flatnonzero((text >= 0) & (name >= 0))
    if not len(rows):
        return out
    kind = ready.profiles.kind[string[rows]]
    width, kinds = len(ready.customers.names), len(ready.profiles.kinds)
    key = (text[rows] * width + name[rows]) * kinds + kind
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    model, at = ready.model.handles, rows[first]
    by_way = model.by_way(ready.handles, ready.names[1], text[at], name[at])
    some = [ready.profiles.kinds[k] for k in kind[first].tolist()]
    by_customer = model.probability(by_way, model.rest(ready.handles, text[at]), some)[back]
    named = ready.full[0][ready.profiles.name[left[rows]]]
    complete = ready.full[1][name[rows]]
    other = np.where(complete & ~named, 0.0, _OTHER_NAME)
    out[rows] = other * out[rows] + (1.0 - other) * by_customer
    return out
