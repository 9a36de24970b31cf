"""The values that a store gives and takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pyarrow as pa

from socialmerge.errors import StoreError

__all__ = [
    "OWN",
    "VERIFIED_BY_PERSON",
    "Decision",
    "DecisionKind",
    "Document",
    "Erased",
    "RecordKey",
    "Target",
    "Written",
    "clean_text",
    "in_force",
    "microseconds",
    "moment",
]

OWN = "@socialmerge:"
"""What stands before the attributes of claims that are the library's own notes, and no values of a table."""

VERIFIED_BY_PERSON = "verified"
"""The evidence of a decision of a person who saw proof."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DecisionKind(StrEnum):
    """What a person decided."""

    SAME = "same"
    DIFFERENT = "different"
    PIN = "pin"
    REJECT_VALUE = "reject_value"
    GENERIC_VALUE = "generic_value"
    RETRACT = "retract"
    APPLY = "apply"
    ADMIT = "admit"
    GONE = "gone"


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """The name of a record."""

    source: str
    record_id: str


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A record that a decision is about, or one claim of it."""

    source: str
    record_id: str
    claim_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the log of decisions.

    ``field`` and ``value`` belong to pins, rejected and generic values; ``retracts`` is the id of the decision that is
    taken back. The store gives ``id``, a keyed hash of the content and the time, and ``seq``, the place in the order:
    leave both as they are.
    """

    kind: DecisionKind
    targets: tuple[Target, ...]
    actor: str
    at: datetime
    reason: str = ""
    evidence: str = ""
    plan_version: str = ""
    field: str = ""
    value: str = ""
    retracts: str = ""
    id: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A plan, a policy or the like: TOML as ``text``, and bytes where a frozen model belongs to it."""

    kind: str
    version: str
    text: str
    blob: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write changed: how many are new, how many were known and are seen again with something new.

    ``refused`` holds the names of the records that an erasure keeps out (source, record_id), ``position`` the place of
    the log after the write; a write that brings nothing new leaves it. ``admitted`` counts the records that an
    erasure would have kept out and that somebody admitted. ``gone`` counts the rows of which a whole table says that
    their source has them no more, ``returned`` those that it has again. ``notes`` tell how a table was read where that
    is not plain, such as rows that were left out.
    """

    records: int
    claims: int
    observations: int
    seen_again: int
    position: int
    refused: pa.Table = field(repr=False)
    admitted: int = 0
    gone: int = 0
    returned: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took away; ``position`` is the place of the log after it.

    ``is_scrubbed`` is false where deleted bytes are still on the disk, since another process reads an older state or
    there is no room to write the file anew: ``Store.scrub`` tries again, and so does every opening.
    """

    records: int
    claims: int
    decisions: int
    tombstones: int
    position: int
    is_scrubbed: bool = True


def clean_text(text: object, *, what: str) -> str:
    """Give a text as both databases can hold it: NUL characters are replaced.

    Raises:
        StoreError: It is no text, or holds half a character (a lone surrogate), which no encoding of text has.
    """
    if not isinstance(text, str):
        message = f"{what}: this is of type {type(text).__name__}; give text"
        raise StoreError(message)
    if any("\ud800" <= one <= "\udfff" for one in text):
        message = f"{what}: the text holds half a character (a lone surrogate); read it from its source as UTF-8"
        raise StoreError(message)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def in_force(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """The decisions that no decision in force retracts, in their order; a retraction may be retracted itself."""
    gone: set[str] = set()
    kept = []
    for decision in sorted(decisions, key=lambda one: one.seq, reverse=True):
        if decision.id in gone:
            continue
        kept.append(decision)
        if decision.kind is DecisionKind.RETRACT:
            gone.add(decision.retracts)
    return tuple(reversed(kept))


def microseconds(at: datetime) -> int:
    """Give a moment as whole microseconds since 1970.

    >>> microseconds(datetime(2026, 1, 2, tzinfo=UTC))
    1767312000000000

    Raises:
        StoreError: The moment has no time zone.
    """
    if at.tzinfo is None:
        message = "at=: the time has no time zone; give one such as datetime(2026, 1, 2, tzinfo=UTC)"
        raise StoreError(message)
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Give microseconds since 1970 as a moment, the opposite of :func:`microseconds`."""
    return _EPOCH + value * _MICROSECOND
