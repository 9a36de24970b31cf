"""What must not change the answers: the order of rows, other names of columns, other ids; and what blanks cost."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from benchmarks.changes import blanked, changed, shuffled, with_other_ids
from benchmarks.generate import write_sets
from benchmarks.measure import measure
from benchmarks.sets import DataSet, read_set
from pyarrow import csv

import socialmerge as sm

pytestmark = pytest.mark.slow

OTHER_NAMES = {
    "first_name": "Given Name", "last_name": "Surname", "birth_date": "Date of birth", "email": "E-mail address",
    "phone": "Telephone", "street": "Street address", "city": "Town", "state": "State/Province", "zip": "Postal code",
    "company": "Employer",
}  # fmt: skip


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("sets")
    write_sets(folder, count=700, seed=9)
    return folder


@pytest.fixture(scope="module")
def people(sets: Path) -> DataSet:
    found = read_set(sets / "made_up_dedupe")
    assert found is not None
    return found


def figures(one: DataSet) -> list[float]:
    found = measure(one)
    return [float(str(found[name])) for name in ("f1", "calibration_error", "expected_recall", "expected_all")]


def text(path: Path) -> pa.Table:
    return csv.read_csv(
        path, convert_options=csv.ConvertOptions(column_types={"zip": pa.string(), "phone": pa.string()})
    )


def test_shuffled_rows_give_the_same_answers(people: DataSet, tmp_path: Path) -> None:
    as_it_is, other = sm.dedupe(people.left), sm.dedupe(changed(people, tmp_path, shuffled).left)
    assert as_it_is.clusters.equals(other.clusters)
    assert as_it_is.pairs.equals(other.pairs)


def test_columns_by_other_names_give_the_same_answers(people: DataSet) -> None:
    table = text(people.left)
    renamed = table.rename_columns([OTHER_NAMES.get(name, name) for name in table.column_names])
    assert sm.dedupe(renamed).clusters["entity_id"].equals(sm.dedupe(table).clusters["entity_id"])


def test_other_ids_give_the_same_answers(people: DataSet, tmp_path: Path) -> None:
    ours, theirs = (figures(one) for one in (people, with_other_ids(people, tmp_path)))
    assert theirs == pytest.approx(ours, abs=1e-9)


def test_a_fifth_of_the_cells_blanked_leaves_most_pairs_to_be_found(people: DataSet, tmp_path: Path) -> None:
    figures = measure(changed(people, tmp_path, blanked(0.2)))
    assert float(str(figures["precision"])) > 0.95
    assert float(str(figures["f1"])) > 0.90


def test_two_tables_that_name_their_columns_otherwise_are_linked_as_well(sets: Path) -> None:
    folder = sets / "made_up_link"
    left, right = text(folder / "a.csv"), text(folder / "b.csv")
    renamed = left.rename_columns([OTHER_NAMES.get(name, name) for name in left.column_names])
    as_it_is, other = sm.attach(left, to=right), sm.attach(renamed, to=right)
    found = sm.evaluate(other, folder / "truth.csv")
    assert found.f1 == pytest.approx(sm.evaluate(as_it_is, folder / "truth.csv").f1, abs=0.005)
