"""One answer explained as steps that add up, each in words and as a bar."""

from __future__ import annotations

from itertools import accumulate, pairwise

from socialmerge.matching.explain import Explanation
from socialmerge.report.blocks import Example, Step
from socialmerge.report.masking import Masking
from socialmerge.report.wording import chance, count, likelier, odds, sentence

__all__ = ["example"]

_MOST_STEPS = 14
_SEEN = 0.05
_BY_PERSON = "a person decided"
_ANSWERS = {
    "attach": "attached",
    "review": "for a person to review",
    "new": "kept as new",
    "same": "taken as one person",
    "different": "kept apart",
}


def example(title: str, found: Explanation, masking: Masking, *, what: tuple[str, str]) -> Example:
    """The waterfall of an explanation; ``what`` names the two sides, such as profile and customer."""
    said = [("Before any evidence", "a pair picked at random", found.prior), *_lines(found)]
    places = [0.0, *accumulate(bits for _, _, bits in said)]
    low, total = min(places), places[-1]
    scale = 100 / ((max(places) - low) or 1.0)
    steps = [
        _step(line, start=(min(ends) - low) * scale, width=abs(line[2]) * scale, first=number == 0)
        for number, (line, ends) in enumerate(zip(said, pairwise(places), strict=True))
    ]
    start, width = (min(0.0, total) - low) * scale, abs(total) * scale
    likely = f"{chance(found.probability)} likely"
    steps.append(Step("Together", likely, odds(total), _bits(total), "total", start, width))
    pair = f"{what[0]} {masking.id(found.left_id)} and {what[1]} {masking.id(found.right_id)}"
    return Example(title, sentence(pair), _answer(found), _because(found, masking), tuple(steps), -low * scale)


def _lines(found: Explanation) -> list[tuple[str, str, float]]:
    """What was compared, what it said and its bits: the steps that matter in their order, and the others as one."""
    most = sorted(found.lines, key=lambda line: -abs(line.bits))[:_MOST_STEPS]
    kept = [line for line in found.lines if line in most and abs(line.bits) >= _SEEN]
    said = [(line.what.replace(".", ": ").replace("_", " "), line.said, line.bits) for line in kept]
    rest = sum(line.bits for line in found.lines) - sum(line.bits for line in kept)
    if abs(rest) >= _SEEN:
        said.append((count(len(found.lines) - len(kept), "smaller step"), "taken together", rest))
    return said


def _step(line: tuple[str, str, float], *, start: float, width: float, first: bool) -> Step:
    what, said, bits = line
    tone = "base" if first else "for" if bits > 0 else "against"
    return Step(what, said, odds(bits) if first else likelier(bits), _bits(bits), tone, start, width)


def _bits(bits: float) -> str:
    return f"{bits:+.1f}" if abs(bits) >= _SEEN else "0.0"


def _answer(found: Explanation) -> str:
    answer = _ANSWERS.get(found.verdict, found.verdict)
    said = f"{answer}, at {chance(found.probability)}" if answer else chance(found.probability)
    wrong = 1 - found.probability
    if found.verdict not in {"attach", "same"} or wrong > 0.5 or _BY_PERSON in found.reason:
        return said
    if wrong < 1e-6:
        return f"{said}: fewer than one answer in a million like this one is wrong"
    return f"{said}: about one answer in {float(f'{1 / wrong:.1g}'):,.0f} like this one is wrong"


def _because(found: Explanation, masking: Masking) -> str:
    """The reason as a sentence, and who else fits."""
    said = masking.text(found.reason)
    said = f"{sentence(said)}." if said else ""
    if found.runner_up_id and found.runner_up_probability >= 0.0005:
        rival = masking.id(found.runner_up_id)
        return f"{said} The next best is {rival}, at {chance(found.runner_up_probability)}.".strip()
    return said
