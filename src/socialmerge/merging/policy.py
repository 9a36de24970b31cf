"""The merge policy: which strategy each field follows, which fields go together, and what social data may do."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from socialmerge.errors import PolicyError
from socialmerge.merging import keep
from socialmerge.merging.keep import Strategy
from socialmerge.records import Kind

__all__ = ["KIND_KEYS", "VISIBILITIES", "Policy", "did_you_mean", "problems", "problems_error"]

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

VISIBILITIES = ("public", "private", "secret")
"""Who may see a value: everybody, only the person it is of, nobody outside."""

_CHOICES = {"social": ("fill", "overwrite"), "contact_points": ("verified", "asserted")}


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
        from socialmerge.merging.policy_file import load

        return load(path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the policy to a TOML file that :meth:`load` reads back to an equal policy."""
        from socialmerge.merging.policy_file import save

        save(self, path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """End a message with the nearest known word, or with all of them when none is near.

    >>> did_you_mean("emial", ["email", "phone"])
    "; did you mean 'email'?"
    """
    known = sorted(set(known))
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"


def problems_error(where: str, found: list[str]) -> PolicyError:
    """Make one error of all problems."""
    if len(found) == 1:
        return PolicyError(f"{where}: {found[0]}")
    lines = "\n".join(f"- {problem}" for problem in found)
    return PolicyError(f"{where}: {len(found)} problems\n{lines}")


def problems(values: Mapping[str, object]) -> list[str]:
    """Say what is wrong with the parts of a policy, by the names of its fields; a part left out is right."""
    return [
        *_strategy_problems(values),
        *_group_problems(values.get("groups")),
        *_text_problems(values),
        *_clears_problems(values.get("clears", ())),
        *_visibility_problems(values.get("visibility", {})),
    ]


def _strategy_problems(values: Mapping[str, object]) -> list[str]:
    rules = values.get("rules", {})
    if not isinstance(rules, Mapping):
        return ["rules is not a mapping; write rules={'email': keep.every()}"]
    named = {f"rules[{key!r}]": value for key, value in rules.items()}
    if "otherwise" in values:
        named["otherwise"] = values["otherwise"]
    found = []
    for where, value in named.items():
        if not isinstance(value, Strategy):
            hint = did_you_mean(value, keep.STRATEGIES) if isinstance(value, str) else ""
            found.append(f"{where} is not a strategy{hint}; use sm.keep, as in keep.newest()")
        else:
            unknown = (step.name for step in value.steps if step.name not in keep.STRATEGIES)
            found += [f"{where}: unknown strategy '{name}'{did_you_mean(name, keep.STRATEGIES)}" for name in unknown]
    return found


def _group_problems(groups: object) -> list[str]:
    if groups is None:
        return []
    if not isinstance(groups, Mapping):
        return ["groups is not a mapping; write groups={'address': ('street', 'city', 'postcode')}"]
    found, seen = [], dict[str, str]()
    for name, members in groups.items():
        if isinstance(members, str):
            found.append(f"groups[{name!r}] is one text; write a tuple of column names")
            continue
        for member in members:
            if member in seen:
                found.append(
                    f"groups[{name!r}] and groups[{seen[member]!r}] both hold '{member}'; a field has one group"
                )
            seen[member] = name
    return found


def _text_problems(values: Mapping[str, object]) -> list[str]:
    found = [
        f"{name} is neither {' nor '.join(map(repr, choices))}"
        for name, choices in _CHOICES.items()
        if values.get(name, choices[0]) not in choices
    ]
    columns = (name for name in ("observed", "source") if not isinstance(values.get(name, ""), str))
    return [*found, *(f"{name} is not the name of a column" for name in columns)]


def _clears_problems(clears: object) -> list[str]:
    if isinstance(clears, list | tuple) and all(isinstance(source, str) for source in clears):
        return []
    return ["clears is not a list of sources; write clears=('crm',)"]


def _visibility_problems(visibility: object) -> list[str]:
    if not isinstance(visibility, Mapping):
        return ["visibility is not a mapping; write visibility={'birthday': 'secret'}"]
    wrong = (key for key, how in visibility.items() if how not in VISIBILITIES)
    return [f"visibility[{key!r}] is none of {', '.join(map(repr, VISIBILITIES))}" for key in wrong]
