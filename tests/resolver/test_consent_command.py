"""What one person says about being reached, from the library and from the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener
from tests.resolver.people import customers, profiles

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.cli import run
from socialmerge.resolver import state

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with Ada in two rows, who are one person, and Grace."""
    monkeypatch.setattr(state, "judge", light.judge)
    found = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=found) as resolver:
        resolver.load(customers("c1", "c2", "c3"))
        resolver.ingest(profiles("p2"))
    return found


def told(url: str, capsys: Printed, *arguments: str) -> dict[str, list[dict[str, object]]]:
    capsys.readouterr()
    assert run(["consent", *arguments, "--store", url, "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def used(url: str, purpose: str) -> list[str]:
    with Resolver(store=url) as resolver:
        view = resolver.golden().view(channel="telegram", purpose=purpose)
    return view.records["entity_id"].to_pylist()  # type: ignore[no-any-return]  # untyped library


def test_a_yes_is_recorded_shown_and_taken_back(url: str, capsys: Printed) -> None:
    yes = ["--purpose", "service", "--channel", "telegram", "--basis", "contract", "--at", "2026-01-31", "--by", "ana"]
    assert used(url, "service") == []
    assert told(url, capsys, "record", "c3", *yes)["statements"] == 1
    assert told(url, capsys, "record", "c3", *yes)["statements"] == 0
    assert used(url, "service") == ["c3"]
    shown = told(url, capsys, "show", "p2")
    assert shown["statements"] == [
        {"source": "crm", "record_id": "c3", "channel": "telegram", "purpose": "service", "state": "granted",
         "explicit": True, "at": "2026-01-31T00:00:00+00:00", "basis": "contract"}
    ]  # fmt: skip
    assert shown["comes_to"] == [{"channel": "telegram", "purpose": "service", "state": "granted"}]
    assert told(url, capsys, "withdraw", "c3", "--by", "ana", "--at", "2026-02-01")["statements"] == 2
    assert used(url, "service") == []
    states = {one["purpose"]: one["state"] for one in told(url, capsys, "show", "c3")["comes_to"]}
    assert states == {"service": "denied", "": "denied"}
    assert told(url, capsys, "withdraw", "c3", "--by", "ana", "--channel", "Twitter")["statements"] == 2
    assert ("x", "denied") in {(one["channel"], one["state"]) for one in told(url, capsys, "show", "c3")["comes_to"]}
    assert told(url, capsys, "record", "c3", *yes[:-4], "--at", "2026-03-01", "--by", "ana")["statements"] == 1
    assert used(url, "service") == ["c3"]
    states = {one["purpose"]: one["state"] for one in told(url, capsys, "show", "c3")["comes_to"]}
    assert states == {"service": "granted", "": "denied"}


def test_an_id_that_is_not_there_is_told_in_the_words_of_the_command(url: str, capsys: Printed) -> None:
    assert run(["consent", "record", "nobody", "--by", "ana", "--store", url]) == 2
    assert capsys.readouterr().err.startswith("socialmerge: the id given: no row, profile or entity has this id")


def test_a_person_reads_it_without_json(url: str, capsys: Printed) -> None:
    assert run(["consent", "show", "c1", "--store", url]) == 0
    assert capsys.readouterr().out == "nothing was said\n"
    assert run(["consent", "withdraw", "c1", "--at", "2026-02-01", "--by", "ana", "--store", url]) == 0
    assert capsys.readouterr().out == "noted of 2 records\n"
    assert run(["consent", "record", "c1", "--at", "2026-01-01", "--by", "ana", "--store", url]) == 0
    assert capsys.readouterr().out == "noted of 1 record\n"
    assert run(["consent", "show", "c2", "--store", url]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-01-01T00:00:00+00:00 crm:c1 granted, every channel, everything",
        "2026-02-01T00:00:00+00:00 crm:c1 denied, every channel, everything",
        "2026-02-01T00:00:00+00:00 crm:c2 denied, every channel, everything",
        "comes to: denied, every channel, everything",
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["record", "c3"], "--by"),
        (["record", "nobody", "--by", "ana"], "no row, profile or entity has this id"),
        (
            ["withdraw", "c3", "--channel", "githib", "--by", "ana"],
            "there is no channel 'githib'; did you mean 'github'",
        ),
        (["withdraw", "c3", "--purpose", "marketting", "--by", "ana"], "marketing"),
        (["record", "c3", "--at", "tomorrow", "--by", "ana"], "ISO 8601"),
    ],
)
def test_a_statement_that_nobody_would_heed_is_refused(
    url: str, capsys: Printed, arguments: list[str], why: str
) -> None:
    assert run(["consent", *arguments, "--store", url]) == 2
    assert why in capsys.readouterr().err
    assert told(url, capsys, "show", "c3")["statements"] == []


def test_a_yes_is_of_one_row_and_a_no_of_all(reopen: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    resolver = reopen()
    resolver.load(customers("c1", "c2", "c3"))
    resolver.opt_in("c2", by="ana")
    resolver.opt_out("c2", purpose="marketing", by="ana", at=datetime(2026, 3, 5, tzinfo=UTC))
    said = resolver.consents("c1").select(["record_id", "state", "purpose"]).to_pylist()
    assert [tuple(row.values()) for row in said] == [
        ("c2", "granted", ""),
        ("c1", "denied", "marketing"),
        ("c2", "denied", "marketing"),
    ]
    assert resolver.consents("c3").num_rows == 0
    with pytest.raises(sm.PolicyError, match="there is no purpose 'mail'"):
        resolver.opt_in("c1", purpose="mail", by="ana")
    with pytest.raises(sm.StoreError, match="time zone"):
        resolver.opt_out("c1", at=datetime(2030, 1, 1), by="ana")  # noqa: DTZ001
    assert resolver.erase("c1", by="dpo").records == 2
    assert reopen().golden().consents.num_rows == 0
