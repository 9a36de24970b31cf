"""Rows that a CRM would hold of made-up people, and second rows of the same person as they come about in practice."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from benchmarks.people import WORDS, Person, moved, typo

__all__ = ["Row", "duplicate", "row"]

Row: TypeAlias = dict[str, str]

# How often a field of a row is filled.
_FILLED = {
    "email": 0.93, "phone": 0.55, "mobile": 0.45, "address": 0.72, "birth": 0.35, "company": 0.66,
    "linkedin": 0.12, "x": 0.08, "github": 0.05, "website": 0.06,
}  # fmt: skip


def row(rng: Random, person: Person) -> Row:
    """What a CRM knows of a person: not everything, but an address of some kind."""
    known = {field for field, share in _FILLED.items() if rng.random() < share} | {rng.choice(("email", "phone"))}
    company = person.company.name if "company" in known else ""
    fields = {
        "given": person.nickname if person.nickname and rng.random() < 0.05 else person.given,
        "family": f"{person.family} {person.suffix}".strip(),
        "title": person.title if company and rng.random() < 0.85 else "",
        "company": company,
        "email": person.work_email if company and rng.random() < 0.5 else person.email,
        "phone": person.phone,
        "mobile": _written(rng, person.phone),
        "birth": person.birth,
        "street": person.home.street,
        "city": person.home.city,
        "state": person.home.state,
        "postcode": person.home.postcode,
        "website": person.website,
        "linkedin": f"https://www.linkedin.com/in/{person.linkedin}",
        "x": f"@{person.handle[:15]}",
        "github": f"https://github.com/{person.handle}",
    }
    if "address" in known:
        known |= {"street", "city", "state", "postcode"}
    elif rng.random() < 0.4:
        known |= {"city", "state"}
    always = {"given", "family", "title", "company"}
    return {field: value if field in known | always else "" for field, value in fields.items()}


def duplicate(rng: Random, person: Person, first: Row) -> Row:
    """A second row of the same person: typed again, after a move or a wedding, under a nickname, with other holes."""
    second = row(rng, person) if rng.random() < 0.5 else dict(first)
    for change in rng.sample(_CHANGES, rng.choice((1, 1, 2))):
        second |= change(rng, person, second)
    second["phone"] = _written(rng, second["phone"])
    if not {field for field in _TELLING if second[field] and second[field] == first[field]}:
        second |= {field: first[field] for field in _TELLING[:2] if first[field]} or {"phone": first["phone"]}
    return second


_TELLING = ("email", "birth", "mobile", "street")


def _misspelt(rng: Random, _person: Person, second: Row) -> Row:
    field = rng.choice(("given", "family", "street"))
    return {field: typo(rng, second[field])}


def _nickname(_rng: Random, person: Person, _second: Row) -> Row:
    return {"given": person.nickname or f"{person.given[0]}."}


def _swapped(_rng: Random, _person: Person, second: Row) -> Row:
    return {"given": second["family"], "family": second["given"]}


def _moved(rng: Random, _person: Person, second: Row) -> Row:
    home = moved(rng)
    return {"street": home.street, "city": home.city, "state": home.state, "postcode": home.postcode} | (
        {"phone": ""} if second["mobile"] else {}
    )


def _married(rng: Random, person: Person, second: Row) -> Row:
    if not person.woman or person.suffix:
        return _misspelt(rng, person, second)
    other = rng.choice(WORDS.family)
    return {"family": rng.choice((other, f"{person.family}-{other}"))}


def _other_address(_rng: Random, person: Person, second: Row) -> Row:
    return {"email": person.email if second["email"] == person.work_email else person.work_email}


def _holes(rng: Random, _person: Person, second: Row) -> Row:
    return dict.fromkeys(rng.sample(sorted(set(second) - {"given", "family", "email"}), 6), "")


def _shouted(_rng: Random, _person: Person, second: Row) -> Row:
    return {field: second[field].upper() for field in ("given", "family", "city")}


_CHANGES: tuple[Callable[[Random, Person, Row], Row], ...] = (
    _misspelt,
    _nickname,
    _swapped,
    _moved,
    _married,
    _other_address,
    _holes,
    _shouted,
)


def _written(rng: Random, phone: str) -> str:
    """A telephone number as one of several people would type it."""
    digits = "".join(filter(str.isdigit, phone))[-10:]
    if not digits:
        return ""
    area, office, line = digits[:3], digits[3:6], digits[6:]
    forms = (
        f"({area}) {office}-{line}",
        f"{area}-{office}-{line}",
        f"+1 {area} {office} {line}",
        f"{area}.{office}.{line}",
    )
    return rng.choice(forms)
