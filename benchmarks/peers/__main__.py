"""socialmerge and its peers on the same files in the same run: ``python -m benchmarks.peers DATA_DIR ...``.

Makes an environment for each peer, runs each on each set in a fresh process, smallest sets first, scores all answers
alike, and writes tables, JSON and plots. Every run is kept as a file of its own under ``--work``: ``--resume`` takes up
where a run was ended. Needs Linux. ``benchmarks/README.md`` says what is measured.
"""

from __future__ import annotations

import argparse
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
from benchmarks.peers.drawing import draw
from benchmarks.peers.environments import PEERS, Peer, interpreter, variables
from benchmarks.peers.tables import page_text, runs_text
from benchmarks.peers.watch import Limits, watch
from benchmarks.report import setting, write_section
from benchmarks.sets import DataSet, find_sets

_ROOT = Path(__file__).resolve().parents[2]
_SCORING_S = 1800


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    data: tuple[Path, ...]
    sets: tuple[str, ...]
    peers: tuple[Peer, ...]
    work: Path
    limits: Limits
    resume: bool
    only_ours_above: int
    json: Path | None
    out: Path | None
    docs: Path | None


def main(words: Sequence[str] | None = None) -> int:
    """Run everything that was asked for; gives the exit code: 1 when this package's own run failed."""
    asked, load = _asked(words), os.getloadavg()[0]
    try:
        sets = _sets(asked)
    except (FileNotFoundError, NotADirectoryError) as error:
        print(error, file=sys.stderr)
        return 2
    asked.work.mkdir(parents=True, exist_ok=True)
    runs = list(_runs(asked, sets, _interpreters(asked)))
    where = setting(load)
    text = runs_text(runs, where)
    print(text)
    if asked.json:
        asked.json.write_text(json.dumps({"setting": where, "runs": runs}, indent=1) + "\n", encoding="utf-8")
    if asked.out:
        write_section(asked.out, "peers", text)
    if asked.docs:
        write_section(asked.docs / "comparison.md", "comparison", page_text(runs, where, draw(runs, asked.docs)))
    return int(any("error" in run and run["peer"] == OURS for run in runs))


def _asked(words: Sequence[str] | None) -> Asked:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [peer.name for peer in PEERS]
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="sets", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--peer", dest="peers", action="append", default=[], choices=names, help="only this tool")
    parser.add_argument("--without", action="append", default=[], choices=names, help="not this tool")
    parser.add_argument("--work", type=Path, default=Path(".bench-peers"), metavar="DIR", help="environments and parts")
    parser.add_argument("--resume", action="store_true", help="keep the parts that are there")
    parser.add_argument("--timeout-s", type=float, default=900.0, help="most seconds of a million rows (default 900)")
    parser.add_argument("--memory-gb", type=float, default=12.0, help="most memory a run may hold (default 12)")
    parser.add_argument("--only-ours-above", type=int, default=2_000_000, metavar="ROWS", help="no peers above this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the tables into the peers section of a page")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="write plots and comparison.md's section")
    found = parser.parse_args(words)
    peers = tuple(
        peer for peer in PEERS if (not found.peers or peer.name in found.peers) and peer.name not in found.without
    )
    return Asked(
        data=tuple(found.data),
        sets=tuple(found.sets),
        peers=peers,
        work=found.work.resolve(),
        limits=Limits(found.timeout_s, found.memory_gb * 1024),
        resume=found.resume,
        only_ours_above=found.only_ours_above,
        json=found.json,
        out=found.out,
        docs=found.docs,
    )


def _sets(asked: Asked) -> list[DataSet]:
    """The sets of all folders, smallest first; a name that no folder has is an error."""
    found = [one for data in asked.data for one in find_sets(data.resolve())[0]]
    missing = sorted(set(asked.sets) - {one.name for one in found})
    if missing:
        raise FileNotFoundError(f"no folder has a set named {', '.join(missing)}")
    wanted = [one for one in found if not asked.sets or one.name in asked.sets]
    return sorted(wanted, key=lambda one: (rows_of_files(one), one.name))


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


def _interpreters(asked: Asked) -> dict[str, Path | str]:
    """The interpreter of each peer, or in words why there is none."""
    found: dict[str, Path | str] = {}
    for peer in asked.peers:
        try:
            found[peer.name] = interpreter(peer, asked.work / "environments")
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or "").strip().splitlines()
            found[peer.name] = f"does not install or start: {lines[-1] if lines else error}"[:200]
    return found


def _runs(asked: Asked, sets: Sequence[DataSet], pythons: dict[str, Path | str]) -> Iterator[Run]:
    for one in sets:
        rows = rows_of_files(one)
        for peer in asked.peers:
            part = asked.work / "parts" / f"{one.name}.{peer.name}.json"
            if asked.resume and part.is_file():
                yield json.loads(part.read_text(encoding="utf-8"))
                continue
            known = {
                "set": one.name,
                "task": str(one.task),
                "rows": rows,
                "peer": peer.name,
                "labels": int(peer.labels),
            }
            skipped = _skipped(asked, peer, rows, pythons[peer.name])
            run = known | ({"error": skipped} if skipped else _run(asked, one, peer, Path(pythons[peer.name])))
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(run, indent=1), encoding="utf-8")
            print(f"{one.name} {peer.name}: {_said(run)}", file=sys.stderr, flush=True)
            yield run


def _skipped(asked: Asked, peer: Peer, rows: int, python: Path | str) -> str:
    if isinstance(python, str):
        return python
    if peer.most_rows and rows > peer.most_rows:
        return peer.why
    if peer.name != OURS and rows > asked.only_ours_above:
        return f"only {OURS} is run on more than {asked.only_ours_above:,} rows"
    return ""


def _limits(most: Limits, rows: int) -> Limits:
    """Three minutes and six seconds for each 1,000 rows, at most what was asked for; above a million in proportion."""
    longest = most.timeout_s * max(1.0, rows / 1e6)
    return Limits(min(longest, 180 + rows * 6 / 1000), most.memory_mb)


def _run(asked: Asked, one: DataSet, peer: Peer, python: Path) -> dict[str, object]:
    """One tool on one set: watched, then scored."""
    folder = asked.work / "answers" / f"{one.name}.{peer.name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [str(python), "-m", peer.module, str(one.left.parent), str(folder)]
    load = os.getloadavg()[0]
    limits = _limits(asked.limits, rows_of_files(one))
    if peer.labels:
        limits = Limits(2 * limits.timeout_s, limits.memory_mb)  # it learns first
    watched = watch(command, cwd=_ROOT, env=variables(), limits=limits, until=folder / "answer.json")
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
    if ended.returncode:
        lines = ended.stderr.strip().splitlines()
        return {"error": f"could not be scored: {lines[-1] if lines else ended.returncode}"[:200]}
    figures: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def _said(run: Run) -> str:
    if "error" in run:
        return str(run["error"])
    return f"F1 {run.get('own_f1', float('nan')):.3f}, {run['wall_s']:.1f} s, {run['peak_mb']:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
