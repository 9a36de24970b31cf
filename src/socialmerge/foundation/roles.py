"""Columns that say something about the record: owner, when it was made and touched, stage, age."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.foundation.columns import Columns, Read
from socialmerge.records import Kind
from socialmerge.schema.stages import Stage, stage_of
from socialmerge.schema.wording import tokens

__all__ = ["Roles", "days_of", "roles_of", "stage_mask", "unknown_stages"]

Mask = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]

SHARED, NAMED = 5, 5
"""Rows that must share a word before it is named, and words that are named."""
_STAGES = (Stage.CUSTOMER, Stage.FORMER, Stage.OPEN, Stage.LOST)
_QUALIFIERS = ("contact", "customer", "client", "lead", "record", "crm", "hs", "c")


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """The column of each role, or None where a table has none.

    ``sounding`` is called like a stage, and none of its words is one that is known.
    """

    owner: Read | None = None
    created: Read | None = None
    touched: Read | None = None
    stage: Read | None = None
    age: Read | None = None
    sounding: Read | None = None


def roles_of(columns: Columns) -> Roles:
    """Find the columns by their names; dates must read as dates, a stage must say how things stand."""
    found: dict[str, Read] = {}
    for one in columns.read:
        role = _role(one.column.name)
        dated = role in {"created", "touched"}
        if role and role not in found and (not dated or one.column.kind is Kind.DATE) and _fits(role, one):
            found[role] = one
        elif role == "stage" and "sounding" not in found and one.filled.any():
            found["sounding"] = one
    return Roles(**found)


def stage_mask(stage: Read, *wanted: Stage) -> Mask:
    """Which rows are of one of some stages."""
    return stage.of_rows(np.array([stage_of(value) in wanted for value in stage.texts.to_pylist()], bool))


def unknown_stages(stage: Read) -> tuple[int, tuple[str, ...]]:
    """How many rows have a word that is no known stage; and the words that so many share that they are nobody's own."""
    texts = stage.texts.to_pylist()
    known = np.array([stage_of(value) is not None for value in texts], bool)
    unknown = stage.valid & ~stage.of_rows(known)
    counts = np.bincount(stage.codes[unknown], minlength=len(texts))
    shared = np.flatnonzero(counts >= SHARED)
    most = shared[np.argsort(-counts[shared], kind="stable")][:NAMED]
    return int(unknown.sum()), tuple(texts[at] for at in most.tolist())


def days_of(one: Read) -> Days:
    """The dates of a column as days since 1970, NaN where there is none or the year is not known."""
    digits = pc.cast(one.keys, pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64)
    year, month, day = digits // 10000, np.maximum(digits // 100 % 100, 1), np.maximum(digits % 100, 1)
    known = np.isfinite(digits) & (year > 0)
    months = np.where(known, (year - 1970) * 12 + month - 1, 0).astype(np.int64).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + np.where(known, day - 1, 0)
    return np.append(np.where(known, days, np.nan), np.nan)[one.codes]


def _fits(role: str, one: Read) -> bool:
    if not one.filled.any():
        return False
    return role != "stage" or bool(stage_mask(one, *_STAGES).any())


def _role(name: str) -> str:
    words = tokens(name)
    known = {word: role for role, words in _words().items() for word in words}
    found = known.get("".join(words))
    if found is None and words and words[0] in _QUALIFIERS:
        found = known.get("".join(words[1:]))
    return found or ""


@cache
def _words() -> dict[str, frozenset[str]]:
    text = (files(__package__) / "roles.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)["columns"]
    return {name: frozenset(word.strip().replace(" ", "") for word in line.split("|")) for name, line in found.items()}
