"""Arrow columns as one array, as codes and as masks of numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Ints", "Mask", "as_mask", "codes_in", "rank_codes", "whole"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give a column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def as_mask(values: pa.Array | pa.ChunkedArray) -> Mask:
    """Give booleans as a numpy mask, null as false."""
    filled = whole(values).fill_null(False)  # noqa: FBT003 - Arrow's signature
    return filled.to_numpy(zero_copy_only=False).astype(np.bool_)  # type: ignore[no-any-return]  # untyped library


def codes_in(values: pa.Array, known: pa.Array) -> Ints:
    """Give the place of each value in ``known``, -1 where it is null or not there."""
    found = pc.index_in(values, known).fill_null(-1)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]  # untyped library


def rank_codes(values: pa.Array) -> tuple[Ints, pa.Array]:
    """Give each text its place among the distinct texts in byte order, and these texts.

    >>> codes, distinct = rank_codes(pa.array(["b", "a", "b"]))
    >>> codes.tolist(), distinct.to_pylist()
    ([1, 0, 1], ['a', 'b'])
    """
    encoded = pc.dictionary_encode(values)
    order = pc.sort_indices(encoded.dictionary).to_numpy(zero_copy_only=False)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], encoded.dictionary.take(pa.array(order))
