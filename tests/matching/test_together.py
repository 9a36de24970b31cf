"""Profiles as evidence for each other."""

from __future__ import annotations

import pyarrow as pa

from socialmerge.matching.together import Together, groups
from socialmerge.records import profiles_schema


def together(*rows: dict[str, object]) -> Together:
    return groups(
        pa.Table.from_pylist([{"profile_id": str(n), **row} for n, row in enumerate(rows)], schema=profiles_schema())
    )


def test_one_stable_id_in_one_scope_is_one_person() -> None:
    found = together(
        {"channel": "slack", "scope": "team1", "account_id": "U7"},
        {"channel": "slack", "scope": "team1", "account_id": "U7", "handle": "renamed"},
        {"channel": "slack", "scope": "team2", "account_id": "U7"},
    )
    assert found.one.tolist() == [0, 0, 2]


def test_a_verified_address_proves_and_another_only_says() -> None:
    address = ["ada@example.com"]
    proved = {"channel": "x", "emails": address, "verified_emails": address}
    found = together(proved, {**proved, "channel": "github"}, {"channel": "mastodon", "emails": address})
    assert found.one.tolist() == [0, 0, 2]
    assert found.likely.tolist() == [0, 0, 0]


def test_an_office_is_nobody() -> None:
    office = {"emails": ["info@example.com"], "verified_emails": ["info@example.com"]}
    found = together({"channel": "x", **office}, {"channel": "github", **office})
    assert found.one.tolist() == found.likely.tolist() == [0, 1]


def test_links_both_ways_prove_and_one_way_only_says() -> None:
    there = {"channel": "github", "handle": "ada", "links": ["https://twitter.com/ada_l"]}
    back = {"channel": "x", "handle": "ada_l", "links": ["https://github.com/ada"]}
    assert together(there, back).one.tolist() == [0, 0]
    one_way = together(there, {**back, "links": []})
    assert one_way.one.tolist() == [0, 1]
    assert one_way.likely.tolist() == [0, 0]


def test_nothing_in_common_is_nobody_together() -> None:
    found = together({}, {"channel": "x"}, {"channel": "x", "handle": "ada"})
    assert found.one.tolist() == found.likely.tolist() == [0, 1, 2]
    assert together().one.tolist() == []
