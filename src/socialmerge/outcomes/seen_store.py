"""The profiles of a store: where they belong now, when they came, and what people said of the machine's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, as_mask, codes_in, whole
from socialmerge.outcomes.days import NEVER, day_of
from socialmerge.outcomes.measures import Flags
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.seen import THEN, Seen, judge
from socialmerge.outcomes.then import Members, Told, judged_then, last_said, stood, told_of
from socialmerge.records import Verdict
from socialmerge.store import (
    Decision,
    DecisionKind,
    Snapshot,
    in_force,
    links_schema,
    members_schema,
    records_schema,
    without,
)
from socialmerge.store.log import counts_of

__all__ = ["customers_in", "of_store"]

_DAY_US = 86_400_000_000
_TOLD = (DecisionKind.SAME, DecisionKind.DIFFERENT)
_NEW_ROUND = (*(kind.value for kind in DecisionKind), "save plan")
"""Actions of the log after which profiles that come in are of a new round."""


def of_store(view: Snapshot, *, seen_on: date | None) -> Seen:
    """Read the profiles of a store, all of one moment."""
    gone = {name: None for name, survivor in view.departed().items() if survivor is None}
    records = without(_table(view.records(), records_schema()), gone)
    key = _keys(records["source"], records["record_id"])
    is_profile = as_mask(pc.equal(records["kind"], "profile"))
    members = without(_table(view.members(), members_schema()), gone)
    row = codes_in(_keys(members["source"], members["record_id"]), key)
    entity, since = _belonging(members, row, len(key))
    profiles, customers = np.flatnonzero(is_profile), np.flatnonzero(~is_profile)
    hosts = pc.unique(entity.take(pa.array(customers)).drop_null())
    own = entity.take(pa.array(profiles))
    attached = as_mask(pc.is_in(own, hosts)) & as_mask(pc.is_valid(own))
    log = view.log()
    brought, rounds, ends = _rounds(log, since[profiles])
    day, by_log = _days(view, key.take(pa.array(profiles)), log, brought, seen_on)
    decisions, named = view.decisions(), _Records(key, profiles, entity)
    asked, judged, right = _links(view, named, _told(in_force(decisions)))
    review = asked & ~attached
    waits = np.zeros(len(key), np.bool_)
    waits[profiles] = review
    then = _then(Members.of(members, row, is_profile[row]), ends, told_of(decisions, log), named, waits)
    return Seen(
        channel=_channels(records, profiles),
        day=day,
        entity=pc.if_else(pa.array(attached), own, pa.scalar(None, pa.string())),
        review=review,
        round=rounds[0][brought] if len(brought) else brought,
        judged=judged,
        right=right,
        customer_ids=whole(records["record_id"]).take(pa.array(customers)),
        entities=entity.take(pa.array(customers)),
        rounds=pa.table({**{name: rounds[1][name] for name in rounds[1].column_names}, **then}),
        warnings=_warnings(own, by_log),
    )


def customers_in(view: Snapshot, names: Sequence[str] | None = None) -> pa.Table:
    """The customers of a store as a table again: of each column that is asked for, what was said of it last.

    Of two values of one time that which is greater in byte order stands, so that no order of loading tells.
    """
    records = _table(view.records(), records_schema())
    records = without(records.filter(pc.equal(records["kind"], "customer")), view.departed())
    ids = whole(records["record_id"])
    columns = {"id": ids}
    claims = view.claims(records.select(["source", "record_id"])).read_all() if ids else None
    if claims is None or not claims.num_rows:
        return pa.table(columns)
    ordered = claims.sort_by([("record_id", "ascending"), ("last_seen", "ascending"), ("raw", "ascending")])
    for name in sorted(pc.unique(claims["attribute"]).to_pylist()):
        if name == "id" or (names is not None and name not in names):
            continue
        rows = ordered.filter(pc.equal(ordered["attribute"], name))
        row = codes_in(whole(rows["record_id"]), ids)
        place = np.full(len(ids), -1, np.int64)
        place[row] = np.arange(len(row))  # the last of a row's values is the one that stands
        columns[name] = whole(rows["raw"]).take(pa.array(place, mask=place < 0))
    return pa.table(columns)


def _table(reader: pa.RecordBatchReader, shape: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(list(reader), schema=shape).combine_chunks()


def _keys(source: pa.ChunkedArray, record_id: pa.ChunkedArray) -> pa.Array:
    length = pc.binary_length(source).cast(pa.string())
    return whole(pc.binary_join_element_wise(length, source, record_id, ":"))


def _channels(records: pa.Table, profiles: Ints) -> pa.Array:
    of = records.take(pa.array(profiles))
    return whole(pc.coalesce(of["channel"], of["source"]))


def _belonging(members: pa.Table, row: Ints, count: int) -> tuple[pa.Array, Ints]:
    """The person that each record belongs to now, null where nobody has said yet, and when it first belonged to one."""
    at = np.asarray(members["since"].to_numpy(), np.int64)
    since = np.full(count, NEVER)
    np.minimum.at(since, row, at)
    now = np.flatnonzero(as_mask(pc.is_null(members["until"])))
    place = np.full(count, -1, np.int64)
    place[row[now]] = now
    return whole(members["entity_id"]).take(pa.array(place, mask=place < 0)), since


def _rounds(log: pa.Table, since: Ints) -> tuple[Ints, tuple[Ints, pa.Table], Ints]:
    """The write that brought each profile (its row of the log), the round of each row, the rounds, and where they end.

    A record belongs to somebody just after the write that brought it; one that does not yet came with the last.
    """
    actions, position = log["action"].to_pylist(), np.asarray(log["position"].to_numpy(), np.int64)
    writes = np.flatnonzero(np.array([action == "write" for action in actions], np.bool_))
    place = np.searchsorted(position[writes], since, side="right") - 1
    brought = writes[np.maximum(place, 0)] if writes.size else np.zeros(since.size, np.int64)
    at = np.asarray(log["at"].cast(pa.int64()).to_numpy(), np.int64)
    starts, numbers, last, told = list[int](), np.zeros(len(actions), np.int64), -1, False
    bringing = set(brought.tolist())
    for row, action in enumerate(actions):
        if row in bringing:
            if last < 0 or told or at[row] // _DAY_US != at[last] // _DAY_US:
                starts.append(row)
            last, told = row, False
        told |= action in _NEW_ROUND
        numbers[row] = max(0, len(starts) - 1)
    decided = np.zeros(len(starts), np.int64)
    for row, action in enumerate(actions):
        if action in _TOLD and starts and row > starts[0]:
            decided[numbers[row]] += counts_of(log["counts"][row].as_py()).get("decisions", 0)
    began = log["at"].take(pa.array(starts, pa.int64()))
    ends = np.append(position[starts[1:]], NEVER)[: len(starts)]
    return brought, (numbers, pa.table({"began_at": whole(began), "decisions": pa.array(decided)})), ends


def _then(members: Members, ends: Ints, told: Sequence[Told], records: _Records, waits: Flags) -> dict[str, Ints]:
    """How the profiles stood when each round ended, by the names of ``rounds_schema``."""
    is_profile = np.zeros(len(records.key), np.bool_)
    is_profile[records.profiles] = True
    row_of = records.row_of if told else {}
    found = (
        *stood(members, ends, waits, last_said(told, row_of, len(records.key))),
        *judged_then(told, members, row_of, is_profile, ends),
    )
    return dict(zip(THEN, found, strict=True))


def _days(view: Snapshot, key: pa.Array, log: pa.Table, brought: Ints, seen_on: date | None) -> tuple[Ints, int]:
    """When each profile was first seen: by its own date, else as the caller says, else when the store took it in."""
    seen = view.first_seen()
    row = codes_in(_keys(seen["source"], seen["record_id"]), key)
    first = pc.fill_null(whole(seen["first_seen"]).cast(pa.int64()), NEVER).to_numpy(zero_copy_only=False)
    day = np.full(len(key), NEVER)
    mine = (row >= 0) & (first != NEVER)
    day[row[mine]] = first[mine] // _DAY_US
    unknown = day == NEVER
    if seen_on is not None:
        return np.where(unknown, day_of(seen_on), day), 0
    at = np.asarray(log["at"].cast(pa.int64()).to_numpy(), np.int64) // _DAY_US
    return (np.where(unknown, at[brought], day) if at.size else day), int(unknown.sum())


def _warnings(entity: pa.Array, by_log: int) -> tuple[str, ...]:
    found = []
    if by_log:
        found.append(
            f"profiles: {some(by_log, 'does', 'do')} not say when seen; what counts is the day of coming into the store"
        )
    if entity.null_count:
        found.append(
            f"profiles: {some(entity.null_count, 'was', 'were')} brought in by a process that ended early, and not yet "
            "judged; load or ingest anything to have that done"
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PairWord:
    """What a person said of two records, by their keys."""

    profile: str
    other: str
    is_same: bool


def _told(decisions: Sequence[Decision]) -> list[PairWord]:
    """What people said of pairs, once from each side."""
    found = []
    for one in decisions:
        if one.kind in _TOLD:
            names = [f"{len(target.source.encode())}:{target.source}:{target.record_id}" for target in one.targets]
            same = one.kind is DecisionKind.SAME
            found += [PairWord(left, right, same) for left in names for right in names if left != right]
    return found


@dataclass(frozen=True)
class _Records:
    """All records by key: which are profiles, and the person that each belongs to."""

    key: pa.Array
    profiles: Ints
    entity: pa.Array

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each key."""
        return {name: row for row, name in enumerate(self.key.to_pylist())}

    def person(self, key: str) -> str:
        """The person that a record belongs to; "" for nobody."""
        found: str = self.entity[self.row_of[key]].as_py() or ""
        return found


def _links(view: Snapshot, records: _Records, told: Sequence[PairWord]) -> tuple[Flags, Flags, Flags]:
    """Which profiles have a customer in question; of which of the machine's attachments people spoke; and agreed.

    A link to a customer that was not taken, because it breaks a rule or ties with another, is in question too; what a
    person parted is not.
    """
    links = _table(view.links(), links_schema())
    key, count = records.key, records.profiles.size
    at = np.full(len(key), -1, np.int64)
    at[records.profiles] = np.arange(count)
    left, right = (codes_in(_keys(links[f"{one}_source"], links[f"{one}_id"]), key) for one in ("left", "right"))
    use = (at[left] >= 0) & (at[right] < 0)
    links, left, right = links.filter(pa.array(use)), left[use], right[use]
    asked = np.zeros(count, np.bool_)
    told = [one for one in told if one.profile in records.row_of and one.other in records.row_of] if told else []
    if not told:
        asked[at[left]] = True
        return asked, np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    parted = {(records.row_of[one.profile], records.person(one.other)) for one in told if not one.is_same}
    pairs = zip(left.tolist(), records.entity.take(pa.array(right)).to_pylist(), strict=True)
    asked[at[left[[pair not in parted for pair in pairs]]]] = True
    machine = np.flatnonzero(as_mask(pc.equal(links["verdict"], Verdict.ATTACH.value)))
    return asked, *_judged(records, dict(zip(left[machine].tolist(), right[machine].tolist(), strict=True)), told)


def _judged(records: _Records, machine: Mapping[int, int], told: Sequence[PairWord]) -> tuple[Flags, Flags]:
    """What people said of the machine's links, from a profile's row to a customer's.

    "same" with another row of that customer agrees; "different" speaks of the very pair, since a person may part a
    profile from one of several rows.
    """
    names = records.key.to_pylist()
    place = {row: at for at, row in enumerate(records.profiles.tolist())}
    own = {names[left]: (place[left], names[right]) for left, right in machine.items()}
    people = []
    for one in told:
        if one.profile in own:
            customer = own[one.profile][1]
            agrees = one.is_same and records.person(one.other) == records.person(customer)
            people.append((one.profile, customer if agrees else one.other, "same" if one.is_same else "different"))
    return judge(own, people, records.profiles.size)
