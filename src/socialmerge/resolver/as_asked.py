"""What people say to a resolver about being reached; each function is a method of `Resolver`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import pyarrow as pa

from socialmerge.resolver.consents import Statements, bring, everybody, said_by_person, said_of
from socialmerge.resolver.session import Session
from socialmerge.resolver.words import only_record
from socialmerge.store import Written

__all__ = ["consent", "consents", "opt_in", "opt_out"]


class Asked(Protocol):
    """Whoever has a store open."""

    _session: Session


def consent(self: Asked, statements: Statements, *, by: str = "import") -> Written:
    """Bring in what people said about being reached: a table of ``consents_schema``, or ``Consent`` values.

    Statements belong to rows, and go with them through merges, splits and erasure; the same ones again change
    nothing. What they come to is asked of :meth:`golden` by ``Golden.view``. One about an erased row is left out,
    and named in the answer.

    Raises:
        PolicyError: a statement is wrong, or a yes of a time to come; all problems are listed at once.
        StoreError: statements are about rows that the store does not have.
    """
    return bring(self._session, statements, by=by)


def opt_in(
    self: Asked,
    any_id: str,
    *,
    by: str,
    channel: str = "",
    purpose: str = "",
    basis: str = "",
    at: datetime | None = None,
) -> Written:
    """Note that somebody said yes: an explicit opt-in of that one row, or profile; everywhere, where none is named.

    It holds for the row that said so, and above every denial before it. ``at`` is when, now where it is left out;
    ``basis`` notes the ground.

    Raises:
        PolicyError: there is no such channel, purpose or ground.
        StoreError: the time is still to come; the id is not known, or is that of an entity of several records.
    """
    names = [only_record(self._session, any_id, "the id given")]
    return said_by_person(
        self._session, names, by=by, is_yes=True, channel=channel, purpose=purpose, basis=basis, at=at
    )


def opt_out(
    self: Asked,
    any_id: str,
    *,
    by: str,
    channel: str = "",
    purpose: str = "",
    basis: str = "",
    at: datetime | None = None,
) -> Written:
    """Note that somebody said no, or took a yes back: of every record of theirs; the rest as for :meth:`opt_in`."""
    names = everybody(self._session, any_id)
    return said_by_person(
        self._session, names, by=by, is_yes=False, channel=channel, purpose=purpose, basis=basis, at=at
    )


def consents(self: Asked, any_id: str) -> pa.Table:
    """What was said of being reached, of any record of somebody's: a table of ``consents_schema``, by time.

    Raises:
        StoreError: the id is not known.
    """
    return said_of(self._session, any_id)
