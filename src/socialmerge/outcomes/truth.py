"""The true answers: read from a table, checked against the ids of the records, and asked about pairs of records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.errors import LabelError
from socialmerge.outcomes.measures import Flags, Ints, Rows, pairs_inside

__all__ = ["Records", "Truth", "read_truth"]

_AT_ONCE = 1 << 20
_FORMS = (("profile_id", "customer_id"), ("id_a", "id_b"), ("id", "entity_id"))


@dataclass(frozen=True, slots=True)
class Records:
    """The ids of what was matched: one table's, or the profiles' followed by the customers'.

    ``right`` is ``None`` for one table. ``complete`` is false where the result does not list every customer: then an id
    of the truth that is not among ``right`` is taken to be a customer's.
    """

    left: pa.Array
    right: pa.Array | None = None
    complete: bool = True

    def with_customers(self, ids: pa.Array) -> Records:
        """These records and, where the list of customers is not complete, those of ``ids`` that are not among them."""
        if self.complete or self.right is None:
            return self
        known = pa.concat_arrays([self.left, self.right])
        strange = ids.filter(pc.invert(pc.is_in(ids, value_set=known))).drop_null().unique()
        return Records(self.left, pa.concat_arrays([self.right, strange]), complete=True)

    @property
    def count(self) -> int:
        """How many records there are, on both sides."""
        return len(self.left) + (0 if self.right is None else len(self.right))

    def left_rows(self, ids: pa.Array) -> Ints:
        """The row of each id on the left; -1 where there is none."""
        return _rows(ids, self.left)

    def right_rows(self, ids: pa.Array) -> Ints:
        """The row of each id on the right (of one table: the only side); -1 where there is none."""
        if self.right is None:
            return _rows(ids, self.left)
        found = _rows(ids, self.right)
        return np.where(found < 0, -1, found + len(self.left))


@dataclass(frozen=True, slots=True)
class Truth:
    """Who is who: an entity label for every record, and the true pairs where those were given one by one.

    ``split`` is the number of profiles, ``None`` for one table; ``keys`` are sorted ``left row * records + right row``.
    """

    entities: Ints
    split: int | None
    keys: Ints | None
    true_pairs: int
    form: tuple[str, str]

    @property
    def names_strangers(self) -> bool:
        """Whether it says which profiles of people who are no customers are one person's."""
        return self.form == ("id", "entity_id")

    @property
    def wants_every_pair(self) -> bool:
        """Whether every true pair is to be found, rather than one customer for each profile that has one."""
        return self.form == ("id_a", "id_b")

    def is_true(self, left: Rows, right: Rows) -> Flags:
        """Which pairs of rows are the same person; looked up some at a time."""
        found = np.zeros(left.size, np.bool_)
        for start in range(0, left.size, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = self._is_true(left[part], right[part])
        return found

    def _is_true(self, left: Rows, right: Rows) -> Flags:
        if self.keys is None:
            same: Flags = self.entities[left] == self.entities[right]
            return same
        if self.keys.size == 0:
            return np.zeros(left.size, np.bool_)
        key = left.astype(np.int64) * self.entities.size + right
        place = np.minimum(np.searchsorted(self.keys, key), self.keys.size - 1)
        found: Flags = self.keys[place] == key
        return found

    def profiles_with_customer(self) -> Flags:
        """Which profiles (rows on the left) belong to a customer."""
        count = self.split or 0
        if self.keys is not None:
            known = np.zeros(count, np.bool_)
            known[self.keys // self.entities.size] = True
            return known
        size = int(self.entities.max(initial=-1)) + 1
        has_customer = np.bincount(self.entities[count:], minlength=size) > 0
        answer: Flags = has_customer[self.entities[:count]]
        return answer


def read_truth(source: object, records: Records) -> tuple[Truth, Records]:
    """Read the true answers for ``records``; gives them with the records, to which customers may have come.

    ``source`` is a path or table with the columns ``id_a, id_b`` (true pairs), ``id, entity_id`` (a label a record), or
    for profiles, ``profile_id, customer_id``. A record it does not name is nobody else's. Raises ``LabelError``
    when no such columns are there, when a cell is empty, and when an id is not among the records.
    """
    table = tables.read(source, what="truth")
    form = _form(table.column_names, records)
    first, second = (tables.strings(table[name]) for name in form)
    if form == ("id", "entity_id"):
        records = records.with_customers(first)
        return _of_entities(first, second, records), records
    _refuse_swapped(first, second, form, records)
    records = records.with_customers(second)
    return _of_pairs(first, second, form, records), records


def _form(names: list[str], records: Records) -> tuple[str, str]:
    fitting = _FORMS if records.right is not None else _FORMS[1:]
    for form in fitting:
        if set(form) <= set(names):
            return form
    wanted = ", or ".join(" and ".join(form) for form in fitting)
    raise LabelError(f"truth: has the columns {', '.join(names) or '(none)'}; rename them to {wanted}")


def _of_entities(ids: pa.Array, labels: pa.Array, records: Records) -> Truth:
    _refuse_empty(ids, "id")
    keep = labels.is_valid()  # a record without a label is nobody else's
    ids, labels = ids.filter(keep), labels.filter(keep)
    rows = records.left_rows(ids)
    if records.right is not None:
        right = records.right_rows(ids)
        _refuse(
            int(((rows >= 0) & (right >= 0)).sum()),
            len(ids),
            "id",
            "are both a profile's and a customer's; name the columns profile_id and customer_id",
        )
        rows = np.where(rows >= 0, rows, right)
    _refuse_unknown(rows, "id")
    codes = labels.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    entities = -np.ones(records.count, np.int64)
    entities[rows] = codes
    _refuse(
        int((entities[rows] != codes).sum()),
        len(ids),
        "id",
        "stand on two rows with different entity_id; keep one row an id",
    )
    alone = entities < 0
    entities[alone] = codes.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    split = None if records.right is None else len(records.left)
    return Truth(entities, split, None, _count_pairs(entities, split), ("id", "entity_id"))


def _of_pairs(first: pa.Array, second: pa.Array, form: tuple[str, str], records: Records) -> Truth:
    _refuse_empty(first, form[0])
    if form == ("profile_id", "customer_id"):  # a profile beside an empty cell belongs to nobody
        keep = second.is_valid()
        first, second = first.filter(keep), second.filter(keep)
    _refuse_empty(second, form[1])
    left, right = records.left_rows(first), records.right_rows(second)
    _refuse_unknown(left, form[0])
    _refuse_unknown(right, form[1])
    entities = _components(left, right, records.count)
    if records.right is None:  # the same person as the same person is the same person
        return Truth(entities, None, None, pairs_inside(entities), form)
    keys = np.sort(left * records.count + right)
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if keys.size else keys
    return Truth(entities, len(records.left), keys, int(keys.size), form)


def _count_pairs(entities: Ints, split: int | None) -> int:
    if split is None:
        return pairs_inside(entities)
    size = int(entities.max(initial=-1)) + 1
    sides = (np.bincount(side, minlength=size) for side in (entities[:split], entities[split:]))
    return int(np.prod(list(sides), axis=0).sum())


def _components(left: Ints, right: Ints, count: int) -> Ints:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(left.size), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _rows(ids: pa.Array, among: pa.Array) -> Ints:
    found = np.asarray(pc.fill_null(pc.index_in(ids, value_set=among), -1).to_numpy(zero_copy_only=False), np.int64)
    pa.default_memory_pool().release_unused()  # the table by which ids are looked up takes a hundred bytes an id
    return found


def _refuse(count: int, total: int, column: str, fault: str) -> None:
    if count:
        raise LabelError(f"truth: {count:,} of {total:,} ids in column '{column}' {fault}")


def _refuse_empty(ids: pa.Array, column: str) -> None:
    _refuse(ids.null_count, len(ids), column, "are empty; fill them or leave out their rows")


def _refuse_unknown(rows: Ints, column: str) -> None:
    _refuse(int((rows < 0).sum()), rows.size, column, "are not among the records; is this the truth of other tables?")


def _refuse_swapped(first: pa.Array, second: pa.Array, form: tuple[str, str], records: Records) -> None:
    if records.right is None or len(first) == 0 or (records.left_rows(first) >= 0).any():
        return
    if (records.left_rows(second.drop_null()) >= 0).any():
        raise LabelError(f"truth: the profiles stand in column '{form[1]}' and not in '{form[0]}'; swap the two names")
