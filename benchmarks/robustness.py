"""What becomes of the answers when a set's rows are shuffled, its ids replaced, or its cells blanked.

``python -m benchmarks.robustness DATA_DIR [--set NAME] [--blank 0.2]`` measures each set as it is and changed, in this
process. Shuffled rows must give the same answers, other ids nearly the same; blanked cells cost what they cost.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeAlias

from benchmarks.measure import measure
from benchmarks.sets import DataSet, find_sets, read_set

__all__ = ["CHANGES", "blanked", "changed", "renumbered", "shuffled"]

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


def main() -> None:
    """Measure the sets as they are and changed, and print F1."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.robustness",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--blank", type=float, default=0.2, help="share of the cells that are blanked (default 0.2)")
    asked = parser.parse_args()
    changes = CHANGES | {"blanked": blanked(asked.blank)}
    print(f"| set | as it is | {' | '.join(changes)} | other ids |\n{'|---' * (len(changes) + 3)}|")
    for one in find_sets(asked.data, tuple(asked.names))[0]:
        if one.truth and one.left.suffix == ".csv":
            print(f"| {one.name} | {' | '.join(_f1s(one, changes))} |", flush=True)


def _f1s(one: DataSet, changes: dict[str, Change]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        others = [changed(one, Path(folder) / name, change) for name, change in changes.items()]
        sets = [one, *others, with_other_ids(one, Path(folder) / "ids")]
        return [f"{float(str(measure(each)['f1'])):.4f}" for each in sets]


if __name__ == "__main__":
    main()
