"""Freezing: fit profiles against customers once, and keep all that was learned as one value (see `FrozenModel`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.engines import social
from socialmerge.engines.customers import compare_customers, competing, same_of
from socialmerge.engines.local import LocalEngine, Matched, Progress
from socialmerge.engines.outcome import Outcome
from socialmerge.errors import FitError
from socialmerge.matching.cautions import pair_cautions
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.circumstance import codes_of
from socialmerge.matching.compare import Comparer, prepare
from socialmerge.matching.entered import Entered, Stops
from socialmerge.matching.frozen import FrozenChain, FrozenModel, FrozenSources
from socialmerge.matching.frozen_fields import FrozenFeature, FrozenFields
from socialmerge.matching.known import Known
from socialmerge.matching.own_accounts import OwnAccounts
from socialmerge.matching.priors import normal, prior_shares
from socialmerge.matching.weigh import FieldWeights, Fit
from socialmerge.normalise.aliases import NamesSeen
from socialmerge.normalise.columns import encode
from socialmerge.normalise.features import Feature, build, date_orders
from socialmerge.normalise.fingerprints import Counted, Hashes, fingerprints
from socialmerge.plan import Plan
from socialmerge.records import Field, Kind
from socialmerge.schema import Schema
from socialmerge.schema.fields import fields_of
from socialmerge.tables import strings

__all__ = ["KEYED", "freeze", "freeze_fields"]

Floats = npt.NDArray[np.float64]

KEYED = ("phone", "mailbox")
"""Comparisons whose equal values make a candidate."""
MOST_MEETINGS = 200.0**2
"""A value that meets more pairs, profiles that hold it by customers who do, is not looked up."""
LEAST_CHANCE = 1e-6
"""Chance that strangers have one value of a field whose agreement was never seen: it may be a switchboard's."""
LEAST_RHO = 2.0**-6
INDEPENDENT = 20.0
"""How a source that was never seen competes: as one of which so many customers' worth is known (see `rivals`)."""


def freeze(
    plan: Plan,
    profiles: pa.Table,
    customers: pa.Table,
    schema: Schema,
    engine: LocalEngine,
    *,
    say: Progress,
    proven: bool = True,
    known: Known | None = None,
) -> tuple[FrozenModel, Outcome]:
    """Attach profiles as `social.attach` does, and keep what that learned.

    Raises:
        FitError: there are no profiles or no customers to learn from.
        PlanError: a field compares by a function that cannot be imported.
    """
    if not (profiles.num_rows and customers.num_rows):
        raise FitError("there is nothing to learn from: give a frozen model profiles and customers, some of each")
    own = OwnAccounts.of(profiles)
    columns = schema.columns
    ready = social.get_ready(
        plan, profiles, customers, columns, say=say, seed=engine.seed, known=known, proven=proven, own=own
    )
    found, chain = social.weigh(ready)
    rivals = competing(found.left, found.right, found.weight)
    looked_at, matched = compare_customers(plan, customers, schema, engine, rivals)
    same = same_of(plan, customers.num_rows, rivals, looked_at, matched)
    warning = pair_cautions(profiles, customers, columns, left=found.left, right=found.right, signs=found.chain.signs)
    outcome = social.decided_pairs(
        plan, profiles, customers.num_rows, found, same, warning=warning, own=own, known=known
    )
    beside = [field for field in plan.fields if field.kind not in social.IN_CHAIN and field.left_columns]
    more = _never_met(beside, profiles, customers, found.comparers)
    comparers = (*found.comparers, *more)
    fitted = replace(found.fitted, fields=(*found.fitted.fields, *map(_cautious, more)))
    model = FrozenModel(
        columns,
        proven,
        outcome.people,
        FrozenChain.of(ready.tables, chain, _stops(ready.tables)),
        freeze_fields(beside, comparers, fitted),
        _common_values(comparers, profiles.num_rows),
        _places(profiles, found.circumstance),
        _sources(profiles, outcome),
        _same(schema, customers.take(pa.array(looked_at)), matched),
        plan.costs,
        plan.cardinality,
        plan.minimum_assurance,
        plan.version,
    )
    return model, outcome


def _never_met(
    fields: Sequence[Field], profiles: pa.Table, customers: pa.Table, known: Sequence[Comparer]
) -> tuple[Comparer, ...]:
    """Fields that no profile had a value for so far, though customers have: a later profile may."""
    met = {comparer.feature.field for comparer in known}
    # parts of addresses are weighed by the parts before them: with more of these the fitted ones would not fit
    placed = any(comparer.feature.group == "place" for comparer in known)
    others = [field for field in fields if field.name not in met and not (placed and field.kind is Kind.PLACE)]
    if not others:
        return ()
    built = social.whole_addresses(build(others, customers, profiles, orders={}))
    return prepare([feature for feature in built if (feature.codes >= 0).any()])


def _cautious(comparer: Comparer) -> FieldWeights:
    """Weights of a field whose agreement was never seen: only equal values speak for one person."""
    block = len(comparer.levels.labels)
    match = normal(prior_shares(comparer, comparer.levels.match), block).reshape(-1, block)
    other = match.copy()
    other[:, -1] = np.minimum(max(comparer.exact_by_chance, LEAST_CHANCE), match[:, -1])
    other[:, 0] += 1.0 - other.sum(axis=1)
    strangers = tuple(other.ravel().tolist())
    return FieldWeights(comparer.feature.name, tuple(match.ravel().tolist()), strangers, strangers)


def _stops(tables: ChainTables) -> Stops:
    entered = Entered.of(tables.customers, tables.words.signed, tables.signed, tables.parts[1])
    return Stops.of(entered, len(tables.customers.name))


def freeze_fields(
    fields: Sequence[Field], comparers: Sequence[Comparer], fit: Fit, table: pa.Table | None = None
) -> FrozenFields:
    """Keep what was counted of fields; of one ``table`` compared with itself also how its dates and names are."""
    features = tuple(FrozenFeature.of(comparer) for comparer in comparers)
    if table is None:
        return FrozenFields(tuple(fields), features, fit, {})
    named = [field for field in fields if field.kind in (Kind.NAME, Kind.EMAIL)]
    return FrozenFields(tuple(fields), features, fit, date_orders(fields, table), NamesSeen.of(build(named, table)))


def _same(schema: Schema, looked_at: pa.Table, matched: Matched | None) -> FrozenFields | None:
    if matched is None:
        return None
    return freeze_fields(fields_of(schema), matched.comparers, matched.fitted, looked_at)


def _common_values(comparers: Sequence[Comparer], profiles: int) -> dict[str, Hashes]:
    """Addresses and telephone numbers that so many hold that they find nobody."""
    return {
        comparer.feature.name: _met_too_often(comparer.feature, profiles)
        for comparer in comparers
        if comparer.feature.comparison in KEYED
    }


def _met_too_often(feature: Feature, profiles: int) -> Hashes:
    held = [
        np.bincount(codes[codes >= 0], minlength=len(feature.values))
        for codes in (feature.codes[:, :profiles], feature.codes[:, profiles:])
    ]
    common = np.flatnonzero(np.maximum(held[0], 1) * held[1] > MOST_MEETINGS)
    found: Hashes = np.sort(fingerprints(feature.column)[common])
    return found


def _places(profiles: pa.Table, bits: Floats) -> Counted:
    """The bits of each frequent place, and those of all others."""
    shown = social.folded(profiles["location"])
    frequent = codes_of(shown)
    others = bits[frequent == 0]
    rows = np.flatnonzero(frequent)
    rows = rows[np.unique(frequent[rows], return_index=True)[1]]
    hashes = fingerprints(pa.array([shown[row] for row in rows.tolist()], pa.string()))
    return Counted.of(hashes, bits[rows], otherwise=float(others[0]) if len(others) else 0.0)


def _sources(profiles: pa.Table, outcome: Outcome) -> FrozenSources:
    shown = encode(strings(profiles["channel"]))
    absent = (shown.codes < 0).any()
    names = ("", *shown.values) if absent else tuple(shown.values)
    expected = float(outcome.probability.sum())
    pooled = (expected + 1.0) / (profiles.num_rows + 2.0)
    rho = max(INDEPENDENT / (outcome.people + INDEPENDENT), LEAST_RHO)
    return FrozenSources(names, outcome.decided.habits, pooled, rho)
