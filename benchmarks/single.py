"""One profile at a time: how long the answer takes where all the customers are ready.

``python -m benchmarks.single FOLDER [--profiles 200]`` takes a set of profiles in the layout of a data folder, fits and
freezes a model on its tables, makes the customers ready and scores profiles one by one, in this process. It prints the
figures as JSON: milliseconds of wall time and of one processor's, the median and the 95th of a hundred, what getting
ready takes, the size of the model, and how many of the single answers are those of all profiles at once.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from benchmarks.measure import peak_mb
from benchmarks.sets import DataSet, Task, read_set

from socialmerge import channels
from socialmerge.api.attaching import profiles_of, ready_for_profiles
from socialmerge.api.inputs import customers_of
from socialmerge.engines import LocalEngine
from socialmerge.engines.freezing import freeze
from socialmerge.engines.scoring import Scorer
from socialmerge.engines.settling import verdicts
from socialmerge.matching.frozen import FrozenModel
from socialmerge.plan import Plan

__all__ = ["single"]

Figures: TypeAlias = dict[str, object]

WARM = 5
"""Profiles that are scored before the clock runs: the first ones load what the others find loaded."""


def single(one: DataSet, *, profiles: int = 200) -> Figures:
    """Freeze a set, and score some of its profiles one by one."""
    rows = customers_of(str(one.right), id_column="", region="")
    shown, _ = profiles_of(one.left, None)
    plan = ready_for_profiles(replace(Plan(), id=rows.schema.id_column, region=rows.schema.region), rows)
    proven = channels.is_export(one.left, channel=None)
    clock = time.perf_counter()
    model, _ = freeze(plan, shown, rows.table, rows.schema, LocalEngine(), say=lambda *_: None, proven=proven)
    figures: Figures = {"set": one.name, "customers": len(rows.ids), "freeze_seconds": time.perf_counter() - clock}
    data = model.to_bytes()
    clock = time.perf_counter()
    scorer = Scorer.of(rows.table, rows.schema, FrozenModel.from_bytes(data))
    figures |= {"model_mb": len(data) / 1e6, "ready_seconds": time.perf_counter() - clock}
    chosen = np.linspace(0, shown.num_rows - 1, min(profiles, shown.num_rows)).astype(np.int64)
    return figures | _one_by_one(scorer, shown.take(pa.array(chosen))) | {"peak_mb": peak_mb()}


def _one_by_one(scorer: Scorer, profiles: pa.Table) -> Figures:
    together = verdicts(scorer.score(profiles), scorer.model)
    same, wall, cpu = 0, [], []
    for row in [*range(min(WARM, profiles.num_rows)), *range(profiles.num_rows)]:
        began, worked = time.perf_counter(), time.process_time()
        found = verdicts(scorer.score(profiles.slice(row, 1)), scorer.model)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - worked))
        same += int(found.probability[0] == together.probability[row] and found.verdict[0] == together.verdict[row])
    figures: Figures = {"profiles": profiles.num_rows, "same_answers": same - min(WARM, profiles.num_rows)}
    for name, some in (("ms", wall[WARM:]), ("cpu_ms", cpu[WARM:])):
        figures |= {f"{name}_median": float(np.median(some)), f"{name}_p95": float(np.percentile(some, 95))}
    return figures


def main() -> None:
    """Measure one set and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.single", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a set of profiles and customers")
    parser.add_argument("--profiles", type=int, default=200, help="profiles that are scored one by one (default 200)")
    asked = parser.parse_args()
    one = read_set(asked.folder)
    if one is None or one.task is not Task.ATTACH:
        parser.error(f"{asked.folder} holds no customers and profiles.jsonl")
    print(json.dumps(single(one, profiles=asked.profiles), indent=2))


if __name__ == "__main__":
    main()
