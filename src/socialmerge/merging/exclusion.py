"""What keeps a claim out besides its assurance: people's word, a later blank, a rule that keeps pins alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from socialmerge.errors import PolicyError
from socialmerge.merging.arrays import Ints, as_mask, rank_codes, whole
from socialmerge.merging.assurance import ADMITTED, CLEARED, GENERIC, REJECTED, SUPERSEDED, UNPINNED
from socialmerge.merging.cells import BLANKED, REPLACED
from socialmerge.merging.claims import Claims
from socialmerge.merging.edicts import Edicts
from socialmerge.merging.entities import CRM
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.hidden import KeptOut, is_hidden
from socialmerge.merging.moments import UNDATED
from socialmerge.merging.policy import Policy
from socialmerge.merging.sources import Rows
from socialmerge.merging.values import VALID, judge_one
from socialmerge.normalise import dates
from socialmerge.records import Kind

__all__ = ["Generic", "cleared_at", "exclude", "generic_keys", "keys_of"]

Generic = Mapping[Kind, KeptOut]

_CONTACTS = (Kind.EMAIL, Kind.PHONE)


def generic_keys(edicts: Edicts, region: str, *, key: bytes) -> Generic:
    """Give the keys of the generic values by kind of contact point; ``key`` is that of hidden ones.

    Raises:
        PolicyError: A value is neither an e-mail address nor a telephone number.
    """
    keys: dict[Kind, set[str]] = {kind: set() for kind in _CONTACTS}
    for one in edicts.generic:
        if is_hidden(one.value):
            continue
        judged = {kind: judge_one(GoldenField("", kind), one.value, region=region) for kind in _CONTACTS}
        kinds = [kind for kind in _CONTACTS if judged[kind].standing == VALID]
        if not kinds:
            raise PolicyError(
                f"edicts: '{one.id}' calls a value generic that is neither an e-mail address nor a telephone number; "
                "reject it for the record that has it"
            )
        for kind in kinds:
            keys[kind].add(judged[kind].key)
    found = {kind: KeptOut.of(keys[kind], (one.value for one in edicts.generic), key) for kind in _CONTACTS}
    return {kind: known for kind, known in found.items() if known.keys or known.prints}


def keys_of(field: GoldenField, values: pa.Array, region: str, order: dates.DateOrder | None) -> list[str]:
    """Give each value the key that equal values share, each distinct text parsed once."""
    codes, distinct = rank_codes(values)
    keys = [judge_one(field, raw, region=region, order=order).key for raw in distinct.to_pylist()]
    return [keys[code] for code in codes.tolist()]


def cleared_at(fields: Sequence[GoldenField], claims: Sequence[Claims], rows: Rows, policy: Policy) -> Ints | None:
    """Give each entity the moment of its last blank of a source that may clear, :data:`UNDATED` where there is none.

    Fields that go together are blank where all of them are.
    """
    if not policy.clears:
        return None
    may = as_mask(pa.compute.is_in(whole(rows.origin["source"]), pa.array(policy.clears)))
    if "crm" in policy.clears:
        may |= rows.standing == CRM
    blank = may & _fed(fields, rows) & (rows.seen != UNDATED) & (rows.entity >= 0)
    for one in claims:
        blank[one.row[~one.became(rows, REPLACED, BLANKED)]] = False
    at = np.full(len(rows.ids), UNDATED, np.int64)
    np.maximum.at(at, rows.entity[blank], rows.seen[blank])
    return at


def _fed(fields: Sequence[GoldenField], rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which rows could have a value; a handle is part of an account and is never blank."""
    start = rows.customers.num_rows
    fed = np.zeros(len(rows.entity), np.bool_)
    fed[:start] = any(field.column for field in fields)
    attributes = {name for field in fields for name in field.attributes} - {"handle"}
    fed[start : start + rows.profiles.num_rows] = bool(attributes.intersection(rows.profiles.column_names))
    return fed


def exclude(
    field: GoldenField,
    claims: Claims,
    rows: Rows,
    admission: Ints,
    *,
    cleared: Ints | None,
    generic: Generic,
    key: bytes,
    region: str,
    order: dates.DateOrder | None,
) -> Ints:
    """Give each claim the code of what keeps it out; people's word comes before every other reason."""
    code = admission.copy()
    entity = rows.entity[claims.row]
    if field.strategy.only_pins:
        code[code == ADMITTED] = UNPINNED
    code[(code == ADMITTED) & claims.became(rows, BLANKED)] = CLEARED
    if cleared is not None:
        seen = rows.seen_of(claims.row, claims.cell)
        code[(code == ADMITTED) & (seen != UNDATED) & (seen < cleared[entity])] = CLEARED
    if not field.strategy.looks_back:
        code[(code == ADMITTED) & claims.became(rows, REPLACED)] = SUPERSEDED
    if field.contact and field.kind in generic:
        keys = keys_of(field, claims.value, region, order)
        code[np.array([one in generic[field.kind] for one in keys], np.bool_)] = GENERIC
    said: dict[int, list[str]] = {}
    for one, name, value in rows.rejections:
        if name == field.name:
            said.setdefault(one, []).append(value.strip())
    wrong = {one: _rejected(field, values, key, region=region, order=order) for one, values in said.items()}
    at = np.flatnonzero(np.isin(entity, list(wrong)))
    keys = keys_of(field, claims.value.take(pa.array(at)), region, order) if len(at) else []
    for place, found in zip(at.tolist(), keys, strict=True):
        if found in wrong[int(entity[place])]:
            code[place] = REJECTED
    return code


def _rejected(
    field: GoldenField, values: Sequence[str], key: bytes, *, region: str, order: dates.DateOrder | None
) -> KeptOut:
    keys = (judge_one(field, one, region=region, order=order).key for one in values if not is_hidden(one))
    return KeptOut.of(keys, values, key)
