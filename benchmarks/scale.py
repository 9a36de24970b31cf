"""What each stage of a run takes, in time and memory: for sets of any size, each run in a fresh process.

``python -m benchmarks.scale DATA_DIR [--set NAME]`` runs the sets of a data folder, smallest first, and prints wall and
processor seconds of every stage and the most memory held by its end. ``python -m benchmarks.large`` and ``python -m
benchmarks.large_profiles`` make sets by the million. Sets of profiles with few rows are also run by the command line,
start-up and writing included. With ``--out`` the table is put into the scale section of a page.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import peak_mb
from benchmarks.report import Figures, markdown, setting, write_section
from benchmarks.sets import DataSet, Task, find_sets, read_set

import socialmerge as sm

__all__ = ["Stage", "stages"]

_ROOT = Path(__file__).resolve().parents[1]
_FEW_BYTES = 2_000_000  # of files that the command line is timed on too
_READING, _WHOLE, _COMMAND = "read", "all", "command line"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run; ``peak_mb`` is the most memory that the process had held when it ended."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(slots=True)
class _Clock:
    """Takes the time whenever a verb says that a stage begins."""

    name: str = _READING
    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)
    done: list[Stage] = field(default_factory=list)

    def say(self, stage: str, done: int, total: int) -> None:
        """What the verbs call."""
        del done, total
        if stage != self.name:
            self.end(stage)

    def end(self, following: str = "") -> None:
        """The stage is over."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.done.append(Stage(self.name, wall - self.wall, cpu - self.cpu, peak_mb()))
        self.name, self.wall, self.cpu = following, wall, cpu


def stages(one: DataSet) -> list[Stage]:
    """Run a set in this process and give its stages in order; equal names are one stage."""
    clock = _Clock()
    if one.right is None:
        sm.dedupe(one.left, progress=clock.say)
    else:
        sm.attach(one.left, to=one.right, progress=clock.say)
    clock.end()
    found: dict[str, Stage] = {}
    for stage in clock.done:
        before = found.get(stage.name, Stage(stage.name, 0.0, 0.0, 0.0))
        wall, cpu = before.wall_s + stage.wall_s, before.cpu_s + stage.cpu_s
        found[stage.name] = Stage(stage.name, wall, cpu, stage.peak_mb)
    return list(found.values())


def main(words: Sequence[str] | None = None) -> int:
    """Run the sets, print the table, write the files that were asked for; gives the exit code."""
    asked, load = _asked(words), os.getloadavg()[0]
    if asked.here:
        return _here(asked.data)
    try:
        sets, _ = find_sets(asked.data.resolve(), tuple(asked.names))
    except (FileNotFoundError, NotADirectoryError) as error:
        print(error, file=sys.stderr)
        return 2
    rows = [row for one in sets for row in _measured(one, asked.timeout_s)]
    text = f"{setting(load)}\n{_table(rows)}\n"
    print(text)
    if asked.json:
        asked.json.write_text(json.dumps({"setting": setting(load), "stages": rows}, indent=1) + "\n", encoding="utf-8")
    if asked.out:
        write_section(asked.out, "scale", text)
    return 1 if any("error" in row for row in rows) else 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the table into the scale section of a page")
    parser.add_argument("--timeout-s", type=float, default=3600.0, help="seconds a set may take (default 3600)")
    parser.add_argument("--here", action="store_true", help="DATA_DIR is one set: run it in this process, print JSON")
    return parser.parse_args(words)


def _here(folder: Path) -> int:
    one = read_set(folder)
    if one is None:
        print(f"{folder}: holds neither a.csv nor customers.csv and profiles.jsonl", file=sys.stderr)
        return 2
    found = [{"stage": s.name, "wall_s": s.wall_s, "cpu_s": s.cpu_s, "peak_mb": s.peak_mb} for s in stages(one)]
    print(json.dumps(found))
    return 0


def _measured(one: DataSet, timeout_s: float) -> Iterator[Figures]:
    """The stages of a set, all of them together, and where it is small the command line."""
    head = {"set": one.name, "task": str(one.task)}
    ended = _run([sys.executable, "-m", "benchmarks.scale", "--here", str(one.left.parent)], timeout_s)
    if ended.returncode:
        yield head | {"stage": _WHOLE, "error": (ended.stderr.strip().splitlines() or ["ended"])[-1]}
        return
    found = json.loads(ended.stdout.splitlines()[-1])
    yield from (head | stage for stage in found)
    sums = {name: sum(stage[name] for stage in found) for name in ("wall_s", "cpu_s")}
    yield head | {"stage": _WHOLE} | sums | {"peak_mb": max(stage["peak_mb"] for stage in found)}
    if one.task is Task.ATTACH and one.right and _size(one) <= _FEW_BYTES:
        yield {**head, "stage": _COMMAND, **_command_line(one, timeout_s)}


def _size(one: DataSet) -> int:
    return sum(path.stat().st_size for path in (one.left, one.right) if path)


def _command_line(one: DataSet, timeout_s: float) -> Figures:
    """``socialmerge attach`` from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "socialmerge", "attach", str(one.left), "--to", str(one.right)]
        before, started = os.times(), time.perf_counter()
        ended = _run([*command, "--out", f"{folder}/out"], timeout_s)
        wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall_s": wall, "cpu_s": cpu} | ({"error": ended.stderr.strip()[-200:]} if ended.returncode else {})


def _run(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=timeout_s)


def _table(rows: Sequence[Figures]) -> str:
    """One line a stage."""
    head = ["set", "task", "stage", "wall s", "CPU s", "peak MB"]
    shown = []
    for row in rows:
        figures = [f"{row[name]:,.{digits}f}" if name in row else "" for name, digits in _SHOWN]
        shown.append([str(row["set"]), str(row["task"]), str(row.get("error") or row["stage"]), *figures])
    return markdown(head, shown)


_SHOWN = (("wall_s", 1), ("cpu_s", 1), ("peak_mb", 0))


if __name__ == "__main__":
    sys.exit(main())
