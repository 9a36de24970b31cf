"""Analysing block keys before a run."""

from __future__ import annotations

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.errors import PlanError, SchemaError

PEOPLE = pa.table(
    {
        "id": [str(number) for number in range(400)],
        "full_name": [f"{'Ada' if number % 2 else 'Bea'} Family{number // 4}" for number in range(400)],
        "mail": [f"person{number // 2}@example.com" for number in range(400)],
        "town": ["Springfield"] * 200 + ["Shelbyville"] * 200,
    }
)


def test_pairs_and_new_pairs_of_each_key_are_counted() -> None:
    found = sm.blocking.analyse(PEOPLE, [sm.key("mail"), sm.key("mail", "mail.local")], fields=(sm.email("mail"),))
    first, second = (one.built for one in found.keys)
    assert first is not None
    assert second is not None
    assert (first.pairs, first.new_pairs, first.largest_block) == (200, 200, 2)
    assert (second.pairs, second.new_pairs) == (200, 0)


def test_recall_grows_with_the_keys_and_the_table_prints() -> None:
    found = sm.blocking.analyse(PEOPLE)
    recall = [one.expected_recall for one in found.keys]
    assert recall == sorted(recall)
    assert "400 rows" in str(found)
    assert "recall" in str(found)


def test_a_key_that_would_be_too_big_is_warned_of_by_name() -> None:
    budget = sm.blocking.Budget(pairs_per_row=1, block_rows=500, least_pairs=100)
    found = sm.blocking.analyse(PEOPLE, [sm.key("town")], fields=(sm.category("town"),), budget=budget)
    assert found.keys[0].built is None
    assert (
        "key 'town' alone would bring about 39,800 pairs, and the budget is 400; add an atom to it" in found.warnings[0]
    )
    assert "not built" in str(found)


def test_an_unknown_key_and_an_empty_table_say_so() -> None:
    with pytest.raises(PlanError, match="'tel' is neither a field with values nor an atom"):
        sm.blocking.analyse(PEOPLE, [sm.key("tel")])
    with pytest.raises(SchemaError, match="nothing to block on"):
        sm.blocking.analyse(PEOPLE.slice(0, 0), fields=(sm.email("mail"),))
