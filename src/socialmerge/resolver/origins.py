"""Where the values of a preview come from, and what the customers' own rows say in their place."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging import Golden
from socialmerge.merging.reasons import reason_of
from socialmerge.resolver.state import State
from socialmerge.tables import LIST_SEPARATOR, strings

__all__ = ["Held", "Origins", "held_by", "origin_type", "origins_of"]

_PARTS = ("value", "source", "record_id", "observed_at", "rule")
_ACCOUNT = {"verified": "attached, and proved to be theirs", "inferred": "attached as most likely theirs"}
_GOES = "the record goes: its rows belong to others, or are erased"
_NOT_NAMED = "nobody says it any more, or no rule keeps it"
_ROWS = "these rows are one person"

Origin = dict[str, str | None]


@cache
def origin_type() -> pa.DataType:
    """The values of a field, each with the record that says it, when it was seen, and the rule that keeps it."""
    return pa.list_(pa.struct([(name, pa.string()) for name in _PARTS]))


@dataclass(frozen=True, slots=True)
class Origins:
    """By entity and field: what is kept and from where, and the reasons why other values are not."""

    kept: Mapping[tuple[str, str], list[Origin]]
    taken: Mapping[tuple[str, str], str]
    gone: frozenset[str]
    id_field: str

    def why(self, entity: str, name: str) -> str:
        """Why the field has its values, or why it has none."""
        if name == self.id_field and entity not in self.gone:
            return _ROWS
        rules = [str(one["rule"]) for one in self.kept.get((entity, name), ())]
        if rules:
            return "; ".join(dict.fromkeys(map(reason_of, rules)))
        return _GOES if entity in self.gone else self.taken.get((entity, name), _NOT_NAMED)


def origins_of(golden: Golden, gone: Collection[str], *, id_column: str) -> Origins:
    """Name the records behind the values of golden records, accounts included; those in ``gone`` are not there now."""
    kept: dict[tuple[str, str], list[Origin]] = {}
    for row in golden.provenance.select(["entity_id", "field", *_PARTS]).to_pylist():
        kept.setdefault((row.pop("entity_id"), row.pop("field")), []).append(row)
    for entity, origin in _accounts(golden):
        kept.setdefault((entity, "accounts"), []).append(origin)
    taken = {
        (row["entity_id"], row["field"]): row["reason"].partition(": ")[2]
        for row in reversed(golden.conflicts.select(["entity_id", "field", "reason"]).to_pylist())
    }
    return Origins(kept, taken, frozenset(gone), _field(id_column))


def _accounts(golden: Golden) -> list[tuple[str, Origin]]:
    """The accounts of each entity, each with the row that it comes from."""
    names = ("channel", "scope", "account_id", "handle")
    standing = {
        (row["entity_id"], *(one[name] for name in names)): one["assurance"]
        for row in golden.records.select(["entity_id", "accounts"]).to_pylist()
        for one in row["accounts"]
    }
    return [
        (
            row["entity_id"],
            {
                "value": row["handle"] or row["account_id"],
                "source": row["source"],
                "record_id": row["record_id"],
                "observed_at": None,
                "rule": _ACCOUNT.get(
                    standing.get((row["entity_id"], *(row[name] for name in names))) or "", "their own account"
                ),
            },
        )
        for row in golden.holders.to_pylist()
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """Of each entity that holds customers: the id of the row that it updates, and what that row says, a list each."""

    ids: Mapping[str, str]
    cells: Mapping[str, Mapping[str, list[str]]]
    lists: frozenset[str]

    def of(self, entity: str, name: str) -> dict[str, str | None]:
        """The customer's own id and value, null where there are none; the values of a list as JSON."""
        values = self.cells.get(entity, {}).get(name) or []
        text = json.dumps(values, ensure_ascii=False) if name in self.lists else LIST_SEPARATOR.join(values)
        return {"customer_id": self.ids.get(entity), "own": text if values else None}


def held_by(state: State, golden: Golden, entities: Collection[str]) -> Held:
    """What the customers' own rows say: of several rows that one whose id is the entity's, else the smallest id."""
    members: dict[str, list[str]] = {}
    for name in state.names[: state.customers]:
        if (entity := state.entity_of[name]) in entities:
            members.setdefault(entity, []).append(name[1])
    ids = {entity: entity if entity in own else min(own) for entity, own in members.items()}
    pivot = state.facts.customers
    rows = pivot.table.take(pc.index_in(pa.array(list(ids.values()), pa.string()), pivot.ids))
    lists = frozenset(one.name for one in golden.records.schema if pa.types.is_list(one.type))
    separators = {one.name: one.separator for one in state.facts.schema.columns} if state.facts.schema else {}
    columns = {_field(name): _cells(rows[name], separators.get(name, "")) for name in rows.column_names}
    cells = {entity: {name: column[at] for name, column in columns.items()} for at, entity in enumerate(ids)}
    return Held(ids, cells, lists)


def _field(column: str) -> str:
    """The field that a column feeds: it gives way to the names that every record has."""
    return f"{column}_" if column in ("entity_id", "accounts") else column


def _cells(column: pa.ChunkedArray, separator: str) -> list[list[str]]:
    """The values of each cell; several where the column has a separator, or holds lists."""
    if not pa.types.is_list(column.type):
        texts = (text or "" for text in strings(column).to_pylist())
        cells: list[list[str] | None] = [text.split(separator) if separator else [text] for text in texts]
    else:
        cells = column.to_pylist()
    return [[value.strip() for value in cell or () if value and value.strip()] for cell in cells]
