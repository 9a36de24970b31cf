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


def terms(field: GoldenField, row: Ints, rows: Rows) -> dict[str, pa.Array]:
    """Give the visibility, the purposes and the basis of the claims of one field, by the rows that make them.

    A value is public where the person published it: on a channel that everybody sees, in an attribute that describes.
    A policy may say more of a field, but what comes from a private place, or from an account that only private evidence
    ties to the person, is never public. Purposes and basis are the channel's, null where there is no channel.
    """
    channel = whole(rows.origin["channel"]).take(pa.array(row))
    rules = _by_channel(channel)
    standing = rows.standing[row]
    own = (standing == CRM) | (standing == PERSON)
    open_place = own | as_mask(pc.equal(rules["visibility"], "public").fill_null(True))  # noqa: FBT003
    open_place &= ~rows.private[row]
    public = np.full(len(row), field.visibility == "public") if field.visibility else field.descriptive & ~own
    visible = pc.if_else(pa.array(public & open_place), "public", "private")
    if field.visibility == "secret":
        visible = pa.repeat(pa.scalar("secret"), len(row))
    return {"visibility": visible, "purposes": rules["purposes"], "basis": rules["basis"]}


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
