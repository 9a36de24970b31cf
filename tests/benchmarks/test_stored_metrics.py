from pathlib import Path

import pytest
from benchmarks.stored_metrics import fill

import socialmerge as sm
from socialmerge.store import Store

pytestmark = pytest.mark.slow


def test_the_store_that_is_timed_is_counted_as_it_was_filled(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/people.db") as store:
        fill(store, 200)
        found = sm.metrics(store)
    (total,) = found.totals.to_pylist()
    assert (total["profiles"], found.channels.num_rows, found.coverage["whole"][0].as_py()) == (200, 5, 40)
    assert 50 < total["attached"] < 110
    assert total["revenue"] > 0
