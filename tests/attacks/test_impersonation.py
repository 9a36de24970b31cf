"""Impostors made from what anybody can read about a customer: none is verified, none adds a way to reach the customer.

Every customer of a sample is attacked in every way; run with ``-s`` to see the counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pyarrow.csv
import pytest

import socialmerge as sm
from socialmerge import sample

pytestmark = pytest.mark.slow

ATTACKED = 150
MAIL, PHONE, SITE = "thief@evil.example", "+12025550199", "https://evil.example/pay"
LOOKALIKES = str.maketrans({"a": "а", "e": "е", "o": "о", "i": "і", "c": "с", "p": "р"})  # Cyrillic letters

Row = dict[str, Any]
Attack = Callable[[Row, int], Row]


@cache
def victims() -> list[Row]:
    rows = pyarrow.csv.read_csv(sample.customers()).to_pylist()
    return [row for row in rows if row["firstname"] and row["lastname"] and row["email"]][:ATTACKED]


def name(row: Row) -> str:
    return f"{row['firstname']} {row['lastname']}"


def handle(row: Row) -> str:
    return str(row["github_url"] or row["twitterhandle"] or f"{row['firstname']}{row['lastname']}").rpartition("/")[2]


def github(number: int, **values: object) -> Row:
    """An account of GitHub's own export: what the platform proves is its id and its login, nothing else."""
    own = {"login": f"thief-{number}", "id": 900_000 + number, "node_id": f"U_{number}", "type": "User"}
    return {**own, "name": None, "email": None, "blog": "", "company": None, "location": None, "bio": None, **values}


def mastodon(number: int, **values: object) -> Row:
    own = {"id": str(700_000 + number), "acct": f"thief{number}@evil.example", "bot": False, "group": False}
    where = {"uri": f"https://evil.example/users/thief{number}", "url": f"https://evil.example/@thief{number}"}
    return {**own, **where, "username": f"thief{number}", "display_name": "", "note": "", "fields": [], **values}


def field(label: str, value: str, verified_at: str | None = None) -> Row:
    return {"name": label, "value": value, "verified_at": verified_at}


def place(row: Row) -> str:
    return f"{row['city']}, {row['state']}"


ATTACKS: dict[str, Attack] = {
    "copied name, place and employer": lambda row, n: github(
        n, name=name(row), location=place(row), company=row["company"], email=MAIL, bio=f"Mail {MAIL}", blog=SITE
    ),
    "asserted e-mail of the customer": lambda row, n: github(
        n, name=name(row), email=row["email"], bio=f"call {PHONE} or {MAIL}", blog=SITE
    ),
    "asserted e-mail under another name": lambda row, n: github(
        n, name="Mallory Evilsson", email=row["email"], blog=SITE
    ),
    "handle of other letters that look the same": lambda row, n: github(
        n, login=handle(row).translate(LOOKALIKES), name=name(row), email=MAIL
    ),
    "handle with one letter more": lambda row, n: github(n, login=f"{handle(row)}1", name=name(row), email=MAIL),
    "links to the customer's accounts": lambda row, n: github(
        n, name=name(row), blog=row["hs_linkedin_url"] or row["website"] or "", email=MAIL
    ),
    "fields that nobody verified": lambda row, n: mastodon(
        n,
        display_name=name(row),
        note=f"<p>{row['company']}, {place(row)}. <a href='mailto:{MAIL}'>write</a></p>",
        fields=[field("mail", row["email"]), field("web", row["website"] or SITE), field("tel", PHONE)],
    ),
    "a site of the thief's that Mastodon verified": lambda row, n: mastodon(
        n,
        display_name=name(row),
        fields=[field("web", f"<a href='{SITE}'>{SITE}</a>", "2024-01-01T00:00:00Z"), field("mail", MAIL)],
    ),
    "official account": lambda row, n: github(n, login=f"official-{n}", name=f"{name(row)} Official", email=MAIL),
    "organisation": lambda row, n: github(n, name=name(row), type="Organization", email=MAIL, company=row["company"]),
    "template left as it was": lambda row, n: github(
        n, login="your-username", name=name(row), blog="https://www.facebook.com/", email="you@example.com", bio=MAIL
    ),
}


@cache
def attacked(kind: str) -> tuple[sm.AttachResult, dict[str, Row]]:
    """The result of attacking every victim in one way, and the records that come of it by customer."""
    number = list(ATTACKS).index(kind) * 10_000
    accounts = [ATTACKS[kind](row, number + at) for at, row in enumerate(victims())]
    export = "mastodon" if "acct" in accounts[0] else "github"
    result = sm.attach(accounts, to=sample.customers(), channel=export)
    return result, {row["entity_id"]: row for row in result.golden().records.to_pylist()}


@pytest.mark.parametrize("kind", ATTACKS)
def test_no_impostor_is_verified(kind: str) -> None:
    decisions = attacked(kind)[0].decisions
    counts = Counter(zip(decisions["verdict"].to_pylist(), decisions["assurance"].to_pylist(), strict=True))
    print(f"{kind}: {dict(counts)}")  # noqa: T201 - the counts are asked for
    assert sum(counts.values()) > 0
    assert "verified" not in decisions["assurance"].to_pylist()


@pytest.mark.parametrize("kind", ATTACKS)
def test_no_impostor_adds_a_way_to_reach_a_customer(kind: str) -> None:
    records = attacked(kind)[1]
    customers = {str(row["hs_object_id"]) for row in victims()}
    reached = [
        entity
        for entity, record in records.items()
        if entity in customers
        for said in [json.dumps(record)]
        if MAIL in said or "2025550199" in said
    ]
    assert customers <= records.keys()
    assert reached == []


@pytest.mark.parametrize("kind", ATTACKS)
def test_no_impostor_changes_what_the_customer_record_says(kind: str) -> None:
    result, _ = attacked(kind)
    changed = result.changes()
    overwritten = [row for row in changed.to_pylist() if row["before"] and row["source"] != "crm"]
    assert [row["field"] for row in overwritten if row["field"] in ("email", "phone", "firstname", "lastname")] == []


@pytest.mark.parametrize("kind", ["organisation", "official account"])
def test_organisations_and_official_accounts_are_never_attached(kind: str) -> None:
    assert "attach" not in attacked(kind)[0].decisions["verdict"].to_pylist()


def test_lookalike_handles_are_asked_about_or_new_and_never_attached() -> None:
    shown = {str(row["hs_object_id"]) for row in victims() if row["github_url"]}
    decisions = attacked("handle of other letters that look the same")[0].decisions.to_pylist()
    assert len(shown) > 10
    assert [row for row in decisions if row["verdict"] == "attach" and row["customer_id"] in shown] == []
