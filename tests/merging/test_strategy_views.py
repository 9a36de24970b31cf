"""Views under a strategy: what the channels are used for, who may see what came from them, on which ground."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pytest

from socialmerge.channels.strategy import Strategy, Use
from socialmerge.errors import ChannelError, PolicyError
from socialmerge.merging import Consent, Golden, Policy, golden

Crm = Callable[..., Any]
ALL = ("marketing", "service", "research", "identity")


def person(crm: Crm) -> Any:  # noqa: ANN401 - the fixture's own
    case = crm({"name": "Ada", "email": "ada@example.com"})
    return case.attach(
        "c0", channel="mastodon", handle="ada@example.social", display_name="Ada L", bio="Poet", location="Leeds"
    )


def used(
    purposes: tuple[str, ...] = ALL,
    visibility: str = "public",
    basis: str = "consent",
    fields: Mapping[str, str] | None = None,
    channel: str = "mastodon",
) -> Strategy:
    return Strategy({channel: Use(purposes, visibility, basis, fields or {})})


def shown(
    merged: Golden, strategy: Strategy | None, channel: str = "mastodon", purpose: str = "service"
) -> dict[str, Any]:
    rows = merged.view(channel=channel, purpose=purpose, strategy=strategy).records.to_pylist()
    return {name: value for row in rows for name, value in row.items() if value and name != "entity_id"}


def test_a_channel_that_is_no_longer_used_for_a_purpose_is_refused_with_those_that_are(crm: Crm) -> None:
    merged = person(crm).merge()
    assert "bio" in shown(merged, None)
    with pytest.raises(PolicyError, match=r"mastodon is not good for service; these channels are: (?!.*mastodon)") as e:
        shown(merged, used(("research",)))
    assert "telegram" in str(e.value)
    nobody = Strategy({name: Use((), use.visibility, use.basis) for name, use in Strategy.defaults().uses.items()})
    with pytest.raises(PolicyError, match="no channel is; see the strategy"):
        shown(merged, nobody)


def test_values_of_a_channel_are_not_used_elsewhere_for_what_it_is_not_used_for(crm: Crm) -> None:
    merged = person(crm).merge()
    assert "bio" in shown(merged, None, channel="bluesky")
    assert "bio" not in shown(merged, used(("research",)), channel="bluesky")


def test_a_channel_may_be_used_for_more_than_usual(crm: Crm) -> None:
    merged = person(crm).merge()
    assert shown(merged, used(), purpose="identity")["bio"] == "Poet"


@pytest.mark.parametrize(("level", "in_private"), [("private", True), ("secret", False)])
def test_a_hidden_attribute_is_not_in_the_view(crm: Crm, level: str, in_private: bool) -> None:
    strategy = used(fields={"bio": level})
    merged = person(crm).merge()
    assert "bio" not in shown(merged, strategy)
    assert shown(merged, strategy)["location"] == "Leeds"
    assert ("bio" in shown(merged, strategy, channel="telegram")) is in_private
    reasons = {row["field"]: row["reason"] for row in _withheld(merged, strategy)}
    assert reasons["bio"] == f"{level}: not for this channel"


def _withheld(merged: Golden, strategy: Strategy) -> list[dict[str, str]]:
    found: list[dict[str, str]] = merged.view(
        channel="mastodon", purpose="service", strategy=strategy
    ).withheld.to_pylist()
    return found


def test_a_hidden_name_hides_what_can_be_read_off_it(crm: Crm) -> None:
    case = crm({}).attach("c0", channel="mastodon", handle="a@b.example", given_name="Ada", bio="Poet")
    policy = Policy(visibility={"name": "public"})
    assert shown(case.merge(policy), used())["given_name"] == "Ada"
    assert "given_name" not in shown(case.merge(policy), used(fields={"display_name": "private"}))


def test_a_hidden_handle_hides_the_account(crm: Crm) -> None:
    merged = person(crm).merge()
    assert "accounts" in shown(merged, used())
    assert "accounts" not in shown(merged, used(fields={"handle": "private"}))
    assert "accounts" in shown(merged, used(fields={"handle": "private"}), channel="telegram")


def test_a_channel_used_in_private_shows_private_values_there_and_hides_its_own_elsewhere(crm: Crm) -> None:
    merged = person(crm).merge(consents=[Consent("crm", "c0", state="granted")])
    strategy = used(visibility="private")
    assert shown(merged, strategy)["email"] == "ada@example.com"
    assert "bio" not in shown(merged, strategy, channel="bluesky")


def test_no_strategy_publishes_what_a_private_channel_said(crm: Crm) -> None:
    merged = crm({}).attach("c0", channel="slack", handle="ada", bio="Poet").merge()
    strategy = used(channel="slack", visibility="public")
    assert shown(merged, strategy, channel="slack") == {}
    assert shown(merged, strategy, channel="mastodon") == {}


def test_no_strategy_shows_a_match_on_private_evidence_in_public(crm: Crm) -> None:
    case = person(crm)
    place = case.decision_table.column_names.index("evidence")
    decisions = case.decision_table.set_column(place, "evidence", pa.array(["private"]))
    merged = golden(decisions, case.customer_table, case.profile_table, case.schema)
    assert shown(merged, used()) == {}


def test_under_explicit_consent_nothing_is_used_without_a_yes(crm: Crm) -> None:
    strategy = used(basis="explicit consent")
    assert shown(person(crm).merge(), strategy) == {}
    assert shown(person(crm).merge(consents=[Consent("mastodon", "p0", state="granted")]), strategy)["bio"] == "Poet"
    reasons = {row["field"]: row["reason"] for row in _withheld(person(crm).merge(), strategy)}
    assert reasons["bio"] == "no explicit consent"
    merged = person(crm).merge()
    loose = merged.view(channel="mastodon", purpose="service", strategy=strategy, unknown="allow")
    assert loose.records.num_rows == 0


def test_a_view_says_on_which_ground_each_value_is_held(crm: Crm) -> None:
    view = person(crm).merge().view(channel="mastodon", purpose="service", strategy=used(basis="contract"))
    assert {row["field"]: row["basis"] for row in view.grounds.to_pylist()}["bio"] == "contract"


def test_a_golden_record_may_carry_its_strategy(crm: Crm) -> None:
    from dataclasses import replace

    merged = replace(person(crm).merge(), strategy=used(fields={"bio": "secret"}))
    assert "bio" not in shown(merged, None)
    assert "bio" in shown(merged, used())


@pytest.mark.parametrize(
    ("asked", "kind", "says"),
    [
        ({"channel": None}, ChannelError, r"view: channel= is None; give the name of a channel, such as"),
        ({"channel": ["mastodon"]}, ChannelError, r"view: channel= is of the type list"),
        ({"purpose": None}, PolicyError, r"view: purpose= is None; give one of: marketing, service"),
        ({"purpose": ("service",)}, PolicyError, r"view: purpose= is of the type tuple"),
        ({"strategy": "channels.toml"}, PolicyError, r"view: strategy= is of the type str; .*Strategy\.load\(path\)"),
    ],
)
def test_a_view_of_what_is_no_name_is_refused(crm: Crm, asked: dict[str, Any], kind: type, says: str) -> None:
    with pytest.raises(kind, match=says):
        person(crm).merge().view(**({"channel": "mastodon", "purpose": "service"} | asked))
