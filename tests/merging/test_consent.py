"""What may be used where, and what people said about it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any, Protocol

import pyarrow as pa
import pytest

from socialmerge.errors import ChannelError, PolicyError
from socialmerge.merging import Consent, ConsentState, Edicts, Golden, Pin, Policy, consents_schema, golden
from socialmerge.merging.consent import consent_table, heeded, meet
from socialmerge.merging.moments import moment_of
from socialmerge.schema import Schema

Crm = Callable[..., Any]

NO = Consent("crm", "c0", state="denied", at="2024-01-01")
YES = Consent("crm", "c1", state="granted", at="2024-06-01")
OPT_IN = Consent("crm", "c1", state="granted", explicit=True, at="2024-06-01")


class Case(Protocol):
    """What the fixture makes."""

    customer_table: pa.Table
    profile_table: pa.Table
    decision_table: pa.Table
    schema: Schema

    def merge(self, policy: Policy | None = None, *, consents: Sequence[Consent] | None = None) -> Golden: ...


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], "unknown"),
        ([Consent("crm", "c0")], "unknown"),
        ([YES], "granted"),
        ([YES, Consent("crm", "c0")], "granted"),
        ([YES, NO], "denied"),
        ([OPT_IN, NO], "granted"),
        ([OPT_IN, NO, Consent("crm", "c2", state="denied", at="2025-01-01")], "denied"),
        ([OPT_IN, NO, Consent("crm", "c2", state="denied")], "denied"),
        ([Consent("crm", "c1", state="granted", explicit=True), NO], "denied"),
        ([Consent("crm", "c1", state="granted", explicit=True, at="2024-01-01"), NO], "denied"),
    ],
)
def test_statements_meet_in_any_order(statements: list[Consent], expected: str) -> None:
    assert {meet(order).value for order in permutations(statements)} == {expected}


def person(crm: Crm) -> Case:
    case = crm({"name": "Ada", "email": "ada@example.com"}, {"name": "Bob"})
    made: Case = case.attach("c0", channel="mastodon", handle="ada@example.social", bio="Poet", location="Leeds")
    return made


def shown(
    case: Case,
    consents: Sequence[Consent] | None = None,
    policy: Policy | None = None,
    *,
    channel: str,
    purpose: str = "service",
    unknown: str = "refuse",
) -> dict[str, dict[str, Any]]:
    view = case.merge(policy, consents=consents).view(channel=channel, purpose=purpose, unknown=unknown)
    rows = view.records.to_pylist()
    return {row["entity_id"]: {k: v for k, v in row.items() if v and k != "entity_id"} for row in rows}


def test_a_public_channel_shows_what_the_person_published_and_nothing_private(crm: Crm) -> None:
    everything = [Consent("crm", "c0", state="granted", explicit=True)]
    records = shown(person(crm), everything, channel="mastodon")
    assert set(records) == {"c0"}
    accounts = records["c0"].pop("accounts")
    assert records["c0"] == {"bio": "Poet", "location": "Leeds"}
    assert [account["handle"] for account in accounts] == ["ada@example.social"]


def test_a_private_channel_shows_private_values_where_the_person_agreed(crm: Crm) -> None:
    assert "email" not in shown(person(crm), channel="telegram")["c0"]
    agreed = [Consent("crm", "c0", channel="telegram", purpose="service", state="granted")]
    assert shown(person(crm), agreed, channel="telegram")["c0"]["email"] == "ada@example.com"
    assert shown(person(crm), channel="telegram", unknown="allow")["c0"]["email"] == "ada@example.com"
    other = [Consent("crm", "c0", channel="discord", purpose="service", state="granted")]
    assert "email" not in shown(person(crm), other, channel="telegram")["c0"]


def test_what_is_withheld_is_named_by_its_claim_with_the_reason_and_without_the_value(crm: Crm) -> None:
    merged = person(crm).merge()
    view = merged.view(channel="mastodon", purpose="service")
    reasons = {(row["entity_id"], row["field"]): row["reason"] for row in view.withheld.to_pylist()}
    assert reasons["c0", "email"] == "private: not for this channel"
    assert view.withheld.column_names == ["entity_id", "field", "claim_id", "reason"]
    assert set(view.withheld["claim_id"].to_pylist()) <= set(merged.provenance["claim_id"].to_pylist())


def test_who_says_no_is_not_in_the_view(crm: Crm) -> None:
    no = [Consent("crm", "c0", channel="mastodon", purpose="service", state="denied")]
    assert shown(person(crm), no, channel="mastodon") == {}
    assert "c0" in shown(person(crm), no, channel="mastodon", purpose="research")


def test_a_no_without_a_channel_is_a_no_to_all(crm: Crm) -> None:
    no = [Consent("crm", "c0", state="denied")]
    for channel in ("mastodon", "telegram", "bluesky"):
        assert "c0" not in shown(person(crm), no, channel=channel, unknown="allow")


def test_consent_that_one_row_denied_does_not_reappear_after_a_merge(crm: Crm) -> None:
    case = crm({"email": "ada@example.com"}, {"name": "Ada", "email": "ada@example.com"})
    consents = [Consent("crm", "c0", state="denied"), Consent("crm", "c1", state="granted")]
    assert set(shown(case, consents, channel="telegram")) == {"c1"}
    assert shown(case.together("c1", "c0", "c1"), consents, channel="telegram") == {}
    # and undoing the merge is computing without it
    assert set(shown(case, consents, channel="telegram")) == {"c1"}


def test_a_later_explicit_opt_in_frees_its_own_row_and_not_the_one_that_denied(crm: Crm) -> None:
    case = crm({"phone": "202-555-0143"}, {"email": "ada@example.com"}).together("c1", "c0", "c1")
    records = shown(case, [NO, OPT_IN], channel="telegram")
    assert records["c1"]["email"] == "ada@example.com"
    assert "phone" not in records["c1"]
    assert shown(case, [NO, YES], channel="telegram") == {}


def test_a_no_of_a_row_whose_values_all_lost_still_counts(crm: Crm) -> None:
    case = crm({"company": "Long Company"}, {"company": "Co"}).together("c0", "c0", "c1")
    no = [Consent("crm", "c1", state="denied")]
    assert shown(case, no, channel="telegram", unknown="allow") == {}


def test_a_purpose_that_a_channel_is_not_good_for_is_refused_with_the_channels_that_are(crm: Crm) -> None:
    merged = person(crm).merge()
    with pytest.raises(PolicyError, match=r"view: reddit is not good for marketing; these channels are: .*mastodon"):
        merged.view(channel="reddit", purpose="marketing")
    with pytest.raises(PolicyError, match=r"view: unknown purpose 'marketting'; did you mean 'marketing'\?"):
        merged.view(channel="x", purpose="marketting")
    with pytest.raises(ChannelError, match="unknown channel 'fax'"):
        merged.view(channel="fax", purpose="service")
    with pytest.raises(PolicyError, match="unknown= is 'refuse' or 'allow'"):
        merged.view(channel="x", purpose="service", unknown="maybe")


def test_a_value_given_to_a_channel_for_other_purposes_is_not_used(crm: Crm) -> None:
    case = crm({}).attach("c0", channel="reddit", handle="ada", bio="Poet")
    assert shown(case, channel="mastodon", purpose="marketing") == {}
    assert shown(case, channel="mastodon", purpose="research")["c0"]["bio"] == "Poet"


def test_a_policy_may_make_a_field_public_or_secret(crm: Crm) -> None:
    policy = Policy(visibility={"name": "public", "bio": "secret"})
    case, yes = person(crm), [Consent("crm", "c0", state="granted")]
    records = shown(case, yes, policy, channel="mastodon")
    assert records["c0"]["name"] == "Ada"
    assert "bio" not in records["c0"]
    assert "bio" not in shown(case, yes, policy, channel="telegram")["c0"]
    with pytest.raises(PolicyError, match=r"visibility\['nmae'\] names no field, group or kind; did you mean 'name'"):
        case.merge(Policy(visibility={"nmae": "public"}))


def test_what_comes_from_a_private_channel_is_private(crm: Crm) -> None:
    case = crm({}).attach("c0", channel="discord", handle="ada", bio="Poet")
    assert shown(case, policy=Policy(visibility={"bio": "public"}), channel="mastodon") == {}
    assert shown(case, channel="discord")["c0"]["bio"] == "Poet"


def resting(case: Case, on: str) -> pa.Table:
    at = case.decision_table.schema.names.index("evidence")
    return case.decision_table.set_column(at, "evidence", pa.array([on]))


def test_a_match_on_private_evidence_is_not_made_visible_on_a_public_channel(crm: Crm) -> None:
    case = person(crm)
    told = (case.customer_table, case.profile_table, case.schema)
    decisions = resting(case, "private")
    merged = golden(decisions, *told)
    assert merged.records["bio"].to_pylist()[0] == "Poet"
    assert merged.view(channel="mastodon", purpose="service").records.num_rows == 0
    assert merged.view(channel="telegram", purpose="service").records["bio"].to_pylist() == ["Poet"]
    public = golden(resting(case, "public"), *told)
    assert public.view(channel="mastodon", purpose="service").records["bio"].to_pylist() == ["Poet"]


def test_what_was_said_of_a_row_is_heeded_for_its_account_too(crm: Crm) -> None:
    row = {"channel": "mastodon", "handle": "ada@example.social", "bio": "Poet"}
    case = crm({}).attach("c0", **row)  # no channel for marketing
    yes = [Consent("mastodon", "p0", channel="telegram", purpose="service", state="granted", explicit=True)]
    no = [Consent("mastodon", "p0", state="denied", at="2024-01-01")]
    later = Consent("crm", "c0", state="granted", explicit=True, at="2025-01-01")
    for said, named in (([], True), (yes, True), ([*no, later], False)):
        records = shown(case, said, channel="telegram", unknown="allow")
        assert ("accounts" in records.get("c0", {})) is named
    github = crm({}).attach("c0", channel="github", handle="ada")  # good for research and identity alone
    agreed = [Consent("github", "p0", purpose="service", state="granted")]
    assert shown(github, channel="telegram") == {}
    assert shown(github, agreed, channel="telegram")["c0"]["accounts"][0]["handle"] == "ada"
    withheld = github.merge().view(channel="telegram", purpose="service").withheld.to_pylist()
    assert {
        "entity_id": "c0",
        "field": "accounts",
        "claim_id": None,
        "reason": "not given for this purpose",
    } in withheld


def test_a_pin_is_used_where_the_person_agreed(crm: Crm) -> None:
    case = crm({})
    edicts = Edicts((Pin("d1", "phone", "202-555-0143", "ana", record=("crm", "c0")),))
    for consents, expected in ((None, 0), ([Consent("crm", "c0", state="granted")], 1)):
        merged = case.merge(edicts=edicts, consents=consents)
        view = merged.view(channel="telegram", purpose="service")
        assert view.records.num_rows == expected


def test_statements_may_be_a_table_and_name_the_row_of_a_system(crm: Crm) -> None:
    case = crm({"email": "ada@example.com", "system": "hubspot"})
    for source in ("crm", "hubspot"):
        table = pa.table({"source": [source], "record_id": ["c0"], "state": ["granted"]})
        merged = case.merge(Policy(source="system"), consents=table)
        assert merged.view(channel="telegram", purpose="service").records["email"].to_pylist() == ["ada@example.com"]
        assert merged.consents["source"].to_pylist() == ["hubspot"]


def test_all_problems_of_statements_are_listed_by_their_rows(crm: Crm) -> None:
    wrong = [Consent("crm", "c0", state="yes"), Consent("crm", "c0", state=ConsentState.DENIED, at="soon")]
    with pytest.raises(PolicyError) as caught:
        crm({}).merge(consents=wrong)
    assert str(caught.value).splitlines() == [
        "consents: 2 problems",
        "- row 1 has a state that is none of granted, denied, unknown",
        "- row 2 has an at that is no time; write it as ISO 8601, such as 2026-01-31T12:00:00Z",
    ]
    with pytest.raises(PolicyError, match="consents: no column 'state'"):
        crm({}).merge(consents=pa.table({"source": ["crm"], "record_id": ["c0"]}))


def test_a_no_about_a_channel_by_its_other_name_is_heeded_and_one_that_nobody_would_heed_is_refused(crm: Crm) -> None:
    case = person(crm)
    yes = Consent("crm", "c0", state="granted")
    for word in ("x", "X", "Twitter", " x "):
        merged = case.merge(consents=[yes, Consent("crm", "c0", channel=word, purpose="Service ", state="denied")])
        assert merged.view(channel="x", purpose="service").records.num_rows == 0
        assert merged.consents["channel"].to_pylist() == ["", "x"]
    wrong = [yes, Consent("crm", "c0", channel="telgram", state="denied"), Consent("crm", "c0", purpose="spam")]
    with pytest.raises(PolicyError) as caught:
        case.merge(consents=wrong)
    assert str(caught.value).splitlines()[:2] == [
        "consents: 2 problems",
        "- row 2 is about a channel that there is not; did you mean 'telegram'?",
    ]
    assert "row 3 is about a purpose that there is not" in str(caught.value)


def test_without_statements_the_table_of_them_is_empty(crm: Crm) -> None:
    assert crm({}).merge().consents.schema.names == ["entity_id", *consents_schema().names]


def test_a_yes_that_was_not_said_yet_is_no_part_of_what_was_so_then() -> None:
    early, late = Consent("crm", "c0", state="denied", at="2026-01-01"), Consent("crm", "c0", state="granted")
    said = consent_table([early, replace(late, at="2026-06-01"), replace(late, at="")])
    states = {day: heeded(said, moment_of(day))["state"].to_pylist() for day in (None, "2025-01-01", "2026-06-01")}
    everything = ["denied", "granted", "granted"]
    assert states == {None: everything, "2025-01-01": ["denied", "granted"], "2026-06-01": everything}
