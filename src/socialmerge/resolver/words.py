"""What people say: decisions, made of what a caller asks and of what the store holds at that moment."""

from __future__ import annotations

from collections.abc import Sequence

from socialmerge.errors import LabelError, StoreError
from socialmerge.records import Verdict
from socialmerge.resolver.answer import Answer
from socialmerge.resolver.asked import asked_id, kind_of, pair_of
from socialmerge.resolver.intake import profiles_intake
from socialmerge.resolver.lookup import pairs_apart
from socialmerge.resolver.merged import refuse_unfit
from socialmerge.resolver.past import refuse_undo
from socialmerge.resolver.session import Session
from socialmerge.resolver.state import Name, State
from socialmerge.store import VERIFIED_BY_PERSON, Decision, DecisionKind

__all__ = ["decide", "only_record", "say", "split", "undo"]


def decide(
    session: Session,
    pair: Answer | tuple[str, str],
    verdict: Verdict | str,
    *,
    by: str,
    reason: str,
    verified: bool,
) -> Decision:
    """What a person decided of a pair of records, or of an answer."""
    kind = kind_of(verdict)
    evidence = VERIFIED_BY_PERSON if verified else ""

    def decided(_state: State) -> list[Decision]:
        names = answered or [
            only_record(session, one, f"decide: id {number} of 2") for number, one in enumerate(ids, 1)
        ]
        if names[0] == names[1]:
            raise LabelError("decide: both ids stand for one record; give those of two")
        return [session.decision(kind, names, by=by, reason=reason, evidence=evidence)]

    answered = _answered(session, pair, by=by) if isinstance(pair, Answer) else ()
    ids = () if isinstance(pair, Answer) else pair_of(pair)
    return session.record(decided, by_names=True)[0]


def _answered(session: Session, answer: Answer, *, by: str) -> tuple[Name, Name]:
    """The records of an answer; the profile is brought in where it is not there."""
    if answer.customer is None:
        raise LabelError("decide: the answer names no customer; give a pair, as in decide((profile, customer), ...)")
    own, customer = (answer.source, answer.profile_id), session.find(answer.customer)[0]
    if own not in session.people((), [own]).rows:
        intake = profiles_intake(answer._profile, proven=answer._proven, observed_at=None, region=session.region())  # noqa: SLF001
        session.write(intake, by=by)
    return own, customer


def split(session: Session, any_ids: Sequence[str], *, by: str, reason: str) -> tuple[Decision, ...]:
    """A person parted records: a decision for every pair."""
    ids = [asked_id(one, what=f"split: id {at} of {len(any_ids)}") for at, one in enumerate(any_ids, 1)]

    def apart(_state: State) -> list[Decision]:
        pairs = pairs_apart(session.people(ids), ids)
        return [session.decision(DecisionKind.DIFFERENT, pair, by=by, reason=reason) for pair in pairs]

    return session.record(apart, by_names=True)


def say(session: Session, kind: DecisionKind, any_id: str | None, **texts: str) -> Decision:
    """A person's word about a value."""

    def said(state: State) -> list[Decision]:
        names = [] if any_id is None else _one_person(state, session.find(any_id))[:1]
        decision = session.decision(kind, names, **texts)
        refuse_unfit(state, session.policy, decision)
        return [decision]

    return session.record(said)[0]


def _one_person(state: State, names: list[Name]) -> list[Name]:
    """Records, where they are of one person: an id that was given to several people's says of none of them.

    Raises:
        StoreError: they are of several.
    """
    if len({state.entity_of[name] for name in names}) > 1:
        raise StoreError(
            f"the id given stands for {len(names)} records of different people; give the id of the one that is meant"
        )
    return names


def undo(session: Session, decision_id: str, *, by: str, reason: str) -> Decision:
    """A person took a decision back."""

    def retraction(state: State) -> list[Decision]:
        refuse_undo(state, decision_id)
        return [session.decision(DecisionKind.RETRACT, (), by=by, reason=reason, retracts=decision_id)]

    return session.record(retraction, by_names=True)[0]


def only_record(session: Session, any_id: str, what: str) -> Name:
    """The one record that an id stands for.

    Raises:
        StoreError: nothing has the id, or it is that of an entity of several records, or of several people's.
    """
    found = session.find(any_id, what=what)
    if len(found) > 1:
        raise StoreError(f"{what} is that of an entity of {len(found)} records; give the id of one of them")
    return found[0]
