"""The examples of the README and the documentation are tests: their Python, and the commands in their console blocks.

Every page runs in a folder of its own that holds the sample data.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

collect_ignore = ["docs/conf.py", "docs/generate.py", "noxfile.py"]


def _run_commands(example: Example) -> None:
    """Run each command of a console block, as a shell would, and expect that it is done."""
    from socialmerge.cli import run

    prompts = [line for line in example.parsed.replace("\\\n", " ").splitlines() if line.startswith("$ ")]
    for line in prompts:
        program, *arguments = shlex.split(line.removeprefix("$ "))
        assert program == "socialmerge", f"only socialmerge runs in a console block: {line}"
        assert run(arguments) == 0, line


def _enter_sample(namespace: dict[str, Any]) -> None:
    namespace["_home"], namespace["_folder"] = Path.cwd(), tempfile.mkdtemp()
    shutil.copytree(str(files("socialmerge") / "sample"), namespace["_folder"], dirs_exist_ok=True)
    os.chdir(namespace["_folder"])


def _leave_sample(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_home"])
    shutil.rmtree(namespace["_folder"])


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language="console", evaluator=_run_commands),
        SkipParser(),
    ],
    patterns=["README.md", "docs/**/*.md"],
    excludes=["docs/_generated/*", "docs/_build/*"],
    setup=_enter_sample,
    teardown=_leave_sample,
).pytest()
