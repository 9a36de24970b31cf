"""Signs that a profile is not what it seems."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from socialmerge.matching.cautions import pair_cautions, profile_cautions
from socialmerge.matching.chain import Sign
from socialmerge.matching.reasons import Caution
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Column

TWITTER = (Column("twitter", Kind.ACCOUNT, "handle", "x"),)
ZERO = np.zeros(1, np.int64)


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist([{"profile_id": str(n), **row} for n, row in enumerate(rows)], schema=profiles_schema())


def of_profile(**row: object) -> Caution:
    return Caution(int(profile_cautions(table(row))[0]))


def of_pair(handle: str | None, theirs: str | None, *, channel: str = "x", signs: int = 0) -> Caution:
    customers = pa.table({"twitter": pa.array([theirs], pa.string())})
    found = pair_cautions(
        table({"channel": channel, "handle": handle}), customers, TWITTER, left=ZERO, right=ZERO, signs=ZERO + signs
    )
    return Caution(int(found[0]))


@pytest.mark.parametrize(
    ("row", "caution"),
    [
        ({"display_name": "Ada Lovelace"}, Caution(0)),
        ({"display_name": "Ada Lovelace Official"}, Caution.CLAIM),
        ({"handle": "ada_support"}, Caution.CLAIM),
        ({"bio": "A parody. Not affiliated with anybody."}, Caution.CLAIM),
        ({"bio": "I support the arts"}, Caution(0)),
        ({"is_person": False}, Caution.NOT_A_PERSON),
        ({"is_person": True}, Caution(0)),
        ({"display_name": "Acme Widgets Ltd"}, Caution.ORGANISATION_WORDS),
        ({}, Caution(0)),
    ],
)
def test_what_a_profile_says_of_itself(row: dict[str, object], caution: Caution) -> None:
    assert of_profile(**row) == caution


@pytest.mark.parametrize(
    ("handle", "theirs", "caution"),
    [
        ("ada_lovelace", "ada_lovelace", Caution(0)),
        ("@Ada_Lovelace", "https://twitter.com/ada_lovelace", Caution(0)),
        ("ada_l0velace", "ada_lovelace", Caution.LOOKALIKE),
        ("grace", "ada_lovelace", Caution(0)),
        (None, "ada_lovelace", Caution(0)),
        ("ada_lovelace", None, Caution(0)),
    ],
)
def test_a_handle_that_looks_like_the_customers(handle: str | None, theirs: str | None, caution: Caution) -> None:
    assert of_pair(handle, theirs) == caution


def test_a_look_on_another_channel_is_no_sign() -> None:
    assert of_pair("ada-l0velace", "ada_lovelace", channel="github") == Caution(0)


def test_a_stable_id_that_conflicts_is_a_sign() -> None:
    assert of_pair("ada_lovelace", "ada_lovelace", signs=int(Sign.ID_CONFLICT)) == Caution.ID_CONFLICT
