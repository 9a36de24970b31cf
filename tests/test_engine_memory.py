"""The memory limit of the local engine bounds what a chunk of pairs takes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.engines.local import SMALLEST_CHUNK
from socialmerge.matching.compare import compare, prepare
from socialmerge.normalise.features import build

WORDS = 2_000


def table(words_a_row: int) -> pa.Table:
    random = np.random.default_rng(1)
    rows = [" ".join(f"w{word}" for word in random.integers(0, WORDS, words_a_row)) for _ in range(500)]
    return pa.table({"notes": rows, "code": [f"k{number}" for number in random.integers(0, 10**6, 500)]})


@pytest.mark.parametrize("words_a_row", [2, 20, 200])
@pytest.mark.parametrize("limit", [8, 64])
def test_a_chunk_of_pairs_stays_below_the_limit(words_a_row: int, limit: int) -> None:
    comparers = prepare(build((sm.text("notes"), sm.code("code")), table(words_a_row)))
    chunk = sm.LocalEngine(memory_limit_mb=limit)._chunk(comparers)
    left, right = np.random.default_rng(2).integers(0, 500, (2, chunk)).astype(np.int32)
    tracemalloc.start()
    compare(comparers, left, right)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert chunk >= SMALLEST_CHUNK
    assert peak < limit * 2**20
