"""What is asked wrongly is refused with words that say what to do, and never with a value of a person."""

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.resolver.people import customers, profiles

import socialmerge as sm
from socialmerge import Resolver

HALF = "ada\ud800"


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolver]:
    with Resolver(store=f"sqlite:///{tmp_path_factory.mktemp('store')}/people.db") as opened:
        opened.load(customers())
        opened.ingest(profiles())
        yield opened


WRONG: list[tuple[Callable[[Any], object], type[Exception], str]] = [
    (lambda r: r.history(HALF), sm.StoreError, "half a character"),
    (lambda r: r.resolve_id(HALF), sm.StoreError, "half a character"),
    (lambda r: r.history(None), sm.StoreError, "the id given is of type NoneType"),
    (lambda r: r.undo("no such", by=None), sm.StoreError, "nobody decides|is not there"),
    (lambda r: r.decide(("c4", "c5"), "same", by=HALF), sm.StoreError, "by=: the text holds half a character"),
    (lambda r: r.decide(("c4", "c5"), "same", by=None), sm.StoreError, "by=: nobody decides"),
    (lambda r: r.decide(("c4", "c5"), "same", by="a", reason=None), sm.StoreError, "reason=: this is of type NoneType"),
    (lambda r: r.decide(("c4", "c5"), "same", by="a", reason=HALF), sm.StoreError, "reason=: the text holds half"),
    (lambda r: r.decide("c4", "same", by="a"), sm.LabelError, "give an answer of resolve, or two ids"),
    (lambda r: r.history("x"), sm.StoreError, r"this id \(1 character\); ids are compared exactly"),
    (lambda r: r.decide(("c4",), "same", by="a"), sm.LabelError, "1 id is given"),
    (lambda r: r.decide(("c3", "c4", "c5"), "same", by="a"), sm.LabelError, "3 ids are given"),
    (lambda r: r.decide(("c4", "c4"), "same", by="a"), sm.LabelError, "both ids are the same"),
    (lambda r: r.decide(("c4", "crm:c4"), "same", by="a"), sm.LabelError, "both ids stand for one record"),
    (
        lambda r: r.decide(("c4", "nobody"), "same", by="a"),
        sm.StoreError,
        "decide: id 2 of 2: no row, profile or entity has this id",
    ),
    (lambda r: r.decide(("c4", "c5"), ["same"], by="a"), sm.LabelError, "is no decision"),
    (lambda r: r.split(by="a"), sm.StoreError, "split: no id is given"),
    (lambda r: r.split("c1", "nobody", by="a"), sm.StoreError, "split: id 2 of 2"),
    (lambda r: r.pin("c1", "phone", None, by="a"), sm.StoreError, "value=: this is of type NoneType"),
    (lambda r: r.load(customers(), observed_at="2026-01-01"), sm.StoreError, "observed_at=.*time zone"),
    (lambda r: r.load(customers(), observed_at=datetime(2026, 1, 1)), sm.StoreError, "observed_at="),  # noqa: DTZ001
    (lambda r: r.load(customers(), observed_at=datetime(2031, 1, 1, tzinfo=UTC)), sm.StoreError, "observed_at=.*come"),
    (lambda r: r.ingest(profiles(), observed_at=datetime(2031, 1, 1, tzinfo=UTC)), sm.StoreError, "observed_at="),
    (lambda r: r.ingest(profiles(), observed_at=datetime(2026, 1, 1)), sm.StoreError, "observed_at="),  # noqa: DTZ001
    (lambda r: r.load(customers(), by=HALF), sm.StoreError, "by=: the text holds half"),
    (lambda r: r.retain(before="2026-01-01"), sm.StoreError, "before=: this is no time"),
    (lambda r: r.retain(before=datetime(2999, 1, 1, tzinfo=UTC)), sm.StoreError, "before=: .* still to come"),
    (lambda r: r.retain(now=datetime(2026, 1, 1)), sm.StoreError, "now=: this is no time"),  # noqa: DTZ001
    (lambda r: r.erase("c1", by=" "), sm.StoreError, "by=: nobody decides"),
    (lambda r: r.erase("c1", by=None), sm.StoreError, "by=: nobody decides"),
    (lambda r: r.retain(by=None), sm.StoreError, "by=: nobody decides"),
    (lambda r: r.golden(policy="newest"), sm.PolicyError, "policy=: this is of type str"),
    (lambda r: r.preview(policy=3), sm.PolicyError, "policy=: this is of type int"),
    (lambda r: r.apply(None, by="a"), sm.StoreError, "apply: this is of type NoneType"),
    (lambda r: r.fit("model"), sm.PlanError, "model=: this is of type str"),
    (lambda r: r.pin("c1", "id", "c9", by="a"), sm.PolicyError, "'id' is the column of the ids"),
    (lambda r: r.reject("c1", "id", "c1", by="a"), sm.PolicyError, "'id' is the column of the ids"),
    (lambda r: r.golden("nobody"), sm.StoreError, "no row, profile or entity"),
    (lambda r: r.golden(7), sm.StoreError, r"this id \(1 character\)"),
    (lambda r: r.history(7), sm.StoreError, r"this id \(1 character\)"),
    (lambda r: r.erase(None, by="dpo"), sm.StoreError, "the id given is of type NoneType"),
    (pickle.dumps, sm.StoreError, "open it in each process by its URL"),
    (copy.deepcopy, sm.StoreError, "open it in each process by its URL"),
]


@pytest.mark.parametrize(("ask", "kind", "says"), WRONG, ids=range(len(WRONG)))
def test_what_is_asked_wrongly_is_told_and_leaves_nothing(
    resolver: Resolver, ask: Callable[[Any], object], kind: type[Exception], says: str
) -> None:
    before = resolver.preview().position
    with pytest.raises(kind, match=says) as error:
        ask(resolver)
    assert "\ud800" not in str(error.value)
    assert resolver.preview().position == before


def test_an_actor_may_hold_a_nul_and_reads_the_same_from_both_databases(resolver: Resolver) -> None:
    decision = resolver.decide(("c4", "c5"), "different", by="an\0a", reason="r\0")
    (entry,) = [one for one in resolver.history("c4") if one.decision_id == decision.id]
    assert (entry.by, entry.reason) == ("an\N{REPLACEMENT CHARACTER}a", "r\N{REPLACEMENT CHARACTER}")
    resolver.undo(decision.id, by="ana")


def test_an_id_that_several_people_have_is_refused_rather_than_the_wrong_one_erased(tmp_path: Path) -> None:
    with Resolver(store=f"sqlite:///{tmp_path}/people.db") as resolver:
        rows = [{"id": "7", "name": "Ada Lovelace"}, {"id": "github:8", "name": "Bo Peep"}]
        resolver.load(pa.Table.from_pylist(rows))
        stranger = {"channel": "github", "display_name": "Zed Zulu"}
        resolver.ingest(
            [stranger | {"profile_id": "7", "handle": "zz7"}, stranger | {"profile_id": "8", "handle": "yy8"}]
        )
        for ambiguous in ("7", "github:8"):
            with pytest.raises(sm.StoreError, match="2 records of different people"):
                resolver.erase(ambiguous, by="dpo")
        assert resolver.erase("github::8", by="dpo").records == 1
        assert resolver.erase("github:8", by="dpo").records == 1  # nobody else has it any more
        assert resolver.clusters["id"].to_pylist() == ["7"]


def test_a_closed_resolver_stays_closed(tmp_path: Path) -> None:
    resolver = Resolver(store=f"sqlite:///{tmp_path}/people.db")
    resolver.close()
    with pytest.raises(sm.StoreError, match="the store was closed; open it again"):
        resolver.golden()
    resolver.close()


def test_what_is_no_store_is_called_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes, and no database")
    wrong: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"store": f"sqlite:///{tmp_path}"}, sm.StoreError, "this is a folder"),
        ({"store": tmp_path / "new.db"}, sm.StoreError, "of type PosixPath; give a URL"),
        ({"store": None}, sm.StoreError, "of type NoneType; give a URL"),
        ({"store": f"sqlite:///{tmp_path}/notes.db"}, sm.StoreError, "no SQLite database"),
        ({"store": f"sqlite:///{tmp_path}/new.db", "key": "text"}, sm.StoreError, "key=: this is of type str"),
        ({"store": f"sqlite:///{tmp_path}/new.db", "plan": "x"}, sm.PlanError, "plan=: this is of type str"),
        ({"store": f"sqlite:///{tmp_path}/new.db", "policy": "x"}, sm.PolicyError, "policy=: this is of type str"),
    ]
    for arguments, kind, says in wrong:
        with pytest.raises(kind, match=says):
            Resolver(**arguments)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["notes.db"]


def test_nothing_is_no_profile_and_is_said_so(resolver: Resolver) -> None:
    with pytest.raises(sm.SocialMergeError, match="profile"):
        resolver.resolve({})
    assert resolver.ingest([]).records == 0
