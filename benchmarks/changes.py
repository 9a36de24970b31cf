"""A set of data with its rows shuffled, its ids replaced, or its cells blanked."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeAlias

from benchmarks.sets import DataSet, read_set

__all__ = ["CHANGES", "blanked", "changed", "renumbered", "shuffled", "with_other_ids"]

Table: TypeAlias = list[list[str]]
Change: TypeAlias = Callable[[Random, Table], Table]

_TABLES = ("a.csv", "b.csv", "customers.csv")
_ID = "id"


def shuffled(rng: Random, rows: Table) -> Table:
    """The rows in another order."""
    return rng.sample(rows, len(rows))


def blanked(share: float) -> Change:
    """A change that empties a share of all cells but ids."""

    def change(rng: Random, rows: Table) -> Table:
        return [[row[0], *("" if rng.random() < share else cell for cell in row[1:])] for row in rows]

    return change


def renumbered(text: str) -> str:
    """Another id for an id: which of two comes first changes too."""
    return f"{text[::-1]}n"


CHANGES: dict[str, Change] = {"shuffled": shuffled, "blanked": blanked(0.2)}


def changed(one: DataSet, to: Path, change: Change, *, seed: int = 7) -> DataSet:
    """Write a set with its tables' rows changed; profiles and answers stay."""
    return _rewritten(one, to, lambda rng, _, rows: change(rng, rows), seed)


def with_other_ids(one: DataSet, to: Path) -> DataSet:
    """Write a set with other ids, in its answers too."""

    def change(_: Random, head: list[str], rows: Table) -> Table:
        ids = [
            place for place, name in enumerate(head) if name == _ID or name.startswith("id_") or name == "customer_id"
        ]
        return [[renumbered(cell) if place in ids else cell for place, cell in enumerate(row)] for row in rows]

    return _rewritten(one, to, change, 7, answers=True)


def _rewritten(
    one: DataSet, to: Path, change: Callable[[Random, list[str], Table], Table], seed: int, *, answers: bool = False
) -> DataSet:
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    to.mkdir(parents=True, exist_ok=True)
    for path in sorted(one.left.parent.iterdir()):
        if path.name in _TABLES or (answers and path.name == "truth.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                head, *rows = csv.reader(file)
            with (to / path.name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([head, *change(rng, head, rows)])
        else:
            shutil.copy(path, to / path.name)
    found = read_set(to)
    if found is None:
        raise ValueError(f"{one.left.parent}: is no set of csv files")
    return found
