"""Profiles as evidence for each other: which were shown to be one person's, and which are likely to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.normalise import accounts, emails
from socialmerge.records import Account, Email

__all__ = ["Together", "groups"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Together:
    """A code for each profile: ``one`` is shared by those shown to be one person's, ``likely`` by those that say so."""

    one: Ints
    likely: Ints


def groups(profiles: pa.Table) -> Together:
    """Group profiles that share a stable id or a verified address, or link to each other.

    A link one way, or an address that nothing proved, makes a group only among strangers: anybody can write it.
    """
    rows = profiles.to_pylist()
    own = [_own(row) for row in rows]
    place = {account: number for number, account in enumerate(own) if account}
    linked = [{place[account] for account in _linked(row) if account in place} for row in rows]
    one, likely = _Sets(len(rows)), _Sets(len(rows))
    for number, row in enumerate(rows):
        for key in _proofs(row):
            one.join(key, number)
            likely.join(key, number)
        for key in _claims(row):
            likely.join(key, number)
        for other in linked[number]:
            likely.unite(number, other)
            if number in linked[other]:
                one.unite(number, other)
    return Together(one.codes(), likely.codes())


def _own(row: dict[str, object]) -> tuple[str, str] | None:
    channel, handle = str(row["channel"] or ""), str(row["handle"] or "")
    if not handle:
        return None
    account = accounts.parse(handle, channel=channel, scope=str(row["scope"] or ""))
    return (channel, account.handle if isinstance(account, Account) else handle.casefold())


def _linked(row: dict[str, object]) -> Iterator[tuple[str, str]]:
    for column in ("links", "websites"):
        for link in _several(row[column]):
            account = accounts.parse(link)
            if isinstance(account, Account) and account.handle:
                yield account.channel, account.handle


def _proofs(row: dict[str, object]) -> Iterator[tuple[str, ...]]:
    if row["account_id"]:
        yield "id", str(row["channel"] or ""), str(row["scope"] or ""), str(row["account_id"])
    for address in _addresses(row["verified_emails"]):
        yield "email", address


def _claims(row: dict[str, object]) -> Iterator[tuple[str, ...]]:
    own = _own(row)
    if own:
        yield ("account", *own)
    for address in _addresses(row["emails"]):
        yield "email", address


def _addresses(values: object) -> Iterator[str]:
    """Addresses of one person: an office's or a robot's is nobody's."""
    for raw in _several(values):
        email = emails.parse(raw)
        if isinstance(email, Email) and email.kind not in ("role", "noreply"):
            yield email.canonical


def _several(values: object) -> list[str]:
    return [str(value) for value in values if value] if isinstance(values, list) else []


class _Sets:
    """Disjoint sets of rows, also by shared keys."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self._first: dict[tuple[str, ...], int] = {}

    def _root(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def unite(self, one: int, other: int) -> None:
        one, other = sorted((self._root(one), self._root(other)))
        self._parent[other] = one

    def join(self, key: tuple[str, ...], row: int) -> None:
        self.unite(self._first.setdefault(key, row), row)

    def codes(self) -> Ints:
        return np.array([self._root(row) for row in range(len(self._parent))], np.int64)
