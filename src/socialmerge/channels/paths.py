"""The small path language by which a channel's TOML says where an attribute lies in a record.

``profile.email`` goes down two keys; a list on the way is gone through element by element, so ``fields.value`` is the
value of every field. ``fields[verified_at].value`` takes only elements whose ``verified_at`` holds something,
``attachment[type=PropertyValue].value`` only those where it equals; ``[acct*=@]`` those where it contains. ``!`` before
the key turns a condition round.
An empty path is the record itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Condition", "Path", "Step", "condition", "holds", "path", "values"]

_STEP = re.compile(r"(?P<key>[^.\[\]]+)(?:\[(?P<condition>[^\[\]]+)\])?")


@dataclass(frozen=True, slots=True)
class Condition:
    """What an element must hold to be taken."""

    path: Path
    equals: str | None = None  # None: any value that is not empty, false or zero
    contains: bool = False  # the value holds the text instead of being it
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One key down, and which elements there to take."""

    key: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from a record to a value."""

    steps: tuple[Step, ...]
    text: str

    @property
    def top(self) -> str:
        """The record's own key by which the path begins."""
        return self.steps[0].key if self.steps else ""


def path(text: str) -> Path:
    """Parse a path; ``ValueError`` when it is not one.

    >>> values({"fields": [{"value": 1}, {"value": 2}]}, path("fields.value"))
    [1, 2]
    """
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"{text!r} is not a path: write keys with dots between them, as in 'profile.email'")
        steps.append(Step(match["key"], condition(match["condition"]) if match["condition"] else None))
        position = match.end()
        if position < len(text):
            if text[position] != "." or position + 1 == len(text):
                raise ValueError(f"{text!r} is not a path: write keys with dots between them, as in 'profile.email'")
            position += 1
    return Path(tuple(steps), text)


def condition(text: str) -> Condition:
    """Parse ``key``, ``key=value`` or ``key*=part``, each with or without ``!`` before it; the key may be a path."""
    key, sign, wanted = text.removeprefix("!").partition("=")
    contains = bool(sign) and key.endswith("*")
    where = path(key[:-1] if contains else key)
    return Condition(where, wanted.casefold() if sign else None, contains, negated=text.startswith("!"))


def values(record: object, where: Path) -> list[object]:
    """Every leaf at the path, lists flattened, nulls left out, in the record's order."""
    if len(where.steps) == 1 and where.steps[0].condition is None:  # most paths; worth the shortcut
        return _flat(_children(record, where.steps[0]))
    found = [record]
    for step in where.steps:
        found = [child for parent in _flat(found) for child in _children(parent, step)]
        if not found:
            return found
    return _flat(found)


def _children(parent: object, step: Step) -> list[object]:
    if not isinstance(parent, dict | Mapping):  # dict first: a Mapping is ten times as slow to tell
        return []
    child = parent.get(step.key)
    if step.condition is None:
        return [] if child is None else [child]
    return [item for item in _flat([child]) if holds(item, step.condition)]


def holds(record: object, wanted: Condition) -> bool:
    """Whether a record holds what a condition asks for; texts compare without case."""
    found = values(record, wanted.path)
    if wanted.equals is None:
        answer = any(_is_true(value) for value in found)
    else:
        texts = map(_as_text, found)
        answer = any(wanted.equals in text if wanted.contains else wanted.equals == text for text in texts)
    return answer != wanted.negated


def _is_true(value: object) -> bool:
    """Exports that went through a table spell booleans as text."""
    return bool(value) and _as_text(value) not in {"false", "0", "no", "null", ""}


def _as_text(value: object) -> str:
    return str(value).strip().casefold() if isinstance(value, str | int | float) else ""


def _flat(found: list[object]) -> list[object]:
    """Lists within lists laid out flat; by a stack of its own, so that no depth of nesting is too much."""
    if len(found) == 1 and not isinstance(found[0], list | tuple):
        return found if found[0] is not None else []
    flat: list[object] = []
    waiting = list(reversed(found))
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting.extend(reversed(value))
        elif value is not None:
            flat.append(value)
    return flat
