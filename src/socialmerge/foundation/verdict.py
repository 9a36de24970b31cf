"""The verdict: ready, ready with care or not ready, by thresholds that are written here and in the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from socialmerge.foundation.faults import percent

__all__ = ["THRESHOLDS", "Measures", "Threshold", "judge"]


@dataclass(frozen=True, slots=True)
class Measures:
    """What a table is judged by, as shares of its rows."""

    nothing: float
    duplicates: float
    unfound: float
    unnamed: float
    invalid: float
    generic: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """One measure: above ``care`` a table is ready with care, above ``stop`` it is not ready."""

    measure: str
    care: float
    stop: float
    says: str


THRESHOLDS = (
    Threshold("nothing", 0.02, 0.20, "nothing to find anybody by in {share} of the rows: neither a name nor a contact"),
    Threshold("duplicates", 0.02, 0.10, "{about} {share} of the rows repeat somebody who is there already"),
    Threshold("unfound", 0.20, 0.60, "{share} of the rows have no e-mail address, number or account of their own"),
    Threshold("unnamed", 0.02, 0.20, "{share} of the rows have no whole name"),
    Threshold("invalid", 0.02, 0.20, "{share} of the rows hold a contact, name or birth date that is none"),
    Threshold(
        "generic", 0.02, 0.20, "{share} of the rows hold a contact, name or date that is written for many people"
    ),
)
"""Every threshold of the verdict."""


def judge(measures: Measures, *, least: bool = False) -> tuple[str, tuple[str, ...]]:
    """The verdict, and the reasons for it: what is above a threshold, the worst first.

    ``least`` says that duplicates were not looked for by matching: there are at least so many.

    >>> judge(Measures(0.0, 0.15, 0.0, 0.0, 0.0, 0.0))
    ('not ready', ('about 15 % of the rows repeat somebody who is there already (not ready above 10 %)',))
    """
    found = sorted(_above(measures, "at least" if least else "about"), key=lambda one: not one[0])
    if any(stops for stops, _ in found):
        return "not ready", tuple(said for _, said in found)
    if found:
        return "ready with care", tuple(said for _, said in found)
    return "ready", ("nothing that was looked at is above its threshold",)


def _above(measures: Measures, about: str) -> Iterator[tuple[bool, str]]:
    for one in THRESHOLDS:
        share: float = getattr(measures, one.measure)
        if share > one.care:
            stops = share > one.stop
            limit = f"not ready above {percent(one.stop)}" if stops else f"care above {percent(one.care)}"
            yield stops, f"{one.says.format(share=percent(share), about=about)} ({limit})"
