"""Parts taken away: that each replaces something that is there, puts it back, and that the tables show what changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.ablation import PARTS, Part, measured, tables, without
from benchmarks.made_up.registers import write_historical
from benchmarks.sets import read_set


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_is_put_back_after_it_was_taken_away(part: Part) -> None:
    before = [getattr(module, name) for module, name, _ in part.instead]
    with without(part):
        for module, name, other in part.instead:
            assert getattr(module, name) is other
    assert [getattr(module, name) for module, name, _ in part.instead] == before


def test_without_settling_less_is_found_among_rows_with_many_errors(tmp_path: Path) -> None:
    write_historical(tmp_path, size=800, seed=6)
    one = read_set(tmp_path)
    assert one is not None
    settling = next(part for part in PARTS if part.name == "settling by all rows")
    assert float(str(measured(one, settling)["f1"])) < float(str(measured(one, PARTS[0])["f1"]))


def test_the_tables_show_the_whole_and_only_what_changed() -> None:
    whole, less = {"f1": 0.9, "calibration_error": 0.01}, {"f1": 0.8, "calibration_error": 0.01}
    text = tables({"all parts": {"one": whole}, "a part": {"one": less}})
    assert "| nothing | **0.9000** |" in text
    assert "| a part | 0.8000 |" in text
    assert "| a part |  |" in text
