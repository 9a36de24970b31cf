"""Live claims laid out as tables again: one row a customer or a profile, as its source last said it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import StoreError
from socialmerge.merging.arrays import Ints, Mask, as_mask, codes_in, whole
from socialmerge.merging.cells import BLANKED, HOLDS, REPLACED
from socialmerge.merging.values import stand_for_nothing
from socialmerge.records import Kind, profiles_schema
from socialmerge.resolver.intake import ID_MARK, PROFILE_TEXTS, PROVEN_MARK

__all__ = [
    "OBSERVED",
    "Pivot",
    "customers_like",
    "customers_of",
    "iso",
    "layout_of",
    "live",
    "more_of",
    "profiles_of",
    "with_fates",
]

OBSERVED = "socialmerge_observed_at"
"""The column of the pivoted customers that says when each was last seen."""

_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Pivot:
    """A table, sorted by id; ``sources`` and ``seen`` (microseconds, null for never) run beside it.

    ``proven`` says of profiles which ones a platform wrote.
    """

    table: pa.Table
    ids: pa.Array
    sources: pa.Array
    seen: pa.Array
    proven: Mask

    def row_of(self, record_id: str) -> int:
        """The row with an id, -1 where there is none."""
        row = bisect_left(range(len(self.ids)), record_id, key=lambda at: str(self.ids[at].as_py()))
        return row if row < len(self.ids) and self.ids[row].as_py() == record_id else -1


def live(claims: pa.Table, observations: pa.Table, clears: Sequence[str] = ()) -> pa.Table:
    """The claims that hold: of each record's attribute those of its latest observation that said anything.

    What a source in ``clears`` left blank later holds no longer either. Without dates nothing tells the later of two
    values, and both hold.
    """
    group, seen, blanked = _moments_of(claims, observations, clears)
    return claims.filter(pa.array((seen == _greatest(group, seen)) & ~blanked))


def with_fates(
    claims: pa.Table,
    observations: pa.Table,
    clears: Sequence[str] = (),
    states: Callable[[pa.Table], Collection[str]] = lambda _: (),
) -> pa.Table:
    """All claims, with what became of each.

    ``is_live`` is true of those that :func:`live` gives, ``is_repeated`` where the record's attribute has others.
    ``became`` is as in ``cells``: what stands for nothing ("n/a") replaces no value, unless its source may clear.
    ``states`` takes live claims and names the columns of the customers in which "suspended" says something; it is
    asked only where such a word would replace another value.
    """
    group, seen, blanked = _moments_of(claims, observations, clears)
    is_repeated = np.bincount(group, minlength=1)[group] > 1
    latest = _greatest(group, seen)
    says, is_old = np.ones(len(group), np.bool_), seen < latest
    at = np.flatnonzero(np.isin(group, group[is_old]))  # elsewhere nothing could be replaced
    if len(at):
        some = claims.take(pa.array(at))
        may_clear = as_mask(pc.is_in(some["source"], pa.array(clears, pa.string())))
        says[at] = ~_nothing(some, lambda: states(claims.filter(pa.array(~is_old & ~blanked)))) | may_clear
    is_replaced = (seen < _greatest(group, np.where(says, seen, _NEVER))) | (~says & is_old)
    became = np.where(is_replaced, REPLACED, np.where(blanked, BLANKED, HOLDS))
    columns = {"is_live": ~is_old & ~blanked, "is_repeated": is_repeated, "became": became}
    for name, values in columns.items():
        claims = claims.append_column(name, pa.array(values))
    return claims


def _nothing(claims: pa.Table, states: Callable[[], Collection[str]]) -> Mask:
    """Which claims stand for no value: a flag or a status stands for none where people have names and contacts."""
    nothing = stand_for_nothing(whole(claims["raw"]))
    is_state = nothing & ~stand_for_nothing(whole(claims["raw"]), Kind.OTHER)
    if not is_state.any():
        return nothing
    is_customer = as_mask(pc.equal(claims["kind"], "customer"))
    told = states() if (is_state & is_customer).any() else ()
    stated = as_mask(pc.is_in(claims["attribute"], pa.array(list(told), pa.string())))
    extra = ~as_mask(pc.is_in(claims["attribute"], pa.array(profiles_schema().names)))
    return nothing & ~(is_state & np.where(is_customer, stated, extra))


def _moments_of(claims: pa.Table, observations: pa.Table, clears: Sequence[str]) -> tuple[Ints, Ints, Mask]:
    """A number for each record's attribute, when each claim was seen last, and which of them a later blank cleared."""
    key = _keys(claims)
    seen = _moments(claims["last_seen"])
    blanked = np.zeros(len(seen), np.bool_)
    if clears:
        blanked = _cleared(claims, observations, key, seen, clears)
    return _packed(key.codes, _codes(claims["attribute"])), seen, blanked


@dataclass(frozen=True, slots=True)
class _Keys:
    """Records as codes, and the distinct names behind them, or the numbers in a database that stand for these."""

    codes: Ints
    names: pa.Array


def _keys(table: pa.Table, names: pa.Array | None = None) -> _Keys:
    if "record" in table.column_names:
        joined = whole(table["record"])
    else:
        length = pc.binary_length(table["source"]).cast(pa.string())
        joined = whole(pc.binary_join_element_wise(length, table["source"], table["record_id"], ":"))
    if names is not None:
        return _Keys(codes_in(joined, names), names)
    encoded = pc.dictionary_encode(joined)
    return _Keys(np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64), encoded.dictionary)


def _codes(column: pa.ChunkedArray) -> Ints:
    encoded = pc.dictionary_encode(whole(column))
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)


_SPARSE = 8
"""Up to so many numbers for each row that has one are not worth being made dense."""


def _packed(one: Ints, other: Ints) -> Ints:
    packed: Ints = one * (int(other.max(initial=0)) + 1) + other
    if packed.max(initial=0) <= _SPARSE * len(packed):
        return packed
    dense: Ints = np.unique(packed, return_inverse=True)[1].reshape(-1)
    return dense


def _moments(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.fill_null(whole(column).cast(pa.int64()), _NEVER).to_numpy(zero_copy_only=False), np.int64)


def _greatest(group: Ints, value: Ints) -> Ints:
    best = np.full(int(group.max(initial=-1)) + 1, _NEVER)
    np.maximum.at(best, group, value)
    found: Ints = best[group]
    return found


def _cleared(claims: pa.Table, observations: pa.Table, key: _Keys, seen: Ints, clears: Sequence[str]) -> Mask:
    """Claims that a later observation with the same column did not repeat."""
    theirs = observations.filter(pc.is_in(observations["source"], pa.array(list(clears))))
    found = np.zeros(claims.num_rows, np.bool_)
    for layout in pc.unique(theirs["columns"]).to_pylist():
        rows = theirs.filter(pc.equal(theirs["columns"], layout))
        codes = _keys(rows, key.names).codes
        later = np.full(len(key.names) + 1, _NEVER)
        np.maximum.at(later, codes, _moments(rows["observed_at"]))
        had = as_mask(pc.is_in(claims["attribute"], pa.array(json.loads(layout), pa.string())))
        found |= had & (later[key.codes] > seen)
    return found


def customers_of(records: pa.Table, claims: pa.Table, observations: pa.Table) -> tuple[Pivot, str]:
    """Customers, with the columns that their tables had, and the name of the id column ("" where there are none)."""
    base = _base(records, observations)
    names, id_column = layout_of(pc.unique(observations["columns"]).to_pylist())
    key = _keys(base.table)
    cells = {name: _column(base.table.num_rows, key, claims, name) for name in names}
    table = pa.table({id_column or "id": base.ids, **cells})
    return Pivot(table, base.ids, base.sources, base.seen, base.proven), id_column


def customers_like(shape: pa.Schema, records: pa.Table, claims: pa.Table, observations: pa.Table) -> Pivot | None:
    """Customers with the columns of others; None where theirs are none of these, or hold lists where no others do."""
    base = _base(records, observations)
    names, id_column = layout_of(pc.unique(observations["columns"]).to_pylist())
    own, *known = shape.names
    lists = {one.name for one in shape if pa.types.is_list(one.type)}
    several = pc.unique(claims.filter(pc.greater(claims["place"], 0))["attribute"]).to_pylist()
    if id_column < own or not set(names) <= set(known) or not set(several) <= lists:
        return None
    key, count = _keys(base.table), base.table.num_rows
    cells = {
        name: _lists(count, key, claims.filter(pc.equal(claims["attribute"], name)))
        if name in lists
        else _column(count, key, claims, name)
        for name in known
    }
    return Pivot(pa.table({own: base.ids, **cells}, schema=shape), base.ids, base.sources, base.seen, base.proven)


def profiles_of(records: pa.Table, claims: pa.Table, observations: pa.Table) -> Pivot:
    """Profiles, with the columns of ``profiles_schema``."""
    base = _base(records, observations)
    key, count = _keys(base.table), base.table.num_rows
    columns: dict[str, pa.Array] = {"profile_id": base.ids}
    columns |= {name: whole(base.table[name]) for name in ("channel", "scope", "account_id", "is_person")}
    columns |= {name: _column(count, key, claims, name) for name in PROFILE_TEXTS}
    for name, proved in (("websites", ""), ("emails", "verified_emails"), ("phones", ""), ("links", "verified_links")):
        columns[name] = _lists(count, key, claims.filter(pc.equal(claims["attribute"], name)))
        if proved:
            of = pc.and_(pc.equal(claims["attribute"], name), claims["is_verified"])
            columns[proved] = _lists(count, key, claims.filter(of))
    columns["observed_at"] = iso(base.seen)
    schema = profiles_schema()
    table = pa.table([columns[name] for name in schema.names], schema=schema)
    return Pivot(table, base.ids, base.sources, base.seen, base.proven)


def more_of(profiles: Pivot, claims: pa.Table, observations: pa.Table) -> pa.Table:
    """The columns of profiles that no schema knows, in byte order: ``profile_id``, and one for each of them."""
    layouts = (json.loads(text) for text in pc.unique(observations["columns"]).to_pylist())
    known = {*profiles_schema().names, PROVEN_MARK}
    names = sorted({name for layout in layouts for name in layout} - known)
    rows = pa.table([profiles.sources, profiles.ids], names=["source", "record_id"])
    cells = {name: _column(rows.num_rows, _keys(rows), claims, name) for name in names}
    return pa.table({"profile_id": profiles.ids, **cells})


def _base(records: pa.Table, observations: pa.Table) -> Pivot:
    """The records sorted by id, with when each was seen."""
    records = records.take(pc.sort_indices(records, sort_keys=[("record_id", "ascending"), ("source", "ascending")]))
    ids = whole(records["record_id"])
    repeated = len(ids) - len(pc.unique(ids))
    if repeated:
        raise StoreError(f"records: {repeated} ids stand for two rows of different sources; give each an id of its own")
    codes = _keys(observations, _keys(records).names).codes
    # the names of records are in the order of their rows; what is of none of them goes to the place after the last
    seen, proven = np.full(len(ids) + 1, _NEVER), np.zeros(len(ids) + 1, np.bool_)
    np.maximum.at(seen, codes, _moments(observations["observed_at"]))
    proven[codes[as_mask(pc.match_substring(observations["columns"], f'"{PROVEN_MARK}"'))]] = True
    own = seen[:-1]
    return Pivot(records, ids, whole(records["source"]), pa.array(own, mask=own == _NEVER), proven[:-1])


def layout_of(texts: Sequence[str]) -> tuple[list[str], str]:
    """The columns of all tables that were loaded, those of the widest first, and the id column."""
    layouts = [json.loads(text) for text in texts]
    layouts.sort(key=lambda names: (-len(names), names))
    names = [name for layout in layouts for name in layout if not name.startswith(ID_MARK)]
    ids = sorted({name.removeprefix(ID_MARK) for layout in layouts for name in layout if name.startswith(ID_MARK)})
    return list(dict.fromkeys(names)), ids[0] if ids else ""


def _column(count: int, key: _Keys, claims: pa.Table, name: str) -> pa.Array:
    """One value a row: of several that hold the fullest, then the last in byte order. Lists stay lists."""
    claims = claims.filter(pc.equal(claims["attribute"], name))
    if claims.num_rows and pc.max(claims["place"]).as_py() > 0:
        return _lists(count, key, claims)
    raw = whole(claims["raw"])
    row = _keys(claims, key.names).codes
    order = np.arange(len(row))
    if len(row) and np.bincount(row[row >= 0], minlength=1).max() > 1:
        order = pc.sort_indices(
            pa.table([pc.binary_length(raw), raw], names=["length", "raw"]),
            sort_keys=[("length", "ascending"), ("raw", "ascending")],
        ).to_numpy()
    place = np.full(count + 1, -1, np.int64)
    place[row[order]] = order
    place = place[:-1]
    return raw.take(pa.array(place, mask=place < 0))


def _lists(count: int, key: _Keys, claims: pa.Table) -> pa.Array:
    """The values of each row, in the order of their places."""
    row = _keys(claims, key.names).codes
    table = pa.table([pa.array(row), whole(claims["place"]), whole(claims["raw"])], names=["row", "place", "raw"])
    table = table.filter(pc.greater_equal(table["row"], 0))
    table = table.sort_by([("row", "ascending"), ("place", "ascending"), ("raw", "ascending")])
    counts = np.bincount(np.asarray(table["row"].to_numpy(), np.int64), minlength=count)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), whole(table["raw"]), mask=pa.array(counts == 0))


def iso(seen: pa.Array) -> pa.Array:
    """Moments, in microseconds since 1970, as text."""
    return pc.strftime(seen.cast(pa.int64()).cast(pa.timestamp("us", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
