"""Match social profiles with customers: the chain of names and handles, with every other field's levels beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge import blocking
from socialmerge.blocking import Budget, Key, build_pairs, make_atoms, sample_others
from socialmerge.engines.customers import same_customers
from socialmerge.engines.local import Known, LocalEngine, Progress, align
from socialmerge.engines.outcome import Outcome, settle
from socialmerge.matching import chain, chain_fit, lookups, sides
from socialmerge.matching.cautions import pair_cautions, profile_cautions
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.circumstance import bits_of, codes_of
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.decide import Candidates, Tables
from socialmerge.matching.explain import Line, said_of
from socialmerge.matching.posterior import posterior
from socialmerge.matching.together import groups
from socialmerge.matching.weigh import Fit, fit_given, rarity_bits, score
from socialmerge.normalise import text
from socialmerge.normalise.columns import distinct, encode
from socialmerge.normalise.features import Feature, build
from socialmerge.plan import Plan
from socialmerge.records import Field, Kind
from socialmerge.schema import Column, Schema
from socialmerge.tables import strings

__all__ = ["IN_CHAIN", "SocialPairs", "attach", "match_profiles"]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

IN_CHAIN = (Kind.NAME, Kind.ACCOUNT, Kind.URL)
"""Kinds of fields whose evidence hangs together, and is weighed as one chain.

Of e-mail addresses the chain takes what is before the at-sign; that the whole address is the same is a field of its own.
"""

FITS, ROUNDS = 2, 4
PROVED = Field("verified_emails", Kind.EMAIL, ("verified_emails",))
OTHERS = 200_000


@dataclass(frozen=True, slots=True)
class SocialPairs:
    """Weighed candidates: rows of profiles and of customers, the chain's weights, and bits of all evidence together.

    ``verified`` are the bits that rest on verified evidence alone; ``circumstance`` has bits for each profile that its own
    attributes add, whoever it may be.
    """

    left: Ints
    right: Ints
    chain: chain.ChainWeights
    weight: Array
    verified: Array
    circumstance: Array
    comparers: tuple[Comparer, ...]
    fitted: Fit
    compared: Compared
    source: Ints


def attach(
    plan: Plan, profiles: pa.Table, customers: pa.Table, schema: Schema, engine: LocalEngine, say: Progress
) -> Outcome:
    """Find, weigh and decide: the profiles of one or several exports against a customer table."""
    found = match_profiles(plan, profiles, customers, schema.columns, say, engine.seed)
    same = same_customers(
        plan, customers, schema, engine, left=found.left, right=found.right, weight=found.weight
    )
    say("decide", 0, 1)
    together = groups(profiles)
    candidates = Candidates.of(
        found.left,
        found.right,
        found.weight,
        verified=found.verified,
        evidence=_evidence(found),
        warning=pair_cautions(
            profiles, customers, schema.columns, left=found.left, right=found.right, signs=found.chain.signs
        ),
    )
    sizes = Tables(
        profiles.num_rows,
        customers.num_rows,
        source=found.source,
        group=together.one,
        stranger=together.likely,
        entity=same.entity,
        doubtful=same.doubtful,
        warning=profile_cautions(profiles),
    )
    labels = (*(label for _, label in SAID), *(_plain(c.feature.name) for c in found.comparers))
    return settle(
        plan,
        candidates,
        sizes,
        labels=labels[:MOST_LABELS],
        lines=lambda row, customer: _lines(found, row, customer),
        fitted=found.fitted,
    )


SAID: tuple[tuple[chain.Sign, str], ...] = (
    (chain.Sign.NAME, "name"),
    (chain.Sign.NAME_VARIANT, "a form of the name"),
    (chain.Sign.HANDLE_FROM_NAME, "handle made from the name"),
    (chain.Sign.STRING_SHARED, "handle"),
    (chain.Sign.ACCOUNT_SAME, "account"),
    (chain.Sign.WEBSITE_SAME, "website"),
    (chain.Sign.ID_SAME, "stable id"),
)
"""What the chain may find to agree, in plain words; the order is that of the bits of a decision's evidence."""
MOST_LABELS = 62


def _plain(feature: str) -> str:
    """The last part of a feature's name: state of place.state."""
    return feature.rpartition(".")[2].replace("_", " ")


def _evidence(found: SocialPairs) -> Ints:
    """For each pair a bit for each thing that agrees, in the order of the labels."""
    bits = np.zeros(len(found.left), np.int64)
    for place, (sign, _) in enumerate(SAID):
        bits |= ((found.chain.signs & int(sign)) != 0).astype(np.int64) << place
    for place, (states, weights) in enumerate(
        zip(found.compared.states, found.fitted.fields, strict=True), start=len(SAID)
    ):
        if place < MOST_LABELS:
            bits |= np.r_[False, np.array(weights.bits) > 1.0][states].astype(np.int64) << place
    return bits


def _lines(found: SocialPairs, row: int, customer: int) -> tuple[Line, ...]:
    """The waterfall of one pair."""
    at = np.flatnonzero((found.left == row) & (found.right == customer))
    if not len(at):
        return ()
    pair = int(at[0])
    signs = int(found.chain.signs[pair])
    said = ", ".join(label for sign, label in SAID if signs & int(sign)) or "nothing agrees"
    lines = [Line("name, handles, links", said, float(found.chain.bits[pair]))]
    for states, weights, comparer in zip(found.compared.states, found.fitted.fields, found.comparers, strict=True):
        if states[pair]:
            rarity = float(rarity_bits(found.comparers, found.compared)[found.comparers.index(comparer), pair])
            lines.append(
                Line(
                    _plain(comparer.feature.name),
                    said_of(comparer, int(states[pair]) - 1),
                    weights.bits[int(states[pair]) - 1] + rarity,
                )
            )
    if found.circumstance[row]:
        lines.append(Line("location", "how often profiles from there are customers", float(found.circumstance[row])))
    return tuple(lines)


def match_profiles(
    plan: Plan,
    profiles: pa.Table,
    customers: pa.Table,
    columns: Sequence[Column],
    say: Progress,
    seed: int = 7,
    known: Known | None = None,
) -> SocialPairs:
    """Find and weigh candidates for each profile.

    ``columns`` say what the customers' columns mean; ``plan`` names the other fields that are compared, and brings
    their weights where it has been fitted; ``known`` are pairs that people decided.
    """
    say("normalise", 0, 1)
    one, other = sides.profile_side(profiles), sides.customer_side(customers, columns)
    fields = [field for field in plan.fields if field.kind not in IN_CHAIN and field.left_columns]
    built = build(fields, customers, profiles) if fields and profiles.num_rows and customers.num_rows else ()
    features = tuple(replace(one, comparison="mailbox") if one.comparison == "email" else one for one in built)
    comparers = prepare(features)
    say("block", 0, 1)
    left, right = _candidates(one, other, features, profiles.num_rows)
    source = encode(strings(profiles["channel"])).codes.astype(np.int64) + 1
    source = np.unique(source, return_inverse=True)[1].astype(np.int64)
    say("fit", 0, 1)
    extra = _Extra.of(comparers, left, right, profiles.num_rows, customers.num_rows, seed)
    sizes = {"n_profiles": profiles.num_rows, "n_customers": customers.num_rows, "source": source}
    circumstance = codes_of(_folded(profiles["location"]))
    bits, own, fitted = np.zeros(len(left)), np.zeros(profiles.num_rows), None
    for _ in range(FITS):
        model = chain_fit.fit(one, other, left, right, extra=bits + own[left], source=source)
        found = chain.weights(one, other, left, right, model)
        for _ in range(ROUNDS):
            chance = posterior(left, found.bits + bits + own[left], **sizes)
            fitted = (
                align(plan.weights, comparers)
                if plan.weights
                else extra.fit(_told(left, right, chance.candidate, known))
            )
            bits = score(comparers, fitted, extra.compared).weight
            own = bits_of(circumstance, chance.known)
    say("compare", 0, 1)
    proved = found.verified + _proved_addresses(profiles, features, comparers, fitted, extra.compared, left, right)
    return SocialPairs(
        left, right, found, found.bits + bits + own[left], proved, own, comparers, fitted, extra.compared, source
    )


def _proved_addresses(
    profiles: pa.Table,
    features: Sequence[Feature],
    comparers: Sequence[Comparer],
    fitted: Fit,
    compared: Compared,
    left: Ints,
    right: Ints,
) -> Array:
    """Bits of each pair whose customer has an address that the profile's platform proved."""
    found = np.zeros(len(left))
    for row, feature in enumerate(features):
        if feature.comparison != "mailbox":
            continue
        proved = build((PROVED,), profiles.select(["verified_emails"]))
        if not proved:
            return found
        place = {address: code for code, address in enumerate(feature.values)}
        codes = np.array([place.get(address, -2) for address in proved[0].values] + [-1])[proved[0].codes]
        theirs = feature.codes[:, right + profiles.num_rows]
        same = np.zeros(len(left), bool)
        for one in codes:
            same |= ((one[left] == theirs) & (theirs >= 0)).any(axis=0)
        top = fitted.fields[row].bits[-1] + rarity_bits(comparers, compared)[row]
        found[same] = np.maximum(top[same], 0.0)
    return found


def _told(left: Ints, right: Ints, probability: Array, known: Known | None) -> Array:
    """Probabilities with those of the pairs that people decided set to what they said."""
    if known is None or not len(known.left):
        return probability
    decided = dict(zip(zip(known.left.tolist(), known.right.tolist(), strict=True), known.same.tolist(), strict=True))
    told = [decided.get(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)]
    return np.array([p if same is None else float(same) for p, same in zip(probability, told, strict=True)], np.float64)


def _folded(column: pa.ChunkedArray) -> list[str | None]:
    parsed = distinct(strings(column), text.parse)
    return [parsed.values[code] if code >= 0 else None for code in parsed.codes.tolist()]


def _candidates(one: ChainSide, other: ChainSide, features: Sequence[Feature], left_rows: int) -> tuple[Ints, Ints]:
    """Candidates by name, string and link, and by any telling value of the other fields, such as a phone number."""
    left, right = lookups.candidates(one, other)
    telling = [f for f in features if f.comparison in ("phone", "mailbox")]
    atoms = make_atoms(telling)
    keys = [Key((atom.name,)) for atom in atoms if atom.name == atom.feature]
    if keys:
        more = build_pairs(atoms, keys, left_rows, Budget())
        both = np.stack([np.r_[left, more.left], np.r_[right, more.right - left_rows]], axis=1)
        both = np.unique(both, axis=0)
        left, right = both[:, 0], both[:, 1]
    return left.astype(np.int64), right.astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Extra:
    """The fields beside the chain: agreement of the candidates, and of a sample of the other pairs."""

    comparers: tuple[Comparer, ...]
    compared: Compared
    others: Compared
    pairs: float

    @classmethod
    def of(
        cls, comparers: tuple[Comparer, ...], left: Ints, right: Ints, profiles: int, customers: int, seed: int
    ) -> _Extra:
        candidates = blocking.Candidates(left.astype(np.int32), (right + profiles).astype(np.int32), ())
        rows = profiles + customers
        drawn = (
            sample_others(candidates, rows, profiles, size=OTHERS, seed=seed)
            if comparers
            else (candidates.left[:0],) * 2
        )
        return cls(
            comparers,
            compare(comparers, candidates.left, candidates.right),
            compare(comparers, *drawn),
            float(profiles) * customers,
        )

    def fit(self, chance: Array) -> Fit:
        return fit_given(self.comparers, self.compared, self.others, chance, pairs=self.pairs)
