"""``evaluate`` against cases worked out by hand, and against slow textbook definitions."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.errors import LabelError
from socialmerge.outcomes import Evaluation, evaluate, measures


def pairs(*rows: tuple[str, str, float]) -> pa.Table:
    left, right, probability = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "left_id": pa.array(left, pa.string()),
            "right_id": pa.array(right, pa.string()),
            "probability": pa.array(probability, pa.float64()),
        }
    )


def deduped(clusters: dict[str, str], *rows: tuple[str, str, float]) -> SimpleNamespace:
    table = pa.table({"id": list(clusters), "entity_id": list(clusters.values())})
    return SimpleNamespace(clusters=table, pairs=pairs(*rows))


def attached(
    decisions: Mapping[str, tuple[str, str | None]], *rows: tuple[str, str, float], customers: list[str] | None = None
) -> SimpleNamespace:
    """Decisions by profile: the verdict, and the customer (for new, the new identity)."""
    verdicts = [verdict for verdict, _ in decisions.values()]
    table = pa.table(
        {
            "profile_id": pa.array(decisions, pa.string()),
            "verdict": pa.array(verdicts, pa.string()),
            "customer_id": pa.array([c if v != "new" else None for v, c in decisions.values()], pa.string()),
            "runner_up_id": pa.nulls(len(verdicts), pa.string()),
            "entity_id": pa.array([c if v != "review" else None for v, c in decisions.values()], pa.string()),
        }
    )
    result = SimpleNamespace(decisions=table, pairs=pairs(*rows))
    if customers is not None:
        result.customer_ids = pa.array(customers, pa.string())
    return result


def entities(**labels: str) -> pa.Table:
    return pa.table({"id": list(labels), "entity_id": list(labels.values())})


def links(*rows: tuple[str, str | None], names: tuple[str, str] = ("profile_id", "customer_id")) -> pa.Table:
    return pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)})


# ---- clusters
CLUSTERS = {"1": "x", "2": "x", "3": "x", "4": "y"}


def test_pairs_inside_the_final_clusters_are_scored_not_the_pairs_over_a_threshold() -> None:
    found = evaluate(deduped(CLUSTERS), entities(**{"1": "a", "2": "a", "3": "b", "4": "b"}))
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), 0.5)
    assert found.f1 == pytest.approx(0.4)
    assert (found.bcubed_precision, found.bcubed_recall) == (pytest.approx(2 / 3), 0.75)


def test_true_pairs_say_the_same_as_the_labels_that_follow_from_them() -> None:
    result = deduped(CLUSTERS, ("1", "2", 0.9), ("3", "4", 0.4))
    by_pairs = evaluate(result, links(("1", "2"), ("4", "3"), names=("id_a", "id_b")))
    assert by_pairs == evaluate(result, entities(**{"1": "a", "2": "a", "3": "b", "4": "b"}))


def test_a_record_that_the_truth_does_not_name_is_nobody_else_s() -> None:
    found = evaluate(deduped({"1": "x", "2": "x", "3": "y", "4": "y"}), entities(**{"1": "a", "2": "a"}))
    assert (found.precision, found.recall, found.true_pairs) == (0.5, 1.0, 1)


def test_a_pair_that_is_listed_both_ways_counts_once_with_its_greater_probability() -> None:
    result = deduped({"1": "x", "2": "x", "3": "y"}, ("1", "2", 0.2), ("2", "1", 0.8), ("3", "1", 0.5))
    found = evaluate(result, entities(**{"1": "a", "2": "a"}))
    assert (found.scored_pairs, found.best_f1, found.best_threshold) == (2, 1.0, 0.8)


def test_pair_completeness_is_the_share_of_true_pairs_that_were_scored() -> None:
    result = deduped({"1": "x", "2": "x", "3": "x"}, ("1", "2", 0.9))
    assert evaluate(result, entities(**{"1": "a", "2": "a", "3": "a"})).pair_completeness == pytest.approx(1 / 3)


def test_pairs_that_are_looked_up_one_at_a_time_give_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (("1", "2", 0.9), ("2", "3", 0.4), ("3", "1", 0.7), ("4", "1", 0.2))
    result, labels = (
        deduped({"1": "1", "2": "1", "3": "3", "4": "4"}, *rows),
        entities(**{"1": "a", "2": "a", "3": "a"}),
    )
    linked, true = attached(DECISIONS, *SCORED), links(("p1", "c1"), ("p2", "c9"), names=("id_a", "id_b"))
    whole = evaluate(result, labels), evaluate(linked, true)
    monkeypatch.setattr("socialmerge.outcomes.truth._AT_ONCE", 1)
    assert (evaluate(result, labels), evaluate(linked, true)) == whole


def test_calibration_leaves_out_what_nobody_would_look_at() -> None:
    result = deduped({"1": "x", "2": "x", "3": "y"}, ("1", "2", 0.8), ("1", "3", 0.009), ("2", "3", 0.3))
    found = evaluate(result, entities(**{"1": "a", "2": "a"}))
    assert found.calibrated_pairs == 2
    assert found.calibration_error == pytest.approx((0.2 + 0.3) / 2)
    assert found.log_loss == pytest.approx(-(math.log(0.8) + math.log(0.7)) / 2)


def test_an_empty_result_is_measured_without_a_fault() -> None:
    found = evaluate(deduped({}), pa.table({"id": pa.array([], pa.string()), "entity_id": pa.array([], pa.string())}))
    assert (found.precision, found.recall, found.records, found.calibration_error) == (1.0, 1.0, 0, 0.0)


# ---- profiles
DECISIONS = {
    "p1": ("attach", "c1"),  # right
    "p2": ("attach", "c3"),  # wrong: belongs to c2
    "p3": ("review", "c3"),  # right, if a person agrees
    "p4": ("new", "n4"),  # wrong: belongs to c4, its best candidate
    "p5": ("new", "n5"),  # right: belongs to nobody
}
SCORED = [
    ("p1", "c1", 0.99),
    ("p2", "c3", 0.995),
    ("p2", "c2", 0.004),
    ("p3", "c3", 0.6),
    ("p4", "c4", 0.005),
    ("p5", "c1", 0.002),
]
OWNERS = links(("p1", "c1"), ("p2", "c2"), ("p3", "c3"), ("p4", "c4"))


def test_attachments_are_scored_by_profile() -> None:
    found = evaluate(attached(DECISIONS, *SCORED), OWNERS)
    assert (found.precision, found.recall) == (0.5, 0.25)
    figures = found.attaching
    assert figures is not None
    assert (figures.profiles, figures.with_customer, figures.attached, figures.reviewed, figures.new) == (5, 4, 2, 1, 2)
    assert (figures.precision_with_review, figures.recall_with_review) == (pytest.approx(2 / 3), 0.5)
    assert (figures.best_candidate_right, figures.duplicates_created) == (0.75, 0.25)
    assert figures.precision_low == pytest.approx(0.0945, abs=1e-4)


def test_calibration_of_attach_takes_every_profile_s_best_candidate_however_improbable() -> None:
    found = evaluate(attached(DECISIONS, *SCORED), OWNERS)
    assert found.calibrated_pairs == 5  # all but p2's second
    assert found.pair_completeness == 1.0


def test_b_cubed_of_attach_is_over_profiles_and_customers() -> None:
    found = evaluate(
        attached({"p1": ("attach", "c1"), "p2": ("attach", "c1")}, customers=["c1", "c2"]), links(("p1", "c1"))
    )
    # Found {p1, p2, c1}, {c2}; true {p1, c1}, {p2}, {c2}.
    assert found.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert found.bcubed_recall == 1.0


def test_any_row_of_a_customer_who_has_several_is_right() -> None:
    result = attached({"p1": ("attach", "c2"), "p2": ("new", "n")}, ("p1", "c2", 0.99))
    for truth in (links(("p1", "c1"), ("p1", "c2")), entities(p1="a", c1="a", c2="a", p2="b")):
        found = evaluate(result, truth)
        assert (found.precision, found.recall) == (1.0, 1.0)


def test_true_pairs_of_two_tables_are_all_to_be_found() -> None:
    result = attached({"a1": ("attach", "b1"), "a2": ("attach", "b3")}, customers=["b1", "b2", "b3"])
    found = evaluate(result, links(("a1", "b1"), ("a1", "b2"), names=("id_a", "id_b")))
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_strangers_who_are_one_person_count_where_the_truth_names_them() -> None:
    split = attached({"p1": ("new", "n1"), "p2": ("new", "n2")}, customers=["c1"])
    together = attached({"p1": ("new", "n1"), "p2": ("new", "n1")}, customers=["c1"])
    truth = entities(p1="a", p2="a", c1="b")
    assert evaluate(together, truth).bcubed_f1 == 1.0
    assert evaluate(split, truth).bcubed_recall == pytest.approx(2 / 3)


def test_ids_of_both_tables_may_be_the_same_words() -> None:
    result = attached({"1": ("attach", "2"), "2": ("attach", "1")}, customers=["1", "2"])
    assert evaluate(result, links(("1", "2"), ("2", "1"), names=("id_a", "id_b"))).f1 == 1.0


def test_a_profile_beside_an_empty_cell_belongs_to_nobody() -> None:
    result = attached({"p1": ("attach", "c1"), "p2": ("new", "n")}, customers=["c1"])
    assert evaluate(result, links(("p1", "c1"), ("p2", None))).recall == 1.0


# ---- text and JSON
def test_an_evaluation_prints_what_it_measured() -> None:
    text = str(evaluate(attached(DECISIONS, *SCORED), OWNERS))
    assert "decided      precision 0.5000  recall 0.2500  F1 0.3333" in text
    assert "verdicts     2 attach, 1 review, 2 new" in text
    assert "duplicates created 0.2500" in text


def test_an_evaluation_goes_to_json_with_every_figure() -> None:
    figures = json.loads(json.dumps(evaluate(attached(DECISIONS, *SCORED), OWNERS).as_dict()))
    assert figures["f1"] == pytest.approx(1 / 3)
    assert figures["duplicates_created"] == 0.25
    assert "attaching" not in figures


# ---- errors
@pytest.mark.parametrize(
    ("result", "truth", "message"),
    [
        (
            deduped(CLUSTERS),
            links(("1", "2"), names=("left", "right")),
            "truth: has the columns left, right; rename them to id_a and id_b, or id and entity_id",
        ),
        (
            deduped(CLUSTERS),
            links(("1", "9"), ("1", "2"), names=("id_a", "id_b")),
            "truth: 1 of 2 ids in column 'id_b' are not among the records; is this the truth of other tables?",
        ),
        (
            deduped(CLUSTERS),
            links(("1", None), names=("id_a", "id_b")),
            "truth: 1 of 1 ids in column 'id_b' are empty; fill them or leave out their rows",
        ),
        (
            deduped(CLUSTERS),
            links(("1", "a"), ("1", "b"), names=("id", "entity_id")),
            "truth: 1 of 2 ids in column 'id' stand on two rows with different entity_id; keep one row an id",
        ),
        (
            attached({"p1": ("attach", "c1")}, customers=["c1"]),
            links(("p1", "c9")),
            "truth: 1 of 1 ids in column 'customer_id' are not among the records; is this the truth of other tables?",
        ),
        (
            attached({"a1": ("attach", "b1")}),
            links(("b1", "a1"), names=("id_a", "id_b")),
            "truth: the profiles stand in column 'id_b' and not in 'id_a'; swap the two names",
        ),
        (
            attached({"1": ("attach", "1")}, customers=["1"]),
            links(("1", "x"), names=("id", "entity_id")),
            (
                "truth: 1 of 1 ids in column 'id' are both a profile's and a customer's; name the columns profile_id"
                " and customer_id"
            ),
        ),
    ],
)
def test_a_truth_that_does_not_fit_is_refused_with_the_column_and_the_count(
    result: SimpleNamespace, truth: pa.Table, message: str
) -> None:
    with pytest.raises(LabelError) as caught:
        evaluate(result, truth)
    assert str(caught.value) == message


# ---- textbook measures
def same(labels: list[int]) -> set[tuple[int, int]]:
    return {(i, j) for i, j in itertools.combinations(range(len(labels)), 2) if labels[i] == labels[j]}


def share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_clusters_score_as_their_definition_says(rows: list[tuple[int, int]]) -> None:
    clusters, truth = [row[0] for row in rows], [row[1] for row in rows]
    found, wanted = same(clusters), same(truth)
    pairwise = measures.pairwise(np.array(clusters), np.array(truth))
    assert pairwise.precision == pytest.approx(share(len(found & wanted), len(found)))
    assert pairwise.recall == pytest.approx(share(len(found & wanted), len(wanted)))
    both, sizes, true_sizes = Counter(rows), Counter(clusters), Counter(truth)
    bcubed = measures.bcubed(np.array(clusters), np.array(truth))
    assert bcubed.precision == pytest.approx(sum(both[row] / sizes[row[0]] for row in rows) / len(rows))
    assert bcubed.recall == pytest.approx(sum(both[row] / true_sizes[row[1]] for row in rows) / len(rows))


SCORED_PAIRS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), max_size=40)


@given(SCORED_PAIRS, st.integers(0, 5))
def test_the_best_threshold_is_the_best_of_all_thresholds(rows: list[tuple[float, bool]], missed: int) -> None:
    wanted = sum(right for _, right in rows) + missed

    def f1(threshold: float) -> float:
        chosen = [right for probability, right in rows if probability >= threshold]
        return 2 * sum(chosen) / (len(chosen) + wanted)

    probability, right = np.array([p for p, _ in rows]), np.array([r for _, r in rows], bool)
    best, threshold = measures.best_f1(probability, right, wanted)
    if rows:
        assert best == pytest.approx(max(f1(p) for p, _ in rows))
        assert f1(threshold) == pytest.approx(best)
    else:
        assert threshold == 1.0


@given(SCORED_PAIRS, st.integers(1, 15), st.randoms(use_true_random=False))
def test_calibration_is_the_mean_gap_of_bins_and_does_not_depend_on_order(
    rows: list[tuple[float, bool]], bins: int, random: object
) -> None:
    ranked = sorted(p for p, _ in rows)
    edges = [ranked[(i * len(ranked)) // bins] for i in range(1, bins)] if rows else []
    gaps: Counter[int] = Counter()
    for p, right in rows:
        gaps[sum(edge <= p for edge in edges)] += p - right
    expected = sum(abs(gap) for gap in gaps.values()) / max(len(rows), 1)
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for some in (rows, shuffled):
        probability, right = np.array([p for p, _ in some]), np.array([r for _, r in some], bool)
        assert measures.calibration(probability, right, bins=bins)[0] == pytest.approx(expected)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("xyz"), max_size=8), st.data())
def test_the_order_of_rows_changes_no_figure(clusters: dict[str, str], data: st.DataObject) -> None:
    ids = sorted(clusters)
    rows = [(i, j, data.draw(st.sampled_from([0.005, 0.2, 0.9]))) for i, j in itertools.combinations(ids, 2)]
    truth = {i: data.draw(st.sampled_from("uvw")) for i in ids}

    def measured(order: list[str], scored: list[tuple[str, str, float]]) -> Evaluation:
        table = pa.table(
            {"id": pa.array(order, pa.string()), "entity_id": pa.array([truth[i] for i in order], pa.string())}
        )
        result = SimpleNamespace(
            clusters=pa.table(
                {"id": pa.array(order, pa.string()), "entity_id": pa.array([clusters[i] for i in order], pa.string())}
            ),
            pairs=pairs(*scored),
        )
        return evaluate(result, table)

    one, two = measured(ids, rows), measured(ids[::-1], [(j, i, p) for i, j, p in rows[::-1]])
    assert one.as_dict() == pytest.approx(two.as_dict())


def test_a_million_records_are_measured_in_seconds() -> None:
    count = 1_000_000
    numbers = np.arange(count)
    ids = pa.array(numbers).cast(pa.string())
    labels = pa.array(numbers // 2).cast(pa.string())
    scored = pa.table(
        {
            "left_id": ids.slice(0, count - 1),
            "right_id": ids.slice(1, count - 1),
            "probability": np.tile([0.9, 0.1], count // 2)[: count - 1],
        }
    )
    result = SimpleNamespace(clusters=pa.table({"id": ids, "entity_id": labels}), pairs=scored)
    found = evaluate(result, pa.table({"id": ids, "entity_id": labels}))
    assert (found.f1, found.bcubed_f1, found.best_f1) == (1.0, 1.0, 1.0)
    assert found.calibration_error == pytest.approx(0.1)
