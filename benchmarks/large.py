"""Made-up people by the million, with their answers, fast and in little memory: what runs of ten million rows run on.

``python -m benchmarks.large DIR --rows 1000000 --rows 10000000`` writes ``people_1000000`` and ``people_10000000``, in
the layout of a data folder, as Parquet. Everything of a person follows from the seed and the person's number by
counter-based random numbers (Salmon et al., 2011): rows are made in any order, in chunks, and the same seed makes the
same rows. Names follow Zipf's law as real ones do; two of three people live with somebody, mostly of one family name;
a second row of a person has slips, other holes, a move, a wedding, another way of writing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.people import WORDS, letters, typo
from numpy.typing import NDArray

__all__ = [
    "Chance",
    "World",
    "address_of",
    "chunks_of",
    "crm_rows",
    "email_of",
    "family_of",
    "given_of",
    "kept",
    "world_of",
    "write_chunks",
    "write_large",
]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

_CHUNK = 500_000
_SLIPS = 6  # misspelt forms of a name that are kept
_ROWS_OF_A_PERSON = (0.72, 0.17, 0.07, 0.03, 0.01)  # one row, two, three, four, five
_LINES = 10_000  # telephone numbers of an area: only 555 is a prefix here


@dataclass(frozen=True, slots=True)
class _Pool:
    """Words with their shares (cumulated); behind each word stand its misspelt forms: word ``i`` at ``i * width``."""

    words: pa.Array
    plain: pa.Array  # the letters of each, as they stand in addresses
    shares: Floats
    width: int

    def draw(self, chance: Floats) -> Ints:
        """The number of a word for each chance in [0, 1)."""
        return np.searchsorted(self.shares, chance, side="right").astype(np.int64)

    def said(self, number: Ints, slip: Ints) -> pa.Array:
        """Words by number; ``slip`` 0 is the word itself."""
        return self.words.take(pa.array(number * self.width + slip))


@dataclass(frozen=True, slots=True)
class World:
    """All the words there are."""

    given: _Pool
    family: _Pool
    street: _Pool
    city: _Pool
    state: pa.Array
    postcode: pa.Array
    births: pa.Array
    areas: pa.Array  # each area four times: the ways a number is written
    lines: pa.Array
    domains: pa.Array


@dataclass(frozen=True, slots=True)
class Chance:
    """Random numbers that follow from a seed, what they are for, and what they are about."""

    seed: int

    def of(self, what: int, *about: Ints) -> Floats:
        """A number in [0, 1) for each element: the same for the same ``about``."""
        state = np.full(about[0].size, np.uint64(self.seed * 1_000_003 + what * 7_919 + 1))
        with np.errstate(over="ignore"):
            for one in about:
                state = _mixed(state ^ (one.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)))
        return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def under(self, share: float, what: int, *about: Ints) -> Flags:
        """Which elements fall under a share."""
        found: Flags = self.of(what, *about) < share
        return found

    def below(self, size: int, what: int, *about: Ints) -> Ints:
        """A whole number below ``size`` for each element."""
        return (self.of(what, *about) * size).astype(np.int64)


def write_large(folder: Path, *, rows: int, seed: int = 7) -> Path:
    """Write one set of ``rows`` rows; gives its folder."""
    home = folder / f"people_{rows}"
    home.mkdir(parents=True, exist_ok=True)
    world, chance = world_of(seed), Chance(seed)
    person, copy = _order(rows, seed)
    for name, tables in (
        ("a", (crm_rows(world, chance, at, person[at], copy[at]) for at in chunks_of(rows))),
        ("truth", (_truth(at, person[at]) for at in chunks_of(rows))),
    ):
        write_chunks(home / f"{name}.parquet", tables)
    return home


def write_chunks(path: Path, chunks: Iterator[pa.Table]) -> None:
    """Write tables of one schema one after the other."""
    first = next(chunks)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for table in chunks:
            writer.write_table(table)


def chunks_of(rows: int) -> Iterator[slice]:
    """Ranges of rows that are made at one time."""
    return (slice(start, min(start + _CHUNK, rows)) for start in range(0, rows, _CHUNK))


def _order(rows: int, seed: int) -> tuple[Ints, Ints]:
    """Whose row each is, and which of that person's, shuffled."""
    people = np.arange(rows)
    shares = np.cumsum(_ROWS_OF_A_PERSON)
    count = 1 + np.searchsorted(shares[:-1], Chance(seed).of(1, people), side="right")
    ends = np.cumsum(count)
    people = people[: int(np.searchsorted(ends, rows)) + 1]
    count, ends = count[: people.size], ends[: people.size]
    person = np.repeat(people, count)[:rows]
    copy = (np.arange(int(ends[-1])) - np.repeat(ends - count, count))[:rows]
    order = np.random.default_rng(seed).permutation(rows)
    return person[order], copy[order]


def _truth(at: slice, person: Ints) -> pa.Table:
    entity = pc.binary_join_element_wise("e", pa.array(person).cast(pa.string()), "")
    return pa.table({"id": _ids(at), "entity_id": entity})


def _ids(at: slice) -> pa.Array:
    return pc.binary_join_element_wise("r", pa.array(np.arange(at.start, at.stop)).cast(pa.string()), "")


def crm_rows(world: World, chance: Chance, at: slice, person: Ints, copy: Ints) -> pa.Table:
    """The rows of a table at a range: of each whose it is, and which of that person's rows."""
    given, family = _names(world, chance, person, copy)
    swapped = chance.under(0.01, 20, person, copy) & (copy > 0)
    first, last = (pc.if_else(pa.array(swapped), *both) for both in ((family, given), (given, family)))
    shouted = pa.array(chance.under(0.05, 21, person, copy))
    first, last = (pc.if_else(shouted, pc.utf8_upper(name), name) for name in (first, last))
    email, phone = email_of(world, chance, person, copy), _phone(world, chance, person, copy)
    unreachable = np.asarray(pc.and_(email.is_null(), phone.is_null()))
    birth = world.births.take(pa.array(chance.below(len(world.births), 30, person)))
    birth = kept(birth, chance.under(0.45, 31, person, copy) | unreachable)
    columns = {"id": _ids(at), "first_name": first, "last_name": last, "birth_date": birth, "email": email}
    return pa.table(columns | {"phone": phone} | address_of(world, chance, person, copy, unreachable))


def _names(world: World, chance: Chance, person: Ints, copy: Ints) -> tuple[pa.Array, pa.Array]:
    """Given and family name, with a slip now and then in a second row; one in fifty has married by then."""
    second = copy > 0
    first = _slip(chance, 40, person, copy, 0.06)
    last = _slip(chance, 42, person, copy, 0.06)
    number = family_of(world, chance, person)
    married = second & chance.under(0.02, 44, person, copy)
    number = np.where(married, world.family.draw(chance.of(45, person)), number)
    given = world.given.said(given_of(world, chance, person), first)
    initial = pa.array(second & chance.under(0.04, 46, person, copy))
    return pc.if_else(initial, pc.utf8_slice_codeunits(given, 0, 1), given), world.family.said(number, last)


def _slip(chance: Chance, what: int, person: Ints, copy: Ints, share: float) -> Ints:
    which = 1 + chance.below(_SLIPS, what + 1, person, copy)
    return np.where((copy > 0) & chance.under(share, what, person, copy), which, 0)


def given_of(world: World, chance: Chance, person: Ints) -> Ints:
    """The given name of each person, by number."""
    return world.given.draw(chance.of(2, person))


def family_of(world: World, chance: Chance, person: Ints) -> Ints:
    """Of three people in a row the first two live together, two of three of them under one name."""
    home = _home(person)
    own = (person % 3 == 1) & chance.under(0.33, 3, home)
    return world.family.draw(chance.of(4, np.where(own, -person, home)))


def _home(person: Ints) -> Ints:
    return np.where(person % 3 == 1, person - 1, person)


def email_of(world: World, chance: Chance, person: Ints, copy: Ints) -> pa.Array:
    """Name and number at a free domain, of some rows at an employer's; a quarter of the rows have none."""
    given = world.given.plain.take(pa.array(given_of(world, chance, person)))
    family = world.family.plain.take(pa.array(family_of(world, chance, person)))
    number = pa.array(person).cast(pa.string())
    forms = [
        pc.binary_join_element_wise(given, family, number, ""),
        pc.binary_join_element_wise(pc.utf8_slice_codeunits(given, 0, 1), family, number, ""),
        pc.binary_join_element_wise(family, number, ""),
    ]
    local = pc.choose(pa.array(chance.below(3, 50, person)), *forms)
    domain = world.domains.take(pa.array(chance.below(len(world.domains), 51, person)))
    private = pc.binary_join_element_wise(local, domain, "@")
    employer = pa.array(person // 40).cast(pa.string())
    work = pc.binary_join_element_wise(given, ".", family, "@works-", employer, ".example.com", "")
    at_work = chance.under(0.08, 52, person, copy) & (copy > 0)
    return kept(pc.if_else(pa.array(at_work), work, private), chance.under(0.75, 53, person, copy))


def _phone(world: World, chance: Chance, person: Ints, copy: Ints) -> pa.Array:
    """One number a person, written in one of four ways; half of the rows have it."""
    spot = (person * 7_368_787) % (len(world.areas) // 4 * _LINES)
    form = chance.below(4, 60, person, copy)
    written = pc.binary_join_element_wise(
        world.areas.take(pa.array(spot // _LINES * 4 + form)), world.lines.take(pa.array(spot % _LINES)), ""
    )
    return kept(written, chance.under(0.55, 61, person, copy))


def address_of(world: World, chance: Chance, person: Ints, copy: Ints, needed: Flags) -> dict[str, pa.Array]:
    """Street, city, state and postcode of the household, or of a new home; three of four rows have them."""
    moved = (copy > 0) & chance.under(0.10, 70, person, copy)
    home = np.where(moved, -(person * 8 + copy) - 1, _home(person))
    number = pa.array(1 + chance.below(2400, 71, home)).cast(pa.string())
    slip = _slip(chance, 72, person, copy, 0.06)
    street = world.street.said(world.street.draw(chance.of(74, home)), slip)
    city = world.city.draw(chance.of(75, home))
    there = chance.under(0.75, 76, person, copy) | needed
    columns = {
        "street": pc.binary_join_element_wise(number, street, " "),
        "city": world.city.said(city, np.zeros_like(city)),
        "state": world.state.take(pa.array(city)),
        "zip": world.postcode.take(pa.array(city)),
    }
    return {name: kept(values, there) for name, values in columns.items()}


def kept(values: pa.Array, there: Flags) -> pa.Array:
    """Values where they are there, null elsewhere."""
    return pc.if_else(pa.array(there), values, None)


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele et al., 2014)."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def world_of(seed: int) -> World:
    """The words that a seed makes."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names = [name for pair in zip(WORDS.women, WORDS.men, strict=False) for name, _ in pair]
    cities = _invented(rng, [city for city, _, _ in WORDS.cities], 3_000)
    states = sorted({state for _, state, _ in WORDS.cities})
    streets = [f"{word} {kind}" for word, kind in product(_invented(rng, WORDS.streets, 1_500), WORDS.street_kinds)]
    rng.shuffle(streets)
    forms = ("({}) 555-", "{}-555-", "+1 {} 555 ", "{}.555.")
    days = np.arange("1940-01-01", "2007-01-01", dtype="datetime64[D]")
    return World(
        given=_pool(rng, _invented(rng, names, 4_000), 0.75),
        family=_pool(rng, _invented(rng, WORDS.family, 60_000), 0.7),
        street=_pool(rng, streets, 0.3),
        city=_pool(rng, cities, 0.5),
        state=pa.array([rng.choice(states) for _ in cities]),
        postcode=pa.array([f"{number:05d}" for number in rng.sample(range(501, 99950), len(cities))]),
        births=pa.array(days.astype(str).tolist()),
        areas=pa.array([form.format(area) for area in range(200, 1000) for form in forms]),
        lines=pa.array([f"{number:04d}" for number in range(_LINES)]),
        domains=pa.array(list(WORDS.free_mail)),
    )


def _pool(rng: Random, words: Sequence[str], steepness: float) -> _Pool:
    """Words whose shares fall with a power of their rank."""
    weights = 1.0 / np.arange(1, len(words) + 1) ** steepness
    forms = [form for word in words for form in (word, *(typo(rng, word) for _ in range(_SLIPS)))]
    shares = np.cumsum(weights / weights.sum())
    shares[-1] = 1.0
    return _Pool(pa.array(forms), pa.array([letters(word) for word in words]), shares, _SLIPS + 1)


def _invented(rng: Random, known: Sequence[str], count: int) -> list[str]:
    """Known words, the commonest first, then made-up ones until there are ``count``."""
    found = dict.fromkeys(known[:count])
    while len(found) < count:
        found.setdefault("".join(rng.choices(WORDS.syllables, k=rng.choice((2, 2, 3)))).capitalize())
    return list(found)


def main() -> None:
    """Write the sets of the sizes that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.large", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--rows", type=int, action="append", help="how many rows, more than once for several sets")
    parser.add_argument("--seed", type=int, default=7, help="one seed, one set of rows (default 7)")
    asked = parser.parse_args()
    for rows in asked.rows or [1_000_000]:
        print(write_large(asked.folder, rows=rows, seed=asked.seed))


if __name__ == "__main__":
    main()
