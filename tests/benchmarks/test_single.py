"""The benchmark of single profiles: it measures, and says whether single answers are those of all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.large_profiles import write_profiles
from benchmarks.sets import read_set
from benchmarks.single import single

pytestmark = pytest.mark.slow


def test_every_single_answer_is_the_answer_of_all_at_once(tmp_path: Path) -> None:
    one = read_set(write_profiles(tmp_path, profiles=60, customers=300))
    assert one is not None
    found = single(one, profiles=8)
    assert (found["customers"], found["profiles"], found["same_answers"]) == (300, 8, 8)
    assert 0 < found["ms_median"] <= found["ms_p95"]
    assert 0 < found["cpu_ms_median"] <= found["cpu_ms_p95"]
    assert 0 < found["model_mb"] < 10
