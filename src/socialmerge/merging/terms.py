"""On what terms a value may be used: who may see it, for which purposes it was given, on which ground it is held."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels
from socialmerge.merging.arrays import Ints, as_mask, whole
from socialmerge.merging.entities import CRM, PERSON
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.sources import Rows

__all__ = ["terms"]


def terms(field: GoldenField, row: Ints, rows: Rows, *, cell: Ints | None = None) -> dict[str, pa.Array]:
    """Give the visibility, the purposes and the basis of the claims of one field, by the rows that make them.

    A value is public where the person published it: on a channel that everybody sees, in an attribute that describes.
    A policy may say more of a field, but what comes from a private place, or from an account that only private evidence
    ties to the person, is never public. Purposes and basis are the channel's, null where there is no channel. What was
    noted of a single cell goes before both; it makes nothing public that the policy keeps.
    """
    channel = whole(rows.origin["channel"]).take(pa.array(row))
    rules = _by_channel(channel)
    standing = rows.standing[row]
    own = (standing == CRM) | (standing == PERSON)
    open_place = own | as_mask(pc.equal(rules["visibility"], "public").fill_null(True))  # noqa: FBT003
    open_place &= ~rows.private[row]
    noted = None if cell is None else _noted(cell, rows)
    public = np.full(len(row), field.visibility == "public") if field.visibility else field.descriptive & ~own
    if noted is not None and not field.visibility:
        public = np.where(pc.is_valid(noted["visibility"]), as_mask(pc.equal(noted["visibility"], "public")), public)
    visible = pc.if_else(pa.array(public & open_place), "public", "private")
    if field.visibility == "secret":
        visible = pa.repeat(pa.scalar("secret"), len(row))
    found = {"visibility": visible, "purposes": rules["purposes"], "basis": rules["basis"]}
    return found if noted is None else _with_notes(found, noted)


_Terms = dict[str, pa.Array]


def _noted(at: Ints, rows: Rows) -> _Terms | None:
    """Give the terms that were noted of the cells of some values, null where none were; None where there are none."""
    if (at < 0).all():
        return None
    places = pa.array(at, mask=at < 0)
    return {name: whole(rows.cells.terms[name]).take(places) for name in ("visibility", "purposes", "basis")}


def _with_notes(found: _Terms, noted: _Terms) -> _Terms:
    """Let what was noted of a cell go before what is known of its channel; of visibilities the narrower one holds."""
    narrower = pc.if_else(
        pc.equal(noted["visibility"], "secret"),
        "secret",
        pc.if_else(pc.equal(noted["visibility"], "private"), "private", found["visibility"]),
    )
    narrower = pc.if_else(pc.equal(found["visibility"], "secret"), "secret", narrower)
    return {
        "visibility": pc.coalesce(narrower, found["visibility"]),
        "purposes": pc.if_else(pc.is_valid(noted["purposes"]), noted["purposes"], found["purposes"]),
        "basis": pc.coalesce(noted["basis"], found["basis"]),
    }


def _by_channel(channel: pa.Array) -> dict[str, pa.Array]:
    if channel.null_count == len(channel):  # the customers' own rows, most of the time
        nothing = pa.nulls(len(channel), pa.string())
        return {"visibility": nothing, "purposes": pa.nulls(len(channel), pa.list_(pa.string())), "basis": nothing}
    encoded = pc.dictionary_encode(channel)
    known = set(channels.names())
    rules = [channels.rules(name) if name in known else None for name in encoded.dictionary.to_pylist()]
    columns = {
        "visibility": pa.array([rule.visibility if rule else None for rule in rules], pa.string()),
        "purposes": pa.array([list(rule.purposes) if rule else None for rule in rules], pa.list_(pa.string())),
        "basis": pa.array([rule.basis if rule else None for rule in rules], pa.string()),
    }
    return {name: values.take(encoded.indices) for name, values in columns.items()}
