"""How good the answers are on public sets, with nothing configured and no labels.

``python -m benchmarks.accuracy DATA_DIR`` runs every set of a data folder, each in a fresh process, and prints
precision, recall, F1 and B-cubed of the final decisions, the best F1 over thresholds, calibration, seconds and peak
memory. Exits with 1 when a set failed or is below its floor (``floors.toml``). ``benchmarks/README.md`` says where the
sets come from.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import (
    Figures,
    Floors,
    below_floors,
    cases_table,
    cases_text,
    read_floors,
    setting,
    tables_text,
    write_section,
)
from benchmarks.sets import DataSet, find_sets

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    data: Path
    names: tuple[str, ...]
    json: Path | None
    out: Path | None
    timeout_s: float


def main(words: Sequence[str] | None = None) -> int:
    """Run the sets, print the tables, write the files that were asked for; gives the exit code."""
    asked, floors, load = _asked(words), read_floors(), os.getloadavg()[0]
    try:
        sets, others = find_sets(asked.data.resolve(), asked.names)
    except (FileNotFoundError, NotADirectoryError) as error:
        print(error, file=sys.stderr)
        return 2
    for name in others:
        print(f"{name}: skipped, holds neither tables to match nor profiles (judged pairs of names are not a match)")
    runs = list(_runs(sets, floors, asked.timeout_s))
    text = f"{setting(load)}\n{tables_text(runs, floors)}"
    print("\n".join(["", text, *filter(None, map(cases_text, runs))]))
    if asked.json:
        asked.json.write_text(json.dumps({"setting": setting(load), "runs": runs}, indent=1) + "\n", encoding="utf-8")
    if asked.out:
        write_section(asked.out, "accuracy", "\n".join([text, *filter(None, map(cases_table, runs))]))
    return _verdict(runs, floors)


def _asked(words: Sequence[str] | None) -> Asked:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the tables into the accuracy section of a page")
    parser.add_argument("--timeout-s", type=float, default=3600.0, help="seconds a set may take (default 3600)")
    found = parser.parse_args(words)
    return Asked(found.data, tuple(found.names), found.json, found.out, found.timeout_s)


def _runs(sets: Sequence[DataSet], floors: Floors, timeout_s: float) -> Iterator[Figures]:
    for one in sets:
        figures = _measured(one, cases=bool(floors.get(one.name, {}).get("cases")), timeout_s=timeout_s)
        print(f"{one.name}: {figures.get('error') or 'done'}", file=sys.stderr, flush=True)
        yield figures


def _measured(one: DataSet, *, cases: bool, timeout_s: float) -> Figures:
    command = [sys.executable, "-m", "benchmarks.measure", str(one.left.parent), *(["--cases"] if cases else [])]
    failed = {"set": one.name, "task": str(one.task)}
    try:
        ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return failed | {"error": f"took more than {timeout_s:.0f} s"}
    if ended.returncode:
        return failed | {"error": (ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"])[-1]}
    figures: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def _verdict(runs: Sequence[Figures], floors: Floors) -> int:
    faults = [f"{run['set']}: {run['error']}" for run in runs if "error" in run]
    faults += below_floors([run for run in runs if "error" not in run], floors)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
