"""Laws of a frozen model: the bits of a pair are those of its two rows, whatever comes with them and in what order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.frozen_sample import frozen, weights

from socialmerge.engines.scoring import Scorer

FEW = settings(max_examples=25, deadline=None)


def rows_of(size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, size - 1), min_size=1, max_size=40, unique=True)


@FEW
@given(st.data())
def test_any_profiles_in_any_order_and_portions_have_the_same_bits(data: st.DataObject) -> None:
    sample = frozen()
    rows = data.draw(rows_of(sample.profiles.num_rows))
    cut = data.draw(st.integers(0, len(rows)))
    whole = weights(sample.scorer.score(sample.profiles), sample.profiles)
    found = {}
    for part in (rows[:cut], rows[cut:]):
        some = sample.profiles.take(pa.array(part, pa.int64()))
        found |= weights(sample.scorer.score(some), some)
    wanted = {sample.profiles["profile_id"][row].as_py() for row in rows}
    assert found == {pair: bits for pair, bits in whole.items() if pair[0] in wanted}


@FEW
@given(st.data())
def test_any_customers_in_any_order_and_portions_have_the_same_bits(data: st.DataObject) -> None:
    sample = frozen()
    table, schema = sample.rows.table, sample.rows.schema
    order = np.random.default_rng(data.draw(st.integers(0, 1000))).permutation(table.num_rows)
    order = order[: data.draw(st.integers(2, table.num_rows))]
    cut = data.draw(st.integers(1, len(order) - 1))
    scorer = Scorer.of(table.take(pa.array(order[:cut])), schema, sample.model)
    scorer = scorer.with_customers(table.take(pa.array(order[cut:])))
    profiles = sample.profiles.take(pa.array(data.draw(rows_of(sample.profiles.num_rows)), pa.int64()))
    whole = weights(sample.scorer.score(profiles), profiles)
    there = set(scorer.ids.to_pylist())
    assert weights(scorer.score(profiles), profiles) == {pair: bits for pair, bits in whole.items() if pair[1] in there}
