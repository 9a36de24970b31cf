"""The rows of provenance and conflicts, from what each field kept and rejected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, whole
from socialmerge.merging.assurance import NO_VALUE, REASONS
from socialmerge.merging.contest import Contested
from socialmerge.merging.moments import UNDATED
from socialmerge.merging.sources import Rows
from socialmerge.merging.terms import terms
from socialmerge.records import conflicts_schema, provenance_schema

__all__ = ["conflict_rows", "provenance_rows"]

_WHY = {
    "assurance": "an inferred attachment overwrites nothing",
    "empty": "stands for no value",
    "fill": "a social value fills a blank and overwrites nothing",
    "refused": "another row says that they may not be reached",
    "newest": "observed earlier, or without a date",
    "oldest": "observed later, or without a date",
    "trusted": "a source of less trust",
    "most_frequent": "held by fewer records",
    "most_complete": "fewer parts known",
    "longest": "shorter",
    "validated": "not valid for its field",
    "valid": "not valid for its field",
    "trust": "a record of lower standing",
    "last seen": "observed earlier, or without a date",
    "source": "no rule decides; its source comes later in the alphabet",
    "completeness": "fewer parts known",
    "value": "no rule decides; it comes later in byte order",
    "agreed": "held by fewer sources",
    "min": "greater, or neither a number nor a date",
    "max": "smaller, or neither a number nor a date",
    "pinned": "a person pinned another value",
    "claim id": "no rule decides; its claim id comes later",
}


def provenance_rows(contested: Sequence[Contested], rows: Rows) -> pa.Table:
    """Name the claim of each kept value, in the order of entities and fields; values of a list in byte order."""
    parts = [_kept(one, number, rows) for number, one in enumerate(contested)]
    table = pa.concat_tables(parts).sort_by([(name, "ascending") for name in ("entity", "place", "value", "claim_id")])
    return table.select(provenance_schema().names).combine_chunks()


def _kept(one: Contested, number: int, rows: Rows) -> pa.Table:
    kept = one.outcome.kept
    at = one.claims.row[kept]
    index = pa.array(at)
    columns = {
        "entity": pa.array(rows.entity[at]),
        "place": pa.repeat(pa.scalar(number, pa.int32()), len(kept)),
        "entity_id": rows.ids.take(pa.array(rows.entity[at])),
        "field": pa.repeat(pa.scalar(one.field.name), len(kept)),
        "value": one.claims.value.take(pa.array(kept)),
        "rule": pa.array(one.outcome.names, pa.string()).take(pa.array(one.outcome.kept_rule)),
        "claim_id": pa.array(_claim_ids(one), pa.string()),
    }
    cell = one.claims.cell[kept]
    columns |= terms(one.field, at, rows, cell=cell)
    columns["attribute"] = one.claims.attribute.take(pa.array(kept))
    columns |= {name: whole(rows.origin[name]).take(index) for name in ("source", "record_id", "channel")}
    columns["observed_at"] = _observed(at, cell, rows)
    return pa.table(columns)


def _observed(row: Ints, at: Ints, rows: Rows) -> pa.Array:
    """Give when each value was observed, as its row says it, or as is known of its own cell."""
    said = whole(rows.origin["observed_at"]).take(pa.array(row))
    if (at < 0).all():
        return said
    seen = np.append(rows.cells.seen, UNDATED)[at]
    own = pa.array(seen, mask=seen == UNDATED).cast(pa.timestamp("us", tz="UTC"))  # written as a store writes rows
    return pc.if_else(pa.array(at >= 0), pc.strftime(own, format="%Y-%m-%dT%H:%M:%SZ"), said)


def _claim_ids(one: Contested) -> list[str]:
    """Give the id of the claim or the pin behind each kept value."""
    kept = one.outcome.kept.tolist()
    if not one.pins:
        return [one.ids[place][:16].hex() for place in kept]
    return [one.pins.get(place) or one.ids[place][:16].hex() for place in kept]


def conflict_rows(contested: Sequence[Contested], rows: Rows) -> pa.Table:
    """List each rejected value with the rule and the reason, in the order of entities and fields."""
    parts = [_rejected(one, number, rows) for number, one in enumerate(contested)]
    order = [(name, "ascending") for name in ("entity", "place", "rejected", "rule", "reason")]
    return pa.concat_tables(parts).sort_by(order).select(conflicts_schema().names).combine_chunks()


def _rejected(one: Contested, number: int, rows: Rows) -> pa.Table:
    telling = one.admission[one.outcome.rejected] != NO_VALUE
    lost, against = one.outcome.rejected[telling], one.outcome.against[telling]
    at = one.claims.row[lost]
    entity = pa.array(rows.entity[at])
    rule, reason = _why(one, lost, one.outcome.rejected_rule[telling])
    columns = {
        "entity": entity,
        "place": pa.repeat(pa.scalar(number, pa.int32()), len(lost)),
        "entity_id": rows.ids.take(entity),
        "field": pa.repeat(pa.scalar(one.field.name), len(lost)),
        "kept": one.claims.value.take(pa.array(against, mask=against < 0)),
        "rejected": one.claims.value.take(pa.array(lost)),
        "rule": rule,
        "reason": pc.binary_join_element_wise(whole(rows.origin["source"]).take(pa.array(at)), reason, ": "),
    }
    return pa.table(columns)


def _why(one: Contested, lost: Ints, rule: Ints) -> tuple[pa.Array, pa.Array]:
    """Name the rule that rejected each claim, and the reason in words; a claim kept out has the reason of its code."""
    names = [*one.outcome.names, *(name for name, _ in REASONS.values())]
    texts = [_WHY.get(name.partition("(")[0], name) for name in one.outcome.names]
    texts += [text for _, text in REASONS.values()]
    place = rule.copy()
    for offset, code in enumerate(REASONS):
        place[one.admission[lost] == code] = len(one.outcome.names) + offset
    return pa.array(names, pa.string()).take(pa.array(place)), pa.array(texts, pa.string()).take(pa.array(place))
