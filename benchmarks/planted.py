"""A clean table of customers, and the same with one fault planted in it: what an audit should be silent of, and find.

``python -m benchmarks.planted DIR [--rows 1200] [--seed 7]`` writes ``clean.csv`` and a table for each fault of
`FAULTS`. The people come from the package ``faker``; one seed and one release of it give the same tables.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TypeAlias

from faker import Faker

__all__ = ["FAULTS", "NOW", "Row", "clean", "planted"]

Row: TypeAlias = dict[str, str]

NOW = dt.date(2026, 6, 30)
"""The day of the tables: nothing in a clean one is older than two years, or later."""
_OWNERS = ("Ana", "Ben", "Chloe", "Dev")
_STAGES = ("lead", "customer", "customer", "customer", "lost")
_AREAS = ("212", "312", "415", "617", "702", "206")


def clean(rows: int, seed: int) -> list[Row]:
    """Customers of whom everything is known, each once."""
    fake, rng = Faker("en_US"), Random(seed)  # noqa: S311 - repeatable is what it must be
    fake.seed_instance(seed)
    firms = {fake.unique.company(): "" for _ in range(max(rows // 8, 1))}
    firms = {name: f"{''.join(filter(str.isalnum, name.lower()))}.com" for name in firms}
    return [_customer(fake, rng, number, firms) for number in range(rows)]


def _customer(fake: Faker, rng: Random, number: int, firms: dict[str, str]) -> Row:
    given, family, firm = fake.first_name(), fake.last_name(), rng.choice(sorted(firms))
    birth = fake.date_between(dt.date(1945, 1, 2), dt.date(2004, 12, 31))
    made = NOW - dt.timedelta(days=rng.randrange(20, 700))
    stage = rng.choice(_STAGES)
    if stage == "lead":
        made = NOW - dt.timedelta(days=rng.randrange(5, 120))
    return {
        "id": f"c{number:06d}",
        "first_name": given,
        "last_name": family,
        "email": f"{given}.{family}{number}@{firms[firm]}".lower(),
        "phone": f"+1 {rng.choice(_AREAS)} {200 + number % 300} {1000 + number * 7 % 9000:04d}",
        "company": firm,
        "street": fake.street_address(),
        "city": fake.city(),
        "state": fake.state_abbr(include_territories=False, include_freely_associated_states=False),
        "zip": fake.postcode(),
        "country": "United States",
        "birth_date": birth.isoformat(),
        "age": str((NOW - birth).days * 4 // 1461),
        "owner": _OWNERS[number % len(_OWNERS)],
        "stage": stage,
        "created_at": made.isoformat(),
        "updated_at": (NOW - dt.timedelta(days=rng.randrange(0, (NOW - made).days + 1))).isoformat(),
    }


def _each(change: Callable[[Random, Row], Row], share: float) -> Callable[[Random, list[Row]], list[Row]]:
    """Plant a change in a share of the rows."""

    def plant(rng: Random, rows: list[Row]) -> list[Row]:
        return [row | change(rng, row) if rng.random() < share else row for row in rows]

    return plant


def _set(**cells: str) -> Callable[[Random, Row], Row]:
    return lambda _rng, _row: dict(cells)


def _typo(rng: Random, text: str) -> str:
    place = rng.randrange(1, max(len(text) - 1, 2))
    return text[:place] + text[place + 1 :]


def _repeated(share: float, owner: str = "") -> Callable[[Random, list[Row]], list[Row]]:
    def plant(rng: Random, rows: list[Row]) -> list[Row]:
        found = list(rows)
        for row in rows:
            if rng.random() < share and owner in {"", row["owner"]}:
                slip = {"last_name": _typo(rng, row["last_name"])} if rng.random() < 0.5 else {"phone": ""}
                found.append(row | slip | {"id": f"d{len(found):06d}"})
        return found

    return plant


def _swapped_firms(rng: Random, rows: list[Row]) -> list[Row]:
    domains = sorted({row["email"].partition("@")[2] for row in rows})
    return _each(lambda r, row: {"email": f"{row['email'].partition('@')[0]}@{r.choice(domains)}"}, 0.05)(rng, rows)


def _of_owner(rng: Random, rows: list[Row]) -> list[Row]:
    blank = {"email": "", "phone": "", "city": "", "zip": ""}
    return [row | blank if row["owner"] == _OWNERS[0] and rng.random() < 0.6 else row for row in rows]


def _only(stage: str, change: Row) -> Callable[[Random, list[Row]], list[Row]]:
    def plant(rng: Random, rows: list[Row]) -> list[Row]:
        return [row | change if row["stage"] == stage and rng.random() < 0.3 else row for row in rows]

    return plant


FAULTS: dict[str, Callable[[Random, list[Row]], list[Row]]] = {
    "duplicates": _repeated(0.1),
    "no_name": _each(_set(first_name="", last_name=""), 0.05),
    "no_email": _each(_set(email=""), 0.15),
    "no_phone": _each(_set(phone=""), 0.15),
    "no_place": _each(_set(city="", zip=""), 0.15),
    "invalid:email": _each(lambda _r, row: {"email": row["email"].replace("@", " ")}, 0.03),
    "invalid:phone": _each(lambda r, _row: {"phone": r.choice(("n/a", "000000", "12345", "call office"))}, 0.03),
    "invalid:birth_date": _each(lambda r, _row: {"birth_date": r.choice(("1980-02-31", "31.31.1980", "soon"))}, 0.03),
    "implausible:birth_date": _each(lambda r, _row: {"birth_date": f"{r.choice((2051, 1790))}-03-04"}, 0.03),
    "implausible:updated_at": _each(_set(updated_at="2031-01-01"), 0.03),
    "country_phone": _each(_set(phone="+44 20 7946 1234"), 0.03),
    "company_domain": _swapped_firms,
    "birth_age": _each(lambda _r, row: {"age": str(int(row["age"]) + 20)}, 0.05),
    "stale": _each(_set(created_at="2018-01-01", updated_at="2019-02-03"), 0.15),
    "role_address": _each(lambda _r, row: {"email": f"info@{row['email'].partition('@')[2]}"}, 0.05),
    "shared_value:phone": _each(_set(phone="+1 212 736 5000"), 0.04),
    "shared_value:email": _each(_set(email="frontdesk1@gmail.com"), 0.04),
    "made_up_number": _each(lambda r, _row: {"phone": f"+1 212 555 01{r.randrange(100):02d}"}, 0.05),
    "test_rows": _each(_set(first_name="Test", last_name="Test"), 0.01),
    "generic_name": _each(_set(first_name="Barbara", last_name="Laufzettel"), 0.05),
    "default_date": _each(_set(birth_date="1970-01-01"), 0.05),
    "no_owner": _each(_set(owner=""), 0.05),
    "owner_gaps": _of_owner,
    "owner_duplicates": _repeated(0.6, _OWNERS[1]),
    "lead_without_outcome": _only("lead", {"created_at": "2024-08-01", "updated_at": "2025-01-01"}),
    "won_without_contact": _only("customer", {"email": "", "phone": ""}),
    "only_by_name": _each(_set(email="", phone=""), 0.15),
    "unreachable": _each(_set(first_name="", last_name="", email="", phone=""), 0.02),
}
"""What is planted, by the code of the finding that should say so; after a colon stands the column."""


def planted(name: str, rows: Sequence[Row], seed: int) -> list[Row]:
    """A table with one fault planted."""
    return FAULTS[name](Random(f"{seed} {name}"), list(rows))  # noqa: S311 - repeatable is what it must be


def main() -> None:
    """Write the tables into the folder that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.planted", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--rows", type=int, default=1200, help="rows of each table (default 1200)")
    parser.add_argument("--seed", type=int, default=7, help="one seed, one set of files (default 7)")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    first = clean(asked.rows, asked.seed)
    for name, rows in {"clean": first, **{name: planted(name, first, asked.seed) for name in FAULTS}}.items():
        with (asked.folder / f"{name.replace(':', '-')}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(first[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
