"""Erased means erased: what is gone, what is kept out, and who is not."""

import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest
from tests.store.rows import DAY, KEY, NOW, Opener, names, person, raws, write

from socialmerge.store import Decision, DecisionKind, Store, Target

PLANTED = ("Plantagenet", "planted@example.com", "+12025550143", "planted_id")
HERS = {"name": "Ada Plantagenet", "mail": "planted@example.com", "phone": "+12025550143"}
KNOWN = {"strong": [("email", "planted@example.com"), ("phone", "+12025550143")], "weak": [("name", "ada plantagenet")]}


def erase(store: Store, *record_ids: str, source: str = "crm") -> None:
    store.erase(names(*record_ids, source=source), at=NOW, actor="dpo")


def test_an_erased_person_is_gone_and_others_stay(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", **HERS, **KNOWN), person("c2", mail="bob@example.com"))
        erased = store.erase(names("c1"), at=NOW, actor="dpo")
        with store.snapshot() as view:
            left = view.records().read_all()["record_id"].to_pylist()
            seen = view.observations().read_all().num_rows
            log = view.log()["counts"].to_pylist()
        assert raws(store) == [("c2", "mail", "bob@example.com")]
    assert (erased.records, erased.claims, erased.tombstones, erased.is_scrubbed) == (1, 3, 4, True)
    assert (left, seen) == (["c2"], 1)
    assert log[-1] == '{"claims": 3, "records": 1, "tombstones": 4}'


@pytest.mark.parametrize(
    "again",
    [
        person("c1", mail="new@example.com"),
        person("c9", mail="PLANTED@example.com", strong=[("email", "planted@example.com")]),
        person("m1", source="mastodon", bio="hello", strong=[("phone", "+12025550143")]),
    ],
    ids=["by name", "by e-mail", "by telephone on a channel"],
)
def test_an_erased_person_does_not_come_back(open_store: Opener, again: tuple[list[dict[str, object]], ...]) -> None:
    with open_store() as store:
        write(store, person("c1", **HERS, **KNOWN))
        erase(store, "c1")
        written = write(store, again, person("c2", mail="bob@example.com"))
        assert written.refused.to_pylist() == [{key: again[0][0][key] for key in ("source", "record_id")}]
        assert raws(store) == [("c2", "mail", "bob@example.com")]


def test_erase_then_import_is_import_then_erase(open_store: Opener) -> None:
    profile = person("m1", source="mastodon", bio="hers", strong=KNOWN["strong"])
    with open_store() as store:
        write(store, person("c1", **HERS, **KNOWN), person("c2", name="Bob"))
        erase(store, "c1")
        write(store, profile)
        after = raws(store)
        write(store, person("d1", **HERS | {"name": "Eve"}), person("d2", source="x", bio="Eve"))
        both = pa.concat_tables([names("d1"), names("d2", source="x")])
        store.erase(both, at=NOW, actor="dpo")
        write(store, person("d2", source="x", bio="Eve"))
        assert after == raws(store) == [("c2", "name", "Bob")]


def test_a_relative_who_shares_a_telephone_is_not_refused(open_store: Opener) -> None:
    phone = ("phone", "+12025550143")
    bob = person("c2", name="Bob", strong=[phone, ("email", "bob@example.com")], weak=[("name", "bob")])
    with open_store() as store:
        write(store, person("c1", name="Ada", strong=[phone], weak=[("name", "ada")]), bob)
        erase(store, "c1")
        child = person("c3", name="Cy", strong=[phone], weak=[("name", "cy")])
        ada = person("c4", name="Ada", strong=[phone], weak=[("name", "ada")])
        namesake = person("c5", name="Ada", weak=[("name", "ada")])
        written = write(store, bob, child, ada, namesake)
        assert written.refused["record_id"].to_pylist() == ["c4"]
        assert {record for record, _, _ in raws(store)} == {"c2", "c3", "c5"}


def test_a_couple_that_shares_telephone_and_mail_is_told_apart_by_the_name(open_store: Opener) -> None:
    shared = [("phone", "+12025550143"), ("email", "home@example.com")]
    bob = person("c2", name="Bob", strong=shared, weak=[("name", "bob")])
    with open_store() as store:
        write(store, person("c1", name="Ada", strong=shared, weak=[("name", "ada")]), bob)
        erase(store, "c1")
        ada = person("c7", name="Ada", strong=shared, weak=[("name", "ada")])
        written = write(store, person("c8", name="Bob", strong=shared, weak=[("name", "bob")]), ada)
        assert written.refused["record_id"].to_pylist() == ["c7"]


def test_an_address_of_everybody_is_no_tombstone(open_store: Opener) -> None:
    office = ("email", "info@example.com")
    with open_store() as store:
        write(store, *(person(f"c{n}", name=f"Person {n}", strong=[office]) for n in range(60)))
        erase(store, "c0")
        written = write(store, person("d1", name="New", strong=[office]))
        assert written.refused.num_rows == 0


def test_identifiers_may_be_given_with_the_erasure(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", mail="ada@example.com"))
        more = pa.table({"kind": ["email"], "value": ["ada@example.com"]})
        store.erase(names("c1"), more, at=NOW, actor="dpo")
        again = person("c2", mail="ada@example.com", strong=[("email", "ada@example.com")])
        assert write(store, again).refused.num_rows == 1


def test_decisions_stay_without_what_they_say_of_the_erased(open_store: Opener) -> None:
    pair = (Target("crm", "planted_id"), Target("crm", "c2"))
    with open_store() as store:
        write(store, person("planted_id", **HERS), person("c2", name="Bob"), person("c3", name="Cy"))
        about = Decision(DecisionKind.DIFFERENT, pair, "ana", NOW, reason="Ada says so", evidence="a call")
        beside = Decision(
            DecisionKind.PIN, (pair[1],), "ana", NOW, reason="as planted@example.com wrote", value="Bob B"
        )
        other = Decision(DecisionKind.PIN, (Target("crm", "c3"),), "ana", NOW, reason="a letter", value="Cyril")
        store.append([about, beside, other])
        erase(store, "planted_id")
        with store.snapshot() as view:
            first, second, third = view.decisions()
        hidden = store.erased_name("planted_id")
    assert first.targets == (Target("crm", hidden), Target("crm", "c2"))
    assert (first.reason, first.evidence, first.actor, first.at) == ("", "", "ana", NOW)
    assert (second.reason, second.value) == ("as [erased] wrote", "Bob B")
    assert (third.reason, third.value) == ("a letter", "Cyril")


def test_why_a_decision_about_the_erased_was_taken_back_goes_too(open_store: Opener) -> None:
    def retraction(of: Decision, reason: str) -> Decision:
        return Decision(DecisionKind.RETRACT, (), actor="ana", at=NOW, retracts=of.id, reason=reason)

    with open_store() as store:
        write(store, person("planted_id", **HERS), person("c2", name="Bob"))
        hers = Decision(DecisionKind.PIN, (Target("crm", "planted_id"),), "ana", NOW, field="name", value="Ada B")
        his = Decision(DecisionKind.PIN, (Target("crm", "c2"),), "ana", NOW, field="name", value="Bob B")
        hers, his = store.append([hers, his])
        (back,) = store.append([retraction(hers, "Ada called")])
        store.append([retraction(back, "Ada called again"), retraction(his, "a mistake")])
        assert store.erase(names("planted_id"), at=NOW, actor="dpo").decisions == 3
        with store.snapshot() as view:
            assert [one.reason for one in view.decisions()] == ["", "", "", "", "a mistake"]


def test_an_entity_named_by_an_erased_record_is_renamed_and_a_namesake_is_not(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", name="Ada"), person("c2", name="Ada L"), person("c1", source="mastodon", bio="x"))
        entity = {"entity_id": ["c1", "c1", "c9"]}
        everyone = {"source": ["crm", "crm", "mastodon"], "record_id": ["c1", "c2", "c1"]}
        events = pa.table({"kind": ["merge"], "old_id": ["c2"], "new_id": ["c1"]})
        store.assign(pa.table(everyone | entity), events, at=NOW, actor="resolver")
        erase(store, "c1")
        hidden = store.erased_name("c1")
        with store.snapshot() as view:
            members = view.members().read_all().select(["record_id", "entity_id"]).to_pylist()
            event = view.events().to_pylist()[0]
    assert members == [{"record_id": "c2", "entity_id": hidden}, {"record_id": "c1", "entity_id": "c9"}]
    assert (event["old_id"], event["new_id"]) == ("c2", hidden)


def test_no_byte_of_the_erased_is_left_in_the_file(tmp_path: Path) -> None:
    crowd = [person(f"c{n}", name=f"Person {n}", mail=f"person{n}@example.com", bio="b" * 900) for n in range(500)]
    with Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY) as store:
        write(store, person("planted_id", **HERS, **KNOWN), *crowd)
        pair = (Target("crm", "planted_id"), Target("crm", "c2"))
        store.append([Decision(DecisionKind.SAME, pair, "ana", NOW, reason="Plantagenet herself", value=PLANTED[2])])
        golden = pa.table({"entity_id": ["planted_id"], "mail": [PLANTED[1]]})
        store.assign(names("planted_id").append_column("entity_id", [["planted_id"]]), at=NOW, actor="resolver")
        with store.snapshot() as view:
            previewed = view.position()
        store.apply(golden, Decision(DecisionKind.APPLY, (), "ana", NOW), previewed=previewed, policy_version="1")
        assert all(_on_disk(tmp_path, text) for text in PLANTED)
        assert store.erase(names("planted_id"), at=NOW, actor="dpo").is_scrubbed
        assert [text for text in PLANTED if _on_disk(tmp_path, text)] == []
    assert [text for text in PLANTED if _on_disk(tmp_path, text)] == []


def _on_disk(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.iterdir())


def test_bytes_that_a_reader_holds_are_taken_off_when_it_is_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"
    with Store.open(url, key=KEY) as store:
        write(store, person("planted_id", **HERS))
        with store.snapshot() as view:
            assert view.records().read_all().num_rows == 1
            assert not store.erase(names("planted_id"), at=NOW, actor="dpo").is_scrubbed
            assert view.records().read_all().num_rows == 1
    Store.open(url, key=KEY).close()
    assert [text for text in PLANTED if _on_disk(tmp_path, text)] == []


def test_the_tombstones_hold_no_plain_hash(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/people.db", key=KEY) as store:
        write(store, person("c1", **HERS, **KNOWN))
        erase(store, "c1")
    first = _tombstones(tmp_path / "people.db")
    with Store.open(f"sqlite:///{tmp_path}/other.db", key=KEY + b"!") as store:
        write(store, person("c1", **HERS, **KNOWN))
        erase(store, "c1")
    assert first
    assert not first & _tombstones(tmp_path / "other.db")


def _tombstones(path: Path) -> set[bytes]:
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute("SELECT digest FROM tombstones")}
    connection.close()
    return found


def test_what_was_kept_long_enough_is_swept(open_store: Opener) -> None:
    with open_store() as store:
        write(
            store, person("c1", mail="old@example.com", at=NOW - 400 * DAY), person("c2", mail="b@example.com", at=NOW)
        )
        write(store, person("c2", phone="+12025550100", at=NOW - 400 * DAY))
        swept = store.retain(before=NOW - 365 * DAY, at=NOW, actor="dpo")
        assert (swept.records, swept.claims, swept.tombstones) == (1, 2, 0)
        assert raws(store) == [("c2", "mail", "b@example.com")]
        again = store.retain(before=NOW - 365 * DAY, at=NOW, actor="dpo")
        assert (again.claims, again.position) == (0, swept.position)
        assert write(store, person("c1", mail="old@example.com")).records == 1
