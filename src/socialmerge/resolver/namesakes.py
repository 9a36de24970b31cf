"""Namesakes: a customer's row and a profile with one source and one id, which are two records all the same.

A system may be called as a channel is (*web*), and whoever owns an export can give its rows no other ids. Whoever comes
where a customer's row is there has another source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import StoreError, amount
from socialmerge.merging.arrays import whole
from socialmerge.resolver.intake import Intake
from socialmerge.resolver.pivot import Pivot

__all__ = [
    "APART",
    "intake_apart",
    "intake_of_namesake",
    "is_of_customers",
    "profiles_apart",
    "refuse_clashes",
    "sources_apart",
]

APART = "-profile"
"""What stands behind the source of a profile whose name a customer's row has."""


def sources_apart(sources: pa.Array, ids: pa.Array, customers: Pivot) -> pa.Array:
    """The sources of some profiles, another one where a customer's row has the source and the id."""
    if not set(pc.unique(sources).to_pylist()) & set(pc.unique(customers.sources).to_pylist()):
        return sources
    same = pc.equal(customers.sources.take(pc.index_in(ids, customers.ids)), sources)
    return pc.if_else(pc.fill_null(same, fill_value=False), pc.binary_join_element_wise(sources, APART, ""), sources)


def intake_apart(profiles: Intake, customers: Pivot) -> Intake:
    """Profiles on their way in, each with a name that no customer's row has."""
    return _named(profiles, lambda sources, ids: sources_apart(sources, ids, customers))


def intake_of_namesake(profiles: Intake) -> Intake:
    """Profiles on their way in whose names customers' rows have."""
    return _named(profiles, lambda sources, _: pc.binary_join_element_wise(sources, APART, ""))


def _named(profiles: Intake, named: Callable[[pa.Array, pa.Array], pa.Array]) -> Intake:
    tables = {}
    for name in ("records", "claims", "observations", "identifiers"):
        table = getattr(profiles, name)
        sources, ids = (whole(table[column]) for column in ("source", "record_id"))
        tables[name] = table.set_column(table.schema.get_field_index("source"), "source", named(sources, ids))
    return replace(profiles, **tables)


def profiles_apart(profiles: Pivot, customers: Pivot) -> Pivot:
    """Profiles that are tried, named as they would be in the store."""
    return replace(profiles, sources=sources_apart(profiles.sources, profiles.ids, customers))


def is_of_customers(intake: Intake) -> bool:
    """Whether rows on their way in are customers'; of none it does not matter."""
    return bool(intake.records.num_rows) and intake.records["kind"][0].as_py() == "customer"


def refuse_clashes(intake: Intake, customers: Pivot, profiles: Pivot) -> None:
    """Raise where an id of a row is that of another source's row of the same kind, or where a profile has a row's name.

    Raises:
        StoreError: there is such a row.
    """
    kind = "customer" if is_of_customers(intake) else "profile"
    ids, sources = (whole(intake.records[name]) for name in ("record_id", "source"))
    known = customers if kind == "customer" else profiles
    if clashes := _count(pc.not_equal(known.sources.take(pc.index_in(ids, known.ids)), sources)):
        told = amount(clashes, "id is that", "ids are those")
        raise StoreError(f"{kind}s: {told} of rows of another source; put the source before them, as in 'shop:7'")
    if kind != "customer":
        return
    if clashes := _count(pc.equal(profiles.sources.take(pc.index_in(ids, profiles.ids)), sources)):
        told = amount(
            clashes, "row has the source and the id of a profile", "rows have the sources and ids of profiles"
        )
        raise StoreError(
            f"customers: {told} that the store has; leave 'source' out of the policy, or let it name a column whose "
            "words are no channel's"
        )


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)
