"""Pairs of the rows of tables: compared, weighed and scored, by whatever they were found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking import Candidates, Encoded, encode, sample_others
from socialmerge.errors import FitError, TableError, amount
from socialmerge.matching.alignment import align
from socialmerge.matching.compare import Compared, Comparer, compare, prepare
from socialmerge.matching.estimate import fit
from socialmerge.matching.learn import Labelled
from socialmerge.matching.weigh import Fit, rarity_bits, score
from socialmerge.records import Field, row_pairs_schema
from socialmerge.tables import Source

__all__ = ["compare_pairs", "fit_weights", "score_pairs", "weigh_pairs"]

Rows = npt.NDArray[np.int32]
Array = npt.NDArray[np.float64]

CHUNK = 200_000
"""Pairs that are compared at one time."""
FEWEST_OTHERS, MOST_OTHERS, OTHERS_A_ROW = 200_000, 400_000, 10
"""Pairs drawn at random, to see how strangers agree."""
ROWS = tuple(row_pairs_schema().names)


@dataclass(frozen=True, slots=True)
class _Ready:
    """Pairs made ready: rows over both tables, the left one's first, and the comparers of the tables' features."""

    pairs: pa.Table
    left: Rows
    right: Rows
    encoded: Encoded
    comparers: tuple[Comparer, ...]

    def table(self, columns: dict[str, pa.Array]) -> pa.Table:
        """The pairs' row numbers, with more columns."""
        return pa.table({**{name: self.pairs[name] for name in ROWS}, **columns})


def compare_pairs(
    pairs: pa.Table, left: Source, right: Source | None = None, *, fields: Sequence[Field] = (), region: str = ""
) -> pa.Table:
    """Compare each pair on every field.

    Args:
        pairs: ``left_row`` and ``right_row``, as from :func:`socialmerge.blocking.candidate_pairs` or from elsewhere.
        left: a path, a pyarrow Table, or anything with ``__arrow_c_stream__``.
        right: the other table, where the pairs are of two.
        fields: what is compared; inferred from the tables when left out. A name or a place gives a column a part.
        region: the country (ISO 3166 alpha-2) of national phone numbers, for fields that are inferred.

    Returns:
        The pairs, and a column for each field or part of one: ordered ``dictionary<int8, string>``, whose index is the
        level, 0 for *else*, and whose value is what the level is called; null where either side is missing.

    Raises:
        TableError: a table cannot be read, or ``pairs`` are not pairs of its rows.
        PlanError: a field names a column that is not there, or a comparison of your own returns no levels.
        SchemaError: no column holds a value that can be compared.

    >>> table = pa.table({"email": ["ada@example.com", "ada@example.com", None]})
    >>> pairs = pa.table({"left_row": [0, 1], "right_row": [1, 2]})
    >>> compare_pairs(pairs, table)["email"].to_pylist()
    ['exact', None]
    """
    ready = _ready(pairs, left, right, fields, region)
    states = _compared(ready.comparers, ready.left, ready.right).states
    columns = {}
    for row, comparer in zip(states, ready.comparers, strict=True):
        labels = comparer.levels.labels
        level = ((row.astype(np.int16) - 1) % len(labels)).astype(np.int8)
        codes = pa.array(level, mask=row == 0)
        columns[comparer.feature.name] = pa.DictionaryArray.from_arrays(codes, list(labels), ordered=True)
    return ready.table(columns)


def fit_weights(
    pairs: pa.Table,
    left: Source,
    right: Source | None = None,
    *,
    fields: Sequence[Field] = (),
    region: str = "",
    decided: pa.Table | None = None,
    seed: int = 7,
) -> Fit:
    """Estimate the weights of the levels from candidate pairs, without labels or with them.

    The pairs that are no candidates are sampled beside them, so that it shows what agrees by chance.

    Args:
        pairs: the candidates, ``left_row`` and ``right_row``: all of them, for any other pair is taken for strangers.
        left: the table of the pairs' left rows, as for :func:`compare_pairs`.
        right: the other table, where the pairs are of two.
        fields: what is compared; inferred from the tables when left out.
        region: the country (ISO 3166 alpha-2) of national phone numbers, for fields that are inferred.
        decided: pairs that people decided: ``left_row``, ``right_row`` and ``same``, true or false.
        seed: of the sample; one seed, one fit.

    Returns:
        The weights, for :func:`score_pairs` or for a plan. ``notes`` are sentences about the fit.

    Raises:
        FitError: there are no two rows to compare.
        TableError, PlanError, SchemaError: as :func:`compare_pairs`.

    >>> table = pa.table({"email": ["ada@example.com", "ada@example.com", "bob@example.com", "eve@example.com"]})
    >>> fit_weights(pa.table({"left_row": [0], "right_row": [1]}), table).fields[0].name
    'email'
    """
    ready = _ready(pairs, left, right, fields, region)
    if not ready.comparers:
        raise FitError("there is nothing to fit: a table has no row, or a table alone only one")
    labelled = None if decided is None else _labelled(decided, ready)
    return _fitted(ready, seed, labelled)


def score_pairs(
    pairs: pa.Table,
    left: Source,
    right: Source | None = None,
    *,
    fields: Sequence[Field] = (),
    region: str = "",
    weights: Fit | None = None,
    seed: int = 7,
) -> pa.Table:
    """Say of each pair how probable it is that its two rows are one person, or one thing.

    Args:
        pairs: ``left_row`` and ``right_row``.
        left: the table of the pairs' left rows, as for :func:`compare_pairs`.
        right: the other table, where the pairs are of two.
        fields: what is compared; inferred from the tables when left out.
        region: the country (ISO 3166 alpha-2) of national phone numbers, for fields that are inferred.
        weights: as from :func:`fit_weights`; fitted on these pairs when left out.
        seed: of the sample for that fit.

    Returns:
        The pairs, with ``probability`` in [0, 1] and ``weight``, the bits of evidence without the prior.

    Raises:
        TableError, PlanError, SchemaError: as :func:`compare_pairs`; PlanError too where the weights are of another
            comparison of a field.

    >>> table = pa.table({"email": ["ada@example.com", "ada@example.com", "bob@example.com", "eve@example.com"]})
    >>> found = score_pairs(pa.table({"left_row": [0, 0], "right_row": [1, 2]}), table)
    >>> [weight > 0 for weight in found["weight"].to_pylist()]
    [True, False]
    """
    ready = _ready(pairs, left, right, fields, region)
    probability, weight = np.zeros(len(ready.left)), np.zeros(len(ready.left))
    for part, fitted, compared in _in_parts(ready, weights, seed):
        found = score(ready.comparers, fitted, compared)
        probability[part], weight[part] = found.probability, found.weight
    return ready.table({"probability": pa.array(probability), "weight": pa.array(weight)})


def weigh_pairs(
    pairs: pa.Table,
    left: Source,
    right: Source | None = None,
    *,
    fields: Sequence[Field] = (),
    region: str = "",
    weights: Fit | None = None,
    seed: int = 7,
) -> pa.Table:
    """Say of each pair what the agreement on every field weighs.

    Arguments and errors are those of :func:`score_pairs`.

    Returns:
        The pairs, and a column for each field or part of one: its weight in bits, the rarity of an agreeing value in
        it; 0 where either side is missing. Their sum is the weight of the pair but for what relatives would share too,
        and for a calibration.

    >>> table = pa.table({"email": ["ada@example.com", "ada@example.com", "bob@example.com", "eve@example.com"]})
    >>> found = weigh_pairs(pa.table({"left_row": [0, 0], "right_row": [1, 2]}), table)
    >>> [bits > 0 for bits in found["email"].to_pylist()]
    [True, False]
    """
    ready = _ready(pairs, left, right, fields, region)
    bits = np.zeros((len(ready.comparers), len(ready.left)))
    for part, fitted, compared in _in_parts(ready, weights, seed):
        rarity = rarity_bits(compared)
        for row, one in enumerate(fitted.fields):
            bits[row, part] = np.r_[0.0, one.bits][compared.states[row]] + rarity[row]
    return ready.table(
        {comparer.feature.name: pa.array(row) for comparer, row in zip(ready.comparers, bits, strict=True)}
    )


def _in_parts(ready: _Ready, weights: Fit | None, seed: int) -> Iterator[tuple[slice, Fit, Compared]]:
    """The pairs some at a time, with the weights, fitted on them where none are given, and their agreement."""
    if not len(ready.left):
        return
    fitted = _fitted(ready, seed, None) if weights is None else align(weights, ready.comparers)
    for part in _chunks(len(ready.left)):
        yield part, fitted, compare(ready.comparers, ready.left[part], ready.right[part])


def _ready(pairs: pa.Table, left: Source, right: Source | None, fields: Sequence[Field], region: str) -> _Ready:
    encoded = encode(left, right, fields=fields, region=region)
    one, other = _rows(pairs, encoded, "pairs")
    return _Ready(pairs, one, other, encoded, prepare(encoded.features))


def _rows(pairs: pa.Table, encoded: Encoded, what: str) -> tuple[Rows, Rows]:
    """Row numbers over both tables, checked.

    Raises:
        TableError: a column is missing or holds no whole numbers, or a number is no row.
    """
    sizes = (encoded.left_rows or encoded.rows, encoded.rows - encoded.left_rows)
    found = []
    for name, size in zip(ROWS, sizes, strict=True):
        if name not in pairs.column_names or not pa.types.is_integer(pairs[name].type) or pairs[name].null_count:
            raise TableError(f"{what}: need a column {name!r} of whole numbers, one in every row")
        rows = pairs[name].to_numpy()
        wrong = int(((rows < 0) | (rows >= size)).sum())
        if wrong:
            raise TableError(
                f"{what}: {name!r} holds {amount(wrong, 'number', 'numbers')} of no row of its table of {size:,}"
            )
        found.append(rows.astype(np.int32))
    one, other = found[0], (found[1] + encoded.left_rows).astype(np.int32)
    if (one == other).any():
        raise TableError(
            f"{what}: {amount(int((one == other).sum()), 'pair', 'pairs')} of a row with itself; leave them out"
        )
    return one, other


def _labelled(decided: pa.Table, ready: _Ready) -> Labelled:
    left, right = _rows(decided, ready.encoded, "decided")
    if "same" not in decided.column_names or not pa.types.is_boolean(decided["same"].type):
        raise TableError("decided: need a column 'same', true or false in every row")
    if decided["same"].null_count:
        raise TableError("decided: 'same' is missing in some rows; leave out pairs that nobody decided")
    same = pc.fill_null(decided["same"], False).to_numpy()  # noqa: FBT003 - Arrow's own
    return Labelled(_compared(ready.comparers, left, right), same)


def _fitted(ready: _Ready, seed: int, labelled: Labelled | None) -> Fit:
    """Fit on the pairs, each once, and a sample of the others."""
    encoded = ready.encoded
    low, high = np.minimum(ready.left, ready.right), np.maximum(ready.left, ready.right)
    once = np.unique(low.astype(np.int64) * encoded.rows + high)
    low, high = (once // encoded.rows).astype(np.int32), (once % encoded.rows).astype(np.int32)
    size = min(MOST_OTHERS, max(FEWEST_OTHERS, OTHERS_A_ROW * encoded.rows), max(20 * encoded.pairs, 1000))
    others = sample_others(Candidates(low, high, ()), encoded.rows, encoded.left_rows, size=size, seed=seed)
    return fit(
        ready.comparers,
        _compared(ready.comparers, low, high),
        _compared(ready.comparers, *others),
        pairs=float(max(encoded.pairs, 1)),
        rows=encoded.rows,
        labelled=labelled,
    )


def _compared(comparers: Sequence[Comparer], left: Rows, right: Rows) -> Compared:
    shape = (len(comparers), len(left))
    found = Compared(np.empty(shape, np.uint8), np.empty(shape, np.float32))
    for part in _chunks(len(left)):
        compared = compare(comparers, left[part], right[part])
        found.states[:, part], found.rarity[:, part] = compared.states, compared.rarity
    return found


def _chunks(total: int) -> Iterator[slice]:
    for start in range(0, total, CHUNK):
        yield slice(start, min(start + CHUNK, total))
