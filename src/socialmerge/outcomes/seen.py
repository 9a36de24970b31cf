"""The profiles that were seen, in one shape wherever they come from: a store, a run, or its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import LabelError, TableError
from socialmerge.merging.arrays import as_mask, codes_in, whole
from socialmerge.outcomes.days import NEVER, day_of, days_of
from socialmerge.outcomes.measures import Flags, Ints
from socialmerge.outcomes.numbers import some
from socialmerge.records import Verdict

__all__ = ["THEN", "Attached", "Held", "Seen", "customers_of_run", "judge", "of_attached", "of_run", "store_of_run"]

THEN = ("profiles_then", "attached_then", "reviews_then", "judged_then", "right_then")
"""What the table of rounds says of all profiles as they stood when a round ended."""
_PERSON = "a person decided so"
_NO_CHANNEL = "profiles"


@runtime_checkable
class Attached(Protocol):
    """What ``attach`` gives, as far as it is counted."""

    @property
    def decisions(self) -> pa.Table:
        """One row a profile."""

    @property
    def profiles(self) -> pa.Table:
        """The channel of each profile, and when it was seen."""


@runtime_checkable
class Held(Attached, Protocol):
    """What a store held at one moment, as far as it is counted: it knows its customers, and what people said."""

    @property
    def customers(self) -> pa.Table:
        """The customers' rows."""

    @property
    def clusters(self) -> pa.Table:
        """The entity of each customer's row."""

    @property
    def labels(self) -> pa.Table:
        """What people decided of pairs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry a profile, in any order.

    ``day`` is when it was first seen (``NEVER``: not known); ``entity`` the person that it is attached to, null for
    none; ``review`` whether a person is asked; ``round`` counts from 0. ``judged`` says of which of the machine's
    attachments people said anything, ``right`` whether they agreed. ``customer_ids`` and ``entities`` say which person
    a row of the customer table is; a row that is not among them is a person of its own.
    """

    channel: pa.Array
    day: Ints
    entity: pa.Array
    review: Flags
    round: Ints
    judged: Flags
    right: Flags
    customer_ids: pa.Array
    entities: pa.Array
    rounds: pa.Table
    warnings: tuple[str, ...] = ()

    def entity_of(self, ids: pa.Array) -> pa.Array:
        """The person of each row of the customer table by its id, null for one that is not known here."""
        return self.entities.take(pc.index_in(ids, self.customer_ids, skip_nulls=True))


def of_run(
    folder: Path, *, decisions: tables.Source | None, clusters: tables.Source | None, seen_on: date | None
) -> Seen:
    """The profiles of a folder that ``attach`` wrote.

    Raises:
        TableError: the folder is none of those, or a file in it cannot be read.
    """
    for name in ("decisions.csv", "profiles.csv"):
        if not (folder / name).is_file():
            raise TableError(f"{folder}: no {name} here; name a folder that attach --out wrote, or a store")
    found = [_as_it_was(tables.read(folder / name)) for name in ("decisions.csv", "profiles.csv")]
    return _seen(*found, decisions=decisions, clusters=clusters, seen_on=seen_on)


def _as_it_was(table: pa.Table) -> pa.Table:
    """Take away what keeps a spreadsheet from running a cell: ids must be those of the customers, say."""
    guarded = ("profile_id", "customer_id", "entity_id", "channel")
    for name in (name for name in guarded if name in table.column_names):
        table = table.set_column(table.column_names.index(name), name, tables.unguarded(table[name]))
    return table


def of_attached(
    result: Attached, *, decisions: tables.Source | None, clusters: tables.Source | None, seen_on: date | None
) -> Seen:
    """The profiles of a result of ``attach``."""
    return _seen(result.decisions, result.profiles, decisions=decisions, clusters=clusters, seen_on=seen_on)


def store_of_run(folder: Path) -> str | None:
    """The URL of the store that a run is kept in; None where it is in none, or the folder does not say."""
    try:
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))["store"]
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return str(found) if found else None


def customers_of_run(folder: Path) -> Path:
    """The customer table that a run read.

    Raises:
        TableError: the folder does not say it, or the table is gone.
    """
    try:
        path = Path(json.loads((folder / "run.json").read_text(encoding="utf-8"))["customers"]["path"])
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        raise TableError(f"{folder}: no run.json that names the customers; give their table too") from None
    if not tables.file_of(path).is_file():
        raise TableError(f"{path}: the run read this table, and it is gone; give the customers' table")
    return path


def _seen(
    verdicts: pa.Table,
    profiles: pa.Table,
    *,
    decisions: tables.Source | None,
    clusters: tables.Source | None,
    seen_on: date | None,
) -> Seen:
    ids = tables.ids(verdicts, "profile_id", what="decisions")
    place = codes_in(ids, whole(tables.clean_ids(profiles["profile_id"])))
    if (place < 0).any():
        raise TableError(
            f"profiles: {some((place < 0).sum(), 'profile', 'profiles')} of the decisions not found; run attach again"
        )
    rows = profiles.take(pa.array(place))
    day = days_of(rows["observed_at"])
    if seen_on is not None:
        day = np.where(day == NEVER, day_of(seen_on), day)
    customer = whole(tables.clean_ids(verdicts["customer_id"]))
    attached = as_mask(pc.equal(tables.strings(verdicts["verdict"]), Verdict.ATTACH.value))
    known, entities = _persons(customer, whole(tables.clean_ids(verdicts["entity_id"])), attached, clusters)
    entity = pc.coalesce(entities.take(pc.index_in(customer, known)), customer)
    own = pc.if_else(pa.array(attached), entity, pa.scalar(None, pa.string()))
    by_person = as_mask(pc.equal(tables.strings(verdicts["reason"]), _PERSON))
    answers = _Answers(ids.to_pylist(), customer.to_pylist(), entity.to_pylist(), attached & ~by_person, by_person)
    judged, right, warnings = _judgements(answers, decisions)
    return Seen(
        pc.coalesce(whole(tables.strings(rows["channel"])), pa.scalar(_NO_CHANNEL)),
        day,
        own,
        as_mask(pc.equal(tables.strings(verdicts["verdict"]), Verdict.REVIEW.value)),
        np.zeros(len(ids), np.int64),
        judged,
        right,
        known,
        entities,
        _one_round(
            attached, as_mask(pc.equal(tables.strings(verdicts["verdict"]), Verdict.REVIEW.value)), judged, right
        ),
        tuple(warnings),
    )


def _one_round(attached: Flags, review: Flags, judged: Flags, right: Flags) -> pa.Table:
    """A run is one round, which nothing came after."""
    counts = {"decisions": judged.sum()}
    counts |= dict(zip(THEN, (len(attached), attached.sum(), review.sum(), judged.sum(), right.sum()), strict=True))
    began = pa.nulls(1, pa.timestamp("us", tz="UTC"))
    return pa.table({"began_at": began, **{name: pa.array([int(count)]) for name, count in counts.items()}})


def _persons(
    customer: pa.Array, entity: pa.Array, attached: Flags, clusters: tables.Source | None
) -> tuple[pa.Array, pa.Array]:
    """Which person a customer's row is: as ``dedupe`` says, else as the attachments do."""
    if clusters is None:
        own = pa.table({"id": customer, "entity": entity}).filter(pa.array(attached))
        pairs = own.group_by("id", use_threads=False).aggregate([("entity", "min")])
        return whole(pairs["id"]), whole(pairs["entity_min"])
    table = tables.read(clusters, what="clusters")
    missing = [name for name in ("id", "entity_id") if name not in table.column_names]
    if missing:
        raise TableError(f"clusters: no column {missing[0]!r}; give the clusters of dedupe")
    table = table.set_column(table.column_names.index("id"), "id", tables.unguarded(table["id"]))
    return tables.ids(table, "id", what="clusters"), whole(tables.clean_ids(tables.unguarded(table["entity_id"])))


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a run said of each profile, and whether that is the machine's attachment or follows from a person's word."""

    ids: list[str]
    customer: list[str | None]
    entity: list[str | None]
    machine: Flags
    by_person: Flags


def _judgements(answers: _Answers, decisions: tables.Source | None) -> tuple[Flags, Flags, list[str]]:
    """What people said of the attachments; those that follow from what people said are not the machine's."""
    count = len(answers.ids)
    if decisions is None:
        return np.zeros(count, np.bool_), np.zeros(count, np.bool_), []
    table = tables.read(decisions, what="decisions")
    missing = [name for name in ("left_id", "right_id", "verdict") if name not in table.column_names]
    if missing:
        raise LabelError(f"decisions: no column {missing[0]!r}; they need left_id, right_id and verdict")
    said = [tables.clean_ids(tables.unguarded(table[name])).to_pylist() for name in ("left_id", "right_id")]
    words = tables.strings(table["verdict"]).to_pylist()
    entity_of = {one: person or "" for one, person in zip(answers.customer, answers.entity, strict=True)}
    people = [(one, entity_of.get(other, other), word) for one, other, word in zip(*said, words, strict=True)]
    machine = {answers.ids[at]: (at, answers.entity[at] or "") for at in np.flatnonzero(answers.machine).tolist()}
    told = {one for one, _, word in people if word in ("same", "different")}
    lost = sum(1 for at in np.flatnonzero(answers.by_person).tolist() if answers.ids[at] in told)
    warnings = (
        [f"decisions: {some(lost, 'was', 'were')} given to the run, whose answer is no test then"] if lost else []
    )
    return *judge(machine, people, count), warnings


def judge(
    machine: Mapping[str, tuple[int, str]], people: Sequence[tuple[str, str, str]], count: int
) -> tuple[Flags, Flags]:
    """Which of the machine's attachments (row and person by profile) people judged, and which they found right.

    ``people`` are profile, person and verdict. "same" with that person is right and with another is wrong; "different"
    from that person is wrong, and from another says nothing. There are ``count`` rows.
    """
    judged, right = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    known = [(*machine[profile], person, verdict) for profile, person, verdict in people if profile in machine]
    for at, own, person, verdict in known:
        if verdict == "same":
            judged[at], right[at] = True, person == own
    for at, own, person, verdict in known:
        if verdict == "different" and person == own:
            judged[at], right[at] = True, False
    return judged, right
