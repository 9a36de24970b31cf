"""What mistakes cost, and the lines that follow."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Costs"]


@dataclass(frozen=True, slots=True)
class Costs:
    """What a mistake costs, in units of asking a person once.

    The line above which a profile is attached and the line above which a person is asked follow from them.

    >>> Costs().attach_line, Costs().review_line
    (0.99, 0.5)
    """

    wrong: float = 100.0
    missed: float = 2.0
    asking: float = 1.0

    @property
    def attach_line(self) -> float:
        """Attach from here on: the expected cost of a wrong merge is below the cost of asking."""
        return 1 - self.asking / self.wrong

    @property
    def review_line(self) -> float:
        """Ask from here on: the expected cost of a missed customer is above the cost of asking."""
        return self.asking / self.missed
