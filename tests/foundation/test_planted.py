"""A fault that was planted is found, and a clean table is left in peace."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from benchmarks.planted import FAULTS, NOW, Row, clean, planted

import socialmerge as sm
from socialmerge.api.auditing import look
from socialmerge.foundation import rehearsal
from socialmerge.foundation.columns import read_columns
from socialmerge.foundation.ownership import owners
from socialmerge.foundation.people import Sample
from socialmerge.foundation.roles import roles_of
from socialmerge.schema import infer

pytestmark = pytest.mark.slow

SEED = 11
MATCHED = {"duplicates", "owner_duplicates"}
"""What no quick look can see."""


@pytest.fixture(scope="module")
def customers() -> list[Row]:
    return clean(400, SEED)


def test_a_clean_table_has_no_findings_and_is_ready(customers: list[Row]) -> None:
    found = sm.audit(pa.Table.from_pylist(customers), now=NOW, costs=False)
    assert found.findings == ()
    assert found.readiness == "ready"
    assert found.ready
    assert found.expected_duplicates < 1
    assert found.skipped == ()


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(customers: list[Row], name: str) -> None:
    code, _, field = name.partition(":")
    rows = planted(name, customers, SEED)
    table = pa.Table.from_pylist(rows)
    found = sm.audit(table, now=NOW, costs=False) if name in MATCHED else look(table, now=NOW)
    mine = [one for one in found.findings if one.code == code and field in {"", one.field}]
    assert len(mine) == 1
    changed = len(rows) - len(customers) or sum(one != other for one, other in zip(customers, rows, strict=True))
    if code not in {"owner_duplicates", "duplicates"}:
        assert mine[0].rows == pytest.approx(changed, abs=0.25 * changed + 2)
        assert set(mine[0].examples) <= {row["id"] for row in rows}
        assert 0 < mine[0].share <= 1


def test_planted_duplicates_are_counted(customers: list[Row]) -> None:
    rows = planted("duplicates", customers, SEED)
    found = sm.audit(pa.Table.from_pylist(rows), now=NOW, costs=False)
    truth = len(rows) - len(customers)
    assert found.expected_duplicates == pytest.approx(truth, rel=0.1)
    assert found.interval[0] <= truth <= found.interval[1]
    ids = {member for group in found.worst["ids"].to_pylist() for member in group}
    assert ids <= {row["id"] for row in rows}


def test_an_owner_whose_rows_are_worse_stands_in_the_table(customers: list[Row]) -> None:
    owners = look(pa.Table.from_pylist(planted("owner_gaps", customers, SEED)), now=NOW).owners.to_pylist()
    filled = {row["owner"]: row["filled"] for row in owners}
    assert min(filled, key=filled.__getitem__) == "Ana"
    assert filled["Ben"] == 1.0


def test_the_loop_is_counted_by_age(customers: list[Row]) -> None:
    found = look(pa.Table.from_pylist(planted("lead_without_outcome", customers, SEED)), now=NOW)
    leads = {row["age"]: row["rows"] for row in found.loop.to_pylist() if row["what"] == "lead without outcome"}
    assert leads["over a year"] > 0
    assert sum(leads.values()) == sum(row["stage"] == "lead" for row in customers)


@pytest.fixture(scope="module")
def neglected() -> Iterator[sm.Audit]:
    """The audit of a small table with several faults at once, its costs measured in one round."""
    rows = clean(84, SEED)
    for name in ("stale", "owner_gaps", "lead_without_outcome"):
        rows = planted(name, rows, SEED)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rehearsal, "ROUNDS", 1)
        yield sm.audit(pa.Table.from_pylist(rows), now=NOW)


def test_costs_are_measured_each_with_its_interval(neglected: sm.Audit) -> None:
    measured = {one.code: one for one in neglected.findings if one.cost is not None}
    assert {"no_email", "stale", "owner_gaps"} <= measured.keys()  # who lacks most lacks addresses
    for one in measured.values():
        low, high = one.cost_interval or (1.0, 0.0)
        assert low < (one.cost or 0.0) < high
    assert any("in a thousand go wrong" in note for note in neglected.notes)


def test_what_costs_no_attachment_says_what_it_costs_instead(neglected: sm.Audit) -> None:
    found = {one.code: one for one in neglected.findings}
    leads = found["lead_without_outcome"]
    assert (leads.cost, leads.hides) == (None, leads.rows)
    of = f"these {leads.rows} leads" if leads.rows > 1 else "this 1 lead"
    assert (
        leads.cost_words == f"It costs no attachment, but it hides outcomes: whether {of} bought, metrics cannot count."
    )
    assert (
        "It counts what these rows lack, and what changed since they were touched: that 10 % of"
        in found["stale"].beside
    )
    assert all(
        one.measurable or "No measurable cost" in one.cost_words for one in found.values() if one.cost is not None
    )


def test_costs_of_one_seed_are_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "ROUNDS", 1)
    rows = pa.Table.from_pylist(planted("duplicates", clean(40, SEED), SEED))
    found = sm.audit(rows, now=NOW)
    assert [one.code for one in found.findings if one.cost is not None] == ["duplicates"]
    assert sm.audit(rows, now=NOW).to_json() == found.to_json()


@pytest.mark.parametrize(
    ("after", "saved", "rounds"),
    [
        ([[False, True], [False, False]], 3, 2),  # a cost shows: all rounds
        ([[True, True], [False, False]], 0, 1),  # none shows: no more rounds
        ([[True, False], [True, True]], 1, 2),
    ],
)
def test_a_cost_is_of_all_rounds_unless_the_first_saves_nothing(
    after: list[list[bool]], saved: int, rounds: int
) -> None:
    asked: list[int] = []

    def wrong(number: int) -> npt.NDArray[np.bool_]:
        asked.append(number)
        return np.array(after[number])

    trials = [SimpleNamespace(wrong=lambda _cells, _person, number=number: wrong(number)) for number in range(2)]
    before = [np.array([True, True])] * 2
    found = rehearsal._cost(trials, before, {}, np.arange(2))  # type: ignore[arg-type]
    assert (found.saved, len(asked)) == (saved, rounds)


def test_rows_of_an_owner_are_filled_as_the_best_are() -> None:
    rows = [row | {"owner": "Ana" if n < 40 else "Ben"} for n, row in enumerate(clean(80, SEED))]
    for row in (*rows[:30], *rows[40:44]):
        row["email"] = ""
    for row in rows[:20]:
        row["phone"] = ""
    table = pa.Table.from_pylist(rows)
    columns = read_columns(table, table["id"].combine_chunks(), infer(table))
    fault = next(
        one for one in owners(columns, roles_of(columns), np.zeros(80, bool)) if one.finding.code == "owner_gaps"
    )
    filled = {name: int(cells.sum()) for name, cells in fault.cells.items()}
    assert (filled["email"], filled["phone"], filled["city"]) == (26, 20, 0)  # Ben lacks the e-mail of 4 in 40
    assert not any(cells[40:].any() for cells in fault.cells.values())


def test_the_only_owner_is_not_behind_colleagues_that_there_are_not() -> None:
    rows = [row | {"owner": "Ana", "email": "", "phone": ""} for row in clean(40, SEED)]
    table = pa.Table.from_pylist(rows)
    columns = read_columns(table, table["id"].combine_chunks(), infer(table))
    assert list(owners(columns, roles_of(columns), np.ones(40, bool))) == []


def test_people_are_made_one_row_where_their_owner_repeats_them() -> None:
    cells = {"email": np.array(["a", None, "b", "c", "c2"], object)}
    merged = {"email": np.array(["a", "b", "c"], object)}
    sample = Sample(np.arange(5), np.array([0, 0, 1, 2, 2]), cells, merged, merged)
    found, person = rehearsal._merged_where(sample, np.arange(5) == 1)
    assert (found["email"].tolist(), person.tolist()) == (["b", "c", "c2", "a"], [1, 2, 2, 0])
