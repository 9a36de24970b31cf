"""Learn from people's decisions: what they say of every field, of all evidence together, and of the prior.

The pairs that people are asked about are no sample of all pairs: they are asked about for their agreement, and for the
other rows around them. So only what is surprising in an answer teaches, against what was to be expected of the pair by
all of that; and a correction that the answers say nothing about stays near none.

Method: Bayesian logistic regression with the expected log-odds as its offset; every correction has a normal prior
around none, and the likeliest corrections are taken (MacKay, 1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from socialmerge.matching.compare import Compared, Comparer
from socialmerge.matching.weigh import MOST_BITS, FieldWeights, Fit, score

__all__ = ["Labelled", "learn"]

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SHIFT, SCALE = 0.25, 0.1
"""Standard deviations of the prior: of a shift of all log-odds, in bits, and of a factor on them around 1."""
FIELD_SCALE, LEVEL, STATE = 0.1, 0.2, 0.2
"""The same of a factor on one field's bits; of bits for one of its levels; and of bits for that in one context."""
LEAST_SCALE, MOST_SHARE = 0.1, 0.999
FOLDS = 5
STEPS, ENOUGH = 50, 1e-9


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pairs that people decided: their agreement, and whether they are one person.

    ``expected`` are the log-odds, in bits, that were to be expected of each, by all that is known of its two rows; the
    fit's own where it is left out.
    """

    compared: Compared
    same: Flags
    expected: Array | None = None


def learn(comparers: Sequence[Comparer], fitted: Fit, labelled: Labelled) -> Fit:
    """The fit with what the decided pairs teach, and a note of what that is worth on decisions held out."""
    same = labelled.same.astype(np.float64)
    own = score(comparers, fitted, labelled.compared).weight + fitted.prior
    design = _design(comparers, fitted, labelled.compared, own)
    offset = own if labelled.expected is None else np.clip(labelled.expected, -MOST_BITS, MOST_BITS)
    found = _likeliest(offset, design, same)
    held = np.empty(len(same))
    fold = np.arange(len(same)) % FOLDS
    for number in range(FOLDS):
        inside = fold == number
        held[inside] = offset[inside] + design[inside] @ _likeliest(offset[~inside], design[~inside], same[~inside])
    note = (
        f"learned from {len(same):,} decisions ({int(same.sum()):,} same): log loss on held-out decisions "
        f"{_loss(offset, labelled.same):.3f} bits before, {_loss(held, labelled.same):.3f} after"
    )
    return replace(_corrected(comparers, fitted, found), notes=(*fitted.notes, note))


def _design(comparers: Sequence[Comparer], fitted: Fit, compared: Compared, offset: Array) -> Array:
    """One row a pair, one column a correction, in bits, each times the standard deviation of its prior."""
    columns = [np.full(len(offset), SHIFT), np.clip(offset, -MOST_BITS, MOST_BITS) * SCALE]
    for basis, states in zip(_bases(comparers, fitted), compared.states, strict=True):
        columns += list(basis[:, states])
    return np.stack(columns, axis=1)


def _bases(comparers: Sequence[Comparer], fitted: Fit) -> list[Array]:
    """For each field its corrections, of shape (corrections, states): what each adds in each state, 0 for missing."""
    bases = []
    for comparer, weights in zip(comparers, fitted.fields, strict=True):
        levels = len(comparer.levels.labels)
        level = np.tile(np.eye(levels) * LEVEL, len(comparer.dependence.contexts))
        own = [np.array([weights.bits]) * FIELD_SCALE, level, np.eye(comparer.states) * STATE]
        bases.append(np.pad(np.concatenate(own), ((0, 0), (1, 0))))
    return bases


def _likeliest(offset: Array, design: Array, same: Array) -> Array:
    """Newton steps on the penalised likelihood, each halved until it is a gain."""
    nats, sign = np.log(2) * design, 2 * same - 1
    base = np.log(2) * offset
    beta = np.zeros(design.shape[1])

    def penalty(beta: Array) -> float:
        return float(np.logaddexp(0, -sign * (base + nats @ beta)).sum() + beta @ beta / 2)

    for _ in range(STEPS):
        chance = np.exp(-np.logaddexp(0, -(base + nats @ beta)))
        slope = nats.T @ (same - chance) - beta
        step = np.linalg.solve((nats.T * (chance * (1 - chance))) @ nats + np.eye(len(beta)), slope)
        before = penalty(beta)
        while penalty(beta + step) > before and np.abs(step).max() > ENOUGH:
            step = step / 2
        beta = beta + step
        if np.abs(step).max() <= ENOUGH:
            break
    return np.asarray(beta)


def _corrected(comparers: Sequence[Comparer], fitted: Fit, beta: Array) -> Fit:
    """The fit with corrections, field by field."""
    fields, at = [], 2
    for basis, weights in zip(_bases(comparers, fitted), fitted.fields, strict=True):
        bits = beta[at : at + len(basis)] @ basis
        at += len(basis)
        fields.append(_with_bits(weights, bits[1:]))
    scale = max(1 + float(beta[1]) * SCALE, LEAST_SCALE)
    return replace(fitted, fields=tuple(fields), scale=scale, shift=float(beta[0]) * SHIFT)


def _with_bits(weights: FieldWeights, bits: Array) -> FieldWeights:
    """Shares whose weights are so many bits more; only their ratios count, so all may become smaller to stay shares."""
    match = np.array(weights.match) * np.exp2(bits)
    most = max(1.0, float(match.max()) / MOST_SHARE)
    match, related, other = (np.array(shares) / most for shares in (match, weights.related, weights.other))
    return replace(weights, match=tuple(match.tolist()), related=tuple(related.tolist()), other=tuple(other.tolist()))


def _loss(bits: Array, same: Flags) -> float:
    """Mean log loss in bits."""
    return float(np.logaddexp2(0, np.where(same, -bits, bits)).mean()) if len(bits) else 0.0
