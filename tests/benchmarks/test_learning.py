"""What decisions are worth: drawings of sets, and the table of what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.generate import write_sets
from benchmarks.learning import MARKS, Course, main, table
from benchmarks.learning_sets import draw
from benchmarks.sets import find_sets

from socialmerge import tables

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("sets")
    write_sets(folder, count=60, seed=5)
    return folder


@pytest.mark.parametrize("name", ["made_up_dedupe", "made_up_link", "made_up_attach"])
def test_a_drawing_has_some_of_the_rows_and_their_answers_and_is_the_same_again(
    made: Path, tmp_path: Path, name: str
) -> None:
    [one] = find_sets(made, (name,))[0]
    (tmp_path / "again").mkdir()
    drawn, again = draw(one, 3, tmp_path), draw(one, 3, tmp_path / "again")
    rows = tables.read(drawn.one.left).num_rows
    assert 0.6 * tables.read(one.left).num_rows < rows < tables.read(one.left).num_rows
    assert tables.read(again.one.left).equals(tables.read(drawn.one.left))
    result = drawn.run(None, None, 1)
    low, high = drawn.interval(result, 1)
    assert low <= drawn.f1(result) <= high
    answers = drawn.answered(result.suggest_reviews(10))
    assert set(answers["verdict"].to_pylist()) <= {"same", "different"}


def test_the_table_has_medians_over_the_drawings() -> None:
    courses = [
        Course({0: base} | dict.fromkeys(MARKS, 0.95), 0.94, 0.92, 20, 0.88, 0.93, {50: 0.9})
        for base in (0.9, 0.91, 0.8)
    ]
    head, _, row = table({"made_up": courses}).splitlines()
    cells = dict(
        zip((cell.strip() for cell in head.split("|")), (cell.strip() for cell in row.split("|")), strict=True)
    )
    assert cells["0"] == "0.9000"
    assert cells["left of error"] == "0.50"
    assert cells["dedupe 50"] == "0.9000"
    assert cells["dedupe 200"] == ""


def test_dedupe_s_failures_are_counted_and_are_no_figures() -> None:
    courses = [
        Course({0: 0.9} | dict.fromkeys(MARKS, 0.95), 0.94, 0.92, 20, 0.88, 0.93, {50: f1, 200: None})
        for f1 in (0.9, None, 0.92)
    ]
    row = table({"made_up": courses}).splitlines()[2]
    assert [cell.strip() for cell in row.split("|")][-3:-1] == ["0.9100 (2 of 3)", "failed"]


def test_drawings_are_measured_side_by_side_and_an_earlier_run_is_gone_on_with_when_asked(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(made), "--set", "made_up_attach", "--jobs", "2", "--json", str(tmp_path / "done.json")]
    assert main([*words, "--seeds", "1"]) == 0
    first = json.loads((tmp_path / "done.json").read_text(encoding="utf-8"))["made_up_attach"]
    capsys.readouterr()
    assert main([*words, "--seeds", "2", "--resume"]) == 0
    said = capsys.readouterr()
    assert "made_up_attach 1:" not in said.err
    assert "2 drawings of each set;" in said.out
    both = json.loads((tmp_path / "done.json").read_text(encoding="utf-8"))["made_up_attach"]
    assert both["1"] == first["1"]
    assert both["2"] != first["1"]
