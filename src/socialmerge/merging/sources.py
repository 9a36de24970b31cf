"""The rows that make claims: where each comes from, whose it is, when it was observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import hint
from socialmerge.merging.arrays import Ints, Mask, codes_in, whole
from socialmerge.merging.cells import Cells, no_cells
from socialmerge.merging.entities import CRM, NEW, Entities
from socialmerge.merging.fields import squash
from socialmerge.merging.moments import UNDATED, moments
from socialmerge.merging.policy import Policy
from socialmerge.merging.policy_problems import problems_error
from socialmerge.schema import Schema

__all__ = [
    "Rejected",
    "Rows",
    "Sources",
    "blocks",
    "column_problems",
    "gather",
    "no_pins",
    "unplaced",
]

Rejected = tuple[int, str, str]

_ORIGIN = ("source", "record_id", "channel", "scope", "account_id", "observed_at")
_OBSERVED_NAMES = (
    "lastmodifieddate",
    "lastmodified",
    "lastmodifiedat",
    "lastmodifiedon",
    "modifieddate",
    "modifiedat",
    "modifiedon",
    "modified",
    "modifiedtime",
    "datemodified",
    "donotmodifymodifiedon",
    "lastupdated",
    "lastupdatedat",
    "lastupdatedon",
    "lastupdate",
    "updateddate",
    "updatedat",
    "updatedon",
    "updated",
    "updatetime",
    "dateupdated",
    "updatedutc",
    "lastchanged",
    "changedat",
    "changedon",
    "writedate",
    "personupdatetime",
    "hslastmodifieddate",
    "geändertam",
    "letzteänderung",
    "zuletztgeändert",
    "aktualisiertam",
    "modifiéle",
    "dernièremodification",
    "misàjourle",
    "fechademodificación",
    "últimamodificación",
    "últimaactualización",
    "actualizado",
    "systemmodstamp",
    "observedat",
)
"""Of several columns with such a name the first here says when a row was seen: a system's own stamp comes last."""


@dataclass(frozen=True, slots=True)
class Sources:
    """All rows: the customers', then the profiles', then one for each pin.

    ``origin`` has the text columns source, record_id, channel, scope, account_id and observed_at; ``entity`` an index
    into ``ids`` (-1 for none), ``standing`` as in ``entities``, ``seen`` microseconds since 1970 or :data:`UNDATED`.
    ``private`` marks profiles whose attachment rests on private evidence only. The columns of ``customers`` and
    ``profiles`` are text or lists of text. ``dated`` says whether any customer, any profile has a date; ``names`` are
    the distinct sources in byte order. ``pins`` has the columns field, value and pin_id; ``rejections`` are an entity,
    a field and a value each.
    """

    ids: pa.Array
    origin: pa.Table
    entity: Ints
    standing: npt.NDArray[np.int8]
    seen: Ints
    private: Mask
    customers: pa.Table
    profiles: pa.Table
    dated: tuple[bool, bool]
    names: pa.Array
    pins: pa.Table
    rejections: tuple[Rejected, ...] = ()
    cells: Cells = field(default_factory=no_cells)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of some entities, the customers' first, the pins' last; ``entity`` counts from the first of these."""

    ids: pa.Array
    origin: pa.Table
    entity: Ints
    standing: npt.NDArray[np.int8]
    seen: Ints
    private: Mask
    source_rank: Ints
    customers: pa.Table
    profiles: pa.Table
    pins: pa.Table
    rejections: tuple[Rejected, ...] = ()
    cells: Cells = field(default_factory=no_cells)

    def seen_of(self, row: Ints, cell: Ints, *, first: bool = False) -> Ints:
        """Give when values were seen last, or first: by their own cell where that is known, else by their row."""
        known = self.cells.first if first else self.cells.seen
        return np.where(cell >= 0, np.append(known, 0)[cell], self.seen[row])


def gather(
    entities: Entities, schema: Schema, customers: pa.Table, profiles: pa.Table, policy: Policy, *, profile_id: str
) -> Sources:
    """Bring the rows of both tables together; ``profile_id`` names the id column of ``profiles``.

    Raises:
        PolicyError: The policy names a column of the customers that is not there.
    """
    left, right = _as_text(customers), _as_text(profiles)
    observed = _observed_column(left, policy)
    origin = pa.concat_tables(
        [_customer_origin(left, schema.id_column, observed, policy), _profile_origin(right, profile_id)]
    ).combine_chunks()
    count = left.num_rows
    sources = pc.unique(whole(origin["source"]))
    moment = [moments(whole(origin["observed_at"].slice(*span))) for span in ((0, count), (count,))]
    return Sources(
        ids=entities.ids,
        origin=origin,
        entity=np.concatenate([entities.customers, _persons(right, entities)]),
        standing=np.concatenate([np.full(count, CRM, np.int8), entities.standing]),
        seen=np.concatenate(moment),
        private=np.concatenate([np.zeros(count, np.bool_), entities.private]),
        customers=left,
        profiles=right,
        names=sources.take(pc.sort_indices(sources)),
        dated=(bool((moment[0] != UNDATED).any()), bool((moment[1] != UNDATED).any())),
        pins=no_pins(),
    )


def blocks(sources: Sources, size: int, only: Ints | None = None) -> Iterator[tuple[int, Rows]]:
    """Cut the rows into those of ``size`` entities at a time, in the order of the entity ids; at least one block.

    Each comes with the place of its first entity. ``only`` asks for the rows of some entities, by their places, and for
    no block without one of them.
    """
    order = np.argsort(sources.entity, kind="stable")
    ranked = sources.entity[order]
    starts = np.arange(0, max(len(sources.ids), 1), size)
    if only is not None:
        order, ranked = (side[np.isin(ranked, only)] for side in (order, ranked))
        starts = np.unique(only // size * size) if len(only) else starts[:1]
    for start in starts.tolist():
        low, high = np.searchsorted(ranked, [start, start + size])
        yield start, _rows(sources, np.sort(order[low:high]), start, size)


def unplaced(sources: Sources) -> Rows:
    """Give the rows that have no entity."""
    return _rows(sources, np.flatnonzero(sources.entity < 0), 0, 0)


def _rows(sources: Sources, rows: Ints, start: int, size: int) -> Rows:
    """Take these rows, which are in order, so that the customers' stay first."""
    customers, profiles = sources.customers.num_rows, sources.profiles.num_rows
    first, last = (int(place) for place in np.searchsorted(rows, [customers, customers + profiles]))
    origin = sources.origin.take(pa.array(rows))
    entity = sources.entity[rows]
    return Rows(
        ids=sources.ids.slice(start, size),
        origin=origin,
        entity=np.where(entity < 0, -1, entity - start),
        standing=sources.standing[rows],
        seen=sources.seen[rows],
        private=sources.private[rows],
        # A person is no source; which rank a pin has does not matter, since it is never compared by it.
        source_rank=np.maximum(codes_in(whole(origin["source"]), sources.names), 0),
        customers=sources.customers.take(pa.array(rows[:first])),
        profiles=sources.profiles.take(pa.array(rows[first:last] - customers)),
        pins=sources.pins.take(pa.array(rows[last:] - customers - profiles)),
        rejections=tuple(
            (entity - start, field, value)
            for entity, field, value in sources.rejections
            if start <= entity < start + size
        ),
        cells=sources.cells.taken(rows),
    )


def no_pins() -> pa.Table:
    """Give the table of pins that holds none."""
    return pa.table({name: pa.array([], pa.string()) for name in ("field", "value", "pin_id")})


def _as_text(table: pa.Table) -> pa.Table:
    """Render every column as text; a list of texts stays a list."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        kind = column.type
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            inner = kind.value_type
            if pa.types.is_string(inner) or pa.types.is_large_string(inner):
                columns[name] = column.cast(pa.list_(pa.string()))
                continue
        is_flag = pa.types.is_boolean(kind) and name == "is_person"
        columns[name] = column if is_flag else tables.strings(column)
    return pa.table(columns)


def column_problems(customers: pa.Table, policy: Policy) -> list[str]:
    """Say which columns the policy names for times and systems that are not there."""
    named = (("observed", policy.observed), ("source", policy.source))
    return [
        f"{what} names '{name}', which is no column of the customers{hint(name, customers.column_names)}"
        for what, name in named
        if name and name not in customers.column_names
    ]


def _observed_column(customers: pa.Table, policy: Policy) -> str:
    if problems := column_problems(customers, policy):
        raise problems_error("policy", problems)
    if policy.observed:
        return policy.observed
    known = {name: rank for rank, name in enumerate(_OBSERVED_NAMES)}
    found = [(known[squash(name)], name) for name in customers.column_names if squash(name) in known]
    return min(found)[1] if found else ""


def _customer_origin(customers: pa.Table, id_column: str, observed: str, policy: Policy) -> pa.Table:
    count = customers.num_rows
    none = pa.nulls(count, pa.string())
    source = pc.coalesce(whole(customers[policy.source]) if policy.source else none, pa.scalar("crm"))
    ids = whole(customers[id_column])
    dated = whole(customers[observed]) if observed else none
    return pa.table([source, ids, none, none, none, dated], names=list(_ORIGIN))


def _profile_origin(profiles: pa.Table, profile_id: str) -> pa.Table:
    none = pa.nulls(profiles.num_rows, pa.string())

    def column(name: str) -> pa.Array:
        return whole(profiles[name]) if name in profiles.column_names else none

    channel = column("channel")
    source = pc.coalesce(channel, pa.scalar("profiles"))
    parts = [source, whole(profiles[profile_id]), channel, column("scope"), column("account_id"), column("observed_at")]
    return pa.table(parts, names=list(_ORIGIN))


def _persons(profiles: pa.Table, entities: Entities) -> Ints:
    """Take an account that the platform itself says is not a person's out of the customers' entities."""
    if "is_person" not in profiles.column_names or not pa.types.is_boolean(profiles["is_person"].type):
        return entities.profiles
    is_other = pc.invert(profiles["is_person"]).fill_null(False).to_numpy()  # noqa: FBT003 - Arrow's signature
    return np.where(is_other.astype(np.bool_) & (entities.standing != NEW), -1, entities.profiles)
