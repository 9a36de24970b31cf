"""The runs as Markdown: a table a set, the error cut, ratios, stages, what did not run, and what ran where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.peers.comparing import OURS, Run, by_set, cuts, figure, geometric_mean, ratio

__all__ = ["page_text", "runs_text"]

_COLUMNS = {
    "F1": ("own_f1", ".4f"),
    "F1 pairs, default": ("default_f1", ".4f"),
    "F1 pairs, best": ("best_f1", ".4f"),
    "B3 F1": ("bcubed_f1", ".4f"),
    "compl.": ("pair_completeness", ".4f"),
    "ECE": ("calibration_error", ".4f"),
    "log loss": ("log_loss", ".4f"),
    "candidates": ("candidates", ",.0f"),
    "wall s": ("wall_s", ".1f"),
    "CPU s": ("cpu_s", ".1f"),
    "MB": ("peak_mb", ",.0f"),
}

_TAKEN = ("wall s", "CPU s", "MB")
_MANY_ROWS = 10_000


def runs_text(runs: Sequence[Run], setting: str) -> str:
    """Everything that is said of the runs, as Markdown."""
    parts = [
        setting.strip(),
        _versions(runs),
        _accuracy(runs),
        _error_cut(runs),
        *map(_set_table, by_set(runs).items()),
    ]
    return "\n\n".join(filter(None, [*parts, _ratios(runs), _stages(runs), _faults(runs)])) + "\n"


def page_text(runs: Sequence[Run], setting: str, plots: Mapping[str, str]) -> str:
    """What a page of the documentation shows of the runs: plots by name with what they show, and the short tables."""
    drawn = [f"![{what}]({name})" for name, what in plots.items()]
    parts = [*drawn, _accuracy(runs), _error_cut(runs), _sizes(runs), _faults(runs, notes=False)]
    what = "Measured on "
    return "\n\n".join(filter(None, [f"{what}{setting.strip()}.", _versions(runs), *parts])) + "\n"


def _sizes(runs: Sequence[Run]) -> str:
    """Seconds and megabytes of each tool on the sets that have 10,000 rows and more."""
    rows = [
        [f"{figure(run, 'rows'):,.0f}", str(run["set"]), _named(run), *(_cell(run, *_COLUMNS[key]) for key in _TAKEN)]
        for run in runs
        if "error" not in run and (figure(run, "rows") or 0) >= _MANY_ROWS
    ]
    return "### Time and memory\n\n" + _markdown(["rows", "set", "tool", *_TAKEN], rows) if rows else ""


def _versions(runs: Sequence[Run]) -> str:
    found: dict[str, str] = {}
    for run in runs:
        versions = run.get("versions")
        if isinstance(versions, Mapping):
            found[str(run["peer"])] = ", ".join(f"{name} {version}" for name, version in versions.items())
    return "\n".join(f"- {peer}: {text}" for peer, text in found.items())


def _accuracy(runs: Sequence[Run]) -> str:
    """A row a set, a column a tool: F1 of its own clusters at its default, then at the best threshold."""
    peers = list(dict.fromkeys(str(run["peer"]) for run in runs))
    labelled = {str(run["peer"]) for run in runs if run.get("labels")}
    head = ["set", *(f"{peer} (L)" if peer in labelled else peer for peer in peers)]
    rows = [
        [name, *(_pair(of_set.get(peer)) for peer in peers)] for name, of_set in by_set(runs).items() if _scored(of_set)
    ]
    title = (
        "### F1 by set\nOf the tool's own clusters or links / of pairs at the best threshold, picked on the answers."
    )
    return f"{title} (L): was given labels.\n\n{_markdown(head, rows)}" if rows else ""


def _pair(run: Run | None) -> str:
    if run is None:
        return ""
    if "error" in run:
        return "-"
    return f"{_cell(run, 'own_f1', '.3f')} / {_cell(run, 'best_f1', '.3f')}"


def _scored(of_set: Mapping[str, Run]) -> bool:
    return any(figure(run, "own_f1") is not None for run in of_set.values())


def _error_cut(runs: Sequence[Run]) -> str:
    found = cuts(runs)
    if not found:
        return ""
    rows = [[cut.set, f"{cut.ours:.4f}", cut.peer, f"{cut.theirs:.4f}", f"{cut.error_ratio:.2f}"] for cut in found]
    mean = geometric_mean([cut.error_ratio for cut in found])
    rows.append(["error cut", "", "", "geometric mean", f"{mean:.2f}"])
    head = ["set", "ours, default", "best peer without labels", "its best F1", "our error / its error"]
    title = "### Error against the best peer without labels"
    how = "The peer's F1 is the better of its clusters' and the best threshold's; sets of 500 records and more."
    return f"{title}\n{how}\n\n{_markdown(head, rows)}"


def _set_table(item: tuple[str, Mapping[str, Run]]) -> str:
    name, of_set = item
    done = [run for run in of_set.values() if "error" not in run]
    if not done:
        return ""
    size = next((f", {figure(run, 'records'):,.0f} records" for run in done if figure(run, "records")), "")
    ordered = [run for run in done if not run.get("labels")] + [run for run in done if run.get("labels")]
    rows = [[_named(run), *(_cell(run, key, form) for key, form in _COLUMNS.values())] for run in ordered]
    return f"### {name}\n{done[0].get('task', '')}{size}\n\n{_markdown(['tool', *_COLUMNS], rows)}"


def _named(run: Run) -> str:
    labels = figure(run, "labels")
    return f"{run['peer']} (L, {labels:.0f})" if labels else str(run["peer"])


def _ratios(runs: Sequence[Run]) -> str:
    rows = []
    for name, of_set in by_set(runs).items():
        for peer, run in of_set.items():
            wall, memory = ratio(of_set.get(OURS), run, "wall_s"), ratio(of_set.get(OURS), run, "peak_mb")
            if peer != OURS and wall is not None and memory is not None:
                rows.append([name, peer, f"{wall:.2f}", f"{memory:.2f}"])
    head = ["set", "peer", "wall", "memory"]
    return f"### Ours over theirs\nBelow 1 is less.\n\n{_markdown(head, rows)}" if rows else ""


def _stages(runs: Sequence[Run]) -> str:
    """Every stage of our own runs, and of Splink's on the same set: seconds of wall and of processor, peak memory."""
    rows = []
    for run in runs:
        stages = run.get("stages")
        if isinstance(stages, Sequence) and run["peer"] in {OURS, "splink"}:
            rows += [
                [
                    str(run["set"]),
                    str(run["peer"]),
                    str(one["name"]),
                    f"{one['wall_s']:.2f}",
                    f"{one['cpu_s']:.2f}",
                    f"{one['peak_mb']:,.0f}",
                ]
                for one in stages
            ]
    head = ["set", "tool", "stage", "wall s", "CPU s", "MB"]
    return (
        f"### Stages\n*start* is the interpreter and what is imported first.\n\n{_markdown(head, rows)}" if rows else ""
    )


def _faults(runs: Sequence[Run], *, notes: bool = True) -> str:
    rows = [[str(run["set"]), str(run["peer"]), str(run["error"])] for run in runs if "error" in run]
    said = [[str(run["set"]), str(run["peer"]), str(run["note"])] for run in runs if run.get("note")]
    parts = []
    if rows:
        parts.append("### What gave no answer\n\n" + _markdown(["set", "tool", "why"], rows))
    if notes and said:
        parts.append("### Notes\n\n" + _markdown(["set", "tool", "note"], said))
    return "\n\n".join(parts)


def _cell(run: Run, key: str, form: str) -> str:
    value = figure(run, key)
    return "" if value is None else format(value, form)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    plain = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(head, *plain, strict=True)]

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, plain)])
