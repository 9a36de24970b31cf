"""What the project promises about itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from socialmerge.cli.commands import socialmerge

HERE = Path(__file__).parents[1]
MODULES = sorted((HERE / "src").rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(HERE / "src").as_posix())
def test_a_module_says_what_it_owns_and_stays_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert text.count("\n") <= 450


def test_the_readme_lists_every_command() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    for command in socialmerge.commands:
        assert f"`socialmerge {command}" in readme


def test_every_supported_python_is_tested() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = "Programming Language :: Python :: 3."
    supported = [f"3.{line.removeprefix(python)}" for line in project["classifiers"] if line.startswith(python)]
    listed = ", ".join(f'"{version}"' for version in supported)
    assert f"SUPPORTED = ({listed})" in (HERE / "noxfile.py").read_text(encoding="utf-8")
