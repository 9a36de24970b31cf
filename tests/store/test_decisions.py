"""Decisions, links, entities, documents and golden records."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from tests.store.rows import DAY, KEY, NOW, Opener, names, person, write

from socialmerge.errors import StaleError, StoreError
from socialmerge.store import Decision, DecisionKind, Document, Store, Target, links_schema
from socialmerge.store.sealing import SealedError, sealed, unsealed

PAIR = (Target("crm", "c1"), Target("crm", "c2"))
TWINS = Decision(DecisionKind.DIFFERENT, PAIR, actor="ana", at=NOW, reason="twins", evidence="a call")

AT_FIRST = bytes.fromhex("7365616c6564000153a68d2a10e8b7c441c3482e704d7fce95e918db26f6e6c63a4494cc89154b9b")
"""Bytes as the first release that sealed any sealed them."""


def links(*rows: tuple[str, str, float], version: str = "v1") -> pa.Table:
    made = [
        {
            "left_source": "mastodon",
            "left_id": left,
            "right_source": "crm",
            "right_id": right,
            "weight": weight,
            "probability": 0.5,
            "verdict": "attach",
            "plan_version": version,
        }
        for left, right, weight in rows
    ]
    return pa.Table.from_pylist(made, links_schema())


def test_decisions_come_back_in_their_order_whatever_the_clock_says(open_store: Opener) -> None:
    kinds = list(DecisionKind)[:5]
    given = [replace(TWINS, kind=kind, at=NOW - n * DAY, field="mail", value="x") for n, kind in enumerate(kinds)]
    with open_store() as store:
        appended = tuple(store.append([one])[0] for one in given)
        with store.snapshot() as view:
            assert view.decisions() == appended
            assert view.decisions(after=appended[2].seq) == appended[3:]
    assert [one.seq for one in appended] == [1, 2, 3, 4, 5]
    assert [replace(one, id="", seq=0) for one in appended] == given


def test_a_decision_that_is_sent_twice_is_one(open_store: Opener) -> None:
    with open_store() as store:
        first, second = store.append([TWINS]), store.append([TWINS])
        later = store.append([replace(TWINS, at=NOW + DAY)])
        with store.snapshot() as view:
            assert view.position() == 2
    assert first == second
    assert later[0].id != first[0].id


def test_only_what_was_decided_is_retracted(open_store: Opener) -> None:
    with open_store() as store:
        (twins,) = store.append([TWINS])
        undo = Decision(DecisionKind.RETRACT, (), actor="bob", at=NOW, retracts=twins.id)
        assert store.append([undo])[0].seq == 2
        with pytest.raises(StoreError, match="there is no decision 'nonsense' to retract"):
            store.append([replace(TWINS, reason="more"), replace(undo, retracts="nonsense")])
        with store.snapshot() as view:
            assert len(view.decisions()) == 2


def test_a_claim_may_be_decided_about(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1", mail="ada@example.com"))
        with store.snapshot() as view:
            claim = view.claims().read_all()["claim_id"][0].as_py()
        reject = Decision(DecisionKind.REJECT_VALUE, (Target("crm", "c1", claim),), actor="ana", at=NOW, field="mail")
        store.append([reject])
        with store.snapshot() as view:
            assert view.decisions()[0].targets == reject.targets


def test_links_are_judged_again_and_replaced(open_store: Opener) -> None:
    with open_store() as store:
        write(store, person("c1"), person("c2"), *(person(f"m{n}", source="mastodon") for n in range(3)))
        store.add_links(links(("m0", "c1", 5.0), ("m1", "c2", 6.0)), at=NOW, actor="plan:v1")
        place = store.add_links(links(("m0", "c1", 5.0)), at=NOW, actor="plan:v1")
        again = store.add_links(links(("m0", "c1", 7.0), ("m0", "c1", 8.0)), at=NOW, actor="plan:v1")
        with store.snapshot() as view:
            some = view.links(names("c1")).read_all().to_pylist()
            whole = view.links().read_all().num_rows
        assert (again, whole) == (place + 1, 2)
        assert [(row["left_id"], row["right_id"], row["weight"]) for row in some] == [("m0", "c1", 8.0)]
        store.replace_links(links(("m2", "c2", 3.0), version="v2"), at=NOW, actor="plan:v2")
        with store.snapshot() as view:
            assert view.links().read_all()["plan_version"].to_pylist() == ["v2"]
        with pytest.raises(StoreError, match="links: 1 row names a record that the store does not have"):
            store.add_links(links(("m9", "c2", 3.0)), at=NOW, actor="plan:v2")


def test_present_and_former_members_of_an_entity_are_remembered(open_store: Opener) -> None:
    def members(**entities: str) -> pa.Table:
        return names(*entities).append_column("entity_id", [list(entities.values())])

    merged = pa.table({"kind": ["merge"], "old_id": ["c2"], "new_id": ["c1"]})
    with open_store() as store:
        write(store, person("c1"), person("c2"), person("c3"))
        first = store.assign(members(c1="c1", c2="c2", c3="c3"), at=NOW, actor="resolver")
        assert store.assign(members(c1="c1", c2="c2"), at=NOW, actor="resolver") == first
        second = store.assign(members(c2="c1"), merged, at=NOW, actor="resolver")
        with store.snapshot() as view:
            now = view.members_of(["c1"]).to_pylist()
            old = view.members_of(["c2"]).to_pylist()
            assert view.events(after=first).to_pylist() == [
                {"position": second, "kind": "merge", "old_id": "c2", "new_id": "c1"}
            ]
            assert view.members(names("c3")).read_all().to_pylist()[0]["entity_id"] == "c3"
        with pytest.raises(StoreError, match="another word than merge, split"):
            store.assign(members(c1="c1"), merged.set_column(0, "kind", [["swap"]]), at=NOW, actor="resolver")
    assert [(row["record_id"], row["since"], row["until"]) for row in now] == [
        ("c1", first, None),
        ("c2", second, None),
    ]
    assert [(row["record_id"], row["since"], row["until"]) for row in old] == [("c2", first, second)]


def test_a_version_of_a_plan_is_never_overwritten(open_store: Opener) -> None:
    plan = Document("plan", "v1", "id = 'crm_id'", b"\x00frozen")
    with open_store() as store:
        place = store.save(plan, at=NOW, actor="ana")
        assert store.save(plan, at=NOW, actor="ana") == place
        store.save(replace(plan, version="v2", blob=None), at=NOW, actor="ana")
        with pytest.raises(StoreError, match="there is another plan of version 'v1'"):
            store.save(replace(plan, text="id = 'other'"), at=NOW, actor="ana")
        with store.snapshot() as view:
            assert view.document("plan", "v1") == plan
            assert view.document("plan") == replace(plan, version="v2", blob=None)
            assert view.document("policy") is None


def test_bytes_of_a_document_lie_in_the_database_under_the_key() -> None:
    content, place = b"planted" * 99, {"kind": "model", "version": "v1"}
    kept = sealed(KEY, content, **place)
    assert kept is not None
    assert (b"planted" in kept, unsealed(KEY, kept, **place)) == (False, content)
    assert sealed(KEY, content, **place) != kept  # nobody sees that it is the same
    assert unsealed(KEY, content, **place) == content  # as an earlier release kept it
    assert (sealed(KEY, None, **place), unsealed(KEY, None, **place)) == (None, None)


@pytest.mark.parametrize("kind", ["model", "plan"])
def test_bytes_that_do_not_open_are_said(kind: str) -> None:
    kept = sealed(KEY, b"planted", kind="model", version="v1") or b""
    damaged = [kept[:-1], kept[:9], kept + b"!", kept[:-3] + b"abc", AT_FIRST[:-1], AT_FIRST[:9]]
    moved = [kept] if kind == "plan" else []
    for one in (*damaged, *moved):
        with pytest.raises(SealedError, match=f"the {kind} of version 'v1' do not open: .* save it anew"):
            unsealed(KEY, one, kind=kind, version="v1")
    with pytest.raises(SealedError, match="under another key"):
        unsealed(b"another key, as long", kept, kind="model", version="v1")
    with pytest.raises(SealedError, match="a newer release sealed"):
        unsealed(KEY, b"sealed\0\x63" + kept[8:], kind="model", version="v1")


def test_what_an_earlier_release_sealed_opens_and_is_sealed_anew_when_it_is_saved(tmp_path: Path) -> None:
    file, document = tmp_path / "people.db", Document("model", "v1", "{}", b"planted long ago")
    with Store.open(f"sqlite:///{file}", key=KEY) as store:
        store.save(document, at=NOW, actor="ana")
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE documents SET blob = ?", [AT_FIRST])
        with store.snapshot() as view:
            assert view.document("model") == document
        store.replace(replace(document, version="v2"), at=NOW, actor="ana")
        with closing(sqlite3.connect(file)) as connection:
            ((blob,),) = connection.execute("SELECT blob FROM documents").fetchall()
            assert blob.startswith(b"sealed\0\x02")
            connection.execute("UPDATE documents SET version = 'v9'")  # into the place of another
            connection.commit()
        with store.snapshot() as view, pytest.raises(SealedError, match="'v9' do not open"):
            view.document("model")
        store.replace(document, at=NOW, actor="ana")
        with store.snapshot() as view:
            assert view.document("model") == document


def test_what_is_applied_is_what_was_previewed(open_store: Opener) -> None:
    def apply(store: Store, records: pa.Table, previewed: int, gone: tuple[str, ...] = ()) -> Decision:
        how = Decision(DecisionKind.APPLY, (), actor="ana", at=NOW + previewed * DAY)
        return store.apply(records, how, previewed=previewed, policy_version="p1", gone=gone)

    both = pa.table({"entity_id": ["e1", "e2"], "mail": [["ada@example.com"], None], "name": ["Ada", "Bob"]})
    with open_store() as store:
        place = write(store, person("c1", mail="ada@example.com")).position
        apply(store, both, place)
        with store.snapshot() as view:
            assert view.golden().read_all().to_pylist()[0] == {
                "entity_id": "e1",
                "fields": '{"mail": ["ada@example.com"], "name": "Ada"}',
                "policy_version": "p1",
                "position": place,
            }
            now = view.position()
        with pytest.raises(StaleError, match=f"at position {now}, the preview was made at {place}; make a new preview"):
            apply(store, both, place)
        apply(store, both.slice(1), now, gone=("e1",))
        with store.snapshot() as view:
            assert view.golden(["e1", "e2"]).read_all()["entity_id"].to_pylist() == ["e2"]
            assert [one.kind for one in view.decisions()] == [DecisionKind.APPLY] * 2
