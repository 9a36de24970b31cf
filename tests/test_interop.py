"""What is said where the other tool is not installed; tests/interop has the tests with the real ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import socialmerge as sm


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "recordlinkage", None)
    monkeypatch.delitem(sys.modules, "socialmerge.interop.recordlinkage", raising=False)
    with pytest.raises(sm.MissingExtraError, match=r"pip install 'socialmerge\[recordlinkage\]'"):
        import socialmerge.interop.recordlinkage  # noqa: F401


def test_plain_nox_runs_it_with_the_real_package() -> None:
    text = (Path(__file__).parents[1] / "noxfile.py").read_text(encoding="utf-8")
    sessions = text.partition("nox.options.sessions = [")[2].partition("]")[0]
    assert '"interop"' in sessions
