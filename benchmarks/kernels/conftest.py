"""Made-up people for the kernels, encoded once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.generate import write_sets

from socialmerge.blocking import Atom, Budget, Candidates, Encoded, Key, build_pairs, choose_keys, encode, make_atoms
from socialmerge.matching.compare import Compared, Comparer, compare, prepare

_PEOPLE, _SEED = 1500, 7


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    write_sets(folder, count=_PEOPLE, seed=_SEED)
    return folder / "made_up_dedupe" / "a.csv"


@pytest.fixture(scope="session")
def encoded(people: Path) -> Encoded:
    return encode(people)


@pytest.fixture(scope="session")
def atoms(encoded: Encoded) -> tuple[Atom, ...]:
    return tuple(make_atoms(encoded.features))


@pytest.fixture(scope="session")
def keys(atoms: tuple[Atom, ...], encoded: Encoded) -> tuple[Key, ...]:
    return tuple(choose_keys(atoms, encoded.rows, encoded.left_rows, Budget(), _SEED).keys)


@pytest.fixture(scope="session")
def candidates(atoms: tuple[Atom, ...], keys: tuple[Key, ...], encoded: Encoded) -> Candidates:
    return build_pairs(atoms, keys, encoded.left_rows, Budget())


@pytest.fixture(scope="session")
def comparers(encoded: Encoded) -> tuple[Comparer, ...]:
    return prepare(encoded.features)


@pytest.fixture(scope="session")
def compared(comparers: tuple[Comparer, ...], candidates: Candidates) -> Compared:
    return compare(comparers, candidates.left.astype(np.int32), candidates.right.astype(np.int32))
