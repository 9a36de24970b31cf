"""The history of a store as a machine: whatever may be done, by two sessions in turn, in any order, killed or not.

What holds after every step are its invariants; what a step must do is asserted where it is done.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule
from tests.property import history_laws as laws
from tests.property.dying import Dying, KilledError, dying
from tests.property.history_afresh import Given, Kept, check_afresh, write
from tests.property.history_rows import (
    ALIKE,
    CUSTOMERS,
    NAMES,
    NAMESAKES,
    anybody,
    consents,
    customer,
    profile,
    seconds,
    together,
)
from tests.resolver.conftest import KEY
from tests.resolver.people import stated

import socialmerge as sm
from socialmerge import Resolver
from socialmerge.merging import Consent, Golden
from socialmerge.resolver.learned import WORTH_FREEZING
from socialmerge.store import Decision, Written

__all__ = ["History"]

START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMAS = count(1)
MEMORY = Path("/dev/shm")  # Linux's disk in memory: what a disk does is tried elsewhere
Step = TypeVar("Step", bound=Callable[..., object])


def told(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute(statement)


def counted(function: Step) -> Step:
    """Count how often a rule was tried."""

    @wraps(function)
    def tried(self: "History", *arguments: object, **named: object) -> object:
        self.tried[function.__name__] += 1
        return function(self, *arguments, **named)

    return cast("Step", tried)


class History(RuleBasedStateMachine):
    """One store and two sessions; what it was given, and what it acknowledged, is remembered beside it.

    ``freezing`` has its store keep what it learned as soon as there are a few records, and weigh what comes by that.
    """

    decisions = Bundle("decisions")
    server = ""
    freezing = False
    tried: ClassVar[Counter[str]] = Counter()

    @initialize(
        worth=st.sampled_from([2, 4, 7]),
        rows=st.lists(customer, max_size=5, unique=True),
        shown=st.lists(profile, max_size=4, unique=True),
    )
    def start(self, worth: int, rows: list[str], shown: list[str]) -> None:
        self.tried["histories"] += 1
        self.worth = worth if self.freezing else WORTH_FREEZING
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.url, self.schema = f"sqlite:///{self.folder.name}/people.db", ""
        if self.server:
            self.schema = f"laws_{os.getpid()}_{next(SCHEMAS)}"
            told(self.server, f"CREATE SCHEMA {self.schema}")
            self.url = f"{self.server}{'&' if '?' in self.server else '?'}options=-csearch_path%3D{self.schema}"
        self.now = START
        self.checked = self.applied = self.reopened = -1
        self.merged: tuple[tuple[int, int], Golden] | None = None
        self.said: tuple[tuple[int, int], dict[str, Any]] | None = None
        self.erased: set[str] = set()
        self.gone: set[str] = set()
        self.ids: set[str] = set()
        self.given: list[Given] = []
        self.consents: list[Consent] = []
        self.acknowledged: list[str] = []
        self.sessions = [self.opened(), self.opened()]
        for what in (("customers", tuple(rows), 0), ("profiles", tuple(shown), True)):
            if what[1]:
                self.bring(what)

    def opened(self) -> Resolver:
        resolver = Resolver(store=self.url, key=KEY, clock=self.clock)
        resolver._session.frozen.worth_freezing = self.worth
        return resolver

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @property
    def resolver(self) -> Resolver:
        return self.sessions[0]

    @property
    def moment(self) -> tuple[int, int]:
        """The session in turn, and the position of the log: what they say of one moment is worked out once."""
        return id(self.resolver), self.resolver._session.state().position

    def golden(self) -> Golden:
        """The golden records."""
        if self.merged is None or self.merged[0] != self.moment:
            self.merged = self.moment, self.resolver.golden()
        return self.merged[1]

    def stated(self) -> dict[str, Any]:
        """All that the session in turn says, as plain values."""
        if self.said is None or self.said[0] != self.moment:
            golden = self.golden()
            self.said = self.moment, stated(self.resolver, golden) | {"views": laws.views(golden)}
        return self.said[1]

    @property
    def here(self) -> set[str]:
        return {name for _, name in self.resolver._session.state().names}

    # ---------------------------------------------------------------------------------------------------- what is done
    @rule(ids=st.lists(customer, min_size=1, max_size=5, unique=True), version=st.integers(0, 1))
    @counted
    def load(self, ids: list[str], version: int) -> None:
        self.bring(("customers", tuple(ids), version))

    @rule(ids=st.lists(profile, min_size=1, max_size=4, unique=True), trusted=st.booleans())
    @counted
    def ingest(self, ids: list[str], trusted: bool) -> None:
        self.bring(("profiles", tuple(ids), trusted))

    def bring(self, what: Given) -> None:
        written = write(self.resolver, what)
        refused = self.note(what, written)
        assert refused >= self.erased & set(what[1])
        # also a row that is here, where it now says what the erased one did
        assert refused <= set().union(*(together(one, ALIKE) for one in self.erased))
        assert {*what[1]} - refused <= self.here

    def note(self, what: Given, written: Written) -> set[str]:
        """Remember the rows that came in, and give the others."""
        refused = {one["record_id"] for one in written.refused.to_pylist()}
        self.given.append((what[0], tuple(one for one in what[1] if one not in refused), what[2]))
        return refused

    @precondition(lambda self: self.erased)
    @rule(data=st.data(), second=st.booleans())
    @counted
    def admit(self, data: st.DataObject, second: bool) -> None:
        """Law 9: a relative comes in where somebody says so, and the erased person never does."""
        alike = set().union(*(together(one, ALIKE) for one in self.erased))
        kept_out = alike - self.erased - self.here  # if any; else whoever is here already, or was erased
        one = data.draw(st.sampled_from(sorted(kept_out or alike)) | st.sampled_from(sorted(self.erased)))
        what = ("customers", (one,), int(second)) if one in CUSTOMERS else ("profiles", (one,), second)
        before = self.here
        try:
            written = write(self.resolver, what, admit=(one,))
        except sm.StoreError:
            assert together(one, NAMESAKES) & self.erased
            assert self.here == before
        else:
            assert one not in self.erased
            assert not self.note(what, written)
            assert self.here == before | {one}
            self.tried["admit: who was kept out"] += written.admitted

    @rule(said=consents)
    @counted
    def consent(self, said: Consent) -> None:
        """Law 8: what was said once is kept, about whoever is here; said again it changes nothing."""
        try:
            written = self.resolver.consent([said])
        except sm.StoreError:
            assert said.record_id not in self.here | self.erased
            return
        assert bool(written.refused.num_rows) == (said.record_id in self.erased)
        assert written.claims == (said.record_id in self.here and said not in self.consents)
        if said.record_id in self.here and said not in self.consents:
            self.consents.append(said)

    @rule()
    @counted
    def the_same_again(self) -> None:
        """Law 1: what is there already changes nothing."""
        if self.given:
            session = self.resolver._session
            if session.frozen.standing() is None:
                session.follow()  # what a killed process had to learn, too
            before, position = self.stated(), session.state().position
            for what in self.given[-3:]:
                if what[1] and not self.erased & set(what[1]):
                    write(self.resolver, what)
            if self.consents and self.consents[-1].record_id in self.here:
                self.resolver.consent(self.consents[-1:])
            assert self.stated() == before
            assert session.state().position == position

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
    @counted
    def decide(self, pair: tuple[str, str], same: bool) -> object:
        if pair[0] == pair[1] or not set(pair) <= self.here:
            return multiple()
        return self.deciding(lambda: self.resolver.decide(pair, "same" if same else "different", by="ana"))

    @rule(target=decisions, one=anybody)
    @counted
    def split(self, one: str) -> object:
        return self.deciding(lambda: self.resolver.split(one, by="bob"))

    @rule(target=decisions, one=customer, value=st.sampled_from(["A", "B"]), wrong=st.booleans())
    @counted
    def word(self, one: str, value: str, wrong: bool) -> object:
        if wrong:
            return self.deciding(lambda: self.resolver.reject(one, "name", "Ada Lovelace", by="ana"))
        found = self.deciding(lambda: self.resolver.pin(one, "name", value, by="ana"))
        if found != multiple():
            assert self.resolver.golden(one).records["name"].to_pylist() == [value], "the last word"
        return found

    @rule(target=decisions)
    @counted
    def generic(self) -> object:
        return self.deciding(lambda: self.resolver.generic("info@example.com", by="ana"))

    @rule(target=decisions, decision=decisions)
    @counted
    def undo(self, decision: str) -> object:
        in_force = decision in {one.id for one in self.resolver._session.state().in_force}
        found = self.deciding(lambda: self.resolver.undo(decision, by="ana"))
        assert in_force or found == multiple()
        return found

    @rule(pair=st.tuples(anybody, anybody), same=st.booleans())
    @counted
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
    @counted
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
    @counted
    def reopen(self) -> None:
        if self.checked == self.reopened:  # some histories do little else
            return
        before = self.stated()
        self.resolver.close()
        self.sessions[0], self.reopened = self.opened(), self.checked
        self.merged = self.said = None
        assert self.stated() == before

    @rule()
    @counted
    def the_other_session(self) -> None:
        before = self.stated()
        self.sessions.reverse()
        assert self.stated() == before

    @rule(by=seconds)
    @counted
    def the_clock_jumps(self, by: int) -> None:
        self.now += timedelta(seconds=by)

    @rule(target=decisions, data=st.data(), after=st.sampled_from([0, 0, 0, 1, 2]))
    @counted
    def killed_before_it_settles(self, data: st.DataObject, after: int) -> object:
        """The process ends between what it wrote and what follows from that."""
        state = self.resolver._session.state()
        known = {one.id for one in state.decisions}
        with dying(after) as life:
            try:
                self.anything(data.draw(st.integers(0, 4)), data.draw(anybody), data.draw(anybody), data, life)
            except KilledError:
                self.tried["killed"] += 1
            except (sm.LabelError, sm.StoreError):
                pass
        self.resolver.close()
        self.sessions[0], self.merged, self.said = self.opened(), None, None
        now = self.resolver._session.state()
        lost = {name for _, name in state.names} - self.here
        self.erased |= lost
        self.gone |= (set(state.members) - set(now.members)) & lost
        fresh = [one.id for one in now.decisions if one.id not in known]
        self.acknowledged += fresh
        return multiple(*fresh)

    def anything(self, kind: int, one: str, other: str, data: st.DataObject, life: Dying) -> None:
        if kind == 0:
            what = ("customers", (one,), 0) if one in CUSTOMERS else ("profiles", (one,), False)
            try:
                write(self.resolver, what)
            finally:
                for written in life.written:
                    self.note(what, written)
        elif kind == 1 and one != other:
            self.resolver.decide((one, other), data.draw(st.sampled_from(["same", "different"])), by="ana")
        elif kind == 2 and self.acknowledged:
            self.resolver.undo(data.draw(st.sampled_from(self.acknowledged)), by="ana")
        elif kind == 3 and len(self.erased) < 4:
            self.resolver.erase(f"{NAMES[one]}:{one}", by="dpo")
        elif kind == 4:
            said = data.draw(consents)
            try:
                self.resolver.consent([said])
            finally:
                self.consents += [said for written in life.written if written.claims]

    @rule()
    @counted
    def apply(self) -> None:
        """Law 11: what the preview shows is what is written."""
        if self.checked == self.applied:
            return
        preview = self.resolver.preview()
        self.acknowledged.append(self.resolver.apply(preview, by="ana").id)
        assert self.resolver.preview().changes.num_rows == 0
        with self.resolver._session.store.snapshot() as view:
            held = set(view.golden().read_all()["entity_id"].to_pylist())
        assert set(preview.records["entity_id"].to_pylist()) <= held
        assert not held & set(preview.gone)
        self.applied = preview.position + 1

    # ----------------------------------------------------------------------------------------------- what always holds
    @invariant()
    def the_laws_hold(self) -> None:
        """All laws of a moment; of one that was looked at already nothing is new."""
        state = self.resolver._session.state()
        self.ids |= set(state.members)
        if state.position == self.checked:
            return
        laws.check_records(state, self.erased)
        laws.check_decisions(state, self.acknowledged)
        laws.check_ids(self.resolver, state, self.ids, self.gone, self.erased)
        if laws.check_few(self.resolver, state, self.ids):
            self.tried["asked of one person alone"] += 1
        laws.check_golden(self.resolver, state, self.golden())
        laws.check_consents(state, self.golden(), self.consents, self.stated()["views"])
        laws.check_child_rows(self.resolver)
        self.checked = state.position

    # ------------------------------------------------------------------------------------------------------ in the end
    def teardown(self) -> None:
        if not hasattr(self, "sessions"):
            return
        said, state = self.stated(), self.resolver._session.state()
        standing = self.resolver._session.frozen.standing()
        model = standing.learned.to_bytes() if standing else None
        self.tried["histories that ended under a model"] += bool(model)
        for session in self.sessions:
            session.close()
        try:
            url = f"sqlite:///{self.folder.name}/afresh.db"
            check_afresh(url, Kept(state, said, model), self.given, self.consents, now=self.now)
        finally:
            self.folder.cleanup()
            if self.schema:
                told(self.server, f"DROP SCHEMA {self.schema} CASCADE")
