"""The part of a report on an attach run: what was decided, why, and some answers explained."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.api.channelled import NO_CHANNEL
from socialmerge.matching.explain import Explanation
from socialmerge.report import plots
from socialmerge.report.blocks import (
    Action,
    Bar,
    Block,
    Example,
    Figure,
    Figures,
    Grid,
    Key,
    Note,
    Plot,
    Section,
    heads,
)
from socialmerge.report.masking import Masking
from socialmerge.report.parts.columns import How, grid, shown
from socialmerge.report.parts.questions import Asking, questions
from socialmerge.report.waterfalls import example
from socialmerge.report.wording import count, percent, sentence

__all__ = ["Attached", "actions", "section"]

_TOP = 12
_DRAWN = 8
_VERDICTS = (
    ("attach", "Attached to a customer", "s3"),
    ("review", "For a person to review", "s2"),
    ("new", "New: nobody in the table", "s5"),
)
_CHANNEL = (
    *shown(How.WORDS, channel="channel"),
    *shown(How.COUNT, profiles="profiles", attached="attached", review="to review", new="new"),
)
_BINS = (
    (0.0, 0.5, "under 50\xa0%"),
    (0.5, 0.9, "50–90\xa0%"),
    (0.9, 0.99, "90–99\xa0%"),
    (0.99, 0.999, "99–99.9\xa0%"),
    (0.999, 1.1, "over 99.9\xa0%"),
)
_DEDUPE_FIRST = "dedupe first"
_LEAD = (
    "Each profile is a person who gave you something on a social channel. For each of them the program asks one "
    "question: which customer is this, if any? It answers on its own only where it is as good as certain."
)
_TWICE = "Neither row can be chosen over the other, so these wait until the two are one."
_ASK = (
    "“socialmerge suggest” writes a table of the pairs whose answers would mend most. Every answer holds from then on, "
    "and the program learns from it."
)
_ASK_STORE = (
    "“socialmerge suggest --store” writes a table of the pairs whose answers would mend most, and “socialmerge decide "
    "--decisions” records what you filled in. Every answer holds from then on."
)
_LOAD = "The run's file “changes” says what each record may now say, and nothing in it makes a new customer."
_LOAD_STORE = (
    "“socialmerge preview” says what each record may now say, and “apply” writes it for other programs to read."
)
_HOW_LIKELY = (
    "Profiles that have a candidate, attached or to review. Most of a healthy run is at the right; what is in between "
    "is what people are asked about."
)


@runtime_checkable
class Attached(Asking, Protocol):
    """What ``attach`` gives, and what a store says of its profiles."""

    @property
    def in_store(self) -> bool:
        """Whether it is kept in a store, or in the folder of a run."""

    @property
    def decisions(self) -> pa.Table:
        """One row a profile."""

    @property
    def channels(self) -> pa.Table:
        """What became of each channel."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the answers."""

    def explain(self, profile_id: str, /) -> Explanation:
        """Why a profile was decided so."""


def section(result: Attached, masking: Masking, *, id: str) -> Section:
    """What became of the profiles."""
    decisions = result.decisions
    return Section(
        id,
        "Profiles and customers",
        _LEAD,
        (
            _figures(decisions),
            *([_verdicts(decisions, id), _probabilities(decisions, id)] if decisions.num_rows else []),
            *_channels(result.channels, masking, id),
            *_reasons(decisions, masking),
            *questions(result, masking, sides=("profile", "customer")),
            *_examples(result, masking),
            *(Note(sentence(masking.text(warning)), "care") for warning in result.warnings),
        ),
    )


def actions(result: Attached) -> list[Action]:
    """What to do after this run."""
    counts, found = _counts(result.decisions["verdict"]), []
    twice = sum(number for reason, number in _counts(result.decisions["reason"]).items() if _DEDUPE_FIRST in reason)
    if twice:
        why = f"{count(twice, 'profile')} fit two customer rows that look like the same person. {_TWICE}"
        found.append(Action("duplicates", 20, "Merge the duplicates among your customers", why, "hours"))
    if counts.get("review"):
        how = _ASK_STORE if result.in_store else _ASK
        why = f"{count(counts['review'], 'profile')} wait for a person. {how}"
        found.append(Action("questions", 30, "Answer the open questions, the most useful first", why, "minutes"))
    if counts.get("attach"):
        how = _LOAD_STORE if result.in_store else _LOAD
        why = f"{count(counts['attach'], 'profile')} belong to customers you have. {how}"
        found.append(Action("load", 50, "Load the changes back into your CRM", why, "minutes"))
    return found


def _figures(decisions: pa.Table) -> Figures:
    counts, whole = _counts(decisions["verdict"]), max(decisions.num_rows, 1)
    verified = _counts(decisions.filter(pc.field("verdict") == "attach")["assurance"]).get("verified", 0)
    attached, review, new = (counts.get(verdict, 0) for verdict, *_ in _VERDICTS)
    share = f"{percent(attached / whole)}; {count(verified)} on verified evidence"
    return Figures(
        (
            Figure(count(attached), "profiles attached", share),
            Figure(count(review), "profiles to review", percent(review / whole)),
            Figure(count(new), "profiles kept as new", percent(new / whole)),
            Figure(count(decisions.num_rows), "profiles"),
        )
    )


def _verdicts(decisions: pa.Table, id: str) -> Plot:
    counts, whole = _counts(decisions["verdict"]), max(decisions.num_rows, 1)
    found = [(label, counts.get(verdict, 0), colour) for verdict, label, colour in _VERDICTS]
    title = "What became of the profiles"
    desc = "; ".join(f"{label}: {number:,}" for label, number, _ in found)
    bars = [
        plots.Row(label, tuple(number if k == n else 0.0 for k in range(3)), f"{number:,}")
        for n, (label, number, _) in enumerate(found)
    ]
    svg = plots.rows(
        bars, name=f"{id}-verdicts", title=title, desc=desc, whole=whole, colours=[colour for *_, colour in found]
    )
    grid = Grid(
        title,
        heads("verdict", numbers=("profiles", "share")),
        tuple((label, count(number), percent(number / whole)) for label, number, _ in found),
    )
    return Plot(title, svg, grid)


def _channels(found: pa.Table, masking: Masking, id: str) -> list[Block]:
    """What became of each channel; of a plain table, which is of none, there is nothing to tell."""
    if all(name == NO_CHANNEL for name in found["channel"].to_pylist()):
        return []
    title, rows = "What became of each channel", found.slice(0, _DRAWN).to_pylist()
    names = [masking.text(row["channel"]) for row in rows]
    parts = [tuple(float(row[one]) for one in ("attached", "review", "new")) for row in rows]
    bars = [plots.Row(name, part, count(sum(part))) for name, part in zip(names, parts, strict=True)]
    shares = [f"{attached:,.0f} attached, {review:,.0f} to review, {new:,.0f} new" for attached, review, new in parts]
    desc = "; ".join(f"{name}: {said}" for name, said in zip(names, shares, strict=True))
    colours = [colour for *_, colour in _VERDICTS]
    svg = plots.rows(bars, name=f"{id}-by-channel", title=title, desc=desc, whole=max(map(sum, parts)), colours=colours)
    numbers = grid(found, title, _CHANNEL, masking, top=_TOP, what="channel")
    return [Plot(title, svg, numbers, tuple(Key(label, colour) for _, label, colour in _VERDICTS))]


def _probabilities(decisions: pa.Table, id: str) -> Plot:
    named = decisions.filter(pc.is_valid(decisions["customer_id"]))
    values = named["probability"].to_numpy()
    attached = pc.equal(named["verdict"], "attach").to_numpy()
    title = "How likely the best candidate is"
    inside = [(values >= low) & (values < high) for low, high, _ in _BINS]
    parts = [(float((bin_ & attached).sum()), float((bin_ & ~attached).sum())) for bin_ in inside]
    names = [name for *_, name in _BINS]
    rows = tuple((name, count(sum(part)), count(part[0])) for name, part in zip(names, parts, strict=True))
    desc = "; ".join(f"{name}: {number}, of which {took} attached" for name, number, took in rows)
    across = [name.replace("\xa0%", "%") for name in names]
    svg = plots.histogram(parts, name=f"{id}-chances", title=title, desc=desc, across=across, colours=("s3", "s2"))
    columns = heads("probability", numbers=("profiles", "of which attached"))
    legend = (Key("attached", "s3"), Key("to review", "s2"))
    return Plot(title, svg, Grid(title, columns, rows), legend, note=_HOW_LIKELY)


def _reasons(decisions: pa.Table, masking: Masking) -> list[Block]:
    found = decisions.group_by(["verdict", "reason"]).aggregate([("profile_id", "count")]).to_pylist()
    ranked = sorted(found, key=lambda row: (-row["profile_id_count"], row["verdict"], row["reason"] or ""))
    if not ranked:
        return []
    most = ranked[0]["profile_id_count"]
    rows = tuple(
        (
            masking.text(row["reason"] or "–"),
            _short(row["verdict"]),
            Bar(count(row["profile_id_count"]), row["profile_id_count"] / most),
        )
        for row in ranked[:_TOP]
    )
    rest = ranked[_TOP:]
    others = count(sum(row["profile_id_count"] for row in rest), "profile")
    left = f"{count(len(rest), 'further reason')}, of {others}, not shown." if rest else ""
    columns = heads("reason", "verdict", numbers=("profiles",))
    return [Grid("Why: the reasons by how often they decided", columns, rows, left)]


def _examples(result: Attached, masking: Masking) -> list[Example]:
    """The surest attachment, the least sure one, the most even namesakes, and the likeliest of those kept as new."""
    attached, review, new = (pc.field("verdict") == verdict for verdict in ("attach", "review", "new"))
    wanted = (
        ("Attached, on much evidence", attached, ("weight", "descending")),
        ("Attached, on just enough", attached, ("probability", "ascending")),
        (
            "A namesake: for a person to review",
            review & pc.field("runner_up_id").is_valid(),
            ("runner_up_probability", "descending"),
        ),
        ("Close, and yet kept as new", new, ("probability", "descending")),
    )
    found, seen = [], set[str]()
    for title, rule, by in wanted:
        rows = result.decisions.filter(rule).sort_by([by, ("profile_id", "ascending")])
        ids = [one for one in rows["profile_id"].slice(0, len(wanted)).to_pylist() if one not in seen]
        if ids:
            seen.add(ids[0])
            found.append(example(title, result.explain(ids[0]), masking, what=("profile", "customer")))
    return found


def _short(verdict: str) -> str:
    return {"attach": "attached", "review": "to review", "new": "new"}.get(verdict, verdict)


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}
