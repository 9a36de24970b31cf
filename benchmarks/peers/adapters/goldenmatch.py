"""GoldenMatch, zero configuration: ``dedupe_df(table)`` and ``match_df(target, reference)``.

https://docs.bensevern.dev/docs/goldenmatch/quickstart: rows go in as they stand in the file, as text, without the
``id``; two tables whose columns have other names, which it would not compare, as the other tools are handed them. The
pairs that it gives are those that it links, so the best threshold and the completeness are over those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import goldenmatch as gm
import pyarrow as pa
from benchmarks.peers.answer import Answer, Stages, clusters_of, main
from benchmarks.peers.handed import hand_over, rows_of
from benchmarks.sets import DataSet


def match(one: DataSet, stages: Stages) -> Answer:
    """Match a set with nothing configured."""
    tables = [rows_of(path) for path in (one.left, one.right) if path]
    if len(tables) == 2 and tables[0].column_names[1:] != tables[1].column_names[1:]:
        tables = list(hand_over(one).tables)
    stages.begin("match")
    return _deduped(one, tables[0]) if one.right is None else _linked(one, tables)


def _deduped(one: DataSet, table: pa.Table) -> Answer:
    found = gm.dedupe_df(table.drop_columns(["id"]))
    ids = table["id"].to_pylist()
    labels = list(range(len(ids)))
    for number, cluster in found.clusters.items():
        for member in cluster["members"]:
            labels[member] = len(ids) + number
    return Answer(
        _pairs(found.scored_pairs, ids, ids),
        clusters_of(one, [pa.array(ids)], [pa.array(labels)]),
        threshold=0.0,
        note=_shed(found),
    )


def _linked(one: DataSet, tables: Sequence[pa.Table]) -> Answer:
    left, right = (table["id"].to_pylist() for table in tables)
    target, reference = (table.rename_columns(["record", *table.column_names[1:]]) for table in tables)
    found = gm.match_df(target, reference, exclude_columns=["record"])
    rows = found.matched.to_pylist() if found.matched is not None else []
    scored = [(row["target_record"], row["ref_record"], row["__match_score__"]) for row in rows]
    customer = {target_id: right_id for target_id, right_id, _ in scored}
    place = {name: number for number, name in enumerate(right)}
    own = [place[customer[name]] if name in customer else len(right) + row for row, name in enumerate(left)]
    pairs = pa.table(dict(zip(("left_id", "right_id", "probability"), _columns(scored), strict=True)))
    clusters = clusters_of(one, [pa.array(left), pa.array(right)], [pa.array(own), pa.array(range(len(right)))])
    return Answer(pairs, clusters, threshold=0.0)


def _pairs(scored: Sequence[tuple[int, int, float]], left: Sequence[str], right: Sequence[str]) -> pa.Table:
    named = [(left[a], right[b], float(score)) for a, b, score in scored]
    return pa.table(dict(zip(("left_id", "right_id", "probability"), _columns(named), strict=True)))


def _columns(rows: Sequence[tuple[str, str, float]]) -> list[pa.Array]:
    types = (pa.string(), pa.string(), pa.float64())
    return [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(types)]


def _shed(found: Any) -> str:  # noqa: ANN401 - its own class, which is not installed here
    return "gave clusters without pairs, to save memory" if found.scored_pairs_shed else ""


if __name__ == "__main__":
    main(match, ("goldenmatch", "goldenmatch-native"))
