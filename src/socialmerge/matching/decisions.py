"""What goes into a decision and what comes out: costs, candidates, the tables behind them, and decisions as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.matching.reasons import Cause, sentence
from socialmerge.matching.rivals import Habits
from socialmerge.records import Assurance, Verdict, decisions_schema

__all__ = ["ATTACH", "NEW", "REVIEW", "Candidates", "Costs", "Decisions", "Tables"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ATTACH, REVIEW, NEW = 0, 1, 2  # codes of `Decisions.verdict`
_VERDICTS = (Verdict.ATTACH, Verdict.REVIEW, Verdict.NEW)


@dataclass(frozen=True, slots=True)
class Costs:
    """What mistakes cost, in any unit; the lines follow from them.

    >>> Costs().attach_line, Costs().review_line
    (0.99, 0.5)
    """

    wrong_merge: float = 100.0
    missed: float = 2.0
    asking: float = 1.0

    @property
    def attach_line(self) -> float:
        """The probability from which attaching is cheaper than asking."""
        return 1.0 - self.asking / self.wrong_merge

    @property
    def review_line(self) -> float:
        """The probability from which asking is cheaper than missing."""
        return self.asking / self.missed


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs that may be one person, all arrays of one length.

    ``weight`` is the Bayes factor in bits with no prior in it, ``verified`` the part that rests on verified evidence
    alone,
    ``evidence`` bits that say what agrees, ``warning`` bits of `Caution`.
    """

    left: Ints  # profile row
    right: Ints  # customer row
    weight: Floats
    verified: Floats
    evidence: Ints
    warning: Ints

    @classmethod
    def of(
        cls,
        left: npt.ArrayLike,
        right: npt.ArrayLike,
        weight: npt.ArrayLike,
        *,
        verified: npt.ArrayLike | None = None,
        evidence: npt.ArrayLike | None = None,
        warning: npt.ArrayLike | None = None,
    ) -> Candidates:
        """Make candidates; what is left out is none."""
        size = len(np.asarray(left))
        return cls(
            np.asarray(left, dtype=np.int64),
            np.asarray(right, dtype=np.int64),
            np.asarray(weight, dtype=np.float64),
            np.zeros(size) if verified is None else np.asarray(verified, dtype=np.float64),
            np.zeros(size, dtype=np.int64) if evidence is None else np.asarray(evidence, dtype=np.int64),
            np.zeros(size, dtype=np.int64) if warning is None else np.asarray(warning, dtype=np.int64),
        )

    def take(self, rows: Ints) -> Candidates:
        """These candidates in this order."""
        return Candidates(
            self.left[rows],
            self.right[rows],
            self.weight[rows],
            self.verified[rows],
            self.evidence[rows],
            self.warning[rows],
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """What is known of the two tables besides the candidates.

    ``source`` and ``group`` have one code for each profile: its source, and which profiles were shown to be one
    person's (a shared stable id, a verified e-mail, links both ways) and so resolve together. ``stranger`` groups
    those that are the same person if they are new. ``entity`` gives for each customer row the canonical row of its
    person, ``rank`` its place in the order of ids, so that ties do not depend on the order of rows. ``doubtful`` are
    pairs of customer rows that may be one.
    """

    n_profiles: int
    n_customers: int
    source: Ints | None = None
    group: Ints | None = None
    stranger: Ints | None = None
    entity: Ints | None = None
    rank: Ints | None = None
    doubtful: tuple[Ints, Ints] | None = None
    warning: Ints | None = None  # of each profile, bits of `Caution`
    recall: float = 1.0
    n_people: int = 0  # people that the customers are, where these are not all of them; 0 to count them

    @property
    def people(self) -> int:
        """How many people the customers are."""
        if self.n_people:
            return self.n_people
        return self.n_customers if self.entity is None else int(np.count_nonzero(np.bincount(self.entity)))


@dataclass(frozen=True, slots=True)
class Decisions:
    """One decision for each profile, in row order; ``customer`` and ``runner_up`` are rows, -1 for none."""

    verdict: npt.NDArray[np.uint8]
    customer: Ints
    probability: Floats
    weight: Floats
    runner_up: Ints
    runner_up_probability: Floats
    verified: Flags
    evidence: Ints
    warning: Ints
    others: Ints
    cause: npt.NDArray[np.uint8]
    person: Ints  # of each profile that is not attached: the first profile of the same person
    share: Floats  # pi for each source
    habits: Habits  # of the sources, as the contest of profiles learned them

    def over(self, rows: Ints) -> Decisions:
        """The same with customers numbered as ``rows`` say; the last of these is for none."""
        return replace(self, customer=rows[self.customer], runner_up=rows[self.runner_up])

    def reason(self, row: int, labels: Sequence[str] = ()) -> str:
        """Why one profile was decided so, in plain words; ``labels`` as in :meth:`table`."""
        return sentence(
            Cause(int(self.cause[row])),
            int(self.evidence[row]),
            tuple(labels),
            warning=int(self.warning[row]),
            others=int(self.others[row]),
        )

    def table(
        self,
        profile_ids: Sequence[str],
        customer_ids: Sequence[str],
        labels: Sequence[str] = (),
        *,
        public: int | None = None,
    ) -> pa.Table:
        """The decisions with `decisions_schema`, sorted by profile id.

        Args:
            profile_ids: the id of each profile row.
            customer_ids: the id of each customer row.
            labels: what each bit of the evidence stands for, in plain words.
            public: the bits of what anybody can see; when left out, nothing is said of it.
        """
        names = tuple(labels)
        ids = [*customer_ids, None]
        shown = np.where(self.verdict == NEW, -1, self.customer)
        new = _first_ids(profile_ids, self.person)
        reasons = [self.reason(row, names) for row in range(len(self.verdict))]
        columns = [
            list(profile_ids),
            [_VERDICTS[v].value for v in self.verdict.tolist()],
            [ids[i] for i in shown.tolist()],
            self.probability,
            self.weight,
            [ids[i] for i in self.runner_up.tolist()],
            pa.array(self.runner_up_probability, mask=self.runner_up < 0),
            [
                None if v == NEW else (Assurance.VERIFIED if proved else Assurance.INFERRED).value
                for v, proved in zip(self.verdict.tolist(), self.verified.tolist(), strict=True)
            ],
            [
                ids[c] if v == ATTACH else n if v == NEW else None
                for v, c, n in zip(self.verdict.tolist(), self.customer.tolist(), new, strict=True)
            ],
            reasons,
            self._seen(public),
        ]
        schema = decisions_schema()
        arrays = [
            pa.array(c, type=f.type) if isinstance(c, list) else pa.array(c)
            for c, f in zip(columns, schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=schema).sort_by("profile_id")

    def _seen(self, public: int | None) -> list[str | None]:
        """Whether anything that anybody can see agrees, of each profile that is attached."""
        if public is None:
            return [None] * len(self.verdict)
        shown = np.where((self.evidence & public) != 0, "public", "private")
        pairs = zip(self.verdict.tolist(), shown.tolist(), strict=True)
        return [seen if verdict == ATTACH else None for verdict, seen in pairs]


def _first_ids(profile_ids: Sequence[str], person: Ints) -> list[str]:
    """For each profile the identity of its person, named after the person's first profile id."""
    first: dict[int, str] = {}
    for code, profile_id in zip(person.tolist(), profile_ids, strict=True):
        known = first.setdefault(code, profile_id)
        first[code] = min(known, profile_id)
    return [f"new:{first[code]}" for code in person.tolist()]
