"""Columns that say whether somebody may be reached, and which of their values says no.

Rows of one person may differ, as where somebody unsubscribed with one of two addresses. A merge must not bring back
what was taken away, so that unless a rule is about that very column, what says no is kept.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from socialmerge.merging.arrays import Ints, rank_codes
from socialmerge.normalise import lexicon, text

__all__ = ["refusal_of", "refusals"]

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CHOICE = re.compile(r" (yes no|y n|ja nein|oui non|si no|true false)$")
_NOUGHTS = re.compile(r"(?<=^[01])[.,]0+$")  # as a flag is written that went through a column of numbers
_REFUSAL, _PERMISSION = "refusal", "permission"


def refusal_of(column: str) -> str:
    """Say whether a column is of refusals (its *yes* says no) or permissions; ``""`` where it is of neither.

    >>> refusal_of("HasOptedOutOfEmail"), refusal_of("accepts_marketing"), refusal_of("opt_in_date"), refusal_of("city")
    ('refusal', 'permission', '', '')
    >>> refusal_of("Do not allow Emails"), refusal_of("kein Newsletter"), refusal_of("newsletter_count")
    ('refusal', 'refusal', '')
    """
    name = _CHOICE.sub("", text.fold(_CAMEL.sub(" ", re.sub(r"__c$", "", column))))
    words = name.split()
    if not words or words[-1] in _list("beside") or words[0] in _list("counted"):
        return ""
    joined = "".join(words)
    way = next((way for way in (_REFUSAL, _PERMISSION) if any(part in joined for part in _list(way))), "")
    return _REFUSAL if way and not _list("negation").isdisjoint(words) else way


def refusals(way: str, values: pa.Array) -> Ints:
    """Give 1 where a value of such a column says that somebody may not be reached, else 0; each text is read once.

    >>> refusals("refusal", pa.array(["TRUE", "no", "1.0"])).tolist()
    [1, 0, 1]
    >>> refusals("permission", pa.array(["yes", "Nein"])).tolist()
    [0, 1]
    """
    codes, distinct = rank_codes(values)
    said = _list("refused") | _list("yes" if way == _REFUSAL else "no")
    return np.array([text.fold(_NOUGHTS.sub("", raw)) in said for raw in distinct.to_pylist()], np.int64)[codes]


def _list(name: str) -> frozenset[str]:
    return lexicon.words("consents", name)
