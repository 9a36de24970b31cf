"""What one row said at different times: which of it holds, and that nothing of it is lost without a word."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.resolver import light
from tests.resolver.conftest import KEY

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.merging import Strategy
from socialmerge.resolver import state as states

ADA = {"id": "c1", "name": "Ada Lovelace", "email": "ada@example.com"}
SECOND = ADA | {"email": "second@example.com"}
HOME = {"street": "1 High Street", "city": "Leeds", "postcode": "LS1 1AA", "country": "GB"}
MOVED = HOME | {"street": "22 Long Road", "postcode": ""}
FIRST, NOW = ADA["email"], SECOND["email"]
Row = dict[str, str]
Lost = list[tuple[str | None, str, str]]


@pytest.fixture
def resolver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """A store of SQLite: what is said of values is worked out above it, the same on each database."""
    monkeypatch.setattr(states, "judge", light.judge)
    with Resolver(store=f"sqlite:///{tmp_path}/people.db", key=KEY) as one:
        yield one


def tell(resolver: Resolver, *rows: tuple[Row, int | None]) -> None:
    for row, year in rows:
        seen = None if year is None else datetime(year, 1, 1, tzinfo=UTC)
        resolver.load(pa.Table.from_pylist([row]), observed_at=seen)


def email(resolver: Resolver, rule: Strategy | None = None) -> tuple[object, Lost]:
    """The address that is kept, and what was rejected for it by which rule."""
    return field(resolver, "email", None if rule is None else sm.Policy(rules={"email": rule}))


def field(resolver: Resolver, name: str, policy: sm.Policy | None = None) -> tuple[object, Lost]:
    golden = resolver.golden("c1", policy=policy)
    rows = golden.conflicts.to_pylist()
    lost = [(row["kept"], row["rejected"], row["rule"]) for row in rows if row["field"] == name]
    return golden.records[name][0].as_py(), lost


@pytest.mark.parametrize("order", [1, -1])
def test_without_dates_both_values_of_a_row_hold_and_the_policy_chooses(resolver: Resolver, order: int) -> None:
    tell(resolver, *[(ADA, None), (SECOND, None)][::order])
    assert email(resolver, sm.keep.every()) == ([FIRST, NOW], [])
    assert email(resolver) == (NOW, [(NOW, FIRST, "longest")])
    assert email(resolver, sm.keep.validated()) == (FIRST, [(FIRST, NOW, "value")])
    tell(resolver, ({"id": "c2", "name": "Ada Lovelace", "email": FIRST}, None))
    resolver.decide(("c1", "c2"), "same", by="ana")
    often = sm.keep.first(sm.keep.most_frequent(), sm.keep.longest())
    assert email(resolver, often) == (FIRST, [(FIRST, NOW, "most_frequent")])


def test_a_row_with_a_later_date_says_what_it_says_now_and_the_conflicts_say_what_it_said(resolver: Resolver) -> None:
    tell(resolver, (SECOND, 2024), (ADA, None), (ADA, 2020))  # in whichever order they come
    assert email(resolver) == (NOW, [(NOW, FIRST, "superseded")])
    assert email(resolver, sm.keep.every()) == ([NOW], [(NOW, FIRST, "superseded")])
    assert email(resolver, sm.keep.longest()) == (NOW, [(NOW, FIRST, "superseded")])
    assert email(resolver, sm.keep.oldest()) == (FIRST, [(FIRST, NOW, "oldest")])
    tell(resolver, (ADA, 2026))
    assert email(resolver) == (FIRST, [(FIRST, NOW, "superseded")])
    (said,) = [row for row in resolver.golden().provenance.to_pylist() if row["field"] == "email"]
    assert said["observed_at"] == "2026-01-01T00:00:00.000000Z"
    with resolver._session.store.snapshot() as view:
        assert said["claim_id"] in view.claims().read_all()["claim_id"].to_pylist()


def test_the_oldest_value_is_the_one_that_was_seen_first_however_often_it_was_seen_since(resolver: Resolver) -> None:
    tell(resolver, (ADA, 2020), ({"id": "c2", "name": "Ada Lovelace", "email": NOW}, 2022), (ADA, 2024))
    resolver.decide(("c1", "c2"), "same", by="ana")
    assert email(resolver, sm.keep.oldest())[0] == FIRST


def test_former_values_have_no_vote(resolver: Resolver) -> None:
    twin = {"id": "c2", "name": "Ada Lovelace", "email": FIRST}
    tell(resolver, (ADA, 2020), (twin, 2020), (SECOND, 2024), (twin | {"email": NOW}, 2024))
    tell(resolver, ({"id": "c3", "name": "Ada Lovelace", "email": FIRST}, 2023))
    resolver.decide(("c1", "c2"), "same", by="ana")
    resolver.decide(("c1", "c3"), "same", by="ana")
    assert email(resolver, sm.keep.first(sm.keep.most_frequent(), sm.keep.oldest()))[0] == NOW


def test_what_stands_for_nothing_replaces_no_value_unless_its_source_may_clear(resolver: Resolver) -> None:
    tell(resolver, (ADA, 2020), (ADA | {"email": "n/a"}, 2024))
    clears = sm.Policy(clears=("crm",))
    assert email(resolver) == (FIRST, [])
    assert field(resolver, "email", clears) == ("n/a", [("n/a", FIRST, "superseded")])
    tell(resolver, (ADA | {"email": ""}, 2025))
    assert field(resolver, "email", clears) == (None, [(None, FIRST, "cleared")])


def test_what_a_person_says_of_a_former_value_holds_and_it_fills_no_blank(resolver: Resolver) -> None:
    tell(resolver, (ADA, 2020), (SECOND, 2024))
    resolver.reject("c1", "email", NOW, by="ana")
    assert email(resolver)[0] is None
    resolver.reject("c1", "email", FIRST, by="ana")
    assert email(resolver) == (None, [(None, one, "rejected by a person") for one in (FIRST, NOW)])


def test_an_address_that_moved_keeps_no_postcode_of_the_old_one(resolver: Resolver) -> None:
    tell(resolver, (ADA | MOVED, 2024), (ADA | HOME, 2020))
    golden = resolver.golden()
    assert golden.records.select(list(HOME)).to_pylist() == [MOVED | {"postcode": None}]
    assert [tuple(row.values())[1:5] for row in golden.conflicts.to_pylist()] == [
        ("street", "22 Long Road", "1 High Street", "superseded"),
        ("postcode", None, "LS1 1AA", "superseded"),
    ]
    oldest = resolver.golden(policy=sm.Policy(otherwise=sm.keep.oldest()))
    assert oldest.records.select(list(HOME)).to_pylist() == [HOME]


def test_a_part_of_an_address_that_comes_later_joins_what_is_there(resolver: Resolver) -> None:
    short = {name: HOME[name] for name in ("street", "city")}
    tell(resolver, (ADA | short, 2020), ({"id": "c1", "country": "GB"}, 2024))
    assert resolver.golden().records.select(["street", "city", "country"]).to_pylist() == [short | {"country": "GB"}]


def test_what_a_profile_showed_before_is_told_too(resolver: Resolver) -> None:
    row = {"profile_id": "p1", "channel": "github", "account_id": "1", "handle": "adal", "display_name": "Ada Lovelace"}
    for year, bio, links in ((2020, "Engines", ["a", "b"]), (2024, "Looms", ["b", "c"])):
        addresses = [f"https://{one}.example.com" for one in links]
        resolver.ingest([row | {"bio": bio, "links": addresses}], observed_at=datetime(year, 1, 1, tzinfo=UTC))
    golden = resolver.golden("p1")
    (record,) = golden.records.select(["bio", "links"]).to_pylist()
    assert record == {"bio": "Looms", "links": ["https://b.example.com", "https://c.example.com"]}
    gone = [(one["field"], one["rejected"], one["rule"]) for one in golden.conflicts.to_pylist()]
    assert gone == [("bio", "Engines", "superseded"), ("links", "https://a.example.com", "superseded")]
