"""socialmerge and its peers on the same files in the same run: ``python -m benchmarks.peers DATA_DIR ...``.

Makes an environment for each peer, runs each on each set in a fresh process, smallest sets first, scores all answers
alike, and writes tables, JSON and plots. Every run is kept as a file of its own under ``--work``: ``--resume`` takes up
where a run was ended. Needs Linux. ``benchmarks/README.md`` says what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.comparing import OURS
from benchmarks.peers.drawing import draw
from benchmarks.peers.environments import PEERS
from benchmarks.peers.running import Course, interpreters, rows_of_files, run_all
from benchmarks.peers.tables import page_text, runs_text
from benchmarks.peers.watch import Limits
from benchmarks.report import setting, write_section
from benchmarks.sets import DataSet, find_sets


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    data: tuple[Path, ...]
    sets: tuple[str, ...]
    course: Course
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
    asked.course.work.mkdir(parents=True, exist_ok=True)
    runs = list(run_all(asked.course, sets, interpreters(asked.course)))
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
    parser.add_argument("--memory-gb", type=float, default=8.0, help="most memory of a million rows (default 8)")
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
        course=Course(
            peers,
            found.work.resolve(),
            Limits(found.timeout_s, found.memory_gb * 1024),
            resume=found.resume,
            only_ours_above=found.only_ours_above,
        ),
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


if __name__ == "__main__":
    sys.exit(main())
