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
from socialmerge.normalise import text
from socialmerge.records import Kind, Missing
from socialmerge.schema.wording import tokens

__all__ = ["Roles", "days_of", "roles_of", "stage_mask"]

Mask = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]

_QUALIFIERS = ("contact", "customer", "client", "lead", "record", "crm", "hs", "c")


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """The column of each role, or None where a table has none."""

    owner: Read | None = None
    created: Read | None = None
    touched: Read | None = None
    stage: Read | None = None
    age: Read | None = None


def roles_of(columns: Columns) -> Roles:
    """Find the columns by their names; dates must read as dates, a stage must say how things stand."""
    found: dict[str, Read] = {}
    for one in columns.read:
        role = _role(one.column.name)
        dated = role in {"created", "touched"}
        if role and role not in found and (not dated or one.column.kind is Kind.DATE) and _fits(role, one):
            found[role] = one
    return Roles(**found)


def stage_mask(stage: Read, outcome: str) -> Mask:
    """Which rows are ``"won"``, ``"lost"`` or ``"open"`` by their stage."""
    words = _words("stages")[outcome]
    return stage.of_rows(np.array([_plain(value) in words for value in stage.texts.to_pylist()], bool))


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
    return role != "stage" or any(stage_mask(one, outcome).any() for outcome in ("won", "lost", "open"))


def _role(name: str) -> str:
    words = tokens(name)
    known = {word: role for role, words in _words("columns").items() for word in words}
    found = known.get("".join(words))
    if found is None and words and words[0] in _QUALIFIERS:
        found = known.get("".join(words[1:]))
    return found or ""


@cache
def _words(section: str) -> dict[str, frozenset[str]]:
    text = (files(__package__) / "roles.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)[section]
    return {name: frozenset(word.strip().replace(" ", "") for word in line.split("|")) for name, line in found.items()}


def _plain(value: str) -> str:
    found = text.parse(value)
    return "" if isinstance(found, Missing) else found.replace(" ", "")
