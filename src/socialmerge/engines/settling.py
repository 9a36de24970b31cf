"""Settling: what is decided of profiles that were scored under a frozen model, each alone or all of them together.

`verdicts` looks at each profile as if it were the only one: that is all that one profile on its way in can know, and a
pure function of it, its candidates and the model. `settle` takes all scored profiles at once, joins those that were
shown to be one person's, and lets those of one source compete for their customers, as a run over whole tables does. On
the tables that the model was fitted on it decides what that run decided. What people decided is for the caller to heed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.engines.scoring import Scored
from socialmerge.matching.components import components
from socialmerge.matching.decide import decide
from socialmerge.matching.decisions import Candidates, Costs, Decisions, Tables
from socialmerge.matching.frozen import FrozenModel
from socialmerge.matching.together import groups
from socialmerge.records import Assurance

__all__ = ["settle", "verdicts"]

Ints = npt.NDArray[np.int64]

DOUBTFUL = 0.5
"""From this probability on, two customers may be one person."""


def verdicts(scored: Scored, model: FrozenModel) -> Decisions:
    """Decide each profile by itself.

    Returns:
        One decision for each profile: verdict, customer, probability, runner-up, cause and warnings. ``person`` is
        the profile itself, and nothing is withdrawn because of another profile.
    """
    found = scored.candidates
    # every profile has customers of its own, so that no two profiles meet
    order = _by_id(scored, found.left, found.right)
    right = found.right[order]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    entity, doubtful = _doubles_of(scored, place, len(order), model.costs)
    tables = Tables(
        scored.n_profiles,
        len(order),
        source=model.sources.of(scored.channels)[0],
        entity=entity,
        doubtful=doubtful,
        warning=scored.warning,
        n_people=model.people,
    )
    return _decided(scored, model, tables, order=order, place=np.arange(len(order)), customers=right)


def settle(
    scored: Scored, model: FrozenModel, profiles: pa.Table, *, alone: npt.NDArray[np.bool_] | None = None
) -> Decisions:
    """Decide all profiles together; ``profiles`` are the rows that were scored.

    Candidates that stand ``alone`` compete with no other profile's, and none with them: each is its profile's own.
    """
    found = scored.candidates
    apart = np.zeros(len(found.left), np.bool_) if alone is None else alone
    customers = np.unique(found.right[~apart])
    ranked = np.argsort(customers)
    place = np.cumsum(apart) + len(customers) - 1
    place[~apart] = ranked[np.searchsorted(customers, found.right[~apart], sorter=ranked)]
    customers = np.append(customers, found.right[apart])
    # places in the order of the customers' ids, so that ties do not depend on the order of rows
    order = _by_id(scored, np.zeros_like(customers), customers)
    customers, place = customers[order], np.argsort(order)[place]
    together = groups(profiles)
    entity, doubtful = _doubles_of(scored, place, len(customers), model.costs)
    tables = Tables(
        scored.n_profiles,
        len(customers),
        source=model.sources.of(scored.channels)[0],
        group=together.one,
        stranger=together.likely,
        entity=entity,
        doubtful=doubtful,
        warning=scored.warning,
        n_people=model.people,
    )
    return _decided(scored, model, tables, order=np.arange(len(place)), place=place, customers=customers)


def _by_id(scored: Scored, left: Ints, right: Ints) -> Ints:
    """The order of pairs by profile, then by the customer's id, so that ties do not depend on the order of rows."""
    ids = np.array(scored.ids.take(pa.array(right)).to_pylist(), object)
    spelt = np.unique(ids, return_inverse=True)[1] if len(ids) else np.zeros(0, np.int64)
    found: Ints = np.lexsort((spelt, left))
    return found


def _decided(
    scored: Scored, model: FrozenModel, tables: Tables, *, order: Ints, place: Ints, customers: Ints
) -> Decisions:
    """Decide candidates, taken in an order, among customers that have a place each; gives the customers' rows."""
    found = scored.candidates.take(order)
    candidates = Candidates(found.left, place, found.weight, found.verified, found.evidence, found.warning)
    decided = decide(
        candidates,
        tables,
        costs=model.costs,
        cardinality=model.cardinality or "many",
        minimum_assurance=Assurance(model.minimum_assurance),
        habits=model.sources.of(scored.channels)[1],
    )
    return decided.over(np.append(customers, -1))


def _sure(scored: Scored, costs: Costs) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which doubles are one person, and which may be."""
    probability = 1 / (1 + np.exp2(-np.clip(scored.doubles.log_odds, -1000, 1000)))
    sure = probability >= costs.attach_line
    return sure, ~sure & (probability >= DOUBTFUL)


def _doubles_of(scored: Scored, place: Ints, places: int, costs: Costs) -> tuple[Ints, tuple[Ints, Ints]]:
    """The person of each place, and the places that may be one person; ``place`` is that of each candidate."""
    found, doubles = scored.candidates, scored.doubles
    size = int(found.right.max(initial=0)) + 1
    keys = found.left * size + found.right
    ranked = np.argsort(keys)
    one, other = (
        place[ranked[np.searchsorted(keys, doubles.profile * size + rows, sorter=ranked)]]
        for rows in (doubles.one, doubles.other)
    )
    sure, maybe = _sure(scored, costs)
    return components(places, one[sure], other[sure]), (one[maybe], other[maybe])
