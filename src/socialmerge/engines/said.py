"""What profiles and customers agree on, in words: the evidence of decisions, and the lines of explanations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from socialmerge.engines.weighed import SocialPairs
from socialmerge.matching import chain
from socialmerge.matching.explain import Line, said_of
from socialmerge.matching.weigh import rarity_bits

__all__ = ["evidence_of", "labels_of", "lines_of", "public_of"]

Ints = npt.NDArray[np.int64]

SAID: tuple[tuple[chain.Sign, str], ...] = (
    (chain.Sign.NAME, "name"),
    (chain.Sign.NAME_VARIANT, "a form of the name"),
    (chain.Sign.HANDLE_FROM_NAME, "handle made from the name"),
    (chain.Sign.STRING_SHARED, "handle"),
    (chain.Sign.ACCOUNT_SAME, "account"),
    (chain.Sign.WEBSITE_SAME, "website"),
    (chain.Sign.ID_SAME, "stable id"),
)
"""What the chain may find to agree, in plain words; the order is that of the bits of a decision's evidence."""
MOST_LABELS = 62
_PUBLISHED = ("name", "a form of the name", "account", "website", "stable id")
_PUBLIC_FIELDS = ("city", "state", "country", "location", "company", "employer", "organisation", "title", "bio")


def _plain(feature: str) -> str:
    """The last part of a feature's name: state of place.state."""
    return feature.rpartition(".")[2].replace("_", " ")


def labels_of(features: Sequence[str]) -> tuple[str, ...]:
    """What each bit of the evidence stands for, in plain words."""
    return (*(label for _, label in SAID), *map(_plain, features))[:MOST_LABELS]


def public_of(labels: Sequence[str]) -> int | None:
    """The bits of the evidence that anybody can see, None where profiles are not compared with customers.

    A handle may agree with what stands before the at-sign of an address that only the company knows, so a handle by
    itself is not among them, and neither is a field of which nothing is known.
    """
    said = tuple(label for _, label in SAID)
    if tuple(labels[: len(said)]) != said:
        return None
    shown = [label in _PUBLISHED for label in said] + [label in _PUBLIC_FIELDS for label in labels[len(said) :]]
    return sum(1 << place for place, seen in enumerate(shown) if seen)


def evidence_of(found: SocialPairs) -> Ints:
    """For each pair a bit for each thing that agrees, in the order of the labels."""
    bits = np.zeros(len(found.left), np.int64)
    for place, (sign, _) in enumerate(SAID):
        bits |= ((found.chain.signs & int(sign)) != 0).astype(np.int64) << place
    for place, (states, weights) in enumerate(
        zip(found.compared.states, found.fitted.fields, strict=True), start=len(SAID)
    ):
        if place < MOST_LABELS:
            bits |= np.r_[False, np.array(weights.bits) > 1.0][states].astype(np.int64) << place
    return bits


def lines_of(found: SocialPairs, row: int, customer: int) -> tuple[Line, ...]:
    """The waterfall of one pair."""
    at = np.flatnonzero((found.left == row) & (found.right == customer))
    if not len(at):
        return ()
    pair = int(at[0])
    signs = int(found.chain.signs[pair])
    bits = float(found.chain.bits[pair])
    unnamed = "handles or addresses are alike" if bits > 1 else "nothing agrees"
    said = ", ".join(label for sign, label in SAID if signs & int(sign)) or unnamed
    lines = [Line("name, handles, links", said, bits)]
    rarity = rarity_bits(found.compared)[:, pair].tolist()
    levels = zip(found.comparers, found.fitted.fields, found.compared.states[:, pair].tolist(), rarity, strict=True)
    for comparer, weights, state, rare in levels:
        if state:
            bits = weights.bits[state - 1] + rare
            lines.append(Line(_plain(comparer.feature.name), said_of(comparer, state - 1), bits))
    if found.circumstance[row]:
        said = "how often profiles from there are customers"
        lines.append(Line("location", said, float(found.circumstance[row])))
    return tuple(lines)
