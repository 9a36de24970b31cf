"""Match social profiles with customers: the chain of names and handles, with every other field's levels beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import blocking
from socialmerge.blocking import Budget, Key, build_pairs, make_atoms, sample_others
from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import packed, unpacked
from socialmerge.engines.customers import Same, same_customers
from socialmerge.engines.local import LocalEngine, Progress
from socialmerge.engines.outcome import Outcome, settle
from socialmerge.engines.said import evidence_of, labels_of, lines_of
from socialmerge.engines.weighed import SocialPairs
from socialmerge.matching import chain, chain_fit, lookups, sides
from socialmerge.matching.alignment import align
from socialmerge.matching.cautions import pair_cautions, profile_cautions
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.circumstance import bits_of, codes_of
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.decide import Candidates, Tables
from socialmerge.matching.estimate import fit_given
from socialmerge.matching.known import Known
from socialmerge.matching.own_accounts import OwnAccounts
from socialmerge.matching.posterior import posterior
from socialmerge.matching.together import groups
from socialmerge.matching.weigh import Fit, rarity_bits, score
from socialmerge.normalise import text
from socialmerge.normalise.columns import distinct, encode
from socialmerge.normalise.features import Feature, build
from socialmerge.plan import Plan
from socialmerge.records import Field, Kind
from socialmerge.schema import Column, Schema
from socialmerge.tables import strings

__all__ = [
    "IN_CHAIN",
    "Ready",
    "attach",
    "decided_pairs",
    "folded",
    "get_ready",
    "match_profiles",
    "proved_addresses",
    "proved_bits",
    "weigh",
    "whole_addresses",
]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

IN_CHAIN = (Kind.NAME, Kind.ACCOUNT, Kind.URL)
"""Kinds of fields whose evidence hangs together, and is weighed as one chain.

Of e-mail addresses the chain takes what is before the at-sign; that the whole address is the same is a field of its
own.
"""

FITS, ROUNDS = 2, 4
PROVED = Field("verified_emails", Kind.EMAIL, ("verified_emails",))
OTHERS = 200_000


def attach(
    plan: Plan,
    profiles: pa.Table,
    customers: pa.Table,
    schema: Schema,
    engine: LocalEngine,
    *,
    say: Progress,
    proven: bool = True,
    known: Known | None = None,
) -> Outcome:
    """Find, weigh and decide: the profiles of one or several exports against a customer table.

    ``proven`` says that platforms wrote the profiles; plain rows only assert what they say. ``known`` are pairs that
    people decided.
    """
    if not (profiles.num_rows and customers.num_rows):
        return _nobody(plan, profiles, customers)
    own = OwnAccounts.of(profiles)
    found = match_profiles(
        plan, profiles, customers, schema.columns, say=say, seed=engine.seed, known=known, proven=proven, own=own
    )
    pairs = {"left": found.left, "right": found.right}
    same = same_customers(plan, customers, schema, engine, **pairs, weight=found.weight)
    warning = pair_cautions(profiles, customers, schema.columns, **pairs, signs=found.chain.signs)
    say("decide", 0, 1)
    return decided_pairs(plan, profiles, customers.num_rows, found, same, warning=warning, own=own, known=known)


def decided_pairs(
    plan: Plan,
    profiles: pa.Table,
    customers: int,
    found: SocialPairs,
    same: Same,
    *,
    warning: Ints,
    own: OwnAccounts,
    known: Known | None = None,
) -> Outcome:
    """Decide weighed candidates among so many customers; ``warning`` are the cautions of each."""
    together = groups(profiles, own)
    sizes = Tables(
        profiles.num_rows,
        customers,
        source=found.source,
        group=together.one,
        stranger=together.likely,
        entity=same.entity,
        doubtful=same.doubtful,
        warning=profile_cautions(profiles),
    )
    evidence = {"verified": found.verified, "evidence": evidence_of(found), "warning": warning}
    return settle(
        plan,
        Candidates.of(found.left, found.right, found.weight, **evidence),
        sizes,
        labels=labels_of([comparer.feature.name for comparer in found.comparers]),
        lines=lambda row, customer: lines_of(found, row, customer),
        fitted=found.fitted,
        known=known,
    )


def _nobody(plan: Plan, profiles: pa.Table, customers: pa.Table) -> Outcome:
    """There is nobody to compare with: every profile is new, and profiles of one person are one new person."""
    together = groups(profiles)
    warning = profile_cautions(profiles)
    sizes = Tables(profiles.num_rows, customers.num_rows, group=together.one, stranger=together.likely, warning=warning)
    none = Candidates.of([], [], [])
    return settle(plan, none, sizes, labels=(), lines=lambda *_: (), fitted=plan.weights)


def match_profiles(
    plan: Plan,
    profiles: pa.Table,
    customers: pa.Table,
    columns: Sequence[Column],
    *,
    say: Progress,
    seed: int = 7,
    known: Known | None = None,
    proven: bool = True,
    own: OwnAccounts | None = None,
) -> SocialPairs:
    """Find and weigh candidates for each profile.

    ``columns`` say what the customers' columns mean; ``plan`` names the other fields that are compared, and brings
    their weights where it has been fitted; ``known`` are pairs that people decided; ``own`` are the accounts that the
    profiles are, where they are known already.
    """
    ready = get_ready(plan, profiles, customers, columns, say=say, seed=seed, known=known, proven=proven, own=own)
    found, _ = weigh(ready)
    say("compare", 0, 1)
    return found


def get_ready(
    plan: Plan,
    profiles: pa.Table,
    customers: pa.Table,
    columns: Sequence[Column],
    *,
    say: Progress,
    seed: int = 7,
    known: Known | None = None,
    proven: bool = True,
    own: OwnAccounts | None = None,
) -> Ready:
    """Look at both tables and find candidates; arguments as those of `match_profiles`."""
    say("normalise", 0, 1)
    one, other = sides.profile_side(profiles, own, proven=proven), sides.customer_side(customers, columns)
    fields = [field for field in plan.fields if field.kind not in IN_CHAIN and field.left_columns]
    built = build(fields, customers, profiles) if fields and profiles.num_rows and customers.num_rows else ()
    features = whole_addresses(built)
    say("block", 0, 1)
    tables = ChainTables.of(one, other)
    left, right = _candidates(tables, features, profiles.num_rows)
    say("fit", 0, 1)
    extra = _Extra.of(prepare(features), left, right, rows=(profiles.num_rows, customers.num_rows), seed=seed)
    source = encode(strings(profiles["channel"])).codes.astype(np.int64)
    source = np.unique(source, return_inverse=True)[1].astype(np.int64)
    place = codes_of(folded(profiles["location"]))
    proved = proved_addresses(profiles, features, left, right)
    proved &= proven
    return Ready(tables, left, right, source, place, extra, proved, plan.weights, known)


def whole_addresses(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features with e-mail addresses compared as wholes: the chain takes what is before the at-sign."""
    return tuple(replace(one, comparison="mailbox") if one.comparison == "email" else one for one in features)


@dataclass(frozen=True, slots=True)
class Ready:
    """Candidates and everything that is weighed of them.

    ``proved``, of shape (features, pairs), says where the customer has a value that the profile's platform proved;
    ``weights`` are those of a plan that was fitted before.
    """

    tables: ChainTables
    left: Ints
    right: Ints
    source: Ints
    place: Ints
    extra: _Extra
    proved: Mask
    weights: Fit | None
    known: Known | None

    def fit(self, probability: Array) -> Fit:
        """Weights of the fields beside the chain."""
        if self.weights:
            return align(self.weights, self.extra.comparers)
        return self.extra.fit(_told(self.left, self.right, probability, self.known))


def weigh(ready: Ready) -> tuple[SocialPairs, chain.ChainModel]:
    """Fit the chain and the fields beside it in turns: each learns from the pairs that the other makes likely."""
    left, extra = ready.left, ready.extra
    customers = len(ready.tables.customers.name)
    people = partial(posterior, n_profiles=len(ready.source), n_customers=customers, source=ready.source)
    bits, own, fitted = np.zeros(len(left)), np.zeros(len(ready.source)), ready.fit(np.zeros(len(left)))
    sample = chain_fit.Sample.of(ready.tables, left, ready.right)
    for _ in range(FITS):
        model = chain_fit.fit(sample, extra=bits + own[left], source=ready.source)
        found = chain.weights(ready.tables, left, ready.right, model)
        for _ in range(ROUNDS):
            chance = people(left, found.bits + bits + own[left])
            fitted = ready.fit(chance.candidate)
            bits = score(extra.comparers, fitted, extra.compared).weight
            own = bits_of(ready.place, chance.known)
    pairs = SocialPairs(
        left,
        ready.right,
        found,
        found.bits + bits + own[left],
        found.verified + proved_bits(ready.proved, extra.compared, fitted),
        own,
        extra.comparers,
        fitted,
        extra.compared,
        ready.source,
    )
    return pairs, model


def proved_addresses(profiles: pa.Table, features: Sequence[Feature], left: Ints, right: Ints) -> Mask:
    """For each feature and pair, whether the customer has an address that the profile's platform proved."""
    found = np.zeros((len(features), len(left)), bool)
    proved = build((PROVED,), profiles.select(PROVED.columns)) if features else ()
    for row, feature in enumerate(features):
        if feature.comparison == "mailbox" and proved:
            place = pc.fill_null(pc.index_in(proved[0].column, value_set=feature.column), -2).to_numpy()
            codes = np.append(place, -1)[proved[0].codes]
            theirs = feature.codes[:, right + profiles.num_rows]
            for one in codes:
                found[row] |= ((one[left] == theirs) & (theirs >= 0)).any(axis=0)
    return found


def proved_bits(every: Mask, compared: Compared, fitted: Fit) -> Array:
    """Bits that rest on addresses which a platform proved: ``every``, of shape (features, pairs), says where."""
    found = np.zeros(every.shape[1])
    rarity = rarity_bits(compared)
    for proved, weights, rare in zip(every, fitted.fields, rarity, strict=True):
        found[proved] = np.maximum(weights.bits[-1] + rare[proved], 0.0)
    return found


def _told(left: Ints, right: Ints, probability: Array, known: Known | None) -> Array:
    """Probabilities with those of the pairs that people decided set to what they said."""
    if known is None:
        return probability
    verdict = known.verdicts(left, right)
    return np.where(verdict == 0, probability, (verdict > 0).astype(np.float64))


def folded(column: pa.ChunkedArray) -> list[str | None]:
    """Texts as they are compared; None where one says nothing."""
    parsed = distinct(strings(column), text.parse)
    return [parsed.values[code] if code >= 0 else None for code in parsed.codes.tolist()]


def _candidates(tables: ChainTables, features: Sequence[Feature], left_rows: int) -> tuple[Ints, Ints]:
    """Candidates by name, string and link, by address, and by telephone number."""
    left, right = lookups.candidates(tables)
    atoms = make_atoms([feature for feature in features if feature.comparison in ("phone", "mailbox")])
    keys = [Key((atom.name,)) for atom in atoms if atom.name == atom.feature]
    if keys:
        more = build_pairs(atoms, keys, left_rows, Budget())
        both = once(np.append(packed(left, right), packed(more.left, more.right - left_rows)))
        left, right = unpacked(both)
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
        cls, comparers: tuple[Comparer, ...], left: Ints, right: Ints, *, rows: tuple[int, int], seed: int
    ) -> _Extra:
        """Compare the candidates; ``rows`` are those of the profiles and of the customers."""
        profiles, customers = rows
        candidates = blocking.Candidates(left.astype(np.int32), (right + profiles).astype(np.int32), ())
        size = OTHERS if comparers else 0
        others = sample_others(candidates, profiles + customers, profiles, size=size, seed=seed)
        return cls(
            comparers,
            compare(comparers, candidates.left, candidates.right),
            compare(comparers, *others),
            float(profiles) * customers,
        )

    def fit(self, chance: Array) -> Fit:
        """Weights, where ``chance`` is the probability of each candidate."""
        return fit_given(self.comparers, self.compared, self.others, chance, pairs=self.pairs)
