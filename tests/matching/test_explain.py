"""Explanations add up, and print."""

from __future__ import annotations

import json

import pytest

from socialmerge.matching.explain import Explanation, Line, _percent

SAID = Explanation(
    "p1",
    "c1",
    -10.0,
    (Line("name", "exact", 8.0), Line("email", "<different>", -2.5)),
    0.2,
    verdict="review",
    reason="name agrees",
    runner_up_id="c2",
    runner_up_probability=0.1,
)


def test_the_weight_is_the_sum_of_the_lines() -> None:
    assert SAID.weight == 5.5


def test_the_text_is_a_waterfall() -> None:
    assert str(SAID).splitlines() == [
        "p1 and c1: probability 20.0%, review",
        "  prior  before any evidence    -10.0  ------------------------",
        "  name   exact                   +8.0  +++++++++++++++++++",
        "  email  <different>             -2.5  ------",
        "  total                          -4.5  -----------",
        "  because: name agrees",
        "  runner-up: c2, probability 10.0%",
    ]


def test_the_drawing_escapes_what_it_shows() -> None:
    html = SAID._repr_html_()
    assert "&lt;different&gt;" in html
    assert "<different>" not in html


def test_everything_is_plain_for_json() -> None:
    plain = json.loads(json.dumps(SAID.as_dict()))
    assert plain["weight"] == 5.5
    assert plain["lines"][0] == {"what": "name", "said": "exact", "bits": 8.0}


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "0.0%"), (0.5, "50.0%"), (0.9991, "99.91%"), (0.99996, "99.996%"), (0.9999999, "99.99999%")],
)
def test_a_percentage_does_not_saturate(probability: float, text: str) -> None:
    assert _percent(probability) == text
