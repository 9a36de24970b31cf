"""Splink 5 on DuckDB, with the settings of its own demonstrations.

People in one table: the comparisons, rules and training of "Linking a dataset of real historical persons"
(https://moj-analytical-services.github.io/splink/demos/examples/duckdb/deduplicate_50k_synthetic.html), clusters at
0.95. Its rules that join on parts of a postcode stay away: they are for British postcodes. Where a set has e-mail
addresses and telephone numbers, rules on those are added, as in the demonstration of accuracy below.
fake_1000: comparisons and training of
https://moj-analytical-services.github.io/splink/demos/examples/duckdb/accuracy_analysis_from_labels_column.html,
clusters at 0.2 as in https://moj-analytical-services.github.io/splink/demos/tutorials/05_Predicting_results.html.
febrl3, febrl4: https://moj-analytical-services.github.io/splink/demos/examples/duckdb/febrl3.html and febrl4.html (the
detailed model, clusters at 0.99), without the number of social security that this copy of the sets does not have.
Anything else: the generic comparisons of the comparison library by role, and rules on the same columns.
A rule by which it refuses to train (no pairs, or a level that none of them has, as in very small sets) is left out; of
two tables a row of the first goes to its best row of the second
(https://moj-analytical-services.github.io/splink/api_docs/clustering.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import splink.comparison_library as cl
from benchmarks.peers.answer import Answer, Stages, clusters_of, main
from benchmarks.peers.columns import Role
from benchmarks.peers.handed import Handed, hand_over, role_from
from benchmarks.sets import DataSet
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

_SEED = 1


@dataclass(frozen=True, slots=True)
class _Model:
    """What one demonstration sets: ``rules`` make candidates, ``certain`` estimate the prior, ``train`` the m."""

    comparisons: tuple[Any, ...]
    rules: tuple[Any, ...]
    certain: tuple[Any, ...]
    recall: float
    train: tuple[Any, ...]
    most_pairs: float = 1e7
    threshold: float = 0.95


def match(one: DataSet, stages: Stages) -> Answer:
    """Match a set as the demonstrations do: estimate the prior, u, and m; predict; cluster."""
    handed = hand_over(one)
    model = _model(one.name, handed)
    if not model.comparisons:
        raise SystemExit("no column that both tables have")
    linker = Linker(_registered(handed), _settings(handed, model), log_level="ERROR")
    refused = _train(linker, model, stages)
    stages.begin("predict")
    predicted = linker.inference.predict()
    stages.begin("cluster")
    clusters = _clustered(linker, predicted, model, best=handed.right is not None and not one.name.startswith("febrl"))
    pairs = predicted.as_duckdbpyrelation().project(
        "unique_id_l as left_id, unique_id_r as right_id, match_probability as probability"
    )
    answered = pa.table(pairs.to_arrow_table())
    return Answer(
        answered,
        _clusters(one, clusters.as_duckdbpyrelation().to_arrow_table()),
        threshold=model.threshold,
        candidates=answered.num_rows,
        note="; ".join(filter(None, [handed.note, refused])),
    )


def _clustered(linker: Linker, predicted: Any, model: _Model, *, best: bool) -> Any:  # noqa: ANN401 - Splink's own
    if not best:
        return linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=model.threshold
        )
    return linker.clustering.cluster_using_single_best_links(
        predicted, duplicate_free_datasets=["b"], threshold_match_probability=model.threshold
    )


def _registered(handed: Handed) -> list[Any]:
    api = DuckDBAPI()
    found = []
    for name, table in zip(("a", "b"), handed.tables, strict=False):
        rows = table.rename_columns(["unique_id", *table.column_names[1:]])
        relation = api.duckdb_con.from_arrow(rows)
        if {"given", "family"} <= set(handed.columns):  # for term frequencies of the two together, as in the demo
            relation = relation.project("*, given || ' ' || family as given_family")
        found.append(api.register(relation, dataset_display_name=name))
    return found


def _settings(handed: Handed, model: _Model) -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only" if handed.right else "dedupe_only",
        comparisons=list(model.comparisons),
        blocking_rules_to_generate_predictions=list(model.rules),
        retain_matching_columns=False,
    )


def _train(linker: Linker, model: _Model, stages: Stages) -> str:
    """Train by every rule that can; gives in words how many could not."""
    stages.begin("prior")
    if model.certain:
        linker.training.estimate_probability_two_random_records_match(list(model.certain), recall=model.recall)
    stages.begin("u")
    linker.training.estimate_u_using_random_sampling(max_pairs=model.most_pairs, seed=_SEED)
    stages.begin("EM")
    refused = 0
    for rule in model.train:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True
            )
        except (EMTrainingException, ValueError):
            refused += 1
    return f"trained by {len(model.train) - refused} of {len(model.train)} rules" if refused else ""


def _model(name: str, handed: Handed) -> _Model:
    if name.startswith("fake_1000"):
        return _fake_1000()
    if name.startswith("febrl"):
        return _febrl(link=handed.right is not None)
    return _people(handed) if {"given", "family"} <= set(handed.columns) else _things(handed)


def _fake_1000() -> _Model:
    return _Model(
        comparisons=(
            cl.ForenameSurnameComparison("given", "family"),
            cl.DateOfBirthComparison("date", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ),
        rules=(block_on("given"), block_on("family"), block_on("date"), block_on("email")),
        certain=(
            "l.given = r.given and levenshtein(r.date, l.date) <= 1",
            "l.family = r.family and levenshtein(r.date, l.date) <= 1",
            "l.given = r.given and levenshtein(r.family, l.family) <= 2",
            "l.email = r.email",
        ),
        recall=0.7,
        train=(block_on("date"), block_on("email"), block_on("given", "family")),
        most_pairs=1e6,
        threshold=0.2,
    )


def _febrl(*, link: bool) -> _Model:
    swapped = "l.given = r.family and l.family = r.given"
    shared = (
        cl.DateOfBirthComparison("date", input_is_string=True),
        cl.ExactMatch("number").configure(term_frequency_adjustments=True),
    )
    certain = (block_on("given", "family", "date"), f"{swapped} and l.date = r.date")
    if not link:
        return _Model(
            comparisons=(
                cl.NameComparison("given"),
                cl.NameComparison("family"),
                *shared,
                cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
            ),
            rules=(block_on("given"), block_on("family"), block_on("date"), block_on("postcode")),
            certain=certain,
            recall=0.9,
            train=(block_on("date"), block_on("postcode")),
            most_pairs=1e6,
        )
    return _Model(
        comparisons=(
            cl.NameComparison("given").configure(term_frequency_adjustments=True),
            cl.NameComparison("family").configure(term_frequency_adjustments=True),
            *shared,
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ),
        rules=(
            block_on("given", "family"),
            swapped,
            block_on("date"),
            block_on("state", "street"),
            block_on("number", "street"),
            block_on("postcode"),
        ),
        certain=certain[:1],
        recall=0.8,
        train=(block_on("date"), block_on("postcode")),
        most_pairs=1e6,
        threshold=0.99,
    )


def _people(handed: Handed) -> _Model:
    has = set(handed.columns)

    def among(*rules: Sequence[str]) -> tuple[Any, ...]:
        """The rules whose columns are all there; a column may stand in an expression."""
        plain = ((rule, {column.removeprefix("substr(").split(",")[0] for column in rule}) for rule in rules)
        return tuple(block_on(*rule) for rule, columns in plain if columns <= has)

    second = [(column,) for column in ("date", "email", "phone", "postcode", "year", "city", "state") if column in has]
    names = cl.ForenameSurnameComparison("given", "family", forename_surname_concat_col_name="given_family")
    return _Model(
        comparisons=(names, *_by_role(handed)),
        rules=among(
            ("substr(given,1,3)", "substr(family,1,4)"),
            ("family", "date"),
            ("given", "date"),
            ("postcode", "given"),
            ("postcode", "family"),
            ("date", "city"),
            ("given", "year"),
            ("family", "year"),
            ("email",),
            ("phone",),
            *((column,) for column in handed.of(Role.HANDLE)),
        ),
        certain=among(("given", "family", "date"), ("date", "postcode"), ("email",))
        or among(("given", "family", "year"), ("given", "family", "city"))
        or among(("given", "family", "state"), ("given", "family")),
        recall=0.6,
        train=among(("given", "family"), *second[:1]),
    )


def _things(handed: Handed) -> _Model:
    """What is no person of given and family name: rules on beginnings and last words of names, and on what is exact."""
    words, plain = handed.of(Role.NAME, Role.STREET, Role.TEXT), handed.of(Role.PHONE, Role.EMAIL, Role.HANDLE)
    named = [f"substr({column},1,6)" for column in words[:2]] + [f"split_part({column},' ',-1)" for column in words[:1]]
    local = [f"split_part({column},'@',1)" for column in handed.of(Role.EMAIL)]
    return _Model(
        comparisons=_by_role(handed),
        rules=tuple(block_on(column) for column in (*named, *plain, *local)) if words else ("1=1",),
        certain=(block_on(*words[:2]), *(block_on(words[0], column) for column in plain))
        if words
        else tuple(block_on(column) for column in plain),
        recall=0.6,
        train=tuple(block_on(column) for column in (*words[:2], *plain[:1])) if words else ("1=1",),
    )


def _by_role(handed: Handed) -> tuple[Any, ...]:
    """A comparison for every column but given and family name, and but states where postcodes or cities imply them."""
    persons = {"given", "family"} <= set(handed.columns)
    skipped = {Role.GIVEN, Role.FAMILY, *([Role.NAME] if persons else [])}
    if handed.of(Role.POSTCODE, Role.CITY):
        skipped.add(Role.STATE)
    columns = [column for column in handed.columns if role_from(column) not in skipped]
    return tuple(_comparison(column) for column in columns)


def _comparison(column: str) -> Any:  # noqa: ANN401 - Splink's own classes, which are not installed here
    role = role_from(column)
    if role is Role.DATE:
        return cl.DateOfBirthComparison(column, input_is_string=True)
    if role is Role.EMAIL:
        return cl.EmailComparison(column)
    if role in {Role.PHONE, Role.CODE, Role.YEAR}:
        return cl.DamerauLevenshteinAtThresholds(column, [1, 2])
    if role is Role.POSTCODE:
        return cl.DamerauLevenshteinAtThresholds(column, [1, 2]).configure(term_frequency_adjustments=True)
    if role in {Role.NAME, Role.STREET, Role.HANDLE, Role.TEXT, Role.MIDDLE}:
        return cl.JaroWinklerAtThresholds(column, [0.9, 0.7])
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def _clusters(one: DataSet, found: pa.Table) -> pa.Table:
    """Clusters in the form of an answer; of two tables Splink names the table of each row."""
    if one.right is None:
        return clusters_of(one, [_whole(found, "unique_id")], [_whole(found, "cluster_id")])
    sides = [found.filter(pa.compute.equal(found["source_dataset"], name)) for name in ("a", "b")]
    return clusters_of(
        one, [_whole(side, "unique_id") for side in sides], [_whole(side, "cluster_id") for side in sides]
    )


def _whole(table: pa.Table, column: str) -> pa.Array:
    return pa.concat_arrays(table[column].chunks)


if __name__ == "__main__":
    main(match, ("splink", "duckdb"))
