"""fit: weights from the tables, and from people's decisions."""

from __future__ import annotations

import pyarrow as pa
import pytest

import socialmerge as sm

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


def test_decisions_calibrate_and_say_what_it_was_worth() -> None:
    weights = sm.fit(None, CUSTOMERS, decisions=[SAME, DIFFERENT]).weights
    assert weights is not None
    assert weights.notes[0].startswith("calibrated on 2 decisions (1 same): log loss on held-out decisions")


def test_the_order_and_direction_of_decisions_do_not_matter() -> None:
    turned = {**SAME, "left_id": "c1", "right_id": "c0"}
    assert sm.fit(None, CUSTOMERS, decisions=[SAME, DIFFERENT]) == sm.fit(
        None, CUSTOMERS, decisions=[DIFFERENT, turned, SAME]
    )


def test_unsure_says_nothing() -> None:
    unsure = {**DIFFERENT, "verdict": "unsure"}
    assert sm.fit(None, CUSTOMERS, decisions=[unsure]).weights == sm.fit(None, CUSTOMERS).weights


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
        ([{**SAME, "verdict": None}], r"decisions: row 1 \(1 in all\) has a verdict"),
        (
            [SAME, {**SAME, "right_id": "c99"}],
            r"decisions: right_id in row 2 \(1 rows in all\) is not an id of the table",
        ),
        ([{**SAME, "left_id": None}], "decisions: left_id in row 1"),
        (
            [SAME, {"left_id": "c1", "right_id": "c0", "verdict": "different"}],
            "1 pairs are decided both same and different",
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
