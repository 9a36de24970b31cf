"""The part of a report on an audit: whether the customer table can carry social data, and what to mend first."""

from __future__ import annotations

from socialmerge.foundation import Audit, Finding
from socialmerge.report import plots
from socialmerge.report.blocks import (
    Action,
    Block,
    Fault,
    Figure,
    Figures,
    Findings,
    Grid,
    Key,
    Note,
    Plot,
    Section,
    Verdict,
    heads,
)
from socialmerge.report.masking import Masking
from socialmerge.report.parts.columns import How, grid, shown
from socialmerge.report.wording import count, listed, percent, sentence

__all__ = ["actions", "section", "verdict"]

_FINDINGS = 12
_TOP = 15
_MOST_FIELDS = 40
_DRAWN = 14
_ACTIONS = 3
_IDS = 5
_TONES = {"ready": "good", "ready with care": "care", "not ready": "bad"}
_SAYS = {
    "ready": "The customer table can carry social data: go on to attach.",
    "ready with care": "The customer table can carry social data, with these faults in mind. Mend the first of them.",
    "not ready": "Mend the customer table first: as it is, social data would make more confusion than sense.",
}
_LEAD = "A table full of duplicates and holes makes every later answer ambiguous, so this comes first."
_FIELDS = (
    *shown(How.WORDS, column="column", field="taken for"),
    *shown(How.COUNT, filled="filled", valid="valid", empty="empty", junk="nonsense", placeholder="a placeholder"),
    *shown(How.COUNT, malformed="malformed", implausible="implausible", role="a role, not a person"),
    *shown(How.COUNT, distinct="different values"),
)
_ROWS = shown(How.COUNT, rows="rows")
_SHARES = shown(How.SHARE, filled="filled", duplicates="duplicates", findings="with a finding")
_TABLES = {
    "worst": (
        "The groups of rows to look at first: the largest, and the least sure",
        (*shown(How.IDS, ids="ids of the rows"), *_ROWS, *shown(How.SHARE, probability="how sure")),
        "group",
    ),
    "reach": (
        "By what customers can be recognised",
        (*shown(How.WORDS, by="by"), *_ROWS, *shown(How.SHARE, share="share")),
        "way",
    ),
    "owners": ("By who keeps the records", (*shown(How.PERSONAL, owner="owner"), *_ROWS, *_SHARES), "owner"),
    "loop": (
        "Leads without an outcome, and won deals without a contact",
        (*shown(How.WORDS, what="what", age="age"), *_ROWS),
        "row",
    ),
}
"""The tables of an audit: what each shows, its columns, and what a row is."""
_AREAS = {
    "uniqueness": "Duplicates",
    "completeness": "Missing values",
    "validity": "Invalid values",
    "consistency": "Values that contradict each other",
    "freshness": "Old values",
    "generic": "Values that belong to nobody",
    "ownership": "Who keeps the records",
    "loop": "Leads and deals left open",
    "reach": "Who can be recognised",
}
_TITLES = {"won_without_contact": "Buyers without a contact"}
"""Titles of findings that are not what their area is called."""


def verdict(found: Audit, masking: Masking) -> Verdict:
    """The answer that everything else follows from."""
    word = found.readiness
    return Verdict(
        word.capitalize(),
        _TONES.get(word, "care"),
        _SAYS.get(word, ""),
        tuple(sentence(masking.text(one)) for one in found.reasons),
    )


def section(found: Audit, masking: Masking, *, id: str) -> Section:
    """What the table of customers is like."""
    return Section(
        id,
        "The foundation: your customer table",
        f"Everything rests on the {count(found.rows, 'row')} of your customer table. {_LEAD}",
        (
            _figures(found),
            _findings(found, masking),
            *_fields(found, masking, id),
            *_tables(found, masking),
            *(Note(f"Not looked at: {masking.text(one.what)}: {masking.text(one.why)}") for one in found.skipped),
            *(Note(sentence(masking.text(note))) for note in found.notes),
        ),
    )


def _tables(found: Audit, masking: Masking) -> list[Block]:
    tables = ((getattr(found, name), *how) for name, how in _TABLES.items())
    return [
        grid(table, said, columns, masking, top=_TOP, what=what) for table, said, columns, what in tables if len(table)
    ]


def actions(found: Audit, masking: Masking) -> list[Action]:
    """The findings that pay most."""
    early = 10 if found.readiness == "not ready" else 16
    return [
        Action(
            _topic(one),
            early,
            masking.text(one.do),
            " ".join(said for said in (masking.text(one.says), one.cost_words) if said),
            one.effort,
        )
        for one in list(found.findings)[:_ACTIONS]
        if one.do
    ]


def _topic(one: Finding) -> str:
    """What a finding asks for; a dedupe run may ask for the same."""
    return "duplicates" if one.code == "duplicates" else f"{one.code} {one.field}"


def _figures(found: Audit) -> Figures:
    low, high = found.interval
    share = found.expected_duplicates / max(found.rows, 1)
    return Figures(
        (
            Figure(
                count(round(found.expected_duplicates)),
                "expected duplicates" if found.matched else "duplicates at least",
                (f"between {low:,.0f} and {high:,.0f}; " if found.matched else "") + f"{percent(share)} of the rows",
            ),
            Figure(count(len(found.findings)), "findings"),
            Figure(count(found.rows), "rows"),
        )
    )


def _findings(found: Audit, masking: Masking) -> Block:
    shown = list(found.findings)[:_FINDINGS]
    rest = len(found.findings) - len(shown)
    return Findings(
        tuple(_finding(one, masking) for one in shown),
        f"{count(rest, 'smaller finding')} not shown; the audit itself lists them all." if rest else "",
    )


def _finding(one: Finding, masking: Masking) -> Fault:
    ids = [masking.id(row) for row in list(one.examples)[:_IDS]]
    area = _TITLES.get(one.code) or _AREAS.get(one.area, one.area)
    return Fault(
        title=f"{area}: {one.field}" if one.field else area,
        area=one.area,
        size=f"{count(one.rows, 'row')}, {percent(one.share)}",
        says=masking.text(one.says),
        do=masking.text(one.do),
        effort=one.effort,
        cost=one.cost_words,
        examples=f"Such as {listed(ids)}." if ids else "",
    )


def _fields(found: Audit, masking: Masking, id: str) -> list[Block]:
    if not len(found.fields) or not found.rows:
        return []
    caption = "Every field: how many rows are filled, and what is wrong with the others"
    return [_plot(found, id), grid(found.fields, caption, _FIELDS, masking, top=_MOST_FIELDS, what="field")]


def _plot(found: Audit, id: str) -> Plot:
    """How much of each field is filled and valid, the fullest first."""
    title, whole = "How complete each field is", float(found.rows)
    rows = found.fields.to_pylist()
    fields = [(str(row["column"] or row["field"]), int(row["filled"]), int(row["valid"])) for row in rows]
    drawn = sorted(fields, key=lambda field: (-field[2], field[0]))[:_DRAWN]
    bars = [plots.Row(name, (valid, filled - valid), percent(valid / whole)) for name, filled, valid in drawn]
    cells = tuple((name, percent(filled / whole), percent(valid / whole)) for name, filled, valid in drawn)
    desc = "; ".join(f"{name}: {filled} filled, {valid} valid" for name, filled, valid in cells)
    svg = plots.rows(bars, name=f"{id}-fields", title=title, desc=desc, whole=whole, colours=("s3", "s2"))
    columns = heads("field", numbers=("filled", "valid"))
    left = f"The {count(_DRAWN, 'most complete field')}; the next table has the others." if len(fields) > _DRAWN else ""
    legend = (Key("filled and valid", "s3"), Key("filled, and not valid", "s2"))
    return Plot(title, svg, Grid(title, columns, cells, left), legend, note="The number is the share that is valid.")
