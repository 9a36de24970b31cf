"""Reliability plots: one for each task, with a line for each set, and a table of all."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from benchmarks.reliability import MOST_LINES, plots, table


def run(number: int, task: str = "dedupe") -> dict[str, object]:
    figures = {"calibrated_pairs": 1200, "log_loss": 0.1, "expected_found": 1.01, "expected_all": 0.98}
    bins = [[0.1, 0.0, 600], [0.9, 1.0, 600]]
    return {"set": f"s{number}", "task": task, "calibration_error": number / 100, "reliability": bins} | figures


def words(svg: str) -> list[str | None]:
    return [one.text for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_each_task_has_a_plot_with_its_own_sets() -> None:
    found = plots([run(1), run(2, "link")])
    assert set(found) == {"reliability-dedupe.svg", "reliability-link.svg"}
    assert "s1" in words(found["reliability-dedupe.svg"])
    assert "s2" not in words(found["reliability-dedupe.svg"])


def test_of_many_sets_those_with_the_greatest_error_are_drawn() -> None:
    svg = plots([run(number) for number in range(MOST_LINES + 3)])["reliability-dedupe.svg"]
    assert {f"s{number}" for number in range(3, MOST_LINES + 3)} <= set(words(svg))
    assert "s2" not in words(svg)


def test_a_set_that_failed_is_left_out_of_the_table() -> None:
    assert table([run(1), {"set": "two", "task": "dedupe", "error": "no memory"}]).count("\n") == 3
