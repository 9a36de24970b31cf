"""Typed values out of a TOML table, with every problem noted against its key rather than raised."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from socialmerge.channels.paths import Condition, Path, condition, path

__all__ = ["Fields", "did_you_mean"]

T = TypeVar("T")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` when a known word is close, else nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


@dataclass(frozen=True, slots=True)
class Fields:
    """One TOML table; ``problems`` is shared by all tables of a file."""

    table: Mapping[str, object]
    where: str = ""  # the table's own key, for messages
    problems: list[str] = field(default_factory=list)

    def say(self, key: str, what: str) -> None:
        """Note a problem of one key."""
        self.problems.append(f"{self.at(key)}: {what}")

    def at(self, key: str) -> str:
        """The full name of one key."""
        return f"{self.where}.{key}" if self.where else key

    def only(self, known: Iterable[str]) -> None:
        """Note every key that is not a known one."""
        for key in sorted(self.table.keys() - set(known)):
            self.say(key, f"unknown key{did_you_mean(key, known)}")

    def text(self, key: str, *, choices: tuple[str, ...] = ()) -> str:
        """A text; ``""`` when absent."""
        value = self._typed(key, str, "a text") or ""
        if choices and value and value not in choices:
            self.say(key, f"{value!r} is not one of {', '.join(choices)}{did_you_mean(value, choices)}")
        return value

    def flag(self, key: str) -> bool:
        """A boolean; false when absent."""
        return self._typed(key, bool, "true or false") or False

    def flag_or_none(self, key: str) -> bool | None:
        """A boolean; None when absent."""
        return self._typed(key, bool, "true or false")

    def texts(self, key: str, *, choices: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = self.table.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            self.say(key, "must be a list of texts")
            return ()
        for item in listed:
            if choices and item not in choices:
                self.say(key, f"{item!r} is not one of {', '.join(choices)}{did_you_mean(item, choices)}")
        return tuple(listed)

    def regex(self, key: str, *, flags: int = 0) -> re.Pattern[str] | None:
        """A compiled pattern; None when absent or wrong."""
        value = self.text(key)
        try:
            return re.compile(value, flags) if value else None
        except re.error as error:
            self.say(key, f"not a regular expression: {error}")
            return None

    def paths(self, key: str) -> tuple[Path, ...]:
        """A list of paths into a record."""
        return tuple(made for item in self.texts(key) if (made := self.path(key, item)) is not None)

    def path(self, key: str, text: str) -> Path | None:
        """One path into a record; None when it is wrong."""
        try:
            return path(text)
        except ValueError as error:
            self.say(key, str(error))
            return None

    def conditions(self, key: str) -> tuple[Condition, ...]:
        """A list of conditions on a record."""
        found = []
        for item in self.texts(key):
            try:
                found.append(condition(item))
            except ValueError as error:
                self.say(key, str(error))
        return tuple(found)

    def child(self, key: str) -> Fields:
        """A table inside this one; an empty one when absent."""
        return Fields(self._typed(key, dict, "a table") or {}, self.at(key), self.problems)

    def children(self, key: str) -> list[Fields]:
        """A list of tables inside this one."""
        value = self._typed(key, list, "a list of tables") or []
        if not all(isinstance(item, dict) for item in value):
            self.say(key, "must be a list of tables")
            return []
        return [self.entry(key, number, item) for number, item in enumerate(value)]

    def entry(self, key: str, number: int, table: Mapping[str, object]) -> Fields:
        """One table of a list of them."""
        return Fields(table, f"{self.at(key)}[{number}]", self.problems)

    def _typed(self, key: str, kind: type[T], what: str) -> T | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, kind):
            self.say(key, f"must be {what}")
            return None
        return value
