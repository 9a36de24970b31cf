"""What each fault costs: the matcher is run on a sample of the table as it is, and with each fault mended.

Profiles are made of the sample's own people, so that it is known whose each one is; a part of the people is left out of
the table, so that some profiles are nobody's. A profile is an error when it is attached to somebody else, or when its
customer is there and it is not attached without a person's help. What mending a fault saves is its cost. It is an
estimate: a sample has fewer namesakes than the whole table, and profiles are made and not real.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.engines import LocalEngine, social
from socialmerge.foundation.columns import Columns
from socialmerge.foundation.faults import Fault
from socialmerge.foundation.people import Cells, Sample, as_table, profiles_of, sample_of
from socialmerge.matching.decisions import ATTACH
from socialmerge.plan import Plan
from socialmerge.schema.fields import PROFILE_COLUMNS, fields_of_two

__all__ = ["Rehearsal", "rehearse"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Say = Callable[[str, int, int], None]

PEOPLE, PROFILES, STRANGERS = 1_000, 800, 0.2
"""People of the sample, profiles that are made of them, and the share of people who are left out of the table."""
MOST = 10
"""Faults that are mended one by one: those with the most rows."""
FEWEST_PEOPLE = 20
OTHERS = 20_000
"""Pairs that are drawn to learn what chance does: a sample is small."""


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """Errors of a thousand profiles: as the table is, saved by mending each fault (by code and field), and how sure."""

    errors: float
    saved: dict[tuple[str, str | None], float]
    error: float
    profiles: int


def rehearse(
    columns: Columns,
    labels: Ints,
    faults: Sequence[Fault],
    *,
    plan: Plan,
    engine: LocalEngine,
    seed: int,
    say: Say,
) -> Rehearsal | None:
    """Measure what mending each fault saves; None where there are too few people to learn anything from."""
    faulty: dict[str, Mask] = {}
    for one in faults:
        for name, rows in one.cells.items():
            faulty[name] = faulty.get(name, np.zeros(columns.rows, bool)) | rows
    sample = sample_of(columns, labels, faulty, PEOPLE, seed)
    if _people(sample) < FEWEST_PEOPLE:
        return None
    trial = _Trial.of(columns, sample, plan, replace(engine, others=min(engine.others, OTHERS)), seed)
    tried = [one for one in sorted(faults, key=lambda one: -one.finding.rows) if one.cells or _drops(one)][:MOST]
    say("rehearse", 0, len(tried) + 1)
    before = trial.wrong(sample.cells, sample.person)
    saved, spread = {}, 1.0
    for number, one in enumerate(tried, 1):
        say("rehearse", number, len(tried) + 1)
        after = trial.wrong(*_mended(sample, one))
        spread = max(spread, float(np.sqrt(np.count_nonzero(before != after))))
        saved[one.finding.code, one.finding.field] = 1000 * float(before.sum() - after.sum()) / len(before)
    say("rehearse", len(tried) + 1, len(tried) + 1)
    return Rehearsal(1000 * float(before.mean()), saved, 1000 * spread / len(before), len(before))


def _people(sample: Sample) -> int:
    return len(next(iter(sample.true.values()), []))


def _drops(one: Fault) -> bool:
    return one.finding.code in {"duplicates", "test_rows"}


def _mended(sample: Sample, one: Fault) -> tuple[Cells, Ints]:
    """The sample's rows with one fault mended, and whose each is."""
    if one.finding.code == "duplicates":
        return sample.merged, np.arange(_people(sample))
    cells, person = dict(sample.cells), sample.person
    for name, rows in one.cells.items():
        here = rows[sample.rows]
        cells[name] = np.where(here, sample.true[name][person], cells[name])
    if one.finding.code == "test_rows":
        keep = ~one.rows[sample.rows]
        return {name: values[keep] for name, values in cells.items()}, person[keep]
    return cells, person


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """The same profiles, to be attached to one table after another."""

    columns: Columns
    plan: Plan
    engine: LocalEngine
    profiles: pa.Table
    chosen: Ints
    stranger: Mask

    @classmethod
    def of(cls, columns: Columns, sample: Sample, plan: Plan, engine: LocalEngine, seed: int) -> _Trial:
        people = _people(sample)
        random = np.random.default_rng([seed, 2])
        stranger = random.random(people) < STRANGERS
        chosen = np.sort(random.choice(people, min(PROFILES, people), replace=False))
        fields = fields_of_two(PROFILE_COLUMNS, columns.schema)
        ready = replace(plan, fields=fields, keys=(), weights=None)
        return cls(columns, ready, engine, profiles_of(columns, sample, chosen, seed), chosen, stranger)

    def wrong(self, cells: Cells, person: Ints) -> Mask:
        """Which profiles go wrong on a table of some rows."""
        keep = ~self.stranger[person]
        table = as_table({name: values[keep] for name, values in cells.items()}, self.columns.table)
        outcome = social.attach(
            self.plan, self.profiles, table, self.columns.schema, self.engine, say=_silent, proven=False
        )
        attached = outcome.decided.verdict == ATTACH
        of = np.where(attached, person[keep][np.maximum(outcome.decided.customer, 0)], -1)
        here = np.isin(self.chosen, person[keep])
        found: Mask = np.where(attached, of != self.chosen, here)
        return found


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
