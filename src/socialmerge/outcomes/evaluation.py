"""``evaluate``: one result against the true answers, and the figures that come out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from socialmerge.outcomes.measures import (
    Flags,
    Floats,
    Ints,
    Rows,
    Scores,
    bcubed,
    best_f1,
    calibration,
    pairwise,
    reliability,
    scores,
    wilson,
)
from socialmerge.outcomes.truth import Records, Truth, read_truth
from socialmerge.records import Verdict

__all__ = ["AttachLike", "Attaching", "DedupeLike", "Evaluation", "evaluate"]

_CALIBRATED_FROM = 0.01


@runtime_checkable
class AttachLike(Protocol):
    """What ``attach`` gives, as far as it is measured; ``customer_ids`` is used where it is there."""

    @property
    def decisions(self) -> pa.Table:
        """One row a profile."""

    @property
    def pairs(self) -> pa.Table:
        """One row a scored pair."""


class DedupeLike(Protocol):
    """What ``dedupe`` gives, as far as it is measured."""

    @property
    def clusters(self) -> pa.Table:
        """One row a record."""

    @property
    def pairs(self) -> pa.Table:
        """One row a scored pair."""


@runtime_checkable
class Holding(Protocol):
    """A resolver, as far as it is measured: what holds now is its result."""

    def result(self) -> AttachLike:
        """What holds now."""


Result: TypeAlias = AttachLike | DedupeLike | Holding


@dataclass(frozen=True, slots=True)
class Attaching:
    """Figures that only ``attach`` has. A profile *has a customer* when its person is in the CRM."""

    profiles: int
    with_customer: int
    attached: int
    reviewed: int
    new: int
    precision_low: float  # ends of the 95 % interval of the precision of attach
    precision_high: float
    precision_with_review: float  # were every review answered with its best candidate
    recall_with_review: float
    best_candidate_right: float  # share of the profiles that have a customer; 1 where there are none
    duplicates_created: float  # share of the profiles that have a customer which were called new


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a result is; ``print`` it, or take ``as_dict()`` for JSON.

    Precision, recall, F1 and B-cubed are of the final clusters or attachments, decided as the plan's costs say.
    The threshold of ``best_f1`` is picked on the answers, for comparison only.
    """

    records: int
    true_pairs: int
    scored_pairs: int
    pair_completeness: float  # share of the true pairs that are among the scored pairs
    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    best_f1: float
    best_threshold: float
    expected_pairs: float  # the sum of the scored pairs' probabilities
    calibrated_pairs: int  # those of probability 0.01 or more, and each profile's best candidate
    calibration_error: float
    log_loss: float
    reliability: tuple[tuple[float, float, int], ...]  # mean probability, share that is right, pairs: one a bin
    attaching: Attaching | None = None

    def as_dict(self) -> dict[str, int | float]:
        """All figures by name, those of ``attaching`` among them, ``reliability`` left out."""
        figures = asdict(self)
        del figures["reliability"]
        return figures | (figures.pop("attaching") or {})

    def __str__(self) -> str:
        """Six lines to read, eleven for ``attach``."""
        error, loss = f"error {self.calibration_error:.4f}", f"log loss {self.log_loss:.4f}"
        lines = [
            f"{self.records:,} records, {self.true_pairs:,} true pairs",
            f"scored       {self.scored_pairs:,} pairs, which hold {self.pair_completeness:.4f} of the true ones",
            _line("decided", self.precision, self.recall, self.f1),
            _line("B-cubed", self.bcubed_precision, self.bcubed_recall, self.bcubed_f1),
            f"best F1      {self.best_f1:.4f} at probability {self.best_threshold:.4g} (picked on the answers)",
            f"calibration  {error}  {loss}  over {self.calibrated_pairs:,} pairs",
        ]
        return "\n".join(lines + (_attaching_lines(self.attaching) if self.attaching else []))


def _line(what: str, precision: float, recall: float, f1: float) -> str:
    return f"{what:<11}  precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}"


def _attaching_lines(figures: Attaching) -> list[str]:
    return [
        f"{figures.profiles:,} profiles, of which {figures.with_customer:,} have a customer",
        f"verdicts     {figures.attached:,} attach, {figures.reviewed:,} review, {figures.new:,} new",
        f"attach       precision between {figures.precision_low:.4f} and {figures.precision_high:.4f} (95 %)",
        f"with review  precision {figures.precision_with_review:.4f}  recall {figures.recall_with_review:.4f}",
        f"best candidate right {figures.best_candidate_right:.4f}  duplicates created {figures.duplicates_created:.4f}",
    ]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Scored pairs as rows, each pair once with its greatest probability, sorted by left and right."""

    left: Rows
    right: Rows
    probability: Floats
    true: Flags
    calibrated: Flags  # of probability 0.01 or more, or a profile's best


@dataclass(frozen=True, slots=True)
class _Answers:
    """The decisions as arrays, one entry a profile."""

    customer: Ints  # row of the best candidate, -1 where the decision names none
    right: Flags  # that candidate is the profile's person
    known: Flags  # the profile's person is in the CRM
    attach: Flags
    review: Flags
    new: Flags


def evaluate(result: Result, truth: object) -> Evaluation:
    """Measure what ``attach`` or ``dedupe`` gave, or what holds in a resolver's store, against the true answers.

    ``truth`` is a path or table with the columns ``id, entity_id`` (a label a record), ``id_a, id_b`` (true pairs), or
    ``profile_id, customer_id``; what it does not name belongs to nobody else. Where a profile is the same person as
    several customer rows, any of them is right; only ``id_a, id_b`` asks for every pair. Raises ``LabelError`` when the
    columns are others, a cell is empty, or an id is not among the records.

    >>> from types import SimpleNamespace
    >>> pairs = pa.table({"left_id": ["1"], "right_id": ["2"], "probability": [0.9]})
    >>> result = SimpleNamespace(clusters=pa.table({"id": ["1", "2", "3"], "entity_id": ["1", "1", "3"]}), pairs=pairs)
    >>> evaluate(result, pa.table({"id_a": ["1"], "id_b": ["2"]})).f1
    1.0
    """
    if isinstance(result, Holding):
        result = result.result()
    if isinstance(result, AttachLike):
        return _evaluate_attach(result, truth)
    return _evaluate_dedupe(result, truth)


def _evaluate_dedupe(result: DedupeLike, source: object) -> Evaluation:
    truth, records = read_truth(source, Records(_texts(result.clusters, "id")))
    clusters = _codes(_texts(result.clusters, "entity_id"))
    pairs = _pairs(result.pairs, truth, records)
    decided, cubed = pairwise(clusters, truth.entities), bcubed(clusters, truth.entities)
    return _evaluation(truth, pairs, decided=decided, cubed=cubed)


def _evaluate_attach(result: AttachLike, source: object) -> Evaluation:
    truth, records = read_truth(source, _attach_records(result))
    answers = _answers(result.decisions, truth, records)
    pairs = _pairs(result.pairs, truth, records)
    wanted = truth.true_pairs if truth.wants_every_pair else int(answers.known.sum())
    return _evaluation(
        truth,
        pairs,
        decided=_scores(answers.right, answers.attach, wanted),
        cubed=bcubed(_attached_clusters(result.decisions, answers, truth), truth.entities),
        attaching=_attaching(answers, _best_right(answers, pairs), wanted),
    )


def _answers(decisions: pa.Table, truth: Truth, records: Records) -> _Answers:
    customer = records.right_rows(_texts(decisions, "customer_id"))
    right = truth.is_true(np.arange(customer.size), customer) & (customer >= 0)
    attach, review, new = (_is(decisions, verdict) for verdict in (Verdict.ATTACH, Verdict.REVIEW, Verdict.NEW))
    return _Answers(customer, right, truth.profiles_with_customer(), attach, review, new)


def _scores(right: Flags, chosen: Flags, wanted: int) -> Scores:
    return scores(int((right & chosen).sum()), int(chosen.sum()), wanted)


def _best_right(answers: _Answers, pairs: _Pairs) -> Flags:
    """Whose best candidate is right; of a new profile the decision names none, but the pairs do."""
    best = answers.right.copy()
    top = _top(pairs.left, pairs.probability)
    unnamed = top[answers.new[pairs.left[top]]]
    best[pairs.left[unnamed]] = pairs.true[unnamed]
    return best


def _attaching(answers: _Answers, best_right: Flags, wanted: int) -> Attaching:
    known, attach = answers.known, answers.attach
    low, high = wilson(int((answers.right & attach).sum()), int(attach.sum()))
    with_review = _scores(answers.right, attach | answers.review, wanted)
    return Attaching(
        profiles=attach.size,
        with_customer=int(known.sum()),
        attached=int(attach.sum()),
        reviewed=int(answers.review.sum()),
        new=int(answers.new.sum()),
        precision_low=low,
        precision_high=high,
        precision_with_review=with_review.precision,
        recall_with_review=with_review.recall,
        best_candidate_right=float(best_right[known].mean()) if known.any() else 1.0,
        duplicates_created=float(answers.new[known].mean()) if known.any() else 0.0,
    )


def _evaluation(
    truth: Truth, pairs: _Pairs, *, decided: Scores, cubed: Scores, attaching: Attaching | None = None
) -> Evaluation:
    best, threshold = best_f1(pairs.probability, pairs.true, truth.true_pairs)
    error, loss = calibration(pairs.probability[pairs.calibrated], pairs.true[pairs.calibrated])
    return Evaluation(
        records=truth.entities.size,
        true_pairs=truth.true_pairs,
        scored_pairs=pairs.left.size,
        pair_completeness=scores(int(pairs.true.sum()), 0, truth.true_pairs).recall,
        precision=decided.precision,
        recall=decided.recall,
        f1=decided.f1,
        bcubed_precision=cubed.precision,
        bcubed_recall=cubed.recall,
        bcubed_f1=cubed.f1,
        best_f1=best,
        best_threshold=threshold,
        expected_pairs=float(pairs.probability.sum()),
        calibrated_pairs=int(pairs.calibrated.sum()),
        calibration_error=error,
        log_loss=loss,
        reliability=reliability(pairs.probability[pairs.calibrated], pairs.true[pairs.calibrated]),
        attaching=attaching,
    )


def _attach_records(result: AttachLike) -> Records:
    profiles = _texts(result.decisions, "profile_id")
    listed: pa.Array | None = getattr(result, "customer_ids", None)
    if listed is not None:
        return Records(profiles, listed)
    named = [
        _texts(result.decisions, "customer_id"),
        _texts(result.decisions, "runner_up_id"),
        _texts(result.pairs, "right_id"),
    ]
    return Records(profiles, pa.concat_arrays(named).drop_null().unique(), complete=False)


def _pairs(table: pa.Table, truth: Truth, records: Records) -> _Pairs:
    key = _keys(table, records)
    order = np.argsort(key, kind="stable")
    key, best = key[order], np.asarray(table["probability"].to_numpy(), np.float64)[order]
    del order
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: key.size])
    if starts.size < key.size:
        key, best = key[starts], np.maximum.reduceat(best, starts)
    left, right = _whole(key // max(records.count, 1)), _whole(key % max(records.count, 1))
    calibrated = best >= _CALIBRATED_FROM
    if records.right is not None:
        calibrated[_top(left, best)] = True
    return _Pairs(left, right, best, truth.is_true(left, right), calibrated)


def _keys(table: pa.Table, records: Records) -> NDArray[np.int64]:
    """A number for each pair of rows, the lower row first where there is one table."""
    left, right = records.left_rows(_texts(table, "left_id")), records.right_rows(_texts(table, "right_id"))
    if records.right is None:
        left, right = np.minimum(left, right), np.maximum(left, right)
    left *= records.count
    left += right
    return left


def _whole(rows: NDArray[np.int64]) -> Rows:
    """Row numbers in half the room: there are tens of millions of pairs of ten million records."""
    return rows.astype(np.int32)


def _top(left: Rows, probability: Floats) -> Ints:
    """The place of each profile's most probable pair; of equals the first customer's."""
    order: Ints = np.lexsort((-probability, left))
    first: Flags = np.append(True, np.diff(left[order]) != 0)[: order.size]
    top: Ints = order[first]
    return top


def _attached_clusters(decisions: pa.Table, answers: _Answers, truth: Truth) -> Ints:
    """A cluster label for every record: a profile takes that of the customer it is attached to."""
    labels = np.arange(truth.entities.size)
    of_profiles = labels[: answers.customer.size]
    of_profiles[answers.attach] = answers.customer[answers.attach]
    if truth.names_strangers:  # else nobody can say whether two new profiles are one person's
        strangers = _codes(_texts(decisions, "entity_id"))[answers.new]
        of_profiles[answers.new] = truth.entities.size + strangers
    return labels


def _is(decisions: pa.Table, verdict: Verdict) -> Flags:
    same = pc.equal(decisions["verdict"], verdict.value).fill_null(fill_value=False)
    return np.asarray(same.to_numpy(), np.bool_)


def _codes(values: pa.Array) -> Ints:
    return np.asarray(values.dictionary_encode("encode").indices.to_numpy(zero_copy_only=False), np.int64)


def _texts(table: pa.Table, column: str) -> pa.Array:
    return pa.concat_arrays([pa.array([], pa.string()), *table[column].cast(pa.string()).chunks])
