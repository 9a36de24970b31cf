"""The fit of one table goes on from its clusters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.made_up.online import write_commits

import socialmerge as sm
from socialmerge.engines import LocalEngine
from socialmerge.engines.again import _within

pytestmark = pytest.mark.slow


def test_weights_from_clusters_find_people_better_than_those_from_single_pairs(tmp_path: Path) -> None:
    # On one table the draws of the fit decide as much; three say more.
    gained = []
    for seed in (11, 12, 13):
        folder = tmp_path / str(seed)
        folder.mkdir()
        write_commits(folder, size=1500, seed=seed, noise=0.6)
        result = sm.dedupe(folder / "a.csv")
        alone = LocalEngine().match(replace(result.plan, keys=(), weights=None), result._rows.table)
        assert alone is not None
        by_pairs = sm.dedupe(folder / "a.csv", plan=replace(result.plan, weights=alone.fitted))
        ours, theirs = (sm.evaluate(one, folder / "truth.csv").f1 for one in (result, by_pairs))
        gained.append(ours - theirs)
    assert sum(gained) > 0.005


def test_a_fitted_plan_weighs_as_the_run_that_fits_by_itself(tmp_path: Path) -> None:
    write_commits(tmp_path, size=1000, seed=3, noise=1.0)
    plan = sm.fit(sm.Plan(), customers=tmp_path / "a.csv")
    assert plan.weights == sm.dedupe(tmp_path / "a.csv").plan.weights


def test_every_pair_of_rows_of_one_label_comes_once() -> None:
    left, right = _within(np.array([0, 1, 0, 1, 0, 5]))
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 2), (0, 4), (1, 3), (2, 4)]
