"""Which customer is each profile, if any: attach, send to a person, or keep as new.

The probability is one-of-N (see `posterior`), with profiles of one source competing for a customer (see `rivals`).
Costs set the lines; signs that something is wrong, a doubtful customer table and the assignment only ever withdraw an
attachment.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from socialmerge.matching.assignment import assign
from socialmerge.matching.components import components
from socialmerge.matching.decisions import ATTACH, NEW, REVIEW, Candidates, Costs, Decisions, Tables
from socialmerge.matching.reasons import Cause, Caution
from socialmerge.matching.rivals import Contest, Habits, contested
from socialmerge.records import Assurance

__all__ = ["Candidates", "Costs", "Decisions", "Tables", "decide"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_COMPETES = 7.0  # bits within which a double of the likeliest customer takes a share that matters
_AS_WELL = 5.0  # bits within which another customer fits about as well


def decide(
    candidates: Candidates,
    tables: Tables,
    *,
    costs: Costs | None = None,
    cardinality: str = "many",
    minimum_assurance: Assurance = Assurance.INFERRED,
    as_a_whole: bool = False,
    habits: Habits | None = None,
) -> Decisions:
    """Decide every profile.

    Args:
        candidates: pairs with their weights.
        tables: the sizes and groups of the two tables.
        costs: of mistakes; the usual ones when left out.
        cardinality: "one" where a customer has one profile at most.
        minimum_assurance: ``VERIFIED`` attaches nothing that verified evidence alone would not carry.
        as_a_whole: the costs bound the errors among all attachments together, and not of each (see `_line_of_all`).
        habits: what is known of the sources from an earlier run; learned from these candidates when left out.

    Returns:
        One decision for each profile row.

    >>> found = decide(Candidates.of([0, 1, 1], [0, 1, 2], [25.0, 25.0, 25.0]), Tables(2, 100))
    >>> found.table(["a", "b"], [str(i) for i in range(100)])["verdict"].to_pylist()
    ['attach', 'review']
    """
    costs = costs or Costs()
    group = np.arange(tables.n_profiles) if tables.group is None else np.unique(tables.group, return_inverse=True)[1]
    units = int(group.max(initial=-1)) + 1
    merged = _merge(candidates, tables, group)
    people = tables.people
    contest = contested(
        merged.left,
        merged.right,
        merged.weight,
        n_profiles=units,
        n_customers=people,
        source=_of_groups(tables.source, group, units),
        recall=tables.recall,
        habits=habits,
    )
    ranked = _rank(merged, contest, units, tables.rank)
    costs = _line_of_all(ranked, costs) if as_a_whole else costs
    decided = _first_verdicts(ranked, _carried(ranked, people, costs), costs)
    if cardinality == "one":
        decided = _withdraw_unassigned(decided, ranked)
    decided = _withdraw_doubtful(decided, ranked, tables, costs)
    decided = _withdraw_second_accounts(decided, ranked)
    if minimum_assurance is Assurance.VERIFIED:
        decided = _withdraw(decided, ~decided.verified, Cause.NOT_VERIFIED)
    return _spread(decided, group, tables)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Candidates of units (profiles that resolve together), the likeliest and the next of each; -1 for none."""

    candidates: Candidates
    contest: Contest
    top: Ints
    next: Ints
    others: Ints  # how many others fit about as well as the likeliest


def _merge(candidates: Candidates, tables: Tables, group: Ints) -> Candidates:
    """One candidate for each unit and person: the best of its rows; a warning about any of them stays."""
    entity = np.arange(tables.n_customers) if tables.entity is None else tables.entity
    left, right = group[candidates.left], entity[candidates.right]
    rank = np.arange(tables.n_customers) if tables.rank is None else tables.rank
    own = rank[candidates.right]
    order = np.lexsort((own, candidates.evidence, -candidates.weight, right, left))
    left, right, taken = left[order], right[order], candidates.take(order)
    first = np.ones(len(left), dtype=np.bool_)
    first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    at = np.flatnonzero(first)
    if not len(at):
        return taken
    return Candidates(
        left[at],
        right[at],
        taken.weight[at],
        np.maximum.reduceat(taken.verified, at),
        taken.evidence[at],
        np.bitwise_or.reduceat(taken.warning, at),
    )


def _of_groups(source: Ints | None, group: Ints, units: int) -> Ints:
    """The source of each unit: the first of its profiles' sources."""
    found = np.full(units, np.iinfo(np.int64).max)
    np.minimum.at(found, group, 0 if source is None else source)
    return found


def _rank(candidates: Candidates, contest: Contest, units: int, rank: Ints | None) -> _Ranked:
    place = candidates.right if rank is None else rank[candidates.right]
    rounded = np.round(contest.posterior.candidate, 12)  # so that equal candidates are told apart by their ids alone
    order = np.lexsort((place, -candidates.weight, -rounded, candidates.left))
    left = candidates.left[order]
    first = np.searchsorted(left, np.arange(units))
    count = np.bincount(left, minlength=units)
    padded = np.append(order, [-1, -1])
    top = np.where(count > 0, padded[np.minimum(first, len(order))], -1)
    following = np.where(count > 1, padded[np.minimum(first + 1, len(order))], -1)
    best = np.append(candidates.weight + contest.bits, -np.inf)[top]
    near = candidates.weight + contest.bits >= best[candidates.left] - _AS_WELL
    others = np.bincount(candidates.left[near], minlength=units) - (top >= 0)
    return _Ranked(candidates, contest, top, following, others)


def _line_of_all(ranked: _Ranked, costs: Costs) -> Costs:
    """Costs whose line attaches as many as it can while the attachments together hold few enough errors.

    Few enough are half as many as the line for each alone would let pass. The line is never below that of a review.
    """
    likely = np.append(ranked.contest.posterior.candidate * ranked.contest.split, 0.0)[ranked.top]
    likely = -np.sort(-likely[likely >= costs.review_line])
    errors = np.cumsum(1.0 - likely) / np.arange(1, len(likely) + 1)
    enough = np.flatnonzero(errors <= (1.0 - costs.attach_line) / 2)
    line = min(costs.attach_line, float(likely[enough[-1]]) if len(enough) else 1.0)
    return replace(costs, wrong_merge=costs.asking / max(1.0 - line, 1e-12))


def _carried(ranked: _Ranked, people: int, costs: Costs) -> Flags:
    """Whether verified evidence alone would carry the likeliest candidate of each unit."""
    pi = ranked.contest.posterior.share[ranked.contest.source]
    bits = np.append(ranked.candidates.verified, 0.0)[ranked.top]
    odds = pi / np.maximum(1.0 - pi, 1e-9) / max(people, 1) * np.exp2(np.clip(bits, 0.0, 500.0))
    found: Flags = (bits > 0) & (odds / (1.0 + odds) >= costs.attach_line)
    return found


def _first_verdicts(ranked: _Ranked, verified: Flags, costs: Costs) -> Decisions:
    """What the probabilities alone say."""
    columns = ranked.candidates
    posterior = ranked.contest.posterior
    likely = np.append(posterior.candidate, 0.0)
    probability, following = likely[ranked.top], likely[ranked.next]
    sure, asked = probability >= costs.attach_line, posterior.known >= costs.review_line
    verdict = np.select([sure, asked], [ATTACH, REVIEW], NEW).astype(np.uint8)
    asking = np.where(ranked.others > 0, int(Cause.NAMESAKES), int(Cause.UNSURE))
    cause = np.select([sure, asked], [np.full(len(sure), int(Cause.LIKELY)), asking], int(Cause.NOBODY)).astype(
        np.uint8
    )
    right = np.append(columns.right, -1)
    return Decisions(
        verdict,
        right[ranked.top],
        probability,
        np.append(columns.weight, 0.0)[ranked.top],
        right[ranked.next],
        following,
        verified,
        np.append(columns.evidence, 0)[ranked.top],
        np.append(columns.warning, 0)[ranked.top],
        ranked.others,
        cause,
        np.arange(len(verdict)),
        posterior.share,
        ranked.contest.habits,
    )


def _withdraw(decided: Decisions, rows: Flags, cause: Cause) -> Decisions:
    """Send these attachments to a person."""
    rows = rows & (decided.verdict == ATTACH)
    verdict = np.where(rows, REVIEW, decided.verdict).astype(np.uint8)
    return replace(decided, verdict=verdict, cause=np.where(rows, int(cause), decided.cause).astype(np.uint8))


def _withdraw_unassigned(decided: Decisions, ranked: _Ranked) -> Decisions:
    columns, posterior = ranked.candidates, ranked.contest.posterior
    chosen = np.append(assign(columns.left, columns.right, posterior.candidate, posterior.known), False)
    decided = _withdraw(decided, _tied(decided), Cause.RIVAL)
    return _withdraw(decided, ~chosen[ranked.top], Cause.ASSIGNED_ELSEWHERE)


def _tied(decided: Decisions) -> Flags:
    """Units whose claim to a customer is as good as another's: which is assigned would be chance, so none is."""
    attached = np.flatnonzero(decided.verdict == ATTACH)
    claims = list(zip(decided.customer[attached].tolist(), np.round(decided.weight[attached], 6).tolist(), strict=True))
    common = Counter(claims)
    found = np.zeros(len(decided.verdict), dtype=np.bool_)
    found[attached] = [common[claim] > 1 for claim in claims]
    return found


def _withdraw_doubtful(decided: Decisions, ranked: _Ranked, tables: Tables, costs: Costs) -> Decisions:
    """Signs that something is wrong with the candidate, the profile among its like, or the customer table."""
    decided = _withdraw(decided, decided.warning != 0, Cause.WARNED)
    split = np.append(ranked.contest.split, 1.0)[ranked.top]
    decided = _withdraw(decided, (decided.probability * split < costs.attach_line) & ~decided.verified, Cause.RIVAL)
    if tables.doubtful is None or not len(tables.doubtful[0]):
        return decided
    entity = np.arange(tables.n_customers) if tables.entity is None else tables.entity
    pairs = [
        entity[side] * tables.n_customers + entity[other] for side, other in (tables.doubtful, tables.doubtful[::-1])
    ]
    columns = ranked.candidates
    best = np.append(columns.right, -1)[ranked.top][columns.left]
    both = np.isin(best * tables.n_customers + columns.right, np.concatenate(pairs)) & (best != columns.right)
    # a double that fits far worse changes nothing: the better row is the right one, whether they are one person or not
    least = np.append(columns.weight, -np.inf)[ranked.top][columns.left] - _COMPETES
    weighty = both & (columns.weight > 0) & (columns.weight >= least)
    rows = np.bincount(columns.left[weighty], minlength=len(ranked.top)) > 0
    asked = rows & (decided.verdict == REVIEW)
    decided = replace(decided, cause=np.where(asked, int(Cause.DUPLICATE_CUSTOMERS), decided.cause).astype(np.uint8))
    return _withdraw(decided, rows, Cause.DUPLICATE_CUSTOMERS)


def _withdraw_second_accounts(decided: Decisions, ranked: _Ranked) -> Decisions:
    """A customer has one verified account on a channel at most; what else claims to be one goes to a person."""
    attached = decided.verdict == ATTACH
    sources = len(ranked.contest.posterior.share)
    key = decided.customer * sources + ranked.contest.source
    proved = np.flatnonzero(attached & decided.verified)
    best: dict[int, int] = {}
    for row in proved[np.lexsort((proved, -decided.weight[proved]))].tolist():
        best.setdefault(int(key[row]), row)
    keys = np.array(sorted(best), dtype=np.int64)
    rows = np.isin(key, keys) & attached
    kept = np.zeros(len(rows), dtype=np.bool_)
    kept[list(best.values())] = True
    return _withdraw(decided, rows & ~kept, Cause.VERIFIED_ACCOUNT)


def _spread(decided: Decisions, group: Ints, tables: Tables) -> Decisions:
    """From units back to profiles, with what is known of each profile itself."""
    columns = {
        name: getattr(decided, name)[group]
        for name in (
            [
                "verdict",
                "customer",
                "probability",
                "weight",
                "runner_up",
                "runner_up_probability",
                "verified",
                "evidence",
                "warning",
                "others",
                "cause",
            ]
        )
    }
    person = group if tables.stranger is None else _joined(group, tables.stranger)
    spread = replace(decided, **columns, person=person)
    if tables.warning is None:
        return spread
    never = (tables.warning & int(Caution.NOT_A_PERSON)) != 0
    words = (tables.warning != 0) & ~never
    spread = replace(spread, warning=np.where(words | never, tables.warning, spread.warning))
    spread = _withdraw(spread, words, Cause.WARNED)
    verdict = np.where(never, NEW, spread.verdict).astype(np.uint8)
    return replace(
        spread, verdict=verdict, cause=np.where(never, int(Cause.NOT_A_PERSON), spread.cause).astype(np.uint8)
    )


def _joined(group: Ints, stranger: Ints) -> Ints:
    """Profiles of one unit or of one stranger are one person's."""
    other = np.unique(stranger, return_inverse=True)[1] + int(group.max(initial=-1)) + 1
    return components(int(other.max(initial=-1)) + 1, group, other)[group]
