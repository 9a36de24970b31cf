"""A process that ends after it wrote something, before it wrote all that follows from that."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from unittest.mock import patch

from socialmerge.store import Erased, Store, Written

__all__ = ["Dying", "KilledError", "dying"]

FOLLOWS = ("settle", "replace_links", "assign", "replace")
"""What a store is told after a change: what follows from it, each in a transaction of its own."""


class KilledError(Exception):
    """What stands for the end of a process."""


@dataclass
class Dying:
    """What a process wrote before its end, and how many further transactions it lives for."""

    left: int
    written: list[Written] = field(default_factory=list)
    swept: str = ""
    """The day before which all was swept away, where it was."""


@contextmanager
def dying(after: int) -> Iterator[Dying]:
    """Let the process end between what it wrote and what follows from that, or in the middle of what follows."""
    life, write = Dying(after), cast("Callable[..., Written]", Store.write)
    sweep = cast("Callable[..., Erased]", Store.retain)

    def follows(what: str) -> Callable[..., object]:
        does = getattr(Store, what)

        def done(*arguments: object, **named: object) -> object:
            if not life.left:
                raise KilledError
            life.left -= 1
            return does(*arguments, **named)

        return done

    def writes(*arguments: object, **named: object) -> Written:
        life.written.append(write(*arguments, **named))
        return life.written[-1]

    def sweeps(*arguments: object, **named: object) -> Erased:
        found = sweep(*arguments, **named)
        life.swept = cast("datetime", named["before"]).date().isoformat()
        return found

    with ExitStack() as patches:
        for name, does in {"write": writes, "retain": sweeps, **{what: follows(what) for what in FOLLOWS}}.items():
            patches.enter_context(patch.object(Store, name, does))
        yield life
