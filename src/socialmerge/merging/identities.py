"""Identities: which records are one entity, and its id, as a pure function of decisions, identifiers and links.

The order of authority is: what people decided to be the same; what they decided to be different, through any chain;
unique identifiers and caps; then the machine's links, the surest first, each taken only where nothing above breaks.
Of two links that shut each other out by hardly any evidence neither is taken.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from math import log2

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import LabelError, TableError, amount
from socialmerge.matching.components import components
from socialmerge.merging.arrays import Ints, Mask
from socialmerge.merging.joining import Joined, Joins, Rules, join
from socialmerge.merging.moments import UNDATED

__all__ = [
    "ENTITY_ID",
    "NEAR_BITS",
    "Accounts",
    "Identities",
    "Judgements",
    "Links",
    "Records",
    "identify",
    "profile_entity_id",
]

Floats = npt.NDArray[np.float64]

NEAR_BITS = log2(99)
"""Bits by which a link must be surer than one that it shuts out: at the usual costs a link needs odds of 99 to 1, and
of two that were weighed side by side with less between them neither would have had them."""


ENTITY_ID = "^[0-9a-f]{32}$"
"""How the id of an entity without a customer's row looks."""


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of customers and profiles; ``(source, record_id)`` names each once.

    ``created`` are microseconds since 1970, or ``UNDATED``; of several customers in one entity the one created first
    gives it its id.
    """

    source: pa.Array
    record_id: pa.Array
    is_customer: Mask
    created: Ints

    def __len__(self) -> int:
        return len(self.is_customer)


@dataclass(frozen=True, slots=True)
class Judgements:
    """What people decided of pairs of rows and have not retracted; ``decision`` is the id of each, "" of a new one."""

    left: Ints
    right: Ints
    is_same: Mask
    decision: Sequence[str]

    @classmethod
    def none(cls) -> Judgements:
        """Nobody decided anything."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), ())


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of rows that the machine would join: ``weight`` in bits, ``verified`` where proof alone carries it."""

    left: Ints
    right: Ints
    weight: Floats
    verified: Mask

    @classmethod
    def none(cls) -> Links:
        """The machine joins nothing."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class Accounts:
    """The stable account of each of some rows, as codes: rows of one ``account`` are one person.

    An entity that has a ``verified`` account of a ``channel`` has no other account of it.
    """

    row: Ints
    channel: Ints
    account: Ints
    verified: Mask

    @classmethod
    def none(cls) -> Accounts:
        """No row is known to be an account."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class Identities:
    """``entity[row]`` is the place of the row's entity in ``ids``, which is sorted.

    ``refused`` has ``left`` and ``right`` (rows), ``weight`` and ``reason`` of each link that was not taken, and
    ``decision``, the id of the one that forbids it where a person's does.
    """

    ids: pa.Array
    entity: Ints
    refused: pa.Table = field(repr=False)

    def of_rows(self) -> pa.Array:
        """The id of each row's entity."""
        return self.ids.take(pa.array(self.entity))


def identify(
    records: Records,
    judgements: Judgements | None = None,
    links: Links | None = None,
    accounts: Accounts | None = None,
    *,
    key: bytes,
    near_bits: float = NEAR_BITS,
    taken: Sequence[pa.Array] = (),
) -> Identities:
    """Say which records are one entity; the order of the rows, decisions and links does not matter.

    Two customers' rows become one only by a link between customers or by a person, never by way of a profile.

    Args:
        records: the rows.
        judgements: people's decisions.
        links: the machine's.
        accounts: unique identifiers of rows.
        key: keys the ids of entities without a customer's row.
        near_bits: of two links that exclude each other with less than this between them, neither is taken.
        taken: further ids that no entity without a customer's row may have, such as those that one had, and those of
            customers who are not among the records.

    Raises:
        LabelError: people's decisions contradict each other; the shortest chain of record ids is in the message.

    >>> rows = Records(pa.array(["crm", "github"]), pa.array(["7", "ada"]), np.array([True, False]), np.zeros(2, int))
    >>> link = Links(np.array([1]), np.array([0]), np.array([30.0]), np.array([False]))
    >>> identify(rows, None, link, key=b"secret").of_rows().to_pylist()
    ['7', '7']
    """
    order = _canonical(records)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    told = _ranked(judgements or Judgements.none(), rank)
    found = links or Links.none()
    own = accounts or Accounts.none()
    unit = components(len(rank), told.left[told.is_same], told.right[told.is_same])
    _refuse_contradictions(told, unit, records, order)
    rules = Rules(
        len(rank),
        unit,
        records.is_customer[order],
        told.left[~told.is_same],
        told.right[~told.is_same],
        rank[own.row],
        own.channel,
        own.account,
        own.verified,
    )
    joins = Joins.of(rank[found.left], rank[found.right], found.weight, found.verified)
    joined = join(rules, joins, near_bits=near_bits)
    labels = joined.labels[rank]
    ids, entity = _named(records, labels, rank, key, taken)
    return Identities(ids, entity, _refusals(joined, joins, order, told))


def _canonical(records: Records) -> Ints:
    """Rows in the order of (source, record id), so that nothing depends on how they were given."""
    names = pa.table([records.source, records.record_id], names=["source", "record_id"])
    if names.group_by(["source", "record_id"]).aggregate([]).num_rows < names.num_rows:
        raise TableError("records: a (source, record_id) is there twice; name each record once")
    order = pc.sort_indices(names, sort_keys=[("source", "ascending"), ("record_id", "ascending")])
    return np.asarray(order.to_numpy(), np.int64)


def _ranked(told: Judgements, rank: Ints) -> Judgements:
    """The decisions over canonical rows, in an order of their own."""
    one, other = rank[told.left], rank[told.right]
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = sorted(range(len(low)), key=lambda at: (low[at], high[at], bool(told.is_same[at]), told.decision[at]))
    return Judgements(low[order], high[order], told.is_same[order], [told.decision[at] for at in order])


def _refuse_contradictions(told: Judgements, unit: Ints, records: Records, order: Ints) -> None:
    """Raise where people said that two records differ, and also that they are the same by way of others."""
    apart = ~told.is_same
    contrary = np.flatnonzero(apart & (unit[told.left] == unit[told.right]))
    if not len(contrary):
        return
    around: dict[int, list[int]] = {}
    for one, other in zip(told.left[told.is_same].tolist(), told.right[told.is_same].tolist(), strict=True):
        around.setdefault(one, []).append(other)
        around.setdefault(other, []).append(one)
    pairs = [(int(told.left[at]), int(told.right[at])) for at in contrary.tolist()]
    path = min((_path(around, *pair) for pair in pairs), key=lambda found: (len(found), found))
    names = [f"{records.source[row].as_py()}:{records.record_id[row].as_py()}" for row in order[path].tolist()]
    raise LabelError(
        f"decisions: {amount(len(contrary), 'pair is', 'pairs are')} decided different that decisions "
        "'same' join; the shortest chain is "
        f"{' = '.join(names)}, and {names[0]} is not {names[-1]}; undo one of these decisions{_ids_along(told, path)}"
    )


def _ids_along(told: Judgements, path: list[int]) -> str:
    """The ids of the decisions along a chain, and of that which parts its ends, for an error; a new one has none."""
    pairs = {(*sorted(pair), True) for pair in pairwise(path)} | {(*sorted((path[0], path[-1])), False)}
    rows = zip(told.left.tolist(), told.right.tolist(), told.is_same.tolist(), told.decision, strict=True)
    ids = [(not same, id_) for left, right, same, id_ in rows if id_ and (left, right, same) in pairs]
    shown = [f"{id_} ({'different' if apart else 'same'})" for apart, id_ in dict.fromkeys(sorted(ids))]
    return f": {', '.join(shown)}" if shown else ""


def _path(around: dict[int, list[int]], start: int, goal: int) -> list[int]:
    """The shortest chain of decisions 'same' between two rows; of several the first in the order of rows."""
    before = {start: start}
    queue = deque([start])
    while queue and goal not in before:
        row = queue.popleft()
        for other in sorted(around.get(row, [])):
            if other not in before:
                before[other] = row
                queue.append(other)
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _named(records: Records, labels: Ints, rank: Ints, key: bytes, taken: Sequence[pa.Array]) -> tuple[pa.Array, Ints]:
    """Give each entity its id: the first customer's, else a keyed hash of the smallest record."""
    created = np.where(records.created == UNDATED, np.iinfo(np.int64).max, records.created)
    named = records.is_customer
    place = np.lexsort((rank, _ranks(records.record_id), np.where(named, created, 0), ~named, labels))
    first = place[np.r_[True, labels[place][1:] != labels[place][:-1]]] if len(place) else place
    ids = records.record_id.take(pa.array(first))
    hashed = ~named[first] | _shared(ids)
    row = np.where(named[first], first, _smallest(labels, rank)[labels[first]])[hashed]
    own = records.record_id.filter(pa.array(records.is_customer))
    hashes = _hashes(records, row, key, [own, *taken])
    texts = pc.replace_with_mask(ids, pa.array(hashed), hashes)
    order = pc.sort_indices(texts).to_numpy()
    position = np.empty(len(labels), np.int64)
    position[labels[first[order]]] = np.arange(len(order))
    return texts.take(pa.array(order)), position[labels]


def _hashes(records: Records, row: Ints, key: bytes, taken: Sequence[pa.Array]) -> pa.Array:
    """A keyed hash of each of some rows' names, and never an id that is ``taken``.

    A system may take the id of a newcomer for the key of its own row. The row then has the id, and who had it before
    another, so that the two are one entity by what is known of them and never by their id.
    """
    names = [column.take(pa.array(row)).to_pylist() for column in (records.source, records.record_id)]
    hashes = pa.array([profile_entity_id(*name, key=key) for name in zip(*names, strict=True)], pa.string())
    met: set[str] = set()
    for ids in taken if len(hashes) else ():
        met.update(ids.filter(pc.is_in(ids, hashes)).to_pylist())
    if not met:
        return hashes
    known = {one for ids in taken for one in ids.to_pylist()}
    return pa.array([_free(name, known, key=key) for name in zip(*names, strict=True)], pa.string())


def _free(name: tuple[str, str], taken: Container[str], *, key: bytes) -> str:
    """The first id of a record's name that is not taken."""
    return next(found for again in count() if (found := profile_entity_id(*name, key=key, again=again)) not in taken)


def _smallest(labels: Ints, rank: Ints) -> Ints:
    """For each label the row of lowest rank."""
    order = np.argsort(rank)
    found = np.full(int(labels.max(initial=-1)) + 1, -1, np.int64)
    found[labels[order][::-1]] = order[::-1]
    return found


def _ranks(texts: pa.Array) -> Ints:
    """The place of each text among the distinct ones in byte order, from 1."""
    return np.asarray(pc.rank(texts, tiebreaker="dense").to_numpy(), np.int64)


def _shared(ids: pa.Array) -> Mask:
    """Which ids another system's customer has too: none of the two may pass for the other."""
    codes = _ranks(ids)
    return np.asarray(np.bincount(codes, minlength=1)[codes] > 1, np.bool_)


def profile_entity_id(source: str, record_id: str, *, key: bytes, again: int = 0) -> str:
    """The id of an entity without a customer's row: a keyed hash of a record's name, each part with its length.

    ``again`` counts the ids of that name that cannot be had.

    >>> profile_entity_id("github", "ada", key=b"secret")
    '6a92a2219e2b50173bb93edd69ab2332'
    """
    parts = (part.encode() for part in (source, record_id, *([str(again)] if again else [])))
    message = b"entity" + b"".join(b"%d:%b," % (len(part), part) for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


def _refusals(joined: Joined, joins: Joins, order: Ints, told: Judgements) -> pa.Table:
    apart = [one for one, same in zip(told.decision, told.is_same.tolist(), strict=True) if not same]
    return pa.table(
        {
            "left": pa.array(order[joins.left[joined.refused]], pa.int64()),
            "right": pa.array(order[joins.right[joined.refused]], pa.int64()),
            "weight": pa.array(joins.weight[joined.refused], pa.float64()),
            "reason": pa.array(joined.reason, pa.string()),
            "decision": pa.array([apart[at] if at >= 0 else None for at in joined.pair.tolist()], pa.string()),
        }
    )
