"""What people said about being reached, kept in the store and heeded by every view."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener, Ticking
from tests.resolver.people import customers, profiles

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.merging import Consent
from socialmerge.resolver import state as states
from socialmerge.resolver.consents import CONSENT

NO = [Consent("crm", "c3", state="denied", at="2026-02-01")]
YES = Consent("crm", "c3", state="granted", explicit=True)


def seen(resolver: Resolver, any_id: str | None = None, channel: str = "github") -> list[str]:
    """The entities of a view."""
    found = resolver.golden(any_id).view(channel=channel, purpose="research")
    return found.records["entity_id"].to_pylist()  # type: ignore[no-any-return]  # untyped library


@pytest.fixture
def filled(resolver: Resolver) -> Resolver:
    resolver.load(customers("c1", "c3"))
    resolver.ingest(profiles("p2"))
    return resolver


def test_who_said_no_is_in_no_view_of_the_store_nor_of_the_one_record(filled: Resolver) -> None:
    assert seen(filled) == seen(filled, "p2") == ["c3"]
    filled.consent(NO)
    assert seen(filled) == seen(filled, "p2") == []


def test_statements_come_once_and_ask_no_model(filled: Resolver) -> None:
    first = filled.consent(NO)
    assert (first.claims, filled.consent(NO).claims) == (1, 0)
    with filled._session.store.snapshot() as view:
        assert view.log()["action"].to_pylist()[-1] == "consent"
        assert CONSENT not in filled.golden().records.column_names


def test_a_no_goes_with_its_row_through_a_merge_and_the_undo_gives_everybody_their_own_back(filled: Resolver) -> None:
    filled.consent([Consent("crm", "c1", state="denied")])
    merge = filled.decide(("c1", "c3"), "same", by="ana")
    assert seen(filled) == []
    filled.undo(merge.id, by="ana")
    assert seen(filled) == ["c3"]


def test_sweeping_old_values_forgets_no_denial_and_erasure_does(filled: Resolver, reopen: Opener) -> None:
    filled.consent([*NO, Consent("github", "p2", purpose="research", state="denied", at="2020-01-01")])
    filled.retain(before=datetime(2026, 3, 4, tzinfo=UTC))
    again = reopen()
    assert seen(again) == []
    again.erase("c3", by="dpo")
    with again._session.store.snapshot() as view:
        assert view.claims(attribute=CONSENT).read_all().num_rows == 0
    assert again.consent(NO).refused["record_id"].to_pylist() == ["c3"]


def test_statements_about_nobody_are_refused_by_their_rows(filled: Resolver) -> None:
    with pytest.raises(sm.StoreError, match=r"1 statement is about rows that the store does not have \(row 2\)"):
        filled.consent([*NO, Consent("crm", "nobody@example.com", state="denied")])
    assert seen(filled) == ["c3"]


def test_a_statement_that_nobody_would_heed_is_refused_and_nothing_is_kept(filled: Resolver) -> None:
    with pytest.raises(sm.PolicyError, match="row 1 is about a channel that there is not; did you mean 'github'"):
        filled.consent([Consent("crm", "c3", channel="git-hub", state="denied")])
    filled.consent([Consent("crm", "c3", channel="GitHub", state="denied")])
    assert seen(filled) == []
    assert filled.consents("c3")["channel"].to_pylist() == ["github"]


def test_statements_may_be_a_table(filled: Resolver) -> None:
    table = pa.table({"source": ["crm"], "record_id": ["c3"], "state": ["denied"], "explicit": ["true"]})
    filled.consent(table)
    assert seen(filled) == []
    with pytest.raises(sm.PolicyError, match="column 'explicit' holds string; write true or false"):
        filled.consent(table.set_column(3, "explicit", pa.array(["perhaps"])))


def test_a_yes_of_a_time_to_come_is_refused_and_a_no_counts_at_once(filled: Resolver) -> None:
    early = [replace(YES, at="2031-01-01"), replace(YES, record_id="c1", at="2031-01-01")]
    with pytest.raises(sm.PolicyError, match=r"(?s)row 2 is a yes .* still to come.*row 3"):
        filled.consent([*NO, *early])
    for say in (filled.opt_in, filled.opt_out):
        with pytest.raises(sm.StoreError, match=r"at=: .* still to come; give the one when it was"):
            say("c3", by="ana", at=datetime(2031, 1, 1, tzinfo=UTC))
    assert filled.consents("c3").num_rows == 0
    filled.consent([replace(NO[0], at="2031-01-01")])
    assert seen(filled) == []


def test_a_yes_counts_from_its_time_on(filled: Resolver, clock: Ticking) -> None:
    filled.consent([*NO, replace(YES, at="2026-03-05")])  # it is the 4th, but not everywhere
    assert seen(filled) == []
    asked = {"channel": "github", "purpose": "research"}
    for day, count in (("2026-03-04", 0), ("2026-03-05", 1), (None, 0)):
        assert filled.golden(as_of=day).view(**asked).records.num_rows == count
    clock.now += timedelta(days=1)
    assert seen(filled) == ["c3"]


def test_who_takes_back_a_yes_that_a_clock_ahead_had_dated_stays_out(filled: Resolver, clock: Ticking) -> None:
    clock.now += timedelta(days=400)
    filled.opt_in("c3", by="ana")
    assert seen(filled) == ["c3"]
    clock.now -= timedelta(days=400)
    assert filled.golden().consents.num_rows == 0
    filled.opt_out("c3", by="ana")
    clock.now += timedelta(days=800)
    assert seen(filled) == []


def test_a_store_with_a_profile_that_said_several_things_is_opened_again(reopen: Opener) -> None:
    """What it said was looked for among its columns: the store could not be read any more."""
    resolver = reopen()
    resolver.ingest(profiles("p2"))
    said = [Consent("github", "p2", "github", "research", "denied", at=f"2025-0{month}-01") for month in (1, 2)]
    resolver.consent(said)
    assert {row["at"] for row in reopen().golden().consents.to_pylist()} == {"2025-01-01", "2025-02-01"}


def test_who_is_asked_about_and_said_no_is_in_no_view_by_way_of_the_same_account(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two rows of one account one was new and the other in review: what that one had said was heeded nowhere."""
    monkeypatch.setattr(states, "judge", light.judge)
    account = {"channel": "github", "account_id": "1", "display_name": "Ada Lovelace"}
    other = {"channel": "github", "account_id": "2", "display_name": "Grace Hopper"}
    resolver.load(customers("c1"))
    resolver.ingest([{"profile_id": "q2", **other, "emails": ["grace@example.com"]}], trusted=True)
    resolver.decide(("q2", "c1"), "same", by="ana", verified=True)
    rows = [{"profile_id": "q6", **account, "display_name": "A. L.", "emails": ["a@example.com"]}]
    resolver.ingest([*rows, {"profile_id": "q1", **account, "emails": ["ada@example.com"]}], trusted=True)
    verdicts = {row["profile_id"]: row["verdict"] for row in resolver.decisions.to_pylist()}
    assert verdicts == {"q1": "review", "q2": "attach", "q6": "new"}
    asked = {"channel": "github", "purpose": "research"}
    before = resolver.golden().view(**asked).records["entity_id"].to_pylist()
    resolver.consent([Consent("github", "q1", purpose="research", state="denied", at="2025-03-01")])
    after = resolver.golden().view(**asked).records["entity_id"].to_pylist()
    assert (
        [one for one in before if one not in after]
        == list(resolver.resolve_id("q6"))
        == list(resolver.resolve_id("q1"))
    )
