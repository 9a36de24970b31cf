"""suggest_reviews, and decisions that hold: ask, answer, run again."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from benchmarks.generate import write_sets

import socialmerge as sm
from socialmerge import tables
from socialmerge.records import reviews_schema

pytestmark = pytest.mark.slow

Pair = tuple[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("sets")
    write_sets(made, count=150, seed=11)
    return made


@pytest.fixture(scope="module")
def people(folder: Path) -> sm.DedupeResult:
    return sm.dedupe(folder / "made_up_dedupe" / "a.csv")


@pytest.fixture(scope="module")
def attached(folder: Path) -> sm.AttachResult:
    return sm.attach(folder / "made_up_attach" / "profiles.jsonl", to=folder / "made_up_attach" / "customers.csv")


@pytest.fixture(scope="module")
def entities(folder: Path) -> dict[str, str]:
    truth = tables.read(folder / "made_up_dedupe" / "truth.csv")
    return dict(zip(truth["id"].to_pylist(), truth["entity_id"].to_pylist(), strict=True))


def asked(reviews: pa.Table) -> list[Pair]:
    return list(zip(reviews["left_id"].to_pylist(), reviews["right_id"].to_pylist(), strict=True))


def answered(reviews: pa.Table, entities: dict[str, str]) -> pa.Table:
    """The table as a person who knows the truth fills it in."""
    verdicts = ["same" if entities[left] == entities[right] else "different" for left, right in asked(reviews)]
    return reviews.set_column(2, "verdict", pa.array(verdicts))


def together(found: sm.DedupeResult) -> dict[str, str]:
    return dict(zip(found.clusters["id"].to_pylist(), found.clusters["entity_id"].to_pylist(), strict=True))


def test_a_table_to_fill_in_has_ids_an_empty_verdict_and_both_rows_side_by_side(people: sm.DedupeResult) -> None:
    reviews = people.suggest_reviews(5)
    assert reviews.schema.names[:5] == reviews_schema().names
    assert reviews.select(reviews_schema().names).schema.equals(reviews_schema())
    assert reviews["verdict"].null_count == reviews.num_rows == 5
    assert all(0 <= value <= 1 for value in reviews["probability"].to_pylist())
    row = reviews.to_pylist()[0]
    rows = {one["id"]: one for one in tables.read(people._rows.table).to_pylist()}
    for side in ("left", "right"):
        assert str(row[f"{side}.name"]).split()[0] == rows[row[f"{side}_id"]]["first_name"]


def test_the_same_run_asks_the_same_questions(people: sm.DedupeResult, folder: Path) -> None:
    again = sm.dedupe(folder / "made_up_dedupe" / "a.csv")
    assert again.suggest_reviews(30).equals(people.suggest_reviews(30))


def test_the_order_of_rows_changes_no_question(people: sm.DedupeResult) -> None:
    table = people._rows.table
    turned = sm.dedupe(table.take(pa.array(range(table.num_rows - 1, -1, -1))))
    assert asked(turned.suggest_reviews(30)) == asked(people.suggest_reviews(30))


def test_fewer_questions_are_the_first_of_more(people: sm.DedupeResult) -> None:
    assert asked(people.suggest_reviews(10)) == asked(people.suggest_reviews(25))[:10]


def test_no_pair_is_asked_about_twice(people: sm.DedupeResult, entities: dict[str, str]) -> None:
    first = answered(people.suggest_reviews(20), entities)
    unsure = first.set_column(2, "verdict", pa.array(["unsure"] * 20))
    for answers in (first, unsure):
        second = people.suggest_reviews(200, decisions=answers)
        assert len(set(asked(second))) == second.num_rows
        assert not set(asked(first)) & set(asked(second))


def test_a_run_that_was_given_decisions_does_not_ask_about_them(
    people: sm.DedupeResult, folder: Path, entities: dict[str, str]
) -> None:
    first = answered(people.suggest_reviews(20), entities)
    again = sm.dedupe(folder / "made_up_dedupe" / "a.csv", decisions=first)
    assert not set(asked(first)) & set(asked(again.suggest_reviews(200)))


def test_answers_of_both_kinds_come(people: sm.DedupeResult, entities: dict[str, str]) -> None:
    verdicts = answered(people.suggest_reviews(50), entities)["verdict"].to_pylist()
    assert 5 <= verdicts.count("same") <= 45


def test_fifty_answers_take_a_quarter_of_what_is_wrong_away(folder: Path, entities: dict[str, str]) -> None:
    table = tables.read(folder / "made_up_dedupe" / "a.csv").drop_columns(["email", "phone", "birth_date", "street"])
    found = sm.dedupe(table)
    before = sm.evaluate(found, folder / "made_up_dedupe" / "truth.csv").f1
    for _ in range(5):
        plan = sm.fit(found.plan, table, decisions=answered(found.suggest_reviews(10), entities))
        found = sm.dedupe(table, plan=plan)
    assert before < 0.99
    assert 1 - sm.evaluate(found, folder / "made_up_dedupe" / "truth.csv").f1 <= 0.75 * (1 - before)


def test_decided_pairs_hold_in_dedupe_whatever_the_evidence(people: sm.DedupeResult) -> None:
    now = together(people)
    rows = sorted(now)
    joined = [pair for pair in asked(people.pairs) if now[pair[0]] == now[pair[1]]][:5]
    strangers = [pair for pair in zip(rows[:40:2], rows[1:40:2], strict=True) if now[pair[0]] != now[pair[1]]]
    decisions = pa.table(
        {
            "left_id": [left for left, _ in (*joined, *strangers)],
            "right_id": [right for _, right in (*joined, *strangers)],
            "verdict": ["different"] * len(joined) + ["same"] * len(strangers),
        }
    )
    found = sm.dedupe(people._rows.table, decisions=decisions, plan=people.plan)
    then = together(found)
    assert all(then[left] != then[right] for left, right in joined)
    assert all(then[left] == then[right] for left, right in strangers)
    likely = {(row["left_id"], row["right_id"]): row["probability"] for row in found.pairs.to_pylist()}
    assert all(likely[min(pair), max(pair)] == 1 for pair in strangers)
    assert found.plan.weights == people.plan.weights


def test_the_plan_of_a_run_holds_its_decisions_to_the_next(people: sm.DedupeResult) -> None:
    left, right = asked(people.pairs)[0]
    decisions = [{"left_id": left, "right_id": right, "verdict": "different"}]
    plan = sm.dedupe(people._rows.table, decisions=decisions).plan
    again = together(sm.dedupe(people._rows.table, plan=plan))
    assert again[left] != again[right]


def test_an_explanation_has_a_line_for_what_people_decided_about_pairs_like_it(
    people: sm.DedupeResult, entities: dict[str, str]
) -> None:
    found = sm.dedupe(people._rows.table, decisions=answered(people.suggest_reviews(50), entities))
    left, right = next(
        pair for pair in asked(found.pairs) if pair not in {(one.left_id, one.right_id) for one in found.plan.decisions}
    )
    said = found.explain(left, right)
    assert "decisions" in [line.what for line in said.lines]
    odds = said.prior + said.weight
    row = next(row for row in found.pairs.to_pylist() if (row["left_id"], row["right_id"]) == (left, right))
    assert odds == pytest.approx(row["weight"] + said.prior, abs=0.1)


def test_profiles_are_asked_about_with_their_customers(attached: sm.AttachResult) -> None:
    reviews = attached.suggest_reviews(20)
    rows = {row["profile_id"]: row for row in attached.decisions.to_pylist()}
    assert reviews.num_rows == 20
    assert all(left in rows for left in reviews["left_id"].to_pylist())
    assert set(reviews["right_id"].to_pylist()) <= set(attached.customer_ids.to_pylist())
    assert asked(attached.suggest_reviews(20)) == asked(reviews)
    assert any(rows[left]["verdict"] != "attach" for left in reviews["left_id"].to_pylist())


def test_decided_profiles_are_attached_or_not_as_was_decided(attached: sm.AttachResult, folder: Path) -> None:
    rows = attached.decisions.to_pylist()
    wrong = next(row for row in rows if row["verdict"] == "attach")
    new = next(row for row in rows if row["verdict"] == "new")
    customer = attached.customer_ids[0].as_py()
    decisions = [
        {"left_id": wrong["profile_id"], "right_id": wrong["customer_id"], "verdict": "different"},
        {"left_id": new["profile_id"], "right_id": customer, "verdict": "same"},
    ]
    made = folder / "made_up_attach"
    found = sm.attach(made / "profiles.jsonl", to=made / "customers.csv", decisions=decisions, plan=attached.plan)
    then = {row["profile_id"]: row for row in found.decisions.to_pylist()}
    assert then[wrong["profile_id"]]["customer_id"] != wrong["customer_id"]
    chosen = then[new["profile_id"]]
    assert (chosen["verdict"], chosen["customer_id"], chosen["probability"]) == ("attach", customer, 1.0)
    assert chosen["reason"] == "a person decided so"
    assert not {(one["left_id"], one["right_id"]) for one in decisions} & set(asked(found.suggest_reviews(500)))


def test_decided_pairs_hold_where_two_tables_are_linked(folder: Path) -> None:
    made = folder / "made_up_link"
    before = sm.attach(made / "a.csv", to=made / "b.csv")
    row = next(row for row in before.decisions.to_pylist() if row["verdict"] == "attach")
    other = next(name for name in before.customer_ids.to_pylist() if name != row["customer_id"])
    decisions = [
        {"left_id": row["profile_id"], "right_id": row["customer_id"], "verdict": "different"},
        {"left_id": row["profile_id"], "right_id": other, "verdict": "same"},
    ]
    after = sm.attach(made / "a.csv", to=made / "b.csv", decisions=decisions)
    then = next(one for one in after.decisions.to_pylist() if one["profile_id"] == row["profile_id"])
    assert (then["verdict"], then["customer_id"]) == ("attach", other)


@pytest.mark.parametrize("count", [0, -3])
def test_fewer_than_one_question_is_an_error(people: sm.DedupeResult, attached: sm.AttachResult, count: int) -> None:
    for result in (people, attached):
        with pytest.raises(sm.LabelError, match=r"suggest_reviews: n=.* must be 1 or more; 50 is usual"):
            result.suggest_reviews(count)


def test_earlier_decisions_about_rows_that_are_not_there_are_refused(people: sm.DedupeResult) -> None:
    wrong = [{"left_id": "r00001", "right_id": "nobody", "verdict": "same"}]
    with pytest.raises(sm.LabelError, match=r"decisions: right_id in row 1 \(1 row in all\) is not an id"):
        people.suggest_reviews(5, decisions=wrong)
    with pytest.raises(sm.LabelError, match="right_id in row 1"):
        sm.dedupe(people._rows.table, decisions=wrong)


def test_where_nothing_can_be_compared_there_is_nothing_to_ask() -> None:
    reviews = sm.dedupe(pa.table({"id": ["1"], "name": ["Ada Lovelace"]})).suggest_reviews(5)
    assert reviews.num_rows == 0
    assert reviews.schema.names[:5] == reviews_schema().names
