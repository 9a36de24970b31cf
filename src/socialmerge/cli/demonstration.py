"""The demonstration: six made-up exports attached to a made-up CRM, and which three answers to explain."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import socialmerge as sm
from socialmerge import sample
from socialmerge.cli import runs, show

__all__ = ["run"]


def run(folder: Path, *, progress: runs.Progress) -> tuple[show.Summary, list[str]]:
    """Attach the sample's exports to its customers, write the run's files into a folder, and return what to print."""
    customers, exports = runs.remember(sample.customers()), sample.exports()
    asked = runs.Run("attach", customers, tuple(map(runs.remember, exports.values())))
    result = runs.attach(asked, plan=None, progress=progress)
    written = runs.save(folder, asked, result.plan, runs.attach_outputs(result, None, runs.Wanted()))
    people = runs.dedupe(runs.Run("dedupe", customers), plan=None, progress=progress)
    summary = show.Summary(
        title=f"Profiles of {len(exports)} channels, and a CRM of {people.clusters.num_rows:,} rows",
        figures=(
            *show.attach_summary(result).figures,
            *show.dedupe_summary(people).figures,
        ),
        warnings=result.warnings,
        examples=_examples(result),
        channels=tuple(result.channels.to_pylist()),
    )
    return summary, written


def _examples(result: sm.AttachResult) -> tuple[tuple[str, sm.Explanation], ...]:
    """Explain the surest attachment, the least sure one, and the profile that fits two customers most evenly."""
    attached = pc.field("verdict") == "attach"
    namesake = (pc.field("verdict") == "review") & pc.field("runner_up_id").is_valid()
    wanted = (
        ("Attached, on much evidence", attached, ("weight", "descending")),
        ("Attached, on just enough", attached, ("probability", "ascending")),
        ("A namesake: for a person to review", namesake, ("runner_up_probability", "descending")),
    )
    chosen = ((title, result.decisions.filter(rule), by) for title, rule, by in wanted)
    return tuple((title, result.explain(_first(rows, by))) for title, rows, by in chosen if rows.num_rows)


def _first(rows: pa.Table, by: tuple[str, str]) -> str:
    found: str = rows.sort_by([by, ("profile_id", "ascending")])["profile_id"][0].as_py()
    return found
