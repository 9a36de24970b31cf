"""The demonstration's data: that it is what its script makes, made up, and of the shapes that it says."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from benchmarks import make_shop
from benchmarks.make_sample import files, make

import socialmerge as sm
from socialmerge import channels, sample
from socialmerge.records import profiles_schema

TRUTH = Path(__file__).with_name("sample")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_are_byte_for_byte_what_the_script_makes() -> None:
    for path, text in [*files(make()), *make_shop.files(make_shop.make())]:
        assert path.read_bytes() == text.encode(), path.name


def test_the_crm_has_two_thousand_rows_of_which_six_in_a_hundred_are_duplicates() -> None:
    rows, people = lines(sample.customers()), lines(TRUTH / "customers_truth.csv")
    assert len({row["hs_object_id"] for row in rows}) == len(rows) == 2000
    spare = len(people) - len({row["entity_id"] for row in people})
    assert 0.05 <= spare / len(people) <= 0.07


def test_the_shop_knows_two_dozen_people_twice_and_finds_most_of_them() -> None:
    truth = {row["id"]: row["entity_id"] for row in lines(TRUTH / "shop_truth.csv")}
    assert len(truth) - len(set(truth.values())) == 24
    people = sm.dedupe(sample.shop()["customers"], id="Customer no")
    assert sm.evaluate(people, TRUTH / "shop_truth.csv").f1 > 0.85


def test_six_exports_are_there_and_all_files_together_are_small() -> None:
    exports = sample.exports()
    assert len(exports) == 6
    assert all(path.is_file() for path in exports.values())
    assert sum(path.stat().st_size for path in (sample.customers(), *exports.values())) < 1_500_000


def test_the_exports_hold_customers_strangers_namesakes_companies_bots_and_one_impersonator() -> None:
    kinds = Counter(row["kind"] for row in lines(TRUTH / "profiles_truth.csv"))
    assert kinds["impersonator"] == 1
    assert all(kinds[kind] >= 10 for kind in ("customer", "stranger", "namesake", "organisation", "bot"))


def test_every_namesake_stands_for_two_customers_of_one_name() -> None:
    owners = [row["customer_id"] for row in lines(TRUTH / "profiles_truth.csv") if row["kind"] == "namesake"]
    person = {row["id"]: row["entity_id"] for row in lines(TRUTH / "customers_truth.csv")}
    names: dict[tuple[str, str], set[str]] = {}
    for row in lines(sample.customers()):
        names.setdefault((row["firstname"], row["lastname"]), set()).add(person[row["hs_object_id"]])
    shared = {one for people in names.values() if len(people) > 1 for one in people}
    # A nickname or a slip in a customer's only row hides a few.
    assert sum(person[owner] in shared for owner in owners) >= 0.8 * len(owners)


@pytest.mark.parametrize(
    ("channel", "keys"),
    [
        ("github", {"login", "id", "node_id", "avatar_url", "type", "twitter_username"}),
        ("mastodon", {"acct", "username", "display_name", "note", "url", "uri", "fields", "bot"}),
        ("slack", {"id", "team_id", "name", "deleted", "real_name", "profile", "is_bot"}),
    ],
)
def test_json_exports_are_lists_of_the_platform_s_records(channel: str, keys: set[str]) -> None:
    records = json.loads(sample.exports()[channel].read_text(encoding="utf-8"))
    assert all(keys <= set(record) for record in records)


def test_every_export_is_recognised_and_its_answers_name_the_profiles_that_are_read() -> None:
    answers = {row["profile_id"] for row in lines(TRUTH / "profiles_truth.csv")}
    read: list[str] = []
    for channel, path in sample.exports().items():
        assert channels.recognise(path) == channel
        read += channels.read(path)["profile_id"].to_pylist()
    assert len(read) == len(set(read))
    assert set(read) == answers


def test_what_a_channel_says_is_no_person_is_read_so() -> None:
    kinds = {row["profile_id"]: row["kind"] for row in lines(TRUTH / "profiles_truth.csv")}
    for path in sample.exports().values():
        for row in channels.read(path).select(["profile_id", "is_person"]).to_pylist():
            assert (row["is_person"] is False) == (kinds[row["profile_id"]] in {"organisation", "bot"}), row


def test_linkedin_s_file_begins_with_its_notes() -> None:
    text = sample.exports()["linkedin"].read_text(encoding="utf-8").splitlines()
    assert text[0] == "Notes:"
    assert text[3] == "First Name,Last Name,URL,Email Address,Company,Position,Connected On"


def test_every_address_and_number_is_set_aside_for_examples() -> None:
    for path in (sample.customers(), *sample.exports().values()):
        text = path.read_text(encoding="utf-8")
        domains = set(re.findall(r"[\w.+-]+@([\w.-]+\.\w+)", text))
        assert {domain for domain in domains if not re.search(r"(^|\.)example(\.(com|net|org))?$", domain)} == set()
        numbers = re.findall(r"\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)", text)
        assert {number for number in numbers if not re.search(r"555[ .-]01\d\d$", number)} == set()


@pytest.fixture(scope="module")
def verdicts() -> list[dict[str, str]]:
    """Of every profile: its kind, its verdict, and whether the customer named is right."""
    tables = [channels.read(path) for path in sample.exports().values()]
    profiles = pa.concat_tables([table.select(profiles_schema().names) for table in tables])
    owners: dict[str, set[str]] = {}
    kinds = {row["profile_id"]: row["kind"] for row in lines(TRUTH / "profiles_truth.csv")}
    for row in lines(TRUTH / "profiles_truth.csv"):
        owners.setdefault(row["profile_id"], set()).add(row["customer_id"])
    return [
        {
            "kind": kinds[row["profile_id"]],
            "verdict": row["verdict"],
            "right": str(row["customer_id"] in owners[row["profile_id"]]),
        }
        for row in sm.attach(profiles, to=sample.customers()).decisions.to_pylist()
    ]


def test_of_the_sample_hardly_any_attachment_is_wrong_and_most_profiles_find_their_customer(
    verdicts: list[dict[str, str]],
) -> None:
    attached = [row for row in verdicts if row["verdict"] == "attach"]
    assert sum(row["right"] == "True" for row in attached) >= 0.99 * len(attached)
    assert len(attached) >= 0.5 * sum(row["kind"] == "customer" for row in verdicts)


def test_a_namesake_and_the_impersonator_go_to_a_person(verdicts: list[dict[str, str]]) -> None:
    doubtful = [row["verdict"] for row in verdicts if row["kind"] in {"namesake", "impersonator"}]
    assert "attach" not in doubtful
    assert doubtful.count("review") >= 0.9 * len(doubtful)


def test_companies_and_bots_belong_to_nobody(verdicts: list[dict[str, str]]) -> None:
    assert {row["verdict"] for row in verdicts if row["kind"] in {"organisation", "bot"}} == {"new"}
