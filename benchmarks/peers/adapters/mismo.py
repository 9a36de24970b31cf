"""mismo on DuckDB: keys, levels of agreement, weights by expectation maximisation, connected components.

The steps of https://nickcrews.github.io/mismo/examples/patent_deduplication: pairs that share a key (``KeyLinker``), an
``EnumComparer`` a column with the levels exact, close (Jaro-Winkler 0.9), somewhat (0.7), missing and else, weights by
``fs.train_using_em`` on 300,000 random pairs, ``cluster.connected_components``. Its odds come without a prior, and it
leaves the threshold to its user: here the prior is one match a row, and pairs of probability 0.5 are linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import mismo
import pyarrow as pa
from benchmarks.peers.answer import Answer, Stages, clusters_of, main
from benchmarks.peers.columns import Role
from benchmarks.peers.handed import Handed, hand_over, role_from
from benchmarks.sets import DataSet
from ibis import _
from ibis_enum import IbisEnum

_THRESHOLD, _MOST_PAIRS, _MOST_OF_A_KEY, _FEW_ROWS = 0.5, 300_000, 10_000, 5_000
_FUZZY = {Role.GIVEN, Role.FAMILY, Role.NAME, Role.STREET, Role.EMAIL, Role.TEXT, Role.HANDLE, Role.DATE}


class _Level(IbisEnum):  # type: ignore[misc] # a class of a package that is not installed here
    """How far two values agree."""

    EXACT = 0
    CLOSE = 1
    SOMEWHAT = 2
    MISSING = 3
    ELSE = 4


def match(one: DataSet, stages: Stages) -> Answer:
    """Match a set as the example does."""
    handed = hand_over(one)
    if not handed.columns:
        raise SystemExit("no column that both tables have")
    connection = ibis.duckdb.connect()
    tables = [
        connection.create_table(name, table.rename_columns(["record_id", *table.column_names[1:]]))
        for name, table in zip(("a", "b"), handed.tables, strict=False)
    ]
    left, right = tables[0], tables[-1]
    stages.begin("block")
    links = _links(left, right, _keys(handed)).cache()
    stages.begin("fit")
    comparers = [_comparer(column) for column in handed.columns]
    weights = mismo.fs.train_using_em(comparers, left, right, max_pairs=_MOST_PAIRS)
    stages.begin("compare")
    compared = _with_both(links, left, right)
    for comparer in comparers:  # `compare_and_score` fails on the comparers of this very release
        compared = comparer(compared)
    scored = weights.score_compared(compared)
    odds = _.odds / handed.most_rows
    scored = scored.select("record_id_l", "record_id_r", probability=odds / (1 + odds)).cache()
    stages.begin("cluster")
    labels = _components(scored.filter(_.probability >= _THRESHOLD), tables)
    pairs = scored.select("probability", left_id="record_id_l", right_id="record_id_r").to_pyarrow()
    ids = [table["id"].combine_chunks() for table in handed.tables]
    found = [pa.array([labels[side, name] for name in names.to_pylist()]) for side, names in enumerate(ids)]
    return Answer(
        pairs, clusters_of(one, ids, found), threshold=_THRESHOLD, candidates=pairs.num_rows, note=handed.note
    )


def _keys(handed: Handed) -> list[tuple[str, ...]]:
    few = handed.most_rows <= _FEW_ROWS
    wide = [("given",), ("family",), ("postcode",)] if few else []
    wanted = [
        ("given", "family"), ("family", "date"), ("given", "date"), ("given", "postcode"), ("family", "postcode"),
        ("given", "city"), ("email",), ("phone",), ("name",), ("street", "city"), ("street",), ("date",),
        ("given", "year"), ("family", "year"), *((column,) for column in handed.of(Role.HANDLE)), *wide,
    ]  # fmt: skip
    found = [key for key in wanted if set(key) <= set(handed.columns)]
    return found or [(column,) for column in handed.columns]


def _links(left: Any, right: Any, keys: Sequence[tuple[str, ...]]) -> Any:  # noqa: ANN401 - expressions of Ibis
    """Every pair that shares a key, once."""
    found = [mismo.KeyLinker(key, max_pairs=_MOST_OF_A_KEY)(left, right).links for key in keys]
    ids = [links.select("record_id_l", "record_id_r") for links in found]
    return ibis.union(*ids, distinct=True) if len(ids) > 1 else ids[0].distinct()


def _with_both(links: Any, left: Any, right: Any) -> Any:  # noqa: ANN401 - as above
    one = left.rename({f"{column}_l": column for column in left.columns})
    other = right.view().rename({f"{column}_r": column for column in right.columns})
    return links.join(one, "record_id_l").join(other, "record_id_r")


def _comparer(column: str) -> Any:  # noqa: ANN401 - as above
    one, other = _[f"{column}_l"], _[f"{column}_r"]
    fuzzy = role_from(column) in _FUZZY
    cases = [
        (one.isnull() | other.isnull(), _Level.MISSING),
        (one == other, _Level.EXACT),
        *([(mismo.text.jaro_winkler_similarity(one, other) >= 0.9, _Level.CLOSE)] if fuzzy else []),
        *([(mismo.text.jaro_winkler_similarity(one, other) >= 0.7, _Level.SOMEWHAT)] if fuzzy else []),
        (True, _Level.ELSE),
    ]
    return mismo.compare.EnumComparer(f"{column}_level", _Level, cases)


def _components(links: Any, tables: Sequence[Any]) -> dict[tuple[int, str], int]:  # noqa: ANN401 - as above
    """A label for each record of each side; of two tables ids may be the same, so their sides go with them."""
    named = [table.select(record_id=ibis.literal(f"{side}:") + table.record_id) for side, table in enumerate(tables)]
    last = len(tables) - 1
    edges = links.select(
        record_id_l=ibis.literal("0:") + links.record_id_l, record_id_r=ibis.literal(f"{last}:") + links.record_id_r
    )
    records = ibis.union(*named) if last else named[0]
    rows = mismo.cluster.connected_components(links=edges, records=records).to_pyarrow().to_pylist()
    return {(int(row["record_id"][0]), row["record_id"][2:]): row["component"] for row in rows}


if __name__ == "__main__":
    main(match, ("mismo", "ibis-framework", "duckdb"))
