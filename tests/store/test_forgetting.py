"""What was said of an erased person elsewhere: in decisions about others, in reasons, in plans."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from tests.store.rows import DAY, NOW, Opener, names, person, write

from socialmerge.merging.hidden import is_hidden
from socialmerge.store import Decision, DecisionKind, Document, Store, Target
from socialmerge.store.redaction import Redaction

HERS = {"name": "Ada Plantagenet", "mail": "planted@example.com", "phone": "202-555-0143", "city": "Ashby", "id": "x9"}
PLANTED = ("plantagenet", "planted", "5550143", "555-0143", "555 0143", "ashby", "planted_id")
TOLD = "Ada PLANTAGENET (planted@example.com, +1 202 555 0143) of Ashby rang"


def held(url: str, folder: Path) -> str:
    """All that lies in the database, in lower case: of SQLite its files, byte by byte, of a server every row."""
    if url.startswith("sqlite"):
        return "".join(path.read_bytes().decode("latin-1") for path in folder.iterdir()).lower()
    parsed = make_url(url)
    with psycopg.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        rows = [connection.execute(f'SELECT t::text FROM "{name}" t').fetchall() for (name,) in tables]  # type: ignore[arg-type]
    return "\n".join(str(row) for some in rows for row in some).lower()


def decisions() -> list[Decision]:
    """Decisions of every kind about others, each of which names the person."""
    other, third = Target("crm", "c2"), Target("crm", "c3")
    aims = {
        DecisionKind.SAME: (other, third),
        DecisionKind.DIFFERENT: (other, third),
        DecisionKind.PIN: (other,),
        DecisionKind.REJECT_VALUE: (other,),
        DecisionKind.GENERIC_VALUE: (),
        DecisionKind.APPLY: (),
    }
    values = {
        DecisionKind.PIN: "Bob",
        DecisionKind.REJECT_VALUE: "PLANTED@example.com",
        DecisionKind.GENERIC_VALUE: "+1 (202) 555-0143",
    }
    return [
        Decision(kind, of, "ana", NOW, reason=TOLD, evidence=TOLD, field="name", value=values.get(kind, ""))
        for kind, of in aims.items()
    ]


@pytest.fixture
def erased(open_store: Opener) -> Store:
    """A store from which a person was erased whom decisions of every kind about others named."""
    with open_store() as store:
        write(store, person("planted_id", **HERS), person("c2", name="Bob"), person("c3", name="Cy"))
        kept = store.append(decisions())
        again = [Decision(DecisionKind.RETRACT, (), "bob", NOW, reason=TOLD, retracts=one.id) for one in kept[:3]]
        store.append(again)
        labels = 'decisions = [["planted_id", "c2", "same"], ["c2", "c3", "different"]]\n'
        store.save(Document("plan", "v1", f'id = "id"\n{labels}'), at=NOW, actor="ana")
        store.erase(names("planted_id"), region="US", at=NOW, actor="dpo")
        return store


def test_nothing_of_the_erased_is_left_in_decisions_of_any_kind(
    erased: Store, open_store: Opener, database_url: str, tmp_path: Path
) -> None:
    found = held(database_url, tmp_path)
    assert "bob" in found
    assert [text for text in PLANTED if text in found] == []
    with open_store() as store, store.snapshot() as view:
        told = view.decisions()
        plan = view.document("plan")
    without_text = {DecisionKind.ADMIT, DecisionKind.GONE}
    assert {one.kind for one in told} == set(DecisionKind) - without_text
    assert {one.reason for one in told} == {"[erased] ([erased], [erased]) of [erased] rang"}
    values = {one.kind: one.value for one in told}
    assert (values[DecisionKind.PIN], values[DecisionKind.SAME]) == ("Bob", "")
    assert is_hidden(values[DecisionKind.REJECT_VALUE])
    assert is_hidden(values[DecisionKind.GENERIC_VALUE])
    assert plan is not None
    assert '"c3"' in plan.text


def test_what_is_hidden_stays_as_it_is_when_another_person_is_erased(erased: Store, open_store: Opener) -> None:
    with open_store() as store:
        with store.snapshot() as view:
            before = view.decisions()
        store.erase(names("c3"), at=NOW + timedelta(days=1), actor="dpo")
        with store.snapshot() as view:
            after = view.decisions()
    assert [one.value for one in after if one.kind in ("reject_value", "generic_value")] == [
        one.value for one in before if one.kind in ("reject_value", "generic_value")
    ]


def test_the_write_ahead_log_of_sqlite_holds_nothing_either(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Store.open(url) as store:
        write(store, person("planted_id", **HERS), person("c2", name="Bob"), person("c3", name="Cy"))
        store.append(decisions())
        reader = sqlite3.connect(tmp_path / "people.db")  # keeps the log of the database there
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (6,)
        assert store.erase(names("planted_id"), region="US", at=NOW, actor="dpo").is_scrubbed
        assert (tmp_path / "people.db-wal").exists()
        found = held(url, tmp_path)
        reader.close()
    assert [text for text in PLANTED if text in found] == []


def test_proof_that_a_person_saw_stays_though_the_erased_had_such_a_value(open_store: Opener) -> None:
    pair = (Target("crm", "c2"), Target("crm", "c3"))
    with open_store() as store:
        write(store, person("c1", state="verified"), person("c2", name="Bob"), person("c3", name="Cy"))
        store.append([Decision(DecisionKind.SAME, pair, "ana", NOW, reason="it was verified", evidence="verified")])
        store.erase(names("c1"), at=NOW, actor="dpo")
        with store.snapshot() as view:
            (kept,) = view.decisions()
    assert (kept.reason, kept.evidence) == ("it was [erased]", "verified")


@pytest.mark.parametrize(
    ("value", "text", "left"),
    [
        ("Ada Lovelace", "MS LOVELACE, or Lady ada?", "MS [erased], or Lady [erased]?"),
        ("Jo Li", "Jo Li said so, and li did not", "[erased] said so, and li did not"),
        ("José Muñoz", "Mr Munoz (JOSÉ)", "Mr [erased] ([erased])"),
        ("ada.king@example.com", "King at example.com", "[erased] at example.com"),
        ("office@example.com", "the office wrote from office@example.com", "the office wrote from [erased]"),
        ("https://github.com/ada_king", "github says ada_king, or king", "github says [erased], or [erased]"),
        ("0044 20 7946 0018", "rang 020 7946 0018 twice", "rang [erased] twice"),
        ("+1 202 555 0143", "rang 202.555.0199", "rang 202.555.0199"),
        ("田中太郎", "先週田中太郎さんに電話", "先週[erased]さんに電話"),
        ("The Bank of Ashby", "the Ashby branch", "the [erased] branch"),
        ("Adam", "Adamant, not ADAM", "Adamant, not [erased]"),
        ("12", "12 calls", "12 calls"),
    ],
)
def test_whole_words_of_a_value_are_taken_out_of_a_text(value: str, text: str, left: str) -> None:
    assert Redaction.of([value]).redacted(text) == left


def test_a_value_that_was_pinned_to_the_erased_is_theirs_too(open_store: Opener) -> None:
    hers, other = Target("crm", "planted_id"), Target("crm", "c2")
    with open_store() as store:
        write(store, person("planted_id", name="Ada"), person("c2", name="Bob"))
        store.append(
            [
                Decision(DecisionKind.PIN, (hers,), "ana", NOW, field="name", value="Ada Nightingale"),
                Decision(
                    DecisionKind.PIN, (other,), "ana", NOW, field="name", value="Bob B", reason="Nightingale said"
                ),
            ]
        )
        store.erase(names("planted_id"), at=NOW, actor="dpo")
        with store.snapshot() as view:
            assert [(one.value, one.reason) for one in view.decisions()] == [("", ""), ("Bob B", "[erased] said")]


def test_single_words_of_prose_and_of_ids_are_nobodys() -> None:
    some = Redaction.of([], ["I sail the sea", "customer-1042"])
    assert some.redacted("the customer is customer-1042") == "the customer is [erased]"
    assert some.redacted("They sail; she wrote: i sail the sea.") == "They sail; she wrote: [erased]."


SHE = {"name": "Ada Active", "mail": "planted@example.com", "city": "London", "state": "lapsed", "vip": "true"}
HE = {"name": "Bob Carter", "city": "London", "state": "lapsed", "vip": "true"}
TELLING = ("name", "mail", "phone")
PAIR = (Target("crm", "c2"), Target("crm", "c3"))


@pytest.mark.parametrize(("city", "left"), [("London", "London"), ("Ashby", "[erased]")])
def test_what_others_have_too_stays_in_reasons_but_for_names_and_addresses(
    open_store: Opener, city: str, left: str
) -> None:
    reason = f"true: Ada Active (planted@example.com) of {city} lapsed"
    with open_store() as store:
        write(store, person("c1", **(SHE | {"city": city})), person("c2", **HE), person("c3", name="Cy"))
        store.append([Decision(DecisionKind.SAME, PAIR, "ana", NOW, reason=reason)])
        store.erase(names("c1"), telling=TELLING, at=NOW, actor="dpo")
        with store.snapshot() as view:
            assert [one.reason for one in view.decisions()] == [f"true: [erased] ([erased]) of {left} lapsed"]


@pytest.mark.parametrize("actor", ["PLANTED@example.com ", "Ada Active", "+1 202 555 0143", "c1_planted"])
def test_the_erased_are_not_named_as_who_did_something(open_store: Opener, actor: str) -> None:
    with open_store() as store:
        write(store, person("c1_planted", **SHE, phone="+1 202 555 0143"), person("c2", **HE), person("c3", name="Cy"))
        store.append([Decision(DecisionKind.SAME, PAIR, by, NOW) for by in (actor, "ana", "active")])
        store.erase(names("c1_planted"), at=NOW, actor=actor)
        with store.snapshot() as view:
            did, logged = [one.actor for one in view.decisions()], view.log()["actor"].to_pylist()
    assert did[0].startswith("erased:")
    assert did[1:] == ["ana", "active"]
    assert logged == ["ana", "active", did[0]]


@pytest.mark.parametrize(
    ("about", "reason", "left"),
    [
        ("c1", "Ms Plantagenet, now King, rang from 202-555-0143", "Ms [erased], now King, rang from [erased]"),
        ("c2", "Ada Plantagenet rang from 202-555-0143", "[erased] rang from [erased]"),
        ("c2", "true: lapsed, of London, ada, a Plantagenet", "true: lapsed, of London, ada, a [erased]"),
        ("c2", "Carter and Addie of Ashby", "Carter and [erased] of [erased]"),
        ("c1", "Ada says 202-555-0199", "Ada says 202-555-0199"),
    ],
)
def test_what_is_swept_away_leaves_the_decisions_too(open_store: Opener, about: str, reason: str, left: str) -> None:
    old = {"name": "Ada Plantagenet", "phone": "+1 202 555 0143", "state": "lapsed", "vip": "true", "city": "London",
           "nick": "Addie", "alias": "CARTER", "town": "Ashby"}  # fmt: skip
    target = Target("crm", about)
    told = [
        Decision(DecisionKind.SAME, (target, PAIR[1]), "ana", NOW, reason=reason),
        Decision(DecisionKind.REJECT_VALUE, (PAIR[0],), "ana", NOW, field="phone", value="(202) 555-0143"),
        Decision(DecisionKind.PIN, (PAIR[0],), "ana", NOW, field="name", value="Ada Plantagenet"),
    ]
    with open_store() as store:
        write(store, person("c1", at=NOW - 900 * DAY, **old), person("c2", **HE), person("c3", name="Cy"))
        write(store, person("c1", at=NOW, name="Ada King", phone="+1 202 555 0199"))
        store.append(told)
        gone = store.retain(before=NOW - 365 * DAY, region="US", telling=TELLING, at=NOW, actor="dpo")
        with store.snapshot() as view:
            same, rejected, pinned = view.decisions()
            counts = json.loads(view.log()["counts"].to_pylist()[-1])
    assert same.reason == left
    assert is_hidden(rejected.value)
    assert pinned.value == "Ada Plantagenet"
    assert gone.decisions == counts["decisions"] == 1 + (left != reason)


def test_after_a_sweep_an_erasure_leaves_nothing_of_what_was_swept(
    open_store: Opener, database_url: str, tmp_path: Path
) -> None:
    with open_store() as store:
        write(
            store, person("planted_id", at=NOW - 900 * DAY, **HERS), person("c2", name="Bob"), person("c3", name="Cy")
        )
        write(store, person("planted_id", at=NOW, name="Ada King"))
        store.append([one for one in decisions() if one.kind is not DecisionKind.PIN])
        store.retain(before=NOW - 365 * DAY, region="US", at=NOW, actor="dpo")
        store.erase(names("planted_id"), region="US", at=NOW, actor="dpo")
    found = held(database_url, tmp_path)
    assert [text for text in PLANTED if text in found] == []
