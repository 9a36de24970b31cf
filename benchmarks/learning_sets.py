"""Drawings of a set: nine tenths of its people, the answers that stand in for a person, and F1 with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from benchmarks.sets import DataSet, Task
from scipy import sparse
from scipy.sparse import csgraph

import socialmerge as sm
from socialmerge import tables

__all__ = ["Drawn", "draw"]

Result: TypeAlias = sm.DedupeResult | sm.AttachResult
Ints = npt.NDArray[np.int64]

SHARE, RESAMPLED = 0.9, 400


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawing of a set: its files, its truth, and the entity of each id that has company (left ids, right ids)."""

    one: DataSet
    truth: pa.Table
    left: Mapping[str, str]
    right: Mapping[str, str]

    def run(self, plan: sm.Plan | None, decisions: pa.Table | None, seed: int) -> Result:
        """Dedupe, link or attach."""
        engine = sm.LocalEngine(seed=seed)
        if self.one.right is None:
            return sm.dedupe(self.one.left, plan=plan, decisions=decisions, engine=engine)
        return sm.attach(self.one.left, to=self.one.right, plan=plan, decisions=decisions, engine=engine)

    def f1(self, result: Result) -> float:
        """Pairwise, of the final decisions."""
        return sm.evaluate(result, self.truth).f1

    def answered(self, reviews: pa.Table) -> pa.Table:
        """The table as somebody fills it in who knows the answers."""
        pairs = zip(reviews["left_id"].to_pylist(), reviews["right_id"].to_pylist(), strict=True)
        verdicts = ["same" if self._same(left, right) else "different" for left, right in pairs]
        return reviews.set_column(reviews.column_names.index("verdict"), "verdict", pa.array(verdicts, pa.string()))

    def _same(self, left: str, right: str) -> bool:
        return left in self.left and self.left[left] == self.right.get(right)

    def interval(self, result: Result, seed: int) -> tuple[float, float]:
        """F1 between the 2.5th and the 97.5th percentile of drawings, with replacement, of what hangs together."""
        counts = self._clusters(result) if isinstance(result, sm.DedupeResult) else self._profiles(result)
        drawn = np.random.default_rng(seed).integers(0, len(counts), (RESAMPLED, len(counts)))
        right, found, wanted = counts[drawn].sum(axis=1).T
        low, high = np.quantile(2 * right / np.maximum(found + wanted, 1), [0.025, 0.975])
        return float(low), float(high)

    def _clusters(self, result: sm.DedupeResult) -> Ints:
        """Right, found and true pairs of each group of rows that clusters or truth connect."""
        ids = result.clusters["id"].to_pylist()
        found = _codes(result.clusters["entity_id"].to_pylist())
        true = _codes([self.left.get(name, f"alone {name}") for name in ids])
        rows = np.arange(len(ids))
        graph = sparse.coo_array((np.ones(len(ids)), (found, true)), shape=(len(ids), len(ids)))
        both = sparse.block_array([[None, graph], [graph.T, None]])
        group = csgraph.connected_components(both, directed=False)[1][found[rows]]
        counts = np.zeros((int(group.max()) + 1, 3), np.int64)
        for column, label in enumerate((found * len(ids) + true, found, true)):
            _, first, size = np.unique(label, return_index=True, return_counts=True)
            np.add.at(counts[:, column], group[first], size * (size - 1) // 2)
        return counts[counts.any(axis=1)]

    def _profiles(self, result: sm.AttachResult) -> Ints:
        """For each profile whether it is rightly attached, attached, and a customer's."""
        known = set(self.right.values())
        rows = [
            (
                row["verdict"] == "attach" and self._same(row["profile_id"], row["customer_id"]),
                row["verdict"] == "attach",
                self.left.get(row["profile_id"]) in known,
            )
            for row in result.decisions.select(["profile_id", "verdict", "customer_id"]).to_pylist()
        ]
        return np.array(rows, np.int64)


def draw(one: DataSet, seed: int, folder: Path) -> Drawn:
    """Draw nine tenths of the people of a set (of two tables: of the left rows) and write them into a folder."""
    assert one.truth is not None  # noqa: S101 - sets without answers are not run
    truth = tables.read(one.truth)
    # as Parquet, for a CSV file has apostrophes before what a spreadsheet may take for a formula
    left = folder / (one.left.name if one.task == Task.ATTACH else "a.parquet")
    ids = _draw_profiles(one, seed, left) if one.task == Task.ATTACH else _draw_rows(one, truth, seed, left)
    right = None if one.right is None else Path(copyfile(one.right, folder / one.right.name))
    names = truth.column_names if one.right is None and truth.column_names[1] != "entity_id" else truth.column_names[:1]
    for name in names:
        truth = truth.filter(pc.is_in(tables.strings(truth[name]), value_set=ids))
    tables.write(truth, folder / "truth.parquet")
    drawn = DataSet(one.name, one.task, left, right, folder / "truth.parquet")
    return Drawn(drawn, truth, *_entities(truth))


def _draw_rows(one: DataSet, truth: pa.Table, seed: int, path: Path) -> pa.Array:
    """Write the rows that are drawn, and give their ids; of one table those of a person are drawn together."""
    table = tables.read(one.left)
    ids = tables.strings(table["id"])
    people = _entities(truth)[0] if one.right is None else {}
    kept = _kept([people.get(name, name) for name in ids.to_pylist()], seed)
    tables.write(table.filter(kept), path)
    return ids.filter(kept)


def _draw_profiles(one: DataSet, seed: int, path: Path) -> pa.Array:
    """Write the lines of the profiles that are drawn, and give their ids."""
    lines = one.left.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = _kept([str(number) for number in range(len(lines))], seed)
    chosen = [line for line, keep in zip(lines, kept.to_pylist(), strict=True) if keep]
    path.write_text("".join(chosen), encoding="utf-8")
    return tables.strings(tables.read(path)["profile_id"])


def _entities(truth: pa.Table) -> tuple[dict[str, str], dict[str, str]]:
    """The entity of each left and of each right id; of one table the left ones are all."""
    one, other = (tables.strings(truth[name]).to_pylist() for name in truth.column_names[:2])
    if truth.column_names[1] == "entity_id":
        return dict(zip(one, other, strict=True)), dict(zip(one, other, strict=True))
    if truth.column_names[0] == "profile_id":
        return dict(zip(one, other, strict=True)), {name: name for name in other}
    return _joined(one, other)


def _joined(one: list[str], other: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Entities of pairs: what they connect; ids of the two columns are those of one table where they meet."""
    names = sorted({*one, *other})
    place = {name: number for number, name in enumerate(names)}
    left, right = [place[name] for name in one], [place[name] for name in other]
    graph = sparse.coo_array((np.ones(len(left)), (left, right)), shape=(len(names), len(names)))
    label = csgraph.connected_components(graph, directed=False)[1]
    found = {name: names[int(np.flatnonzero(label == label[number])[0])] for name, number in place.items()}
    return found, found


def _kept(people: list[str], seed: int) -> pa.Array:
    """Which rows are drawn: rows of one person together."""
    codes = _codes(people)
    return pa.array((np.random.default_rng(seed).random(int(codes.max()) + 1) < SHARE)[codes])


def _codes(names: list[str]) -> Ints:
    return np.unique(np.array(names, object), return_inverse=True)[1].astype(np.int64)
