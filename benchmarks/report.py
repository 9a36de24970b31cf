"""Figures as tables to read: one of all sets, one of what only attach has, one of the floors; and what ran where."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

__all__ = [
    "Floors",
    "below_floors",
    "cases_table",
    "cases_text",
    "markdown",
    "read_floors",
    "setting",
    "tables_text",
    "write_section",
]

Figures: TypeAlias = Mapping[str, object]
Floors: TypeAlias = Mapping[str, Mapping[str, object]]

_PACKAGES = ("socialmerge", "numpy", "pyarrow", "rapidfuzz", "scipy", "phonenumbers")
_ALL = {
    "set": "set", "task": "task", "records": "records", "pairs": "pairs", "compl.": "pair_completeness",
    "P": "precision", "R": "recall", "F1": "f1", "B3 F1": "bcubed_f1", "best F1": "best_f1",
    "ECE": "calibration_error", "log loss": "log_loss", "sum/found": "expected_found",
    "sum/all": "expected_all", "s": "seconds", "MB": "peak_mb",
}  # fmt: skip
_ATTACH = {
    "set": "set", "profiles": "profiles", "with customer": "with_customer",
    "attach": "attached", "review": "reviewed", "new": "new",
    "P": "precision", "P from": "precision_low", "P to": "precision_high", "R": "recall",
    "P with review": "precision_with_review", "R with review": "recall_with_review",
    "best right": "best_candidate_right", "duplicates created": "duplicates_created",
}  # fmt: skip
_ROUNDED = {"seconds": ".1f", "peak_mb": ".0f"}


def read_floors() -> Floors:
    """The floors of this folder, by set."""
    return tomllib.loads(Path(__file__).with_name("floors.toml").read_text(encoding="utf-8"))


def below_floors(runs: Sequence[Figures], floors: Floors) -> list[str]:
    """One line for each floor that does not hold."""
    return [
        f"{row['set']}: {row['measure']} is {row['measured']}, should be {row['floor']}"
        for row in _floor_rows(runs, floors)
        if row["holds"] == "no"
    ]


def tables_text(runs: Sequence[Figures], floors: Floors) -> str:
    """The tables, as Markdown that is aligned for a terminal too."""
    parts = [_columns(runs, _ALL)]
    attached = [run for run in runs if "profiles" in run]
    if attached:
        parts.append(_columns(attached, _ATTACH))
    rows = _floor_rows(runs, floors)
    if rows:
        parts.append(markdown(list(rows[0]), [list(row.values()) for row in rows]))
    return "\n\n".join(parts) + "\n"


def cases_text(run: Figures) -> str:
    """Every missed and every wrong pair of a set, with its explanation in full."""
    lines = [f"{run['set']}: {len(_cases(run))} pairs missed or wrong"]
    for case in _cases(run):
        lines += ["", f"{case['kind']}: {case['explanation']}"]
    return "\n".join(lines) + "\n" if _cases(run) else ""


def cases_table(run: Figures) -> str:
    """The same as a table: of each pair the two greatest weights, in bits, for it and against it, and the reason."""
    head = ["pair", "probability", "for", "against", "reason"]
    rows = [
        [
            f"{case['kind']}: {case['left_id']}, {case['right_id']}",
            f"{case['probability']:.3f}",
            _strongest(case, sign=1),
            _strongest(case, sign=-1),
            str(case["reason"]),
        ]
        for case in _cases(run)
    ]
    return f"{run['set']}: {len(rows)} pairs missed or wrong\n\n{markdown(head, rows)}\n" if rows else ""


def _cases(run: Figures) -> list[Mapping[str, Any]]:
    cases = run.get("cases")
    return cases if isinstance(cases, list) else []


def _strongest(case: Mapping[str, Any], *, sign: int) -> str:
    lines = sorted((line for line in case["lines"] if line["bits"] * sign > 0), key=lambda line: -abs(line["bits"]))
    return "; ".join(f"{line['what']} {line['said']} {line['bits']:+.1f}" for line in lines[:2])


def setting(load: float) -> str:
    """What ran where: versions, machine, load. No name of a machine and no path."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, {platform.system()}"
    return (
        f"{time.strftime('%Y-%m-%d')}, commit {_commit()}; {packages}; {platform.python_implementation()}"
        f" {platform.python_version()}; {machine}; load before the run {load:.1f}\n"
    )


def write_section(path: Path, name: str, text: str, *, heading: str = "") -> None:
    """Put ``text`` between the two marks of a section in a Markdown file; the rest of the file stays.

    A section that the file does not have is put at its end when it has a ``heading``, else it is an error.
    """
    start, end = f"<!-- {name}: written by the benchmark -->", f"<!-- end of {name} -->"
    old = path.read_text(encoding="utf-8") if path.exists() else f"{start}\n{end}\n"
    if heading and start not in old:
        old = f"{old}\n{heading}\n\n{start}\n{end}\n"
    if start not in old or end not in old:
        raise ValueError(f"{path}: has no line '{start}' and '{end}'; add both where the tables shall go")
    before, after = old.split(start)[0], old.split(end)[1]
    path.write_text(f"{before}{start}\n{text}{end}{after}", encoding="utf-8")


def _floor_rows(runs: Sequence[Figures], floors: Floors) -> list[dict[str, str]]:
    tests: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
        ("at_least", "at least", lambda measured, floor: measured >= floor),
        ("at_most", "at most", lambda measured, floor: measured <= floor),
    )
    rows = []
    for run in runs:
        of_set = floors.get(str(run["set"]), {})
        for key, words, holds in tests:
            limits = of_set.get(key, {})
            for name, limit in limits.items() if isinstance(limits, dict) else ():
                value = run.get(name)
                good = isinstance(value, int | float) and holds(value, limit)
                row = {"set": str(run["set"]), "measure": name, "floor": f"{words} {limit}"}
                rows.append(row | {"measured": _cell(run, name) or "not measured", "holds": "yes" if good else "no"})
    return rows


def _columns(runs: Sequence[Figures], columns: Mapping[str, str]) -> str:
    return markdown(list(columns), [[_cell(run, key) for key in columns.values()] for run in runs])


def _cell(run: Figures, key: str) -> str:
    value = run.get(key)
    if key == "set" and "error" in run:
        return f"{value} (failed)"
    if isinstance(value, float):
        return format(value, _ROUNDED.get(key, ".4f"))
    return f"{value:,}" if isinstance(value, int) else str(value or "")


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A table, aligned for a terminal too; the first column is of words, the others of figures."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        first, rest = cells[0].ljust(widths[0]), [c.rjust(w) for c, w in zip(cells[1:], widths[1:], strict=True)]
        return f"| {' | '.join([first, *rest])} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    here = Path(__file__).parent

    def ask(*words: str) -> str:
        return subprocess.run([git, *words], cwd=here, capture_output=True, text=True, check=False).stdout.strip()

    changed = "" if not ask("status", "--porcelain", "--", "../src") else " with changes"
    return (ask("rev-parse", "--short", "HEAD") or "unknown") + changed
