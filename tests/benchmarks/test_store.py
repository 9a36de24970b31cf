from pathlib import Path

import pytest
from benchmarks.store import measure

pytestmark = pytest.mark.slow


def test_a_store_is_measured_once_while_it_is_empty(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    figures = measure(url, claims=1000, key=b"key of the benchmarks")
    assert [one.rows for one in figures] == [1000, 1000, 1000, 50, 50, 50, 1]
    with pytest.raises(ValueError, match="the store was not empty"):
        measure(url, claims=1000, key=b"key of the benchmarks")
