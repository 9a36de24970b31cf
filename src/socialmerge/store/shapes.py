"""The Arrow tables that go into a store and come out of it."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

__all__ = [
    "NUMBER",
    "claims_in_schema",
    "claims_schema",
    "events_schema",
    "first_seen_schema",
    "golden_schema",
    "identifiers_schema",
    "keys_schema",
    "links_schema",
    "log_schema",
    "members_schema",
    "observations_schema",
    "records_schema",
    "scores_schema",
]

_MOMENT = pa.timestamp("us", tz="UTC")
_KEY = (("source", pa.string()), ("record_id", pa.string()))
_TERMS = (
    ("visibility", pa.string()),
    ("purposes", pa.string()),
    ("basis", pa.string()),
    ("consent", pa.string()),
    ("keep_until", _MOMENT),
)


NUMBER = pa.field("record", pa.int64())
"""The number of a record in its database, which stands for its name while that is open."""


@cache
def keys_schema() -> pa.Schema:
    """Records by name: ``source`` is "crm" (or what the policy's source column says) or the channel."""
    return pa.schema(_KEY)


@cache
def records_schema() -> pa.Schema:
    """One row per record; ``kind`` is "customer" or "profile", ``created_at`` the source's own date of creation."""
    return pa.schema(
        [
            *_KEY,
            ("kind", pa.string()),
            ("channel", pa.string()),
            ("scope", pa.string()),
            ("account_id", pa.string()),
            ("created_at", _MOMENT),
            ("is_person", pa.bool_()),
        ]
    )


@cache
def claims_in_schema() -> pa.Schema:
    """One row per value that a row of a source had; ``observed_at`` is the row's date, null where it has none.

    ``attribute`` is the source's own name of the column, ``raw`` the value as it stood there, ``place`` its place in a
    cell of several values, from 0. The terms (visibility, purposes joined by spaces, basis, consent, keep_until) are
    null where nothing but the channel's rules is known.
    """
    return pa.schema(
        [
            *_KEY,
            ("attribute", pa.string()),
            ("raw", pa.string()),
            ("place", pa.int32()),
            ("observed_at", _MOMENT),
            ("is_verified", pa.bool_()),
            *_TERMS,
        ]
    )


@cache
def claims_schema() -> pa.Schema:
    """One row per claim, ordered by record; ``first_seen`` and ``last_seen`` are null where it was never dated."""
    texts = ("channel", "scope", "account_id", "attribute", "raw")
    return pa.schema(
        [
            ("claim_id", pa.string()),
            *_KEY,
            ("kind", pa.string()),
            *((name, pa.string()) for name in texts),
            ("place", pa.int32()),
            ("first_seen", _MOMENT),
            ("last_seen", _MOMENT),
            ("is_verified", pa.bool_()),
            *_TERMS,
        ]
    )


@cache
def observations_schema() -> pa.Schema:
    """One row per time that a record was seen; ``columns`` is a JSON list of the columns that its table had."""
    return pa.schema([*_KEY, ("observed_at", _MOMENT), ("columns", pa.string())])


@cache
def first_seen_schema() -> pa.Schema:
    """One row per record: its first observation that has a date, null where none has."""
    return pa.schema([*_KEY, ("first_seen", _MOMENT)])


@cache
def identifiers_schema() -> pa.Schema:
    """What a record may be recognised by, normalised by the caller; only its keyed hash is stored.

    ``kind`` is a word such as "email", "phone", "account" (channel, scope and id as one text), "handle" or "name";
    ``is_strong`` is false for what namesakes share: it never refuses a record by itself.
    """
    return pa.schema([*_KEY, ("kind", pa.string()), ("value", pa.string()), ("is_strong", pa.bool_())])


@cache
def links_schema() -> pa.Schema:
    """A machine's decisions: one row per pair that a plan judged, weight in bits.

    ``evidence`` is "private" where nothing that anybody can see agrees, else "public"; null where nobody noted it.
    """
    return pa.schema(
        [
            ("left_source", pa.string()),
            ("left_id", pa.string()),
            ("right_source", pa.string()),
            ("right_id", pa.string()),
            ("weight", pa.float64()),
            ("probability", pa.float64()),
            ("verdict", pa.string()),
            ("assurance", pa.string()),
            ("plan_version", pa.string()),
            ("evidence", pa.string()),
        ]
    )


@cache
def scores_schema() -> pa.Schema:
    """What a frozen model weighed of a profile: numbers, packed by the resolver, and the version of the model."""
    return pa.schema([*_KEY, ("model", pa.string()), ("entries", pa.binary())])


@cache
def members_schema() -> pa.Schema:
    """Which entity a record belongs to, or belonged to: ``until`` is null while it does.

    ``since`` and ``until`` are positions of the log.
    """
    return pa.schema([*_KEY, ("entity_id", pa.string()), ("since", pa.int64()), ("until", pa.int64())])


@cache
def events_schema() -> pa.Schema:
    """What became of an entity: ``kind`` is "merge" or "split", ``position`` that of the log."""
    return pa.schema(
        [("position", pa.int64()), ("kind", pa.string()), ("old_id", pa.string()), ("new_id", pa.string())]
    )


@cache
def golden_schema() -> pa.Schema:
    """One row per entity that was applied: ``fields`` is a JSON object, ``position`` that of the log it was made at."""
    return pa.schema(
        [("entity_id", pa.string()), ("fields", pa.string()), ("policy_version", pa.string()), ("position", pa.int64())]
    )


@cache
def log_schema() -> pa.Schema:
    """One row per change of the store: who did what, how many; ``counts`` is a JSON object of numbers."""
    return pa.schema(
        [
            ("position", pa.int64()),
            ("at", _MOMENT),
            ("actor", pa.string()),
            ("action", pa.string()),
            ("counts", pa.string()),
        ]
    )
