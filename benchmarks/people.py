"""People who do not exist: their names, households, addresses and accounts, drawn from ``made_up.toml`` with a seed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TypeVar

from anyascii import anyascii

T = TypeVar("T")

__all__ = [
    "WORDS",
    "Company",
    "Home",
    "Person",
    "Words",
    "distinct",
    "invented",
    "letters",
    "moved",
    "namesake",
    "people",
    "typo",
]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household lives."""

    street: str
    city: str
    state: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Company:
    """Whom somebody works for."""

    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person."""

    number: int
    given: str
    nickname: str
    family: str
    suffix: str
    woman: bool
    birth: str
    home: Home
    phone: str
    email: str
    work_email: str
    company: Company
    title: str
    handle: str
    interest: str

    @property
    def name(self) -> str:
        """Given and family name, with the suffix of a generation."""
        return " ".join(filter(None, (self.given, self.family, self.suffix)))

    @property
    def linkedin(self) -> str:
        """The path of their LinkedIn page: the name, for every second one with the figures that LinkedIn adds."""
        name = f"{letters(self.given)}-{letters(self.family)}"
        return name if self.number % 2 else f"{name}-{self.number * 2654435761 % 16**8:08x}"

    @property
    def website(self) -> str:
        """A page of their own."""
        return f"https://{letters(self.handle)}.example.net"


@dataclass(frozen=True, slots=True)
class Words:
    """What people are made from; names as (name, nickname)."""

    women: tuple[tuple[str, str], ...]
    men: tuple[tuple[str, str], ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]
    street_kinds: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    area_codes: tuple[str, ...]
    companies: tuple[Company, ...]
    titles: tuple[str, ...]
    free_mail: tuple[str, ...]
    servers: tuple[str, ...]
    adjectives: tuple[str, ...]
    creatures: tuple[str, ...]
    syllables: tuple[str, ...]
    interests: tuple[str, ...]


def _words() -> Words:
    found = tomllib.loads(Path(__file__).with_name("made_up.toml").read_text(encoding="utf-8"))
    lists = {name: tuple(value.split() if isinstance(value, str) else value) for name, value in found.items()}
    kinds = lists.pop("company_kinds")
    lists["companies"] = tuple(
        Company(f"{first} {kind}", f"{first.lower()}-{kind.lower()}.example.com")
        for first in lists["companies"]
        for kind in kinds
    )
    lists["cities"] = tuple(map(tuple, lists["cities"]))
    for sex in ("women", "men"):
        lists[sex] = tuple((name, nickname) for name, _, nickname in (word.partition(":") for word in lists[sex]))
    return Words(**lists)


WORDS = _words()


def letters(text: str) -> str:
    """The ASCII letters and digits of a text, lower case."""
    return "".join(c for c in anyascii(text).lower() if c.isalnum())


def typo(rng: Random, text: str) -> str:
    """A text with one slip: a letter dropped, doubled, changed, or two swapped; never the first."""
    if len(text) < 3:
        return text
    at, kind = rng.randrange(1, len(text) - 1), rng.randrange(4)
    before, here, after, rest = text[:at], text[at], text[at + 1], text[at + 2 :]
    return (
        before + after + rest,
        before + here + here + after + rest,
        before + rng.choice("aeionrst") + after + rest,
        before + after + here + rest,
    )[kind]


def moved(rng: Random) -> Home:
    """A home anywhere."""
    city, state, postcode = rng.choice(WORDS.cities)
    street = f"{rng.randrange(1, 2400)} {rng.choice(WORDS.streets)} {rng.choice(WORDS.street_kinds)}"
    return Home(street, city, state, f"{postcode}{rng.randrange(100):02d}")


def people(rng: Random, count: int, *, first: int = 0) -> list[Person]:
    """Make people in households: couples, children, twins, and fathers and sons of one name."""
    found: list[Person] = []
    while len(found) < count:
        found += _household(rng, first + len(found))
    return found[:count]


def namesake(rng: Random, of: Person, number: int) -> Person:
    """Somebody else of the same name."""
    other = _person(rng, number, family=of.family, home=moved(rng), woman=of.woman)
    return _renamed(rng, other, of.given, of.nickname)


def distinct(some: list[Person]) -> list[Person]:
    """The same people, each with a handle and addresses of their own: nobody can have what is taken."""
    taken: set[str] = set()
    found = []
    for person in some:
        own = {field: getattr(person, field) for field in ("handle", "email", "work_email")}
        for field, value in own.items():
            name, at, domain = value.partition("@")
            own[field] = f"{name}{person.number}{at}{domain}" if value in taken else value
        taken |= set(own.values())
        found.append(replace(person, handle=own["handle"], email=own["email"], work_email=own["work_email"]))
    return found


def _household(rng: Random, number: int) -> list[Person]:
    home, family = moved(rng), _common(rng, WORDS.family)
    head = _person(rng, number, family=family, home=home, woman=rng.random() < 0.5)
    shape = rng.random()
    if shape < 0.55:
        return [head]
    if shape < 0.80:  # a couple, one in three with two names
        other = family if rng.random() < 0.67 else _common(rng, WORDS.family)
        return [head, _person(rng, number + 1, family=other, home=home, woman=not head.woman)]
    year = rng.randrange(1975, 2005)
    if shape < 0.90:  # brothers or sisters, every third pair of them twins
        one = _person(rng, number, family=family, home=home, woman=head.woman, year=year)
        two = _person(rng, number + 1, family=family, home=home, woman=head.woman, year=year + 3)
        return [one, replace(two, birth=one.birth) if rng.random() < 0.33 else two]
    if shape < 0.915:
        return _father_and_son(rng, number, family, home)
    child = _person(rng, number + 1, family=family, home=home, woman=rng.random() < 0.5, year=year)
    return [replace(head, birth=f"{year - 28}{head.birth[4:]}"), child]


def _father_and_son(rng: Random, number: int, family: str, home: Home) -> list[Person]:
    father = _person(rng, number, family=family, home=home, woman=False, year=rng.randrange(1945, 1975))
    son = _person(rng, number + 1, family=family, home=home, woman=False, year=int(father.birth[:4]) + 27)
    son = replace(_renamed(rng, son, father.given, father.nickname), suffix="Jr")
    return [replace(father, suffix="Sr"), replace(son, work_email=son.work_email.replace("@", ".jr@"))]


def _renamed(rng: Random, person: Person, given: str, nickname: str) -> Person:
    handle, email, work_email = _addresses(rng, given, person.family, person.company)
    return replace(person, given=given, nickname=nickname, handle=handle, email=email, work_email=work_email)


def _person(rng: Random, number: int, *, family: str, home: Home, woman: bool, year: int | None = None) -> Person:
    given, nickname = _common(rng, WORDS.women if woman else WORDS.men)
    company = rng.choice(WORDS.companies)
    handle, email, work_email = _addresses(rng, given, family, company)
    birth = f"{year or rng.randrange(1948, 2005)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    return Person(
        number=number,
        given=given,
        nickname=nickname,
        family=family,
        suffix="",
        woman=woman,
        birth=birth,
        home=home,
        phone=_phone(number),
        email=email,
        work_email=work_email,
        company=company,
        title=rng.choice(WORDS.titles),
        handle=handle,
        interest=rng.choice(WORDS.interests),
    )


def _phone(number: int) -> str:
    """A number that nobody else has, as long as there are fewer people than numbers; no neighbours in a row."""
    mixed = number * 7919 % (100 * len(WORDS.area_codes))
    return f"({WORDS.area_codes[mixed // 100]}) 555-01{mixed % 100:02d}"


def _addresses(rng: Random, given: str, family: str, company: Company) -> tuple[str, str, str]:
    """Handle, private and work e-mail address, mostly made from the name."""
    handle, local = _handle(rng, given, family), _handle(rng, given, family)
    local = handle if rng.random() < 0.3 else local
    return handle, f"{local}@{rng.choice(WORDS.free_mail)}", f"{letters(given)}.{letters(family)}@{company.domain}"


def invented(rng: Random) -> str:
    """A handle that says nothing of a name: two words or none, with figures or without."""
    words = rng.choice(WORDS.adjectives) + rng.choice(WORDS.creatures)
    sounds = "".join(rng.choices(WORDS.syllables, k=rng.choice((2, 3, 3, 4))))
    return rng.choice((words, sounds, sounds)) + (str(rng.randrange(1, 1000)) if rng.random() < 0.5 else "")


def _handle(rng: Random, given: str, family: str) -> str:
    one, two, number = letters(given), letters(family), str(rng.randrange(1, 100))
    forms = (one + two, one + two + number, one[0] + two, one[0] + two + number, two + one[0], one + two[0] + number)
    return invented(rng) if rng.random() < 0.3 else rng.choices(forms, weights=(24, 14, 14, 8, 5, 5))[0]


def _common(rng: Random, words: tuple[T, ...]) -> T:
    """A word, the first ones oftener: names are not spread evenly."""
    return rng.choices(words, weights=[1 / (rank + 15) for rank in range(len(words))])[0]
