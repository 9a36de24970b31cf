"""``suggest_reviews``: the pairs whose answers would mend most, as a table for a person to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import LabelError
from socialmerge.matching.decisions import ATTACH, NEW, REVIEW, Decisions
from socialmerge.matching.known import Known
from socialmerge.matching.questions import Questions
from socialmerge.matching.reasons import Cause
from socialmerge.records import Field, reviews_schema

__all__ = [
    "ProfileVerdicts",
    "Sides",
    "about_profiles",
    "count_of",
    "review_table",
    "row_labels",
    "said_of_clusters",
    "said_of_profiles",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EXPECTED = 0.25
"""How much later an answer comes that everybody expects: 0 is not at all."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two tables of the pairs that are asked about, with their ids; for duplicates one table twice."""

    left: pa.Table
    left_ids: pa.Array
    right: pa.Table
    right_ids: pa.Array


@dataclass(frozen=True, slots=True)
class ProfileVerdicts:
    """What holds of each profile, all arrays of one length; ``customer`` and ``runner_up`` are rows, -1 for none.

    ``person`` is a label that profiles of one stranger share. ``withdrawn`` says which attachments were likely by
    themselves and wait for a person all the same.
    """

    verdict: npt.NDArray[np.uint8]
    customer: Ints
    probability: Floats
    runner_up: Ints
    runner_up_probability: Floats
    person: Ints
    withdrawn: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, decided: Decisions) -> ProfileVerdicts:
        """What a run decided."""
        waits = (decided.verdict == REVIEW) & ~np.isin(decided.cause, (Cause.UNSURE, Cause.NAMESAKES))
        names = ("verdict", "customer", "probability", "runner_up", "runner_up_probability", "person")
        return cls(**{name: getattr(decided, name) for name in names}, withdrawn=waits)


def about_profiles(found: ProfileVerdicts, asked: Known) -> Questions:
    """Whether a profile is the customer who fits it best, or the next."""
    people = np.bincount(found.person, minlength=len(found.person) + 1)[found.person]
    profiles = np.arange(len(found.person))
    customers = np.concatenate([found.customer, found.runner_up])
    likely = np.concatenate([found.probability, found.runner_up_probability])
    attached = found.verdict == ATTACH
    together = np.concatenate([attached, np.zeros(len(attached), bool)])
    left = np.concatenate([profiles, profiles])
    # an attachment that was withdrawn was likely by itself, but what withdrew it says that nobody knows
    known = np.concatenate(
        [np.where(found.withdrawn, np.minimum(found.probability, 0.5), found.probability), likely[len(profiles) :]]
    )
    wrong = np.clip(np.where(together, 1 - known, known), 0.0, 1.0)
    questions = Questions(
        left,
        customers,
        together,
        likely,
        np.stack([np.concatenate([people, people]), np.ones(len(left), np.int64)]),
        np.stack([found.person[left], customers + int(found.person.max(initial=-1)) + 1]),
        # what is almost certain comes later: an answer that everybody expects teaches nothing
        wrong * (1 - wrong) ** EXPECTED * np.concatenate([people, people]),
    )
    open_ = (customers >= 0) & (asked.verdicts(left, np.maximum(customers, 0)) == 0)
    return questions.take(np.flatnonzero(open_))


def review_table(questions: Questions, reasons: Sequence[str], sides: Sides, fields: Sequence[Field]) -> pa.Table:
    """The table to fill in: ids, an empty verdict, probability and reason, and both rows' values of each field."""
    left, right = pa.array(questions.left), pa.array(questions.right)
    ids = sides.left_ids.take(left), sides.right_ids.take(right)
    fixed = [*ids, pa.nulls(len(left), pa.string()), pa.array(questions.likely), pa.array(list(reasons), pa.string())]
    columns = dict(zip(reviews_schema().names, fixed, strict=True))
    rows = sides.left.take(left), sides.right.take(right)
    for field in fields:
        for side, table, names in (
            ("left", rows[0], field.left_columns or field.columns),
            ("right", rows[1], field.columns),
        ):
            columns[f"{side}.{field.name}"] = _shown(table, names)
    return pa.table(columns)


def said_of_clusters(questions: Questions) -> list[str]:
    """What the other answer would change in clusters, in plain words."""
    one, other = questions.sizes.tolist()
    return [
        f"would make one person of {a + b} rows two, of {a} and {b}" if now else f"would join {a} and {b} rows"
        for now, a, b in zip(questions.together.tolist(), one, other, strict=True)
    ]


def said_of_profiles(questions: Questions, verdicts: npt.NDArray[np.uint8]) -> list[str]:
    """What the other answer would change in decisions, in plain words."""
    now = {ATTACH: "attached elsewhere", REVIEW: "waits for a review", NEW: "is new"}
    return [
        "attached: would be undone" if together else f"{now[verdict]}: would be attached"
        for together, verdict in zip(questions.together.tolist(), verdicts[questions.left].tolist(), strict=True)
    ]


def count_of(wanted: int) -> int:
    """How many questions are asked for.

    Raises:
        LabelError: fewer than one.
    """
    if wanted < 1:
        raise LabelError(f"suggest_reviews: n={wanted!r} must be 1 or more; 50 is usual")
    return wanted


def row_labels(entities: pa.ChunkedArray, ids: pa.Array) -> Ints:
    """The row of each row's entity, which is named after it."""
    return np.asarray(pc.index_in(entities.combine_chunks(), value_set=ids).to_numpy(zero_copy_only=False), np.int64)


def _shown(table: pa.Table, names: Sequence[str]) -> pa.Array:
    """Values as text, those of several columns with a space between."""
    texts = [tables.strings(table[name]).to_pylist() for name in names if name in table.column_names]
    joined = [" ".join(filter(None, values)) or None for values in zip(*texts, strict=True)] if texts else []
    return pa.array(joined or [None] * table.num_rows, pa.string())
