"""Reliability plots: what share of the pairs is right, against the probability that they were given.

``python -m benchmarks.reliability FIGURES.json ... --docs docs/explanation`` draws the figures that
``benchmarks.accuracy --json`` wrote, one plot a task, and puts a table into the section of ``calibration.md``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.plots import Axis, Series, lines
from benchmarks.report import write_section

__all__ = ["plots", "table"]

Figures: TypeAlias = Mapping[str, Any]

_COLUMNS = {
    "set": "set", "pairs": "calibrated_pairs", "ECE": "calibration_error", "log loss": "log_loss",
    "sum/found": "expected_found", "sum/all": "expected_all",
}  # fmt: skip
_TITLES = {"dedupe": "Duplicates", "link": "Linking two tables", "attach": "Attaching profiles"}
_SHARES = Axis(0.0, 1.0)
MOST_LINES = 8


def plots(runs: Sequence[Figures]) -> dict[str, str]:
    """An SVG by name for each task that has runs; of many sets those with the greatest error."""
    found = {}
    for task, title in _TITLES.items():
        mine = [run for run in runs if run["task"] == task and run.get("reliability")]
        mine = sorted(mine, key=lambda run: -run["calibration_error"])[:MOST_LINES]
        if mine:
            even = Series("as it should be", ((0.0, 0.0), (1.0, 1.0)), reference=True)
            series = [Series(run["set"], tuple((p, share) for p, share, _ in run["reliability"])) for run in mine]
            found[f"reliability-{task}.svg"] = lines(
                [even, *series], title=title, x="probability", y="share that is right", x_axis=_SHARES, y_axis=_SHARES
            )
    return found


def table(runs: Sequence[Figures]) -> str:
    """Calibration error, log loss, and what the probabilities foretell over what is true, a row a set."""
    rows = [[_cell(run.get(key)) for key in _COLUMNS.values()] for run in runs if run.get("reliability")]
    head = f"| {' | '.join(_COLUMNS)} |\n|---{'|---:' * (len(_COLUMNS) - 1)}|"
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    """Read the figures, write the plots and the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reliability",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("figures", type=Path, nargs="+", metavar="FIGURES.json")
    parser.add_argument("--docs", type=Path, required=True, metavar="DIR", help="where calibration.md is")
    asked = parser.parse_args()
    files = [json.loads(path.read_text(encoding="utf-8")) for path in asked.figures]
    runs = [run for file in files for run in file["runs"]]
    drawn = plots(runs)
    for name, svg in drawn.items():
        (asked.docs / name).write_text(svg, encoding="utf-8")
    pictures = "\n\n".join(f"![{name.removesuffix('.svg').replace('-', ' of ')}]({name})" for name in drawn)
    settings = "".join(dict.fromkeys(file["setting"] for file in files))
    write_section(asked.docs / "calibration.md", "calibration", f"{settings}\n{table(runs)}\n{pictures}\n")


if __name__ == "__main__":
    main()
