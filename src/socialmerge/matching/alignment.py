"""Fitted weights put in the order of the features at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from socialmerge.errors import PlanError
from socialmerge.matching.compare import Comparer
from socialmerge.matching.weigh import FieldWeights, Fit

__all__ = ["align"]


def align(weights: Fit, comparers: Sequence[Comparer]) -> Fit:
    """Put a plan's weights in the order of the features at hand; a feature that they do not know weighs nothing.

    Raises:
        PlanError: the weights were fitted for another comparison of a field of the same name.
    """
    known = {field.name: field for field in weights.fields}
    found = []
    for comparer in comparers:
        name = comparer.feature.name
        field = known.get(name)
        if field is None:
            flat = (1.0 / comparer.states,) * comparer.states
            field = FieldWeights(name, flat, flat, flat)
        elif len(field.match) != comparer.states:
            raise PlanError(
                f"the plan's weights for {name!r} have {len(field.match)} levels, but it is compared on "
                f"{comparer.states} here; fit the plan again on these tables"
            )
        found.append(field)
    return replace(weights, fields=tuple(found))
