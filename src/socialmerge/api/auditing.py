"""``audit``: what is wrong with a table of customers, before social data goes in."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime

from socialmerge import tables
from socialmerge.api.deduping import ready_for_dedupe
from socialmerge.api.inputs import customers_of, with_options
from socialmerge.api.numbering import Audited, audited_of
from socialmerge.engines import LocalEngine
from socialmerge.engines.local import Progress
from socialmerge.foundation import Audit, inspect, quick_look
from socialmerge.plan import Plan

__all__ = ["audit", "look"]


def audit(
    customers: tables.Source,
    *,
    plan: Plan | None = None,
    engine: LocalEngine | None = None,
    id: str | None = None,
    region: str | None = None,
    now: dt.date | None = None,
    seed: int = 7,
    costs: bool = True,
    progress: Progress | None = None,
) -> Audit:
    """Say what is wrong with a table of customers, what it costs, and what to mend first.

    Where no id tells the rows apart they are called by their numbers in the file (``row 2``), and ids that are repeated
    or missing are findings.

    Args:
        customers: a path (CSV, XLSX, Parquet, JSON, JSON Lines), a pyarrow Table, or anything with
            ``__arrow_c_stream__``.
        plan: what is compared when duplicates are looked for; inferred from the table when left out.
        engine: where the work is done; this process when left out.
        id: the id column, where it is not found.
        region: the country (ISO 3166 alpha-2) of national phone numbers.
        now: the day that ages count from; today when left out.
        seed: of the sample that costs are measured on: one seed, one answer.
        costs: whether it is measured what each fault costs, which takes some seconds.
        progress: called as ``progress(stage, done, total)``.

    Returns:
        An `Audit`: a verdict with its reasons, the expected number of rows that repeat somebody with a 95 % interval,
        findings in plain words, and tables. ``print`` it, or take ``to_json()``.

    Raises:
        TableError: the table cannot be read.
        SchemaError: there is no column ``id``.
        PlanError: the plan does not fit the table.

    >>> import pyarrow as pa
    >>> table = pa.table({
    ...     "id": ["1", "2", "3"],
    ...     "name": ["Ada Lovelace", "Ada Lovelace", "Grace Hopper"],
    ...     "email": ["ada@example.com", "ada@example.com", "grace@example"],
    ... })
    >>> found = audit(table, now=dt.date(2026, 1, 31), costs=False)
    >>> [finding.code for finding in found.findings if finding.area == "validity"]
    ['invalid']
    """
    asked = with_options(plan, id_column=id, region=region)
    found = audited_of(customers, id_column=asked.id, region=asked.region)
    rows = found.rows
    ready = ready_for_dedupe(asked, rows)
    return inspect(
        rows.table,
        rows.ids,
        rows.schema,
        ready,
        engine=engine,
        now=now or _today(),
        seed=seed,
        costs=costs,
        say=progress,
        given=found.unfit,
    )


def look(
    customers: tables.Source,
    *,
    id: str | None = None,
    region: str | None = None,
    now: dt.date | None = None,
    strict: bool = False,
) -> Audit:
    """The cheap part of `audit`: nothing is matched, so of duplicates only exact copies are counted.

    ``strict`` refuses ids that are missing or repeated, as ``attach`` does.
    """
    told = {"id_column": id or "", "region": (region or "").upper()}
    found = Audited(customers_of(customers, **told)) if strict else audited_of(customers, **told)
    rows = found.rows
    return quick_look(rows.table, rows.ids, rows.schema, now=now or _today(), given=found.unfit)


def _today() -> dt.date:
    return datetime.now(UTC).date()  # noqa: TID251 - a caller who gives no day asks for this one
