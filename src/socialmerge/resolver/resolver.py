"""The resolver: a plan and a policy over a store; profiles come in, people decide, and any step can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from socialmerge import tables
from socialmerge.channels.strategy import Strategy
from socialmerge.errors import FitError, PlanError
from socialmerge.merging import Golden, Policy
from socialmerge.merging.arrays import whole
from socialmerge.plan import Plan
from socialmerge.records import Verdict
from socialmerge.resolver import as_asked, as_result, words
from socialmerge.resolver.answer import Answer
from socialmerge.resolver.asked import IMPORT, Ids, check_settings, moment_seen, said_by
from socialmerge.resolver.asking import answered
from socialmerge.resolver.at_once import at_once
from socialmerge.resolver.bringing import Profiles, bring, incoming_customers, incoming_profiles
from socialmerge.resolver.consents import consents_of, heeded_of
from socialmerge.resolver.departing import listed
from socialmerge.resolver.erasing import erase
from socialmerge.resolver.erasure import keys_table
from socialmerge.resolver.frozen import Frozen
from socialmerge.resolver.learned import Learned
from socialmerge.resolver.merged import golden_of
from socialmerge.resolver.past import Entry, exported, history_of, uses_of
from socialmerge.resolver.preview import Preview, preview_given, preview_of
from socialmerge.resolver.session import Session
from socialmerge.resolver.settings import plan_of, policy_of, strategy_of
from socialmerge.resolver.stored import StoreResult
from socialmerge.store import Decision, DecisionKind, Erased, Store, Written

__all__ = ["Resolver"]

Clock = Callable[[], datetime]


class Resolver:
    """People and their profiles over time, in a store that forgets nothing but what it must.

    Args:
        plan: what is compared and how, kept with the store; when left out that which it was last opened with, else
            everything is inferred.
        policy: what the merged records keep, kept likewise; else the default.
        strategy: how the channels are used where a view is not told, kept likewise; else as they say themselves.
        store: the URL of the store, such as ``sqlite:///people.db``.
        key: the secret of the store, bytes or the path of a file; of a new SQLite store it is made beside the file.
        create: whether a store that is not there is made, or is an error: who asks for a person must not be told by an
            empty store that there is nobody.
        clock: gives the time of decisions, in UTC; the time of this computer when left out. The order of decisions is
            that of the log, whatever the clock says.

    Raises:
        StoreError: the store cannot be opened, or its key is another.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> customers = pa.table({"id": ["7"], "name": ["Ada Lovelace"], "email": ["ada@example.com"]})
    >>> with Resolver(store=f"sqlite:///{folder.name}/people.db") as resolver:
    ...     written = resolver.load(customers)
    ...     answer = resolver.resolve({"channel": "github", "handle": "ada", "emails": ["ada@example.com"]})
    >>> answer.customer
    '7'
    >>> folder.cleanup()
    """

    def __init__(
        self,
        plan: Plan | None = None,
        policy: Policy | None = None,
        *,
        store: str,
        key: bytes | Path | None = None,
        create: bool = True,
        strategy: Strategy | None = None,
        clock: Clock | None = None,
    ) -> None:
        now = clock or partial(datetime.now, UTC)  # noqa: TID251 - a caller who gives no clock asks for this one
        check_settings(plan, policy)
        opened = Store.open(store, key=key, create=create)
        try:
            self._go_by(opened, now, plan, policy, strategy)
        except BaseException:
            opened.close()
            raise

    def _go_by(
        self, opened: Store, now: Clock, plan: Plan | None, policy: Policy | None, strategy: Strategy | None
    ) -> None:
        chosen = plan_of(opened, plan, clock=now), policy_of(opened, policy, clock=now)
        self.strategy = strategy_of(opened, strategy, clock=now)
        self._session = Session(opened, *chosen, now, Frozen(opened, *chosen, now))

    def go_by(
        self, plan: Plan | None = None, policy: Policy | None = None, *, strategy: Strategy | None = None
    ) -> None:
        """Go by another plan, policy or strategy from now on, as if the store had been opened with it; it is kept.

        Raises:
            PlanError: the plan is none, or cannot be written down.
            PolicyError: the policy is none.
        """
        check_settings(plan, policy)
        if plan is not None or policy is not None or strategy is not None:
            self._go_by(self._session.store, self._session.clock, plan, policy, strategy)

    @property
    def store(self) -> Store:
        """The open store beneath: its tables, as they are."""
        return self._session.store

    @property
    def plan(self) -> Plan:
        """What is compared and how."""
        return self._session.plan

    @property
    def policy(self) -> Policy:
        """What the merged records keep where nobody says."""
        return self._session.policy

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; what was written stays."""
        self._session.store.close()

    def load(
        self,
        customers: tables.Source,
        *,
        observed_at: datetime | None = None,
        by: str = IMPORT,
        admit: Ids = (),
        complete: bool = False,
        most_gone: bool = False,
    ) -> Written:
        """Bring customers in, new ones and known ones as they are now; the same table again changes nothing.

        ``observed_at`` is when the rows were true that have no date of their own (see ``Policy.observed``); the time of
        loading says nothing. A later observation of a row takes the place of the earlier one, value by value, and what
        it replaces is listed in the conflicts; without dates both hold, and the policy chooses.

        ``admit`` has the ids of rows that somebody (``by``) takes in although they look like an erased person, such as
        a relative with the household's telephone: those come in, with what they share now.

        ``complete`` says that the table holds all rows of its sources: those of them that it lacks are gone. A gone row
        gives no values and takes no profiles; its id, and what was decided of it, are its survivor's, the row of the
        same person that is left, or the one that the table names as it (``hs_merged_object_ids``, ``MasterRecordId``).
        That is a decision of the kind ``gone``, which can be undone; a later table that has the row brings it back. A
        table that is not complete takes nothing away but what it says itself was merged or deleted (``IsDeleted``).
        A complete table that lacks more than half of what the store has of a source, ten rows or more, or that has no
        rows at all, looks cut off and is refused as a whole; ``most_gone`` says that so many rows are gone indeed.

        Raises:
            TableError: the table cannot be read, or ids are missing or repeated.
            SchemaError: there is no id column.
            StoreError: ids clash, a row to admit is the erased person's, the time is still to come, a complete table
                lacks most rows, or the store cannot be written to.
        """
        session, seen = self._session, moment_seen(observed_at, clock=self._session.clock)
        known = session.schema()
        rows, intake = incoming_customers(customers, session.plan, session.policy, known=known, observed_at=seen)
        found = listed(rows, whole(intake.records["source"]), complete=complete, most_gone=most_gone)
        if not session.is_told(found):
            return session.write(intake, by=by, admit=admit)
        with self.at_once():  # who is gone is noted with the rows, or neither
            return bring(intake, found, self, by=by, admit=admit)

    def ingest(
        self,
        profiles: Profiles,
        *,
        channel: str | None = None,
        trusted: bool = False,
        observed_at: datetime | None = None,
        by: str = IMPORT,
        admit: Ids = (),
    ) -> Written:
        """Bring profiles in: a platform's export, or plain profile rows; the same ones again change nothing.

        Any other table of people is taken too: its columns of names, addresses, numbers and places are those of
        profiles that nobody proved, and its ids are their ``profile_id``.

        ``trusted`` says of plain rows that their accounts were proved by a login; ``observed_at`` is when the profiles
        were seen that do not say so themselves. ``admit`` is as for :meth:`load`.

        Raises:
            TableError: the profiles cannot be read, or ids are missing or repeated.
            ChannelError: the export is not of that channel, or fits several.
            SchemaError: a table of people has no id column.
            StoreError: as for :meth:`load`.
        """
        seen, region = moment_seen(observed_at, clock=self._session.clock), self._session.region()
        intake = incoming_profiles(profiles, region=region, channel=channel, trusted=trusted, observed_at=seen)
        return self._session.write(intake, by=by, admit=admit)

    at_once = at_once

    consent = as_asked.consent
    opt_in = as_asked.opt_in
    opt_out = as_asked.opt_out
    consents = as_asked.consents

    def fit(self, model: bytes | None = None) -> bytes:
        """Learn from all that the store has, keep what was learned with it, and weigh everything anew under it.

        From then on each profile is weighed by itself under this model, whatever comes later. ``model`` is what another
        store's ``fit`` gave, to be used as it is.

        Returns:
            What was learned, as bytes, for the ``fit`` of another store.

        Raises:
            FitError: there are no profiles, or no customers, to learn from.
            PlanError: the plan compares by a function that cannot be kept, or the bytes are no model under this plan.
        """
        session = self._session
        if model is not None and not isinstance(model, bytes):
            raise PlanError(f"model=: this is of type {type(model).__name__}; give the bytes that fit gave")
        standing = session.frozen.fit(None if model is None else Learned.from_bytes(model, plan=session.plan.version))
        if standing is None:
            raise FitError("there is nothing to learn from: load customers and ingest profiles first")
        return standing.learned.to_bytes()

    def resolve(self, profile: Mapping[str, object], *, channel: str | None = None, trusted: bool = False) -> Answer:
        """Say which customer one profile is, if any, as it would be after :meth:`ingest`; nothing is written."""
        return answered(self._session, profile, channel=channel, trusted=trusted)

    @property
    def decisions(self) -> pa.Table:
        """What holds of each profile, one row a profile (see ``records.decisions_schema``)."""
        return self._session.of_profiles().verdicts

    @property
    def clusters(self) -> pa.Table:
        """The entity of each customer's row: ``id`` and ``entity_id``."""
        return self._session.clusters()

    @property
    def refused(self) -> pa.Table:
        """The machine's links that were not taken, and why: ``left``, ``right`` (ids), ``weight`` and ``reason``."""
        return self._session.of_profiles().refused

    def result(self) -> StoreResult:
        """What holds now in the shape of what ``attach`` gives: to explain, to ask people about, to load back."""
        state = self._session.state()
        with self._session.store.snapshot() as view:
            said = consents_of(view)
        return StoreResult(state.verdicts, state, self._session.policy, self.strategy, said, self._session.clock())

    explain = as_result.explain
    suggest_reviews = as_result.suggest_reviews
    changes = as_result.changes
    merges = as_result.merges

    def golden(
        self, any_id: str | None = None, *, policy: Policy | None = None, as_of: str | datetime | None = None
    ) -> Golden:
        """Merge each entity into one record; ``any_id``, of a row, a profile or an entity, asks for that one.

        Nothing is stored: the records are worked out from live claims and decisions. ``as_of`` is the time at which
        trust that decays is asked for. What people said about being reached is in it, but for a yes of later than
        ``as_of`` (now, where that is left out), and ``Golden.view`` heeds it.

        Raises:
            PolicyError: the policy does not fit the tables.
            StoreError: the id is not known.
        """
        check_settings(None, policy)
        session, state = self._session, self._session.state_under(policy)
        wanted = None if any_id is None else {state.entity_of[name] for name in session.find(any_id)}
        with session.store.snapshot() as view:
            said = heeded_of(view, as_of, now=session.clock())
        merged = golden_of(state, policy or session.policy, as_of=as_of, consents=said, only=wanted)
        return replace(merged, strategy=self.strategy)

    def decide(
        self,
        pair: Answer | tuple[str, str],
        verdict: Verdict | str,
        *,
        by: str,
        reason: str = "",
        verified: bool = False,
    ) -> Decision:
        """Record what a person decided of a pair of records, or of an answer: the same person, or different people.

        A profile that was only asked about is brought in with the decision. ``verified`` says that the person saw
        proof, so that the profile is attached as *verified*. Decisions hold whatever the model says later.

        Raises:
            LabelError: the verdict is none, or contradicts what people decided before.
            StoreError: an id is not known.
        """
        return words.decide(self._session, pair, verdict, by=by, reason=reason, verified=verified)

    def split(self, *any_ids: str, by: str, reason: str = "") -> tuple[Decision, ...]:
        """Part records that are one entity: one id parts that record from all others, several from each other.

        Every pair is a decision of its own, so that no later run makes them one again.

        Raises:
            LabelError: people decided that they are the same; undo that decision instead.
            StoreError: an id is not known, or its entity has no other record.
        """
        return words.split(self._session, any_ids, by=by, reason=reason)

    def pin(self, any_id: str, field: str, value: str, *, by: str, reason: str = "") -> Decision:
        """Record a person's word that a field of somebody's record has this value, whatever the sources say.

        Raises:
            LabelError: there is no value.
            PolicyError: there is no such field.
            StoreError: the id is not known.
        """
        return words.say(self._session, DecisionKind.PIN, any_id, by=by, reason=reason, field=field, value=value)

    def reject(self, any_id: str, field: str, value: str, *, by: str, reason: str = "") -> Decision:
        """Record a person's word that a value is wrong for somebody: no record that holds that row keeps it."""
        return words.say(
            self._session, DecisionKind.REJECT_VALUE, any_id, by=by, reason=reason, field=field, value=value
        )

    def generic(self, value: str, *, by: str, reason: str = "") -> Decision:
        """Record a person's word that an address or a telephone number is nobody's own, such as ``info@``."""
        return words.say(self._session, DecisionKind.GENERIC_VALUE, None, by=by, reason=reason, value=value)

    def undo(self, decision_id: str, *, by: str, reason: str = "") -> Decision:
        """Take a decision back: entities and values are as if it had never been; undoing an undo restores it.

        Raises:
            LabelError: without it, decisions contradict each other.
            StoreError: there is no such decision, or it was taken back already.
        """
        return words.undo(self._session, decision_id, by=by, reason=reason)

    def preview(self, *, policy: Policy | None = None, as_of: str | datetime | None = None) -> Preview:
        """Say what :meth:`apply` would write: each value of a golden record that differs from what was applied last.

        ``policy`` and ``as_of`` are those of :meth:`golden`.
        """
        check_settings(None, policy)
        state = self._session.state_under(policy)
        with self._session.store.snapshot() as view:
            return preview_of(state, policy or self._session.policy, view, as_of=as_of)

    def apply(self, preview: Preview, *, by: str, reason: str = "") -> Decision:
        """Write exactly what a preview shows into the store's table of golden records, for other programs to read.

        Raises:
            StaleError: the log has moved since the preview was made.
            StoreError: it is no preview.
        """
        session, preview = self._session, preview_given(preview)
        decision = session.decision(DecisionKind.APPLY, (), by=by, reason=reason)
        return session.store.apply(
            preview.records,
            decision,
            previewed=preview.position,
            policy_version=preview.policy_version,
            gone=preview.gone,
        )

    def history(self, any_id: str) -> tuple[Entry, ...]:
        """Everything that people decided about an entity's records, in order, taken back or not."""
        names = self._session.find(any_id)
        return history_of(self._session.people((), names), names)

    def resolve_id(self, any_id: str) -> tuple[str, ...]:
        """The ids of the entities that an id stands for now: one, or several after a split.

        A former id leads to what became of its entity: to none where that was erased, or swept away. ``source:id`` asks
        for the entity of that record alone.

        Raises:
            StoreError: nothing has, or had, such an id.
        """
        return self._session.heirs(any_id)

    def export(self, any_id: str) -> dict[str, object]:
        """Everything that is held about a person: records with their claims, decisions, and the uses made of them.

        Raises:
            StoreError: the id is not known.
        """
        names = self._session.find(any_id)
        people = self._session.people((), names)
        entities = {people.entity_of[name] for name in names}
        records = [name for entity in sorted(entities) for name in people.members[entity]]
        records += sorted(name for name, entity in people.followers.items() if entity in entities)
        with self._session.store.snapshot() as view:
            uses = uses_of(view, sorted(entities))
            return exported(people, records, view.claims(keys_table(records)).read_all(), uses)

    def erase(self, any_id: str, *, by: str) -> Erased:
        """Erase a person: every record of the entity, and former ones that are nobody else's now.

        Keyed hashes of what they may be recognised by stay, so that no import brings them back. What a relative has as
        well tells nobody apart by itself.

        Raises:
            StoreError: the id is not known.
        """
        return erase(self._session, any_id, by=said_by(by))

    def retain(self, *, now: datetime | None = None, before: datetime | None = None, by: str = "retention") -> Erased:
        """Delete claims whose time to be kept is over at ``now``, and those that were last seen before ``before``.

        Raises:
            StoreError: ``before`` is still to come: all that has a date would go.
        """
        session, by = self._session, said_by(by)
        last = moment_seen(before, what="before=", clock=session.clock)
        at = moment_seen(now, what="now=")
        return session.sweep(before=last, at=at, by=by)
