"""Child rows (orders, tickets, visits): which entity each belongs to, with none lost and none counted twice."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.merging.arrays import whole
from socialmerge.records import Verdict

__all__ = ["children"]

_SIDES = ("customers", "profiles")


def children(
    table: pa.Table, *, on: str, identities: pa.Table, of: str = "customers", id: str | None = None
) -> pa.Table:
    """Give each child row the entity of its parent, as a column ``entity_id`` in front.

    ``on`` is the column that names the parent: a customer's id, or a profile's with ``of="profiles"``. ``identities``
    is the clusters of ``dedupe`` or the decisions of ``attach``. The rows and their order stay as they are, and so does
    ``on``: after a split the same call with the new identities gives each row back to its own parent. A row whose
    parent is nobody, or has no entity yet, has a null ``entity_id`` and is kept, so that sums over all entities and
    null are the sums over the table. (Decisions mention only customers with profiles; with them every other parent is
    an entity of its own.) ``id`` may name the child rows' own id column, to be sure that no row is there twice.

    >>> orders = pa.table({"customer": ["c1", "c2", "gone"], "spend": [5, 7, 11]})
    >>> clusters = pa.table({"id": ["c1", "c2"], "entity_id": ["c1", "c1"]})
    >>> children(orders, on="customer", identities=clusters)["entity_id"].to_pylist()
    ['c1', 'c1', None]

    Raises:
        SchemaError: There is no column ``id``.
        TableError: There is no column ``on``; the table has a column ``entity_id`` of its own; a parent is in the
            identities twice; or a child row's id is there twice.
    """
    if on not in table.column_names:
        raise TableError(f"children: no column '{on}'; name the column that holds the parent's id with on=")
    if "entity_id" in table.column_names:
        raise TableError("children: the table has a column entity_id already; rename it, or drop it")
    if of not in _SIDES:
        raise TableError("children: of= is 'customers' or 'profiles'")
    if id is not None:
        tables.ids(table, id, what="children")
    wanted = whole(tables.clean_ids(table[on]))
    parents, entities = _homes(identities, of)
    repeated = len(parents) - pc.count_distinct(parents, mode="all").as_py()
    if repeated:
        message = f"children: {repeated} rows of the identities repeat a parent, so its children would count twice"
        raise TableError(f"{message}; give each parent one entity")
    entity = entities.take(pc.index_in(wanted, parents, skip_nulls=True))
    if of == "customers" and "profile_id" in identities.column_names:
        entity = pc.coalesce(entity, wanted)
    return table.add_column(0, "entity_id", entity)


def _homes(identities: pa.Table, of: str) -> tuple[pa.Array, pa.Array]:
    """Give parents and the entity of each."""
    if "profile_id" not in identities.column_names:
        if of == "profiles":
            raise TableError("children: clusters know customers only; give the decisions of attach for profiles")
        return _texts(identities, "id"), _texts(identities, "entity_id")
    if of == "profiles":
        return _texts(identities, "profile_id"), _texts(identities, "entity_id")
    attached = identities.filter(pc.equal(_texts(identities, "verdict"), Verdict.ATTACH.value))
    pairs = attached.group_by(["customer_id", "entity_id"], use_threads=False).aggregate([])
    return _texts(pairs, "customer_id"), _texts(pairs, "entity_id")


def _texts(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        raise TableError(f"children: the identities have no column '{name}'; give clusters or decisions")
    return whole(table[name]).cast(pa.string())
