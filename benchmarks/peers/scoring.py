"""Every tool's answer scored alike, by this project's own measures, from the files that the adapter wrote.

``python -m benchmarks.peers.scoring SET_FOLDER ANSWER_FOLDER`` prints the figures as JSON: the driver starts it in a
process of its own, so that scoring a large set does not stay in the driver's memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.peers.answer import read_answer
from benchmarks.sets import read_set

from socialmerge.outcomes.measures import (
    Flags,
    Floats,
    Ints,
    Scores,
    bcubed,
    best_f1,
    calibration,
    pairwise,
    reliability,
    scores,
)
from socialmerge.outcomes.truth import Records, Truth, read_truth

__all__ = ["CALIBRATED_FROM", "Figures", "score"]

Figures: TypeAlias = dict[str, object]

CALIBRATED_FROM = 0.01


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Each scored pair once, with its greatest probability."""

    left: Ints
    right: Ints
    probability: Floats
    true: Flags


def score(pairs: pa.Table, clusters: pa.Table, truth_from: object, *, threshold: float) -> Figures:
    """The figures of one answer: ``pairs`` and ``clusters`` as in ``benchmarks.peers.answer.Answer``.

    Of two tables only pairs across them count. Calibration is over the pairs of probability 0.01 or more.

    >>> pairs = pa.table({"left_id": ["1", "1"], "right_id": ["2", "3"], "probability": [0.9, 0.6]})
    >>> clusters = pa.table({"side": [0, 0, 0], "id": ["1", "2", "3"], "entity_id": ["x", "x", "y"]})
    >>> found = score(pairs, clusters, pa.table({"id_a": ["1"], "id_b": ["2"]}), threshold=0.5)
    >>> found["own_f1"], found["best_f1"], round(found["default_f1"], 3)
    (1.0, 1.0, 0.667)
    """
    records, labels = _records(clusters)
    truth, _ = read_truth(truth_from, records)
    found = _pairs(pairs, truth, records)
    chosen = found.probability >= threshold
    default = scores(int((found.true & chosen).sum()), int(chosen.sum()), truth.true_pairs)
    own, cubed = _own(labels, truth), bcubed(labels, truth.entities)
    best, at = best_f1(found.probability, found.true, truth.true_pairs)
    counted = found.probability >= CALIBRATED_FROM
    error, loss = calibration(found.probability[counted], found.true[counted])
    return {
        "records": records.count,
        "true_pairs": truth.true_pairs,
        "scored_pairs": int(found.left.size),
        "pair_completeness": scores(int(found.true.sum()), 0, truth.true_pairs).recall,
        "default_f1": default.f1,
        "best_f1": best,
        "best_threshold": at,
        "own_precision": own.precision,
        "own_recall": own.recall,
        "own_f1": own.f1,
        "bcubed_f1": cubed.f1,
        "calibrated_pairs": int(counted.sum()),
        "calibration_error": error,
        "log_loss": loss,
        "expected_matches": float(found.probability.sum()),
        "found_matches": int(found.true.sum()),
        "largest_cluster": int(np.bincount(labels).max(initial=0)),
        "reliability": reliability(found.probability[counted], found.true[counted]),
    }


def _records(clusters: pa.Table) -> tuple[Records, Ints]:
    """The records in the order left, right, and a cluster's number for each."""
    side = np.asarray(clusters["side"].to_numpy(), np.int64)
    order = np.argsort(side, kind="stable")
    ids = _texts(clusters["id"]).take(pa.array(order))
    labels = _texts(clusters["entity_id"]).take(pa.array(order)).dictionary_encode().indices
    split = int((side == 0).sum())
    two = split < len(ids)
    records = Records(ids.slice(0, split), ids.slice(split) if two else None)
    return records, np.asarray(labels.to_numpy(zero_copy_only=False), np.int64)


def _own(labels: Ints, truth: Truth) -> Scores:
    """Scores of the clusters: of one table all pairs inside, of two those across."""
    if truth.split is None:
        return pairwise(labels, truth.entities)
    left, right = _across(labels, truth.split)
    return scores(int(truth.is_true(left, right).sum()), int(left.size), truth.true_pairs)


def _across(labels: Ints, split: int) -> tuple[Ints, Ints]:
    """Every pair of a left and a right row that share a cluster."""
    order = np.argsort(labels[split:], kind="stable")
    ranked = labels[split:][order]
    low = np.searchsorted(ranked, labels[:split], side="left")
    count = np.searchsorted(ranked, labels[:split], side="right") - low
    left = np.repeat(np.arange(split), count)
    ends = np.cumsum(count)
    inside = np.arange(int(count.sum())) - np.repeat(ends - count, count)
    return left, order[np.repeat(low, count) + inside] + split


def _pairs(table: pa.Table, truth: Truth, records: Records) -> _Pairs:
    left, right = records.left_rows(_texts(table["left_id"])), records.right_rows(_texts(table["right_id"]))
    if int(min(left.min(initial=0), right.min(initial=0))) < 0:
        raise ValueError("pairs: some ids are not among the clusters' ids")
    if records.right is None:
        left, right = np.minimum(left, right), np.maximum(left, right)
    probability = np.asarray(table["probability"].cast(pa.float64()).to_numpy(), np.float64)
    key = left * records.count + right
    order = np.lexsort((-probability, key))
    first = np.append(True, np.diff(key[order]) != 0)[: key.size]
    keep = order[first]
    left, right = left[keep], right[keep]
    return _Pairs(left, right, probability[keep], truth.is_true(left, right))


def _texts(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays([pa.array([], pa.string()), *pc.cast(column, pa.string()).chunks])


def main(words: Sequence[str] | None = None) -> int:
    """Score the answer of one folder for the set of another; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.scoring", description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("answer", type=Path)
    asked = parser.parse_args(words)
    one = read_set(asked.set)
    if one is None or one.truth is None:
        print(f"{asked.set}: has no answers", file=sys.stderr)
        return 2
    pairs, clusters = (pq.read_table(asked.answer / f"{name}.parquet") for name in ("pairs", "clusters"))
    print(json.dumps(score(pairs, clusters, one.truth, threshold=read_answer(asked.answer).threshold)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
