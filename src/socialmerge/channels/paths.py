"""The small path language by which a channel's TOML says where an attribute lies in a record.

``profile.email`` goes down two keys; a list on the way is gone through element by element, so ``fields.value`` is the
value of every field. ``fields[verified_at].value`` takes only elements whose ``verified_at`` holds something, and
``attachment[type=PropertyValue].value`` only those where it equals. ``[!deleted]`` takes those where it holds nothing.
An empty path is the record itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Condition", "Path", "Step", "condition", "holds", "path", "values"]

_STEP = re.compile(r"(?P<key>[^.\[\]]+)(?:\[(?P<condition>[^\[\]]+)\])?")


@dataclass(frozen=True, slots=True)
class Condition:
    """What an element must hold to be taken."""

    path: Path
    equals: str | None = None  # None: any value that is not empty, false or zero
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

    >>> list(values({"fields": [{"value": 1}, {"value": 2}]}, path("fields.value")))
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
    """Parse ``key``, ``!key``, ``key=value`` or ``key!=value``; the key may itself be a path."""
    negated = text.startswith("!")
    key, sign, wanted = text.removeprefix("!").partition("=")
    if sign and key.endswith("!"):
        key, negated = key[:-1], True
    return Condition(path(key), wanted if sign else None, negated)


def values(record: object, where: Path) -> Iterator[object]:
    """Every leaf at the path, lists flattened, nulls left out, in the record's order."""
    found = [record]
    for step in where.steps:
        found = [
            child
            for parent in _flat(found)
            if isinstance(parent, Mapping)
            for child in _flat([parent.get(step.key)])
            if step.condition is None or holds(child, step.condition)
        ]
    yield from _flat(found)


def holds(record: object, wanted: Condition) -> bool:
    """Whether a record holds what a condition asks for; texts compare without case."""
    found = list(values(record, wanted.path))
    if wanted.equals is None:
        answer = any(_is_true(value) for value in found)
    else:
        answer = any(_as_text(value) == wanted.equals.casefold() for value in found)
    return answer != wanted.negated


def _is_true(value: object) -> bool:
    """Exports that went through a table spell booleans as text."""
    return bool(value) and _as_text(value) not in {"false", "0", "no", "null", ""}


def _as_text(value: object) -> str:
    return str(value).strip().casefold() if isinstance(value, str | int | float) else ""


def _flat(found: list[object]) -> Iterator[object]:
    for value in found:
        if isinstance(value, list | tuple):
            yield from _flat(list(value))
        elif value is not None:
            yield value
