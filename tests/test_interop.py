"""What is said where the other tool is not installed; tests/interop has the tests with the real ones."""

from __future__ import annotations

import sys

import pytest

import socialmerge as sm


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "recordlinkage", None)
    monkeypatch.delitem(sys.modules, "socialmerge.interop.recordlinkage", raising=False)
    with pytest.raises(sm.MissingExtraError, match=r"pip install 'socialmerge\[recordlinkage\]'"):
        import socialmerge.interop.recordlinkage  # noqa: F401
