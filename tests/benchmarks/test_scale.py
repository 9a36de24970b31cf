"""The benchmark of stages, and the profiles that it runs on."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from benchmarks import scale
from benchmarks.large_profiles import write_profiles
from benchmarks.sets import read_set

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_profiles(tmp_path_factory.mktemp("large"), profiles=60, customers=80)


def test_most_profiles_are_of_customers_and_the_answers_say_which(home: Path) -> None:
    customers = set(pq.read_table(home / "customers.parquet")["id"].to_pylist())
    shown = [json.loads(line) for line in (home / "profiles.jsonl").read_text(encoding="utf-8").splitlines()]
    truth = pq.read_table(home / "truth.parquet").to_pylist()
    assert len(customers) == 80
    assert len({profile["profile_id"] for profile in shown}) == 60
    assert {row["customer_id"] for row in truth} <= customers
    assert 30 < len(truth) < 60
    assert {key for profile in shown for key in profile} == {
        "profile_id",
        "channel",
        "handle",
        "display_name",
        "location",
        "emails",
    }


def test_one_seed_makes_the_same_files(home: Path, tmp_path: Path) -> None:
    again, other = (write_profiles(tmp_path / str(seed), profiles=60, customers=80, seed=seed) for seed in (7, 8))
    for name in ("customers.parquet", "profiles.jsonl", "truth.parquet"):
        assert (again / name).read_bytes() == (home / name).read_bytes()
    assert (other / "profiles.jsonl").read_bytes() != (home / "profiles.jsonl").read_bytes()


def test_stages_are_named_in_the_order_they_come_in(home: Path) -> None:
    one = read_set(home)
    assert one is not None
    found = scale.stages(one)
    assert [stage.name for stage in found] == ["read", "normalise", "block", "fit", "compare", "decide"]
    assert all(stage.wall_s >= 0.0 and stage.peak_mb > 10.0 for stage in found)


def test_every_stage_and_the_command_line_are_in_the_table(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scale.main([str(home.parent)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"| {home.name}")]
    stages = [line.split("|")[3].strip() for line in lines]
    assert stages[0] == "read"
    assert stages[-2:] == ["all", "command line"]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert scale.main([str(tmp_path), "--set", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err
    assert scale.main([str(tmp_path / "empty"), "--here"]) == 2
