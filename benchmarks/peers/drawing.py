"""The plots of the comparison: error by set, time and memory against rows, and what was said against what was true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.peers.comparing import OURS, Run, by_set, figure
from benchmarks.plots import Axis, Series, dots, lines

__all__ = ["accuracy_plot", "draw", "reliability_plot", "scale_plot"]

# What stands for the same kind of rows at several sizes: a name, then the size.
_FAMILIES = ("gecko_people_", "people_")
_LEAST_ERROR = 0.0005


def draw(runs: Sequence[Run], folder: Path) -> dict[str, str]:
    """Write every plot that the runs have figures for; gives what each shows, by the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = {
        "peers-accuracy.svg": ("error by set", accuracy_plot(runs)),
        "peers-time.svg": ("time against rows", scale_plot(runs, "wall_s", title="Time against rows", y="seconds")),
        "peers-memory.svg": ("memory against rows", scale_plot(runs, "peak_mb", title="Memory against rows", y="MB")),
        "peers-reliability.svg": ("probability against the share that is true", reliability_plot(runs)),
    }
    for name, (_, text) in plots.items():
        if text:
            (folder / name).write_text(text, encoding="utf-8")
    return {name: what for name, (what, text) in plots.items() if text}


def accuracy_plot(runs: Sequence[Run]) -> str:
    """A row a set, a dot a tool: the error (1 - F1) of ours at its default, of a peer at the better of its two."""
    rows: dict[str, dict[str, float]] = {}
    order = list(dict.fromkeys(str(run["peer"]) for run in runs))
    for name, of_set in by_set(runs).items():
        found = {_label(of_set[peer]): _error(of_set[peer]) for peer in order if peer in of_set}
        there = {peer: error for peer, error in found.items() if error is not None}
        if there:
            rows[name] = there
    if not rows:
        return ""
    return dots(
        rows, title="Error by set: further left is better", x="1 - F1", x_axis=Axis(_LEAST_ERROR, 1.0, log=True)
    )


def scale_plot(runs: Sequence[Run], what: str, *, title: str, y: str) -> str:
    """A line a tool over the sizes of one kind of rows, both axes logarithmic."""
    series = [
        Series(name if family == _FAMILIES[0] else f"{name}, {family.strip('_')}", points)
        for family in _FAMILIES
        for name in dict.fromkeys(str(run["peer"]) for run in runs)
        if len(points := _points(runs, family, name, what)) > 0
    ]
    if not any(len(one.points) > 1 for one in series):
        return ""
    axes = [Axis.around([point[side] for one in series for point in one.points], log=True) for side in (0, 1)]
    return lines(series, title=title, x="rows", y=y, x_axis=axes[0], y_axis=axes[1])


def reliability_plot(runs: Iterable[Run], *, peer: str = OURS) -> str:
    """The mean probability of each bin of equal mass against the share that was true, a line a set."""
    series = []
    for run in runs:
        bins = run.get("reliability")
        if run["peer"] == peer and isinstance(bins, list) and bins:
            series.append(Series(str(run["set"]), tuple((float(said), float(true)) for said, true, _ in bins)))
    if not series:
        return ""
    diagonal = Series("exactly right", ((0.0, 0.0), (1.0, 1.0)), reference=True)
    whole = Axis(0.0, 1.0)
    title = f"{peer}: what was said and what was true"
    return lines([diagonal, *series], title=title, x="probability", y="share true", x_axis=whole, y_axis=whole)


def _label(run: Run) -> str:
    return f"{run['peer']} (L)" if run.get("labels") else str(run["peer"])


def _error(run: Run) -> float | None:
    figures = [figure(run, "own_f1")] + ([figure(run, "best_f1")] if run["peer"] != OURS else [])
    there = [value for value in figures if value is not None]
    return max(1 - max(there), _LEAST_ERROR) if there else None


def _points(runs: Sequence[Run], family: str, peer: str, what: str) -> tuple[tuple[float, float], ...]:
    found = [
        (rows, value)
        for run in runs
        if run["peer"] == peer and str(run["set"]).startswith(family) and "error" not in run
        if (rows := figure(run, "rows")) is not None and (value := figure(run, what)) is not None
    ]
    return tuple(sorted(found))
