"""The kernels, timed one by one on 1,500 made-up people; nothing is asserted of times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from socialmerge.blocking import (
    Atom,
    Budget,
    Candidates,
    Encoded,
    Key,
    build_pairs,
    choose_keys,
    encode,
    make_atoms,
    sample_others,
)
from socialmerge.matching.cluster import cluster
from socialmerge.matching.compare import Compared, Comparer, compare
from socialmerge.matching.estimate import fit
from socialmerge.matching.similarity import SIMILARITIES
from socialmerge.matching.weigh import score

_SEED = 7


def test_reading_and_normalising_a_table(benchmark: BenchmarkFixture, people: Path) -> None:
    assert benchmark(encode, people).features


def test_making_atoms(benchmark: BenchmarkFixture, encoded: Encoded) -> None:
    assert benchmark(make_atoms, encoded.features)


def test_choosing_keys(benchmark: BenchmarkFixture, atoms: tuple[Atom, ...], encoded: Encoded) -> None:
    assert benchmark(choose_keys, atoms, encoded.rows, encoded.left_rows, Budget(), _SEED).keys


def test_building_pairs(
    benchmark: BenchmarkFixture, atoms: tuple[Atom, ...], keys: tuple[Key, ...], encoded: Encoded
) -> None:
    assert len(benchmark(build_pairs, atoms, keys, encoded.left_rows, Budget()).left)


def test_comparing_pairs(benchmark: BenchmarkFixture, comparers: tuple[Comparer, ...], candidates: Candidates) -> None:
    left, right = candidates.left.astype(np.int32), candidates.right.astype(np.int32)
    assert benchmark(compare, comparers, left, right).states.shape == (len(comparers), left.size)


_TWO = ("hernandez", "hernandes")  # what the functions of every kind of value can read


@pytest.mark.parametrize("kind", sorted(SIMILARITIES))
def test_levels_of_similarity(benchmark: BenchmarkFixture, kind: str) -> None:
    one, other = ([value] * 10_000 for value in _TWO)
    assert len(benchmark(SIMILARITIES[kind], one, other)) == 10_000


def test_estimating_weights(
    benchmark: BenchmarkFixture,
    comparers: tuple[Comparer, ...],
    candidates: Candidates,
    compared: Compared,
    encoded: Encoded,
) -> None:
    others = compare(comparers, *sample_others(candidates, encoded.rows, encoded.left_rows, size=20_000, seed=_SEED))
    fitted = benchmark(fit, comparers, compared, others, pairs=float(encoded.pairs), rows=encoded.rows)
    assert 0 < fitted.match_share < 1


def test_weighing_and_clustering(
    benchmark: BenchmarkFixture,
    comparers: tuple[Comparer, ...],
    candidates: Candidates,
    compared: Compared,
    encoded: Encoded,
) -> None:
    left, right = candidates.left.astype(np.int32), candidates.right.astype(np.int32)
    others = compare(comparers, *sample_others(candidates, encoded.rows, encoded.left_rows, size=20_000, seed=_SEED))
    fitted = fit(comparers, compared, others, pairs=float(encoded.pairs), rows=encoded.rows)

    def log_odds(of: Compared) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        probability = np.clip(score(comparers, fitted, of).probability, 1e-12, 1 - 1e-12)
        found: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = np.log2(probability / (1 - probability))
        return found

    def divide() -> int:
        odds = log_odds(compared)
        kept = odds > 0
        found = cluster(
            encoded.rows,
            left[kept],
            right[kept],
            odds[kept],
            lambda one, other: log_odds(compare(comparers, one, other)),
        )
        return int(np.unique(found.labels).size)

    assert 0 < benchmark(divide) < encoded.rows
