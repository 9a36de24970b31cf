"""Keys of distinct texts: those that a fast path is sure of, and the parser's for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["NO_TEXT", "Settled", "keys_of", "one", "present"]

Mask = npt.NDArray[np.bool_]

NO_TEXT = pa.nulls(1, pa.string())[0]
AT_ONCE = 1 << 14
"""Texts read at one time: with what their bytes are turned into they stay in the cache, which is ten times faster."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Keys by part (``pa.string()``, null where there is none), and for which texts they are sure."""

    parts: dict[str, pa.Array]
    sure: Mask


def keys_of(
    texts: pa.Array, quick: Callable[[pa.Array], Settled], parse: Callable[[str], Sequence[str]]
) -> dict[str, pa.Array]:
    """Keys of distinct texts by part, as ``parse`` gives them in the order of the parts, ``""`` where there is none.

    >>> def quick(texts):
    ...     return Settled({"": pc.utf8_lower(texts)}, np.array([False, True]))
    >>> keys_of(pa.array(["x", "Ada"]), quick, lambda raw: [""])[""].to_pylist()
    [None, 'ada']
    """
    if not len(texts):
        return dict.fromkeys(quick(texts).parts, texts)
    done = [_finished(texts.slice(start, AT_ONCE), quick, parse) for start in range(0, len(texts), AT_ONCE)]
    return {part: pa.concat_arrays([found[part] for found in done]) for part in done[0]}


def _finished(
    texts: pa.Array, quick: Callable[[pa.Array], Settled], parse: Callable[[str], Sequence[str]]
) -> dict[str, pa.Array]:
    found = quick(texts)
    if found.sure.all():
        return found.parts
    unsure = pa.array(~found.sure)
    rest = [parse(raw) for raw in texts.filter(unsure).to_pylist()]
    return {
        part: pc.replace_with_mask(keys, unsure, pa.array([key[place] or None for key in rest], pa.string()))
        for place, (part, keys) in enumerate(found.parts.items())
    }


def one(keys: pa.Array, sure: Mask) -> Settled:
    """The keys of what has no parts; an empty one is none."""
    return Settled({"": present(keys)}, sure)


def present(keys: pa.Array) -> pa.Array:
    """The keys with null for an empty one.

    >>> present(pa.array(["", "ada"])).to_pylist()
    [None, 'ada']
    """
    return pc.if_else(pc.equal(keys, ""), NO_TEXT, keys)
