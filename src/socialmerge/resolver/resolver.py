"""The resolver: a plan and a policy over a store; profiles come in, people decide, and any step can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels, merging, tables
from socialmerge.api.attaching import profiles_of as read_profiles
from socialmerge.api.inputs import customers_of
from socialmerge.errors import LabelError, StoreError
from socialmerge.merging import Golden, Policy
from socialmerge.plan import Plan
from socialmerge.records import Assurance, Verdict, profiles_schema
from socialmerge.resolver.answer import Answer
from socialmerge.resolver.intake import Intake, customers_intake, observed_column, profiles_intake
from socialmerge.resolver.judging import check, in_force
from socialmerge.resolver.lookup import find, pairs_apart
from socialmerge.resolver.merged import golden_of
from socialmerge.resolver.past import Entry, exported, history_of
from socialmerge.resolver.state import Name, State, facts_of
from socialmerge.resolver.trial import with_profile
from socialmerge.store import Decision, DecisionKind, Store, Target, Written

__all__ = ["Resolver"]

_SAID = {
    Verdict.ATTACH: DecisionKind.SAME,
    Verdict.NEW: DecisionKind.DIFFERENT,
    "same": DecisionKind.SAME,
    "different": DecisionKind.DIFFERENT,
}
Clock = Callable[[], datetime]


class Resolver:
    """People and their profiles over time, in a store that forgets nothing but what it must.

    Args:
        plan: what is compared and how; inferred from the customers where it names no fields.
        policy: what the merged records keep; the default when left out.
        store: the URL of the store, such as ``sqlite:///people.db``; made where it is new.
        key: the secret of the store, bytes or the path of a file; of a new SQLite store it is made beside the file.
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
        clock: Clock | None = None,
    ) -> None:
        self._plan = plan or Plan()
        self._policy = policy or Policy.default()
        self._clock = clock or partial(datetime.now, UTC)  # noqa: TID251 - a caller who gives no clock asks for this one
        self._store = Store.open(store, key=key)
        self._last: State | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; what was written stays."""
        self._store.close()

    # ------------------------------------------------------------------------------------------------------- what comes
    def load(self, customers: tables.Source, *, observed_at: datetime | None = None, by: str = "import") -> Written:
        """Bring customers in, new ones and known ones as they are now; the same table again changes nothing.

        ``observed_at`` is when the rows were true that have no date of their own (see ``Policy.observed``); the time of
        loading says nothing. A later observation of a row takes the place of the earlier one, value by value; without
        dates both hold.

        Raises:
            TableError: the table cannot be read, or ids are missing or repeated.
            SchemaError: there is no id column.
            StoreError: ids clash with those of other rows, or the store cannot be written to.
        """
        state = self._state()
        known = state.facts.schema
        id_column = self._plan.id or (known.id_column if known else "")
        rows = customers_of(customers, id_column=id_column, region=self._plan.region)
        observed = observed_column(rows.table, self._policy)
        intake = customers_intake(rows, self._policy, observed=observed, observed_at=observed_at)
        return self._write(intake, state, by=by)

    def ingest(
        self,
        profiles: tables.Source | Iterable[Mapping[str, object]],
        *,
        channel: str | None = None,
        trusted: bool = False,
        observed_at: datetime | None = None,
        by: str = "import",
    ) -> Written:
        """Bring profiles in: a platform's export, or plain profile rows; the same ones again change nothing.

        ``trusted`` says of plain rows that their accounts were proved by a login; ``observed_at`` is when the profiles
        were seen that do not say so themselves.

        Raises:
            TableError: the profiles cannot be read, or ids are missing or repeated.
            ChannelError: the export is not of that channel, or is not recognised.
            StoreError: ids clash with those of other profiles, or the store cannot be written to.
        """
        source = tables.lasting(profiles, what="profiles")
        proven = trusted or channels.is_export(source, channel=channel)
        table, _ = read_profiles(source, channel)
        intake = profiles_intake(_known_columns(table), proven=proven, observed_at=observed_at)
        return self._write(intake, self._state(), by=by)

    def _write(self, intake: Intake, state: State, *, by: str) -> Written:
        _refuse_clashes(intake, state)
        return self._store.write(
            intake.records, intake.claims, intake.observations, intake.identifiers, at=self._clock(), actor=by
        )

    # -------------------------------------------------------------------------------------------------------- questions
    def resolve(self, profile: Mapping[str, object], *, channel: str | None = None, trusted: bool = False) -> Answer:
        """Say which customer one profile is, if any, as it would be after :meth:`ingest`; nothing is written."""
        source = tables.lasting([profile], what="profile")
        proven = trusted or channels.is_export(source, channel=channel)
        table, _ = read_profiles(source, channel)
        table = _known_columns(table)
        state = with_profile(self._state(), table, proven=proven)
        found = state.verdicts.filter(pc.equal(state.verdicts["profile_id"], table["profile_id"][0])).to_pylist()[0]
        return Answer(
            found["profile_id"],
            table["channel"][0].as_py() or "profiles",
            Verdict(found["verdict"]),
            found["customer_id"],
            found["entity_id"],
            found["probability"],
            Assurance(found["assurance"]) if found["assurance"] else None,
            found["reason"],
            state.position,
            state.judged.scored.explain,
            table,
            proven,
        )

    @property
    def decisions(self) -> pa.Table:
        """What holds of each profile, one row a profile (see ``records.decisions_schema``)."""
        return self._state().verdicts

    @property
    def clusters(self) -> pa.Table:
        """The entity of each customer's row: ``id`` and ``entity_id``."""
        return self._state().clusters

    @property
    def refused(self) -> pa.Table:
        """The machine's links that were not taken, and why: ``left``, ``right`` (ids), ``weight`` and ``reason``."""
        state = self._state()
        found, ids = state.identities.refused, pa.array([record_id for _, record_id in state.names], pa.string())
        sides = {side: ids.take(found[side].combine_chunks()) for side in ("left", "right")}
        return pa.table(sides | {name: found[name] for name in ("weight", "reason", "decision")})

    def golden(self, any_id: str | None = None, *, policy: Policy | None = None) -> Golden:
        """Merge each entity into one record; ``any_id``, of a row, a profile or an entity, asks for that one."""
        state = self._state()
        merged = golden_of(state, policy or self._policy)
        if any_id is None:
            return merged
        wanted = pa.array([state.entity_of[name] for name in find(state, any_id)], pa.string())
        parts = (getattr(merged, name) for name in ("records", "provenance", "conflicts"))
        return merging.Golden(*(part.filter(pc.is_in(part["entity_id"], wanted)) for part in parts))

    # -------------------------------------------------------------------------------------------------------- decisions
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
        kind = _SAID.get(verdict)
        if kind is None:
            raise LabelError(f"decide: {str(verdict)!r} is no decision; give 'same' or 'different', ATTACH or NEW")
        if isinstance(pair, Answer):
            names = self._answered(pair, by=by)
        else:
            state = self._state()
            names = (find(state, pair[0])[0], find(state, pair[1])[0])
        return self._append([names], kind, by=by, reason=reason, evidence="verified" if verified else "")[0]

    def _answered(self, answer: Answer, *, by: str) -> tuple[Name, Name]:
        """The records of an answer; the profile is brought in where it is not there."""
        if answer.customer is None:
            raise LabelError(
                "decide: the answer names no customer; give the pair, as in decide((profile, customer), ...)"
            )
        own = (answer.source, answer.profile_id)
        if own not in self._state().rows:
            intake = profiles_intake(answer._profile, proven=answer._proven, observed_at=None)  # noqa: SLF001
            self._write(intake, self._state(), by=by)
        return own, find(self._state(), answer.customer)[0]

    def split(self, *any_ids: str, by: str, reason: str = "") -> tuple[Decision, ...]:
        """Part records that are one entity: one id parts that record from all others, several from each other.

        Every pair is a decision of its own, so that no later run makes them one again.

        Raises:
            LabelError: people decided that they are the same; undo that decision instead.
            StoreError: an id is not known, or its entity has no other record.
        """
        pairs = pairs_apart(self._state(), any_ids)
        return self._append(pairs, DecisionKind.DIFFERENT, by=by, reason=reason)

    def undo(self, decision_id: str, *, by: str, reason: str = "") -> Decision:
        """Take a decision back: entities and values are as if it had never been; undoing an undo restores it.

        Raises:
            LabelError: without it, decisions contradict each other.
            StoreError: there is no such decision, or it was taken back already.
        """
        state = self._state()
        if decision_id not in {one.id for one in state.in_force}:
            known = decision_id in {one.id for one in state.decisions}
            said = "was taken back already" if known else "is not there; take its id from history"
            raise StoreError(f"undo: the decision {said}")
        return self._record([self._decision(DecisionKind.RETRACT, (), by=by, reason=reason, retracts=decision_id)])[0]

    def _append(
        self, pairs: Iterable[tuple[Name, Name]], kind: DecisionKind, *, by: str, reason: str, evidence: str = ""
    ) -> tuple[Decision, ...]:
        found = [
            self._decision(kind, tuple(Target(*name) for name in pair), by=by, reason=reason, evidence=evidence)
            for pair in pairs
        ]
        return self._record(found)

    def _decision(
        self,
        kind: DecisionKind,
        targets: tuple[Target, ...],
        *,
        by: str,
        reason: str,
        evidence: str = "",
        retracts: str = "",
    ) -> Decision:
        return Decision(kind, targets, by, self._clock(), reason, evidence, self._plan.version, retracts=retracts)

    def _record(self, decisions: list[Decision]) -> tuple[Decision, ...]:
        """Append decisions; the entities are worked out with them first, so that no contradiction is written."""
        state = self._state()
        last = max((one.seq for one in state.decisions), default=0)
        trial = tuple(replace(one, id=f"?{at}", seq=last + 1 + at) for at, one in enumerate(decisions))
        check(in_force((*state.decisions, *trial)))
        return self._store.append(decisions)

    # ------------------------------------------------------------------------------------------------------------- past
    def history(self, any_id: str) -> tuple[Entry, ...]:
        """Everything that people decided about an entity's records, in order, taken back or not."""
        return history_of(self._state(), any_id)

    def resolve_id(self, any_id: str) -> tuple[str, ...]:
        """The ids of the entities that an id stands for now: one, or several after a split."""
        state = self._state()
        return tuple(sorted({state.entity_of[name] for name in find(state, any_id)}))

    def export(self, any_id: str) -> dict[str, object]:
        """Everything that is held about a person: each record with its claims, and the decisions about them."""
        state = self._state()
        names = find(state, any_id)
        entities = {state.entity_of[name] for name in names}
        records = [name for entity in sorted(entities) for name in state.members[entity]]
        of = pa.table([[source for source, _ in records], [id_ for _, id_ in records]], names=["source", "record_id"])
        with self._store.snapshot() as view:
            claims = view.claims(of).read_all()
        return exported(state, records, claims)

    # ------------------------------------------------------------------------------------------------------------ state
    def _state(self) -> State:
        """What the store holds now; the model is asked again only where claims have changed."""
        with self._store.snapshot() as view:
            position = view.position()
            if self._last is not None and self._last.position == position:
                return self._last
            written, last = _written(view.log()), self._last
            same = last is not None and last.facts.written == written
            facts = last.facts if last and same else facts_of(view, self._plan, written=written)
            decisions = view.decisions()
        before = (last.before or last) if last and same else None
        self._last = State(position, facts, self._plan, decisions, self._store.key, before=before)
        return self._last


def _written(log: pa.Table) -> int:
    """The position of the last change that is no decision."""
    kinds = pa.array([kind.value for kind in DecisionKind])
    rows = log.filter(pc.invert(pc.is_in(log["action"], kinds)))
    return int(rows["position"][-1].as_py()) if rows.num_rows else 0


def _known_columns(table: pa.Table) -> pa.Table:
    wanted = profiles_schema()
    return table.select(wanted.names).cast(wanted)


def _refuse_clashes(intake: Intake, state: State) -> None:
    """Raise where an id of a row is that of another source's row of the same kind."""
    kind = intake.records["kind"][0].as_py() if intake.records.num_rows else "profile"
    known = state.facts.customers if kind == "customer" else state.facts.profiles
    source = dict(zip(known.ids.to_pylist(), known.sources.to_pylist(), strict=True))
    names = zip(intake.records["record_id"].to_pylist(), intake.records["source"].to_pylist(), strict=True)
    clashes = sum(source.get(id_, own) != own for id_, own in names)
    if clashes:
        raise StoreError(
            f"{kind}s: {clashes:,} ids are those of rows of another source; put the source before them, as in 'shop:7'"
        )
