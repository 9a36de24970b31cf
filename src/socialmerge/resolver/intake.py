"""Rows of customers and of profiles as what a store takes: records, claims, observations, identifiers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.api.inputs import Rows
from socialmerge.errors import PolicyError, hint
from socialmerge.merging import Policy
from socialmerge.merging.arrays import Mask, as_mask, whole
from socialmerge.merging.fields import squash
from socialmerge.merging.moments import UNDATED, moments
from socialmerge.merging.sources import _observed_column
from socialmerge.records import profiles_schema
from socialmerge.resolver.recognition import as_known, of_customers, of_profiles
from socialmerge.schema import Schema
from socialmerge.store import claims_in_schema, observations_schema

__all__ = [
    "ID_MARK",
    "PROFILE_TEXTS",
    "PROVEN_MARK",
    "Intake",
    "customers_intake",
    "known_columns",
    "observed_column",
    "profiles_intake",
    "typed_columns",
]

ID_MARK, PROVEN_MARK = "@id:", "@proven"
"""What stands before the name of the id column, and for rows that a platform wrote, among an observation's columns."""

PROFILE_LISTS = ("websites", "emails", "phones", "links")
PROFILE_TEXTS = (
    "handle",
    "display_name",
    "given_name",
    "family_name",
    "bio",
    "location",
    "employer",
    "title",
    "avatar",
    "created_at",
)
_VERIFIED = {"emails": "verified_emails", "links": "verified_links"}
_CREATED_NAMES = frozenset(
    ["createddate", "created", "createdat", "createdate", "datecreated", "createdtime", "addtime"]
)
_MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Intake:
    """The tables that ``Store.write`` takes, and what is to be said of how the rows were read."""

    records: pa.Table
    claims: pa.Table
    observations: pa.Table
    identifiers: pa.Table
    notes: tuple[str, ...] = ()


def customers_intake(
    rows: Rows, policy: Policy, *, observed: str, observed_at: datetime | None, known: Schema | None = None
) -> Intake:
    """The rows of a customer table.

    ``known`` is what the store's columns mean, with the country of its numbers. ``observed`` names the column that says
    when a row was confirmed, ``""`` for none; ``observed_at`` is when the rows without such a date were.
    """
    table, ids = rows.table, rows.ids
    names = [name for name in table.column_names if name != rows.schema.id_column]
    source = _sources(table, policy)
    seen = _seen(whole(tables.strings(table[observed])) if observed else pa.nulls(len(ids), pa.string()), observed_at)
    created = next((name for name in names if squash(name) in _CREATED_NAMES), "")
    records = pa.table(
        {
            "source": source,
            "record_id": ids,
            "kind": pa.repeat("customer", len(ids)),
            "created_at": _as_moments(_read(whole(tables.strings(table[created])))) if created else _never(len(ids)),
        }
    )
    columns = [_cells(name, table[name]) for name in names]
    layout = json.dumps([f"{ID_MARK}{rows.schema.id_column}", *names], ensure_ascii=False)
    return Intake(
        records,
        _claims(columns, source, ids, seen),
        _observations(source, ids, seen, layout),
        of_customers(table, as_known(rows.schema, known), source, ids, region=known.region if known else ""),
        rows.schema.notes,
    )


def profiles_intake(profiles: pa.Table, *, proven: bool, observed_at: datetime | None, region: str = "") -> Intake:
    """Profile rows; ``proven`` says that a platform wrote them, or that their accounts were proved.

    ``region`` is the country of the store's numbers.
    """
    ids = whole(profiles["profile_id"])
    source = pc.coalesce(whole(profiles["channel"]), pa.scalar("profiles"))
    seen = _seen(whole(profiles["observed_at"]), observed_at)
    records = pa.table(
        {
            "source": source,
            "record_id": ids,
            "kind": pa.repeat("profile", len(ids)),
            **{name: whole(profiles[name]) for name in ("channel", "scope", "account_id", "is_person")},
        }
    )
    more = [name for name in profiles.column_names if name not in profiles_schema().names]
    columns = [_cells(name, profiles[name]) for name in (*PROFILE_TEXTS, *more)]
    columns += [_cells(name, profiles[name], _proof(profiles, name)) for name in PROFILE_LISTS]
    layout = json.dumps([*([PROVEN_MARK] if proven else []), *profiles_schema().names, *more], ensure_ascii=False)
    return Intake(
        records,
        _claims(columns, source, ids, seen),
        _observations(source, ids, seen, layout),
        of_profiles(profiles, source, ids, region=region),
        tables.notes_of(profiles),
    )


def observed_column(table: pa.Table, policy: Policy) -> str:
    """The column that says when each row was last confirmed: that of the policy, else one of a usual name.

    Raises:
        PolicyError: The policy names a column that is not there.
    """
    return _observed_column(table, policy)


def _sources(table: pa.Table, policy: Policy) -> pa.Array:
    if not policy.source:
        return pa.repeat("crm", table.num_rows)
    if policy.source not in table.column_names:
        meant = hint(policy.source, table.column_names)
        raise PolicyError(f"policy: source names '{policy.source}', which is no column of the customers{meant}")
    return pc.coalesce(whole(tables.strings(table[policy.source])), pa.scalar("crm"))


def _read(texts: pa.Array) -> pa.Array:
    found = moments(texts)
    return pa.array(found, mask=found == UNDATED)


def _as_moments(micros: pa.Array) -> pa.Array:
    return micros.cast(pa.int64()).cast(_MOMENT)


def _never(size: int) -> pa.Array:
    return pa.nulls(size, _MOMENT)


def _seen(texts: pa.Array, observed_at: datetime | None) -> pa.Array:
    """When each row was seen: by its own date, else by what the caller said."""
    own = _as_moments(_read(texts))
    return own if observed_at is None else pc.coalesce(own, pa.scalar(observed_at, _MOMENT))


@dataclass(frozen=True, slots=True)
class _Cells:
    """The values of one column that are none: the row of each, and its place in the cell."""

    attribute: str
    row: pa.Array
    raw: pa.Array
    place: pa.Array
    verified: Mask


def _cells(name: str, column: pa.ChunkedArray, proof: pa.ChunkedArray | None = None) -> _Cells:
    array = whole(column)
    row = np.arange(len(array), dtype=np.int64)
    place = np.zeros(len(array), np.int32)
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        row = np.asarray(pc.list_parent_indices(array).to_numpy(zero_copy_only=False), np.int64)
        raw = tables.strings(pc.list_flatten(array))
        place = (np.arange(len(row)) - np.searchsorted(row, row)).astype(np.int32)
    else:
        raw = whole(tables.strings(array))
    filled = as_mask(pc.not_equal(pc.utf8_trim_whitespace(raw), ""))
    row, raw, place = row[filled], raw.filter(pa.array(filled)), place[filled]
    return _Cells(name, pa.array(row), raw, pa.array(place), _proved(row, raw, proof))


def _proof(profiles: pa.Table, name: str) -> pa.ChunkedArray | None:
    return profiles[_VERIFIED[name]] if name in _VERIFIED else None


def _proved(row: np.ndarray[tuple[int], np.dtype[np.int64]], raw: pa.Array, proof: pa.ChunkedArray | None) -> Mask:
    """Which values stand in the list of proved ones of their own row."""
    if proof is None or not len(raw):
        return np.zeros(len(raw), np.bool_)
    sure = whole(proof)
    owner = np.asarray(pc.list_parent_indices(sure).to_numpy(zero_copy_only=False), np.int64)
    known = set(zip(owner.tolist(), _folded(pc.list_flatten(sure)), strict=True))
    asked = zip(row.tolist(), _folded(raw), strict=True)
    return np.array([one in known for one in asked], np.bool_)


def _folded(texts: pa.Array) -> list[str]:
    return pc.utf8_lower(pc.utf8_trim_whitespace(texts)).to_pylist()  # type: ignore[no-any-return]  # untyped library


def _claims(columns: Sequence[_Cells], source: pa.Array, ids: pa.Array, seen: pa.Array) -> pa.Table:
    parts = [
        pa.table(
            {
                "source": source.take(cells.row),
                "record_id": ids.take(cells.row),
                "attribute": pa.repeat(cells.attribute, len(cells.raw)),
                "raw": cells.raw,
                "place": cells.place,
                "observed_at": seen.take(cells.row),
                "is_verified": pa.array(cells.verified),
            }
        )
        for cells in columns
    ]
    wanted = [name for name in claims_in_schema().names if name in (parts[0].column_names if parts else ())]
    empty = claims_in_schema().empty_table()
    return pa.concat_tables(part.select(wanted) for part in parts).combine_chunks() if parts else empty


def _observations(source: pa.Array, ids: pa.Array, seen: pa.Array, layout: str) -> pa.Table:
    columns = pa.repeat(layout, len(ids))
    return pa.table([source, ids, seen, columns], names=observations_schema().names)


def known_columns(table: pa.Table) -> pa.Table:
    """The columns that every profile has, of their types."""
    wanted = profiles_schema()
    return table.select(wanted.names).cast(wanted)


def typed_columns(table: pa.Table) -> pa.Table:
    """The columns that every profile has, of their types, then all others."""
    others = table.drop_columns(profiles_schema().names)
    found = known_columns(table)
    for name in others.column_names:
        found = found.append_column(name, others[name])
    return tables.alike(found, table)
