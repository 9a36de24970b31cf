"""Which entity each customer row and each profile belongs to, read from decisions or clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import TableError, amount
from socialmerge.merging.arrays import Ints, Mask, as_mask, codes_in, whole
from socialmerge.records import Assurance, Verdict

__all__ = ["CRM", "INFERRED", "NEW", "PERSON", "VERIFIED", "Entities", "assign"]

INFERRED, VERIFIED, NEW, CRM, PERSON = 0, 1, 2, 3, 4
"""Standing of a row: an inferred or verified attachment, a profile that is an entity of its own, a row of the
customers, a person's word."""


@dataclass(frozen=True, slots=True)
class Entities:
    """Entities by code: ``ids`` is sorted, ``customers`` and ``profiles`` hold an index into it for each row.

    A profile of no entity (one that a person must review, or an organisation's) has -1. ``standing`` is the standing of
    each profile; ``private`` says that its attachment rests on private evidence only.
    """

    ids: pa.Array
    customers: Ints
    profiles: Ints
    standing: npt.NDArray[np.int8]
    private: Mask


def assign(
    identities: pa.Table, customer_ids: pa.Array, profile_ids: pa.Array, *, clusters: pa.Table | None = None
) -> Entities:
    """Give every row its entity.

    ``identities`` is a decisions table or a clusters table (see ``records``); ``clusters`` may give the customers'
    entities beside decisions. Ids are ``pa.string()``. A customer that neither mentions is its own entity. A column
    ``evidence`` of the decisions may say ``"private"`` of attachments that rest on private evidence only.

    Raises:
        TableError: The tables do not fit together: an id twice, a row without an entity, a decision about a row that
            is not there.
    """
    if "profile_id" not in identities.column_names:
        entities = _from_clusters(identities, customer_ids)
        attached = pa.nulls(len(profile_ids), pa.string())
        return _coded(entities, attached, np.zeros(len(profile_ids), np.int8), np.zeros(len(profile_ids), np.bool_))
    _unique("decisions", _texts(identities, "profile_id"))
    entities = _from_decisions(identities, customer_ids) if clusters is None else _from_clusters(clusters, customer_ids)
    attached, standing = _profiles(identities, customer_ids, profile_ids, entities)
    return _coded(entities, attached, standing, _private(identities, profile_ids))


def _private(decisions: pa.Table, profile_ids: pa.Array) -> Mask:
    """Say which attachments rest on private evidence only, where the decisions have a column ``evidence``."""
    if "evidence" not in decisions.column_names:
        return np.zeros(len(profile_ids), np.bool_)
    evidence = _texts(decisions, "evidence").take(pc.index_in(profile_ids, _texts(decisions, "profile_id")))
    return as_mask(pc.equal(evidence, "private"))


def _from_clusters(clusters: pa.Table, ids: pa.Array) -> pa.Array:
    missing = [name for name in ("id", "entity_id") if name not in clusters.column_names]
    if missing:
        message = f"clusters: no column '{missing[0]}'; give the decisions of attach or the clusters of dedupe"
        raise TableError(message)
    rows = _texts(clusters, "id")
    _unique("clusters", rows)
    entities = _texts(clusters, "entity_id").take(pc.index_in(ids, rows))
    if entities.null_count:
        message = (
            f"clusters: {entities.null_count} of {len(ids)} customers without entity_id; "
            "give the clusters of this same customer table"
        )
        raise TableError(message)
    return entities


def _from_decisions(decisions: pa.Table, ids: pa.Array) -> pa.Array:
    """Take the entity that attachments give a customer, else the customer's own id."""
    attached = decisions.filter(pc.equal(_texts(decisions, "verdict"), Verdict.ATTACH.value))
    pairs = pa.table({"id": _texts(attached, "customer_id"), "entity": _texts(attached, "entity_id")})
    pairs = pairs.group_by(["id", "entity"]).aggregate([])
    if pairs.num_rows and pc.count_distinct(pairs["id"], mode="all").as_py() < pairs.num_rows:
        message = "decisions: two attachments to one customer give it different entity_ids; make them agree"
        raise TableError(message)
    found = whole(pairs["entity"]).take(pc.index_in(ids, whole(pairs["id"])))
    return pc.coalesce(found, ids)


def _profiles(
    decisions: pa.Table, customer_ids: pa.Array, profile_ids: pa.Array, entities: pa.Array
) -> tuple[pa.Array, npt.NDArray[np.int8]]:
    """Give each profile its entity (null for none) and its standing."""
    rows = pc.index_in(profile_ids, _texts(decisions, "profile_id"))
    if rows.null_count:
        message = (
            f"decisions: {rows.null_count} of {len(rows)} profiles without decision; decide these same profiles first"
        )
        raise TableError(message)
    verdict, customer, own, assurance = (
        _texts(decisions, name).take(rows) for name in ("verdict", "customer_id", "entity_id", "assurance")
    )
    is_attached, is_new = pc.equal(verdict, Verdict.ATTACH.value), pc.equal(verdict, Verdict.NEW.value)
    host = entities.take(pc.index_in(customer, customer_ids))
    _check_targets(is_attached, host, is_new, own, entities)
    entity = pc.if_else(is_attached, host, pc.if_else(is_new, own, pa.scalar(None, pa.string())))
    standing = np.full(len(rows), INFERRED, np.int8)
    standing[as_mask(pc.equal(assurance, Assurance.VERIFIED.value))] = VERIFIED
    standing[as_mask(is_new)] = NEW
    return entity, standing


def _check_targets(is_attached: pa.Array, host: pa.Array, is_new: pa.Array, own: pa.Array, entities: pa.Array) -> None:
    lost = int((as_mask(is_attached) & as_mask(pc.is_null(host))).sum())
    if lost:
        message = (
            f"decisions: {lost} attachments are to a customer_id that is not in the customers; give the same table"
        )
        raise TableError(message)
    bare = int((as_mask(is_new) & as_mask(pc.is_null(own))).sum())
    if bare:
        message = f"decisions: {bare} rows are 'new' without an entity_id; give each new person an entity_id"
        raise TableError(message)
    clash = int((as_mask(is_new) & as_mask(pc.is_in(own, entities))).sum())
    if clash:
        message = f"decisions: {clash} rows are 'new' with the entity_id of a customer; attach them, or give another id"
        raise TableError(message)


def _coded(entities: pa.Array, attached: pa.Array, standing: npt.NDArray[np.int8], private: Mask) -> Entities:
    ids = pc.unique(pa.concat_arrays([entities, attached.drop_null()]))
    ids = ids.take(pc.sort_indices(ids))
    return Entities(ids, codes_in(entities, ids), codes_in(attached, ids), standing, private)


def _texts(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        message = f"decisions: no column '{name}'; give the decisions of attach or the clusters of dedupe"
        raise TableError(message)
    return whole(table[name]).cast(pa.string())


def _unique(what: str, ids: pa.Array) -> None:
    repeated = len(ids) - pc.count_distinct(ids, mode="all").as_py()
    if repeated or ids.null_count:
        problem = (
            amount(repeated, "row repeats an id", "rows repeat an id")
            if repeated
            else amount(ids.null_count, "row has no id", "rows have no id")
        )
        message = f"{what}: {problem}; every row needs an id of its own"
        raise TableError(message)
