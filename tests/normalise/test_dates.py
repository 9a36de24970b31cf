"""Dates."""

from __future__ import annotations

import datetime as dt

import pytest

from socialmerge.normalise import dates
from socialmerge.normalise.dates import DateOrder
from socialmerge.records import Missing, MissingReason, PartialDate


@pytest.mark.parametrize(
    "raw",
    [
        "1970-03-05",
        "1970-03-05T10:00:00Z",
        "1970-03-05 10:00:00+02:00",
        "19700305",
        "1970/03/05",
        "3/5/1970",
        "03-05-1970",
        "3/5/70",
        "March 5, 1970",
        "5 March 1970",
        "5th of March 1970",
        "05-Mar-70",
        "5 de marzo de 1970",
        "5. März 1970",
        "1970年3月5日",
        "Thu Mar 05 10:00:00 +0000 1970",
        "Thu, 05 Mar 1970 10:00:00 GMT",
        "3/5/1970 10:00 PM",
        "005443200",
        "1970-3-5",
    ],
)
def test_one_day_in_many_layouts_is_one_date(raw: str) -> None:
    assert dates.parse(raw, DateOrder()) == PartialDate(1970, 3, 5)


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("1970", (1970, 0, 0)),
        ("1970-03", (1970, 3, 0)),
        ("03/1970", (1970, 3, 0)),
        ("March 1970", (1970, 3, 0)),
        ("--03-05", (0, 3, 5)),
        ("--0305", (0, 3, 5)),
        ("5 March", (0, 3, 5)),
        ("1970-00-00", (1970, 0, 0)),
        ("1970-03-00", (1970, 3, 0)),
        ("3/5", (0, 3, 5)),
    ],
)
def test_a_partial_date_stays_partial(raw: str, date: tuple[int, int, int]) -> None:
    assert dates.parse(raw, DateOrder()) == PartialDate(*date)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", MissingReason.EMPTY),
        ("unknown", MissingReason.JUNK),
        ("0000-00-00", MissingReason.PLACEHOLDER),
        ("00/00/0000", MissingReason.PLACEHOLDER),
        ("9999-12-31", MissingReason.PLACEHOLDER),
        ("0001-01-01", MissingReason.PLACEHOLDER),
        ("2001-02-29", MissingReason.MALFORMED),
        ("31/04/2000", MissingReason.MALFORMED),
        ("yesterday", MissingReason.MALFORMED),
        ("1970-13-13", MissingReason.MALFORMED),
        ("1" * 100, MissingReason.MALFORMED),
        ("٣/٣/٢٠٠٠", MissingReason.MALFORMED),
    ],
)
def test_what_is_no_date_says_why(raw: str, reason: MissingReason) -> None:
    assert dates.parse(raw, DateOrder()) == Missing(reason)


def test_day_and_month_are_decided_once_for_the_column() -> None:
    assert dates.parse("1/2/2000", dates.order(["25/12/1999", "1/2/2000"])) == PartialDate(2000, 2, 1)
    assert dates.parse("1/2/2000", dates.order(["12/25/1999", "1/2/2000"])) == PartialDate(2000, 1, 2)


def test_without_evidence_the_region_or_the_full_stops_decide() -> None:
    assert not dates.order(["1/2/2000"]).day_first
    assert dates.order(["1/2/2000"], region="GB").day_first
    assert not dates.order(["1/2/2000"], region="US").day_first
    assert dates.order(["1.2.2000"]).day_first


def test_a_value_that_only_the_other_order_reads_is_read_in_it() -> None:
    order = dates.order(["12/25/1999", "12/26/1999", "25/12/1999"])
    assert dates.parse("25/12/1999", order) == PartialDate(1999, 12, 25)
    assert dates.parse("2003-25-10", order) == PartialDate(2003, 10, 25)


def test_two_digit_years_lie_in_the_past_of_the_given_day() -> None:
    order = dates.order(["1/2/30"], now=dt.date(2024, 6, 1))
    assert dates.parse("1/2/30", order) == PartialDate(1930, 1, 2)
    assert dates.parse("1/2/24", order) == PartialDate(2024, 1, 2)
    assert dates.parse("1/2/25", order) == PartialDate(1925, 1, 2)


def test_a_default_date_is_a_placeholder_only_where_it_is_frequent() -> None:
    others = [f"19{year}-05-07" for year in range(30, 90)]
    frequent = dates.order([*others, *["1900-01-01"] * 40])
    counted = dates.order([*others, "1900-01-01"], counts=[*[1] * len(others), 40])
    rare = dates.order([*others, "1900-01-01"])
    assert (
        dates.parse("1900-01-01", frequent) == dates.parse("1900-01-01", counted) == Missing(MissingReason.PLACEHOLDER)
    )
    assert dates.parse("1900-01-01", rare) == PartialDate(1900, 1, 1)


def test_eight_digits_are_read_in_the_order_of_the_column() -> None:
    assert dates.parse("05031970", dates.order(["25121999", "05031970"])) == PartialDate(1970, 3, 5)
    assert dates.parse("19700305", dates.order(["19700305"])) == PartialDate(1970, 3, 5)


def test_spreadsheet_days_count_only_in_a_column_of_them() -> None:
    assert dates.parse("25632", dates.order(["25632", "30000"])) == PartialDate(1970, 3, 5)
    assert dates.parse("25632", DateOrder()) == Missing(MissingReason.MALFORMED)
