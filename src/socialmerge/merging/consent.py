"""Consent: what a person said about being reached, channel by channel and purpose by purpose.

A statement belongs to a row, as a claim does, so that it goes with the row through merges and splits, and undoing a
merge is computing without it. Where rows come together their statements *meet*: a denial wins, wherever it stands, so
that no merge brings back a consent that was withdrawn. One thing alone is above a denial: an explicit opt-in with a
date that is later than every denial, all of which have dates. A yes counts as of its date, and not before; a no counts
whatever its date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.channels.loader import PURPOSES
from socialmerge.channels.registry import find, names
from socialmerge.errors import PolicyError, hint
from socialmerge.merging.arrays import Ints, Mask, whole
from socialmerge.merging.moments import instant
from socialmerge.merging.policy_problems import problems_error
from socialmerge.merging.sources import Sources

__all__ = [
    "Consent",
    "ConsentState",
    "ahead",
    "applies",
    "consent_table",
    "consents_schema",
    "heeded",
    "meet",
    "place",
    "placed_schema",
]


class ConsentState(StrEnum):
    """What is known of a person's consent."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement of one row: of ``source`` (``"crm"``, or a channel) and ``record_id``.

    An empty ``channel`` or ``purpose`` means every one. ``explicit`` says that the person did something to say so, as
    against a form that was filled before; ``at`` is when (ISO 8601). ``basis`` notes the ground, such as "contract"; it
    decides nothing.

    >>> Consent("crm", "c1", state=ConsentState.DENIED).channel
    ''
    """

    source: str
    record_id: str
    channel: str = ""
    purpose: str = ""
    state: str = ConsentState.UNKNOWN
    explicit: bool = False
    at: str = ""
    basis: str = ""


@cache
def consents_schema() -> pa.Schema:
    """One row a statement; an empty or null channel or purpose means every one."""
    texts = ("source", "record_id", "channel", "purpose", "state")
    more = [("explicit", pa.bool_()), ("at", pa.string()), ("basis", pa.string())]
    return pa.schema([*((name, pa.string()) for name in texts), *more])


@cache
def placed_schema() -> pa.Schema:
    """The statements of the rows of each entity, as a golden record keeps them."""
    return pa.schema([("entity_id", pa.string()), *consents_schema()])


def meet(statements: Iterable[Consent]) -> ConsentState:
    """Say what several statements about one channel and one purpose come to, whatever their order.

    >>> yes = Consent("crm", "a", state="granted")
    >>> no = Consent("crm", "b", state="denied", at="2024-01-01")
    >>> later = Consent("crm", "a", state="granted", explicit=True, at="2024-06-01")
    >>> meet([yes]).value, meet([yes, no]).value, meet([yes, no, later]).value, meet([]).value
    ('granted', 'denied', 'granted', 'unknown')
    """
    said = list(statements)
    granted = [one for one in said if one.state == ConsentState.GRANTED]
    denied = [one for one in said if one.state == ConsentState.DENIED]
    if not denied:
        return ConsentState.GRANTED if granted else ConsentState.UNKNOWN
    if not all(one.at for one in denied):
        return ConsentState.DENIED
    last = max(_moment(one.at) for one in denied)
    opted_in = any(one.explicit and one.at and _moment(one.at) > last for one in granted)
    return ConsentState.GRANTED if opted_in else ConsentState.DENIED


def applies(statement: Consent, channel: str, purpose: str) -> bool:
    """Say whether a statement is about this channel and this purpose."""
    return statement.channel in ("", channel) and statement.purpose in ("", purpose)


def heeded(consents: pa.Table, as_of: int | None) -> pa.Table:
    """Leave out what had not been said at a moment, of a table that is checked: a yes of later than that.

    A no stays, whatever its date: a clock that was wrong, or a slip of the pen, makes nobody reachable.
    """
    return consents if as_of is None else consents.filter(pa.array(~_is_ahead(consents, as_of)))


def ahead(consents: pa.Table, as_of: int) -> list[int]:
    """The numbers of the rows, from 1, that are a yes of later than a moment."""
    found: list[int] = (np.flatnonzero(_is_ahead(consents, as_of)) + 1).tolist()
    return found


def _is_ahead(consents: pa.Table, as_of: int) -> Mask:
    told = zip(consents["state"].to_pylist(), consents["at"].to_pylist(), strict=True)
    found = (state == ConsentState.GRANTED and bool(at) and _moment(at) > as_of for state, at in told)
    return np.fromiter(found, bool, consents.num_rows)


def consent_table(consents: pa.Table | Sequence[Consent] | None, *, is_new: bool = True) -> pa.Table:
    """Give statements as a table of ``consents_schema``, all checked, with the names that channels have here.

    ``is_new=False`` is for statements that were taken in before: what they name may be gone since.

    Raises:
        PolicyError: A column is missing, a state is none of the three, a time is none, or there is no such channel or
            purpose, so that nobody would heed the statement; all problems at once, by the number of the row.
    """
    if consents is None:
        return consents_schema().empty_table()
    stated: pa.Table = consents
    if isinstance(consents, Sequence):
        stated = pa.Table.from_pylist([asdict(one) for one in consents], schema=consents_schema())
    missing = [name for name in ("source", "record_id", "state") if name not in stated.column_names]
    if missing:
        raise PolicyError(f"consents: no column '{missing[0]}'; a statement needs source, record_id and state")
    columns = {}
    for field in consents_schema():
        given = stated[field.name] if field.name in stated.column_names else _nothing(stated.num_rows)
        default = False if field.type == pa.bool_() else ""
        columns[field.name] = pc.fill_null(_cast(given, field), default)
    columns["channel"], columns["purpose"] = _named(columns["channel"], _channel), _named(columns["purpose"], _purpose)
    table = pa.table(columns, schema=consents_schema())
    found = [*_problems(table), *(_unheeded(table) if is_new else ())]
    if found:
        raise problems_error("consents", found)
    return table


def _nothing(size: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(size)])


def _cast(given: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if pa.types.is_string(field.type) and pa.types.is_timestamp(given.type):
        given = pc.strftime(given, format="%Y-%m-%dT%H:%M:%S%z" if given.type.tz else "%Y-%m-%dT%H:%M:%S")
    try:
        return given.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        what = "true or false" if field.type == pa.bool_() else "text"
        raise PolicyError(f"consents: column '{field.name}' holds {given.type}; write {what}") from None


def _problems(table: pa.Table) -> list[str]:
    found = []
    for number, (state, at) in enumerate(zip(table["state"].to_pylist(), table["at"].to_pylist(), strict=True), 1):
        if state not in list(ConsentState):
            found.append(f"row {number} has a state that is none of {', '.join(ConsentState)}")
        try:
            _moment(at or "2000-01-01")
        except ValueError:
            found.append(f"row {number} has an at that is no time; write it as ISO 8601, such as 2026-01-31T12:00:00Z")
    return found


def _unheeded(table: pa.Table) -> list[str]:
    """Say which rows are about a channel or a purpose that no view asks about."""
    found = []
    for name, known in (("channel", names()), ("purpose", PURPOSES)):
        for number, word in enumerate(table[name].to_pylist(), 1):
            if word and word not in known:
                found.append(f"row {number} is about a {name} that there is not{hint(word, known)}")
    return found


def _named(column: pa.ChunkedArray, read: Callable[[str], str]) -> pa.ChunkedArray:
    encoded = whole(column).dictionary_encode()
    return pa.chunked_array([pa.array(map(read, encoded.dictionary.to_pylist()), pa.string()).take(encoded.indices)])


def _channel(word: str) -> str:
    found = find(word)
    return found.rules.name if found else word.strip()


def _purpose(word: str) -> str:
    return word.strip().casefold()


def _moment(at: str) -> int:
    return instant(datetime.fromisoformat(at))


def place(consents: pa.Table, sources: Sources) -> tuple[Ints, pa.Table]:
    """Give the statements whose rows have an entity, in the order of entities, and the entity of each.

    A customer's row is found by "crm" too, whatever its system; the source is then that of the row, as in provenance.
    """
    rows = sources.origin.select(["source", "record_id"]).slice(0, len(sources.entity) - sources.pins.num_rows)
    count = sources.customers.num_rows
    keys = _keys(rows["source"], rows["record_id"])
    crm = _keys(pa.repeat(pa.scalar("crm"), count), rows["record_id"].slice(0, count))
    wanted = _keys(consents["source"], consents["record_id"])
    at = pc.coalesce(pc.index_in(wanted, keys), pc.index_in(wanted, crm)).fill_null(-1).to_numpy(zero_copy_only=False)
    entity = np.where(at >= 0, sources.entity[at] if len(sources.entity) else -1, -1)
    kept = np.flatnonzero(entity >= 0)
    source = whole(sources.origin["source"]).take(pa.array(at[kept]))
    table = consents.take(pa.array(kept)).set_column(0, "source", source)
    table = table.append_column("entity", pa.array(entity[kept]))
    table = table.sort_by([(name, "ascending") for name in ("entity", *consents_schema().names)]).combine_chunks()
    order: Ints = whole(table["entity"]).to_numpy(zero_copy_only=False)
    placed = pa.table({"entity_id": sources.ids.take(table["entity"].combine_chunks()), **_columns(table)})
    return order, placed.select(placed_schema().names).cast(placed_schema())


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: table[name] for name in consents_schema().names}


def _keys(source: pa.Array | pa.ChunkedArray, record_id: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Join both with the length of the first, so that no two different ones are the same text."""
    source, record_id = whole(source), whole(record_id)
    length = pc.binary_length(source).cast(pa.string())
    return pc.binary_join_element_wise(length, source, record_id, ":")
