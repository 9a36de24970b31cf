"""What a tool answered for a set: scored pairs, clusters, and what each stage of it took; written and read as files.

An adapter is a module with a function ``match(one, stages)`` that ends in ``main(match, ...)``. It runs in the tool's
own environment, in a process of its own, which the driver watches from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.sets import DataSet, read_set

__all__ = ["Answer", "Match", "Said", "Stage", "Stages", "clusters_of", "main", "read_answer"]

_ENDED = "end"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered.

    ``pairs`` has ``left_id, right_id, probability``; ``clusters`` a row a record: ``side`` (0 or 1), ``id``,
    ``entity_id``. The tool calls pairs at or above ``threshold`` the same, by default. ``candidates`` are the pairs
    that it compared, where it says so. ``labels`` is how many answers it was given to learn from.
    """

    pairs: pa.Table
    clusters: pa.Table
    threshold: float
    candidates: int | None = None
    labels: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took: seconds of wall, of processor, and the most memory held meanwhile."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Said:
    """What an adapter said besides the tables; ``ended`` is the time, in seconds of the epoch, of the answer."""

    threshold: float
    candidates: int | None
    labels: int
    note: str
    ended: float
    cpu_s: float
    peak_mb: float
    stages: tuple[Stage, ...]
    versions: Mapping[str, str]


class Stages:
    """Measures stages that follow each other: each lasts until the next begins."""

    def __init__(self) -> None:
        self.done: list[Stage] = []
        self._name, self._wall, self._cpu = "start", time.perf_counter() - _age_s(), 0.0

    def begin(self, name: str) -> None:
        """End the stage that is under way and begin another; the same name goes on with it."""
        if name == self._name:
            return
        wall, cpu = time.perf_counter(), _cpu_s()
        self.done.append(Stage(self._name, wall - self._wall, cpu - self._cpu, _peak_mb()))
        self._name, self._wall, self._cpu = name, wall, cpu
        _forget_peak()


Match: TypeAlias = Callable[[DataSet, Stages], Answer]


def main(match: Match, distributions: Sequence[str]) -> None:
    """Run an adapter: read the set of the command line, match it, write the answer to the folder that it names."""
    parser = argparse.ArgumentParser(description="Match one set and write the answer.")
    parser.add_argument("set", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    one, stages = read_set(asked.set), Stages()
    if one is None:
        parser.error(f"{asked.set}: holds no set")
    stages.begin("read")
    answer = match(one, stages)
    stages.begin(_ENDED)
    versions = {"python": platform.python_version()} | {name: version(name) for name in distributions}
    peak = max(stage.peak_mb for stage in stages.done)
    said = Said(
        answer.threshold,
        answer.candidates,
        answer.labels,
        answer.note,
        ended=time.time(),
        cpu_s=_cpu_s(),
        peak_mb=peak,
        stages=tuple(stages.done),
        versions=versions,
    )
    # First what is measured: whoever is killed while the tables are written has still answered in that time.
    (asked.out / "answer.json").write_text(json.dumps(asdict(said)), encoding="utf-8")
    pq.write_table(answer.clusters, asked.out / "clusters.parquet")
    pq.write_table(answer.pairs, asked.out / "pairs.parquet")


def read_answer(folder: Path) -> Said:
    """What an adapter said, from its folder."""
    found: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    return Said(**found | {"stages": tuple(Stage(**stage) for stage in found["stages"])})


def clusters_of(one: DataSet, ids: Sequence[pa.Array], labels: Sequence[pa.Array]) -> pa.Table:
    """The clusters of a set from the ids of each side and a label for each id (text, or numbers)."""
    sides = [pa.repeat(pa.scalar(side, pa.int8()), len(found)) for side, found in enumerate(ids)]
    if len(ids) != (2 if one.right else 1):
        raise ValueError(f"{one.name}: clusters of {len(ids)} tables")

    def joined(parts: Sequence[pa.Array]) -> pa.ChunkedArray:
        return pa.chunked_array([part.cast(pa.string()) for part in parts])

    return pa.table({"side": pa.chunked_array(sides), "id": joined(ids), "entity_id": joined(labels)})


def _age_s() -> float:
    """Seconds since this process was started, so that what it imports counts; 0 where the system does not say."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return 0.0
    ticks = int(stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19])
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))


def _cpu_s() -> float:
    """Seconds of processor of this process, and of those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _peak_mb() -> float:
    """The most memory that this process held since the peak was forgotten; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii", errors="replace").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _forget_peak() -> None:
    """Let the kernel count the peak anew, so that each stage has one of its own (Linux; elsewhere it only grows)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return
