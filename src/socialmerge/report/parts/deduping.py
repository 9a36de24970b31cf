"""The part of a report on a dedupe run: how many people there are, who has the most rows, and why."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.api import DedupeResult
from socialmerge.report import plots
from socialmerge.report.blocks import Action, Bar, Block, Example, Figure, Figures, Grid, Note, Plot, Section, heads
from socialmerge.report.masking import Masking
from socialmerge.report.parts.questions import questions
from socialmerge.report.waterfalls import example
from socialmerge.report.wording import count, listed, percent, sentence

__all__ = ["actions", "section"]

_TOP = 10
_IDS = 8
_SIZES = 5
_LEAD = (
    "A person who is in the table twice is two customers to everybody who reads it: they get two letters, and neither "
    "row tells the whole story. These are the rows that are one person."
)
_MERGE = (
    "“socialmerge dedupe” writes which rows go into which (“merges”), and what those that stay then say (“changes”)."
)


def section(result: DedupeResult, masking: Masking, *, id: str) -> Section:
    """Which rows are one person."""
    sizes = _sizes(result.clusters)
    repeated: list[Block] = []
    if any(number > 1 for number, _ in sizes):
        repeated = [_plot(sizes, id), _greatest(result.clusters, masking)]
    return Section(
        id,
        "Duplicates among the customers",
        _LEAD,
        (
            _figures(result.clusters),
            *repeated,
            *questions(result, masking, sides=("row", "row")),
            *_examples(result, masking),
            *(Note(sentence(masking.text(warning)), "care") for warning in result.warnings),
        ),
    )


def actions(result: DedupeResult) -> list[Action]:
    """What to do after this run."""
    rows = result.clusters.num_rows
    more = rows - len(pc.unique(result.clusters["entity_id"]))
    if not more:
        return []
    why = f"{count(more, 'row')} of {rows:,} repeat a person who is there already. {_MERGE}"
    return [Action("duplicates", 15, "Merge the duplicate rows", why, "hours")]


def _figures(clusters: pa.Table) -> Figures:
    rows, people = clusters.num_rows, len(pc.unique(clusters["entity_id"]))
    share = f"{percent((rows - people) / max(rows, 1))} of the rows"
    more = Figure(count(rows - people), "rows that repeat a person", share)
    return Figures((more, Figure(count(people), "people"), Figure(count(rows), "rows")))


def _sizes(clusters: pa.Table) -> list[tuple[int, int]]:
    """How many people have how many rows."""
    grouped = clusters.group_by("entity_id").aggregate([("id", "count")])
    found = pc.value_counts(grouped["id_count"]).to_pylist()
    return sorted((entry["values"], entry["counts"]) for entry in found)


def _plot(sizes: list[tuple[int, int]], id: str) -> Plot:
    title = "How many rows a person has"
    shown = [(count(size, "row"), people) for size, people in sizes if size < _SIZES]
    more = sum(people for size, people in sizes if size >= _SIZES)
    shown += [(f"{_SIZES} rows or more", more)] if more else []
    whole = max(people for _, people in shown)
    bars = [plots.Row(label, (float(people),), count(people, "person", "people")) for label, people in shown]
    desc = "; ".join(f"{label}: {people:,}" for label, people in shown)
    svg = plots.rows(bars, name=f"{id}-sizes", title=title, desc=desc, whole=whole)
    grid = Grid(
        title,
        heads("rows a person", numbers=("people",)),
        tuple((label, count(people)) for label, people in shown),
    )
    return Plot(title, svg, grid)


def _greatest(clusters: pa.Table, masking: Masking) -> Grid:
    """The people with the most rows, which are also the ones to look at first."""
    order = clusters.sort_by([("entity_id", "ascending"), ("id", "ascending")])
    grouped = order.group_by("entity_id", use_threads=False).aggregate([("id", "count"), ("probability", "min")])
    ranked = grouped.filter(pc.field("id_count") > 1).sort_by([("id_count", "descending"), ("entity_id", "ascending")])
    rows = []
    for person in ranked.slice(0, _TOP).to_pylist():
        ids = order.filter(pc.field("entity_id") == person["entity_id"])["id"]
        named = [masking.id(one) for one in ids.slice(0, _IDS).to_pylist()]
        others = len(ids) - len(named)
        words = listed(named) if not others else f"{', '.join(named)} and {others:,} more"
        rows.append(
            (words, Bar(count(len(ids)), len(ids) / ranked["id_count"][0].as_py()), percent(person["probability_min"]))
        )
    rest = ranked.num_rows - len(rows)
    more = count(rest, "further person", "further people")
    left = (
        f"{more} with more than one row not shown; “socialmerge dedupe” writes them all (“clusters”)."
        if rest > 0
        else ""
    )
    return Grid(
        "The people with the most rows",
        heads("ids of the rows", numbers=("rows", "the least likely row")),
        tuple(rows),
        left,
    )


def _examples(result: DedupeResult, masking: Masking) -> list[Example]:
    """The surest pair, the least sure one that was taken, and the likeliest that was not."""
    same, apart = (pc.field("verdict") == verdict for verdict in ("same", "different"))
    wanted = (
        ("One person, on much evidence", same, ("weight", "descending")),
        ("One person, on just enough", same, ("probability", "ascending")),
        ("Close, and yet kept apart", apart, ("probability", "descending")),
    )
    found, seen = [], set[tuple[str, str]]()
    for title, rule, by in wanted:
        rows = result.pairs.filter(rule).sort_by([by, ("left_id", "ascending"), ("right_id", "ascending")])
        for row in rows.slice(0, len(wanted)).to_pylist():
            pair = (row["left_id"], row["right_id"])
            if pair not in seen:
                seen.add(pair)
                found.append(example(title, result.explain(*pair), masking, what=("row", "row")))
                break
    return found
