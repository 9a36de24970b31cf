"""Write made-up tables as a data folder: ``a.csv``, ``b.csv``, ``customers.csv``, ``profiles.jsonl``, ``truth.csv``."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

__all__ = ["Rows", "write_attach", "write_dedupe", "write_link"]


@dataclass(slots=True)
class Rows:
    """Rows of one table with the number of the person that each is of, in the order that they were made."""

    columns: tuple[str, ...]
    cells: list[Sequence[str]]
    person: list[int]

    @classmethod
    def of(cls, *columns: str) -> Rows:
        """No rows yet."""
        return cls(columns, [], [])

    def add(self, person: int, cells: Sequence[str]) -> None:
        """One more row."""
        self.cells.append(cells)
        self.person.append(person)

    def shuffled(self, rng: Random) -> Rows:
        """The same rows in another order: where a row stands must say nothing."""
        order = list(range(len(self.cells)))
        rng.shuffle(order)
        return Rows(self.columns, [self.cells[i] for i in order], [self.person[i] for i in order])


def write_dedupe(folder: Path, rows: Rows) -> None:
    """A table against itself."""
    ids = _ids("r", rows)
    _csv(folder / "a.csv", ("id", *rows.columns), [(i, *cells) for i, cells in zip(ids, rows.cells, strict=True)])
    _csv(folder / "truth.csv", ("id", "entity_id"), [(i, f"e{of}") for i, of in zip(ids, rows.person, strict=True)])


def write_link(folder: Path, left: Rows, right: Rows) -> None:
    """Two tables; every pair of rows of one person is a true one."""
    sides = [(name, rows, _ids(name, rows)) for name, rows in (("a", left), ("b", right))]
    for name, rows, ids in sides:
        cells = [(i, *row) for i, row in zip(ids, rows.cells, strict=True)]
        _csv(folder / f"{name}.csv", ("id", *rows.columns), cells)
    _csv(folder / "truth.csv", ("id_a", "id_b"), _true(left, sides[0][2], right, sides[1][2]))


def write_attach(folder: Path, customers: Rows, profiles: Sequence[tuple[int, Mapping[str, object]]]) -> None:
    """Profiles, each with the number of its person, and customers, of whom each person has one row at most."""
    ids = _ids("c", customers)
    _csv(
        folder / "customers.csv",
        ("id", *customers.columns),
        [(i, *c) for i, c in zip(ids, customers.cells, strict=True)],
    )
    named = [(f"p{number:06d}", of, shown) for number, (of, shown) in enumerate(profiles)]
    text = "".join(json.dumps({"profile_id": name} | dict(shown)) + "\n" for name, _, shown in named)
    (folder / "profiles.jsonl").write_text(text, encoding="utf-8")
    owner = dict(zip(customers.person, ids, strict=True))
    true = [(name, owner[of]) for name, of, _ in named if of in owner]
    _csv(folder / "truth.csv", ("profile_id", "customer_id"), true)


def _ids(letter: str, rows: Rows) -> list[str]:
    return [f"{letter}{number:06d}" for number in range(len(rows.cells))]


def _true(left: Rows, left_ids: Sequence[str], right: Rows, right_ids: Sequence[str]) -> list[tuple[str, str]]:
    of: dict[int, list[str]] = {}
    for name, person in zip(right_ids, right.person, strict=True):
        of.setdefault(person, []).append(name)
    return [(one, other) for one, person in zip(left_ids, left.person, strict=True) for other in of.get(person, ())]


def _csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
