"""Candidate pairs: each once, of the right sides, no more than the cap allows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.blocking import (
    Atom,
    Budget,
    Candidates,
    Key,
    build_pairs,
    choose_keys,
    keys,
    make_atoms,
    others,
    pairs,
    sample_others,
)
from socialmerge.blocking.keys import resolve
from socialmerge.errors import PlanError
from socialmerge.normalise.features import build


def atom(name: str, *slots: list[int]) -> Atom:
    return Atom(name, name, "code", "", np.array(slots, np.int32), (1.0, 0.0, 0.0))


def pairs_of(found: Candidates) -> list[tuple[int, int]]:
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def textbook(keys: list[list[list[int]]], rows: int, left_rows: int) -> set[tuple[int, int]]:
    """Every pair of rows that shares a value of any key, by looking at all pairs."""
    return {
        (one, other)
        for one in range(left_rows or rows)
        for other in range(max(one + 1, left_rows), rows)
        for slots in keys
        if {slot[one] for slot in slots} & {slot[other] for slot in slots} - {-1}
    }


codes = st.integers(-1, 4)


@st.composite
def keyed_rows(draw: st.DrawFn) -> tuple[list[list[list[int]]], int, int]:
    rows = draw(st.integers(2, 12))
    slot = st.lists(codes, min_size=rows, max_size=rows)
    keys = draw(st.lists(st.lists(slot, min_size=1, max_size=3), min_size=1, max_size=3))
    return keys, rows, draw(st.integers(0, rows - 1))


@given(keyed_rows())
def test_the_pairs_of_keys_are_those_that_share_a_value_each_once(
    drawn: tuple[list[list[list[int]]], int, int],
) -> None:
    keys, rows, left_rows = drawn
    atoms = [atom(f"a{number}", *slots) for number, slots in enumerate(keys)]
    found = pairs_of(build_pairs(atoms, [Key((one.name,)) for one in atoms], left_rows, Budget()))
    assert len(found) == len(set(found))
    assert set(found) == textbook(keys, rows, left_rows)


@given(st.lists(st.tuples(codes, codes), min_size=2, max_size=12))
def test_a_key_of_two_atoms_needs_both(rows: list[tuple[int, int]]) -> None:
    atoms = [atom("a", [one for one, _ in rows]), atom("b", [other for _, other in rows])]
    found = pairs_of(build_pairs(atoms, [Key(("a", "b"))], 0, Budget()))
    assert set(found) == {
        (i, j) for i in range(len(rows)) for j in range(i + 1, len(rows)) if rows[i] == rows[j] and -1 not in rows[i]
    }


def test_two_tables_give_no_pair_within_one_side() -> None:
    found = build_pairs([atom("a", [0, 0, 0, 0, 0])], [Key(("a",))], 2, Budget())
    assert pairs_of(found) == [(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4)]


def test_a_block_over_the_cap_is_split_by_another_atom() -> None:
    atoms = [atom("office", [0] * 300), atom("person", [row // 2 for row in range(300)])]
    found = build_pairs(atoms, [Key(("office",))], 0, Budget(block_rows=10))
    assert set(pairs_of(found)) == {(row, row + 1) for row in range(0, 300, 2)}
    report = found.reports[0]
    assert (report.largest_block, report.split_rows, report.dropped_rows) == (300, 300, 0)


def test_rows_that_nothing_tells_apart_are_dropped_and_counted() -> None:
    found = build_pairs([atom("office", [0] * 30 + [1, 1])], [Key(("office",))], 0, Budget(block_rows=10))
    assert pairs_of(found) == [(30, 31)]
    assert found.reports[0].dropped_rows == 30


def test_dropped_rows_are_a_warning_of_the_run() -> None:
    rows = 500
    table = pa.table({"id": [str(row) for row in range(rows)], "desk": ["7"] * (rows - 1) + ["8"]})
    found = sm.dedupe(table, plan=sm.Plan(fields=(sm.code("desk"),), keys=(sm.key("desk"),)))
    assert found.warnings[-1] == (
        "key 'desk': 499 rows share a value with so many others that no further value tells them apart; "
        "their pairs come from other keys only"
    )


def test_a_key_says_how_many_pairs_were_new() -> None:
    atoms = [atom("a", [0, 0, 1]), atom("b", [0, 0, 0])]
    reports = build_pairs(atoms, [Key(("a",)), Key(("b",))], 0, Budget()).reports
    assert [(report.key, report.pairs, report.new_pairs) for report in reports] == [("a", 1, 1), ("b", 3, 2)]


def test_a_sample_of_other_pairs_holds_no_candidate_and_no_pair_within_a_side() -> None:
    candidates = build_pairs([atom("a", [0, 1, 0, 1, 2])], [Key(("a",))], 2, Budget())
    left, right = sample_others(candidates, 5, 2, size=500, seed=1)
    assert len(left)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == {(0, 3), (0, 4), (1, 2), (1, 4)}


def test_one_seed_gives_one_sample() -> None:
    none = Candidates(np.empty(0, np.int32), np.empty(0, np.int32), ())
    one, other = (sample_others(none, 100, 0, size=50, seed=3) for _ in range(2))
    assert [part.tolist() for part in one] == [part.tolist() for part in other]


PEOPLE = pa.table(
    {
        "full_name": ["Ada Lovelace", "Lovelace Ada", "Grace Hopper", "Alan Turing"],
        "mail": ["ada@example.com", "ada@example.org", None, "alan@example.com"],
        "tel": [None, None, None, None],
    }
)


def test_a_key_may_name_a_field_or_an_atom() -> None:
    features = build((sm.name("full_name"), sm.email("mail")), PEOPLE)
    atoms = make_atoms(features)
    assert resolve(sm.key("mail"), atoms, features) == sm.key("mail")
    assert resolve(sm.key("mail.local"), atoms, features) == sm.key("mail.local")
    assert resolve(sm.key("full_name"), atoms, features) == sm.key("full_name.names")


def test_a_name_as_a_key_survives_a_swap_of_its_parts() -> None:
    features = build((sm.name("full_name"),), pa.table({"full_name": ["Ada Lovelace", "Lovelace Ada", "Grace Hopper"]}))
    found = build_pairs(make_atoms(features), [Key(("full_name.names",))], 0, Budget())
    assert pairs_of(found) == [(0, 1)]


def test_a_key_of_an_unknown_atom_says_which_atoms_there_are() -> None:
    features = build((sm.email("mail"),), PEOPLE)
    with pytest.raises(
        PlanError, match=r"'mail.year' is neither a field with values nor an atom; atoms are mail, mail"
    ):
        resolve(sm.key("mail", "mail.year"), make_atoms(features), ())


def test_keys_are_chosen_within_the_budget() -> None:
    rng = np.random.default_rng(1)
    rows = 3_000
    table = pa.table(
        {
            "given": [f"name{n}" for n in rng.integers(0, 40, rows)],
            "family": [f"fam{n}" for n in rng.integers(0, 400, rows)],
            "mail": [f"u{n}@example.com" for n in range(rows)],
        }
    )
    atoms = make_atoms(build((sm.name(given="given", family="family"), sm.email("mail")), table))
    budget = Budget(pairs_per_row=5, least_pairs=0)
    choice = choose_keys(atoms, rows, 0, budget)
    assert sum(choice.expected_pairs) <= 5 * rows
    assert 0 < choice.expected_recall <= 1
    assert choice == choose_keys(atoms, rows, 0, budget)


def test_a_value_that_all_rows_share_is_no_key() -> None:
    rows = 1_000
    table = pa.table({"mail": ["office@example.com"] * rows, "code": [str(row) for row in range(rows)]})
    assert not [one for one in make_atoms(build((sm.email("mail"), sm.code("code")), table)) if one.feature == "mail"]


def test_two_rows_that_share_everything_are_still_compared() -> None:
    table = pa.table({"id": ["1", "2"], "email": ["ada@example.com"] * 2, "name": ["Ada Lovelace"] * 2})
    assert sm.dedupe(table).candidates == 1


def test_pairs_are_the_same_when_repeats_are_dropped_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    table = pa.table({name: [str(n) for n in rng.integers(0, 60, 800)] for name in ("a", "b", "c")})
    atoms = make_atoms(build(tuple(sm.code(name) for name in ("a", "b", "c")), table))
    three = [Key((name,)) for name in ("a", "b", "c")]
    whole = build_pairs(atoms, three, 0, Budget())
    monkeypatch.setattr(pairs, "PENDING", 100)
    for drawer, at_once in ((1 << 19, 1 << 20), (70, 300), (1_000, 7)):
        monkeypatch.setattr(pairs, "ROWS_A_DRAWER", drawer)
        monkeypatch.setattr(pairs, "AT_ONCE", at_once)
        monkeypatch.setattr(keys, "AT_ONCE", at_once)
        parts = build_pairs(atoms, three, 0, Budget())
        assert pairs_of(parts) == pairs_of(whole)
        assert parts.reports == whole.reports
    assert sum(report.new_pairs for report in whole.reports) == len(whole.left)


def test_a_key_must_be_worth_its_pairs_beyond_those_that_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    rows = 20_000
    table = pa.table(
        {
            "mail": [f"u{n}@example.com" for n in rng.integers(0, rows // 2, rows)],
            "given": [f"name{n}" for n in rng.integers(0, 200, rows)],
            "team": [f"team{n}" for n in rng.integers(0, 400, rows)],
        }
    )
    fields = (sm.name(given="given"), sm.email("mail"), sm.category("team"))
    atoms = make_atoms(build(fields, table))
    lavish = choose_keys(atoms, rows, 0, Budget())
    monkeypatch.setattr(keys, "WORTHWHILE_YIELD", 1 / 100)
    frugal = choose_keys(atoms, rows, 0, Budget(free_pairs=0))
    assert 0 < sum(frugal.expected_pairs) < sum(lavish.expected_pairs) / 2
    assert frugal.expected_recall > lavish.expected_recall - 0.3


@pytest.mark.parametrize("dear", [False, True])
def test_where_pairs_are_dear_no_key_asks_for_names_that_another_asks_for_in_either_order(
    dear: bool,
) -> None:
    budget = Budget(free_pairs=0 if dear else 10**9)
    rng = np.random.default_rng(3)
    rows = 3_000
    names = {part: [f"{part}{n}" for n in rng.integers(0, 300, rows)] for part in ("first", "last")}
    atoms = make_atoms(build((sm.name(given="first", family="last"),), pa.table(names)))
    chosen = {frozenset(key.atoms) for key in choose_keys(atoms, rows, 0, budget).keys}
    assert {"name.names"} in chosen
    assert ({"name.given", "name.family"} not in chosen) == dear


def test_a_value_of_its_own_in_each_row_is_cheap_however_long_the_table() -> None:
    rows = 6_000_000
    base = np.arange(rows, dtype=np.int32)[np.newaxis, :]
    one = Atom("a", "a", "code", "", base, (1.0, 0.0, 0.0))
    choice = choose_keys([one], rows, 0, Budget())
    assert choice.keys == (Key(("a",)),)
    assert choice.expected_pairs == (0,)


@pytest.mark.parametrize("at_once", [7, 1 << 22])
def test_no_candidate_is_drawn_as_a_stranger_in_whatever_order_candidates_come(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(others, "AT_ONCE", at_once)
    left, right = (side.astype(np.int32) for side in np.triu_indices(12, 1))
    turned = Candidates(left[:40][::-1].copy(), right[:40][::-1].copy(), ())
    one, other = sample_others(turned, 12, 0, size=2_000, seed=1)
    assert not set(zip(one.tolist(), other.tolist(), strict=True)) & set(pairs_of(turned))
