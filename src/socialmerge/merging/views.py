"""Views: the part of a golden record that may be used on one channel for one purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import channels
from socialmerge.channels.loader import PURPOSES
from socialmerge.errors import PolicyError
from socialmerge.merging.arrays import Mask, as_mask, codes_in, whole
from socialmerge.merging.consent import Consent, ConsentState, applies, meet
from socialmerge.merging.policy import did_you_mean

__all__ = ["View", "view"]

_UNKNOWN = ("refuse", "allow")


@dataclass(frozen=True, slots=True)
class View:
    """What may be used on ``channel`` for ``purpose``.

    ``records`` has the columns of the golden records, with the values that may be used and no others; people who said
    no, and people of whom nothing may be used, are not in it. ``withheld`` says of every other value why
    (``entity_id, field, claim_id, reason``), without the value.
    """

    channel: str
    purpose: str
    records: pa.Table
    withheld: pa.Table


def view(
    records: pa.Table, provenance: pa.Table, consents: pa.Table, *, channel: str, purpose: str, unknown: str
) -> View:
    """Give the view; see :meth:`socialmerge.merging.Golden.view`."""
    rules = channels.rules(channel)
    _check(rules.name, purpose, unknown)
    said = _Said(consents, rules.name, purpose)
    seen = pa.array(["public"] if rules.visibility == "public" else ["public", "private"])
    reason = _reasons(provenance, said, seen, purpose, allow_unknown=unknown == "allow")
    used = provenance.filter(pc.equal(reason, ""))
    denied = as_mask(pc.is_in(records["entity_id"], pa.array(sorted(said.denied), pa.string())))
    columns = {"entity_id": records["entity_id"], "accounts": _accounts(whole(records["accounts"]), seen, purpose)}
    columns |= {name: _column(records, name, used) for name in records.column_names[2:]}
    shown = pa.table(columns, schema=records.schema)
    shown = shown.filter(pa.array(~denied & _has_any(shown)))
    kept_back = provenance.select(["entity_id", "field", "claim_id"]).append_column("reason", reason)
    return View(rules.name, purpose, shown, kept_back.filter(pc.not_equal(reason, "")).combine_chunks())


def _check(channel: str, purpose: str, unknown: str) -> None:
    if purpose not in PURPOSES:
        raise PolicyError(f"view: unknown purpose '{purpose}'{did_you_mean(purpose, PURPOSES)}")
    if unknown not in _UNKNOWN:
        raise PolicyError("view: unknown= is 'refuse' or 'allow'")
    if purpose not in channels.rules(channel).purposes:
        good = ", ".join(name for name in channels.names() if purpose in channels.rules(name).purposes)
        raise PolicyError(f"view: {channel} is not good for {purpose}; these channels are: {good}")


class _Said:
    """What was said about one channel and one purpose, by entity and by row."""

    def __init__(self, consents: pa.Table, channel: str, purpose: str) -> None:
        by_entity: dict[str, list[Consent]] = {}
        by_row: dict[tuple[str, str], list[Consent]] = {}
        for row in consents.to_pylist():
            entity = row.pop("entity_id")
            one = Consent(**row)
            if applies(one, channel, purpose):
                by_entity.setdefault(entity, []).append(one)
                by_row.setdefault((one.source, one.record_id), []).append(one)
        self.entity = {entity: meet(statements) for entity, statements in by_entity.items()}
        self.row = {row: meet(statements) for row, statements in by_row.items()}
        self.denied = {entity for entity, state in self.entity.items() if state is ConsentState.DENIED}


def _reasons(provenance: pa.Table, said: _Said, seen: pa.Array, purpose: str, *, allow_unknown: bool) -> pa.Array:
    """Give the reason why each value may not be used, "" where it may."""
    visible = as_mask(pc.is_in(provenance["visibility"], seen))
    state = _states(provenance, said)
    given = _given(whole(provenance["purposes"]), purpose)
    by_purpose = np.where(given == 1, "", np.where(given == 0, "not given for this purpose", _UNSAID))
    if allow_unknown:
        by_purpose[given < 0] = ""
    reason = np.where(state == ConsentState.GRANTED, "", by_purpose)
    reason = np.where(state == ConsentState.DENIED, "the person said no", reason)
    hidden = pc.binary_join_element_wise(provenance["visibility"], "not for this channel", ": ").to_numpy()
    return pa.array(np.where(visible, reason, hidden).tolist(), pa.string())


_UNSAID = "no consent is known"


def _states(provenance: pa.Table, said: _Said) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Give what is known of each value's row; a no of the person is a no to all, and a pin speaks for the person."""
    columns = (provenance[name].to_pylist() for name in ("entity_id", "source", "record_id", "rule"))
    states = []
    for entity, source, record_id, rule in zip(*columns, strict=True):
        if entity in said.denied:
            states.append(ConsentState.DENIED)
        elif rule == "pinned":
            states.append(said.entity.get(entity, ConsentState.UNKNOWN))
        else:
            states.append(said.row.get((source, record_id), ConsentState.UNKNOWN))
    return np.array(states, dtype=object)


def _given(purposes: pa.Array, purpose: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Say whether values were given for a purpose: 1 or 0, -1 where nothing is known."""
    encoded = [None if one is None else purpose in one for one in purposes.to_pylist()]
    return np.array([-1 if one is None else int(one) for one in encoded], np.int64)


def _column(records: pa.Table, name: str, used: pa.Table) -> pa.Array:
    """Rebuild a column from the values that may be used."""
    rows = used.filter(pc.equal(used["field"], name))
    ids = whole(records["entity_id"])
    kind = records.schema.field(name).type
    if not pa.types.is_list(kind):
        return whole(rows["value"]).take(pc.index_in(ids, whole(rows["entity_id"])))
    codes = codes_in(whole(rows["entity_id"]), ids)  # provenance is in the order of entities and values
    counts = np.bincount(codes, minlength=len(ids))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, whole(rows["value"]), type=kind, mask=pa.array(counts == 0))


def _accounts(accounts: pa.Array, seen: pa.Array, purpose: str) -> pa.Array:
    """Keep the accounts that may be named: what everybody sees, on a channel that is good for the purpose."""
    kept = _filtered(accounts, lambda flat: as_mask(pc.is_in(flat.field("visibility"), seen)))
    good = pa.array([name for name in channels.names() if purpose in channels.rules(name).purposes])
    return _filtered(kept, lambda flat: as_mask(pc.is_in(flat.field("channel"), good)))


def _filtered(lists: pa.Array, rule: Callable[[pa.StructArray], Mask]) -> pa.Array:
    flat = pc.list_flatten(lists)
    mask = rule(flat)
    parents = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)[mask]
    counts = np.bincount(parents, minlength=len(lists))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, flat.filter(pa.array(mask)), type=lists.type)


def _has_any(shown: pa.Table) -> Mask:
    mask: Mask = pc.list_value_length(whole(shown["accounts"])).to_numpy(zero_copy_only=False) > 0
    for name in shown.column_names[2:]:
        mask |= as_mask(pc.is_valid(shown[name]))
    return mask
