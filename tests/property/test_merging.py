"""The laws of merging."""

import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.merging import Golden, Policy, claims, golden, golden_batches, keep
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.values import EMPTY, judge_one
from socialmerge.records import Kind, clusters_schema, decisions_schema, profiles_schema
from socialmerge.schema import Column, Schema

Rows = tuple[list[dict[str, Any]], ...]

SCHEMA = Schema(
    "id",
    (
        Column("id", Kind.ID),
        Column("name", Kind.NAME, "full"),
        Column("email", Kind.EMAIL),
        Column("phone", Kind.PHONE),
        Column("street", Kind.PLACE, "street"),
        Column("city", Kind.PLACE, "city"),
        Column("company", Kind.TEXT),
        Column("tags", Kind.TEXT, separator=";"),
        Column("updated_at", Kind.DATE),
    ),
    region="US",
)

words = st.sampled_from(
    ["", "n/a", "Ada", "ada ", "ADA", "Byron", "A. Byron", "Ada Byron", "x;y", "y; x", "\u0416\u0416"]
)
emails = st.sampled_from(["", "ada@example.com", "Ada@Example.com", "bob@example.com", "nonsense", "info@example.com"])
phones = st.sampled_from(["", "(202) 555-0143", "+12025550143", "202-555-0199", "call me"])
days = st.sampled_from(["", "2020-01-02", "2021-03-04T05:06:07Z", "sometime"])
texts = st.text(max_size=8)

customer = st.fixed_dictionaries(
    {
        "name": words | texts,
        "email": emails | texts,
        "phone": phones | texts,
        "street": words,
        "city": words | st.none(),
        "company": words | texts | st.none(),
        "tags": words,
        "updated_at": days,
    }
)
profile = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["github", "x", "linkedin"]),
        "handle": st.sampled_from(["ada", "bob", None]),
        "display_name": words | texts,
        "bio": words | texts | st.none(),
        "emails": st.lists(emails, max_size=3),
        "verified_emails": st.lists(emails, max_size=2),
        "phones": st.lists(phones, max_size=2),
        "websites": st.lists(st.sampled_from(["https://a.example.com", "a.example.com/", "b.example.com"]), max_size=2),
        "employer": words,
        "observed_at": days,
        "is_person": st.sampled_from([None, None, True, False]),
    }
)
decision = st.tuples(
    st.sampled_from(["attach", "attach", "review", "new"]), st.integers(0, 5), st.sampled_from(["verified", "inferred"])
)
step = st.sampled_from(
    [
        keep.newest(missing="skip"),
        keep.oldest(missing="skip"),
        keep.most_frequent(),
        keep.most_complete(),
        keep.longest(),
        keep.validated(),
        keep.trusted("x", "crm"),
        keep.trusted("crm", "github"),
    ]
)
rule = st.one_of(
    st.lists(step, min_size=1, max_size=3).map(lambda steps: keep.first(*steps)),
    st.lists(step, max_size=1).map(lambda steps: keep.first(*steps, keep.every())),
)
policies = st.builds(
    Policy,
    rules=st.dictionaries(st.sampled_from(["name", "email", "phone", "address", "company", "tags", "bio"]), rule),
    otherwise=st.lists(step, min_size=1, max_size=2).map(lambda steps: keep.first(*steps)),
    groups=st.none() | st.just({}),
    social=st.sampled_from(["fill", "overwrite"]),
    contact_points=st.sampled_from(["verified", "asserted"]),
)


@st.composite
def cases(draw: st.DrawFn) -> Rows:
    """Customers in up to four entities, and decided profiles."""
    customers = draw(st.lists(customer, min_size=1, max_size=6))
    rows = [{"id": f"c{number}", **row} for number, row in enumerate(customers)]
    owner = draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    clusters = [{"id": row["id"], "entity_id": f"c{owner.index(one)}"} for row, one in zip(rows, owner, strict=True)]
    profiles = [{"profile_id": f"p{number}", **row} for number, row in enumerate(draw(st.lists(profile, max_size=5)))]
    decisions = []
    for row in profiles:
        verdict, number, assurance = draw(decision)
        target = rows[number % len(rows)]["id"]
        made = {"profile_id": row["profile_id"], "verdict": verdict}
        made |= {"entity_id": f"n{number}"} if verdict == "new" else {"customer_id": target, "assurance": assurance}
        decisions.append(made)
    return rows, clusters, profiles, decisions


def tables(case: Rows) -> dict[str, pa.Table]:
    rows, clusters, profiles, decisions = case
    schema = pa.schema([(column.name, pa.string()) for column in SCHEMA.columns])
    return {
        "customers": pa.Table.from_pylist(rows, schema=schema),
        "clusters": pa.Table.from_pylist(clusters, schema=clusters_schema()),
        "profiles": pa.Table.from_pylist(profiles, schema=profiles_schema()),
        "identities": pa.Table.from_pylist(decisions, schema=decisions_schema()),
    }


def same(left: Golden, right: Golden) -> bool:
    return all(getattr(left, name).equals(getattr(right, name)) for name in ("records", "provenance", "conflicts"))


@given(cases(), policies, st.randoms(use_true_random=False))
def test_any_permutation_of_the_input_gives_the_same_golden_records(
    case: Rows, policy: Policy, shuffle: random.Random
) -> None:
    """Law 2."""
    shuffled = tuple(shuffle.sample(rows, len(rows)) for rows in case)
    assert same(
        golden(**tables(case), schema=SCHEMA, policy=policy), golden(**tables(shuffled), schema=SCHEMA, policy=policy)
    )


@given(cases(), policies, st.integers(1, 3))
def test_any_batching_gives_the_same_golden_records(case: Rows, policy: Policy, size: int) -> None:
    """Law 2."""
    whole = golden(**tables(case), schema=SCHEMA, policy=policy)
    parts = list(golden_batches(**tables(case), schema=SCHEMA, policy=policy, entities=size))
    for name in ("records", "provenance", "conflicts"):
        assert pa.concat_tables([getattr(part, name) for part in parts]).equals(getattr(whole, name))


@given(cases(), policies)
def test_every_golden_value_has_a_live_claim_and_every_claim_named_is_live(case: Rows, policy: Policy) -> None:
    """Law 6."""
    merged = golden(**tables(case), schema=SCHEMA, policy=policy)
    live = pa.concat_tables(claims(**tables(case), schema=SCHEMA, policy=policy)).to_pylist()
    known = {(row["claim_id"], row["entity_id"], row["field"], row["value"]) for row in live}
    named = merged.provenance.to_pylist()
    assert {(row["claim_id"], row["entity_id"], row["field"], row["value"]) for row in named} <= known
    assert sorted(values_of(merged.records)) == sorted((row["entity_id"], row["field"], row["value"]) for row in named)


def values_of(records: pa.Table) -> Iterator[tuple[str, str, str]]:
    for row in records.drop_columns(["accounts"]).to_pylist():
        for field, value in row.items():
            if field != "entity_id" and value is not None:
                yield from ((row["entity_id"], field, one) for one in (value if isinstance(value, list) else [value]))


@given(cases(), policies)
def test_merging_the_merged_records_again_changes_nothing(case: Rows, policy: Policy) -> None:
    merged = golden(**tables(case), schema=SCHEMA, policy=policy).records
    again = merged.drop_columns(["accounts", "id"]).rename_columns(
        {"entity_id": "id"}
        | {name: name for name in merged.column_names if name not in ("entity_id", "accounts", "id")}
    )
    columns = tuple(column for column in SCHEMA.columns if column.name in again.column_names)
    schema = Schema("id", tuple(Column(c.name, c.kind, c.part) for c in columns), region="US")
    clusters = pa.table({"id": again["id"], "entity_id": again["id"]})
    known = {name: rule for name, rule in policy.rules.items() if name != "bio" or "bio" in again.column_names}
    calm = Policy(rules=known, otherwise=policy.otherwise, groups=policy.groups)
    second = golden(clusters, again, None, schema, calm)
    for name in again.column_names[1:]:
        assert second.records[name].to_pylist() == again[name].to_pylist(), name
    assert second.conflicts.num_rows == 0


@given(cases(), policies)
def test_no_contact_point_of_an_inferred_attachment_enters_a_customers_record(case: Rows, policy: Policy) -> None:
    merged = golden(**tables(case), schema=SCHEMA, policy=policy)
    inferred = {
        row["profile_id"] for row in case[3] if row.get("assurance") == "inferred" or row["verdict"] == "review"
    }
    used = [row for row in merged.provenance.to_pylist() if row["field"] in ("email", "phone")]
    assert not [row for row in used if row["record_id"] in inferred]


@given(cases(), policies)
def test_no_inferred_value_replaces_a_customers_own(case: Rows, policy: Policy) -> None:
    fields = {column.name: GoldenField(column.name, column.kind, column.part) for column in SCHEMA.columns}
    inferred = {
        row["profile_id"] for row in case[3] if row.get("assurance") == "inferred" or row["verdict"] == "review"
    }
    bare = golden(tables(case)["clusters"], tables(case)["customers"], None, SCHEMA, policy)
    own = {(row["entity_id"], row["field"]): row["value"] for row in bare.provenance.to_pylist()}
    for row in golden(**tables(case), schema=SCHEMA, policy=policy).provenance.to_pylist():
        before = own.get((row["entity_id"], row["field"]))
        if row["record_id"] in inferred and row["rule"] != "every" and before is not None:
            # Only what stands for no value gives way.
            assert judge_one(fields[row["field"]], before, region="US").standing == EMPTY
