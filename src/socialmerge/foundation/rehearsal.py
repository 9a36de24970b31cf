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
from socialmerge.foundation.ageing import Ageing, aged
from socialmerge.foundation.columns import Columns
from socialmerge.foundation.faults import Fault
from socialmerge.foundation.paired import Cost, cost_of
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
ROUNDS = 3
"""How often people of a small table show profiles anew, so that there are enough to tell a cost from chance."""
MOST = 12
"""Faults that are mended one by one: those with the most rows."""
FEWEST_PEOPLE = 20
OTHERS = 20_000
"""Pairs that are drawn to learn what chance does: a sample is small."""


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """Errors of a thousand profiles as the table is, and what mending each fault saves, by its code and field."""

    errors: float
    costs: dict[tuple[str, str | None], Cost]
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
    sample = sample_of(columns, labels, _not_believed(columns, faults), PEOPLE, seed)
    if _people(sample) < FEWEST_PEOPLE:
        return None
    few = replace(engine, others=min(engine.others, OTHERS))
    rounds = min(ROUNDS, -(-PROFILES // _people(sample)))
    trials = [_Trial.of(columns, sample, plan, few, seed + _APART * number) for number in range(rounds)]
    tried = [one for one in sorted(faults, key=lambda one: -one.finding.rows) if one.cells or _drops(one)][:MOST]
    say("rehearse", 0, len(tried) + 1)
    before = [trial.wrong(sample.cells, sample.person) for trial in trials]
    costs = {}
    for number, one in enumerate(tried, 1):
        say("rehearse", number, len(tried) + 1)
        key = one.finding.code, one.finding.field
        if one.ageing is None:
            costs[key] = _cost(trials, before, *_mended(sample, one))
        else:
            costs[key] = _cost_of_age(trials, columns, sample, one, seed)
    say("rehearse", len(tried) + 1, len(tried) + 1)
    return Rehearsal(1000 * float(np.mean(np.concatenate(before))), costs, sum(map(len, before)))


def _not_believed(columns: Columns, faults: Sequence[Fault]) -> dict[str, Mask]:
    """The cells that any fault would have mended, as rows by column."""
    faulty: dict[str, Mask] = {}
    for one in faults:
        for name, rows in one.cells.items():
            faulty[name] = faulty.get(name, np.zeros(columns.rows, bool)) | rows
    return faulty


_APART = 1_000_003
"""Between the seeds of two rounds, so that another seed of the caller's gives other ones."""


def _cost(trials: Sequence[_Trial], before: Sequence[Mask], cells: Cells, person: Ints) -> Cost:
    """What mending saves, by all rounds; they end early where mending is seen to save nothing, and only there.

    To end where a cost shows would make costs of chance.
    """
    after: list[Mask] = []
    for trial in trials:
        after.append(trial.wrong(cells, person))
        found = cost_of(np.concatenate(before[: len(after)]), np.concatenate(after))
        if found.saved <= found.spoilt:
            break
    return found


def _cost_of_age(trials: Sequence[_Trial], columns: Columns, sample: Sample, one: Fault, seed: int) -> Cost:
    """What bringing stale rows up to date saves: of people who have moved on, the profiles are those of today."""
    ageing = one.ageing or Ageing(np.zeros(columns.rows))
    before, after = [], []
    for number, trial in enumerate(trials):
        now, cells = aged(columns, sample, ageing, np.random.default_rng([seed, 3, number]))
        then = replace(trial, profiles=profiles_of(columns, now, trial.chosen, trial.seed))
        mended, person = _mended(replace(now, cells=cells), one)
        before.append(then.wrong(sample.cells, sample.person))
        after.append(then.wrong(mended, person))
    return cost_of(np.concatenate(before), np.concatenate(after))


def _people(sample: Sample) -> int:
    return len(next(iter(sample.true.values()), []))


def _drops(one: Fault) -> bool:
    return one.finding.code in {"duplicates", "owner_duplicates", "test_rows"}


def _mended(sample: Sample, one: Fault) -> tuple[Cells, Ints]:
    """The sample's rows with one fault mended, and whose each is."""
    if one.finding.code == "duplicates":
        return sample.merged, np.arange(_people(sample))
    if one.finding.code == "owner_duplicates":
        return _merged_where(sample, one.rows[sample.rows])
    cells, person = dict(sample.cells), sample.person
    for name, rows in one.cells.items():
        here = rows[sample.rows]
        cells[name] = np.where(here, sample.true[name][person], cells[name])
    if one.finding.code == "test_rows":
        keep = ~one.rows[sample.rows]
        return {name: values[keep] for name, values in cells.items()}, person[keep]
    return cells, person


def _merged_where(sample: Sample, rows: Mask) -> tuple[Cells, Ints]:
    """The sample's rows with all rows of some people made one; ``rows`` says of whose."""
    people = np.unique(sample.person[rows])
    keep = ~np.isin(sample.person, people)
    cells = {name: np.append(values[keep], sample.merged[name][people]) for name, values in sample.cells.items()}
    return cells, np.append(sample.person[keep], people)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """The same profiles, to be attached to one table after another."""

    columns: Columns
    plan: Plan
    engine: LocalEngine
    profiles: pa.Table
    chosen: Ints
    stranger: Mask
    seed: int

    @classmethod
    def of(cls, columns: Columns, sample: Sample, plan: Plan, engine: LocalEngine, seed: int) -> _Trial:
        people = _people(sample)
        random = np.random.default_rng([seed, 2])
        stranger = random.random(people) < STRANGERS
        chosen = np.sort(random.choice(people, min(PROFILES, people), replace=False))
        fields = fields_of_two(PROFILE_COLUMNS, columns.schema)
        ready = replace(plan, fields=fields, keys=(), weights=None)
        return cls(columns, ready, engine, profiles_of(columns, sample, chosen, seed), chosen, stranger, seed)

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
