"""Made-up customers and their profiles."""

from typing import Any

import pyarrow as pa

from socialmerge import Resolver
from socialmerge.merging import Golden

CUSTOMERS: list[dict[str, Any]] = [
    {"id": "c1", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "", "created_at": "2020-01-01"},
    {
        "id": "c2",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "202-555-0143",
        "created_at": "2021-01-01",
    },
    {"id": "c3", "name": "Grace Hopper", "email": "grace@example.com", "phone": "", "created_at": "2020-02-01"},
    {"id": "c4", "name": "Mary Somerville", "email": "mary@example.com", "phone": "", "created_at": "2020-03-01"},
    {"id": "c5", "name": "Emmy Noether", "email": "emmy@example.com", "phone": "", "created_at": "2020-04-01"},
]
PROFILES: list[dict[str, Any]] = [
    {"profile_id": "p1", "channel": "github", "handle": "adalovelace", "display_name": "Ada Lovelace",
     "emails": ["ada@example.com"], "bio": "Engines"},
    {"profile_id": "p2", "channel": "github", "handle": "ghopper", "display_name": "Grace Hopper",
     "emails": ["grace@example.com"], "bio": "Compilers"},
    {"profile_id": "p3", "channel": "x", "handle": "stranger99", "display_name": "Someone Else",
     "emails": ["stranger@example.com"]},
]  # fmt: skip


def customers(*ids: str) -> pa.Table:
    """Some of the customers, or all."""
    return pa.Table.from_pylist([row for row in CUSTOMERS if not ids or row["id"] in ids])


def profiles(*ids: str) -> list[dict[str, Any]]:
    """Some of the profiles, or all."""
    return [row for row in PROFILES if not ids or row["profile_id"] in ids]


def stated(resolver: Resolver, golden: Golden | None = None) -> dict[str, list[Any]]:
    """All that a resolver says, as plain values; ``golden`` are its golden records, where they are at hand."""
    golden = golden or resolver.golden()
    return {
        "clusters": resolver.clusters.to_pylist(),
        "decisions": resolver.decisions.to_pylist(),
        "records": golden.records.to_pylist(),
        "provenance": golden.provenance.to_pylist(),
        "conflicts": golden.conflicts.to_pylist(),
    }
