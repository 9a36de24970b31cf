"""A light model in place of the real one: an address in common is the same person, a name in common is a question.

It says of each pair what it says of it alone, in microseconds, so that whoever tests the history of a store tests that
and not the weighing.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.plan import Plan
from socialmerge.records import Assurance, Verdict, decisions_schema
from socialmerge.resolver import state as states
from socialmerge.resolver.scoring import STRANGER_BITS, Scored, score_customers

__all__ = ["judge"]

_LINKS = score_customers(pa.table({"id": pa.array([], pa.string())}), Plan()).schema
_BITS, _CHANCE = 30.0, 1 - 2**-30.0
Row = dict[str, Any]


def judge(facts: states.Facts, plan: Plan) -> states.Judged:
    """What ``resolver.state.judge`` says, by the light model, whatever the plan."""
    del plan
    customers = [{"id": id_, **row} for id_, row in zip(facts.customers.ids.to_pylist(), _rows(facts), strict=True)]
    profiles = facts.profiles.table.to_pylist()
    decisions = [_decided(row, customers) for row in profiles]
    sure = {row["profile_id"]: bool(proven) for row, proven in zip(profiles, facts.profiles.proven, strict=True)}
    for one in decisions:
        if one["verdict"] == Verdict.ATTACH.value:
            one["assurance"] = (Assurance.VERIFIED if sure[one["profile_id"]] else Assurance.INFERRED).value
    links = [_link(one["profile_id"], one["customer_id"], one["assurance"]) for one in decisions if one["assurance"]]
    links += list(_strangers(profiles, {one["profile_id"]: one for one in decisions}))
    table = pa.Table.from_pylist(decisions, schema=decisions_schema())
    between = [_customers(one, other) for one, other in _pairs(customers)]
    return states.Judged(
        Scored(table, pa.Table.from_pylist(links, schema=_LINKS), _unexplained, lambda: _likeliest(table)),
        pa.Table.from_pylist(between, schema=_LINKS),
    )


def _likeliest(decisions: pa.Table) -> pa.Table:
    return decisions.filter(pc.is_valid(decisions["customer_id"])).select(["profile_id", "customer_id"])


def _rows(facts: states.Facts) -> list[Row]:
    return facts.customers.table.to_pylist()  # type: ignore[no-any-return]  # untyped library


def _decided(profile: Row, customers: list[Row]) -> Row:
    """Who has an address of the profile is the same, who has its name is asked about; the first by id."""
    row: Row = {"profile_id": profile["profile_id"], "verdict": Verdict.NEW.value, "assurance": None, "weight": -_BITS}
    emails = set(profile["emails"] or ())
    same = [one["id"] for one in customers if one.get("email") in emails]
    alike = [one["id"] for one in customers if one.get("name") and one["name"] == profile["display_name"]]
    if same:
        found = {"verdict": Verdict.ATTACH.value, "customer_id": same[0], "probability": _CHANCE, "weight": _BITS}
    elif alike:
        found = {"verdict": Verdict.REVIEW.value, "customer_id": alike[0], "probability": 0.5, "weight": 0.0}
    else:
        found = {"customer_id": None, "probability": 0.0}
    return row | found


def _link(profile: str, customer: str, assurance: str) -> Row:
    return _pair(profile, customer, _BITS, left=True, right=False) | {"assurance": assurance}


def _pair(one: str, other: str, bits: float, *, left: bool, right: bool) -> Row:
    sides = {"left_id": one, "left_is_profile": left, "right_id": other, "right_is_profile": right}
    return sides | {"weight": bits, "probability": 1 - 2**-bits}


def _strangers(profiles: list[Row], decided: dict[str, Row]) -> Iterator[Row]:
    """Profiles of nobody's that have an address in common, each with the first of them."""
    first: dict[str, str] = {}
    for row in profiles:
        if decided[row["profile_id"]]["verdict"] != Verdict.NEW.value:
            continue
        for email in row["emails"] or ():
            leader = first.setdefault(email, row["profile_id"])
            if leader != row["profile_id"]:
                yield _pair(row["profile_id"], leader, STRANGER_BITS, left=True, right=True)


def _pairs(customers: list[Row]) -> Iterator[tuple[Row, Row]]:
    alike: dict[str, list[Row]] = {}
    for row in customers:
        if row.get("email"):
            alike.setdefault(row["email"], []).append(row)
    for rows in alike.values():
        yield from combinations(rows, 2)


def _customers(one: Row, other: Row) -> Row:
    return _pair(one["id"], other["id"], _BITS, left=False, right=False)


def _unexplained(_profile_id: str) -> NoReturn:
    raise NotImplementedError
