"""``dedupe``: the rows of one table that are one person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.api.inputs import Rows, check_columns, customers_of, with_options
from socialmerge.api.labels import known_of, with_decisions
from socialmerge.api.results import DedupeResult
from socialmerge.engines import LocalEngine, Matched
from socialmerge.engines.again import settled_of
from socialmerge.engines.local import Progress
from socialmerge.matching.entities import Settled
from socialmerge.merging import Policy
from socialmerge.plan import Plan
from socialmerge.records import clusters_schema, pairs_schema
from socialmerge.schema.fields import fields_of

__all__ = ["dedupe", "ready_for_dedupe"]


def dedupe(
    customers: tables.Source,
    *,
    plan: Plan | None = None,
    decisions: tables.Source | None = None,
    engine: LocalEngine | None = None,
    id: str | None = None,
    region: str | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> DedupeResult:
    """Find the rows of ``customers`` that are one person.

    Args:
        customers: a path (CSV, XLSX, Parquet, JSON, JSON Lines, vCard), a pyarrow Table, or anything with
            ``__arrow_c_stream__``.
        plan: what to compare and how; inferred from the table when left out.
        decisions: people's decisions about pairs, a table with ``left_id, right_id, verdict`` (``same``, ``different``
            or ``unsure``). They hold, and the weights learn from them unless the plan brings its own.
        engine: where the work is done; this process when left out.
        id: the id column, where it is not found.
        region: the country (ISO 3166 alpha-2) of national phone numbers.
        policy: how records are merged where ``golden`` and ``changes`` are not given one; the default when left out.
        progress: called as ``progress(stage, done, total)``.

    Returns:
        A result with ``clusters`` (``id, entity_id, probability``; one row a row) and ``pairs``.

    Raises:
        TableError: the table cannot be read, or ids are missing or repeated.
        SchemaError: there is no id column.
        PlanError: the plan does not fit the table.
        LabelError: the decisions name unknown ids or verdicts, or contradict each other.

    >>> table = pa.table({
    ...     "id": ["1", "2", "3"],
    ...     "name": ["Ada Lovelace", "Ada Lovelace", "Grace Hopper"],
    ...     "email": ["ada@example.com", "ada@example.com", "grace@example.com"],
    ... })
    >>> dedupe(table).clusters.num_rows
    3
    """
    asked = with_options(plan, id_column=id, region=region)
    rows = customers_of(customers, id_column=asked.id, region=asked.region)
    ready = with_decisions(ready_for_dedupe(asked, rows), decisions, rows.ids, rows.ids)
    known = known_of(ready.decisions, rows.ids, rows.ids)
    warnings = tuple(rows.schema.notes)
    matched = (engine or LocalEngine()).match(ready, rows.table, progress=progress, known=known, clusters=True)
    if matched is None:
        said = "there is nothing to compare: fewer than two rows, or no column with values"
        return replace(_nothing(rows, ready, (*warnings, said)), policy=policy)
    found = settled_of(matched)
    clusters = pa.table(
        [rows.ids, rows.ids.take(pa.array(found.labels)), pa.array(found.probability)], schema=clusters_schema()
    )
    used = replace(ready, keys=matched.keys, weights=matched.fitted)
    warnings = (*warnings, *matched.warnings, *found.warnings)
    pairs = _pairs(rows, matched, found)
    settled = not found.warnings
    return DedupeResult(clusters, pairs, used, rows.schema, warnings, rows, matched, policy, _settled=settled)


def ready_for_dedupe(plan: Plan, rows: Rows) -> Plan:
    """The plan with fields, inferred where it names none."""
    ready = replace(
        plan, fields=plan.fields or fields_of(rows.schema), id=rows.schema.id_column, region=rows.schema.region
    )
    check_columns(ready.fields, rows.table)
    return ready


def _nothing(rows: Rows, plan: Plan, warnings: tuple[str, ...]) -> DedupeResult:
    clusters = pa.table([rows.ids, rows.ids, pa.array(np.ones(len(rows.ids)))], schema=clusters_schema())
    return DedupeResult(clusters, pairs_schema().empty_table(), plan, rows.schema, warnings, rows, None)


def _pairs(rows: Rows, matched: Matched, found: Settled) -> pa.Table:
    """Scored pairs, the most probable first."""
    probability = 1 / (1 + np.exp2(-np.clip(found.log_odds, -1000, 1000)))
    same = found.labels[matched.left] == found.labels[matched.right]
    # by rows, then stably by odds: as np.lexsort, in half the time
    order = np.argsort(matched.left.astype(np.int64) * matched.rows + matched.right)
    order = order[np.argsort(-found.log_odds[order], kind="stable")]
    columns = [
        rows.ids.take(pa.array(matched.left[order])),
        rows.ids.take(pa.array(matched.right[order])),
        pa.array(probability[order]),
        pa.array(matched.weight[order]),
        pc.if_else(pa.array(same[order]), "same", "different"),
    ]
    return pa.table(columns, schema=pairs_schema())
