"""Where edicts belong: the entity of the row, or the record, that each is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, whole
from socialmerge.merging.edicts import Edicts, Pin, Targeted
from socialmerge.merging.entities import PERSON
from socialmerge.merging.moments import UNDATED, instant
from socialmerge.merging.sources import Sources, no_pins

__all__ = ["place"]


def place(edicts: Edicts, sources: Sources, names: Mapping[str, str]) -> Sources:
    """Add a row for each pin, and the rejected values of each entity.

    ``names`` gives the golden field of the name that an edict uses. Edicts about rows that are not there, or that have
    no entity yet, wait.
    """
    entity_of = _entities((*edicts.pins, *edicts.rejections), sources)
    rejections = tuple(
        (entity_of[one.id], names[one.field], one.value)
        for one in edicts.rejections
        if one.id in entity_of and one.field in names
    )
    pins = [one for one in edicts.pins if one.id in entity_of]
    seen = [instant(datetime.fromisoformat(one.at)) if one.at else UNDATED for one in pins]
    return replace(
        sources,
        origin=pa.concat_tables([sources.origin, _origin(pins, sources)]).combine_chunks(),
        entity=np.concatenate([sources.entity, np.array([entity_of[one.id] for one in pins], np.int64)]),
        standing=np.concatenate([sources.standing, np.full(len(pins), PERSON, np.int8)]),
        seen=np.concatenate([sources.seen, np.array(seen, np.int64)]),
        private=np.concatenate([sources.private, np.zeros(len(pins), np.bool_)]),
        pins=_pins(pins, names),
        rejections=rejections,
    )


def _pins(pins: list[Pin], names: Mapping[str, str]) -> pa.Table:
    rows = [{"field": names[one.field], "value": one.value, "pin_id": one.id} for one in pins]
    return pa.Table.from_pylist(rows, schema=no_pins().schema)


def _origin(pins: list[Pin], sources: Sources) -> pa.Table:
    """Describe each pin as a row: its source is who said it, its record the one that it is about."""
    rows = [
        {
            "source": one.actor,
            "record_id": one.record[1] if one.record else one.entity_id,
            "observed_at": one.at or None,
        }
        for one in pins
    ]
    return pa.Table.from_pylist(rows, schema=sources.origin.schema)


def _entities(edicts: tuple[Targeted, ...], sources: Sources) -> dict[str, int]:
    """Give the entity of each edict by its id; one that has none is left out."""
    rows = _rows_of({one.record[1] for one in edicts if one.record}, sources)
    wanted = sorted({one.entity_id for one in edicts if one.entity_id})
    found = pc.index_in(pa.array(wanted, pa.string()), sources.ids).fill_null(-1).to_pylist()
    entity_of = dict(zip(wanted, found, strict=True))
    placed = {one.id: rows.get(one.record, -1) if one.record else entity_of[one.entity_id] for one in edicts}
    return {id_: entity for id_, entity in placed.items() if entity >= 0}


def _rows_of(record_ids: set[str], sources: Sources) -> dict[tuple[str, str], int]:
    """Give the entity of the rows with these ids; a customer's is found by "crm" too, whatever its system."""
    wanted = pa.array(sorted(record_ids), pa.string())
    mask = pc.is_in(whole(sources.origin["record_id"]), wanted).to_numpy(zero_copy_only=False)
    at: Ints = np.flatnonzero(mask)
    rows = sources.origin.select(["source", "record_id"]).take(pa.array(at)).to_pylist()
    entity = sources.entity[at].tolist()
    count = int(np.searchsorted(at, sources.customers.num_rows))
    crm = {("crm", row["record_id"]): one for row, one in zip(rows[:count], entity[:count], strict=True)}
    return crm | {(row["source"], row["record_id"]): one for row, one in zip(rows, entity, strict=True)}
