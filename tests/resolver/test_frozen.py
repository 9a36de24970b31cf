"""A store that keeps what it learned: portions, orders, changes and erasures under one model."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolver.conftest import KEY, Opener
from tests.resolver.people import CUSTOMERS, PROFILES, customers, profiles, stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.resolver import state
from socialmerge.resolver.frozen import Frozen
from socialmerge.resolver.learned import Learned
from socialmerge.resolver.weighing import Weigher
from socialmerge.store import DecisionKind, Snapshot

PEOPLE = ["Ada Lovelace", "Grace Hopper", "Mary Somerville", "Emmy Noether", "Maria Agnesi", "Sofia Kovalevskaya"]


def crowd(size: int = 36) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Customers, some of one name, and profiles: theirs, of strangers, and several of one person."""
    rows, shown = [], []
    for number in range(size):
        name, word = PEOPLE[number % len(PEOPLE)], chr(97 + number // len(PEOPLE))
        given, family = name.split()
        family = f"{family}{word * (number % 3)}"
        email = f"{given}.{family}{number}@example.com".lower()
        rows.append({"id": f"k{number:02}", "name": f"{given} {family}", "email": email, "city": "Bath"})
        row: dict[str, Any] = {
            "profile_id": f"q{number:02}",
            "channel": ("github", "x")[number % 2],
            "team": f"T{number}",
        }
        row |= {"handle": f"{given}{family}{number}".lower(), "display_name": f"{given} {family}"}
        if number % 3 == 0:
            row["emails"] = [email]
        if number % 7 == 0:
            row |= {"display_name": f"Nobody N{number}", "handle": f"nobody{number}", "emails": ["shared@example.com"]}
        shown.append(row)
    return rows, shown


@contextmanager
def opened(folder: Path, name: str) -> Iterator[Resolver]:
    with Resolver(store=f"sqlite:///{folder}/{name}.db", key=KEY) as resolver:
        yield resolver


@cache
def learned(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """What a store of the whole crowd learned, and what it says."""
    rows, shown = crowd()
    with opened(folder, "whole") as resolver:
        resolver.load(pa.Table.from_pylist(rows))
        resolver.ingest(shown)
        model = resolver.fit()
        assert {*resolver.decisions["verdict"].to_pylist()} >= {"attach", "new"}
        return model, stated(resolver)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frozen")


def portions(draw: st.DrawFn, rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    order = draw(st.permutations(rows))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True) if a < b]


@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_any_portions_in_any_order_end_as_all_at_once(folder: Path, data: st.DataObject) -> None:
    model, whole = learned(folder)
    rows, shown = crowd()
    steps = [("load", part) for part in portions(data.draw, rows)]
    steps += [("ingest", part) for part in portions(data.draw, shown)]
    steps = data.draw(st.permutations(steps))
    name = "portions"
    for path in folder.glob(f"{name}.*"):
        path.unlink()
    with opened(folder, name) as resolver:
        fitted = False
        for verb, part in steps:
            resolver.load(pa.Table.from_pylist(part)) if verb == "load" else resolver.ingest(part)
            if not fitted:
                try:
                    resolver.fit(model)
                except sm.errors.FitError:
                    continue
                fitted = True
        assert stated(resolver) == whole
    with opened(folder, name) as again:
        assert stated(again) == whole


def test_a_rerun_writes_nothing(reopen: Opener) -> None:
    resolver = reopen()
    rows, shown = crowd(20)
    resolver.load(pa.Table.from_pylist(rows))
    resolver.ingest(shown)
    resolver.fit()
    before = resolver.load(pa.Table.from_pylist(rows)).position
    with resolver._session.store.snapshot() as view:
        counts = [view.count(name) for name in ("log", "links", "members", "events", "scores", "documents")]
    resolver.ingest(shown)
    assert reopen().ingest(shown).position == before
    with reopen()._session.store.snapshot() as view:
        assert [view.count(name) for name in ("log", "links", "members", "events", "scores", "documents")] == counts


def frozen_store(resolver: Resolver) -> Resolver:
    resolver.load(customers())
    resolver.ingest(profiles())
    resolver.fit()
    return resolver


def test_a_question_answers_what_ingest_would_and_only_the_profile_is_weighed(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = frozen_store(reopen())
    monkeypatch.setattr(state, "judge", lambda *_: pytest.fail("everything was weighed"))
    profile = {"channel": "github", "handle": "marysomerville", "display_name": "Mary Somerville",
               "emails": ["mary@example.com"]}  # fmt: skip
    before = stated(resolver)
    answer = resolver.resolve(profile)
    assert stated(resolver) == before
    assert answer.customer == "c4"
    assert "email" in str(answer.explain())
    resolver.ingest([profile])
    row = next(one for one in resolver.decisions.to_pylist() if one["profile_id"] == answer.profile_id)
    assert (row["verdict"], row["probability"]) == (answer.verdict.value, answer.probability)


def test_customers_who_come_later_get_the_profiles_that_were_there(resolver: Resolver) -> None:
    resolver.load(customers("c1", "c4", "c5"))
    resolver.ingest(profiles())
    resolver.fit()
    assert resolver.resolve_id("github:p2") != ("c3",)
    resolver.load(customers("c3"))
    assert resolver.resolve_id("github:p2") == ("c3",)


def test_a_customer_who_changed_is_weighed_as_they_are_now(resolver: Resolver) -> None:
    frozen_store(resolver)
    assert resolver.resolve_id("github:p2") == ("c3",)
    other = CUSTOMERS[2] | {"name": "Hedy Lamarr", "email": "hedy@example.com"}
    resolver.load(pa.Table.from_pylist([other]), observed_at=datetime(2026, 3, 5, tzinfo=UTC))
    assert resolver.resolve_id("github:p2") != ("c3",)


def test_decisions_splits_and_undo_hold_under_a_model_as_without(resolver: Resolver) -> None:
    frozen_store(resolver)
    before = stated(resolver)
    merge = resolver.decide(("c4", "c5"), "same", by="ana")
    assert resolver.resolve_id("c5") == ("c4",)
    resolver.undo(merge.id, by="ana")
    assert stated(resolver) == before
    (parted,) = resolver.split("c1", "c2", by="ana")
    resolver.ingest([{"profile_id": "p9", "channel": "x", "handle": "adal", "emails": ["ada@example.com"]}])
    assert resolver.resolve_id("crm:c1") != resolver.resolve_id("crm:c2")
    resolver.undo(parted.id, by="ana")
    assert resolver.resolve_id("crm:c1") == resolver.resolve_id("crm:c2")


def test_who_is_erased_is_in_no_file_of_the_store_and_no_model(tmp_path: Path) -> None:
    rows, shown = crowd(30)
    mark = "zyxwvut"
    rows[4] |= {"name": f"Grace {mark}", "email": f"{mark}@example.com"}
    shown[4] |= {"handle": f"grace{mark}", "display_name": f"Grace {mark}", "emails": [f"{mark}@example.com"]}
    shown[5] |= {"handle": f"sofia{mark}"}
    shown[6] |= {"handle": f"ada{mark}"}
    with opened(tmp_path, "people") as resolver:
        resolver.load(pa.Table.from_pylist(rows))
        resolver.ingest(shown)
        resolver.fit()
        standing = resolver._session.frozen.standing()
        assert standing is not None
        assert mark in str(sorted(standing.learned.words()))  # what is around names in handles is kept as text
        for one in ("k04", "q05", "q06"):
            resolver.erase(one, by="dpo")
        standing = resolver._session.frozen.standing()
        assert standing is not None
        assert mark not in str(sorted(standing.learned.words()))
        with resolver._session.store.snapshot() as view:
            document = view.document("model")
        assert document is not None
        assert mark not in str(sorted(Learned.from_document(document).words()))
        before = stated(resolver)
    for path in tmp_path.glob("people.db*"):
        assert mark.encode() not in path.read_bytes().lower()
    with opened(tmp_path, "people") as again:
        assert stated(again) == before
        assert again.load(pa.Table.from_pylist(rows)).refused.num_rows


def test_a_word_that_is_written_with_marks_in_handles_leaves_the_model_too(resolver: Resolver) -> None:
    rows, shown = crowd(30)
    for number in (4, 5, 6):
        shown[number]["handle"] = f"{shown[number]['handle'].rstrip('0123456789')}_zyx-wvut"
    resolver.load(pa.Table.from_pylist(rows))
    resolver.ingest(shown)
    resolver.fit()
    before = resolver._session.frozen.standing()
    assert before is not None
    assert "zyxwvut" in before.learned.words()
    resolver.erase("q04", by="dpo")
    after = resolver._session.frozen.standing()
    assert after is not None
    assert after.learned.version == before.learned.version  # two others have it still: it tells nothing of who is gone
    for one in ("q05", "q06"):
        resolver.erase(one, by="dpo")
    after = resolver._session.frozen.standing()
    assert after is not None
    assert "zyxwvut" not in after.learned.words()


def test_a_model_says_nothing_of_who_is_erased_to_whoever_has_the_database_alone(tmp_path: Path) -> None:
    with opened(tmp_path, "people") as resolver:
        frozen_store(resolver)
        said = stated(resolver)
    file = tmp_path / "people.db"
    with closing(sqlite3.connect(file)) as connection:
        ((blob,),) = connection.execute("SELECT blob FROM documents WHERE kind = 'model'").fetchall()
        assert not blob.startswith(b"PK")  # an archive of fingerprints, which anybody could guess
        connection.execute("UPDATE documents SET blob = ? WHERE kind = 'model'", [blob[:-1] + bytes([blob[-1] ^ 1])])
        connection.commit()
    with opened(tmp_path, "people") as again:  # what is damaged is learned anew
        assert stated(again) == said
        assert again.resolve(profiles("p2")[0]).customer == "c3"


def test_what_is_swept_is_weighed_no_more(resolver: Resolver) -> None:
    resolver.load(customers("c3"), observed_at=datetime(2020, 1, 1, tzinfo=UTC))
    resolver.load(customers("c1", "c4"), observed_at=datetime(2026, 1, 1, tzinfo=UTC))
    resolver.ingest(profiles(), observed_at=datetime(2026, 1, 1, tzinfo=UTC))
    resolver.fit()
    resolver.retain(before=datetime(2024, 1, 1, tzinfo=UTC))
    assert resolver.clusters["id"].to_pylist() == ["c1", "c4"]
    assert resolver.resolve_id("github:p2") != ("c3",)


def test_another_plan_learns_anew_and_a_model_of_another_plan_is_refused(reopen: Opener) -> None:
    first = frozen_store(reopen())
    model = first.fit()
    one = first._session.frozen.standing()
    plan = sm.Plan(costs=sm.Costs(wrong_merge=1000.0))
    again = reopen(plan=plan)
    other = again._session.frozen.standing()
    assert one is not None
    assert other is not None
    assert (other.learned.plan, again.decisions.num_rows) == (plan.version, 3)
    assert other.learned.plan != one.learned.plan
    with pytest.raises(sm.errors.PlanError, match="open with the same plan"):
        again.fit(model)
    with pytest.raises(sm.errors.PlanError):
        again.fit(b"no model")


def test_there_must_be_something_to_learn_from(resolver: Resolver) -> None:
    with pytest.raises(sm.errors.FitError, match="load customers and ingest profiles first"):
        resolver.fit()
    resolver.load(customers())
    with pytest.raises(sm.errors.FitError):
        resolver.fit()


def test_a_store_that_has_grown_enough_keeps_what_it_learned_and_learns_anew_when_it_has_doubled(
    resolver: Resolver,
) -> None:
    resolver._session.frozen.worth_freezing = 20
    rows, shown = crowd(40)
    resolver.load(pa.Table.from_pylist(rows[:12]))
    assert resolver._session.frozen.standing() is None
    resolver.ingest(shown[:10])
    first = resolver._session.frozen.standing()
    assert first is not None
    resolver.ingest(shown[10:14])
    second = resolver._session.frozen.standing()
    assert second is not None
    assert second.learned.version == first.learned.version
    resolver.ingest(shown[14:])
    third = resolver._session.frozen.standing()
    assert third is not None
    assert (third.learned.profiles, first.learned.profiles) == (40, 10)


def test_two_who_write_in_turn_end_as_one(tmp_path: Path) -> None:
    with opened(tmp_path, "people") as one, opened(tmp_path, "people") as other:
        frozen_store(one)
        other.ingest([PROFILES[0] | {"profile_id": "p7", "handle": "ada-l"}])
        one.ingest([PROFILES[1] | {"profile_id": "p8", "handle": "grace-h"}])
        other.load(pa.Table.from_pylist([CUSTOMERS[3] | {"id": "c9"}]))
        assert stated(one) == stated(other)
        said = stated(one)
    with opened(tmp_path, "people") as again:
        assert stated(again) == said


def test_a_store_of_the_first_version_goes_on_under_a_model(tmp_path: Path) -> None:
    with opened(tmp_path, "people") as resolver:
        resolver.load(customers())
        resolver.ingest(profiles())
        before = stated(resolver)
    connection = sqlite3.connect(tmp_path / "people.db")
    connection.executescript(
        "DROP TABLE scores; DROP TABLE retired; ALTER TABLE links DROP COLUMN evidence; "
        "UPDATE meta SET value = '1' WHERE name = 'version'"
    )
    connection.close()
    with opened(tmp_path, "people") as resolver:
        assert resolver.clusters.to_pylist() == before["clusters"]
        resolver.fit()
        assert stated(resolver) == before
        assert resolver.resolve(profiles("p1")[0]).customer in {"c1", "c2"}
        resolver.ingest(profiles())
        assert resolver.resolve_id("github:p2") == ("c3",)


def test_when_the_last_customer_is_erased_profiles_stay_and_later_customers_get_them(resolver: Resolver) -> None:
    resolver.load(customers("c1", "c3"))
    resolver.ingest(profiles("p2", "p3"))
    resolver.fit()
    for one in ("crm:c3", "crm:c1"):
        resolver.erase(one, by="dpo")
    assert resolver.clusters.num_rows == 0
    assert resolver.decisions["profile_id"].to_pylist() == ["p3"]
    resolver.ingest(
        [PROFILES[2] | {"profile_id": "p8", "display_name": "Emmy Noether", "emails": ["emmy@example.com"]}]
    )
    resolver.load(customers("c5"))
    assert resolver.resolve_id("x:p8") == ("c5",)


def test_a_model_of_customers_with_other_columns_is_refused(resolver: Resolver, folder: Path) -> None:
    model, _ = learned(folder)
    frozen_store(resolver)
    with pytest.raises(sm.errors.PlanError, match="mean something else: city"):
        resolver.fit(model)


def test_a_model_that_fits_the_columns_no_more_is_made_anew(reopen: Opener, folder: Path) -> None:
    model, _ = learned(folder)
    resolver = frozen_store(reopen())
    before = stated(resolver)
    strange = Learned.from_bytes(model, plan=resolver._session.plan.version)
    resolver._session.store.replace(strange.to_document(), at=datetime(2026, 6, 6, tzinfo=UTC), actor="tests")
    again = reopen()
    assert stated(again) == before
    standing = again._session.frozen.standing()
    assert standing is not None
    assert standing.learned.version != strange.version


@pytest.mark.parametrize("kept", ["open", "opened"])
def test_what_a_killed_user_decided_under_a_model_leads_former_ids_on_when_another_goes_on(
    database_url: str, kept: str
) -> None:
    """Another session took the decision for settled: the id of an entity that had become another's led nowhere."""
    with Resolver(store=database_url, key=KEY) as one:
        frozen_store(one)
        one.ingest([{"profile_id": "p9", "channel": "x", "display_name": "Hedy Lamarr"}])
        (former,) = one.resolve_id("p9")
        other = Resolver(store=database_url, key=KEY)
        if kept == "open":
            other.generic("shared@example.com", by="bob")  # it has the store in memory
        killed = patch.object(type(one._session.frozen), "decided", side_effect=KeyboardInterrupt)
        with killed, pytest.raises(KeyboardInterrupt):
            one.decide(("p9", "c4"), "same", by="ana")
        with other:
            other.pin("c5", "name", "Emmy", by="bob")
            assert other.resolve_id(former) == other.resolve_id("p9") == ("c4",)
            with other._session.store.snapshot() as view:
                assert None not in view.members_of([former])["until"].to_pylist()


def test_what_a_killed_user_decided_while_another_was_settling_is_settled_by_that_one_later(tmp_path: Path) -> None:
    strangers = [
        {"profile_id": "p9", "channel": "x", "display_name": "Hedy Lamarr"},
        {"profile_id": "q9", "channel": "x", "display_name": "Zora Quist"},
    ]
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url, key=KEY) as one, Resolver(store=url, key=KEY) as other:
        frozen_store(one).ingest(strangers)
        (former,) = other.resolve_id("p9")
        settle = other._session.store.settle

        def meanwhile(**asked: object) -> int:
            patched.stop()
            killed = patch.object(type(one._session.frozen), "decided", side_effect=KeyboardInterrupt)
            with killed, pytest.raises(KeyboardInterrupt):
                one.decide(("p9", "c4"), "same", by="ana")
            return settle(**asked)  # type: ignore[arg-type]  # what it was called with

        patched = patch.object(other._session.store, "settle", side_effect=meanwhile)
        patched.start()
        other.decide(("q9", "c5"), "same", by="bob")
        assert other.resolve_id(former) == other.resolve_id("p9") == ("c4",)
        other.pin("c5", "name", "Emmy", by="bob")
        with other._session.store.snapshot() as view:
            assert None not in view.members_of([former])["until"].to_pylist()


BRING: dict[str, Callable[[Resolver], object]] = {
    "ingest": lambda resolver: resolver.ingest([{"profile_id": "q9", "channel": "x", "display_name": "Zora Quist"}]),
    "load": lambda resolver: resolver.load(pa.table({"id": ["c77"], "name": ["Zora Quist"], "city": ["Bath"]})),
    "erase": lambda resolver: resolver.erase("c5", by="dpo"),
}


@pytest.mark.parametrize("verb", BRING)
def test_what_a_killed_user_decided_under_a_model_is_settled_by_whoever_brings_anything(
    tmp_path: Path, verb: str
) -> None:
    """What was weighed after it told later sessions that all before was settled: the former id led nowhere."""
    url = f"sqlite:///{tmp_path}/people.db"
    with Resolver(store=url, key=KEY) as one:
        frozen_store(one).ingest([{"profile_id": "p9", "channel": "x", "display_name": "Hedy Lamarr"}])
        (former,) = one.resolve_id("p9")
        killed = patch.object(type(one._session.frozen), "decided", side_effect=KeyboardInterrupt)
        with killed, pytest.raises(KeyboardInterrupt):
            one.decide(("p9", "c4"), "same", by="ana")
    with Resolver(store=url, key=KEY) as other:
        BRING[verb](other)
        assert other.resolve_id(former) == ("c4",)
    with Resolver(store=url, key=KEY) as third:
        assert third.resolve_id(former) == third.resolve_id("p9") == ("c4",)


def test_one_person_is_asked_for_without_reading_what_others_said(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = frozen_store(reopen())
    resolver.decide(("p1", "c3"), "different", by="ana", reason="phoned")
    undone = resolver.decide(("p3", "c4"), "same", by="ana")
    resolver.undo(undone.id, by="bob")
    resolver.opt_out("c1", by="ana", channel="x")
    asked = ["p1", "c4", "github::p3", "nobody"]
    verbs = ("resolve_id", "history", "export", "consents")
    expected = [_answer(resolver, verb, one) for verb in verbs for one in asked]
    with patch.object(Frozen, "is_settled", return_value=False):
        assert [_answer(resolver, verb, one) for verb in verbs for one in asked] == expected
    read = Snapshot.claims

    def of_some(self: Snapshot, of: pa.Table | None = None, *, attribute: str | None = None) -> pa.RecordBatchReader:
        assert of is not None, "all claims were read"
        return read(self, of, attribute=attribute)

    monkeypatch.setattr(Snapshot, "claims", of_some)
    monkeypatch.setattr(Snapshot, "numbered_claims", lambda *_: pytest.fail("all claims were read"))
    opened = reopen()
    assert [_answer(opened, verb, one) for verb in verbs for one in asked] == expected
    monkeypatch.undo()
    session = opened._session
    session.store.append([session.decision(DecisionKind.SAME, [("crm", "c2"), ("crm", "c5")], by="ana", reason="")])
    with session.store.snapshot() as view:
        assert not session.frozen.is_settled(view), "whoever decided it was killed"
    assert opened.resolve_id("c5") == opened.resolve_id("c2")


def _answer(resolver: Resolver, verb: str, any_id: str) -> object:
    try:
        return getattr(resolver, verb)(any_id)
    except sm.StoreError as error:
        return str(error)


def test_a_new_customer_is_shown_to_the_profiles_that_share_a_key_and_no_other_may_be_theirs(folder: Path) -> None:
    learned(folder)
    with opened(folder, "whole") as resolver:
        standing = resolver._session.frozen.standing()
        assert standing is not None
        assert standing.facts.schema is not None
        asked = 0
        for first in range(0, 36, 12):
            some = standing.rows.take(np.array([first, first + 5, first + 7]))
            standing._asking_for(some)  # makes the profiles ready, of which some are gone then
            fewer = standing.without(standing.profiles[first : first + 4])
            few = Weigher.of(some, standing.facts.schema, standing.learned)
            found = fewer._asking_for(some)
            assert found.tolist() == few.weigh(fewer.known).owners_of(some.numbers).tolist()
            asked += len(found)
            again = fewer.with_profiles(standing.known.take(np.arange(first, first + 4)))
            assert again._asking_for(some).tolist() == few.weigh(standing.known).owners_of(some.numbers).tolist()
            near = fewer.seeking[0].reached_by(few)
            assert set(found) <= set(near)
            assert len(near) < len(fewer.profiles)
        assert asked


def test_what_is_decided_in_a_store_just_opened_ends_as_with_all_that_it_has_in_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned(folder)
    for name in ("one", "other"):
        shutil.copy(folder / "whole.db", tmp_path / f"{name}.db")
    with opened(tmp_path, "one") as resolver:
        held = dict(zip(*(resolver.decisions[name].to_pylist() for name in ("profile_id", "customer_id")), strict=True))
    mine = [(profile, customer) for profile, customer in sorted(held.items()) if customer]
    pairs = [(mine[0], "different"), (mine[1], "same"), ((mine[2][0], mine[3][1]), "same"), (mine[4], "different")]
    pairs += [((mine[0][1], mine[3][1]), "same")]
    for number, (pair, word) in enumerate(pairs):
        with opened(tmp_path, "one") as resolver, monkeypatch.context() as patched:
            patched.setattr(Frozen, "standing", lambda *_: pytest.fail("all was read"))
            decision = resolver.decide(pair, word, by="ana")
            if number == 3:
                resolver.undo(decision.id, by="ana")
        with opened(tmp_path, "other") as resolver:
            resolver._session.frozen.standing()
            decision = resolver.decide(pair, word, by="ana")
            if number == 3:
                resolver.undo(decision.id, by="ana")
        assert _written(tmp_path, "one") == _written(tmp_path, "other")


def _written(folder: Path, name: str) -> list[object]:
    """What a store has of entities and links."""
    with opened(folder, name) as resolver, resolver._session.store.snapshot() as view:
        assert resolver._session.frozen.is_settled(view)
        return [view.members().read_all().to_pylist(), view.links().read_all().to_pylist(), view.events().to_pylist()]
