"""The real model, asked once of the same tables: tests and histories come by the same few people often."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from socialmerge.resolver import frozen, pivot, standing
from socialmerge.resolver import state as states

__all__ = ["remember"]

_known: dict[str, object] = {}


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let all that is learned of whole tables be learned once of each."""
    asked = ((states, "judge"), (frozen, "judge"), (frozen, "learn"), (standing, "score_customers"))
    for module, name in asked:
        patch.setattr(module, name, _once(getattr(module, name)))


def _once(asked: Callable[..., object]) -> Callable[..., object]:
    def answered(*given: object) -> object:
        key = repr((asked.__name__, [_plain(one) for one in given]))
        if key not in _known:
            _known[key] = asked(*given)
        return _known[key]

    return answered


def _plain(given: object) -> object:
    """What is given as plain values: all cells of a table, and who of the profiles is proven."""
    if isinstance(given, pa.Table):
        return given.schema.names, given.to_pylist()
    if isinstance(given, pivot.Pivot):
        columns = (given.ids, given.sources, given.seen)
        return _plain(given.table), given.proven.tolist(), *(column.to_pylist() for column in columns)
    if isinstance(given, states.Facts):
        return _plain(given.customers), _plain(given.profiles)
    return given
