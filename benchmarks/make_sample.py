"""Makes the demonstration's data: a CRM of 2,000 rows and exports of six channels, with the answers kept apart.

``python -m benchmarks.make_sample`` writes ``src/socialmerge/sample/`` and the answers in ``tests/sample/``; the same
seed writes the same bytes, and a test holds the files to this script.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from benchmarks.people import WORDS, Company, Person, distinct, invented, letters, namesake, people
from benchmarks.rows import Row, duplicate, row
from benchmarks.sample_exports import EXPORTS, Shown, profile_id

__all__ = ["Sample", "files", "make"]

_ROOT = Path(__file__).resolve().parents[1]
_ROWS, _DUPLICATES, _NAMESAKES, _SOCIAL, _STRANGERS = 2000, 125, 20, 300, 160
_REACH = {"github": 0.28, "x": 0.28, "mastodon": 0.24, "linkedin": 0.30, "slack": 0.26, "vcard": 0.24}
_COLUMNS = {  # as HubSpot exports contacts
    "hs_object_id": "id", "firstname": "given", "lastname": "family", "jobtitle": "title", "company": "company",
    "email": "email", "phone": "phone", "mobilephone": "mobile", "address": "street", "city": "city", "state": "state",
    "zip": "postcode", "country": "country", "date_of_birth": "birth", "website": "website",
    "hs_linkedin_url": "linkedin", "twitterhandle": "x", "github_url": "github", "lifecyclestage": "stage",
    "createdate": "created", "lastmodifieddate": "modified",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of the CRM, each with its person's number, and the accounts of every channel."""

    rows: tuple[tuple[int, Row], ...]
    shown: dict[str, list[tuple[Shown, int | None]]]


def make(seed: int = 20261121) -> Sample:
    """Make up everything; the same seed gives the same sample."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    first = people(rng, _ROWS - _DUPLICATES - _NAMESAKES)
    chosen = rng.sample(range(len(first)), _SOCIAL + 2 * _NAMESAKES)
    pairs = [number for number in chosen[_SOCIAL:] if not first[number].suffix][:_NAMESAKES]
    others = [namesake(rng, first[number], _ROWS + place) for place, number in enumerate(pairs)]
    made = distinct([*first, *others, *people(rng, _STRANGERS, first=_ROWS + _NAMESAKES)])
    everybody, strangers = made[:-_STRANGERS], made[-_STRANGERS:]
    social, paired = [made[number] for number in chosen[:_SOCIAL]], [made[number] for number in pairs]
    rows = _rows(rng, everybody, social)
    shown: dict[str, list[tuple[Shown, int | None]]] = {channel: [] for channel in EXPORTS}
    _show_people(rng, social, shown, kind="customer")
    _show_people(rng, strangers, shown, kind="stranger")
    _show_namesakes(rng, paired, shown)
    _show_others(rng, shown)
    _show_impersonator(rows, social, shown)
    for accounts in shown.values():
        rng.shuffle(accounts)
    return Sample(tuple(rows), shown)


def _rows(rng: Random, everybody: Sequence[Person], social: Sequence[Person]) -> list[tuple[int, Row]]:
    talkative = {one.number for one in social}
    rows = [(one.number, _known(rng, one, is_social=one.number in talkative)) for one in everybody]
    for number in rng.sample(range(len(everybody)), _DUPLICATES):
        rows.append((everybody[number].number, duplicate(rng, everybody[number], rows[number][1])))
    rng.shuffle(rows)
    return [(number, _recorded(rng, place, one)) for place, (number, one) in enumerate(rows)]


def _known(rng: Random, person: Person, *, is_social: bool) -> Row:
    """The row of a customer; of those who are on social media it holds an account or a page more often."""
    found = row(rng, person)
    accounts = {
        "website": (person.website, 0.35),
        "x": (f"@{person.handle[:15]}", 0.2),
        "github": (f"https://github.com/{person.handle}", 0.12),
    }
    return found | {field: value for field, (value, share) in accounts.items() if is_social and rng.random() < share}


def _recorded(rng: Random, place: int, one: Row) -> Row:
    created = f"{rng.randrange(2018, 2026)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    return one | {
        "id": str(41_000_000_000 + place * 137),
        "country": "United States" if one["state"] else "",
        "stage": rng.choice(("lead", "customer", "customer", "customer", "opportunity", "evangelist")),
        "created": f"{created} {rng.randrange(8, 18):02d}:{rng.randrange(60):02d}",
        "modified": f"2026-{rng.randrange(1, 11):02d}-{rng.randrange(1, 29):02d} {rng.randrange(8, 18):02d}:00",
    }


def _show_people(
    rng: Random, some: Sequence[Person], shown: dict[str, list[tuple[Shown, int | None]]], *, kind: str
) -> None:
    for person in some:
        on = {channel for channel, share in _REACH.items() if rng.random() < share} or {rng.choice(list(_REACH))}
        for channel in sorted(on):
            account = _account(rng, person, channel, on)
            shown[channel].append((replace(account, kind=kind), person.number if kind == "customer" else None))


def _account(rng: Random, person: Person, channel: str, on: set[str]) -> Shown:
    """How a person appears on a channel: what it asks for, and of the rest what they care to fill in."""

    def maybe(share: float, value: str) -> str:
        return value if rng.random() < share else ""

    given = person.nickname if person.nickname and rng.random() < 0.15 else person.given
    is_open = channel in {"slack", "vcard"}
    email = person.work_email if channel == "slack" or rng.random() < 0.3 else person.email
    return Shown(
        kind="",
        number=person.number,
        handle=_handle(rng, person, channel),
        name=f"{given} {person.family}" if rng.random() < 0.9 or is_open else given,
        given=given,
        family=person.family,
        bio=maybe(0.6, f"{person.title}. {person.interest.capitalize()}, mostly."),
        place=maybe(0.55, f"{person.home.city}, {person.home.state}"),
        website=maybe(0.35, person.website),
        email=maybe({"github": 0.3, "linkedin": 0.08, "slack": 0.95, "vcard": 0.7}.get(channel, 0.0), email),
        phone=maybe(0.4, person.phone) if is_open else "",
        company=maybe(0.9 if channel == "linkedin" else 0.35, person.company.name),
        title=maybe(0.9 if channel == "linkedin" else 0.5, person.title),
        x=maybe(0.5, person.handle[:15]) if "x" in on else "",
        github=maybe(0.5, person.handle) if "github" in on else "",
        created=f"{rng.randrange(2009, 2026)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        is_proved=rng.random() < 0.6,
    )


def _handle(rng: Random, person: Person, channel: str) -> str:
    if channel == "linkedin":
        return person.linkedin
    if channel == "x":
        return person.handle[:15]
    if channel == "mastodon":
        user = person.handle if rng.random() < 0.8 else invented(rng)
        return f"{user}@{rng.choice(WORDS.servers)}"
    return f"{letters(person.given)}.{letters(person.family)}" if channel == "slack" else person.handle


def _show_namesakes(rng: Random, paired: Sequence[Person], shown: dict[str, list[tuple[Shown, int | None]]]) -> None:
    """One of two customers of one name shows nothing else: only a person can tell which."""
    for number, person in enumerate(paired):
        channel = ("github", "x", "mastodon")[number % 3]
        user = letters(person.given) + letters(person.family)
        handle = f"{user}@{WORDS.servers[0]}" if channel == "mastodon" else user[:15]
        bio = f"{person.interest.capitalize()}, mostly." if rng.random() < 0.5 else ""
        account = Shown("namesake", person.number, handle, person.name, bio=bio, created="2019-05-04")
        shown[channel].append((account, person.number))


def _show_others(rng: Random, shown: dict[str, list[tuple[Shown, int | None]]]) -> None:
    """Companies and bots, which the channel itself says are no persons."""
    by_word = {company.domain.split("-")[0]: company for company in rng.sample(WORDS.companies, len(WORDS.companies))}
    for number, company in enumerate([by_word[word] for word in sorted(by_word)[:30]]):
        channel = ("github", "x", "mastodon", "slack", "vcard")[number % 5]
        is_bot = channel in {"mastodon", "slack"}
        shown[channel].append((_company_account(number, company, channel, is_bot=is_bot), None))


def _company_account(number: int, company: Company, channel: str, *, is_bot: bool) -> Shown:
    word = letters(company.name.split()[0])
    handle = f"{word}-bot" if is_bot else word
    return Shown(
        kind="bot" if is_bot else "organisation",
        number=5000 + number,
        handle=f"{word}_bot@{WORDS.servers[number % 3]}" if channel == "mastodon" else handle,
        name=f"{company.name} Bot" if is_bot else company.name,
        bio="Posts what is new, every hour." if is_bot else f"News from {company.name}.",
        website=f"https://{company.domain}",
        company=company.name,
        created="2020-02-02",
        is_person=False,
    )


def _show_impersonator(
    rows: Sequence[tuple[int, Row]], social: Sequence[Person], shown: dict[str, list[tuple[Shown, int | None]]]
) -> None:
    """An account on X whose handle looks like a customer's and copies what that customer shows."""
    in_crm = {number for number, one in rows if one["x"]}
    person = next(one for one in social if one.number in in_crm and "l" in one.handle[1:12])
    handle = person.handle[:15].replace("l", "1", 1) if person.handle[0] != "l" else "1" + person.handle[1:15]
    place = f"{person.home.city}, {person.home.state}"
    copied = Shown("impersonator", 6000, handle, person.name, bio=f"{person.title}.", place=place, created="2026-09-01")
    shown["x"].append((replace(copied, website=person.website), None))


def files(sample: Sample) -> Iterator[tuple[Path, str]]:
    """Every file of the sample with its text: the data first, then the answers."""
    data, answers = _ROOT / "src/socialmerge/sample", _ROOT / "tests/sample"
    cells = [[one[field] for field in _COLUMNS.values()] for _, one in sample.rows]
    yield data / "customers.csv", _csv([list(_COLUMNS), *cells])
    for channel, (name, write) in EXPORTS.items():
        yield data / name, write([one for one, _ in sample.shown[channel]])
    labels = [[one["id"], f"e{number}"] for number, one in sample.rows]
    yield answers / "customers_truth.csv", _csv([["id", "entity_id"], *sorted(labels)])
    yield answers / "profiles_truth.csv", _csv([["profile_id", "kind", "customer_id"], *_owners(sample)])


def _owners(sample: Sample) -> Iterator[list[str]]:
    """One line for every account and customer row that are one person's; one with no id where there is none."""
    rows_of: dict[int | None, list[str]] = {None: [""]}
    for number, one in sample.rows:
        rows_of.setdefault(number, []).append(one["id"])
    for channel, accounts in sample.shown.items():
        for account, owner in accounts:
            for customer in sorted(rows_of[owner]):
                yield [profile_id(channel, account), account.kind, customer]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write every file."""
    for path, text in files(make()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


if __name__ == "__main__":
    main()
