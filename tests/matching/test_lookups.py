"""Lookups: which customers a profile finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.chain_tables import ChainTables
from socialmerge.matching.lookups import FEW, MOST_BY_PART, MOST_CUSTOMERS, candidates
from socialmerge.matching.sides import customer_side, profile_side
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Column

Ints = npt.NDArray[np.int64]

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
    left, right = candidates(ChainTables.of(profile_side(profile), customer_side(CUSTOMERS, COLUMNS)))
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
    assert len(lookups([{"display_name": "Zed Lovelace"}], many)) == 0


def test_a_part_of_a_handle_that_too_many_have_is_not_looked_up() -> None:
    for rows, expected in ((MOST_BY_PART, MOST_BY_PART), (MOST_BY_PART + 1, 0)):
        many = pa.table({"first": [f"Given{n:03d}" for n in range(rows)], "last": ["Lovelace"] * rows})
        assert len(lookups([{"handle": "thelovelace"}], many)) == expected


def test_among_many_customers_a_relative_is_no_candidate_and_a_slip_of_the_pen_is() -> None:
    rows = FEW + 1
    many = pa.table({"first": [f"Given{n % 97}" for n in range(rows)], "last": [f"Family{n}" for n in range(rows)]})
    named = pa.table({"first": ["Robert", "Otto", "Robert"], "last": ["Lovelace", "Lovelace", "Turing"]})
    found = lookups([{"display_name": "Robret Lovelace"}], pa.concat_tables([named, many]))
    assert found.tolist() == [0]


def test_the_order_of_the_rows_changes_no_pair() -> None:
    profiles = [{"display_name": "Bob Lovelace", "handle": "amazing.grace"}, {"handle": "enigma_fan"}]
    forward = lookups(profiles, CUSTOMERS, COLUMNS).tolist()
    backward = lookups(profiles[::-1], CUSTOMERS.take(pa.array([2, 1, 0])), COLUMNS).tolist()
    assert sorted(forward) == sorted(2 - row for row in backward) == [0, 1, 2]


def lookups(profiles: list[dict[str, object]], customers: pa.Table, columns: Sequence[Column] = COLUMNS[:2]) -> Ints:
    """The customers that some profiles find."""
    rows = [{"profile_id": f"p{number}", "channel": "x", **row} for number, row in enumerate(profiles)]
    one: ChainSide = profile_side(pa.Table.from_pylist(rows, schema=profiles_schema()))
    return candidates(ChainTables.of(one, customer_side(customers, columns)))[1]
