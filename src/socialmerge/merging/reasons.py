"""Why a value is kept, in plain words: what the rules of provenance mean to somebody who has not read the policy."""

from __future__ import annotations

__all__ = ["reason_of"]

_REASONS = {
    "only": "the only value there is",
    "agreed": "all who say something say the same",
    "fill": "fills what was empty",
    "every": "this field keeps every value",
    "assurance": "the other profile is only probably theirs",
    "empty": "the other value says nothing",
    "refused": "says that they may not be reached, which outlives a merge",
    "newest": "seen last",
    "oldest": "seen first",
    "trusted": "its source is trusted most",
    "most_frequent": "most records say so",
    "most_complete": "says most",
    "longest": "the longest text",
    "validated": "the other values are not valid",
    "valid": "the other values are not valid",
    "trust": "its source counts for more",
    "last seen": "seen last",
    "source": "nothing decides; its source comes first in the alphabet",
    "completeness": "says most",
    "value": "nothing decides; it comes first in the alphabet",
    "claim id": "nothing decides; two records say it in the same words",
    "min": "the smallest, or the earliest",
    "max": "the greatest, or the latest",
    "pinned": "a person said so",
}
_ENOUGH = "enough sources say so"


def reason_of(rule: str) -> str:
    """Say in plain words why a value is kept, from the rule that provenance names.

    >>> reason_of("trusted(crm, linkedin)"), reason_of("fill")
    ('its source is trusted most', 'fills what was empty')
    >>> reason_of("agreed"), reason_of("agreed(2)")
    ('all who say something say the same', 'enough sources say so')
    """
    name, counted, _ = rule.partition("(")
    return _ENOUGH if counted and name == "agreed" else _REASONS.get(name, rule)
