"""What becomes of the answers when a set's rows are shuffled, its ids replaced, or its cells blanked.

``python -m benchmarks.robustness DATA_DIR [--set NAME] [--blank 0.2]`` measures each set as it is and changed, in this
process. Shuffled rows must give the same answers, other ids nearly the same; blanked cells cost what they cost. With
``--peers`` what blanks cost is measured of every tool (``benchmarks.peers``), on five sets of people and restaurants.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.changes import CHANGES, Change, blanked, changed, with_other_ids
from benchmarks.measure import measure
from benchmarks.peers import blanks
from benchmarks.peers.environments import PEERS
from benchmarks.peers.running import Course
from benchmarks.peers.watch import Limits
from benchmarks.report import markdown, setting, write_section
from benchmarks.sets import DataSet, find_sets

__all__ = ["main"]

_CHANGED = """## Robustness
F1 of the final decisions of each set as it is, with its rows shuffled, a fifth of its cells blanked, and other ids."""
_BLANKED = """## What blanked cells cost, beside peers
F1 of clusters, then of pairs at the best threshold, as it is and with cells blanked, the same for all tools. Ours is
judged by its clusters, a peer by the better of the two each time."""
_SECTIONS = (("robustness", _CHANGED), ("blanks", _BLANKED))


def main(words: Sequence[str] | None = None) -> None:
    """Measure the sets as they are and changed, and print F1."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.robustness",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--blank", type=float, default=0.2, help="share of the cells that are blanked (default 0.2)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the table into a section of a page")
    parser.add_argument("--peers", action="store_true", help="instead: what blanks cost each tool, ours and peers")
    parser.add_argument("--peer", dest="only", action="append", default=[], metavar="NAME", help="only this tool")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="not this tool")
    parser.add_argument("--work", type=Path, default=Path(".bench-peers"), metavar="DIR", help="environments and parts")
    parser.add_argument("--resume", action="store_true", help="keep the runs that are done, those of the peers' too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of the tools as JSON")
    asked, load = parser.parse_args(words), os.getloadavg()[0]
    name, heading = _SECTIONS[asked.peers]
    text = _peers(asked, load) if asked.peers else f"{setting(load)}\n{_changes(asked)}\n"
    print(text)
    if asked.out:
        write_section(asked.out, name, text, heading=heading)


def _changes(asked: argparse.Namespace) -> str:
    """F1 of the sets as they are and changed."""
    changes = CHANGES | {"blanked": blanked(asked.blank)}
    sets = [one for one in find_sets(asked.data, tuple(asked.names))[0] if one.truth and one.left.suffix == ".csv"]
    rows = []
    for one in sets:
        rows.append([one.name, *_f1s(one, changes)])
        print(*rows[-1], file=sys.stderr, flush=True)
    return markdown(["set", "as it is", *changes, "other ids"], rows)


def _peers(asked: argparse.Namespace, load: float) -> str:
    """F1 of every tool, as it is and blanked."""
    tools = tuple(one for one in PEERS if one.name in (asked.only or [one.name]) and one.name not in asked.without)
    course = Course(tools, asked.work.resolve(), Limits(900.0, 8192.0), resume=asked.resume)
    sets = find_sets(asked.data.resolve(), tuple(asked.names) or blanks.SETS)[0]
    runs = blanks.run_blanked(course, sets, asked.blank)
    if asked.json:
        asked.json.write_text(json.dumps({"setting": setting(load), "runs": runs}, indent=1) + "\n", encoding="utf-8")
    return blanks.blanks_text(runs, asked.blank, setting(load))


def _f1s(one: DataSet, changes: dict[str, Change]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        others = [changed(one, Path(folder) / name, change) for name, change in changes.items()]
        sets = [one, *others, with_other_ids(one, Path(folder) / "ids")]
        return [f"{float(str(measure(each)['f1'])):.4f}" for each in sets]


if __name__ == "__main__":
    main()
