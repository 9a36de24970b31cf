"""What a store says at one moment, in the shape of a result of ``attach``: to explain, to ask about, to report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.api.attaching import ready_for_profiles
from socialmerge.api.channelled import by_channel
from socialmerge.api.deduping import dedupe
from socialmerge.api.inputs import Rows
from socialmerge.api.labels import asked_of, with_decisions
from socialmerge.api.results import DedupeResult
from socialmerge.api.reviewing import ProfileVerdicts, Sides, about_profiles, count_of, review_table, said_of_profiles
from socialmerge.channels.strategy import Strategy
from socialmerge.errors import TableError, amount
from socialmerge.matching.decisions import ATTACH, NEW, REVIEW
from socialmerge.matching.explain import Explanation
from socialmerge.matching.questions import NO_QUESTIONS, Questions, pick
from socialmerge.merging import Policy
from socialmerge.merging.arrays import Ints, whole
from socialmerge.plan import Plan
from socialmerge.records import Label, Verdict, pairs_schema
from socialmerge.resolver import returning
from socialmerge.resolver.lookup import find
from socialmerge.resolver.pivot import OBSERVED
from socialmerge.resolver.scoring import alone
from socialmerge.resolver.state import Name, State, told
from socialmerge.resolver.verdicts import parted_of
from socialmerge.store import DecisionKind

__all__ = ["StoreResult"]

_CODES = {Verdict.ATTACH.value: ATTACH, Verdict.REVIEW.value: REVIEW, Verdict.NEW.value: NEW}
_TOLD = {DecisionKind.SAME: "same", DecisionKind.DIFFERENT: "different"}


@dataclass(frozen=True, slots=True)
class StoreResult:
    """What holds in a store at one moment, people's decisions and the rules of identities heeded.

    It can be asked what a result of ``attach`` can: ``channels``, ``explain``, ``suggest_reviews``, ``golden``,
    ``changes``, ``merges``, ``simulate``; ``evaluate``, ``metrics`` and ``to_html`` take it. ``decisions`` has a row
    for each profile, sorted by id (see ``records.decisions_schema``); ``policy`` and ``strategy`` are the store's. A
    later change of the store is not in it, and the store may be closed.
    """

    decisions: pa.Table
    _state: State = field(repr=False)
    policy: Policy = field(repr=False, default_factory=Policy.default)
    strategy: Strategy = field(repr=False, default_factory=Strategy)
    _consents: pa.Table | None = field(repr=False, default=None)
    _now: datetime | None = field(repr=False, default=None)
    in_store: ClassVar[bool] = True

    golden = returning.golden
    changes = returning.changes
    merges = returning.merges
    simulate = returning.simulate

    @property
    def pairs(self) -> pa.Table:
        """The best candidate of each profile and the runner-up, by the model (see ``records.pairs_schema``).

        A store keeps no other candidates; the weight of a runner-up is null.
        """
        held, ids = self._standing(), self._state.facts.customers.ids
        verdict = whole(self.decisions["verdict"])
        weight = whole(self.decisions["weight"])
        less = pc.if_else(pc.equal(verdict, Verdict.ATTACH.value), Verdict.NEW.value, verdict)
        nothing = pa.nulls(len(weight), pa.float64())
        sides = (
            (held.customer, held.probability, weight, verdict),
            (held.runner_up, held.runner_up_probability, nothing, less),
        )
        found = [
            pa.table(
                [
                    whole(self.decisions["profile_id"]).filter(pa.array(customer >= 0)),
                    ids.take(pa.array(customer[customer >= 0])),
                    pa.array(probability[customer >= 0]),
                    *(column.filter(pa.array(customer >= 0)) for column in columns),
                ],
                schema=pairs_schema(),
            )
            for customer, probability, *columns in sides
        ]
        return pa.concat_tables(found)

    @property
    def plan(self) -> Plan:
        """The plan of the store."""
        return self._told()

    @property
    def labels(self) -> pa.Table:
        """What people decided of pairs, and nobody took back: ``left_id, right_id, verdict``."""
        own = set(self._state.names[self._state.customers :])
        pairs = ((one, other, word) if one in own else (other, one, word) for one, other, word in self._said())
        return _label_table([Label(one[1], other[1], word) for one, other, word in pairs])

    @property
    def customer_ids(self) -> pa.Array:
        """The ids of all customers, sorted."""
        return self._state.facts.customers.ids

    @property
    def profiles(self) -> pa.Table:
        """``profile_id``, ``channel`` and ``observed_at`` of each profile."""
        return self._state.facts.profiles.table.select(["profile_id", "channel", "observed_at"])

    @property
    def channels(self) -> pa.Table:
        """What became of each channel: ``channel``, ``profiles``, ``attached``, ``review``, ``new``."""
        return by_channel(self.decisions, self.profiles)

    @property
    def customers(self) -> pa.Table:
        """The customers' rows, as their sources last said them, without those that were erased.

        Raises:
            TableError: the store has no customers.
        """
        return self._rows().table

    @property
    def id_column(self) -> str:
        """The column of ``customers`` with their ids."""
        return self._rows().schema.id_column

    @property
    def clusters(self) -> pa.Table:
        """The entity of each customer's row: ``id`` and ``entity_id``."""
        return self._state.clusters

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the answers."""
        found = self._state.facts.schema
        return tuple(found.notes) if found else ()

    def duplicates(self) -> DedupeResult:
        """The customers compared with each other, people's decisions about two of them heeded.

        Entities of a store hold only what is as good as certain, so that these are more; a warning says so.
        """
        own = set(self._state.names[: self._state.customers])
        said = [Label(left[1], right[1], word) for left, right, word in self._said() if left in own and right in own]
        given = _label_table(said) if said else None
        found = dedupe(self.customers, plan=alone(self._told()), decisions=given)
        held = self.clusters.num_rows - len(pc.unique(self.clusters["entity_id"]))
        repeats = amount(held, "row that repeats", "rows that repeat")
        told = f"the store itself has {repeats} a person: it joins only what is as good as certain"
        return replace(found, warnings=(*found.warnings, told))

    # ------------------------------------------------------------------------------------------------------------- why
    def explain(self, any_id: str) -> Explanation:
        """Why a profile was decided so: a weight for each comparison with its likeliest customer, and the runner-up.

        ``any_id`` is that of a profile, or of an entity with one profile. Where people or a rule decided otherwise than
        the model, the verdict and the reason say so; the weights are the model's.

        Raises:
            StoreError: nothing has the id.
            TableError: it is a customer's, or that of an entity of several profiles.
        """
        profile = self._profile(any_id)
        found = self._state.judged.scored.explain(profile)
        row = self.decisions.slice(pc.index(self.decisions["profile_id"], profile).as_py(), 1).to_pylist()[0]
        return _as_held(found, row, self._state.entity_of_customer)

    def explain_customers(self, left_id: str, right_id: str) -> Explanation:
        """Why two customers' rows are, or are not, one person; they are all compared anew.

        Raises:
            TableError: an id is not a customer's.
        """
        entities = self._state.entity_of_customer
        found = self.duplicates().explain(left_id, right_id)
        same = entities[left_id] == entities[right_id]
        if same == (found.verdict == "same"):
            return found
        unsure = "likely one person, and not certain enough for the store to make them one by itself"
        reason = "other records of the same person connect these two" if same else unsure
        return replace(found, verdict="same" if same else "different", reason=reason)

    def _profile(self, any_id: str) -> str:
        named = find(self._state, any_id)
        own = [name[1] for name in named if self._state.rows[name] >= self._state.customers]
        if len(own) == 1:
            return own[0]
        said = f"is of {len(own)} profiles; give that of one of them" if own else "is a customer's; give a profile's"
        raise TableError(f"explain: the id given {said}, as in decisions.csv, or two ids of customers")

    # ------------------------------------------------------------------------------------------------------- questions
    def suggest_reviews(self, n: int = 50, *, decisions: tables.Source | None = None) -> pa.Table:
        """The pairs of a profile and a customer whose answers would mend most: what to ask a person.

        Arguments, columns and errors are those of ``AttachResult.suggest_reviews``. What people decided in the store is
        not asked about again. Give the answers to ``Resolver.decide``, or to the command ``decide --decisions``.
        """
        wanted, facts = count_of(n), self._state.facts
        if not self._state.customers or not len(facts.profiles.ids):
            return review_table(pick(NO_QUESTIONS, wanted), [], self._sides(), ())
        plan = with_decisions(Plan(), decisions, facts.profiles.ids, facts.customers.ids)
        known = asked_of(plan.decisions, facts.profiles.ids, facts.customers.ids)
        standing = self._standing()
        chosen = pick(self._open(about_profiles(standing, known)), wanted)
        fields = ready_for_profiles(self._told(), self._rows()).fields
        return review_table(chosen, said_of_profiles(chosen, standing.verdict), self._sides(), fields)

    def _standing(self) -> ProfileVerdicts:
        held, best = self.decisions, self._state.judged.scored.likeliest()
        likeliest = whole(best["customer_id"]).take(pc.index_in(held["profile_id"], whole(best["profile_id"])))
        probability = _numbers(held["probability"])
        verdict = np.array([_CODES[word] for word in held["verdict"].to_pylist()], np.uint8)
        return ProfileVerdicts(
            verdict,
            self._customers(pc.coalesce(held["customer_id"], likeliest)),
            probability,
            self._customers(held["runner_up_id"]),
            _numbers(held["runner_up_probability"]),
            self._persons(verdict),
            (verdict == REVIEW) & (probability >= self._state.plan.costs.attach_line),
        )

    def _customers(self, ids: pa.ChunkedArray | pa.Array) -> Ints:
        at = pc.index_in(ids, self._state.facts.customers.ids, skip_nulls=True)
        return np.asarray(pc.fill_null(at, -1).to_numpy(zero_copy_only=False), np.int64)

    def _persons(self, verdict: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Ints:
        """The first profile of each stranger; one that is attached stands for itself."""
        first: dict[str, int] = {}
        entities = (self._state.entity_of[name] for name in self._state.names[self._state.customers :])
        own = [row if verdict[row] == ATTACH else first.setdefault(one, row) for row, one in enumerate(entities)]
        return np.array(own, np.int64)

    def _open(self, questions: Questions) -> Questions:
        """The questions that nothing that people said answers: of no profile that was joined to a record, or parted."""
        state = self._state
        own = set(state.names[: state.customers])
        same = [(left, right) for left, right, word in self._said() if word == "same"]
        joined = {state.rows[profile] for pair in same for profile, other in (pair, pair[::-1]) if other in own}
        parted, entities = parted_of(state), state.identities.of_rows().to_pylist()
        pairs = zip((questions.left + state.customers).tolist(), questions.right.tolist(), strict=True)
        kept = [row not in joined and (row, entities[customer]) not in parted for row, customer in pairs]
        return questions.take(np.flatnonzero(np.array(kept, bool)))

    def _said(self) -> Iterator[tuple[Name, Name, str]]:
        """What people said of two records that are there."""
        for one in self._state.in_force:
            if one.kind in _TOLD and len(one.targets) == 2:
                left, right = ((target.source, target.record_id) for target in one.targets)
                if left in self._state.rows and right in self._state.rows:
                    yield left, right, _TOLD[one.kind]

    # ----------------------------------------------------------------------------------------------------------- tables
    def _told(self) -> Plan:
        return told(self._state.plan, self._state.facts)

    def _rows(self) -> Rows:
        facts = self._state.facts
        if facts.schema is None:
            raise TableError("the store has no customers; load them first, with attach --store or Resolver.load")
        names = [name for name in facts.customers.table.column_names if name != OBSERVED]
        return Rows(facts.customers.table.select(names), facts.customers.ids, facts.schema)

    def _sides(self) -> Sides:
        facts = self._state.facts
        return Sides(facts.profiles.table, facts.profiles.ids, facts.customers.table, facts.customers.ids)


def _as_held(found: Explanation, held: dict[str, object], entity_of: dict[str, str]) -> Explanation:
    """The model's explanation with the verdict that holds, and what it has to do with the pair that was weighed."""
    verdict, reason, customer = (str(held[name] or "") for name in ("verdict", "reason", "customer_id"))
    if verdict != Verdict.ATTACH.value:
        return replace(found, verdict=verdict, reason=reason)
    if entity_of.get(found.right_id) == held["entity_id"]:
        return replace(found, verdict=verdict, reason=reason)
    return replace(found, verdict="different", reason=f"{reason}: attached to {customer}")


def _label_table(labels: list[Label]) -> pa.Table:
    names = ("left_id", "right_id", "verdict")
    return pa.table({name: pa.array([getattr(one, name) for one in labels], pa.string()) for name in names})


def _numbers(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(pc.fill_null(column, 0.0).to_numpy(), np.float64)
