"""Claims: one row for each value that a source gives for a field of an entity, as columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, Mask, as_mask, whole
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.sources import Rows
from socialmerge.merging.terms import terms
from socialmerge.normalise import accounts
from socialmerge.records import Missing

__all__ = ["ONE_SHOT_KEY", "Claims", "claim_ids", "claims_schema", "claims_table", "field_claims"]

ONE_SHOT_KEY = b"socialmerge one-shot run: claim ids are stable, not secret"
"""Key of the claim ids of a run that has no store. It is public, so such an id hides nothing; a store brings its own
key."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one field: ``row`` is an index into the :class:`Rows`, the other arrays run beside it.

    ``value`` is ``raw`` without the space around it. ``attribute`` is the name of the column in its own table. ``cell``
    is an index into the cells of the rows, -1 where no more is known of a value than of its row.
    """

    row: Ints
    raw: pa.Array
    value: pa.Array
    attribute: pa.Array
    is_verified: Mask
    cell: Ints

    def __len__(self) -> int:
        return len(self.row)

    def take(self, at: Ints) -> Claims:
        """Give the claims at these places."""
        places = pa.array(at)
        raw, value, attribute = (column.take(places) for column in (self.raw, self.value, self.attribute))
        return Claims(self.row[at], raw, value, attribute, self.is_verified[at], self.cell[at])

    def became(self, rows: Rows, *words: str) -> Mask:
        """Say which values are there no longer, for one of some reasons (``cells.REPLACED``, ``cells.BLANKED``)."""
        said = np.zeros(len(self), np.bool_)
        known = self.cell >= 0
        if known.any():
            said[known] = as_mask(pc.is_in(rows.cells.became.take(pa.array(self.cell[known])), pa.array(words)))
        return said


@cache
def claims_schema() -> pa.Schema:
    """One row for each value of each record; ``entity_id`` is null where the record has no entity (yet)."""
    texts = ("source", "record_id", "channel", "scope", "account_id", "attribute", "field", "group", "raw", "value")
    return pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("observed_at", pa.string()),
            ("visibility", pa.string()),
            ("purposes", pa.list_(pa.string())),
            ("basis", pa.string()),
            ("is_verified", pa.bool_()),
            ("entity_id", pa.string()),
            ("claim_id", pa.string()),
        ]
    )


def field_claims(field: GoldenField, rows: Rows) -> Claims:
    """Collect the values of one field from the rows, empty ones left out; what a cell held before is among them."""
    parts = []
    if field.column:
        parts += _cells(rows.customers[field.column], field, 0, field.column, rows)
    for attribute in field.attributes:
        if attribute in rows.profiles.column_names:
            cells = _cells(rows.profiles[attribute], field, rows.customers.num_rows, attribute, rows)
            parts += [_on_channel(part, field, rows) for part in cells] if attribute == "handle" else cells
    none = np.empty(0, np.int64)
    row, cell = (np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in ("row", "cell"))
    raw = pa.concat_arrays([part.raw for part in parts]) if parts else pa.array([], pa.string())
    attribute_names = [pa.repeat(pa.scalar(part.name), len(part.row)) for part in parts]
    attributes = pa.concat_arrays(attribute_names) if parts else pa.array([], pa.string())
    value = pc.utf8_trim_whitespace(raw)
    filled = pc.not_equal(value, "").fill_null(False)  # noqa: FBT003 - Arrow's signature
    if not pc.all(filled, min_count=0).as_py():
        kept = filled.to_numpy(zero_copy_only=False)
        row, cell, raw, value = row[kept], cell[kept], raw.filter(filled), value.filter(filled)
        attributes = attributes.filter(filled)
    return Claims(row, raw, value, attributes, _verified(row, value, attributes, rows, cell), cell)


@dataclass(frozen=True, slots=True)
class _Part:
    """Values of one column, with the row and the cell of each."""

    name: str
    row: Ints
    raw: pa.Array
    cell: Ints


def _cells(column: pa.ChunkedArray, field: GoldenField, start: int, name: str, rows: Rows) -> list[_Part]:
    """Give the values of a column, and those that its cells held besides; nulls left out, several values split."""
    row = np.arange(start, start + len(column), dtype=np.int64)
    parts = [_split(name, row, whole(column), rows.cells.at(row, name), field.separator)]
    beside = rows.cells.beside(name, start, start + len(column))
    if len(beside):
        raw = rows.cells.raw.take(pa.array(beside))
        parts.append(_split(name, rows.cells.row[beside], raw, beside, "" if _is_list(column) else field.separator))
    return parts


def _is_list(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_list(column.type))


def _split(name: str, row: Ints, array: pa.Array, cell: Ints, separator: str) -> _Part:
    if not pa.types.is_list(array.type) and separator:
        array = pc.split_pattern(array, separator)
    if pa.types.is_list(array.type):
        parent = pc.list_parent_indices(array).to_numpy(zero_copy_only=False)
        row, cell, array = row[parent], cell[parent], pc.list_flatten(array)
    if array.null_count:
        valid = pc.is_valid(array)
        kept = valid.to_numpy(zero_copy_only=False)
        row, cell, array = row[kept], cell[kept], array.filter(valid)
    return _Part(name, row, array.cast(pa.string()), cell)


def _on_channel(part: _Part, field: GoldenField, rows: Rows) -> _Part:
    """Keep the handles of the field's channel, made links where the field holds links."""
    channel = whole(rows.origin["channel"]).take(pa.array(part.row))
    same = as_mask(pc.equal(channel, field.channel))
    row, values, cell = part.row[same], part.raw.filter(pa.array(same)), part.cell[same]
    if field.part != "handle":
        scope = whole(rows.origin["scope"]).take(pa.array(row)).fill_null("").to_pylist()
        pairs = zip(values.to_pylist(), scope, strict=True)
        values = pa.array([_link(field.channel, *pair) for pair in pairs], pa.string())
    return _Part(part.name, row, values, cell)


def _link(channel: str, handle: str, scope: str) -> str | None:
    account = accounts.parse(handle, channel=channel, scope=scope)
    return None if isinstance(account, Missing) else accounts.url(account) or None


def _verified(row: Ints, value: pa.Array, attribute: pa.Array, rows: Rows, cell: Ints) -> Mask:
    """Say which values stand in the list of verified ones of their own row, or are known to have stood there."""
    verified = np.append(rows.cells.is_verified, False)[cell]
    start = rows.customers.num_rows
    for listed, name in (("emails", "verified_emails"), ("links", "verified_links")):
        if name not in rows.profiles.column_names or not pa.types.is_list(rows.profiles[name].type):
            continue
        at = np.flatnonzero(pc.equal(attribute, listed).to_numpy(zero_copy_only=False))
        if not len(at):
            continue
        proof = whole(rows.profiles[name])
        proved = _keyed(pc.list_parent_indices(proof).to_numpy(zero_copy_only=False) + start, pc.list_flatten(proof))
        verified[at] |= pc.is_in(_keyed(row[at], value.take(pa.array(at))), proved).to_numpy(zero_copy_only=False)
    return verified


def _keyed(row: Ints, value: pa.Array) -> pa.Array:
    text = pc.utf8_lower(pc.utf8_trim_whitespace(value))
    return pc.binary_join_element_wise(pa.array(row).cast(pa.string()), text, ":")


def claim_ids(claims: Claims, rows: Rows, key: bytes) -> list[bytes]:
    """Make the id of each claim: HMAC-SHA-256 over its content, each part with its length before it (RFC 2104).

    The time of observation is no part, so that a value seen again is the same claim.
    """
    return _hmac(key, _messages(claims, rows).to_pylist())


def _messages(claims: Claims, rows: Rows) -> pa.Array:
    who = [rows.origin[name] for name in ("source", "record_id", "channel", "scope", "account_id")]
    prefix = _netstrings([whole(column) for column in who]).take(pa.array(claims.row))
    return pc.binary_join_element_wise(prefix, _netstrings([claims.attribute, claims.raw]), "").cast(pa.binary())


def _netstrings(columns: list[pa.Array]) -> pa.Array:
    """Join each row's texts, each with its length in bytes before it: ``a.b|c`` and ``a|b.c`` stay apart."""
    parts = []
    for column in columns:
        filled = column.fill_null("")
        parts += [pc.binary_length(filled).cast(pa.string()), pa.scalar(":"), filled, pa.scalar(",")]
    return pc.binary_join_element_wise(*parts, "")


def _hmac(key: bytes, messages: Iterable[bytes]) -> list[bytes]:
    """HMAC-SHA-256 of many messages under one key: the keyed states are made once, three times as fast as ``hmac``."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner_state = hashlib.sha256(bytes(byte ^ 0x36 for byte in block)).copy
    outer_state = hashlib.sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def digest(message: bytes) -> bytes:
        inner, outer = inner_state(), outer_state()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    return [digest(message) for message in messages]


def claims_table(field: GoldenField, rows: Rows, *, key: bytes = ONE_SHOT_KEY) -> pa.Table:
    """Give the claims of one field as a table of :func:`claims_schema`."""
    claims = field_claims(field, rows)
    at = pa.array(claims.row)
    origin = {name: whole(rows.origin[name]).take(at) for name in rows.origin.column_names}
    entity = rows.entity[claims.row]
    entity_id = rows.ids.take(pa.array(entity, mask=entity < 0))
    columns = {
        **origin,
        "attribute": claims.attribute,
        "field": pa.repeat(pa.scalar(field.name), len(claims)),
        "group": pa.repeat(pa.scalar(field.group or None, pa.string()), len(claims)),
        "raw": claims.raw,
        "value": claims.value,
        **terms(field, claims.row, rows),
        "is_verified": pa.array(claims.is_verified),
        "entity_id": entity_id,
        "claim_id": pa.array([digest[:16].hex() for digest in claim_ids(claims, rows, key)], pa.string()),
    }
    return pa.table([columns[name] for name in claims_schema().names], schema=claims_schema())
