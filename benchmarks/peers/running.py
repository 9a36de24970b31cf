"""Runs of tools on sets: each in a fresh process, watched, scored, and kept as a file of its own.

Needs Linux. How long a run may take depends on its tool and on the rows of its set: a tool that is over its limit is
ended and said to be, so that all of it goes through without anybody watching.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.answer import read_answer
from benchmarks.peers.comparing import OURS, Run
from benchmarks.peers.environments import Peer, interpreter, variables
from benchmarks.peers.watch import Limits, watch
from benchmarks.sets import DataSet

__all__ = ["Course", "interpreters", "limits", "rows_of_files", "run_all"]

_ROOT = Path(__file__).resolve().parents[2]
_SCORING_S = 1800
_LEARNING = 3


@dataclass(frozen=True, slots=True)
class Course:
    """How runs are made: by which tools, where their environments and parts lie, and what a run may take.

    ``most`` holds for a million rows, ``resume`` keeps the parts that are there, and above ``only_ours_above`` rows
    no peer is run.
    """

    peers: tuple[Peer, ...]
    work: Path
    most: Limits
    resume: bool = False
    only_ours_above: int = 2_000_000


def rows_of_files(one: DataSet) -> int:
    """About how many rows a set has: those of Parquet files as they say, of others their lines."""
    return sum(_rows(path) for path in (one.left, one.right) if path)


def _rows(path: Path) -> int:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return int(pq.ParquetFile(path).metadata.num_rows)
    with path.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return lines - (path.suffix == ".csv")


def interpreters(course: Course) -> dict[str, Path | str]:
    """The interpreter of each peer, or in words why there is none."""
    found: dict[str, Path | str] = {}
    for peer in course.peers:
        try:
            found[peer.name] = interpreter(peer, course.work / "environments")
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or "").strip().splitlines()
            found[peer.name] = f"does not install or start: {lines[-1] if lines else error}"[:200]
    return found


def run_all(course: Course, sets: Sequence[DataSet], pythons: dict[str, Path | str]) -> Iterator[Run]:
    """Every tool on every set, in the order of the sets; each run is kept as it is done."""
    for one in sets:
        rows = rows_of_files(one)
        for peer in course.peers:
            part = course.work / "parts" / f"{one.name}.{peer.name}.json"
            if course.resume and part.is_file():
                yield json.loads(part.read_text(encoding="utf-8"))
                continue
            known = {
                "set": one.name,
                "task": str(one.task),
                "rows": rows,
                "peer": peer.name,
                "labels": int(peer.labels),
            }
            skipped = _skipped(course, peer, rows, pythons[peer.name])
            run = known | ({"error": skipped} if skipped else _run(course, one, peer, Path(pythons[peer.name])))
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(run, indent=1), encoding="utf-8")
            print(f"{one.name} {peer.name}: {_said(run)}", file=sys.stderr, flush=True)
            yield run


def _skipped(course: Course, peer: Peer, rows: int, python: Path | str) -> str:
    if isinstance(python, str):
        return python
    if peer.most_rows and rows > peer.most_rows:
        return peer.why
    if peer.name != OURS and rows > course.only_ours_above:
        return f"only {OURS} is run on more than {course.only_ours_above:,} rows"
    return ""


def limits(most: Limits, peer: Peer, rows: int) -> Limits:
    """A minute and six seconds for each 1,000 rows, three times that for one that learns, at most what was asked for.

    Of a tool that is slow even on a few rows at most its own ``most_s``. Above a million rows time and memory grow in
    proportion, memory up to three quarters of the machine's.

    >>> limits(Limits(900, 8192), Peer("one"), 10_000), limits(Limits(900, 8192), Peer("one", most_s=90), 10_000)
    (Limits(timeout_s=120.0, memory_mb=8192.0), Limits(timeout_s=90, memory_mb=8192.0))
    """
    times = max(1.0, rows / 1e6)
    machine_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    longest = min(most.timeout_s * times, (60 + rows * 6 / 1000) * (_LEARNING if peer.labels else 1))
    memory = min(most.memory_mb * times, max(most.memory_mb, 0.75 * machine_mb))
    return Limits(min(longest, peer.most_s or longest), memory)


def _run(course: Course, one: DataSet, peer: Peer, python: Path) -> dict[str, object]:
    """One tool on one set: watched, then scored."""
    folder = course.work / "answers" / f"{one.name}.{peer.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [str(python), "-m", peer.module, str(one.left.parent), str(folder)]
    load = os.getloadavg()[0]
    most = limits(course.most, peer, rows_of_files(one))
    watched = watch(command, cwd=_ROOT, env=variables(), limits=most, until=folder / "answer.json")
    took: dict[str, object] = {
        "wall_s": watched.wall_s,
        "cpu_s": watched.cpu_s,
        "peak_mb": watched.peak_mb,
        "load": load,
    }
    if watched.fault:
        shutil.rmtree(folder)
        return {"error": watched.fault, "took": took}
    said = read_answer(folder)
    took |= {
        "wall_s": said.ended - watched.started,
        "cpu_s": max(said.cpu_s, watched.cpu_s),
        "peak_mb": max(said.peak_mb, watched.peak_mb),
        "candidates": said.candidates,
        "labels": said.labels,
        "note": said.note,
        "versions": dict(said.versions),
        "stages": [
            {"name": stage.name, "wall_s": stage.wall_s, "cpu_s": stage.cpu_s, "peak_mb": stage.peak_mb}
            for stage in said.stages
        ],
    }
    figures = _scored(one, folder) if one.truth else {}
    shutil.rmtree(folder)
    return took | figures


def _scored(one: DataSet, folder: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.peers.scoring", str(one.left.parent), str(folder)]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=_SCORING_S)
    if not ended.stdout.strip():
        lines = ended.stderr.strip().splitlines()
        return {"error": f"could not be scored: {lines[-1] if lines else ended.returncode}"[:200]}
    figures: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def _said(run: Run) -> str:
    if "error" in run:
        return str(run["error"])
    return f"F1 {run.get('own_f1', float('nan')):.3f}, {run['wall_s']:.1f} s, {run['peak_mb']:.0f} MB"
