"""Exchange with ``recordlinkage``: its indexing by our keys, its classifiers on our levels, our weights on its pairs.

Its pairs are a MultiIndex of the labels of two data frames; of one data frame the later row's label comes first.
Needs the extra ``socialmerge[recordlinkage]``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking import Budget, candidate_pairs, encode
from socialmerge.errors import MissingExtraError, PlanError, TableError, amount
from socialmerge.matching import compare_pairs, fit_weights, score_pairs, weigh_pairs
from socialmerge.plan import Plan
from socialmerge.records import row_pairs_schema

try:
    import pandas as pd
    from recordlinkage.base import BaseIndexAlgorithm
except ImportError as error:
    said = "install it with: pip install 'socialmerge[recordlinkage]'"
    raise MissingExtraError(f"socialmerge.interop.recordlinkage needs recordlinkage and pandas; {said}") from error

__all__ = ["Keys", "Values", "features", "fit", "probabilities"]

Values = Literal["agreement", "level", "weight"]
"""What a cell of the features holds; see :func:`features`."""

Rows = npt.NDArray[np.int64]


class Keys(BaseIndexAlgorithm):
    """An index algorithm that pairs rows by the keys of a plan, for ``recordlinkage.Index().add``.

    Args:
        plan: its fields and keys; what it leaves out is inferred from the data frames, which makes ``Keys()`` an index
            that needs no choice of columns.
        budget: pairs a row, by which keys are chosen, and rows a block.
        seed: of the choice of keys.
        **settings: ``verify_integrity`` and ``suffixes``, as for every index algorithm of ``recordlinkage``.

    ``index`` raises TableError where the index of a data frame repeats labels or has several levels, and what
    :func:`socialmerge.blocking.candidate_pairs` raises.

    >>> import recordlinkage
    >>> emails = ["ada@example.com", "bob@example.com", "ada@example.com"]
    >>> people = pd.DataFrame({"email": emails}, index=["a", "b", "c"])
    >>> indexer = recordlinkage.Index()
    >>> indexer.add(Keys())
    >>> indexer.index(people).tolist()
    [('c', 'a')]
    """

    def __init__(
        self, plan: Plan | None = None, *, budget: Budget | None = None, seed: int = 7, **settings: object
    ) -> None:
        super().__init__(**settings)
        self.plan = plan or Plan()
        self.budget = budget
        self.seed = seed

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        return self._pairs(df_a, df_b)

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        return self._pairs(df_a, None)

    def _pairs(self, df_a: pd.DataFrame, df_b: pd.DataFrame | None) -> pd.MultiIndex:
        plan = self.plan
        found = candidate_pairs(
            *_tables(df_a, df_b),
            keys=plan.keys,
            fields=plan.fields,
            region=plan.region,
            budget=self.budget,
            seed=self.seed,
        )
        left, right = (found[name].to_numpy() for name in found.column_names)
        sides, codes = ((df_a, df_a), (right, left)) if df_b is None else ((df_a, df_b), (left, right))
        return pd.MultiIndex(levels=[side.index for side in sides], codes=codes, verify_integrity=False)


def features(
    pairs: pd.MultiIndex,
    df_a: pd.DataFrame,
    df_b: pd.DataFrame | None = None,
    *,
    plan: Plan | None = None,
    values: Values = "agreement",
    missing_value: float = 0.0,
) -> pd.DataFrame:
    """The comparison of each pair, as ``recordlinkage.Compare.compute`` gives it: a row a pair, a column a field.

    Args:
        pairs: labels of rows, from any index algorithm.
        df_a: the data frame, or of two the left one.
        df_b: the right one.
        plan: its fields, and its weights for ``"weight"``; inferred and fitted on these pairs when left out.
        values: ``"agreement"`` is the level from 0.0, *else*, to 1.0, *exact*: for classifiers of numbers, and with
            ``binarize=0.8`` or so for ``ECMClassifier`` and ``NaiveBayesClassifier``. ``"level"`` is its whole number,
            1.0 for *else* and upwards, 0.0 where a side is missing: for ``NaiveBayesClassifier(binarize=None)``, which
            then weighs each level. ``"weight"`` is in bits, 0.0 where a side is missing.
        missing_value: of ``"agreement"``, where a side is missing.

    Returns:
        A data frame of float64 with ``pairs`` as its index; the columns are fields, or parts of a name or place.

    Raises:
        TableError: labels repeat, or the pairs are not of these data frames.
        PlanError: ``values`` is unknown, or the plan does not fit the data frames.
        SchemaError: no column holds a value that can be compared.
    """
    if values not in ("agreement", "level", "weight"):
        raise PlanError(f"values={values!r} is not one of 'agreement', 'level', 'weight'")
    used, tables, rows = plan or Plan(), _tables(df_a, df_b), _rows(pairs, df_a, df_b)
    if values == "weight":
        found = weigh_pairs(rows, *tables, fields=used.fields, region=used.region, weights=used.weights)
        return _frame({name: found[name].to_numpy() for name in found.column_names[2:]}, pairs)
    found = compare_pairs(rows, *tables, fields=used.fields, region=used.region)
    return _frame({name: _numbers(found[name], values, missing_value) for name in found.column_names[2:]}, pairs)


def fit(
    pairs: pd.MultiIndex,
    df_a: pd.DataFrame,
    df_b: pd.DataFrame | None = None,
    *,
    plan: Plan | None = None,
    decided: pd.Series | None = None,
    seed: int = 7,
) -> Plan:
    """Fit our weights on candidate pairs of ``recordlinkage``, without labels or with them.

    Args:
        pairs: the candidates, all of them.
        df_a: the data frame, or of two the left one.
        df_b: the right one.
        plan: its fields; inferred when left out.
        decided: people's decisions: true for a match, false for none, with the pairs that were decided as its index.
        seed: of the sample of other pairs.

    Returns:
        The plan with its fields and weights, for :func:`features` and :func:`probabilities`.

    Raises:
        FitError: a data frame has no row, or one alone only one.
        TableError, PlanError, SchemaError: as :func:`features`.
    """
    used, tables, rows = plan or Plan(), _tables(df_a, df_b), _rows(pairs, df_a, df_b)
    fields = encode(*tables, fields=used.fields, region=used.region).fields
    labels = None
    if decided is not None:
        same = pa.array(decided.to_numpy(), pa.bool_(), from_pandas=True)
        labels = _rows(decided.index, df_a, df_b).append_column("same", same)
    return replace(used, fields=fields, weights=fit_weights(rows, *tables, fields=fields, decided=labels, seed=seed))


def probabilities(
    pairs: pd.MultiIndex, df_a: pd.DataFrame, df_b: pd.DataFrame | None = None, *, plan: Plan | None = None
) -> pd.Series:
    """Say of each candidate pair how probable it is that its rows are one, as a classifier's ``prob`` does.

    Args:
        pairs: labels of rows, from any index algorithm.
        df_a: the data frame, or of two the left one.
        df_b: the right one.
        plan: its fields and weights; inferred, and fitted on these pairs without labels, when left out.

    Returns:
        A series of float64 in [0, 1], named ``probability``, with ``pairs`` as its index.

    Raises:
        TableError, PlanError, SchemaError: as :func:`features`.

    >>> emails = ["ada@example.com", "bob@example.com", "ada@example.com"]
    >>> people = pd.DataFrame({"email": emails}, index=["a", "b", "c"])
    >>> found = probabilities(pd.MultiIndex.from_tuples([("c", "a"), ("b", "a")]), people)
    >>> bool(found["c", "a"] > found["b", "a"])
    True
    """
    used, tables, rows = plan or Plan(), _tables(df_a, df_b), _rows(pairs, df_a, df_b)
    found = score_pairs(rows, *tables, fields=used.fields, region=used.region, weights=used.weights)
    return pd.Series(found["probability"].to_numpy(), index=pairs, name="probability")


def _tables(df_a: pd.DataFrame, df_b: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The data frames without their labels, which name rows and say nothing of them."""
    sides = (("data frame", df_a),) if df_b is None else (("left data frame", df_a), ("right data frame", df_b))
    for what, frame in sides:
        _check_labels(frame, what)
    return df_a.reset_index(drop=True), None if df_b is None else df_b.reset_index(drop=True)


def _check_labels(frame: pd.DataFrame, what: str) -> None:
    how = "pairs go by labels, so make them unique, for instance with reset_index()"
    if frame.index.nlevels > 1:
        raise TableError(f"{what}: its index has {frame.index.nlevels} levels; {how}")
    repeated = int(frame.index.duplicated().sum())
    if repeated:
        raise TableError(f"{what}: its index repeats labels, in {repeated:,} of {len(frame):,} rows; {how}")


def _rows(pairs: pd.MultiIndex, df_a: pd.DataFrame, df_b: pd.DataFrame | None) -> pa.Table:
    """The row numbers of pairs of labels."""
    if not isinstance(pairs, pd.MultiIndex) or pairs.nlevels != 2:
        said = "give a pandas.MultiIndex of two levels, as the index algorithms of recordlinkage return it"
        raise TableError(f"pairs are a {type(pairs).__name__}; {said}")
    found = []
    for level, (frame, which) in enumerate(((df_a, "left"), (df_a if df_b is None else df_b, "right"))):
        rows: Rows = frame.index.get_indexer(pairs.get_level_values(level))
        unknown = int((rows < 0).sum())
        if unknown:
            raise TableError(
                f"pairs: {amount(unknown, 'label', 'labels')} on the {which} not in the index of its data frame"
            )
        found.append(pa.array(rows.astype(np.int32)))
    return pa.table(found, schema=row_pairs_schema())


def _numbers(column: pa.ChunkedArray, values: Values, missing_value: float) -> npt.NDArray[np.float64]:
    levels = column.combine_chunks()
    top = len(levels.dictionary) - 1
    codes: npt.NDArray[np.float64] = levels.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.float64)
    if values == "level":
        return codes + 1
    return np.asarray(np.where(codes < 0, missing_value, codes / top), np.float64)


def _frame(columns: dict[str, npt.NDArray[np.float64]], pairs: pd.MultiIndex) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pairs, dtype=np.float64)
