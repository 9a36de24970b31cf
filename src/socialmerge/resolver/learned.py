"""What was learned of a store's tables, frozen: under it profiles are weighed singly as if all had come at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.api.attaching import ready_for_profiles
from socialmerge.api.deduping import ready_for_dedupe
from socialmerge.api.inputs import Rows, customers_of
from socialmerge.engines import LocalEngine
from socialmerge.engines.freezing import freeze
from socialmerge.engines.joining import freeze_table
from socialmerge.errors import FitError, PlanError
from socialmerge.matching.characters import squeezed
from socialmerge.matching.frozen import FrozenModel, FrozenTable
from socialmerge.plan import Plan
from socialmerge.resolver.pivot import Pivot
from socialmerge.resolver.scoring import alone
from socialmerge.store import Document, SealedError, Snapshot

__all__ = ["GROWN", "KIND", "WORTH_FREEZING", "Learned", "learn", "plan_named"]

KIND = "model"
"""Of the documents of a store, those that hold what was learned."""
WORTH_FREEZING = 2_000
"""Customers and profiles together from which on a store keeps what it learned; fewer are learned from anew at once."""
GROWN = 2.0
"""A model is made anew once there are so many times as many customers, or profiles, as it was made of."""


_TELLING_CHARACTERS = 4
"""Shorter words around names tell nobody apart."""
_OTHERS = 2
"""A word that so many other handles have would be learned without somebody's as well, and tells nothing of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Frozen models of profiles that platforms wrote, and of those that were only asserted; one of them may be missing.

    ``same`` is what matching the customers with themselves taught, None where there was nothing to learn. ``customers``
    and ``profiles`` count the rows that they learned from, ``plan`` is the version of the plan.
    """

    proven: FrozenModel | None
    asserted: FrozenModel | None
    same: FrozenTable | None
    customers: int
    profiles: int
    plan: str

    def of(self, *, proven: bool) -> FrozenModel:
        """The model of one sort of profiles; where none was there, what was learned of the other."""
        own, other = (self.proven, self.asserted) if proven else (self.asserted, self.proven)
        found = own or other
        assert found is not None  # noqa: S101 - no value of this class is made of no model
        return found if found.proven == proven else replace(found, proven=proven)

    def words(self) -> frozenset[str]:
        """The texts in it that were taken from somebody's handle: what stands around names more than once."""
        affixes = [model.chain.model.handles.affixes for model in (self.proven, self.asserted) if model]
        return frozenset(word for one in affixes for side in (one.before, one.after) for word in side)

    def tells_of(self, texts: Iterable[str], handles: pa.ChunkedArray) -> bool:
        """Whether one of these texts holds a word that stands in here, and that is not in several other handles."""
        words = [word for word in self.words() if len(word) >= _TELLING_CHARACTERS]
        said = squeezed(pa.array(list(texts), pa.string())).to_pylist()  # as handles are read: without what parts words
        mine = [word for word in words if any(word in text for text in said)]
        if not mine:
            return False
        others = squeezed(pc.unique(handles).drop_null())
        return any((pc.sum(pc.match_substring(others, word)).as_py() or 0) < _OTHERS for word in mine)

    def is_outgrown(self, customers: int, profiles: int) -> bool:
        """Whether the tables are so much larger that a new model is due."""
        return customers > GROWN * self.customers or profiles > GROWN * self.profiles

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that change when anything that was learned does."""
        parts = [part.version if part else "" for part in (self.proven, self.asserted, self.same)]
        return hashlib.sha256("\n".join([*parts, self.plan]).encode()).hexdigest()[:12]

    def to_document(self) -> Document:
        """What was learned, as a document of the store."""
        blobs = [part.to_bytes() if part else b"" for part in (self.proven, self.asserted, self.same)]
        sizes, blob = [*map(len, blobs)], b"".join(blobs)
        counts = {name: getattr(self, name) for name in _COUNTS}
        head = {"sizes": sizes, "sum": _sum(sizes, [*counts.values()], blob), **counts}
        return Document(KIND, self.version, json.dumps(head), blob)

    def to_bytes(self) -> bytes:
        """What was learned, as bytes: the heading of its document on a line, and what the model is."""
        document = self.to_document()
        return document.text.encode() + b"\n" + (document.blob or b"")

    @classmethod
    def from_bytes(cls, data: bytes, *, plan: str) -> Learned:
        """What `to_bytes` gave.

        Raises:
            PlanError: the bytes are something else, or were learned under a plan of another version.
        """
        heading, _, blob = data.partition(b"\n")
        found = cls.from_document(Document(KIND, "", heading.decode(errors="replace"), blob))
        if found.plan != plan:
            raise PlanError(
                f"the model was learned under plan {found.plan}, this one is {plan}; open with the same plan"
            )
        return found

    @classmethod
    def from_document(cls, document: Document) -> Learned:
        """What was learned, of a document that holds it.

        Raises:
            PlanError: the document is damaged, or of another release.
        """
        blob = document.blob or b""
        try:
            head = json.loads(document.text)
            sizes = head["sizes"]
            customers, profiles, plan = (head[name] for name in _COUNTS)
            is_whole = head["sum"] == _sum(sizes, [customers, profiles, plan], blob)
            ends = [0, *accumulate(sizes)]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PlanError(_DAMAGED) from error
        if [*map(type, (*sizes, customers, profiles, plan))] != [*[int] * (_PARTS + 2), str]:
            raise PlanError(_DAMAGED)
        if not is_whole or ends[-1] != len(blob) or min(sizes) < 0 or not any(sizes[:2]):
            raise PlanError(_DAMAGED)
        *models, same = (blob[start:end] for start, end in pairwise(ends))
        proven, asserted = (FrozenModel.from_bytes(part) if part else None for part in models)
        return cls(proven, asserted, FrozenTable.from_bytes(same) if same else None, customers, profiles, plan)


_COUNTS, _PARTS = ("customers", "profiles", "plan"), 3
_DAMAGED = "the model is damaged, or of another release; give the bytes that fit gave, whole, or learn anew with fit"


def _sum(sizes: Sequence[int], counts: Sequence[int | str], blob: bytes) -> str:
    """What changes when anything that is kept of a model does."""
    found = hashlib.sha256(json.dumps([*sizes, *counts]).encode())
    found.update(blob)
    return found.hexdigest()


def kept_document(view: Snapshot) -> Document | None:
    """The store's document of what was learned; one that does not open is damaged, and learned anew."""
    try:
        return view.document(KIND)
    except SealedError:
        return Document(KIND, "", "")


def plan_named(heading: str) -> str:
    """The version of the plan that the text of a document names, "" where it is damaged."""
    try:
        return str(json.loads(heading)["plan"])
    except (ValueError, KeyError, TypeError):
        return ""


def learn(profiles: Pivot, customers: pa.Table, plan: Plan, version: str) -> Learned | None:
    """Learn from the tables of a store; None where there are no profiles or no customers to learn from.

    ``version`` is that of the plan as it was given, before it was told what the id column is.

    Raises:
        PlanError: the plan compares by a function that cannot be kept.
    """
    if not (profiles.table.num_rows and customers.num_rows):
        return None
    rows = customers_of(customers, id_column=plan.id, region=plan.region)
    own = ready_for_dedupe(alone(plan), rows)
    models: dict[bool, FrozenModel | None] = {True: None, False: None}
    for proven in models:
        some = profiles.table.filter(pa.array(profiles.proven == proven))
        if some.num_rows:
            models[proven] = _frozen(some, rows, plan, proven=proven)
    same = None
    with suppress(FitError):  # a single customer, say
        same, _ = freeze_table(own, rows.table, rows.schema, LocalEngine(), clusters=True)
    return Learned(models[True], models[False], same, customers.num_rows, profiles.table.num_rows, version)


def _frozen(profiles: pa.Table, rows: Rows, plan: Plan, *, proven: bool) -> FrozenModel:
    told = replace(plan, id=rows.schema.id_column, region=rows.schema.region)
    ready = ready_for_profiles(told, rows)
    found, _ = freeze(ready, profiles, rows.table, rows.schema, LocalEngine(), say=_silent, proven=proven)
    return found


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
