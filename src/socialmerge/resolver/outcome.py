"""What follows from a state: the machine's links and the entities, as the tables that the store takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import whole
from socialmerge.merging.succession import events_between
from socialmerge.records import Verdict
from socialmerge.resolver.scoring import LINKS
from socialmerge.resolver.state import Name, State
from socialmerge.store import Snapshot, links_schema

__all__ = ["changed_links", "links_of_state", "members_now", "moves", "of_state", "same_links"]

_PAIR = ("left_source", "left_id", "right_source", "right_id")


def links_of_state(state: State, version: str) -> pa.Table:
    """The machine's links, and the likeliest customer of each profile that a person must decide."""
    scored = state.judged.scored
    reviews = scored.decisions.filter(pc.equal(scored.decisions["verdict"], Verdict.REVIEW.value))
    asked = {
        "left_id": whole(reviews["profile_id"]),
        "left_is_profile": pa.repeat(pa.scalar(True), reviews.num_rows),  # noqa: FBT003 - Arrow's signature
        "right_id": whole(reviews["customer_id"]),
        "right_is_profile": pa.repeat(pa.scalar(False), reviews.num_rows),  # noqa: FBT003 - Arrow's signature
        **{name: whole(reviews[name]) for name in ("weight", "probability")},
        "assurance": pa.nulls(reviews.num_rows, pa.string()),
    }
    parts = [(scored.links, Verdict.ATTACH.value), (state.judged.customers, "same")]
    parts.append((pa.table(asked, schema=scored.links.schema), Verdict.REVIEW.value))
    tables = [
        pa.table(
            {
                **_ends(table, state),
                **{name: table[name] for name in ("weight", "probability")},
                "verdict": pa.repeat(verdict, table.num_rows),
                "assurance": table["assurance"],
                "plan_version": pa.repeat(version, table.num_rows),
                "evidence": _evidence(table, scored.decisions),
            },
            schema=links_schema(),
        )
        for table, verdict in parts
    ]
    return pa.concat_tables(tables).combine_chunks()


def _evidence(links: pa.Table, decisions: pa.Table) -> pa.Array:
    """Whether anybody can see what the attachment of a profile rests on, null for other links."""
    found = whole(decisions["evidence"]).take(pc.index_in(whole(links["left_id"]), whole(decisions["profile_id"])))
    return pc.if_else(pc.is_valid(whole(links["assurance"])), found, pa.scalar(None, pa.string()))


def _ends(table: pa.Table, state: State) -> dict[str, pa.Array]:
    """The source and the id of both sides of each link."""
    columns: dict[str, pa.Array] = {}
    for side in ("left", "right"):
        ids, is_profile = whole(table[f"{side}_id"]), whole(table[f"{side}_is_profile"])
        of = [kind.sources.take(pc.index_in(ids, kind.ids)) for kind in (state.facts.profiles, state.facts.customers)]
        columns |= {f"{side}_source": pc.if_else(is_profile, *of), f"{side}_id": ids}
    return columns


def of_state(links: pa.Table, state: State) -> pa.Table:
    """Of the store's links those that a state has a say in: of its profiles, and between its customers."""
    customers, profiles = state.facts.customers.ids, state.facts.profiles.ids
    same = pc.equal(links["verdict"], "same")
    return links.filter(pc.if_else(same, pc.is_in(links["left_id"], customers), pc.is_in(links["left_id"], profiles)))


def changed_links(before: pa.Table, after: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The pairs whose links go, and the links that come."""
    names = before.column_names
    old, new = ([tuple(row[name] for name in names) for row in table.to_pylist()] for table in (before, after))
    kept = set(old) & set(new)
    gone = [at for at, row in enumerate(old) if row not in kept]
    come = [at for at, row in enumerate(new) if row not in kept]
    return before.take(pa.array(gone, pa.int64())).select(_PAIR), after.take(pa.array(come, pa.int64()))


def same_links(links: pa.Table) -> pa.Table:
    """Of the store's links those between customers' rows, as the model gives them."""
    links = links.filter(pc.equal(links["verdict"], "same"))
    nowhere = pa.array(np.zeros(links.num_rows, np.bool_))
    columns = {f"{side}_is_profile": nowhere for side in ("left", "right")} | {
        name: whole(links[name]) for name in LINKS.names if name in links.column_names
    }
    return pa.table([columns[name] for name in LINKS.names], schema=LINKS)


def members_now(view: Snapshot, of: pa.Table | None = None) -> dict[Name, str]:
    """The entity of each record, as the store has it."""
    table = view.members(of).read_all()
    table = table.filter(pc.is_null(table["until"]))
    names = zip(table["source"].to_pylist(), table["record_id"].to_pylist(), strict=True)
    return dict(zip(names, table["entity_id"].to_pylist(), strict=True))


def moves(state: State, before: Mapping[Name, str]) -> tuple[pa.Table, pa.Table] | None:
    """Which records belong elsewhere than before, and the merges and splits that led there; None where none do.

    A row that is gone belongs where its survivor does.
    """
    entity_of = state.entity_of | {name: one for name, one in state.followers.items() if name in before}
    moved = [name for name, entity in entity_of.items() if before.get(name) != entity]
    if not moved:
        return None
    columns = [[name[0] for name in moved], [name[1] for name in moved], [entity_of[name] for name in moved]]
    members = pa.table(columns, names=["source", "record_id", "entity_id"])
    after = {name: entity for name, entity in entity_of.items() if name in before}
    left = {name: entity for name, entity in before.items() if name in after}
    events = [(one.kind.value, one.old, new) for one in events_between(left, after, position=0) for new in one.new]
    parts = zip(*events, strict=True) if events else ((), (), ())
    return members, pa.table([pa.array(part, pa.string()) for part in parts], names=["kind", "old_id", "new_id"])
