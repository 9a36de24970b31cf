"""How things stood when each round ended, by the log: who belonged to whom and what people said stays in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import whole
from socialmerge.outcomes.days import NEVER
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.store import Decision, DecisionKind

__all__ = ["Members", "Told", "judged_then", "last_said", "stood", "told_of"]

_TOLD = (DecisionKind.SAME, DecisionKind.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Told:
    """A decision, and the position of the log at which it was taken."""

    decision: Decision
    position: int

    @property
    def keys(self) -> list[str]:
        """The records that it is about, as keys."""
        return [f"{len(one.source.encode())}:{one.source}:{one.record_id}" for one in self.decision.targets]


@dataclass(frozen=True)
class Members:
    """Who belonged to whom: of each record from which position of the log until which it was of an entity."""

    record: Ints
    entity: Ints
    is_profile: Flags
    since: Ints
    until: Ints

    @classmethod
    def of(cls, members: pa.Table, record: Ints, is_profile: Flags) -> Members:
        """Of ``members_schema``; ``record`` is the row of each one's record, ``is_profile`` whether it is a profile."""
        entity = whole(members["entity_id"]).dictionary_encode().indices.to_numpy(zero_copy_only=False)
        since = np.asarray(members["since"].to_numpy(), np.int64)
        until = np.asarray(pc.fill_null(members["until"], NEVER).to_numpy(), np.int64)
        return cls(record, np.asarray(entity, np.int64), is_profile, since, until)

    @cached_property
    def _orders(self) -> dict[str, tuple[Ints, Ints]]:
        """The rows sorted by record and by entity, so that those of one are found at once."""
        found = {}
        for name, values in (("record", self.record), ("entity", self.entity)):
            order = np.argsort(values, kind="stable")
            found[name] = order, values[order]
        return found

    def _of(self, name: str, value: int, position: int) -> Ints:
        """The rows of a record or an entity that hold just before a position."""
        order, values = self._orders[name]
        rows = order[slice(*np.searchsorted(values, [value, value + 1]))]
        found: Ints = rows[(self.since[rows] < position) & (self.until[rows] >= position)]
        return found

    def entity_of(self, record: int, position: int) -> int:
        """The entity that a record belonged to just before a position; -1 for none."""
        rows = self._of("record", record, position)
        return int(self.entity[rows[0]]) if rows.size else -1

    def has_customer(self, entity: int, position: int) -> bool:
        """Whether a customer belonged to an entity just before a position."""
        return not bool(self.is_profile[self._of("entity", entity, position)].all())

    def held(self, end: int) -> Flags:
        """Which rows hold just before a position."""
        found: Flags = (self.since < end) & (self.until >= end)
        return found

    def hosts(self, held: Flags) -> Flags:
        """Which entities have a customer among some rows."""
        found = np.zeros(int(self.entity.max(initial=-1)) + 1, np.bool_)
        found[self.entity[held & ~self.is_profile]] = True
        return found


def stood(members: Members, ends: Ints, asked: Flags, last: Ints) -> tuple[Ints, Ints, Ints]:
    """How many profiles there were when each round ended, how many were a customer's, and how many were in question.

    ``asked`` says of each record whether a person is asked about it now, ``last`` at which position somebody last spoke
    of it. Who was nobody's then was in question if it is now, or if somebody spoke of it later. A round ends before the
    position of the write that begins the next one; the last one has not ended, and its end is ``NEVER``.
    """
    there, attached, reviews = (np.zeros(len(ends), np.int64) for _ in range(3))
    for place, end in enumerate(ends.tolist()):
        held = members.held(end)
        mine = members.hosts(held)[members.entity]
        profiles = held & members.is_profile
        question = asked[members.record] | ((last[members.record] >= end) & (end != NEVER))
        there[place], attached[place] = profiles.sum(), (profiles & mine).sum()
        reviews[place] = (profiles & ~mine & question).sum()
    return there, attached, reviews


def told_of(decisions: Sequence[Decision], log: pa.Table) -> list[Told]:
    """What people said, in its order, with the position of the log at which each was said.

    The log counts the decisions of each kind, in their order; where it counts others than there are (some were erased),
    the time of a decision says where it stands.
    """
    counts = [_count(text) for text in log["counts"].to_pylist()]
    rows = list(zip(log["action"].to_pylist(), log["position"].to_pylist(), counts, strict=True))
    times = np.asarray(log["at"].cast(pa.int64()).to_numpy(), np.int64)
    found = []
    for kind in {one.kind for one in decisions}:
        mine = sorted((one for one in decisions if one.kind is kind), key=lambda one: one.seq)
        places = [position for action, position, count in rows if action == kind.value for _ in range(count)]
        if len(places) != len(mine):
            places = [_by_time(one, times, log["position"]) for one in mine]
        found += [Told(one, int(place)) for one, place in zip(mine, places, strict=True)]
    return sorted(found, key=lambda one: one.decision.seq)


def _count(text: str) -> int:
    return int(json.loads(text).get("decisions", 0))


def _by_time(one: Decision, times: Ints, positions: pa.ChunkedArray) -> int:
    at = int(np.searchsorted(times, int(one.at.timestamp() * 1_000_000), "right"))
    return int(positions[max(at - 1, 0)].as_py()) if len(times) else 0


def last_said(told: Sequence[Told], row_of: Mapping[str, int], count: int) -> Ints:
    """At which position of the log somebody last spoke of each of ``count`` records; 0 for nobody."""
    found = np.zeros(count, np.int64)
    for one in told:
        if one.decision.kind in _TOLD:
            for key in one.keys:
                if key in row_of:
                    found[row_of[key]] = max(found[row_of[key]], one.position)
    return found


def judged_then(
    told: Sequence[Told], members: Members, row_of: Mapping[str, int], profiles: Flags, ends: Ints
) -> tuple[Ints, Ints]:
    """Of how many of the machine's attachments people had spoken when each round ended, and how many were right.

    What a person says of a profile judges the attachment that there was when they said it, unless a person had made
    that; *same* with somebody else finds it wrong, *different* from somebody else says nothing. What was taken back by
    then does not count. ``profiles`` says which records are profiles.
    """
    judged, right, said = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64), _Saying()
    left = list(told)
    for place, end in enumerate(ends.tolist()):
        while left and left[0].position < end:
            one = left.pop(0)
            said.take(one, list(_judgements(one, members, row_of, profiles)))
        answers = said.answers()
        judged[place], right[place] = len(answers), sum(answers.values())
    return judged, right


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What a person said of a profile: whether the attachment that there was is right, None where that is not said."""

    profile: int
    entity: int
    is_right: bool | None
    is_same: bool


def _judgements(one: Told, members: Members, row_of: Mapping[str, int], profiles: Flags) -> Iterator[_Judgement]:
    if one.decision.kind not in _TOLD:
        return
    rows = [row_of[key] for key in one.keys if key in row_of]
    same = one.decision.kind is DecisionKind.SAME
    for profile in (row for row in rows if profiles[row]):
        own = members.entity_of(profile, one.position)
        attached = own >= 0 and members.has_customer(own, one.position)
        for other in (row for row in rows if row != profile):
            beside = members.entity_of(other, one.position) == own
            says = attached and (same or beside)
            yield _Judgement(profile, own, (beside if same else False) if says else None, same)


class _Saying:
    """What people said so far and did not take back."""

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}
        self._holds: dict[str, bool] = {}
        self._judgements: dict[str, list[_Judgement]] = {}
        self._same: dict[int, list[str]] = {}

    def take(self, one: Told, found: Sequence[_Judgement]) -> None:
        """Take one more decision in; of attachments that a person had made nothing is judged."""
        name = one.decision.id
        mine = {each.profile for each in found if any(map(self._holds.get, self._same.get(each.profile, ())))}
        self._told[name] = one
        self._judgements[name] = [each for each in found if each.is_right is not None and each.profile not in mine]
        for each in found:
            if each.is_same:
                self._same.setdefault(each.profile, []).append(name)
        self._set(name, holds=True)

    def _set(self, name: str, *, holds: bool) -> None:
        """What a decision retracts stands again where the decision itself no longer holds."""
        while name in self._told and self._holds.get(name) is not holds:
            self._holds[name] = holds
            decision = self._told[name].decision
            if decision.kind is not DecisionKind.RETRACT:
                return
            name, holds = decision.retracts, not holds

    def answers(self) -> dict[tuple[int, int], bool]:
        """The last word on each attachment: a profile and the entity that it belonged to."""
        standing = (one for name, found in self._judgements.items() if self._holds[name] for one in found)
        return {(one.profile, one.entity): bool(one.is_right) for one in standing}
