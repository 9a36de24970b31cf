"""A preview for somebody who knows their customers by number: one line for each value that would change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from socialmerge import channels
from socialmerge.errors import amount

__all__ = ["text_of"]

_NOTHING = "nothing"
_LONGEST = 100
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")

Row = Mapping[str, Any]


def text_of(position: int, changes: Sequence[Row], gone: Sequence[str], *, as_of: str = "") -> str:
    """Tell what would change, customers first, and how to write it."""
    told, goes = [row for row in changes if not _is_own(row)], frozenset(gone)
    lines = [
        f"position {position}: {amount(len(changes), 'value', 'values')} would be written",
        *_summary(changes, told),
    ]
    customers = [row for row in told if row["customer_id"] is not None]
    others = [row for row in told if row["customer_id"] is None]
    for rows in (customers, others):
        for entity, group in groupby(rows, key=lambda row: row["entity_id"]):
            lines += ["", *_person(entity, list(group), is_gone=entity in goes)]
    if changes:
        when = f" --as-of {as_of}" if as_of else ""
        how = f"socialmerge apply --position {position}{when} --by YOUR-NAME, and the same --store"
        lines += ["", f"To write them: {how}"]
    return "\n".join(lines)


def _summary(changes: Sequence[Row], told: Sequence[Row]) -> Iterator[str]:
    if not changes:
        return
    people = {row["entity_id"]: row["customer_id"] for row in told}
    customers = sum(own is not None for own in people.values())
    whose = "1 customer's record" if customers == 1 else f"{customers:,} customers' records"
    others = len(people) - customers
    strangers = (
        "1 record of somebody who is no customer"
        if others == 1
        else f"{others:,} records of people who are no customers"
    )
    yield f"{whose} would say something new, and {strangers} of yours"
    if same := len(changes) - len(told):
        yield (
            f"{amount(same, 'value is', 'values are')} what the customers' own rows say already: written "
            "too, and not listed"
        )


def _person(entity: str, rows: Sequence[Row], *, is_gone: bool) -> Iterator[str]:
    if is_gone:
        yield (
            f"Record {_shown(entity)} goes: {amount(len(rows), 'value', 'values')}; its rows belong to "
            "others now, or are erased"
        )
        return
    customer = rows[0]["customer_id"]
    yield f"No customer of yours ({_whose(rows)})" if customer is None else f"Customer {_shown(customer)}"
    yield from map(_line, rows)


def _whose(rows: Sequence[Row]) -> str:
    found = dict.fromkeys(_record(origin) for row in rows for origin in row["origins"])
    return ", ".join(found) or _shown(rows[0]["entity_id"])


def _line(row: Row) -> str:
    old, new = _old(row), _values(row["after"])
    fresh = [one for one in row["origins"] if one["value"] not in old] or row["origins"]
    where = "; ".join(dict.fromkeys(map(_where, fresh)))
    told = f"from {where}: {row['why']}" if where else row["why"]
    return f"  {_shown(row['field'])}: {_listed(old)} -> {_listed(new)}  ({told})"


def _is_own(row: Row) -> bool:
    """Whether the value is that which the customer's own row has."""
    return row["before"] is None and row["own"] is not None and set(_old(row)) == set(_values(row["after"]))


def _old(row: Row) -> list[str]:
    """What was applied last; before anything was, what the customer's own row says."""
    return _values(row["own"] if row["before"] is None else row["before"])


def _values(text: str | None) -> list[str]:
    """The values behind a text of a preview: of a list all, of an account its name.

    A text that looks like a list of something else, such as ``[1, 2]``, is what somebody wrote.
    """
    if text is None:
        return []
    try:
        found = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, str | dict) for one in found):
        return [text]
    return [one if isinstance(one, str) else str(one.get("handle") or one.get("account_id")) for one in found]


def _where(origin: Row) -> str:
    seen = (origin["observed_at"] or "")[:10]
    is_profile = origin["source"] in channels.names()
    return _record(origin) + (f", seen {seen}" if seen else ", date not known" if is_profile else "")


def _record(origin: Row) -> str:
    source, record = origin["source"], origin["record_id"]
    if origin["rule"] == "pinned":
        return _shown(source)
    if source in channels.names():
        return f"{channels.rules(source).title} profile {_shown(record)}"  # whole, as 'explain' takes it
    return f"row {_shown(record)}" + ("" if source == "crm" else f" of {_shown(source)}")


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(_shown, values)) or _NOTHING


def _shown(text: str) -> str:
    """One line of text: what moves the cursor or turns the writing round is left out, and the long is cut."""
    plain = _INVISIBLE.sub(" ", text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."
