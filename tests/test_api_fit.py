"""fit: weights from the tables, and from people's decisions."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import tables

CUSTOMERS = pa.table(
    {
        "id": [f"c{number}" for number in range(8)],
        "name": [
            "Ada Lovelace",
            "Ada Lovelace",
            "Grace Hopper",
            "Alan Turing",
            "Radia Perlman",
            "R Perlman",
            "Tim Lee",
            "Ken",
        ],
        "email": ["ada@example.com"] * 2
        + [f"{word}@example.com" for word in ("grace", "alan", "radia", "rp", "tim", "ken")],
    }
)
PROFILES = [
    {"profile_id": "p1", "channel": "github", "handle": "ada", "display_name": "Ada Lovelace"},
    {"profile_id": "p2", "channel": "github", "handle": "radiap", "display_name": "Radia Perlman"},
]
Label = dict[str, object]
SAME: Label = {"left_id": "c0", "right_id": "c1", "verdict": "same"}
DIFFERENT: Label = {"left_id": "c2", "right_id": "c3", "verdict": "different"}


def test_the_same_seed_gives_the_same_plan() -> None:
    assert sm.fit(None, CUSTOMERS, seed=3) == sm.fit(None, CUSTOMERS, seed=3)


def test_the_plan_keeps_what_it_was_given() -> None:
    plan = sm.Plan(fields=(sm.email("email"),), keys=(sm.key("email"),), costs=sm.Costs(wrong_merge=50))
    fitted = sm.fit(plan, CUSTOMERS)
    assert (fitted.fields, fitted.keys, fitted.costs) == (plan.fields, plan.keys, plan.costs)
    assert fitted.weights is not None
    assert plan.weights is None


def test_decisions_teach_and_it_is_said_what_that_was_worth() -> None:
    weights = sm.fit(None, CUSTOMERS, decisions=[SAME, DIFFERENT]).weights
    assert weights is not None
    assert weights.notes[0].startswith("learned from 2 decisions (1 same): log loss on held-out decisions")


def test_the_order_and_direction_of_decisions_do_not_matter() -> None:
    turned = {**SAME, "left_id": "c1", "right_id": "c0"}
    assert sm.fit(None, CUSTOMERS, decisions=[SAME, DIFFERENT]) == sm.fit(
        None, CUSTOMERS, decisions=[DIFFERENT, turned, SAME]
    )


def test_unsure_says_nothing() -> None:
    unsure = {**DIFFERENT, "verdict": "unsure"}
    assert sm.fit(None, CUSTOMERS, decisions=[unsure]).weights == sm.fit(None, CUSTOMERS).weights


def test_rows_without_a_verdict_were_not_answered() -> None:
    half = [SAME, {**DIFFERENT, "verdict": None}, {"left_id": "gone", "right_id": "too", "verdict": " "}]
    assert sm.fit(None, CUSTOMERS, decisions=half) == sm.fit(None, CUSTOMERS, decisions=[SAME])


def test_ids_that_a_file_for_spreadsheets_quotes_are_known_again(tmp_path: Path) -> None:
    table = pa.table({"id": ["=1", "+a", "c"], "name": ["Ada Lovelace", "Ada Lovelace", "Tim Lee"]})
    tables.write(pa.table({"left_id": ["=1"], "right_id": ["+a"], "verdict": ["Same "]}), tmp_path / "told.csv")
    assert sm.fit(None, table, decisions=tmp_path / "told.csv").decisions[0].verdict == "same"


def test_a_decision_outdoes_unsure() -> None:
    unsure = {**SAME, "left_id": "c1", "right_id": "c0", "verdict": "unsure"}
    assert sm.fit(None, CUSTOMERS, decisions=[unsure, SAME]) == sm.fit(None, CUSTOMERS, decisions=[SAME])


def test_a_plan_keeps_decisions_and_later_ones_hold() -> None:
    first = sm.fit(None, CUSTOMERS, decisions=[SAME, DIFFERENT])
    again = sm.fit(first, CUSTOMERS, decisions=[{**SAME, "verdict": "different"}])
    assert [(one.left_id, one.right_id, one.verdict) for one in again.decisions] == [
        ("c0", "c1", "different"),
        ("c2", "c3", "different"),
    ]


def test_a_plan_with_decisions_is_the_same_after_saving(tmp_path: Path) -> None:
    plan = sm.fit(None, CUSTOMERS, decisions=[SAME, DIFFERENT, {**SAME, "right_id": "c5", "verdict": "unsure"}])
    plan.save(tmp_path / "plan.toml")
    assert sm.Plan.load(tmp_path / "plan.toml") == plan


def test_decisions_of_a_plan_about_rows_that_are_not_there_are_passed_over() -> None:
    plan = sm.fit(None, CUSTOMERS, decisions=[SAME])
    others = pa.table({"id": ["x1", "x2"], "name": ["Ada Lovelace"] * 2, "email": ["ada@example.com"] * 2})
    assert sm.dedupe(others, plan=plan).clusters["entity_id"].to_pylist() == ["x1", "x1"]


def test_profiles_are_fitted_with_decisions() -> None:
    same = [{"left_id": "p1", "right_id": "c0", "verdict": "same"}]
    assert sm.fit(None, CUSTOMERS, PROFILES, decisions=same).weights is not None


def test_another_table_is_fitted() -> None:
    left = pa.table({"ref": ["a", "b"], "Name": ["Ada Lovelace", "Grace Hopper"]})
    plan = sm.fit(None, CUSTOMERS, left, decisions=[{"left_id": "a", "right_id": "c0", "verdict": "same"}])
    assert plan.left_id == "ref"
    assert plan.weights is not None


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            [{"left_id": "c0", "right_id": "c1"}],
            "decisions: no column 'verdict'; they need left_id, right_id and verdict",
        ),
        ([], "decisions: no column 'left_id', 'right_id', 'verdict'"),
        (
            [SAME, {**DIFFERENT, "verdict": "yes"}],
            r"decisions: row 2 \(1 in all\) has a verdict that is not one of same, diff",
        ),
        ([{**SAME, "verdict": None}], "decisions: no row has a verdict; write same, different, unsure into the column"),
        (
            [SAME, {**SAME, "right_id": "c99"}],
            r"decisions: right_id in row 2 \(1 row in all\) is not an id of the table",
        ),
        ([{**SAME, "left_id": None}], "decisions: left_id in row 1"),
        (
            [SAME, {"left_id": "c1", "right_id": "c0", "verdict": "different"}],
            "1 pair is decided both same and different",
        ),
        (
            [SAME, {**SAME, "left_id": "c2"}, {**DIFFERENT, "left_id": "c0", "right_id": "c2"}],
            "1 pair is decided different, but decisions 'same' join their rows by way of others",
        ),
    ],
)
def test_decisions_that_do_not_fit_the_table_are_refused(labels: list[Label], message: str) -> None:
    with pytest.raises(sm.LabelError, match=message):
        sm.fit(None, CUSTOMERS, decisions=labels)


@pytest.mark.parametrize(
    "table",
    [CUSTOMERS.slice(0, 1), pa.table({"id": ["1", "2"], "name": pa.nulls(2)})],
)
def test_nothing_to_compare_cannot_be_fitted(table: pa.Table) -> None:
    with pytest.raises(sm.FitError, match="there is nothing to fit: fewer than two rows, or no column with values"):
        sm.fit(None, table)


def test_no_profiles_cannot_be_fitted() -> None:
    with pytest.raises(sm.FitError, match="there is nothing to fit: the profiles or the customers have no row"):
        sm.fit(None, CUSTOMERS, [])
