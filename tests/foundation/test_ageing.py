"""Rows that nobody touches age: how fast is measured where the table shows it, and else said to be assumed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from socialmerge import schema
from socialmerge.foundation.ageing import ASSUMED, Ageing, aged, ageing_of
from socialmerge.foundation.columns import Columns, read_columns
from socialmerge.foundation.people import sample_of

PEOPLE = 400
NOW = 20_000
CITIES = ("Leeds", "York", "Hull", "Bath", "Ely", "Ripon", "Wells", "Truro", "Derby", "Exeter")


def two_rows_each(*, gap: float, moved: float, slips: float = 0.05) -> tuple[list[dict[str, str]], list[float]]:
    """Two rows of each person and the days on which they were touched: half of the people on one, half apart."""
    random, rows, days = np.random.default_rng(7), [], []
    for one in range(PEOPLE):
        apart = gap if one % 2 else 0.0
        for second in (False, True):
            differs = second and random.random() < slips + (moved if apart else 0.0)
            mail = f"ada{one}{'b' if differs else ''}@example.com"
            rows.append({"id": f"{one}-{second}", "name": f"Ada{one} Lovell", "email": mail, "city": CITIES[one % 10]})
            days.append(NOW - 3000 + apart * second)
    return rows, days


def read(rows: list[dict[str, str]]) -> Columns:
    table = pa.Table.from_pylist(rows)
    return read_columns(table, table["id"].combine_chunks(), schema.infer(table))


@pytest.mark.parametrize(("moved", "low", "high"), [(0.4, 0.16, 0.28), (0.0, 0.0, 0.06)])
def test_a_rate_is_measured_by_people_whose_rows_are_of_different_age(moved: float, low: float, high: float) -> None:
    rows, days = two_rows_each(gap=2 * 365.25, moved=moved)
    labels, seen = np.repeat(np.arange(PEOPLE), 2), np.array(days)
    found = ageing_of(read(rows), seen, seen < NOW, labels, NOW)
    assert low <= found.rates["e-mail addresses"] <= high
    assert "by the people here who have several rows" in found.says


def test_where_too_few_show_it_the_rate_is_assumed_and_said_to_be() -> None:
    rows, days = two_rows_each(gap=10.0, moved=0.4)
    labels, seen = np.repeat(np.arange(PEOPLE), 2), np.array(days)
    found = ageing_of(read(rows), seen, seen < NOW - 2999, labels, NOW)
    assert set(found.rates.values()) == {ASSUMED}
    assert found.says.startswith("that 10 % of e-mail addresses and places change in a year is assumed, since")
    assert set(np.round(found.years, 1)) == {0.0, 8.2}


def test_people_move_on_by_the_age_of_their_freshest_row() -> None:
    rows, _ = two_rows_each(gap=0.0, moved=0.0, slips=0.0)
    columns, labels = read(rows), np.repeat(np.arange(PEOPLE), 2)
    sample = sample_of(columns, labels, {}, PEOPLE, 7)
    years = np.where(np.arange(2 * PEOPLE) < PEOPLE, 10.0, np.arange(2 * PEOPLE) % 2 * 10.0)  # half have one fresh row
    ageing = Ageing(
        years, {"e-mail addresses": 0.1, "places": 0.1}, {"e-mail addresses": ("email",), "places": ("city",)}
    )
    now, cells = aged(columns, sample, ageing, np.random.default_rng(7))
    moved = now.true["email"] != sample.true["email"]
    old = np.arange(PEOPLE) < PEOPLE // 2
    assert not moved[~old].any()
    assert 0.55 < moved[old].mean() < 0.75  # 1 - 0.9 ** 10 is 0.65
    assert all(mail.endswith("@example.com") for mail in now.true["email"])
    assert (cells["email"] == now.true["email"][sample.person]).all()
    assert (sample.cells["email"] != now.true["email"][sample.person]).sum() == 2 * moved.sum()
