"""A forest of joined records that knows what each tree may not be joined with, and how it came to be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["ACCOUNT", "CUSTOMERS", "DIFFERENT", "NEAR", "REASONS", "Forest", "Marks"]

DIFFERENT, CUSTOMERS, ACCOUNT, NEAR = 1, 2, 3, 4
REASONS = {
    DIFFERENT: "a person decided that two of these records are different",
    CUSTOMERS: "it would make two customers one by way of a profile",
    ACCOUNT: "the customer has another verified account on this channel",
    NEAR: "another link that excludes this one is about as likely",
}
"""Why a link is not taken, by code."""

_ALWAYS = -1
"""The place of what no link joined: a record is itself."""

Accounts = dict[int, dict[int, bool]]


@dataclass(frozen=True, slots=True)
class Marks:
    """What units bring along: customers, the ends of each pair that differs, and accounts by channel, verified or not.

    A unit is a record, or several that people decided to be the same.
    """

    customers: frozenset[int]
    ends: tuple[tuple[int, int], ...]
    pairs: Mapping[int, frozenset[int]]
    accounts: Mapping[int, Accounts]


@dataclass(slots=True)
class _Tree:
    """One tree: its size, its customers, the places of the pairs that have an end in it, its accounts by channel."""

    size: int = 1
    customers: list[int] = field(default_factory=list)
    pairs: set[int] = field(default_factory=set)
    accounts: Accounts = field(default_factory=dict)


class Forest:
    """Union-find by size without path compression: the way up from a unit tells when it was joined with another."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._parent: dict[int, int] = {}
        self._place: dict[int, int] = {}  # of the link that put a unit below its parent
        self._trees: dict[int, _Tree] = {}

    def without_links(self) -> Forest:
        """The same units, none of them joined."""
        return Forest(self._marks)

    def joined(self, one: int, other: int) -> bool:
        """Whether two units are in one tree."""
        return self._root(one) == self._root(other)

    def forbids(self, one: int, other: int, *, customers: bool) -> tuple[int, int]:
        """The code of the reason not to join two units, 0 for none, and the pair that people told apart, or -1.

        ``customers`` says that both ends of the link are customers.
        """
        left, right = self._tree(one), self._tree(other)
        if left is right:
            return 0, -1
        pairs = left.pairs & right.pairs
        if pairs:
            return DIFFERENT, min(pairs)
        if left.customers and right.customers and not customers:
            return CUSTOMERS, -1
        return (ACCOUNT, -1) if _second_account(left.accounts, right.accounts) else (0, -1)

    def join(self, one: int, other: int, place: int) -> None:
        """Make two trees one by the link at a place, which is after all before it."""
        top, below = self._root(one), self._root(other)
        if top == below:
            return
        if self._tree(top).size < self._tree(below).size:
            top, below = below, top
        self._parent[below], self._place[below] = top, place
        tree, gone = self._tree(top), self._trees.pop(below)
        tree.size += gone.size
        tree.customers += gone.customers
        tree.pairs |= gone.pairs
        for channel, accounts in gone.accounts.items():
            own = tree.accounts.setdefault(channel, {})
            for account, verified in accounts.items():
                own[account] = own.get(account, False) or verified

    def in_the_way(self, one: int, other: int, *, customers: bool) -> int | None:
        """The place of the weakest link without which two units might be joined; None where links are not why.

        Where several chains forbid it, the one that is hardest to break counts.
        """
        left, right = self._tree(one), self._tree(other)
        if left is right or _second_account(left.accounts, right.accounts):
            return None
        chains = list(self._apart(one, other, left.pairs & right.pairs))
        if left.customers and right.customers and not customers:
            chains.append(max(self._nearest(one, left.customers), self._nearest(other, right.customers)))
        surest = min(chains, default=_ALWAYS)
        return None if surest == _ALWAYS else surest

    def _apart(self, one: int, other: int, pairs: set[int]) -> Iterator[int]:
        """For each pair that people told apart the weakest link between its ends and these two units."""
        root = self._root(one)
        for left, right in (self._marks.ends[pair] for pair in pairs):
            near, far = (left, right) if self._root(left) == root else (right, left)
            yield max(self._since(one, near), self._since(other, far))

    def _nearest(self, unit: int, customers: list[int]) -> int:
        return min(self._since(unit, customer) for customer in customers)

    def _since(self, one: int, other: int) -> int:
        """The place of the link that joined two units of one tree: links further up are later ones."""
        place = _ALWAYS
        while one != other:
            if self._later(one) > self._later(other):
                one, other = other, one
            place = self._place[one]
            one = self._parent[one]
        return place

    def _later(self, unit: int) -> float:
        return self._place.get(unit, float("inf"))

    def _root(self, unit: int) -> int:
        while unit in self._parent:
            unit = self._parent[unit]
        return unit

    def _tree(self, unit: int) -> _Tree:
        root = self._root(unit)
        if root not in self._trees:
            marks = self._marks
            accounts = {channel: dict(own) for channel, own in marks.accounts.get(root, {}).items()}
            customers = [root] if root in marks.customers else []
            self._trees[root] = _Tree(1, customers, set(marks.pairs.get(root, ())), accounts)
        return self._trees[root]


def _second_account(left: Accounts, right: Accounts) -> bool:
    """Whether two trees have different accounts of one channel, of which either is verified."""
    for channel in left.keys() & right.keys():
        one, other = left[channel], right[channel]
        if len(one.keys() | other.keys()) > 1 and any((*one.values(), *other.values())):
            return True
    return False
