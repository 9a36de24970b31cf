"""What people's decisions are worth: the library picks pairs, and the answers of a set stand in for a person.

``python -m benchmarks.learning DATA_DIR`` asks up to 200 questions of every small set, five times over on nine tenths
of it, and prints F1 with 0, 10, 25, 50, 100 and 200 decisions. With ``--peers`` the package dedupe is taught by its own
active learning on the first three of those drawings, of the sets that it can take. Nothing is timed, so drawings are
measured side by side. Exits with 1 when 50 decisions leave a set worse than its bootstrap interval without any.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.learning_peer import peer_f1, peer_python
from benchmarks.learning_sets import Drawn, draw
from benchmarks.report import setting, write_section
from benchmarks.sets import DataSet, find_sets

from socialmerge import tables

__all__ = ["MARKS", "Course", "course"]

MARKS = (10, 25, 50, 100, 200)
PEER_MARKS = (50, 200)
COMPARED = 50
MOST_ROWS = 20_000
PEER_MOST_ROWS = 4_000  # it takes minutes above, or more memory than there is


@dataclass(frozen=True, slots=True)
class Course:
    """F1 of one drawing of a set by decisions given; ``alone`` with what 50 taught, but none of them held to.

    ``at_once`` is with 50 asked in one go; ``same`` says how many of the first 50 answers were *same*; ``low`` and
    ``high`` are the bootstrap interval without decisions. ``peer`` is dedupe's F1 by answers, ``None`` where it failed.
    """

    f1: Mapping[int, float]
    at_once: float
    alone: float
    same: int
    low: float
    high: float
    peer: Mapping[int, float | None]


def course(drawn: Drawn, seed: int) -> Course:
    """Ask, answer and run again, up to the last mark."""
    result = first = drawn.run(None, None, seed)
    f1, same, alone, asked = {0: drawn.f1(first)}, 0, 0.0, 0
    for mark in MARKS:
        answers = drawn.answered(result.suggest_reviews(mark - asked))
        if not answers.num_rows:
            f1[mark] = f1[asked]
            asked = mark
            continue
        result = drawn.run(replace(result.plan, weights=None), answers, seed)
        f1[mark], asked = drawn.f1(result), mark
        if mark == COMPARED:
            same = sum(label.verdict == "same" for label in result.plan.decisions)
            alone = drawn.f1(drawn.run(replace(result.plan, decisions=()), None, seed))
    at_once = drawn.f1(drawn.run(None, drawn.answered(first.suggest_reviews(COMPARED)), seed))
    low, high = drawn.interval(first, seed)
    return Course(f1, at_once, alone or f1[COMPARED], same, low, high, {})


def main(words: Sequence[str] | None = None) -> int:
    """Run the sets, print the table, write the files that were asked for; gives the exit code."""
    asked, load, started = _asked(words), os.getloadavg()[0], time.perf_counter()
    done = _read(asked.json) if asked.resume else {}
    sets = list(_sets(asked.data.resolve(), tuple(asked.names)))
    done = {one.name: done.get(one.name, {}) for one in sets}
    for name, seed, found in _measured(asked, sets, done):
        done[name][seed] = found
        print(f"{name} {seed}: {_said(found)}", file=sys.stderr, flush=True)
        if asked.json:
            asked.json.write_text(_as_json(done), encoding="utf-8")
    courses = {name: [found[seed] for seed in sorted(found)] for name, found in done.items()}
    text = f"{setting(load)}\n{table(courses)}\n{_how(asked, time.perf_counter() - started)}\n"
    print(text)
    if asked.out:
        write_section(asked.out, "learning", text)
    return 1 if any(_worse(each) for each in courses.values()) else 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.learning", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--seeds", type=int, default=5, help="how many drawings of a set (default 5)")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="folder of the peers' environments: run dedupe too")
    parser.add_argument("--peer-seeds", type=int, default=3, help="how many drawings dedupe is run on (default 3)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time (default: the cores)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument("--resume", action="store_true", help="go on from what --json holds")
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the table into the learning section of a page")
    return parser.parse_args(words)


def _measured(
    asked: argparse.Namespace, sets: Sequence[DataSet], done: Mapping[str, Mapping[int, Course]]
) -> Iterator[tuple[str, int, Course]]:
    """Every drawing that is not there yet, those that take longest first, as they are done."""
    python = peer_python(asked.peers.resolve()) if asked.peers else None
    wanted = [(one, seed) for one in reversed(sets) for seed in range(1, asked.seeds + 1) if seed not in done[one.name]]
    taught = [(one, seed) for one, seed in wanted if seed <= asked.peer_seeds and _rows(one) <= PEER_MOST_ROWS]
    wanted = taught + [each for each in wanted if each not in taught]
    with ProcessPoolExecutor(asked.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        runs = {
            pool.submit(_course, one, seed, python if (one, seed) in taught else None): (one.name, seed)
            for one, seed in wanted
        }
        for run in as_completed(runs):
            yield *runs[run], run.result()


def _how(asked: argparse.Namespace, seconds: float) -> str:
    """How many drawings there were, and how long it took."""
    peer = f" dedupe on the first {asked.peer_seeds}, of sets of up to {PEER_MOST_ROWS:,} rows;" if asked.peers else ""
    return f"{asked.seeds} drawings of each set;{peer} {seconds / 60:.0f} minutes in all, {asked.jobs} at a time."


def _course(one: DataSet, seed: int, python: Path | None) -> Course:
    with tempfile.TemporaryDirectory() as folder:
        drawn = draw(one, seed, Path(folder))
        found = course(drawn, seed)
        if python is None:
            return found
        return replace(found, peer={mark: peer_f1(Path(folder), python, mark, seed) for mark in PEER_MARKS})


def _rows(one: DataSet) -> int:
    return sum(tables.read(path).num_rows for path in (one.left, one.right) if path)


def _sets(data: Path, names: tuple[str, ...]) -> Iterator[DataSet]:
    for one in find_sets(data, names)[0]:
        if one.truth is not None and (names or tables.read(one.left).num_rows <= MOST_ROWS):
            yield one


def table(done: Mapping[str, Sequence[Course]]) -> str:
    """Medians over the drawings, as Markdown."""
    head = ["set", "0", "interval", *map(str, MARKS), "50 at once", "taught by 50", "same of 50", "left of error"]
    head += [f"dedupe {mark}" for mark in PEER_MARKS]
    rows = [_row(name, courses) for name, courses in done.items() if courses]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    shown = (" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"| {line} |" for line in shown) + "\n"


def _row(name: str, courses: Sequence[Course]) -> list[str]:
    row = [name, _middle([one.f1[0] for one in courses])]
    row.append(f"{_middle([one.low for one in courses])} to {_middle([one.high for one in courses])}")
    row += [_middle([one.f1[mark] for one in courses]) for mark in MARKS]
    row += [_middle([one.at_once for one in courses]), _middle([one.alone for one in courses])]
    row.append(f"{statistics.median(one.same for one in courses):.0f}")
    row.append(f"{statistics.median(_left(one) for one in courses):.2f}")
    for mark in PEER_MARKS:
        row.append(_taught([one.peer[mark] for one in courses if mark in one.peer]))
    return row


def _taught(found: Sequence[float | None]) -> str:
    """The median of those drawings on which it did not fail, and how many those are."""
    there = [value for value in found if value is not None]
    if not found or not there:
        return "failed" if found else ""
    return _middle(there) + (f" ({len(there)} of {len(found)})" if len(there) < len(found) else "")


def _left(one: Course) -> float:
    """The share of the error without decisions that is left with 50."""
    return (1 - one.f1[COMPARED]) / (1 - one.f1[0]) if one.f1[0] < 1 else 1.0


def _worse(courses: Sequence[Course]) -> bool:
    """Whether 50 decisions leave a set below its interval."""
    if not courses:
        return False
    return statistics.median(one.f1[COMPARED] for one in courses) < statistics.median(one.low for one in courses)


def _middle(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.4f}"


def _said(one: Course) -> str:
    return ", ".join(f"{mark} {value:.4f}" for mark, value in one.f1.items())


def _as_json(done: Mapping[str, Mapping[int, Course]]) -> str:
    plain = {name: {seed: asdict(one) for seed, one in found.items()} for name, found in done.items()}
    return json.dumps(plain, indent=1) + "\n"


def _read(path: Path | None) -> dict[str, dict[int, Course]]:
    """The drawings that an earlier run has measured, by set and seed."""
    if path is None or not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: {
            int(seed): Course(
                **one | {key: {int(mark): value for mark, value in one[key].items()} for key in ("f1", "peer")}
            )
            for seed, one in courses.items()
        }
        for name, courses in found.items()
    }


if __name__ == "__main__":
    sys.exit(main())
