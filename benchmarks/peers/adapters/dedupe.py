"""dedupe 3: taught by active learning, 100 pairs answered from the true answers; listed apart for that.

Fields and cleaning as in https://dedupeio.github.io/dedupe-examples/docs/csv_example.html: strings for names and
streets, an exact field for the postcode, missing values declared; clusters at 0.5. Two tables as in
https://dedupeio.github.io/dedupe-examples/docs/record_linkage_example.html: one to one, at 0.5. Up to 2,000 rows a
table dates, e-mail addresses and telephone numbers are strings too, and rules that need an index are tried. Above,
those are exact fields and there are five at most, since more take 8 GB and more, and it is trained without such
rules, "slower and take substantial memory" (https://docs.dedupe.io/en/latest/API-documentation.html#dedupe.Dedupe.train),
for a recall of 0.9 of the pairs that it was taught
(https://dedupeio.github.io/dedupe-examples/docs/pgsql_big_dedupe_example.html).
"""

from __future__ import annotations

import csv
import random
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import dedupe
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.peers.answer import Answer, Stages, clusters_of, main
from benchmarks.peers.columns import Role
from benchmarks.peers.handed import Handed, hand_over, role_from
from benchmarks.sets import DataSet
from dedupe.variables import Exact, ShortString, String
from unidecode import unidecode

_LABELS, _THRESHOLD, _FEW_ROWS = 100, 0.5, 2_000
_MOST_FIELDS, _MOST_FIELDS_OF_MANY = 7, 5
_SEED = 1
_WELL_FILLED = 0.2  # what fewer rows have comes last
_ORDER = (
    Role.GIVEN, Role.FAMILY, Role.NAME, Role.DATE, Role.EMAIL, Role.STREET, Role.POSTCODE, Role.PHONE, Role.TEXT,
    Role.CITY, Role.YEAR, Role.CODE, Role.HANDLE, Role.CATEGORY,
)  # fmt: skip
_SHORT = {Role.DATE, Role.PHONE, Role.CODE, Role.CITY}
_EXACT = {*_SHORT, Role.EMAIL, Role.HANDLE}

Record: TypeAlias = Mapping[str, str | None]
Data: TypeAlias = dict[str, dict[str, str | None]]


def match(one: DataSet, stages: Stages) -> Answer:
    """Match a set as the examples do, with answers instead of a person at the console."""
    random.seed(_SEED)
    np.random.seed(_SEED)  # noqa: NPY002 - dedupe draws from numpy's own generator
    handed = hand_over(one)
    if one.truth is None or not handed.columns:
        raise SystemExit("no answers to learn from, or no column that both tables have")
    few = handed.most_rows <= _FEW_ROWS
    fields = _fields(handed, few=few)
    data = [_data(table, [field.field for field in fields]) for table in handed.tables]
    matcher = dedupe.Dedupe(fields) if len(data) == 1 else dedupe.RecordLink(fields)
    stages.begin("sample")
    matcher.prepare_training(*data)
    stages.begin("train")
    given = _teach(matcher, data, _entities(one.truth))
    matcher.train(recall=1.0 if few else 0.9, index_predicates=few)
    stages.begin("block and score")
    scores = matcher.score(matcher.pairs(*data))
    stages.begin("cluster")
    labels = _labels(matcher, scores, data)
    ids = [pa.array(list(rows)) for rows in data]
    return Answer(
        _pairs(scores),
        clusters_of(one, ids, [pa.array([labels[side, name] for name in rows]) for side, rows in enumerate(data)]),
        threshold=_THRESHOLD,
        candidates=len(scores),
        labels=given,
        note=f"fields: {', '.join(field.field for field in fields)}",
    )


def _fields(handed: Handed, *, few: bool) -> list[Any]:
    ordered = [column for role in _ORDER for column in handed.of(role)]
    columns = sorted(ordered, key=lambda column: _filled(handed, column) < _WELL_FILLED)
    columns = columns[: _MOST_FIELDS if few else _MOST_FIELDS_OF_MANY]
    missing = {column: any(table[column].null_count for table in handed.tables) for column in columns}
    return [_kind(role_from(column), few=few)(column, has_missing=missing[column]) for column in columns]


def _filled(handed: Handed, column: str) -> float:
    """The share of rows that have a value, of the table that has fewer."""
    return min(1 - int(table[column].null_count) / max(int(table.num_rows), 1) for table in handed.tables)


def _kind(role: Role, *, few: bool) -> Any:  # noqa: ANN401 - dedupe's own classes
    if role in {Role.POSTCODE, Role.YEAR, Role.CATEGORY} or (role in _EXACT and not few):
        return Exact
    return ShortString if role in _SHORT else String


def _data(table: pa.Table, columns: list[str]) -> Data:
    rows = table.select(["id", *columns]).to_pylist()
    return {
        row["id"]: {column: unidecode(row[column]) or None if row[column] else None for column in columns}
        for row in rows
    }


def _entities(truth: Path) -> dict[str, str]:
    """A label for each record that the answers name; of pairs the left id stands for both."""
    if truth.suffix == ".parquet":
        rows = pq.read_table(truth).to_pylist()
    else:
        with truth.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    first, second = list(rows[0])[:2]
    if second == "entity_id":
        return {row[first]: row[second] for row in rows}
    return {row[second]: row[first] for row in rows} | {row[first]: row[first] for row in rows}


def _teach(matcher: Any, data: list[Data], entities: Mapping[str, str]) -> int:  # noqa: ANN401 - dedupe's own class
    """Answer the pairs that it asks for; gives how many."""
    of = [{id(row): name for name, row in rows.items()} for rows in data]
    given = 0
    while given < _LABELS:
        asked = matcher.uncertain_pairs()
        if not asked:
            break
        told: dict[str, list[Any]] = {"match": [], "distinct": []}
        for left, right in asked:
            names = of[0][id(left)], of[-1][id(right)]
            same = entities.get(names[0], names[0]) == entities.get(names[1], names[1])
            told["match" if same else "distinct"].append((left, right))
        matcher.mark_pairs(told)
        given += len(asked)
    return given


def _labels(matcher: Any, scores: Any, data: list[Data]) -> dict[tuple[int, str], int]:  # noqa: ANN401 - as above
    """A label for each record of each side."""
    names = [(side, name) for side, rows in enumerate(data) for name in rows]
    labels = {name: number for number, name in enumerate(names)}
    for members in _groups(matcher, scores, len(data)):
        for member in members[1:]:
            labels[member] = labels[members[0]]
    return labels


def _groups(matcher: Any, scores: Any, sides: int) -> Iterator[list[tuple[int, str]]]:  # noqa: ANN401 - as above
    if sides == 1:
        for members, _ in matcher.cluster(scores, threshold=_THRESHOLD):
            yield [(0, str(member)) for member in members]
        return
    for (left, right), _ in matcher.one_to_one(scores, threshold=_THRESHOLD):
        yield [(1, str(right)), (0, str(left))]


def _pairs(scores: Any) -> pa.Table:  # noqa: ANN401 - an array with named fields
    left, right = (pa.array(scores["pairs"][:, side].astype(str)) for side in (0, 1))
    return pa.table(
        {"left_id": left, "right_id": right, "probability": pa.array(np.asarray(scores["score"], np.float64))}
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(match, ("dedupe", "BTrees"))
