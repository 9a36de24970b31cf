"""A store under a frozen model: what comes in, changes or goes is weighed, and what it reaches is settled.

The model is a document of the store. What it says of each profile is kept there too, so that who opens the store goes
on where it was left; a store whose last change was not settled, because a process was killed, is weighed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.engines.scoring import check_columns
from socialmerge.errors import LabelError, PlanError, StaleError
from socialmerge.merging import Policy
from socialmerge.merging.arrays import Ints, whole
from socialmerge.merging.identities import ENTITY_ID
from socialmerge.plan import Plan
from socialmerge.resolver.changed import FACTS, FOREIGN, HARMLESS, LEARNED, decided_since, last_of
from socialmerge.resolver.erasure import keys_table
from socialmerge.resolver.learned import KIND, WORTH_FREEZING, Learned, kept_document, learn, plan_named
from socialmerge.resolver.ledger import Entries, Ledger
from socialmerge.resolver.outcome import changed_links, links_of_state, members_now, moves, of_state, same_links
from socialmerge.resolver.pivot import customers_like, live, profiles_of
from socialmerge.resolver.scoring import LINKS
from socialmerge.resolver.standing import Standing, numbered, numbers_in
from socialmerge.resolver.state import (
    Facts,
    Judged,
    Name,
    bare,
    bare_facts_of,
    facts_of,
    judge,
    known_schema,
    profiles_known,
    told,
)
from socialmerge.resolver.weighing import Numbered
from socialmerge.schema import Schema
from socialmerge.store import (
    Decision,
    Document,
    Snapshot,
    Store,
    Written,
)

__all__ = ["Frozen"]

_NOTHING: Ints = np.zeros(0, np.int64)
_NAME = ("source", "record_id")


@dataclass(slots=True)
class Frozen:
    """What a session keeps in memory of a store that has a model; None of it where there is no model.

    ``worth_freezing`` is how many records make a model worth keeping; tests set it low, to reach models with few.
    """

    store: Store
    plan: Plan
    policy: Policy
    clock: Callable[[], datetime]
    worth_freezing: int = WORTH_FREEZING
    _standing: Standing | None = field(default=None, repr=False)
    _pending: tuple[Decision, ...] = field(default=(), repr=False)
    """Decisions of which it is not known that what follows from them was written: whoever made them may be killed."""
    _bare_at: int = field(default=-1, repr=False)
    """A position of the log at which the store had no model."""

    @property
    def actor(self) -> str:
        """Who makes the machine's links."""
        return f"plan:{self.plan.version}"

    def is_worth_it(self) -> bool:
        """Whether a store without a model has so much to learn from that what was learned is worth keeping.

        Pairs that a plan brings with it are told to a run over whole tables, and to no single profile.
        """
        with self.store.snapshot() as view:
            if self.plan.decisions or view.count("records") < self.worth_freezing or view.heading(KIND) is not None:
                return False
            return all(len(view.numbers(kind)[0]) for kind in ("customer", "profile"))

    def catch_up(self) -> None:
        """Weigh what was not, where a process was killed, or the plan is another; nothing where there is no model."""
        with self.store.snapshot() as view:
            heading = view.heading(KIND)
            if heading is None or self.is_current(view.position()):
                return
            log = view.log()
            behind = last_of(log, ("score",)) <= max(last_of(log, FACTS), last_of(log, LEARNED))
        if behind or plan_named(heading) != self.plan.version:
            with suppress(
                LabelError
            ):  # a store whose decisions contradict each other is settled once one is taken back
                self.standing()

    def is_current(self, position: int) -> bool:
        """Whether what is kept in memory is that of a position of the log, and all that follows from it is written."""
        return self._standing is not None and self._standing.position == position and not self._pending

    @property
    def is_unread(self) -> bool:
        """Whether nothing of the store is kept in memory."""
        return self._standing is None

    def is_settled(self, view: Snapshot) -> bool:
        """Whether the store's own tables of entities and links are known to be what follows from all that it has."""
        heading = view.heading(KIND)
        if heading is None or plan_named(heading) != self.plan.version:
            return False
        if view.had_departures():  # what is said of such rows is told by the whole store
            return False
        place = view.settled()
        return place > 0 and view.changed_since(place) <= HARMLESS

    def of_profiles(self, view: Snapshot) -> Standing | None:
        """What stands of profiles where all is settled; of customers it is known who is there, and no claim is read.

        None where that is not so. It is not kept: who weighs a profile needs more.
        """
        if self.is_current(view.position()):
            return self._standing
        document = kept_document(view) if self.is_unread and self.is_settled(view) else None
        learned = None if document is None else self._readable(document)
        if learned is None:
            return None
        facts = profiles_known(view, written=last_of(view.log(), FACTS), clears=self.policy.clears)
        return self._read(view, learned, facts)

    def meaning(self, view: Snapshot, learned: Learned) -> Schema | None:
        """What the columns of the customers mean, where the model knows all of them."""
        return known_schema(view.layouts("customer"), learned.of(proven=True).columns, self.plan)

    def judged(self, facts: Facts) -> Judged:
        """What the model says; where there is nobody that it says anything of, what these facts say."""
        standing = self.standing(facts)
        return standing.judged() if standing else judge(facts, self.plan)

    def standing(self, facts: Facts | None = None) -> Standing | None:
        """The store as it is now; None where it has no model. A model of another plan is made anew.

        Where somebody has read the ``facts`` already, they are not read again.
        """
        if self._bare_at == self.store.position():
            return None
        with self.store.snapshot() as view:
            position, last = view.position(), self._standing
            if last is not None and last.position == position:
                return last
            if last is not None and not FOREIGN & set(view.log(after=last.position)["action"].to_pylist()):
                decisions = view.decisions()
                self._pending += decisions[len(last.decisions) :]
                self._standing = replace(last.with_decisions(decisions), position=position)
                return self._standing
            document = kept_document(view)
            learned = None if document is None else self._readable(document)
            self._standing = found = None if learned is None else self._read(view, learned, facts)
        if document is None:
            self._bare_at = position
            return None
        if learned is None or (found is not None and not found.means_the_same):
            return self.fit()
        return self._weighed_anew(learned) if found is None else found

    def _readable(self, document: Document) -> Learned | None:
        """What was learned, where it was under this plan and by a release whose models this one reads."""
        try:
            learned = Learned.from_document(document)
        except PlanError:
            return None
        return learned if learned.plan == self.plan.version else None

    def _read(self, view: Snapshot, learned: Learned, facts: Facts | None) -> Standing | None:
        """All that the store has; None where a change was not settled."""
        log = view.log()
        owner, model, packed = view.scores()
        same_model = pc.all(pc.equal(model, learned.version), min_count=0).as_py()
        if last_of(log, ("score",)) <= last_of(log, FACTS) or not same_model:
            return None
        entries = Entries.unpacked(np.asarray(owner.to_numpy(zero_copy_only=False), np.int64), packed)
        found = self._unweighed(view, learned, facts)
        self._pending = decided_since(found.decisions, log, max(last_of(log, ("score",)), view.settled()))
        return replace(found, same=same_links(view.links().read_all())).labelled(entries)

    def _unweighed(self, view: Snapshot, learned: Learned, known: Facts | None = None) -> Standing:
        written, columns = last_of(view.log(), FACTS), learned.of(proven=True).columns
        if known is not None and known.written == written:
            facts = bare(known, self.plan, columns)
        else:
            facts = bare_facts_of(view, self.plan, columns, written=written, clears=self.policy.clears)
        return Standing(
            view.position(),
            facts,
            learned,
            *numbered(view, facts),
            Ledger(Entries.none(), np.zeros(0, np.int64)),
            LINKS.empty_table(),
            view.decisions(),
            self.store.key,
            [],
            [],
            [],
        )

    # ------------------------------------------------------------------------------------------------ the whole store
    def fit(self, model: Learned | None = None, *, is_erasing: bool = False) -> Standing | None:
        """Learn anew from all that the store has, or take a model that is given; None where there is nothing to learn.

        Raises:
            PlanError: the plan compares by a function that cannot be kept, or the columns of the customers mean other
                things than in the tables that the model was made of.
        """
        with self.store.snapshot() as view:
            facts = facts_of(view, self.plan, written=0, clears=self.policy.clears)
        if not len(facts.customers.ids):
            return None
        if model is not None and facts.schema is not None:
            check_columns(facts.schema.columns, model.of(proven=True).columns)
        learned = model or learn(facts.profiles, facts.customers.table, told(self.plan, facts), self.plan.version)
        if learned is None:
            return None
        self.store.replace(learned.to_document(), at=self.clock(), actor=self.actor, is_erasing=is_erasing)
        return self._weighed_anew(learned)

    def _weighed_anew(self, learned: Learned) -> Standing | None:
        with self.store.snapshot() as view:
            found = self._unweighed(view, learned)
        if not len(found.facts.customers.ids):
            return None
        if not found.means_the_same:
            return self.fit()
        found = found.matched(told(self.plan, found.facts))
        state = found.whole(self.plan)
        with self.store.snapshot() as view:
            before = members_now(view)
        links = links_of_state(state, self.plan.version)
        weighed = np.unique(found.ledger.entries.owner)
        return self._written(found, weighed, moves(state, before), links, afresh=True)

    def _written(
        self,
        found: Standing,
        weighed: Ints | None,
        moved: tuple[pa.Table, pa.Table] | None,
        links: pa.Table | None,
        *,
        gone: pa.Table | None = None,
        afresh: bool = False,
    ) -> Standing | None:
        members, events = moved or (None, None)
        try:
            position = self.store.settle(
                links=links,
                gone=gone,
                scores=None if weighed is None else found.scores_of(weighed),
                members=members,
                events=events,
                afresh=afresh,
                after=found.position,
                at=self.clock(),
                actor=self.actor,
            )
        except StaleError:  # another process has written: what it did is read, and all is weighed again
            self._standing = None
            return self.standing()
        self._standing = replace(found, position=position)
        return self._standing

    # --------------------------------------------------------------------------------------------------- a part of it
    def bring(self, records: pa.Table, written: Written) -> None:
        """Bring records that were written up to date, and what they reach."""
        refused = {tuple(row.values()) for row in written.refused.to_pylist()}
        names = zip(records["source"].to_pylist(), records["record_id"].to_pylist(), strict=True)
        bring = self.bring_customers if records["kind"][0].as_py() == "customer" else self.bring_profiles
        with self.store.snapshot() as view:
            refused |= view.departed().keys()
        bring([name for name in names if name not in refused], written.position)

    def decided(self, decisions: Sequence[Decision]) -> None:
        """Settle what decisions are about."""
        found = self.standing()
        if found is None:
            return
        self.settle(found, found.records_of(decisions), None)

    def decided_alone(self, facts: Facts) -> bool:
        """Settle what was decided since all was settled, and read what those say whom it reaches; no claim of others.

        ``facts`` are who is there. False says that it was not possible, and nothing was written.
        """
        with self.store.snapshot() as view:
            document = kept_document(view)
            learned = None if document is None else self._readable(document)
            names = None if learned is None else self._read(view, learned, facts)
        if names is None or names.facts.written != facts.written:
            return False
        numbers, found, seen = names.records_of(self._pending), names, _NOTHING
        while len(new := np.setdiff1d(self._profiles_around(found, numbers), seen)):
            some = found.known.take(found.known.rows_of(new)).pivot
            parts, known = self._read_some(
                "profile", list(zip(some.sources.to_pylist(), some.ids.to_pylist(), strict=True))
            )
            pivot = profiles_of(*parts)
            found, seen = found.knowing(Numbered(pivot, numbers_in(pivot, known))), np.union1d(seen, new)
        self.settle(found, numbers, None)
        self._standing = None  # it knows too little of the others to be kept
        return True

    def _profiles_around(self, found: Standing, numbers: Ints) -> Ints:
        """The profiles that decisions about some records reach, as far as what they say is known."""
        state = found.part(self.plan, found.labels_of(numbers))
        return found.numbers_of(state.names[state.customers :])

    def settle(self, found: Standing, numbers: Ints, weighed: Ints | None = _NOTHING) -> Standing | None:
        """Write what follows for whatever hangs together with some records, and with what is not known to be settled.

        Once something is written nobody who reads the store later can tell that a decision before it was not settled.
        """
        pending = self._pending
        settled = self._settle(found, np.union1d(numbers, found.records_of(pending)), weighed)
        if settled is not None and self._pending is pending:  # else another wrote first, and these were read anew
            self._pending = ()
        return settled

    def _settle(self, found: Standing, numbers: Ints, weighed: Ints | None) -> Standing | None:
        state = found.part(self.plan, found.labels_of(numbers))
        keys = keys_table([*state.names, *state.followers])
        with self.store.snapshot() as view:
            before = members_now(view, keys)
            kept = view.links().read_all() if keys.num_rows > _SOME else view.links(keys).read_all()
        gone, come = changed_links(of_state(kept, state), links_of_state(state, self.plan.version))
        moved = moves(state, before)
        if weighed is None and moved is None and not come.num_rows + gone.num_rows:
            return self._written(found, None, None, None)  # that nothing follows is noted
        return self._written(found, weighed, moved, come, gone=gone)

    def bring_profiles(self, names: Sequence[Name], position: int) -> None:
        """Weigh profiles that were written, those that are not as they were, and settle what they reach."""
        found = self._moved_on(position)
        if found is None or self._outgrown(found, profiles=len(names) - len(found.numbers_of(names))):
            return
        parts, numbers = self._read_some("profile", names)
        pivot = profiles_of(*parts)
        some = Numbered(pivot, numbers_in(pivot, numbers))
        some = some.take(some.differing(found.known))
        self.settle(found.with_profiles(some), some.numbers, some.numbers)

    def bring_customers(self, names: Sequence[Name], position: int) -> None:
        """Weigh customers that were written, those that are not as they were, and settle what they reach."""
        found = self._moved_on(position)
        if found is None or self._outgrown(found, customers=len(names) - len(found.numbers_of(names))):
            return
        parts, numbers = self._read_some("customer", names)
        pivot = customers_like(found.facts.customers.table.schema, *parts)
        if pivot is None or found.learned.same is None:  # other columns than before: all is weighed anew
            self._weighed_anew(found.learned)
            return
        some = Numbered(pivot, numbers_in(pivot, numbers))
        created = whole(parts[0].sort_by([("record_id", "ascending")])["created_at"])
        rows = np.union1d(some.differing(found.rows), found.dated_otherwise(some.numbers, created))
        before, weighed = found, _NOTHING
        if len(rows):
            found, weighed = before.with_customers(some.take(rows), created.take(pa.array(rows)))
        renamed = found.numbers_of(self._named_alike(pivot.ids))
        self.settle(found, np.union1d(found.beside(before, weighed), renamed), weighed)

    def _named_alike(self, ids: pa.Array) -> list[Name]:
        """The records of entities that have the ids of customers: these take them away."""
        made = ids.filter(pc.match_substring_regex(ids, ENTITY_ID)).to_pylist()
        with self.store.snapshot() as view:
            members = view.members_of(made) if made else None
        return [] if members is None else list(zip(*(members[name].to_pylist() for name in _NAME), strict=True))

    def _outgrown(self, found: Standing, *, customers: int = 0, profiles: int = 0) -> bool:
        """Learn anew where so many more records are more than a model is good for."""
        if not found.learned.is_outgrown(len(found.customers) + customers, len(found.profiles) + profiles):
            return False
        self.fit()
        return True

    def _moved_on(self, position: int) -> Standing | None:
        """What stood before the last change, where nobody else has changed anything; else all is brought up to date."""
        last = self._standing
        if last is None or position != last.position + 1:
            self._standing = None
            self.standing()
            return None
        return replace(last, position=position)

    def _read_some(self, kind: str, names: Sequence[Name]) -> tuple[tuple[pa.Table, ...], tuple[pa.Array, pa.Array]]:
        """Some records, their live claims and observations; and their numbers by id."""
        keys = keys_table(list(names))
        with self.store.snapshot() as view:
            records, claims, seen = (read(keys).read_all() for read in (view.records, view.claims, view.observations))
            return (records, live(claims, seen, self.policy.clears), seen), view.numbers(kind, keys)

    def erase(self, numbers: Ints, texts: Iterable[str], position: int) -> None:
        """Take records out that were erased, and settle what they had to do with.

        A model that holds a word of what they said, and of nobody's who is left, is made anew of these.
        """
        found = self._moved_on(position)
        if found is not None:
            self._erased(found, numbers, texts)

    def erase_alone(self, known: Standing, numbers: Ints, texts: Iterable[str], position: int) -> None:
        """Take records out as :meth:`erase` does, knowing profiles alone, where nobody has to be weighed again."""
        self._standing = known
        self.erase(numbers, texts, position)
        self._standing = None  # it knows too little of the others to be kept

    def _erased(self, found: Standing, numbers: Ints, texts: Iterable[str]) -> None:
        handles = found.facts.profiles.table["handle"].filter(pa.array(~np.isin(found.profiles, numbers)))
        if found.learned.tells_of(texts, handles) and self.fit(is_erasing=True) is not None:
            return
        before, reached = found, found.ledger.entries.owners_of(numbers)
        found = before.without(numbers)
        with self.store.snapshot() as view:
            facts = replace(found.facts, taken=(view.retired(),))
            found = replace(found, facts=facts, decisions=view.decisions())
        if not len(found.customers):
            self._standing = None
            return
        self.settle(found, found.beside(before, numbers), np.setdiff1d(reached, numbers))


_SOME = 1_000
"""Records whose links are asked for one by one; of more all links are read."""
