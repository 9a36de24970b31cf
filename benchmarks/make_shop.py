"""Makes the tutorial's data: a small shop's spreadsheet with the usual faults, and what the shop can collect.

``python -m benchmarks.make_shop`` writes ``src/socialmerge/sample/shop/`` and the answers in ``tests/sample/``; the
same seed writes the same bytes, and a test holds the files to this script.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TypeAlias

from benchmarks.people import WORDS, Person, distinct, people, typo
from benchmarks.sample_exports import EXPORTS, Shown

__all__ = ["Shop", "files", "make"]

Cells: TypeAlias = dict[str, str]

_ROOT = Path(__file__).resolve().parents[1]
_CUSTOMERS, _DUPLICATES, _STRANGERS, _SOCIAL = 360, 24, 60, 110
_TODAY = date(2026, 11, 1)
# Three people serve customers; one of them writes down little, and types the rest in haste.
_STAFF = {"Mara": 0.45, "Tom": 0.35, "Jo": 0.20}
_HASTY = "Jo"
_NO_ADDRESS = ("n/a", "none", "ask her", "xx@")
_FRONT_DESK = "orders@brindle-thread.example.com"  # typed where a customer gave no address


@dataclass(frozen=True, slots=True)
class Shop:
    """Each row of the spreadsheet with its person's number, the orders, and the accounts of each export."""

    rows: tuple[tuple[int, Cells], ...]
    orders: tuple[Cells, ...]
    shown: dict[str, list[tuple[Shown, int | None]]]


def make(seed: int = 20261128) -> Shop:
    """Make up everything; the same seed gives the same shop."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    made = distinct(people(rng, _CUSTOMERS + _STRANGERS))
    everybody, strangers = made[:_CUSTOMERS], made[_CUSTOMERS:]
    rows = [(person.number, _cells(rng, person)) for person in everybody]
    for at in rng.sample(range(_CUSTOMERS), _DUPLICATES):
        rows.append((everybody[at].number, _again(rng, everybody[at], rows[at][1])))
    rng.shuffle(rows)
    numbered = tuple((number, {"Customer no": str(1001 + place)} | cells) for place, (number, cells) in enumerate(rows))
    shown = {"leads": _some(rng, everybody, strangers), "mastodon": _some(rng, everybody, strangers)}
    shown["vcard"] = _some(rng, everybody, strangers)
    return Shop(numbered, tuple(_orders(rng, [cells for _, cells in numbered])), shown)


def _cells(rng: Random, person: Person) -> Cells:
    """What the shop wrote down of a person, in the columns that it has."""
    staff = rng.choices(list(_STAFF), weights=list(_STAFF.values()))[0]
    care = 0.45 if staff == _HASTY else 0.85
    first = date(2021, 1, 4) + timedelta(days=rng.randrange(2100))
    status = rng.choices(("customer", "lead", "lost"), weights=(70, 24, 6))[0]
    email = person.email if rng.random() < care else rng.choice(("", "", *_NO_ADDRESS, _FRONT_DESK))
    return {
        "Name": person.name,
        "E-mail": email,
        "Phone": person.phone if rng.random() < care - 0.15 else "",
        "Street": person.home.street if rng.random() < care - 0.2 else "",
        "Town": person.home.city if rng.random() < care else "",
        "State": person.home.state,
        "ZIP": person.home.postcode if rng.random() < care - 0.2 else "",
        "Birthday": person.birth if rng.random() < 0.25 else ("1900-01-01" if rng.random() < 0.04 else ""),
        "Status": status,
        "Served by": staff,
        "First contact": first.isoformat(),
        "Customer since": (first + timedelta(days=rng.randrange(60))).isoformat() if status == "customer" else "",
        "Last contact": min(first + timedelta(days=rng.randrange(30, 900)), _TODAY).isoformat(),
    }


def _again(rng: Random, person: Person, first: Cells) -> Cells:
    """The same person, written down a second time by whoever served them that day."""
    second = _cells(rng, person)
    slip = rng.randrange(3)
    names = (f"{person.nickname or person.given[0]} {person.family}", typo(rng, person.name), person.name.upper())
    kept = {column: first[column] or second[column] for column in ("Street", "Town", "State", "ZIP", "Phone")}
    return second | kept | {"Name": names[slip], "E-mail": second["E-mail"] or first["E-mail"]}


def _orders(rng: Random, rows: Sequence[Cells]) -> Iterator[Cells]:
    bought = [row for row in rows if row["Status"] == "customer"]
    number = 5000
    for row in bought:
        since = date.fromisoformat(row["Customer since"])
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            number += 1
            day = since + timedelta(days=rng.randrange(max(1, (_TODAY - since).days)))
            amount = f"{rng.lognormvariate(3.4, 0.7):.2f}"
            order = {"Order no": str(number), "Customer no": row["Customer no"]}
            yield order | {"Order date": day.isoformat(), "Amount": amount}


def _some(rng: Random, everybody: Sequence[Person], strangers: Sequence[Person]) -> list[tuple[Shown, int | None]]:
    """Accounts of one channel: mostly of customers, some of people whom the shop does not know."""
    known = [(_account(rng, one), one.number) for one in rng.sample(list(everybody), _SOCIAL)]
    found = [*known, *((_account(rng, one), None) for one in rng.sample(list(strangers), _STRANGERS // 2))]
    rng.shuffle(found)
    return found


def _account(rng: Random, person: Person) -> Shown:
    def maybe(share: float, value: str) -> str:
        return value if rng.random() < share else ""

    return Shown(
        kind="",
        number=person.number,
        handle=f"{person.handle}@{rng.choice(WORDS.servers)}",
        name=f"{person.given} {person.family}",
        given=person.given,
        family=person.family,
        bio=maybe(0.5, f"{person.interest.capitalize()}, mostly."),
        place=maybe(0.6, f"{person.home.city}, {person.home.state}"),
        website=maybe(0.2, person.website),
        email=maybe(0.85, person.email),
        phone=maybe(0.5, person.phone),
        created=(date(2022, 1, 3) + timedelta(days=rng.randrange(1700))).isoformat(),
        is_proved=rng.random() < 0.5,
    )


def _leads(shown: Sequence[Shown]) -> str:
    """A lead form's answers as Facebook's interface gives them."""
    return json.dumps({"data": [_lead(one) for one in shown]}, indent=1) + "\n"


def _lead(one: Shown) -> dict[str, object]:
    answers = {"full_name": one.name, "email": one.email, "phone_number": one.phone, "city": one.place.split(",")[0]}
    return {
        "id": str(880_000_000_000 + one.number * 7919),
        "created_time": f"{one.created}T10:{one.number % 60:02d}:00+0000",
        "form_id": "770000000000001",
        "platform": "fb" if one.number % 3 else "ig",
        "field_data": [{"name": name, "values": [value]} for name, value in answers.items() if value],
    }


def _pilot(shop: Shop) -> Iterator[Cells]:
    """Twelve accounts that somebody in the shop matched by hand on an afternoon, two of them wrongly."""
    numbers: dict[int | None, str] = {number: cells["Customer no"] for number, cells in reversed(shop.rows)}
    known = [(one, numbers[owner]) for one, owner in shop.shown["mastodon"] if owner is not None][:12]
    for place, (one, customer) in enumerate(known):
        user, _, host = one.handle.partition("@")
        wrong = known[(place + 5) % len(known)][1]
        yield {
            "Customer no": wrong if place in {4, 9} else customer,
            "Account": f"https://{host}/@{user}",
            "Same person?": "not sure" if place == 7 else "yes",
            "Who checked": "Mara",
            "When": "2026-10-20",
            "Comment": "asked at the till" if place % 3 == 0 else "",
        }


def files(shop: Shop) -> Iterator[tuple[Path, str]]:
    """Every file of the shop with its text: the data first, then the answers."""
    data, answers = _ROOT / "src/socialmerge/sample/shop", _ROOT / "tests/sample"
    yield data / "customers.csv", _csv([cells for _, cells in shop.rows])
    yield data / "orders.csv", _csv(shop.orders)
    yield data / "leads.json", _leads([one for one, _ in shop.shown["leads"]])
    yield data / "followers.json", EXPORTS["mastodon"][1]([one for one, _ in shop.shown["mastodon"]])
    yield data / "phone.vcf", EXPORTS["vcard"][1]([replace(one, created="") for one, _ in shop.shown["vcard"]])
    yield data / "pilot.csv", _csv(list(_pilot(shop)))
    labels = [{"id": cells["Customer no"], "entity_id": f"e{number}"} for number, cells in shop.rows]
    yield answers / "shop_truth.csv", _csv(labels)


def _csv(rows: Sequence[Cells]) -> str:
    text = io.StringIO()
    write = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    write.writeheader()
    write.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write every file."""
    for path, text in files(make()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


if __name__ == "__main__":
    main()
