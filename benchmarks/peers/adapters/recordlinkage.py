"""Python Record Linkage Toolkit: blocks, Jaro-Winkler at 0.85, and its classifier that needs no labels (ECM).

Comparisons as in https://recordlinkage.readthedocs.io/en/latest/guides/data_deduplication.html and
https://recordlinkage.readthedocs.io/en/latest/guides/link_two_dataframes.html: strings by Jaro-Winkler with the
threshold 0.85, dates and short columns exactly. Candidates from several blocks joined; above 5,000 rows a table blocks
of two columns, as https://recordlinkage.readthedocs.io/en/latest/performance.html advises. Classified as in
https://github.com/J535D165/recordlinkage/blob/master/examples/unsupervised_learning_prob.py: links at probability 0.5.
It has no clustering: links are joined into components.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import recordlinkage
from benchmarks.peers.answer import Answer, Stages, clusters_of, main
from benchmarks.peers.columns import Role
from benchmarks.peers.handed import Handed, hand_over, role_from
from benchmarks.sets import DataSet
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

_FEW_ROWS = 5_000
_THRESHOLD = 0.5
_STRINGS = {Role.GIVEN, Role.FAMILY, Role.NAME, Role.STREET, Role.EMAIL, Role.TEXT, Role.HANDLE, Role.COMPANY}


def match(one: DataSet, stages: Stages) -> Answer:
    """Match a set as the guides do."""
    handed = hand_over(one)
    if not handed.columns:
        raise SystemExit("no column that both tables have")
    frames = [table.to_pandas().set_index("id") for table in handed.tables]
    stages.begin("block")
    links = _indexer(handed).index(*frames)
    stages.begin("compare")
    features = _compare(handed).compute(links, *frames)
    stages.begin("classify")
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    probability = np.nan_to_num(classifier.prob(features).to_numpy())  # on a few rows it may end without an answer
    stages.begin("cluster")
    ids = [frame.index.to_numpy() for frame in frames]
    rows = [
        np.asarray(frames[side if len(frames) == 2 else 0].index.get_indexer(links.get_level_values(side)))
        for side in (0, 1)
    ]
    labels = _components(rows, probability >= _THRESHOLD, [len(found) for found in ids])
    pairs = pa.table(
        {
            "left_id": pa.array(links.get_level_values(0)),
            "right_id": pa.array(links.get_level_values(1)),
            "probability": pa.array(probability),
        }
    )
    clusters = clusters_of(one, [pa.array(found) for found in ids], [pa.array(found) for found in labels])
    return Answer(pairs, clusters, threshold=_THRESHOLD, candidates=len(links), note=handed.note)


def _indexer(handed: Handed) -> Any:  # noqa: ANN401 - the toolkit's own class, which has no types
    """Blocks of one column each for small tables, of two for large ones."""
    indexer = recordlinkage.Index()
    if all(role_from(column) is Role.HANDLE for column in handed.columns):
        indexer.full()  # of handles alone no two need be equal
        return indexer
    for columns in _few_blocks(handed) if handed.most_rows <= _FEW_ROWS else _many_blocks(handed):
        indexer.block(columns)
    return indexer


def _few_blocks(handed: Handed) -> list[list[str]]:
    roles = (
        Role.GIVEN,
        Role.FAMILY,
        Role.DATE,
        Role.EMAIL,
        Role.PHONE,
        Role.POSTCODE,
        Role.NAME,
        Role.STREET,
        Role.HANDLE,
    )
    found = [[column] for column in handed.of(*roles)]
    return found or [[column] for column in handed.of(Role.CITY, Role.CATEGORY)]


def _many_blocks(handed: Handed) -> list[list[str]]:
    wanted = [
        ["given", "family"],
        ["family", "date"],
        ["given", "date"],
        ["given", "postcode"],
        ["given", "year"],
        ["family", "year"],
        ["family", "postcode"],
        ["email"],
        ["phone"],
        ["name"],
        ["street", "city"],
        *([column] for column in handed.of(Role.HANDLE)),
    ]
    return [columns for columns in wanted if set(columns) <= set(handed.columns)]


def _compare(handed: Handed) -> Any:  # noqa: ANN401 - as above
    compare = recordlinkage.Compare()
    for column in handed.columns:
        if role_from(column) in _STRINGS:
            compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
        else:
            compare.exact(column, column, label=column)
    return compare


def _components(rows: list[Any], chosen: Any, sizes: list[int]) -> list[Any]:  # noqa: ANN401 - arrays of numpy
    """A label for each row of each table."""
    count, shift = sum(sizes), sizes[0] if len(sizes) == 2 else 0
    left, right = rows[0][chosen], rows[1][chosen] + shift
    graph = coo_matrix((np.ones(left.size), (left, right)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    return [labels] if len(sizes) == 1 else [labels[: sizes[0]], labels[sizes[0] :]]


if __name__ == "__main__":
    # In pandas 2 the cells of Arrow's strings are Python's, which is what the toolkit expects.
    pd.options.mode.copy_on_write = True
    main(match, ("recordlinkage", "pandas", "numpy"))
