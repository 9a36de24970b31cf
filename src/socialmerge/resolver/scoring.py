"""The one place where profiles and customers of a store are judged by a model; nothing else here weighs anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.api.attaching import attach
from socialmerge.api.deduping import dedupe
from socialmerge.api.results import AttachResult
from socialmerge.matching.explain import Explanation
from socialmerge.merging.arrays import whole
from socialmerge.plan import Plan
from socialmerge.records import Verdict, decisions_schema
from socialmerge.resolver.pivot import Pivot

__all__ = ["LINKS", "NOBODY", "Scored", "alone", "links_between", "score", "score_customers"]

NOBODY = pa.table({name: pa.array([], pa.string()) for name in ("profile_id", "customer_id")})
"""The best candidates of no profiles."""
STRANGER_BITS = 20.0
"""Weight of a link between profiles of one person who is no customer: they share an account, an address or links."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model says: ``decisions`` has a row for each profile, ``links`` the pairs of rows to join.

    ``links`` has ``left_id`` and ``right_id``, whether each is a profile (``left_is_profile``, ``right_is_profile``),
    ``weight`` in bits, ``probability`` and ``assurance``. ``likeliest()`` has ``profile_id`` and ``customer_id``, the
    best candidate of each profile, also of one that is kept as new.
    """

    decisions: pa.Table
    links: pa.Table
    explain: Callable[[str], Explanation]
    likeliest: Callable[[], pa.Table]


LINKS = pa.schema(
    [
        ("left_id", pa.string()),
        ("left_is_profile", pa.bool_()),
        ("right_id", pa.string()),
        ("right_is_profile", pa.bool_()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("assurance", pa.string()),
    ]
)


def score(profiles: Pivot, customers: pa.Table, plan: Plan) -> Scored:
    """Which customer each profile is, if any, and which profiles are one stranger.

    Every profile is weighed anew, together with all the others: what is learned of names and handles is learned from
    all of them, so that the answers do not depend on the order or the portions in which profiles came.
    """
    results = []
    for proven in (True, False):
        rows = profiles.table.filter(pa.array(profiles.proven == proven))
        if rows.num_rows:
            results.append(attach(rows, to=customers, plan=plan, trusted=proven))
    decisions = [result.decisions for result in results]
    found = pa.concat_tables(decisions).sort_by("profile_id") if results else decisions_schema().empty_table()
    return Scored(found, links_between(found), partial(_explained, results), partial(_likeliest, results))


def _likeliest(results: list[AttachResult]) -> pa.Table:
    return pa.concat_tables([NOBODY, *(result.likeliest for result in results)])


def _explained(results: list[AttachResult], profile_id: str) -> Explanation:
    for result in results[:-1]:
        if pc.is_in(pa.scalar(profile_id), result.decisions["profile_id"].combine_chunks()).as_py():
            return result.explain(profile_id)
    return results[-1].explain(profile_id)


def links_between(decisions: pa.Table) -> pa.Table:
    """What decisions of profiles say: attachments, and links of each stranger's profiles to the first of them."""
    attached = decisions.filter(pc.equal(decisions["verdict"], Verdict.ATTACH.value))
    attached = attached.rename_columns({"profile_id": "left_id", "customer_id": "right_id"})
    new = decisions.filter(pc.equal(decisions["verdict"], Verdict.NEW.value))
    people = pc.dictionary_encode(whole(new["entity_id"]))
    first = new.append_column("person", people.indices).group_by("person").aggregate([("profile_id", "min")])
    leader = whole(first["profile_id_min"]).take(pc.index_in(people.indices, whole(first["person"])))
    strangers = pa.table([whole(new["profile_id"]), leader], names=["left_id", "right_id"])
    strangers = strangers.filter(pc.not_equal(strangers["left_id"], strangers["right_id"]))
    bits = pa.repeat(STRANGER_BITS, strangers.num_rows)
    chance = pa.repeat(1 - 2**-STRANGER_BITS, strangers.num_rows)
    strangers = strangers.append_column("weight", bits).append_column("probability", chance)
    return pa.concat_tables(
        [
            _table(attached, left_is_profile=True, right_is_profile=False),
            _table(strangers, left_is_profile=True, right_is_profile=True),
        ]
    )


def _table(pairs: pa.Table, *, left_is_profile: bool, right_is_profile: bool) -> pa.Table:
    """Pairs as links; what they do not say is null."""
    flags = {"left_is_profile": left_is_profile, "right_is_profile": right_is_profile}
    columns = {name: pa.repeat(flag, pairs.num_rows) for name, flag in flags.items()}
    columns |= {name: whole(pairs[name]) for name in pairs.column_names if name in LINKS.names}
    columns |= {one.name: pa.nulls(pairs.num_rows, one.type) for one in LINKS if one.name not in columns}
    return pa.table([columns[name] for name in LINKS.names], schema=LINKS)


def score_customers(customers: pa.Table, plan: Plan) -> pa.Table:
    """Links between customers' rows that are one person with a probability at the attach line or above."""
    if customers.num_rows < 2:
        return LINKS.empty_table()
    pairs = dedupe(customers, plan=alone(plan)).pairs
    sure = pc.greater_equal(pairs["probability"], plan.costs.attach_line)
    pairs = pairs.filter(pc.and_(pc.equal(pairs["verdict"], "same"), sure))
    return _table(pairs.drop_columns("verdict"), left_is_profile=False, right_is_profile=False)


def alone(plan: Plan) -> Plan:
    """The plan by which customers are matched with each other: what it says of profiles is not about them."""
    return replace(plan, fields=(), keys=(), weights=None, left_id="", cardinality="", decisions=())
