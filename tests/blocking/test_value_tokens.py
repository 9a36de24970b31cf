"""Blocks by value: the same pairs as by code, also where blocks are so large that they are split."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from socialmerge.blocking import Budget, Key, build_pairs, make_atoms
from socialmerge.blocking.value_tokens import FrozenKey, splitters_of
from socialmerge.matching.words import WordCounts
from socialmerge.normalise.features import build
from socialmerge.records import Field, Kind

FIELDS = (
    Field("name", Kind.NAME, ("name",), ("full",)),
    Field("town", Kind.PLACE, ("town",), ("city",)),
    Field("note", Kind.TEXT, ("note",)),
    Field("mail", Kind.EMAIL, ("mail",)),
)


def made_up(rows: int) -> pa.Table:
    random = np.random.default_rng(3)

    def some(words: list[str | None]) -> list[str | None]:
        return [words[at] for at in random.integers(0, len(words), rows)]

    given, family = some(["Ada", "Ann", "Bob", "Cyd", "Dan"]), some(["Lee", "Fox", "Moss", "Reed"])
    note = some(["the old mill", "the red mill house", "old red house", "corner shop", None])
    mails = [f"{one}.{row % 97}@example.com" for row, one in enumerate(given)]
    town = some(["Leeds", "York", "Hull", None])
    return pa.table(
        {"name": [f"{a} {b}" for a, b in zip(given, family, strict=True)], "town": town, "note": note, "mail": mails}
    )


@pytest.mark.parametrize(
    "key",
    [
        ("name.names",),
        ("name.family",),
        ("name.given.sound", "town.city"),
        ("note.token",),
        ("note.token", "name.family.4"),
        ("mail.local",),
        ("mail.letters", "note.start"),
    ],
)
def test_blocks_by_value_are_those_by_code(key: tuple[str, ...]) -> None:
    features = build(FIELDS, made_up(1500))
    atoms = make_atoms(features)
    words = {one.name: WordCounts.of(one.column).counts for one in features if one.comparison == "text"}
    frozen = FrozenKey.of(Key(key), splitters_of(atoms), features, words)
    found = frozen.tokens(features, words)
    rows: dict[int, set[int]] = {}
    for token, row in zip(found.token.tolist(), found.row.tolist(), strict=True):
        rows.setdefault(token, set()).add(row)
    pairs = {(a, b) for block in rows.values() for a in block for b in block if a < b}
    wanted = build_pairs(atoms, [Key(key)], 0, Budget())
    assert pairs == set(zip(wanted.left.tolist(), wanted.right.tolist(), strict=True))
    assert pairs
