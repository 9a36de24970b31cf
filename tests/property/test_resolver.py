"""The laws of a store of people over time, as a machine that does whatever may be done in any order."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import combinations, count

import psycopg
import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.resolver.conftest import KEY, postgres_server, postgres_url
from tests.resolver.people import CUSTOMERS, PROFILES, customers, profiles, stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.plan import Plan
from socialmerge.resolver import state as states
from socialmerge.resolver.judging import in_force
from socialmerge.store import DecisionKind

__all__ = ["postgres_server", "postgres_url"]

START = datetime(2026, 1, 1, tzinfo=UTC)
customer = st.sampled_from([row["id"] for row in CUSTOMERS])
profile = st.sampled_from([row["profile_id"] for row in PROFILES])
anybody = customer | profile

_judge = states.judge
_known: dict[str, states.Judged] = {}


def remembered(facts: states.Facts, plan: Plan) -> states.Judged:
    """What the model says, asked once of the same tables: the machine comes by them again and again."""
    tables = (facts.customers.table, facts.profiles.table, pa.array(facts.profiles.proven))
    said = repr([one.to_pylist() for one in tables])
    if said not in _known:
        _known[said] = _judge(facts, plan)
    return _known[said]


@contextmanager
def opened(folder: str, name: str = "people") -> Iterator[Resolver]:
    ticks = iter(range(1, 1_000_000))
    with Resolver(
        store=f"sqlite:///{folder}/{name}.db", key=KEY, clock=lambda: START + timedelta(seconds=next(ticks))
    ) as resolver:
        yield resolver


SCHEMAS = count(1)


def told(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # a statement of this file


class People(RuleBasedStateMachine):
    """One store; what it was given is remembered beside it."""

    decisions = Bundle("decisions")
    server = ""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/people.db"
        if self.server:
            name = f"laws_{os.getpid()}_{next(SCHEMAS)}"
            told(self.server, f"CREATE SCHEMA {name}")
            self.url = f"{self.server}{'&' if '?' in self.server else '?'}options=-csearch_path%3D{name}"
        self.ticks = 0
        self.erased: set[str] = set()
        self.ids: set[str] = set()
        self.open()

    def open(self) -> None:
        self.resolver = Resolver(store=self.url, key=KEY, clock=self.clock)

    def clock(self) -> datetime:
        self.ticks += 1
        return START + timedelta(seconds=self.ticks)

    @property
    def here(self) -> set[str]:
        found = {*self.resolver.clusters["id"].to_pylist(), *self.resolver.decisions["profile_id"].to_pylist()}
        self.ids |= {*self.resolver.clusters["entity_id"].to_pylist()}
        return found

    @rule(ids=st.lists(customer, min_size=1, max_size=5, unique=True))
    def load(self, ids: list[str]) -> None:
        before = self.here
        written = self.resolver.load(customers(*ids))
        refused = {one["record_id"] for one in written.refused.to_pylist()}
        assert refused >= self.erased & set(ids)
        # c1 and c2 have one name and one address: who was erased as the one may not come back as the other
        assert refused - self.erased <= ({"c1", "c2"} - before if self.erased & {"c1", "c2"} else set())

    @rule(ids=st.lists(profile, min_size=1, max_size=3, unique=True))
    def ingest(self, ids: list[str]) -> None:
        self.resolver.ingest(profiles(*ids))

    @rule(target=decisions, pair=st.tuples(anybody, anybody), same=st.booleans())
    def decide(self, pair: tuple[str, str], same: bool) -> object:
        if pair[0] == pair[1] or not set(pair) <= self.here:
            return multiple()
        before = stated(self.resolver)
        try:
            return self.resolver.decide(pair, "same" if same else "different", by="ana").id
        except sm.LabelError:
            assert stated(self.resolver) == before
            return multiple()

    @rule(target=decisions, one=anybody)
    def split(self, one: str) -> object:
        if one not in self.here:
            return multiple()
        try:
            return multiple(*(decision.id for decision in self.resolver.split(one, by="bob")))
        except (sm.LabelError, sm.StoreError):
            return multiple()

    @rule(target=decisions, decision=decisions)
    def undo(self, decision: str) -> object:
        try:
            return self.resolver.undo(decision, by="ana").id
        except (sm.StoreError, sm.LabelError):
            return multiple()

    @rule(pair=st.tuples(anybody, anybody), same=st.booleans())
    def undone_at_once(self, pair: tuple[str, str], same: bool) -> None:
        if pair[0] == pair[1] or not set(pair) <= self.here:
            return
        before = stated(self.resolver)
        found = {id_: self.resolver.resolve_id(id_) for id_ in sorted(self.ids) if self.is_known(id_)}
        try:
            decision = self.resolver.decide(pair, "same" if same else "different", by="ana")
        except sm.LabelError:
            return
        self.resolver.undo(decision.id, by="ana")
        assert stated(self.resolver) == before
        if same:
            assert {id_: self.resolver.resolve_id(id_) for id_ in found} == found

    @precondition(lambda self: len(self.erased) < 2)
    @rule(one=customer)
    def erase(self, one: str) -> None:
        if one not in self.here:
            return
        before = self.here
        self.resolver.erase(f"crm:{one}", by="dpo")
        gone = before - self.here
        assert one in gone
        self.erased |= gone

    @rule()
    def reopen(self) -> None:
        before = stated(self.resolver)
        self.resolver.close()
        self.open()
        assert stated(self.resolver) == before

    @rule()
    def apply(self) -> None:
        self.resolver.apply(self.resolver.preview(), by="ana")
        assert self.resolver.preview().changes.num_rows == 0

    def is_known(self, id_: str) -> bool:
        try:
            return bool(self.resolver.resolve_id(id_))
        except sm.StoreError:
            return False

    @invariant()
    def every_record_is_in_one_entity_and_nobody_is_back(self) -> None:
        state = self.resolver._session.state()
        names = [name for members in state.members.values() for name in members]
        assert sorted(names) == sorted(state.names)
        assert not self.erased & self.here

    @invariant()
    def people_have_the_last_word(self) -> None:
        state = self.resolver._session.state()
        for decision in state.in_force:
            names = [(one.source, one.record_id) for one in decision.targets]
            for one, other in combinations([name for name in names if name in state.rows], 2):
                together = state.entity_of[one] == state.entity_of[other]
                assert together == (decision.kind is DecisionKind.SAME)

    @invariant()
    def every_id_leads_to_living_entities(self) -> None:
        alive = set(self.resolver._session.state().members)
        for id_ in sorted(self.ids | alive):
            if self.is_known(id_):
                assert set(self.resolver.resolve_id(id_)) <= alive
            else:
                assert self.erased

    @invariant()
    def every_golden_value_has_a_claim(self) -> None:
        golden = self.resolver.golden()
        assert None not in golden.provenance["claim_id"].to_pylist()
        assert set(golden.provenance["entity_id"].to_pylist()) <= set(golden.records["entity_id"].to_pylist())

    def teardown(self) -> None:
        if not hasattr(self, "resolver"):
            return
        said, state = stated(self.resolver), self.resolver._session.state()
        self.resolver.close()
        with opened(self.folder.name, "afresh") as other:
            # all at once, and only what is in force: the same people, byte for byte
            mine = {name for _, name in state.names}
            if chosen := [row["id"] for row in CUSTOMERS if row["id"] in mine]:
                other.load(customers(*chosen))
            if chosen := [row["profile_id"] for row in PROFILES if row["profile_id"] in mine]:
                other.ingest(profiles(*chosen))
            for decision in in_force(state.decisions):
                names = [f"{one.source}:{one.record_id}" for one in decision.targets]
                if (
                    decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT)
                    and set(decision.targets)
                    and all((one.source, one.record_id) in state.rows for one in decision.targets)
                ):
                    other.decide((names[0], names[1]), decision.kind.value, by="eve")
            assert stated(other) == said
        self.folder.cleanup()


@pytest.fixture(autouse=True)
def _asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "judge", remembered)


def few() -> settings:
    return settings(max_examples=max(settings().max_examples // 5, 4), stateful_step_count=20, deadline=None)


def test_whatever_is_done_in_any_order_the_laws_hold() -> None:
    run_state_machine_as_test(People, settings=few())


def test_whatever_is_done_in_any_order_the_laws_hold_on_postgresql(postgres_url: str) -> None:
    """Each store there ends as the one in SQLite that is given only what is left."""

    class OnPostgres(People):
        server = postgres_url

    run_state_machine_as_test(OnPostgres, settings=few())
