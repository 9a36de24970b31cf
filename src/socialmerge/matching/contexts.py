"""Contexts: agreement that depends on agreement already seen, so that no evidence is counted twice.

A person who moved has another street, town and postcode: that is one disagreement and not three. Two people of one name
both have an e-mail address made of the name. The levels of such a feature are therefore weighed within a *context*,
what the features before it say of the pair, each context with shares of its own (a tree of dependences in each class,
as in Friedman, Geiger and Goldszmidt, 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.blocking.derivations import letters, local
from socialmerge.normalise.features import Feature

__all__ = ["Context", "Dependence", "dependences"]

Rows = npt.NDArray[np.int32]
States = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

PLACE_ORDER = ("postcode", "city", "state", "country", "street", "house", "unit")
NAME_MADE = ("email", "account")
FINE = 3
"""From this many levels up, the one below exact is agreement too."""
AT_ONCE = 100_000
"""Rows whose texts are held side by side."""
SHORT = 3
"""Parts of a name with fewer letters than this turn up in any string."""


@dataclass(frozen=True, slots=True)
class Context:
    """Prior shares of levels in one context, as factors on those of the comparison without a context."""

    label: str
    match: tuple[float, float]  # factors on the shares of the lower levels, and of exact
    other: tuple[float, ...] | None = None  # prior shares of each level among unrelated pairs


ALONE = Context("nothing known before", (1.0, 1.0))
MOVED = Context("earlier parts differ", (4.0, 0.4))
STAYED = Context("earlier parts agree", (0.3, 1.3))
FROM_NAMES = Context("both made of names of which one is the same", (1.0, 1.0), (0.80, 0.14, 0.04, 0.02))
FROM_NAME = Context("both made of the same name", (1.0, 1.0), (0.55, 0.28, 0.12, 0.05))


@dataclass(frozen=True, slots=True)
class Dependence:
    """What one feature's context is made of: features before it, or names and whether a value is made of its name."""

    contexts: tuple[Context, ...]
    earlier: tuple[int, ...] = ()
    names: tuple[int, ...] = ()
    made_of_name: Mask | None = None

    def of(self, tops: Sequence[int], states: States, left: Rows, right: Rows) -> npt.NDArray[np.uint8]:
        """The context of each pair; ``states`` are of the features without their contexts."""
        if self.earlier:
            known = np.zeros(states.shape[1], bool)
            agree = np.zeros(states.shape[1], bool)
            for row in self.earlier:
                known |= states[row] > 0
                agree |= states[row] >= (tops[row] if tops[row] >= FINE else tops[row] + 1)
            return np.where(known, np.where(agree, 2, 1), 0).astype(np.uint8)
        if self.made_of_name is not None:
            made = self.made_of_name[left] & self.made_of_name[right]
            agree = np.zeros(len(made), np.uint8)
            for row in self.names:
                agree += states[row] >= tops[row] - 1
            return np.where(made, agree, 0).astype(np.uint8)
        return np.zeros(states.shape[1], np.uint8)


def dependences(features: Sequence[Feature]) -> tuple[Dependence, ...]:
    """The dependence of each feature on the features before it."""
    rows = {(feature.field, feature.comparison): row for row, feature in enumerate(features)}
    given = next((row for row, feature in enumerate(features) if feature.comparison == "given"), None)
    family = next((row for row, feature in enumerate(features) if feature.comparison == "family"), None)
    found = []
    for feature in features:
        if feature.group == "place":
            before = _before(feature.comparison, {one.comparison for one in features if one.group == "place"})
            earlier = tuple(
                row for (_, comparison), row in rows.items() if comparison in before and features[row].group == "place"
            )
            found.append(Dependence((ALONE, MOVED, STAYED), earlier) if earlier else Dependence((ALONE,)))
        elif feature.comparison in NAME_MADE and given is not None and family is not None:
            made = _made_of_name(feature, features[given], features[family])
            found.append(Dependence((ALONE, FROM_NAMES, FROM_NAME), names=(given, family), made_of_name=made))
        else:
            found.append(Dependence((ALONE,)))
    return tuple(found)


def _before(part: str, present: set[str]) -> tuple[str, ...]:
    """The parts of an address that say what another part is worth: for a house number the street alone."""
    if part in ("house", "unit") and "street" in present:
        return ("street",)
    return PLACE_ORDER[: PLACE_ORDER.index(part)]


def _made_of_name(feature: Feature, given: Feature, family: Feature) -> Mask:
    """Whether each row's value holds its own given or family name."""
    texts = letters(local(feature.column))
    made = np.zeros(feature.codes.shape[1], bool)
    for name in (given, family):
        parts = pc.replace_substring(name.column, " ", "")
        for codes in feature.codes:
            rows = np.flatnonzero((codes >= 0) & (name.codes[0] >= 0) & ~made)
            for start in range(0, len(rows), AT_ONCE):
                some = rows[start : start + AT_ONCE]
                part, text = _bytes(parts, name.codes[0, some]), _bytes(texts, codes[some])
                held = np.strings.find(text, part) >= 0
                held |= np.strings.endswith(np.strings.rstrip(text, b"0123456789"), part.astype("S4"))
                made[some] = held & (np.strings.str_len(part) >= SHORT)
    return made


def _bytes(keys: pa.Array, codes: Rows) -> npt.NDArray[np.bytes_]:
    """The keys of some codes, side by side."""
    return np.array([*pc.cast(keys.take(pa.array(codes)), pa.binary()).to_pylist(), b""], np.bytes_)[:-1]
