"""What blanked cells cost each tool: every set as it is and with a share of its cells emptied, the same for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.changes import blanked, changed
from benchmarks.peers.comparing import OURS, Run, best_peer, by_set, figure
from benchmarks.peers.running import Course, interpreters, rows_of_files, run_all
from benchmarks.report import markdown
from benchmarks.sets import DataSet

__all__ = ["SETS", "Fall", "blanks_text", "falls", "run_blanked"]

SETS = ("restaurant", "fake_1000", "febrl3", "febrl4", "gecko_people_10k")


@dataclass(frozen=True, slots=True)
class Fall:
    """F1 of one tool on one set as it is and blanked: of its clusters, and of its pairs at the best threshold.

    What it has no answer for is ``None``.
    """

    set: str
    tool: str
    labels: bool
    own: tuple[float | None, float | None]
    best: tuple[float | None, float | None]

    @property
    def judged(self) -> float | None:
        """By how much F1 falls: of our clusters; of a peer by the better of its two figures, each time."""
        full, less = (_most(self.own[time], None if self.tool == OURS else self.best[time]) for time in (0, 1))
        return None if full is None or less is None else full - less


def run_blanked(course: Course, sets: Sequence[DataSet], share: float) -> list[Run]:
    """Run every tool on every set and on its blanked copy, which lies beside the other parts."""
    course.work.mkdir(parents=True, exist_ok=True)
    copies = [
        changed(one, course.work / "blanked" / f"{one.name}{_ending(share)}", blanked(share))
        for one in sorted(sets, key=lambda one: (rows_of_files(one), one.name))
    ]
    known = {one.name: one for one in sets}
    both = [each for copy in copies for each in (known[copy.name.removesuffix(_ending(share))], copy)]
    return list(run_all(course, both, interpreters(course)))


def _ending(share: float) -> str:
    return f"_blanked_{share * 100:.0f}"


def falls(runs: Sequence[Run], share: float) -> list[Fall]:
    """The falls of all tools on all sets that were run both ways."""
    of_sets = by_set(runs)
    return [
        Fall(name, tool, bool(run.get("labels")), _both(run, other, "own_f1"), _both(run, other, "best_f1"))
        for name, of_set in of_sets.items()
        if (copies := of_sets.get(name + _ending(share)))
        for tool, run in of_set.items()
        if (other := copies.get(tool))
    ]


def blanks_text(runs: Sequence[Run], share: float, setting: str) -> str:
    """A row a set and tool; then of each set our fall beside that of the peer that was best before."""
    found = falls(runs, share)
    head = ["set", "tool", "F1", "blanked", "fall", "F1 best", "blanked", "fall"]
    rows = [[fall.set, _named(fall), *_cells(fall.own), *_cells(fall.best)] for fall in found]
    parts = [setting.strip(), f"{share:.0%} of the cells emptied.", markdown(head, rows), _verdicts(runs, found)]
    faults = [[str(run["set"]), str(run["peer"]), str(run["error"])] for run in runs if "error" in run]
    parts.append(markdown(["no answer", "tool", "why"], faults) if faults else "")
    return "\n\n".join(filter(None, parts)) + "\n"


def _verdicts(runs: Sequence[Run], found: Sequence[Fall]) -> str:
    rows = []
    for name, of_set in by_set(runs).items():
        best = best_peer(of_set)
        ours, theirs = (_of(found, name, tool) for tool in (OURS, best[0] if best else ""))
        if best and ours is not None and theirs is not None:
            rows.append([name, f"{ours:.4f}", best[0], f"{theirs:.4f}", "yes" if ours <= theirs else "no"])
    head = ["set", "our F1 falls", "best peer without labels", "its F1 falls", "ours falls no more"]
    return markdown(head, rows) if rows else ""


def _of(found: Sequence[Fall], name: str, tool: str) -> float | None:
    return next((fall.judged for fall in found if (fall.set, fall.tool) == (name, tool)), None)


def _both(run: Mapping[str, object], other: Mapping[str, object], key: str) -> tuple[float | None, float | None]:
    return figure(run, key), figure(other, key)


def _most(*values: float | None) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _named(fall: Fall) -> str:
    return f"{fall.tool} (L)" if fall.labels else fall.tool


def _cells(pair: tuple[float | None, float | None]) -> list[str]:
    full, less = pair
    fall = None if full is None or less is None else full - less
    return ["-" if value is None else f"{value:.4f}" for value in (full, less, fall)]
