"""A session: an open store with a plan and a policy; reads its state, and brings what follows from a change up to date.

Entities and links are a pure function of claims, decisions and plan. The store's own tables of them tell who was whom
when; they are brought up to date after each change, or before the next one where this process was killed in between.

What is written follows from what was read, and is written only where nobody wrote meanwhile; else it is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import LabelError, PlanError, StaleError, StoreError, StoreUnavailableError
from socialmerge.merging import Policy
from socialmerge.merging.succession import Event, EventKind, resolve_id
from socialmerge.plan import Plan
from socialmerge.resolver.asked import IMPORT, asked_id, said_by
from socialmerge.resolver.changed import FACTS, LEARNED, SETTLED, last_of
from socialmerge.resolver.departing import Listed, departures, refuse_cut_off
from socialmerge.resolver.erasure import telling_of
from socialmerge.resolver.frozen import Frozen
from socialmerge.resolver.happenings import events_of, events_since
from socialmerge.resolver.intake import Intake
from socialmerge.resolver.judging import NEW, check, in_force
from socialmerge.resolver.lookup import GoneIdError, UnknownIdError, find
from socialmerge.resolver.namesakes import intake_apart, is_of_customers, profiles_apart, refuse_clashes
from socialmerge.resolver.outcome import links_of_state, members_now, moves
from socialmerge.resolver.people import Few, People
from socialmerge.resolver.standing import Standing
from socialmerge.resolver.state import Name, State, facts_of, names_of
from socialmerge.resolver.trial import pivot_of, with_profile
from socialmerge.resolver.weighing import Numbered
from socialmerge.schema import Schema
from socialmerge.store import Decision, DecisionKind, Erased, Snapshot, Store, Target, Written, clean_text

__all__ = ["Session"]

_ALONE = 3
"""How many decisions are settled alone in one session; who makes more is served better by what is read once for all."""
_TRIES = 50
"""How often a change is tried again because another writer came first."""

_Found = TypeVar("_Found")


@dataclass(slots=True)
class Session:
    """What is opened with a resolver and closed with it."""

    store: Store
    plan: Plan
    policy: Policy
    clock: Callable[[], datetime]
    frozen: Frozen
    _last: State | None = field(default=None, repr=False)
    _of_profiles: State | None = field(default=None, repr=False)
    _settled_at: int = field(default=-1, repr=False)
    _alone: int = field(default=0, repr=False)

    def state(self) -> State:
        """What the store holds now; claims are read again only where they have changed."""
        if self._last is not None and self._last.position == self.store.position():
            return self._last
        self.frozen.catch_up()
        with self.store.snapshot() as view:
            position, log, last = view.position(), view.log(), self._last
            written, linked, learned = (last_of(log, actions) for actions in (FACTS, SETTLED, LEARNED))
            same = last if last is not None and last.facts.written == written and learned <= last.position else None
            facts = same.facts if same else facts_of(view, self.plan, written=written, clears=self.policy.clears)
            decisions = view.decisions()
            kept = view.links().read_all() if linked > written and not same else None
        if kept is not None and pc.any(pc.not_equal(kept["plan_version"], self.plan.version), min_count=0).as_py():
            kept = None
        if same is not None and same.decisions == decisions:
            self._last = same.at(position)
        elif same is not None:
            self._last = replace(same, position=position, decisions=decisions, before=same.before or same)
        else:
            asked = partial(self.frozen.judged, facts) if learned else None
            self._last = State(position, facts, self.plan, decisions, self.store.key, kept=kept, told=asked)
        return self._last

    def state_under(self, policy: Policy | None) -> State:
        """The state with the values that hold under another policy; who is whom stays as it is.

        Which blanks clear what stood before them is settled where claims are read, hence by the policy.
        """
        while True:
            state = self.state()
            if policy is None or set(policy.clears) == set(self.policy.clears):
                return state
            with self.store.snapshot() as view:
                if view.position() == state.position:
                    facts = facts_of(view, self.plan, written=state.facts.written, clears=policy.clears)
                    return replace(state, facts=facts, before=state.before or state)

    def schema(self) -> Schema | None:
        """What the columns of the store's customers mean; None where there are none."""
        standing = self.frozen.standing()
        return (standing.facts if standing else self.state().facts).schema

    def region(self) -> str:
        """The country of the store's national telephone numbers, ``""`` where it is not known."""
        known = self.schema()
        return known.region if known else self.plan.region

    def known(self) -> State:
        """All that the store holds; under a frozen model what that says of it."""
        standing = self.frozen.standing()
        return standing.whole(self.plan) if standing else self.state()

    def clusters(self) -> pa.Table:
        """The entity of each customer's row; where all is settled and nothing was worked out, no claim is read."""
        with self.store.snapshot() as view:
            worked_out = self._last is not None and self._last.position == view.position()
            if not worked_out and self.frozen.is_settled(view):
                return view.entities("customer")
        return self.state().clusters

    def of_profiles(self) -> State:
        """What holds of each profile, and what was refused; where all is settled no claim of a customer is read."""
        with self.store.snapshot() as view:
            position = view.position()
            for one in (self._last, self._of_profiles):
                if one is not None and one.position == position:
                    return one
            if (standing := self.frozen.of_profiles(view)) is not None:
                self._of_profiles = standing.whole(self.plan)
                return self._of_profiles
        return self.state()

    def asked(self, profile: pa.Table, *, proven: bool) -> State:
        """The state as it would be with one profile; under a frozen model what it reaches."""
        standing = self.frozen.standing()
        if standing is None:
            return with_profile(self.state(), profile, proven=proven)
        pivot = profiles_apart(pivot_of(profile, np.array([proven])), standing.facts.customers)
        return standing.asked(self.plan, Numbered(pivot, np.zeros(1, np.int64)))

    # ---------------------------------------------------------------------------------------------------------- changes
    def change(self, work: Callable[[State], _Found], then: Callable[[_Found, Standing], None] | None = None) -> _Found:
        """Do what changes the store, and what follows from it.

        ``work`` writes what follows from a state, after its position; it is asked again where another came first.
        ``then`` brings what stood before it up to date, where there is a frozen model.

        Raises:
            StoreError: others write all the time.
        """
        for _ in range(_TRIES):
            try:
                standing = self.frozen.standing()
                if standing is None:
                    # A store whose decisions contradict each other settles once one of them is taken back.
                    with suppress(LabelError):
                        self.settle()
                found = work(standing.whole(self.plan) if standing else self.state())
            except StaleError:
                continue
            if standing is None:
                self.follow()
            elif then is not None:
                then(found, standing)
                if self.frozen.standing() is None:  # whoever it told of is gone
                    self.follow()
            return found
        raise StoreUnavailableError(
            "store: other processes write all the time; nothing of this change was stored: try again"
        )

    def follow(self) -> None:
        """Settle after a change; where others write all the time, whoever changes something next does it."""
        with suppress(PlanError):  # what cannot be kept is learned anew each time
            if self.frozen.is_worth_it() and self.frozen.fit() is not None:
                return None
        for _ in range(_TRIES):
            try:
                return self.settle()
            except StaleError:
                continue
        return None

    def write(self, intake: Intake, *, by: str, admit: Sequence[str] = (), found: Listed | None = None) -> Written:
        """Write rows, and what follows from them; those that are admitted come in though an erasure keeps them out.

        ``found`` is what a table of customers says of who is gone; where it looks cut off nothing is written.
        """
        by = said_by(by)
        if admit and by == IMPORT:
            raise StoreError("admit=: a person admits records; say who with by=")
        named = [intake]

        def written(state: State) -> Written:
            customers, profiles = state.facts.customers, state.facts.profiles
            if found is not None:
                refuse_cut_off(state, found)
            named[0] = one = intake if is_of_customers(intake) else intake_apart(intake, customers)
            refuse_clashes(one, customers, profiles)
            tables = (one.records, one.claims, one.observations, one.identifiers)
            return self.store.write(*tables, at=self.clock(), actor=by, after=state.position, admit=admit)

        def brought(done: Written, standing: Standing) -> None:
            if done.position != standing.position:
                self.frozen.bring(named[0].records, done)

        return replace(self.change(written, brought), notes=intake.notes)

    def is_told(self, found: Listed) -> bool:
        """Whether a table says of any row that its system has it no more, or has it again."""
        with self.store.snapshot() as view:
            return bool(found.complete or found.gone or found.rows & view.departed().keys())

    def depart(self, found: Listed, written: Written, *, by: str) -> Written:
        """Note which rows their system has no more, and which again, by what a table that was written says."""
        if not self.is_told(found):
            return written
        counts = [0, 0]

        def noted(state: State) -> list[Decision]:
            gone, back = departures(state, found)
            counts[:] = len(gone), len(back)
            said = {"by": by, "reason": ""}
            lost = [
                self.decision(DecisionKind.GONE, [name, *([one] if one else [])], **said) for name, one in gone.items()
            ]
            return [*lost, *(self.decision(DecisionKind.RETRACT, (), retracts=one, **said) for one in back)]

        self.record(noted)
        with self.store.snapshot() as view:
            return replace(written, gone=counts[0], returned=counts[1], position=view.position())

    def record(self, decided: Callable[[State], Sequence[Decision]], *, by_names: bool = False) -> tuple[Decision, ...]:
        """Append the decisions that are made of a state, and what follows from them; none that contradicts another.

        ``by_names`` says that who is there and what was decided is all that they are made of: the first times in a
        session no more of the store is read than what these and they reach.

        Raises:
            LabelError: people contradict each other.
        """

        def appended(state: State) -> tuple[Decision, ...]:
            decisions = decided(state)
            last = max((one.seq for one in state.decisions), default=0)
            trial = tuple(replace(one, id=f"{NEW}{at}", seq=last + 1 + at) for at, one in enumerate(decisions))
            check(in_force((*state.decisions, *trial)))
            return self.store.append(decisions, anew=True, after=state.position)

        if by_names and (kept := self._recorded_alone(appended)) is not None:
            return kept
        return self.change(appended, lambda kept, _: self.frozen.decided(kept))

    def _recorded_alone(self, appended: Callable[[State], tuple[Decision, ...]]) -> tuple[Decision, ...] | None:
        """Record, and settle what it reaches, where all is settled and nothing was read of the store yet; else None."""
        if self._alone >= _ALONE or not self.frozen.is_unread:
            return None
        with self.store.snapshot() as view:
            if not self.frozen.is_settled(view):
                return None
            facts = names_of(view, written=last_of(view.log(), FACTS))
            state = State(view.position(), facts, self.plan, view.decisions(), self.store.key)
        self._alone += 1
        try:
            kept = appended(state)
        except StaleError:
            return None
        if not self.frozen.decided_alone(facts):
            self.frozen.decided(kept)
        return kept

    def sweep(self, *, before: datetime | None, at: datetime | None, by: str) -> Erased:
        """Sweep away what was kept long enough; a store under a model is weighed anew."""

        def swept(state: State) -> Erased:
            schema, when = state.facts.schema, at or self.clock()
            region, telling = schema.region if schema else "", telling_of(schema)
            return self.store.retain(before=before, region=region, telling=telling, at=when, actor=by)

        return self.change(swept, lambda *_: self.frozen.catch_up())

    def decision(
        self,
        kind: DecisionKind,
        names: Sequence[Name],
        *,
        by: str,
        reason: str,
        evidence: str = "",
        field: str = "",
        value: str = "",
        retracts: str = "",
    ) -> Decision:
        """Make a decision of this moment."""
        by, reason = said_by(by), clean_text(reason, what="reason=")
        field, value = clean_text(field, what="field="), clean_text(value, what="value=")
        targets = tuple(Target(*name) for name in names)
        return Decision(
            kind,
            targets,
            by,
            self.clock(),
            reason,
            evidence,
            self.plan.version,
            field=field,
            value=value,
            retracts=retracts,
        )

    def settle(self) -> None:
        """Bring the store's links and members up to date with what follows from its claims and decisions.

        Raises:
            StaleError: another process wrote meanwhile.
        """
        state = self.state()
        if state.position == self._settled_at:
            return
        with self.store.snapshot() as view:
            position, before, log = view.position(), members_now(view), view.log()
        if position != state.position:
            raise StaleError("store: another process writes; read it again")
        at, actor = self.clock(), self.frozen.actor
        if state.kept is None and last_of(log, SETTLED) < state.facts.written:
            position = self.store.replace_links(
                links_of_state(state, self.plan.version), at=at, actor=actor, after=position
            )
        moved = moves(state, before)
        self._settled_at = position if moved is None else self.store.assign(*moved, at=at, actor=actor, after=position)
        self._last = state.at(self._settled_at)  # nobody else wrote meanwhile

    # -------------------------------------------------------------------------------------------------------------- ids
    def around(self, ids: Sequence[str], names: Sequence[Name] = ()) -> State:
        """A state that has whatever some ids, and some records, stand for: of a store under a model no more than that.

        An id is a record's, or one that an entity has or had.
        """
        standing = self.frozen.standing()
        return self.state() if standing is None else self.around_in(standing, ids, names)

    def around_in(self, standing: Standing, ids: Sequence[str], names: Sequence[Name] = ()) -> State:
        """What :meth:`around` gives, of what stands at some position."""
        with self.store.snapshot() as view:
            members = view.members_of(ids)
        several = [*names, *zip(members["source"].to_pylist(), members["record_id"].to_pylist(), strict=True)]
        return standing.around(self.plan, [name for one in ids for name in standing.meant(one)] + several)

    def people(self, ids: Sequence[str], names: Sequence[Name] = ()) -> People:
        """Whoever some ids and some records stand for; where all is settled no claim is read, and nobody else."""
        with self.store.snapshot() as view:
            if self.frozen.is_settled(view):
                return Few.of(view, ids, names)
        return self.around(ids, names)

    def find(self, any_id: str, *, what: str = "the id given") -> list[Name]:
        """The records that an id stands for; of an entity's former id those of the entities that have it now.

        Raises:
            StoreError: nothing has, or had, such an id.
        """
        any_id = asked_id(any_id, what=what)
        try:
            return find(self.people([any_id]), any_id, what=what)
        except UnknownIdError:
            if survivors := [one for one in self.departed(any_id).values() if one]:
                return self.find("::".join(survivors[0]), what=what)
            with self.store.snapshot() as view:
                heirs = self._heirs(any_id, view)
            members = self.people(heirs).members
            names = [name for heir in heirs for name in members.get(heir, [])]
            if not names:
                self._refuse_gone(any_id, what)
                raise
            return names

    def _refuse_gone(self, any_id: str, what: str) -> None:
        """Raise where nobody has an id any more.

        Raises:
            GoneIdError: all that had it was erased, or swept away.
        """
        if self.departed(any_id):
            raise GoneIdError(f"{what}: its source has this row no more; 'erase' takes it, or undo that it is gone")
        with self.store.snapshot() as view:
            found = view.fate(any_id)
        if found is not None:
            done = "erased" if found.kind == EventKind.ERASE else "swept away, for its time was over"
            raise GoneIdError(
                f"{what}: who had this id was {done}; nothing else is known of it, and nobody gets it again"
            )

    def departed(self, any_id: str) -> dict[Name, Name | None]:
        """The rows that an id names and that their source has no more, each with its survivor."""
        any_id = asked_id(any_id)
        with self.store.snapshot() as view:
            gone = view.departed()
        named = {any_id.partition(":")[::2], any_id.partition("::")[::2]}
        return {name: one for name, one in gone.items() if name[1] == any_id or name in named}

    def heirs(self, any_id: str) -> tuple[str, ...]:
        """The ids of the entities that an id stands for now; none where all that had it was erased or swept away."""
        any_id = asked_id(any_id)
        with self.store.snapshot() as view:
            heirs = self._heirs(any_id, view)
            fate, had = view.fate(any_id), view.members_of([any_id]).num_rows
        people = self.people([any_id, *heirs])
        # a customer's row may bear an id that somebody else's entity had: it stands for both
        found = {one for one in (*heirs, any_id) if one in people.members}
        if found and (had or fate):
            return tuple(sorted(found))
        try:
            return tuple(sorted({people.entity_of[name] for name in find(people, any_id)}))
        except UnknownIdError:
            gone = self.departed(any_id)
            if fate or (gone and not any(gone.values())):
                return ()
            if not gone:
                raise
        survivors = self.find(any_id)
        people = self.people((), survivors)
        return tuple(sorted({people.entity_of[name] for name in survivors}))

    def _heirs(self, any_id: str, view: Snapshot) -> tuple[str, ...]:
        if not view.is_former(any_id) and self.frozen.is_settled(view):
            return (any_id,)
        return resolve_id(any_id, self.events(view))

    def events(self, view: Snapshot) -> list[Event]:
        """Merges and splits, those too that a process which was killed did not come to note."""
        events, position = events_of(view), view.position()
        if position == self._settled_at or self.frozen.is_current(position) or self.frozen.is_settled(view):
            return events
        state = self.state()
        if position != state.position:
            return events
        undone = position + 1 in view.after(DecisionKind.RETRACT)
        return [*events, *events_since(members_now(view), state, position=position + 1, undone=undone)]
