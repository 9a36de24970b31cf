"""The account that each profile is: its canonical handle, and the part of it that may come from a name."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.normalise import accounts
from socialmerge.records import Account, Missing, MissingReason

__all__ = ["OwnAccounts"]

_NOBODYS = (MissingReason.PLACEHOLDER, MissingReason.EMPTY, MissingReason.JUNK)
_APART = "\x1f"


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    """``pa.string()`` arrays, one value a profile, ``""`` where it shows none.

    ``handle`` is canonical, or only in lower case where its channel knows no such handle; ``chosen`` is the part of it
    that may come from a name.
    """

    channel: pa.Array
    scope: pa.Array
    handle: pa.Array
    chosen: pa.Array
    account_id: pa.Array

    @classmethod
    def of(cls, profiles: pa.Table) -> OwnAccounts:
        """The accounts of a table with :func:`socialmerge.records.profiles_schema`; each is parsed once.

        >>> from socialmerge.records import profiles_schema
        >>> row = {"profile_id": "1", "channel": "linkedin", "handle": "Ada-Lovelace-1a2b3c4d"}
        >>> own = OwnAccounts.of(pa.Table.from_pylist([row], schema=profiles_schema()))
        >>> own.handle.to_pylist(), own.chosen.to_pylist()
        (['ada-lovelace-1a2b3c4d'], ['ada-lovelace'])
        """
        columns = ("channel", "scope", "handle", "account_id")
        channel, scope, handle, account_id = (_texts(profiles[name]) for name in columns)
        shown = pc.dictionary_encode(pc.binary_join_element_wise(channel, scope, handle, _APART))
        parsed = [_parsed(*text.split(_APART, 2)) for text in shown.dictionary.to_pylist()]
        found = [pa.array([one[k] for one in parsed], pa.string()).take(shown.indices) for k in range(2)]
        return cls(channel, scope, found[0], found[1], account_id)


def _texts(column: pa.ChunkedArray) -> pa.Array:
    texts = tables.strings(column)
    return pc.fill_null(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts, "")


def _parsed(channel: str, scope: str, handle: str) -> tuple[str, str]:
    account = accounts.parse(handle, channel=channel, scope=scope) if handle else None
    if isinstance(account, Account) and account.handle:
        return account.handle, accounts.name_part(account)
    if isinstance(account, Missing) and account.reason in _NOBODYS:
        return "", ""  # what a template left is no account, and two of them are not one
    return handle.casefold(), handle
