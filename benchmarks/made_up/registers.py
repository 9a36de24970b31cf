"""Registers of people: a census linked with another, historical people, and names written in several scripts.

``noise`` multiplies every rate of errors: 1 is what the set is named for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.made_up.crowd import Crowd, crowd
from benchmarks.made_up.folder import Rows, write_dedupe, write_link
from benchmarks.made_up.slips import blanked, date, date_slip, respelt, typo
from benchmarks.people import WORDS

__all__ = ["write_census", "write_historical", "write_transliterated"]

_CENSUS = ("first_name", "last_name", "sex", "birth_date", "house_number", "street", "town")
_JOBS = (
    "farmer", "politician", "actor", "writer", "painter", "soldier", "teacher", "lawyer", "merchant", "priest",
    "musician", "engineer", "miller", "tailor", "sailor",
)  # fmt: skip


def write_census(folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
    """Two registers of ``size`` rows or so each; households share name and address, nine in ten people are in each."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names, sides, person = crowd(rng), (Rows.of(*_CENSUS), Rows.of(*_CENSUS)), 0
    while len(sides[0].cells) < size:
        home = (str(rng.randint(1, 200)), _street(rng), names.a_place(rng))
        family = names.a_family(rng)
        for _ in range(rng.choice((1, 2, 3, 4, 5))):
            facts = (names.a_given(rng), family, rng.choice("mf"), date(rng, 1840, 1920), *home)
            for side in sides:
                if rng.random() < 0.9:
                    side.add(person, _counted(rng, facts, noise))
            person += 1
    write_link(folder, sides[0].shuffled(rng), sides[1].shuffled(rng))


def _street(rng: Random) -> str:
    return f"{rng.choice(WORDS.streets)} {rng.choice(WORDS.street_kinds)}"


def _counted(rng: Random, facts: Sequence[str], noise: float) -> list[str]:
    """What a census taker wrote."""
    given, family, sex, birth, house, street, town = facts
    if rng.random() < 0.17 * noise:
        given = typo(rng, given) if rng.random() < 0.7 else given[0]
    family = typo(rng, family) if rng.random() < 0.12 * noise else family
    birth = date_slip(rng, birth) if rng.random() < 0.12 * noise else birth
    street = typo(rng, street) if rng.random() < 0.08 * noise else street
    return blanked(rng, (given, family, sex, birth, house, street, town), 0.06 * noise)


def write_historical(folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
    """``size`` rows of people of several centuries, some ten rows each, a fifth of the cells wrong and others empty."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names, rows, person = (
        crowd(rng),
        Rows.of("first_name", "surname", "dob", "birth_place", "postcode", "occupation"),
        0,
    )
    while len(rows.cells) < size:
        facts = (names.a_given(rng), names.a_family(rng), date(rng, 1650, 1950), names.a_place(rng), _postcode(rng))
        job = rng.choice(_JOBS)
        for _ in range(rng.choice((1, 3, 8, 10, 12, 15))):
            rows.add(person, _copied(rng, names, facts, job, noise))
        person += 1
    write_dedupe(folder, rows.shuffled(rng))


def _postcode(rng: Random) -> str:
    return (
        f"{rng.choice('ABCDEFGH')}{rng.choice('ABCDEFGH')}{rng.randint(1, 20)} {rng.randint(1, 9)}{rng.choice('ABC')}X"
    )


def _copied(rng: Random, names: Crowd, facts: Sequence[str], job: str, noise: float) -> list[str]:
    """A row as a later hand copied it."""
    given, family, birth, town, postcode = facts
    if rng.random() < 0.25 * noise:
        given = rng.choice((typo(rng, given), given[0], names.a_given(rng)))
    if rng.random() < 0.20 * noise:
        family = typo(rng, family) if rng.random() < 0.6 else names.a_family(rng)
    birth = date_slip(rng, birth) if rng.random() < 0.30 * noise else birth
    if rng.random() < 0.20 * noise:
        town = typo(rng, town) if rng.random() < 0.5 else names.a_place(rng)
    postcode = typo(rng, postcode) if rng.random() < 0.30 * noise else postcode
    job = rng.choice(_JOBS) if rng.random() < 0.20 * noise else job
    if rng.random() < 0.03 * noise:
        given, family = family, given
    return blanked(rng, (given, family, birth, town, postcode, job), 0.15 * noise)


def write_transliterated(folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
    """``size`` rows of people whose names were written in other scripts: half the fields are wrong."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names, rows, person = crowd(rng), Rows.of("given_name", "family_name", "birth_year", "city"), 0
    while len(rows.cells) < size:
        facts = (names.a_given(rng), names.a_family(rng), str(rng.randint(1930, 2000)), names.a_place(rng))
        for _ in range(rng.choice((1, 2, 3, 4, 5, 6))):
            rows.add(person, _romanised(rng, names, facts, noise))
        person += 1
    write_dedupe(folder, rows.shuffled(rng))


def _romanised(rng: Random, names: Crowd, facts: Sequence[str], noise: float) -> list[str]:
    given, family, year, city = facts
    wrong = 0.5 * noise
    if rng.random() < wrong:
        given = respelt(rng, given) if rng.random() < 0.7 else names.a_given(rng)
    if rng.random() < wrong:
        family = respelt(rng, family) if rng.random() < 0.7 else names.a_family(rng)
    if rng.random() < wrong:
        year = str(int(year) + rng.choice((-10, -1, 1, 2))) if rng.random() < 0.5 else rng.choice(("", "1970", "1980"))
    if rng.random() < wrong:
        city = respelt(rng, city) if rng.random() < 0.7 else names.a_place(rng)
    return [family, given, year, city] if rng.random() < 0.1 * noise else [given, family, year, city]
