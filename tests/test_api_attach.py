"""attach, from tables to decisions."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.records import decisions_schema, pairs_schema

GIVEN = (
    *("Ada", "Grace", "Alan", "Barbara", "Edsger", "Katherine", "Donald", "Frances", "Dennis", "Radia"),
    *("Ken", "Adele", "Tim", "Hedy", "Vint", "Sophie", "Linus", "Shafi", "Niklaus", "Margaret"),
)
FAMILY = (
    *("Lovelace", "Hopper", "Turing", "Liskov", "Dijkstra", "Johnson", "Knuth", "Allen", "Ritchie", "Perlman"),
    *("Thompson", "Goldberg", "Bernard", "Lamarr", "Cerf", "Wilson", "Torvald", "Goldwasser", "Wirth", "Hamilton"),
)
Row = dict[str, object]


def customer(number: int, place: int) -> Row:
    given, family = GIVEN[place % 20], FAMILY[place // 20]
    return {
        "id": f"c{number:02d}",
        "first_name": given,
        "last_name": family,
        "email": f"{given}.{family}@example.com".lower(),
        "phone": f"+1 212 555 {np.random.default_rng(place).integers(10_000):04d}",
        "twitter": f"https://twitter.com/{given}_{family}".lower(),
    }


PLACES = np.random.default_rng(3).permutation(400)[:100].tolist()
ROWS = [customer(number, place) for number, place in enumerate(PLACES)]
CUSTOMERS = pa.Table.from_pylist(ROWS)
SEVEN = ROWS[7]
NAME = f"{SEVEN['first_name']} {SEVEN['last_name']}"
OTHERS: list[Row] = [
    {
        "profile_id": f"other{number}",
        "channel": "github",
        "handle": f"{row['first_name']}{row['last_name']}".lower(),
        "display_name": f"{row['first_name']} {row['last_name']}",
        "emails": [row["email"]],
    }
    for number, row in enumerate(ROWS[20:50])
]


def decided(*profiles: Row, to: pa.Table = CUSTOMERS, plan: sm.Plan | None = None) -> list[Row]:
    found = sm.attach([*OTHERS, *profiles], to=to, plan=plan)
    rows = {row["profile_id"]: row for row in found.decisions.to_pylist()}
    return [rows[profile["profile_id"]] for profile in profiles]


def profile(**more: object) -> Row:
    return {"profile_id": "p1", "channel": "x", "handle": "someone1", "display_name": NAME, **more}


@pytest.fixture(scope="module")
def found() -> sm.AttachResult:
    strangers: list[Row] = [
        {"profile_id": "z1", "channel": "x", "handle": "zz_top", "display_name": "Zed Quux"},
        {"profile_id": "z2", "channel": "x", "handle": "ZZ_top", "display_name": "Z. Quux"},
    ]
    return sm.attach([*OTHERS, profile(), *strangers], to=CUSTOMERS)


def test_there_is_one_decision_a_profile_with_the_columns_of_the_contract(found: sm.AttachResult) -> None:
    assert found.decisions.schema.equals(decisions_schema())
    assert found.pairs.schema.equals(pairs_schema())
    ids = found.decisions["profile_id"].to_pylist()
    assert ids == sorted([row["profile_id"] for row in OTHERS] + ["p1", "z1", "z2"])


def test_profiles_with_name_handle_and_address_are_attached(found: sm.AttachResult) -> None:
    rows = [row for row in found.decisions.to_pylist() if row["profile_id"].startswith("other")]
    assert {row["verdict"] for row in rows} == {"attach"}
    assert [row["customer_id"] for row in sorted(rows, key=lambda row: int(row["profile_id"][5:]))] == [
        row["id"] for row in ROWS[20:50]
    ]


def test_what_is_null_is_what_the_contract_says(found: sm.AttachResult) -> None:
    for row in found.decisions.to_pylist():
        if row["verdict"] == "attach":
            assert row["entity_id"] == row["customer_id"]
            assert row["assurance"] in ("verified", "inferred")
        elif row["verdict"] == "review":
            assert row["entity_id"] is None
            assert row["customer_id"] is not None
        else:
            assert row["customer_id"] is None
            assert row["assurance"] is None
            assert row["entity_id"]


def test_two_profiles_of_one_account_are_one_new_person(found: sm.AttachResult) -> None:
    new = {row["profile_id"]: row for row in found.decisions.to_pylist() if row["verdict"] == "new"}
    assert new["z1"]["entity_id"] == new["z2"]["entity_id"]


def test_two_profiles_of_one_account_resolve_together() -> None:
    one = profile(account_id="99", handle=f"{SEVEN['first_name']}_{SEVEN['last_name']}".lower())
    one, other = decided(one, profile(profile_id="p2", account_id="99", handle="renamed", display_name="?"))
    assert (one["verdict"], one["customer_id"]) == ("attach", SEVEN["id"])
    assert (other["verdict"], other["customer_id"]) == ("attach", SEVEN["id"])


def test_a_stable_id_on_the_record_attaches_although_the_handle_changed() -> None:
    ids = CUSTOMERS.append_column("twitter_id", pa.array([str(7_000_000 + 31 * number) for number in range(100)]))
    renamed = [profile(account_id=str(7_000_000 + 31 * 7), handle="renamed", display_name=None)]
    found = sm.attach([*OTHERS, *renamed], to=ids, trusted=True)
    row = next(row for row in found.decisions.to_pylist() if row["profile_id"] == "p1")
    assert row["customer_id"] == SEVEN["id"]
    assert "stable id" in row["reason"]


def test_a_name_alone_goes_to_a_person(found: sm.AttachResult) -> None:
    row = next(row for row in found.decisions.to_pylist() if row["profile_id"] == "p1")
    assert (row["verdict"], row["customer_id"]) == ("review", SEVEN["id"])
    assert row["reason"] == "name agrees, which is not enough to be sure"


def test_a_namesake_goes_to_a_person() -> None:
    namesake = {**SEVEN, "id": "c99x", "email": "other@example.com", "phone": "+1 212 555 0199", "twitter": None}
    seven = {**SEVEN, "twitter": None}
    table = pa.Table.from_pylist([*[row for row in ROWS if row is not SEVEN], seven, namesake])
    (row,) = decided(profile(), to=table)
    assert row["verdict"] == "review"
    assert {row["customer_id"], row["runner_up_id"]} == {SEVEN["id"], "c99x"}
    assert row["probability"] == pytest.approx(row["runner_up_probability"], abs=0.1)
    assert "one other customer fits about as well" in str(row["reason"])


def test_a_handle_that_only_looks_like_the_customers_goes_to_a_person() -> None:
    handle = f"{SEVEN['first_name']}_{SEVEN['last_name']}".lower()
    looks = handle.replace("o", "0") if "o" in handle else handle.replace("l", "1")
    assert looks != handle
    (row,) = decided(profile(handle=looks, emails=[SEVEN["email"]]))
    assert row["verdict"] == "review"
    assert "the handle looks like the customer's but has other letters" in str(row["reason"])


def test_an_organisation_is_new_whatever_it_shares_with_a_customer() -> None:
    (row,) = decided(profile(is_person=False, emails=[SEVEN["email"]], verified_emails=[SEVEN["email"]]))
    assert row["verdict"] == "new"
    assert row["reason"] == "the platform says that this account is not a person's"


def test_a_plan_that_asks_for_verified_evidence_attaches_nothing_inferred() -> None:
    plan = sm.Plan(minimum_assurance="verified")
    rows = sm.attach(OTHERS, to=CUSTOMERS, plan=plan).decisions.to_pylist()
    assert all(row["assurance"] == "verified" for row in rows if row["verdict"] == "attach")
    assert {row["verdict"] for row in rows} == {"review"}
    assert "nothing verified carries it" in rows[0]["reason"]


def test_results_do_not_depend_on_the_order_of_rows(found: sm.AttachResult) -> None:
    random = np.random.default_rng(5)
    profiles = [*OTHERS, profile()]
    shuffled = [profiles[place] for place in random.permutation(len(profiles))]
    one = sm.attach(profiles, to=CUSTOMERS)
    other = sm.attach(shuffled, to=CUSTOMERS.take(random.permutation(len(ROWS))))
    assert one.decisions.equals(other.decisions)
    assert one.pairs.equals(other.pairs)


def test_ids_are_names_only() -> None:
    renamed = CUSTOMERS.set_column(0, "id", pa.array([f"x{199 - number}" for number in range(100)]))
    one, other = sm.attach(OTHERS, to=CUSTOMERS).decisions, sm.attach(OTHERS, to=renamed).decisions
    assert one["verdict"].equals(other["verdict"])
    assert [f"x{199 - int(found[1:])}" for found in one["customer_id"].to_pylist()] == other["customer_id"].to_pylist()


# ------------------------------------------------------------------------------------------------------- plain tables
PLAIN = pa.table(
    {
        "ref": [f"r{number:02d}" for number in range(60)],
        "Full Name": [f"{row['first_name']} {row['last_name']}" for row in ROWS[60:100]]
        + [f"Stranger{chr(97 + number)} Nobody{chr(97 + number)}" for number in range(20)],
        "E-mail": [row["email"] for row in ROWS[60:100]] + [f"nobody{number}@example.org" for number in range(20)],
        "Mobile": [str(row["phone"]).replace(" ", "") for row in ROWS[60:100]]
        + [f"+1312555{number:04d}" for number in range(20)],
    }
)


def test_two_tables_with_other_column_names_are_linked() -> None:
    rows = sm.attach(PLAIN, to=CUSTOMERS).decisions.to_pylist()
    assert [row["customer_id"] for row in rows] == [row["id"] for row in ROWS[60:100]] + [None] * 20
    assert [row["verdict"] for row in rows] == ["attach"] * 40 + ["new"] * 20


def test_linked_tables_do_not_depend_on_the_order_of_rows() -> None:
    random = np.random.default_rng(5)
    one = sm.attach(PLAIN, to=CUSTOMERS)
    other = sm.attach(PLAIN.take(random.permutation(60)), to=CUSTOMERS.take(random.permutation(100)))
    assert one.decisions.equals(other.decisions)
    assert one.pairs.equals(other.pairs)


def test_a_saved_plan_links_the_same(tmp_path: Path) -> None:
    first = sm.attach(PLAIN, to=CUSTOMERS)
    first.plan.save(tmp_path / "plan.toml")
    again = sm.attach(PLAIN, to=CUSTOMERS, plan=sm.Plan.load(tmp_path / "plan.toml"))
    assert again.plan == first.plan
    assert again.decisions.equals(first.decisions)


def test_a_saved_plan_attaches_profiles_the_same(found: sm.AttachResult, tmp_path: Path) -> None:
    first = sm.attach(OTHERS, to=CUSTOMERS)
    first.plan.save(tmp_path / "plan.toml")
    again = sm.attach(OTHERS, to=CUSTOMERS, plan=sm.Plan.load(tmp_path / "plan.toml"))
    assert again.decisions.equals(first.decisions)


def test_one_row_matches_one_row_where_the_plan_says_so() -> None:
    twice = pa.concat_tables([PLAIN, PLAIN.slice(0, 1).set_column(0, "ref", pa.array(["r99"]))])
    many = sm.attach(twice, to=CUSTOMERS).decisions
    one = sm.attach(twice, to=CUSTOMERS, plan=sm.Plan(cardinality="one")).decisions
    assert many["verdict"].to_pylist().count("attach") == 41
    attached = [row["customer_id"] for row in one.to_pylist() if row["verdict"] == "attach"]
    assert len(attached) == len(set(attached))


# ------------------------------------------------------------------------------------------------ explain and merging
def test_an_attachment_is_explained_in_bits(found: sm.AttachResult) -> None:
    said = found.explain("other0")
    assert (said.left_id, said.right_id, said.verdict) == ("other0", ROWS[20]["id"], "attach")
    odds = said.prior + sum(line.bits for line in said.lines)
    assert 1 / (1 + 2**-odds) == pytest.approx(said.probability, abs=1e-6)
    assert "probability" in str(said)
    assert said._repr_html_().startswith("<table>")
    assert json.dumps(said.as_dict())


def test_nobody_is_explained_too(found: sm.AttachResult) -> None:
    said = found.explain("z1")
    assert (said.right_id, said.verdict, said.reason) == ("nobody", "new", "nobody in the table fits well enough")


def test_an_unknown_profile_is_an_error_without_its_id(found: sm.AttachResult) -> None:
    with pytest.raises(sm.TableError, match="the profiles have no id like the one given") as raised:
        found.explain("ada@example.com")
    assert "ada" not in str(raised.value)


def test_records_and_changes_come_from_the_decisions(found: sm.AttachResult) -> None:
    golden = found.golden()
    assert len(golden.records) == 100 + 1
    assert set(golden.provenance["source"].to_pylist()) >= {"crm"}
    assert set(found.changes()["customer_id"].to_pylist()) <= set(CUSTOMERS["id"].to_pylist())
    assert len(found.customer_ids) == 100
    assert found.candidates >= 30


# ----------------------------------------------------------------------------------------------------- little and bad
def empty_sources(folder: Path) -> list[object]:
    (folder / "empty.json").write_text("[]", encoding="utf-8")
    (folder / "header.csv").write_text("profile_id,channel,handle\n", encoding="utf-8")
    (folder / "plain.csv").write_text("id,name,email\n", encoding="utf-8")
    return [[], folder / "empty.json", folder / "header.csv", folder / "plain.csv"]


@pytest.mark.parametrize("which", range(4))
def test_no_profiles_give_no_decisions(which: int, tmp_path: Path) -> None:
    result = sm.attach(empty_sources(tmp_path)[which], to=CUSTOMERS)
    assert result.decisions.num_rows == result.pairs.num_rows == result.changes().num_rows == 0
    assert result.decisions.schema.equals(decisions_schema())
    assert len(result.golden().records) == 100


def test_no_customers_make_everybody_new(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("id,name,email\n", encoding="utf-8")
    assert set(sm.attach(OTHERS, to=path).decisions["verdict"].to_pylist()) == {"new"}
    assert set(sm.attach(PLAIN, to=path).decisions["verdict"].to_pylist()) == {"new"}


def test_one_customer_is_enough() -> None:
    one = CUSTOMERS.slice(7, 1)
    same = profile(handle=f"{SEVEN['first_name']}_{SEVEN['last_name']}".lower(), emails=[SEVEN["email"]])
    rows = sm.attach(
        [same, profile(profile_id="p2", handle="zz", display_name="Zed Quux")], to=one
    ).decisions.to_pylist()
    assert [row["verdict"] for row in rows] == ["attach", "new"]
    assert sm.attach(one, to=one).decisions["customer_id"].to_pylist() == [SEVEN["id"]]


def test_columns_without_a_value_match_nobody() -> None:
    blank = pa.table({"id": ["1", "2"], "name": pa.nulls(2), "email": pa.nulls(2, pa.string())})
    assert set(sm.attach(OTHERS, to=blank).decisions["verdict"].to_pylist()) == {"new"}
    found = sm.attach(PLAIN, to=blank)
    assert set(found.decisions["verdict"].to_pylist()) == {"new"}
    assert found.warnings[-1].startswith("there is nothing to compare")


def test_tables_about_nothing_in_common_match_nobody() -> None:
    left = pa.table({"id": ["1", "2", "3"], "colour": ["red", "green", "blue"]})
    found = sm.attach(left, to=CUSTOMERS)
    assert found.decisions["verdict"].to_pylist() == ["new"] * 3


def test_customers_without_an_id_column_are_an_error() -> None:
    with pytest.raises(sm.SchemaError, match=r"customers: no id column found .*; pass id= with its name, or add one"):
        sm.attach(OTHERS, to=pa.table({"name": ["a b", "a b"]}))


def test_profiles_that_repeat_an_id_are_an_error() -> None:
    with pytest.raises(sm.TableError, match="profiles: column 'profile_id' repeats ids"):
        sm.attach([profile(), profile()], to=CUSTOMERS)


def test_an_unknown_channel_is_an_error() -> None:
    with pytest.raises(sm.ChannelError, match="unknown channel 'tweeter'"):
        sm.attach(OTHERS, to=CUSTOMERS, channel="tweeter")


def test_progress_is_told(found: sm.AttachResult) -> None:
    stages: list[str] = []
    sm.attach(PLAIN, to=CUSTOMERS, progress=lambda stage, done, total: stages.append(stage))
    assert list(dict.fromkeys(stages))[:4] == ["normalise", "block", "fit", "compare"]


def test_an_address_that_a_hundred_thousand_customers_share_says_nothing() -> None:
    rows = 100_000
    many = pa.table({"id": [str(row) for row in range(rows)], "email": ["office@example.com"] * rows})
    tracemalloc.start()
    found = sm.attach([profile(emails=["office@example.com"])], to=many)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.decisions["verdict"].to_pylist() == ["new"]
    assert peak < 200 * 2**20


def test_a_namesake_whose_bio_names_the_employer_is_told_from_the_other() -> None:
    firms = ("Acorn Mills", "Birch Robotics", "Cedar Foods", "Dune Logistics")
    rows = [{**row, "company": firms[number % 4]} for number, row in enumerate(ROWS)]
    twin = {**rows[7], "id": "c999", "email": "somebody@example.org", "phone": None, "twitter": None}
    twin["company"] = "Elm Textiles"
    shown = [
        {**other, "emails": [], "bio": f"Engineer at {row['company']}"}
        for other, row in zip(OTHERS, rows[20:50], strict=True)
    ]
    profile = {"profile_id": "p", "channel": "linktree", "handle": "page1", "display_name": NAME}
    found = sm.attach([*shown, {**profile, "bio": "Weaver at Elm Textiles"}], to=pa.Table.from_pylist([*rows, twin]))
    decision = {row["profile_id"]: row for row in found.decisions.to_pylist()}["p"]
    assert (decision["customer_id"], decision["runner_up_id"]) == ("c999", "c07")
    assert decision["probability"] > 5 * decision["runner_up_probability"]
