"""Analyse block keys before a run: how many pairs each brings, how many are new, and what they should find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socialmerge.blocking.atoms import make
from socialmerge.blocking.encoding import encode
from socialmerge.blocking.keys import Budget, Key, choose, expect, resolve
from socialmerge.blocking.own import own_atoms
from socialmerge.blocking.pairs import KeyReport, build
from socialmerge.errors import SchemaError, amount
from socialmerge.records import Field
from socialmerge.tables import Source

__all__ = ["Analysis", "KeyAnalysis", "analyse"]

TOO_MANY = 10
"""Times the budget from which keys are not built, only warned of."""


@dataclass(frozen=True, slots=True)
class KeyAnalysis:
    """One key: the pairs expected of it, the expected recall up to it, and what it gave if it was built."""

    key: Key
    expected_pairs: int
    expected_recall: float
    built: KeyReport | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Keys in their order, with warnings; ``str()`` prints a table. No value of the data is in it."""

    rows: int
    keys: tuple[KeyAnalysis, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """A line a key: pairs, new pairs, largest block, rows split and dropped, expected recall so far."""
        head = f"{'key':<44}{'pairs':>13}{'new':>13}{'largest':>9}{'split':>9}{'dropped':>9}{'recall':>8}"
        lines = [f"{self.rows:,} rows", head]
        for one in self.keys:
            made = one.built
            figures = (
                f"{made.pairs:>13,}{made.new_pairs:>13,}{made.largest_block:>9,}{made.split_rows:>9,}{made.dropped_rows:>9,}"
                if made
                else f"{f'~{one.expected_pairs:,}':>13}{'not built':>13}{'':>27}"
            )
            lines.append(f"{str(one.key)[:43]:<44}{figures}{one.expected_recall:>8.3f}")
        return "\n".join([*lines, *(f"warning: {warning}" for warning in self.warnings)])


def analyse(
    table: Source, keys: Sequence[Key] = (), *, fields: Sequence[Field] = (), budget: Budget | None = None
) -> Analysis:
    """Say what block keys would do on a table, and warn where a run would be too big.

    Args:
        table: a path, a pyarrow Table, or anything with ``__arrow_c_stream__``.
        keys: the keys to analyse, as for a plan; those that would be chosen when left out.
        fields: the fields that the keys speak of; inferred from the table when left out.
        budget: pairs a row and rows a block.

    Returns:
        An analysis that prints. The recall is expected of simulated pairs: what is there comes from the table, and how
        often a value changes between two records of one person from a table of usual rates.

    Raises:
        PlanError: a key names neither a field with values nor an atom.
        SchemaError: no column of the table holds a value that can be compared.

    >>> import pyarrow as pa
    >>> people = pa.table({"id": ["1", "2", "3"], "email": ["ada@example.com", "ada@example.com", "bob@example.com"]})
    >>> analyse(people, [Key(("email",))]).keys[0].built.pairs
    1
    """
    encoded = encode(table, fields=fields)
    found, rows, allowed = encoded.features, encoded.rows, budget or Budget()
    if not found:
        raise SchemaError("there is nothing to block on: the table has fewer than two rows")
    atoms = (*make(found), *own_atoms(keys, found))
    given = [resolve(key, atoms, found, [field.name for field in encoded.fields]) for key in keys]
    resolved = [key for key in given if key] if keys else list(choose(atoms, rows, 0, allowed).keys)
    pairs, recall = expect(atoms, resolved, rows, 0, allowed)
    limit = int(allowed.limit(rows))
    small = [number for number, expected in enumerate(pairs) if expected <= TOO_MANY * limit]
    reports = dict(zip(small, build(atoms, [resolved[n] for n in small], 0, allowed).reports, strict=True))
    analysed = tuple(
        KeyAnalysis(key, pairs[number], recall[number], reports.get(number)) for number, key in enumerate(resolved)
    )
    idle = [str(key) for key, at in zip(keys, given, strict=True) if at is None]
    said = [f"key {name!r} finds nothing: a field of it has no value that tells rows apart" for name in idle]
    return Analysis(rows, analysed, (*said, *_warnings(analysed, limit)))


def _warnings(keys: Sequence[KeyAnalysis], limit: int) -> list[str]:
    said = []
    for one in keys:
        if one.expected_pairs > limit:
            said.append(
                f"key {str(one.key)!r} alone would bring about {one.expected_pairs:,} pairs, and the budget is "
                f"{limit:,}; add an atom to it"
            )
        if one.built and one.built.dropped_rows:
            said.append(
                f"key {str(one.key)!r}: {amount(one.built.dropped_rows, 'row shares', 'rows share')} a value "
                "with so many others that no "
                "further value tells them apart"
            )
    together = sum(one.expected_pairs for one in keys)
    if together > limit and all(one.expected_pairs <= limit for one in keys):
        said.append(f"the keys together would bring about {together:,} pairs, and the budget is {limit:,}")
    return said
