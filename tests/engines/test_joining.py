"""Rows matched with a frozen table: portions, order and company change no pair and no bit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from socialmerge import sample
from socialmerge.api.deduping import ready_for_dedupe
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.blocking import Key
from socialmerge.engines import LocalEngine, Matched
from socialmerge.engines.joining import Joined, Joiner, freeze_table
from socialmerge.errors import FitError, PlanError
from socialmerge.matching.frozen import FrozenModel, FrozenTable
from socialmerge.plan import Plan

pytestmark = pytest.mark.slow


@cache
def table() -> tuple[Rows, FrozenTable, Matched]:
    rows = customers_of(str(sample.customers()), id_column="", region="")
    frozen, matched = freeze_table(ready_for_dedupe(Plan(), rows), rows.table, rows.schema, LocalEngine())
    return rows, frozen, matched


def bits(found: Joined, ids: pa.Array) -> dict[tuple[str, str], float]:
    names = ids.to_pylist()
    pairs = zip(found.left.tolist(), found.right.tolist(), found.weight.tolist(), strict=True)
    return {(names[left], names[right]): weight for left, right, weight in pairs}


def test_a_whole_table_is_matched_as_the_run_matched_it_that_it_comes_from() -> None:
    rows, frozen, matched = table()
    found = Joiner.of(rows.table.slice(0, 0), rows.schema, frozen).match(rows.table)
    order = np.lexsort((found.right, found.left))
    then = np.lexsort((matched.right, matched.left))
    assert len(order) > 200
    assert np.array_equal(found.left[order], matched.left[then])
    assert np.array_equal(found.right[order], matched.right[then])
    assert np.allclose(found.weight[order], matched.weight[then], rtol=0, atol=1e-9)
    assert np.allclose(found.log_odds - found.weight, matched.fitted.prior)


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_any_order_and_portions_have_the_same_bits(seed: int) -> None:
    rows, frozen, _ = table()
    random = np.random.default_rng(seed)
    order = random.permutation(rows.table.num_rows)
    cuts = [0, *sorted(random.integers(1, len(order), 3).tolist()), len(order)]
    joiner, found = Joiner.of(rows.table.slice(0, 0), rows.schema, frozen), {}
    for start, stop in pairwise(cuts):
        some = rows.table.take(pa.array(order[start:stop]))
        pairs = joiner.match(some)
        joiner = joiner.with_rows(some)
        found |= bits(pairs, joiner.ids)
    whole = Joiner.of(rows.table.slice(0, 0), rows.schema, frozen).match(rows.table)
    assert found == bits(whole, rows.ids)


def test_what_is_saved_comes_back_equal() -> None:
    _, frozen, _ = table()
    data = frozen.to_bytes()
    found = FrozenTable.from_bytes(data)
    assert found == frozen
    assert hash(found) == hash(frozen)
    assert found != replace(frozen, plan="another")
    with pytest.raises(PlanError, match="no frozen model but another thing"):
        FrozenModel.from_bytes(data)


def test_a_key_by_a_function_is_refused_in_words() -> None:
    rows, _, _ = table()
    plan = ready_for_dedupe(Plan(), rows)
    names = tuple(field.name for field in plan.fields if field.name == "name")
    own = replace(plan, keys=(Key(names, list),))
    with pytest.raises(PlanError, match="a key by a function cannot be frozen"):
        freeze_table(own, rows.table, rows.schema, LocalEngine())


def test_a_table_of_one_row_teaches_nothing() -> None:
    rows, _, _ = table()
    with pytest.raises(FitError, match="nothing to learn from"):
        freeze_table(ready_for_dedupe(Plan(), rows), rows.table.slice(0, 1), rows.schema, LocalEngine())
