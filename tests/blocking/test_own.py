"""Keys of a caller's own: what their functions are given, and what is said of what they return."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.blocking import Key, encode, own_atoms
from socialmerge.records import KeyFunction

PEOPLE = pa.table(
    {
        "name": ["Ada Lovelace", "ADA  LOVELACE", "Grace Hopper", None, "Grace Kelly"],
        "town": ["Leeds", "York", "York", "York", None],
        "mail": [["ada@example.com", "al@example.com"], ["AL@example.com"], [], None, ["grace@example.com"]],
    }
)
FIELDS = (sm.name("name"), sm.category("town"), sm.email("mail"))


def initials(names: Sequence[str]) -> list[str]:
    return ["".join(word[0] for word in name.split()) for name in names]


def found(*fields: str, by: KeyFunction | str) -> list[tuple[int, int]]:
    pairs = sm.blocking.candidate_pairs(PEOPLE, keys=[sm.key(*fields, by=by)], fields=FIELDS)
    return list(zip(*(column.to_pylist() for column in pairs.columns), strict=True))


def given_to(*fields: str) -> list[tuple[object, ...]]:
    """What a function of these fields sees, sorted."""
    seen: list[tuple[object, ...]] = []

    def spy(*values: Sequence[str]) -> list[None]:
        seen.extend(zip(*values, strict=True))
        return [None] * len(values[0])

    own_atoms([Key(fields, spy)], encode(PEOPLE, fields=FIELDS).features)
    return sorted(seen)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name under which a plan may import the functions of this file."""
    monkeypatch.setitem(sys.modules, "our_keys", sys.modules[__name__])
    return "our_keys"


def test_rows_whose_function_agrees_are_a_pair(own: str) -> None:
    assert found("name", by=initials) == [(0, 1)]
    assert found("name", by=f"{own}:initials") == [(0, 1)]
    assert found("name", by=lambda names: [name[0] for name in names]) == [(0, 1), (2, 4)]


def test_a_function_is_given_each_match_key_once() -> None:
    assert given_to("town") == [("leeds",), ("york",)]
    assert given_to("name") == [("ada lovelace",), ("grace hopper",), ("grace kelly",)]
    assert given_to("name.family") == [("hopper",), ("kelly",), ("lovelace",)]


def test_several_values_of_a_row_are_given_each() -> None:
    assert given_to("mail") == [("ada@example.com",), ("al@example.com",), ("grace@example.com",)]
    assert given_to("mail", "town") == [
        ("ada@example.com", "leeds"), ("al@example.com", "leeds"), ("al@example.com", "york"),
    ]  # fmt: skip
    assert found("mail", by=lambda mails: [mail[:2] for mail in mails]) == [(0, 1)]


def test_a_row_that_lacks_one_of_the_values_has_no_key() -> None:
    assert given_to("name", "town") == [("ada lovelace", "leeds"), ("ada lovelace", "york"), ("grace hopper", "york")]
    assert found("name", "town", by=lambda names, towns: ["all"] * len(names)) == [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize("none", [None, "", [], [None], ["", None]])
def test_no_key_is_no_pair(none: object) -> None:
    assert found("town", by=lambda towns: [none if town == "leeds" else town for town in towns]) == [
        (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip
    assert found("town", by=lambda towns: [none] * len(towns)) == []


def test_a_value_may_have_several_keys_and_a_pair_that_shares_two_comes_out_once() -> None:
    halves = {"leeds": ["north", "all", "all"], "york": ("north", "all", None)}
    everyone = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert found("town", by=lambda towns: [halves[town] for town in towns]) == everyone
    assert found("town", by=lambda towns: [{"a", "b"} for _ in towns]) == everyone


@pytest.mark.parametrize(
    "kind", [np.array, pa.array, pl.Series, tuple, list], ids=["numpy", "arrow", "polars", "tuple", "list"]
)
def test_keys_may_come_as_any_array(kind: KeyFunction) -> None:
    assert found("name", by=lambda names: kind([name[0] for name in names])) == [(0, 1), (2, 4)]


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda towns: "leeds", "a str"),
        (lambda towns: None, "a NoneType"),
        (lambda towns: 5, "a int"),
        (lambda towns: (town for town in towns), "a generator"),
        (lambda towns: ["leeds"], "1 of them"),
        (lambda towns: [*towns, "more"], "3 of them"),
        (lambda towns: [len(town) for town in towns], "a int for value 1"),
        (lambda towns: ["a", 5.0], "a float for value 2"),
        (lambda towns: ["a", ["b", 5]], "a list for value 2"),
        (lambda towns: np.array([[1, 2], [3, 4]]), "a list for value 1"),
    ],
)
def test_anything_but_keys_is_refused(returned: KeyFunction, said: str) -> None:
    with pytest.raises(sm.PlanError) as raised:
        found("town", by=returned)
    assert str(raised.value) == (
        "key '<lambda>(town)': by='<lambda>' must return, for each of the 2 values it is given, a text, a list of "
        f"texts, or None for no key; it returned {said}"
    ).replace("<lambda>", sm.blocking.references.called(returned))


def test_too_many_keys_of_a_row_are_refused() -> None:
    with pytest.raises(sm.PlanError, match=r"gives a row up to 40 keys; at most 16 can be used"):
        found("town", by=lambda towns: [[str(number) for number in range(40)] for _ in towns])


def test_two_functions_of_one_name_are_told_apart_by_the_caller() -> None:
    keys = [sm.key("town", by=lambda towns: towns), sm.key("town", by=lambda towns: [town[0] for town in towns])]
    assert str(keys[0]) == str(keys[1])
    with pytest.raises(sm.PlanError, match=r"two keys are called '.*'; give their functions different names"):
        sm.blocking.candidate_pairs(PEOPLE, keys=keys, fields=FIELDS)


def test_a_field_that_is_not_there_is_named() -> None:
    with pytest.raises(sm.PlanError, match=r"'twon' is not a field with values; fields are mail, name, name.family"):
        found("twon", by=initials)
    with pytest.raises(sm.PlanError, match=r"keys\[0\] uses unknown field 'twon'; did you mean 'town'"):
        sm.Plan(fields=FIELDS, keys=(sm.key("twon", by=initials),))


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("our_keys:nothing", r"by='our_keys:nothing' is not there \(AttributeError\)"),
        ("no_such_package:keys", r"is not there \(ModuleNotFoundError\)"),
        ("our_keys:PEOPLE", r"by='our_keys:PEOPLE' is a Table, not a function"),
    ],
)
def test_a_reference_to_nothing_is_named(own: str, by: str, message: str) -> None:
    with pytest.raises(sm.PlanError, match=message):
        found("town", by=by)
    with pytest.raises(sm.PlanError, match=r"by='initials' must name a function as 'package.module:function'"):
        sm.key("town", by="initials")


def test_a_field_without_values_finds_nothing_and_the_run_goes_on() -> None:
    table = PEOPLE.set_column(1, "town", pa.nulls(5, pa.string())).append_column("id", pa.array(list("abcde")))
    plan = sm.Plan(fields=FIELDS, keys=(sm.key("town", by=initials), sm.key("name", by=initials)))
    result = sm.dedupe(table, plan=plan)
    assert result.candidates == 1
    assert any(said.startswith("key ") and "initials(town)' finds no pairs" in said for said in result.warnings)


def test_an_analysis_counts_the_pairs_of_an_own_key() -> None:
    analysed = sm.blocking.analyse(PEOPLE, [sm.key("name", by=initials)], fields=FIELDS).keys[0]
    assert analysed.built is not None
    assert analysed.built.pairs == 1
    assert "initials(name)" in str(analysed.key)


def test_own_keys_pair_the_rows_of_two_tables() -> None:
    left = pa.table({"who": ["G. Hopper", "A. Turing"]})
    pairs = sm.blocking.candidate_pairs(
        left, PEOPLE, keys=[sm.key("name", by=initials)], fields=(sm.name("name", left="who"),)
    )
    assert pairs.to_pylist() == [{"left_row": 0, "right_row": 2}]


TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["ab", "ac", "b", "bc d", "x"])), min_size=2, max_size=12)
KEYS = st.one_of(st.none(), st.sampled_from("pqr"), st.lists(st.sampled_from(["p", "q", "r", ""]), max_size=4))


@given(TEXTS, st.data())
def test_pairs_are_exactly_the_rows_that_share_a_key(rows: list[str | None], data: st.DataObject) -> None:
    keys = {text: data.draw(KEYS) for text in {row for row in rows if row}}
    table = pa.table({"v": pa.array(rows, pa.string())})
    try:
        pairs = sm.blocking.candidate_pairs(
            table, keys=[sm.key("v", by=lambda values: [keys[value] for value in values])], fields=(sm.category("v"),)
        )
    except sm.SchemaError:
        assert not any(rows)
        return
    sets = [set(keys.get(row) or ()) - {""} for row in rows]
    expected = {(i, j) for j in range(len(rows)) for i in range(j) if sets[i] & sets[j]}
    assert {(one["left_row"], one["right_row"]) for one in pairs.to_pylist()} == expected
    assert pairs.num_rows == len(expected)
