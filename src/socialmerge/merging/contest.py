"""One field, or one group of fields, of a block of entities: from rows to what is kept and what is rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, rank_codes
from socialmerge.merging.assurance import ADMITTED, SUPERSEDED, admit
from socialmerge.merging.candidates import Candidates
from socialmerge.merging.cells import REPLACED
from socialmerge.merging.claims import Claims, claim_ids, field_claims
from socialmerge.merging.entities import CRM
from socialmerge.merging.exclusion import Generic, cleared_at, exclude
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.keep import Strategy
from socialmerge.merging.moments import UNDATED
from socialmerge.merging.policy import Policy
from socialmerge.merging.sources import Rows
from socialmerge.merging.survivorship import Outcome, survive
from socialmerge.merging.values import EMPTY, INVALID, NO_SIZE, VALID, Judged, judge
from socialmerge.merging.versions import Versions, versions
from socialmerge.normalise import dates
from socialmerge.records import Kind

__all__ = ["Contested", "Setting", "contest_field", "contest_group"]

_EXACT = (Kind.CODE, Kind.ID, Kind.URL, Kind.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all blocks of one run.

    ``worth`` has the trust of each source's asserted and verified values, in [0, 1]; ``orders`` the order of day and
    month of each field of dates.
    """

    policy: Policy
    sources: Sequence[str]
    worth: npt.NDArray[np.float64]
    region: str
    orders: Mapping[str, dates.DateOrder]
    key: bytes
    as_of: int | None = None
    generic: Generic = made(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contested:
    """The claims of one field, with what became of them; ``outcome`` holds indices of ``claims``.

    ``pins`` has the ids of those that are no claims but pins.
    """

    field: GoldenField
    claims: Claims
    ids: list[bytes]
    admission: Ints
    outcome: Outcome
    pins: Mapping[int, str] = made(default_factory=dict)


def contest_field(one: GoldenField, rows: Rows, setting: Setting) -> Contested:
    """Settle one field that stands alone."""
    claims = field_claims(one, rows)
    cleared = cleared_at([one], [claims], rows, setting.policy)
    ids, candidates = _candidates(one, claims, rows, setting, cleared)

    def judged(at: Ints) -> Judged:
        return _judge(one, claims, at, setting)

    outcome = survive(candidates, one.strategy, judged, social=setting.policy.social)
    return Contested(one, claims, ids, candidates.admission, outcome)


def contest_group(fields: Sequence[GoldenField], rows: Rows, setting: Setting) -> list[Contested]:
    """Settle fields that win or lose as one: one record gives all of them, and its blanks stay blank."""
    claims = [field_claims(one, rows) for one in fields]
    cleared = cleared_at(fields, claims, rows, setting.policy)
    parts = [_candidates(one, own, rows, setting, cleared) for one, own in zip(fields, claims, strict=True)]
    of = versions(claims, rows)
    table = of.table
    whole = _whole(of, [candidates for _, candidates in parts], setting, fields[0].strategy)
    keys = np.full(table.shape, -1, np.int64)
    paired = list(zip(fields, claims, strict=True))

    def judged(at: Ints) -> Judged:
        found, keys[:, at] = _judge_group(paired, table[:, at], setting)
        return found

    outcome = survive(whole, fields[0].strategy, judged, social=setting.policy.social)
    return [
        Contested(
            one,
            own,
            parts[place][0],
            _shared(parts[place][1].admission, table[place], whole.admission),
            _member(outcome, table[place], keys[place], whole.entity),
        )
        for place, (one, own) in enumerate(paired)
    ]


def _shared(own: Ints, claim: Ints, whole: Ints) -> Ints:
    """Give each claim the reason that keeps all its records out, where it has none of its own."""
    shared = np.full(len(own), np.iinfo(np.int64).max)
    np.minimum.at(shared, claim[claim >= 0], whole[claim >= 0])
    return np.where(own == ADMITTED, shared, own)


def _candidates(
    one: GoldenField, claims: Claims, rows: Rows, setting: Setting, cleared: Ints | None
) -> tuple[list[bytes], Candidates]:
    ids = claim_ids(claims, rows, setting.key)
    row = claims.row
    text = claims.value if one.kind in _EXACT else pc.utf8_lower(claims.value)
    candidates = Candidates(
        entity=rows.entity[row],
        row=row,
        value=claims.value,
        same=pc.dictionary_encode(text).indices.to_numpy(zero_copy_only=False).astype(np.int64),
        standing=rows.standing[row].astype(np.int64),
        trust=_trust(claims, rows, setting),
        seen=rows.seen_of(row, claims.cell),
        first=rows.seen_of(row, claims.cell, first=True),
        is_past=claims.became(rows, REPLACED),
        source=rows.source_rank[row],
        admission=_admission(one, claims, rows, setting, cleared),
        # Eight bytes of a keyed hash order as well as all thirty-two.
        claim=np.array([int.from_bytes(digest[:8], "big", signed=True) for digest in ids], np.int64),
        sources=setting.sources,
        as_of=setting.as_of,
    )
    return ids, candidates


def _admission(one: GoldenField, claims: Claims, rows: Rows, setting: Setting, cleared: Ints | None) -> Ints:
    admission = admit(one, claims, rows, setting.policy, lambda at: _judge(one, claims, at, setting))
    return exclude(
        one,
        claims,
        rows,
        admission,
        cleared=cleared,
        generic=setting.generic,
        key=setting.key,
        region=setting.region,
        order=setting.orders.get(one.name),
    )


def _trust(claims: Claims, rows: Rows, setting: Setting) -> Ints:
    """Rank claims by the standing of their record, then by what their channel's values are worth."""
    worth = setting.worth[rows.source_rank[claims.row], claims.is_verified.astype(np.int64)]
    worth = np.where(rows.standing[claims.row] >= CRM, 1.0, worth)  # a system may bear the name of a channel ("web")
    return rows.standing[claims.row] * np.int64(1000) + np.rint(worth * 100).astype(np.int64)


def _judge(field: GoldenField, claims: Claims, at: Ints, setting: Setting) -> Judged:
    values = claims.value.take(pa.array(at))
    return judge(field, values, region=setting.region, order=setting.orders.get(field.name))


def _whole(of: Versions, parts: list[Candidates], setting: Setting, strategy: Strategy) -> Candidates:
    """Make one candidate of each version of a record that has any of the group's fields."""
    table, size = of.table, of.table.shape[1]
    lead = np.argmax(table >= 0, axis=0)  # the first field that the record has speaks for its row
    columns = {}
    for name in ("entity", "row", "standing", "trust", "source", "claim"):
        values = np.zeros(size, np.int64)
        for place, part in enumerate(parts):
            mine = lead == place
            values[mine] = getattr(part, name)[table[place, mine]]
        columns[name] = values
    admission = np.where(of.is_past & (not strategy.looks_back), SUPERSEDED, ADMITTED)
    columns["first"] = np.full(size, UNDATED, np.int64)  # a group is there once the last of its values has come
    texts = []
    for place, part in enumerate(parts):
        has = table[place] >= 0
        admission[has] = np.maximum(admission[has], part.admission[table[place, has]])
        columns["first"][has] = np.maximum(columns["first"][has], part.first[table[place, has]])
        mine = has & of.of_several & (lead != place)
        columns["claim"][mine] ^= part.claim[table[place, mine]]  # versions may have their first field in common
        texts.append(part.value.take(pa.array(table[place], mask=~has)).fill_null(""))
    value = pc.binary_join_element_wise(*texts, "\x1f")
    same = rank_codes(pc.utf8_lower(value))[0]
    return Candidates(
        value=value,
        same=same,
        seen=of.seen,
        is_past=of.is_past,
        admission=admission,
        sources=setting.sources,
        as_of=setting.as_of,
        **columns,
    )


def _judge_group(members: Sequence[tuple[GoldenField, Claims]], table: Ints, setting: Setting) -> tuple[Judged, Ints]:
    """Judge records by their fields; give the key of each field too, -1 where it has no value."""
    size = table.shape[1]
    standing, completeness = np.full(size, EMPTY, np.int64), np.zeros(size, np.int64)
    flawed = np.zeros(size, np.bool_)
    keys = np.full(table.shape, -1, np.int64)
    for place, (field, claims) in enumerate(members):
        has = table[place] >= 0
        judged = _judge(field, claims, table[place, has], setting)
        keys[place, has] = np.where(judged.standing == EMPTY, -1, judged.key)
        standing[has] = np.maximum(standing[has], judged.standing)
        flawed[has] |= judged.standing == INVALID
        completeness[has] += judged.standing != EMPTY
    standing[flawed & (standing == VALID)] = INVALID
    _, key = np.unique(keys, axis=1, return_inverse=True)
    return Judged(
        standing, key.reshape(-1), completeness, np.full(size, NO_SIZE, np.int64), np.zeros(size, np.int64)
    ), keys


def _member(outcome: Outcome, claim: Ints, key: Ints, entity: Ints) -> Outcome:
    """Read off one field of a group's outcome: the winner's claim, and the losers' claims that differ from it."""
    has = claim[outcome.kept] >= 0
    has_lost = claim[outcome.rejected] >= 0
    rejected, against, rule = (array[has_lost] for array in (outcome.rejected, outcome.against, outcome.rejected_rule))
    differs = (against < 0) | (claim[against] < 0) | (key[rejected] != key[against])
    differs &= (key[rejected] >= 0) | (against < 0)
    _, once = np.unique(np.stack([entity[rejected], key[rejected], differs]), axis=1, return_index=True)
    once = np.sort(once)
    once = once[differs[once]]
    rejected, against, rule = rejected[once], against[once], rule[once]
    against = np.where(against >= 0, claim[against], -1)
    kept = outcome.kept[has]
    return Outcome(claim[kept], outcome.kept_rule[has], claim[rejected], against, rule, outcome.names)
