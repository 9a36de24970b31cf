"""What decisions are worth: drawings of sets, and the table of what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.generate import write_sets
from benchmarks.learning import MARKS, Course, table
from benchmarks.learning_sets import draw
from benchmarks.sets import find_sets

from socialmerge import tables


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
