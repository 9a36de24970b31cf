"""Ids of profile rows that bring none of their own: the same in every export, and unique within one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import MutableMapping, Sequence

__all__ = ["number_repeats", "row_id"]


def row_id(row: MutableMapping[str, object], number: int, otherwise: str = "") -> str:
    """``channel:scope:key``, the key being the account's id or else its handle, or else what names the record.

    Where a row has none of them, its number stands for it: ``channel#row``.

    >>> row_id({"channel": "slack", "scope": "T1", "account_id": "U1", "handle": "ada"}, 1)
    'slack:T1:U1'
    >>> row_id({"channel": "x", "handle": "@Ada"}, 2), row_id({"channel": "vcard"}, 3)
    ('x:ada', 'vcard#3')
    """
    # The case of a handle is free, that of an id is not.
    key = row.get("account_id") or str(row.get("handle") or "").strip().removeprefix("@").lower() or otherwise
    if not key:
        return f"{row.get('channel') or 'row'}#{number}"
    return ":".join(str(part) for part in (row.get("channel"), row.get("scope"), key) if part)


def number_repeats(rows: Sequence[MutableMapping[str, object]]) -> None:
    """Give the further rows of one account the ids ``...#2``, ``...#3``, so that each keeps a decision of its own.

    They are numbered in the order of what they hold, so that the order of the rows in the file does not matter.
    """
    groups: defaultdict[str, list[MutableMapping[str, object]]] = defaultdict(list)
    for row in rows:
        groups[str(row["profile_id"])].append(row)
    taken = set(groups)
    for first, group in groups.items():
        if len(group) == 1:
            continue
        count = 1
        for row in sorted(group, key=_content)[1:]:
            count += 1
            while f"{first}#{count}" in taken:
                count += 1
            row["profile_id"] = f"{first}#{count}"


def _content(row: MutableMapping[str, object]) -> list[str]:
    return [str(value) for value in row.values()]
