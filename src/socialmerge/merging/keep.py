"""Survivorship strategies: which of several values a field keeps.

A strategy is a tuple of steps. Each step ranks the values of one field of one entity; :func:`first` composes them, so
that a later step only sees what the earlier ones left tied. What all steps leave tied falls to the total order of
``survivorship``, hence never to the order of the input.
"""

from __future__ import annotations

from dataclasses import dataclass

from socialmerge.errors import PolicyError

__all__ = [
    "STRATEGIES",
    "Step",
    "Strategy",
    "every",
    "first",
    "longest",
    "most_complete",
    "most_frequent",
    "newest",
    "oldest",
    "trusted",
    "validated",
]

STRATEGIES = ("newest", "oldest", "trusted", "most_frequent", "most_complete", "longest", "validated", "every")


@dataclass(frozen=True, slots=True)
class Step:
    """One way to rank values.

    ``sources`` belongs to ``trusted`` alone. ``missing`` belongs to ``newest`` and ``oldest``: ``"error"`` when no
    value has a date is a :class:`~socialmerge.errors.PolicyError`, ``"skip"`` leaves the choice to the next step.
    """

    name: str
    sources: tuple[str, ...] = ()
    missing: str = "error"

    def __str__(self) -> str:
        """Name the step as provenance and conflicts show it."""
        return f"{self.name}({', '.join(self.sources)})" if self.sources else self.name


@dataclass(frozen=True, slots=True)
class Strategy:
    """Steps in order; the first that decides wins."""

    steps: tuple[Step, ...]

    @property
    def keeps_every(self) -> bool:
        """Whether the field keeps a list of values."""
        return self.steps[-1].name == "every"

    def __str__(self) -> str:
        """Name the steps as provenance and conflicts show them.

        >>> str(first(trusted("crm", "linkedin"), newest()))
        'trusted(crm, linkedin), newest'
        """
        return ", ".join(map(str, self.steps))


def newest(*, missing: str = "error") -> Strategy:
    """Keep the value that was observed last (not the one that was loaded last).

    ``missing`` says what happens when the tables have no dates: ``"error"`` or ``"skip"``.

    >>> str(newest())
    'newest'
    """
    return Strategy((Step("newest", missing=_checked(missing)),))


def oldest(*, missing: str = "error") -> Strategy:
    """Keep the value that was observed first; ``missing`` as for :func:`newest`."""
    return Strategy((Step("oldest", missing=_checked(missing)),))


def trusted(*sources: str) -> Strategy:
    """Keep the value of the first of ``sources`` that has one; a source not named comes last.

    A source is ``"crm"`` for the customer table, else the name of a channel. Naming a channel before ``"crm"`` is how a
    policy lets it overwrite the customer table.

    Raises:
        PolicyError: No source is named, or one is named twice.
    """
    if not sources or len(set(sources)) < len(sources):
        problem = "names no source" if not sources else "names a source twice"
        message = f"keep.trusted {problem}; write keep.trusted('crm', 'linkedin'), the most trusted first"
        raise PolicyError(message)
    return Strategy((Step("trusted", sources=sources),))


def most_frequent() -> Strategy:
    """Keep the value that most records hold, equal values counted after normalisation."""
    return Strategy((Step("most_frequent"),))


def most_complete() -> Strategy:
    """Keep the value with most known parts; an initial counts half a name."""
    return Strategy((Step("most_complete"),))


def longest() -> Strategy:
    """Keep the value with most characters."""
    return Strategy((Step("longest"),))


def validated() -> Strategy:
    """Keep a value that its field's parser accepts over one that it does not."""
    return Strategy((Step("validated"),))


def every() -> Strategy:
    """Keep all values that differ after normalisation, as a list."""
    return Strategy((Step("every"),))


def first(*strategies: Strategy) -> Strategy:
    """Compose strategies: the first that decides wins.

    :func:`every` may only stand last: it then keeps all values that the steps before it left tied.

    >>> str(first(validated(), every()))
    'validated, every'

    Raises:
        PolicyError: There is nothing to compose, or ``every`` is not the last.
    """
    steps = tuple(step for strategy in strategies for step in strategy.steps)
    if not steps:
        message = "keep.first got no strategy; write keep.first(keep.validated(), keep.newest())"
        raise PolicyError(message)
    if any(step.name == "every" for step in steps[:-1]):
        message = "keep.every keeps all values, so no strategy after it can decide; put it last in keep.first"
        raise PolicyError(message)
    return Strategy(steps)


def _checked(missing: str) -> str:
    if missing not in ("error", "skip"):
        message = "missing= of keep.newest and keep.oldest is 'error' or 'skip'"
        raise PolicyError(message)
    return missing
