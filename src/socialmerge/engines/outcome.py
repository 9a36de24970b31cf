"""The outcome of an attach run: decisions over weighed candidates, as tables and as reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking import Key
from socialmerge.engines.decided import heed, hold
from socialmerge.engines.said import public_of
from socialmerge.matching.decide import Candidates, Decisions, Tables, decide
from socialmerge.matching.explain import Explanation, Line
from socialmerge.matching.known import Known
from socialmerge.matching.rivals import contested
from socialmerge.matching.weigh import Fit
from socialmerge.plan import Plan
from socialmerge.records import Assurance, Verdict, pairs_schema

__all__ = ["Outcome", "settle"]

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]

FLOOR = 1e-3
"""Candidates less probable than this are not in the pairs."""
_SATURATED = 40.0
"""Bits from which a probability is as good as one."""
_SEEN = 0.05
"""Bits below which a line of an explanation would print as nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Candidates with their probabilities, and what was decided.

    ``lines(left, right)`` gives the waterfall of a pair of rows; ``labels`` name the bits of the decisions' evidence.
    """

    candidates: Candidates
    probability: Array
    decided: Decisions
    source: Ints
    people: int
    labels: tuple[str, ...]
    lines: Callable[[int, int], tuple[Line, ...]]
    fitted: Fit | None
    keys: tuple[Key, ...] = ()
    warnings: tuple[str, ...] = ()
    expected_recall: float = 1.0

    def decisions(self, profile_ids: pa.Array, customer_ids: pa.Array) -> pa.Table:
        """One row a profile, sorted by id."""
        ids = profile_ids.to_pylist(), customer_ids.to_pylist()
        return self.decided.table(*ids, self.labels, public=public_of(self.labels))

    def likeliest(self, profile_ids: pa.Array, customer_ids: pa.Array) -> pa.Table:
        """The best candidate of each profile, whatever was decided; null where there is none."""
        customer = self.decided.customer
        best = customer_ids.take(pa.array(customer, mask=customer < 0))
        return pa.table({"profile_id": profile_ids, "customer_id": best})

    def pairs(self, profile_ids: pa.Array, customer_ids: pa.Array) -> pa.Table:
        """The candidates above the floor, profile by profile, the likeliest first."""
        keep = np.flatnonzero(self.probability >= FLOOR)
        found = self.candidates
        keep = keep[np.lexsort((found.right[keep], -self.probability[keep], found.left[keep]))]
        left, right = found.left[keep], found.right[keep]
        chosen = self.decided.customer[left] == right
        verdict = np.array([Verdict.ATTACH.value, Verdict.REVIEW.value, Verdict.NEW.value], object)[
            self.decided.verdict[left]
        ]
        verdict[~chosen & (verdict == Verdict.ATTACH.value)] = Verdict.NEW.value
        columns = [
            profile_ids.take(pa.array(left)),
            customer_ids.take(pa.array(right)),
            pa.array(self.probability[keep]),
            pa.array(found.weight[keep]),
            pa.array(verdict.tolist(), pa.string()),
        ]
        return pa.table(columns, schema=pairs_schema())

    def explain(self, row: int, profile_id: str, customer_ids: pa.Array) -> Explanation:
        """Why a profile was decided so: the waterfall of its likeliest candidate."""
        customer, runner_up = int(self.decided.customer[row]), int(self.decided.runner_up[row])
        probability = float(self.decided.probability[row])
        share = float(np.clip(self.decided.share[self.source[row]], 1e-9, 1 - 1e-9)) if len(self.decided.share) else 0.5
        prior = float(np.log2(share / (1 - share) / max(self.people, 1)))
        lines = self.lines(row, customer) if customer >= 0 else ()
        odds = float(np.log2(max(probability, 1e-300)) - np.log2(max(1 - probability, 1e-16)))
        rest = odds - prior - sum(line.bits for line in lines)
        # beyond this the probability is one to the last digit, and says nothing of what is left
        if lines and abs(rest) > _SEEN and odds < _SATURATED:
            said = "another customer, or another profile, fits too" if rest < 0 else "nobody else claims this customer"
            lines = (*lines, Line("rivals", said, rest))
        verdict = (Verdict.ATTACH, Verdict.REVIEW, Verdict.NEW)[int(self.decided.verdict[row])]
        return Explanation(
            profile_id,
            customer_ids[customer].as_py() if customer >= 0 else "nobody",
            prior,
            lines,
            probability,
            verdict.value,
            self.decided.reason(row, self.labels),
            customer_ids[runner_up].as_py() if runner_up >= 0 else "",
            float(self.decided.runner_up_probability[row]) if runner_up >= 0 else 0.0,
        )


def settle(
    plan: Plan,
    candidates: Candidates,
    tables: Tables,
    *,
    labels: tuple[str, ...],
    lines: Callable[[int, int], tuple[Line, ...]],
    fitted: Fit | None,
    keys: tuple[Key, ...] = (),
    warnings: tuple[str, ...] = (),
    known: Known | None = None,
    as_a_whole: bool = False,
) -> Outcome:
    """Decide weighed candidates under the plan's costs; what people decided holds."""
    found = candidates
    candidates = heed(found, tables, known)
    source = np.zeros(tables.n_profiles, np.int64) if tables.source is None else tables.source
    people = tables.people
    decided = decide(
        candidates,
        tables,
        costs=plan.costs,
        cardinality=plan.cardinality or "many",
        minimum_assurance=Assurance(plan.minimum_assurance),
        as_a_whole=as_a_whole,
    )
    decided = hold(decided, found, known)
    contest = contested(
        candidates.left,
        candidates.right,
        candidates.weight,
        n_profiles=tables.n_profiles,
        n_customers=people,
        source=source,
        recall=tables.recall,
    )
    return Outcome(
        candidates,
        contest.posterior.candidate,
        decided,
        source,
        people,
        labels,
        lines,
        fitted,
        keys,
        warnings,
        tables.recall,
    )
