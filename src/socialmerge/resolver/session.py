"""A session: an open store with a plan and a policy; reads its state, and brings what follows from a change up to date.

Entities and links are a pure function of claims, decisions and plan. The store's own tables of them tell who was whom
when; they are brought up to date after each change, or before the next one where this process was killed in between.

What is written follows from what was read, and is written only where nobody wrote meanwhile; else it is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import LabelError, StaleError, StoreError
from socialmerge.merging import Policy
from socialmerge.merging.arrays import whole
from socialmerge.merging.succession import Event, EventKind, events_between, resolve_id
from socialmerge.plan import Plan
from socialmerge.records import Verdict
from socialmerge.resolver.intake import Intake
from socialmerge.resolver.judging import check, in_force
from socialmerge.resolver.lookup import find
from socialmerge.resolver.state import Name, State, facts_of
from socialmerge.store import Decision, DecisionKind, Snapshot, Store, Target, Written, links_schema

__all__ = ["Session"]

_FACTS = ("write", "erase", "sweep")
"""Actions of the log after which claims are others than before."""
_LINKS = ("link",)
"""Actions of the log after which the store has the links of its claims."""
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
    _last: State | None = field(default=None, repr=False)
    _settled_at: int = field(default=-1, repr=False)

    @property
    def actor(self) -> str:
        """Who makes the machine's links."""
        return f"plan:{self.plan.version}"

    def state(self) -> State:
        """What the store holds now; claims are read again only where they have changed."""
        with self.store.snapshot() as view:
            position = view.position()
            if self._last is not None and self._last.position == position:
                return self._last
            log, last = view.log(), self._last
            written, linked = _last_of(log, _FACTS), _last_of(log, _LINKS)
            same = last if last is not None and last.facts.written == written else None
            clears = self.policy.clears
            facts = same.facts if same else facts_of(view, self.plan, written=written, clears=clears)
            decisions = view.decisions()
            kept = view.links().read_all() if linked > written and not same else None
        if kept is not None and pc.any(pc.not_equal(kept["plan_version"], self.plan.version), min_count=0).as_py():
            kept = None
        if same is not None:
            self._last = replace(same, position=position, decisions=decisions, before=same.before or same)
        else:
            self._last = State(position, facts, self.plan, decisions, self.store.key, kept=kept)
        return self._last

    # ---------------------------------------------------------------------------------------------------------- changes
    def change(self, work: Callable[[State], _Found]) -> _Found:
        """Do what changes the store, and what follows from it.

        ``work`` writes what follows from a state, after its position; it is asked again where another came first.

        Raises:
            StoreError: others write all the time.
        """
        for _ in range(_TRIES):
            try:
                # A store whose decisions contradict each other settles once one of them is taken back.
                with suppress(LabelError):
                    self.settle()
                found = work(self.state())
            except StaleError:
                continue
            self.follow()
            return found
        raise StoreError("store: other processes write all the time; nothing of this change was stored: try again")

    def follow(self) -> None:
        """Settle after a change; where others write all the time, whoever changes something next does it."""
        for _ in range(_TRIES):
            try:
                return self.settle()
            except StaleError:
                continue
        return None

    def write(self, intake: Intake, *, by: str) -> Written:
        """Write rows, and what follows from them."""
        tables = (intake.records, intake.claims, intake.observations, intake.identifiers)

        def written(state: State) -> Written:
            _refuse_clashes(intake, state)
            return self.store.write(*tables, at=self.clock(), actor=by, after=state.position)

        return self.change(written)

    def record(self, decided: Callable[[State], Sequence[Decision]]) -> tuple[Decision, ...]:
        """Append the decisions that are made of a state, and what follows from them; none that contradicts another.

        Raises:
            LabelError: people contradict each other.
        """

        def appended(state: State) -> tuple[Decision, ...]:
            decisions = decided(state)
            last = max((one.seq for one in state.decisions), default=0)
            trial = tuple(replace(one, id=f"?{at}", seq=last + 1 + at) for at, one in enumerate(decisions))
            check(in_force((*state.decisions, *trial)))
            return self.store.append(decisions, anew=True, after=state.position)

        return self.change(appended)

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
        if not by.strip():
            raise StoreError("by=: nobody decides; name the person who does")
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
            position, before, log = view.position(), _members(view), view.log()
        if position != state.position:
            raise StaleError("store: another process writes; read it again")
        if state.kept is None and _last_of(log, _LINKS) < state.facts.written:
            links = _links(state, self.plan.version)
            position = self.store.replace_links(links, at=self.clock(), actor=self.actor, after=position)
        moved = [name for name, entity in state.entity_of.items() if before.get(name) != entity]
        self._settled_at = self._assign(state, before, moved, after=position) if moved else position

    def _assign(self, state: State, before: Mapping[Name, str], moved: Sequence[Name], *, after: int) -> int:
        """Note the entities of records that moved, and the merges and splits; give the position."""
        columns = [[name[0] for name in moved], [name[1] for name in moved], [state.entity_of[name] for name in moved]]
        members = pa.table(columns, names=["source", "record_id", "entity_id"])
        found = _events_since(before, state, position=after + 1)
        events = [(one.kind.value, one.old, new) for one in found for new in one.new]
        parts = zip(*events, strict=True) if events else ((), (), ())
        table = pa.table([pa.array(part, pa.string()) for part in parts], names=["kind", "old_id", "new_id"])
        return self.store.assign(members, table, at=self.clock(), actor=self.actor, after=after)

    # -------------------------------------------------------------------------------------------------------------- ids
    def find(self, any_id: str) -> list[Name]:
        """The records that an id stands for; of an entity's former id those of the entities that have it now.

        Raises:
            StoreError: nothing has, or had, such an id.
        """
        state = self.state()
        try:
            return find(state, any_id)
        except StoreError:
            with self.store.snapshot() as view:
                heirs = resolve_id(str(any_id), self.events(view))
            names = [name for heir in heirs for name in state.members.get(heir, [])]
            if not names:
                raise
            return names

    def heirs(self, any_id: str) -> tuple[str, ...]:
        """The ids of the entities that an id stands for now."""
        any_id, state = str(any_id), self.state()
        with self.store.snapshot() as view:
            found = tuple(one for one in resolve_id(any_id, self.events(view)) if one in state.members)
            was_entity = view.members_of([any_id]).num_rows
        if found and was_entity:
            return found
        return tuple(sorted({state.entity_of[name] for name in find(state, any_id)}))

    def events(self, view: Snapshot) -> list[Event]:
        """Merges and splits, those too that a process which was killed did not come to note."""
        state, events, position = self.state(), events_of(view), view.position()
        if position == self._settled_at or position != state.position:
            return events
        log = view.log()["action"]
        undone = position > 0 and log[-1].as_py() == DecisionKind.RETRACT
        return [*events, *_events_since(_members(view), state, position=position + 1, undone=undone)]


def _events_since(before: Mapping[Name, str], state: State, *, position: int, undone: bool = False) -> list[Event]:
    """What became of entities; who came since, or was erased, is no part of it."""
    now = {name: entity for name, entity in state.entity_of.items() if name in before}
    left = {name: entity for name, entity in before.items() if name in now}
    return events_between(left, now, position=position, undone=undone)


def events_of(view: Snapshot) -> list[Event]:
    """Merges and splits, each old id once a position; those that a retraction led to take something back."""
    log = view.log()
    action = dict(zip(log["position"].to_pylist(), log["action"].to_pylist(), strict=True))
    found: dict[tuple[int, str, str], list[str]] = {}
    for row in view.events().to_pylist():
        found.setdefault((row["position"], row["kind"], row["old_id"]), []).append(row["new_id"])
    events = []
    for (position, kind, old), new in found.items():
        undone = kind == EventKind.SPLIT and action.get(position - 1) == DecisionKind.RETRACT
        events.append(Event(position, EventKind.UNDO if undone else EventKind(kind), old, tuple(sorted(new))))
    return events


def _members(view: Snapshot) -> dict[Name, str]:
    """The entity of each record, as the store has it."""
    table = view.members().read_all()
    table = table.filter(pc.is_null(table["until"]))
    names = zip(table["source"].to_pylist(), table["record_id"].to_pylist(), strict=True)
    return dict(zip(names, table["entity_id"].to_pylist(), strict=True))


def _links(state: State, version: str) -> pa.Table:
    """The machine's links, and the likeliest customer of each profile that a person must decide."""
    scored = state.judged.scored
    reviews = scored.decisions.filter(pc.equal(scored.decisions["verdict"], Verdict.REVIEW.value))
    asked = {
        "left_id": whole(reviews["profile_id"]),
        "left_is_profile": pa.repeat(pa.scalar(True), reviews.num_rows),  # noqa: FBT003 - Arrow's signature
        "right_id": whole(reviews["customer_id"]),
        "right_is_profile": pa.repeat(pa.scalar(False), reviews.num_rows),  # noqa: FBT003 - Arrow's signature
        **{name: whole(reviews[name]) for name in ("weight", "probability")},
        "assurance": pa.nulls(reviews.num_rows, pa.string()),
    }
    parts = [(scored.links, Verdict.ATTACH.value), (state.judged.customers, "same")]
    parts.append((pa.table(asked, schema=scored.links.schema), Verdict.REVIEW.value))
    tables = [
        pa.table(
            {
                **_ends(table, state),
                **{name: table[name] for name in ("weight", "probability")},
                "verdict": pa.repeat(verdict, table.num_rows),
                "assurance": table["assurance"],
                "plan_version": pa.repeat(version, table.num_rows),
                "evidence": _evidence(table, scored.decisions),
            },
            schema=links_schema(),
        )
        for table, verdict in parts
    ]
    return pa.concat_tables(tables).combine_chunks()


def _evidence(links: pa.Table, decisions: pa.Table) -> pa.Array:
    """Whether anybody can see what the attachment of a profile rests on, null for other links."""
    found = whole(decisions["evidence"]).take(pc.index_in(whole(links["left_id"]), whole(decisions["profile_id"])))
    return pc.if_else(pc.is_valid(whole(links["assurance"])), found, pa.scalar(None, pa.string()))


def _ends(table: pa.Table, state: State) -> dict[str, pa.Array]:
    """The source and the id of both sides of each link."""
    columns: dict[str, pa.Array] = {}
    for side in ("left", "right"):
        ids, is_profile = whole(table[f"{side}_id"]), whole(table[f"{side}_is_profile"])
        of = [kind.sources.take(pc.index_in(ids, kind.ids)) for kind in (state.facts.profiles, state.facts.customers)]
        columns |= {f"{side}_source": pc.if_else(is_profile, *of), f"{side}_id": ids}
    return columns


def _last_of(log: pa.Table, actions: Sequence[str]) -> int:
    """The position of the last change of some kinds, 0 before the first."""
    rows = log.filter(pc.is_in(log["action"], pa.array(actions)))
    return int(rows["position"][-1].as_py()) if rows.num_rows else 0


def _refuse_clashes(intake: Intake, state: State) -> None:
    """Raise where an id of a row is that of another source's row of the same kind."""
    if not intake.records.num_rows:
        return
    kind = intake.records["kind"][0].as_py()
    known = state.facts.customers if kind == "customer" else state.facts.profiles
    at = pc.index_in(whole(intake.records["record_id"]), known.ids)
    clashes = pc.sum(pc.not_equal(known.sources.take(at), whole(intake.records["source"]))).as_py() or 0
    if clashes:
        raise StoreError(
            f"{kind}s: {clashes:,} ids are those of rows of another source; put the source before them, as in 'shop:7'"
        )
