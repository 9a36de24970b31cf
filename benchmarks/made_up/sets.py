"""The kinds of made-up sets by name, and writing them into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from benchmarks.made_up.online import write_commits, write_link_pages, write_speakers
from benchmarks.made_up.registers import write_census, write_historical, write_transliterated

__all__ = ["KINDS", "write"]


class Writer(Protocol):
    """Writes one set into a folder."""

    def __call__(self, folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
        """``size`` rows or so; the same arguments write the same bytes."""


KINDS: dict[str, Writer] = {
    "census": write_census,
    "historical": write_historical,
    "transliterated": write_transliterated,
    "commits": write_commits,
    "speakers": write_speakers,
    "link_pages": write_link_pages,
}


def write(
    folder: Path, *, size: int = 5000, seed: int = 7, noise: float = 1.0, names: Iterable[str] = tuple(KINDS)
) -> None:
    """Write sets, each into a folder named ``made_up_`` and its kind."""
    for name in names:
        KINDS[name](folder / f"made_up_{name}", size=size, seed=seed, noise=noise)
