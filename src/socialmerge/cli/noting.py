"""What goes with a run besides what it read, such as orders and the truth; noted in its folder when given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from socialmerge import tables
from socialmerge.cli.runs import Input, remember
from socialmerge.errors import TableError

__all__ = ["Beside", "beside", "note"]

_NOTES = "beside.json"
_READING: Mapping[str, type] = {
    "columns": dict,
    "order_columns": dict,
    "customer_stages": list,
    **dict.fromkeys(("currency", "decimal", "id", "region", "seen_on"), str),
}


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that a command was given beside a run, by the name of the option, and how they are to be read."""

    files: Mapping[str, Input] = field(default_factory=dict)
    reading: Mapping[str, object] = field(default_factory=dict)

    def path(self, name: str) -> Path | None:
        """Where a file is that was noted, and is still there."""
        found = self.files.get(name)
        return Path(found.path) if found is not None and tables.file_of(Path(found.path)).is_file() else None

    def said(self, name: str) -> str:
        """What is to be said of a file that was noted: that it is taken, has changed, or is gone."""
        found = self.files[name]
        path = self.path(name)
        if path is None:
            return f"{found.path}: was given as --{name} before, and is gone; the page is made without it"
        changed = "" if remember(path) == found else ", and has changed since; the page tells of it as it is now"
        return f"{found.path}: taken as --{name}, as it was given before{changed}"


def beside(folder: Path) -> Beside:
    """What was noted in the folder of a run; nothing where nothing was.

    Raises :class:`~socialmerge.errors.TableError` where the notes are damaged.
    """
    path = folder / _NOTES
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): Input(**one) for name, one in found["files"].items()}
        return Beside(files, _checked(found["reading"]))
    except FileNotFoundError:
        return Beside()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TableError(f"{path}: not as this version of socialmerge writes it; remove it") from error


def _checked(reading: Mapping[str, object]) -> dict[str, object]:
    """How tables are read, as metrics takes it: its own arguments, each of its own kind."""
    for name, value in reading.items():
        if not isinstance(value, _READING[name]):
            raise TypeError(name)
    return dict(reading)


def note(folder: Path, given: Mapping[str, Path | None], reading: Mapping[str, object] | None = None) -> None:
    """Note what a command was given beside the run of a folder, over what was noted before."""
    files = {name: remember(path) for name, path in given.items() if path is not None}
    how = {name: value for name, value in (reading or {}).items() if value}
    if not files and not how:
        return
    old = beside(folder)
    found = Beside({**old.files, **files}, how if reading is not None else old.reading)
    with suppress(OSError):  # a folder that may only be read is none that can be gone on with
        (folder / _NOTES).write_text(json.dumps(asdict(found), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
