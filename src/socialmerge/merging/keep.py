"""Survivorship strategies: which of several values a field keeps.

A strategy is a tuple of steps. Each step ranks the values of one field of one entity; :func:`first` composes them, so
that a later step only sees what the earlier ones left tied. What all steps leave tied falls to the total order of
``survivorship``, hence never to the order of the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from socialmerge.errors import PolicyError

__all__ = [
    "STRATEGIES",
    "Step",
    "Strategy",
    "agreed",
    "every",
    "first",
    "longest",
    "max",
    "min",
    "most_complete",
    "most_frequent",
    "newest",
    "oldest",
    "pinned",
    "trusted",
    "validated",
]

STRATEGIES = (
    *("newest", "oldest", "trusted", "agreed", "most_frequent", "most_complete", "longest"),
    *("validated", "every", "min", "max", "pinned"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One way to rank values.

    ``sources`` and ``half_lives`` belong to ``trusted`` alone: pairs of a source (``""`` for all) and the days in
    which its trust halves. ``count`` is how many sources ``agreed`` asks for. ``missing`` belongs to ``newest`` and
    ``oldest``: ``"error"`` when no value has a date is a :class:`~socialmerge.errors.PolicyError`, ``"skip"`` leaves
    the choice to the next step.
    """

    name: str
    sources: tuple[str, ...] = ()
    missing: str = "error"
    half_lives: tuple[tuple[str, float], ...] = ()
    count: int = 0

    def __str__(self) -> str:
        """Name the step as provenance and conflicts show it."""
        if self.name == "agreed":
            return f"agreed({self.count})"
        if not self.sources:
            return self.name
        decay = ", ".join(f"{source} {days:g}".strip() for source, days in self.half_lives)
        return f"{self.name}({', '.join(self.sources)}{f'; half-life in days: {decay}' if decay else ''})"


@dataclass(frozen=True, slots=True)
class Strategy:
    """Steps in order; the first that decides wins."""

    steps: tuple[Step, ...]

    @property
    def keeps_every(self) -> bool:
        """Whether the field keeps a list of values."""
        return self.steps[-1].name == "every"

    @property
    def decays(self) -> bool:
        """Whether what it keeps depends on the time at which it is asked."""
        return any(step.half_lives for step in self.steps)

    @property
    def looks_back(self) -> bool:
        """Whether it asks what a row said before it said something else."""
        return any(step.name == "oldest" for step in self.steps)

    @property
    def only_pins(self) -> bool:
        """Whether nothing is kept but what a person pinned."""
        return self.steps[-1].name == "pinned"

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


def trusted(*sources: str, half_life_days: float | Mapping[str, float] | None = None) -> Strategy:
    """Keep the value of the first of ``sources`` that has one; a source not named comes last.

    A source is ``"crm"`` for the customer table, else the name of a channel. Naming a channel before ``"crm"`` is how a
    policy lets it overwrite the customer table.

    ``half_life_days`` lets trust decay: the first source starts at 1, each further place at half of the one before, and
    a value's trust halves in so many days from its observation to the ``as_of`` that the merge is given. One number is
    for all sources; a mapping gives each its own, and what it does not name keeps its trust. Under a decay a value
    without a date is trusted less than any with one.

    >>> str(trusted("crm", "linkedin", half_life_days={"crm": 365}))
    'trusted(crm, linkedin; half-life in days: crm 365)'

    Raises:
        PolicyError: No source is named, or one is blank, or named twice, or a half-life is not above zero or of
            another source.
    """
    is_blank = any(not source.strip() for source in sources)
    if not sources or is_blank or len(set(sources)) < len(sources):
        problem = (
            "names a source that is blank" if is_blank else "names a source twice" if sources else "names no source"
        )
        message = f"keep.trusted {problem}; write keep.trusted('crm', 'linkedin'), the most trusted first"
        raise PolicyError(message)
    return Strategy((Step("trusted", sources=sources, half_lives=_half_lives(sources, half_life_days)),))


def agreed(*, sources: int = 2) -> Strategy:
    """Keep a value that at least so many different sources hold, over one that fewer do.

    All rows of one source are one voice, and so are all profiles of one channel; an inferred attachment has none. Where
    no value is agreed on, the next strategy decides.

    Raises:
        PolicyError: ``sources`` is below 2.
    """
    if type(sources) is not int or sources < 2:
        message = "keep.agreed asks for at least 2 sources; write keep.agreed(sources=2)"
        raise PolicyError(message)
    return Strategy((Step("agreed", count=sources),))


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


def min() -> Strategy:  # noqa: A001 - the name that policies use
    """Keep the smallest number or the earliest date; the field must be of one of these kinds."""
    return Strategy((Step("min"),))


def max() -> Strategy:  # noqa: A001 - the name that policies use
    """Keep the greatest number or the latest date; the field must be of one of these kinds."""
    return Strategy((Step("max"),))


def pinned() -> Strategy:
    """Keep what a person pinned, and nothing else unless a strategy follows.

    A pin wins under every strategy; alone, this one keeps the field empty until somebody pins a value.
    """
    return Strategy((Step("pinned"),))


def first(*strategies: Strategy) -> Strategy:
    """Compose strategies: the first that decides wins.

    :func:`every` may only stand last: it then keeps all values that the steps before it left tied. :func:`pinned` may
    only stand first.

    >>> str(first(validated(), every()))
    'validated, every'

    Raises:
        PolicyError: There is nothing to compose, or ``every`` is not the last, or ``pinned`` not the first.
    """
    steps = tuple(step for strategy in strategies for step in strategy.steps)
    if not steps:
        message = "keep.first got no strategy; write keep.first(keep.validated(), keep.newest())"
        raise PolicyError(message)
    if any(step.name == "every" for step in steps[:-1]):
        message = "keep.every keeps all values, so no strategy after it can decide; put it last in keep.first"
        raise PolicyError(message)
    if any(step.name == "pinned" for step in steps[1:]):
        message = "keep.pinned comes before every other strategy, as a pin does; put it first in keep.first"
        raise PolicyError(message)
    return Strategy(steps)


def _half_lives(sources: tuple[str, ...], days: float | Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    if days is None:
        return ()
    found = dict(days) if isinstance(days, Mapping) else {"": days}
    for source, one in found.items():
        if type(one) not in (int, float) or not 0 < one < float("inf"):
            raise PolicyError("half_life_days of keep.trusted is not a number of days above 0")
        if source and source not in sources:
            raise PolicyError(f"half_life_days of keep.trusted names '{source}', which is none of its sources")
    if not found:
        raise PolicyError("half_life_days of keep.trusted names no source; leave it out, or write {'crm': 365}")
    return tuple((source, float(one)) for source, one in found.items())


def _checked(missing: str) -> str:
    if missing not in ("error", "skip"):
        message = "missing= of keep.newest and keep.oldest is 'error' or 'skip'"
        raise PolicyError(message)
    return missing
