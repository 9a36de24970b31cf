"""One set in this process: run it with nothing configured, measure it, print the figures as JSON.

``python -m benchmarks.measure FOLDER [--cases]`` is what ``benchmarks.accuracy`` starts afresh for every set, so that
no set warms the memory or the caches of the next.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
from benchmarks.sets import DataSet, read_set

import socialmerge as sm
from socialmerge import tables

__all__ = ["Figures", "measure", "peak_mb"]

Figures: TypeAlias = dict[str, object]


def measure(one: DataSet, *, cases: bool = False) -> Figures:
    """Run a set and give its figures; with ``cases`` also every pair that a dedupe missed or got wrong, explained."""
    cpu, start = time.process_time(), time.perf_counter()
    result = _run(one)
    figures: Figures = {
        "set": one.name,
        "task": str(one.task),
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": peak_mb(),
        "load": os.getloadavg()[0],
        "pairs": getattr(result, "candidates", result.pairs.num_rows),
        "records": sum(tables.read(path).num_rows for path in (one.left, one.right) if path),
    }
    if one.truth:
        found = sm.evaluate(result, one.truth)
        figures |= found.as_dict() | _foretold(found, result.expected_recall)
        figures["reliability"] = found.reliability
    if cases and one.truth and isinstance(result, sm.DedupeResult):
        figures["cases"] = list(_cases(result, one.truth))
    return figures


def _foretold(found: sm.Evaluation, recall: float) -> Figures:
    """What the probabilities foretell over what is true: of the candidates, and by expected recall of all pairs."""
    among = found.pair_completeness * found.true_pairs
    return {
        "expected_recall": recall,
        "expected_found": found.expected_pairs / among if among else 1.0,
        "expected_all": found.expected_pairs / max(recall, 1e-9) / found.true_pairs if found.true_pairs else 1.0,
    }


def _run(one: DataSet) -> sm.AttachResult | sm.DedupeResult:
    return sm.dedupe(one.left) if one.right is None else sm.attach(one.left, to=one.right)


def peak_mb() -> float:
    """The most memory that this process ever held; Linux counts it in kibibytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _cases(result: sm.DedupeResult, truth: Path) -> Iterator[Figures]:
    found, true = _pairs(result.clusters), _pairs(tables.read(truth))
    for kind, pairs in (("missed", true - found), ("wrong", found - true)):
        for left, right in sorted(pairs):
            why = result.explain(left, right)
            yield {"kind": kind} | why.as_dict() | {"explanation": str(why)}


def _pairs(labels: pa.Table) -> set[tuple[str, str]]:
    """Every pair of ids that share an ``entity_id``: for small sets."""
    members: dict[str, list[str]] = {}
    for row in labels.select(["id", "entity_id"]).to_pylist():
        members.setdefault(str(row["entity_id"]), []).append(row["id"])
    return {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}


def main() -> None:
    """Measure the set of one folder and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", action="store_true")
    asked = parser.parse_args()
    one = read_set(asked.folder)
    if one is None:
        parser.error(f"{asked.folder}: holds neither a.csv nor customers.csv and profiles.jsonl")
    print(json.dumps(measure(one, cases=asked.cases)))


if __name__ == "__main__":
    main()
