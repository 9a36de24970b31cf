"""What blocking misses: drawn from a fit, counted in, and told as the recall to be expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.made_up.registers import write_historical, write_transliterated

import socialmerge as sm
from socialmerge.engines import local


@pytest.fixture(scope="module", params=[0.5, 1.0])
def historical(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of people long dead, some ten each, of which a tenth or a fifth of the cells are wrong and others empty."""
    folder: Path = tmp_path_factory.mktemp("historical")
    write_historical(folder, size=1500, seed=4, noise=request.param)
    return folder


def test_the_expected_recall_is_near_the_share_of_true_pairs_that_were_found(historical: Path) -> None:
    result = sm.dedupe(historical / "a.csv")
    found = sm.evaluate(result, historical / "truth.csv")
    assert result.expected_recall == pytest.approx(found.pair_completeness, abs=0.03)
    assert found.expected_pairs / result.expected_recall == pytest.approx(found.true_pairs, rel=0.1)


def test_where_the_first_keys_miss_much_others_are_chosen_by_the_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_transliterated(tmp_path, size=5000, seed=5)
    found = sm.evaluate(sm.dedupe(tmp_path / "a.csv"), tmp_path / "truth.csv")
    monkeypatch.setattr(local, "ENOUGH", 0.0)
    first = sm.evaluate(sm.dedupe(tmp_path / "a.csv"), tmp_path / "truth.csv")
    assert found.pair_completeness > first.pair_completeness + 0.02
    assert found.recall > first.recall
