"""The page of laws names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "explanation" / "laws.md").read_text(encoding="utf-8")


def test_every_law_and_every_failure_has_tests_that_are_there() -> None:
    found = re.findall(r"`((?:tests/\w+/)?\w+\.py)::(\w+)`", PAGE)
    assert len(found) > 25
    for file, name in found:
        place = ROOT / (file if "/" in file else f"tests/property/{file}")
        assert f"def {name}(" in place.read_text(encoding="utf-8"), name
    machine = (ROOT / "tests" / "property" / "histories.py").read_text(encoding="utf-8")
    for name in re.findall(r"`History\.(\w+)`", PAGE):
        assert f"def {name}(" in machine, name


def test_every_law_has_a_row() -> None:
    assert re.findall(r"^\| (\d+)\. ", PAGE, re.MULTILINE) == [str(number) for number in range(1, 14)]
