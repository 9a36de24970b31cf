"""The benchmarks' own parts: finding sets, writing tables, holding floors, making sets up."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from benchmarks.accuracy import main
from benchmarks.generate import write_sets
from benchmarks.made_up.sets import KINDS, write
from benchmarks.measure import measure
from benchmarks.report import below_floors, cases_table, cases_text, tables_text, write_section
from benchmarks.sets import Task, find_sets

RUN = {"set": "one", "task": "dedupe", "records": 1000, "f1": 0.96, "seconds": 1.25, "peak_mb": 99.6}


def put(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).write_text("id\n1\n")


def test_a_set_s_task_follows_from_its_files(tmp_path: Path) -> None:
    put(tmp_path / "people", "a.csv", "truth.csv")
    put(tmp_path / "both", "a.parquet", "b.csv")
    put(tmp_path / "social", "customers.csv", "profiles.jsonl", "truth.csv")
    put(tmp_path / "names", "pairs.csv")
    sets, others = find_sets(tmp_path)
    assert {one.name: one.task for one in sets} == {"people": Task.DEDUPE, "both": Task.LINK, "social": Task.ATTACH}
    assert {one.name for one in sets if one.truth is None} == {"both"}
    assert others == ["names"]


def test_a_set_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--set", "nowhere"]) == 2
    assert "has no set named nowhere" in capsys.readouterr().err


def test_a_floor_that_does_not_hold_is_told_with_both_figures() -> None:
    floors = {"one": {"at_least": {"f1": 0.97}, "at_most": {"seconds": 30}}}
    assert below_floors([RUN], floors) == ["one: f1 is 0.9600, should be at least 0.97"]


def test_a_floor_for_a_figure_that_was_not_measured_does_not_hold() -> None:
    assert below_floors([RUN], {"one": {"at_least": {"recall": 0.4}}}) == [
        "one: recall is not measured, should be at least 0.4"
    ]


def test_tables_line_up_and_leave_unknown_cells_empty() -> None:
    text = tables_text([RUN, {"set": "two", "error": "no memory"}], {})
    head, _, one, two = text.splitlines()
    assert len(head) == len(one) == len(two)
    assert " 1,000 |" in one
    assert "two (failed)" in two


CASE = {
    "kind": "wrong",
    "left_id": "r1",
    "right_id": "r2",
    "probability": 0.98,
    "lines": [{"what": "name", "said": "exact", "bits": 9.1}, {"what": "birth", "said": "different", "bits": -2.0}],
    "reason": "the evidence of the pair",
    "explanation": "r1 and r2: probability 98.0%, same",
}


def test_cases_are_printed_with_their_explanations() -> None:
    assert "wrong: r1 and r2: probability 98.0%, same" in cases_text(RUN | {"cases": [CASE]})
    assert cases_text(RUN) == ""


def test_cases_stand_in_a_table_with_what_spoke_for_and_against() -> None:
    table = cases_table(RUN | {"cases": [CASE]})
    assert "wrong: r1, r2" in table
    assert "name exact +9.1" in table
    assert "birth different -2.0" in table


def test_only_a_page_s_section_is_written_again(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- speed: written by the benchmark -->\nold\n<!-- end of speed -->\nafter\n")
    write_section(page, "speed", "new\n")
    assert page.read_text() == ("before\n<!-- speed: written by the benchmark -->\nnew\n<!-- end of speed -->\nafter\n")
    with pytest.raises(ValueError, match="has no line"):
        write_section(page, "accuracy", "new\n")


def test_one_seed_makes_one_set_of_files(tmp_path: Path) -> None:
    for name in ("once", "twice"):
        write_sets(tmp_path / name, count=60, seed=3)
    once, twice = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in sorted((tmp_path / name).rglob("*.*"))}
        for name in ("once", "twice")
    )
    assert len(once) == 8
    assert once == twice


def test_made_up_answers_name_rows_that_are_there(tmp_path: Path) -> None:
    write_sets(tmp_path, count=60, seed=3)

    def column(path: str, name: str) -> set[str]:
        with (tmp_path / path).open(encoding="utf-8", newline="") as file:
            return {row[name] for row in csv.DictReader(file)}

    assert column("made_up_dedupe/truth.csv", "id") == column("made_up_dedupe/a.csv", "id")
    assert column("made_up_link/truth.csv", "id_b") <= column("made_up_link/b.csv", "id")
    assert column("made_up_attach/truth.csv", "customer_id") <= column("made_up_attach/customers.csv", "customer_id")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_made_up_sets_are_sets_and_their_seed_alone_decides_what_is_in_them(kind: str, tmp_path: Path) -> None:
    for folder, seed in (("one", 1), ("again", 1), ("other", 2)):
        write(tmp_path / folder, size=60, seed=seed, names=[kind])
    one, again, other = (read_files(tmp_path / folder / f"made_up_{kind}") for folder in ("one", "again", "other"))
    assert one == again != other
    (found,), _ = find_sets(tmp_path / "one")
    assert found.truth is not None
    figures = measure(found)
    assert figures["true_pairs"] > 10
    assert figures["expected_recall"] <= 1.0


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_section_that_a_page_lacks_is_put_at_its_end_under_its_heading(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n", encoding="utf-8")
    for text in ("one\n", "two\n"):
        write_section(page, "more", text, heading="## More")
    marks = "<!-- more: written by the benchmark -->\ntwo\n<!-- end of more -->"
    assert page.read_text(encoding="utf-8") == f"# Page\n\n## More\n\n{marks}\n"
