"""Levels of agreement: how many a comparison has, what they are called, and what is expected of them beforehand.

Level 0 is *else*, the top level *exact*. ``match`` is the prior share of each level among pairs of one person,
``related`` among pairs of two people of one household or firm; a ``related`` of None means that relatives agree no more
than anybody. ``branch`` takes its place where rows are no people: among two places of one organisation, which share
its name and telephone and differ in address; ``colleague`` where rows are people, for what is written of their firm.
Sources: Fellegi and Sunter (1969) for the model; the shares are broad averages over public linkage studies and are only
a prior.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEVELS", "Levels", "levels_of"]


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of one comparison, from *else* up to *exact*."""

    labels: tuple[str, ...]
    match: tuple[float, ...]
    related: tuple[float, ...] | None = None
    branch: tuple[float, ...] | None = None
    colleague: tuple[float, ...] | None = None
    across: bool = False  # only values of different slots are compared: a word for a name with an address
    veto: bool = False  # a disagreement cannot be made good: father and son are two people

    @property
    def top(self) -> int:
        """The number of the exact level."""
        return len(self.labels) - 1


LEVELS: dict[str, Levels] = {
    "given": Levels(
        ("different", "similar", "close", "nickname or initial", "exact"),
        (0.05, 0.04, 0.10, 0.06, 0.75),
        (0.962, 0.014, 0.008, 0.01, 0.006),
    ),
    "family": Levels(
        ("different", "similar", "close", "part of a double name", "exact"),
        (0.06, 0.04, 0.10, 0.02, 0.78),
        (0.20, 0.03, 0.04, 0.03, 0.70),
    ),
    "middle": Levels(("different", "initial", "exact"), (0.15, 0.15, 0.70)),
    "suffix": Levels(("different", "exact"), (0.04, 0.96), veto=True),
    "nickname": Levels(("different", "exact"), (0.3, 0.7)),
    "date": Levels(
        ("different", "within ten years", "within a year", "same year, or same day", "one digit or swapped", "exact"),
        (0.03, 0.02, 0.02, 0.04, 0.09, 0.80),
        (0.63, 0.255, 0.05, 0.057, 0.003, 0.005),
    ),
    "email": Levels(("different", "close", "same local part", "exact"), (0.30, 0.10, 0.05, 0.55)),
    "alias": Levels(("different", "exact"), (0.70, 0.30), across=True),
    "mailbox": Levels(("different", "exact"), (0.40, 0.60)),
    "phone": Levels(
        ("different", "one digit", "same local number", "exact"),
        (0.30, 0.07, 0.03, 0.60),
        (0.6, 0.02, 0.03, 0.35),
        (0.45, 0.02, 0.03, 0.50),
    ),
    "account": Levels(("different", "similar", "equal but punctuation", "exact"), (0.35, 0.08, 0.07, 0.50)),
    "url": Levels(
        ("different", "same host", "exact"),
        (0.35, 0.15, 0.50),
        (0.5, 0.3, 0.2),
        (0.30, 0.10, 0.60),
    ),
    "street": Levels(
        ("different", "similar", "close", "exact"),
        (0.20, 0.07, 0.10, 0.63),
        (0.2, 0.05, 0.05, 0.7),
        (0.90, 0.05, 0.02, 0.03),
    ),
    "house": Levels(
        ("different", "one edit", "exact"),
        (0.20, 0.05, 0.75),
        (0.2, 0.03, 0.77),
        (0.93, 0.03, 0.04),
    ),
    "unit": Levels(
        ("different", "exact"),
        (0.3, 0.7),
        (0.25, 0.75),
        (0.90, 0.10),
    ),
    "city": Levels(
        ("different", "similar", "close", "exact"),
        (0.15, 0.05, 0.10, 0.70),
        (0.15, 0.05, 0.05, 0.75),
        (0.40, 0.05, 0.05, 0.50),
    ),
    "state": Levels(("different", "exact"), (0.10, 0.90), (0.08, 0.92)),
    "postcode": Levels(
        ("different", "two edits", "one edit", "exact"),
        (0.20, 0.05, 0.05, 0.70),
        (0.2, 0.02, 0.03, 0.75),
        (0.75, 0.05, 0.05, 0.15),
    ),
    "country": Levels(("different", "exact"), (0.05, 0.95), (0.03, 0.97)),
    "code": Levels(("different", "two edits", "one edit", "exact"), (0.15, 0.10, 0.10, 0.65)),
    "text": Levels(
        ("different", "faint", "similar", "close", "very close", "exact"),
        (0.10, 0.08, 0.10, 0.12, 0.15, 0.45),
        (0.73, 0.21, 0.055, 0.004, 0.0007, 0.0003),
        (0.15, 0.10, 0.15, 0.20, 0.15, 0.25),
        (0.50, 0.15, 0.05, 0.02, 0.03, 0.25),
    ),
    "number": Levels(("different", "close", "exact"), (0.15, 0.15, 0.70)),
    "category": Levels(("different", "exact"), (0.10, 0.90), (0.3, 0.7)),
}


def levels_of(comparison: str) -> Levels:
    """The levels of a comparison; a comparison of the caller's own has those of text."""
    return LEVELS.get(comparison, LEVELS["text"])
