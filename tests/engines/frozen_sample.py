"""The made-up people of the demonstration, attached and frozen once for all tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels, sample
from socialmerge.api.attaching import ready_for_profiles
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.engines import LocalEngine
from socialmerge.engines.freezing import freeze
from socialmerge.engines.outcome import Outcome
from socialmerge.engines.scoring import Scored, Scorer
from socialmerge.matching.frozen import FrozenModel
from socialmerge.plan import Plan
from socialmerge.records import profiles_schema

CHANNELS = ("github", "x", "mastodon")


@dataclass(frozen=True)
class Frozen:
    """Profiles, customers, what a run over both learned and decided, and a scorer of the customers."""

    plan: Plan
    profiles: pa.Table
    rows: Rows
    model: FrozenModel
    outcome: Outcome
    scorer: Scorer


@cache
def frozen() -> Frozen:
    rows = customers_of(str(sample.customers()), id_column="", region="")
    paths = sample.exports()
    tables = [
        channels.read(str(paths[channel]), channel=channel).select(profiles_schema().names) for channel in CHANNELS
    ]
    profiles = pa.concat_tables(tables).combine_chunks()
    profiles = profiles.take(pc.sort_indices(profiles["profile_id"]))
    plan = ready_for_profiles(replace(Plan(), id=rows.schema.id_column, region=rows.schema.region), rows)
    model, outcome = freeze(plan, profiles, rows.table, rows.schema, LocalEngine(), say=lambda *_: None)
    return Frozen(plan, profiles, rows, model, outcome, Scorer.of(rows.table, rows.schema, model))


def weights(scored: Scored, profiles: pa.Table) -> dict[tuple[str, str], tuple[float, float, int, int]]:
    """Bits, verified bits, evidence and warning of every pair, by ids."""
    found = scored.candidates
    names = profiles["profile_id"].take(pa.array(found.left)).to_pylist()
    customers = scored.ids.take(pa.array(found.right)).to_pylist()
    columns = (found.weight, found.verified, found.evidence, found.warning)
    values = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(zip(names, customers, strict=True), values, strict=True))
