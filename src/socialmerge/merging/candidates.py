"""The candidates of one field: what a choice is made among."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from socialmerge.merging.arrays import Ints, Mask

__all__ = ["Candidates"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The claims of one field of some entities, as arrays side by side.

    ``same`` has equal codes where values are equal at a glance; ``claim`` ranks claim ids; ``source`` is an index into
    ``sources``; ``row`` tells records apart; ``seen`` and ``first`` are when a value was seen last and first;
    ``is_past`` marks what a row says no more; ``as_of`` is the moment at which trust is asked for, if it is given.
    """

    entity: Ints
    row: Ints
    value: pa.Array
    same: Ints
    standing: Ints
    trust: Ints
    seen: Ints
    first: Ints
    is_past: Mask
    source: Ints
    admission: Ints
    claim: Ints
    sources: Sequence[str]
    as_of: int | None = None

    def __len__(self) -> int:
        return len(self.entity)

    def take(self, at: Ints) -> Candidates:
        """Give the candidates at these places."""
        return Candidates(
            self.entity[at],
            self.row[at],
            self.value.take(pa.array(at)),
            self.same[at],
            self.standing[at],
            self.trust[at],
            self.seen[at],
            self.first[at],
            self.is_past[at],
            self.source[at],
            self.admission[at],
            self.claim[at],
            self.sources,
            self.as_of,
        )
