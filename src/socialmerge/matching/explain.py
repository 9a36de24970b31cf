"""Explain one pair: what each comparison said and what it weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from socialmerge.matching.compare import Comparer, compare
from socialmerge.matching.weigh import Fit, rarity_bits, score

__all__ = ["Explanation", "Line", "explain_pair", "said_of"]

SURE = 1 - 1e-9
"""A probability beyond this is printed as such: no evidence is as good as its digits would say."""
BAR = 24
"""Width of the longest bar of a printed waterfall, in characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a waterfall: what was compared, what it said, and its weight in bits."""

    what: str
    said: str
    bits: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair has its probability: a prior, a line a comparison, and what they add up to, in bits.

    ``str()`` prints a waterfall; a notebook draws it.
    """

    left_id: str
    right_id: str
    prior: float
    lines: tuple[Line, ...]
    probability: float
    verdict: str = ""
    reason: str = ""
    runner_up_id: str = ""
    runner_up_probability: float = 0.0

    @property
    def weight(self) -> float:
        """Bits of all the evidence together, without the prior."""
        return float(sum(line.bits for line in self.lines))

    def __str__(self) -> str:
        """Waterfall as text."""
        rows = [
            Line("prior", "before any evidence", self.prior),
            *self.lines,
            Line("total", "", self.prior + self.weight),
        ]
        what = max(len(line.what) for line in rows)
        said = max(len(line.said) for line in rows)
        scale = max(1.0, *(abs(line.bits) for line in rows))
        out = [f"{self.left_id} and {self.right_id}: probability {_percent(self.probability)}{_verdict(self)}"]
        for line in rows:
            bar = ("+" if line.bits > 0 else "-") * round(abs(line.bits) / scale * BAR)
            out.append(f"  {line.what:<{what}}  {line.said:<{said}}  {line.bits:+7.1f}  {bar}".rstrip())
        if self.reason:
            out.append(f"  because: {self.reason}")
        if self.runner_up_id:
            out.append(f"  runner-up: {self.runner_up_id}, probability {_percent(self.runner_up_probability)}")
        return "\n".join(out)

    def _repr_html_(self) -> str:
        """Waterfall for a notebook."""
        lines = (Line("prior", "before any evidence", self.prior), *self.lines)
        scale = max(1.0, *(abs(line.bits) for line in lines))
        rows = "".join(_html_row(line, scale) for line in lines)
        pair = f"{escape(self.left_id)} and {escape(self.right_id)}"
        head = f"{pair}: probability {_percent(self.probability)}{escape(_verdict(self))}"
        titles = "<tr><th>what</th><th>said</th><th>bits</th><th></th></tr>"
        return f"<table><caption>{head}</caption><thead>{titles}</thead>{rows}</table>"

    def as_dict(self) -> dict[str, object]:
        """Everything as plain values, for JSON."""
        return {
            "left_id": self.left_id,
            "right_id": self.right_id,
            "prior": self.prior,
            "lines": [{"what": line.what, "said": line.said, "bits": line.bits} for line in self.lines],
            "weight": self.weight,
            "probability": self.probability,
            "verdict": self.verdict,
            "reason": self.reason,
            "runner_up_id": self.runner_up_id,
            "runner_up_probability": self.runner_up_probability,
        }


def _html_row(line: Line, scale: float) -> str:
    bar = f"height:0.8em;width:{abs(line.bits) / scale * 12:.2f}em;background:{'#2a7' if line.bits > 0 else '#c54'}"
    return (
        f"<tr><td>{escape(line.what)}</td><td>{escape(line.said)}</td>"
        f"<td style='text-align:right'>{line.bits:+.1f}</td><td><div style='{bar}'></div></td></tr>"
    )


def _percent(probability: float) -> str:
    """Percent with as many digits as keep it from saturating, and never a whole hundred.

    >>> _percent(0.5), _percent(0.99996), _percent(1.0)
    ('50.0%', '99.996%', 'over 99.9999999%')
    """
    if probability > SURE:
        return "over 99.9999999%"
    digits = 1 if probability <= 0.999 else -int(np.floor(np.log10(1 - probability) + 1e-6)) - 2
    return f"{probability * 100:.{max(digits, 1)}f}%"


def _verdict(explanation: Explanation) -> str:
    return f", {explanation.verdict}" if explanation.verdict else ""


def explain_pair(
    comparers: Sequence[Comparer], fitted: Fit, left: int, right: int, ids: tuple[str, str]
) -> Explanation:
    """Explain the pair of rows ``left`` and ``right``, whose ids are ``ids``."""
    compared = compare(comparers, np.array([left], np.int32), np.array([right], np.int32))
    rarity = rarity_bits(compared)
    lines = []
    for row, (comparer, weights) in enumerate(zip(comparers, fitted.fields, strict=True)):
        state = int(compared.states[row, 0])
        if state:
            lines.append(
                Line(
                    comparer.feature.name, said_of(comparer, state - 1), weights.bits[state - 1] + float(rarity[row, 0])
                )
            )
    scored = score(comparers, fitted, compared)
    alone = float(score(comparers, replace(fitted, scale=1.0, shift=0.0), compared).weight[0])
    relatives = alone - sum(line.bits for line in lines)
    if abs(relatives) > 0.05:
        lines.append(Line("relatives", "two of one household or organisation would agree so too", relatives))
    taught = float(scored.weight[0]) - alone
    if abs(taught) > 0.05:
        lines.append(Line("decisions", "what people decided about other pairs", taught))
    prior = float(np.log2(fitted.match_share / (1 - fitted.match_share)))
    return Explanation(*ids, prior, tuple(lines), float(scored.probability[0]))


def said_of(comparer: Comparer, state: int) -> str:
    """A state in words: its level, and the context where it has one."""
    context, level = divmod(state, len(comparer.levels.labels))
    label = comparer.levels.labels[level]
    return f"{label} ({comparer.dependence.contexts[context].label})" if context else label
