"""Small made-up sets in the layout of a data folder, so that the benchmarks run where the public sets are not.

``python -m benchmarks.generate DIR [--people 1500] [--seed 7]`` writes ``made_up_dedupe``, ``made_up_link`` and
``made_up_attach``: people with slips, nicknames, moves and weddings; households, twins, fathers and sons of one name;
namesakes; profiles with handles, of customers and of strangers. The same seed writes the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TypeAlias

from benchmarks.people import Person, distinct, invented, namesake, people
from benchmarks.rows import Row, duplicate, row

__all__ = ["write_sets"]

Profile: TypeAlias = dict[str, str | list[str]]

_COLUMNS = {
    "first_name": "given", "last_name": "family", "birth_date": "birth", "email": "email", "phone": "phone",
    "street": "street", "city": "city", "state": "state", "zip": "postcode", "company": "company",
}  # fmt: skip
_CHANNELS = ("github", "x", "linkedin", "instagram", "web")


def write_sets(folder: Path, *, count: int, seed: int) -> None:
    """Write the three sets into a folder."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    everybody = people(rng, count)
    everybody = distinct(everybody + [namesake(rng, rng.choice(everybody), count + i) for i in range(count // 100)])
    _write_dedupe(folder / "made_up_dedupe", rng, everybody)
    _write_link(folder / "made_up_link", rng, everybody)
    _write_attach(folder / "made_up_attach", rng, everybody)


def _write_dedupe(folder: Path, rng: Random, everybody: Sequence[Person]) -> None:
    found: list[tuple[int, Row]] = []
    for person in everybody:
        first = row(rng, person)
        found.append((person.number, first))
        found += [(person.number, duplicate(rng, person, first)) for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
    rng.shuffle(found)
    ids = [f"r{number:05d}" for number in range(len(found))]
    _write_rows(folder / "a.csv", "id", ids, [one for _, one in found])
    _write_csv(
        folder / "truth.csv", ("id", "entity_id"), [(i, f"e{of}") for i, (of, _) in zip(ids, found, strict=True)]
    )


def _write_link(folder: Path, rng: Random, everybody: Sequence[Person]) -> None:
    firsts = [(person, row(rng, person)) for person in everybody]
    left = [(person, first) for person, first in firsts if rng.random() < 0.7]
    right = [(person, duplicate(rng, person, first)) for person, first in firsts if rng.random() < 0.7]
    rng.shuffle(right)
    for name, side in (("a", left), ("b", right)):
        _write_rows(folder / f"{name}.csv", "id", [f"{name}{p.number:05d}" for p, _ in side], [one for _, one in side])
    both = sorted({p.number for p, _ in left} & {p.number for p, _ in right})
    _write_csv(folder / "truth.csv", ("id_a", "id_b"), [(f"a{number:05d}", f"b{number:05d}") for number in both])


def _write_attach(folder: Path, rng: Random, everybody: Sequence[Person]) -> None:
    customers = [person for person in everybody if rng.random() < 0.6]
    rows = [row(rng, person) for person in customers]
    ids = {person.number: f"c{person.number:05d}" for person in customers}
    _write_rows(folder / "customers.csv", "customer_id", list(ids.values()), rows)
    shown = [person for person in everybody for _ in range(rng.choice((0, 0, 1, 2)))]
    rng.shuffle(shown)
    profiles = [_profile(rng, person) | {"profile_id": f"p{number:05d}"} for number, person in enumerate(shown)]
    text = "".join(json.dumps(profile) + "\n" for profile in profiles)
    (folder / "profiles.jsonl").write_text(text, encoding="utf-8")
    true = [(f"p{n:05d}", ids[person.number]) for n, person in enumerate(shown) if person.number in ids]
    _write_csv(folder / "truth.csv", ("profile_id", "customer_id"), true)


def _profile(rng: Random, person: Person) -> Profile:
    """What a person shows on a channel: a handle, mostly a name, now and then a place, a page or an address."""
    channel = rng.choice(_CHANNELS)
    handle = person.linkedin if channel == "linkedin" else person.handle
    shown: Profile = {
        "channel": channel,
        "handle": handle if rng.random() < 0.85 else invented(rng),
    }
    if rng.random() < 0.85:
        shown["display_name"] = (
            f"{person.nickname or person.given} {person.family}" if rng.random() < 0.15 else person.name
        )
    if rng.random() < 0.5:
        shown["location"] = f"{person.home.city}, {person.home.state}"
    if rng.random() < 0.25:
        shown["emails"] = [person.email if rng.random() < 0.7 else person.work_email]
    if rng.random() < 0.15:
        shown["websites"] = [person.website]
    if rng.random() < 0.4:
        shown["bio"] = f"{person.title} at {person.company.name}. {person.interest.capitalize()}."
    return shown


def _write_rows(path: Path, id_name: str, ids: Sequence[str], rows: Sequence[Row]) -> None:
    cells = [(i, *(one[field] for field in _COLUMNS.values())) for i, one in zip(ids, rows, strict=True)]
    _write_csv(path, (id_name, *_COLUMNS), cells)


def _write_csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def main() -> None:
    """Write the sets into the folder that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.generate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--people", type=int, default=1500, help="how many people (default 1500)")
    parser.add_argument("--seed", type=int, default=7, help="one seed, one set of files (default 7)")
    asked = parser.parse_args()
    write_sets(asked.folder, count=asked.people, seed=asked.seed)


if __name__ == "__main__":
    main()
