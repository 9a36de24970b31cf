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

from socialmerge.matching.affixes import Affixed
from socialmerge.matching.chain_evidence import Evidence, Made, OwnStrings, Sources, gather
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.characters import Floats, Ints
from socialmerge.matching.handles import HandleModel
from socialmerge.parallel import each

__all__ = ["ChainModel", "ChainWeights", "Sign", "weigh", "weights"]

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
    tables: ChainTables, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer], model: ChainModel
) -> ChainWeights:
    """Weigh pairs of a profile and a customer.

    Args:
        tables: the two sides.
        left: rows of the profiles, one for each pair.
        right: rows of the customers.
        model: from `chain_fit.fit`.

    Returns:
        Bits for each pair; 0 where both sides show nothing that can be compared.
    """
    order = np.argsort(left, kind="stable")
    bits, verified, signs = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left), dtype=np.int64)
    parts = [order[at : at + _CHUNK] for at in range(0, len(left), _CHUNK)]
    for part, found in zip(
        parts, each(lambda part: weigh(gather(tables, left[part], right[part]), model), parts), strict=True
    ):
        bits[part], verified[part], signs[part] = found.bits, found.verified, found.signs
    return ChainWeights(bits, verified, signs)


def weigh(evidence: Evidence, model: ChainModel) -> ChainWeights:
    """Weigh what was gathered of some pairs."""
    names, pairs = evidence.names, evidence.pairs
    bits = names.weights(model.variants)
    signs = _NAME_SIGNS[names.variant]
    verified = np.zeros(len(bits))
    if len(pairs.pair):
        more, found = _strings(evidence, model.handles)
        bits = bits + _sum(pairs.pair, more, len(bits))
        verified = _sum(pairs.pair, evidence.found.verified, len(bits))
        np.bitwise_or.at(signs, pairs.pair, found)
    # one id in one scope is one account, whatever its owner is called by now
    stable = ((signs & int(Sign.ID_SAME)) != 0) & ((signs & int(Sign.ID_CONFLICT)) == 0)
    return ChainWeights(np.where(stable, np.maximum(bits, _STABLE_ID), bits), verified, signs)


_NAME_SIGNS = np.array(
    [int(Sign.NAME)] + [int(Sign.NAME_VARIANT)] * 6 + [int(Sign.NAME_DIFFERS)] * 3 + [0], dtype=np.int64
)


@dataclass(frozen=True, slots=True)
class _Copied:
    """For each string, over those that it may be a copy of: sums of shares, shares times copies, logs of the rest."""

    share: Floats
    value: Floats
    new: Floats

    @classmethod
    def of(cls, sources: Sources, affixed: Affixed) -> _Copied:
        value = np.bincount(sources.of, sources.weight * sources.copied.values(affixed), minlength=len(sources.share))
        return cls(sources.share, value.astype(np.float64), sources.new)

    def take(self, rows: Ints) -> _Copied:
        return _Copied(self.share[rows], self.value[rows], self.new[rows])

    def mixed(self, made: Floats, more: _Copied | None = None) -> Floats:
        """P(string): it is a copy of one of the strings known, of these and of ``more``, or made anew."""
        share, value, new = self.share, self.value, self.new
        if more is not None:
            share, value, new = share + more.share, value + more.value, new + more.new
        copied = np.minimum(-np.expm1(new), _MOST_COPIED)
        found: Floats = copied * value / np.maximum(share, 1e-12) + (1.0 - copied) * made
        return found


def _sum(group: Ints, value: Floats, size: int) -> Floats:
    return np.bincount(group, value, minlength=size).astype(np.float64)


def _strings(evidence: Evidence, model: HandleModel) -> tuple[Floats, Ints]:
    """Bits and signs of each string of the profile against a customer."""
    pairs, found = evidence.pairs, evidence.found
    affixed = model.scored(evidence.handles.strings, evidence.common)
    shares = model.channel_shares(pairs.profiles.kinds)
    from_profile = _from_own_name(evidence.own, model, affixed, shares, pairs.profiles.kind)[pairs.string]
    own = _Copied.of(evidence.own.before, affixed).take(pairs.string)
    theirs = _Copied.of(evidence.copied, affixed)
    made = _made(evidence, from_profile, model, affixed, shares)
    same, another = own.mixed(made, theirs), own.mixed(from_profile)
    with np.errstate(divide="ignore"):
        named = np.log2(made) - np.log2(another)
        bits = np.clip(np.log2(same) - np.log2(another), _LEAST, _MOST)
    copied = np.where(evidence.equal, _MOST_COPY, np.where(theirs.value > 0, _MOST_ALIKE, _MOST))
    bits = np.minimum(bits, np.maximum(copied, named))
    bits[pairs.profiles.text[pairs.string] < 0] = 0.0
    from_name = (made > 2.0 * from_profile) & (bits > _WORTH)
    signs = np.where(from_name, int(Sign.HANDLE_FROM_NAME), 0)
    signs |= np.where((theirs.value > 0.05) & (bits > _WORTH), int(Sign.STRING_SHARED), 0)
    return np.where(found.decides, found.bits, bits + found.bits), signs | found.signs


def _given(made: Made, model: HandleModel, affixed: Affixed, shares: Floats) -> Floats:
    """P(string | name) of the strings that have a name to be made from."""
    return model.given(affixed, made.found, made.handle, made.kind, shares)[made.back]


def _from_own_name(own: OwnStrings, model: HandleModel, affixed: Affixed, shares: Floats, kind: Ints) -> Floats:
    """P(string | its own row's name), as far as that is known."""
    found = np.ones(len(own.handle))
    found[own.made.row] = _given(own.made, model, affixed, shares)
    handle, share = own.handle[own.nameless], shares[kind[own.nameless]]
    rest = affixed.rest[handle]
    distinct, back = np.unique(handle, return_inverse=True)
    anybody = model.unknown(model.anybody(affixed, distinct)[back], rest, share)
    if len(own.partly):
        by_way = model.anybody(affixed, handle[own.partly], own.given, own.family)
        known = model.unknown(by_way, rest[own.partly], share[own.partly])
        anybody[own.partly] = _PARTLY * known + (1.0 - _PARTLY) * anybody[own.partly]
    found[own.nameless] = anybody
    return found


def _made(evidence: Evidence, from_profile: Floats, model: HandleModel, affixed: Affixed, shares: Floats) -> Floats:
    """P(string | made from a name), the person's name being the customer's, the profile's, or either."""
    out = from_profile.copy()
    rows, pairs = evidence.made.row, evidence.pairs
    by_customer = _given(evidence.made, model, affixed, shares)
    pair = pairs.pair[rows]
    named = _is_full(pairs.profiles, pairs.left[pair])
    complete = _is_full(pairs.customers, pairs.right[pair])
    other = np.where(complete & ~named, 0.0, _OTHER_NAME)
    out[rows] = other * out[rows] + (1.0 - other) * by_customer
    return out


def _is_full(side: ChainSide, rows: Ints) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.append(side.names.full(), np.False_)[side.name[rows]]
    return found
