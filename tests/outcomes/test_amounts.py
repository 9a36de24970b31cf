"""Amounts are read as their column writes them, or not at all."""

from decimal import Decimal as Exact

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.errors import TableError
from socialmerge.outcomes.amounts import SCALE, Amounts, Decimal, read_amounts

CENTS = st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=6)


def read(*cells: object, decimal: Decimal | None = None) -> Amounts:
    return read_amounts(pa.chunked_array([pa.array(cells)]), where="spent", decimal=decimal)


def values(*cells: object, decimal: Decimal | None = None) -> list[float | None]:
    found = read(*cells, decimal=decimal)
    return [unit / SCALE if known else None for unit, known in zip(found.units, found.known, strict=True)]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["€ 1.234,50", "€ 99", "n/a"], [1234.5, 99, None]),
        (["1,234.50", "12"], [1234.5, 12]),
        (["1'234.50 CHF", "CHF 3"], [1234.5, 3]),
        (["1 234,5", "1\u202f234,5", "1\xa0234,5"], [1234.5] * 3),
        (["12,34,567.00"], [1234567]),
        (["(12.00)", "-3", "3-", "\N{MINUS SIGN}4.5", "-€5", "€-5"], [-12, -3, -3, -4.5, -5, -5]),
        (["1.234", "5,50"], [1234, 5.5]),
        (["1.234", "5.50"], [1.234, 5.5]),
        (["1.234.567"], [1234567]),
        (["0.125"], [0.125]),
        ([None, " 7 ", "-", "none"], [None, 7, None, None]),
    ],
)
def test_what_one_column_means(cells: list[str], wanted: list[float | None]) -> None:
    assert values(*cells) == wanted


@pytest.mark.parametrize("cells", [["1.234"], ["100,000"], ["7", "1.000"]])
def test_a_thousand_or_one_is_asked_for(cells: list[str]) -> None:
    with pytest.raises(TableError, match="may be a thousand or one"):
        read(*cells)
    assert values("1.234", decimal=Decimal.COMMA) == [1234]
    assert values("1.234", decimal=Decimal.POINT) == [1.234]


@pytest.mark.parametrize(
    "cells",
    [["1,50", "1.50"], ["1.2.3"], ["abc"], ["5 or 6"], ["1e5"], ["--5"], ["()"], ["9" * 20], ["1.23456"], ["5 apples"]],
)
def test_what_is_no_amount_is_refused_without_a_word_of_it(cells: list[str]) -> None:
    with pytest.raises(TableError) as error:
        read(*cells)
    assert not any(cell in str(error.value) for cell in cells if cell != "()")


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(TableError, match="not amounts"):
        read(True)
    with pytest.raises(TableError, match="so large"):
        read(float("inf"))
    assert values(1.5, None, float("nan")) == [1.5, None, None]
    assert values(Exact("12.34")) == [12.34]


@given(CENTS, st.sampled_from([("{:,.2f}", ",."), ("{:.2f}", ",.")]), st.booleans())
def test_what_is_written_is_read(cents: list[int], form: tuple[str, str], comma: bool) -> None:
    written = [form[0].format(one / 100) for one in cents]
    if comma:
        written = [one.translate(str.maketrans(",.", ".,")) for one in written]
    assert read(*written).units.tolist() == [one * 100 for one in cents]
