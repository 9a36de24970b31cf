"""Stages: how far somebody, or a deal, has come, by the word that a CRM writes for it."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from anyascii import anyascii

__all__ = ["Stage", "stage_of", "stage_word"]

_COUNTED = re.compile(r"^\W*(?:stage|phase|etapa|etape)?\W*\d+\s*%?\s*(?:[-.:)/]|\s)\s*(?=\D)", re.IGNORECASE)
"""A number before the word, by which a list of stages sorts: ``03. Proposal``."""
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_PARTS = re.compile(r"\s+[-\u2010-\u2015|/]+\s+|\s*[:;]\s+|\s*[\u2010-\u2015]\s*|\s*/\s*")


class Stage(StrEnum):
    """How far somebody has come; ``YES`` and ``NO`` are answers where a column asks for customers alone."""

    CUSTOMER = "customer"
    FORMER = "former"
    OPEN = "open"
    LOST = "lost"
    OTHER = "other"
    YES = "yes"
    NO = "no"


def stage_word(text: str) -> str:
    """The word of a stage or a status as letters and digits alone.

    >>> stage_word("Closed - Won"), stage_word("Annulé")
    ('closedwon', 'annule')
    """
    return "".join(re.findall(r"[a-z0-9]+", anyascii(text).casefold()))


def stage_of(text: str) -> Stage | None:
    """How far somebody has come by one cell; None where no such word is known.

    A number before the word and what stands in brackets are left out; of a word with more behind it ("Lost - price"),
    the whole is looked for first, and then what stands before.

    >>> [str(stage_of(word)) for word in ("Id. Decision Makers", "3 - Won (100%)", "Lost - price", "platinum")]
    ['open', 'customer', 'lost', 'None']
    """
    known = _known()
    if found := known.get(stage_word(text)):
        return found
    plain = _BRACKETS.sub(" ", _COUNTED.sub("", text))
    head = _PARTS.split(plain.strip(), maxsplit=1)[0]
    return known.get(stage_word(plain)) or known.get(stage_word(head))


@cache
def _known() -> dict[str, Stage]:
    raw = tomllib.loads((files(__package__) / "stages.toml").read_text(encoding="utf-8"))
    return {stage_word(one): Stage(name) for name, words in raw.items() for one in words.split("|")}
