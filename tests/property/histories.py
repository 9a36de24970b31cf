"""The history of a store as a machine: whatever may be done, by two sessions in turn, in any order, killed or not.

What holds after every step are its invariants; what a step must do is asserted where it is done.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import TypeVar, cast

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, multiple, precondition, rule
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
    days,
    profile,
    seconds,
    together,
)
from tests.property.history_store import Remembered, told

import socialmerge as sm
from socialmerge.merging import Consent
from socialmerge.store import Decision

__all__ = ["History"]

Step = TypeVar("Step", bound=Callable[..., object])


def counted(function: Step) -> Step:
    """Count how often a rule was tried."""

    @wraps(function)
    def tried(self: "History", *arguments: object, **named: object) -> object:
        self.tried[function.__name__] += 1
        return function(self, *arguments, **named)

    return cast("Step", tried)


class History(Remembered):
    """Whatever may be done to a store, and the laws that hold after each step."""

    @initialize(
        worth=st.sampled_from([2, 4, 7]),
        rows=st.lists(customer, max_size=5, unique=True),
        shown=st.lists(profile, max_size=4, unique=True),
        departing=st.booleans(),
    )
    def start(self, worth: int, rows: list[str], shown: list[str], *, departing: bool) -> None:
        """``departing`` says whether rows may be gone: who asks for one person is answered from less where none is."""
        self.tried["histories"] += 1
        self.begin(worth)
        self.departing = departing
        for what in (("customers", tuple(rows), 0), ("profiles", tuple(shown), True)):
            if what[1]:
                self.bring(what)

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

    @precondition(lambda self: self.departing)
    @rule(target=Remembered.decisions, lacking=st.sets(customer, max_size=2), version=st.integers(0, 1))
    @counted
    def load_all(self, lacking: set[str], version: int) -> object:
        """A whole table: what it lacks is gone, what it has is there."""
        ids = tuple(sorted((self.here | lacking) & set(CUSTOMERS) - lacking))
        if not ids:
            return multiple()
        known = len(self.resolver._session.state().decisions)
        before, what = self.here, ("customers", ids, version)
        written = write(self.resolver, what, complete=True)
        refused = self.note(what, written)
        assert self.here & set(CUSTOMERS) == before & set(ids) | set(ids) - refused
        assert written.gone == len(before - self.here)
        self.tried["rows that are gone"] += written.gone
        return multiple(*self.decided_since(known))

    @precondition(lambda self: self.departing)
    @rule(lacking=customer)
    @counted
    def gone_and_back(self, lacking: str) -> None:
        """Law 4: that a row is gone and is there again is as if neither had been."""
        here = self.here & set(CUSTOMERS)
        if lacking not in here or len(here) < 2:
            return
        what = ("customers", tuple(sorted(here - {lacking})), 1)
        self.bring(what)
        known, before, found = len(self.resolver._session.state().decisions), self.stated(), self.standing()
        write(self.resolver, what, complete=True)
        assert lacking not in self.here
        for decision in self.decided_since(known):
            self.acknowledged.append(self.resolver.undo(decision, by="ana").id)
        assert self.stated() == before
        assert self.standing() == found

    @rule(before=days, again=st.booleans())
    @counted
    def retain(self, before: str, again: bool) -> None:
        """What was last seen before a day goes, and nobody else with it; who is left of nobody's is who they were."""
        held, members = self.held, self.resolver._session.state().members
        day = datetime.fromisoformat(before).replace(tzinfo=UTC)
        swept = self.resolver.retain(before=day, by="dpo")
        self.after_sweep(before, held, members)
        assert swept.records == len(held - self.held)
        self.tried["rows that were swept"] += swept.records
        if again:
            swept = self.resolver.retain(before=day, by="dpo")
            assert swept.records == swept.claims == 0

    def after_sweep(self, before: str, held: set[str], members: dict[str, list[tuple[str, str]]]) -> None:
        """Law 7: what is left has the ids that it had, and that of a newcomer who went is nobody's later."""
        now, lost = self.resolver._session.state(), self.forget(before, held)
        assert self.held == held - lost
        for entity, names in members.items():
            if entity not in NAMES and min(names)[1] in lost:
                self.gone.add(entity)
            if sorted(now.members.get(now.entity_of.get(names[0], ""), [])) == sorted(names):
                assert now.entity_of[names[0]] == entity

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
            assert said.record_id not in self.here | self.departed | self.erased
            return
        assert bool(written.refused.num_rows) == (said.record_id in self.erased)
        is_new = said.record_id in self.here | self.departed and said not in self.consents
        assert written.claims == is_new
        if is_new:
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
                if what[1] and not (self.erased | self.departed) & set(what[1]):
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

    @rule(target=Remembered.decisions, pair=st.tuples(anybody, anybody), same=st.booleans())
    @counted
    def decide(self, pair: tuple[str, str], same: bool) -> object:
        if pair[0] == pair[1] or not set(pair) <= self.here | self.departed:
            return multiple()
        return self.deciding(lambda: self.resolver.decide(pair, "same" if same else "different", by="ana"))

    @rule(target=Remembered.decisions, one=anybody)
    @counted
    def split(self, one: str) -> object:
        return self.deciding(lambda: self.resolver.split(one, by="bob"))

    @rule(target=Remembered.decisions, one=customer, value=st.sampled_from(["A", "B"]), wrong=st.booleans())
    @counted
    def word(self, one: str, value: str, wrong: bool) -> object:
        if wrong:
            return self.deciding(lambda: self.resolver.reject(one, "name", "Ada Lovelace", by="ana"))
        found = self.deciding(lambda: self.resolver.pin(one, "name", value, by="ana"))
        if found != multiple():
            records = self.resolver.golden(one).records
            is_asked = one in self.departed and not len(records)  # all that is left of a gone row is asked about
            assert is_asked or records["name"].to_pylist() == [value], "the last word"
        return found

    @rule(target=Remembered.decisions)
    @counted
    def generic(self) -> object:
        return self.deciding(lambda: self.resolver.generic("info@example.com", by="ana"))

    @rule(target=Remembered.decisions, decision=Remembered.decisions)
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

    @precondition(lambda self: len(self.erased) < 4)
    @rule(one=anybody)
    @counted
    def erase(self, one: str) -> None:
        before, entities = self.held, set(self.resolver._session.state().members)
        if one not in before:
            return
        self.resolver.erase(f"{NAMES[one]}:{one}", by="dpo")
        lost = before - self.held
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

    @rule(target=Remembered.decisions, data=st.data(), after=st.sampled_from([0, 0, 0, 1, 2]))
    @counted
    def killed_before_it_settles(self, data: st.DataObject, after: int) -> object:
        """The process ends between what it wrote and what follows from that."""
        state, held = self.resolver._session.state(), self.held
        with dying(after) as life:
            try:
                self.anything(data.draw(st.integers(0, 6)), data.draw(anybody), data.draw(anybody), data, life)
            except KilledError:
                self.tried["killed"] += 1
            except (sm.LabelError, sm.StoreError):
                pass
        self.resolver.close()
        self.sessions[0], self.merged, self.said = self.opened(), None, None
        if life.swept:
            self.after_sweep(life.swept, held, state.members)
        else:
            lost = held - self.held
            self.erased |= lost
            self.gone |= (set(state.members) - set(self.resolver._session.state().members)) & lost
        return multiple(*self.decided_since(len(state.decisions)))

    def anything(self, kind: int, one: str, other: str, data: st.DataObject, life: Dying) -> None:
        if kind in (0, 5):
            what = ("customers", (one,), 0) if one in CUSTOMERS else ("profiles", (one,), False)
            try:
                write(self.resolver, what, complete=kind == 5 and self.departing)
            finally:
                for written in filter(self.lasts, life.written):
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
        elif kind == 6:
            day = datetime.fromisoformat(data.draw(days)).replace(tzinfo=UTC)
            self.resolver.retain(before=day, by="dpo")

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
        laws.check_departed(self.resolver, state)
        self.checked = state.position

    # ------------------------------------------------------------------------------------------------------ in the end
    def teardown(self) -> None:
        if not hasattr(self, "sessions"):
            return
        said, state, held = self.stated(), self.resolver._session.state(), self.held
        with self.resolver._session.store.snapshot() as view:
            retired = view.retired() if self.swept else None
        shells = self.shells
        standing = self.resolver._session.frozen.standing()
        model = standing.learned.to_bytes() if standing else None
        self.tried["histories that ended under a model"] += bool(model)
        for session in self.sessions:
            session.close()
        try:
            url = f"sqlite:///{self.folder.name}/afresh.db"
            check_afresh(url, Kept(state, said, model, held, retired, shells), self.given, self.consents, now=self.now)
        finally:
            self.folder.cleanup()
            if self.schema:
                told(self.server, f"DROP SCHEMA {self.schema} CASCADE")
