"""Scoring under a frozen model: it decides what the run decided that it comes from, and portions change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.engines.frozen_sample import frozen, weights

from socialmerge.engines import LocalEngine
from socialmerge.engines.freezing import freeze
from socialmerge.engines.scoring import Scorer
from socialmerge.engines.settling import settle, verdicts
from socialmerge.errors import PlanError
from socialmerge.matching.decisions import ATTACH
from socialmerge.records import Kind


def test_the_tables_that_a_model_was_fitted_on_are_decided_as_that_run_decided_them() -> None:
    sample = frozen()
    scored = sample.scorer.score(sample.profiles)
    then, now = sample.outcome.decided, settle(scored, sample.model, sample.profiles)
    assert np.array_equal(scored.candidates.left, sample.outcome.candidates.left)
    assert np.array_equal(scored.candidates.right, sample.outcome.candidates.right)
    assert np.allclose(scored.candidates.weight, sample.outcome.candidates.weight, rtol=0, atol=1e-9)
    for column in ("verdict", "cause", "person", "warning"):
        assert np.array_equal(getattr(then, column), getattr(now, column)), column
    # a run joins rows of one person also where they compete for different profiles: another row may stand for them
    other = then.customer != now.customer
    assert other.sum() <= 1
    assert np.array_equal(then.runner_up[~other], now.runner_up[~other])
    assert np.allclose(then.probability, now.probability, rtol=0, atol=1e-3)
    assert np.median(np.abs(then.probability - now.probability)) < 1e-12
    assert (now.verdict == ATTACH).sum() > 100


def test_customers_in_portions_are_customers_at_once() -> None:
    sample = frozen()
    table, size = sample.rows.table, sample.rows.table.num_rows
    scorer = Scorer.of(table.slice(0, size // 2), sample.rows.schema, sample.model)
    for start, stop in ((size // 2, size // 2 + 3), (size // 2 + 3, size - 1), (size - 1, size)):
        scorer = scorer.with_customers(table.slice(start, stop - start))
    whole, parts = sample.scorer.score(sample.profiles), scorer.score(sample.profiles)
    assert len(scorer.portions) > 1
    assert weights(parts, sample.profiles) == weights(whole, sample.profiles)
    one, other = (settle(some, sample.model, sample.profiles) for some in (whole, parts))
    assert np.array_equal(one.verdict, other.verdict)
    assert np.array_equal(one.probability, other.probability)


def test_customers_who_are_gone_are_nobodys_candidates_and_may_come_again() -> None:
    sample = frozen()
    gone = np.arange(0, sample.rows.table.num_rows, 3)
    fewer = sample.scorer.without(gone[:100]).without(gone)
    whole = weights(sample.scorer.score(sample.profiles), sample.profiles)
    left_out = set(sample.rows.ids.take(pa.array(gone)).to_pylist())
    found = weights(fewer.score(sample.profiles), sample.profiles)
    assert found == {pair: bits for pair, bits in whole.items() if pair[1] not in left_out}
    again = fewer.with_customers(sample.rows.table.take(pa.array(gone)))
    assert weights(again.score(sample.profiles), sample.profiles) == whole


def test_a_profile_alone_is_decided_as_among_many() -> None:
    sample = frozen()
    together = verdicts(sample.scorer.score(sample.profiles), sample.model)
    for row in range(0, sample.profiles.num_rows, 29):
        alone = verdicts(sample.scorer.score(sample.profiles.slice(row, 1)), sample.model)
        for column in ("verdict", "customer", "probability", "runner_up", "cause", "warning"):
            assert getattr(alone, column)[0] == getattr(together, column)[row], column


def test_a_profile_of_nobody_has_no_candidates_and_is_new() -> None:
    sample = frozen()
    row = {"profile_id": "p", "channel": "myspace", "handle": "zzqqxxwwvv"}
    scored = sample.scorer.score(pa.Table.from_pylist([row], schema=sample.profiles.schema))
    found = verdicts(scored, sample.model)
    assert len(scored.candidates.left) == 0
    assert found.table(["p"], scored.ids.to_pylist(), scored.labels)["verdict"].to_pylist() == ["new"]


def test_no_profiles_have_no_decisions() -> None:
    sample = frozen()
    nobody = sample.profiles.slice(0, 0)
    scored = sample.scorer.score(nobody)
    assert len(verdicts(scored, sample.model).verdict) == len(settle(scored, sample.model, nobody).verdict) == 0


def test_columns_that_mean_something_else_are_refused_by_name() -> None:
    sample = frozen()
    columns = sample.rows.schema.columns
    email = next(column for column in columns if column.kind is Kind.EMAIL)
    changed = tuple(replace(column, kind=Kind.TEXT) if column is email else column for column in columns)
    with pytest.raises(PlanError, match=email.name):
        Scorer.of(sample.rows.table, replace(sample.rows.schema, columns=changed), sample.model)


def test_a_telephone_number_counts_although_no_profile_had_one_when_the_model_was_frozen() -> None:
    sample = frozen()
    some = sample.profiles.slice(0, 100)
    place = some.schema.get_field_index("phones")
    some = some.set_column(
        place, some.schema.field(place), pa.array([[]] * some.num_rows, some.schema.field(place).type)
    )
    schema = sample.rows.schema
    model, _ = freeze(sample.plan, some, sample.rows.table, schema, LocalEngine(), say=lambda *_: None)
    column = next(column.name for column in schema.columns if column.kind is Kind.PHONE)
    numbers = sample.rows.table[column].to_pylist()
    owner = next(row for row, number in enumerate(numbers) if number and numbers.count(number) == 1)
    row = {"profile_id": "p", "channel": "signal", "handle": "zzqqxxwwvv", "phones": [numbers[owner]]}
    profile = pa.Table.from_pylist([row], schema=sample.profiles.schema)
    scored = Scorer.of(sample.rows.table, schema, model).score(profile)
    assert scored.candidates.right.tolist() == [owner]
    assert 5 < scored.candidates.weight[0] < 25
