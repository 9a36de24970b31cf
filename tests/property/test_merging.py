"""The laws of merging."""

import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.merging import (
    Consent,
    Edicts,
    GenericValue,
    Golden,
    Pin,
    Policy,
    Rejection,
    children,
    claims,
    golden,
    golden_batches,
    keep,
    simulate,
)
from socialmerge.merging.consent import applies, meet
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
        Column("score", Kind.NUMBER),
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
        "score": st.sampled_from([None, "7", "7.0", "12", "-1", "many", "nan"]),
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
plain_steps = [
    keep.newest(missing="skip"),
    keep.oldest(missing="skip"),
    keep.most_frequent(),
    keep.most_complete(),
    keep.longest(),
    keep.validated(),
    keep.trusted("x", "crm"),
    keep.trusted("crm", "github", half_life_days={"crm": 300}),
]
step = st.sampled_from(plain_steps)
social_step = st.sampled_from(
    [*plain_steps, keep.agreed(sources=2), keep.trusted("linkedin", "crm", half_life_days=90)]
)
sized_step = st.sampled_from([*plain_steps, keep.min(), keep.max()])


def rules_of(steps: st.SearchStrategy[keep.Strategy]) -> st.SearchStrategy[keep.Strategy]:
    """A rule of some steps, which may start with a pin and end with every value."""
    start, end = st.sampled_from([(), (keep.pinned(),)]), st.sampled_from([(), (), (keep.every(),)])
    some = st.lists(steps, max_size=3)
    return (
        st.tuples(start, some, end)
        .map(lambda parts: [*parts[0], *parts[1], *parts[2]])
        .filter(bool)
        .map(lambda parts: keep.first(*parts))
    )


rule = rules_of(step)
rules = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("name", "email", "phone", "company", "bio"), rules_of(social_step)),
        **dict.fromkeys(("address", "tags"), rule),
        **dict.fromkeys(("score", "updated_at"), rules_of(sized_step)),
    },
)
policies = st.builds(
    Policy,
    rules=rules,
    otherwise=st.lists(step, min_size=1, max_size=2).map(lambda steps: keep.first(*steps)),
    groups=st.none() | st.just({"address": ("street", "city")}),
    social=st.sampled_from(["fill", "overwrite"]),
    contact_points=st.sampled_from(["verified", "asserted"]),
    clears=st.sampled_from([(), (), ("crm",), ("crm", "linkedin")]),
)

FIELDS = ("name", "email", "phone", "city", "company", "tags", "bio", "score")
times = st.sampled_from(["", "2024-01-01", "2024-06-01T12:00:00Z"])
targets = st.one_of(
    st.tuples(st.just("crm"), st.sampled_from(["c0", "c1", "c2", "gone"])).map(lambda record: {"record": record}),
    st.tuples(st.sampled_from(["x", "github"]), st.sampled_from(["p0", "p1"])).map(lambda record: {"record": record}),
    st.sampled_from(["c0", "n1", "gone"]).map(lambda entity: {"entity_id": entity}),
)
said = st.text(min_size=1, max_size=4).filter(str.strip) | (words | emails | phones).filter(str.strip)


@st.composite
def edicts_of(draw: st.DrawFn) -> Edicts:
    """Pins, rejections and generic values about the rows and values of the cases."""

    def some(make: type[Pin] | type[Rejection], prefix: str) -> list[Any]:
        parts = draw(st.lists(st.tuples(st.sampled_from(FIELDS), said, targets, times), max_size=3))
        return [
            make(f"{prefix}{number}", field, value, actor="ana", at=at, **target)
            for number, (field, value, target, at) in enumerate(parts)
        ]

    values = draw(st.lists(st.sampled_from(["info@example.com", "BOB@example.com", "+12025550143"]), max_size=2))
    generic = [GenericValue(f"g{number}", value, actor="bo") for number, value in enumerate(values)]
    return Edicts(tuple(some(Pin, "d")), tuple(some(Rejection, "r")), tuple(generic))


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


# Profiles of nobody, so that every source, every attribute and a date are there whatever the case.
SOURCES = [
    {
        "profile_id": f"s-{channel}",
        "channel": channel,
        "display_name": "Nobody",
        "bio": "Nobody",
        "emails": ["nobody@example.com"],
        "phones": ["+1 202 555 0100"],
        "employer": "Nobody",
        "observed_at": "2019-01-01",
    }
    for channel in ("github", "x", "linkedin")
]
IN_REVIEW = [{"profile_id": row["profile_id"], "verdict": "review", "customer_id": "c0"} for row in SOURCES]
AS_OF = "2024-12-31T00:00:00Z"


def merge(case: Rows, policy: Policy, edicts: Edicts | None = None) -> Golden:
    return golden(**tables(case), schema=SCHEMA, policy=policy, edicts=edicts or Edicts(), as_of=AS_OF)


def tables(case: Rows) -> dict[str, pa.Table]:
    rows, clusters, profiles, decisions = case
    schema = pa.schema([(column.name, pa.string()) for column in SCHEMA.columns])
    return {
        "customers": pa.Table.from_pylist(rows, schema=schema),
        "clusters": pa.Table.from_pylist(clusters, schema=clusters_schema()),
        "profiles": pa.Table.from_pylist([*profiles, *SOURCES], schema=profiles_schema()),
        "identities": pa.Table.from_pylist([*decisions, *IN_REVIEW], schema=decisions_schema()),
    }


def same(left: Golden, right: Golden) -> bool:
    return all(getattr(left, name).equals(getattr(right, name)) for name in ("records", "provenance", "conflicts"))


@given(cases(), policies, edicts_of(), st.randoms(use_true_random=False))
def test_any_permutation_of_the_input_gives_the_same_golden_records(
    case: Rows, policy: Policy, edicts: Edicts, shuffle: random.Random
) -> None:
    """Law 2."""
    shuffled = tuple(shuffle.sample(rows, len(rows)) for rows in case)
    parts = (shuffle.sample(some, len(some)) for some in (edicts.pins, edicts.rejections, edicts.generic))
    assert same(merge(case, policy, edicts), merge(shuffled, policy, Edicts(*map(tuple, parts))))


@given(cases(), policies, edicts_of(), st.integers(1, 3))
def test_any_batching_gives_the_same_golden_records(case: Rows, policy: Policy, edicts: Edicts, size: int) -> None:
    """Law 2."""
    whole = merge(case, policy, edicts)
    told = {"schema": SCHEMA, "policy": policy, "edicts": edicts, "as_of": AS_OF}
    parts = list(golden_batches(**tables(case), **told, entities=size))
    for name in ("records", "provenance", "conflicts"):
        assert pa.concat_tables([getattr(part, name) for part in parts]).equals(getattr(whole, name))


@given(cases(), policies, edicts_of())
def test_every_golden_value_has_a_live_claim_or_a_pin(case: Rows, policy: Policy, edicts: Edicts) -> None:
    """Law 6."""
    merged = merge(case, policy, edicts)
    live = pa.concat_tables(claims(**tables(case), schema=SCHEMA, policy=policy)).to_pylist()
    known = {(row["claim_id"], row["entity_id"], row["field"], row["value"]) for row in live}
    pinned = {(one.id, one.field, one.value.strip()) for one in edicts.pins}
    named = merged.provenance.to_pylist()
    for row in named:
        if row["rule"] == "pinned":
            assert (row["claim_id"], row["field"], row["value"]) in pinned
        else:
            assert (row["claim_id"], row["entity_id"], row["field"], row["value"]) in known
    assert sorted(values_of(merged.records)) == sorted((row["entity_id"], row["field"], row["value"]) for row in named)


def key(field: str, value: str) -> str:
    return judge_one(GOLDEN_FIELDS[field], value.strip(), region="US").key


GOLDEN_FIELDS = {
    **{column.name: GoldenField(column.name, column.kind, column.part) for column in SCHEMA.columns},
    "bio": GoldenField("bio", Kind.TEXT),
}


@given(cases(), policies, edicts_of())
def test_a_pin_wins_and_a_rejected_or_generic_value_is_never_kept(case: Rows, policy: Policy, edicts: Edicts) -> None:
    merged = merge(case, policy, edicts)
    ids = {row["entity_id"]: row["id"] or [] for row in merged.records.to_pylist()}
    named = [
        ((row["entity_id"], row["field"], key(row["field"], row["value"])), row["rule"])
        for row in merged.provenance.to_pylist()
        if row["field"] in GOLDEN_FIELDS
    ]
    kept, free = {row for row, _ in named}, {row for row, rule in named if rule != "pinned"}

    def homes(edict: Pin | Rejection) -> list[str]:
        if edict.entity_id:
            return [edict.entity_id] if edict.entity_id in ids else []
        assert edict.record is not None
        return [entity for entity, members in ids.items() if edict.record[0] == "crm" and edict.record[1] in members]

    for one in edicts.rejections:
        assert not [home for home in homes(one) if (home, one.field, key(one.field, one.value)) in free]
    for one in edicts.generic:
        for field in ("email", "phone"):
            assert not [row for row in free if row[1:] == (field, key(field, one.value))]
    for one in edicts.pins:
        for home in homes(one):
            others = [two for two in edicts.pins if two.field == one.field and two is not one]
            if not others:
                assert (home, one.field, key(one.field, one.value)) in kept


@given(cases(), policies, edicts_of())
def test_every_value_that_is_not_kept_is_in_the_conflicts_unless_an_equal_one_is_kept(
    case: Rows, policy: Policy, edicts: Edicts
) -> None:
    merged = merge(case, policy, edicts)
    told = {
        (row["entity_id"], row["field"], key(row["field"], row["value"]))
        for row in merged.provenance.to_pylist()
        if row["field"] in GOLDEN_FIELDS
    }
    told |= {
        (row["entity_id"], row["field"], key(row["field"], row["rejected"]))
        for row in merged.conflicts.to_pylist()
        if row["field"] in GOLDEN_FIELDS
    }
    for table in claims(**tables(case), schema=SCHEMA, policy=policy):
        for row in table.to_pylist():
            judged = row["field"] in GOLDEN_FIELDS and judge_one(GOLDEN_FIELDS[row["field"]], row["value"], region="US")
            if judged and judged.standing != EMPTY and row["entity_id"]:
                assert (row["entity_id"], row["field"], judged.key) in told


def values_of(records: pa.Table) -> Iterator[tuple[str, str, str]]:
    for row in records.drop_columns(["accounts"]).to_pylist():
        for field, value in row.items():
            if field != "entity_id" and value is not None:
                yield from ((row["entity_id"], field, one) for one in (value if isinstance(value, list) else [value]))


@given(cases(), policies)
def test_merging_the_merged_records_again_changes_nothing(case: Rows, policy: Policy) -> None:
    merged = merge(case, policy).records
    again = merged.drop_columns(["accounts", "id"]).rename_columns(
        {"entity_id": "id"}
        | {name: name for name in merged.column_names if name not in ("entity_id", "accounts", "id")}
    )
    columns = tuple(column for column in SCHEMA.columns if column.name in again.column_names)
    schema = Schema("id", tuple(Column(c.name, c.kind, c.part) for c in columns), region="US")
    clusters = pa.table({"id": again["id"], "entity_id": again["id"]})
    # With one source there is nothing to agree on, and nothing of another source to trust.
    known = {
        name: rule for name, rule in policy.rules.items() if not {"agreed", "trusted"} & {s.name for s in rule.steps}
    }
    calm = Policy(rules=known, otherwise=policy.otherwise, observed="observed_at")
    again = again.append_column("observed_at", pa.array(["2024-01-01"] * again.num_rows))
    second = golden(clusters, again, None, schema, calm, edicts=Edicts(), as_of=AS_OF)
    for name in again.column_names[1:-1]:
        assert second.records[name].to_pylist() == again[name].to_pylist(), name
    assert second.conflicts.num_rows == 0


@given(cases(), policies)
def test_no_contact_point_of_an_inferred_attachment_enters_a_customers_record(case: Rows, policy: Policy) -> None:
    merged = merge(case, policy)
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
    alone = (case[0], case[1], [], [])
    bare = merge(alone, policy)
    own = {(row["entity_id"], row["field"]): row["value"] for row in bare.provenance.to_pylist()}
    for row in merge(case, policy).provenance.to_pylist():
        before = own.get((row["entity_id"], row["field"]))
        if row["record_id"] in inferred and row["rule"] != "every" and before is not None:
            # Only what stands for no value gives way.
            assert judge_one(fields[row["field"]], before, region="US").standing == EMPTY


statements = st.lists(
    st.builds(
        Consent,
        source=st.sampled_from(["crm", "crm", "x"]),
        record_id=st.sampled_from(["c0", "c1", "c2", "p0"]),
        channel=st.sampled_from(["", "telegram", "x"]),
        purpose=st.sampled_from(["", "service", "marketing"]),
        state=st.sampled_from(["granted", "denied", "unknown"]),
        explicit=st.booleans(),
        at=times,
    ),
    max_size=6,
)
places = st.sampled_from([("x", "service"), ("telegram", "service"), ("x", "marketing")])


def consented(case: Rows, policy: Policy, said: list[Consent]) -> Golden:
    return golden(**tables(case), schema=SCHEMA, policy=policy, edicts=Edicts(), as_of=AS_OF, consents=said)


def entity_of(case: Rows, one: Consent) -> str | None:
    if one.source == "crm":
        return next((row["entity_id"] for row in case[1] if row["id"] == one.record_id), None)
    for row, decided in zip(case[2], case[3], strict=True):
        if row["profile_id"] == one.record_id and row["channel"] == one.source and row["is_person"] is not False:
            home = Consent("crm", decided.get("customer_id", ""))
            return entity_of(case, home) if decided["verdict"] == "attach" else decided.get("entity_id")
    return None


@given(cases(), policies, statements, places)
def test_nobody_who_denied_is_in_a_view_without_a_later_explicit_opt_in(
    case: Rows, policy: Policy, said: list[Consent], place: tuple[str, str]
) -> None:
    """Law 8: denials win, suppressions unite, and only an explicit, dated, later opt-in is above them."""
    channel, purpose = place
    view = consented(case, policy, said).view(channel=channel, purpose=purpose, unknown="allow")
    for entity in view.records["entity_id"].to_pylist():
        mine = [one for one in said if entity_of(case, one) == entity and applies(one, channel, purpose)]
        denials = [one for one in mine if one.state == "denied"]
        opted = [one for one in mine if one.state == "granted" and one.explicit and one.at]
        assert not denials or (
            all(one.at for one in denials) and max(one.at for one in opted) > max(d.at for d in denials)
        )


@given(cases(), policies, statements, places)
def test_another_denial_never_shows_more_and_undoing_it_shows_the_same_again(
    case: Rows, policy: Policy, said: list[Consent], place: tuple[str, str]
) -> None:
    """Law 8."""
    channel, purpose = place
    before = consented(case, policy, said).view(channel=channel, purpose=purpose)
    denied = consented(case, policy, [*said, Consent("crm", "c0", state="denied")]).view(
        channel=channel, purpose=purpose
    )
    assert set(values_of(denied.records)) <= set(values_of(before.records))
    assert case[1][0]["entity_id"] not in denied.records["entity_id"].to_pylist()
    again = consented(case, policy, list(reversed(said))).view(channel=channel, purpose=purpose)
    assert again.records.equals(before.records)
    assert again.withheld.equals(before.withheld)


@given(cases(), policies, statements, places)
def test_a_view_shows_golden_values_alone_and_on_a_public_channel_public_ones_alone(
    case: Rows, policy: Policy, said: list[Consent], place: tuple[str, str]
) -> None:
    """Law 8."""
    merged = consented(case, policy, said)
    view = merged.view(channel=place[0], purpose=place[1])
    named = merged.provenance.to_pylist()
    allowed = {
        (row["entity_id"], row["field"], row["value"])
        for row in named
        if row["visibility"] == "public" or place[0] == "telegram"
    }
    shown = set(values_of(view.records))
    assert shown <= allowed
    withheld = {(row["entity_id"], row["field"], row["claim_id"]) for row in view.withheld.to_pylist()}
    for row in named:
        is_shown = (row["entity_id"], row["field"], row["value"]) in shown
        assert is_shown != ((row["entity_id"], row["field"], row["claim_id"]) in withheld)


@given(statements, st.randoms(use_true_random=False))
def test_statements_meet_as_a_set_whatever_their_order_and_however_often(
    said: list[Consent], shuffle: random.Random
) -> None:
    """Law 8."""
    mixed = [*shuffle.sample(said, len(said)), *said[:2]]
    assert meet(mixed) is meet(said)


@given(
    st.lists(st.tuples(st.sampled_from(["c0", "c1", "c2", "gone", None]), st.integers(-9, 99)), max_size=9),
    st.lists(st.sampled_from(["c0", "c1", "c2"]), min_size=3, max_size=3),
    st.randoms(use_true_random=False),
)
def test_child_rows_are_neither_lost_nor_counted_twice_by_merges_and_splits(
    rows: list[tuple[str | None, int]], entities: list[str], shuffle: random.Random
) -> None:
    """Law 12."""
    orders = pa.table({"customer": pa.array([one for one, _ in rows], pa.string()), "spend": [n for _, n in rows]})
    pairs = list(zip(["c0", "c1", "c2"], entities, strict=True))
    mixed = shuffle.sample(pairs, 3)
    clusters = pa.table({"id": [one for one, _ in mixed], "entity_id": [entity for _, entity in mixed]})
    merged = children(orders, on="customer", identities=clusters)
    assert merged.drop_columns(["entity_id"]).equals(orders)
    home = dict(pairs)
    assert merged["entity_id"].to_pylist() == [home.get(one or "") for one, _ in rows]
    sums: dict[str | None, int] = {}
    for entity, spend in zip(merged["entity_id"].to_pylist(), merged["spend"].to_pylist(), strict=True):
        sums[entity] = sums.get(entity, 0) + spend
    assert sum(sums.values()) == sum(spend for _, spend in rows)
    alone = pa.table({"id": ["c0", "c1", "c2"], "entity_id": ["c0", "c1", "c2"]})
    split = children(merged.drop_columns(["entity_id"]), on="customer", identities=alone)
    assert split.equals(children(orders, on="customer", identities=alone))


@given(cases(), policies, policies, edicts_of())
def test_a_simulation_lists_each_field_that_would_differ_and_no_other(
    case: Rows, before: Policy, after: Policy, edicts: Edicts
) -> None:
    told = {**tables(case), "schema": SCHEMA, "edicts": edicts, "as_of": AS_OF}
    found = simulate(before=before, after=after, **told)

    def cells(merged: Golden) -> dict[tuple[str, str], Any]:
        rows = merged.records.drop_columns(["accounts"]).to_pylist()
        texts = {}
        for row in rows:
            for field, value in row.items():
                texts[row["entity_id"], field] = " ::: ".join(value) if isinstance(value, list) else value
        return texts

    old, new = cells(merge(case, before, edicts)), cells(merge(case, after, edicts))
    expected = {place: (old[place], new[place]) for place in old if old[place] != new[place]}
    rows = found.changes.to_pylist()
    assert {(row["entity_id"], row["field"]): (row["before"], row["after"]) for row in rows} == expected
    assert len(rows) == len(expected) == sum(found.counts["changed"].to_pylist())
