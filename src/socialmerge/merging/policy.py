"""The merge policy: which strategy each field follows, which fields go together, and what social data may do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from socialmerge.merging import keep, policy_file
from socialmerge.merging.keep import Strategy
from socialmerge.merging.policy_problems import problems, problems_error
from socialmerge.records import Kind

__all__ = ["KIND_KEYS", "Policy"]

KIND_KEYS: Mapping[str, Kind] = {
    "name": Kind.NAME,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "account": Kind.ACCOUNT,
    "url": Kind.URL,
    "website": Kind.URL,
    "date": Kind.DATE,
    "place": Kind.PLACE,
    "address": Kind.PLACE,
    "text": Kind.TEXT,
    "code": Kind.CODE,
    "number": Kind.NUMBER,
    "category": Kind.CATEGORY,
}
"""Rule keys that mean every field of a kind; the name of a field comes first."""


def _otherwise() -> Strategy:
    return keep.first(
        keep.validated(),
        keep.newest(missing="skip"),
        keep.most_frequent(),
        keep.most_complete(),
        keep.longest(),
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """What the merged record keeps.

    ``rules`` maps a field (the name of a customer column or of a profile attribute), a group, or a kind (``"email"``,
    ``"phone"``, ``"name"``, ``"address"`` ...) to a strategy of ``keep``; the most specific wins. ``otherwise`` is
    for every other field that holds one value; a field of several values (a cell with a separator, the websites of a
    profile) keeps every one unless a rule names it or its kind.

    ``groups`` maps a name to the customer columns that win or lose as one; by default the parts of an address do.
    Where the rule keeps every value there is nothing to win, and each column of the group keeps its own list.
    ``social`` is ``"fill"`` (social values fill blanks and add, the default) or ``"overwrite"`` (they compete on
    equal terms); ``keep.trusted`` with a channel before ``"crm"`` overrides it for one field. What is only inferred
    never overwrites, whatever the policy says. ``contact_points`` is ``"verified"`` (an e-mail or phone enters a
    customer's record only if it is itself verified, the default) or ``"asserted"`` (a verified attachment may add
    any). ``observed`` names the customer column that says when a row was last confirmed (by default recognised by the
    usual names), ``source`` the column that says which system a row came from (by default every row is of ``"crm"``).
    ``clears`` names the sources whose blank takes away what was observed before it (none by default); it needs dates.
    ``visibility`` maps a field, a group or a kind to ``"public"``, ``"private"`` or ``"secret"``; by default a
    customer's values are private, and so are a profile's contact points, codes, dates and addresses.

    >>> rules = {"email": keep.every(), "phone": keep.trusted("crm", "linkedin")}
    >>> policy = Policy(rules=rules, otherwise=keep.newest())
    >>> str(policy.rules["phone"])
    'trusted(crm, linkedin)'

    Raises:
        PolicyError: Any part has the wrong shape; all problems are listed at once.
    """

    rules: Mapping[str, Strategy] = field(default_factory=dict)
    otherwise: Strategy = field(default_factory=_otherwise)
    groups: Mapping[str, tuple[str, ...]] | None = None
    social: str = "fill"
    contact_points: str = "verified"
    observed: str = ""
    source: str = ""
    clears: tuple[str, ...] = ()
    visibility: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = problems({name: getattr(self, name) for name in self.__slots__})
        if found:
            raise problems_error("policy", found)
        object.__setattr__(self, "rules", dict(self.rules))
        object.__setattr__(self, "visibility", dict(self.visibility))
        object.__setattr__(self, "clears", tuple(self.clears))
        if self.groups is not None:
            object.__setattr__(self, "groups", {name: tuple(members) for name, members in self.groups.items()})

    @property
    def named(self) -> frozenset[str]:
        """The fields, groups and kinds that the policy speaks of."""
        return frozenset(
            [*self.rules, *self.visibility, *(one for found in (self.groups or {}).values() for one in found)]
        )

    @classmethod
    def default(cls) -> Policy:
        """Make the policy that fits any table: the customer table wins, social data fills blanks and adds."""
        return cls()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Policy:
        """Read a policy from a TOML file.

        Raises:
            PolicyError: The file cannot be read or is wrong; all problems are listed at once.
        """
        return cls(**policy_file.load(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the policy to a TOML file that :meth:`load` reads back to an equal policy.

        Raises:
            TableError: the file cannot be written, or one that is not TOML would be lost.
        """
        policy_file.save({name: getattr(self, name) for name in self.__slots__}, path)
