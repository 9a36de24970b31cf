"""What the verbs return: tables, the plan that was used, and answers to *why*."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import merging, tables
from socialmerge.api import merged
from socialmerge.api.channelled import by_channel
from socialmerge.api.inputs import Rows, row_of
from socialmerge.api.labels import asked_of, with_decisions
from socialmerge.api.reviewing import (
    ProfileVerdicts,
    Sides,
    about_profiles,
    count_of,
    review_table,
    row_labels,
    said_of_clusters,
    said_of_profiles,
)
from socialmerge.engines import Matched
from socialmerge.engines.outcome import Outcome
from socialmerge.errors import TableError, amount
from socialmerge.matching.entities import Evidence, between, posterior
from socialmerge.matching.explain import Explanation, Line, explain_pair
from socialmerge.matching.known import bind
from socialmerge.matching.questions import NO_QUESTIONS, Scored, about_clusters, pick
from socialmerge.plan import Plan
from socialmerge.schema import Schema

__all__ = ["AttachResult", "DedupeResult"]

_SEEN = 0.05
"""Bits below which a line of an explanation would print as nothing."""


@dataclass(frozen=True, slots=True)
class DedupeResult:
    """Which rows are one person.

    ``clusters`` has a row for each row of the table: ``id, entity_id, probability``. ``pairs`` are the scored pairs
    above the floor, most probable first. ``plan`` is the plan that was used, with its keys and weights; ``warnings``
    are sentences.
    """

    clusters: pa.Table
    pairs: pa.Table
    plan: Plan
    schema: Schema
    warnings: tuple[str, ...]
    _rows: Rows = field(repr=False)
    _matched: Matched | None = field(repr=False)
    policy: merging.Policy | None = field(repr=False, default=None)
    _settled: bool = field(repr=False, default=True)

    @property
    def candidates(self) -> int:
        """How many pairs were compared."""
        return self._matched.candidates if self._matched else 0

    @property
    def expected_recall(self) -> float:
        """Share of the true pairs that the keys are expected to find."""
        return self._matched.expected_recall if self._matched else 1.0

    def explain(self, left_id: str, right_id: str) -> Explanation:
        """Why two rows are, or are not, one person.

        Raises:
            TableError: an id is not in the table.
        """
        if self._matched is None:
            msg = "nothing was compared in this run, so there is nothing to explain"
            raise TableError(msg)
        left, right = (_row(self._rows.ids, wanted, "customers") for wanted in (left_id, right_id))
        low, high = min(left, right), max(left, right)
        found = explain_pair(self._matched.comparers, self._matched.fitted, low, high, (left_id, right_id))
        labels = np.asarray(pc.index_in(self.clusters["entity_id"], self._rows.ids).to_numpy(), np.int64)
        same = bool(labels[left] == labels[right])
        reason = _cluster_reason(found.probability, same=same)
        told = bind(self._matched.known, np.array([low]), np.array([high]), np.zeros(1))[0]
        if told:
            found, reason = replace(found, probability=float(told > 0)), "a person decided so"
        elif self._settled:
            found = _among(found, self._matched, labels, low, high)
        return replace(found, verdict="same" if same else "different", reason=reason)

    def suggest_reviews(self, n: int = 50, *, decisions: tables.Source | None = None) -> pa.Table:
        """The pairs whose answers would mend most: what to ask a person.

        Args:
            n: how many questions; fewer come back where there are fewer.
            decisions: earlier decisions; those that this run was given need not be given again. No pair of them, also
                none decided *unsure*, is asked about again.

        Returns:
            A table with ``left_id, right_id, verdict, probability, reason``, most useful first, and both rows' values
            of each field in ``left.`` and ``right.`` columns. Write ``same``, ``different`` or ``unsure`` into
            ``verdict``, and give the table to ``fit`` or ``dedupe`` as ``decisions``. The same run gives the same
            questions.

        Raises:
            LabelError: ``n`` is below 1, or the decisions do not fit the table.

        >>> from socialmerge import dedupe
        >>> table = pa.table({"id": ["1", "2", "3"], "name": ["Ada Lovelace", "Ada Lovelace", "A. Lovelace"]})
        >>> dedupe(table).suggest_reviews(1)["verdict"].to_pylist()
        [None]
        """
        plan = with_decisions(self.plan, decisions, self._rows.ids, self._rows.ids)
        sides = Sides(self._rows.table, self._rows.ids, self._rows.table, self._rows.ids)
        if self._matched is None:
            return review_table(pick(NO_QUESTIONS, count_of(n)), [], sides, plan.fields)
        labels = row_labels(self.clusters["entity_id"], self._rows.ids)
        asked = asked_of(plan.decisions, self._rows.ids, self._rows.ids)
        found = self._matched
        evidence = Evidence(found.comparers, found.fitted, found.chunk, found.known, order=found.order)
        judge = partial(between, evidence) if self._settled else None
        scored = Scored(found.left, found.right, found.log_odds, found.score, found.known, judge)
        chosen = pick(about_clusters(labels, scored, asked), count_of(n))
        return review_table(chosen, said_of_clusters(chosen), sides, plan.fields)

    golden = merged.golden
    simulate = merged.simulate
    changes = merged.changes
    merges = merged.merges

    def _members(self) -> merged.Members:
        return self.clusters, self._rows.table, None, None


def _among(
    found: Explanation, matched: Matched, labels: np.ndarray[tuple[int], np.dtype[np.int64]], left: int, right: int
) -> Explanation:
    """The explanation with what the other rows of the two rows' clusters add."""
    evidence = Evidence(matched.comparers, matched.fitted, matched.chunk, order=matched.order)
    own = np.array([found.prior + found.weight])
    odds = float(posterior(evidence, labels, np.array([left], np.int32), np.array([right], np.int32), own)[0])
    if abs(odds - own[0]) <= _SEEN:
        return found
    said = "the other rows of these clusters are for it" if odds > own[0] else "the other rows are against it"
    line = Line("other rows", said, odds - float(own[0]))
    return replace(found, lines=(*found.lines, line), probability=1 / (1 + float(np.exp2(-odds))))


def _cluster_reason(probability: float, *, same: bool) -> str:
    if same and probability < 0.5:
        return "other rows of the same person connect these two"
    if not same and probability >= 0.5:
        return "the evidence of the other rows around them is against it"
    return "the evidence of the pair" if same else "not enough evidence that they are one person"


def _row(ids: pa.Array, wanted: str, what: str) -> int:
    row = row_of(ids, wanted)
    if row < 0:
        size = amount(len(wanted), "character", "characters")
        msg = f"the {what} have no id like the one given ({size}); ids are compared exactly, as text"
        raise TableError(msg)
    return row


@dataclass(frozen=True, slots=True)
class AttachResult:
    """Which customer each profile is, if any.

    ``decisions`` has a row for each profile, sorted by ``profile_id``; ``pairs`` has the scored candidates above the
    floor. ``plan`` is the plan that was used, with its keys and weights; ``warnings`` are sentences.
    """

    decisions: pa.Table
    pairs: pa.Table
    plan: Plan
    schema: Schema
    warnings: tuple[str, ...]
    _profiles: pa.Table = field(repr=False)
    _profile_ids: pa.Array = field(repr=False)
    _rows: Rows = field(repr=False)
    _outcome: Outcome = field(repr=False)
    _left_schema: Schema | None = field(repr=False, default=None)
    policy: merging.Policy | None = field(repr=False, default=None)
    in_store: ClassVar[bool] = False

    @property
    def customer_ids(self) -> pa.Array:
        """The ids of all customers, sorted."""
        return self._rows.ids

    @property
    def profiles(self) -> pa.Table:
        """What ``metrics`` counts by: ``profile_id``, ``channel`` and ``observed_at`` (text), one row a profile.

        The rows of a plain table have neither a channel nor a time.
        """
        blank = pa.nulls(len(self._profile_ids), pa.string())
        of = self._profiles
        told = {name: of[name] if name in of.column_names else blank for name in ("channel", "observed_at")}
        return pa.table({"profile_id": self._profile_ids, **told})

    @property
    def channels(self) -> pa.Table:
        """What became of each channel: ``channel``, ``profiles``, ``attached``, ``review``, ``new``.

        The rows of a plain table are under ``"profiles"``.
        """
        return by_channel(self.decisions, self.profiles)

    @property
    def likeliest(self) -> pa.Table:
        """The best candidate of each profile, whatever was decided: ``profile_id``, and ``customer_id`` or null."""
        return self._outcome.likeliest(self._profile_ids, self._rows.ids)

    @property
    def candidates(self) -> int:
        """How many pairs were weighed."""
        return len(self._outcome.candidates.left)

    @property
    def expected_recall(self) -> float:
        """Share of the true pairs that are expected among the candidates."""
        return self._outcome.expected_recall

    def explain(self, profile_id: str) -> Explanation:
        """Why a profile was decided so: a weight for each comparison with its likeliest customer, and the runner-up.

        Raises:
            TableError: the id is not in the profiles.
        """
        row = _row(self._profile_ids, profile_id, "profiles")
        return self._outcome.explain(row, profile_id, self._rows.ids)

    def suggest_reviews(self, n: int = 50, *, decisions: tables.Source | None = None) -> pa.Table:
        """The pairs of a profile and a customer whose answers would mend most: what to ask a person.

        Arguments, columns and errors are those of :meth:`DedupeResult.suggest_reviews`; ``left_id`` is the profile's
        and ``right_id`` the customer's. Give the answers to ``fit`` or ``attach`` as ``decisions``.
        """
        plan = with_decisions(self.plan, decisions, self._profile_ids, self._rows.ids)
        sides = Sides(self._profiles, self._profile_ids, self._rows.table, self._rows.ids)
        decided = self._outcome.decided
        known = asked_of(plan.decisions, self._profile_ids, self._rows.ids)
        chosen = pick(about_profiles(ProfileVerdicts.of(decided), known), count_of(n))
        return review_table(chosen, said_of_profiles(chosen, decided.verdict), sides, plan.fields)

    golden = merged.golden
    simulate = merged.simulate
    changes = merged.changes
    merges = merged.merges

    def _members(self) -> merged.Members:
        return self.decisions, self._rows.table, self._profiles, self._left_schema
