"""The answer about one profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.matching.explain import Explanation
from socialmerge.records import Assurance, Verdict
from socialmerge.resolver.state import State

__all__ = ["Answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Which customer a profile is, if any; nothing was written.

    ``customer`` is the likeliest customer's id, None where there is none; ``entity_id`` the entity that the profile is
    in, or would be in, None while a person must decide. ``position`` is the place of the log that was asked.
    """

    profile_id: str
    source: str
    verdict: Verdict
    customer: str | None
    entity_id: str | None
    probability: float
    assurance: Assurance | None
    reason: str
    position: int
    _explain: Callable[[str], Explanation] = field(repr=False, compare=False)
    _profile: pa.Table = field(repr=False, compare=False)
    _proven: bool = field(repr=False, compare=False)

    @classmethod
    def of(cls, state: State, profile: pa.Table, *, proven: bool) -> Answer:
        """What a state says of one of its profiles."""
        found = state.verdicts.filter(pc.equal(state.verdicts["profile_id"], profile["profile_id"][0])).to_pylist()[0]
        return cls(
            found["profile_id"],
            state.facts.profiles.sources[state.facts.profiles.ids.index(profile["profile_id"][0]).as_py()].as_py(),
            Verdict(found["verdict"]),
            found["customer_id"],
            found["entity_id"],
            found["probability"],
            Assurance(found["assurance"]) if found["assurance"] else None,
            found["reason"],
            state.position,
            state.judged.scored.explain,
            profile,
            proven,
        )

    def explain(self) -> Explanation:
        """Why: a weight for each comparison with the likeliest customer, and the runner-up."""
        return self._explain(self.profile_id)

    def as_dict(self) -> dict[str, object]:
        """The answer as plain values, for JSON."""
        names = ("profile_id", "source", "verdict", "customer", "entity_id", "probability", "assurance", "reason")
        return {name: getattr(self, name) for name in names}
