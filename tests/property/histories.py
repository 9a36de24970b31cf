"""The history of a store as a machine: whatever may be done, by two sessions in turn, in any order, killed or not.

What holds after every step are its invariants; what a step must do is asserted where it is done.
"""

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations, count
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import psycopg
import pyarrow as pa
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule
from tests.resolver.conftest import KEY
from tests.resolver.people import stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.merging import Golden, children
from socialmerge.merging.fields import ATTRIBUTES
from socialmerge.merging.succession import resolve_id
from socialmerge.resolver.judging import in_force
from socialmerge.resolver.session import Session
from socialmerge.resolver.state import State
from socialmerge.store import Decision, DecisionKind

__all__ = ["History"]

START = datetime(2026, 1, 1, tzinfo=UTC)

# Two observations of each customer: of ada two rows, of grace and mary a row each that an office shares.
CUSTOMERS = {
    "c1": ("Ada Lovelace", "ada@example.com", "ada@example.com", "2020-01-01"),
    "c2": ("Ada Lovelace", "ada@example.com", "countess@example.com", "2021-01-01"),
    "c3": ("Grace Hopper", "grace@example.com", "info@example.com", "2020-02-01"),
    "c4": ("Mary Somerville", "info@example.com", "mary@example.com", "2020-03-01"),
    "c5": ("Emmy Noether", "", "emmy@example.com", "2020-04-01"),
}
# channel, account, name, address; a trusted one is written by the platform
PROFILES = {
    "p1": ("github", "1", "Ada Lovelace", "ada@example.com"),
    "p2": ("github", "2", "Grace Hopper", "grace@example.com"),
    "p3": ("x", "3", "Someone Else", "stranger@example.com"),
    "p4": ("x", "4", "Somebody", "stranger@example.com"),
    "p5": ("github", "5", "Mary Somerville", "info@example.com"),
    "p6": ("github", "1", "A. Lovelace", "countess@example.com"),
}
NAMES = {**dict.fromkeys(CUSTOMERS, "crm"), **{name: row[0] for name, row in PROFILES.items()}}
# Who has a name and an address, or an account, in common may be taken for the other once that one is erased.
ALIKE = [{"c1", "c2", "p1", "p6"}, {"c3", "c4", "p2", "p5"}, {"p3", "p4"}]

customer, profile, anybody = (st.sampled_from(sorted(names)) for names in (CUSTOMERS, PROFILES, NAMES))
seconds = st.sampled_from([-86_400, -3, -1, 0, 5, 86_400])
ORDERS = pa.table({"customer": [*CUSTOMERS, *CUSTOMERS, "gone", None], "spend": list(range(1, 13))})
SCHEMAS = count(1)
MEMORY = Path("/dev/shm")  # Linux's disk in memory: what a disk does is tried elsewhere


class KilledError(Exception):
    """What stands for the end of a process."""


def customers(ids: tuple[str, ...], version: int) -> pa.Table:
    """Rows of customers as they were first, or later."""
    rows = [(id_, CUSTOMERS[id_]) for id_ in ids]
    return pa.Table.from_pylist(
        [
            {
                "id": id_,
                "name": name,
                "email": (first, later)[version],
                "phone": "202-555-0143" if id_ == "c2" and version else "",
                "created_at": created,
                "updated_at": ("2025-01-01", "2025-06-01")[version],
            }
            for id_, (name, first, later, created) in rows
        ]
    )


def profiles(ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of profiles."""
    return [
        {"profile_id": id_, "channel": channel, "account_id": account, "display_name": name, "emails": [email]}
        for id_, (channel, account, name, email) in ((id_, PROFILES[id_]) for id_ in ids)
    ]


def told(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute(statement)


def killed(*_: object, **__: object) -> NoReturn:
    raise KilledError


class History(RuleBasedStateMachine):
    """One store and two sessions; what it was given, and what it acknowledged, is remembered beside it."""

    decisions = Bundle("decisions")
    server = ""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.url, self.schema = f"sqlite:///{self.folder.name}/people.db", ""
        if self.server:
            self.schema = f"laws_{os.getpid()}_{next(SCHEMAS)}"
            told(self.server, f"CREATE SCHEMA {self.schema}")
            self.url = f"{self.server}{'&' if '?' in self.server else '?'}options=-csearch_path%3D{self.schema}"
        self.now = START
        self.checked = -1
        self.merged: tuple[tuple[int, int], Golden] | None = None
        self.erased: set[str] = set()
        self.gone: set[str] = set()
        self.ids: set[str] = set()
        self.given: list[tuple[Any, ...]] = []
        self.acknowledged: list[str] = []
        self.sessions = [self.opened(), self.opened()]

    def opened(self) -> Resolver:
        return Resolver(store=self.url, key=KEY, clock=self.clock)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @property
    def resolver(self) -> Resolver:
        return self.sessions[0]

    def golden(self) -> Golden:
        """The golden records; at one position of the log one session gives them once."""
        place = id(self.resolver), self.resolver._session.state().position
        if self.merged is None or self.merged[0] != place:
            self.merged = place, self.resolver.golden()
        return self.merged[1]

    def stated(self) -> dict[str, Any]:
        """All that the session in turn says, as plain values."""
        return stated(self.resolver, self.golden())

    @property
    def here(self) -> set[str]:
        return {name for _, name in self.resolver._session.state().names}

    # ---------------------------------------------------------------------------------------------------- what is done
    @rule(ids=st.lists(customer, min_size=1, max_size=5, unique=True), version=st.integers(0, 1))
    def load(self, ids: list[str], version: int) -> None:
        self.bring(("customers", tuple(ids), version))

    @rule(ids=st.lists(profile, min_size=1, max_size=4, unique=True), trusted=st.booleans())
    def ingest(self, ids: list[str], trusted: bool) -> None:
        self.bring(("profiles", tuple(ids), trusted))

    def bring(self, what: tuple[Any, ...]) -> None:
        written = self.write(self.resolver, what)
        refused = {one["record_id"] for one in written.refused.to_pylist()}
        assert refused >= self.erased & set(what[1])
        alike = set().union(*(group for group in ALIKE if group & self.erased), self.erased)
        assert refused <= alike  # also a row that is here, where it now says what the erased one did
        assert {*what[1]} - refused <= self.here
        self.given.append(what)

    @staticmethod
    def write(resolver: Resolver, what: tuple[Any, ...]) -> sm.store.Written:
        if what[0] == "customers":
            return resolver.load(customers(what[1], what[2]))
        return resolver.ingest(profiles(what[1]), trusted=what[2])

    @rule()
    def the_same_again(self) -> None:
        """Law 1: what is there already changes nothing."""
        if self.given:
            self.resolver._session.settle()
            before, position = self.stated(), self.resolver._session.state().position
            for what in self.given[-3:]:
                if not self.erased & set(what[1]):
                    self.write(self.resolver, what)
            assert self.stated() == before
            assert self.resolver._session.state().position == position

    def deciding(self, decide: Callable[[], Decision | tuple[Decision, ...]]) -> object:
        """Do what may contradict people's word, or have nothing to do: then it leaves no trace."""
        before = self.resolver._session.state().decisions
        try:
            found = decide()
        except (sm.LabelError, sm.StoreError, sm.PolicyError):
            assert self.resolver._session.state().decisions == before
            return multiple()
        found = found if isinstance(found, tuple) else (found,)
        self.acknowledged += [one.id for one in found]
        return multiple(*(one.id for one in found))

    @rule(target=decisions, pair=st.tuples(anybody, anybody), same=st.booleans())
    def decide(self, pair: tuple[str, str], same: bool) -> object:
        if pair[0] == pair[1] or not set(pair) <= self.here:
            return multiple()
        return self.deciding(lambda: self.resolver.decide(pair, "same" if same else "different", by="ana"))

    @rule(target=decisions, one=anybody)
    def split(self, one: str) -> object:
        return self.deciding(lambda: self.resolver.split(one, by="bob"))

    @rule(target=decisions, one=customer, value=st.sampled_from(["A", "B"]), wrong=st.booleans())
    def word(self, one: str, value: str, wrong: bool) -> object:
        if wrong:
            return self.deciding(lambda: self.resolver.reject(one, "name", "Ada Lovelace", by="ana"))
        found = self.deciding(lambda: self.resolver.pin(one, "name", value, by="ana"))
        if found != multiple():
            assert self.resolver.golden(one).records["name"].to_pylist() == [value], "the last word"
        return found

    @rule(target=decisions)
    def generic(self) -> object:
        return self.deciding(lambda: self.resolver.generic("info@example.com", by="ana"))

    @rule(target=decisions, decision=decisions)
    def undo(self, decision: str) -> object:
        in_force = decision in {one.id for one in self.resolver._session.state().in_force}
        found = self.deciding(lambda: self.resolver.undo(decision, by="ana"))
        assert in_force or found == multiple()
        return found

    @rule(pair=st.tuples(anybody, anybody), same=st.booleans())
    def decide_and_undo(self, pair: tuple[str, str], same: bool) -> None:
        """Law 4: as if it had never been."""
        if pair[0] == pair[1] or not set(pair) <= self.here:
            return
        before, found = self.stated(), self.standing()
        try:
            decision = self.resolver.decide(pair, "same" if same else "different", by="ana")
        except sm.LabelError:
            return
        undone = self.resolver.undo(decision.id, by="ana")
        self.acknowledged += [decision.id, undone.id]
        assert self.stated() == before
        if same:
            assert self.standing() == found

    def standing(self) -> dict[str, tuple[str, ...]]:
        """What each id that ever was stands for."""
        found = {}
        for id_ in sorted(self.ids):
            try:
                found[id_] = self.resolver.resolve_id(id_)
            except sm.StoreError:
                assert self.erased
        return found

    @precondition(lambda self: len(self.erased) < 4)
    @rule(one=anybody)
    def erase(self, one: str) -> None:
        if one not in self.here:
            return
        before, entities = self.here, set(self.resolver._session.state().members)
        self.resolver.erase(f"{NAMES[one]}:{one}", by="dpo")
        lost = before - self.here
        assert one in lost
        self.erased |= lost
        self.gone |= (entities - set(self.resolver._session.state().members)) & set(NAMES)

    @rule()
    def reopen(self) -> None:
        before = self.stated()
        self.resolver.close()
        self.sessions[0], self.merged = self.opened(), None
        assert self.stated() == before

    @rule()
    def the_other_session(self) -> None:
        before = self.stated()
        self.sessions.reverse()
        assert self.stated() == before

    @rule(by=seconds)
    def the_clock_jumps(self, by: int) -> None:
        self.now += timedelta(seconds=by)

    @rule(target=decisions, data=st.data())
    def killed_before_it_settles(self, data: st.DataObject) -> object:
        """The process ends between what it wrote and what follows from that."""
        state = self.resolver._session.state()
        known = {one.id for one in state.decisions}
        with patch.object(Session, "follow", killed):
            try:
                self.anything(data.draw(st.integers(0, 3)), data.draw(anybody), data.draw(anybody), data)
            except KilledError:
                pass
            except (sm.LabelError, sm.StoreError):
                return multiple()
        self.resolver.close()
        self.sessions[0] = self.opened()
        now = self.resolver._session.state()
        lost = {name for _, name in state.names} - self.here
        self.erased |= lost
        self.gone |= (set(state.members) - set(now.members)) & lost
        fresh = [one.id for one in now.decisions if one.id not in known]
        self.acknowledged += fresh
        return multiple(*fresh)

    def anything(self, kind: int, one: str, other: str, data: st.DataObject) -> None:
        if kind == 0:
            what = ("customers", (one,), 0) if one in CUSTOMERS else ("profiles", (one,), False)
            self.given.append(what)
            self.write(self.resolver, what)
        elif kind == 1 and one != other:
            self.resolver.decide((one, other), data.draw(st.sampled_from(["same", "different"])), by="ana")
        elif kind == 2 and self.acknowledged:
            self.resolver.undo(data.draw(st.sampled_from(self.acknowledged)), by="ana")
        elif kind == 3 and len(self.erased) < 4:
            self.resolver.erase(f"{NAMES[one]}:{one}", by="dpo")

    @rule()
    def apply(self) -> None:
        """Law 11: what the preview shows is what is written."""
        preview = self.resolver.preview()
        self.acknowledged.append(self.resolver.apply(preview, by="ana").id)
        assert self.resolver.preview().changes.num_rows == 0
        with self.resolver._session.store.snapshot() as view:
            held = set(view.golden().read_all()["entity_id"].to_pylist())
        assert set(preview.records["entity_id"].to_pylist()) <= held
        assert not held & set(preview.gone)

    # ----------------------------------------------------------------------------------------------- what always holds
    @invariant()
    def the_laws_hold(self) -> None:
        """All laws of a moment; of one that was looked at already nothing is new."""
        state = self.resolver._session.state()
        self.ids |= set(state.members)
        if state.position == self.checked:
            return
        self.check_records(state)
        self.check_decisions(state)
        self.check_ids(state)
        self.check_golden()
        self.check_child_rows()
        self.checked = state.position

    def check_records(self, state: State) -> None:
        """Each record is in one entity; law 9: nobody who was erased is back."""
        names = [name for members in state.members.values() for name in members]
        assert sorted(names) == sorted(state.names)
        assert not self.erased & {name for _, name in state.names}

    def check_decisions(self, state: State) -> None:
        """Law 5, and that nothing acknowledged is lost."""
        ids = [one.id for one in state.decisions]
        assert [one.seq for one in state.decisions] == list(range(1, len(ids) + 1))
        assert set(self.acknowledged) <= set(ids)
        for decision in state.in_force:
            names = [(one.source, one.record_id) for one in decision.targets]
            if decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT):
                for one, other in combinations([name for name in names if name in state.rows], 2):
                    together = state.entity_of[one] == state.entity_of[other]
                    assert together == (decision.kind is DecisionKind.SAME)

    def check_ids(self, state: State) -> None:
        """Law 7: an id leads to living entities, ends, and is nobody else's later."""
        alive = set(state.members)
        assert not self.gone & alive
        with self.resolver._session.store.snapshot() as view:
            events, log = self.resolver._session.events(view), view.log()
        assert log["position"].to_pylist() == list(range(1, state.position + 1))
        for id_ in self.ids:
            found = {one for one in resolve_id(id_, events) if one in alive}
            assert id_ in found or id_ not in alive
        lost = next((id_ for id_ in sorted(self.ids - alive - self.erased)), None)
        if lost is not None:
            try:
                assert set(self.resolver.resolve_id(lost)) <= alive
            except sm.StoreError:
                assert self.erased

    def check_golden(self) -> None:
        """Law 6: each value is a living claim's, or a pin's."""
        golden, state = self.golden(), self.resolver._session.state()
        with self.resolver._session.store.snapshot() as view:
            living = set(view.claims().read_all()["claim_id"].to_pylist())
        said = {one.id for one in state.in_force if one.kind is DecisionKind.PIN}
        fields = set(golden.provenance["field"].to_pylist())
        assert fields <= {"id", "name", "email", "phone", "created_at", "updated_at", *ATTRIBUTES}
        for row in golden.provenance.to_pylist():
            if row["field"] == "id":
                assert (row["source"], row["record_id"]) in state.rows
                continue
            assert row["claim_id"] in (said if row["rule"] == "pinned" else living)
        found = golden.records["entity_id"].to_pylist()
        assert found == sorted(set(found) & set(state.members))
        assert set(found) >= set(state.entity_of_customer.values())

    def check_child_rows(self) -> None:
        """Law 12: over merges, splits and erasures each child row is there once."""
        found = children(ORDERS, on="customer", identities=self.resolver.clusters)
        assert found.drop_columns(["entity_id"]).equals(ORDERS)
        sums: dict[str | None, int] = {}
        for row in found.to_pylist():
            sums[row["entity_id"]] = sums.get(row["entity_id"], 0) + row["spend"]
        assert sum(sums.values()) == sum(ORDERS["spend"].to_pylist())

    # ------------------------------------------------------------------------------------------------------ in the end
    def teardown(self) -> None:
        if not hasattr(self, "sessions"):
            return
        said, state = self.stated(), self.resolver._session.state()
        for session in self.sessions:
            session.close()
        try:
            self.afresh(state, said)
        finally:
            self.folder.cleanup()
            if self.schema:
                told(self.server, f"DROP SCHEMA {self.schema} CASCADE")

    def afresh(self, state: State, said: dict[str, Any]) -> None:
        """Laws 2 and 3: in other portions, and with no word that was taken back, the same to the letter."""
        mine = {name for _, name in state.names}
        at = [self.now]
        with Resolver(store=f"sqlite:///{self.folder.name}/afresh.db", key=KEY, clock=lambda: at[0]) as other:
            for kind, ids, how in reversed(self.given):
                if left := tuple(id_ for id_ in ids if id_ in mine):
                    self.write(other, (kind, left, how))
            for decision in in_force(state.decisions):
                names = [(one.source, one.record_id) for one in decision.targets]
                if all(name in state.rows for name in names):
                    at[0] = decision.at
                    redo(other, decision)
            found = stated(other)
            for name, rows in said.items():
                assert found[name] == rows, name


def redo(resolver: Resolver, decision: Decision) -> None:
    """Decide again what somebody decided, at the same time, so that it has the same id."""
    names = [f"{one.source}:{one.record_id}" for one in decision.targets]
    if decision.kind in (DecisionKind.SAME, DecisionKind.DIFFERENT):
        resolver.decide((names[0], names[1]), decision.kind.value, by=decision.actor)
    elif decision.kind is DecisionKind.PIN:
        resolver.pin(names[0], decision.field, decision.value, by=decision.actor)
    elif decision.kind is DecisionKind.REJECT_VALUE:
        resolver.reject(names[0], decision.field, decision.value, by=decision.actor)
    elif decision.kind is DecisionKind.GENERIC_VALUE:
        resolver.generic(decision.value, by=decision.actor)
