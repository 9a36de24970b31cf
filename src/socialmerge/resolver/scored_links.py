"""The machine's links as the store keeps them, read back: pairs of rows, and a verdict for each profile."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, as_mask
from socialmerge.merging.identities import Links
from socialmerge.records import Assurance, Verdict
from socialmerge.store.database import damaged

__all__ = ["links_of", "rows_of"]


def links_of(table: pa.Table, rows: Mapping[tuple[str, str], int]) -> Links:
    """Links by rows; ``table`` is one of ``store.links_schema``."""
    weight = np.asarray(table["weight"].to_numpy(), np.float64)
    verified = as_mask(pc.equal(table["assurance"], Assurance.VERIFIED.value))
    return Links(_ends(table, "left", rows), _ends(table, "right", rows), weight, verified)


def _ends(table: pa.Table, side: str, rows: Mapping[tuple[str, str], int]) -> Ints:
    names = zip(table[f"{side}_source"].to_pylist(), table[f"{side}_id"].to_pylist(), strict=True)
    try:
        return np.array([rows[name] for name in names], np.int64)
    except KeyError:  # it would say which
        raise damaged("links: the record of one") from None


def rows_of(table: pa.Table) -> list[dict[str, object]]:
    """What the links say of the profiles that have a customer, as rows of ``decisions_schema``; the others are new."""
    asked = pc.or_(pc.equal(table["verdict"], Verdict.REVIEW.value), pc.is_valid(table["assurance"]))
    return [
        {
            "profile_id": row["left_id"],
            "customer_id": row["right_id"],
            **{name: row[name] for name in ("verdict", "probability", "weight", "assurance", "evidence")},
        }
        for row in table.filter(asked).to_pylist()
    ]
