"""The sets of a data folder: which task each one is, and where its tables and its answers lie.

A set is a folder with ``a.csv`` (or ``.parquet``) to find duplicates in, ``a`` and ``b`` to link, or ``customers.csv``
and ``profiles.jsonl`` to attach. ``truth.csv`` (or ``.parquet``) holds the answers; without it a set is run for its
time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["DataSet", "Task", "find_sets", "read_set"]


class Task(StrEnum):
    """What is asked of a set."""

    DEDUPE = "dedupe"
    LINK = "link"
    ATTACH = "attach"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set: ``left`` are the records, or what is attached; ``right`` is what it is attached to."""

    name: str
    task: Task
    left: Path
    right: Path | None
    truth: Path | None


def read_set(folder: Path) -> DataSet | None:
    """The set in a folder, or ``None`` when there are no tables that this benchmark knows."""
    a, b, truth = (_table(folder, stem) for stem in ("a", "b", "truth"))
    customers, profiles = _table(folder, "customers"), folder / "profiles.jsonl"
    if customers and profiles.is_file():
        return DataSet(folder.name, Task.ATTACH, profiles, customers, truth)
    if a is None:
        return None
    return DataSet(folder.name, Task.LINK if b else Task.DEDUPE, a, b, truth)


def find_sets(data: Path, names: tuple[str, ...] = ()) -> tuple[list[DataSet], list[str]]:
    """The sets of a data folder by name, smallest first, and the names of folders that hold none.

    Raises ``FileNotFoundError`` when the folder, or a set that was named, is not there.
    """
    folders = sorted(path for path in data.iterdir() if path.is_dir())
    missing = sorted(set(names) - {path.name for path in folders})
    if missing:
        raise FileNotFoundError(f"{data}: has no set named {', '.join(missing)}")
    found = {path.name: read_set(path) for path in folders if not names or path.name in names}
    sets = sorted((one for one in found.values() if one), key=_size)
    return sets, [name for name, one in found.items() if one is None]


def _table(folder: Path, stem: str) -> Path | None:
    return next((path for suffix in (".csv", ".parquet") if (path := folder / (stem + suffix)).is_file()), None)


def _size(one: DataSet) -> tuple[int, str]:
    return sum(path.stat().st_size for path in (one.left, one.right) if path), one.name
