"""A draft says which attributes of a channel are worth taking, and keeps back those that contradict the customers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import socialmerge as sm
from socialmerge import Resolver, Strategy, draft_strategy
from socialmerge.resolver.drafting import draft_of_store

COUNT = 40
FAMILY = ("Lovell", "Okafor", "Neumann", "Moreau", "Fischer", "Rossi", "Adler", "Brandt", "Castel", "Dorn")


def customers(count: int = COUNT) -> list[dict[str, Any]]:
    return [
        {
            "id": f"c{at}",
            "name": f"Ada{at} {FAMILY[at % 10]}",
            "email": f"ada{at}@example.com",
            "city": "Leeds" if at % 2 else None,
            "company": None,
        }
        for at in range(count)
    ]


def profiles(count: int = COUNT, location: str = "Sydney, Australia") -> list[dict[str, Any]]:
    return [
        {
            "profile_id": f"mastodon:{at}",
            "channel": "mastodon",
            "handle": f"ada{at}",
            "display_name": f"Ada{at} {FAMILY[at % 10]}",
            "emails": [f"ADA{at}@example.com"],
            "location": location,
            "employer": "Example Works" if at < 9 else None,
            "bio": None,
        }
        for at in range(count)
    ]


def decided(count: int = COUNT) -> pa.Table:
    rows = ({"profile_id": f"mastodon:{at}", "verdict": "attach", "customer_id": f"c{at}"} for at in range(count))
    return pa.Table.from_pylist([row | {"probability": 0.99} for row in rows])


def draft(**more: Any) -> Any:  # noqa: ANN401 - the private type of a draft
    given = {"profiles": pa.Table.from_pylist(profiles()), "customers": customers(), "region": "GB"} | more
    return draft_strategy(decided(), **given)


def test_what_contradicts_the_customers_is_kept_back_and_the_rest_is_taken_with_counts() -> None:
    found = draft()
    assert found.strategy.use("mastodon").fields == {"location": "secret"}
    said = "\n".join(found.reasons["mastodon"])
    assert "location is filled in 40 of 40 attached, agrees with yours in 0 of 20 where both have one (0.00 to" in said
    assert "fewer than 0.50 agree, so nobody is to see it (secret)" in said
    assert "employer is filled in 9 of 40 attached, fills 9 blanks: worth taking" in said
    assert "emails is filled in 40 of 40 attached, agrees with yours in 40 of 40" in said
    assert "handle is filled in 40 of 40 attached; your table has nothing to compare it with" in said
    assert "never filled: bio" in said
    counts = found.as_dict()["channels"]["mastodon"]["counts"]["fields"]["location"]
    assert counts == {"profiles": 40, "filled": 40, "compared": 20, "agrees": 0, "fills": 20}


def test_what_agrees_or_is_seldom_there_is_not_kept_back() -> None:
    alike = pa.Table.from_pylist(profiles(location="leeds, UK"))
    assert draft(profiles=alike).strategy.use("mastodon").fields == {}
    few = draft_strategy(decided(6), pa.Table.from_pylist(profiles(6)), customers=customers(6))
    assert few.strategy.use("mastodon").fields == {}


def test_what_people_said_of_a_profile_counts_before_what_it_is_attached_to() -> None:
    wrong = {"left_id": [f"mastodon:{at}" for at in range(COUNT)], "right_id": [f"c{at}" for at in range(COUNT)]}
    said = draft(labels=pa.table(wrong | {"verdict": ["different"] * COUNT}))
    assert not any(one.startswith("fields:") for one in said.reasons["mastodon"])


def test_a_name_that_contradicts_takes_what_is_derived_from_it_along() -> None:
    other = [row | {"display_name": "Zoe Quist", "given_name": "Zoe"} for row in profiles()]
    found = draft(profiles=pa.Table.from_pylist(other)).strategy.use("mastodon").fields
    assert set(found) == {"display_name", "given_name", "location"}


def test_what_is_kept_back_is_in_no_view(tmp_path: Path) -> None:
    draft().save(tmp_path / "channels.toml")
    strategy = Strategy.load(tmp_path / "channels.toml")
    golden = sm.attach(pa.Table.from_pylist(profiles(4)), to=customers(4), region="GB").golden()
    asked = {"channel": "mastodon", "purpose": "research", "unknown": "allow"}
    before = golden.view(**asked).grounds["field"].to_pylist()
    after = golden.view(**asked, strategy=strategy)
    assert golden.provenance["attribute"].to_pylist().count("location") > 0
    assert len(after.grounds) < len(before)
    rows = after.withheld.filter(pc.equal(after.withheld["reason"], "secret: not for this channel"))
    assert rows.num_rows > 0


def test_a_store_is_drafted_with_its_own_customers(tmp_path: Path) -> None:
    with Resolver(store=f"sqlite:///{tmp_path / 'people.db'}") as resolver:
        resolver.load(customers())
        resolver.ingest(profiles())
        found = draft_of_store(resolver)
    assert found.strategy.use("mastodon").fields == {"location": "secret"}
