"""A person is erased: every record of theirs goes, and what these had to do with is settled.

In a store just opened no claim of another customer is read, where nobody who is left has to be weighed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pyarrow.compute as pc

from socialmerge.errors import StaleError
from socialmerge.resolver.erasure import keys_table, telling_of, to_erase
from socialmerge.resolver.session import Session
from socialmerge.resolver.standing import Standing
from socialmerge.resolver.state import Name, State
from socialmerge.schema import Schema
from socialmerge.store import Erased

__all__ = ["erase"]

_Around = Callable[[Sequence[str], Sequence[Name]], State]
"""Gives a state that has whatever some ids and some records stand for."""


def erase(session: Session, any_id: str, *, by: str) -> Erased:
    """Erase whoever an id stands for, and those who were once of them and are nobody else's now.

    Raises:
        StoreError: the id is not known, or others write all the time.
    """
    alone = _erased_alone(session, any_id, by=by)
    return _erased(session, any_id, by=by) if alone is None else alone


def _erased(session: Session, any_id: str, *, by: str) -> Erased:
    names, texts = list[Name](), list[str]()

    def erased(state: State) -> Erased:
        names[:] = _named(session, any_id, session.around)
        texts[:] = _said(session, names)
        return _written(session, names, state.facts.schema, by=by, after=state.position)

    def taken(found: Erased, standing: Standing) -> None:
        session.frozen.erase(standing.numbers_of(names), texts, found.position)

    return session.change(erased, taken)


def _erased_alone(session: Session, any_id: str, *, by: str) -> Erased | None:
    """Erase where all is settled, nothing was read yet, and nobody who is left is weighed again; else None."""
    frozen = session.frozen
    with session.store.snapshot() as view:
        known = frozen.of_profiles(view) if frozen.is_unread else None
        schema = None if known is None else frozen.meaning(view, known.learned)
    if known is None or schema is None:
        return None
    names = _named(session, any_id, partial(session.around_in, known))
    numbers = known.numbers_of(names)
    if not known.stands_alone(numbers):
        return None
    texts = _said(session, names)
    try:
        erased = _written(session, names, schema, by=by, after=known.position)
    except StaleError:
        return None
    frozen.erase_alone(known, numbers, texts, erased.position)
    return erased


def _named(session: Session, any_id: str, around: _Around) -> list[Name]:
    """The records that go."""
    gone = session.departed(any_id)
    if gone and not any(gone.values()):
        return sorted(gone)
    names = session.find(any_id)
    near = around((), names)
    state = around(sorted({near.entity_of[name] for name in names}), names)
    with session.store.snapshot() as view:
        return to_erase(state, names, view)


def _said(session: Session, names: list[Name]) -> list[str]:
    """What some records say; but for what people write about themselves, which is full of words that are nobody's."""
    with session.store.snapshot() as view:
        claims = view.claims(keys_table(names)).read_all()
    said: list[str] = claims.filter(pc.not_equal(claims["attribute"], "bio"))["raw"].to_pylist()
    return said


def _written(session: Session, names: list[Name], schema: Schema | None, *, by: str, after: int) -> Erased:
    region, telling = schema.region if schema else "", telling_of(schema)
    of, at = keys_table(names), session.clock()
    return session.store.erase(of, region=region, telling=telling, at=at, actor=by, after=after)
