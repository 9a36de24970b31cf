"""Made-up profiles by the hundred thousand, and the customers that most of them are: what large attach runs run on.

``python -m benchmarks.large_profiles DIR --profiles 100000 --customers 1000000`` writes ``profiles_100000_1000000`` in
the layout of a data folder. The people are those of ``benchmarks.large``: a customer is a person with one row, three in
ten of them with the slips, holes and moves that a second row has there. Four of five profiles are of customers, the
others of strangers with the same names and in the same towns. The same seed makes the same files.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.large import (
    Chance,
    World,
    address_of,
    chunks_of,
    crm_rows,
    email_of,
    family_of,
    given_of,
    kept,
    world_of,
    write_chunks,
)
from benchmarks.people import WORDS
from numpy.typing import NDArray

__all__ = ["write_profiles"]

Ints: TypeAlias = NDArray[np.int64]

_ARE_CUSTOMERS = 0.8
_MISTYPED = 0.3
_CHANNELS = ("github", "x", "instagram")


def write_profiles(folder: Path, *, profiles: int, customers: int, seed: int = 7) -> Path:
    """Write one set; gives its folder."""
    home = folder / f"profiles_{profiles}_{customers}"
    home.mkdir(parents=True, exist_ok=True)
    world, chance = world_of(seed), Chance(seed)
    write_chunks(home / "customers.parquet", (_customers(world, chance, at) for at in chunks_of(customers)))
    person = _people(chance, profiles, customers)
    with (home / "profiles.jsonl").open("w", encoding="utf-8") as file:
        for at in chunks_of(profiles):
            file.writelines(json.dumps(row) + "\n" for row in _profiles(world, chance, at.start, person[at]))
    true = np.flatnonzero(person < customers)
    columns = {"profile_id": _named("p", true), "customer_id": _named("r", person[true])}
    pq.write_table(pa.table(columns), home / "truth.parquet")
    return home


def _customers(world: World, chance: Chance, at: slice) -> pa.Table:
    person = np.arange(at.start, at.stop)
    copy = chance.under(_MISTYPED, 200, person).astype(np.int64)
    return crm_rows(world, chance, at, person, copy)


def _people(chance: Chance, profiles: int, customers: int) -> Ints:
    """Whose each profile is; a number from ``customers`` on is a stranger's."""
    number = np.arange(profiles)
    known = chance.below(customers, 201, number)
    return np.where(chance.under(_ARE_CUSTOMERS, 202, number), known, customers + number)


def _profiles(world: World, chance: Chance, first: int, person: Ints) -> Iterator[dict[str, object]]:
    """What people show: a handle, mostly a name, every second one a town, every fourth an address."""
    number = first + np.arange(len(person))
    nowhere = np.zeros(len(person), dtype=np.bool_)
    given = world.given.said(given_of(world, chance, person), np.zeros_like(person))
    family = world.family.said(family_of(world, chance, person), np.zeros_like(person))
    shown = pc.binary_join_element_wise(given, family, " ")
    town = address_of(world, chance, person, np.zeros_like(person), nowhere)
    columns = {
        "profile_id": _named("p", number),
        "channel": pa.array(_CHANNELS).take(pa.array(chance.below(len(_CHANNELS), 210, number))),
        "handle": _handles(world, chance, number, person),
        "display_name": kept(shown, chance.under(0.85, 211, number)),
        "location": kept(
            pc.binary_join_element_wise(town["city"], town["state"], ", "), chance.under(0.5, 212, number)
        ),
        "email": kept(email_of(world, chance, person, np.zeros_like(person)), chance.under(0.25, 213, number)),
    }
    for row in pa.table(columns).to_pylist():
        address = row.pop("email")
        yield {key: value for key, value in row.items() if value} | ({"emails": [address]} if address else {})


def _handles(world: World, chance: Chance, number: Ints, person: Ints) -> pa.Array:
    """Handles made from the name in one of several ways, one in five of two words that say nothing of it."""
    given = world.given.plain.take(pa.array(given_of(world, chance, person)))
    family = world.family.plain.take(pa.array(family_of(world, chance, person)))
    letter, digits = pc.utf8_slice_codeunits(given, 0, 1), pa.array(chance.below(100, 220, number)).cast(pa.string())
    words = [
        pa.array(some).take(pa.array(chance.below(len(some), k, person)))
        for k, some in ((221, WORDS.adjectives), (222, WORDS.creatures))
    ]
    odd = pc.binary_join_element_wise(*words, pa.array(person % 1_000).cast(pa.string()), "")
    forms = [
        pc.binary_join_element_wise(given, family, ""),
        pc.binary_join_element_wise(letter, family, ""),
        pc.binary_join_element_wise(letter, family, digits, ""),
        pc.binary_join_element_wise(given, family, digits, ""),
        odd,
    ]
    return pc.choose(pa.array(chance.below(len(forms), 223, person)), *forms)


def _named(letter: str, number: Ints) -> pa.Array:
    return pc.binary_join_element_wise(letter, pa.array(number).cast(pa.string()), "")


def main() -> None:
    """Write the set of the size that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.large_profiles",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--profiles", type=int, default=100_000, help="how many profiles (default 100000)")
    parser.add_argument("--customers", type=int, default=1_000_000, help="how many customers (default 1000000)")
    parser.add_argument("--seed", type=int, default=7, help="one seed, one set (default 7)")
    asked = parser.parse_args()
    print(write_profiles(asked.folder, profiles=asked.profiles, customers=asked.customers, seed=asked.seed))


if __name__ == "__main__":
    main()
