"""socialmerge: nothing configured, no labels; the pairs and the decisions that the public functions give."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from benchmarks.peers.answer import Answer, Stages, clusters_of, main
from benchmarks.sets import DataSet

import socialmerge as sm


def match(one: DataSet, stages: Stages) -> Answer:
    """Match a set with the defaults."""

    def progress(stage: str, _done: int, _total: int) -> None:
        stages.begin(stage)

    if one.right is None:
        found = sm.dedupe(one.left, progress=progress)
        return _answer(found, clusters_of(one, _texts(found.clusters, "id"), _texts(found.clusters, "entity_id")))
    attached = sm.attach(one.left, to=one.right, progress=progress)
    decisions, customers = attached.decisions, attached.customer_ids.cast(pa.string())
    # The label of a customer is its row; that of a profile its customer's row, or one that nobody else has.
    rows = pc.index_in(decisions["customer_id"].cast(pa.string()).combine_chunks(), value_set=customers)
    own = pa.array(range(len(customers), len(customers) + len(rows)))
    attach = pc.equal(decisions["verdict"].cast(pa.string()).combine_chunks(), "attach")
    labels = [pc.if_else(attach, rows.cast(pa.int64()), own), pa.array(range(len(customers)))]
    ids = [decisions["profile_id"].combine_chunks(), customers]
    return _answer(attached, clusters_of(one, ids, labels))


def _answer(found: sm.AttachResult | sm.DedupeResult, clusters: pa.Table) -> Answer:
    pairs = found.pairs.select(["left_id", "right_id", "probability"])
    return Answer(pairs, clusters, threshold=0.5, candidates=found.candidates)


def _texts(table: pa.Table, column: str) -> list[pa.Array]:
    return [pa.concat_arrays(table[column].cast(pa.string()).chunks)]


if __name__ == "__main__":
    main(match, ("socialmerge", "numpy", "pyarrow", "rapidfuzz"))
