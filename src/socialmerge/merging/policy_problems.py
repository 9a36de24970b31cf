"""What is wrong with a merge policy: every problem of its parts, as one error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from socialmerge.errors import PolicyError, hint
from socialmerge.merging.keep import STRATEGIES, Strategy

__all__ = ["VISIBILITIES", "problems", "problems_error"]

VISIBILITIES = ("public", "private", "secret")
"""Who may see a value: everybody, only the person it is of, nobody outside."""

_CHOICES = {"social": ("fill", "overwrite"), "contact_points": ("verified", "asserted")}


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
        *_blank_problems(values),
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
            meant = hint(value, STRATEGIES) if isinstance(value, str) else ""
            found.append(f"{where} is not a strategy{meant}; use sm.keep, as in keep.newest()")
        else:
            unknown = (step.name for step in value.steps if step.name not in STRATEGIES)
            found += [f"{where}: unknown strategy '{name}'{hint(name, STRATEGIES)}" for name in unknown]
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
        if not isinstance(members, Iterable) or not all(isinstance(member, str) for member in members):
            found.append(f"groups[{name!r}] is not a tuple of column names")
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


def _blank_problems(values: Mapping[str, object]) -> list[str]:
    """Texts that name nothing: nobody would heed what is said of them."""
    found = [
        f"{name} is blank; name a column, or leave it out" for name in ("observed", "source") if _is_blank(values, name)
    ]
    for name in ("rules", "visibility", "groups"):
        keys = values.get(name)
        if isinstance(keys, Mapping) and any(isinstance(key, str) and not key.strip() for key in keys):
            found.append(f"{name} names a field that is blank; name a column, a group or a kind")
    groups, clears = values.get("groups"), values.get("clears", ())
    for name, members in groups.items() if isinstance(groups, Mapping) else ():
        if isinstance(members, list | tuple) and "" in _stripped(members):
            found.append(f"groups[{name!r}] holds a column that is blank; name the columns")
    if isinstance(clears, list | tuple) and "" in _stripped(clears):
        found.append("clears holds a source that is blank; name the source, as in clears=('crm',)")
    return found


def _is_blank(values: Mapping[str, object], name: str) -> bool:
    """Whether a name is written and is only space; one that is empty is left out."""
    text = values.get(name, "")
    return isinstance(text, str) and bool(text) and not text.strip()


def _stripped(texts: Iterable[object]) -> list[str]:
    return [text.strip() for text in texts if isinstance(text, str)]


def _clears_problems(clears: object) -> list[str]:
    if isinstance(clears, list | tuple) and all(isinstance(source, str) for source in clears):
        return []
    return ["clears is not a list of sources; write clears=('crm',)"]


def _visibility_problems(visibility: object) -> list[str]:
    if not isinstance(visibility, Mapping):
        return ["visibility is not a mapping; write visibility={'birthday': 'secret'}"]
    wrong = (key for key, how in visibility.items() if how not in VISIBILITIES)
    return [f"visibility[{key!r}] is none of {', '.join(map(repr, VISIBILITIES))}" for key in wrong]
