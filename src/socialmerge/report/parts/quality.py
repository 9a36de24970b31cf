"""The part of a report on an evaluation: how good the answers are, and whether the probabilities mean what they say."""

from __future__ import annotations

from socialmerge.outcomes import Evaluation
from socialmerge.report import plots
from socialmerge.report.blocks import Action, Block, Figure, Figures, Grid, Note, Plot, Section, heads
from socialmerge.report.wording import count, percent

__all__ = ["actions", "section"]

_GOOD_ERROR = 0.02
_POOR_ERROR = 0.05
_PROMISED = 0.995
_LEAD = "This is the only way to know; everything else in the report is what the program believes."
_LOOK = "Explain some of the wrong ones: what misled the program is often one column."
_TEACH = "Answers to the questions that “socialmerge suggest” asks bring them closer to what is true of your data."
_READ = (
    "Each dot is a group of pairs, a greater dot one of more pairs. On the dashed line, what was said is what was "
    "found; below it the program was too sure, above it too careful."
)


def section(found: Evaluation, *, id: str) -> Section:
    """How good a result is, against known answers."""
    return Section(
        id,
        "How good the answers are",
        f"Compared with the true answers that you gave, over {count(found.records, 'record')}. {_LEAD}",
        (
            _figures(found),
            *_interval(found),
            *([_plot(found, id)] if found.reliability else []),
            _said_of_error(found),
        ),
    )


def actions(found: Evaluation) -> list[Action]:
    """What to do about it."""
    wanted = []
    if found.precision < _PROMISED:
        why = f"{percent(found.precision)} of the answers are right; {percent(_PROMISED)} is to be expected. {_LOOK}"
        wanted.append(Action("wrong", 25, "Look at the answers that are wrong", why, "hours"))
    if found.calibration_error > _POOR_ERROR:
        why = f"The probabilities are off by {percent(found.calibration_error)} on average. {_TEACH}"
        wanted.append(Action("teach", 35, "Teach the program with decisions", why, "hours"))
    return wanted


def _figures(found: Evaluation) -> Figures:
    figures = [
        Figure(percent(found.precision), "precision", "of what was joined, this share is right"),
        Figure(percent(found.recall), "recall", "of what belongs together, this share was found"),
        Figure(f"{found.f1:.3f}", "F1", "both in one number; 1 is perfect"),
    ]
    if found.attaching:
        figures.append(
            Figure(
                percent(found.attaching.duplicates_created),
                "duplicates created",
                "customers whose profile was called new",
            )
        )
    return Figures(tuple(figures))


def _interval(found: Evaluation) -> list[Block]:
    own = found.attaching
    if own is None or own.attached == 0:
        return []
    known = f"From {count(own.attached, 'attached profile')} the true precision is between {percent(own.precision_low)}"
    answered = f"If people answer every review rightly, recall becomes {percent(own.recall_with_review)}."
    return [Note(f"{known} and {percent(own.precision_high)} (95 % confidence). {answered}")]


def _plot(found: Evaluation, id: str) -> Plot:
    title = "Do the probabilities mean what they say?"
    desc = "; ".join(
        f"said {said:.0%}, right {right:.0%} of {pairs:,} pairs" for said, right, pairs in found.reliability
    )
    svg = plots.calibration(found.reliability, name=f"{id}-calibration", title=title, desc=desc)
    columns = heads("the program said", numbers=("it was right", "pairs"))
    rows = tuple((percent(said), percent(right), count(pairs)) for said, right, pairs in found.reliability)
    return Plot(
        title,
        svg,
        Grid(title, columns, rows),
        note=_READ,
    )


def _said_of_error(found: Evaluation) -> Note:
    error = percent(found.calibration_error)
    if found.calibration_error <= _GOOD_ERROR:
        return Note(f"The probabilities are off by {error} on average: they can be taken at their word.", "good")
    said, tone = ("good enough to rank by, a little off to count with", "care")
    if found.calibration_error > _POOR_ERROR:
        said, tone = ("rank by them, and do not count with them", "bad")
    return Note(f"The probabilities are off by {error} on average: {said}.", tone)
