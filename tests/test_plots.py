"""Plots: where marks land, and that what comes out is a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from benchmarks.plots import Axis, Series, dots, lines

SVG = "{http://www.w3.org/2000/svg}"


def circles(svg: str) -> list[tuple[float, float]]:
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in ET.fromstring(svg).iter(f"{SVG}circle")]


def test_a_greater_value_is_drawn_higher_and_further_right() -> None:
    (low, high, _legend) = circles(lines([Series("time", ((1.0, 1.0), (2.0, 3.0)))], title="t", x="x", y="y"))
    assert low[0] < high[0]
    assert low[1] > high[1]


def test_on_a_logarithmic_axis_equal_factors_are_equal_steps() -> None:
    axis = Axis.around([10.0, 1000.0], log=True)
    assert axis.place(100.0) - axis.place(10.0) == axis.place(1000.0) - axis.place(100.0)
    assert axis.ticks == [10.0, 100.0, 1000.0]


def test_a_reference_has_no_dots_and_no_entry_in_the_legend() -> None:
    assert circles(lines([Series("even", ((0.0, 0.0), (1.0, 1.0)), reference=True)], title="t", x="x", y="y")) == []


def test_a_series_keeps_its_colour_in_every_row() -> None:
    svg = dots({"one": {"a": 0.1, "b": 0.2}, "two": {"b": 0.3}}, title="t", x="F1")
    marks = [one.attrib["fill"] for one in ET.fromstring(svg).iter(f"{SVG}circle")]
    assert marks[1] == marks[2] == marks[4] != marks[0]


def test_words_that_mean_something_in_xml_are_shown_as_they_are() -> None:
    svg = lines([Series("a < b & c", ((0.0, 0.0), (1.0, 1.0)))], title='the "best"', x="x", y="y")
    assert "a < b & c" in [one.text for one in ET.fromstring(svg).iter(f"{SVG}text")]
