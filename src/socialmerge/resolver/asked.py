"""What a caller hands over, looked at once at the edge: names, reasons, ids, times, a plan and a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from socialmerge.errors import LabelError, PlanError, PolicyError, StoreError, amount
from socialmerge.merging import Policy
from socialmerge.plan import Plan
from socialmerge.records import Verdict
from socialmerge.store import DecisionKind, clean_text

__all__ = [
    "GRACE",
    "IMPORT",
    "Ids",
    "asked_id",
    "check_settings",
    "kind_of",
    "moment_seen",
    "pair_of",
    "said_by",
]


_SAID = {
    Verdict.ATTACH: DecisionKind.SAME,
    Verdict.NEW: DecisionKind.DIFFERENT,
    "same": DecisionKind.SAME,
    "different": DecisionKind.DIFFERENT,
}


Ids = Sequence[str]
"""The ids of some rows."""

IMPORT = "import"
"""Who writes where nobody is named: no person, and nobody who could admit a record."""


GRACE = timedelta(days=1)
"""How far ahead of a store's clock others may be: a date without a zone is that of a day somewhere on Earth."""


def said_by(by: object) -> str:
    """Who decides.

    Raises:
        StoreError: nobody is named, or it is no text.
    """
    if not isinstance(by, str) or not by.strip():
        raise StoreError("by=: nobody decides; name the person who does")
    return clean_text(by, what="by=")


def asked_id(any_id: object, *, what: str = "the id given") -> str:
    """An id as text.

    Raises:
        StoreError: it is neither text nor a number, or holds half a character.
    """
    if isinstance(any_id, bool) or not isinstance(any_id, str | int):
        raise StoreError(f"{what} is of type {type(any_id).__name__}; ids are text")
    return clean_text(str(any_id), what=what)


def pair_of(pair: object) -> tuple[str, str]:
    """The two ids of a pair.

    Raises:
        LabelError: they are not two, or are one.
    """
    if isinstance(pair, str) or not isinstance(pair, Sequence):
        raise LabelError("decide: give an answer of resolve, or two ids, as in decide((profile, customer), ...)")
    if len(pair) != 2:
        raise LabelError(
            f"decide: {amount(len(pair), 'id is', 'ids are')} given, and a decision is about two; decide pair by pair"
        )
    left, right = (
        asked_id(one, what=f"decide: the {which} id") for which, one in zip(("first", "second"), pair, strict=True)
    )
    if left == right:
        raise LabelError("decide: both ids are the same; give those of two records")
    return left, right


def moment_seen(
    observed_at: object, *, what: str = "observed_at=", clock: Callable[[], datetime] | None = None
) -> datetime | None:
    """When rows were seen, or another time that may be left out; ``what`` is how an error calls it.

    With a ``clock`` it is of something that has been: after a time that is still to come no later one would count.

    Raises:
        StoreError: it is no time, has no time zone, or is later than the clock by more than a day.
    """
    if observed_at is None:
        return None
    if not isinstance(observed_at, datetime) or observed_at.tzinfo is None:
        raise StoreError(f"{what}: this is no time with a time zone; give one such as datetime(2026, 1, 2, tzinfo=UTC)")
    if clock is not None and observed_at > clock() + GRACE:
        raise StoreError(f"{what}: this is a time that is still to come; give the one when it was, or leave it out")
    return observed_at


def check_settings(plan: object, policy: object) -> None:
    """See that a plan and a policy are such, or left out.

    Raises:
        PlanError: the plan is none.
        PolicyError: the policy is none.
    """
    if plan is not None and not isinstance(plan, Plan):
        raise PlanError(f"plan=: this is of type {type(plan).__name__}; give a Plan, as in Plan.load('plan.toml')")
    if policy is not None and not isinstance(policy, Policy):
        raise PolicyError(
            f"policy=: this is of type {type(policy).__name__}; give a Policy, as in Policy.load('policy.toml')"
        )


def kind_of(verdict: object) -> DecisionKind:
    """What a verdict says of a pair.

    Raises:
        LabelError: it is none of the four.
    """
    kind = _SAID.get(verdict) if isinstance(verdict, str) else None
    if kind is None:
        raise LabelError("decide: this is no decision; give 'same' or 'different', ATTACH or NEW")
    return kind
