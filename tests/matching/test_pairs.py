"""Comparing, fitting and scoring given pairs of plain tables, on their own."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import socialmerge as sm
from socialmerge.blocking import candidate_pairs
from socialmerge.matching import Fit, compare_pairs, fit_weights, score_pairs, weigh_pairs

SAMPLE = str(files("socialmerge") / "sample" / "customers.csv")
PEOPLE = pa.table(
    {
        "full_name": ["Ada Lovelace", "Grace Hopper", "Ada Lovelase", "Alan Turing", None],
        "email": ["ada@example.com", "grace@example.com", "ada@example.org", None, None],
    }
)


def pairs_of(*pairs: tuple[int, int]) -> pa.Table:
    return pa.table({"left_row": [one for one, _ in pairs], "right_row": [other for _, other in pairs]})


@dataclass(frozen=True)
class Sample:
    """Some customers of the sample, their candidate pairs, and the weights fitted on those."""

    table: pa.Table
    pairs: pa.Table
    fitted: Fit


@pytest.fixture(scope="module")
def sample() -> Sample:
    table = sm.tables.read(SAMPLE).slice(0, 400).sort_by("hs_object_id")
    pairs = candidate_pairs(table)
    return Sample(table, pairs, fit_weights(pairs, table))


def test_levels_are_ordered_words_with_null_where_a_side_is_missing() -> None:
    found = compare_pairs(pairs_of((0, 2), (0, 1), (3, 4), (1, 1 + 2)), PEOPLE)
    assert found.column_names[:2] == ["left_row", "right_row"]
    assert found["full_name.family"].to_pylist() == ["close", "different", None, "different"]
    assert found["email"].to_pylist() == ["same local part", "different", None, None]
    assert found.schema.field("email").type.ordered
    assert found["email"].combine_chunks().indices.to_pylist() == [2, 0, None, None]


def test_levels_do_not_tell_their_context() -> None:
    table = pa.table({"street": ["1 High Street", "1 High Street", "2 Low Road"], "city": ["Leeds", "Leeds", "York"]})
    fields = (sm.place(street="street", city="city"),)
    found = compare_pairs(pairs_of((0, 1), (0, 2)), table, fields=fields)
    assert found["place.city"].to_pylist() == ["exact", "different"]
    assert found["place.street"].to_pylist() == ["exact", "different"]


def test_scores_are_those_of_a_dedupe(sample: Sample) -> None:
    table = sample.table
    result = sm.dedupe(table, plan=sm.Plan(weights=sample.fitted))
    plan = result.plan
    mine = candidate_pairs(table, keys=plan.keys, fields=plan.fields)
    assert mine.num_rows == result.candidates
    scored = score_pairs(mine, table, fields=plan.fields, weights=plan.weights)
    weight = {
        (one["left_id"], one["right_id"]): (one["probability"], one["weight"]) for one in result.pairs.to_pylist()
    }
    left, right = (table["hs_object_id"].take(scored[name]).to_pylist() for name in ("left_row", "right_row"))
    found = dict(
        zip(
            zip(left, right, strict=True),
            zip(scored["probability"].to_pylist(), scored["weight"].to_pylist(), strict=True),
            strict=True,
        )
    )
    assert weight
    for pair, expected in weight.items():
        assert found[pair] == pytest.approx(expected, abs=1e-6)


def test_a_fit_on_the_candidates_is_that_of_the_verb(sample: Sample) -> None:
    weights = sm.fit(None, sample.table).weights
    assert weights is not None
    assert sample.fitted.match_share == pytest.approx(weights.match_share, rel=0.05)
    assert [field.name for field in sample.fitted.fields] == [field.name for field in weights.fields]


def test_pairs_that_come_twice_or_the_other_way_round_change_no_fit(sample: Sample) -> None:
    pairs = sample.pairs
    turned = pa.table({"left_row": pairs["right_row"], "right_row": pairs["left_row"]})
    assert fit_weights(pa.concat_tables([pairs, turned, pairs]), sample.table) == sample.fitted


def test_weights_of_fields_add_up_to_the_order_of_the_scores(sample: Sample) -> None:
    table, pairs, fitted = sample.table, sample.pairs, sample.fitted
    bits = weigh_pairs(pairs, table, weights=fitted)
    assert bits.column_names == ["left_row", "right_row", *(field.name for field in fitted.fields)]
    total = sum(bits[name].to_numpy() for name in bits.column_names[2:])
    weight = score_pairs(pairs, table, weights=fitted)["weight"].to_numpy()
    # relatives would share some of it too, so a weight is at most the sum, or a little more where they would not
    assert (weight <= total + 0.5).all()
    assert np.corrcoef(total, weight)[0, 1] > 0.9


def test_a_side_that_is_missing_weighs_nothing() -> None:
    found = weigh_pairs(pairs_of((0, 3), (0, 2)), PEOPLE)
    assert found["email"].to_pylist()[0] == 0.0
    assert found["email"].to_pylist()[1] != 0.0


def test_two_tables_are_scored_by_rows_of_each() -> None:
    left = pa.table({"Name": ["Alan Turing", "Ada Lovelace"], "mail": ["alan@example.com", "ada@example.com"]})
    pairs = candidate_pairs(left, PEOPLE)
    found = score_pairs(pairs, left, PEOPLE)
    best = found.filter(pc.equal(found["left_row"], 1)).sort_by([("weight", "descending")])
    assert best["right_row"].to_pylist()[0] == 0
    assert compare_pairs(pairs_of((1, 0)), left, PEOPLE)["email"].to_pylist() == ["exact"]


def test_decisions_teach_the_weights(sample: Sample) -> None:
    table, pairs = sample.table, sample.pairs
    some = score_pairs(pairs, table, weights=sample.fitted).slice(0, 60)
    decided = some.select(["left_row", "right_row"]).append_column("same", pc.greater(some["probability"], 0.5))
    fitted = fit_weights(pairs, table, decided=decided)
    assert any("decisions" in note for note in fitted.notes)
    assert fitted != sample.fitted


def test_no_pairs_are_no_work() -> None:
    none = pairs_of().cast(sm.records.row_pairs_schema())
    assert compare_pairs(none, PEOPLE).num_rows == 0
    assert score_pairs(none, PEOPLE).column_names == ["left_row", "right_row", "probability", "weight"]
    assert score_pairs(none, PEOPLE.slice(0, 0)).num_rows == 0
    assert weigh_pairs(none, PEOPLE).num_rows == 0
    assert fit_weights(none, PEOPLE).match_share > 0


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (pa.table({"left_row": [0]}), "pairs: need a column 'right_row' of whole numbers, one in every row"),
        (pa.table({"left_row": ["0"], "right_row": [1]}), "need a column 'left_row' of whole numbers"),
        (pa.table({"left_row": [0], "right_row": pa.nulls(1, pa.int32())}), "need a column 'right_row' of whole"),
        (pairs_of((0, 9), (0, 5), (0, 1)), "'right_row' holds 2 numbers of no row of its table of 5"),
        (pairs_of((-1, 0)), "'left_row' holds 1 number of no row"),
        (pairs_of((0, 1), (2, 2)), "1 pair of a row with itself; leave them out"),
    ],
)
def test_what_are_no_pairs_of_the_table_is_refused(pairs: pa.Table, message: str) -> None:
    for verb in (compare_pairs, fit_weights, score_pairs, weigh_pairs):
        with pytest.raises(sm.TableError, match=message):
            verb(pairs, PEOPLE)


@pytest.mark.parametrize(
    ("same", "message"),
    [
        (None, "decided: need a column 'same', true or false in every row"),
        (pa.array(["yes"]), "decided: need a column 'same'"),
        (pa.array([None], pa.bool_()), "decided: 'same' is missing in some rows"),
    ],
)
def test_what_are_no_decisions_is_refused(same: pa.Array | None, message: str) -> None:
    decided = pairs_of((0, 2)) if same is None else pairs_of((0, 2)).append_column("same", same)
    with pytest.raises(sm.TableError, match=message):
        fit_weights(pairs_of((0, 2)), PEOPLE, decided=decided)


def test_a_fit_without_rows_and_weights_of_another_comparison_are_refused() -> None:
    with pytest.raises(sm.FitError, match="there is nothing to fit"):
        fit_weights(pairs_of().cast(sm.records.row_pairs_schema()), PEOPLE.slice(0, 0))
    fitted = fit_weights(pairs_of((0, 2)), PEOPLE, fields=(sm.email("email"),))
    with pytest.raises(sm.PlanError, match="the plan's weights for 'email' have 4 levels"):
        score_pairs(pairs_of((0, 2)), PEOPLE, fields=(sm.text("email"),), weights=fitted)
