"""``to_html``: results as one page that can be read without the program, and handed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from socialmerge import tables
from socialmerge.api import DedupeResult
from socialmerge.errors import ReportError
from socialmerge.foundation import Audit
from socialmerge.outcomes import Evaluation, Metrics
from socialmerge.report import drawing, glossary, rendering
from socialmerge.report.blocks import Action, Block, Figure, Figures, Page, Section
from socialmerge.report.masking import Masking
from socialmerge.report.parts import attaching, audit, deduping, metrics, quality

__all__ = ["Reportable", "ready", "to_html"]


@runtime_checkable
class Holding(Protocol):
    """A resolver, as far as a page is made of it: what holds now is its result."""

    def result(self) -> attaching.Attached:
        """What holds now."""


Reportable: TypeAlias = attaching.Attached | DedupeResult | Evaluation | Audit | Metrics | Holding
_MOST_ACTIONS = 9
_HEADLINES = {"attach": 2}
"""How many of a part's first figures stand at the top, where there is more than one part: one, but for these."""


def to_html(
    what: Reportable | Sequence[Reportable],
    path: str | Path,
    *,
    masked: bool = True,
    title: str = "Customers and profiles",
    now: datetime | None = None,
) -> None:
    """Write results as one HTML file that needs nothing else: no network, no script, no other file.

    Args:
        what: an audit, what ``attach``, ``dedupe`` or ``Resolver.result`` gave, a resolver (what holds now), an
            evaluation, metrics, or several of them; the page has a part for each, the audit first.
        path: the file to write. It is written whole or not at all, and takes the place of no file but a page.
        masked: show names, addresses, numbers and handles masked, such as ``A••• L•••``. Ids of rows are shown, but for
            those that are made of a handle or an address.
        title: the heading of the page.
        now: when the report was made, to be printed on it. The same results give the same bytes, so that nothing is
            printed where it is left out.

    Raises:
        ReportError: there is nothing to report, or something that no part of a report is about.
        MissingExtraError: the extra ``report`` is not installed.
        TableError: the file cannot be written, or another one would be lost.

    >>> import tempfile
    >>> import pyarrow as pa
    >>> from socialmerge import dedupe
    >>> people = dedupe(pa.table({"id": ["1", "2"], "name": ["Ada Lovelace", "Ada Lovelace"]}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to_html(people, Path(folder) / "people.html")
    ...     (Path(folder) / "people.html").read_text(encoding="utf-8")[:15]
    '<!DOCTYPE html>'
    """
    given = list(what) if isinstance(what, Sequence) else [what]
    found = [one.result() if isinstance(one, Holding) else one for one in given]
    made = now.date().isoformat() if now else ""
    tables.write_text(rendering.html(_page(found, Masking(on=masked), title, made)), path, kind="html")


def ready() -> None:
    """See that what a report is made with is installed, before the work whose result it shows.

    Raises:
        MissingExtraError: the extra ``report`` is not installed.
    """
    rendering.ready()
    drawing.ready()


@dataclass(frozen=True, slots=True)
class _Part:
    """How one kind of result is shown: its place on the page, its id there, and what becomes of it."""

    order: int
    name: str
    section: Callable[[str], Section]
    actions: Callable[[], list[Action]]


def _page(found: Sequence[Reportable], masking: Masking, title: str, made: str) -> Page:
    if not found:
        wanted = "give an audit, a result of attach, dedupe or a store, an evaluation or metrics"
        raise ReportError(f"there is nothing to report; {wanted}")
    parts = sorted((_part(one, masking) for one in found), key=lambda part: part.order)
    sections = tuple(part.section(_id(part, parts[:place], parts)) for place, part in enumerate(parts))
    actions = sorted((action for part in parts for action in part.actions()), key=lambda action: action.order)
    headline = _headline(found, sections, masking)
    return Page(title, made, version("socialmerge"), masking.on, headline, _once(actions), sections, glossary.WORDS)


def _id(part: _Part, before: Sequence[_Part], parts: Sequence[_Part]) -> str:
    """The name of a part, with a number where there are several of its kind."""
    earlier, all_ = (sum(one.name == part.name for one in some) for some in (before, parts))
    return part.name if all_ == 1 else f"{part.name}-{earlier + 1}"


def _part(one: object, masking: Masking) -> _Part:
    if isinstance(one, attaching.Attached):
        return _Part(3, "attach", lambda name: attaching.section(one, masking, id=name), lambda: attaching.actions(one))
    if isinstance(one, DedupeResult):
        return _Part(2, "dedupe", lambda name: deduping.section(one, masking, id=name), lambda: deduping.actions(one))
    if isinstance(one, Evaluation):
        return _Part(4, "quality", lambda name: quality.section(one, id=name), lambda: quality.actions(one))
    if isinstance(one, Audit):
        return _Part(
            1, "foundation", lambda name: audit.section(one, masking, id=name), lambda: audit.actions(one, masking)
        )
    if isinstance(one, Metrics):
        return _Part(5, "channels", lambda name: metrics.section(one, masking, id=name), lambda: metrics.actions(one))
    known = "an audit, a result of attach, dedupe or a store, an evaluation or metrics"
    raise ReportError(f"a report is of {known}, and not of {type(one).__name__}")


def _headline(found: Sequence[Reportable], sections: Sequence[Section], masking: Masking) -> tuple[Block, ...]:
    """The verdict on the table, and the first figures of each part."""
    verdicts = [audit.verdict(one, masking) for one in found if isinstance(one, Audit)]
    figures: list[Figure] = []
    for section in sections:
        own = next((block for block in section.blocks if isinstance(block, Figures)), None)
        most = len(own.figures) if own and len(sections) == 1 else _HEADLINES.get(section.id, 1)
        figures += own.figures[:most] if own else ()
    return (*verdicts, *([Figures(tuple(dict.fromkeys(figures)))] if figures else []))


def _once(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Each thing to do once, however many parts ask for it."""
    first = {action.topic: action for action in reversed(actions)}
    return tuple(action for action in actions if first[action.topic] is action)[:_MOST_ACTIONS]
