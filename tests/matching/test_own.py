"""Comparisons of a caller's own: as functions and by reference, their levels, and what is said of what they return."""

from __future__ import annotations

import pickle
import sys
from functools import partial
from pathlib import Path
from textwrap import dedent

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.matching.levels import LEVELS
from socialmerge.matching.own import levels_of_own
from socialmerge.records import Comparison, Field, Kind

Words = npt.NDArray[np.object_]
LABELS = ("different", "same first word", "exact")
TABLE = pa.table(
    {
        "id": ["1", "2", "3", "4"],
        "words": ["red apple", "Red pear", "blue plum", None],
        "lot": ["7", "7", "7", "7"],
    }
)


@sm.matching.comparison(*LABELS)
def first_words(left: Words, right: Words) -> list[int]:
    return [int(one.split()[0] == other.split()[0]) for one, other in zip(left, right, strict=True)]


def unnamed(left: Words, right: Words) -> npt.NDArray[np.int64]:
    return np.full(len(left), 2)


def levels_by(compare: str | Comparison) -> list[str | None]:
    """Levels of the first row with each other."""
    pairs = pa.table({"left_row": [0, 0, 0], "right_row": [1, 2, 3]})
    return sm.matching.compare_pairs(pairs, TABLE, fields=(sm.text("words", compare=compare),))["words"].to_pylist()


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name under which a plan may import the functions of this file."""
    monkeypatch.setitem(sys.modules, "our_comparisons", sys.modules[__name__])
    return "our_comparisons"


def test_a_function_says_the_level_of_unequal_values(own: str) -> None:
    expected = ["same first word", "different", None]
    assert levels_by(first_words) == expected
    assert levels_by(f"{own}:first_words") == expected
    assert levels_by(partial(unnamed)) == ["similar", "similar", None]


def test_a_function_is_given_arrays_of_match_keys_and_never_equal_or_missing_ones() -> None:
    seen: list[tuple[Words, Words]] = []

    def spy(left: Words, right: Words) -> npt.NDArray[np.bool_]:
        seen.append((left, right))
        return left == "none"

    table = pa.table({"words": ["Red  Apple", "red apple", None, "n/a", "Blue"]})
    every = pa.table({"left_row": [0, 0, 0, 0, 1], "right_row": [1, 2, 3, 4, 4]})
    found = sm.matching.compare_pairs(every, table, fields=(sm.text("words", compare=spy),))["words"].to_pylist()
    assert found == ["exact", None, None, "different", "different"]
    assert [{*left.tolist(), *right.tolist()} for left, right in seen if len(left)] == [{"red apple", "blue"}]
    assert all(side.dtype == object for pair in seen for side in pair)


def test_levels_are_the_decorator_s_or_the_attribute_s_or_those_of_text() -> None:
    assert levels_of_own(first_words).labels == LABELS
    assert first_words.levels == LABELS  # type: ignore[attr-defined]

    def plain(left: Words, right: Words) -> list[int]:
        return [0] * len(left)

    assert levels_of_own(plain) == LEVELS["text"]
    plain.levels = ("no", "yes")  # type: ignore[attr-defined]
    assert levels_of_own(plain).labels == ("no", "yes")


def test_prior_shares_are_a_usual_one_or_as_told() -> None:
    assert sum(levels_of_own(first_words).match) == pytest.approx(1)
    assert levels_of_own(first_words).match[-1] > 0.5
    told = sm.matching.comparison("no", "yes", match=(1, 3))(lambda left, right: left == right)
    assert levels_of_own(told).match == pytest.approx((0.25, 0.75))


@pytest.mark.parametrize("levels", [(), ("exact",), ("same", "same"), ("a", 5), tuple(map(str, range(21)))])
def test_levels_that_are_none_are_refused(levels: tuple[str, ...]) -> None:
    said = "levels must be 2 to 20 different texts, the lowest first and the one of equal values last"
    with pytest.raises(sm.PlanError, match=said):
        sm.matching.comparison(*levels)

    def ours(left: Words, right: Words) -> list[int]:
        return [0] * len(left)

    ours.levels = levels  # type: ignore[attr-defined]
    with pytest.raises(sm.PlanError, match="ours'" + ".*" + said):
        levels_by(ours)


@pytest.mark.parametrize("match", [(0.5,), (0.5, 0.0), (1, 2, 3), (-1, 2)])
def test_shares_that_are_none_are_refused(match: tuple[float, ...]) -> None:
    with pytest.raises(sm.PlanError, match="match must be a number above 0 for each of the 2 levels"):
        sm.matching.comparison("no", "yes", match=match)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda left, right: None, r"an array of object with shape \(\)"),
        (lambda left, right: 1, r"an array of int64 with shape \(\)"),
        (lambda left, right: [1] * (len(left) + 1), r"an array of int64 with shape \(3,\)"),
        (lambda left, right: [[1]] * len(left), r"an array of int64 with shape \(2, 1\)"),
        (lambda left, right: [[1], [1, 2]], r"an array of object with shape \(0, 0\)"),
        (lambda left, right: ["a"] * len(left), r"an array of <U1 with shape \(2,\)"),
        (lambda left, right: [0.5] * len(left), r"an array of float64 with shape \(2,\)"),
        (lambda left, right: [None] * len(left), r"an array of object with shape \(2,\)"),
        (lambda left, right: [5] * len(left), r"an array of int64 with shape \(2,\), from 5 to 5"),
        (lambda left, right: [-1] * len(left), r"an array of int64 with shape \(2,\), from -1 to -1"),
    ],
)
def test_anything_but_levels_is_refused(returned: Comparison, said: str) -> None:
    must = "must return a whole number from 0 to 4 for each of the 2 pairs; it returned"
    with pytest.raises(sm.PlanError, match=f"{must} {said}"):
        levels_by(returned)


@pytest.mark.parametrize("kind", [np.array, pa.array, list, tuple], ids=["numpy", "arrow", "list", "tuple"])
def test_levels_may_come_as_any_array(kind: type) -> None:
    assert levels_by(lambda left, right: kind([2] * len(left))) == ["similar", "similar", None]


def test_a_function_decides_what_a_dedupe_says() -> None:
    fields = (sm.text("words", compare=first_words), sm.code("lot"))
    said = sm.dedupe(TABLE, plan=sm.Plan(fields=fields, keys=(sm.key("lot"),))).explain("1", "2")
    assert [line.said for line in said.lines if line.what == "words"] == ["same first word"]


def test_a_plan_with_functions_of_a_module_is_saved_by_their_names(own: str, tmp_path: Path) -> None:
    plan = sm.Plan(
        fields=(sm.text("words", compare=f"{own}:first_words"),), keys=(sm.key("words", by=f"{own}:unnamed"),)
    )
    plan.save(tmp_path / "plan.toml")
    assert sm.Plan.load(tmp_path / "plan.toml") == plan
    assert 'compare = "our_comparisons:first_words"' in (tmp_path / "plan.toml").read_text(encoding="utf-8")


def test_a_function_that_can_be_imported_becomes_its_reference() -> None:
    assert sm.text("words", compare=dedent).compare == "textwrap:dedent"
    assert sm.key("words", by=dedent).by == "textwrap:dedent"


def test_a_plan_with_functions_that_cannot_be_imported_is_not_saved(tmp_path: Path) -> None:
    plan = sm.Plan(
        fields=(sm.text("words", compare=lambda left, right: left == right),),
        keys=(sm.key("words", by=lambda words: words),),
    )
    with pytest.raises(sm.PlanError) as raised:
        plan.save(tmp_path / "plan.toml")
    lines = str(raised.value).splitlines()
    assert lines[0].endswith("plan.toml: 2 problems:")
    assert lines[1].startswith("  field 'words': compare=")
    assert lines[2].startswith("  keys[0]: by=")
    assert all(line.endswith("so it cannot be saved; put it into a module of its own") for line in lines[1:])
    assert not list(tmp_path.iterdir())
    assert len(plan.version) == 12


def test_a_plan_with_functions_of_a_module_can_be_pickled() -> None:
    plan = sm.Plan(fields=(sm.text("words", compare=dedent),), keys=(sm.key("words", by=dedent),))
    assert pickle.loads(pickle.dumps(plan)) == plan


@pytest.mark.parametrize("kind", [Kind.NAME, Kind.EMAIL, Kind.PLACE, Kind.DATE, Kind.PHONE, Kind.URL, Kind.ACCOUNT])
def test_a_kind_that_has_a_comparison_of_its_own_takes_no_other(kind: Kind) -> None:
    field = Field("v", kind, ("v",), compare=first_words)
    said = f"field 'v': compare= is for text, code, number and category, not for {kind}; make it a text"
    with pytest.raises(sm.PlanError, match=said):
        sm.Plan(fields=(field,))


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c", "d"])), min_size=2, max_size=8), st.data())
def test_levels_come_out_as_the_function_gave_them(rows: list[str | None], data: st.DataObject) -> None:
    table = {pair: data.draw(st.integers(0, 1)) for pair in ("ab", "ac", "ad", "bc", "bd", "cd")}

    @sm.matching.comparison("low", "high", "exact")
    def ours(left: Words, right: Words) -> list[int]:
        return [table["".join(sorted(pair))] for pair in zip(left, right, strict=True)]

    pairs = [(i, j) for j in range(len(rows)) for i in range(j)]
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    fields = (sm.category("v", label="plain"), sm.number("v", label="own", compare=ours))
    try:
        found = sm.matching.compare_pairs(
            pa.table({"left_row": left, "right_row": right}),
            pa.table({"v": pa.array(rows, pa.string())}),
            fields=fields,
        )
    except sm.SchemaError:
        assert not any(rows)
        return
    for (i, j), said in zip(pairs, found["own"].to_pylist(), strict=True):
        one, other = rows[i], rows[j]
        if one is None or other is None:
            assert said is None
        elif one == other:
            assert said == "exact"
        else:
            assert said == ("low", "high")[table["".join(sorted((one, other)))]]
