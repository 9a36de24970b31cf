"""All benchmarks in one go: that each command is one that its module takes, and what becomes of one that fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks import all as everything

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def test_every_section_of_figures_has_a_step_and_the_manual_names_it(tmp_path: Path) -> None:
    written = " ".join(word for step in everything.steps(tmp_path, tmp_path) for each in step.commands for word in each)
    manual = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for page in ("benchmarks/RESULTS.md", "docs/explanation"):
        assert page in written
    pages = [ROOT / "benchmarks" / "RESULTS.md", *(ROOT / "docs" / "explanation").glob("*.md")]
    sections = {
        name for page in pages for name in re.findall(r"<!-- (\w+): written by", page.read_text(encoding="utf-8"))
    }
    step_of = {"calibration": "reliability", "comparison": "peers"}
    assert {step_of.get(name, name) for name in sections} <= set(everything.NAMES)
    assert all(f"`{name}`" in manual for name in everything.NAMES)


def test_every_option_of_a_step_is_one_that_its_module_knows(tmp_path: Path) -> None:
    for step in everything.steps(tmp_path, tmp_path):
        for module, *words in step.commands:
            home = ROOT / "benchmarks" / module
            text = (home / "__main__.py" if home.is_dir() else home.with_suffix(".py")).read_text(encoding="utf-8")
            assert all(f'"{word}"' in text for word in words if word.startswith("--")), (module, words)


def test_commands_are_listed_and_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert everything.main([str(tmp_path), "--work", str(tmp_path / "work"), "--only", "scale", "--list"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("python -m benchmarks.scale ")
    assert not (tmp_path / "work").exists()


def test_a_step_that_fails_is_said_and_the_next_one_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = (everything.Step("scale", (("scale", str(tmp_path / "nowhere")),)), everything.Step("peers", ()))
    monkeypatch.setattr(everything, "steps", lambda _data, _work: run)
    assert everything.main([str(tmp_path), "--work", str(tmp_path / "work")]) == 1
    said = capsys.readouterr().out
    assert "scale: ended with an error" in said
    assert "peers: done" in said
    assert "No such file" in (tmp_path / "work" / "scale.txt").read_text(encoding="utf-8")
