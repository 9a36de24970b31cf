"""A profile that is known and is told again: the row that it would have once it was brought in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from socialmerge.records import profiles_schema
from socialmerge.resolver.intake import profiles_intake
from socialmerge.resolver.namesakes import intake_of_namesake
from socialmerge.resolver.pivot import live, profiles_of
from socialmerge.store import Store, claims_schema, observations_schema, records_schema

__all__ = ["as_told_again"]

_TEXTS = ("channel", "scope", "account_id")
_KEY = ["source", "record_id"]
_WHICH = [*_KEY, "attribute", "raw"]
"""A claim is the same where these are: seen again, it is as old as its last sight."""


def as_told_again(store: Store, profile: pa.Table, *, proven: bool, clears: Sequence[str]) -> tuple[pa.Table, bool]:
    """One row of ``profiles_schema`` as the store would read it after an ingest, and whether a platform wrote it.

    What the store knows of the profile holds beside it as far as dates and the policy's ``clears`` let it; a profile
    that is not there is as it is given.
    """
    intake = profiles_intake(profile, proven=proven, observed_at=None)
    own = intake.records.select(_KEY)
    with store.snapshot() as view:
        if "customer" in view.records(own).read_all()["kind"].to_pylist():
            intake = intake_of_namesake(intake)
            own = intake.records.select(_KEY)
        known = [of(own).read_all() for of in (view.records, view.claims, view.observations)]
    if not known[0].num_rows:
        return profile, proven
    claims = _together([known[1], _as_kept(intake.claims)])
    observations = pa.concat_tables([known[2], intake.observations.cast(observations_schema())])
    records = _one_record([*known[0].to_pylist(), *intake.records.to_pylist()])
    pivot = profiles_of(records, live(claims, observations, clears), observations)
    return pivot.table.cast(profiles_schema()), bool(pivot.proven[0])


def _as_kept(claims: pa.Table) -> pa.Table:
    """Claims on their way in, with the columns of claims that are kept."""
    seen = claims["observed_at"]
    return claims.drop_columns(["observed_at"]).append_column("last_seen", seen)


def _together(several: Iterable[pa.Table]) -> pa.Table:
    shape = claims_schema()
    wanted = pa.schema([shape.field(name) for name in (*_WHICH, "place", "last_seen", "is_verified")])
    table = pa.concat_tables([one.select(wanted.names).cast(wanted) for one in several])
    best = [("place", "min"), ("last_seen", "max"), ("is_verified", "max")]
    found = table.group_by(_WHICH, use_threads=False).aggregate(best)
    return found.rename_columns({f"{name}_{how}": name for name, how in best})


def _one_record(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The record that the store makes of two: of texts the greatest, of answers no before yes."""
    said = {name: [row[name] for row in rows if row[name] is not None] for name in (*_TEXTS, "is_person")}
    merged = {name: max(said[name], default=None) for name in _TEXTS}
    merged |= {"is_person": min(said["is_person"], default=None)}
    return pa.Table.from_pylist([rows[0] | merged], schema=records_schema())
