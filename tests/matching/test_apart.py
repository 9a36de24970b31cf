"""Pairs that may teach a feature: those that a key without it found."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

import socialmerge as sm
from socialmerge.blocking import Key, make_atoms
from socialmerge.matching.apart import found_apart, numbered, shared_atoms, teaching
from socialmerge.matching.compare import compare, prepare
from socialmerge.matching.patterns import patterns
from socialmerge.normalise.features import build

PEOPLE = pa.table(
    {
        "name": ["Ada Lovelace", "Ada Lovelace", "Ada Lovelace", "Bob Stone", "Cy Marsh"],
        "mail": ["a@example.com", "a@example.com", "b@example.com", "a@example.com", "c@example.com"],
        "town": ["Boise", "Boise", "Salem", "Tulsa", "Boise"],
    }
)
FEATURES = build((sm.name("name"), sm.email("mail"), sm.text("town")), PEOPLE)
LEFT, RIGHT = np.zeros(4, np.int32), np.arange(1, 5, dtype=np.int32)


def apart(*keys: Key) -> dict[str, list[bool]]:
    """For each feature which of the pairs of row 0 and each other row a key without it found."""
    comparers, atoms = prepare(FEATURES), make_atoms(FEATURES)
    found = found_apart(comparers, atoms, numbered(atoms, keys), shared_atoms(atoms, LEFT, RIGHT))
    return {one.feature.name: row for one, row in zip(comparers, found.tolist(), strict=True)}


def test_a_feature_is_apart_from_the_keys_that_are_made_of_it() -> None:
    found = apart(Key(("mail",)), Key(("name.given", "name.family")))
    assert found["mail"] == [True, True, False, False]
    assert found["name.given"] == found["name.family"] == [True, False, True, False]
    assert found["town"] == [True, True, True, False]


def test_the_whole_name_is_made_of_both_its_parts() -> None:
    found = apart(Key(("name.names",)))
    assert found["name.given"] == found["name.family"] == [False] * 4
    assert found["mail"] == [True, True, False, False]


def test_a_feature_that_is_in_every_key_learns_from_all_pairs() -> None:
    found = np.array([[False, True, False], [False, False, False]])
    assert teaching(found).tolist() == [[False, True, False], [True, True, True]]


def test_each_feature_counts_its_own_pairs() -> None:
    comparers = prepare(FEATURES)
    compared = compare(comparers, LEFT, RIGHT)
    some = np.ones((len(comparers), 4), bool)
    some[-1] = [False, True, True, False]
    found = patterns(comparers, compared, 1.0, some)
    every, mine = (counts(np.ones(len(found.count)) * found.count) for counts in (found.counts, found.counts_apart))
    for one, other in zip(every[:-1], mine[:-1], strict=True):
        assert one.tolist() == other.tolist()
    assert every[-1].sum() == 4
    assert mine[-1].sum() == 2
    assert mine[-1][-1] == 0  # the town agrees only in pairs that a key of it found
