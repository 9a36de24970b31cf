"""A fault that was planted is found, and a clean table is left in peace."""

import pyarrow as pa
import pytest
from benchmarks.planted import FAULTS, NOW, Row, clean, planted

import socialmerge as sm
from socialmerge.api.auditing import look

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


def test_costs_are_measured_and_one_seed_gives_one_answer() -> None:
    rows = planted("no_email", clean(60, SEED), SEED)
    found = sm.audit(pa.Table.from_pylist(rows), now=NOW)
    costs = {one.code: one.cost for one in found.findings}
    assert costs["no_email"] is not None
    assert costs["no_email"] >= 0
    assert any("in a thousand go wrong" in note for note in found.notes)
    assert sm.audit(pa.Table.from_pylist(rows), now=NOW).to_json() == found.to_json()
