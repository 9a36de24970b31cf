"""``fit``: a new plan with weights learned from the tables, and from people's decisions where there are any."""

from __future__ import annotations

from dataclasses import replace

from socialmerge import tables
from socialmerge.api.attaching import profiles_or_rows, ready_for_profiles, ready_for_table
from socialmerge.api.deduping import ready_for_dedupe
from socialmerge.api.inputs import Rows, customers_of, with_options
from socialmerge.api.labels import known_of, with_decisions
from socialmerge.engines import LocalEngine, Matched, social
from socialmerge.engines.local import Progress
from socialmerge.errors import FitError
from socialmerge.plan import Plan

__all__ = ["fit"]


def fit(
    plan: Plan | None,
    customers: tables.Source,
    profiles: tables.Source | None = None,
    *,
    decisions: tables.Source | None = None,
    seed: int = 7,
    channel: str | None = None,
    id: str | None = None,
    region: str | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Learn a plan's weights, without labels or with them.

    Args:
        plan: fields, keys and costs to keep; inferred where it names none.
        customers: the customer table, compared with itself when there are no profiles.
        profiles: an export, profile rows, or any other table.
        decisions: people's decisions, a table with ``left_id, right_id, verdict`` (``same``, ``different`` or
            ``unsure``), and ``by`` and ``at`` where known. For attach left is the profile and right the customer.
            Rows without a verdict are left out, so a table of ``suggest_reviews`` may be answered in part.
        seed: of the sample of pairs; one seed, one plan.
        channel: whose export ``profiles`` is, where that is not recognised.
        id: the customers' id column, where it is not found.
        region: the country of national phone numbers.
        progress: called as ``progress(stage, done, total)``.

    Returns:
        A new plan with weights. With decisions it keeps them, and a run with the plan holds to them; its weights have
        learned from them, but for two plain tables.

    Raises:
        LabelError: the decisions name unknown ids or verdicts, or contradict each other.
        FitError: there is nothing to compare.

    >>> import pyarrow as pa
    >>> table = pa.table({"id": ["1", "2"], "email": ["ada@example.com", "ada@example.com"]})
    >>> fit(None, table).weights is not None
    True
    """
    asked = replace(with_options(plan, id_column=id, region=region), weights=None)
    rows = customers_of(customers, id_column=asked.id, region=asked.region)
    asked = replace(asked, id=rows.schema.id_column, region=rows.schema.region)
    say = progress or _silent
    given = profiles_or_rows(profiles, channel, asked) if profiles is not None else None
    left_ids = rows.ids if given is None else given.ids if isinstance(given, Rows) else given[1]
    asked = with_decisions(asked, decisions, left_ids, rows.ids)
    known = known_of(asked.decisions, left_ids, rows.ids)
    if isinstance(given, tuple):
        ready = ready_for_profiles(asked, rows)
        if not given[0].num_rows or not rows.table.num_rows:
            raise FitError("there is nothing to fit: the profiles or the customers have no row")
        found = social.match_profiles(ready, given[0], rows.table, rows.schema.columns, say=say, seed=seed, known=known)
        return replace(ready, weights=found.fitted)
    ready = ready_for_table(asked, given, rows) if given else ready_for_dedupe(asked, rows)
    return _fitted(
        ready,
        LocalEngine(seed=seed).match(ready, rows.table, given.table if given else None, say, known, clusters=True),
    )


def _fitted(plan: Plan, matched: Matched | None) -> Plan:
    if matched is None:
        raise FitError("there is nothing to fit: fewer than two rows, or no column with values that can be compared")
    return replace(plan, keys=matched.keys, weights=matched.fitted)


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
