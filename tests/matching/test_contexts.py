"""Contexts: no evidence is counted twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

import socialmerge as sm
from socialmerge.matching.compare import compare, prepare
from socialmerge.matching.explain import said_of
from socialmerge.normalise.features import build

PEOPLE = pa.table(
    {
        "first": ["Ada", "Ada", "Ada", "Zed"],
        "last": ["Lovelace", "Lovelace", "Lovelace", "Quux"],
        "mail": ["ada.lovelace@example.com", "ada.lovelace@example.com", "q7@example.org", "w9@example.net"],
        "city": ["Leeds", "Leeds", "York", "Bath"],
        "postcode": ["LS1 4AP", "LS1 4AP", "YO1 7HH", "BA1 1AA"],
    }
)
FIELDS = (sm.name(given="first", family="last"), sm.place(city="city", postcode="postcode"), sm.email("mail"))


def said(left: int, right: int) -> dict[str, str]:
    comparers = prepare(build(FIELDS, PEOPLE))
    states = compare(comparers, np.array([left], np.int32), np.array([right], np.int32)).states[:, 0].tolist()
    return {c.feature.name: said_of(c, state - 1) for c, state in zip(comparers, states, strict=True) if state}


def test_a_town_is_weighed_by_what_the_postcode_said() -> None:
    assert said(0, 1)["place.city"] == "exact (earlier parts agree)"
    assert said(0, 3)["place.city"] == "different (earlier parts differ)"


def test_addresses_made_of_one_name_are_weighed_apart() -> None:
    assert said(0, 1)["mail"] == "exact (both made of the same name)"
    assert said(0, 2)["mail"] == "different"


def test_what_an_earlier_part_explains_is_not_rare_again() -> None:
    comparers = prepare(build(FIELDS, PEOPLE))
    row = next(row for row, comparer in enumerate(comparers) if comparer.feature.name == "place.city")
    assert compare(comparers, np.array([0], np.int32), np.array([1], np.int32)).rarity[row, 0] == 0
