"""What an attachment may add to a customer's record, by its assurance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from socialmerge.merging.claims import Claims
from socialmerge.merging.entities import INFERRED, VERIFIED
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.policy import Policy
from socialmerge.merging.sources import Rows

__all__ = ["ADMITTED", "REASONS", "admit"]

ADMITTED = 0
_INFERRED_CONTACT, _ASSERTED_CONTACT, _INFERRED_PRIVATE = 1, 2, 3
REASONS = {
    _INFERRED_CONTACT: "an inferred attachment adds no contact point",
    _ASSERTED_CONTACT: "an asserted contact point is added only where the policy says contact_points = 'asserted'",
    _INFERRED_PRIVATE: "an inferred attachment adds public, descriptive values only",
}
"""Why a claim is kept out of the record, by the code that :func:`admit` gives it."""


def admit(field: GoldenField, claims: Claims, rows: Rows, policy: Policy) -> npt.NDArray[np.int8]:
    """Give each claim :data:`ADMITTED` or the code of the reason that keeps it out.

    Whoever *claims* an e-mail, a name or a handle attaches at most as inferred, so nothing of such a profile may let
    its owner be reached in the customer's place. The customers' own rows, and profiles that are an entity of their
    own, pass.
    """
    standing = rows.standing[claims.row]
    code = np.zeros(len(claims), np.int8)
    if field.contact:
        code[standing == INFERRED] = _INFERRED_CONTACT
        if policy.contact_points != "asserted":
            code[(standing == VERIFIED) & ~claims.is_verified] = _ASSERTED_CONTACT
    elif not field.descriptive:
        code[standing == INFERRED] = _INFERRED_PRIVATE
    return code
