"""Why a profile was attached, sent to a person, or kept as new: a sentence without a personal value in it."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from functools import cache

__all__ = ["Cause", "Caution", "sentence"]


class Caution(IntFlag):
    """A sign that a candidate, or a profile, is not what it seems."""

    LOOKALIKE = 1  # the handle looks like the customer's and is not
    ID_CONFLICT = 2
    SECOND_ACCOUNT = 4
    CLAIM = 8  # "official", "support", "parody", "fan"
    NOT_A_PERSON = 16  # the platform says so
    ORGANISATION_WORDS = 32


class Cause(IntEnum):
    """What decided the verdict."""

    LIKELY = 0
    NOBODY = 1
    NAMESAKES = 2
    UNSURE = 3
    DUPLICATE_CUSTOMERS = 4
    RIVAL = 5
    ASSIGNED_ELSEWHERE = 6
    NOT_VERIFIED = 7
    WARNED = 8
    NOT_A_PERSON = 9
    VERIFIED_ACCOUNT = 10
    DECIDED = 11


_WARNINGS = {
    Caution.LOOKALIKE: "the handle looks like the customer's but has other letters",
    Caution.ID_CONFLICT: "the account's stable id is not the one on the customer's record",
    Caution.SECOND_ACCOUNT: "the customer already has another account on this channel",
    Caution.CLAIM: "the profile calls itself official, support, parody or the like",
    Caution.NOT_A_PERSON: "the platform says that this account is not a person's",
    Caution.ORGANISATION_WORDS: "the profile reads like an organisation's",
}
_CAUSES = {
    Cause.LIKELY: "{agree}; nobody else in the table fits",
    Cause.NOBODY: "nobody in the table fits well enough",
    Cause.NAMESAKES: "{agree}, but {others} fit about as well",
    Cause.UNSURE: "{agree}, which is not enough to be sure",
    Cause.DUPLICATE_CUSTOMERS: "two customer rows look like the same person: dedupe first",
    Cause.RIVAL: "{agree}, but another profile of this source fits the same customer",
    Cause.ASSIGNED_ELSEWHERE: "{agree}, but the customer goes to a profile that fits better",
    Cause.NOT_VERIFIED: "{agree}, but nothing verified carries it and the plan asks for that",
    Cause.WARNED: "{agree}, but {warning}",
    Cause.NOT_A_PERSON: _WARNINGS[Caution.NOT_A_PERSON],
    Cause.VERIFIED_ACCOUNT: "{agree}, but the customer already has a verified account on this channel",
    Cause.DECIDED: "a person decided so",
}


@cache
def sentence(cause: Cause, evidence: int, labels: tuple[str, ...], *, warning: int = 0, others: int = 0) -> str:
    """The reason in plain words.

    Args:
        cause: what decided.
        evidence: bits; bit k is set where ``labels[k]`` agrees.
        labels: what may agree, such as "name" or "website".
        warning: bits of `Caution`.
        others: how many other customers fit about as well.

    >>> sentence(Cause.LIKELY, 0b101, ("name", "phone", "website"))
    'name and website agree; nobody else in the table fits'
    """
    found = [label for k, label in enumerate(labels) if evidence >> k & 1]
    agree = "the evidence agrees in sum" if not found else _listed(found) + (" agrees" if len(found) == 1 else " agree")
    said = [text for sign, text in _WARNINGS.items() if warning & sign]
    namesakes = "one other customer" if others == 1 else f"{others} other customers"
    text = _CAUSES[cause].format(
        agree=agree, others=namesakes, warning=said[0] if said else "something is not as it should be"
    )
    return text.replace("one other customer fit about", "one other customer fits about")


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
