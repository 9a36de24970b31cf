"""What a preview says: to a person who knows customers by number, and to a program."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import Resolver

CUSTOMERS = [
    {"Customer no": "1001", "Name": "Ada Lovelace", "E-mail": "ada@example.com", "Phone": "", "Town": "York"},
    {"Customer no": "1002", "Name": "A. Lovelace", "E-mail": "ada@example.com", "Phone": "202-555-0143", "Town": ""},
    {"Customer no": "1003", "Name": "Emmy Noether", "E-mail": "emmy@example.com", "Phone": "", "Town": ""},
]
ADA: dict[str, Any] = {
    "acct": "ada@example.social",
    "id": "77",
    "uri": "https://example.social/users/ada",
    "username": "ada",
    "display_name": "Ada Lovelace",
    "note": "<p>Sums\x1b[31m and\n\u202eengines</p>",
    "bot": False,
    "locked": True,
    "group": False,
    "followers_count": 12,
    "url": "https://example.social/@ada",
}
SOMEBODY = ADA | {
    "acct": "zz@example.social", "uri": "https://example.social/users/zz", "display_name": "Zora Quist", "note": "",
}  # fmt: skip


KEY = b"a key of the tests, never of people"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which Ada is two rows, and an account that a person tied to them; somebody else is no customer."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "mastodon.json").write_text(json.dumps([ADA, SOMEBODY]))
    with Resolver(store=f"sqlite:///{folder}/people.db", key=KEY) as opened:
        opened.load(pa.Table.from_pylist(CUSTOMERS))
        opened.ingest(folder / "mastodon.json", channel="mastodon")
        opened.decide(("1001", "1002"), "same", by="ana")
        opened.decide(("mastodon:https://example.social/users/ada", "1001"), "same", by="ana")
    return folder / "people.db"


@pytest.fixture
def resolver(filled: Path, tmp_path: Path) -> Iterator[Resolver]:
    """A copy of that store, to be changed."""
    shutil.copy(filled, tmp_path / "people.db")
    with Resolver(
        store=f"sqlite:///{tmp_path}/people.db", key=KEY, clock=lambda: datetime(2026, 3, 4, tzinfo=UTC)
    ) as opened:
        yield opened


def lines(resolver: Resolver) -> dict[str, list[str]]:
    """The lines of each person, under what they are called."""
    parts = str(resolver.preview()).split("\n\n")
    return {part.split("\n")[0]: part.split("\n")[1:] for part in parts[1:-1]}


def test_a_customer_is_named_by_their_own_number_with_a_line_for_each_value_that_is_new(resolver: Resolver) -> None:
    found = lines(resolver)
    assert list(found) == [
        "Customer 1001",
        "No customer of yours (Mastodon profile mastodon:https://example.social/users/zz)",
    ]
    where = "from Mastodon profile mastodon:https://example.social/users/ada, date not known"
    assert found["Customer 1001"] == [
        f"  accounts: nothing -> ada@example.social  ({where}: attached as most likely theirs)",
        "  Customer no: 1001 -> 1001, 1002  (from row 1002: these rows are one person)",
        "  Phone: nothing -> 202-555-0143  (from row 1002: the only value there is)",
        f"  bio: nothing -> Sums [31m and engines  ({where}: fills what was empty)",
    ]


def test_the_profile_behind_a_value_is_named_as_other_calls_take_it(resolver: Resolver) -> None:
    called = next(name for name in lines(resolver) if name.startswith("No customer"))
    assert resolver.export(called.removesuffix(")").rpartition(" ")[2])["records"]


def test_a_policy_whose_trust_fades_can_be_previewed_applied_and_corrected(tmp_path: Path) -> None:
    fading = sm.Policy(rules={"E-mail": sm.keep.trusted("crm", half_life_days=30)})
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with Resolver(policy=fading, store=f"sqlite:///{tmp_path}/people.db", key=KEY, clock=lambda: start) as resolver:
        resolver.load(pa.Table.from_pylist(CUSTOMERS[2:]), observed_at=start)
        with pytest.raises(sm.PolicyError, match="as_of"):
            resolver.preview()
        resolver.pin("1003", "E-mail", "noether@example.com", by="ana")
        resolver.reject("1003", "Name", "Ada Byron", by="ana")
        preview = resolver.preview(as_of="2026-03-01")
        assert f"apply --position {preview.position} --as-of 2026-03-01 --by" in str(preview)
        assert {row["field"]: row["after"] for row in preview.changes.to_pylist()}["E-mail"] == "noether@example.com"
        resolver.apply(preview, by="ana")
        assert not resolver.preview(as_of=datetime(2026, 3, 1, tzinfo=UTC)).changes.num_rows


def test_one_is_told_as_one(resolver: Resolver) -> None:
    said = "1 customer's record would say something new, and 1 record of somebody who is no customer of yours"
    assert said in str(resolver.preview())


def test_what_the_own_row_says_is_counted_and_not_listed(resolver: Resolver) -> None:
    text, changes = str(resolver.preview()), resolver.preview().changes
    same = [row for row in changes.to_pylist() if row["own"] is not None and row["own"] == row["after"]]
    assert {(row["customer_id"], row["field"]) for row in same} >= {("1003", "Name"), ("1001", "Town")}
    assert "Noether" not in text
    listed = sum(len(told) for told in lines(resolver).values())
    assert f"{changes.num_rows - listed} values are what the customers' own rows say already" in text


def test_a_program_is_told_the_record_behind_each_value(resolver: Resolver) -> None:
    rows = {(row["entity_id"], row["field"]): row for row in resolver.preview().changes.to_pylist()}
    phone = rows["1001", "Phone"]
    assert (phone["customer_id"], phone["own"], phone["why"]) == ("1001", None, "the only value there is")
    origin = {"value": "202-555-0143", "source": "crm", "record_id": "1002", "observed_at": None, "rule": "only"}
    assert phone["origins"] == [origin]
    assert json.loads(rows["1001", "Customer no"]["own"]) == ["1001"]
    provenance = resolver.golden().provenance.to_pylist()
    told = {(*key, one["value"]) for key, row in rows.items() if key[1] != "accounts" for one in row["origins"]}
    assert told == {(row["entity_id"], row["field"], row["value"]) for row in provenance}


def test_what_was_applied_is_the_old_value_and_what_goes_says_why(resolver: Resolver) -> None:
    resolver.apply(resolver.preview(), by="ana")
    assert str(resolver.preview()).split("\n")[1:] == []
    resolver.pin("1001", "Town", "Leeds", by="ana")
    resolver.reject("1001", "Phone", "202-555-0143", by="bob")
    assert lines(resolver) == {
        "Customer 1001": [
            "  Phone: 202-555-0143 -> nothing  (wrong for this record, a person said)",
            "  Town: York -> Leeds  (from ana, seen 2026-03-04: a person said so)",
        ]
    }


def test_a_record_that_goes_is_one_line(resolver: Resolver) -> None:
    resolver.apply(resolver.preview(), by="ana")
    (gone,) = resolver.resolve_id("mastodon:https://example.social/users/zz")
    resolver.decide(("mastodon:https://example.social/users/zz", "1003"), "same", by="ana")
    found = lines(resolver)
    assert found[f"Record {gone} goes: 2 values; its rows belong to others now, or are erased"] == []
    assert found["Customer 1003"][0].startswith("  accounts: nothing -> zz@example.social  (from Mastodon profile")


def test_technical_fields_of_an_export_stay_in_the_store_and_are_no_part_of_a_record(resolver: Resolver) -> None:
    technical = {"bot", "locked", "group", "followers_count", "id", "acct", "url", "username"}
    assert not technical & set(resolver.golden().records.column_names)
    assert not technical & set(resolver.preview().changes["field"].to_pylist())
    (record,) = [one for one in resolver.export("1001")["records"] if one["source"] == "mastodon"]  # type: ignore[attr-defined]
    assert technical <= {claim["attribute"] for claim in record["claims"]}
    policy = sm.Policy(rules={"followers_count": sm.keep.longest()})
    named = resolver.preview(policy=policy)
    assert "followers_count" in named.changes["field"].to_pylist()
    assert resolver.golden("1003", policy=policy).records["followers_count"].to_pylist() == [None]


@pytest.mark.parametrize("text", ["[1, 2]", "[null]", "[[1]]", "[" * 5000])
def test_a_text_that_looks_like_a_list_is_what_somebody_wrote(resolver: Resolver, text: str) -> None:
    resolver.pin("1001", "bio", text, by="ana")
    assert f"-> {text[:90]}" in str(resolver.preview())
