"""Pins: what a person said stands in the record, and what it displaces stands in the conflicts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from socialmerge.merging.arrays import Ints, as_mask, whole
from socialmerge.merging.assurance import ADMITTED
from socialmerge.merging.claims import Claims
from socialmerge.merging.contest import Contested, Setting
from socialmerge.merging.exclusion import keys_of
from socialmerge.merging.sources import Rows
from socialmerge.merging.survivorship import Outcome

__all__ = ["pin"]


@dataclass(frozen=True, slots=True)
class _Pinned:
    """The pins of a field, after its claims; ``key`` has the keys of the claims of the pinned entities, and theirs."""

    contested: Contested
    start: int
    entity: Ints
    key: dict[int, str]
    winner: dict[tuple[int, str], int]


def pin(contested: Contested, rows: Rows, setting: Setting) -> Contested:
    """Put the pins of a field above whatever its strategy chose."""
    if not rows.pins.num_rows:
        return contested
    mine = np.flatnonzero(as_mask(pa.compute.equal(rows.pins["field"], contested.field.name)))
    if not len(mine):
        return contested
    pinned = _with_pins(contested, mine, rows, setting)
    return replace(pinned.contested, outcome=_outcome(pinned))


def _with_pins(contested: Contested, mine: Ints, rows: Rows, setting: Setting) -> _Pinned:
    start, count = len(contested.claims), len(mine)
    row = mine + len(rows.entity) - rows.pins.num_rows
    raw = whole(rows.pins["value"]).take(pa.array(mine))
    ids = whole(rows.pins["pin_id"]).take(pa.array(mine)).to_pylist()
    old = contested.claims
    claims = Claims(
        np.concatenate([old.row, row]),
        pa.concat_arrays([old.raw, raw]),
        pa.concat_arrays([old.value, pa.compute.utf8_trim_whitespace(raw)]),
        pa.concat_arrays([old.attribute, pa.array([""] * count)]),
        np.concatenate([old.is_verified, np.ones(count, np.bool_)]),
        np.concatenate([old.cell, np.full(count, -1)]),
    )
    entity = rows.entity[claims.row]
    at = np.flatnonzero(np.isin(entity, entity[start:]))
    order = setting.orders.get(contested.field.name)
    keys = keys_of(contested.field, claims.value.take(pa.array(at)), setting.region, order)
    key = dict(zip(at.tolist(), keys, strict=True))
    said = sorted(range(start, start + count), key=lambda one: (int(rows.seen[claims.row[one]]), ids[one - start]))
    # The last word is the later one; a field that keeps every value has a last word about each value.
    each = contested.field.as_list
    winner = {(int(entity[one]), key[one] if each else ""): one for one in said}
    with_pins = replace(
        contested,
        claims=claims,
        ids=[*contested.ids, *(b"" for _ in ids)],
        admission=np.concatenate([contested.admission, np.full(count, ADMITTED)]),
        pins={start + place: id_ for place, id_ in enumerate(ids)},
    )
    return _Pinned(with_pins, start, entity, key, winner)


def _outcome(pinned: _Pinned) -> Outcome:
    """Let the pins win: they displace other values in a field of one value, and join a list."""
    before, each = pinned.contested.outcome, pinned.contested.field.as_list
    rule = len(before.names)
    kept = [(one, rule) for one in pinned.winner.values()]
    lost: list[tuple[int, int, int]] = []
    for claim, why in zip(before.kept.tolist(), before.kept_rule.tolist(), strict=True):
        winner = _winner(pinned, claim)
        if winner is None:
            kept.append((claim, why))
        elif pinned.key[winner] != pinned.key[claim]:
            lost.append((claim, winner, rule))
    for claim, against, why in zip(
        before.rejected.tolist(), before.against.tolist(), before.rejected_rule.tolist(), strict=True
    ):
        winner = _winner(pinned, claim)
        if winner is None:
            # What it lost against may be held by an equal pin now.
            stand_in = _winner(pinned, against) if against >= 0 else None
            lost.append((claim, against if stand_in is None else stand_in, why))
        elif pinned.key[winner] != pinned.key[claim]:
            lost.append((claim, winner, rule))
    if not each:
        lost += _earlier_pins(pinned, rule)
    kept_, lost_ = np.array(kept, np.int64).reshape(-1, 2).T, np.array(lost, np.int64).reshape(-1, 3).T
    return Outcome(kept_[0], kept_[1], lost_[0], lost_[1], lost_[2], (*before.names, "pinned"))


def _winner(pinned: _Pinned, claim: int) -> int | None:
    """Give the pin that a claim meets: the one of its entity, or in a list the one of its value."""
    each = pinned.contested.field.as_list
    return pinned.winner.get((int(pinned.entity[claim]), pinned.key.get(claim, "") if each else ""))


def _earlier_pins(pinned: _Pinned, rule: int) -> list[tuple[int, int, int]]:
    """List the pins that a later one displaces."""
    lost: dict[tuple[int, str], tuple[int, int, int]] = {}
    for one in range(pinned.start, len(pinned.contested.claims)):
        winner = pinned.winner[int(pinned.entity[one]), ""]
        if pinned.key[one] != pinned.key[winner]:
            lost[winner, pinned.key[one]] = (one, winner, rule)
    return list(lost.values())
