"""How old a value is, what a blank takes away, and what a store's policy may ask for before all rows have come."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from tests.resolver.conftest import Opener

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.resolver.intake import Intake
from socialmerge.store import DecisionKind

NEWEST = sm.Policy(otherwise=sm.keep.newest())
ADA = {"id": "c1", "name": "Ada Lovelace", "email": "ada@example.com"}
TWIN = {"id": "c2", "name": "Ada Lovelace", "email": "ada@example.com"}


def at(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def load(resolver: Resolver, year: int, **row: str) -> None:
    resolver.load(pa.Table.from_pylist([row]), observed_at=at(year))


@pytest.fixture
def older(reopen: Opener) -> Resolver:
    """Two rows of one person; the first has a city of 2020 that its observation of 2024 leaves blank."""
    resolver = reopen(policy=NEWEST)
    load(resolver, 2024, **ADA, city="")
    load(resolver, 2022, **TWIN, city="Leeds")
    load(resolver, 2020, **ADA, city="Bath")
    resolver.decide(("c1", "c2"), "same", by="ana")
    return resolver


def test_a_value_is_as_old_as_the_observation_that_had_it(older: Resolver) -> None:
    golden = older.golden("c1")
    assert golden.records["city"].to_pylist() == ["Leeds"]
    dates = {row["field"]: row["observed_at"] for row in golden.provenance.to_pylist()}
    assert (dates["city"], dates["name"]) == ("2022-01-01T00:00:00.000000Z", "2024-01-01T00:00:00.000000Z")
    (lost,) = [row for row in golden.conflicts.to_pylist() if row["field"] == "city"]
    assert (lost["rejected"], lost["rule"]) == ("Bath", "newest")


@pytest.mark.parametrize(("clears", "city"), [((), "Bath"), (("crm",), None), (("github",), "Bath")])
def test_a_later_blank_takes_a_value_away_only_where_its_source_may_clear(
    reopen: Opener, clears: tuple[str, ...], city: str | None
) -> None:
    resolver = reopen(policy=sm.Policy(clears=clears))
    load(resolver, 2024, **ADA, city="")
    load(resolver, 2020, **ADA, city="Bath")  # whichever comes first
    resolver.ingest([{"profile_id": "p1", "channel": "github", "handle": "adal", "display_name": "Ada Lovelace"}])
    assert resolver.golden("c1").records["city"].to_pylist() == [city]


def test_what_another_policy_would_clear_is_asked_of_the_store_and_not_of_its_own_policy(reopen: Opener) -> None:
    own, other = sm.Policy(), sm.Policy(clears=("crm",))
    for policy, tried, before, after in ((own, other, "Bath", None), (other, own, None, "Bath")):
        resolver = reopen(policy=policy)
        load(resolver, 2020, **ADA, city="Bath")
        load(resolver, 2024, **ADA, city="")
        assert resolver.golden("c1").records["city"].to_pylist() == [before]
        assert resolver.golden("c1", policy=tried).records["city"].to_pylist() == [after]
        assert {row["field"]: row["after"] for row in resolver.preview(policy=tried).changes.to_pylist()}.get(
            "city"
        ) == after
        found = sm.simulate(store=resolver, after=sm.Setting(policy=tried)).changes.to_pylist()
        assert [(row["field"], row["before"], row["after"]) for row in found] == [("city", before, after)]


def test_a_table_without_the_column_takes_nothing_away(reopen: Opener) -> None:
    resolver = reopen(policy=sm.Policy(clears=("crm",)))
    load(resolver, 2020, **ADA, city="Bath")
    load(resolver, 2024, **ADA)
    assert resolver.golden("c1").records["city"].to_pylist() == ["Bath"]


def test_what_a_source_may_clear_is_cleared_of_the_other_rows_of_the_person_too(reopen: Opener) -> None:
    resolver = reopen(policy=sm.Policy(clears=("crm",)))
    load(resolver, 2022, **TWIN, city="Leeds")
    load(resolver, 2024, **ADA, city="")
    resolver.decide(("c1", "c2"), "same", by="ana")
    golden = resolver.golden("c1")
    assert golden.records["city"].to_pylist() == [None]
    assert [row["rule"] for row in golden.conflicts.to_pylist() if row["field"] == "city"] == ["cleared"]


def test_terms_that_the_store_holds_of_a_value_are_heeded(resolver: Resolver) -> None:
    load(resolver, 2024, **ADA, motto="Engines")
    name = pa.table({"source": ["crm"], "record_id": ["c1"]})
    claims = name.append_column("attribute", pa.array(["motto"])).append_column("raw", pa.array(["Engines"]))
    terms = {"visibility": "public", "purposes": "research", "basis": "consent"}
    for column, value in terms.items():
        claims = claims.append_column(column, pa.array([value]))
    claims = claims.append_column("observed_at", pa.array([at(2024)], pa.timestamp("us", tz="UTC")))
    records = name.append_column("kind", pa.array(["customer"]))
    layout = pa.array(['["@id:id", "motto"]'])
    resolver._session.write(
        Intake(records, claims, name.append_column("columns", layout), pa.table({
            "source": ["crm"], "record_id": ["c1"], "kind": ["name"], "value": ["ada lovelace"], "is_strong": [False],
        })), by="import")  # fmt: skip
    golden = resolver.golden()
    (motto,) = [row for row in golden.provenance.to_pylist() if row["field"] == "motto"]
    assert (motto["visibility"], motto["purposes"], motto["basis"]) == ("public", ["research"], "consent")
    assert golden.view(channel="github", purpose="research").records["motto"].to_pylist() == ["Engines"]
    secret = sm.Policy(visibility={"motto": "secret"})
    assert resolver.golden(policy=secret).view(channel="github", purpose="research").records.num_rows == 0


def test_a_policy_that_asks_for_two_sources_waits_for_the_second(reopen: Opener) -> None:
    resolver = reopen(policy=sm.Policy(otherwise=sm.keep.first(sm.keep.agreed(sources=2), sm.keep.newest())))
    assert resolver.golden().records.num_rows == 0
    load(resolver, 2024, **ADA, company="Acme")
    assert resolver.golden().records["company"].to_pylist() == ["Acme"]
    assert resolver.preview().changes.num_rows > 0
    resolver.pin("c1", "company", "Acme Ltd", by="ana")
    resolver.load(pa.table({"id": ["x"], "name": ["X"]}))
    resolver.erase("c1", by="dpo")
    with pytest.raises(sm.PolicyError, match="newest needs dates"):  # what rows lack is an error still
        resolver.golden()


def test_a_pin_whose_field_is_gone_waits_until_it_comes_back(resolver: Resolver) -> None:
    load(resolver, 2024, **ADA)
    load(resolver, 2024, **(TWIN | {"name": "Bo Peep", "email": "bo@example.com"}), shoe="38")
    resolver.pin("c1", "shoe", "41", by="ana")
    assert resolver.golden("c1").records["shoe"].to_pylist() == ["41"]
    resolver.erase("c2", by="dpo")
    assert "shoe" not in resolver.golden("c1").records.column_names
    assert [one.kind for one in resolver.history("c1")] == [DecisionKind.PIN]
    with pytest.raises(sm.PolicyError, match="names a field that there is not; known: "):
        resolver.pin("c1", "shoe", "42", by="ana")
    load(resolver, 2025, **ADA, shoe="")
    assert resolver.golden("c1").records["shoe"].to_pylist() == ["41"]


def test_columns_that_no_schema_knows_are_kept_and_an_inferred_attachment_does_not_add_them(resolver: Resolver) -> None:
    load(resolver, 2024, **ADA)
    row = {"channel": "github", "handle": "adal", "display_name": "Ada Lovelace", "badge": "gold"}
    proof = {"emails": ["ada@example.com"], "verified_emails": ["ada@example.com"]}
    resolver.ingest([row | {"profile_id": "p1"} | proof], trusted=True)
    claims = resolver.export("p1")["records"][-1]["claims"]  # type: ignore[index]
    assert ("badge", "gold") in [(one["attribute"], one["raw"]) for one in claims]
    assert "badge" not in resolver.golden().records.column_names
    policy = sm.Policy(rules={"badge": sm.keep.longest()})
    badges = resolver.golden(policy=policy).records["badge"].to_pylist()
    assert badges == (["gold"] if resolver.decisions["assurance"][0].as_py() == "verified" else [None])
    resolver.ingest([{"profile_id": "p2", "channel": "x", "handle": "zed", "badge": "tin"}])
    assert "tin" in resolver.golden(policy=policy).records["badge"].to_pylist()
    again = resolver.ingest([{"profile_id": "p2", "channel": "x", "handle": "zed", "badge": "tin"}])
    assert (again.claims, again.observations) == (0, 0)
