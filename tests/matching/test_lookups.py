"""Lookups: which customers a profile finds."""

from __future__ import annotations

import pyarrow as pa
import pytest

from socialmerge.matching.lookups import MOST_CUSTOMERS, candidates
from socialmerge.matching.sides import customer_side, profile_side
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Column

COLUMNS = (
    Column("first", Kind.NAME, "given"),
    Column("last", Kind.NAME, "family"),
    Column("mail", Kind.EMAIL),
    Column("twitter", Kind.ACCOUNT, "handle", "x"),
)
CUSTOMERS = pa.table(
    {
        "first": ["Robert", "Grace", "Alan"],
        "last": ["Lovelace", "Hopper", "Turing"],
        "mail": ["robert@example.com", "amazing.grace@example.com", None],
        "twitter": [None, None, "enigma_fan"],
    }
)


def found(**row: object) -> list[int]:
    profile = pa.Table.from_pylist([{"profile_id": "p", "channel": "github", **row}], schema=profiles_schema())
    left, right = candidates(profile_side(profile), customer_side(CUSTOMERS, COLUMNS))
    assert set(left.tolist()) <= {0}
    assert len(set(right.tolist())) == len(right)
    return right.tolist()


@pytest.mark.parametrize(
    "row",
    [
        {"display_name": "Robert Lovelace"},
        {"display_name": "Lovelace Robert"},
        {"display_name": "Bob Lovelace"},
        {"display_name": "R. Lovelace"},
        {"handle": "robertlovelace"},
        {"handle": "rlovelace42"},
        {"handle": "the-lovelace"},
        {"emails": ["robert@example.com"]},
    ],
)
def test_a_profile_finds_its_customer(row: dict[str, object]) -> None:
    assert 0 in found(**row)


def test_a_handle_finds_the_same_handle_on_another_channel() -> None:
    assert found(handle="enigma-fan") == [2]


def test_a_stranger_finds_nobody() -> None:
    assert found(handle="zzqqyy", display_name="Zed Quux") == []
    assert found() == []


def test_a_family_name_of_too_many_is_not_looked_up_alone() -> None:
    rows = MOST_CUSTOMERS + 1
    many = pa.table({"first": [f"Given{n:03d}" for n in range(rows)], "last": ["Lovelace"] * rows})
    profile = pa.Table.from_pylist(
        [{"profile_id": "p", "channel": "x", "display_name": "Zed Lovelace"}], schema=profiles_schema()
    )
    left, _ = candidates(profile_side(profile), customer_side(many, COLUMNS[:2]))
    assert len(left) == 0
